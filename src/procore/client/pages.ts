import { isTiebackError, TiebackError } from '../../domain/base/errors';
import { errorLine } from './error-body';
import type { Answer, Call, ProcoreHttp } from './http';
import type { JsonObject } from './json';
import { isObject, rowsOf, toId } from './json';
import type { HeaderReader } from './rate-headers';

/** URLs of a `Link` header, by `rel`. */
export type Links = Readonly<Partial<Record<'first' | 'prev' | 'next' | 'last', string>>>;

export interface Page {
  readonly rows: readonly JsonObject[];
  /** Null when the answer had no `Link` header at all. */
  readonly links: Links | null;
  /** Rows asked for, or what the server made of it (`Per-Page`). */
  readonly size: number;
  /** Rows of the whole list (`Total`); null: the server does not say. */
  readonly total: number | null;
}

/** Reads the `Link` header ("Pagination", RFC 8288). */
export function readLinks(header: HeaderReader): Links | null {
  const text = header('link');
  if (text === undefined || text.trim() === '') return null;
  const links: Record<string, string> = {};
  for (const [, url, rel] of text.matchAll(/<([^>]*)>[^,<]*?;\s*rel="?([a-z]+)"?/gi)) {
    if (url !== undefined && rel !== undefined) links[rel.toLowerCase()] = url;
  }
  return links;
}

/** "Error Reference": the page or the filter asks for too much. */
const TOO_MUCH: readonly number[] = [408, 413];

/** One page; `path` may be the URL of a link. `rowsAsked`: more than one row may be too many for Procore, which is the same as for us. */
export async function readPage(http: ProcoreHttp, call: Call, rowsAsked = 1): Promise<Page> {
  const answer = await http.send(rowsAsked > 1 ? { ...call, alsoAccept: TOO_MUCH } : call);
  if (TOO_MUCH.includes(answer.status)) {
    const reason = http.redact(errorLine(answer.body, answer.status));
    throw new TiebackError('PROCORE_ANSWER_TOO_LARGE', { operation: call.operation, reason });
  }
  const rows = rowsOf(answer.body);
  if (rows === null) throw http.invalid(call, 'a list was expected');
  const total = Number.parseInt(answer.header('total') ?? '', 10);
  return {
    rows: rows.filter(isObject),
    links: readLinks(answer.header),
    size: sizeOf(answer, call),
    total: Number.isNaN(total) ? null : total,
  };
}

function sizeOf({ header }: Answer, call: Call): number {
  const told = Number(header('per-page'));
  return told > 0 ? told : Number(call.query?.['per_page'] ?? Number.POSITIVE_INFINITY);
}

/**
 * All pages of a list, in the order of the server. Follows `rel="next"`; without a `Link` header it counts pages until there are
 * as many rows as `Total` says, or one is short or brings nothing new. `first` is the first page, when it was read already. A row whose id was seen before is left out: pages shift when rows
 * are inserted during a scan. Where a page is too large, the list is begun again with pages of half the size.
 */
export async function* eachPage(
  http: ProcoreHttp,
  call: Call,
  first?: Page,
  onPage: (page: Page) => void = () => undefined,
): AsyncGenerator<readonly JsonObject[]> {
  const seenIds = new Set<number>();
  let known = first;
  yield* inSmallerPages(http, call, async function* (size) {
    const from = known;
    known = undefined;
    yield* pagesOfSize(http, call, { size, first: from, seenIds, onPage });
  });
}

/**
 * The same for a list whose missing rows mean something. Throws `PROCORE_LIST_MOVED` after its last page where `Total` was not the same on all
 * pages: a row may have slipped from one page to another unread. `isWhole`: also where fewer rows came than `Total` says. Where a row was added for
 * one that went, `Total` cannot tell: what is missing is asked for once more before anything is concluded from it.
 */
export async function* steadyPages(
  http: ProcoreHttp,
  call: Call,
  isWhole: boolean,
): AsyncGenerator<readonly JsonObject[]> {
  const totals = new Set<number>();
  let rows = 0;
  const onPage = ({ total }: Page): void => {
    if (total !== null) totals.add(total);
  };
  for await (const page of eachPage(http, call, undefined, onPage)) {
    rows += page.filter(({ id }) => toId(id) !== null).length;
    yield page;
  }
  const [total = 0, ...others] = totals;
  const moved = (reason: string): TiebackError =>
    new TiebackError('PROCORE_LIST_MOVED', { operation: call.operation, reason });
  if (others.length > 0) throw moved(`it had ${total} records at first and ${others.at(-1) ?? ''} later`);
  if (isWhole && rows < total) throw moved(`it has ${total} records and showed ${rows}`);
}

/** Scans a list with fewer rows a page, from its beginning, each time that a page is too large. */
export async function* inSmallerPages<T>(
  http: ProcoreHttp,
  call: Call,
  scan: (size: number) => AsyncGenerator<T>,
): AsyncGenerator<T> {
  for (let size = sizeOfPages(http, call); ; size = Math.floor(size / 2)) {
    try {
      yield* scan(size);
      return;
    } catch (error) {
      const isTooLarge = isTiebackError(error) && error.code === 'PROCORE_ANSWER_TOO_LARGE';
      if (!isTooLarge || size <= 1) throw error;
      http.runtime.logger.warn('A page of Procore is too large; the list is asked for in smaller ones', {
        operation: call.operation,
        size: Math.floor(size / 2),
      });
    }
  }
}

interface Scan {
  /** Rows a page. */
  readonly size: number;
  readonly first: Page | undefined;
  /** Of all scans of this list. */
  readonly seenIds: Set<number>;
  readonly onPage: (page: Page) => void;
}

async function* pagesOfSize(
  http: ProcoreHttp,
  call: Call,
  { size, first, seenIds, onPage }: Scan,
): AsyncGenerator<readonly JsonObject[]> {
  const seenUrls = new Set<string>();
  const scanned = new Set<number>();
  let rows = 0;
  let page: Page = first ?? (await readPage(http, ofSize(call, size), size));
  for (let number = 1; ; number += 1) {
    onPage(page);
    rows += page.rows.length;
    const news = unseen(page.rows, scanned);
    const fresh = unseen(news, seenIds);
    if (fresh.length > 0) yield fresh;
    const url = page.links?.next;
    if (url === undefined && (rows === page.total || !uncounted(page, news))) return;
    if (url !== undefined && seenUrls.has(url)) throw http.invalid(call, 'the pages go round in a circle');
    if (url !== undefined) seenUrls.add(url);
    const next = url === undefined ? atNumber(call, size, number + 1) : atUrl(call, url);
    page = await readPage(http, next, size);
  }
}

/** Without links, a full page with something new may have a successor. */
const uncounted = ({ links, rows, size }: Page, fresh: readonly JsonObject[]): boolean =>
  links === null && fresh.length > 0 && rows.length >= size;

/** Rows whose id is new; rows without an id are kept, there is nothing to compare. */
function unseen(rows: readonly JsonObject[], seen: Set<number>): readonly JsonObject[] {
  return rows.filter((row) => {
    const id = toId(row['id']);
    if (id === null) return true;
    if (seen.has(id)) return false;
    seen.add(id);
    return true;
  });
}

/** Rows that a page of v2 has at most ("REST v2"). */
const MOST_IN_V2 = 100;

const sizeOfPages = ({ settings: { pageSize } }: ProcoreHttp, { path, query }: Call): number => {
  const given = Number(query?.['per_page'] ?? pageSize);
  return path.startsWith('/rest/v2') ? Math.min(given, MOST_IN_V2) : given;
};

export const ofSize = (call: Call, size: number): Call => ({
  ...call,
  query: { ...call.query, per_page: size },
});

const atNumber = (call: Call, size: number, page: number): Call => {
  const first = ofSize(call, size);
  return { ...first, query: { ...first.query, page } };
};

/** The query is part of a link. */
export function atUrl(call: Call, url: string): Call {
  const copy: { -readonly [K in keyof Call]: Call[K] } = { ...call, path: url };
  delete copy.query;
  return copy;
}
