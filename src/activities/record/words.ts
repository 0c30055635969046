import type { Kind } from '../../domain/kinds';
import type { CanonicalRecord } from '../../domain/kinds/record';
import { textIn } from '../../domain/kinds/record';
import type { ErpWrite, Operation } from '../../domain/plan/operation';
import { isErpWrite } from '../../domain/plan/operation';
import type { Plan } from '../../domain/plan/plan';
import { aboutPlan } from '../../domain/request/about';
import { withWords } from '../../domain/request/search';
import type { Repositories } from '../../store/repositories';
import type { SyncRequestRow } from '../../store/rows';

/** A page of a sync has thousands; nobody looks for one of them by its request. */
const MOST_RECORDS = 200;

/** What a plan adds to what people tell and search a request by: the ERP's numbers and names of what its records refer to. */
export async function learnFromPlan(t: Repositories, row: SyncRequestRow, plan: Plan): Promise<void> {
  const { connectionId } = row;
  const writes = plan.operations.filter(isErpWrite).slice(0, MOST_RECORDS);
  const planned = aboutPlan(row.about, plan);
  const behind = await behindContract(t, connectionId, writes);
  const about = {
    ...planned,
    project: planned.project ?? behind.project,
    vendor: planned.vendor ?? behind.vendor,
  };
  const headers = writes.flatMap(({ changes }) => changes.filter(({ field }) => !field.includes('[')));
  const words = [
    ...headers.map((change) => change.words),
    ...plan.operations.slice(0, MOST_RECORDS).flatMap(wordsOf),
    about.project,
    about.vendor,
  ];
  const searchText = withWords(row.searchText, words);
  await t.requests.update(row, { about, searchText });
}

/** What an invoice or change order says of its vendor and job, its contract says. */
async function behindContract(
  t: Repositories,
  connectionId: string,
  writes: readonly ErpWrite[],
): Promise<{ readonly project: string | null; readonly vendor: string | null }> {
  const [contract, another] = new Set(writes.map(({ record }) => textIn(record, 'commitment')));
  if (contract === undefined || contract === '' || another !== undefined)
    return { project: null, vendor: null };
  const [link] = await t.links.byErpKeys(connectionId, 'commitment', [contract]);
  const nameOf = async (kind: Kind, field: string): Promise<string | null> => {
    const key = link?.erp ? textIn(link.erp, field) : '';
    const [found] = key === '' ? [] : await t.links.byErpKeys(connectionId, kind, [key]);
    return found?.erp ? numbersIn(found.erp).join(' ') || null : null;
  };
  return { project: await nameOf('project', 'job'), vendor: await nameOf('vendor', 'vendor') };
}

/** What was written adds the keys, numbers and names that the ERP gave. */
export async function learnFromResults(
  t: Repositories,
  row: SyncRequestRow,
  results: readonly { readonly erpKey: string | null; readonly record: CanonicalRecord | null }[],
): Promise<void> {
  const words = results
    .slice(0, MOST_RECORDS)
    .flatMap(({ erpKey, record }) => [erpKey, ...(record === null ? [] : numbersIn(record))]);
  if (words.length === 0) return;
  const { searchText, about } = await t.requests.get(row);
  const grown = withWords(searchText, words);
  // The number that the ERP gave out belongs into the title as well.
  const titled = (about?.title ?? null) === null ? [] : results;
  const [title = '', another] = new Set(
    titled.flatMap(({ record }) => (record ? [numbersIn(record).join(' ')] : [])),
  );
  const isRenamed = about !== null && title !== '' && another === undefined && title !== about.title;
  if (grown === searchText && !isRenamed) return;
  await t.requests.update(row, { searchText: grown, ...(isRenamed ? { about: { ...about, title } } : {}) });
}

const wordsOf = (operation: Operation): readonly (string | null)[] => [
  operation.erpKey,
  ...('record' in operation ? numbersIn(operation.record) : []),
];

const numbersIn = (record: Pick<CanonicalRecord, 'fields'>): readonly string[] =>
  ['code', 'name'].map((field) => textIn(record, field)).filter((word) => word !== '');
