import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ProcoreSimulator } from '../../../sandbox/procore-simulator/simulator';
import type { SimulatorOptions } from '../../../sandbox/procore-simulator/types';
import type { ProcoreApp } from '../../../src/procore/app';
import { createProcoreApp } from '../../../src/procore/app';
import type { ProcoreCompany } from '../../../src/procore/port';
import { procoreSettings } from '../../../src/procore/settings';
import { vendorFromProcore } from '../../../src/procore/resources/vendor-mapping';
import { readDelivery } from '../../../src/procore/webhooks/receive';
import { collect, COMPANY, failure } from '../../support/procore/client';
import { SkippingTime } from '../../support/procore/fake-time';

/** The simulator checks every call against the documentation; no test may leave a violation behind. */
let simulator: ProcoreSimulator;
let app: ProcoreApp;
let company: ProcoreCompany;

async function start(options: SimulatorOptions = {}): Promise<void> {
  // One clock for both: a wait of the client takes no time and is over for Procore too.
  const time = new SkippingTime();
  simulator = new ProcoreSimulator({
    clock: { now: time.now },
    rateLimit: false,
    webhooks: { delivery: 'manual' },
    ...options,
  });
  const addresses = await simulator.start();
  const settings = procoreSettings({
    ...addresses,
    clientId: 'tieback-demo',
    clientSecret: 'demo-secret',
    companyId: COMPANY,
    pageSize: 4,
  });
  app = createProcoreApp(settings, { now: time.now, sleep: time.sleep });
  company = app.company();
}

afterEach(async () => {
  const violations = simulator.violations();
  app.close();
  await simulator.stop();
  expect(violations).toEqual([]);
});

const NAMES = ['Cobalt Mechanical LLC', 'Åkesson Rör AB', 'Third', 'Fourth', 'Fifth', 'Sixth'];

test('a vendor export, from the request to the closed detail', async () => {
  await start();
  const [vendor] = simulator.seedVendors([{ name: NAMES[0], city: 'Seattle', zip: '98134' }]);
  const vendorId = vendor?.id ?? 0;
  simulator.sendVendorToErp(vendorId);
  const { requestId } = simulator.exportVendor(vendorId, {
    code: '10442',
    customFields: { vendor_type_origin_id: '1|SUB' },
  });

  const { intent, subject } = company.readRequest(await company.showRequest(requestId));
  expect(subject).toBe(NAMES[0]);
  if (intent.kind !== 'create_vendor') throw new Error(JSON.stringify(intent));
  expect(intent).toMatchObject({
    procoreId: vendorId,
    vendor: { code: '10442', postalCode: '98134', vendorType: 'SUB' },
  });
  expect(await company.findDetails(vendorId)).toMatchObject([{ id: intent.detailIds[0] }]);

  const link = { itemType: 'vendor', itemId: vendorId, originId: 'vendor|1|10442', originCode: '10442' };
  expect(await company.syncExternalData([link])).toEqual([]);
  expect(await company.readExternalData('vendor', vendorId)).toMatchObject(link);

  const closing = {
    detailId: intent.detailIds[0] ?? 0,
    status: 'success',
    messages: ['Vendor 10442 created.'],
  } as const;
  expect(await company.closeDetails([closing])).toEqual([]);
  expect(await company.closeDetails([closing])).toEqual([]);
  expect(simulator.vendor(vendorId)).toMatchObject({ erp_status: 'synced', origin_id: 'vendor|1|10442' });
  expect(await company.closeDetails([{ ...closing, status: 'failed', itemId: vendorId }])).toHaveLength(1);
});

test('a lost answer to a closing does no harm', async () => {
  await start();
  const { requestDetailIds } = simulator.emitEvent('sync_vendors');
  simulator.addFault({ kind: 'drop-reply', match: { operationId: 'requestDetail.update' } });
  const closing = { detailId: requestDetailIds[0] ?? 0, status: 'failed', messages: ['No.'] } as const;
  expect(await company.closeDetails([closing])).toEqual([]);
});

test('staging, importing and updating vendors', async () => {
  await start();
  const vendor = vendorFromProcore({ name: NAMES[1], country_code: 'SE', origin_code: '20001' }).vendor;
  if (vendor === null) throw new Error('no vendor');
  expect(await company.stageVendors([{ originId: 'vendor|1|20001', status: 'staged', vendor }])).toEqual([]);
  const staged = simulator.state().companies[0]?.stagedRecords[0];
  const imported = simulator.importVendor(staged?.id ?? 0);
  const { intent } = company.readRequest(await company.showRequest(imported.requestId));
  expect(intent).toMatchObject({
    kind: 'vendors_linked',
    how: 'imported',
    vendors: [{ originId: 'vendor|1|20001' }],
  });

  const procoreId = imported.vendorId;
  const update = { procoreId, originId: 'vendor|1|20001', fields: { city: 'Malmö' } };
  const unknown = { procoreId: 999_999_999, originId: 'vendor|1|0', fields: { city: 'Nowhere' } };
  expect(await company.updateVendors([unknown, update])).toEqual([
    { key: '999999999', messages: ['id: Entity with this ID not found'] },
  ]);
  expect(vendorFromProcore((await company.showVendor(procoreId)).raw).vendor).toEqual({
    ...vendor,
    city: 'Malmö',
  });
});

test('pages of vendors, filters, and a vendor that is not there', async () => {
  await start();
  simulator.seedVendors(NAMES.map((name, index) => ({ name, origin_id: `vendor|1|${index}` })));
  const all = await collect(company.listVendors());
  expect(all.map(({ name }) => name).sort()).toEqual([...NAMES].sort());
  expect(await collect(company.listVendors({ originId: 'vendor|1|2' }))).toMatchObject([{ name: 'Third' }]);
  expect(await collect(company.listVendors({ updatedSince: '2020-01-01T00:00:00Z' }))).toHaveLength(
    NAMES.length,
  );
  expect(await failure(company.showVendor(999_999_999))).toMatchObject({ code: 'PROCORE_NOT_FOUND' });
});

test('the list of requests, economically', async () => {
  await start();
  const ids = Array.from({ length: 30 }, () => simulator.emitEvent('sync_vendors').requestId);
  simulator.clearLog();
  const newer = await collect(company.listRequests(ids[25] ?? 0));
  expect(newer.map(({ id }) => id)).toEqual(ids.slice(26));
  expect(simulator.requestLog({ operationId: 'request.list' }).length).toBeLessThanOrEqual(4);
  expect(newer.map((raw) => company.readRequest(raw).intent.kind)).toEqual(['sync', 'sync', 'sync', 'sync']);
  expect(await collect(company.listRequests(0))).toHaveLength(30);
});

test('where requests cannot be listed', async () => {
  await start({ requestListAvailable: false });
  expect(await failure(collect(company.listRequests(0)))).toMatchObject({ code: 'PROCORE_NOT_FOUND' });
});

test.each([[null], [[1, 2]], [{}], [{ request_name: 'create_vendor', request_data: null }]])(
  'an ERP request that is %j is malformed, not an error',
  async (body) => {
    await start();
    const { requestId } = simulator.emitRaw(body, { notify: false });
    expect(company.readRequest(await company.showRequest(requestId)).intent.kind).toBe('malformed');
  },
);

test('a hook, its trigger, and a delivery of it', async () => {
  await start({ webhooks: { delivery: 'manual', requireHttps: false } });
  const deliveries: { authorization: string | undefined; body: unknown }[] = [];
  const receiver = createServer((request, response) => {
    let text = '';
    request.on('data', (part: Buffer) => (text += part.toString()));
    request.on('end', () => {
      deliveries.push({ authorization: request.headers.authorization, body: JSON.parse(text) });
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const destinationUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/webhooks/a1`;

  const hook = await company.createHook({
    namespace: 'tieback',
    destinationUrl,
    authorization: 'Bearer first',
  });
  await company.updateHook(hook.id, { destinationUrl, authorization: 'Bearer second' });
  await company.createTrigger(hook.id, { resourceName: 'ERP Requests', eventType: 'create' });
  expect(await company.listHooks('tieback')).toEqual([hook]);
  expect(await company.listTriggers(hook.id)).toMatchObject([
    { resourceName: 'ERP Requests', eventType: 'create' },
  ]);

  const { requestId } = simulator.emitEvent('sync_vendors');
  await simulator.deliverNow();
  await new Promise<void>((resolve) => receiver.close(() => resolve()));
  expect(deliveries.map(({ authorization }) => authorization)).toEqual(['Bearer second']);
  expect(readDelivery(deliveries[0]?.body)).toMatchObject({
    resourceName: 'ERP Requests',
    resourceId: requestId,
    eventType: 'create',
    companyId: COMPANY,
  });
});

test('who we are; a revoked token; a company without the app', async () => {
  await start({ serviceUserId: 7710 });
  expect(await company.me()).toMatchObject({ id: 7710 });
  simulator.revokeAllTokens();
  expect(await company.me()).toMatchObject({ id: 7710 });
  const error = await failure(app.company(1).me());
  expect(error).toMatchObject({ code: 'PROCORE_FORBIDDEN' });
  expect(error.message).toContain('App is not connected to this company');
});

test('half a body, a 500 and a 503', async () => {
  await start();
  simulator.addFault({ kind: 'truncate', match: { operationId: 'RestV10MeGet' } });
  simulator.addFault({ kind: 'status', status: 500, match: { operationId: 'RestV10MeGet' } });
  await company.me();
  simulator.setUnavailable(120);
  expect(await failure(company.me())).toMatchObject({ code: 'PROCORE_THROTTLED' });
});

test('a burst never meets the limit: it is thrown as throttled before', async () => {
  await start({ rateLimit: { spike: 20, hourly: 60 } });
  const results = await Promise.allSettled(Array.from({ length: 40 }, () => company.me()));
  expect(results.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(10);
  expect(simulator.requestLog().filter(({ status }) => status === 429)).toEqual([]);
});
