import { contentHash, recordIdOf } from '../domain/base/identity';
import { classifyDelivery } from '../domain/request/intake';
import { workflowIdOf } from '../domain/request/id';
import { shorten } from '../domain/base/text';
import { newRequest } from '../store/new-request';
import type { Store } from '../store/store';
import type { ReceivedWebhook } from './webhooks';

/** Bodies are kept for the audit, but no longer than this: an event is a few hundred bytes. */
const KEPT_BODY = 16 * 1024;
/** The reason quotes what came in, and the column takes 400 characters. */
const KEPT_REASON = 300;

/**
 * Stores a webhook and the request it announces, with the audit entry, in one transaction. A repeated delivery changes nothing. Answers
 * the request number when there is a request to work on.
 */
export async function storeWebhook(
  store: Store,
  connection: { readonly id: string; readonly companyId: number },
  { eventId: fullId, delivery, body }: ReceivedWebhook,
  now: string,
): Promise<number | null> {
  const eventId = fullId.length <= 110 ? fullId : `long:${contentHash(fullId)}`;
  const userId = delivery?.userId ?? null;
  const decision = classifyDelivery(delivery, connection.companyId);
  const requestId = decision.kind === 'request' ? decision.requestId : null;
  const ignored = decision.kind === 'ignored' ? shorten(decision.reason, KEPT_REASON) : null;
  return store.transaction('intake.webhook', async (t) => {
    const event = { connectionId: connection.id, eventId, source: 'webhook' as const, requestId, ignored };
    const kept = { text: body.slice(0, KEPT_BODY), bytes: Buffer.byteLength(body) };
    if (!(await t.requests.addEvent({ ...event, userId: userId, body: kept, receivedAt: now })))
      return requestId;
    if (requestId !== null) {
      const added = await t.requests.add({
        ...newRequest(connection.id, requestId, now),
        requestedBy: userId,
      });
      // The poll may have been first; it does not know who caused the request.
      if (!added && userId !== null) {
        await t.requests.update({ connectionId: connection.id, requestId }, { requestedBy: userId });
      }
    }
    await t.audit.append(connection.id, [
      {
        at: now,
        actor: 'procore',
        action: requestId === null ? 'intake.ignored' : 'intake.received',
        subject: requestId === null ? `webhook/${eventId}` : recordIdOf('erp_request', requestId),
        requestId,
        planHash: null,
        workflowId: requestId === null ? null : workflowIdOf(connection.id, requestId),
        detail: {
          source: 'webhook',
          eventId,
          userId: userId,
          ...(ignored === null ? {} : { ignored }),
        },
      },
    ]);
    return requestId;
  });
}
