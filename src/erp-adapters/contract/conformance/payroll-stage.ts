import type { KnownLine, PayLine } from '../../../domain/payroll/line';
import type { PayPeriod } from '../../../domain/payroll/period';

/** What the suite needs to write timecards: a test company alone has it. */
export interface PayrollStage {
  /** A period that is open. */
  readonly period: Pick<PayPeriod, 'group' | 'end' | 'run'>;
  /** So many lines that the ERP takes for it, each with a key of its own that begins with the tag. */
  lines(tag: string, count: number): readonly PayLine[] | Promise<readonly PayLine[]>;
  /** A line that it does not take. */
  refused(tag: string): PayLine | Promise<PayLine>;
  /** Values of secret columns: social security numbers, rates, as they stand in the company. */
  readonly secrets?: () => readonly string[] | Promise<readonly string[]>;
  /** What payroll clerks do, where a test can play them. `batch`: its name, as the adapter answered it. */
  readonly people?: {
    hold(batch: string, by: string): void | Promise<void>;
    release(batch: string): void | Promise<void>;
    /** Changes the hours of a line in a batch. */
    change(line: KnownLine): void | Promise<void>;
    post(batch: string): void | Promise<void>;
    closePeriod(): void | Promise<void>;
    reopenPeriod(): void | Promise<void>;
  };
}
