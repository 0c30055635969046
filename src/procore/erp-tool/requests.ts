import type { ProcoreId } from '../../domain/request/intent';
import type { Call, ProcoreHttp } from '../client/http';
import { fillPath } from '../client/http';
import type { JsonObject } from '../client/json';
import { isObject, toId } from '../client/json';
import type { Links, Page } from '../client/pages';
import { atUrl, eachPage, inSmallerPages, ofSize, readPage } from '../client/pages';
import type { RawErpRequest } from '../port';

/**
 * One ERP request ("ERP Technical Guide": show ERP request; the path is inferred). Any JSON is taken as it comes: what it means, or
 * that it means nothing, is for `readRequest` to say.
 */
export async function showRequest(http: ProcoreHttp, id: ProcoreId): Promise<unknown> {
  const path = fillPath(http.settings.paths['request.show'], { company_id: http.companyId, id });
  const call: Call = { operation: 'request.show', method: 'GET', path };
  const { body } = await http.send(call);
  if (body === undefined) throw http.invalid(call, 'the body is empty');
  // v2 answers have an envelope around everything.
  const enveloped = isObject(body) && !('request_name' in body) && isObject(body['data']);
  return enveloped ? body['data'] : body;
}

/**
 * ERP requests above `afterId`, the oldest first. Where the list is in ascending order, reading starts at its end and goes back only
 * as far as needed; in descending order it stops at `afterId`; in no recognisable order everything is read. Whether a row carries
 * `request_data` is not documented.
 */
export async function* listRequests(
  http: ProcoreHttp,
  afterId: ProcoreId,
): AsyncGenerator<readonly RawErpRequest[]> {
  const path = fillPath(http.settings.paths['request.list'], { company_id: http.companyId });
  const call: Call = { operation: 'request.list', method: 'GET', path };
  yield* inSmallerPages(http, call, (size) => requestsAbove(http, ofSize(call, size), afterId));
}

async function* requestsAbove(
  http: ProcoreHttp,
  call: Call,
  afterId: ProcoreId,
): AsyncGenerator<readonly RawErpRequest[]> {
  const first = await readPage(http, call);
  const shortCut = await newerPages({ http, call, afterId }, first);
  if (shortCut !== null) {
    yield* chunks(
      newerThan(
        afterId,
        shortCut.flatMap(({ rows }) => rows),
      ),
      http.settings.pageSize,
    );
    return;
  }
  if (orderOf(first.rows) === 'ascending') {
    for await (const rows of eachPage(http, call, first))
      yield* chunks(newerThan(afterId, rows), rows.length);
    return;
  }
  const all: JsonObject[] = [];
  for await (const rows of eachPage(http, call, first)) all.push(...rows);
  yield* chunks(newerThan(afterId, all), http.settings.pageSize);
}

/** What is read, and down to which request. */
interface Scan {
  readonly http: ProcoreHttp;
  readonly call: Call;
  readonly afterId: ProcoreId;
}

/** Pages that together hold every request above `afterId`; null when only reading everything can tell. */
async function newerPages(scan: Scan, first: Page): Promise<readonly Page[] | null> {
  if (first.links?.next === undefined && first.rows.length < first.size) return [first];
  switch (orderOf(first.rows)) {
    case 'descending':
      return untilReached(scan, first, 'next');
    case 'ascending':
      return fromTheEnd(scan, first);
    case 'none':
      return null;
  }
}

/** Null when the order or the links do not allow a short cut. */
async function fromTheEnd(scan: Scan, first: Page): Promise<readonly Page[] | null> {
  const lastUrl = first.links?.last;
  if (lastUrl === undefined || reaches(first, scan.afterId, 'beyond')) return null;
  const last = await readPage(scan.http, atUrl(scan.call, lastUrl));
  return untilReached(scan, last, 'prev', lastUrl);
}

/** Follows links in one direction until a page reaches down to `afterId`. Null when a page is not in the expected order. */
async function untilReached(
  { http, call, afterId }: Scan,
  start: Page,
  direction: 'next' | 'prev',
  startUrl = '',
): Promise<readonly Page[] | null> {
  const order = direction === 'next' ? 'descending' : 'ascending';
  const pages = [start];
  const visited = new Set<string>();
  let url: string | null = startUrl;
  for (let page = start; ;) {
    if (page.rows.length > 1 && orderOf(page.rows) !== order) return null;
    if (reaches(page, afterId, 'down to')) return pages;
    url = direction === 'next' ? (page.links?.next ?? null) : previousUrl(page.links, url);
    if (url === null) return direction === 'next' && page.links === null ? null : pages;
    if (visited.has(url)) return null;
    visited.add(url);
    page = await readPage(http, atUrl(call, url));
    pages.push(page);
  }
}

/** The second page has no `prev` link, so the number in our own URL is counted down instead. */
function previousUrl(links: Links | null, current: string): string | null {
  if (links?.prev !== undefined) return links.prev;
  const url = URL.canParse(current) ? new URL(current) : null;
  const number = Number(url?.searchParams.get('page') ?? 1);
  if (url === null || !(number > 1)) return null;
  url.searchParams.set('page', String(number - 1));
  return url.href;
}

function orderOf(rows: readonly JsonObject[]): 'ascending' | 'descending' | 'none' {
  const ids = rows.map((row) => toId(row['id']));
  if (ids.length < 2 || ids.includes(null)) return 'none';
  const steps = ids.slice(1).map((id, index) => Math.sign((id ?? 0) - (ids[index] ?? 0)));
  if (steps.every((step) => step > 0)) return 'ascending';
  return steps.every((step) => step < 0) ? 'descending' : 'none';
}

/** Does a page hold an id at or below the mark (`down to`), or one above it (`beyond`)? */
function reaches({ rows }: Page, mark: number, how: 'down to' | 'beyond'): boolean {
  return rows.some((row) => {
    const id = toId(row['id']);
    return id !== null && (how === 'beyond' ? id > mark : id <= mark);
  });
}

function newerThan(afterId: number, rows: readonly JsonObject[]): readonly RawErpRequest[] {
  const byId = new Map<ProcoreId, RawErpRequest>();
  for (const body of rows) {
    const id = toId(body['id']);
    if (id !== null && id > afterId) byId.set(id, { id, body });
  }
  return [...byId.values()].sort((a, b) => a.id - b.id);
}

function* chunks<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
