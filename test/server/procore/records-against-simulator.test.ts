import { loadEvents } from '../../../sandbox/procore-simulator/data';
import { ProcoreSimulator } from '../../../sandbox/procore-simulator/simulator';
import type { ErpMetadata } from '../../../src/domain/kinds/metadata';
import type { RefTarget } from '../../../src/domain/kinds';
import type { Fields, RecordLine } from '../../../src/domain/kinds/record';
import type { SyncedResource, SyncPlace } from '../../../src/domain/plan/operation';
import type { ProcoreApp } from '../../../src/procore/app';
import { createProcoreApp } from '../../../src/procore/app';
import type { SeenRecord, StagedCandidate, SyncItem, SyncOutcome } from '../../../src/procore/port';
import { procoreSettings } from '../../../src/procore/client/settings';
import type { ErpToolCompany } from '../../support/procore/client';
import { can, collect, COMPANY, withErpTool } from '../../support/procore/client';
import { SkippingTime } from '../../support/procore/fake-time';

/* The simulator checks every call against the documentation. Here everything is called once, and it must find nothing. */

let simulator: ProcoreSimulator;
let app: ProcoreApp;
let time: SkippingTime;
let company: ErpToolCompany;

const PROJECT = 598134325190455;
const JOB = 'project|1|2417-';
beforeEach(async () => {
  time = new SkippingTime();
  simulator = new ProcoreSimulator({
    clock: { now: time.now },
    rateLimit: false,
    webhooks: { delivery: 'manual' },
  });
  const addresses = await simulator.start();
  const settings = procoreSettings({
    ...addresses,
    clientId: 'tieback-demo',
    clientSecret: 'demo-secret',
  });
  app = createProcoreApp(settings, { now: time.now, sleep: time.sleep });
  company = withErpTool(app.company(COMPANY));
  simulator.seedCollection('/rest/v1.0/projects', [{ id: PROJECT, name: 'Eastgate', origin_id: JOB }]);
});

afterEach(async () => {
  const violations = simulator.violations();
  app.close();
  await simulator.stop();
  expect(violations).toEqual([]);
});

const write = (kind: SyncedResource, place: SyncPlace, items: readonly SyncItem[]) =>
  can(company, kind, 'write')(place, items);
const remove = (kind: RefTarget, id: number, place: SyncPlace) => can(company, kind, 'remove')(id, place);
const find = (kind: RefTarget, originIds: readonly string[], projectId: number | null) =>
  can(company, kind, 'findByOriginId')(originIds, projectId);

const metadata: ErpMetadata = { system: 'Sample', records: {} };
const connection = { serviceUrl: 'https://tieback.example', metadata };

test('the connection, its list, and standard cost codes and cost types in it', async () => {
  const { standardCostCodeListId: listId } = await company.metadata.connect(connection);
  expect(listId).toEqual(expect.any(Number));
  expect(await company.metadata.connect(connection)).toEqual({ standardCostCodeListId: listId });
  await company.metadata.update(metadata);

  const code = (key: string, parent: string | null): SyncItem => ({
    key,
    originId: `standard_cost_code|1|${key}`,
    fields: { code: key, name: `Code ${key}`, parent, isActive: true },
  });
  const codes = await write('standard_cost_code', { listId }, [code('23', null), code('23-050', '1|23')]);
  expect(codes.errors).toEqual([]);
  expect(codes.ids.map(({ key }) => key)).toEqual(['23', '23-050']);

  const types = await write('line_item_type', {}, [
    {
      key: 'S',
      originId: 'line_item_type|1|3',
      fields: { code: 'S', name: 'Subcontract', baseType: 'commitments' },
    },
  ]);
  expect(types).toMatchObject({ errors: [], ids: [{ key: 'S' }] });
  const found = await find('line_item_type', ['line_item_type|1|3', 'x'], PROJECT);
  expect(found).toMatchObject([{ procoreId: types.ids[0]?.procoreId, itemType: 'line_item_type' }]);
});

test.each(loadEvents().map(({ requestName }) => requestName))(
  '%s, as the simulator sends it',
  async (requestName) => {
    const { requestId } = simulator.emitEvent(requestName);
    const { intent } = company.readRequest(await company.requests.show(requestId), requestId);
    expect(intent).not.toMatchObject({ way: 'malformed' });
    expect(intent.way).not.toBe('unsupported');
  },
);

test('per-record errors come by key', async () => {
  const outcome = await write('project', {}, [
    { key: 'mine', procoreId: 999_999_999, fields: { name: 'Nowhere' } },
  ]);
  expect(outcome.ids).toEqual([]);
  expect(outcome.errors).toMatchObject([{ key: 'mine', messages: [expect.any(String)] }]);
});

test('a job: its header, sub job, codes, cost types, assignments, job costs, and their removal', async () => {
  const { standardCostCodeListId: listId } = await company.metadata.connect(connection);
  const standard = await write('standard_cost_code', { listId }, [
    { key: '23', originId: 'standard_cost_code|1|23', fields: { code: '23', name: 'HVAC' } },
  ]);
  const types = await write('line_item_type', {}, [
    {
      key: 'S',
      originId: 'line_item_type|1|3',
      fields: { code: 'S', name: 'Subcontract', baseType: 'other' },
    },
  ]);
  const header = {
    code: '2417-',
    name: 'Eastgate',
    address: 'A',
    city: 'B',
    stateCode: 'WA',
    postalCode: '98006',
    isActive: true,
  };
  const ofJob = await write('project', {}, [{ key: 'job', procoreId: PROJECT, fields: header }]);
  expect(ofJob).toMatchObject({ errors: [], ids: [{ key: 'job', procoreId: PROJECT }] });
  expect(ofJob.echoes).toEqual([{ key: 'job', seen: (await see('project', [PROJECT]))[0] }]);
  expect(ofJob.echoes?.[0]?.seen.draft.fields).toEqual(header);

  const inProject = { projectId: PROJECT, subJobId: null };
  expect(standard.echoes).toEqual([{ key: '23', seen: (await scan('standard_cost_code', { listId }))[0] }]);
  expect(types.echoes).toEqual([{ key: 'S', seen: (await scan('line_item_type'))[0] }]);
  const subJobs = await write('sub_job', inProject, [
    { key: 'GAR', originId: 'sub_job|1|2417-GAR', fields: { code: 'GAR', name: 'Garage levels' } },
  ]);
  expect(subJobs).toMatchObject({ errors: [], ids: [{ key: 'GAR' }] });
  expect(subJobs.echoes).toEqual([{ key: 'GAR', seen: (await scan('sub_job', inProject))[0] }]);
  expect(await find('sub_job', ['sub_job|1|2417-GAR'], PROJECT)).toMatchObject([
    { procoreId: idOf(subJobs), itemType: 'sub_job' },
  ]);

  const root = await write('cost_code', inProject, [
    {
      key: '23',
      originId: 'cost_code|1|7',
      fields: { code: '23', name: 'HVAC' },
    },
  ]);
  const child = await write('cost_code', inProject, [
    {
      key: '23-050',
      originId: 'cost_code|1|77',
      fields: { code: '23-050', name: 'HVAC systems' },
    },
  ]);
  expect([...root.errors, ...child.errors]).toEqual([]);
  expect(simulator.record('cost_code', idOf(root))).toMatchObject({ standard_cost_code_id: idOf(standard) });
  expect(simulator.record('cost_code', idOf(child))).toMatchObject({ code: '050', parent_id: idOf(root) });
  expect(
    await write('cost_code', { projectId: PROJECT, subJobId: idOf(subJobs) }, [
      { key: '01', originId: 'cost_code|1|78', fields: { code: '01', name: 'General' } },
    ]),
  ).toMatchObject({ errors: [] });

  const drafts = await can(company, 'sub_job', 'read')([idOf(subJobs)], { ...inProject, jobOriginId: JOB });
  expect(drafts).toMatchObject([
    {
      kind: 'sub_job',
      originId: 'sub_job|1|2417-GAR',
      label: 'Sub job GAR "Garage levels"',
      refs: { job: { procoreId: PROJECT, originId: JOB } },
      lines: [{ kind: 'cost_code', number: '01' }],
    },
  ]);
  expect(
    await collect(can(company, 'sub_job', 'readChanged')(null, { ...inProject, jobOriginId: JOB })),
  ).toEqual(drafts);

  const pair = { costCodeId: idOf(child), lineItemTypeId: idOf(types) };
  const assignments = await write('cost_type_assignment', inProject, [
    { key: '23-050/S', fields: {}, pair },
    { key: 'nowhere', fields: {}, pair: { ...pair, costCodeId: 999_999 } },
  ]);
  expect(assignments.ids).toMatchObject([{ key: '23-050/S' }]);
  const { lines } = await can(company, 'project', 'lines')(inProject);
  expect(lines.map(({ line }) => line.number)).toEqual(['23', '23-050', '23-050/S']);
  expect(child.lineEchoes?.map(({ seen }) => seen.line)).toEqual([lines[1]?.line]);
  expect(assignments.errors).toMatchObject([{ key: 'nowhere' }]);
  const costs = await write('job_cost', { jobOriginId: JOB }, [
    {
      key: '23-050/S',
      pair,
      fields: {
        originalBudget: '184500.10',
        revisedBudget: '187000.10',
        committedCosts: '3',
        approvedCommitmentChanges: '-4.5',
        commitmentInvoiced: '0',
        jobToDateCosts: null,
      },
    },
  ]);
  expect(costs).toMatchObject({ errors: [], ids: [{ key: '23-050/S' }] });

  await remove('job_cost', idOf(costs), {});
  await remove('cost_type_assignment', idOf(assignments), { projectId: PROJECT });
  await remove('cost_code', idOf(child), { projectId: PROJECT });
});

test('a company is read in as few calls as its pages', async () => {
  const many = (count: number, more: object = {}) =>
    Array.from({ length: count }, (_, index) => ({ name: `Company ${index}`, ...more }));
  const before = await scan('vendor');
  simulator.seedCollection('/rest/v1.0/vendors', [...many(4_100), ...many(10, { is_active: false })]);
  simulator.seedCollection('/rest/v1.0/projects', many(299, { active: false }));
  await time.sleep(60 * 60_000);
  const calls = async (work: () => Promise<unknown>): Promise<number> => {
    const already = simulator.requestLog().length;
    await work();
    return simulator.requestLog().length - already;
  };
  const seen: SeenRecord[] = [];
  const pages = Math.ceil((before.length + 4_100) / 2_000);
  // The inactive ones, and what was switched on while they were read.
  expect(await calls(async () => seen.push(...(await scan('vendor'))))).toBe(pages + 2);
  const ids = new Set(seen.map(({ draft }) => draft.procoreId));
  expect(ids.size).toBe(before.length + 4_110);
  expect(seen.filter(({ draft }) => draft.fields['isActive'] === false)).toHaveLength(10);
  expect(await calls(async () => expect(await scan('project')).toHaveLength(300))).toBe(1);
  const some = [...ids].slice(-300);
  expect(await calls(async () => expect(await see('vendor', some)).toHaveLength(300))).toBe(3 + 1);
});

const scan = (kind: RefTarget, place: SyncPlace = {}) => collect(can(company, kind, 'scan')(null, place));
const see = (kind: RefTarget, ids: readonly number[]) => can(company, kind, 'see')(ids, {});

const idOf = ({ ids }: SyncOutcome): number => ids[0]?.procoreId ?? 0;

test.each<[SyncedResource, SyncItem]>([
  ['budget_line', { key: 'a', procoreId: 500201, originId: 'budget_line|1|1', fields: {} }],
  ['invoice_payment', { key: 'a', originId: 'invoice_payment|1|1', invoiceId: 84110, fields: { code: '9' } }],
])('%s of nothing that Procore knows', async (resource, item) => {
  expect(await write(resource, { projectId: PROJECT }, [item])).toMatchObject({
    ids: [],
    errors: [{ key: 'a' }],
  });
});

const staged = (
  kind: StagedCandidate['kind'],
  itemType: string,
  fields: Fields,
  lines: readonly RecordLine[] = [],
): StagedCandidate => ({
  kind,
  itemType,
  originId: `${kind}|1|${itemType}`,
  originCode: '1',
  status: 'staged',
  record: { fields, lines },
});

const CONTRACT = {
  type: 'subcontract',
  code: 'SC-8',
  name: 'HVAC',
  description: 'All of it',
  status: 'Approved',
  date: '2026-03-01',
  accountingDate: null,
  retainagePercent: '10.00',
  job: '1|2417-',
  vendor: '1|10442',
  commitment: '1|SC-8',
  amount: '10.00',
};

const contractLine = (kind: 'commitment_line' | 'change_order_line' | 'prime_contract_line') => ({
  kind,
  number: '1',
  erpKey: '1|SC-8|1',
  procoreId: null,
  fields: {
    description: 'Rough-in',
    costCode: '1|77',
    costType: '1|3',
    basis: 'unit',
    quantity: '2',
    uom: 'ea',
    unitCost: '5.00',
    amount: '10.00',
    taxCode: null,
    taxAmount: null,
    ...(kind === 'change_order_line' ? { commitmentLine: '1|SC-8|1' } : {}),
  },
});

test('every kind of staged record is as documented', async () => {
  const errors = await company.staging.stage([
    staged('project', 'project', { ...CONTRACT, address: 'A', city: 'B', stateCode: 'WA', postalCode: '9' }),
    staged('sub_job', 'sub_job', CONTRACT),
    staged('commitment', 'work_order_contract', CONTRACT, [contractLine('commitment_line')]),
    staged('commitment', 'purchase_order_contract', CONTRACT),
    staged('prime_contract', 'prime_contract', CONTRACT, [
      { ...contractLine('prime_contract_line'), erpKey: '1|PC|1' },
    ]),
    staged('commitment_change_order', 'commitment_change_order', CONTRACT, [
      { ...contractLine('change_order_line'), erpKey: '1|CO|1' },
    ]),
  ]);
  expect(errors).toEqual([]);
  expect(
    simulator
      .state()
      .companies[0]?.stagedRecords.map(({ item_type }) => item_type)
      .sort(),
  ).toEqual([
    'commitment_change_order',
    'line_item',
    'line_item',
    'line_item',
    'prime_contract',
    'project',
    'purchase_order_contract',
    'sub_job',
    'work_order_contract',
  ]);
});

const LOOKED_UP: readonly RefTarget[] = [
  'vendor',
  'project',
  'sub_job',
  'standard_cost_code',
  'line_item_type',
  'commitment',
  'commitment_change_order',
  'requisition',
  'payment_application',
  'prime_contract',
];

test.each(LOOKED_UP)('looking up a %s is as documented', async (kind) => {
  await company.metadata.connect(connection);
  expect(await find(kind, [`${kind}|1|nowhere`], PROJECT)).toEqual([]);
});

test.each<[RefTarget, string]>([
  ['commitment', 'work_order_contract'],
  ['commitment', 'purchase_order_contract'],
  ['prime_contract', 'prime_contract'],
  ['commitment_change_order', 'change_order'],
  ['prime_contract_change_order', 'change_order'],
  ['requisition', 'requisition'],
])('lines of a %s (%s) that is gone are none', async (kind, itemType) => {
  expect(await can(company, kind, 'listLines')(itemType, 999_999, PROJECT)).toEqual([]);
});

test('standard cost codes and cost types are read as they were written', async () => {
  const { standardCostCodeListId: listId } = await company.metadata.connect(connection);
  const written = await write('standard_cost_code', { listId }, [
    { key: '23', originId: 'standard_cost_code|1|23', fields: { code: '23', name: 'HVAC' } },
  ]);
  const codes = await collect(can(company, 'standard_cost_code', 'readChanged')(null, { listId }));
  const [code] = codes.filter(({ procoreId }) => procoreId === idOf(written));
  expect(code).toMatchObject({
    kind: 'standard_cost_code',
    originId: 'standard_cost_code|1|23',
    fields: { code: '23', name: 'HVAC', isActive: true },
  });
  expect(await can(company, 'standard_cost_code', 'read')([idOf(written), 999_999], { listId })).toEqual([
    code,
  ]);

  const type = await write('line_item_type', {}, [
    { key: 'S', originId: 'line_item_type|1|3', fields: { code: 'S', name: 'Sub', baseType: 'commitments' } },
  ]);
  expect(await can(company, 'line_item_type', 'read')([idOf(type)], { projectId: PROJECT })).toMatchObject([
    { originId: 'line_item_type|1|3', fields: { code: 'S', name: 'Sub', baseType: 'commitments' } },
  ]);
});

test('lines of a contract, and a payment that is unlinked', async () => {
  simulator.seedCollection('/rest/v1.0/work_order_contracts', [{ id: 310442, project_id: PROJECT }]);
  simulator.seedCollection('/rest/v1.0/work_order_contracts/{work_order_contract_id}/line_items', [
    {
      id: 177301,
      project_id: PROJECT,
      holder_id: 310442,
      holder_kind: 'work_order_contract',
      origin_id: 'commitment_line|1|SC-8|1',
    },
  ]);
  expect(await can(company, 'commitment', 'listLines')('work_order_contract', 310442, PROJECT)).toEqual([
    { procoreId: 177301, originId: 'commitment_line|1|SC-8|1' },
  ]);
  simulator.seedCollection('/rest/v1.0/contract_payments', [
    { id: 31220, project_id: PROJECT, origin_id: 'contract_payment|1|CK|9' },
  ]);
  await can(company, 'invoice_payment', 'unlink')(31220);
  await can(company, 'invoice_payment', 'unlink')(31220);
});

test('deletions and unlinking of what is gone', async () => {
  await remove('cost_code', 999_999, { projectId: PROJECT });
  await remove('cost_type_assignment', 999_999, { projectId: PROJECT });
  await remove('job_cost', 999_999, {});
});
