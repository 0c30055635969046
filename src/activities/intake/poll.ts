import type { AuditEntry } from '../../domain/audit/chain';
import type { PollResult } from '../../domain/request/flow';
import type { RawErpRequest } from '../../procore/port';
import { newRequest } from '../../store/new-request';
import type { Repositories } from '../../store/repositories';
import type { ActivityDeps, ConnectionParts } from '../deps';
import { connectionOf } from '../deps';
import type { IntakeEventRow, RequestBodyRow, SyncRequestRow } from '../../store/rows';
import { readBody, withBody } from '../in-hand';
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
    const { checkpoint, newest } = await deps.store.read('checkpoint', async (t) => {
      const [checkpoint, newest] = await Promise.all([
        t.checkpoints.get(connectionId, READER),
        t.requests.newestPosition(connectionId, 'erp'),
      ]);
      return { checkpoint, newest };
    });
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
  const found = new Map(
    page.map(({ id, body }) => [id, { row: newRequest(connectionId, 'erp', id, now), body }]),
  );
  const eventOf = (position: number): string => `poll:${position}`;
  const [known, heard] = await Promise.all([
    t.requests.knownIds(
      connectionId,
      [...found.values()].map(({ row }) => row.id),
    ),
    t.requests.knownEvents(connectionId, [...found.keys()].map(eventOf)),
  ]);
  const entries: AuditEntry[] = [];
  const rows: SyncRequestRow[] = [];
  const events: IntakeEventRow[] = [];
  const bodies: RequestBodyRow[] = [];
  for (const { row: bare, body } of found.values()) {
    if (known.has(bare.id)) continue;
    // The list is not documented: its body is taken only when it is a whole request, else it is fetched.
    const row = { ...bare, fetched: isWhole(body) };
    const eventId = eventOf(row.position);
    const event = { connectionId, eventId, source: 'poll' as const, requestId: row.id, userId: null };
    if (!heard.has(eventId)) events.push({ ...event, ignored: null, body: {}, receivedAt: now });
    entries.push(auditEntry(row, now, 'intake.received', { detail: { source: 'poll' } }));
    const kept = row.fetched ? readBody(connection, row, body) : null;
    const told = kept && withBody(row, kept, now);
    rows.push(told?.row ?? row);
    if (kept !== null) bodies.push(kept);
    if (told !== null) entries.push(told.entry);
  }
  t.requests.addAll(rows, events, bodies);
  await t.audit.append(connectionId, entries);
  return rows.length;
}

const isWhole = (body: unknown): boolean =>
  typeof body === 'object' && body !== null && 'request_data' in body && 'request_name' in body;
