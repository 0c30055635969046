import type { Census, OriginKind, OriginRecord } from '../domain/kinds/census';
import { countOrigins, foreignWords, isClean } from '../domain/kinds/census';
import { TiebackError } from '../domain/base/errors';
import { erpKeyOfOriginId } from '../domain/base/identity';
import type { StepStore } from './store-steps';
import type { Interruption, RequestRef } from '../domain/request/flow';
import type { Repositories } from '../store/repositories';
import type { ActivityDeps, ConnectionParts } from './deps';
import { connectionOf } from './deps';
import { settle } from './step';

/** A refused census is not taken again before this time: many parked requests come back at once. */
const FRESH_MS = 60_000;

/** Runs on the Procore queue. */
export const censusActivities = (deps: ActivityDeps) => ({
  /** Counts whose origin_ids stand in Procore, where that was not done yet, before an export writes anything anywhere. */
  async countOrigins({ connectionId }: RequestRef): Promise<{ readonly kind: 'own' } | Interruption> {
    return settle(async () => {
      await assertOwnOrigins(deps, connectionOf(deps, connectionId));
      return { kind: 'own' as const };
    });
  },
});

/** Whether a census allows us to write: nothing is written on either side before. */
export async function mayWrite(
  t: Repositories,
  { id, acceptForeignOrigins }: Pick<ConnectionParts, 'id' | 'acceptForeignOrigins'>,
): Promise<boolean> {
  if (acceptForeignOrigins) return true;
  const census = (await t.connections.find(id))?.census ?? null;
  return census !== null && isClean(census);
}

/**
 * Called before anything is written to records of Procore: throws `FOREIGN_ORIGINS` when another integration owns records there. The
 * counting is remembered; after a clean one it is never repeated.
 */
export async function assertOwnOrigins(deps: ActivityDeps, connection: ConnectionParts): Promise<void> {
  if (connection.acceptForeignOrigins) return;
  const known = await deps.store.read('census', (t) => t.connections.find(connection.id));
  const before = known?.census ?? null;
  const isFresh = before !== null && Date.parse(deps.now()) - Date.parse(before.takenAt) < FRESH_MS;
  const census = before !== null && (isClean(before) || isFresh) ? before : await once(deps, connection);
  if (!isClean(census)) throw new TiebackError('FOREIGN_ORIGINS', { found: foreignWords(census) });
}

/**
 * Countings in hand. One takes long in a big company: a step that is cut off meanwhile is tried again, and waits for the same one.
 */
const inHand = new WeakMap<ConnectionParts, Promise<Census>>();

function once(deps: ActivityDeps, connection: ConnectionParts): Promise<Census> {
  const running = inHand.get(connection);
  if (running !== undefined) return running;
  const taken = takeCensus(deps.store, connection, deps.now()).finally(() => inHand.delete(connection));
  inHand.set(connection, taken);
  return taken;
}

/** Counts who owns the `origin_id`s of a company in Procore, and remembers it with the connection. */
export async function takeCensus(
  store: StepStore,
  connection: ConnectionParts,
  now: string,
): Promise<Census> {
  const records = new Map<OriginKind, OriginRecord[]>();
  for await (const page of connection.procore.listOrigins()) {
    records.set(page.kind, [...(records.get(page.kind) ?? []), ...page.records]);
  }
  const linked = await linkedKeys(store, connection.id);
  const counts = [];
  for (const [kind, found] of records) {
    const keys = new Map<string, string>();
    for (const { originId } of found) {
      const key = originId === null ? null : erpKeyOfOriginId(kind, originId);
      if (originId !== null && key !== null) keys.set(originId, key);
    }
    const asked = [...new Set(keys.values())].filter((key) => !linked.has(`${kind}:${key}`));
    const inErp = await keysInErp(connection, kind, asked);
    counts.push(
      countOrigins(kind, found, (originId) => {
        const key = keys.get(originId);
        return key !== undefined && (linked.has(`${kind}:${key}`) || inErp.has(key));
      }),
    );
  }
  const census: Census = { takenAt: now, counts };
  await store.transaction('census.taken', connection.id, (t) =>
    t.connections.keepCensus(connection.id, census),
  );
  return census;
}

/** `<kind>:<erp key>` of everything our links know, lines included. */
async function linkedKeys(store: StepStore, connectionId: string): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  for (const { kind, erpKey, erp } of await store.read('census.links', (t) => t.links.all(connectionId))) {
    keys.add(`${kind}:${erpKey}`);
    for (const line of erp?.lines ?? []) if (line.erpKey !== null) keys.add(`${line.kind}:${line.erpKey}`);
  }
  return keys;
}

const CHUNK = 500;

/** Which of these keys the ERP knows; none, where the adapter does not keep such records. */
async function keysInErp(
  { erp }: ConnectionParts,
  kind: OriginKind,
  keys: readonly string[],
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (let start = 0; start < keys.length; start += CHUNK) {
    const chunk = keys.slice(start, start + CHUNK);
    const states = await erp.lookUp(chunk.map((key) => ({ target: kind, key })));
    for (const { key, state } of states) if (state !== 'absent') found.add(key);
  }
  return found;
}
