import type { ProcoreId } from '../kinds/record';
import { timeOf } from './clock-times';
import { isPayable, paidRevision } from './books';
import type { TimecardEntry } from './entry';
import type { Gathered, PayrollRules } from './gather';
import { allowancesTwice } from './gather';
import type { Hundredths } from './hours';
import type { PayLine } from './line';
import { linesOf, printedHours } from './lines';
import type { PayrollReferences } from './resolve';
import { resolver } from './resolve';

export interface TruthInput {
  /** Entries as they are now, of whole employee-days, deleted ones included. */
  readonly entries: readonly TimecardEntry[];
  /** The version of each entry that was approved last; none: it never was. */
  readonly approvedBefore: ReadonlyMap<ProcoreId, TimecardEntry>;
  /** Hours printed for entries that are written, and the `paidRevision` that was. */
  readonly printed: ReadonlyMap<ProcoreId, { readonly hours: Hundredths; readonly revision: string }>;
  readonly references: PayrollReferences;
  readonly rules: PayrollRules;
}

/** What entries come to now: what a correction holds against the ERP. */
export interface Truth {
  readonly lines: readonly PayLine[];
  /** Hours of each entry of the lines. */
  readonly hours: ReadonlyMap<ProcoreId, Hundredths>;
  /** Entries that are as they were written: what differs all the same, no edit has caused. */
  readonly unedited: readonly ProcoreId[];
  /** Entries that count and have no codes now: they are parked, and nothing of theirs is taken back. */
  readonly unresolved: readonly ProcoreId[];
}

/**
 * The version of an entry that counts: as it is now where it is approved, else as it was approved last, so an edit that nobody has approved takes nothing
 * back. Null: it is deleted, or was never approved.
 */
export function countedVersion(
  entry: TimecardEntry,
  approvedBefore: ReadonlyMap<ProcoreId, TimecardEntry>,
  rules: Pick<PayrollRules, 'payable'>,
): TimecardEntry | null {
  if (entry.deletedAt !== null) return null;
  if (isPayable(entry, rules)) return entry;
  return approvedBefore.get(entry.id) ?? null;
}

/** Lines of what is true, whatever period they are in. What was printed for an entry stands until the entry is another one; the edited ones absorb. */
export function truthOf({ entries, approvedBefore, printed, references, rules }: TruthInput): Truth {
  const resolve = resolver(references);
  const unresolved: ProcoreId[] = [];
  const frozen = new Map<ProcoreId, Hundredths>();
  const counted: Gathered[] = [];
  for (const one of [...entries].sort((left, right) => left.id - right.id)) {
    const entry = countedVersion(one, approvedBefore, rules);
    if (entry === null) continue;
    const resolved = resolve(entry);
    const codes = resolved.kind === 'codes' ? resolved.codes : null;
    const employee = references.employees.get(codes?.employee ?? '');
    const time = timeOf(entry, codes?.jobPlace?.timeZone ?? rules.timeZone);
    if (codes === null || employee === undefined || time === null || time.seconds < 0) {
      unresolved.push(entry.id);
      continue;
    }
    const before = printed.get(entry.id);
    const isSame = before !== undefined && before.revision === paidRevision(entry, rules);
    if (isSame) frozen.set(entry.id, before.hours);
    counted.push({ entry, codes, time, employee, missed: null, place: isSame ? 'elsewhere' : 'here' });
  }
  const twice = allowancesTwice(counted);
  const paid = counted.filter(({ entry }) => !twice.has(entry.id));
  const hours = printedHours(paid, { grid: rules.grid, frozen });
  return { lines: linesOf(references.company, paid, hours), hours, unedited: [...frozen.keys()], unresolved };
}
