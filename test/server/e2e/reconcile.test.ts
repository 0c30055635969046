/** Vendors of the sample ERP and of Procore are kept equal: what moves on either side comes to the other, and a second run does nothing. */
import { fingerprintOf } from '../../../src/domain/reconcile/mapping/fingerprint';
import type { KindMapping } from '../../../src/domain/reconcile/mapping/mapping';
import type { ReconcileResult } from '../../../src/domain/request/flow';
import { mappingReaderOf } from '../../../src/domain/request/id';
import { startReconcile } from '../../../src/temporal/starter';
import type { TestTemporal } from '../../support/temporal';
import { testTemporal } from '../../support/temporal';
import { POLICY, World } from '../../support/world';
import { PROCORE_PAGES } from '../../../src/activities/reconcile/look';

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

const reconcile = async (kind: 'vendor' = 'vendor', full = false): Promise<ReconcileResult> => {
  const { connectionId, config, client } = world;
  const handle = await startReconcile(client, config.temporal.taskQueue, {
    connectionId,
    kind,
    procoreQueue: `procore-${config.apps[0]?.name ?? ''}`,
    erpQueue: `erp-${connectionId}`,
    full,
  });
  const result = (await handle.result()) as ReconcileResult;
  expect(result.problem).toBeNull();
  return result;
};

const vendor = (id: number): Record<string, unknown> => world.procore.record('vendor', id) as never;

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

/** The daemon starts again with another mapping. */
const mappedAs = (vendorMapping: KindMapping): Promise<void> =>
  world.restart({ reconcile: { kinds: {}, ownership: {}, mapping: { vendor: vendorMapping } } });

const OLYMPIA = { city: { pairs: [{ erp: 'OLY', procore: 'Olympia' }] } };

test('values are mapped both ways without an echo, and what the filter leaves out is left alone until it is carried again', async () => {
  const [link] = await world.read((t) => t.links.linked(world.connectionId, 'vendor'));
  const [id, number] = [link?.procoreId ?? 0, Number(link?.erpKey.split('|')[1])];
  world.erp.changeVendor(number, { City: 'OLY' });
  await mappedAs({ fields: OLYMPIA, only: {} });
  await quiet();
  expect(vendor(id)).toMatchObject({ city: 'Olympia' });
  const read = await world.read((t) => t.checkpoints.get(world.connectionId, mappingReaderOf('vendor')));
  expect(read?.cursor).toBe(fingerprintOf({ vendor: { fields: OLYMPIA, only: {} } }, 'vendor'));

  world.procore.editRecord('vendor', id, { city: 'Tacoma' });
  await reconcile();
  expect(world.erp.vendor(number)).toMatchObject({ City: 'Tacoma' });
  world.procore.editRecord('vendor', id, { city: 'Olympia' });
  await reconcile();
  expect(world.erp.vendor(number)).toMatchObject({ City: 'OLY' });
  await quiet();

  await mappedAs({ fields: OLYMPIA, only: { vendorType: ['SUP'] } });
  world.erp.changeVendor(number, { Zip: '98501' });
  world.procore.editRecord('vendor', id, { email_address: 'bills@cobalt.example' });
  await reconcile();
  await quiet();
  expect(vendor(id)).not.toMatchObject({ zip: '98501' });
  expect(world.erp.vendor(number)).toMatchObject({ EMail: 'ap@cobalt.example' });
  expect(await world.read((t) => t.exceptions.listOpen(world.connectionId))).toEqual([]);

  await mappedAs({ fields: OLYMPIA, only: {} });
  await reconcile();
  expect(vendor(id)).toMatchObject({ zip: '98501' });
  expect(world.erp.vendor(number)).toMatchObject({ EMail: 'bills@cobalt.example', City: 'OLY' });
  await quiet();
}, 60_000);

test('what was approved under one mapping is not written under another: it is planned and asked for again', async () => {
  const [link] = await world.read((t) => t.links.linked(world.connectionId, 'vendor'));
  const [id, number] = [link?.procoreId ?? 0, Number(link?.erpKey.split('|')[1])];
  const hashOf = async (request: string): Promise<string> =>
    (
      await world.read((t) =>
        t.plans.latest({ connectionId: world.connectionId, id: request, page: PROCORE_PAGES }),
      )
    )?.hash ?? '';
  await world.restart({ policy: { ...POLICY, rules: [] } });
  world.procore.editRecord('vendor', id, { city: 'Tacoma' });
  const [request = ''] = (await reconcile()).requests;
  await world.until(request, 'waiting_for_finance');
  const first = await hashOf(request);
  await mappedAs({ fields: { city: values({ OLY: 'Olympia', TAC: 'Tacoma' }) }, only: {} });
  await world.approve(request, { planHash: first });
  while ((await hashOf(request)) === first) await world.until(request, 'waiting_for_finance');
  expect(world.erp.vendor(number)).toMatchObject({ City: 'OLY' });
  await world.until(request, 'waiting_for_finance');
  await world.approve(request, { planHash: await hashOf(request) });
  await world.result(request);
  expect(world.erp.vendor(number)).toMatchObject({ City: 'TAC' });
}, 60_000);

const values = (given: Readonly<Record<string, string>>): KindMapping['fields'][string] => ({
  pairs: Object.entries(given).map(([erp, procore]) => ({ erp, procore })),
});
