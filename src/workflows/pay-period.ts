import type { RequestResult, SyncRequestInput } from '../domain/request/flow';
import { syncRequest } from './sync-request';

/** The request of one pay group and period. A type of its own, so that the Web UI lists pay periods among themselves: they live for weeks. */
export async function payPeriod(input: SyncRequestInput): Promise<RequestResult> {
  return syncRequest(input);
}
