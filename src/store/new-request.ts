import { workflowIdOf } from '../domain/request/id';
import type { ErpRequestRow } from './rows';

/** A new ERP request, before anything is known but its number. */
export const newRequest = (connectionId: string, requestId: number, now: string): ErpRequestRow => ({
  connectionId,
  requestId,
  workflowId: workflowIdOf(connectionId, requestId),
  eventName: null,
  subject: null,
  recordId: null,
  status: 'received',
  reason: null,
  requestedBy: null,
  body: null,
  corrections: null,
  started: false,
  receivedAt: now,
  updatedAt: now,
  closedAt: null,
});
