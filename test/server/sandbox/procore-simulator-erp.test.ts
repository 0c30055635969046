import { loadEvents } from '../../../sandbox/procore-simulator/data';
import { Bench, COMPANY, COMPANY_PATH, withBench, type Answer } from './support/procore-client';

const DETAILS = `${COMPANY_PATH}/erp_request_details`;

interface SyncBody {
  entities: Record<string, unknown>[];
  errors: { errors: Record<string, string[]> }[];
}
function sync(answer: Answer): SyncBody {
  return answer.body as SyncBody;
}

/** Every value under a key, anywhere in a JSON tree. */
function valuesOf(tree: unknown, key: string): unknown[] {
  if (Array.isArray(tree)) return tree.flatMap((item) => valuesOf(item, key));
  if (typeof tree !== 'object' || tree === null) return [];
  return Object.entries(tree).flatMap(([k, v]) => [
    ...(k === key ? [v as unknown] : []),
    ...valuesOf(v, key),
  ]);
}

describe('ERP requests', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await new Bench().start();
  });
  afterAll(() => bench.stop());

  test('there are 51 events', () => expect(loadEvents()).toHaveLength(51));

  test.each(loadEvents().map((e) => [e.requestName, e] as const))('%s', async (name, event) => {
    const result = await bench.control.emitEvent(name);
    const show = await bench.call('GET', `${COMPANY_PATH}/erp_requests/${result.requestId}`);
    expect(show.body).toMatchObject({ id: result.requestId, company_id: COMPANY, request_name: name });
    expect(valuesOf(show.body, 'request_detail_id')).toEqual(result.requestDetailIds);
    if (event.requestDetail === 'none') expect(result.requestDetailIds).toEqual([]);
    if (event.requestDetail === 'single') expect(result.requestDetailIds).toHaveLength(1);
    if (event.requestDetail === 'per-item') expect(result.requestDetailIds.length).toBeGreaterThan(0);
    for (const id of result.requestDetailIds) {
      expect((await bench.closeDetail(id, 'success')).status).toBe(200);
    }
  });

  test('fresh ids every time, used consistently; overrides win', async () => {
    const first = await bench.control.emitEvent('create_commitment');
    const second = await bench.control.emitEvent('create_commitment', {
      requestData: { commitment: { number: 'SC-9' } },
    });
    const ids = (body: unknown): unknown =>
      (body as { request_data: { commitment: { id: number } } }).request_data.commitment.id;
    expect(ids(first.body)).not.toBe(ids(second.body));
    const data = (second.body as { request_data: { commitment_items: { holder: { id: number } }[] } })
      .request_data;
    expect(data.commitment_items[0]?.holder.id).toBe(ids(second.body));
    expect(second.body).toMatchObject({ request_data: { commitment: { number: 'SC-9' } } });
    const open = await bench.call('GET', `${DETAILS}?filters[item_id]=${String(ids(second.body))}`);
    expect(open.body).toMatchObject([{ id: second.requestDetailIds[0], status: 'open' }]);
  });

  test('a generic create_vendor can be closed like a real one', async () => {
    const { body, requestDetailIds } = bench.sim.emitEvent('create_vendor');
    const id = (body as { request_data: { vendor: { id: number } } }).request_data.vendor.id;
    const answer = await bench.call('PATCH', `${COMPANY_PATH}/external_data/sync`, {
      updates: [{ item_type: 'vendor', item_id: id, origin_id: 'generic' }],
    });
    expect(sync(answer).errors).toEqual([]);
    await bench.closeDetail(requestDetailIds[0], 'success');
    expect(bench.sim.vendor(id).erp_status).toBe('synced');
  });

  test('unknown event and unknown request', async () => {
    await expect(bench.control.emitEvent('create_nothing')).rejects.toMatchObject({ status: 404 });
    expect((await bench.call('GET', `${COMPANY_PATH}/erp_requests/1`)).status).toBe(404);
  });

  test.each([[null], ['text'], [[1, 2]], [{ request_name: 5, request_data: [] }], [{ request_name: 'x' }]])(
    'raw body %j is served as it is',
    async (body) => {
      const { requestId } = await bench.control.emitRaw(body);
      const show = await bench.raw('GET', `${COMPANY_PATH}/erp_requests/${requestId}`, undefined, {
        authorization: `Bearer ${bench.token}`,
        'procore-company-id': String(COMPANY),
      });
      expect(show.status).toBe(200);
      expect(show.body).toEqual(body);
    },
  );

  test('raw body in an envelope, with a detail', async () => {
    const result = await bench.control.emitRaw(
      { request_name: 'create_vendor', request_data: 'oops' },
      { envelope: true, withDetail: true },
    );
    expect(result.body).toMatchObject({ id: result.requestId, company_id: COMPANY, request_data: 'oops' });
    expect((await bench.closeDetail(result.requestDetailIds[0], 'failed', ['x'])).status).toBe(200);
  });
});

test('requests are listed ascending in pages', () =>
  withBench({}, async (bench) => {
    const ids = ['sync_jobs', 'sync_metadata', 'sync_vendors'].map((n) => bench.sim.emitEvent(n).requestId);
    const page = await bench.call('GET', `${COMPANY_PATH}/erp_requests?per_page=2`);
    expect((page.body as { id: number }[]).map((r) => r.id)).toEqual(ids.slice(0, 2));
    expect(page.headers.get('total')).toBe('3');
  }));

test('the request list may not exist', () =>
  withBench({ requestListAvailable: false }, async (bench) => {
    expect((await bench.call('GET', `${COMPANY_PATH}/erp_requests`)).status).toBe(404);
  }));

test('another prefix for the inferred paths', () =>
  withBench({ inferredPathPrefix: '/rest/v1.1/erp/companies/{company_id}' }, async (bench) => {
    const { requestId } = bench.sim.emitEvent('sync_jobs');
    const moved = `/rest/v1.1/erp/companies/${COMPANY}`;
    expect((await bench.call('GET', `${moved}/erp_requests/${requestId}`)).status).toBe(200);
    expect((await bench.call('GET', `${COMPANY_PATH}/erp_requests/${requestId}`)).status).toBe(404);
    expect((await bench.call('GET', `${moved}/staged_records?item_type=vendor`)).status).toBe(200);
    expect((await bench.call('GET', `${DETAILS}?filters[item_id]=1`)).status).toBe(200);
  }));

describe('where budgets and requisitions carry the detail id', () => {
  test('per item', () =>
    withBench({ requestDetailLocation: 'per_item' }, async (bench) => {
      const { body, requestDetailIds } = bench.sim.emitEvent('create_requisitions');
      const data = (body as { request_data: { request_detail_id?: number; requisitions: object[] } })
        .request_data;
      expect(data.request_detail_id).toBeUndefined();
      expect(valuesOf(data.requisitions, 'request_detail_id')).toEqual(requestDetailIds);
    }));

  test('absent: found by item only', () =>
    withBench({ requestDetailLocation: 'absent' }, async (bench) => {
      const { body, requestDetailIds } = bench.sim.emitEvent('create_budget');
      expect(valuesOf(body, 'request_detail_id')).toEqual([]);
      const id = (body as { request_data: { budget: { id: number } } }).request_data.budget.id;
      const found = await bench.call('GET', `${DETAILS}?filters[item_id]=${id}`);
      expect(found.body).toMatchObject([{ id: requestDetailIds[0], item_type: 'budget' }]);
    }));
});

describe('request details', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await new Bench({ detailStaleAfterHours: 24 }).start();
  });
  afterEach(() => bench.stop());

  test('a double close is harmless with the same word, refused with another', async () => {
    const [id] = bench.sim.emitEvent('sync_jobs').requestDetailIds;
    expect((await bench.closeDetail(id, 'success')).status).toBe(200);
    expect((await bench.closeDetail(id, 'success')).status).toBe(200);
    const other = await bench.closeDetail(id, 'failed', ['x']);
    expect([other.status, Object.keys((other.body as { errors: object }).errors)]).toEqual([422, ['status']]);
  });

  test('in progress keeps it open; PUT closes as PATCH does; rejected exists', async () => {
    const [id] = bench.sim.emitEvent('sync_jobs').requestDetailIds;
    await bench.closeDetail(id, 'in_progress');
    const put = await bench.call('PUT', `${DETAILS}/${id}`, {
      request_detail: { status: 'rejected', messages: [] },
    });
    expect(put.body).toMatchObject({ id, status: 'rejected' });
  });

  test('both bodies of the bulk call, with per-item errors', async () => {
    const ids = bench.sim.emitEvent('delete_cost_codes').requestDetailIds;
    const wrapped = await bench.call('PATCH', `${DETAILS}/sync`, {
      updates: [
        { id: ids[0], status: 'success', messages: [] },
        { id: 1, status: 'success' },
      ],
    });
    expect(sync(wrapped).entities).toMatchObject([{ id: ids[0], status: 'success' }]);
    expect(sync(wrapped).errors[0]?.errors).toEqual({ id: ['Entity with this ID not found'] });
    const bare = await bench.call('PATCH', `${DETAILS}/sync`, [
      { id: ids[1], status: 'failed', messages: ['m'] },
    ]);
    expect(sync(bare).entities).toMatchObject([{ id: ids[1], status: 'failed', messages: ['m'] }]);
    expect(bench.sim.violations()).toEqual([]);
  });

  test('a late close answers 422 once the detail is stale', async () => {
    const [vendor] = bench.sim.seedVendors([{ name: 'Late' }]);
    const [id] = bench.sim.exportVendor(vendor?.id ?? 0).requestDetailIds;
    bench.clock.advance(24 * 3_600_000 - 1);
    expect((await bench.control.state()).companies[0]?.requests[0]?.details[0]?.status).toBe('open');
    bench.clock.advance(1);
    await bench.login();
    expect((await bench.closeDetail(id, 'success')).status).toBe(422);
    expect(bench.sim.vendor(vendor?.id ?? 0).erp_status).toBe('failed_to_export');
  });
});

describe('external data', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await new Bench().start();
  });
  afterEach(() => bench.stop());

  function set(...updates: object[]): Promise<Answer> {
    return bench.call('PATCH', `${COMPANY_PATH}/external_data/sync`, { updates });
  }

  test('item errors: type, item, origin_id taken', async () => {
    const [a] = bench.sim.seedVendors([{ name: 'A' }]);
    bench.sim.seedCollection('/rest/v1.0/projects', [{ id: 5, name: 'P' }]);
    bench.sim.seedCollection('/rest/v1.0/cost_codes', [{ id: 9, project_id: 5, code: '1', name: 'C' }]);
    await set({ item_type: 'project', item_id: 5, origin_id: 'k' });
    const answer = sync(
      await set(
        { item_type: 'boat', item_id: 5, origin_id: 'x' },
        { item_type: 'vendor', item_id: 1, origin_id: 'y' },
        { item_type: 'vendor', item_id: a?.id, origin_id: 'k' },
        { item_type: 'cost_code', item_id: 9, origin_id: 'z' },
        { item_type: 'cost_code', item_id: 10, origin_id: 'y' },
      ),
    );
    expect(answer.errors.map((e) => Object.keys(e.errors)[0])).toEqual([
      'item_type',
      'item_id',
      'origin_id',
      'item_id',
    ]);
    expect(answer.errors[3]?.errors).toEqual({ item_id: ['Entity with this ID not found'] });
    expect(answer.entities).toMatchObject([{ item_type: 'cost_code', origin_id: 'z' }]);
  });

  test('uniqueness per type is an option', () =>
    withBench({ originIdScope: 'type' }, async (other) => {
      other.sim.seedCollection('/rest/v1.0/projects', [{ id: 5, name: 'P' }]);
      const subJob = { project_id: 5, name: 'S', code: '1' };
      other.sim.seedCollection('/rest/v1.0/sub_jobs', [
        { id: 5, ...subJob },
        { id: 6, ...subJob },
      ]);
      const answer = await other.call('PATCH', `${COMPANY_PATH}/external_data/sync`, [
        { item_type: 'project', item_id: 5, origin_id: 'k' },
        { item_type: 'sub_job', item_id: 5, origin_id: 'k' },
        { item_type: 'sub_job', item_id: 6, origin_id: 'k' },
      ]);
      expect([sync(answer).entities.length, sync(answer).errors.length]).toEqual([2, 1]);
    }));

  test('nulls unlink; origin_data alone may change; list and bulk destroy', async () => {
    const [a] = bench.sim.seedVendors([{ name: 'A' }]);
    const item = { item_type: 'vendor', item_id: a?.id };
    await set({ ...item, origin_id: 'k', origin_code: 'c', origin_data: 'd' });
    await set({ ...item, origin_data: 'e' });
    const list = `${COMPANY_PATH}/external_data?item_type=vendor&item_id=${a?.id}`;
    expect((await bench.call('GET', list)).body).toMatchObject([
      { ...item, origin_id: 'k', origin_code: 'c', origin_data: 'e' },
    ]);
    await set({ ...item, origin_id: null, origin_code: null, origin_data: null });
    expect(bench.sim.vendor(a?.id ?? 0)).toMatchObject({ synced_to_erp: false, origin_code: null });
    expect((await bench.call('GET', list)).body).toEqual([]);
    await set({ ...item, origin_id: 'k2' });
    const destroyed = await bench.call('DELETE', `${COMPANY_PATH}/external_data/bulk_destroy`, {
      item_type: 'vendor',
      item_ids: [a?.id],
    });
    expect(destroyed.status).toBe(204);
    expect(bench.sim.vendor(a?.id ?? 0).synced_to_erp).toBe(false);
  });

  test('only status management puts the staged record back', async () => {
    const stage = await bench.call('PATCH', `${COMPANY_PATH}/staged_records/sync`, {
      updates: [{ item_type: 'vendor', origin_id: 'k', data: { name: 'A' } }],
    });
    const record = Number(sync(stage).entities[0]?.['id']);
    const status = (): string | undefined => bench.sim.state().companies[0]?.stagedRecords[0]?.status;
    const { vendorId } = bench.sim.importVendor(record);
    await set({ item_type: 'vendor', item_id: vendorId, origin_id: null });
    expect(status()).toBe('imported');
    await set({ item_type: 'vendor', item_id: vendorId, origin_id: 'k' });
    await bench.call('PATCH', `${COMPANY_PATH}/erp_status_management/unlink`, {
      item_type: 'vendor',
      item_id: vendorId,
    });
    expect(bench.sim.vendor(vendorId).synced_to_erp).toBe(false);
    expect(status()).toBe('staged');
  });
});

describe('staged records', () => {
  let bench: Bench;
  const path = `${COMPANY_PATH}/staged_records`;
  beforeEach(async () => {
    bench = await new Bench().start();
  });
  afterEach(() => bench.stop());

  const contract = {
    item_type: 'work_order_contract',
    origin_id: 'c1',
    status: 'staged',
    data: { number: '1', title: 'T', project_origin_id: 'p', vendor_origin_id: 'v' },
  };
  const line = (n: number): object => ({
    item_type: 'line_item',
    origin_id: `l${n}`,
    data: { amount: '1.0' },
  });

  function statuses(): Record<string, string> {
    const records = bench.sim.state().companies[0]?.stagedRecords ?? [];
    return Object.fromEntries(records.map((r) => [r.origin_id, r.status]));
  }

  test('create, update, list by type, delete', async () => {
    const made = await bench.call('POST', path, { item_type: 'vendor', origin_id: 'k', data: { name: 'A' } });
    const { id } = made.body as { id: number };
    expect([made.status, (made.body as { status: string }).status]).toEqual([201, 'staged']);
    const twin = await bench.call('POST', path, { item_type: 'vendor', origin_id: 'k', data: { name: 'B' } });
    expect(twin.status).toBe(422);
    const put = { item_type: 'vendor', origin_id: 'k', status: 'archived', data: { name: 'A2' } };
    expect((await bench.call('PUT', `${path}/${id}`, put)).body).toMatchObject({ status: 'archived' });
    expect((await bench.call('GET', `${path}?item_type=vendor`)).body).toMatchObject([
      { id, data: { name: 'A2' } },
    ]);
    expect((await bench.call('GET', `${path}?item_type=project`)).body).toEqual([]);
    expect((await bench.call('DELETE', `${path}/${id}`)).status).toBe(204);
    expect(statuses()).toEqual({});
  });

  test('sync upserts by type and origin_id; nested children; parents by origin_id', async () => {
    const first = await bench.call('PATCH', `${path}/sync`, {
      updates: [{ ...contract, children: [line(1)] }],
    });
    const parent = Number(sync(first).entities[0]?.['id']);
    const second = await bench.call('PATCH', `${path}/sync`, {
      updates: [contract, { ...line(2), parent_origin_id: 'c1' }, { ...line(3) }],
    });
    expect(sync(second).entities).toMatchObject([{ id: parent }, { parent_id: parent }]);
    expect(sync(second).errors.map((e) => Object.keys(e.errors))).toEqual([['parent_origin_id']]);
    expect(Object.keys(statuses()).sort()).toEqual(['c1', 'l1', 'l2']);
  });

  test('a parent that returns to staged takes its children along, except archived ones', async () => {
    const answer = await bench.call('PATCH', `${path}/sync`, {
      updates: [{ ...contract, children: [line(1), line(2)] }],
    });
    const children = sync(answer).entities[0]?.['children'] as { id: number; origin_id: string }[];
    const put = (id: number, item: object, status: string): Promise<Answer> =>
      bench.call('PUT', `${path}/${id}`, { ...item, status });
    await put(children[0]?.id ?? 0, line(1), 'archived');
    await put(children[1]?.id ?? 0, line(2), 'invalid');
    await bench.call('PATCH', `${path}/sync`, { updates: [{ ...contract, status: 'archived' }] });
    expect(statuses()).toEqual({ c1: 'archived', l1: 'archived', l2: 'invalid' });
    await bench.call('PATCH', `${path}/sync`, { updates: [{ ...contract, status: 'staged' }] });
    expect(statuses()).toEqual({ c1: 'staged', l1: 'archived', l2: 'staged' });
  });

  test('item errors: type, required project, word imported', async () => {
    const answer = await bench.call('PATCH', `${path}/sync`, {
      updates: [
        { item_type: 'boat', origin_id: '1', data: {} },
        { item_type: 'sub_job', origin_id: '2', data: { name: 'S' } },
        { item_type: 'vendor', origin_id: '3', status: 'imported', data: { name: 'V' } },
        { item_type: 'vendor', origin_id: '4', data: { name: 'V' }, children: [line(1)] },
      ],
    });
    expect(sync(answer).errors.map((e) => Object.keys(e.errors)[0])).toEqual([
      'item_type',
      'project_origin_id',
      'status',
      'children',
    ]);
    expect(statuses()).toEqual({});
  });

  test('unknown data fields: recorded, or refused when the option says so', async () => {
    const updates = [{ item_type: 'vendor', origin_id: 'k', data: { name: 'A', iban: 'x' } }];
    expect(sync(await bench.call('PATCH', `${path}/sync`, { updates })).errors).toEqual([]);
    expect(bench.sim.violations().map((v) => v.where)).toEqual(['data.iban']);
    await withBench({ rejectUnknownStagedFields: true }, async (strict) => {
      const answer = await strict.call('PATCH', `${path}/sync`, { updates });
      expect(sync(answer).errors[0]?.errors).toEqual({ iban: ['is not a known attribute'] });
    });
  });

  test('an archived or imported record cannot be imported', async () => {
    const answer = await bench.call('PATCH', `${path}/sync`, {
      updates: [{ item_type: 'vendor', origin_id: 'k', data: { name: 'A' } }],
    });
    const id = Number(sync(answer).entities[0]?.['id']);
    await bench.control.archiveStaged(id);
    await expect(bench.control.importVendor(id)).rejects.toThrow('archived');
  });
});

test('connection: the same integration may repeat, another one is refused; metadata is replaced', () =>
  withBench({}, async (bench) => {
    const connect = (url: string): Promise<Answer> =>
      bench.call('POST', `${COMPANY_PATH}/erp_connections`, {
        connection: { service_url: url, metadata: { settings: { v: 1 } } },
      });
    const first = await connect('https://a.example');
    const again = await connect('https://a.example');
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body).toEqual(first.body);
    expect((await connect('https://b.example')).status).toBe(422);
    await bench.call('PATCH', `${COMPANY_PATH}/erp_connections`, { metadata: { settings: { v: 2 } } });
    expect(bench.sim.state().companies[0]?.connection?.metadata).toEqual({ settings: { v: 2 } });
  }));
