import type { RequestRef, Source } from '../domain/request/id';
import { requestIdOf, requestNumber, workflowIdOf } from '../domain/request/id';
import { listedBy } from '../domain/request/listed';
import type { SyncRequestRow } from './rows';

/** A new request, before anything is known but where it comes from. `position`: Procore's number, or our own count. */
export function newRequest(
  connectionId: string,
  source: Source,
  position: number,
  now: string,
  /** Where it has no number: its name. */
  name: string = String(position),
): SyncRequestRow {
  const ref: RequestRef = { connectionId, id: requestIdOf(source, name) };
  return {
    ...ref,
    source,
    position,
    erpRequestId: source === 'erp' ? position : null,
    workflowId: workflowIdOf(ref),
    eventName: null,
    way: null,
    subject: null,
    recordId: null,
    kind: null,
    ...listedBy(null),
    planHash: null,
    warnings: 0,
    contradiction: false,
    blockedSince: null,
    owner: null,
    heldBy: null,
    about: null,
    searchText: requestNumber(ref.id),
    status: 'received',
    reason: null,
    requestedBy: null,
    sender: null,
    corrections: null,
    procoreEnd: null,
    fetched: false,
    started: false,
    receivedAt: now,
    updatedAt: now,
    since: now,
    rested: null,
    closedAt: null,
  };
}
