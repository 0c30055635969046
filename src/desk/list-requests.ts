import type { RequestFilter } from '../store/repositories/requests';
import type { SyncRequestRow } from '../store/rows';
import type { Store } from '../store/store';

export type { RequestFilter };

/** A page of requests, newest first, and how many there are to do. */
export interface RequestList {
  readonly requests: readonly SyncRequestRow[];
  /** Requests that are not closed, of the connections that were asked for. */
  readonly open: number;
  readonly waitingForFinance: number;
  /** Every connection there is. */
  readonly connectionIds: readonly string[];
}

export const listRequests = (store: Store, filter: RequestFilter): Promise<RequestList> =>
  store.read('desk.requests', async (t) => ({
    requests: await t.requests.list(filter),
    ...(await t.requests.countOpen(filter.connectionId)),
    connectionIds: (await t.connections.all()).map(({ id }) => id),
  }));
