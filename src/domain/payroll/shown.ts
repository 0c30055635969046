import type { CellState } from './judge-cell';
import type { LeftOut } from './left-out';
import type { PayPeriod } from './period';
import type { Worksheet } from './request-plan';
import type { PeriodTotals } from './totals';

/** What a person is shown of the payroll of a period besides the lines that change. */
export interface PayShown {
  readonly period: Pick<PayPeriod, 'group' | 'begin' | 'end' | 'run'>;
  /** Of all lines that the batches of this plan hold afterwards. */
  readonly totals: PeriodTotals;
  /** Entries that are not in it, by name, with the reason. */
  readonly leftOut: readonly LeftOut[];
  /** Active employees of the group without hours in the period, by name. */
  readonly withoutHours: readonly string[];
  /** Cells whose posted hours are corrected. */
  readonly corrected: readonly CellState[];
  /** For the clerk, where the ERP takes no negative time. */
  readonly worksheets: readonly Worksheet[];
  /** Names by key of the ERP, of what is in it. */
  readonly names: PayNames;
}

/** What keys of the ERP are called. */
export interface PayNames {
  readonly employees: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, string>>;
  readonly phases: Readonly<Record<string, string>>;
  readonly earnCodes: Readonly<Record<string, string>>;
}
