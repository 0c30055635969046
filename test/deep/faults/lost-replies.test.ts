/**
 * Every HTTP call to Procore goes wrong once in every way: the connection breaks before the effect, after it, the answer is cut in half, the
 * server errs, throttles, or forgets our token. The job must end as if nothing had happened.
 */
import { resultOf } from '../../support/world';
import type { FaultRule } from '../../../sandbox/procore-simulator/types';
import { vendorFields } from '../../support/world';
import { CrashWorld } from './crash-world';
import { InProcessEngine } from './engine';
import type { ExportFacts } from './invariants';
import { checkChain, checkExport } from './invariants';

const FAULTS: Readonly<Record<string, FaultRule>> = {
  'connection lost before the effect': { kind: 'drop-before' },
  'answer lost after the effect': { kind: 'drop-reply' },
  'answer cut in half': { kind: 'truncate' },
  'error 500': { kind: 'status', status: 500, body: 'oops' },
  'error 502 as HTML': { kind: 'status', status: 502, body: '<html>Bad gateway</html>' },
  '503 with Retry-After': { kind: 'status', status: 503, body: {}, headers: { 'retry-after': '0' } },
  '429 with reset': {
    kind: 'status',
    status: 429,
    body: 'slow down',
    headers: { 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': '0' },
  },
  '401 in between': { kind: 'status', status: 401, body: { errors: 'The access token is invalid' } },
};

let world: CrashWorld;
let counter = 0;
let tried = 0;

afterAll(() => {
  process.stdout.write(`\nHTTP calls broken: ${tried}\n`);
});
beforeEach(async () => {
  world = new CrashWorld(new InProcessEngine());
  await world.start();
});
afterEach(() => world.stop());

const JOBS: Readonly<Record<string, () => Promise<void>>> = {
  'a vendor export': async () => {
    const facts = exportVendor();
    await finish(facts.requestId);
    await checkExport(world, facts);
  },
  // One new vendor is staged, a linked one is updated: both kinds of write of a sync.
  'a vendor sync': async () => {
    counter += 1;
    const Vendor = 70_000 + counter;
    const Phone = `206-555-${Vendor}`;
    world.erp.addVendor({
      Name: `Synced ${Vendor}`,
      SortName: `SYNC${Vendor}`,
      Vendor,
      VendorType: 'SUP',
      Country: 'US',
    });
    const linked = world.procore
      .state()
      .companies[0]?.records.vendor.find(({ origin_id }) => origin_id !== null);
    if (linked?.origin_code) world.erp.changeVendor(Number(linked.origin_code), { Phone });
    const { requestId } = world.procore.refreshVendors({ force: true });
    await finish(requestId);
    const company = world.procore.state().companies[0];
    const staged = company?.stagedRecords.filter(({ origin_id }) => origin_id === `vendor|1|${Vendor}`);
    expect(staged?.map(({ status }) => status)).toEqual(['staged']);
    if (linked) expect(world.procore.vendor(linked.id)['business_phone']).toBe(Phone);
    const details = company?.requests.find(({ id }) => id === requestId)?.details;
    expect(details?.map(({ status }) => status)).toEqual(['success']);
  },
};

const CASES = Object.keys(FAULTS).flatMap((fault) => Object.keys(JOBS).map((job) => ({ fault, job })));

test.each(CASES)(
  '$fault during $job',
  async ({ fault, job }) => {
    const run = JOBS[job];
    const rule = FAULTS[fault];
    if (!run || !rule) throw new Error('unreachable');
    if (job === 'a vendor sync') await JOBS['a vendor export']?.();
    const before = tried;
    for (let skip = 0; ; skip += 1) {
      const { id } = world.procore.addFault({ ...rule, skip, times: 1, match: { path: '^/(rest|oauth)/' } });
      await run();
      const hit = world.procore.faults().every((active) => active.id !== id || active.hits > 0);
      world.procore.clearFaults();
      if (!hit) break;
      tried += 1;
    }
    expect(tried - before).toBeGreaterThan(1);
    await checkChain(world);
  },
  300_000,
);

async function finish(requestId: number): Promise<void> {
  await world.poll();
  // A look that failed for good comes again with the next round, as the schedule has it.
  if (!(await started(requestId))) await world.poll();
  await resultOf(world.handle(requestId));
}

const started = (requestId: number): Promise<boolean> =>
  world.look((store) =>
    store.read('look.request', async (t) => (await t.requests.find(world.ref(requestId)))?.started === true),
  );

function exportVendor(): ExportFacts {
  counter += 1;
  const name = `Lossproof Builders ${counter}`;
  const unique = {
    name,
    abbreviated_name: `LOSS${counter}`,
    email_address: `ap${counter}@loss.example`,
    business_phone: `20655${20000 + counter}`,
  };
  const [vendor] = world.procore.seedVendors([vendorFields(unique)]);
  if (!vendor) throw new Error('unreachable');
  const { requestId, requestDetailIds } = world.procore.exportVendor(vendor.id, {
    customFields: { vendor_type_origin_id: '1|SUB' },
  });
  return { name, vendorId: vendor.id, requestId, detailIds: requestDetailIds };
}
