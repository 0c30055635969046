import type { RequestRef, SyncRequestInput } from '../../domain/request/flow';
import type { SyncRequestRow } from '../../store/rows';
import type { ActivityDeps, ConnectionParts } from '../deps';
import { connectionOf } from '../deps';
import { keepBody, readBody } from '../in-hand';
import { endedEntry } from '../record/ended';
import { endOf } from './look';

/** So many requests are started in one round, the oldest first. */
export const STARTED_A_ROUND = 500;

/** Runs on the main queue. */
export const startActivities = (deps: ActivityDeps) => ({
  /** Starts the workflow of every request that has none: the crash between storing and starting loses nothing. */
  async startRequests({ connectionId }: { connectionId: string }): Promise<{ started: number }> {
    const connection = connectionOf(deps, connectionId);
    const rows = await deps.store.read('unstarted', (t) =>
      t.requests.unstarted(connectionId, STARTED_A_ROUND),
    );
    for (const row of rows) {
      await deps.startRequest(startInput(connection, row));
      await deps.store.transaction('intake.started', (t) => t.requests.update(row, { started: true }));
    }
    return { started: rows.length };
  },
});

/** How the workflow of a stored request is started. */
export const startInput = (
  { procoreQueue, erpQueue }: ConnectionParts,
  { connectionId, id, fetched }: SyncRequestRow,
): SyncRequestInput => ({ connectionId, id, procoreQueue, erpQueue, fetched });

/**
 * Fetches the body of a request that a webhook announced, so that its workflow begins with it and needs no step for that. `announcedAt`: when
 * the event was, as the webhook says. One that is not new is looked at: it may be closed in Procore, and our store an older one. Answers the
 * row as it stands then. Whatever goes wrong here is left to the workflow, which fetches with Temporal's patience.
 */
export async function fetchBeforeStart(
  deps: Pick<ActivityDeps, 'store' | 'now'>,
  connection: ConnectionParts,
  ref: RequestRef,
  announcedAt: string | null,
): Promise<SyncRequestRow> {
  const row = await deps.store.read('request', (t) => t.requests.get(ref));
  const { requests } = connection.procore;
  if (row.fetched || row.erpRequestId === null || requests === undefined) return row;
  try {
    const received = await requests.show(row.erpRequestId);
    const body = readBody(connection, row, received);
    const procoreEnd = await endOf(deps, connection, { received, intent: body.reading.intent, announcedAt });
    await deps.store.transaction('request.body', async (t) => {
      if ((await t.requests.get(ref)).fetched) return;
      const ended = procoreEnd === null ? [] : [endedEntry(row, procoreEnd, deps.now())];
      await t.audit.append(connection.id, [await keepBody(t, row, body, deps.now()), ...ended]);
      await t.requests.update(ref, { fetched: true, procoreEnd });
    });
    return { ...row, fetched: true, procoreEnd };
  } catch {
    return row;
  }
}
