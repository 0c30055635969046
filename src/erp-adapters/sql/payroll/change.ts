import { roundTo, sameAmount, sum } from '../../../domain/base/money';
import type { KnownLine, PayLine } from '../../../domain/payroll/line';

/** What makes a batch hold what it is to hold. */
export interface BatchChange {
  /** Ids of lines that go. */
  readonly gone: readonly string[];
  readonly added: readonly PayLine[];
}

/**
 * Lines that say the same stay, also where the ERP's rules have cut them and the parts come to as much. What else is ours goes, with what was made of it;
 * what somebody entered by hand stays: it is not ours to take away.
 */
export function changeOf(held: readonly KnownLine[], wanted: readonly PayLine[]): BatchChange {
  const made = new Map<string, readonly KnownLine[]>();
  for (const line of held)
    if (line.madeFrom !== null) made.set(line.madeFrom, [...(made.get(line.madeFrom) ?? []), line]);
  const targets = new Map(wanted.map((line) => [line.key, line]));
  const kept = new Set<string>();
  const gone = held.flatMap((line): readonly string[] => {
    if (line.key === null) return [];
    const parts = partsOf(line, made);
    const target = targets.get(line.key);
    if (target !== undefined && saysSame(line, target, sum(parts.map(({ hours }) => hours)))) {
      kept.add(line.key);
      return [];
    }
    return parts.map(({ id }) => id);
  });
  return { gone, added: wanted.filter(({ key }) => !kept.has(key)) };
}

/** A line and all that was made of it, and of that. */
function partsOf(line: KnownLine, made: ReadonlyMap<string, readonly KnownLine[]>): readonly KnownLine[] {
  return [line, ...(made.get(line.id) ?? []).flatMap((part) => partsOf(part, made))];
}

/** Shift and department that were left to the ERP are whatever it made of them. */
function saysSame(held: KnownLine, wanted: PayLine, hours: string): boolean {
  const isSame = SAME.every((field) => held[field] === wanted[field]);
  const left = (['shift', 'department'] as const).every(
    (field) => wanted[field] === null || held[field] === wanted[field],
  );
  return isSame && left && sameAmount(hours, roundTo(wanted.hours, 2));
}

const SAME = [
  'employee',
  'date',
  'job',
  'phase',
  'earnCode',
  'craft',
  'class',
  'certified',
  'equipment',
] as const;
