import { definitionOf } from '../kinds';
import type { ProcoreId } from '../kinds/record';
import type { PayPeriod } from '../payroll/period';
import type { ReconciledKind } from './id';
import { isOfPayroll, isOfReconcile, isReconciled } from './id';
import type { ReadRequest } from './intent';

/** Name of the event of a request that a reconcile makes, for people and policy rules. */
export const RECONCILE_EVENT = 'reconcile';

/** The body of a request that a reconcile makes. */
export interface ReconcileBody {
  readonly request_name: typeof RECONCILE_EVENT;
  readonly request_data: {
    readonly kind: ReconciledKind;
    readonly list_id: ProcoreId | null;
    readonly full: boolean;
  };
}

export const reconcileBody = (
  kind: ReconciledKind,
  { listId, full }: { readonly listId: ProcoreId | null; readonly full: boolean },
): ReconcileBody => ({
  request_name: RECONCILE_EVENT,
  request_data: { kind, list_id: listId, full },
});

/** Name of the event of the request of a pay period, for people and policy rules. */
export const PAYROLL_EVENT = 'pay_period';

/** The body of the request of a pay period. */
export interface PayPeriodBody {
  readonly request_name: typeof PAYROLL_EVENT;
  readonly request_data: Pick<PayPeriod, 'group' | 'begin' | 'end' | 'run'>;
}

export const payPeriodBody = ({ group, begin, end, run }: PayPeriodBody['request_data']): PayPeriodBody => ({
  request_name: PAYROLL_EVENT,
  request_data: { group, begin, end, run },
});

/** Reads the body of a request of our own; null: it is not one, and the readers of Procore's events are asked. Its id says so, not its body. */
export function readOwn(requestId: string, body: unknown): ReadRequest | null {
  if (isOfPayroll(requestId)) return readPayPeriod((body as PayPeriodBody).request_data);
  if (!isOfReconcile(requestId)) return null;
  const { kind, list_id: listId, full } = (body as ReconcileBody).request_data;
  const subject = isReconciled(kind) ? `${definitionOf(kind).plural} that moved` : kind;
  const intent = { way: 'reconcile' as const, kind, listId, full };
  return { eventName: RECONCILE_EVENT, subject, intent, questions: [] };
}

function readPayPeriod({ group, begin, end, run }: PayPeriodBody['request_data']): ReadRequest {
  const extra = run === 1 ? '' : `, run ${run}`;
  return {
    eventName: PAYROLL_EVENT,
    subject: `payroll of group ${group}, ${begin} to ${end}${extra}`,
    intent: { way: 'payroll', period: { group, begin, end, run } },
    questions: [],
  };
}
