import { FIRST_OWN_REQUEST } from '../../src/domain/open-door';
import type { ErpRequestRow } from '../../src/store/rows';
import type { TestTemporal } from '../support/temporal';
import { testTemporal } from '../support/temporal';
import type { WorldOptions } from '../support/world';
import { vendorFields, World } from '../support/world';

/** Procore without its ERP tool: Tieback finds, asks, writes and links through the ordinary APIs alone. */
let temporal: TestTemporal;
let world: World;

beforeAll(async () => {
  temporal = await testTemporal();
});
afterAll(() => temporal.close());
afterEach(async () => {
  expect(world.procore.violations()).toEqual([]);
  expect(erpToolCalls()).toEqual([]);
  expect(await world.auditFindings()).toEqual([]);
  await world.close();
});

const begin = async (options: WorldOptions = {}): Promise<void> => {
  world = await World.create(temporal, { openDoor: {}, ...options });
};

/** What only invited partners may call. */
const ERP_TOOL = /erp_request|external_data|staged_records|erp_connections|erp_job_costs|erp_transactions/;
const erpToolCalls = (): string[] =>
  world.procore
    .requestLog()
    .filter(({ path }) => ERP_TOOL.test(path) || path.includes('cost_code_line_item_types'))
    .map(({ method, path }) => `${method} ${path}`);

const requests = async (): Promise<ErpRequestRow[]> =>
  (await world.read((t) => t.requests.list({ take: 500 }))).reverse();

/** The requests we made, oldest first, as `event record`. */
const asked = async (event?: string): Promise<string[]> =>
  (await requests())
    .filter(({ eventName }) => event === undefined || eventName === event)
    .map(({ eventName, recordId }) => `${eventName ?? '?'} ${recordId ?? '-'}`);

const requestOf = async (event: string, recordId: string | null): Promise<number> => {
  const found = (await requests()).filter((row) => row.eventName === event && row.recordId === recordId);
  const last = found.at(-1);
  if (!last) throw new Error(`nobody asked for ${event} of ${recordId ?? 'all'}`);
  return last.requestId;
};

const BUSY = new Set(['received', 'planning', 'applying', 'busy']);

/** Waits until nothing moves any more: every request is closed, held, parked or waiting for finance. */
async function settled(): Promise<void> {
  const deadline = Date.now() + 15_000;
  for (let quiet = 0; quiet < 3;) {
    const moving = (await requests()).filter(({ status, started }) => BUSY.has(status) || !started);
    quiet = moving.length === 0 ? quiet + 1 : 0;
    if (Date.now() > deadline) throw new Error(`still moving: ${JSON.stringify(moving[0])}`);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
}

/** One round of intake and all that follows from it at once. */
async function round(): Promise<void> {
  await world.poll();
  await settled();
}

const mark = (): number => world.procore.requestLog().at(-1)?.seq ?? 0;
const writesSince = (since: number): string[] =>
  world.procore
    .requestLog({ since })
    .filter(({ method, path }) => method !== 'GET' && !path.startsWith('/oauth/'))
    .map(({ operationId, path }) => operationId ?? path);

const vendorState = (id: number) => world.procore.vendor(id);

test('a company goes to the ERP and is tied by its own resource; a second look asks nothing', async () => {
  await begin({ openDoor: { vendors: 'all' } });
  const [vendor] = world.procore.seedVendors([vendorFields()]);
  if (!vendor) throw new Error('unreachable');
  await round();
  const requestId = await requestOf('create_vendor', `vendor/${vendor.id}`);
  expect(requestId).toBeGreaterThanOrEqual(FIRST_OWN_REQUEST);
  expect(await world.request(requestId)).toMatchObject({ status: 'applied' });
  expect(world.erp.vendors()).toMatchObject([{ Name: 'Cobalt Mechanical LLC' }]);
  expect(vendorState(vendor.id).origin_id).toMatch(/^vendor\|1\|\d+$/);
  expect(await world.links()).toMatchObject([{ entity: 'vendor', procoreId: vendor.id, state: 'linked' }]);
  const before = await asked();
  const since = mark();
  await round();
  expect(await asked()).toEqual(before);
  expect(writesSince(since)).toEqual([]);
});

test('what finance rejected comes again when it was edited, and only then', async () => {
  await begin({ openDoor: { vendors: 'all' } });
  const [vendor] = world.procore.seedVendors([vendorFields({ prequalified: false })]);
  if (!vendor) throw new Error('unreachable');
  await round();
  const first = await requestOf('create_vendor', `vendor/${vendor.id}`);
  expect(await world.request(first)).toMatchObject({ status: 'waiting_for_finance' });
  // Edited while finance thinks: the request is open, so nobody is asked twice.
  world.procore.editVendor(vendor.id, { city: 'Tacoma' });
  await round();
  expect(await asked('create_vendor')).toHaveLength(1);
  await world.reject(first, 'the address is old');
  await world.until(first, 'rejected');
  await round();
  const second = await requestOf('create_vendor', `vendor/${vendor.id}`);
  expect(second).toBeGreaterThan(first);
  await world.reject(second, 'still wrong');
  await world.until(second, 'rejected');
  await round();
  expect(await asked('create_vendor')).toHaveLength(2);
});

test('ERP vendors become companies, are linked by the next look, and an unchanged re-run writes nothing', async () => {
  await begin({ openDoor: { vendors: 'none', syncEveryMinutes: 1 } });
  world.erp.addVendor({ Vendor: 10001, Name: 'Acier Laurentide', SortName: 'ACIER', City: 'Laval' });
  world.erp.addVendor({ Vendor: 10002, Name: 'Gone Ltd', SortName: 'GONE', Status: 'I' });
  world.erp.addVendor({ Vendor: 10003, Name: 'Cobalt Mechanical, L.L.C.', SortName: 'COBALT' });
  const [twin] = world.procore.seedVendors([vendorFields()]);
  await round();
  const companies = (): string[] =>
    (world.procore.state().companies[0]?.vendors ?? []).map(
      ({ name, origin_id }) => `${name} ${origin_id ?? '-'}`,
    );
  expect(companies()).toEqual(['Cobalt Mechanical LLC -', 'Acier Laurentide vendor|1|10001']);
  expect((await world.openExceptions()).map(({ reason }) => reason)).toEqual([
    expect.stringMatching(
      new RegExp(
        `Cobalt Mechanical, L.L.C. is already in Procore without a link \\(id ${twin?.id ?? ''}\\); link it first: .*vendor\\|1\\|10003`,
      ),
    ),
  ]);
  await round();
  expect(await asked('create_vendor_in_procore')).toHaveLength(1);
  expect((await world.links()).map(({ erpKey, state }) => `${erpKey} ${state}`)).toEqual(['1|10001 linked']);
  const since = mark();
  world.skipMinutes(2);
  await round();
  expect(await asked('sync_vendors')).toHaveLength(2);
  expect(writesSince(since)).toEqual([]);
  expect(companies()).toHaveLength(2);
});
