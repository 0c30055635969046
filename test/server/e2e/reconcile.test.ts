/** Vendors of the sample ERP and of Procore are kept equal: what moves on either side comes to the other, and a second run does nothing. */
import type { TestTemporal } from '../../support/temporal';
import { testTemporal } from '../../support/temporal';
import { World } from '../../support/world';

let temporal: TestTemporal;
let world: World;

beforeAll(async () => {
  temporal = await testTemporal();
});
afterAll(() => temporal.close());
afterEach(async () => {
  expect(await world.auditFindings()).toEqual([]);
  expect(world.procore.violations()).toEqual([]);
  await world.close();
});

const UPDATES = {
  name: 'vendor-updates',
  decision: 'approve' as const,
  when: { events: ['reconcile'], erpActions: ['update' as const] },
};

const vendor = (id: number): unknown => world.procore.record('vendor', id);
const entries = (): number => world.rows<{ n: number }>('SELECT count(*) AS n FROM audit_entry')[0]?.n ?? 0;

/** A run that finds both sides equal. */
async function quiet(): Promise<void> {
  world.procore.clearLog();
  const before = entries();
  expect(await world.reconcile()).toMatchObject({ moved: { erp: 0, procore: 0 }, requests: [] });
  expect(world.writes()).toEqual([]);
  expect(entries()).toBe(before);
}

/** Vendors that stand on both sides and were compared; Procore ids by ERP number. */
async function linked(count: number): Promise<ReadonlyMap<number, number>> {
  const numbers = Array.from({ length: count }, (_, index) =>
    world.erp.addVendor({
      Name: `Cobalt Mechanical ${index + 1} LLC`,
      SortName: `COBALT${index + 1}`,
      City: 'Seattle',
      Phone: '206-555-0134',
      VendorType: 'SUB',
    }),
  );
  await world.reconcile();
  const ids = new Map<number, number>();
  for (const number of numbers) {
    const staged = world.staged().find(({ origin_id }) => origin_id === `vendor|1|${number}`);
    const { requestId, vendorId } = world.procore.importVendor(staged?.id ?? 0);
    await world.poll();
    expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
    ids.set(number, vendorId);
  }
  await world.reconcile();
  await quiet();
  return ids;
}

test('a linked vendor follows whichever side moved, and a conflict waits for a person', async () => {
  world = await World.create(temporal, { policy: { rules: [UPDATES] } });
  const [[number = 0, vendorId = 0] = []] = await linked(1);

  world.erp.changeVendor(number, { City: 'Tacoma' });
  await world.reconcile();
  expect(vendor(vendorId)).toMatchObject({ city: 'Tacoma' });
  await quiet();

  world.procore.editRecord('vendor', vendorId, { email_address: 'ap@cobalt.example' });
  await world.reconcile();
  expect(world.erp.vendor(number)).toMatchObject({ EMail: 'ap@cobalt.example' });
  await quiet();

  world.erp.changeVendor(number, { Phone: '206-555-0177', City: 'Olympia' });
  world.procore.editRecord('vendor', vendorId, { business_phone: '206-555-0199' });
  await world.reconcile();
  expect(vendor(vendorId)).toMatchObject({ city: 'Olympia', business_phone: '206-555-0199' });
  expect(world.erp.vendor(number)).toMatchObject({ Phone: '206-555-0177' });
  const conflicts = await world.read((t) => t.conflicts.open(world.connectionId));
  expect(conflicts).toMatchObject([
    { field: 'phone', procore: '206-555-0199', erp: '206-555-0177', rule: 'ask' },
  ]);
  await quiet();
}, 60_000);

test('the contact is that of Procore, which is never told of another', async () => {
  world = await World.create(temporal, { policy: { rules: [UPDATES] } });
  const [[number = 0, vendorId = 0] = []] = await linked(1);
  const contact = (last_name: string): { primary_contact: Record<string, string | number> } => ({
    primary_contact: { id: 41, first_name: 'Maya', last_name },
  });

  // Nobody was ever chosen in Procore.
  world.erp.changeVendor(number, { Contact: 'Ben Hsu' });
  await world.reconcile();
  expect(world.erp.vendor(number)).toMatchObject({ Contact: 'Ben Hsu' });
  await quiet();

  world.procore.editRecord('vendor', vendorId, contact('Ortiz'));
  await world.reconcile();
  expect(world.erp.vendor(number)).toMatchObject({ Contact: 'Maya Ortiz' });
  await quiet();

  world.erp.changeVendor(number, { Contact: 'Ben Hsu', City: 'Tacoma' });
  await world.reconcile();
  expect(world.erp.vendor(number)).toMatchObject({ Contact: 'Maya Ortiz' });
  expect(vendor(vendorId)).toMatchObject({ ...contact('Ortiz'), city: 'Tacoma' });
  await quiet();

  world.procore.editRecord('vendor', vendorId, contact('Featherstonehaugh-Cholmondeley'));
  await world.reconcile();
  expect(world.erp.vendor(number)).toMatchObject({ Contact: 'Maya Ortiz' });
  const [open] = await world.read((t) => t.exceptions.listOpen(world.connectionId, 'vendor'));
  expect(open?.reason).toMatch(
    /Contact "Maya Featherstonehaugh-Cholmondeley" cannot be kept in the ERP: .* takes 30/,
  );

  world.procore.editRecord('vendor', vendorId, { primary_contact: null });
  await world.reconcile();
  expect(world.erp.vendor(number)).toMatchObject({ Contact: null });
  expect(await world.read((t) => t.exceptions.listOpen(world.connectionId, 'vendor'))).toEqual([]);
  await quiet();
}, 60_000);

test('what is written to the ERP waits for finance, and holds up nothing else', async () => {
  world = await World.create(temporal);
  const [[number = 0, vendorId = 0] = [], [other = 0, otherId = 0] = []] = await linked(2);

  world.procore.editRecord('vendor', vendorId, { email_address: 'ap@cobalt.example' });
  const { requests } = await world.reconcile();
  const [waiting = ''] = requests;
  await world.until(waiting, 'waiting_for_finance');
  expect(world.erp.vendor(number)).toMatchObject({ EMail: null });

  world.erp.changeVendor(other, { City: 'Tacoma' });
  await world.reconcile();
  expect(vendor(otherId)).toMatchObject({ city: 'Tacoma' });

  const [first] = await world.read((t) => t.plans.pagesRead(world.ref(waiting)));
  const plan = await world.read((t) => t.plans.latest({ ...world.ref(waiting), page: first?.page ?? 0 }));
  await world.approve(waiting, { planHash: plan?.hash ?? '' });
  await world.until(waiting, 'applied');
  expect(world.erp.vendor(number)).toMatchObject({ EMail: 'ap@cobalt.example' });
  await quiet();
}, 60_000);

test('many that are switched off at once wait for a person, with a sample', async () => {
  world = await World.create(temporal, { policy: { rules: [UPDATES] } });
  const ids = await linked(5);
  for (const number of ids.keys()) world.erp.deactivate(number);
  const { requests } = await world.reconcile();
  const [waiting = ''] = requests;
  const row = await world.until(waiting, 'waiting_for_finance');
  expect(row.reason).toMatch(
    /5 of 5 vendors would be switched off.*Cobalt Mechanical 1 LLC.*and|somebody must look/,
  );
  for (const id of ids.values()) expect(vendor(id)).toMatchObject({ is_active: true });
}, 60_000);

test('through the open door a new vendor of the ERP is made in Procore, linked, and kept equal', async () => {
  world = await World.create(temporal, { openDoor: {}, policy: { rules: [UPDATES] } });
  const number = world.erp.addVendor({ Name: 'Cobalt Mechanical LLC', SortName: 'COBALT', City: 'Seattle' });
  await world.reconcile();
  const there = (world.procore.state().companies[0]?.records.vendor ?? []).find(
    ({ name }) => name === 'Cobalt Mechanical LLC',
  );
  expect(there).toMatchObject({ origin_id: `vendor|1|${number}`, city: 'Seattle' });
  await world.reconcile();
  expect(await world.links()).toMatchObject([
    { erpKey: `1|${number}`, state: 'linked', procoreId: there?.id },
  ]);
  await quiet();
  world.procore.editRecord('vendor', there?.id ?? 0, { city: 'Tacoma' });
  await world.reconcile();
  expect(world.erp.vendor(number)).toMatchObject({ City: 'Tacoma' });
  await quiet();
}, 60_000);

test('what Procore may have already is not made before somebody has said so', async () => {
  world = await World.create(temporal, { openDoor: {}, policy: { rules: [UPDATES] } });
  const [there] = world.procore.seedVendors([
    { name: 'Delta Dry-wall Inc', business_phone: '206-555-0134', is_active: true },
  ]);
  const number = world.erp.addVendor({
    Name: 'Delta Drywall Inc.',
    SortName: 'DELTA',
    Phone: '206-555-0134',
  });
  await world.reconcile();
  const [waits] = await world.openExceptions();
  expect(waits?.reason).toMatch(/may be vendor\/\d+ "Delta Dry-wall Inc" of Procore/);
  await quiet();
  expect(world.procore.state().companies[0]?.records.vendor).toHaveLength(1);
  await world.store((store) =>
    store.transaction('test', world.connectionId, async (t) => {
      await t.links.advance(
        world.connectionId,
        [
          {
            kind: 'vendor',
            erpKey: `1|${number}`,
            procoreId: there?.id ?? 0,
            state: 'linked',
            generation: 1,
            procore: null,
            erp: null,
            erpRevision: null,
          },
        ],
        new Date().toISOString(),
      );
      t.sideRecords.lookAgain(world.connectionId, 'vendor', 'erp', [`1|${number}`], new Date().toISOString());
    }),
  );
  await world.reconcile();
  expect(await world.openExceptions()).toEqual([]);
  expect(await world.read((t) => t.conflicts.open(world.connectionId))).toMatchObject([{ field: 'name' }]);
  await quiet();
}, 60_000);
