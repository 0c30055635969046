import type { SyncRequestRow } from '../../../src/store/rows';
import type { TestTemporal } from '../../support/temporal';
import { testTemporal } from '../../support/temporal';
import type { WorldOptions } from '../../support/world';
import { ANY, vendorFields, World } from '../../support/world';

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

const requests = async (): Promise<SyncRequestRow[]> =>
  (await world.read((t) => t.requests.list({ take: 500 }))).reverse();

/** The requests we made, oldest first, as `event record`. */
const asked = async (event?: string): Promise<string[]> =>
  (await requests())
    .filter(({ eventName }) => event === undefined || eventName === event)
    .map(({ eventName, recordId }) => `${eventName ?? '?'} ${recordId ?? '-'}`);

const requestOf = async (event: string, recordId: string | null): Promise<string> => {
  const found = (await requests()).filter((row) => row.eventName === event && row.recordId === recordId);
  const last = found.at(-1);
  if (!last) throw new Error(`nobody asked for ${event} of ${recordId ?? 'all'}`);
  return last.id;
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
  expect(requestId).toMatch(/^open\/\d+$/);
  expect(await world.request(requestId)).toMatchObject({ status: 'applied' });
  expect(world.erp.vendors()).toMatchObject([{ Name: 'Cobalt Mechanical LLC' }]);
  expect(vendorState(vendor.id).origin_id).toMatch(/^vendor\|1\|\d+$/);
  expect(await world.links()).toMatchObject([{ kind: 'vendor', procoreId: vendor.id, state: 'linked' }]);
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
  expect(second).not.toBe(first);
  await world.reject(second, 'still wrong');
  await world.until(second, 'rejected');
  await round();
  expect(await asked('create_vendor')).toHaveLength(2);
});

test('ERP vendors become companies, are linked by the next look, and an unchanged re-run writes nothing', async () => {
  const week = 10_080;
  await begin({ openDoor: { vendors: 'none', syncEveryMinutes: week } });
  world.erp.addVendor({ Vendor: 10001, Name: 'Acier Laurentide', SortName: 'ACIER', City: 'Laval' });
  world.erp.addVendor({ Vendor: 10002, Name: 'Gone Ltd', SortName: 'GONE', Status: 'I' });
  world.erp.addVendor({ Vendor: 10003, Name: 'Cobalt Mechanical, L.L.C.', SortName: 'COBALT' });
  const [twin] = world.procore.seedVendors([vendorFields()]);
  await round();
  const companies = (): string[] =>
    (world.procore.state().companies[0]?.records.vendor ?? []).map(
      ({ name, origin_id }) => `${String(name)} ${origin_id ?? '-'}`,
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
  world.skipMinutes(week);
  await round();
  expect(await asked('sync_vendors')).toHaveLength(2);
  expect(writesSince(since)).toEqual([]);
  expect(companies()).toHaveLength(2);
});

/** Everything but companies that nobody prequalified is approved by rule. */
const RULES = [
  { name: 'companies', decision: 'ask_finance' as const, when: { events: ['create_vendor'] } },
  { name: 'everything', decision: 'approve' as const, when: ANY },
];

interface Site {
  readonly vendorId: number;
  readonly projectId: number;
  readonly commitmentId: number;
}

/** A project with codes, and an approved commitment with a company that the ERP does not know. */
function site(): Site {
  const [vendor] = world.procore.seedVendors([vendorFields()]);
  const { id: projectId } = world.procore.seedProject({
    name: 'Eastgate Parking Structure',
    project_number: '2417-001',
    address: '900 Eastgate Blvd',
    city: 'Bellevue',
    state_code: 'WA',
    zip: '98006',
  });
  world.procore.seedCostCodes(projectId, [
    { code: '23', name: 'HVAC' },
    { code: '23-050', name: 'HVAC systems', types: ['3', '2'] },
  ]);
  const { id: commitmentId } = world.procore.seedCommitment(projectId, {
    number: 'SC-2417-008',
    title: 'HVAC - Eastgate',
    vendor_id: vendor?.id ?? 0,
    contract_date: '2026-07-01',
    lines: [
      { code: '23-050', type: '3', amount: '150000.00', description: 'Rough-in' },
      { code: '23-050', type: '2', amount: '34500.00', description: 'Material' },
    ],
  });
  return { vendorId: vendor?.id ?? 0, projectId, commitmentId };
}

/** What is released looks again at what it waits for: it may take a moment until it waits for this. */
async function heldFor(requestId: string, reason: RegExp): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const row = await world.until(requestId, 'held');
    if (reason.test(row.reason ?? '') && !/ob .* is not in the ERP/.test(row.reason ?? '')) return;
    if (Date.now() > deadline) throw new Error(`it is held for another reason: ${row.reason ?? ''}`);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
}

const linkedTo = (kind: 'project' | 'commitment', id: number): boolean[] => {
  const { linked, lines } = world.procore.record(kind, id);
  return [linked, ...(lines ?? []).map((line) => line.linked)];
};

test('job, company and commitment go to the ERP in the right order, and the commitment waits for both', async () => {
  await begin({ policy: { rules: RULES }, seedErp: true, openDoor: { syncEveryMinutes: 10_080 } });
  await round();
  const { vendorId, projectId, commitmentId } = site();
  await round();
  const company = await requestOf('create_vendor', `vendor/${vendorId}`);
  const commitment = await requestOf('create_commitment', `commitment/${commitmentId}`);
  expect(await world.request(company)).toMatchObject({ status: 'waiting_for_finance' });
  await heldFor(commitment, /Vendor Cobalt Mechanical LLC is not in the ERP yet/);
  expect(linkedTo('project', projectId)).toEqual([true]);
  await world.approve(company);
  expect(await world.result(commitment)).toMatchObject({
    status: 'applied',
    summary: 'Commitment SC-2417-008 "HVAC - Eastgate" was created in the ERP.',
  });
  expect(world.erp.commitments().find(({ SL }) => SL === 'SC-2417-008')).toMatchObject({
    Amount: '184500.00',
  });
  expect(vendorState(vendorId).origin_id).toMatch(/^vendor\|1\|/);
  expect(linkedTo('commitment', commitmentId)).toEqual([true, true, true]);
  expect(world.procore.record('project', projectId)).toMatchObject({ origin_code: '2417-001' });
  // Newly linked projects are refreshed once, then with all others.
  await round();
  const before = await asked();
  const since = mark();
  await round();
  expect(await asked()).toEqual(before);
  expect(writesSince(since)).toEqual([]);
});

test('a commitment that needs a new cost code has its project sent again', async () => {
  await begin({
    policy: { rules: [{ name: 'everything', decision: 'approve', when: ANY }] },
    seedErp: true,
    openDoor: { syncEveryMinutes: 10_080 },
  });
  await round();
  const { vendorId, projectId } = site();
  await round();
  world.procore.seedCostCodes(projectId, [{ code: '26-010', name: 'Electrical', types: ['3'] }]);
  const { id } = world.procore.seedCommitment(projectId, {
    number: 'SC-2417-009',
    title: 'Electrical',
    vendor_id: vendorId,
    contract_date: '2026-07-02',
    lines: [{ code: '26-010', type: '3', amount: '900.00' }],
  });
  await round();
  const commitment = await requestOf('create_commitment', `commitment/${id}`);
  await heldFor(commitment, /Cost code 26-010 is not in the ERP yet/);
  await round();
  expect(await world.result(commitment)).toMatchObject({ status: 'applied' });
  expect(await asked('create_or_update_job')).toHaveLength(2);
});

test('ERP jobs become projects with their codes, and linked ones are refreshed by the clock', async () => {
  await begin({
    policy: { rules: [{ name: 'everything', decision: 'approve', when: ANY }] },
    seedErp: true,
    openDoor: { vendors: 'none', projects: 'none', syncEveryMinutes: 60 },
  });
  await round();
  const projects = () => world.procore.state().companies[0]?.records.project ?? [];
  const active = world.erp.jobs().filter(({ JobStatus }) => JobStatus === 1);
  expect(projects().map(({ linked }) => linked)).toEqual(active.map(() => true));
  await round();
  expect(await asked('create_job_in_procore')).toHaveLength(active.length);
  const links = await world.links();
  expect(links.filter(({ kind, state }) => kind === 'project' && state === 'linked')).toHaveLength(
    active.length,
  );
  world.skipMinutes(61);
  await round();
  expect(await asked('sync_single_job')).toHaveLength(active.length);
  const since = mark();
  world.skipMinutes(61);
  await round();
  expect(await asked('sync_single_job')).toHaveLength(2 * active.length);
  expect(writesSince(since)).toEqual([]);
});

test('a look that is cut off goes on with the project it stood at', async () => {
  await begin({ openDoor: { vendors: 'none', syncEveryMinutes: 10_080 }, seedErp: true });
  const first = world.procore.seedProject({ name: 'Eastgate', project_number: '2417-001' });
  const second = world.procore.seedProject({ name: 'Westgate', project_number: '2417-002' });
  const contracts = '/rest/v1.0/work_order_contracts';
  // The first project answers, the second refuses as often as one look tries.
  world.procore.addFault({ kind: 'status', match: { path: contracts }, status: 422, skip: 1, times: 4 });
  await round();
  const jobs = () => asked('create_or_update_job');
  expect(await jobs()).toEqual([`create_or_update_job project/${first.id}`]);
  const since = mark();
  await round();
  expect(await jobs()).toEqual([first, second].map(({ id }) => `create_or_update_job project/${id}`));
  const read = world.procore.requestLog({ since, path: contracts }).map(({ query }) => JSON.stringify(query));
  expect(read[0]).toContain(String(second.id));
  expect(read.filter((query) => query.includes(String(first.id)))).toEqual([]);
});
