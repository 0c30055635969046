import type { PayPeriod } from '../../domain/payroll/period';
import { payRequestIdOf } from '../../domain/request/id';
import type { RequestStatus } from '../../domain/request/status';
import type { Store } from '../../store/store';

/** A pay period, and how its request stands; null: it has none. */
export interface ListedPeriod extends PayPeriod {
  readonly request: string | null;
  readonly status: RequestStatus | null;
}

/** Requests of pay periods that are looked through. */
const REQUESTS = 200;

/** Pay periods of a company of the ERP with their requests. */
export async function listPeriods(
  store: Store,
  connectionId: string,
  { company, periods }: { readonly company: string; readonly periods: readonly PayPeriod[] },
): Promise<readonly ListedPeriod[]> {
  const requests = await store.read('payroll.requests', (t) =>
    t.requests.ofSource(connectionId, 'payroll', REQUESTS),
  );
  const known = new Map(requests.map((request) => [request.id, request]));
  return periods.map((period) => {
    const request = known.get(payRequestIdOf(company, period));
    return { ...period, request: request?.id ?? null, status: request?.status ?? null };
  });
}
