import type { KnownRecord, RecordLine } from '../../../../src/domain/kinds/record';
import type { RecordLink } from '../../../../src/domain/kinds/record-link';
import type { Operation } from '../../../../src/domain/plan/operation';
import { linkOf as linkMovedBy } from '../../../../src/domain/plan/operation';
import type { Plan } from '../../../../src/domain/plan/plan';
import type { ReconcileInput } from '../../../../src/domain/plan/reconcile';
import { planReconcile } from '../../../../src/domain/plan/reconcile';
import { planRefresh } from '../../../../src/domain/plan/refresh';
import type { SideLine, SideRecord } from '../../../../src/domain/reconcile/side-record';
import { knownCanonical } from '../../../../src/domain/reconcile/mapping/mapping';
import { columnsFor, known, lineOf, linkOf, recordOf } from '../records';

/** What a page of jobs comes to; the merge of their codes is in `test/unit/domain/reconcile/lines.test.ts`. */
const TYPES = [linkOf('line_item_type', 4, '1|L')];
const HEADER = { code: '2417', name: 'Eastgate', isActive: true };

const codesOf = (job: string): readonly RecordLine[] => [
  lineOf('cost_code', '23', { code: '23', name: 'Ducts', isActive: true }, { erpKey: `1|${job}p` }),
  lineOf('cost_type_assignment', '23/1|L', { costCode: '23', costType: '1|L' }, { erpKey: `1|${job}p/1|L` }),
];
const job = (key: string, lines = codesOf(key)): KnownRecord => known(`1|${key}`, recordOf(HEADER, lines));
const seen = (id: number, lines?: readonly SideLine[]): SideRecord => ({
  kind: 'project',
  side: 'procore',
  key: String(id),
  originId: `project|1|${id === 9 ? 'a' : 'b'}`,
  record: recordOf(HEADER),
  state: 'active',
  changedAt: null,
  ...(lines === undefined ? {} : { lines: { lines } }),
});
const linked = (id: number, key: string): RecordLink =>
  linkOf('project', id, `1|${key}`, { id: `l${id}`, projectId: id, procore: null, erp: null });

const plan = (
  erp: readonly KnownRecord[],
  procore: readonly SideRecord[],
  links: readonly RecordLink[],
  costTypes = TYPES,
  more: Pick<ReconcileInput, 'rebased'> = {},
): Plan =>
  planReconcile({
    ...{ connectionId: 'acme', kind: 'project', erp, procore, from: 'erp', links, costTypes },
    ...{
      adoptable: [],
      apart: new Set(),
      held: new Map(),
      open: new Set(),
      decisions: new Map(),
      listId: null,
    },
    rules: { ownership: {}, columns: columnsFor('project'), procoreTakes: ['name'], skewMs: 0 },
    ...more,
  });
const named = ({ operations }: Plan): readonly string[] =>
  operations.map((one) => `${one.action} ${'resource' in one ? one.resource : ''}`.trim());
const moved = ({ operations }: { readonly operations: readonly Operation[] }): RecordLink => {
  const [link] = operations.flatMap((one) => linkMovedBy(one) ?? []);
  if (link === undefined) throw new Error('the plan moves no link');
  return link;
};

test('jobs of one page have the same numbers, and their rows are told apart', () => {
  const result = plan([job('a'), job('b')], [seen(9, []), seen(10, [])], [linked(9, 'a'), linked(10, 'b')]);
  const each = ['settle', 'sync cost_code', 'sync cost_type_assignment'];
  expect(named(result)).toEqual([...each, ...each]);
  const rows = result.operations.flatMap((one) => ('rows' in one ? one.rows : []));
  const codes = rows.filter(({ originId }) => originId !== undefined).map(({ key }) => key);
  expect(codes).toEqual(['cost_code|1|ap', 'cost_code|1|bp']);
  expect(rows.flatMap(({ costCode }) => costCode?.key ?? [])).toEqual(codes);
  expect(new Set(result.operations.map(({ operationKey }) => operationKey)).size).toBe(6);
});

/** Procore took the code. */
const there: SideLine = {
  ...{ kind: 'cost_code', number: '23', procoreId: 501, originId: 'cost_code|1|ap' },
  fields: { code: '23', name: 'Ducts', isActive: true },
};
const told = (link: RecordLink): RecordLink => {
  const withId = (side: RecordLink['erp']): RecordLink['erp'] =>
    side &&
    recordOf(
      side.fields,
      side.lines.map((line) => (line.kind === 'cost_code' ? { ...line, procoreId: 501 } : line)),
    );
  return { ...link, erp: withId(link.erp), procore: withId(link.procore) };
};

test('after it neither another look nor the refresh of the project has anything to tell', () => {
  const first = plan([job('a')], [seen(9, [])], [linked(9, 'a')]);
  const link = moved(first);
  const after = told(link);
  expect(plan([job('a')], [seen(9, [there])], [after])).toMatchObject({ operations: [], unchanged: 1 });
  const refreshed = planRefresh({
    connectionId: 'acme',
    intent: {
      ...{ way: 'refresh', kind: 'project', originId: 'project|1|a', projectId: 9, subJobId: null },
      ...{ why: 'periodic', label: 'Job 2417' },
    },
    ...{ known: job('a'), link: after, costTypes: TYPES },
  });
  expect(refreshed).toMatchObject({ operations: [], leftOut: [] });
});

test('the other way round, what a refresh told is settled', () => {
  const refreshed = planRefresh({
    connectionId: 'acme',
    intent: {
      ...{ way: 'refresh', kind: 'project', originId: 'project|1|a', projectId: 9, subJobId: null },
      ...{ why: 'imported', label: 'Job 2417' },
    },
    ...{ known: job('a'), link: linked(9, 'a'), costTypes: TYPES },
  });
  expect(named(refreshed)).toEqual(['sync cost_code', 'sync cost_type_assignment']);
  const settled = plan([job('a')], [seen(9, [there])], [told(moved(refreshed))]);
  expect(named(settled)).toEqual(['settle']);
  expect(plan([job('a')], [seen(9, [there])], [moved(settled)])).toMatchObject({ operations: [] });
});

test('codes that were not read in Procore are not compared', () => {
  const result = plan([job('a')], [seen(9)], [linked(9, 'a')]);
  expect(named(result)).toEqual(['settle']);
  expect(moved(result)).toMatchObject({ linesRevision: null, erp: { lines: [] } });
});

test('a project whose codes cannot be read is left out with the reason, and its header goes on', () => {
  const unreadable = { ...seen(9), lines: { problem: 'cost code 7: full_code is missing' } };
  const result = plan([job('a')], [unreadable], [linked(9, 'a')]);
  expect(named(result)).toEqual(['settle']);
  expect(result.leftOut).toMatchObject([
    { recordId: 'project/9', erpKey: '1|a', reason: expect.stringMatching(/full_code is missing/) as string },
  ]);
});

test('what only waits for a cost type is no fault', () => {
  const result = plan([job('a')], [seen(9, [])], [linked(9, 'a')], []);
  expect(named(result)).toEqual(['settle', 'sync cost_code']);
  expect(result.leftOut).toMatchObject([{ erpKey: '1|a', waits: true }]);
  expect(moved(result)).toMatchObject({ linesRevision: null });
});

/** Both sides were compared when codes were told as they are. */
const settledLink = (): RecordLink => told(moved(plan([job('a')], [seen(9, [])], [linked(9, 'a')])));
const MASKED = {
  standard_cost_code: { fields: { code: { pairs: [{ erp: '23', procore: '23-000' }] } }, only: {} },
};

test('codes that are mapped otherwise are compared with nothing that the ERP held before: the owner decides, and nobody moved', () => {
  const link = settledLink();
  const erp = [knownCanonical(MASKED, 'project', job('a'))];
  const mapped = plan(erp, [seen(9, [there])], [link], TYPES, { rebased: ['cost_code'] });
  expect(mapped.conflicts).toBeUndefined();
  expect(mapped.operations.flatMap(({ changes }) => changes)).toMatchObject([
    { label: expect.stringContaining('23-000') as string, old: '23', new: '23-000' },
  ]);
  const renamed = { ...there, number: '23-000', fields: { ...there.fields, code: '23-000' } };
  const equal = plan(erp, [seen(9, [renamed])], [link], TYPES, { rebased: ['cost_code'] });
  expect(named(equal)).toEqual(['settle']);
  expect(plan(erp, [seen(9, [renamed])], [moved(equal)])).toMatchObject({ operations: [] });
});

test('codes of a job outside the filter are looked at once, left alone, and compared when it is carried again', () => {
  const link = settledLink();
  const outside = { ...job('a'), outside: true as const };
  const renamed = { ...there, fields: { ...there.fields, name: 'Ductwork' } };
  const aside = plan([outside], [seen(9, [renamed])], [link]);
  expect(named(aside)).toEqual(['settle']);
  expect(plan([outside], [seen(9, [renamed])], [moved(aside)])).toMatchObject({
    operations: [],
    unchanged: 1,
  });
  const again = plan([job('a')], [seen(9, [renamed])], [moved(aside)]);
  expect(again.operations.flatMap(({ changes }) => changes)).toMatchObject([
    { new: expect.any(String) as string },
  ]);
});
