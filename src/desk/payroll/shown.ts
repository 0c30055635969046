import type { PayAsked } from '../../domain/payroll/decisions';
import type { LeftOut } from '../../domain/payroll/left-out';
import type { PayLine } from '../../domain/payroll/line';
import type { PayPeriod } from '../../domain/payroll/period';
import type { EmployeeTotal } from '../../domain/payroll/totals';
import type { RequestStatus } from '../../domain/request/status';
import type { ExceptionRow, OperationRow, PayLineRow, PlanRow } from '../../store/rows';
import type { AgainstLast } from './against-last';

/** A line of a batch with the names of its codes. */
export interface LineShown extends Omit<PayLine, 'entries' | 'leg'> {
  readonly purpose: PayLineRow['purpose'];
  /** It comes with this plan; false: the batch has it already. */
  readonly isNew: boolean;
  readonly employeeName: string;
  readonly jobName: string | null;
  readonly phaseName: string | null;
  readonly earnCodeName: string;
  readonly leg: 'reversal' | 'replacement' | null;
}

/** Posted hours that are not as they should be. */
export interface CorrectionShown {
  readonly employee: string;
  readonly employeeName: string;
  readonly date: string;
  readonly job: string | null;
  readonly jobName: string | null;
  readonly phase: string | null;
  readonly posted: string;
  /** Written, and not posted yet. */
  readonly written: string;
  readonly true: string;
  readonly difference: string;
}

interface CodeShown {
  readonly code: string;
  readonly name: string;
  readonly hours: string;
}

/** What is planned for a pay period. Hours are decimal text; there is no rate and no amount in it. */
export interface PeriodShown {
  readonly connectionId: string;
  /** Of its request. */
  readonly id: string;
  readonly period: Pick<PayPeriod, 'group' | 'begin' | 'end' | 'run'> | null;
  readonly status: RequestStatus;
  readonly reason: string | null;
  /** Null: there is none yet. */
  readonly plan:
    | (Pick<PlanRow, 'hash' | 'version' | 'state' | 'builtAt'> & { readonly warnings: readonly string[] })
    | null;
  readonly totals: {
    readonly lines: number;
    readonly hours: string;
    readonly equipmentHours: string;
    readonly allowances: string;
  } | null;
  /** What was written to the ERP so far. */
  readonly batches: readonly Pick<OperationRow, 'recordId' | 'erpKey' | 'state' | 'reason' | 'at'>[];
  /** The period before; null: there is none. */
  readonly last: { readonly request: string; readonly hours: string; readonly lastHours: string } | null;
  readonly employees: readonly (EmployeeTotal & { readonly name: string })[];
  readonly jobs: readonly CodeShown[];
  readonly earnCodes: readonly CodeShown[];
  readonly lines: readonly LineShown[];
  readonly leftOut: readonly LeftOut[];
  readonly corrections: readonly CorrectionShown[];
  /** Where the ERP takes no negative time: what a clerk does there. */
  readonly byHand: readonly string[];
  /** Active employees of the group, by name. */
  readonly withoutHours: readonly string[];
  /** What the clerk is asked, and what stops. */
  readonly questions: readonly (Pick<
    ExceptionRow,
    'recordId' | 'reason' | 'hint' | 'problems' | 'openedAt'
  > & {
    /** Empty: something stops, and no answer helps. */
    readonly asks: readonly PayAsked[];
  })[];
  /** Who has more or fewer hours than in the period before, the farthest apart first. */
  readonly againstLast: readonly (AgainstLast['rows'][number] & { readonly name: string })[];
}
