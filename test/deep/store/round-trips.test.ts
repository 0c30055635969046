/**
 * How often each job goes to our store: a round trip to a database server costs more than most statements. BEGIN and COMMIT count. Counted on SQLite,
 * where the same statements travel together (`store/session.ts`).
 */
import { createVendors } from '../../support/many-vendors';
import { signedBy, TEST_KEYS } from '../../support/people';
import { MARIA, resultOf, vendorFields } from '../../support/world';
import { CrashWorld } from '../faults/crash-world';
import { InProcessEngine } from '../faults/engine';

const PAGE = 1_000;
const LINKS = 5_000;

let world: CrashWorld;
beforeEach(async () => {
  world = new CrashWorld(new InProcessEngine(), PAGE);
  await world.start();
  // What a daemon does once in its life, or once an hour, is no part of a job.
  await world.poll();
  await exported(exportVendor(true));
});
afterEach(() => world.stop());

/** Round trips of a job; of those that these steps make, where some are named. */
async function counted(job: () => Promise<unknown>, ...steps: readonly string[]): Promise<number> {
  world.roundTrips.splice(0);
  await job();
  return world.roundTrips.filter((name) => steps.length === 0 || steps.includes(name)).length;
}

let counter = 0;
function exportVendor(prequalified: boolean): number {
  counter += 1;
  const unique = {
    name: `Round Trip Builders ${counter}`,
    abbreviated_name: `TRIP${counter}`,
    email_address: `ap${counter}@trips.example`,
    business_phone: `20655${20000 + counter}`,
  };
  const [vendor] = world.procore.seedVendors([vendorFields({ ...unique, prequalified })]);
  const customFields = { vendor_type_origin_id: '1|SUB' };
  return world.procore.exportVendor(vendor?.id ?? 0, { customFields }).requestId;
}

async function exported(requestId: number): Promise<void> {
  await world.poll();
  await ended(requestId);
}

async function ended(requestId: number): Promise<void> {
  expect(await resultOf(world.handle(requestId))).toMatchObject({ status: 'applied' });
}

async function approve(requestId: number): Promise<void> {
  for (;;) {
    const row = await world.look((store) =>
      store.read('look.row', (t) => t.requests.find(world.ref(requestId))),
    );
    if (row?.status === 'waiting_for_finance') break;
    await new Promise((resolve) => setImmediate(resolve));
  }
  const page = { ...world.ref(requestId), page: 0 };
  const plan = await world.look((store) => store.read('look.plan', (t) => t.plans.latest(page)));
  const at = new Date(world.clock()).toISOString();
  const input = { planHash: plan?.hash ?? '', by: MARIA, comment: '', channel: 'test', at };
  const signed = signedBy(TEST_KEYS, world.ref(requestId), 'approve', input);
  await world.handle(requestId).executeUpdate('approve', { args: [signed] });
}

test('an export that a rule approves, found by the poll: 40 at most', async () => {
  const requestId = exportVendor(true);
  expect(await counted(() => exported(requestId))).toBeLessThanOrEqual(40);
});

test('an export by webhook that finance approves: 45 at most', async () => {
  const requestId = exportVendor(false);
  const count = await counted(async () => {
    await world.announce(requestId);
    await approve(requestId);
    await ended(requestId);
  });
  expect(count).toBeLessThanOrEqual(45);
});

describe('a page of a sync', () => {
  const PAGE_STEPS = ['page', 'sync.subject', 'sync.snapshot', 'sync.plan', 'sync.approved', 'sync.told'];
  const sync = (): Promise<number> => {
    const { requestId } = world.procore.refreshVendors({ force: true });
    return counted(() => exported(requestId), ...PAGE_STEPS.map((name) => `store.${name}`));
  };

  test(`of ${PAGE} new vendors: 20 at most, and one in which nothing changed: 10`, async () => {
    const { erp } = world;
    await sync();
    createVendors(erp, PAGE - 1);
    expect(await sync()).toBeLessThanOrEqual(20);
    expect(await sync()).toBeLessThanOrEqual(10);
  });
});

test(`link_all_vendors with ${LINKS} foreign ids: 40 at most`, async () => {
  const vendors = Array.from({ length: LINKS }, (_, index) => ({
    id: 700_000 + index,
    origin_id: `other-${index}`,
  }));
  const data = { request_name: 'link_all_vendors', request_data: { company_id: 4264807, vendors } };
  const { requestId } = world.procore.emitRaw(data, { envelope: true });
  const count = await counted(async () => {
    await world.poll();
    expect(await resultOf(world.handle(requestId))).toMatchObject({ status: 'failed' });
  });
  expect(count).toBeLessThanOrEqual(40);
});
