import type { RequestRef } from '../domain/request/id';
import { parseRequestId, requestWords } from '../domain/request/id';
import type { SyncRequestRow } from '../store/rows';
import type { Store } from '../store/store';
import { DeskRefusal } from './refusal';

/** Which request a person means: what they typed, and the connection where they said it. */
export interface NamedRequest {
  /** `erp/640018`, `open/17`, `640018` (an ERP request), `larkspur/erp/640018`. */
  readonly typed: string;
  readonly connectionId?: string | undefined;
}

const NEAR = 5;
const LOOKED_AT = 200;

/**
 * The one request that is meant. Throws `DeskRefusal`: `REQUEST_NAME` (no name of a request), `REQUEST_UNKNOWN` (with what is near),
 * `REQUEST_AMBIGUOUS` (several connections have it).
 */
export async function findRequest(store: Store, named: NamedRequest): Promise<SyncRequestRow> {
  const parsed = parseRequestId(named.typed);
  if (parsed === null) {
    throw new DeskRefusal(
      'REQUEST_NAME',
      `"${named.typed}" is not the id of a request.`,
      'Ids look like erp/5012 or open/17; a number alone is an ERP request.',
    );
  }
  const connectionId = named.connectionId ?? parsed.connectionId ?? undefined;
  const rows = await store.read('desk.request', (t) => t.requests.byId(parsed.id));
  const found = connectionId === undefined ? rows : rows.filter((row) => row.connectionId === connectionId);
  const [row] = found;
  if (row !== undefined && found.length === 1) return row;
  if (row !== undefined) {
    const ids = found.map((one) => one.connectionId);
    throw new DeskRefusal(
      'REQUEST_AMBIGUOUS',
      `${found.length} connections have an ${requestWords(parsed.id)}: ${ids.join(', ')}.`,
      `Say which one: ${ids.map((id) => `${id}/${parsed.id}`).join(' or ')}.`,
    );
  }
  const of = connectionId === undefined ? '' : ` of connection "${connectionId}"`;
  throw new DeskRefusal(
    'REQUEST_UNKNOWN',
    `There is no ${requestWords(parsed.id)}${of}.`,
    rows.length > 0
      ? `There is one of connection ${rows.map((other) => other.connectionId).join(', ')}.`
      : await nearRequests(store, parsed.id, connectionId),
  );
}

/** Whether other connections have a request of the same id, so that its connection must be said. */
export const isAmbiguous = async (store: Store, { id }: RequestRef): Promise<boolean> =>
  (await store.read('desk.same', (t) => t.requests.byId(id))).length > 1;

async function nearRequests(store: Store, id: string, connectionId: string | undefined): Promise<string> {
  const filter = connectionId === undefined ? {} : { connectionId };
  const rows = await store.read('desk.near', async (t) => [
    ...(await t.requests.list({ ...filter, open: true, take: LOOKED_AT })),
    ...(await t.requests.list({ ...filter, take: LOOKED_AT })),
  ]);
  const near = [...new Map(rows.map((row) => [row.id, row])).values()]
    .sort((a, b) => distance(a.id, id) - distance(b.id, id))
    .slice(0, NEAR)
    .map((row) => `${row.id} (${row.status.replaceAll('_', ' ')})`);
  return near.length === 0 ? 'No request has arrived yet.' : `Near or open: ${near.join(', ')}.`;
}

/** A number with a digit mistyped or missing is nearer than its value says. */
function distance(a: string, b: string): number {
  const sameStart = [...a].findIndex((character, index) => character !== b[index]);
  return Math.abs(numberIn(a) - numberIn(b)) / 10 ** (sameStart < 0 ? a.length : sameStart);
}

const numberIn = (id: string): number => Number(/\d+$/.exec(id)?.[0] ?? 0);
