import type { LinkState } from '../../../src/domain/kinds/record-link';
import type { RequestResult } from '../../../src/domain/request/flow';
import type { TestTemporal } from '../../support/temporal';
import { testTemporal } from '../../support/temporal';
import { vendorFields, World } from '../../support/world';

let temporal: TestTemporal;
let world: World;
/** Highest generation seen per ERP key. */
const generations = new Map<string, number>();

beforeAll(async () => {
  temporal = await testTemporal();
  world = await World.create(temporal);
});
afterAll(async () => {
  await world.close();
  await temporal.close();
});
afterEach(async () => {
  expect(world.procore.violations()).toEqual([]);
  expect(await world.auditFindings()).toEqual([]);
  await checkLinks();
});

/** One linked row per Procore id, and generations that only grew. */
async function checkLinks(): Promise<void> {
  const links = await world.links();
  const linked = links.filter(({ state }) => state === 'linked').map(({ procoreId }) => procoreId);
  expect(linked).toEqual([...new Set(linked)]);
  expect(linked).not.toContain(null);
  for (const { erpKey, generation } of links) {
    expect(generation).toBeGreaterThanOrEqual(generations.get(erpKey) ?? 0);
    generations.set(erpKey, generation);
  }
}

let nextNumber = 20000;
let nextForeign = 0;

/** A vendor of the ERP on "Ready to Import". */
async function stagedVendor(name?: string): Promise<{ key: string; stagedId: number; number: number }> {
  nextNumber += 1;
  const number = nextNumber;
  world.erp.addVendor({
    Vendor: number,
    Name: name ?? `Vendor ${number}`,
    SortName: `V${number}`,
    VendorType: 'SUB',
  });
  await world.refreshVendors();
  const record = world.staged().find(({ origin_id }) => origin_id === `vendor|1|${number}`);
  if (!record) throw new Error(`vendor ${number} was not staged`);
  return { key: `1|${number}`, stagedId: record.id, number };
}

const company = (name: string): number => {
  const [vendor] = world.procore.seedVendors([vendorFields({ name })]);
  if (!vendor) throw new Error('unreachable');
  return vendor.id;
};

async function settle({ requestId }: { requestId: number }): Promise<RequestResult> {
  await world.poll();
  return world.result(requestId);
}

const notice = (requestName: string, requestData: object): Promise<RequestResult> =>
  settle(
    world.procore.emitRaw(
      { request_name: requestName, request_data: { ...requestData, company_id: 4264807 } },
      { envelope: true },
    ),
  );

async function linkOf(
  key: string,
): Promise<{ state: LinkState; procoreId: number | null; generation: number }> {
  const link = (await world.links()).find(({ erpKey }) => erpKey === key);
  if (!link) throw new Error(`no link for ${key}`);
  const { state, procoreId, generation } = link;
  return { state, procoreId, generation };
}

async function imported(): Promise<{ key: string; procoreId: number; number: number }> {
  const { key, stagedId, number } = await stagedVendor();
  const action = world.procore.importVendor(stagedId);
  expect(await settle(action)).toMatchObject({ status: 'applied' });
  return { key, procoreId: action.vendorId, number };
}

const origin = (key: string): string => `vendor|${key}`;

test('import: the staged vendor becomes linked with the staged data as base, and the next sync finds it unchanged', async () => {
  const { key, stagedId, number } = await stagedVendor();
  const action = world.procore.importVendor(stagedId);
  expect(await settle(action)).toEqual({
    status: 'applied',
    summary: `vendor ${action.vendorId} (${origin(key)}) imported: 1 link changed.`,
  });
  const link = (await world.links()).find(({ erpKey }) => erpKey === key);
  expect(link).toMatchObject({
    state: 'linked',
    procoreId: action.vendorId,
    generation: 2,
    procore: { fields: { code: String(number), name: `Vendor ${number}` } },
  });
  world.procore.clearLog();
  await world.refreshVendors();
  expect(world.writes()).toEqual(['requestDetail.update']);
});

test('link: a staged vendor is tied to a company that was there; the next sync brings it the ERP values', async () => {
  const { key, stagedId, number } = await stagedVendor();
  const id = company('Some older spelling');
  expect(await settle(world.procore.linkVendor(stagedId, id))).toMatchObject({ status: 'applied' });
  expect(await linkOf(key)).toEqual({ state: 'linked', procoreId: id, generation: 2 });
  await world.refreshVendors();
  // Nothing changed in the ERP since: what a person linked is left as it is until the ERP record changes.
  world.erp.changeVendor(number, { Phone: '206-555-0100' });
  await world.refreshVendors();
  expect(world.procore.vendor(id)).toMatchObject({
    name: `Vendor ${number}`,
    business_phone: '206-555-0100',
  });
});

test('link all: every named vendor is linked in one go', async () => {
  const first = await stagedVendor('Alder Building Supply');
  const second = await stagedVendor('Beacon Electric');
  const ids = [company('ALDER BUILDING SUPPLY'), company('beacon electric')];
  const action = world.procore.linkAllVendors();
  expect(action.vendorIds).toEqual(ids);
  expect(await settle(action)).toEqual({
    status: 'applied',
    summary: '2 vendors linked: 2 links changed.',
  });
  expect(await linkOf(first.key)).toMatchObject({ state: 'linked', procoreId: ids[0] });
  expect(await linkOf(second.key)).toMatchObject({ state: 'linked', procoreId: ids[1] });
});

test('link all without vendors changes nothing and ends', async () => {
  expect(await notice('link_all_vendors', { vendors: [] })).toEqual({
    status: 'applied',
    summary: '0 vendors linked: links were so already.',
  });
});

test('link all that names one company twice leaves it with the last ERP vendor only', async () => {
  const one = await stagedVendor();
  const two = await stagedVendor();
  const id = company('Twice named');
  const vendors = [
    { id, origin_id: origin(one.key) },
    { id, origin_id: origin(two.key) },
  ];
  expect(await notice('link_all_vendors', { vendors })).toMatchObject({ status: 'applied' });
  expect(await linkOf(one.key)).toMatchObject({ state: 'unlinked' });
  expect(await linkOf(two.key)).toMatchObject({ state: 'linked', procoreId: id });
});

test('link all that names one ERP vendor twice ends, with the last company', async () => {
  const { key } = await stagedVendor();
  const ids = [company('First'), company('Second')];
  const vendors = ids.map((id) => ({ id, origin_id: origin(key) }));
  expect(await notice('link_all_vendors', { vendors })).toMatchObject({ status: 'applied' });
  expect(await linkOf(key)).toMatchObject({ state: 'linked', procoreId: ids[1] });
});

test('link all that hands an ERP vendor on from one company to another', async () => {
  const { key: first, procoreId } = await imported();
  const second = await stagedVendor();
  const other = company('The other');
  const vendors = [
    { id: procoreId, origin_id: origin(second.key) },
    { id: other, origin_id: origin(first) },
  ];
  expect(await notice('link_all_vendors', { vendors })).toMatchObject({ status: 'applied' });
  expect(await linkOf(first)).toMatchObject({ state: 'linked', procoreId: other });
  expect(await linkOf(second.key)).toMatchObject({ state: 'linked', procoreId });
});

test('link to another ERP vendor lets the earlier one go', async () => {
  const first = await imported();
  const second = await stagedVendor();
  const vendor = { id: first.procoreId, origin_id: origin(second.key) };
  expect(await notice('link_vendor', { vendor })).toMatchObject({
    status: 'applied',
    summary: expect.stringContaining('2 links changed') as string,
  });
  expect(await linkOf(first.key)).toMatchObject({ state: 'unlinked' });
  expect(await linkOf(second.key)).toMatchObject({ state: 'linked', procoreId: first.procoreId });
});

describe('merge', () => {
  test('both linked: the source link is marked merged, the master keeps its own', async () => {
    const master = await imported();
    const source = await imported();
    const before = await linkOf(master.key);
    expect(await settle(world.procore.mergeVendors(master.procoreId, [source.procoreId]))).toMatchObject({
      status: 'applied',
      summary: `1 vendor merged into vendor ${master.procoreId} (${origin(master.key)}): 1 link changed.`,
    });
    expect(await linkOf(master.key)).toEqual(before);
    expect(await linkOf(source.key)).toEqual({
      state: 'merged',
      procoreId: source.procoreId,
      generation: 3,
    });
    // The ERP still has it: it neither comes back for import nor is it written to the company that is gone.
    world.erp.changeVendor(source.number, { Phone: '1' });
    expect(await world.refreshVendors()).toMatchObject({ status: 'applied', summary: 'No vendor changed.' });
  });

  test('only the source linked: its link moves to the master', async () => {
    const source = await imported();
    const master = company('The one that stays');
    expect(await settle(world.procore.mergeVendors(master, [source.procoreId]))).toMatchObject({
      status: 'applied',
    });
    expect(await linkOf(source.key)).toEqual({ state: 'linked', procoreId: master, generation: 3 });
  });

  test('two linked sources into a master without link: one moves, the other is merged', async () => {
    const one = await imported();
    const two = await imported();
    const master = company('Takes both');
    expect(await settle(world.procore.mergeVendors(master, [one.procoreId, two.procoreId]))).toMatchObject({
      status: 'applied',
    });
    expect(await linkOf(one.key)).toMatchObject({ state: 'linked', procoreId: master });
    expect(await linkOf(two.key)).toMatchObject({ state: 'merged' });
  });

  test('the master carries the origin_id of the source: the link is the same, with the other company', async () => {
    const source = await imported();
    const master = company('Got the origin_id already');
    const data = {
      master_vendor: { id: master, origin_id: origin(source.key) },
      source_vendors: [{ id: source.procoreId, origin_id: origin(source.key) }],
    };
    expect(await notice('merge_vendors', data)).toMatchObject({ status: 'applied' });
    expect(await linkOf(source.key)).toEqual({ state: 'linked', procoreId: master, generation: 3 });
  });

  test('no sources, unknown companies, a source twice, the master among the sources', async () => {
    const master = await imported();
    const source = await imported();
    const before = await linkOf(master.key);
    const ref = (id: number, originId: string | null = null) => ({ id, origin_id: originId });
    const merge = (m: object, sources: object[]): Promise<RequestResult> =>
      notice('merge_vendors', { master_vendor: m, source_vendors: sources });
    expect(await merge(ref(master.procoreId, origin(master.key)), [])).toMatchObject({
      status: 'applied',
      summary: expect.stringContaining('links were so already') as string,
    });
    expect(await merge(ref(1), [ref(2), ref(3)])).toMatchObject({ status: 'applied' });
    expect(await merge(ref(master.procoreId), [ref(master.procoreId)])).toMatchObject({ status: 'applied' });
    expect(await linkOf(master.key)).toEqual(before);
    expect(await merge(ref(master.procoreId), [ref(source.procoreId), ref(source.procoreId)])).toMatchObject({
      status: 'applied',
    });
    expect(await linkOf(source.key)).toMatchObject({ state: 'merged', generation: 3 });
  });

  test('into a master of another system: failed, and an exception says so', async () => {
    const source = await imported();
    const master = company('Of another system');
    const result = await notice('merge_vendors', {
      master_vendor: { id: master, origin_id: 'other-system-7' },
      source_vendors: [{ id: source.procoreId, origin_id: origin(source.key) }],
    });
    expect(result).toMatchObject({
      status: 'failed',
      summary: expect.stringContaining('other-system-7') as string,
    });
    expect(await world.openExceptions()).toContainEqual(
      expect.objectContaining({ recordId: `vendor/${master}` }),
    );
  });
});

test('unlink: the link is let go, the ERP vendor waits for import again', async () => {
  const { key, procoreId, number } = await imported();
  expect(await settle(world.procore.unlinkVendor(procoreId))).toMatchObject({ status: 'applied' });
  expect(await linkOf(key)).toEqual({ state: 'unlinked', procoreId, generation: 3 });
  // A change in the ERP must not reach the company that is no longer linked.
  world.erp.changeVendor(number, { Phone: '206-555-0199' });
  await world.refreshVendors();
  expect(world.procore.vendor(procoreId)['business_phone'] ?? null).not.toBe('206-555-0199');
  expect(await linkOf(key)).toMatchObject({ state: 'staged', generation: 4 });
});

test('unlink of a company that we do not know changes nothing', async () => {
  expect(await notice('unlink_vendor', { vendor: { id: 5, origin_id: 'vendor|1|5' } })).toMatchObject({
    status: 'applied',
    summary: 'vendor 5 (vendor|1|5) unlinked: links were so already.',
  });
});

test('import, unlink, link, merge, and every notice twice: the second time changes nothing', async () => {
  const { key, procoreId } = await imported();
  const other = company('Another');
  const vendor = (id: number) => ({ vendor: { id, origin_id: origin(key) } });
  const steps: [string, object][] = [
    ['create_vendor_in_procore', vendor(procoreId)],
    ['unlink_vendor', vendor(procoreId)],
    ['link_vendor', vendor(other)],
    ['link_all_vendors', { vendors: [{ id: other, origin_id: origin(key) }] }],
    [
      'merge_vendors',
      { master_vendor: { id: procoreId, origin_id: null }, source_vendors: [{ id: other, origin_id: null }] },
    ],
    ['unlink_vendor', vendor(procoreId)],
  ];
  for (const [name, data] of steps) {
    await notice(name, data);
    const after = await world.links();
    expect(await notice(name, data)).toMatchObject({
      status: 'applied',
      summary: expect.stringContaining('links were so already') as string,
    });
    expect(await world.links()).toEqual(after);
    await checkLinks();
  }
  expect(await linkOf(key)).toMatchObject({ state: 'unlinked', procoreId });
});

test.each(['create_vendor_in_procore', 'link_vendor', 'link_all_vendors'])(
  '%s with the origin_id of another system: failed, and an exception says so',
  async (name) => {
    const id = company(`Foreign ${(nextForeign += 1)}`);
    const vendor = { id, origin_id: 'other-system-7' };
    const before = await world.links();
    const result = await notice(name, name === 'link_all_vendors' ? { vendors: [vendor] } : { vendor });
    expect(result.status).toBe('failed');
    expect(result.summary).toMatch(/origin_id "other-system-7" is not one of ours .* another integration/);
    expect(await world.openExceptions()).toContainEqual(
      expect.objectContaining({
        recordId: `vendor/${id}`,
        reason: expect.stringContaining('other-system-7') as string,
      }),
    );
    expect(await world.links()).toEqual(before);
  },
);

test('link all with one foreign vendor: the others are linked all the same', async () => {
  const { key } = await stagedVendor();
  const ids = [company('Ours'), company('Theirs')];
  const vendors = [
    { id: ids[0], origin_id: origin(key) },
    { id: ids[1], origin_id: 'other-system-7' },
  ];
  expect(await notice('link_all_vendors', { vendors })).toMatchObject({ status: 'failed' });
  expect(await linkOf(key)).toMatchObject({ state: 'linked', procoreId: ids[0] });
});

test('an export after two links finds the ERP vendor that the company had last', async () => {
  const first = await imported();
  const second = await stagedVendor();
  await notice('link_vendor', { vendor: { id: first.procoreId, origin_id: origin(second.key) } });
  await settle(world.procore.unlinkVendor(first.procoreId));
  // Nothing but the link tells that they belong together.
  world.procore.editVendor(first.procoreId, { name: 'Renamed in Procore', abbreviated_name: 'RENAMED' });
  const vendorsBefore = world.erp.vendors().length;
  const { requestId } = world.procore.exportVendor(first.procoreId, {
    customFields: { vendor_type_origin_id: '1|SUB' },
  });
  await world.poll();
  const waiting = await world.until(requestId, 'waiting_for_finance');
  expect(waiting.reason).toContain(
    `is already in the ERP as vendor ${second.number} "Vendor ${second.number}": it is linked again`,
  );
  await world.approve(requestId);
  expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
  expect(world.erp.vendors()).toHaveLength(vendorsBefore);
  expect(await linkOf(second.key)).toMatchObject({ state: 'linked', procoreId: first.procoreId });
});

test('every change of a link is in the audit log of its request, with old and new', async () => {
  const { stagedId } = await stagedVendor();
  const action = world.procore.importVendor(stagedId);
  await settle(action);
  const trail = await world.trail(action.requestId);
  expect(trail.map(({ action: what }) => what)).toEqual([
    'intake.received',
    'request.fetched',
    'plan.built',
    'approval.granted',
    'link.changed',
    'request.closed',
  ]);
  expect(trail[4]?.detail).toMatchObject({
    action: 'link',
    state: 'linked',
    changes: [
      { field: 'state', old: 'staged', new: 'linked' },
      { field: 'procore_id' },
      { field: 'origin_id' },
    ],
  });
});
