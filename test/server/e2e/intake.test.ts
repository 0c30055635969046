import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Daemon } from '../../../src/daemon';
import { startDaemon } from '../../../src/daemon';
import { sampleAdapter } from '../../../src/erp-adapters/sample';
import { silentLogger } from '../../../src/telemetry/logger';
import type { TestTemporal } from '../../support/temporal';
import { newNamespace, testTemporal } from '../../support/temporal';
import { COMPANY, vendorFields, World } from '../../support/world';

const HEADER = 'Bearer hook-secret-1';

interface EventRow {
  readonly event_id: string;
  readonly source: string;
  readonly request_id: string | null;
  readonly user_id: number | null;
  readonly ignored: string | null;
}

let temporal: TestTemporal;

beforeAll(async () => {
  temporal = await testTemporal();
});
afterAll(() => temporal.close());

let world: World;

const events = (): EventRow[] =>
  world.rows('SELECT event_id, source, request_id, user_id, ignored FROM intake_event ORDER BY rowid');
const requestIds = (): number[] =>
  world
    .rows<{ position: number }>("SELECT position FROM sync_request WHERE source = 'erp' ORDER BY position")
    .map(({ position }) => position);

function post(
  body: string,
  { header = HEADER, url = world.webhookUrl, type = 'application/json' }: Record<string, string | null> = {},
): Promise<Response> {
  return fetch(url ?? '', {
    method: 'POST',
    headers: {
      ...(header === null ? {} : { authorization: header }),
      ...(type === null ? {} : { 'content-type': type }),
    },
    body,
  });
}

const event = (more: object = {}): Record<string, unknown> => ({
  id: 905500123,
  ulid: '01JQ7R3N6S7Z2V6Q4M0K9X5T8W',
  timestamp: '2026-03-09T15:22:41.108233Z',
  metadata: {
    source_user_id: 7710,
    source_company_id: COMPANY,
    source_project_id: null,
    source_application_id: null,
    source_operation_id: null,
  },
  user_id: 7710,
  company_id: COMPANY,
  project_id: null,
  api_version: 'v2.0',
  event_type: 'create',
  resource_name: 'ERP Requests',
  resource_id: 640017,
  ...more,
});

const exportVendor = (name: string, code: string): { vendorId: number; requestId: number } => {
  const [vendor] = world.procore.seedVendors([
    vendorFields({ name, abbreviated_name: `S${code}`, email_address: null, business_phone: null }),
  ]);
  const form = { code, customFields: { vendor_type_origin_id: '1|SUB' } };
  const { requestId } = world.procore.exportVendor(vendor?.id ?? 0, form);
  return { vendorId: vendor?.id ?? 0, requestId };
};

const trailOf = async (requestId: number): Promise<string[]> =>
  (await world.trail(requestId)).map(({ action }) => action);

describe('the webhook receiver', () => {
  beforeAll(async () => {
    world = await World.create(temporal);
  });
  afterAll(async () => {
    expect(await world.auditFindings()).toEqual([]);
    expect((await fetch(`${world.daemon.url}/health`)).status).toBe(200);
    await world.close();
  });

  test.each([
    ['no header', null],
    ['an empty header', ''],
    ['another secret', 'Bearer hook-secret-2'],
    ['the secret without its scheme', 'hook-secret-1'],
    ['the scheme in other letters', 'bearer hook-secret-1'],
    ['the beginning of the secret', 'Bearer hook-secret-'],
    ['the secret and more', 'Bearer hook-secret-11'],
    ['the secret of basic authentication', `Basic ${Buffer.from('hook:secret').toString('base64')}`],
  ])('%s: 401, and nothing is stored', async (_name, header) => {
    const before = events().length;
    const answer = await post(JSON.stringify(event({ ulid: 'refused' })), { header });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toEqual({ error: 'not authorized' });
    expect(events()).toHaveLength(before);
    expect(requestIds()).toEqual([]);
  });

  test('an unknown connection answers exactly as a wrong header does', async () => {
    const unknown = await post('{}', { url: `${world.daemon.url}/webhooks/nobody` });
    const wrong = await post('{}', { header: 'Bearer wrong' });
    expect([unknown.status, await unknown.text()]).toEqual([wrong.status, await wrong.text()]);
  });

  const big = 'x'.repeat(200_000);
  test.each<[string, string, RegExp]>([
    [
      'another resource',
      JSON.stringify(event({ resource_name: 'Company Users' })),
      /resource "Company Users" is not acted on/,
    ],
    [
      'a resource in other letters',
      JSON.stringify(event({ resource_name: 'erp requests' })),
      /resource "erp requests" is not acted on/,
    ],
    [
      'an update',
      JSON.stringify(event({ event_type: 'update' })),
      /"update" of an ERP request is not acted on/,
    ],
    [
      'a delete',
      JSON.stringify(event({ event_type: 'delete' })),
      /"delete" of an ERP request is not acted on/,
    ],
    ['no event type', JSON.stringify(event({ event_type: undefined })), /"nothing" of an ERP request/],
    [
      'another company',
      JSON.stringify(event({ company_id: 5 })),
      /company 5 is not the company of this connection \(4264807\)/,
    ],
    [
      'another company in the metadata only',
      JSON.stringify(event({ company_id: null, metadata: { source_company_id: 6 } })),
      /company 6 is not/,
    ],
    ['no resource id', JSON.stringify(event({ resource_id: null })), /resource_id is not a usable id/],
    ['resource id 0', JSON.stringify(event({ resource_id: 0 })), /resource_id is not a usable id/],
    ['a negative resource id', JSON.stringify(event({ resource_id: -1 })), /resource_id is not a usable id/],
    [
      'an unsafe resource id',
      '{"ulid":"unsafe","event_type":"create","resource_name":"ERP Requests","resource_id":9007199254740993}',
      /resource_id is not a usable id/,
    ],
    [
      'a resource id of words',
      JSON.stringify(event({ resource_id: 'soon' })),
      /resource_id is not a usable id/,
    ],
    [
      'a resource id in a list',
      JSON.stringify(event({ resource_id: [1] })),
      /resource_id is not a usable id/,
    ],
    ['no resource name', JSON.stringify(event({ resource_name: undefined })), /resource_name is missing/],
    [
      'a resource name that is a number',
      JSON.stringify(event({ resource_name: 7 })),
      /resource_name is missing/,
    ],
    [
      'a resource name of 100,000 characters',
      JSON.stringify(event({ resource_name: 'R'.repeat(100_000) })),
      /resource "RRR/,
    ],
    ['an empty object', '{}', /resource_name is missing/],
    ['an empty body', '', /not a webhook event/],
    ['a blank body', ' \n ', /not a webhook event/],
    ['a body that is no JSON', 'not json {', /not a webhook event/],
    ['a cut-off event', JSON.stringify(event()).slice(0, 80), /not a webhook event/],
    ['a form', 'resource_name=ERP+Requests&resource_id=1', /not a webhook event/],
    ['a list', '[]', /not a webhook event/],
    ['a list of events', JSON.stringify([event()]), /not a webhook event/],
    ['null', 'null', /not a webhook event/],
    ['a text', '"create"', /not a webhook event/],
    ['a number', '7', /not a webhook event/],
    ['200 kB of garbage', big, /not a webhook event/],
    [
      'a 200 kB event',
      JSON.stringify(event({ resource_name: 'RFIs', padding: big })),
      /resource "RFIs" is not acted on/,
    ],
    ['a deeply nested body', `${'['.repeat(20_000)}${']'.repeat(20_000)}`, /not a webhook event/],
    [
      'a deeply nested event',
      `{"resource_name":"RFIs","deep":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
      /resource "RFIs"/,
    ],
    [
      'control characters and half a character',
      '{"ulid":"a\\u0000b\\ud83d","resource_name":"x\\u001b[31m"}',
      /is not acted on/,
    ],
    [
      'an event id of 5,000 characters',
      JSON.stringify(event({ ulid: 'u'.repeat(5000), resource_name: 'RFIs' })),
      /resource "RFIs"/,
    ],
    [
      'metadata that is text',
      JSON.stringify(event({ metadata: 'none', resource_name: 'RFIs' })),
      /resource "RFIs"/,
    ],
    [
      'a prototype in disguise',
      '{"__proto__":{"resource_name":"ERP Requests"},"constructor":1}',
      /resource_name is missing/,
    ],
  ])('%s: 204, stored with the reason, nothing follows', async (name, body, reason) => {
    const unique = body.includes('01JQ7R3N6S7Z2V6Q4M0K9X5T8W')
      ? body.replace('01JQ7R3N6S7Z2V6Q4M0K9X5T8W', `ulid of ${name}`)
      : body;
    const before = events().length;
    const answer = await post(unique);
    expect(answer.status).toBe(204);
    expect(await answer.text()).toBe('');
    const after = events();
    expect(after).toHaveLength(before + 1);
    expect(after.at(-1)).toMatchObject({ source: 'webhook', request_id: null });
    expect(after.at(-1)?.ignored).toMatch(reason);
    expect(after.at(-1)?.ignored?.length).toBeLessThanOrEqual(400);
    expect(requestIds()).toEqual([]);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'nonsense', null])(
    'content type %s: the body is taken all the same',
    async (type) => {
      const ulid = `typed ${type}`;
      expect((await post(JSON.stringify(event({ ulid, resource_name: 'RFIs' })), { type })).status).toBe(204);
      expect(events().at(-1)?.event_id).toBe(ulid);
    },
  );

  test('every ignored event is in the audit log, with its reason', async () => {
    const ignored = world.rows<{ subject: string; detail: string }>(
      "SELECT subject, detail FROM audit_entry WHERE action = 'intake.ignored'",
    );
    expect(ignored).toHaveLength(events().length);
    for (const { detail } of ignored) expect(JSON.parse(detail)).toHaveProperty('ignored');
  });
});

describe('announced ERP requests', () => {
  beforeAll(async () => {
    world = await World.create(temporal, { webhook: true, simulator: { webhooks: { delivery: 'manual' } } });
  });
  afterEach(() => {
    expect(world.procore.violations()).toEqual([]);
  });
  afterAll(async () => {
    expect(await world.auditFindings()).toEqual([]);
    await world.close();
  });

  test('through the delivery of Procore: stored, started, done, with the user who caused it', async () => {
    const { requestId, vendorId } = exportVendor('Delivered Inc', '10101');
    expect(await world.procore.deliverNow()).toBe(1);
    expect(world.procore.deliveries().at(-1)).toMatchObject({ state: 'delivered' });
    const row = await world.until(requestId, 'applied');
    expect(row).toMatchObject({ requestedBy: 7710, started: true });
    expect(world.procore.vendor(vendorId)).toMatchObject({ synced_to_erp: true });
    expect(events().at(-1)).toMatchObject({
      source: 'webhook',
      request_id: `erp/${requestId}`,
      user_id: 7710,
    });
  });

  test('a delivery that comes twice is stored once, and one workflow runs', async () => {
    world.procore.setWebhookOptions({ duplicateEvery: 1 });
    const { requestId } = exportVendor('Twice Delivered Inc', '10102');
    const before = events().length;
    expect(await world.procore.deliverNow()).toBe(2);
    world.procore.setWebhookOptions({ duplicateEvery: 0 });
    await world.until(requestId, 'applied');
    expect(events()).toHaveLength(before + 1);
    expect((await trailOf(requestId)).filter((action) => action === 'intake.received')).toHaveLength(1);
    expect(world.erp.ledger().filter(({ erp_key }) => erp_key === '1|10102')).toHaveLength(1);
  });

  test('two events about one request: both are stored, one workflow runs', async () => {
    const { requestId } = exportVendor('Two Events Inc', '10103');
    await world.procore.deliverNow();
    const again = await post(JSON.stringify(event({ ulid: 'another', resource_id: requestId })));
    expect(again.status).toBe(204);
    await world.until(requestId, 'applied');
    expect(events().filter(({ request_id }) => request_id === `erp/${requestId}`)).toHaveLength(2);
    expect(world.erp.ledger().filter(({ erp_key }) => erp_key === '1|10103')).toHaveLength(1);
  });

  test('webhook and poll together: one row, one workflow, one write', async () => {
    const { requestId } = exportVendor('Both Ways Inc', '10104');
    await Promise.all([world.procore.deliverNow(), world.poll()]);
    await world.until(requestId, 'applied');
    const { runId } = await world.client.workflow.getHandle(world.workflowId(requestId)).describe();
    await world.poll();
    await post(JSON.stringify(event({ ulid: 'late', resource_id: requestId })));
    const after = await world.client.workflow.getHandle(world.workflowId(requestId)).describe();
    expect(after.runId).toBe(runId);
    expect(requestIds().filter((id) => id === requestId)).toHaveLength(1);
    expect(world.erp.ledger().filter(({ erp_key }) => erp_key === '1|10104')).toHaveLength(1);
    expect((await trailOf(requestId)).filter((action) => action === 'request.closed')).toHaveLength(1);
  });

  test('null metadata: done as well; who caused it stays unknown', async () => {
    world.procore.setWebhookOptions({ nullMetadata: true });
    const { requestId } = exportVendor('Null Metadata Inc', '10105');
    await world.procore.deliverNow();
    world.procore.setWebhookOptions({ nullMetadata: false });
    expect(await world.until(requestId, 'applied')).toMatchObject({ requestedBy: null });
  });

  test.each([
    ['v2', (id: number) => event({ ulid: `v2 ${id}`, resource_id: id })],
    [
      'v3',
      (id: number) =>
        event({ ulid: `v3 ${id}`, resource_id: id, api_version: 'v3.0', related_resources: [] }),
    ],
    [
      'v4',
      (id: number) => ({
        id: `01JQ7R3N6S7Z2V6Q4M0K${id}`,
        timestamp: '2026-03-09T15:22:41.108233Z',
        reason: 'create',
        resource_type: 'ERP Requests',
        resource_id: String(id),
        company_id: String(COMPANY),
        project_id: null,
        user_id: '7710',
      }),
    ],
    [
      'upper case',
      (id: number) => event({ ulid: `upper ${id}`, resource_id: String(id), event_type: 'CREATE' }),
    ],
    [
      'without company',
      (id: number) => ({
        ulid: `bare ${id}`,
        event_type: 'create',
        resource_name: 'ERP Requests',
        resource_id: id,
      }),
    ],
    [
      'without any id of its own',
      (id: number) => ({
        event_type: 'create',
        resource_name: 'ERP Requests',
        resource_id: id,
        company_id: COMPANY,
      }),
    ],
  ])('payload format %s', async (name, body) => {
    const code = String(10200 + events().length);
    const { requestId } = exportVendor(`Format ${name} Inc`, code);
    expect((await post(JSON.stringify(body(requestId)))).status).toBe(204);
    await world.until(requestId, 'applied');
    expect(world.erp.ledger().some(({ erp_key }) => erp_key === `1|${code}`)).toBe(true);
  });

  test('a round of intake anchors the head of the audit log in the ERP', async () => {
    await world.poll();
    const settings = world.config.connections[0]?.adapterSettings ?? {};
    const erp = sampleAdapter.create({ connectionId: world.connectionId, settings });
    const page = await erp.anchors?.entries(null, 1);
    await erp.close();
    const [anchor] = page?.anchors ?? [];
    const [link] = world.rows<{ hash: string }>(
      `SELECT hash FROM audit_link WHERE seq = ${anchor?.seq ?? 0}`,
    );
    expect(anchor).toMatchObject({ connectionId: world.connectionId, hash: link?.hash ?? 'no such link' });
  });

  test('a lost webhook is found by the poll', async () => {
    world.procore.setWebhookOptions({ loseNext: 1 });
    const { requestId } = exportVendor('Lost Webhook Inc', '10106');
    await world.procore.deliverNow();
    expect(requestIds()).not.toContain(requestId);
    await world.poll();
    await world.until(requestId, 'applied');
    expect(events().at(-1)).toMatchObject({ source: 'poll', request_id: `erp/${requestId}`, user_id: null });
  });

  test('the poll is first, the webhook later tells who it was', async () => {
    const { requestId } = exportVendor('Poll First Inc', '10107');
    await world.poll();
    await world.until(requestId, 'applied');
    await world.procore.deliverNow();
    expect(await world.request(requestId)).toMatchObject({ requestedBy: 7710 });
  });
});

test("the poll's checkpoint moves forward only; below it, the poll looks again as far as the overlap", async () => {
  world = await World.create(temporal);
  const cursor = async (): Promise<{ cursor: number; position: number }> => {
    const row = await world.read((t) => t.checkpoints.get(world.connectionId, 'erp-requests'));
    return { cursor: Number(row?.cursor), position: row?.position ?? 0 };
  };
  /** A request that shows up in the list late, under a number of its own. */
  const late = (id: number): void => {
    const body = { id, company_id: COMPANY, request_name: 'reset_job', request_data: {} };
    world.procore.emitRaw(body);
  };
  const first = exportVendor('First Inc', '10101');
  await world.poll();
  expect(await cursor()).toEqual({ cursor: first.requestId, position: 1 });
  await world.poll();
  expect(await cursor()).toEqual({ cursor: first.requestId, position: 1 });

  late(first.requestId - 10);
  late(first.requestId - 60);
  await world.poll();
  expect(requestIds()).toEqual([first.requestId - 10, first.requestId]);
  expect(await cursor()).toEqual({ cursor: first.requestId, position: 1 });
  await world.until(first.requestId - 10, 'failed');

  const last = exportVendor('Last Inc', '10102');
  await world.poll();
  expect(await cursor()).toEqual({ cursor: last.requestId, position: 2 });
  await world.until(last.requestId, 'applied');
  await world.close();
});

test('a Procore without a list of requests: webhooks alone do, and what was not started is started', async () => {
  world = await World.create(temporal, {
    webhook: true,
    simulator: { requestListAvailable: false, webhooks: { delivery: 'manual' } },
  });
  const { requestId } = exportVendor('No List Inc', '10101');
  await world.procore.deliverNow();
  await world.until(requestId, 'applied');
  await world.poll();
  await world.close();
});

describe('while Temporal cannot be reached', () => {
  let lonely: Daemon;

  beforeAll(async () => {
    world = await World.create(temporal, { namespace: await newNamespace(temporal) });
    // The same installation, with a daemon that finds no Temporal.
    await world.daemon.stop();
    const temporalAddress = `127.0.0.1:${await closedPort()}`;
    const config = { ...world.config, temporal: { ...world.config.temporal, address: temporalAddress } };
    lonely = await startDaemon(config, silentLogger);
  });

  test('requests are answered at once and stored, health is ok, readiness says what is missing; later they are started', async () => {
    const url = `${lonely.url}/webhooks/${world.connectionId}`;
    const exports = ['10101', '10102', '10103'].map((code) => exportVendor(`Waiting ${code} Inc`, code));
    const begun = Date.now();
    for (const { requestId } of exports) {
      const body = JSON.stringify(event({ ulid: `waiting ${requestId}`, resource_id: requestId }));
      expect((await post(body, { url })).status).toBe(204);
      // The same once more: stored once.
      expect((await post(body, { url })).status).toBe(204);
    }
    // Procore waits five seconds for an answer; six of them took less than that together.
    expect(Date.now() - begun).toBeLessThan(5000);
    expect(requestIds()).toEqual(exports.map(({ requestId }) => requestId));
    expect(events()).toHaveLength(3);
    const health = await fetch(`${lonely.url}/health`);
    expect(health.status).toBe(200);
    expect(await health.json()).toMatchObject({ status: 'ok' });
    const ready = await fetch(`${lonely.url}/ready`);
    expect(ready.status).toBe(503);
    const { status, checks } = (await ready.json()) as {
      status: string;
      checks: { name: string; ok: boolean; detail: string }[];
    };
    expect(status).toBe('not ok');
    expect(checks.filter(({ ok }) => !ok)).toEqual([
      { name: 'temporal', ok: false, detail: expect.stringMatching(/Temporal/) as string },
      { name: 'reconcile', ok: false, detail: expect.stringMatching(/Temporal/) as string },
      { name: 'schedules', ok: false, detail: expect.stringMatching(/Temporal/) as string },
    ]);
    expect(checks.find(({ name }) => name === 'store')).toMatchObject({ ok: true, detail: '1 connection' });

    await lonely.stop();
    await world.start();
    for (const { requestId } of exports) {
      expect(await world.until(requestId, 'applied')).toMatchObject({ started: true });
    }
    expect(world.erp.vendors()).toHaveLength(3);
    const after = await fetch(`${world.daemon.url}/ready`);
    expect(after.status).toBe(200);
    expect(await world.auditFindings()).toEqual([]);
    await world.close();
  });
});

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
