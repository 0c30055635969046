/** Values of the sample ERP and of Procore are led into each other by a mapping, which may change under links that are there already. */
import { PROCORE_PAGES } from '../../../src/activities/reconcile/look';
import { fingerprintOf } from '../../../src/domain/reconcile/mapping/fingerprint';
import type { KindMapping } from '../../../src/domain/reconcile/mapping/mapping';
import { mappingReaderOf } from '../../../src/domain/request/id';
import type { TestTemporal } from '../../support/temporal';
import { testTemporal } from '../../support/temporal';
import { POLICY, World } from '../../support/world';

let temporal: TestTemporal;
let world: World;

beforeAll(async () => {
  temporal = await testTemporal();
  world = await World.create(temporal, { policy: { rules: [UPDATES] } });
});
afterAll(async () => {
  expect(await world.auditFindings()).toEqual([]);
  expect(world.procore.violations()).toEqual([]);
  await world.close();
  await temporal.close();
});

const UPDATES = {
  name: 'vendor-updates',
  decision: 'approve' as const,
  when: { events: ['reconcile'], erpActions: ['update' as const] },
};
const pairs = (given: Readonly<Record<string, string>>): KindMapping['fields'][string] => ({
  pairs: Object.entries(given).map(([erp, procore]) => ({ erp, procore })),
});
const OLYMPIA = { city: pairs({ OLY: 'Olympia' }) };

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

/** A vendor that stands on both sides and was compared: its number in the ERP, its id in Procore. */
async function linked(city: string): Promise<{ readonly number: number; readonly id: number }> {
  const number = world.erp.addVendor({
    Name: `Cobalt Mechanical of ${city} LLC`,
    SortName: city.toUpperCase(),
    City: city,
    VendorType: 'SUB',
  });
  await world.reconcile();
  const staged = world.staged().find(({ origin_id }) => origin_id === `vendor|1|${number}`);
  const { requestId, vendorId } = world.procore.importVendor(staged?.id ?? 0);
  await world.poll();
  expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
  await world.reconcile();
  await quiet();
  return { number, id: vendorId };
}

/** The daemon starts again with another mapping. */
const mappedAs = (mapping: Partial<KindMapping>): Promise<void> =>
  world.restart({
    reconcile: { kinds: {}, ownership: {}, mapping: { vendor: { fields: OLYMPIA, only: {}, ...mapping } } },
  });

test('values are mapped both ways without an echo, and what the filter leaves out is left alone until it is carried again', async () => {
  const { number, id } = await linked('Olympia');
  world.erp.changeVendor(number, { City: 'OLY' });
  await mappedAs({});
  await quiet();
  expect(vendor(id)).toMatchObject({ city: 'Olympia' });
  const read = await world.read((t) => t.checkpoints.get(world.connectionId, mappingReaderOf('vendor')));
  expect(read?.cursor).toBe(fingerprintOf({ vendor: { fields: OLYMPIA, only: {} } }, 'vendor'));

  world.procore.editRecord('vendor', id, { city: 'Tacoma' });
  await world.reconcile();
  expect(world.erp.vendor(number)).toMatchObject({ City: 'Tacoma' });
  world.procore.editRecord('vendor', id, { city: 'Olympia' });
  await world.reconcile();
  expect(world.erp.vendor(number)).toMatchObject({ City: 'OLY' });
  await quiet();

  await mappedAs({ only: { vendorType: ['SUP'] } });
  world.erp.changeVendor(number, { Zip: '98501' });
  world.procore.editRecord('vendor', id, { email_address: 'bills@cobalt.example' });
  await world.reconcile();
  await quiet();
  expect(vendor(id)).not.toMatchObject({ zip: '98501' });
  expect(world.erp.vendor(number)).toMatchObject({ EMail: null });
  expect(await world.openExceptions()).toEqual([]);

  await mappedAs({});
  await world.reconcile();
  expect(vendor(id)).toMatchObject({ zip: '98501' });
  expect(world.erp.vendor(number)).toMatchObject({ EMail: 'bills@cobalt.example', City: 'OLY' });
  await quiet();
}, 300_000);

test('a conflict about a vendor that the filter leaves out is closed, and is there again when it is carried again', async () => {
  const { number, id } = await linked('Yakima');
  world.erp.changeVendor(number, { Phone: '206-555-0177' });
  world.procore.editRecord('vendor', id, { business_phone: '206-555-0199' });
  const fields = async (): Promise<readonly string[]> =>
    (await world.read((t) => t.conflicts.open(world.connectionId))).map(({ field }) => field);
  await world.reconcile();
  expect(await fields()).toEqual(['phone']);
  await mappedAs({ only: { vendorType: ['SUP'] } });
  await world.reconcile();
  expect(await fields()).toEqual([]);
  await quiet();
  await mappedAs({});
  await world.reconcile();
  expect(await fields()).toEqual(['phone']);
  expect(world.erp.vendor(number)).toMatchObject({ Phone: '206-555-0177' });
  expect(vendor(id)).toMatchObject({ business_phone: '206-555-0199' });
}, 300_000);

test('what was approved under one mapping is not written under another: it is planned and asked for again', async () => {
  await mappedAs({});
  const { number, id } = await linked('OLY');
  expect(vendor(id)).toMatchObject({ city: 'Olympia' });
  const hashOf = async (request: string): Promise<string> => {
    const plan = await world.read((t) => t.plans.latest({ ...world.ref(request), page: PROCORE_PAGES }));
    return plan?.hash ?? '';
  };
  await world.restart({ policy: { ...POLICY, rules: [] } });
  world.procore.editRecord('vendor', id, { city: 'Tacoma' });
  const [request = ''] = (await world.reconcile()).requests;
  await world.until(request, 'waiting_for_finance');
  const first = await hashOf(request);
  await mappedAs({ fields: { city: pairs({ OLY: 'Olympia', TAC: 'Tacoma' }) } });
  await world.approve(request, { planHash: first });
  while ((await hashOf(request)) === first) await world.until(request, 'waiting_for_finance');
  expect(world.erp.vendor(number)).toMatchObject({ City: 'OLY' });
  await world.until(request, 'waiting_for_finance');
  await world.approve(request, { planHash: await hashOf(request) });
  await world.result(request);
  expect(world.erp.vendor(number)).toMatchObject({ City: 'TAC' });
}, 300_000);
