import { contentHash } from '../../domain/base/identity';
import { classifyDelivery } from '../../domain/request/intake';
import type { ReconciledKind, RequestRef } from '../../domain/request/id';
import { maskText } from '../../domain/base/personal';
import { shorten } from '../../domain/base/text';
import type { Delivery } from '../../procore/webhooks/receive';
import { ahead } from '../in-hand';
import { newRequest } from '../../store/new-request';
import type { Store } from '../../store/store';

/** Bodies are kept for the audit, but no longer than this: an event is a few hundred bytes. */
const KEPT_BODY = 16 * 1024;
/** The reason quotes what came in, and the column takes 400 characters. */
const KEPT_REASON = 300;

/** What came in, after the header was checked. */
export interface Announcement {
  /** Id of the event; for a body that is no event, made of its content. */
  readonly eventId: string;
  /** Null when the body is no event. */
  readonly delivery: Delivery | null;
  readonly body: string;
}

/** What is to be worked on: a request, the records of a kind, or timecards. */
export type Announced =
  { readonly request: RequestRef } | { readonly moved: ReconciledKind } | { readonly timecards: true };

/**
 * Stores a webhook and the request it announces, with the audit entry, in one transaction. A repeated delivery changes nothing. Answers
 * what there is to work on; null: nothing.
 */
export async function storeWebhook(
  store: Store,
  connection: { readonly id: string; readonly companyId: number },
  { eventId: fullId, delivery, body }: Announcement,
  now: string,
): Promise<Announced | null> {
  const eventId = fullId.length <= 110 ? fullId : `long:${contentHash(fullId)}`;
  const userId = delivery?.userId ?? null;
  const decision = classifyDelivery(delivery, connection.companyId);
  const row = decision.kind === 'request' ? newRequest(connection.id, 'erp', decision.requestId, now) : null;
  const ignored = decision.kind === 'ignored' ? shorten(decision.reason, KEPT_REASON) : null;
  const ref = row && { connectionId: row.connectionId, id: row.id };
  const moved =
    decision.kind === 'moved'
      ? { moved: decision.record }
      : decision.kind === 'timecards'
        ? { timecards: true as const }
        : null;
  const answer: Announced | null = ref === null ? moved : { request: ref };
  return store.transaction('intake.webhook', connection.id, async (t) => {
    const requestId = row?.id ?? null;
    const event = { connectionId: connection.id, eventId, source: 'webhook' as const, requestId, ignored };
    const kept = { text: maskText(body.slice(0, KEPT_BODY)), bytes: Buffer.byteLength(body) };
    await ahead(t.requests.hasEvent(connection.id, eventId), ...(row === null ? [] : [t.requests.find(row)]));
    if (!(await t.requests.addEvent({ ...event, userId, body: kept, receivedAt: now }))) return answer;
    if (decision.kind === 'moved')
      t.sideRecords.lookAgain(connection.id, decision.record, 'procore', [String(decision.procoreId)], now);
    if (row !== null) {
      const added = await t.requests.add({ ...row, requestedBy: userId });
      // The poll may have been first; it does not know who caused the request.
      if (!added && userId !== null) await t.requests.update(row, { requestedBy: userId });
    }
    await t.audit.append(connection.id, [
      {
        at: now,
        actor: 'procore',
        action: ignored === null ? 'intake.received' : 'intake.ignored',
        subject: requestId ?? `webhook/${eventId}`,
        requestId,
        planHash: null,
        workflowId: row?.workflowId ?? null,
        detail: { source: 'webhook', eventId, userId, ...(ignored === null ? {} : { ignored }) },
      },
    ]);
    return answer;
  });
}
