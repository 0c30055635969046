import { Bench, COMPANY } from './support/procore-client';

const VENDORS = `/rest/v1.0/vendors?company_id=${COMPANY}`;

let bench: Bench;
beforeEach(async () => {
  bench = await new Bench().start();
});
afterEach(() => bench.stop());

function names(): unknown[] {
  return bench.sim.state().companies[0]?.records.vendor.map((v) => v.name) ?? [];
}

describe('faults', () => {
  test('status with body and headers, counted and used up', async () => {
    const fault = await bench.control.addFault({
      kind: 'status',
      status: 503,
      body: 'busy',
      headers: { 'retry-after': '3' },
      match: { method: 'GET', path: '/vendors$' },
      times: 2,
      skip: 1,
    });
    const statuses: number[] = [];
    for (let n = 0; n < 4; n += 1) statuses.push((await bench.call('GET', VENDORS)).status);
    expect(statuses).toEqual([200, 503, 503, 200]);
    expect(await bench.control.faults()).toMatchObject([{ id: fault.id, remaining: 0, hits: 2 }]);
    await bench.control.clearFaults();
    expect(await bench.control.faults()).toEqual([]);
    const entry = bench.sim.requestLog({ operationId: 'RestV10VendorsGet' })[1];
    expect(entry).toMatchObject({ status: 503, fault: 'status' });
  });

  test('drop-before does nothing, drop-reply does the work and says nothing', async () => {
    const match = { operationId: 'RestV10VendorsSyncPatch' };
    await bench.control.addFault({ kind: 'drop-before', match });
    await bench.control.addFault({ kind: 'drop-reply', match });
    const sync = (): Promise<unknown> => bench.vendorSync([{ origin_id: 'k', name: 'A' }]);
    await expect(sync()).rejects.toThrow();
    expect(names()).toEqual([]);
    await expect(sync()).rejects.toThrow();
    expect(names()).toEqual(['A']);
    expect(await sync()).toMatchObject({ status: 200 });
    expect(names()).toEqual(['A']);
    expect(bench.sim.requestLog(match).map((e) => e.status)).toEqual([null, null, 200]);
  });

  test('truncate cuts the answer after the effect', async () => {
    await bench.control.addFault({ kind: 'truncate', match: { method: 'POST', path: '/vendors$' } });
    const create = { company_id: COMPANY, vendor: { name: 'A' } };
    await expect(bench.call('POST', '/rest/v1.0/vendors', create)).rejects.toThrow();
    expect(names()).toEqual(['A']);
  });

  test('delay holds the answer and lets the effect happen', async () => {
    await bench.control.addFault({ kind: 'delay', ms: 40 });
    const begun = Date.now();
    expect((await bench.call('GET', VENDORS)).status).toBe(200);
    expect(Date.now() - begun).toBeGreaterThanOrEqual(35);
    expect(bench.sim.requestLog().at(-1)?.fault).toBe('delay');
  });

  test('an unknown kind and a broken pattern are refused', async () => {
    await expect(bench.control.addFault({ kind: 'explode' } as never)).rejects.toMatchObject({ status: 400 });
    await expect(bench.control.addFault({ kind: 'truncate', match: { path: '(' } })).rejects.toMatchObject({
      status: 400,
    });
  });

  test('the control door itself is never faulty', async () => {
    await bench.control.addFault({ kind: 'drop-before', times: 9 });
    expect(await bench.control.health()).toEqual({ ok: true });
  });
});

describe('control door', () => {
  test('request log: filters and clearing', async () => {
    await bench.call('GET', VENDORS);
    await bench.vendorSync([{ name: 'A' }]);
    const log = await bench.control.requestLog({ operationId: 'RestV10VendorsSyncPatch' });
    expect(log).toMatchObject([
      {
        method: 'PATCH',
        path: '/rest/v1.0/vendors/sync',
        status: 200,
        headers: { 'procore-company-id': String(COMPANY) },
        body: { company_id: COMPANY, updates: [{ name: 'A' }] },
        violations: [],
      },
    ]);
    expect(await bench.control.requestLog({ since: log[0]?.seq ?? 0 })).toEqual([]);
    expect(await bench.control.requestLog({ method: 'get', path: 'vendors' })).toHaveLength(1);
    await bench.control.clearLog();
    expect(await bench.control.requestLog()).toEqual([]);
  });

  test('seeding vendors, companies and collections', async () => {
    await bench.control.addCompany({ id: 7, name: 'B' });
    const [vendor] = await bench.control.seedVendors([{ id: 5, name: 'A' }], 7);
    expect(vendor?.id).toBe(5);
    expect((await bench.control.vendor(5, 7)).name).toBe('A');
    await expect(bench.control.seedVendors([{ id: 5, name: 'A' }], 7)).rejects.toMatchObject({ status: 409 });
    await expect(bench.control.seedVendors([{ name: '' }])).rejects.toMatchObject({ status: 422 });
    await bench.control.seedCollection('/rest/v1.0/projects', [{ id: 70, name: 'P' }]);
    const show = await bench.call('GET', `/rest/v1.0/projects/70?company_id=${COMPANY}`);
    expect(show.body).toMatchObject({ id: 70, name: 'P' });
  });

  test('the clock moves only forward, and tokens expire by it', async () => {
    const { now } = await bench.control.clock();
    expect(await bench.control.advanceClock(5_400_000)).toEqual({ now: now + 5_400_000 });
    expect((await bench.call('GET', VENDORS)).status).toBe(401);
    await expect(bench.control.advanceClock(-1)).rejects.toMatchObject({ status: 400 });
  });

  test('reset forgets everything', async () => {
    bench.sim.seedVendors([{ name: 'A' }]);
    bench.sim.emitEvent('sync_jobs');
    await bench.control.addFault({ kind: 'truncate' });
    await bench.control.reset();
    expect(await bench.control.state()).toMatchObject({
      companies: [{ id: COMPANY, records: { vendor: [] }, requests: [] }],
      hooks: [],
      deliveries: [],
      faults: [],
    });
    expect((await bench.call('GET', VENDORS)).status).toBe(401);
  });

  test('unknown operations and bad input', async () => {
    expect((await bench.raw('GET', '/_sim/nothing')).status).toBe(404);
    expect((await bench.raw('POST', '/_sim/advanceClock', { args: ['soon'] })).status).toBe(400);
    expect((await bench.raw('POST', '/_sim/seedVendors', { args: [5] })).status).toBe(400);
    await expect(bench.control.sendVendorToErp(1)).rejects.toMatchObject({ status: 404 });
  });

  test('one readable line per event', async () => {
    const lines: string[] = [];
    const other = await new Bench({ onLine: (line) => lines.push(line) }).start();
    try {
      other.sim.emitEvent('sync_jobs');
      await other.call('GET', '/rest/v1.0/vendors');
    } finally {
      await other.stop();
    }
    expect(lines).toEqual([
      'POST /oauth/token → 200',
      expect.stringMatching(/^erp request \d+ sync_jobs$/),
      'GET /rest/v1.0/vendors → 400',
      expect.stringContaining('missing-query-parameter company_id'),
    ]);
  });
});
