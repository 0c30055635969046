import type { AuditEntry } from '../../domain/audit/chain';
import { isTiebackError } from '../../domain/base/errors';
import type { Intent } from '../../domain/request/intent';
import type { LookCursor, ProcoreEnd } from '../../domain/request/procore-end';
import {
  detailsOf,
  endByTies,
  endIn,
  isFresh,
  isToldByTies,
  nextLook,
  tiedBy,
} from '../../domain/request/procore-end';
import type { SyncRequestRow } from '../../store/rows';
import type { ActivityDeps, ConnectionParts } from '../deps';
import { ahead, BODY_ACTIONS, changedBody, readingOf } from '../in-hand';
import { endedEntry } from '../record/ended';

type LookDeps = Pick<ActivityDeps, 'store' | 'people' | 'now'>;

/** Reader name of the checkpoint of the turns in which open requests are looked at. */
const READER = 'request-details';

/** After a store was lost there are thousands, and each that has ended costs a call: what was noted is not asked again. */
const NOTED_AT_A_TIME = 100;

/** A request to look at. */
interface Looked {
  readonly id: string;
  readonly intent: Intent;
  /** Procore made it before there was a store of ours. */
  readonly isOlder: boolean;
}

/** How these requests ended in Procore, by id; one that is open there, or whose details are not known, is absent. Calls Procore. */
async function endsIn(
  { procore }: Pick<ConnectionParts, 'procore'>,
  requests: readonly Looked[],
): Promise<ReadonlyMap<string, ProcoreEnd>> {
  const ends = new Map<string, ProcoreEnd>();
  if (procore.details === undefined) return ends;
  const asked = new Map(requests.map(({ id, intent }) => [id, detailsOf(intent)]));
  const all = [...asked.values()].flat();
  const shown = all.length === 0 ? [] : await procore.details.read(all);
  for (const { id, intent, isOlder } of requests) {
    const end = endIn(asked.get(id) ?? [], shown);
    if (end !== null) ends.set(id, { ...end, origins: await originsOf({ procore }, intent) });
    if (!isOlder || !isToldByTies(intent)) continue;
    const origins = await originsOf({ procore }, intent);
    const told = origins && endByTies(intent, origins);
    if (told) ends.set(id, { ...told, origins });
  }
  return ends;
}

/**
 * How a request that is being fetched ended in Procore; null: it is open, or that is not known. `received`: its body. Calls Procore only where
 * it is not made just now; `announcedAt`: when a webhook says that it was.
 */
export async function endOf(
  { store, now }: Pick<ActivityDeps, 'store' | 'now'>,
  connection: ConnectionParts,
  {
    received,
    intent,
    announcedAt = null,
  }: {
    readonly received: unknown;
    readonly intent: Intent;
    readonly announcedAt?: string | null;
  },
): Promise<ProcoreEnd | null> {
  if (isFresh([announcedAt, madeAt(received)], now())) return null;
  const since = await store.read('look.since', (t) => t.connections.find(connection.id));
  const isOlder = isBefore(received, since?.createdAt);
  return (await endsIn(connection, [{ id: '', intent, isOlder }])).get('') ?? null;
}

/** What ties the records of a closed request in Procore; null where Procore does not say. */
async function originsOf(
  { procore }: Pick<ConnectionParts, 'procore'>,
  intent: Intent,
): Promise<ProcoreEnd['origins']> {
  if (procore.ties.read === undefined) return null;
  const origins: { recordId: string; originId: string | null }[] = [];
  try {
    for (const { recordId, itemTypes, procoreId } of tiedBy(intent)) {
      let originId: string | null = null;
      for (const itemType of itemTypes)
        originId ??= (await procore.ties.read(itemType, procoreId))?.originId ?? null;
      origins.push({ recordId, originId });
    }
  } catch (error) {
    if (isTiebackError(error) && (error.class === 'data' || error.class === 'config')) return null;
    throw error;
  }
  return origins;
}

/** How these requests of our store ended in Procore; those without a body are not asked about. Changes nothing. */
export async function endsOfOpen(
  store: ActivityDeps['store'],
  connection: ConnectionParts,
  rows: readonly SyncRequestRow[],
): Promise<ReadonlyMap<string, ProcoreEnd>> {
  const readable = rows.filter(({ fetched }) => fetched);
  if (readable.length === 0 || connection.procore.details === undefined) return new Map();
  const requests = await store.read('look.requests', async (t) => {
    const [since] = await Promise.all([
      t.connections.find(connection.id),
      ahead(...readable.map((row) => t.requests.reading(row))),
    ]);
    const read: Looked[] = [];
    for (const row of readable) {
      const { intent } = await readingOf(t, connection, row);
      // What was begun is not taken back: only what nobody has opened yet may come from before our time.
      const isNew = row.eventName === null && isToldByTies(intent);
      const received = isNew ? (await t.requests.body(row))?.body.received : null;
      read.push({ id: row.id, intent, isOlder: isNew && isBefore(received, since?.createdAt) });
    }
    return read;
  });
  return endsIn(connection, requests);
}

/**
 * Looks how Procore shows these requests and notes the ends that it finds, sealed. What follows from an end is decided where the request is opened, or
 * by the next repair. Requests without a body are not looked at. Answers how many have ended. May be repeated.
 */
export async function lookAt(
  deps: LookDeps,
  connection: ConnectionParts,
  rows: readonly SyncRequestRow[],
): Promise<number> {
  const unknown = rows.filter(({ procoreEnd }) => procoreEnd === null);
  let ended = 0;
  for (let start = 0; start < unknown.length; start += NOTED_AT_A_TIME) {
    const ends = await endsOfOpen(deps.store, connection, unknown.slice(start, start + NOTED_AT_A_TIME));
    if (ends.size === 0) continue;
    ended += await deps.store.transaction('look.ended', connection.id, async (t) => {
      const entries: AuditEntry[] = [];
      const looked = unknown.filter(({ id }) => ends.has(id));
      await ahead(
        ...looked.flatMap((row) => [t.audit.sealed(row, { actions: BODY_ACTIONS }), t.requests.body(row)]),
      );
      for (const row of looked) {
        const procoreEnd = ends.get(row.id);
        if (procoreEnd === undefined) continue;
        // Whose details were looked at, the body says: one that somebody wrote names those of any request.
        const sealed = await t.audit.sealed(row, { actions: BODY_ACTIONS });
        if ((await changedBody(t, { connection, row }, sealed, deps.people.keys)) !== null) continue;
        await t.requests.update(row, { procoreEnd });
        entries.push(endedEntry(row, procoreEnd, deps.now()));
      }
      await t.audit.append(connection.id, entries);
      return entries.length;
    });
  }
  return ended;
}

/** Looks at all open requests: after a start, when nobody knows how long our store was away. */
export async function lookAtOpen(deps: LookDeps, connection: ConnectionParts): Promise<number> {
  const open = await deps.store.read('look.open', (t) => t.requests.open(connection.id));
  return lookAt(deps, connection, open);
}

/**
 * Looks at some of the open requests, those that are next (`domain/request/procore-end.ts` says how many, and how often). `seen`: ids of those
 * that were looked at just now.
 */
export async function lookInTurn(
  deps: LookDeps,
  connection: ConnectionParts,
  seen: ReadonlySet<string>,
): Promise<void> {
  if (connection.procore.details === undefined) return;
  const { open, stored } = await deps.store.read('look.turn', async (t) => {
    const [all, checkpoint] = await Promise.all([
      t.requests.open(connection.id),
      t.checkpoints.get(connection.id, READER),
    ]);
    return { open: all, stored: checkpoint };
  });
  const from = stored?.cursor ?? null;
  const left = open.filter(({ id }) => !seen.has(id));
  const cursor = from === null ? null : (JSON.parse(from) as LookCursor);
  const isAllSeen = open.length > 0 && left.length === 0;
  const look = isAllSeen
    ? { rows: [], cursor: { since: deps.now(), after: null } }
    : nextLook(left, cursor, deps.now());
  if (look === null) return;
  await lookAt(deps, connection, look.rows);
  await deps.store.transaction('look.turned', connection.id, (t) =>
    t.checkpoints.move(connection.id, READER, { from, to: JSON.stringify(look.cursor) }, deps.now()),
  );
}

/** When Procore made a request, as its envelope says: not every request has one. */
const madeAt = (received: unknown): unknown =>
  typeof received === 'object' && received !== null && 'created_at' in received ? received.created_at : null;

/** Whether it was made before our store was; a few minutes are given to clocks that differ. */
const isBefore = (received: unknown, since: string | undefined): boolean => {
  const at = madeAt(received);
  return typeof at === 'string' && since !== undefined && !isFresh([at], since);
};
