import type { ExternalData, StagedCandidate } from '../../../../src/procore/port';
import { can } from '../../../support/procore/client';
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
  expect(await company.ties.set(ties(site))).toEqual([]);
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
  expect(await company.ties.set(ties(site))).toEqual([]);
  expect(writes(since).filter((call) => call.includes('line_items'))).toEqual([]);
});

test('null unties', async () => {
  const site = bench.site();
  const company = bench.company();
  const cleared = ties(site).map((tie) => ({ ...tie, originId: null, originCode: null }));
  await company.ties.set(ties(site).filter(({ itemType }) => itemType !== 'work_order_contract'));
  expect(await company.ties.set(cleared)).toEqual([]);
  expect(originsOf(site).every((originId) => originId === null)).toBe(true);
});

test('what Procore refuses is told by the id of the record, and the others go on', async () => {
  const site = bench.site();
  bench.sim.seedVendors([{ name: 'First', origin_id: 'vendor|1|10442' }]);
  bench.sim.seedProject({ name: 'First', project_number: '1', origin_id: 'project|1|7' });
  const errors = await bench.company().ties.set(ties(site));
  expect(errors.map(({ key }) => key).sort()).toEqual(
    [String(site.vendorId), String(site.project.id)].sort(),
  );
  expect(errors[0]?.messages.join()).toMatch(/has already been taken/);
  expect(bench.sim.record('commitment', site.commitment.id).origin_id).toBe('commitment|1|9');
});

test('what another integration tied meanwhile is left alone', async () => {
  const site = bench.site();
  await bench.company().ties.set([
    { itemType: 'vendor', itemId: site.vendorId, originId: 'SAGE-1' },
    {
      itemType: 'project',
      itemId: site.project.id,
      originId: 'SAGE-2',
      place: { projectId: site.project.id },
    },
  ]);
  const errors = await bench.company().ties.set(ties(site));
  expect(errors.map(({ messages }) => messages.join())).toEqual([
    expect.stringMatching(/"SAGE-1" by now, which is not one of ours/),
    expect.stringMatching(/"SAGE-2" by now, which is not one of ours/),
  ]);
  expect(originsOf(site).slice(0, 2)).toEqual(['SAGE-1', 'SAGE-2']);
});

test('a record without its place, and one that only the ERP tool ties, are faults', async () => {
  const company = bench.company();
  const tie = { itemId: 5, originId: 'x|1|1' };
  await expect(company.ties.set([{ ...tie, itemType: 'cost_code' }])).rejects.toThrow(/project of cost_code/);
  await expect(company.ties.set([{ ...tie, itemType: 'requisition' }])).rejects.toThrow(
    /Without the ERP tool of Procore this cannot be done: tie a requisition/,
  );
  expect(writes()).toEqual([]);
});

const vendor = (originId: string, status: StagedCandidate['status'], name: string): StagedCandidate => ({
  kind: 'vendor',
  itemType: 'vendor',
  originId,
  originCode: '10001',
  status,
  record: { fields: { code: '10001', name, city: null, vendorType: null, isActive: true }, lines: [] },
});

test('companies are made once; a namesake without a link stops it; archived ones are switched off when they are ours', async () => {
  const company = bench.company();
  const [namesake] = bench.sim.seedVendors([{ name: 'Cobalt Mechanical LLC' }]);
  const staged = [
    vendor('vendor|1|1', 'staged', 'Acier'),
    vendor('vendor|1|2', 'staged', 'COBALT MECHANICAL, L.L.C.'),
    vendor('vendor|1|3', 'archived', 'Gone'),
  ];
  const errors = await company.staging.stage(staged);
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
  await company.staging.stage(staged);
  const named = () =>
    (bench.sim.state().companies[0]?.records.vendor ?? []).map(
      ({ name, origin_id, is_active }) => `${String(name)} ${origin_id ?? '-'} ${String(is_active)}`,
    );
  expect(named()).toEqual(['Cobalt Mechanical LLC - true', 'Acier vendor|1|1 true']);
  await company.staging.stage([vendor('vendor|1|1', 'archived', 'Acier')]);
  expect(named()).toEqual(['Cobalt Mechanical LLC - true', 'Acier vendor|1|1 false']);
  // Wanted again: the same company comes back.
  await company.staging.stage([vendor('vendor|1|1', 'staged', 'Acier')]);
  expect(named()).toEqual(['Cobalt Mechanical LLC - true', 'Acier vendor|1|1 true']);
});

const job = (originId: string, code: string, name: string) => ({
  kind: 'project' as const,
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
  const sub = { ...job('sub_job|1|1', '01', 'Tower'), kind: 'sub_job' as const, itemType: 'sub_job' };
  const errors = await company.staging.stage([...jobs, sub]);
  expect(errors.map(({ key, messages }) => `${key}: ${messages.join()}`)).toEqual([
    expect.stringMatching(/^sub_job\|1\|1: sub jobs are not made in Procore without its ERP tool/),
    expect.stringMatching(/^project\|1\|1: .*already in Procore without a link/),
    expect.stringMatching(/^project\|1\|2: .*already in Procore without a link/),
  ]);
  await company.staging.stage(jobs);
  const projects = await can(
    company,
    'project',
    'findByOriginId',
  )(['project|1|1', 'project|1|2', 'project|1|3'], null);
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
  const outcome = await can(company, 'line_item_type', 'write')({}, items);
  expect(outcome.errors.map(({ key }) => key)).toEqual(['1|4']);
  expect(outcome.ids[0]).toEqual({ key: '1|2', procoreId: types[1]?.id });
  expect(outcome.ids).toHaveLength(2);
  const code = { key: '23', originId: 'cost_code|1|23', fields: { code: '23', name: 'HVAC' } };
  const tied = await can(company, 'cost_code', 'write')({ projectId: project.id }, [code]);
  expect(tied.ids).toEqual([{ key: '23', procoreId: codes[0]?.id }]);
  expect(bench.sim.record('cost_code', codes[0]?.id ?? 0).origin_id).toBe('cost_code|1|23');
});

test('bookkeeping of the ERP tool is left out, and so is everything that only it has', async () => {
  const company = bench.company();
  const items = [{ key: 'x', pair: { costCodeId: 1, lineItemTypeId: 2 }, fields: {} }];
  const nothing = { errors: [], ids: [] };
  expect(await can(company, 'cost_type_assignment', 'write')({ projectId: 1 }, items)).toEqual(nothing);
  expect(await can(company, 'job_cost', 'write')({ jobOriginId: 'x' }, items)).toEqual(nothing);
  for (const part of ['requests', 'details', 'metadata'] as const) expect(company[part]).toBeUndefined();
  expect(company.ties).not.toHaveProperty('read');
  expect(company.kinds.budget_line).toEqual({});
  expect(company.kinds.invoice_payment).toEqual({});
  for (const kind of Object.values(company.kinds)) {
    expect(kind).not.toHaveProperty('remove');
    expect(kind).not.toHaveProperty('unlink');
  }
  expect(writes()).toEqual([]);
});
