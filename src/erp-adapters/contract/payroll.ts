import type { PayCodes } from '../../domain/payroll/codes';
import type { Employee } from '../../domain/payroll/employee';
import type { KnownLine, PayLine } from '../../domain/payroll/line';
import type { PayPeriod } from '../../domain/payroll/period';
import type { BatchPurpose } from '../../domain/payroll/books';

export type { EarnCode, PayCodes } from '../../domain/payroll/codes';
export { payRecordId } from '../../domain/payroll/planned-batch';

/** The batch of one period, and the lines it is to hold: all of them, whatever it holds now. */
export interface PayBatchWrite {
  /** The same in every try: a batch that has it is found again and never made twice. */
  readonly operationKey: string;
  readonly planHash: string;
  readonly generation: number;
  readonly period: Pick<PayPeriod, 'group' | 'end' | 'run'>;
  /** Apart from the period's ordinary lines, where the ERP's overtime rules leave it alone (`correction`). */
  readonly purpose: BatchPurpose;
  readonly lines: readonly PayLine[];
  /** Ids of lines of the batch that must still be as they were when it was planned, with a hash of each; null: the batch is new. */
  readonly expected: Readonly<Record<string, string>> | null;
}

export type PayBatchResult =
  | {
      readonly outcome: 'written' | 'already_written';
      readonly batch: string;
      readonly lines: readonly KnownLine[];
    }
  /** `Mary`: who has it open. Nothing was written. */
  | { readonly outcome: 'in_use'; readonly batch: string; readonly by: string }
  | { readonly outcome: 'not_open'; readonly reason: string }
  /** Lines are not as they were: somebody changed the batch. Nothing was written. */
  | { readonly outcome: 'changed'; readonly batch: string; readonly lines: readonly KnownLine[] }
  /** The ERP wants none of it, because of these lines. Nothing was written. */
  | {
      readonly outcome: 'refused';
      readonly problems: readonly { readonly key: string; readonly reason: string }[];
    };

/** Payroll of one ERP company. Nothing here reads SSN, bank, birth or rates, validates for good, or posts. */
export interface PayrollCapability {
  /** What its batches can take. */
  readonly can: {
    /** Negative hours; absent: corrections of posted lines are a worksheet for the clerk. */
    readonly negatives?: true;
    /** Lines that are posted may be pulled into a batch and changed, as long as their period is open. */
    readonly changesPosted?: true;
    /** Tells which lines it made of ours by its own overtime rules. */
    readonly tellsMade?: true;
  };
  /** All employees, a page at a time. */
  employees(pageSize: number): AsyncIterable<readonly Employee[]>;
  codes(): Promise<PayCodes>;
  /** Periods of all groups that end on or after this date. */
  periods(from: string): Promise<readonly PayPeriod[]>;
  /** Writes one batch as a whole, released to the clerk, never posted. */
  write(batch: PayBatchWrite): Promise<PayBatchResult>;
  /** The lines of a period, from batches and posted ones, whoever made them. */
  lines(period: Pick<PayPeriod, 'group' | 'end' | 'run'>): Promise<readonly KnownLine[]>;
}
