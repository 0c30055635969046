/** What a line is about; a correction never nets one against another. */
export const FAMILIES = ['worked', 'leave', 'allowance', 'equipment'] as const;
export type Family = (typeof FAMILIES)[number];

/**
 * One line of a timecard batch, in codes of the ERP. Amounts and rates are the ERP's own: Procore knows none, and none is written.
 */
export interface PayLine {
  /** Ours, 20 characters, the same in every try (`cell.ts`). Stands in the ERP's line as far as it has a place (a memo), and is found again by it. */
  readonly key: string;
  readonly employee: string;
  readonly date: string;
  /** Null: not for a job (leave, shop time). Keys of the ERP. */
  readonly job: string | null;
  readonly phase: string | null;
  readonly earnCode: string;
  readonly family: Family;
  readonly craft: string | null;
  readonly class: string | null;
  readonly shift: string | null;
  readonly department: string | null;
  readonly certified: boolean;
  /** Key of the ERP, of an equipment line. */
  readonly equipment: string | null;
  /** Decimal text with two places; negative where it takes hours back. */
  readonly hours: string;
  /** Ids of the timecard entries that it comes from. */
  readonly entries: readonly number[];
  /** Whether it takes back what was posted, or stands in its place; absent: neither. */
  readonly leg?: 'reversal' | 'replacement';
}

/** Where hours are compared: what the ERP may split into overtime by its own rules stays within one. */
export interface Cell extends Pick<
  PayLine,
  'employee' | 'date' | 'job' | 'phase' | 'craft' | 'class' | 'shift' | 'certified' | 'family' | 'equipment'
> {
  /** Key of the ERP's company. */
  readonly company: string;
}

/** A line as the ERP has it, with whatever became of it. */
export interface KnownLine extends Omit<PayLine, 'key' | 'entries' | 'leg'> {
  /** Its id in the ERP. */
  readonly id: string;
  /** Ours; null: somebody else's (the ERP's overtime rules, a clerk). */
  readonly key: string | null;
  readonly state: 'batch' | 'rejected' | 'accepted' | 'posted';
  /** The id of the line that the ERP's own rules made it from; null: none, or not told. */
  readonly madeFrom: string | null;
  /** What the ERP says against it; empty: nothing. */
  readonly problems: readonly string[];
  /** The batch it stands in, or stood in. */
  readonly batch: string | null;
}
