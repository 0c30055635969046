import type { Family, PayLine } from '../../../domain/payroll/line';
import type { Frequency, PayPeriod } from '../../../domain/payroll/period';
import type { PayBatchWrite, PayrollCapability } from '../../contract/payroll';
import type { Form } from '../dialect';
import type { Scope } from '../scope';
import type { Row, SqlSession, Value } from '../session';

/** One value of a row: SQL over its tables, and in what form it is read. */
export interface Selected {
  readonly sql: string;
  readonly form: Form;
}

/** Rows of payroll as data: where they lie, and what is read of them. `@company` is the company. */
export interface PayRows<C extends string> {
  /** What goes behind FROM; `{held}` stands where a table is read in order to be written. */
  readonly from: string;
  readonly where: string;
  readonly order: string;
  readonly columns: Readonly<Record<C, Selected>>;
}

export type EmployeeColumn =
  | 'number'
  | 'first_name'
  | 'last_name'
  | 'email'
  | 'pay_group'
  | 'dept'
  | 'craft'
  | 'craft_class'
  | 'hired_on'
  | 'ended_on'
  | 'active';

export type PeriodColumn = 'pay_group' | 'run' | 'begins' | 'ends' | 'cut_off' | 'status' | 'frequency';

export type LineColumn =
  | 'id'
  | 'month'
  | 'batch'
  | 'employee'
  | 'work_date'
  | 'job'
  | 'phase'
  | 'earn_code'
  | 'craft'
  | 'craft_class'
  | 'shift'
  | 'dept'
  | 'certified'
  | 'equipment'
  | 'hours'
  | 'memo'
  | 'made_from'
  | 'family';

/** Lines of timecards, in batches or posted. */
export interface LineRows extends Omit<PayRows<LineColumn>, 'where'> {
  /** Those of one period: `@payGroup`, `@ends`, `@run`. */
  readonly ofPeriod: string;
  /** Those of the company with a date of work between `@first` and `@last`: whatever period they are paid in. */
  readonly ofDates: string;
}

/** What a batch in a status is good for. */
export interface BatchStatus {
  /** `waits`: for a person, who may set it back; `gone`: its rows are not in it any more. */
  readonly is: 'open' | 'waits' | 'gone';
  /** For people, behind its name: `has been validated; somebody must set it back to open`. */
  readonly says: string;
  /** The ERP has looked at its lines and found nothing wrong. */
  readonly isAccepted?: true;
}

/** The rights that payroll takes, column by column: what is not named is not read. */
export interface PayrollRights {
  readonly reads: Readonly<Record<string, readonly string[]>>;
  /** Tables that rows are added to. */
  readonly inserts: readonly string[];
  /** Tables of unposted rows that ours are taken from when a batch changes. */
  readonly deletes: readonly string[];
}

/** A new batch that is to be opened. */
export interface NewPayBatch {
  readonly period: PayBatchWrite['period'];
  readonly purpose: PayBatchWrite['purpose'];
  /** As the ERP writes it. */
  readonly month: string;
}

/** Where the lines of one batch go. */
export interface LinePlace extends NewPayBatch {
  readonly batch: number;
  readonly sequence: number;
  /** First day of the period. */
  readonly begins: string;
}

/** Ids of what a line refers to, out of its keys. */
export interface LineIds {
  readonly employee: string;
  readonly job: string | null;
  readonly phase: string | null;
  readonly equipment: string | null;
}

/** A new line by column, and SQL for those columns that are made of others (`@Column`). */
export interface NewLine {
  readonly values: Readonly<Record<string, Value>>;
  readonly made: Readonly<Record<string, string>>;
}

/** Payroll of an ERP as data, and the few things that are really its own. */
export interface PayrollSpec {
  readonly can: PayrollCapability['can'];
  readonly rights: PayrollRights;
  readonly employees: PayRows<EmployeeColumn>;
  readonly earnCodes: PayRows<'code' | 'name' | 'factor' | 'cost_type' | 'active'>;
  readonly classes: PayRows<'craft' | 'craft_class' | 'name'>;
  readonly departments: PayRows<'code' | 'name'>;
  readonly payGroups: PayRows<'code' | 'name'>;
  /** A code table, or the codes where there is none. */
  readonly shifts: PayRows<'code'> | readonly string[];
  /** All periods; more columns than these are for `place` alone. */
  readonly periods: PayRows<PeriodColumn> & { readonly columns: Readonly<Record<string, Selected>> };
  /** Jobs and phases by `@ids` (a list), as far as lines may name them. */
  readonly jobs: PayRows<'id'>;
  readonly phases: PayRows<'id' | 'job'>;
  /** Batches of timecards of one period (`@payGroup`, `@ends`), whoever made them. */
  readonly batches: PayRows<'month' | 'batch' | 'status' | 'in_use_by' | 'last_sequence'>;
  readonly unposted: LineRows;
  readonly posted: LineRows;
  /** What the ERP's validation says against lines of one period. */
  readonly problems: PayRows<'id' | 'says'>;
  readonly frequencies: Readonly<Record<string, Frequency>>;
  readonly families: (value: string) => Family;
  /** Statuses of periods and batches. */
  readonly periodStates: Readonly<Record<string, PayPeriod['state']>>;
  readonly batchStatuses: Readonly<Record<string, BatchStatus>>;
  /** Which dates of work an ordinary batch takes; a correction takes any up to the end. */
  readonly dates: 'inside' | 'until_end';
  /** The month of a new batch for a period, or why there is none now. */
  month(period: Row, scope: Scope): { readonly month: string } | { readonly closed: string };
  /** Why corrections cannot go into this period; null: they can. */
  noCorrections?(period: Row): string | null;
  /** Opens a batch and answers its number. Throws `ERP_BUSY` where the ERP opens none. */
  open(session: SqlSession, scope: Scope, batch: NewPayBatch): Promise<number>;
  /** Gives a batch that was opened back to people; absent: nobody has it. */
  release?(scope: Scope, batch: { readonly month: string; readonly batch: number }): readonly [string, Row];
  /** Table of unposted lines, and the column that `unposted.columns.id` is. */
  readonly table: string;
  readonly lineKey: string;
  rowOf(
    line: PayLine & { readonly ids: LineIds; readonly memo: string },
    place: LinePlace,
    scope: Scope,
  ): NewLine;
  /** `2026-07-01` → `2026-07`. */
  shownMonth(month: string): string;
}

/** Readable as it is. */
export const text = (sql: string): Selected => ({ sql, form: 'text' });
export const decimal = (sql: string): Selected => ({ sql, form: 'decimal' });
export const date = (sql: string): Selected => ({ sql, form: 'date' });
export const number = (sql: string): Selected => ({ sql, form: 'number' });
