import type { RecordExport } from '../../../../src/domain/request/intent';
import { can, collect } from '../../../support/procore/client';
import { finds, OpenBench } from './bench';

let bench: OpenBench;
beforeEach(async () => {
  bench = await new OpenBench().start();
});
afterEach(async () => {
  const violations = bench.sim.violations();
  await bench.stop();
  expect(violations).toEqual([]);
});

/** What the ERP tool's readers make of a find. */
const read = async (key: string) => {
  const find = (await bench.discover()).flatMap((step) => step.finds).find((one) => one.key === key);
  return bench.company().readRequest(find?.body, null).intent;
};

test('a job, the company that its commitment needs, and the commitment are found in this order', async () => {
  const { vendorId, project, commitment } = bench.site();
  bench.sim.seedVendors([{ name: 'Nobody uses us' }]);
  expect(finds(await bench.discover())).toEqual([
    `create_or_update_job project/${project.id}`,
    `create_vendor vendor/${vendorId}`,
    `create_commitment commitment/${commitment.id}`,
  ]);
});

test('the readers of the ERP tool read what was found', async () => {
  const { vendorId, project, codes, commitment, types } = bench.site();
  expect(await read(`vendor/${vendorId}`)).toMatchObject({
    way: 'export',
    records: [
      {
        kind: 'vendor',
        procoreId: vendorId,
        fields: { name: 'Cobalt Mechanical LLC' },
        flags: { prequalified: true },
      },
    ],
  });
  const job = (await read(`project/${project.id}`)) as RecordExport;
  expect(job.records).toMatchObject([{ kind: 'project', fields: { code: '2417-', name: 'Eastgate' } }]);
  expect(job.records[0]?.lines.map(({ kind, number }) => `${kind} ${number}`)).toEqual([
    'cost_code 23',
    'cost_code 23-050',
    'cost_type_assignment 23-050/S',
    'cost_type_assignment 23-050/M',
  ]);
  const sent = (await read(`commitment/${commitment.id}`)) as RecordExport;
  expect(sent.records).toMatchObject([
    {
      itemType: 'work_order_contract',
      projectId: project.id,
      fields: { code: 'SC-8', name: 'HVAC', status: 'Approved', type: 'subcontract' },
      refs: { job: { procoreId: project.id }, vendor: { procoreId: vendorId, originId: null } },
      lines: [
        {
          fields: { amount: '150000.0' },
          refs: {
            costCode: { procoreId: codes[1]?.id, label: 'cost code 23-050' },
            costType: { procoreId: types[0]?.id, originId: 'line_item_type|1|3' },
          },
        },
        { fields: { amount: '34500.0' }, refs: { costType: { procoreId: types[1]?.id, originId: null } } },
      ],
    },
  ]);
});

test('what is read of a record is what its event would have sent, by id and by what changed', async () => {
  const { project, commitment, vendorId } = bench.site();
  const order = bench.sim.seedCommitment(project.id, {
    number: 'PO-1',
    title: 'Pipes',
    status: 'Approved',
    type: 'PurchaseOrderContract',
    vendor_id: vendorId,
    lines: [{ code: '23', type: 'M', amount: '10.00' }],
  });
  const company = bench.company();
  const place = { projectId: project.id };
  const sent = async (key: string) => ((await read(key)) as RecordExport).records;
  const contracts = [
    ...(await sent(`commitment/${commitment.id}`)),
    ...(await sent(`commitment/${order.id}`)),
  ];
  expect(contracts.map(({ itemType }) => itemType)).toEqual([
    'work_order_contract',
    'purchase_order_contract',
  ]);
  expect(await can(company, 'commitment', 'read')([commitment.id, order.id, 999_999], place)).toEqual(
    contracts,
  );
  expect(await collect(can(company, 'commitment', 'readChanged')(null, place))).toEqual(contracts);
  const jobs = await sent(`project/${project.id}`);
  expect(await can(company, 'project', 'read')([project.id, 999_999], {})).toEqual(jobs);
  expect(await collect(can(company, 'project', 'readChanged')(null, {}))).toEqual(jobs);
  expect(await can(company, 'vendor', 'read')([vendorId, 999_999], {})).toEqual(
    await sent(`vendor/${vendorId}`),
  );
  await bench.time.sleep(3_600_000);
  const since = new Date(bench.time.now()).toISOString();
  for (const kind of ['commitment', 'project', 'vendor'] as const)
    expect(await collect(can(company, kind, 'readChanged')(since, place))).toEqual([]);
});

test('a project that is gone has no commitments; one that nobody named is a fault', async () => {
  const company = bench.company();
  expect(await can(company, 'commitment', 'read')([5], { projectId: 999_999 })).toEqual([]);
  await expect(can(company, 'commitment', 'read')([5], {})).rejects.toThrow('the project is missing');
});

test('purchase orders are found too; what is not approved yet is not', async () => {
  const { commitment, project } = bench.site({ type: 'PurchaseOrderContract' });
  bench.sim.seedCommitment(project.id, { number: 'SC-9', title: 'Later', status: 'Draft', lines: [] });
  const found = finds(await bench.discover());
  expect(found.filter((line) => line.includes('commitment'))).toEqual([
    `create_commitment commitment/${commitment.id}`,
  ]);
  expect(await read(`commitment/${commitment.id}`)).toMatchObject({
    records: [{ itemType: 'purchase_order_contract' }],
  });
});

test('who looks for nothing finds nothing, and without projects only those of ours have commitments', async () => {
  const { vendorId, commitment } = bench.site();
  expect(finds(await bench.discover({}, { projects: 'none' }))).toEqual([]);
  expect(finds(await bench.discover({}, { commitments: { statuses: [] } }))).toHaveLength(1);
  expect(finds(await bench.discover({}, { vendors: 'none' }))).not.toContain(
    `create_vendor vendor/${vendorId}`,
  );
  expect(finds(await bench.discover({ kinds: new Set(['vendor'] as const) }))).toEqual([]);
  expect(commitment.id).toBeGreaterThan(0);
});

test('a project of another integration is left alone, with everything in it', async () => {
  bench.site({ originId: 'SAGE-2417' });
  expect(finds(await bench.discover())).toEqual([]);
});

test('a linked project goes again only when something waits for a cost code it lacks', async () => {
  const { project, vendorId, commitment } = bench.site({ originId: 'project|1|2417-' });
  const job = `create_or_update_job project/${project.id}`;
  expect(finds(await bench.discover())).toEqual([
    `create_vendor vendor/${vendorId}`,
    `create_commitment commitment/${commitment.id}`,
  ]);
  expect(finds(await bench.discover({ waitedFor: new Set([`project/${project.id}`]) }))).toContain(job);
});

test('records that carry our origin_id are told, each with the notice that would make our link follow', async () => {
  const { commitment } = bench.site({ originId: 'project|1|2417-' });
  bench.sim.seedVendors([
    { name: 'Known', origin_id: 'vendor|1|10001' },
    { name: 'Sage', origin_id: 'S-1' },
  ]);
  const linked = (await bench.discover()).flatMap((step) => step.linked);
  expect(linked.map(({ originId, notice }) => `${originId} ${String(notice.body['request_name'])}`)).toEqual([
    'vendor|1|10001 create_vendor_in_procore',
    'project|1|2417- create_job_in_procore',
  ]);
  const company = bench.company();
  for (const { notice } of linked) {
    expect(company.readRequest(notice.body, null).intent.way).toMatch(/links|refresh/);
  }
  expect(commitment.id).toBeGreaterThan(0);
});

test('times and ties make no new state, values do', async () => {
  const { vendorId, project, commitment } = bench.site();
  const revisions = async () =>
    new Map(
      (await bench.discover()).flatMap((step) => step.finds).map(({ key, revision }) => [key, revision]),
    );
  const before = await revisions();
  await bench.time.sleep(60_000);
  // The company is tied meanwhile: the commitment names it differently, and says nothing new.
  await bench
    .company()
    .ties.set([{ itemType: 'vendor', itemId: vendorId, originId: 'vendor|1|10442', originCode: '10442' }]);
  const after = await revisions();
  expect(after.get(`commitment/${commitment.id}`)).toBe(before.get(`commitment/${commitment.id}`));
  bench.sim.editRecord('project', project.id, { city: 'Tacoma' });
  bench.sim.editRecord('commitment', commitment.id, { title: 'HVAC, level 1' });
  const edited = await revisions();
  expect(edited.get(`commitment/${commitment.id}`)).not.toBe(before.get(`commitment/${commitment.id}`));
  expect(edited.get(`project/${project.id}`)).not.toBe(before.get(`project/${project.id}`));
});

test('open records are not read; what did not change is not, unless its request was closed meanwhile', async () => {
  const { vendorId, project, commitment } = bench.site();
  const records = [`vendor/${vendorId}`, `project/${project.id}`, `commitment/${commitment.id}`];
  expect(finds(await bench.discover({ open: new Set(records) }))).toEqual([]);
  await bench.time.sleep(3_600_000);
  const since = new Date(bench.time.now()).toISOString();
  expect(finds(await bench.discover({ since }))).toEqual([]);
  const again = await bench.discover({ since, again: new Set(records), againIn: new Set([project.id]) });
  expect(finds(again)).toEqual([
    `create_vendor vendor/${vendorId}`,
    `create_or_update_job project/${project.id}`,
    `create_vendor vendor/${vendorId}`,
    `create_commitment commitment/${commitment.id}`,
  ]);
});

test('a scan that was cut off goes on with the next project', async () => {
  const { project } = bench.site();
  const next = bench.sim.seedProject({ name: 'Westgate', project_number: 'P-9' });
  const steps = await bench.discover({ afterProject: Math.min(project.id, next.id) });
  expect(steps.map(({ projectId }) => projectId)).toEqual([null, Math.max(project.id, next.id)]);
});

test('a project that the service account may not read does not stop the others', async () => {
  const { project } = bench.site();
  const next = bench.sim.seedProject({ name: 'Westgate', project_number: 'P-9' });
  bench.sim.addFault({ kind: 'status', match: { path: '/rest/v1.0/cost_codes' }, status: 403 });
  expect(finds(await bench.discover())).toEqual([
    `create_or_update_job project/${Math.max(project.id, next.id)}`,
  ]);
});
