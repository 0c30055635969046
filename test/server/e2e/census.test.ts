import type { TestTemporal } from '../../support/temporal';
import { testTemporal } from '../../support/temporal';
import { vendorFields, World } from '../../support/world';

/** Nobody writes beside another integration without having been told to. */
let temporal: TestTemporal;
let world: World;

beforeAll(async () => {
  temporal = await testTemporal();
});
afterAll(() => temporal.close());
beforeEach(async () => {
  world = await World.create(temporal, { acceptForeignOrigins: false });
});
afterEach(async () => {
  expect(world.procore.violations()).toEqual([]);
  expect(await world.auditFindings()).toEqual([]);
  await world.close();
});

/** A company that finance would let through, sent to the ERP. */
function send(name = 'Cobalt Mechanical LLC'): { vendorId: number; requestId: number } {
  const [vendor] = world.procore.seedVendors([
    vendorFields({
      name,
      abbreviated_name: name.toUpperCase().slice(0, 15),
      email_address: null,
      business_phone: null,
    }),
  ]);
  if (!vendor) throw new Error('unreachable');
  return { vendorId: vendor.id, requestId: world.procore.exportVendor(vendor.id, {}).requestId };
}

const sage = () => world.procore.seedVendors([{ name: 'Sage Electric', origin_id: 'SAGE-100' }])[0];

const listings = (): number =>
  world.procore.requestLog().filter(({ path }) => path === '/rest/v1.0/line_item_types').length;

const SENTENCE =
  'Another integration owns origin_ids in Procore, so nothing is written there: ' +
  '1 of the vendors (such as "SAGE-100" of Sage Electric).';

test('beside another integration nothing is written; the request goes on when its records are gone', async () => {
  const foreign = sage();
  const { vendorId, requestId } = send();
  await world.poll();
  const parked = await world.until(requestId, 'parked');
  expect(parked.reason).toBe(SENTENCE);
  expect(world.writes()).toEqual([]);
  expect(world.erp.vendors()).toEqual([]);
  const [exception] = await world.openExceptions();
  expect(exception).toMatchObject({
    cause: 'config',
    hint: expect.stringMatching(/tieback census.*acceptForeignOrigins: true/) as unknown,
  });
  const row = await world.read((t) => t.connections.find(world.connectionId));
  expect(row?.census?.counts[0]).toMatchObject({ kind: 'vendor', total: 2, without: 1, ours: 0, foreign: 1 });
  world.procore.editVendor(foreign?.id ?? 0, { origin_id: null });
  world.skipMinutes(2);
  await world.correct(requestId, {});
  expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
  expect(world.procore.vendor(vendorId).origin_id).toMatch(/^vendor\|1\|/);
  expect(world.erp.vendors()).toHaveLength(1);
});

test('with the setting, the request goes on after the restart', async () => {
  sage();
  const { requestId } = send();
  await world.poll();
  await world.until(requestId, 'parked');
  await world.restart({ acceptForeignOrigins: true });
  await world.correct(requestId, {});
  expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
});

test('a clean census is taken once, before the first write', async () => {
  for (let round = 0; round < 2; round += 1) {
    const { requestId } = send(`Company ${round}`);
    await world.poll();
    expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
    expect(listings()).toBe(1);
    world.skipMinutes(60);
  }
  const row = await world.read((t) => t.connections.find(world.connectionId));
  expect(row?.census?.counts.every(({ foreign }) => foreign === 0)).toBe(true);
});

test('ours are those that our links or the ERP know', async () => {
  world.erp.addVendor({ Vendor: 10001, Name: 'Acier Laurentide', SortName: 'ACIER' });
  world.procore.seedVendors([{ name: 'Acier Laurentide', origin_id: 'vendor|1|10001' }]);
  const { requestId } = await world.refreshVendors();
  expect(await world.request(requestId)).toMatchObject({ status: 'applied' });
  const row = await world.read((t) => t.connections.find(world.connectionId));
  expect(row?.census?.counts[0]).toMatchObject({ total: 1, ours: 1, foreign: 0 });
  world.procore.seedVendors([{ name: 'Not there', origin_id: 'vendor|1|99999' }]);
  // Counted clean before: it is not counted again at every write.
  expect(await world.refreshVendors()).toMatchObject({ status: 'applied' });
});
