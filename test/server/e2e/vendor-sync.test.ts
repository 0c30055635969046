import type { WorldOptions } from '../../support/world';
import { vendorFields, World } from '../../support/world';
import type { TestTemporal } from '../../support/temporal';
import { testTemporal } from '../../support/temporal';

let temporal: TestTemporal;
let world: World;

beforeAll(async () => {
  temporal = await testTemporal();
});
afterAll(() => temporal.close());
afterEach(async () => {
  // What we send is documented, in every test.
  expect(world.procore.violations()).toEqual([]);
  expect(await world.auditFindings()).toEqual([]);
  await world.close();
});

const begin = async (options: WorldOptions = {}): Promise<void> => {
  world = await World.create(temporal, {
    ...options,
    simulator: { rejectUnknownStagedFields: true, ...options.simulator },
  });
};

const DONE = 'requestDetail.update';

/** A vendor that is in both systems and tied together: staged, then imported. */
async function importAll(): Promise<void> {
  await world.refreshVendors();
  for (const { id, status } of world.staged()) {
    if (status !== 'staged') continue;
    const { requestId } = world.procore.importVendor(id);
    await world.poll();
    expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
  }
}

const vendor = (number: number, more: object = {}) => ({
  Vendor: number,
  Name: `Vendor number ${number}`,
  SortName: `V${number}`,
  Address: '77 Industrial Loop',
  City: 'Tacoma',
  State: 'WA',
  Zip: '98421',
  Phone: '253-555-0102',
  EMail: `ap@v${number}.example`,
  VendorType: 'SUB',
  ...more,
});

const procoreVendor = (originId: string) => {
  const found = world.procore
    .state()
    .companies[0]?.records.vendor.find(({ origin_id }) => origin_id === originId);
  if (!found) throw new Error(`no Procore vendor has ${originId}`);
  return found;
};

const vendorSyncs = () =>
  world.procore.requestLog().filter(({ operationId }) => operationId === 'RestV10VendorsSyncPatch');

const updatesOf = (): Record<string, unknown>[] =>
  vendorSyncs().flatMap(({ body }) => (body as { updates: Record<string, unknown>[] }).updates);

const checkpoint = () => world.read((t) => t.checkpoints.get(world.connectionId, 'vendor'));

test('new ERP vendors are staged for import with the documented fields; inactive ones are not', async () => {
  await begin();
  world.erp.addVendor(vendor(10001, { Name: 'Acier Laurentide Ltée', Fax: '253-555-0199' }));
  world.erp.addVendor(vendor(10002, { Status: 'I' }));
  world.erp.addVendor(vendor(10003, { Phone: null, EMail: null }));
  const { requestId, ...result } = await world.refreshVendors();
  expect(result).toEqual({ status: 'applied', summary: '2 vendors brought up to date.' });
  expect(world.staged().map(({ origin_id, status }) => `${origin_id} ${status}`)).toEqual([
    'vendor|1|10001 staged',
    'vendor|1|10003 staged',
  ]);
  expect(world.staged()[0]).toMatchObject({
    item_type: 'vendor',
    origin_code: '10001',
    data: {
      name: 'Acier Laurentide Ltée',
      abbreviated_name: 'V10001',
      address: '77 Industrial Loop',
      city: 'Tacoma',
      state_code: 'WA',
      zip: '98421',
      country_code: 'US',
      business_phone: '253-555-0102',
      fax_number: '253-555-0199',
      email_address: 'ap@v10001.example',
      is_active: true,
    },
  });
  expect(world.details(requestId)).toMatchObject([{ status: 'success', messages: [] }]);
  expect(await world.links()).toMatchObject([
    { erpKey: '1|10001', state: 'staged', procoreId: null, generation: 1 },
    { erpKey: '1|10003', state: 'staged', procoreId: null, generation: 1 },
  ]);
});

test('an unchanged re-run writes nothing but the closing of the detail', async () => {
  await begin({ seedErp: true });
  const first = await world.refreshVendors();
  expect(first).toMatchObject({ status: 'applied' });
  const stagedBefore = world.staged();
  const linksBefore = await world.links();
  world.procore.clearLog();
  const again = await world.refreshVendors();
  expect(again).toMatchObject({ status: 'applied', summary: 'No vendor changed.' });
  expect(world.writes()).toEqual([DONE]);
  expect(world.staged()).toEqual(stagedBefore);
  expect(await world.links()).toEqual(linksBefore);
  expect(world.details(again.requestId)).toMatchObject([{ status: 'success', messages: [] }]);
});

test('a change of a linked vendor in the ERP becomes one vendors.sync with only the changed fields', async () => {
  await begin();
  world.erp.addVendor(vendor(10001));
  world.erp.addVendor(vendor(10002));
  await importAll();
  const { id, name } = procoreVendor('vendor|1|10001');
  world.procore.clearLog();
  world.erp.changeVendor(10001, { Phone: '253-555-0777', Fax: '253-555-0778' });
  expect(await world.refreshVendors()).toMatchObject({
    status: 'applied',
    summary: '1 vendor brought up to date.',
  });
  expect(world.writes()).toEqual(['RestV10VendorsSyncPatch', DONE]);
  expect(updatesOf()).toEqual([{ id, business_phone: '253-555-0777', fax_number: '253-555-0778' }]);
  expect(procoreVendor('vendor|1|10001')).toMatchObject({ id, name, business_phone: '253-555-0777' });

  // There and back again: each step is written, although the first values return.
  world.erp.changeVendor(10001, { Phone: '253-555-0102' });
  await world.refreshVendors();
  expect(procoreVendor('vendor|1|10001')).toMatchObject({ business_phone: '253-555-0102' });
  expect((await world.links()).find(({ erpKey }) => erpKey === '1|10001')).toMatchObject({
    state: 'linked',
    procore: { fields: { phone: '253-555-0102' } },
  });
});

test('a field emptied in the ERP is emptied in Procore; a linked vendor made inactive becomes inactive', async () => {
  await begin();
  world.erp.addVendor(vendor(10001));
  await importAll();
  world.erp.changeVendor(10001, { EMail: null });
  world.erp.deactivate(10001);
  await world.refreshVendors();
  expect(procoreVendor('vendor|1|10001')).toMatchObject({ email_address: null, is_active: false });
});

test('a staged vendor that becomes inactive is archived, and comes back when it is active again', async () => {
  await begin();
  world.erp.addVendor(vendor(10001));
  await world.refreshVendors();
  world.erp.deactivate(10001);
  expect(await world.refreshVendors()).toMatchObject({ summary: '1 vendor brought up to date.' });
  expect(world.staged()).toMatchObject([{ origin_id: 'vendor|1|10001', status: 'archived' }]);
  expect(await world.links()).toMatchObject([{ state: 'archived', generation: 2 }]);
  expect(await world.refreshVendors()).toMatchObject({ summary: 'No vendor changed.' });
  world.erp.reactivate(10001);
  await world.refreshVendors();
  expect(world.staged()).toMatchObject([{ origin_id: 'vendor|1|10001', status: 'staged' }]);
  expect(await world.links()).toMatchObject([{ state: 'staged', generation: 3 }]);
});

describe('a vendor that Procore refuses', () => {
  /** A state that the ERP has in its table and that Procore does not know. */
  const addStateToErp = (): void => world.erp.runScript("INSERT INTO HQST VALUES ('US', 'ZZ', 'Zed')");

  beforeEach(async () => {
    await begin();
    addStateToErp();
    for (const number of [10001, 10002, 10003]) world.erp.addVendor(vendor(number));
    await importAll();
    world.erp.changeVendor(10001, { Phone: '1' });
    world.erp.changeVendor(10002, { State: 'ZZ' });
    world.erp.changeVendor(10003, { Phone: '3' });
  });

  test('fails alone: the others go on, the detail says which, an exception is open', async () => {
    const { requestId, ...result } = await world.refreshVendors();
    expect(result.status).toBe('failed');
    expect(result.summary).toMatch(/^2 vendors brought up to date; 1 could not be carried: .*10002/);
    expect(procoreVendor('vendor|1|10001')).toMatchObject({ business_phone: '1' });
    expect(procoreVendor('vendor|1|10003')).toMatchObject({ business_phone: '3' });
    expect(procoreVendor('vendor|1|10002')).toMatchObject({ state_code: 'WA' });
    const [detail] = world.details(requestId);
    expect(detail).toMatchObject({ status: 'failed' });
    expect(detail?.messages).toEqual([
      expect.stringMatching(/10002 Vendor number 10002: .*state/i),
      'Ask accounting to correct this in the ERP, then refresh again.',
    ]);
    expect(await world.openExceptions()).toMatchObject([
      {
        erpKey: '1|10002',
        requestId: `erp/${requestId}`,
        reason: expect.stringMatching(/state/i) as string,
        hint: expect.stringMatching(/next sync takes it up again/) as string,
      },
    ]);
    const trail = await world.trail(requestId);
    expect(trail.map(({ action }) => action)).toContain('exception.opened');
  });

  test('is taken up by the next sync after the correction, which resolves the exception', async () => {
    const failed = await world.refreshVendors();
    expect(failed.status).toBe('failed');
    world.erp.changeVendor(10002, { State: 'OR' });
    expect(await world.refreshVendors()).toMatchObject({
      status: 'applied',
      summary: '1 vendor brought up to date.',
    });
    expect(procoreVendor('vendor|1|10002')).toMatchObject({ state_code: 'OR' });
    expect(await world.openExceptions()).toEqual([]);
  });

  test('is tried again by every sync, also when nothing changed in the ERP, and stays one exception', async () => {
    const first = await world.refreshVendors();
    const [before] = await world.openExceptions();
    const second = await world.refreshVendors();
    expect(second).toMatchObject({ status: 'failed' });
    expect(world.details(second.requestId)).toMatchObject([{ status: 'failed' }]);
    const open = await world.openExceptions();
    expect(open).toHaveLength(1);
    // It keeps the time since which somebody should have looked.
    expect(open[0]?.openedAt).toBe(before?.openedAt);
    expect(first.requestId).not.toBe(second.requestId);
    // Mended on Procore's side of the table this time: the state exists there now.
    world.erp.runScript("INSERT INTO HQST VALUES ('US', 'PR', 'Puerto Rico')");
    world.erp.changeVendor(10002, { State: 'PR' });
    expect(await world.refreshVendors()).toMatchObject({ status: 'applied' });
    expect(await world.openExceptions()).toEqual([]);
  });

  test('whose value is put back as it was needs no write, and its exception is resolved all the same', async () => {
    const failed = await world.refreshVendors();
    world.erp.changeVendor(10002, { State: 'WA' });
    world.procore.clearLog();
    const again = await world.refreshVendors();
    expect(again).toMatchObject({ status: 'applied', summary: 'No vendor changed.' });
    expect(world.writes()).toEqual([DONE]);
    expect(await world.openExceptions()).toEqual([]);
    const trail = await world.trail(failed.requestId);
    expect(trail.map(({ action }) => action)).toContain('exception.resolved');
  });

  test('that is deleted in the ERP leaves no exception behind', async () => {
    await world.refreshVendors();
    world.erp.deleteVendor(10002);
    expect(await world.refreshVendors()).toMatchObject({ status: 'applied' });
    expect(await world.openExceptions()).toEqual([]);
  });
});

test('a vendor refused while staged, then linked, has no exception left after the next sync', async () => {
  await begin();
  world.erp.addVendor(vendor(10001));
  await world.refreshVendors();
  world.erp.changeVendor(10001, { Phone: '1' });
  world.procore.addFault({
    kind: 'status',
    status: 200,
    body: { entities: [], errors: [{ origin_id: 'vendor|1|10001', errors: { name: ['is reserved'] } }] },
    match: { operationId: 'stagedRecords.sync' },
  });
  expect(await world.refreshVendors()).toMatchObject({ status: 'failed' });
  expect(await world.openExceptions()).toHaveLength(1);
  const [record] = world.staged();
  const { requestId } = world.procore.importVendor(record?.id ?? 0);
  await world.poll();
  await world.result(requestId);
  expect(await world.refreshVendors()).toMatchObject({ status: 'applied' });
  expect(await world.openExceptions()).toEqual([]);
  expect(procoreVendor('vendor|1|10001')).toMatchObject({ business_phone: '1' });
});

test('a 200 with partial errors refuses only the named records', async () => {
  await begin();
  for (const number of [10001, 10002, 10003]) world.erp.addVendor(vendor(number));
  world.procore.addFault({
    kind: 'status',
    status: 200,
    body: {
      entities: [],
      errors: [
        { item_type: 'vendor', origin_id: 'vendor|1|10002', errors: { name: ['is reserved by Procore'] } },
      ],
    },
    match: { operationId: 'stagedRecords.sync' },
  });
  const { requestId, ...result } = await world.refreshVendors();
  expect(result).toMatchObject({ status: 'failed' });
  expect(world.details(requestId)[0]?.messages).toEqual([
    expect.stringMatching(/10002 Vendor number 10002: .*is reserved by Procore/),
    'Ask accounting to correct this in the ERP, then refresh again.',
  ]);
  expect((await world.links()).map(({ erpKey, state }) => `${erpKey} ${state}`)).toEqual([
    '1|10001 staged',
    '1|10003 staged',
  ]);
  await world.refreshVendors();
  expect(await world.openExceptions()).toEqual([]);
  expect((await world.links()).map(({ erpKey, state }) => `${erpKey} ${state}`)).toEqual([
    '1|10001 staged',
    '1|10002 staged',
    '1|10003 staged',
  ]);
});

test('more than twenty refused vendors are named up to twenty, then counted', async () => {
  await begin();
  const numbers = Array.from({ length: 23 }, (_, index) => 10001 + index);
  for (const number of numbers) world.erp.addVendor(vendor(number));
  world.procore.addFault({
    kind: 'status',
    status: 200,
    body: {
      entities: [],
      errors: numbers.map((n) => ({ origin_id: `vendor|1|${n}`, errors: { name: ['is reserved'] } })),
    },
    match: { operationId: 'stagedRecords.sync' },
  });
  const { requestId } = await world.refreshVendors();
  const messages = world.details(requestId)[0]?.messages ?? [];
  expect(messages).toHaveLength(22);
  expect(messages[20]).toBe('... and 3 more.');
  for (const message of messages) expect(message.length).toBeLessThanOrEqual(250);
});

test('several pages: every vendor once, the checkpoint moves forward only, page by page', async () => {
  const cursors: number[] = [];
  await begin({ pageSize: 5, seedErp: true });
  expect(await world.refreshVendors()).toMatchObject({ status: 'applied' });
  const active = world.erp.vendors().filter(({ Status }) => Status === 'A');
  expect(world.staged().map(({ origin_id }) => origin_id)).toEqual(
    active.map(({ Vendor }) => `vendor|1|${Vendor}`),
  );
  const stagings = world.procore
    .requestLog()
    .filter(({ operationId }) => operationId === 'stagedRecords.sync');
  expect(stagings.length).toBe(Math.ceil(world.erp.vendors().length / 5));
  const first = await checkpoint();
  expect(first?.position).toBe(Math.ceil(world.erp.vendors().length / 5));
  const cursorOf = (cursor: string | undefined): number => Number(cursor?.replace('rv:', ''));
  cursors.push(cursorOf(first?.cursor));
  for (const number of [10001, 10004, 10042]) {
    world.erp.changeVendor(number, { Phone: `555-${number}` });
    await world.refreshVendors();
    cursors.push(cursorOf((await checkpoint())?.cursor));
  }
  await world.refreshVendors();
  cursors.push(cursorOf((await checkpoint())?.cursor));
  expect(cursors).toEqual([...cursors].sort((a, b) => a - b));
  expect(cursors[4]).toBe(cursors[3]);
  expect(new Set(cursors).size).toBe(4);
});

test('exactly one full page ends without a write for the empty page after it', async () => {
  await begin({ pageSize: 5 });
  for (let number = 10001; number <= 10005; number += 1) world.erp.addVendor(vendor(number));
  expect(await world.refreshVendors()).toMatchObject({
    status: 'applied',
    summary: '5 vendors brought up to date.',
  });
  expect(world.writes()).toEqual(['stagedRecords.sync', DONE]);
  expect((await checkpoint())?.position).toBe(1);
});

test('an ERP without any vendor: nothing is written, the detail is closed', async () => {
  await begin();
  expect(await world.refreshVendors()).toMatchObject({ status: 'applied', summary: 'No vendor changed.' });
  expect(world.writes()).toEqual([DONE]);
});

test('two refreshes at the same time write each vendor to the same state, and both close', async () => {
  await begin({ pageSize: 5, seedErp: true });
  const requests = [1, 2].map(() => world.procore.refreshVendors({ force: true }).requestId);
  await world.poll();
  for (const requestId of requests) {
    expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
    expect(world.details(requestId)).toMatchObject([{ status: 'success' }]);
  }
  const active = world.erp.vendors().filter(({ Status }) => Status === 'A');
  expect(world.staged()).toHaveLength(active.length);
  expect((await world.links()).every(({ generation }) => generation === 1)).toBe(true);
});

test('the echo: a vendor exported from Procore and then synced is unchanged', async () => {
  await begin();
  const [seeded] = world.procore.seedVendors([vendorFields()]);
  const exported = world.procore.exportVendor(seeded?.id ?? 0, {
    code: '10442',
    customFields: { vendor_type_origin_id: '1|SUB' },
  });
  await world.poll();
  expect(await world.result(exported.requestId)).toMatchObject({ status: 'applied' });
  const before = world.procore.vendor(seeded?.id ?? 0);
  world.procore.clearLog();
  expect(await world.refreshVendors()).toMatchObject({ status: 'applied', summary: 'No vendor changed.' });
  expect(world.writes()).toEqual([DONE]);
  expect(world.procore.vendor(seeded?.id ?? 0)).toEqual(before);
});

test('a staged ERP vendor that a company is exported to becomes linked, and follows the ERP from then on', async () => {
  await begin();
  world.erp.addVendor(vendor(10442, { Name: 'Cobalt Mechanical LLC', SortName: 'COBALT' }));
  await world.refreshVendors();
  world.erp.changeVendor(10442, { Phone: '253-555-0001' });
  await world.refreshVendors();
  expect(await world.links()).toMatchObject([{ state: 'staged', generation: 2 }]);
  const [company] = world.procore.seedVendors([vendorFields()]);
  const { requestId } = world.procore.exportVendor(company?.id ?? 0, {
    code: '10442',
    customFields: { vendor_type_origin_id: '1|SUB' },
  });
  await world.poll();
  await world.until(requestId, 'waiting_for_finance');
  await world.approve(requestId);
  expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
  expect(await world.links()).toMatchObject([
    { erpKey: '1|10442', state: 'linked', procoreId: company?.id, generation: 3 },
  ]);
  world.erp.changeVendor(10442, { Phone: '253-555-0002' });
  await world.refreshVendors();
  expect(world.procore.vendor(company?.id ?? 0)).toMatchObject({ business_phone: '253-555-0002' });
});

test('a lost answer of Procore is repeated without harm', async () => {
  await begin();
  world.erp.addVendor(vendor(10001));
  await importAll();
  world.erp.changeVendor(10001, { Phone: '1' });
  world.procore.addFault({ kind: 'drop-reply', match: { operationId: 'RestV10VendorsSyncPatch' } });
  expect(await world.refreshVendors()).toMatchObject({
    status: 'applied',
    summary: '1 vendor brought up to date.',
  });
  expect(procoreVendor('vendor|1|10001')).toMatchObject({ business_phone: '1' });
});
