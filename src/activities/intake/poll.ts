import type { AuditEntry } from '../../domain/audit/chain';
import type { PollResult } from '../../domain/request/flow';
import type { RawErpRequest } from '../../procore/port';
import { newRequest } from '../../store/new-request';
import type { Repositories } from '../../store/repositories';
import type { ActivityDeps, ConnectionParts } from '../deps';
import { connectionOf } from '../deps';
import { keepBody, readBody } from '../in-hand';
import { auditEntry } from '../record/entry';
import { asFailure } from '../step';
import { discoverRequests } from './discover';
import { lookAt, lookInTurn } from './look';
import { STARTED_A_ROUND } from './start';

/** Reader name of the poll's checkpoint: its cursor is the highest ERP request id seen. */
const READER = 'erp-requests';

/** Runs on the Procore queue. */
export const pollActivities = (deps: ActivityDeps) => ({
  /**
   * Looks for ERP requests that no webhook told us about, with an overlap below the newest one seen, and stores what is new. The
   * checkpoint moves in the same transaction as the rows. Without Procore's ERP tool it looks for what that would have sent. Then it looks
   * how Procore shows what is new here, because it need not be new there (our store was emptied or restored), and some of what is open.
   */
  async pollRequests({ connectionId }: { connectionId: string }): Promise<PollResult> {
    const connection = connectionOf(deps, connectionId);
    const { openDoor, procore } = connection;
    if (openDoor !== null) return asFailure(() => discoverRequests(deps, connection, openDoor));
    const { checkpoint, newest } = await deps.store.read('checkpoint', async (t) => ({
      checkpoint: await t.checkpoints.get(connectionId, READER),
      newest: await t.requests.newestPosition(connectionId, 'erp'),
    }));
    let cursor = checkpoint?.cursor ?? null;
    // It moves with the rows: one that is further than every row was not moved by us, and would hide requests for ever.
    const afterId = Math.max(0, Math.min(Number(cursor ?? 0), newest) - connection.pollOverlap);
    let seen = 0;
    let added = 0;
    return asFailure(async () => {
      for await (const page of procore.requests?.list(afterId) ?? []) {
        seen += page.length;
        const from = cursor;
        const highest = Math.max(Number(from ?? 0), ...page.map(({ id }) => id));
        added += await deps.store.transaction('intake.poll', connectionId, async (t) => {
          const count = await storePolled(t, connection, page, deps.now());
          await t.checkpoints.move(connectionId, READER, { from, to: String(highest) }, deps.now());
          return count;
        });
        cursor = String(highest);
      }
      // Not what was added just now: a look that failed comes again, and what was added before it is as new.
      const next = await deps.store.read('look.new', (t) =>
        t.requests.unstarted(connectionId, STARTED_A_ROUND),
      );
      await lookAt(deps, connection, next);
      await lookInTurn(deps, connection, new Set(next.map(({ id }) => id)));
      return { seen, added };
    });
  },
});

async function storePolled(
  t: Repositories,
  connection: ConnectionParts,
  page: readonly RawErpRequest[],
  now: string,
): Promise<number> {
  const { id: connectionId } = connection;
  const entries: AuditEntry[] = [];
  let added = 0;
  for (const { id, body } of page) {
    // The list is not documented: its body is taken only when it is a whole request, else it is fetched.
    const fetched = isWhole(body);
    const row = { ...newRequest(connectionId, 'erp', id, now), fetched };
    if (!(await t.requests.add(row))) continue;
    added += 1;
    const event = { connectionId, eventId: `poll:${id}`, source: 'poll' as const, requestId: row.id };
    await t.requests.addEvent({ ...event, userId: null, ignored: null, body: {}, receivedAt: now });
    entries.push(auditEntry(row, now, 'intake.received', { detail: { source: 'poll' } }));
    if (fetched) entries.push(await keepBody(t, row, readBody(connection, row, body), now));
  }
  await t.audit.append(connectionId, entries);
  return added;
}

const isWhole = (body: unknown): boolean =>
  typeof body === 'object' && body !== null && 'request_data' in body && 'request_name' in body;
