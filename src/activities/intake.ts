import type { ErpRequestInput, PollResult } from '../domain/request/flow';
import type { RawErpRequest } from '../procore/port';
import type { Repositories } from '../store/repositories';
import type { ErpRequestRow } from '../store/rows';
import { newRequest } from '../store/new-request';
import type { ActivityDeps, ConnectionParts } from './deps';
import { connectionOf, toFailure } from './deps';
import { discoverRequests } from './discover';
import { auditEntry } from './ledger';
import { TiebackError } from '../domain/base/errors';

/** Reader name of the poll's checkpoint: its cursor is the highest ERP request id seen. */
const READER = 'erp-requests';

/** Runs on the Procore queue. */
export const intakePollActivities = (deps: ActivityDeps) => ({
  /**
   * Looks for ERP requests that no webhook told us about, with an overlap below the newest one seen, and stores what is new. The
   * checkpoint moves in the same transaction as the rows. Without Procore's ERP tool it looks for what that would have sent.
   */
  async pollErpRequests({ connectionId }: { connectionId: string }): Promise<PollResult> {
    const connection = connectionOf(deps, connectionId);
    const { openDoor } = connection;
    if (openDoor !== null) return asFailure(() => discoverRequests(deps, connection, openDoor));
    const checkpoint = await deps.store.read('checkpoint', (t) => t.checkpoints.get(connectionId, READER));
    let cursor = checkpoint?.cursor ?? null;
    const afterId = Math.max(0, Number(cursor ?? 0) - connection.pollOverlap);
    let seen = 0;
    let added = 0;
    return asFailure(async () => {
      for await (const page of connection.procore.listRequests(afterId)) {
        seen += page.length;
        const from = cursor;
        const highest = Math.max(Number(from ?? 0), ...page.map(({ id }) => id));
        added += await deps.store.transaction('intake.poll', async (t) => {
          const count = await storePolled(t, connection, page, deps.now());
          await t.checkpoints.move(connectionId, READER, from, String(highest), deps.now());
          return count;
        });
        cursor = String(highest);
      }
      return { seen, added };
    });
  },
});

async function asFailure<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw error instanceof TiebackError ? toFailure(error) : error;
  }
}

async function storePolled(
  t: Repositories,
  { id }: ConnectionParts,
  page: readonly RawErpRequest[],
  now: string,
): Promise<number> {
  const entries = [];
  for (const { id: requestId, body } of page) {
    const event = {
      connectionId: id,
      eventId: `poll:${requestId}`,
      source: 'poll' as const,
      requestId,
      userId: null,
    };
    const row = { ...newRequest(id, requestId, now), body: completeBody(body) };
    if (!(await t.requests.add(row))) continue;
    await t.requests.addEvent({ ...event, ignored: null, body: {}, receivedAt: now });
    entries.push(auditEntry(row, now, 'intake.received', { detail: { source: 'poll' } }));
  }
  await t.audit.append(id, entries);
  return entries.length;
}

/** The list is not documented: take its body only when it is a whole request, else the workflow fetches it. */
const completeBody = (body: unknown): ErpRequestRow['body'] =>
  typeof body === 'object' && body !== null && 'request_data' in body && 'request_name' in body
    ? { received: body }
    : null;

/** Runs on the main queue. */
export const intakeStartActivities = (deps: ActivityDeps) => ({
  /** Starts the workflow of every request that has none: the crash between storing and starting loses nothing. */
  async startRequests({ connectionId }: { connectionId: string }): Promise<{ started: number }> {
    const connection = connectionOf(deps, connectionId);
    const rows = await deps.store.read('unstarted', (t) => t.requests.unstarted(connectionId, 500));
    for (const row of rows) {
      await deps.startRequest(startInput(connection, row));
      await deps.store.transaction('intake.started', (t) => t.requests.update(row, { started: true }));
    }
    return { started: rows.length };
  },
});

/** How the workflow of a stored request is started. */
export const startInput = (connection: ConnectionParts, row: ErpRequestRow): ErpRequestInput => ({
  connectionId: row.connectionId,
  requestId: row.requestId,
  procoreQueue: connection.procoreQueue,
  erpQueue: connection.erpQueue,
  fetched: row.body !== null,
});
