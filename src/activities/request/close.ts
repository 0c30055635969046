import { firstOf } from '../../domain/base/text';
import type { ClosedRequest, Interruption, RequestRef, RequestResult } from '../../domain/request/flow';
import { WAITS } from '../../domain/request/exception';
import { isKind } from '../../domain/kinds';
import type { ReadRequest } from '../../domain/request/intent';
import type { Repositories } from '../../store/repositories';
import type { SyncRequestRow } from '../../store/rows';
import { closeDetails } from '../close-details';
import type { ActivityDeps } from '../deps';
import { connectionOf } from '../deps';
import { ahead, older, readingOf } from '../in-hand';
import { nameOfRecord } from '../export/name';
import type { Outcome } from '../record/outcome';
import { alreadyClosed, NOTHING_HAPPENED, recordOutcome } from '../record/outcome';
import { settle } from '../step';

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
      const { read, before, left } = await deps.store.read('request', async (t) => {
        await ahead(t.requests.get(input), t.requests.reading(input), t.plans.operations(input));
        const row = await t.requests.get(input);
        if (row.status === 'received') throw older(row, 'that it was opened');
        return {
          before: await alreadyClosed(t, row),
          read: await readingOf(t, connection, row),
          left: await leftInErp(t, row),
        };
      });
      if (before) return { kind: 'closed' as const, ...before };
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
        const { way } = read.intent;
        const outcome: Outcome = {
          ...NOTHING_HAPPENED,
          entries: [
            ...closingEntries(read, result),
            ...(input.expired
              ? [{ action: 'approval.expired' as const, detail: { reason: row.reason } }]
              : []),
          ],
          // What a sync left out stays an exception until a later sync carries it; everything else ends with its request.
          settlesOwn: way !== 'sync' && way !== 'refresh',
          close: result,
        };
        const about = { row, plan: null, page: 0 };
        const released = await recordOutcome(t, about, outcome, { now: deps.now() });
        return { kind: 'closed' as const, result, released };
      });
    });
  },
});

/** What was written before the request was given up or ran out of time: nobody should believe that the ERP knows nothing of it. */
async function leftInErp(t: Repositories, row: SyncRequestRow): Promise<readonly string[]> {
  const written = (await t.plans.operations(row)).filter(
    ({ side, state }) => side === 'erp' && state === 'written',
  );
  if (written.length === 0) return [];
  const names = written.map(({ recordId, erpKey, record }) => {
    const kind = recordId.slice(0, recordId.indexOf('/'));
    return isKind(kind) && record !== null ? nameOfRecord(kind, erpKey ?? '', record) : (erpKey ?? recordId);
  });
  const more = names.length > MOST_LEFT ? ` and ${names.length - MOST_LEFT} more` : '';
  return [`In the ERP already, and not linked in Procore: ${names.slice(0, MOST_LEFT).join(', ')}${more}.`];
}

const MOST_LEFT = 5;

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
