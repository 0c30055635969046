import type { ExternalData } from '../../../../src/procore/port';
import { OpenBench } from './bench';

let bench: OpenBench;
beforeEach(async () => {
  bench = await new OpenBench().start();
});
afterEach(async () => {
  const violations = bench.sim.violations();
  await bench.stop();
  expect(violations).toEqual([]);
});

const writes = (since = 0): string[] =>
  bench.sim
    .requestLog({ since })
    .filter(({ method, path }) => method !== 'GET' && !path.startsWith('/oauth/'))
    .map(({ method, path }) => `${method} ${path}`);
const now = (): number => bench.sim.requestLog().at(-1)?.seq ?? 0;

/** The external data of a site, as the confirmation of its exports sends them. */
function ties(site: ReturnType<OpenBench['site']>): ExternalData[] {
  const { vendorId, project, codes, commitment } = site;
  const inProject = { projectId: project.id };
  const place = { ...inProject, holder: { itemType: 'work_order_contract', itemId: commitment.id } };
  const lines = commitment.lines ?? [];
  return [
    { itemType: 'vendor', itemId: vendorId, originId: 'vendor|1|10442', originCode: '10442' },
    {
      itemType: 'project',
      itemId: project.id,
      originId: 'project|1|7',
      originCode: '2417-',
      place: inProject,
    },
    ...codes.map(({ id }, index) => ({
      itemType: 'cost_code',
      itemId: id,
      originId: `cost_code|1|${index}`,
      place: inProject,
    })),
    {
      itemType: 'work_order_contract',
      itemId: commitment.id,
      originId: 'commitment|1|9',
      originCode: 'SC-8',
      place,
    },
    ...lines.map(({ id }, index) => ({
      itemType: 'line_item',
      itemId: id,
      originId: `commitment_line|1|${index}`,
      place,
    })),
  ];
}

const originsOf = (site: ReturnType<OpenBench['site']>): (string | null)[] => [
  bench.sim.vendor(site.vendorId).origin_id,
  bench.sim.record('project', site.project.id).origin_id,
  ...site.codes.map(({ id }) => bench.sim.record('cost_code', id).origin_id),
  bench.sim.record('commitment', site.commitment.id).origin_id,
  ...(bench.sim.record('commitment', site.commitment.id).lines ?? []).map(({ origin_id }) => origin_id),
];

test('records and lines are tied through their own resources, lines before the contract that locks them', async () => {
  const site = bench.site();
  const company = bench.company();
  expect(await company.syncExternalData(ties(site))).toEqual([]);
  expect(originsOf(site)).toEqual([
    'vendor|1|10442',
    'project|1|7',
    'cost_code|1|0',
    'cost_code|1|1',
    'commitment|1|9',
    'commitment_line|1|0',
    'commitment_line|1|1',
  ]);
  expect(bench.sim.record('project', site.project.id)).toMatchObject({ origin_code: '2417-' });
  expect(bench.sim.record('commitment', site.commitment.id)).toMatchObject({ origin_code: 'SC-8' });
  // The answer was lost: all of it once more. The lines are locked by now, and right.
  const since = now();
  expect(await company.syncExternalData(ties(site))).toEqual([]);
  expect(writes(since).filter((call) => call.includes('line_items'))).toEqual([]);
});

test('null unties', async () => {
  const site = bench.site();
  const company = bench.company();
  const cleared = ties(site).map((tie) => ({ ...tie, originId: null, originCode: null }));
  await company.syncExternalData(ties(site).filter(({ itemType }) => itemType !== 'work_order_contract'));
  expect(await company.syncExternalData(cleared)).toEqual([]);
  expect(originsOf(site).every((originId) => originId === null)).toBe(true);
});

test('what Procore refuses is told by the id of the record, and the others go on', async () => {
  const site = bench.site();
  bench.sim.seedVendors([{ name: 'First', origin_id: 'vendor|1|10442' }]);
  bench.sim.seedProject({ name: 'First', project_number: '1', origin_id: 'project|1|7' });
  const errors = await bench.company().syncExternalData(ties(site));
  expect(errors.map(({ key }) => key).sort()).toEqual(
    [String(site.vendorId), String(site.project.id)].sort(),
  );
  expect(errors[0]?.messages.join()).toMatch(/has already been taken/);
  expect(bench.sim.record('commitment', site.commitment.id).origin_id).toBe('commitment|1|9');
});

test('what another integration tied meanwhile is left alone', async () => {
  const site = bench.site();
  await bench.company().syncExternalData([
    { itemType: 'vendor', itemId: site.vendorId, originId: 'SAGE-1' },
    {
      itemType: 'project',
      itemId: site.project.id,
      originId: 'SAGE-2',
      place: { projectId: site.project.id },
    },
  ]);
  const errors = await bench.company().syncExternalData(ties(site));
  expect(errors.map(({ messages }) => messages.join())).toEqual([
    expect.stringMatching(/"SAGE-1" by now, which is not one of ours/),
    expect.stringMatching(/"SAGE-2" by now, which is not one of ours/),
  ]);
  expect(originsOf(site).slice(0, 2)).toEqual(['SAGE-1', 'SAGE-2']);
});

test('a record without its place, and one that only the ERP tool ties, are faults', async () => {
  const company = bench.company();
  const tie = { itemId: 5, originId: 'x|1|1' };
  await expect(company.syncExternalData([{ ...tie, itemType: 'cost_code' }])).rejects.toThrow(
    /project of cost_code/,
  );
  await expect(company.syncExternalData([{ ...tie, itemType: 'requisition' }])).rejects.toThrow(
    /Without the ERP tool of Procore this cannot be done: tie a requisition/,
  );
  expect(writes()).toEqual([]);
});

const vendor = (name: string) => ({
  code: '10001',
  name,
  sortName: null,
  address: null,
  city: null,
  stateCode: null,
  postalCode: null,
  countryCode: null,
  phone: null,
  fax: null,
  email: null,
  website: null,
  vendorType: null,
  retainagePercent: null,
  isActive: true,
});

test('companies are made once; a namesake without a link stops it; archived ones are switched off when they are ours', async () => {
  const company = bench.company();
  const [namesake] = bench.sim.seedVendors([{ name: 'Cobalt Mechanical LLC' }]);
  const staged = [
    { originId: 'vendor|1|1', status: 'staged' as const, vendor: vendor('Acier') },
    { originId: 'vendor|1|2', status: 'staged' as const, vendor: vendor('COBALT MECHANICAL, L.L.C.') },
    { originId: 'vendor|1|3', status: 'archived' as const, vendor: vendor('Gone') },
  ];
  const errors = await company.stageVendors(staged);
  expect(errors).toEqual([
    {
      key: 'vendor|1|2',
      messages: [
        expect.stringMatching(
          `is already in Procore without a link \\(id ${namesake?.id ?? ''}\\); link it first`,
        ),
      ],
    },
  ]);
  await company.stageVendors(staged);
  const named = () =>
    (bench.sim.state().companies[0]?.vendors ?? []).map(
      ({ name, origin_id, is_active }) => `${name} ${origin_id ?? '-'} ${String(is_active)}`,
    );
  expect(named()).toEqual(['Cobalt Mechanical LLC - true', 'Acier vendor|1|1 true']);
  await company.stageVendors([{ originId: 'vendor|1|1', status: 'archived', vendor: vendor('Acier') }]);
  expect(named()).toEqual(['Cobalt Mechanical LLC - true', 'Acier vendor|1|1 false']);
  // Wanted again: the same company comes back.
  await company.stageVendors([{ originId: 'vendor|1|1', status: 'staged', vendor: vendor('Acier') }]);
  expect(named()).toEqual(['Cobalt Mechanical LLC - true', 'Acier vendor|1|1 true']);
});

const job = (originId: string, code: string, name: string) => ({
  entity: 'project' as const,
  itemType: 'project',
  originId,
  originCode: code,
  status: 'staged' as const,
  record: { fields: { code, name, isActive: true }, lines: [] },
});

test('projects are made once, never beside one with the same number or name; other kinds say why not', async () => {
  const company = bench.company();
  bench.sim.seedProject({ name: 'Eastgate', project_number: 'P-1' });
  const jobs = [
    job('project|1|1', 'P-1', 'Another name'),
    job('project|1|2', 'P-2', 'eastgate'),
    job('project|1|3', 'P-3', 'Westgate'),
  ];
  const sub = { ...job('sub_job|1|1', '01', 'Tower'), entity: 'sub_job' as const, itemType: 'sub_job' };
  const errors = await company.stageRecords([...jobs, sub]);
  expect(errors.map(({ key, messages }) => `${key}: ${messages.join()}`)).toEqual([
    expect.stringMatching(/^sub_job\|1\|1: sub jobs are not made in Procore without its ERP tool/),
    expect.stringMatching(/^project\|1\|1: .*already in Procore without a link/),
    expect.stringMatching(/^project\|1\|2: .*already in Procore without a link/),
  ]);
  await company.stageRecords(jobs);
  const projects = await company.findByOriginId(
    'project',
    ['project|1|1', 'project|1|2', 'project|1|3'],
    null,
  );
  expect(projects.map(({ originId }) => originId)).toEqual(['project|1|3']);
});

test('cost types and cost codes that are there already are tied, not made again', async () => {
  const { project, codes, types } = bench.site({ originId: 'project|1|7' });
  const company = bench.company();
  const items = [
    {
      key: '1|2',
      originId: 'line_item_type|1|2',
      fields: { code: 'M', name: 'Material', baseType: 'materials' },
    },
    {
      key: '1|4',
      originId: 'line_item_type|1|4',
      fields: { code: 'M', name: 'Machines', baseType: 'equipment' },
    },
    { key: '1|5', originId: 'line_item_type|1|5', fields: { code: 'O', name: 'Other', baseType: 'other' } },
  ];
  const outcome = await company.syncRecords('line_item_types', {}, items);
  expect(outcome.errors.map(({ key }) => key)).toEqual(['1|4']);
  expect(outcome.ids[0]).toEqual({ key: '1|2', procoreId: types[1]?.id });
  expect(outcome.ids).toHaveLength(2);
  const code = { key: '23', originId: 'cost_code|1|23', fields: { code: '23', name: 'HVAC' } };
  const tied = await company.syncRecords('cost_codes', { projectId: project.id }, [code]);
  expect(tied.ids).toEqual([{ key: '23', procoreId: codes[0]?.id }]);
  expect(bench.sim.record('cost_code', codes[0]?.id ?? 0).origin_id).toBe('cost_code|1|23');
});

test('bookkeeping of the ERP tool is left out, what only it can do is refused, and there is nothing to close', async () => {
  const company = bench.company();
  const items = [{ key: 'x', pair: { costCodeId: 1, lineItemTypeId: 2 }, fields: {} }];
  const nothing = { errors: [], ids: [] };
  expect(await company.syncRecords('cost_code_line_item_types', { projectId: 1 }, items)).toEqual(nothing);
  expect(await company.syncRecords('erp_job_costs', { jobOriginId: 'x' }, items)).toEqual(nothing);
  expect(await company.closeDetails([{ detailId: 1, status: 'success', messages: [] }])).toEqual([]);
  expect(await company.findDetails(1)).toEqual([]);
  for await (const page of company.listRequests(0)) expect(page).toEqual([]);
  const refused = { code: 'OPEN_DOOR_UNABLE', class: 'config' };
  await expect(company.syncRecords('erp_transactions', {}, items)).rejects.toMatchObject(refused);
  await expect(company.syncRecords('invoice_payments', {}, items)).rejects.toMatchObject(refused);
  await expect(company.showRequest(1)).rejects.toMatchObject(refused);
  await expect(company.syncStagedRecords([])).rejects.toMatchObject(refused);
  await expect(company.deleteRecord('cost_codes', 1, {})).rejects.toMatchObject(refused);
  await expect(company.unlinkInvoicePayment(1)).rejects.toMatchObject(refused);
  expect(writes()).toEqual([]);
});
