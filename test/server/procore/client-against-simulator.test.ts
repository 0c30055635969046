import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ProcoreSimulator } from '../../../sandbox/procore-simulator/simulator';
import type { SimulatorOptions } from '../../../sandbox/procore-simulator/types';
import type { ProcoreApp } from '../../../src/procore/app';
import { createProcoreApp } from '../../../src/procore/app';
import { procoreSettings } from '../../../src/procore/client/settings';
import { readDelivery } from '../../../src/procore/webhooks/receive';
import type { ErpToolCompany } from '../../support/procore/client';
import { can, collect, COMPANY, failure, withErpTool } from '../../support/procore/client';
import { SkippingTime } from '../../support/procore/fake-time';

/** The simulator checks every call against the documentation; no test may leave a violation behind. */
let simulator: ProcoreSimulator;
let app: ProcoreApp;
let company: ErpToolCompany;

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
    pageSize: 4,
  });
  app = createProcoreApp(settings, { now: time.now, sleep: time.sleep });
  company = withErpTool(app.company(COMPANY));
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

  const { intent, subject } = company.readRequest(await company.requests.show(requestId), requestId);
  expect(subject).toBe(NAMES[0]);
  if (intent.way !== 'export') throw new Error(JSON.stringify(intent));
  expect(intent.records).toMatchObject([
    {
      kind: 'vendor',
      procoreId: vendorId,
      fields: { code: '10442', postalCode: '98134', vendorType: 'SUB' },
    },
  ]);
  expect(await company.details.find(vendorId)).toMatchObject([{ id: intent.detailIds[0] }]);

  const link = { itemType: 'vendor', itemId: vendorId, originId: 'vendor|1|10442', originCode: '10442' };
  expect(await company.ties.set([link])).toEqual([]);
  expect(await company.ties.read('vendor', vendorId)).toMatchObject(link);

  const closing = {
    detailId: intent.detailIds[0] ?? 0,
    status: 'success',
    messages: [],
  } as const;
  expect(await company.details.close([closing])).toEqual([]);
  expect(await company.details.close([closing])).toEqual([]);
  expect(simulator.vendor(vendorId)).toMatchObject({ erp_status: 'synced', origin_id: 'vendor|1|10442' });
  expect(await company.details.close([{ ...closing, status: 'failed', itemId: vendorId }])).toHaveLength(1);
});

test('a lost answer to a closing does no harm', async () => {
  await start();
  const { requestDetailIds } = simulator.emitEvent('sync_vendors');
  simulator.addFault({ kind: 'drop-reply', match: { operationId: 'requestDetail.update' } });
  const closing = { detailId: requestDetailIds[0] ?? 0, status: 'failed', messages: ['No.'] } as const;
  expect(await company.details.close([closing])).toEqual([]);
});

test('staging, importing and updating vendors', async () => {
  await start();
  const fields = { name: NAMES[1] ?? '', countryCode: 'SE', code: '20001', city: null, isActive: true };
  const candidate = { kind: 'vendor', itemType: 'vendor', originId: 'vendor|1|20001' } as const;
  const record = { fields, lines: [] };
  expect(
    await company.staging.stage([{ ...candidate, originCode: '20001', status: 'staged', record }]),
  ).toEqual([]);
  const staged = simulator.state().companies[0]?.stagedRecords[0];
  const imported = simulator.importVendor(staged?.id ?? 0);
  const { intent } = company.readRequest(await company.requests.show(imported.requestId), imported.requestId);
  expect(intent).toMatchObject({
    way: 'links',
    how: 'imported',
    records: [{ target: 'vendor', procoreId: imported.vendorId, originId: 'vendor|1|20001' }],
  });

  const procoreId = imported.vendorId;
  const update = { key: 'known', procoreId, originId: 'vendor|1|20001', fields: { city: 'Malmö' } };
  const unknown = { key: 'gone', procoreId: 999_999_999, fields: { city: 'Nowhere' } };
  expect(await can(company, 'vendor', 'write')({}, [unknown, update])).toMatchObject({
    errors: [{ key: 'gone', messages: ['id: Entity with this ID not found'] }],
    ids: [{ key: 'known', procoreId }],
    echoes: [{ key: 'known', seen: { draft: { procoreId, fields: { city: 'Malmö' } } } }],
  });
  const [read] = await can(company, 'vendor', 'read')([procoreId], {});
  expect(read).toMatchObject({
    originId: 'vendor|1|20001',
    fields: { ...fields, city: 'Malmö', phone: null },
  });
});

test('pages of vendors, filters, and a vendor that is not there', async () => {
  await start();
  const [, , third] = simulator.seedVendors(
    NAMES.map((name, index) => ({ name, origin_id: `vendor|1|${index}` })),
  );
  const readChanged = can(company, 'vendor', 'readChanged');
  const all = await collect(readChanged(null, {}));
  expect(all.map(({ fields }) => fields['name']).sort()).toEqual([...NAMES].sort());
  expect(await can(company, 'vendor', 'findByOriginId')(['vendor|1|2'], null)).toEqual([
    { originId: 'vendor|1|2', procoreId: third?.id, itemType: 'vendor' },
  ]);
  expect(await collect(readChanged('2020-01-01T00:00:00Z', {}))).toHaveLength(NAMES.length);
  expect(await can(company, 'vendor', 'read')([999_999_999], {})).toEqual([]);
});

test('the list of requests, economically', async () => {
  await start();
  const ids = Array.from({ length: 30 }, () => simulator.emitEvent('sync_vendors').requestId);
  simulator.clearLog();
  const newer = await collect(company.requests.list(ids[25] ?? 0));
  expect(newer.map(({ id }) => id)).toEqual(ids.slice(26));
  expect(simulator.requestLog({ operationId: 'request.list' }).length).toBeLessThanOrEqual(4);
  expect(newer.map(({ id, body }) => company.readRequest(body, id).intent.way)).toEqual([
    'sync',
    'sync',
    'sync',
    'sync',
  ]);
  expect(await collect(company.requests.list(0))).toHaveLength(30);
});

test('where requests cannot be listed', async () => {
  await start({ requestListAvailable: false });
  expect(await failure(collect(company.requests.list(0)))).toMatchObject({ code: 'PROCORE_NOT_FOUND' });
});

test.each([[null], [[1, 2]], [{}], [{ request_name: 'create_vendor', request_data: null }]])(
  'an ERP request that is %j is malformed, not an error',
  async (body) => {
    await start();
    const { requestId } = simulator.emitRaw(body, { notify: false });
    expect(company.readRequest(await company.requests.show(requestId), requestId).intent.way).toBe(
      'malformed',
    );
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

  const hook = await company.hooks.create({
    namespace: 'tieback',
    destinationUrl,
    authorization: 'Bearer first',
  });
  await company.hooks.update(hook.id, { destinationUrl, authorization: 'Bearer second' });
  await company.hooks.createTrigger(hook.id, { resourceName: 'ERP Requests', eventType: 'create' });
  expect(await company.hooks.list('tieback')).toEqual([hook]);
  expect(await company.hooks.listTriggers(hook.id)).toMatchObject([
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
  expect(await failure(company.me())).toMatchObject({ code: 'PROCORE_UNAVAILABLE' });
});

test('a burst never meets the limit: it is thrown as throttled before', async () => {
  await start({ rateLimit: { spike: 20, hourly: 60 } });
  const results = await Promise.allSettled(Array.from({ length: 40 }, () => company.me()));
  expect(results.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(10);
  expect(simulator.requestLog().filter(({ status }) => status === 429)).toEqual([]);
});
