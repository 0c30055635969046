/** Vendors of the sample ERP and of Procore are kept equal: what moves on either side comes to the other, and a second run does nothing. */
import type { ReconcileResult } from '../../../src/domain/request/flow';
import type { TestTemporal } from '../../support/temporal';
import { testTemporal } from '../../support/temporal';
import { World } from '../../support/world';

let temporal: TestTemporal;
let world: World;

beforeAll(async () => {
  temporal = await testTemporal();
  world = await World.create(temporal, {
    policy: {
      rules: [
        {
          name: 'vendor-updates',
          decision: 'approve',
          when: { events: ['reconcile'], erpActions: ['update'] },
        },
      ],
    },
  });
});
afterAll(async () => {
  expect(await world.auditFindings()).toEqual([]);
  await world.close();
  await temporal.close();
});

const reconcile = (): Promise<ReconcileResult> => world.reconcile('vendor');

const vendor = (id: number): Record<string, unknown> => world.procore.record('vendor', id);

/** A run that finds both sides equal. */
async function quiet(): Promise<void> {
  world.procore.clearLog();
  const before = world.rows<{ n: number }>('SELECT count(*) AS n FROM audit_entry')[0]?.n;
  expect(await reconcile()).toMatchObject({ moved: { erp: 0, procore: 0 }, requests: [] });
  expect(world.writes()).toEqual([]);
  expect(world.rows<{ n: number }>('SELECT count(*) AS n FROM audit_entry')[0]?.n).toBe(before);
}

test('a linked vendor follows whichever side moved, and a conflict waits for a person', async () => {
  const number = world.erp.addVendor({
    Name: 'Cobalt Mechanical LLC',
    SortName: 'COBALT',
    City: 'Seattle',
    Phone: '206-555-0134',
    VendorType: 'SUB',
  });
  const first = await reconcile();
  expect(first.requests).toHaveLength(1);
  const [staged] = world.staged();
  const { requestId, vendorId } = world.procore.importVendor(staged?.id ?? 0);
  await world.poll();
  expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
  await reconcile();
  await quiet();

  world.erp.changeVendor(number, { City: 'Tacoma' });
  await reconcile();
  expect(vendor(vendorId)).toMatchObject({ city: 'Tacoma' });
  await quiet();

  world.procore.editRecord('vendor', vendorId, { email_address: 'ap@cobalt.example' });
  await reconcile();
  expect(world.erp.vendor(number)).toMatchObject({ EMail: 'ap@cobalt.example' });
  await quiet();

  world.erp.changeVendor(number, { Phone: '206-555-0177', City: 'Olympia' });
  world.procore.editRecord('vendor', vendorId, { business_phone: '206-555-0199' });
  await reconcile();
  expect(vendor(vendorId)).toMatchObject({ city: 'Olympia', business_phone: '206-555-0199' });
  expect(world.erp.vendor(number)).toMatchObject({ Phone: '206-555-0177' });
  const conflicts = await world.read((t) => t.conflicts.open(world.connectionId));
  expect(conflicts).toMatchObject([
    { field: 'phone', procore: '206-555-0199', erp: '206-555-0177', rule: 'ask' },
  ]);
  await quiet();
}, 60_000);
