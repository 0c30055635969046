import type { ProcoreId } from '../kinds/record';
import type { RefusedLine, WrittenLine } from './books';
import type { Correction } from './correction';
import type { KnownLine, PayLine } from './line';
import type { PayPeriod } from './period';
import { periodName } from './period';
import type { PlannedBatch } from './planned-batch';
import { batchOf, payRecordId } from './planned-batch';

/** A correction that can be written. */
export type WrittenCorrection = Extract<Correction, { kind: 'write' }>;

/** What batches are made from. */
export interface BatchesInput {
  readonly period: PayPeriod;
  readonly periods: readonly PayPeriod[];
  /** Today in the payroll office, a local date. */
  readonly asOf: string;
  readonly groupOf: (employee: string) => string;
  readonly written: readonly WrittenLine[];
  readonly rows: readonly KnownLine[];
  /** The batch that was written last of each record, by `payRecordId`: the only one that is changed. */
  readonly newest: (recordId: string) => string | null;
  readonly refused: ReadonlyMap<string, RefusedLine>;
}

/** A batch that is to hold something else than it does, and the entries that are settled once it does. */
export interface BatchMade {
  readonly batch: PlannedBatch;
  readonly entries: ReadonlySet<ProcoreId>;
}

/** A correction that waits, and why: a sentence for people. */
export interface Waiting {
  readonly correction: WrittenCorrection;
  readonly text: string;
}

/** The batches of a plan, in the order in which they are written. */
export interface Batches {
  readonly made: readonly BatchMade[];
  readonly corrections: readonly WrittenCorrection[];
  readonly waiting: readonly Waiting[];
  /** Lines that no open period takes. */
  readonly unplaced: readonly PayLine[];
}

interface Goal {
  readonly target: PayPeriod;
  readonly purpose: PlannedBatch['purpose'];
  readonly added: PayLine[];
  readonly withdrawn: KnownLine[];
  readonly entries: Set<ProcoreId>;
}

/** Whether the ERP said no to just this line. */
export const isRefused = ({ key, hours }: PayLine, refused: BatchesInput['refused']): boolean =>
  refused.get(key)?.line.hours === hours;

/**
 * What is written, batch by batch: ordinary lines go to the batch of this period, legs of corrections to one of their own, of the pay group that they are of.
 * A correction is written as a whole or waits. What several batches correct together is settled with the last of them: until then it is not done.
 */
export function batchesOf(
  input: BatchesInput,
  corrections: readonly WrittenCorrection[],
  anew: readonly PayLine[],
): Batches {
  const goals = new Map<string, Goal>();
  const goal = (target: PayPeriod, purpose: PlannedBatch['purpose']): Goal => {
    const key = payRecordId({ period: target, purpose });
    const known = goals.get(key) ?? { target, purpose, added: [], withdrawn: [], entries: new Set() };
    goals.set(key, known);
    return known;
  };
  const waiting: Waiting[] = [];
  const made: WrittenCorrection[] = [];
  const unplaced: PayLine[] = [];
  for (const line of anew) {
    const group = input.groupOf(line.employee);
    const target = targetOf(group, [line], input);
    if (target === undefined) {
      unplaced.push(line);
      continue;
    }
    const into = goal(target, purposeOf(line, target, input));
    into.added.push(line);
    for (const id of line.entries) into.entries.add(id);
  }
  for (const correction of corrections) {
    const placed = placedIn(correction, input);
    if (typeof placed === 'string') {
      waiting.push({ correction, text: placed });
      continue;
    }
    made.push(correction);
    const into = placed.map(({ target, purpose, added, withdrawn }) => {
      const one = goal(target, purpose);
      one.added.push(...added);
      one.withdrawn.push(...withdrawn);
      return one;
    });
    const last = into.sort((one, two) => rank(one, input) - rank(two, input)).at(-1);
    for (const id of correction.entries) last?.entries.add(id);
  }
  return {
    made: [...goals.values()]
      .sort((one, two) => rank(one, input) - rank(two, input))
      .map((one) => ({
        batch: batchOf({ ...one, batch: openBatch(one, input) }, input),
        entries: one.entries,
      })),
    corrections: made,
    waiting,
    unplaced,
  };
}

type Placed = Pick<Goal, 'target' | 'purpose' | 'added' | 'withdrawn'>;

/** The parts of a correction by the batch that they go to, or why it waits. */
function placedIn(correction: WrittenCorrection, input: BatchesInput): readonly Placed[] | string {
  const refused = correction.batches
    .flatMap(({ lines }) => lines)
    .find((line) => isRefused(line, input.refused));
  if (refused !== undefined)
    return `the ERP refuses ${refused.hours} h ${refused.earnCode} of ${refused.date}: ${input.refused.get(refused.key)?.reason ?? ''}. Put it right there, then look again.`;
  const placed: Placed[] = [];
  for (const { group, lines, withdraw } of correction.batches) {
    const target = targetOf(group, lines, input);
    if (target === undefined)
      return `no pay period of group ${group} is open that takes it: the correction waits for one.`;
    for (const purpose of ['period', 'correction'] as const) {
      const added = lines.filter((line) => purposeOf(line, target, input) === purpose);
      const batch = openBatch({ target, purpose }, input);
      const withdrawn = withdraw.filter((row) => homeOf(row, input)?.purpose === purpose);
      const elsewhere = withdrawn.find(
        (row) => row.batch !== batch || homeOf(row, input)?.period !== periodName(target),
      );
      if (elsewhere !== undefined) return rowWords(elsewhere, 'only the newest batch of a period is changed');
      if (added.length + withdrawn.length > 0) placed.push({ target, purpose, added, withdrawn });
    }
    const others = withdraw.find((row) => homeOf(row, input) === null);
    if (others !== undefined) return rowWords(others, 'it was entered by hand');
  }
  return placed;
}

const rowWords = ({ id, hours, batch }: KnownLine, why: string): string =>
  `row ${id} of ${hours} h stands in batch ${batch ?? '(none)'}, and ${why}: the correction waits until it is posted, or taken out there.`;

/** The line of ours that a row is of, itself or what it was made from. */
function homeOf({ key, madeFrom }: KnownLine, { written, rows }: BatchesInput): WrittenLine | null {
  const parent = key === null && madeFrom !== null ? rows.find(({ id }) => id === madeFrom)?.key : key;
  return parent === null || parent === undefined
    ? null
    : (written.find(({ line }) => line.key === parent) ?? null);
}

/** The batch that is changed: the newest of its record, as long as it has rows of ours that are not posted. */
export function openBatch(
  { target, purpose }: Pick<Goal, 'target' | 'purpose'>,
  { written, rows, newest }: Pick<BatchesInput, 'written' | 'rows' | 'newest'>,
): string | null {
  const name = newest(payRecordId({ period: target, purpose }));
  const keys = new Set(
    written
      .filter((one) => one.period === periodName(target) && one.purpose === purpose)
      .map(({ line }) => line.key),
  );
  const isOpen = rows.some(
    ({ key, state, batch }) => batch === name && state !== 'posted' && key !== null && keys.has(key),
  );
  return isOpen ? name : null;
}

/** Of other pay groups only corrections are written here. */
const purposeOf = (
  { leg }: PayLine,
  { group }: PayPeriod,
  { period }: BatchesInput,
): PlannedBatch['purpose'] => (leg === undefined && group === period.group ? 'period' : 'correction');

/** Own batches first; corrections last. */
const rank = ({ target, purpose }: Pick<Goal, 'target' | 'purpose'>, { period }: BatchesInput): number =>
  (target.group === period.group ? 0 : 2) + (purpose === 'period' ? 0 : 1);

/** The period in which lines of a pay group are written: this one, or the oldest that is open; none takes a date after its end. */
function targetOf(
  group: string,
  lines: readonly PayLine[],
  { period, periods, asOf }: BatchesInput,
): PayPeriod | undefined {
  const last =
    lines
      .map(({ date }) => date)
      .sort()
      .at(-1) ?? '';
  if (group === period.group) return last <= period.end ? period : undefined;
  return periods
    .filter(
      (one) =>
        one.group === group && one.state === 'open' && one.run === 1 && one.begin <= asOf && last <= one.end,
    )
    .sort((one, two) => (one.end < two.end ? -1 : 1))[0];
}
