import { sleep } from '@temporalio/activity';
import { shorten } from '../../domain/base/text';
import type { RequestRef, SyncRequestInput } from '../../domain/request/flow';
import { nameOfUser } from '../../domain/request/sender';
import type { SyncRequestRow } from '../../store/rows';
import type { ActivityDeps, ConnectionParts } from '../deps';
import { connectionOf } from '../deps';
import { keepBody, readBody } from '../in-hand';
import { endedEntry } from '../record/ended';
import { endOf } from './look';

/** So many requests are started in one round, the oldest first. */
export const STARTED_A_ROUND = 5_000;

/** Started at a time, and at most at work before more are started: what arrives meanwhile has so many before it, however long the backlog is. */
const AT_A_TIME = 50;
const MOST_AT_WORK = 100;
/** How long to wait for room, in milliseconds: those at work may wait for a system that is away. */
const LONGEST_WAIT_MS = 5_000;
const LOOK_EVERY_MS = 100;
/** A round of intake comes again soon. */
const ROUND_MS = 45_000;

/** Runs on the main queue. */
export const startActivities = (deps: ActivityDeps) => ({
  /** Starts the workflow of every request that has none: the crash between storing and starting loses nothing. */
  async startRequests({ connectionId }: { connectionId: string }): Promise<{ started: number }> {
    const pace = { limitMs: ROUND_MS, most: STARTED_A_ROUND, pause: sleep };
    return { started: await startUnstarted(deps, connectionOf(deps, connectionId), pace) };
  },
});

/** How long to go on starting, and how to pause: a step pauses otherwise than a daemon. */
export interface Pace {
  readonly limitMs: number;
  /** So many at most. */
  readonly most: number;
  readonly pause: (ms: number) => Promise<void>;
}

/**
 * Starts the workflows of requests that have none, oldest first, for at most `limitMs`: as fast as they are worked off, and never so many that new
 * ones would wait long behind them. Answers how many were started. Safe to repeat.
 */
export async function startUnstarted(
  { store, startRequest }: Pick<ActivityDeps, 'store' | 'startRequest'>,
  connection: ConnectionParts,
  { limitMs, most, pause }: Pace,
): Promise<number> {
  const { id } = connection;
  const endsAt = performance.now() + limitMs;
  for (let started = 0; ;) {
    const rows = await store.read('unstarted', (t) => t.requests.unstarted(id, AT_A_TIME));
    if (rows.length === 0) return started;
    await Promise.all(rows.map((row) => startRequest(startInput(connection, row))));
    await store.transaction('intake.started', id, (t) =>
      t.requests.noteStarted(
        id,
        rows.map((row) => row.id),
      ),
    );
    started += rows.length;
    if (rows.length < AT_A_TIME || started >= most || performance.now() > endsAt) return started;
    await untilThereIsRoom(store, id, pause);
  }
}

async function untilThereIsRoom(
  store: ActivityDeps['store'],
  connectionId: string,
  pause: Pace['pause'],
): Promise<void> {
  const givesUpAt = performance.now() + LONGEST_WAIT_MS;
  while (performance.now() < givesUpAt) {
    const atWork = await store.read('at.work', (t) => t.requests.countAtWork(connectionId));
    if (atWork < MOST_AT_WORK) return;
    await pause(LOOK_EVERY_MS);
  }
}

/** How the workflow of a stored request is started. */
export const startInput = (
  { procoreQueue, erpQueue }: ConnectionParts,
  { connectionId, id, fetched, subject }: SyncRequestRow,
): SyncRequestInput => ({
  connectionId,
  id,
  procoreQueue,
  erpQueue,
  fetched,
  ...(subject === null ? {} : { subject }),
});

/** Who sent it, by name: as the body says, else as the directory does. It is only shown, so nothing waits for a directory that does not answer. */
async function senderOf(
  { procore }: ConnectionParts,
  { requestedBy }: SyncRequestRow,
  received: unknown,
): Promise<string | null> {
  if (requestedBy === null) return null;
  return nameOfUser(received, requestedBy) ?? (await procore.userName(requestedBy).catch(() => null));
}

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
    const sender = await senderOf(connection, row, received);
    const procoreEnd = await endOf(deps, connection, { received, intent: body.reading.intent, announcedAt });
    await deps.store.transaction('request.body', connection.id, async (t) => {
      if ((await t.requests.get(ref)).fetched) return;
      const ended = procoreEnd === null ? [] : [endedEntry(row, procoreEnd, deps.now())];
      await t.audit.append(connection.id, [
        await keepBody(t, { ...row, sender }, body, deps.now()),
        ...ended,
      ]);
      await t.requests.update(ref, { fetched: true, procoreEnd });
    });
    return { ...row, fetched: true, procoreEnd, subject: shorten(body.reading.subject, 400) };
  } catch {
    return row;
  }
}
