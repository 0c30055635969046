import { Bench, COMPANY, type Answer } from './support/procore-client';
import { Receiver } from './support/receiver';

const HOOKS = '/rest/v1.0/webhooks/hooks';
const HOOKS_V2 = `/rest/v2.0/companies/${COMPANY}/webhooks/hooks`;

let bench: Bench;
let receiver: Receiver;
beforeEach(async () => {
  bench = await new Bench().start();
  receiver = await new Receiver().start();
});
afterEach(async () => {
  await bench.stop();
  await receiver.stop();
});

function id(answer: Answer): number {
  return (answer.body as { id: number }).id;
}

function createHook(fields: object = {}): Promise<Answer> {
  return bench.call('POST', HOOKS, {
    company_id: COMPANY,
    hook: {
      api_version: 'v2',
      namespace: 'tieback',
      destination_url: `${receiver.url}/hook/a`,
      destination_headers: { Authorization: 'Bearer secret-12345' },
      ...fields,
    },
  });
}

function addTrigger(hookId: number, resource = 'ERP Requests', type = 'create'): Promise<Answer> {
  return bench.call('POST', `${HOOKS}/${hookId}/triggers`, {
    company_id: COMPANY,
    api_version: 'v2',
    trigger: { resource_name: resource, event_type: type },
  });
}

async function subscribe(fields: object = {}): Promise<number> {
  const hookId = id(await createHook(fields));
  await addTrigger(hookId);
  return hookId;
}

function emit(): number {
  return bench.sim.emitEvent('sync_jobs').requestId;
}

describe('hooks and triggers v1', () => {
  test('create, list with masked header, patch, delete', async () => {
    const made = await createHook();
    expect(made.status).toBe(201);
    await createHook({ namespace: 'other' });
    const list = `${HOOKS}?company_id=${COMPANY}&namespace=tieback`;
    const listed = (await bench.call('GET', list)).body as {
      destination_headers: { Authorization: string };
    }[];
    expect(listed).toHaveLength(1);
    expect(listed[0]?.destination_headers.Authorization).toMatch(/^\*+12345$/);
    const patched = await bench.call('PATCH', `${HOOKS}/${id(made)}`, {
      company_id: COMPANY,
      hook: { destination_url: 'http://127.0.0.1:9/x' },
    });
    expect(patched.body).toMatchObject({
      destination_url: 'http://127.0.0.1:9/x',
      owned_by_company_id: COMPANY,
    });
    expect((await bench.call('DELETE', `${HOOKS}/${id(made)}?company_id=${COMPANY}`)).status).toBe(200);
    expect((await bench.call('GET', list)).body).toEqual([]);
    expect(bench.sim.violations()).toEqual([]);
  });

  test('namespace, version and address are checked', async () => {
    expect((await createHook({ namespace: 'Tie Back' })).status).toBe(422);
    expect((await createHook({ api_version: 'v9' })).status).toBe(422);
    expect((await createHook({ destination_url: 'nowhere' })).status).toBe(422);
    await bench.control.setWebhookOptions({ requireHttps: true });
    expect((await createHook()).status).toBe(422);
  });

  test('a trigger is sent lowercase and comes back uppercase; duplicates and unknown names are refused', async () => {
    const hookId = id(await createHook());
    const made = await addTrigger(hookId);
    expect([made.status, made.body]).toEqual([
      201,
      expect.objectContaining({
        webhook_hook_id: hookId,
        resource_name: 'ERP Requests',
        event_type: 'CREATE',
      }),
    ]);
    expect((await addTrigger(hookId)).status).toBe(422);
    expect((await addTrigger(hookId, 'erp requests')).status).toBe(422);
    const path = `${HOOKS}/${hookId}/triggers`;
    expect((await bench.call('GET', `${path}?company_id=${COMPANY}`)).body).toHaveLength(1);
    await bench.call('DELETE', `${path}/${id(made)}?company_id=${COMPANY}`);
    expect((await bench.call('GET', `${path}?company_id=${COMPANY}`)).body).toEqual([]);
  });

  test('bulk: 200 when all is well, 207 when some fail, 413 above 500', async () => {
    const path = `${HOOKS}/${id(await createHook())}/triggers/bulk`;
    const bulk = (triggers: unknown[]): Promise<Answer> =>
      bench.call('POST', path, { company_id: COMPANY, api_version: 'v2', triggers });
    const vendors = { resource_name: 'Company Vendors', event_type: 'create' };
    expect((await bulk([vendors])).status).toBe(200);
    const some = await bulk([vendors, { resource_name: 'Company Vendors', event_type: 'update' }]);
    expect(some.status).toBe(207);
    const { success, failed } = some.body as { success: { id: number }[]; failed: { code: number }[] };
    expect([success.length, failed.length]).toEqual([1, 1]);
    expect((await bulk(Array.from({ length: 501 }, () => vendors))).status).toBe(413);
    const gone = await bench.call('DELETE', path, { company_id: COMPANY, triggers: [success[0]?.id, 1] });
    expect(gone.status).toBe(207);
  });

  test('resources are listed', async () => {
    const answer = await bench.call('GET', `/rest/v1.0/webhooks/resources?company_id=${COMPANY}`);
    const erp = (answer.body as { create: string; except: string[] }[]).find(
      (r) => r.create === 'ERP Requests',
    );
    expect(erp?.except).toEqual([]);
  });
});

describe('delivery', () => {
  test('the payload names the request, with the header of the hook', async () => {
    await subscribe();
    const requestId = emit();
    expect(await bench.sim.deliverNow()).toBe(1);
    expect(receiver.received).toEqual([
      {
        path: '/hook/a',
        authorization: 'Bearer secret-12345',
        body: {
          id: expect.any(Number) as number,
          ulid: expect.stringMatching(/^[0-9A-Z]{26}$/) as string,
          timestamp: expect.stringMatching(/^2026-03-09T15:00:00\.\d{6}Z$/) as string,
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
          resource_id: requestId,
        },
      },
    ]);
  });

  test('payload formats v3.0 and v4.0 by hook', async () => {
    await subscribe({ api_version: 'v3' });
    await subscribe({ api_version: 'v4' });
    const requestId = emit();
    await bench.sim.deliverNow();
    const [three, four] = receiver.received.map((r) => r.body);
    expect(three).toMatchObject({ api_version: 'v3.0', resource_id: requestId, related_resources: [] });
    expect(four).toMatchObject({
      resource_type: 'ERP Requests',
      resource_id: String(requestId),
      reason: 'create',
      company_id: String(COMPANY),
    });
    expect(four).not.toHaveProperty('metadata');
  });

  test('our own API writes come back with our user', async () => {
    const hookId = await subscribe();
    await addTrigger(hookId, 'Company Vendors', 'update');
    await bench.vendorSync([{ origin_id: 'k', name: 'A' }]);
    await bench.vendorSync([{ origin_id: 'k', name: 'B' }]);
    await bench.vendorSync([{ origin_id: 'k', name: 'B' }]);
    await bench.sim.deliverNow();
    expect(receiver.received.map((r) => [r.body['event_type'], r.body['user_id']])).toEqual([
      ['update', 9001],
    ]);
  });

  test('a failure stops the destination; the head is retried after 1, 2, 4 seconds; then the rest follows', async () => {
    await subscribe();
    await subscribe({ destination_url: `${receiver.url}/hook/b` });
    receiver.answer = 500;
    const ids = [emit(), emit()];
    expect(await bench.sim.deliverNow()).toBe(2);
    expect(await bench.sim.deliverNow()).toBe(0);
    for (const pause of [1000, 2000, 4000]) {
      bench.clock.advance(pause - 1);
      expect(await bench.sim.deliverNow()).toBe(0);
      bench.clock.advance(1);
      expect(await bench.sim.deliverNow()).toBe(2);
    }
    expect(new Set(receiver.ids())).toEqual(new Set([ids[0]]));
    receiver.answer = 204;
    bench.clock.advance(8000);
    expect(await bench.sim.deliverNow()).toBe(4);
    expect(
      receiver.received
        .filter((r) => r.path === '/hook/a')
        .slice(-2)
        .map((r) => r.body['resource_id']),
    ).toEqual(ids);
    // Success resets the back-off.
    receiver.answer = 500;
    emit();
    await bench.sim.deliverNow();
    bench.clock.advance(1000);
    expect(await bench.sim.deliverNow()).toBe(2);
  });

  test('pauses grow to one hour at most; after twelve hours everything is discarded; then a fresh start', async () => {
    const hookId = await subscribe();
    receiver.answer = 503;
    emit();
    emit();
    await bench.sim.deliverNow();
    const begun = bench.clock.now();
    let attempts = 1;
    while (bench.clock.now() - begun < 12 * 3_600_000 - 1000) {
      bench.clock.advance(1000);
      attempts += await bench.sim.deliverNow();
    }
    // 1+2+…+2048 s, then hourly.
    expect(attempts).toBe(13 + 10);
    bench.clock.advance(1000);
    await bench.sim.deliverNow();
    expect(bench.sim.deliveries().map((d) => d.state)).toEqual(['discarded', 'discarded']);
    receiver.answer = 204;
    const next = emit();
    await bench.sim.deliverNow();
    expect(receiver.ids().at(-1)).toBe(next);
    await bench.login();
    const log = await bench.call(
      'GET',
      `${HOOKS}/${hookId}/deliveries?company_id=${COMPANY}&filters[status]=discarded`,
    );
    expect(log.body).toMatchObject([
      { outcome: 'discarded' },
      { outcome: 'discarded', response_status: null },
    ]);
  });

  test('an answer that takes too long is a failure', async () => {
    await bench.control.setWebhookOptions({ timeoutMs: 30 });
    await subscribe();
    receiver.answer = 0;
    emit();
    await bench.sim.deliverNow();
    expect(bench.sim.deliveries()[0]).toMatchObject({ state: 'retrying', attempts: [{ status: null }] });
    expect(bench.sim.webhookOptions().discardAfterMs).toBe(12 * 3_600_000);
  });

  test('hooks are disabled after many failures and re-enabled through v2', async () => {
    await bench.control.setWebhookOptions({ disableAfterFailures: 2 });
    const hookId = await subscribe();
    receiver.answer = 500;
    emit();
    await bench.sim.deliverNow();
    bench.clock.advance(1000);
    await bench.sim.deliverNow();
    const path = `${HOOKS_V2}/${hookId}`;
    const listed = (await bench.call('GET', HOOKS_V2)).body as { data: object[] };
    expect(listed.data).toMatchObject([{ id: String(hookId), status: 'disabled', trigger_count: 1 }]);
    const before = bench.sim.deliveries().length;
    emit();
    expect(bench.sim.deliveries()).toHaveLength(before);
    await bench.call('PATCH', path, { status: 'active' });
    emit();
    expect(bench.sim.deliveries()).toHaveLength(before + 1);
  });

  test('duplicates, null metadata, losses, delay', async () => {
    await bench.control.setWebhookOptions({ duplicateEvery: 2, nullMetadata: true });
    await subscribe();
    const [a, b] = [emit(), emit()];
    await bench.sim.deliverNow();
    expect(receiver.ids()).toEqual([a, b, b]);
    expect(receiver.received[1]?.body['ulid']).toBe(receiver.received[2]?.body['ulid']);
    expect(receiver.received[0]?.body).toMatchObject({ user_id: null, metadata: { source_user_id: null } });
    await bench.control.setWebhookOptions({ duplicateEvery: 0, loseNext: 1, delayMs: 5000 });
    emit();
    const c = emit();
    expect(await bench.sim.deliverNow()).toBe(0);
    bench.clock.advance(5000);
    await bench.sim.deliverNow();
    expect(receiver.ids().slice(3)).toEqual([c]);
  });

  test('a duplicate can be asked for once', async () => {
    await subscribe();
    await bench.control.addFault({ kind: 'duplicate-delivery', match: { path: '^/hook/a$' } });
    emit();
    emit();
    expect(await bench.sim.deliverNow()).toBe(3);
  });

  test('shuffle delivers everything in another order', async () => {
    await bench.control.setWebhookOptions({ shuffle: true });
    await subscribe();
    const ids = Array.from({ length: 12 }, () => emit());
    await bench.sim.deliverNow();
    expect(receiver.ids()).not.toEqual(ids);
    expect([...receiver.ids()].sort()).toEqual(ids);
  });

  test('with automatic delivery an event arrives by itself', async () => {
    await bench.control.setWebhookOptions({ delivery: 'auto' });
    await subscribe();
    const requestId = emit();
    await bench.sim.deliverNow();
    expect(receiver.ids()).toEqual([requestId]);
    receiver.answer = 500;
    emit();
    await bench.sim.deliverNow();
    receiver.answer = 204;
    await bench.control.advanceClock(1000);
    expect(bench.sim.deliveries().map((d) => d.state)).toEqual(['delivered', 'delivered']);
  });
});

describe('delivery log', () => {
  test('v1 pages by the last id', async () => {
    const hookId = await subscribe();
    for (let n = 0; n < 5; n += 1) emit();
    await bench.sim.deliverNow();
    const path = `${HOOKS}/${hookId}/deliveries?company_id=${COMPANY}&page_size=3`;
    const first = (await bench.call('GET', path)).body as { id: number; outcome: string; event: object }[];
    expect(first).toHaveLength(3);
    expect(first[0]).toMatchObject({
      outcome: 'ok',
      response_status: 204,
      event: { resource_name: 'ERP Requests' },
    });
    const rest = (await bench.call('GET', `${path}&page_start=${first[2]?.id}`)).body as { id: number }[];
    expect(rest).toHaveLength(2);
    expect(rest.every((r) => r.id > (first[2]?.id ?? 0))).toBe(true);
  });

  test('v2 shows what waits, with the payload', async () => {
    const made = await bench.call('POST', HOOKS_V2, {
      payload_version: 'v2.0',
      namespace: 'tieback',
      destination_url: 'http://127.0.0.1:9/nobody',
    });
    const hookId = (made.body as { data: { id: string } }).data.id;
    const trigger = await bench.call('POST', `${HOOKS_V2}/${hookId}/triggers`, {
      resource_name: 'ERP Requests',
      event_type: 'create',
    });
    expect([made.status, trigger.status]).toEqual([201, 201]);
    const ids = Array.from({ length: 12 }, () => emit());
    await bench.sim.deliverNow();
    const log = async (status: string): Promise<{ payload: { resource_id: number } }[]> =>
      (
        (await bench.call('GET', `${HOOKS_V2}/${hookId}/deliveries?filter[status]=${status}`)).body as {
          data: { payload: { resource_id: number } }[];
        }
      ).data;
    expect((await log('retrying')).map((d) => d.payload.resource_id)).toEqual([ids[0]]);
    expect(await log('enqueued')).toHaveLength(10);
    expect(await log('succeeded')).toEqual([]);
    expect(bench.sim.violations()).toEqual([]);
  });
});
