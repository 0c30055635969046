import { shorten } from '../domain/base/text';
import type { Place, Visitor } from '../domain/people/access';
import { mayLook } from '../domain/people/access';
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

/** Whether somebody who asks may know of a request. */
type Seen = (request: SyncRequestRow) => boolean;

const NEAR = 5;
const LOOKED_AT = 200;

/** What was found by words: one request, or several to choose from. */
export type Found =
  | { readonly kind: 'one'; readonly request: SyncRequestRow }
  /** Newest first; `more`: there are others. */
  | { readonly kind: 'several'; readonly requests: readonly SyncRequestRow[]; readonly more: boolean };

const CANDIDATES = 10;

/**
 * The request that is meant by an id, or by any words of it: a document's number, a vendor's name, an ERP number, an `origin_id`. Ids go first.
 * Throws `DeskRefusal` as `findRequest`, and `NOTHING_FOUND`.
 */
export async function searchRequest(store: Store, named: NamedRequest): Promise<Found> {
  const { typed, connectionId } = named;
  const parsed = parseRequestId(typed);
  if (parsed !== null) {
    const known = await store.read('desk.request', (t) => t.requests.byId(parsed.id));
    if (known.length > 0) return { kind: 'one', request: await findRequest(store, named) };
  }
  const found = await matching(store, typed, connectionId);
  const [only, second] = found;
  if (only !== undefined && second === undefined) return { kind: 'one', request: only };
  if (second !== undefined)
    return { kind: 'several', requests: found.slice(0, CANDIDATES), more: found.length > CANDIDATES };
  if (parsed !== null) return { kind: 'one', request: await findRequest(store, named) };
  throw new DeskRefusal(
    'NOTHING_FOUND',
    `No request has "${typed}" in its titles, numbers, names or ids${ofConnection(connectionId)}.`,
    "Try fewer or shorter words: the number of the document, a part of the vendor's name, a number of the ERP.",
  );
}

const matching = (
  store: Store,
  search: string,
  connectionId: string | undefined,
): Promise<readonly SyncRequestRow[]> =>
  store.read('desk.search', (t) =>
    t.requests.list({
      search,
      take: CANDIDATES + 1,
      ...(connectionId === undefined ? {} : { connectionId }),
    }),
  );

const ofConnection = (connectionId: string | undefined): string =>
  connectionId === undefined ? '' : ` of connection "${connectionId}"`;

/**
 * The one request that is meant by its id: what is decided is never found by chance. Throws `DeskRefusal`: `REQUEST_NAME` (no name of a request),
 * `REQUEST_UNKNOWN` (both with what may be meant), `REQUEST_AMBIGUOUS` (several connections have it).
 */
export async function findRequest(
  store: Store,
  named: NamedRequest,
  isSeen: Seen = () => true,
): Promise<SyncRequestRow> {
  const parsed = parseRequestId(named.typed);
  if (parsed === null) {
    const meant = await candidates(store, named, isSeen);
    throw new DeskRefusal(
      'REQUEST_NAME',
      `"${named.typed}" is not the id of a request.`,
      meant ?? 'Ids look like erp/5012 or open/17; a number alone is an ERP request.',
    );
  }
  const connectionId = named.connectionId ?? parsed.connectionId ?? undefined;
  if (parsed.connectionId !== null && parsed.connectionId !== connectionId) {
    throw new DeskRefusal(
      'REQUEST_NAME',
      `"${named.typed}" is not a request of connection "${connectionId ?? ''}".`,
      'Name the connection once: in the id, or beside it.',
    );
  }
  const rows = (await store.read('desk.request', (t) => t.requests.byId(parsed.id))).filter(isSeen);
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
  throw new DeskRefusal(
    'REQUEST_UNKNOWN',
    `There is no ${requestWords(parsed.id)}${ofConnection(connectionId)}.`,
    rows.length > 0
      ? `There is one of connection ${rows.map((other) => other.connectionId).join(', ')}.`
      : ((await candidates(store, named, isSeen)) ??
          (await nearRequests(store, parsed.id, connectionId, isSeen))),
  );
}

/** The same for somebody of the Desk: what they may not see is neither found nor hinted at. */
export const findRequestFor = (
  store: Store,
  { grants }: Pick<Visitor, 'grants'>,
  named: NamedRequest,
): Promise<SyncRequestRow> =>
  findRequest(store, named, (request) => mayLook(grants, placeOfRequest(request)));

/** Where a request is, for those who want to look at it. */
export const placeOfRequest = ({
  connectionId,
  about,
}: Pick<SyncRequestRow, 'connectionId' | 'about'>): Place => ({
  connectionId,
  projectId: about?.place?.projectId ?? null,
});

/** Requests that have these words somewhere, in one sentence; null: none has. */
async function candidates(
  store: Store,
  { typed, connectionId }: NamedRequest,
  isSeen: Seen,
): Promise<string | null> {
  const found = (await matching(store, typed, connectionId)).filter(isSeen);
  if (found.length === 0) return null;
  const words = found
    .slice(0, NEAR)
    .map(({ id, subject, status }) => `${id} ${shorten(subject ?? '', 50)} (${statusOf(status)})`);
  return `It occurs in: ${words.join(', ')}${found.length > NEAR ? ', ...' : ''}. Say which one by its id.`;
}

const statusOf = (status: string): string => status.replaceAll('_', ' ');

/** Whether other connections have a request of the same id, so that its connection must be said. */
export const isAmbiguous = async (store: Store, { id }: RequestRef): Promise<boolean> =>
  (await store.read('desk.same', (t) => t.requests.byId(id))).length > 1;

async function nearRequests(
  store: Store,
  id: string,
  connectionId: string | undefined,
  isSeen: Seen,
): Promise<string> {
  const filter = connectionId === undefined ? {} : { connectionId };
  const rows = await store.read('desk.near', async (t) => [
    ...(await t.requests.list({ ...filter, open: true, take: LOOKED_AT })),
    ...(await t.requests.list({ ...filter, take: LOOKED_AT })),
  ]);
  const near = [...new Map(rows.filter(isSeen).map((row) => [row.id, row])).values()]
    .sort((a, b) => distance(a.id, id) - distance(b.id, id))
    .slice(0, NEAR)
    .map((row) => `${row.id} (${statusOf(row.status)})`);
  return near.length === 0 ? 'No request has arrived yet.' : `Near or open: ${near.join(', ')}.`;
}

/** A number with a digit mistyped or missing is nearer than its value says. */
function distance(a: string, b: string): number {
  const sameStart = [...a].findIndex((character, index) => character !== b[index]);
  return Math.abs(numberIn(a) - numberIn(b)) / 10 ** (sameStart < 0 ? a.length : sameStart);
}

const numberIn = (id: string): number => Number(/\d+$/.exec(id)?.[0] ?? 0);
