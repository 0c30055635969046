import type { ProcoreId } from '../../domain/kinds/record';
import type { Call, ProcoreHttp, Query } from '../client/http';
import type { JsonObject } from '../client/json';
import { isObject } from '../client/json';
import { eachPage, steadyPages } from '../client/pages';
import { entryReader } from './entry-reader';
import type { Dates, EntryPage, ProcorePayroll } from './port';

const DAY_MS = 24 * 60 * 60 * 1000;

/** "Filtering on List Actions" does not say whether the ends are included, and a row may appear a moment after the time that it carries. */
const OVERLAP_MS = 5 * 60 * 1000;

/** Ids that one call names: its URL stays short enough for every proxy. */
const IDS_A_CALL = 100;

/** Wherever entries are asked for by their ids: without dates a list of timecards may show today only ("Daily Logs"). */
const EVER: Dates = { begin: '1990-01-01', end: '2099-12-31' };

const listCall = (http: ProcoreHttp, query: Query): Call => ({
  operation: 'timecard_entries.list',
  method: 'GET',
  path: `/rest/v1.0/companies/${http.companyId}/timecard_entries`,
  // Whoever is at work now is shown too: what that means is the caller's to say.
  query: { ...query, 'filters[include_in_progress]': 'true', per_page: http.settings.scanPageSize },
});

const between = ({ begin, end }: Dates): Query => ({ start_date: begin, end_date: end });

const second = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');

/** A range needs both ends; a day ahead covers any difference of clocks. */
const from = (http: ProcoreHttp, at: number): string =>
  `${second(at)}...${second(http.runtime.now() + DAY_MS)}`;

/** Entries by their dates of work (OpenAPI, "List timecard entries (Company)"). */
export const entriesOf = (http: ProcoreHttp): ProcorePayroll['entries'] =>
  async function* (dates, { people } = {}) {
    const everybody: readonly Query[] = [{}];
    const chosen = people && chunks(people, IDS_A_CALL).map((some) => ({ 'filters[party_id][]': some }));
    const read = entryReader();
    for (const filter of chosen ?? everybody) {
      const call = listCall(http, { ...between(dates), ...filter });
      for await (const rows of steadyPages(http, call, true)) yield read(rows);
    }
  };

/** Entries that changed, and entries that were deleted: a deleted one shows by no other filter ("Deleted rows"). */
export const changedEntriesOf = (http: ProcoreHttp): ProcorePayroll['changedEntries'] =>
  async function* (since, dates) {
    const range = from(http, Date.parse(since) - OVERLAP_MS);
    const changed = listCall(http, { ...between(dates), 'filters[updated_at]': range });
    const readChanged = entryReader();
    for await (const rows of steadyPages(http, changed, false)) yield readChanged(rows);
    const deleted = listCall(http, { ...between(dates), 'filters[deleted_at]': range });
    const readDeleted = entryReader();
    for await (const rows of steadyPages(http, deleted, false)) yield readDeleted(rows.filter(isDeleted));
  };

/** Some servers ignore a filter that they do not know: an entry that says that it is there was not asked for. */
const isDeleted = (row: JsonObject): boolean => row['deleted_at'] !== null;

/** Entries by their ids, deleted ones too; what neither list shows is asked for by itself. */
export const entriesByIdOf =
  (http: ProcoreHttp): ProcorePayroll['entriesById'] =>
  async (ids) => {
    const pages: EntryPage[] = [];
    const missing = new Set(ids);
    const add = (page: EntryPage): void => {
      const entries = page.entries.filter(({ id }) => missing.delete(id));
      const unreadable = page.unreadable.filter(({ id }) => id !== null && missing.delete(id));
      pages.push({ entries, unreadable });
    };
    const deletedAt = from(http, Date.parse(EVER.begin));
    for (const filter of [{}, { 'filters[deleted_at]': deletedAt }]) {
      for (const some of chunks([...missing], IDS_A_CALL)) {
        const call = listCall(http, { ...between(EVER), ...filter, 'filters[id][]': some });
        for await (const rows of eachPage(http, call)) add(entryReader()(rows));
      }
    }
    for (const id of [...missing]) add(await show(http, id));
    return {
      entries: pages.flatMap(({ entries }) => entries),
      unreadable: pages.flatMap(({ unreadable }) => unreadable),
    };
  };

async function show(http: ProcoreHttp, id: ProcoreId): Promise<EntryPage> {
  const call: Call = {
    operation: 'timecard_entries.show',
    method: 'GET',
    path: `/rest/v1.0/companies/${http.companyId}/timecard_entries/${id}`,
    alsoAccept: [404],
  };
  const { status, body } = await http.send(call);
  if (status === 404) return { entries: [], unreadable: [] };
  if (!isObject(body)) throw http.invalid(call, `timecard entry ${id} was expected`);
  return entryReader()([body]);
}

/** The same in lists of at most so many. */
export function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
