import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createProcoreApp } from '../../../src/procore/app';
import { PROCORE_DEFAULTS } from '../../../src/procore/client/settings';
import type { ProcoreCompany } from '../../../src/procore/port';
import type { TestTemporal } from '../../support/temporal';
import { testTemporal } from '../../support/temporal';
import { MARIA, vendorFields, World } from '../../support/world';

let temporal: TestTemporal;
let world: World;

beforeAll(async () => {
  temporal = await testTemporal();
});
afterAll(() => temporal.close());
beforeEach(async () => {
  world = await World.create(temporal);
});
afterEach(() => world.close());

const exportVendor = (fields: Record<string, unknown>, form: { code?: string; userId?: number } = {}) => {
  const [vendor] = world.procore.seedVendors([vendorFields(fields)]);
  if (!vendor) throw new Error('unreachable');
  const { requestId } = world.procore.exportVendor(vendor.id, {
    customFields: { vendor_type_origin_id: '1|SUB' },
    ...form,
  });
  return { vendorId: vendor.id, requestId };
};

/** As another integration with the rights of ours. */
async function inProcore(act: (company: ProcoreCompany) => Promise<unknown> | undefined): Promise<void> {
  const { apps, connections } = world.config;
  const { apiUrl, loginUrl, clientId, clientSecret } = nonNull(apps[0]);
  const app = createProcoreApp({ ...PROCORE_DEFAULTS, apiUrl, loginUrl, clientId, clientSecret });
  await act(app.company(nonNull(connections[0]).companyId));
  app.close();
}

function nonNull<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('it is not configured');
  return value;
}

test('a rule approves, the vendor is written once, linked, and the request closed', async () => {
  const { vendorId, requestId } = exportVendor(
    { primary_contact: { id: 41, first_name: 'Maya', last_name: 'Ortiz' } },
    { code: '10442' },
  );
  await world.poll();
  expect(await world.result(requestId)).toEqual({
    status: 'applied',
    summary: 'Vendor 10442 "Cobalt Mechanical LLC" was created in the ERP.',
  });
  expect(world.erp.vendors()).toMatchObject([
    {
      Vendor: 10442,
      Name: 'Cobalt Mechanical LLC',
      SortName: 'COBALT',
      Contact: 'Maya Ortiz',
      VendorType: 'SUB',
    },
  ]);
  expect(world.procore.vendor(vendorId)).toMatchObject({
    origin_id: 'vendor|1|10442',
    origin_code: '10442',
    synced_to_erp: true,
    erp_status: 'synced',
  });
  expect(world.procore.violations()).toEqual([]);
});

test('finance approves what no rule approves; who and when is in the audit log', async () => {
  const { requestId } = exportVendor({ prequalified: false }, {});
  await world.poll();
  await world.until(requestId, 'waiting_for_finance');
  expect(world.erp.vendors()).toEqual([]);
  expect(await world.approve(requestId, { comment: 'checked W-9' })).toMatchObject({ status: 'applying' });
  expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
  // The number that the ERP gave out finds the request from now on, and stands in the list.
  const [{ Vendor: number } = { Vendor: 0 }] = world.erp.vendors() as unknown as readonly {
    Vendor: number;
  }[];
  const row = await world.request(requestId);
  expect(row.searchText?.split('\n')).toEqual(expect.arrayContaining([`1|${number}`, String(number)]));
  expect(row.about?.title).toBe(`${number} Cobalt Mechanical LLC`);
  const trail = await world.trail(requestId);
  expect(trail.map(({ action, actor }) => `${action} ${actor}`)).toEqual([
    'intake.received tieback',
    'request.fetched tieback',
    'plan.built tieback',
    `approval.granted ${MARIA}`,
    'operation.written tieback',
    'link.changed tieback',
    'request.closed tieback',
  ]);
  expect(trail[3]).toMatchObject({
    planHash: trail[2]?.planHash,
    detail: { comment: 'checked W-9', channel: 'test' },
  });
});

test('a rejection closes the request detail as failed with the words of the approver', async () => {
  const { vendorId, requestId } = exportVendor({ prequalified: false });
  await world.poll();
  await world.until(requestId, 'waiting_for_finance');
  await world.reject(requestId, 'we do not buy there');
  expect(await world.result(requestId)).toMatchObject({ status: 'rejected' });
  expect(world.procore.vendor(vendorId)).toMatchObject({
    erp_status: 'failed_to_export',
    erp_messages: [
      `Rejected by accounting (${MARIA}): we do not buy there`,
      'Correct the record and send it again, or ask accounting.',
    ],
  });
  expect(world.erp.vendors()).toEqual([]);
});

test('who may not approve is told so, and nothing happens', async () => {
  const { requestId } = exportVendor({ prequalified: false }, { userId: 7710 });
  await fetch(world.webhookUrl, {
    method: 'POST',
    headers: { authorization: 'Bearer hook-secret-1', 'content-type': 'application/json' },
    body: JSON.stringify({
      ulid: 'X1',
      resource_name: 'ERP Requests',
      event_type: 'create',
      resource_id: requestId,
      user_id: 7710,
    }),
  });
  await world.until(requestId, 'waiting_for_finance');
  const refused = (more: object): Promise<string> =>
    world.approve(requestId, more).then(
      () => 'approved',
      (error: { cause?: Error }) => String(error.cause?.message),
    );
  expect(await refused({ by: 'eve@else.example' })).toMatch(
    /"eve@else.example" may not decide .* maria@acme.example/,
  );
  // The one who asked for it in Procore.
  expect(await refused({ by: 'tom@acme.example' })).toMatch(/may not decide/);
  expect(await refused({ planHash: 'f'.repeat(64) })).toMatch(
    /The plan changed: you decided about ffffffffffff/,
  );
  expect((await world.request(requestId)).status).toBe('waiting_for_finance');
});

test('what the ERP refuses is parked; a correction resumes the same workflow', async () => {
  const { requestId } = exportVendor({
    state_code: 'WA',
    name: 'A name that is much longer than what the vendor file of the ERP can hold',
  });
  await world.poll();
  const parked = await world.until(requestId, 'parked');
  expect(parked.reason).toMatch(/Name ".*" is 72 characters long; the ERP takes 60/);
  await world.correct(requestId, { name: 'A shorter name', sortName: 'SHORTER' });
  expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
  expect(world.erp.vendors()).toMatchObject([{ Name: 'A shorter name', SortName: 'SHORTER' }]);
});

test('what changed in Procore while a request was parked is told before it goes on', async () => {
  const { vendorId, requestId } = exportVendor({
    name: 'A name that is much longer than what the vendor file of the ERP can hold',
  });
  await world.poll();
  await world.until(requestId, 'parked');
  // Nobody may edit what waits for the ERP, but another integration does.
  await inProcore((company) =>
    company.kinds.vendor?.write?.({}, [
      { key: 'it', procoreId: vendorId, fields: { name: 'A shorter name', city: 'Tacoma' } },
    ]),
  );
  await world.correct(requestId, { name: 'Another name', sortName: 'ANOTHER' });
  // The rule lets only plans without warnings through.
  const { reason } = await world.until(requestId, 'waiting_for_finance');
  expect(reason).toMatch(
    /Name was sent as "A name that is much longer .*"; Procore shows "A shorter name" now\. City was sent as "Seattle"; Procore shows "Tacoma" now\./,
  );
  await world.approve(requestId);
  expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
  // What was approved is what was written.
  expect(world.erp.vendors()).toMatchObject([{ Name: 'Another name', City: 'Seattle' }]);
  expect((await world.trail(requestId)).map(({ action }) => action)).toContain('request.reread');
  expect(await world.auditFindings()).toEqual([]);
});

test('a trigger of the ERP that says no parks the request with its own words', async () => {
  const { requestId } = exportVendor({ email_address: 'nobody' }, { code: '10500' });
  await world.poll();
  expect((await world.until(requestId, 'parked')).reason).toMatch(/[Ee]-?[Mm]ail/);
  await world.correct(requestId, { email: 'ap@cobalt.example' });
  expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
});

test('what is given up after it was written says that the ERP has it', async () => {
  world.procore.addFault({
    kind: 'status',
    status: 422,
    match: { operationId: 'externalData.sync' },
    times: 1000,
  });
  const { requestId, vendorId } = exportVendor({}, { code: '10442' });
  await world.poll();
  await world.until(requestId, 'parked');
  await world.reject(requestId, 'link it by hand');
  const left = 'In the ERP already, and not linked in Procore: Vendor 10442 "Cobalt Mechanical LLC".';
  expect((await world.result(requestId)).summary).toContain(left);
  expect(world.procore.vendor(vendorId)['erp_messages']).toContain(left);
});

test('a locked vendor file is waited for with the reason', async () => {
  world.erp.lockVendorFile('Dana');
  const { requestId } = exportVendor({}, { code: '10442' });
  await world.poll();
  expect((await world.until(requestId, 'busy')).reason).toMatch(/Dana/);
  world.erp.unlockVendorFile();
  // It would go on by itself; a person in a hurry says so.
  await world.correct(requestId, {});
  expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
});

test('a change in the ERP after the approval sends the plan back', async () => {
  world.erp.lockVendorFile('Dana');
  const { requestId } = exportVendor({ prequalified: false }, { code: '10442' });
  await world.poll();
  await world.until(requestId, 'waiting_for_finance');
  // Somebody takes the sort name while finance thinks: the plan would write another one now.
  world.erp.addVendor({
    Name: 'Cobalt Electric',
    SortName: 'COBALT',
    Vendor: 10001,
    VendorType: 'SUP',
    Country: 'US',
  });
  const before = await world.store((store) =>
    store.read('plan', (t) => t.plans.latest({ ...world.ref(requestId), page: 0 })),
  );
  world.erp.unlockVendorFile();
  await world.approve(requestId);
  const again = await world.until(requestId, 'waiting_for_finance');
  const after = await world.store((store) =>
    store.read('plan', (t) => t.plans.latest({ ...world.ref(requestId), page: 0 })),
  );
  expect(after?.hash).not.toBe(before?.hash);
  expect(again.reason).toMatch(/Sort name COBALT belongs to vendor 10001/);
  await world.approve(requestId);
  expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
  expect(world.erp.vendors()).toMatchObject([{ SortName: 'COBALT' }, { SortName: 'COBALT2' }]);
});

test('a code that another vendor has is parked with the name of its owner', async () => {
  world.erp.addVendor({
    Name: 'Cobalt Electric',
    SortName: 'CELECTRIC',
    Vendor: 10442,
    VendorType: 'SUP',
    Country: 'US',
  });
  const { requestId } = exportVendor({}, { code: '10442' });
  await world.poll();
  expect((await world.until(requestId, 'parked')).reason).toMatch(
    'Vendor number 10442 is already used by vendor 10442 "Cobalt Electric" in the ERP',
  );
});

test('an export after an unlink finds the ERP vendor again instead of making a twin', async () => {
  const { vendorId, requestId } = exportVendor({}, { code: '10442' });
  await world.poll();
  await world.result(requestId);
  const unlink = world.procore.unlinkVendor(vendorId);
  await world.poll();
  expect(await world.result(unlink.requestId)).toMatchObject({ status: 'applied' });
  const again = world.procore.exportVendor(vendorId, {
    code: '10442',
    customFields: { vendor_type_origin_id: '1|SUB' },
  });
  await world.poll();
  await world.until(again.requestId, 'waiting_for_finance');
  await world.approve(again.requestId);
  expect(await world.result(again.requestId)).toMatchObject({ status: 'applied' });
  expect(world.erp.vendors()).toHaveLength(1);
  expect(world.procore.vendor(vendorId)).toMatchObject({ origin_id: 'vendor|1|10442' });
});

test('giving up a request that waits for the ERP closes it, and the audit log says who', async () => {
  world.erp.lockVendorFile('Dana');
  const { vendorId, requestId } = exportVendor({}, { code: '10442' });
  await world.poll();
  await world.until(requestId, 'busy');
  await world.reject(requestId, 'ordered elsewhere');
  expect(await world.result(requestId)).toMatchObject({ status: 'rejected' });
  const trail = await world.trail(requestId);
  expect(trail.map(({ action, actor }) => `${action} ${actor}`)).toEqual(
    expect.arrayContaining(['approval.granted rule:prequalified-vendors', `approval.rejected ${MARIA}`]),
  );
  expect(world.procore.vendor(vendorId).erp_status).toBe('failed_to_export');
  expect(world.erp.vendors()).toEqual([]);
});

test('a store restored from an older backup: the ledger knows what was written, and nothing is written twice', async () => {
  const backup = join(world.folder, 'backup.db');
  await world.store((store) => store.read('x', (t) => t.connections.all()));
  await world.daemon.stop();
  copyFileSync(join(world.folder, 'tieback.db'), backup);
  await world.start();
  const { vendorId, requestId } = exportVendor({}, { code: '10442' });
  await world.poll();
  await world.result(requestId);

  await world.daemon.stop();
  for (const end of ['-wal', '-shm']) rmSync(join(world.folder, `tieback.db${end}`), { force: true });
  copyFileSync(backup, join(world.folder, 'tieback.db'));
  await world.start();
  await world.poll();
  expect(await world.until(requestId, 'applied')).toMatchObject({ status: 'applied' });
  expect(world.erp.vendors()).toHaveLength(1);
  expect(world.erp.ledger()).toHaveLength(1);
  expect(world.procore.vendor(vendorId)).toMatchObject({ origin_id: 'vendor|1|10442', erp_status: 'synced' });
  const trail = await world.trail(requestId);
  expect(trail.map(({ action }) => action)).toContain('operation.adopted');
});
