import { firstOf } from '../../domain/base/text';
import type { ClosedRequest, Interruption, RequestRef, RequestResult } from '../../domain/request/flow';
import { WAITS } from '../../domain/request/exception';
import type { ReadRequest } from '../../domain/request/intent';
import { closeDetails } from '../close-details';
import type { ActivityDeps } from '../deps';
import { connectionOf } from '../deps';
import { ahead, older, readingOf } from '../in-hand';
import type { Outcome } from '../record/outcome';
import { alreadyClosed, NOTHING_HAPPENED, recordOutcome } from '../record/outcome';
import { leftBehind } from '../reconcile/left';
import { settle } from '../step';
import { leftOf, NOTHING_LEFT, toldOfLeft } from './left-in-erp';

/** How a request ends that no plan closed: refused, rejected, given up, expired, or after the last page. */
export interface Closing extends RequestRef {
  readonly result: RequestResult;
  /** What is wrong, for people in Procore; empty where nothing is. */
  readonly messages: readonly string[];
  /** Nobody decided in time. */
  readonly expired: boolean;
}

/** Runs on the Procore queue. */
export const closeActivities = (deps: ActivityDeps) => ({
  /**
   * Closes the request details in Procore with sentences for people, then the request here. Details are read back by the client
   * where an answer was lost, so closing again is harmless.
   */
  async closeRequest(input: Closing): Promise<({ readonly kind: 'closed' } & ClosedRequest) | Interruption> {
    const connection = connectionOf(deps, input.connectionId);
    return settle(async () => {
      const { read, before, open } = await deps.store.read('request', async (t) => {
        await ahead(t.requests.get(input), t.requests.reading(input), t.plans.approvalsOf(input));
        const row = await t.requests.get(input);
        if (row.status === 'received') throw older(row, 'that it was opened');
        const read = await readingOf(t, connection, row);
        return {
          before: await alreadyClosed(t, row),
          read,
          open: read.intent.way === 'export' ? await leftOf(t, row) : NOTHING_LEFT,
        };
      });
      if (before) return { kind: 'closed' as const, ...before };
      const left = await toldOfLeft(connection, open);
      const unclosed = await closeDetails(connection, read.intent, {
        status: input.result.status === 'applied' ? 'success' : 'failed',
        messages: [...input.messages, ...left],
      });
      const told = [...left, ...(unclosed === null ? [] : [unclosed])];
      const result = { ...input.result, summary: [input.result.summary, ...told].join(' ') };
      return deps.store.transaction('request.close', connection.id, async (t) => {
        const row = await t.requests.get(input);
        const meanwhile = await alreadyClosed(t, row);
        if (meanwhile) return { kind: 'closed' as const, ...meanwhile };
        const { intent } = read;
        const { way } = intent;
        const now = deps.now();
        const outcome: Outcome = {
          ...NOTHING_HAPPENED,
          ...(way === 'reconcile' ? await leftBehind(t, input, intent.kind, { result, now }) : {}),
          entries: [
            ...closingEntries(read, result),
            ...(input.expired
              ? [{ action: 'approval.expired' as const, detail: { reason: row.reason } }]
              : []),
          ],
          // What a sync or a reconcile left out stays an exception until a later one carries it; everything else ends with its request.
          settlesOwn: way !== 'sync' && way !== 'refresh' && way !== 'reconcile',
          close: result,
        };
        const about = { row, plan: null, page: 0 };
        const released = await recordOutcome(t, about, outcome, { now });
        return { kind: 'closed' as const, result, released };
      });
    });
  },
});

function closingEntries(
  { intent, eventName }: ReadRequest,
  { status }: RequestResult,
): NonNullable<Outcome['entries']> {
  if (status !== 'failed') return [];
  if (intent.way === 'malformed')
    return [{ action: 'request.malformed', detail: { problems: intent.problems } }];
  if (intent.way === 'unsupported')
    return [{ action: 'request.unsupported', detail: { event: eventName, known: intent.known } }];
  return [];
}

/** Runs on the main queue, as a local activity. */
export const problemActivities = (deps: ActivityDeps) => ({
  /** The records of this request that were not carried, a line each, for the closing message; the first of them and a count. */
  async problemsOf(ref: RequestRef): Promise<readonly string[]> {
    const open = await deps.store.read('sync.problems', (t) => t.exceptions.ofRequest(ref));
    const wrong = open.filter(({ resolvedAt, cause }) => resolvedAt === null && cause !== WAITS);
    return firstOf(wrong.map(({ reason }) => reason));
  },
});
