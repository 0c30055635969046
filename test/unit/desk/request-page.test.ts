/** The page of a request: what its plan costs the job beside what the ERP told of its budget, and what it depends on. */
import fc from 'fast-check';
import Big from 'big.js';
import { recordIdOf } from '../../../src/domain/base/identity';
import type { Fields, RecordLine } from '../../../src/domain/kinds/record';
import type { Visitor } from '../../../src/domain/people/access';
import type { ErpWrite } from '../../../src/domain/plan/operation';
import { plannedCosts } from '../../../src/domain/plan/job-costs';
import { NO_FACTS, sealPlan } from '../../../src/domain/plan/plan';
import type { RecordDraft } from '../../../src/domain/request/intent';
import { readRequestPage } from '../../../src/desk/request-page';
import { newRequest } from '../../../src/store/new-request';
import type { SyncRequestRow } from '../../../src/store/rows';
import type { Store } from '../../../src/store/store';
import { grant, NOW, POLICY, requestOf, storeWith, visitorWith } from '../../support/listed-requests';
import { commitment, lineOf, linkOf, recordOf, ref } from '../domain/records';

const READ = '2026-11-26T18:00:00.000Z';
const PROJECT = 9;
const JOB = '1|1024';
const MARIA = visitorWith('maria', grant('approver'));
let store: Store;
const opened: Store[] = [];
afterAll(() => Promise.all(opened.map((one) => one.close())));

const code = (number: string, name: string, id: number): RecordLine =>
  lineOf('cost_code', number, { code: number, name, isActive: true }, { erpKey: `1|${id}`, procoreId: id });
const costs = (number: string, figures: Fields): RecordLine =>
  lineOf('job_cost', `${number}/1|4`, { costCode: number, costType: '1|4', ...figures });
const CODES = [code('23-050', 'HVAC systems', 101), code('26-050', 'Electrical', 102)];
const header = { code: '1024', name: 'Eastgate Parking' };
const told = (budget: string): readonly RecordLine[] => [
  ...CODES,
  costs('23-050', {
    originalBudget: '900.00',
    revisedBudget: budget,
    committedCosts: '600.10',
    approvedCommitmentChanges: '50.20',
    commitmentInvoiced: '200.00',
    jobToDateCosts: '230.05',
  }),
];

/** A subcontract of two lines, as its plan would write it. */
const write = (more: Partial<ErpWrite> = {}): ErpWrite => ({
  ...{ seq: 1, side: 'erp', action: 'create', kind: 'commitment', recordId: 'commitment/71' },
  ...{ target: 'Commitment SC-008', erpKey: null, procoreId: 71, generation: 1, targetRevision: 'r1' },
  ...{ operationKey: 'acme:commitment/71:1:r1', changes: [] },
  record: recordOf({ code: 'SC-008', job: JOB, vendor: '1|10442', amount: '150.00' }, [
    lineOf('commitment_line', '1', { costCode: '1|101', costType: '1|4', amount: '100.00' }),
    lineOf('commitment_line', '2', { costCode: '1|102', costType: '1|4', amount: '50.00' }),
  ]),
  ...more,
});

const REFS = {
  job: ref('project', PROJECT, null, 'job Eastgate Parking'),
  vendor: ref('vendor', 8, null, 'vendor Cobalt'),
};
const draft = (more: Partial<RecordDraft> = {}): RecordDraft => {
  const { lines, ...rest } = commitment({ refs: REFS });
  const own = lines.map((line, index) => ({
    ...line,
    refs: { costCode: ref('cost_code', 101 + index, null, `cost code ${index}`), costType: null },
  }));
  return { ...rest, lines: own, ...more };
};

interface Given {
  readonly operations?: readonly ErpWrite[];
  readonly request?: Partial<SyncRequestRow>;
  readonly drafts?: readonly RecordDraft[];
  readonly vendor?: 'linked' | 'none';
  /** What the link of the job holds. */
  readonly shadow?: readonly RecordLine[];
  /** What a refresh read. */
  readonly refreshed?: readonly RecordLine[];
  readonly more?: readonly SyncRequestRow[];
  readonly waits?: readonly string[];
  readonly plan?: boolean;
}

const placed = (projectId: number | null) => ({
  about: { place: { itemType: 'project', id: projectId ?? 1, projectId } },
});

/** The request `erp/5`, with what surrounds it. */
async function stored(given: Given = {}): Promise<SyncRequestRow> {
  const { operations = [write()], drafts = [draft()], vendor = 'linked', shadow = CODES, more = [] } = given;
  const request = requestOf(5, {
    ...{ kind: operations[0]?.kind ?? 'commitment', way: 'export', recordId: 'commitment/71' },
    ...{ status: 'waiting_for_finance', ...placed(PROJECT) },
    ...(given.request ?? {}),
  } as never);
  const refresh = {
    ...newRequest('acme', 'erp', 3, READ),
    way: 'refresh',
    recordId: 'project/9',
    status: 'applied',
    closedAt: READ,
  } as const;
  store = await storeWith(['acme'], [request, refresh, ...more]);
  opened.push(store);
  await store.transaction('seed', 'acme', async (t) => {
    await t.links.advance(
      'acme',
      [
        linkOf('project', PROJECT, JOB, { erp: recordOf(header, shadow), projectId: PROJECT }),
        linkOf('line_item_type', 44, '1|4', { erp: recordOf({ code: 'S', name: 'Subcontracts' }) }),
        ...(vendor === 'linked'
          ? [linkOf('vendor', 8, '1|10442', { erp: recordOf({ code: '10442', name: 'Cobalt Mechanical' }) })]
          : []),
      ],
      READ,
    );
    if (given.refreshed !== undefined)
      await t.plans.putSnapshot({
        ...{ connectionId: 'acme', requestId: 'erp/3', page: 0, whole: true, readAt: READ },
        body: {
          way: 'refresh',
          known: { key: JOB, state: 'active', record: recordOf(header, given.refreshed) },
        },
      });
    await t.requests.keepBody({
      ...{ connectionId: 'acme', requestId: 'erp/5', readerVersion: '1' },
      body: { received: {}, answers: {}, changes: [] },
      reading: {
        ...{ eventName: 'create_work_order_contract', subject: 'SC-008', questions: [] },
        intent: { way: 'export', detailIds: [], records: drafts },
      },
    });
    await t.waits.begin(
      request,
      (given.waits ?? []).map((recordId) => ({ recordId, reason: 'It is not there yet.', hint: null })),
      NOW,
    );
    if (given.plan === false) return;
    const plan = sealPlan({
      ...{ subject: 'SC-008', operations, warnings: [], notes: [], leftOut: [], unchanged: 0 },
      facts: { ...NO_FACTS, kinds: ['commitment'] },
    });
    const { seal } = await t.plans.add({ ...request, page: 0 }, plan, NOW);
    await t.audit.append('acme', [
      {
        ...{ at: NOW, actor: 'tieback', action: 'plan.built', subject: 'erp/5', requestId: 'erp/5' },
        ...{ planHash: plan.hash, workflowId: null, detail: { seal, page: 0 } },
      },
    ]);
  });
  return request;
}

const pageFor = (visitor: Visitor = MARIA) =>
  readRequestPage(
    {
      store,
      places: { temporal: { webUi: null, namespace: 'default' }, connections: [], apps: [] },
      policyOf: () => Promise.resolve(POLICY),
      now: () => NOW,
    },
    visitor,
    { connectionId: 'acme', id: 'erp/5' },
    null,
  );

describe('budget and commitments', () => {
  test('are those that the newest refresh of the job read, to the cent, and what the plan leaves of them', async () => {
    await stored({ shadow: told('1.00'), refreshed: told('1000.00') });
    const { budgets } = await pageFor();
    expect(budgets).toEqual([
      {
        job: JOB,
        jobName: '1024 Eastgate Parking',
        told: { by: 'refresh', at: READ, requestId: 'erp/3' },
        billed: false,
        rows: [
          {
            ...{ costCode: '23-050', costCodeName: 'HVAC systems', costType: '1|4' },
            costTypeName: 'S Subcontracts',
            ...{ budget: '1000.00', committed: '650.3', otherCosts: '30.05', plan: '100' },
            left: '219.65',
          },
          // The ERP tells nothing of this one: nothing is made up.
          {
            ...{ costCode: '26-050', costCodeName: 'Electrical', costType: '1|4' },
            costTypeName: 'S Subcontracts',
            ...{ budget: null, committed: null, otherCosts: null, plan: '50', left: null },
          },
        ],
        total: { budget: null, committed: null, otherCosts: null, plan: '150', left: null },
      },
    ]);
  });

  test('are those of the link where no refresh read any, and nothing where nobody told any', async () => {
    await stored({ shadow: told('1000.00') });
    const [budget] = (await pageFor()).budgets;
    expect(budget?.told).toEqual({ by: 'link', at: READ, requestId: null });
    expect(budget?.rows[0]?.left).toBe('219.65');
    await stored();
    const [none] = (await pageFor()).budgets;
    expect(none).toMatchObject({ told: null, rows: [{ costCode: '23-050', budget: null, left: null }, {}] });
  });

  test('a code of a sub job is a cost of the sub job, with its own figures', async () => {
    await stored({ shadow: told('1000.00').slice(0, 1) });
    await store.transaction('sub job', 'acme', (t) =>
      t.links.advance(
        'acme',
        [
          linkOf('sub_job', 31, '1|1024-A', {
            projectId: PROJECT,
            erp: recordOf({ code: '1024-A', name: 'Annex' }, [
              code('26-050', 'Electrical', 102),
              costs('26-050', { revisedBudget: '80.00', committedCosts: '10.00' }),
            ]),
          }),
        ],
        READ,
      ),
    );
    const { budgets } = await pageFor();
    expect(budgets.map(({ jobName, told: by }) => [jobName, by?.by])).toEqual([
      ['1024 Eastgate Parking', undefined],
      ['1024-A Annex', 'link'],
    ]);
    expect(budgets[1]?.rows).toMatchObject([
      { costCode: '26-050', budget: '80.00', committed: '10.00', otherCosts: null, plan: '50', left: '20' },
    ]);
  });

  test('an invoice takes nothing more of a budget than its commitment did', async () => {
    const invoice = write({
      ...{ kind: 'requisition', recordId: 'requisition/5' },
      record: recordOf({ job: JOB, commitment: '1|77', amount: '40' }, [
        lineOf('invoice_line', '1', { costCode: '1|101', costType: '1|4', amount: '40' }),
      ]),
    });
    await stored({ operations: [invoice], shadow: told('1000.00') });
    expect((await pageFor()).budgets).toMatchObject([
      { billed: true, rows: [{ plan: '40', committed: '650.3', left: '319.65' }] },
    ]);
  });

  test('nobody sees the figures of a project that is not theirs, and of what is written nothing is shown', async () => {
    const elsewhere = write({
      ...{ kind: 'company_level_direct_cost', recordId: 'company_level_direct_cost/4' },
      record: recordOf({ vendor: '1|10442' }, [
        lineOf('direct_cost_line', '1', { job: JOB, costCode: '1|101', costType: '1|4', amount: '10' }),
      ]),
    });
    const request = { ...placed(77) } as never;
    await stored({ operations: [elsewhere], request, shadow: told('1000.00') });
    const [seen] = (await pageFor()).budgets;
    expect(seen?.rows[0]?.budget).toBe('1000.00');
    const [hidden] = (await pageFor(visitorWith('tom', grant('viewer', null, [77])))).budgets;
    expect(hidden).toMatchObject({
      ...{ jobName: null, told: null },
      rows: [{ costCode: null, budget: null, committed: null, left: null }],
    });
    await stored({ shadow: told('1000.00'), request: { status: 'applied', closedAt: NOW } });
    expect((await pageFor()).budgets).toEqual([]);
  });

  test('a record that is changed costs what it moves, wherever its lines move to', () => {
    const amount = fc
      .integer({ min: -1_000_000, max: 1_000_000 })
      .map((cents) => new Big(cents).div(100).toFixed(2));
    const line = fc.record({ code: fc.constantFrom('1|101', '1|102'), amount });
    fc.assert(
      fc.property(fc.array(fc.tuple(line, line), { maxLength: 8 }), (pairs) => {
        const lines = pairs.map(([, now], index) =>
          lineOf('commitment_line', String(index + 1), { costCode: now.code, amount: now.amount }),
        );
        const changes = pairs.flatMap(([was, now], index) => {
          const at = `commitment_line[${index + 1}]`;
          return [
            ...(was.code === now.code
              ? []
              : [{ field: `${at}.costCode`, label: 'Cost code', old: was.code, new: now.code }]),
            ...(was.amount === now.amount
              ? []
              : [{ field: `${at}.amount`, label: 'Amount', old: was.amount, new: now.amount }]),
          ];
        });
        const planned = plannedCosts(
          [write({ action: 'update', changes, record: recordOf({ job: JOB }, lines) })],
          new Map(),
        );
        for (const costCode of ['1|101', '1|102']) {
          const total = (of: 0 | 1): Big =>
            pairs
              .filter((pair) => pair[of].code === costCode)
              .reduce((all, pair) => all.plus(pair[of].amount), new Big(0));
          const moved = planned.filter((one) => one.costCode === costCode);
          expect(moved.length).toBeLessThanOrEqual(1);
          expect(new Big(moved[0]?.amount ?? 0).toFixed(2)).toBe(total(1).minus(total(0)).toFixed(2));
        }
      }),
    );
  });
});

describe('what a request depends on', () => {
  const namedBy = async (visitor?: Visitor) =>
    (await pageFor(visitor)).dependsOn.map(({ words, name, state }) => `${words} ${name}: ${state}`);

  test('has a name beside its code, and pages of records and requests', async () => {
    await stored({ more: [requestOf(6, { recordId: 'vendor/8', subject: 'Cobalt', kind: 'vendor' })] });
    expect(await namedBy()).toEqual([
      'project 1024 Eastgate Parking: linked',
      'vendor 10442 Cobalt Mechanical: linked',
      'cost code 23-050 HVAC systems: linked',
      'cost code 26-050 Electrical: linked',
    ]);
    const [job, vendor, costCode] = (await pageFor()).dependsOn;
    const [link] = await store.read('test', (t) => t.links.byProcoreIds('acme', 'project', [PROJECT]));
    expect(job).toMatchObject({ record: { kind: 'project', id: link?.id }, request: null });
    expect(costCode?.record).toEqual(job?.record);
    expect(vendor?.request).toEqual({ id: 'erp/6', title: 'Cobalt', status: 'received' });
  });

  test('says what is waited for and which request brings it, also before there is a plan', async () => {
    await stored({
      ...{ vendor: 'none', plan: false, waits: ['vendor/8', 'erp/4'] },
      request: { status: 'held' },
      more: [
        requestOf(4, { recordId: 'commitment/70', subject: 'SC-007', ...placed(PROJECT) }),
        requestOf(6, { recordId: 'vendor/8', subject: 'Cobalt', kind: 'vendor' }),
      ],
    });
    const { dependsOn, plan, budgets } = await pageFor();
    expect([plan, budgets]).toEqual([null, []]);
    expect(dependsOn).toMatchObject([
      { words: 'project', state: 'linked' },
      { words: 'vendor', name: 'Cobalt', state: 'waiting', record: null, request: { id: 'erp/6' } },
      { words: 'cost code', state: 'linked' },
      { words: 'cost code', state: 'linked' },
      {
        words: 'request',
        name: 'ERP request 4',
        state: 'waiting',
        request: { id: 'erp/4', title: 'SC-007' },
      },
    ]);
  });

  test('what comes with the same request says so', async () => {
    const parent = draft({
      kind: 'vendor',
      itemType: 'vendor',
      procoreId: 8,
      refs: {},
      lines: [],
      projectId: null,
    });
    await stored({ vendor: 'none', drafts: [parent, draft()] });
    expect(await namedBy()).toContain('vendor Cobalt: in_plan');
  });

  test('tells of no request and no record that one may not see', async () => {
    await stored({
      ...{ vendor: 'none', waits: ['vendor/8', 'erp/4'], request: { status: 'held' } },
      more: [
        requestOf(4, { recordId: 'commitment/70', subject: 'Secret', ...placed(12) }),
        requestOf(6, { recordId: 'vendor/8', subject: 'Cobalt', kind: 'vendor' }),
      ],
    });
    const { dependsOn } = await pageFor(visitorWith('tom', grant('viewer', ['acme'], [PROJECT])));
    expect(dependsOn.flatMap(({ request }) => request ?? [])).toEqual([]);
    expect(JSON.stringify(dependsOn)).not.toContain('Secret');
    expect(dependsOn.map(({ record }) => record?.kind ?? null)).toEqual([
      'project',
      null,
      'project',
      'project',
    ]);
  });

  test('records of the plan have their pages, once they have a link', async () => {
    await stored();
    expect((await pageFor()).records).toEqual([]);
    await store.transaction('link', 'acme', (t) =>
      t.links.advance('acme', [linkOf('commitment', 71, '1|77', { projectId: PROJECT })], NOW),
    );
    const [link] = await store.read('test', (t) => t.links.byProcoreIds('acme', 'commitment', [71]));
    expect((await pageFor()).records).toEqual([
      { recordId: recordIdOf('commitment', 71), kind: 'commitment', id: link?.id },
    ]);
  });
});
