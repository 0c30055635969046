import { setImmediate as turn } from 'node:timers/promises';
import { erpKeyOfOriginId } from '../../domain/base/identity';
import type { Kind } from '../../domain/kinds';
import { isKind, KINDS } from '../../domain/kinds';
import { normaliseName } from '../../domain/kinds/likeness';
import type { ProcoreId } from '../../domain/kinds/record';
import type { LinkState, RecordLink } from '../../domain/kinds/record-link';
import type { SideName, SideRecord } from '../../domain/reconcile/side-record';
import { SIDES } from '../../domain/reconcile/side-record';
import type { RequestStatus } from '../../domain/request/status';
import type { Repositories } from '../../store/repositories';
import type { ScannedLink } from '../../store/repositories/links';
import type { Store } from '../../store/store';
import { cursorOf, placeIn } from '../cursor';
import { codeOf, titleOf } from '../links/list';
import type { Scope } from '../scope';

/** A record that may be meant. */
export interface RecordCandidate {
  readonly connectionId: string;
  readonly kind: Kind;
  /** Names it in the address of its page: the id of its link, else `erp:<key>` or `procore:<id>`. */
  readonly id: string;
  /** `unpaired`: one side has it, and it has no partner. */
  readonly state: LinkState | 'unpaired';
  readonly erpKey: string | null;
  readonly procoreId: ProcoreId | null;
  readonly code: string;
  readonly name: string;
  readonly projectId: ProcoreId | null;
}

/** A request that has the words. */
export interface RequestCandidate {
  readonly connectionId: string;
  readonly id: string;
  readonly title: string | null;
  readonly status: RequestStatus;
  readonly receivedAt: string;
}

export interface FoundRecords {
  /** Those that are named exactly, by a key, an id of Procore or an `origin_id`; with the first page only. */
  readonly exact: readonly RecordCandidate[];
  /** Those that have the words somewhere, a page of them. */
  readonly records: readonly RecordCandidate[];
  /** Newest first; with the first page only. */
  readonly requests: readonly RequestCandidate[];
  readonly after: string | null;
  /** The search went on for so long that it stopped before its page was full: the next page goes on from there. */
  readonly stopped: boolean;
}

export interface RecordQuestion {
  /** Any number, name, `origin_id`, id of Procore or key of the ERP; empty: all. */
  readonly q: string;
  readonly kind?: Kind | undefined;
  readonly after?: string | undefined;
}

const PAGE = 50;
/** Rows that are looked through in one turn, and how many turns a page may take. */
const LOOKED_AT = 1_000;
const MOST_TURNS = 200;

/** Looks for records and requests, in what these scopes hold. */
export async function findRecords(
  store: Store,
  scopes: readonly Scope[],
  { q, kind, after }: RecordQuestion,
): Promise<FoundRecords> {
  const exact = q.trim() === '' ? [] : await namedExactly(store, scopes, q.trim(), kind);
  const search = new Search(store, scopes, {
    words: wordsOf(q),
    kind,
    besides: new Set(exact.map(keyOf)),
  });
  const page = await search.page(after === undefined ? START : placeIn(after, isPlace));
  const isFirst = after === undefined;
  return {
    exact: isFirst ? exact : [],
    requests: isFirst && q.trim() !== '' ? await requestsWith(store, scopes, q, kind) : [],
    ...page,
  };
}

const keyOf = ({ connectionId, kind, id }: Pick<RecordCandidate, 'connectionId' | 'kind' | 'id'>): string =>
  `${connectionId} ${kind} ${id}`;

export const isWithin = (projectId: ProcoreId | null, { projects }: Pick<Scope, 'projects'>): boolean =>
  projects === null || (projectId !== null && projects.includes(projectId));

async function requestsWith(
  store: Store,
  scopes: readonly Scope[],
  search: string,
  kind: Kind | undefined,
): Promise<readonly RequestCandidate[]> {
  const found = await store.read('desk.records.requests', (t) =>
    Promise.all(
      scopes.map(({ connectionId, projects }) => {
        return t.requests.list({
          connectionId,
          search,
          take: PAGE,
          ...(kind === undefined ? {} : { kind }),
          ...(projects === null ? {} : { projects }),
        });
      }),
    ),
  );
  return found
    .flat()
    .sort((one, two) => (one.receivedAt < two.receivedAt ? 1 : -1))
    .slice(0, PAGE)
    .map(({ connectionId, id, about, subject, status, receivedAt }) => ({
      connectionId,
      id,
      title: about?.title ?? subject,
      status,
      receivedAt,
    }));
}

/** Records with this key, id or `origin_id`; indexes lead to them. */
function namedExactly(
  store: Store,
  scopes: readonly Scope[],
  named: string,
  only: Kind | undefined,
): Promise<readonly RecordCandidate[]> {
  return store.read('desk.records.exact', async (t) => {
    const found: RecordCandidate[] = [];
    for (const scope of scopes) {
      const connection = await t.connections.find(scope.connectionId);
      for (const kind of only === undefined ? KINDS : [only])
        found.push(...(await exactly(t, scope, kind, keysIn(named, kind, connection?.erpCompany ?? ''))));
    }
    return found.slice(0, PAGE);
  });
}

interface Keys {
  readonly erpKeys: readonly string[];
  readonly procoreIds: readonly ProcoreId[];
  readonly originIds: readonly string[];
}

/** What somebody may mean: `vendor/98127745`, `vendor|1|10442`, `1|10442`, `10442`. */
function keysIn(typed: string, kind: Kind, erpCompany: string): Keys {
  const [first = '', ...rest] = typed.split('/');
  const named = rest.length > 0 && isKind(first) ? { kind: first, text: rest.join('/') } : null;
  if (named !== null && named.kind !== kind) return { erpKeys: [], procoreIds: [], originIds: [] };
  const text = named?.text ?? typed;
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  const ofOrigin = erpKeyOfOriginId(kind, text);
  return {
    erpKeys: [
      ...(ofOrigin === null ? [] : [ofOrigin]),
      ...(text.includes('|') || erpCompany === '' ? [] : [`${erpCompany}|${text}`]),
    ],
    procoreIds: Number.isSafeInteger(number) ? [number] : [],
    originIds: [text],
  };
}

async function exactly(
  t: Repositories,
  { connectionId, projects }: Scope,
  kind: Kind,
  { erpKeys, procoreIds, originIds }: Keys,
): Promise<readonly RecordCandidate[]> {
  const links = [
    ...(await t.links.byErpKeys(connectionId, kind, erpKeys)),
    ...(await t.links.byProcoreIds(connectionId, kind, procoreIds)),
  ].filter(({ projectId }) => isWithin(projectId ?? null, { projects }));
  const linked = [...new Map(links.map((link) => [link.id, link])).values()];
  const known = linked.map((link) => ofLink(connectionId, link));
  // What has no partner belongs to no project that we know.
  if (projects !== null) return known;
  const [erp, procore, byOrigin] = [
    await t.sideRecords.rows(connectionId, kind, 'erp', erpKeys),
    await t.sideRecords.rows(connectionId, kind, 'procore', procoreIds.map(String)),
    await t.sideRecords.byOrigin(connectionId, kind, originIds),
  ];
  const unpaired = [...erp, ...procore].flatMap(({ why, record, recordKey: key, side }) =>
    why === 'unpaired' && record !== null ? [{ kind, key, side, record }] : [],
  );
  const found = [...unpaired, ...byOrigin].map((one) => ofSide(connectionId, one));
  return [...known, ...new Map(found.map((one) => [one.id, one])).values()];
}

export const ofLink = (connectionId: string, link: RecordLink): RecordCandidate => ({
  connectionId,
  kind: link.kind,
  id: link.id ?? '',
  state: link.state,
  erpKey: link.erpKey,
  procoreId: link.procoreId,
  code: codeOf(link),
  name: titleOf(link),
  projectId: link.projectId ?? null,
});

/** `erp:1|10442`, `procore:98127745`: what a record without a link is named by. */
export const sideId = (side: SideName, key: string): string => `${side}:${key}`;

function ofSide(
  connectionId: string,
  { kind, side, key, record }: Pick<SideRecord, 'kind' | 'side' | 'key' | 'record'>,
): RecordCandidate {
  const both = { erp: record, procore: null };
  return {
    connectionId,
    kind,
    id: sideId(side, key),
    state: 'unpaired',
    erpKey: side === 'erp' ? key : null,
    procoreId: side === 'procore' ? Number(key) : null,
    code: codeOf(both),
    name: titleOf(both),
    projectId: null,
  };
}

/** Where a search goes on: in which connection, among its links or what is unpaired, and after which of them. */
interface Place {
  readonly connection: string | null;
  readonly among: number;
  readonly after: string | null;
}

const START: Place = { connection: null, among: 0, after: null };

const isPlace = (value: unknown): value is Place =>
  typeof value === 'object' &&
  value !== null &&
  'connection' in value &&
  typeof value.connection === 'string' &&
  'among' in value &&
  Number.isSafeInteger(value.among) &&
  'after' in value &&
  (value.after === null || typeof value.after === 'string');

/** Every kind and side that may have records without a partner, in order; 0 stands for the links. */
const UNPAIRED = KINDS.flatMap((kind) => SIDES.map((side) => ({ kind, side })));

interface Wanted {
  readonly words: readonly string[];
  readonly kind: Kind | undefined;
  /** Found already. */
  readonly besides: ReadonlySet<string>;
}

/** Looks through everything in order, in pieces, so that others have their turn. */
class Search {
  constructor(
    private readonly store: Store,
    private readonly scopes: readonly Scope[],
    private readonly wanted: Wanted,
  ) {}

  async page(begin: Place): Promise<Pick<FoundRecords, 'records' | 'after' | 'stopped'>> {
    const records: RecordCandidate[] = [];
    let place: Place | null = this.from(begin);
    for (let turns = 0; place !== null && records.length < PAGE; turns += 1) {
      if (turns === MOST_TURNS) return { records, after: cursorOf(place), stopped: true };
      const step: { readonly found: readonly RecordCandidate[]; readonly next: Place | null } =
        await this.look(place, PAGE - records.length);
      records.push(...step.found);
      place = step.next;
      await turn();
    }
    return { records, after: place === null ? null : cursorOf(place), stopped: false };
  }

  /** Scopes may have changed since the page before. */
  private from(place: Place): Place | null {
    const { connection } = place;
    if (connection === null) return this.begin(0);
    const at = this.scopes.findIndex(({ connectionId }) => connectionId === connection);
    return at < 0 ? this.begin(0) : place;
  }

  private begin(index: number): Place | null {
    const scope = this.scopes[index];
    return scope === undefined ? null : { connection: scope.connectionId, among: 0, after: null };
  }

  private look(
    place: Place,
    most: number,
  ): Promise<{ readonly found: readonly RecordCandidate[]; readonly next: Place | null }> {
    const index = this.scopes.findIndex(({ connectionId }) => connectionId === place.connection);
    const scope = this.scopes[index];
    if (scope === undefined) return Promise.resolve({ found: [], next: null });
    return place.among === 0
      ? this.links(scope, place, most, index)
      : this.unpaired(scope, place, most, index);
  }

  private async links(scope: Scope, place: Place, most: number, index: number) {
    const { connectionId, projects } = scope;
    const { kind } = this.wanted;
    return this.store.read('desk.records.links', async (t) => {
      const rows = await t.links.scan(connectionId, { after: place.after, kind, projects }, LOOKED_AT);
      const { hits, last } = this.some(rows, most, (row) => this.hasWords(row, connectionId));
      const links = await t.links.byIds(
        connectionId,
        hits.map(({ id }) => id),
      );
      const byId = new Map(links.map((link) => [link.id, link]));
      const found = hits.flatMap(({ id }) => {
        const link = byId.get(id);
        return link === undefined ? [] : [ofLink(connectionId, link)];
      });
      const isOver = last === null && rows.length < LOOKED_AT;
      const after = last ?? rows.at(-1)?.id ?? null;
      // What has no partner belongs to no project that we know.
      const then = projects === null ? { ...place, among: 1, after: null } : this.begin(index + 1);
      return { found, next: isOver ? then : { ...place, after } };
    });
  }

  private async unpaired(scope: Scope, place: Place, most: number, index: number) {
    const { connectionId } = scope;
    const among = UNPAIRED[place.among - 1];
    if (among === undefined) return { found: [], next: this.begin(index + 1) };
    const then = { ...place, among: place.among + 1, after: null };
    if (this.wanted.kind !== undefined && this.wanted.kind !== among.kind) return { found: [], next: then };
    const rows = await this.store.read('desk.records.unpaired', (t) =>
      t.sideRecords.unpairedAfter(connectionId, { ...among, after: place.after ?? '' }, LOOKED_AT),
    );
    const all = rows.map((row) => ({ ...ofSide(connectionId, row), key: row.key }));
    const { hits, last } = this.some(all, most, (one) => this.matches(one, [one.key, one.code, one.name]));
    const isOver = last === null && rows.length < LOOKED_AT;
    const after = (last === null ? all.at(-1) : hits.at(-1))?.key ?? null;
    return { found: hits, next: isOver ? then : { ...place, after } };
  }

  /** The first of them that match; `last`: the id after which the others were not looked at, null: all were. */
  private some<T extends { readonly id: string }>(
    rows: readonly T[],
    most: number,
    matches: (row: T) => boolean,
  ): { readonly hits: readonly T[]; readonly last: string | null } {
    const hits: T[] = [];
    for (const row of rows) {
      if (!matches(row)) continue;
      hits.push(row);
      if (hits.length === most) return { hits, last: row.id };
    }
    return { hits, last: null };
  }

  private hasWords(row: ScannedLink, connectionId: string): boolean {
    const { id, kind, erpKey, procoreId, nameKey } = row;
    return this.matches({ connectionId, kind, id }, [erpKey, String(procoreId ?? ''), nameKey ?? '']);
  }

  private matches(one: Parameters<typeof keyOf>[0], texts: readonly string[]): boolean {
    if (this.wanted.besides.has(keyOf(one))) return false;
    const text = texts.join('\n').toLowerCase();
    return this.wanted.words.every(
      (word) => text.includes(word) || text.includes(normaliseName(word).replaceAll(' ', '') || word),
    );
  }
}

const wordsOf = (q: string): readonly string[] => q.toLowerCase().split(/\s+/).filter(Boolean);
