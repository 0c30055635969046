import { addHours } from './hours';
import type { BatchPurpose, WrittenLine } from './books';
import type { KnownLine, PayLine } from './line';
import { expectationOf } from './line-hash';
import type { PayPeriod } from './period';
import { periodName } from './period';

/** The record of the ledger whose generations are counted: the ordinary batches of a period, or those with corrections. */
export const payRecordId = ({
  period,
  purpose,
}: {
  readonly period: Pick<PayPeriod, 'group' | 'end' | 'run'>;
  readonly purpose: BatchPurpose;
}): string => `pay_batch/${periodName(period)}${purpose === 'correction' ? '/correction' : ''}`;

/** A batch of the ERP, and what it is to hold. */
export interface PlannedBatch {
  readonly period: Pick<PayPeriod, 'group' | 'end' | 'run'>;
  readonly purpose: BatchPurpose;
  /** The batch in the ERP; null: it is opened. */
  readonly batch: string | null;
  /** All lines of ours that it is to hold. */
  readonly lines: readonly PayLine[];
  /** What comes to it, and what goes from it. */
  readonly added: readonly PayLine[];
  readonly withdrawn: readonly KnownLine[];
  /** Lines that it must still hold as they are: `PayBatchWrite.expected`. */
  readonly expected: Readonly<Record<string, string>> | null;
}

/**
 * Makes the batch from what is there: it is changed as long as it has rows of ours that are not posted, else another one is opened. Rows that stay are taken as
 * the ERP has them, whoever changed them: nothing is put back that nobody decided about.
 */
export function batchOf(
  {
    target: { group, end, run },
    purpose,
    added,
    withdrawn,
    batch,
  }: {
    readonly target: PayPeriod;
    readonly purpose: BatchPurpose;
    readonly added: readonly PayLine[];
    readonly withdrawn: readonly KnownLine[];
    /** The batch that is changed; null: another one is opened. */
    readonly batch: string | null;
  },
  books: {
    readonly written: readonly WrittenLine[];
    readonly rows: readonly KnownLine[];
  },
): PlannedBatch {
  const period = { group, end, run };
  const lines = new Map(
    books.written
      .filter((one) => one.period === periodName(period) && one.purpose === purpose)
      .map((one) => [one.line.key, one]),
  );
  const held =
    batch === null ? [] : books.rows.filter((row) => row.batch === batch && row.state !== 'posted');
  const gone = new Set(withdrawn.map(({ id }) => id));
  const made = new Map<string, KnownLine[]>();
  for (const row of held)
    if (row.madeFrom !== null) made.set(row.madeFrom, [...(made.get(row.madeFrom) ?? []), row]);
  const stays = held.flatMap((row) => {
    const line = row.key === null ? undefined : lines.get(row.key)?.line;
    return line === undefined || gone.has(row.id) ? [] : [asHeld(line, row, made.get(row.id) ?? [])];
  });
  return {
    period,
    purpose,
    batch,
    lines: [...stays, ...added],
    added,
    withdrawn,
    expected: batch === null ? null : expectationOf(held),
  };
}

/** A line as the ERP has it, with what its overtime rules took of it. */
const asHeld = (line: PayLine, row: KnownLine, made: readonly KnownLine[]): PayLine => ({
  ...line,
  employee: row.employee,
  date: row.date,
  job: row.job,
  phase: row.phase,
  earnCode: row.earnCode,
  craft: row.craft,
  class: row.class,
  shift: row.shift,
  department: row.department,
  certified: row.certified,
  equipment: row.equipment,
  hours: addHours([row, ...made].map(({ hours }) => hours)),
});
