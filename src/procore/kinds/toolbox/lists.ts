import { isTiebackError, TiebackError } from '../../../domain/base/errors';
import type { ProcoreId } from '../../../domain/request/intent';
import type { Call, ProcoreHttp, Query } from '../../client/http';
import { fillPath } from '../../client/http';
import type { JsonObject } from '../../client/json';
import { isObject, textOrNull, toId } from '../../client/json';
import type { Page } from '../../client/pages';
import { eachPage, readPage, steadyPages } from '../../client/pages';
import type { OriginHit, ProcoreKind } from '../../port';

/** A row of a list, with its id read. */
export interface Row {
  readonly id: ProcoreId;
  readonly raw: JsonObject;
}

export const rawOf = ({ raw }: Row): JsonObject => raw;

/** One list of Procore: its name (for people), its path and what it is asked for. */
export interface List {
  readonly name: string;
  readonly path: string;
  readonly query?: Query;
}

/** `vendors` is the list of vendors at `/rest/v1.0/vendors`. */
export const listAt = (name: string, query: Query): List => ({ name, path: `/rest/v1.0/${name}`, query });

const callOf = ({ name, path, query }: List, how: 'list' | 'show'): Call => ({
  operation: `${name}.${how}`,
  method: 'GET',
  path,
  ...(query === undefined ? {} : { query }),
});

/** The rows of a list, page by page; those without a usable id are left out. `first`: its first page, where it was read already. */
export async function* pagesOf(http: ProcoreHttp, list: List, first?: Page): AsyncGenerator<readonly Row[]> {
  for await (const page of eachPage(http, callOf(list, 'list'), first)) {
    yield page.flatMap((raw) => rowOf(raw) ?? []);
  }
}

/** All rows of a list. */
export async function rowsOf(http: ProcoreHttp, list: List, first?: Page): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for await (const page of pagesOf(http, list, first)) rows.push(...page);
  return rows;
}

/** In the largest pages that are recommended, which pays where whole lists of short rows are read. */
const inLargePages = (http: ProcoreHttp, { query, ...list }: List): List => ({
  ...list,
  query: { ...query, per_page: http.settings.scanPageSize },
});

/**
 * A list as reconciling reads it. Throws `PROCORE_LIST_MOVED` after its last page where rows may have slipped away between two pages; `isWhole`: or
 * where any are missing.
 */
export async function* steadyPagesOf(
  http: ProcoreHttp,
  list: List,
  isWhole: boolean,
): AsyncGenerator<readonly Row[]> {
  for await (const page of steadyPages(http, callOf(inLargePages(http, list), 'list'), isWhole))
    yield page.flatMap((raw) => rowOf(raw) ?? []);
}

/** All rows of a list whose missing rows mean something. */
export async function steadyRowsOf(http: ProcoreHttp, list: List): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for await (const page of steadyPagesOf(http, list, true)) rows.push(...page);
  return rows;
}

/** Those rows of a list that have these ids; no more pages are read than it takes to find them. */
async function pick(http: ProcoreHttp, list: List, ids: ReadonlySet<ProcoreId>): Promise<readonly Row[]> {
  const found: Row[] = [];
  for await (const page of pagesOf(http, inLargePages(http, list))) {
    // Some servers ignore a filter that they do not know.
    found.push(...page.filter(({ id }) => ids.has(id)));
    if (found.length === ids.size) break;
  }
  return found;
}

/** Ids that one call names: its URL stays short enough for every proxy. */
const IDS_A_CALL = 100;
/** From here on a list costs fewer calls than asking for each. */
const FEW = 3;

/**
 * Those of these records that exist: many by the filter of the list, what it does not show in the list of `others`, and what nobody showed each by
 * itself, so that nothing counts as gone because a filter was not understood.
 */
export async function rowsById(
  http: ProcoreHttp,
  list: List,
  ids: readonly ProcoreId[],
  others?: List,
): Promise<readonly Row[]> {
  const rows = new Map<ProcoreId, Row>();
  const wanted = new Set(ids);
  const missing = (): readonly ProcoreId[] => [...wanted].filter((id) => !rows.has(id));
  const add = (found: readonly Row[]): void => found.forEach((row) => rows.set(row.id, row));
  if (wanted.size > 1) {
    for (let start = 0; start < wanted.size; start += IDS_A_CALL) {
      const some = [...wanted].slice(start, start + IDS_A_CALL);
      const filtered = { ...list, query: { ...list.query, 'filters[id][]': some } };
      add(await pick(http, filtered, new Set(some)));
    }
  }
  if (others !== undefined && missing().length > FEW) add(await pick(http, others, new Set(missing())));
  add(await showAll(http, list, missing()));
  return [...rows.values()];
}

/** One record by its own path; null when it is gone. */
export async function show(http: ProcoreHttp, list: List, id: ProcoreId): Promise<Row | null> {
  // Filters are those of the list.
  const asked = Object.entries(list.query ?? {}).filter(([name]) => !name.startsWith('filters['));
  const one = { ...list, path: `${list.path}/${id}`, query: Object.fromEntries(asked) };
  const call = callOf(one, 'show');
  const { body, status } = await http.send({ ...call, alsoAccept: [404] });
  if (status === 404) return null;
  const row = isObject(body) ? rowOf(body) : null;
  if (row?.id !== id) throw http.invalid(call, `record ${id} was expected`);
  return row;
}

/** Those of these records that exist, one call each. */
export async function showAll(
  http: ProcoreHttp,
  list: List,
  ids: readonly ProcoreId[],
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const id of ids) rows.push(...[await show(http, list, id)].filter((row) => row !== null));
  return rows;
}

const rowOf = (raw: JsonObject): Row | null => {
  const id = toId(raw['id']);
  return id === null ? null : { id, raw };
};

export const textIn = ({ raw }: Row, field: string): string => textOrNull(raw[field])?.trim() ?? '';

/** The `origin_id` of a record, whoever set it. */
export const ownerOf = (row: Row): string | null => textIn(row, 'origin_id') || null;

const DAY_MS = 24 * 60 * 60 * 1000;

/** A range needs both ends ("Filtering on List Actions"); a day ahead covers any difference of clocks. */
export const changedSince = (http: ProcoreHttp, since: string | null): Query =>
  since === null
    ? {}
    : { 'filters[updated_at]': `${since}...${new Date(http.runtime.now() + DAY_MS).toISOString()}` };

/** The same where a list has no filter; a record that does not say when it changed may have. */
export function isChangedSince(row: Row, since: string | null): boolean {
  const at = changedAtOf(row);
  return since === null || at === null || Date.parse(at) >= Date.parse(since);
}

const HAS_ZONE = /(?:Z|[+-]\d{2}:?\d{2})$/i;

/** `updated_at` as ISO 8601 UTC in milliseconds; null: the row does not say. */
export const changedAtOf = ({ raw }: Row): string | null => instantOf(raw['updated_at']);

/** A moment as ISO 8601 UTC in milliseconds; null: it is none. Times of Procore without a zone are UTC ("Working with Dates"). */
export function instantOf(value: unknown): string | null {
  const text = textOrNull(value)?.trim().replace(' ', 'T') ?? '';
  const at = Date.parse(HAS_ZONE.test(text) ? text : `${text}Z`);
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}

/** What a call for something in a project needs; without it the caller is at fault. */
export function needed<T>(operation: string, value: T | null | undefined, words: string): T {
  if (value !== undefined && value !== null) return value;
  throw new TiebackError('PROCORE_REQUEST_INVALID', { operation, reason: `${words} is missing` });
}

/** A list whose rows carry `origin_id`. */
export interface OriginList {
  readonly name: string;
  readonly path?: string;
  readonly itemType: string;
  /** Where it is asked: of a project, unless it says otherwise. */
  readonly scopes?: (http: ProcoreHttp, projectId: ProcoreId | null) => Query | Promise<readonly Query[]>;
  /** Whether the OpenAPI knows `filters[origin_id]` here. */
  readonly filtered?: true;
}

/** From here on one scan of the list costs fewer calls than a filter per record. */
const MANY = 8;

/**
 * Which `origin_id`s Procore knows, by the lists that show them, one after the other until all are found. Throws `PROCORE_REQUEST_INVALID`
 * where a project is needed and not given.
 */
export const findIn =
  (http: ProcoreHttp, ...lists: readonly OriginList[]): NonNullable<ProcoreKind['findByOriginId']> =>
  async (originIds, projectId) => {
    const wanted = new Set(originIds);
    const found = new Map<string, OriginHit>();
    for (const { name, path, itemType, scopes = ofProject(name), filtered } of lists) {
      if (found.size === wanted.size) break;
      const list: List = path === undefined ? listAt(name, {}) : { name, path };
      for (const query of [await scopes(http, projectId)].flat()) {
        const isOneByOne = filtered === true && wanted.size <= MANY;
        const filters = isOneByOne ? [...wanted].map((id) => ({ 'filters[origin_id]': id })) : [{}];
        for (const filter of filters) {
          // Some servers ignore a filter that they do not know.
          for (const row of await rowsOf(http, { ...list, query: { ...query, ...filter } })) {
            const originId = textOrNull(row.raw['origin_id']);
            if (originId === null || !wanted.has(originId)) continue;
            found.set(originId, { originId, procoreId: row.id, itemType });
          }
        }
      }
    }
    return [...found.values()];
  };

const ofProject =
  (name: string) =>
  (_: ProcoreHttp, projectId: ProcoreId | null): Query => ({
    project_id: needed(`${name}.list`, projectId, 'the project'),
  });

export const ofCompany = (http: ProcoreHttp): Query => ({ company_id: http.companyId });

/** Lists of lines by the item type of their record; `{company_id}`, `{project_id}` and `{id}` are filled in. */
export type LineLists = Readonly<Record<string, { readonly path: string; readonly paged: boolean }>>;

/** Lines of a record as Procore lists them; none where no list is documented, or where the record is gone. */
export const linesIn =
  (http: ProcoreHttp, lists: LineLists): NonNullable<ProcoreKind['listLines']> =>
  async (itemType, procoreId, projectId) => {
    const list = Object.hasOwn(lists, itemType) ? lists[itemType] : undefined;
    if (list === undefined) return [];
    const path = fillPath(list.path, { company_id: http.companyId, project_id: projectId, id: procoreId });
    // v2 has the project in its path.
    const query = path.startsWith('/rest/v1') ? { query: { project_id: projectId } } : {};
    const lines = { name: `${itemType}.lines`, path, ...query };
    const call = callOf(lines, 'list');
    try {
      const rows = await rowsOf(http, lines, list.paged ? undefined : await readPage(http, call));
      return rows.map(({ id, raw }) => ({ procoreId: id, originId: textOrNull(raw['origin_id']) }));
    } catch (error) {
      if (isTiebackError(error) && error.code === 'PROCORE_NOT_FOUND') return [];
      throw error;
    }
  };

/** A project that the service account may not enter answers 403 or 404 ("Developer Managed Service Accounts"): it is left out. */
export async function unlessClosed(
  http: ProcoreHttp,
  projectId: ProcoreId,
  look: () => Promise<void>,
): Promise<void> {
  try {
    await look();
  } catch (error) {
    const isClosed =
      isTiebackError(error) && (error.code === 'PROCORE_NOT_FOUND' || error.code === 'PROCORE_FORBIDDEN');
    if (!isClosed) throw error;
    http.runtime.logger.warn('A project is left out: the service account may not read it', {
      projectId,
      reason: error.message,
    });
  }
}
