import { contentHash } from '../base/identity';
import { roundTo } from '../base/money';
import type { KnownLine } from './line';

/**
 * What a line says, as `PayBatchWrite.expected` carries it: the same as long as nobody has changed it. How far it has come (validated, posted), its family
 * and its batch are no part of it.
 */
export const lineHash = ({
  key,
  employee,
  date,
  job,
  phase,
  earnCode,
  craft,
  class: of,
  shift,
  department,
  certified,
  equipment,
  hours,
}: KnownLine): string =>
  contentHash([
    ...[key, employee, date, job, phase, earnCode, craft, of, shift, department, certified, equipment],
    roundTo(hours, 2),
  ]);

/** The expectation of lines as they are now: id → hash. */
export const expectationOf = (lines: readonly KnownLine[]): Readonly<Record<string, string>> =>
  Object.fromEntries(lines.map((line) => [line.id, lineHash(line)]));

/** Whether the lines of a batch are those that were expected, no more and no less, and unchanged. */
export function isAsExpected(
  held: readonly KnownLine[],
  expected: Readonly<Record<string, string>>,
): boolean {
  const isSame = held.every((line) => expected[line.id] === lineHash(line));
  return isSame && held.length === Object.keys(expected).length;
}
