import { resultOf } from '../../support/world';
import type { Correction, Decision } from '../../../src/domain/request/flow';
import { signedBy, TEST_KEYS } from '../../support/people';
import { MARIA, vendorFields } from '../../support/world';
import type { CrashMode } from './crash-world';
import { CrashWorld } from './crash-world';
import { InProcessEngine } from './engine';
import type { ExportFacts } from './invariants';
import { CheckpointWatch, checkChain, checkExport } from './invariants';

let world: CrashWorld;
let watch: CheckpointWatch;
const tried: string[] = [];

afterAll(() => {
  process.stdout.write(`\nCrash points tried: ${tried.length}\n`);
  const byCall = new Map<string, number>();
  tried.forEach((name) => byCall.set(name, (byCall.get(name) ?? 0) + 1));
  for (const [name, count] of [...byCall].sort())
    process.stdout.write(`  ${String(count).padStart(4)}  ${name}\n`);
});
beforeEach(async () => {
  world = new CrashWorld(new InProcessEngine(), 4);
  await world.start();
  watch = new CheckpointWatch();
});
afterEach(() => world.stop());

let counter = 0;

function exportVendor(prequalified: boolean, more: Record<string, unknown> = {}): ExportFacts {
  counter += 1;
  const name = `Crashproof Builders ${counter}`;
  const unique = {
    name,
    abbreviated_name: `CRASH${counter}`,
    email_address: `ap${counter}@crash.example`,
    business_phone: `20655${10000 + counter}`,
  };
  const [vendor] = world.procore.seedVendors([vendorFields({ ...unique, prequalified, ...more })]);
  if (!vendor) throw new Error('unreachable');
  const { requestId, requestDetailIds } = world.procore.exportVendor(vendor.id, {
    customFields: { vendor_type_origin_id: '1|SUB' },
  });
  return { name, vendorId: vendor.id, requestId, detailIds: requestDetailIds };
}

/** Dies at I/O call 1, 2, 3, ... of the job until a run ends without reaching the call. */
async function enumerate(label: string, mode: CrashMode, job: () => Promise<void>): Promise<void> {
  for (let at = 1; ; at += 1) {
    world.arm(at, mode);
    try {
      await job();
      await watch.look(world);
    } catch (error) {
      const name = world.callNames.at(at - 1) ?? 'none';
      throw new Error(`${label}: crash ${mode} I/O call ${at} (${name}): ${(error as Error).message}`, {
        cause: error,
      });
    }
    if (!world.crashed) break;
    tried.push(`${label} · ${mode} ${world.callNames[at - 1] ?? ''}`);
  }
  await checkChain(world);
}

const workflowResult = async (requestId: number): Promise<unknown> => resultOf(world.handle(requestId));

export const crashPointTests = (mode: CrashMode): void => {
  describe(`the process dies ${mode} an I/O call`, () => {
    test('of a vendor export approved by a rule', async () => {
      await enumerate('export by rule', mode, async () => {
        const facts = exportVendor(true);
        await world.poll();
        await workflowResult(facts.requestId);
        await checkExport(world, facts);
      });
    }, 600_000);

    test('of a vendor export approved by finance', async () => {
      await enumerate('export by finance', mode, async () => {
        const facts = exportVendor(false);
        await world.poll();
        await approveWhenAsked(facts.requestId);
        await workflowResult(facts.requestId);
        await checkExport(world, facts);
      });
    }, 600_000);

    test('of a vendor export told by webhook', async () => {
      await enumerate('export by webhook', mode, async () => {
        const facts = exportVendor(true);
        await world.webhook(facts.requestId);
        await workflowResult(facts.requestId);
        await checkExport(world, facts);
      });
    }, 600_000);

    test('of a rejection', async () => {
      await enumerate('rejection', mode, async () => {
        const facts = exportVendor(false);
        await world.poll();
        await decideWhenAsked(facts.requestId, 'reject');
        expect(await workflowResult(facts.requestId)).toMatchObject({ status: 'rejected' });
        expect(world.erp.vendors().filter(({ Name }) => Name === facts.name)).toEqual([]);
        expect(world.procore.vendor(facts.vendorId)).toMatchObject({
          origin_id: null,
          erp_status: 'failed_to_export',
        });
        expect(await actionsOf(facts.requestId)).toEqual([
          'intake.received',
          'request.fetched',
          'plan.built',
          'approval.rejected',
          'request.closed',
        ]);
      });
    }, 600_000);

    test('of a correction', async () => {
      await enumerate('correction', mode, async () => {
        const facts = exportVendor(true, { address: '1, Comma Street' });
        await world.poll();
        await untilStatus(facts.requestId, 'parked');
        const correction = { by: MARIA, comment: '', channel: 'test', values: { address: '1 Comma Street' } };
        await updateWhenAsked(facts.requestId, 'correct', correction);
        expect(await workflowResult(facts.requestId)).toMatchObject({ status: 'applied' });
        const rows = world.erp.vendors().filter(({ Name }) => Name === facts.name);
        expect(rows).toMatchObject([{ Address: '1 Comma Street' }]);
        const actions = await actionsOf(facts.requestId);
        for (const once of ['plan.refused', 'exception.opened', 'correction.entered', 'request.closed']) {
          expect([once, actions.filter((action) => action === once).length]).toEqual([once, 1]);
        }
      });
    }, 600_000);

    test('of a link, and of a merge into the linked company', async () => {
      await enumerate('link and merge', mode, async () => {
        counter += 1;
        const Vendor = 60_000 + counter;
        const Name = `Linked ${Vendor}`;
        world.erp.addVendor({ Name, SortName: `LINK${Vendor}`, Vendor, VendorType: 'SUP', Country: 'US' });
        const sync = world.procore.refreshVendors({ force: true });
        await world.poll();
        await workflowResult(sync.requestId);
        const staged = world.procore
          .state()
          .companies[0]?.stagedRecords.find(({ origin_id }) => origin_id === `vendor|1|${Vendor}`);
        const [source, master] = world.procore.seedVendors([{ name: Name }, { name: `${Name} (kept)` }]);
        if (!staged || !source || !master) throw new Error('unreachable');
        const linked = world.procore.linkVendor(staged.id, source.id);
        const merged = world.procore.mergeVendors(master.id, [source.id]);
        await world.poll();
        expect(await workflowResult(linked.requestId)).toMatchObject({ status: 'applied' });
        expect(await workflowResult(merged.requestId)).toMatchObject({ status: 'applied' });
        const links = await world.look((store) =>
          store.read('look.links', (t) =>
            t.links.byProcoreIds(world.connectionId, 'vendor', [source.id, master.id]),
          ),
        );
        expect(links.filter(({ state }) => state === 'linked').length).toBeLessThanOrEqual(1);
        expect(links.map(({ erpKey }) => erpKey)).toEqual([`1|${Vendor}`]);
      });
    }, 600_000);

    test('of a request that cannot be read', async () => {
      await enumerate('unreadable', mode, async () => {
        const body = { request_name: 'create_commitment', request_data: 'lost on the way' };
        const { requestId } = world.procore.emitRaw(body, { envelope: true, withDetail: true });
        await world.poll();
        expect(await workflowResult(requestId)).toMatchObject({ status: 'failed' });
        expect(await actionsOf(requestId)).toEqual([
          'intake.received',
          'request.fetched',
          'request.malformed',
          'request.closed',
        ]);
      });
    }, 600_000);

    test('of a vendor sync', async () => {
      let next = 20_000;
      await enumerate('sync', mode, async () => {
        // Six changed vendors: two pages.
        const numbers = Array.from({ length: 6 }, () => (next += 1));
        numbers.forEach((Vendor) =>
          world.erp.addVendor({
            Name: `Synced ${Vendor}`,
            SortName: `SYNC${Vendor}`,
            Vendor,
            VendorType: 'SUP',
            Country: 'US',
          }),
        );
        const { requestId } = world.procore.refreshVendors({ force: true });
        await world.poll();
        expect(await workflowResult(requestId)).toMatchObject({ status: 'applied' });
        const staged = world.procore.state().companies[0]?.stagedRecords ?? [];
        const origins = staged.map(({ origin_id }) => origin_id);
        expect(new Set(origins).size).toBe(origins.length);
        expect(origins).toEqual(expect.arrayContaining(numbers.map((number) => `vendor|1|${number}`)));
        const links = await world.look((store) =>
          store.read('look.links', (t) => t.links.all(world.connectionId)),
        );
        expect(links.filter(({ state }) => state === 'staged').length).toBe(origins.length);
        const written = (await actionsOf(requestId)).filter((action) => action === 'operation.written');
        expect(written).toHaveLength(2);
      });
    }, 600_000);

    test('of an import and an unlink', async () => {
      await enumerate('import and unlink', mode, async () => {
        counter += 1;
        const Vendor = 40_000 + counter;
        world.erp.addVendor({
          Name: `Imported ${Vendor}`,
          SortName: `IMP${Vendor}`,
          Vendor,
          VendorType: 'SUP',
          Country: 'US',
        });
        const sync = world.procore.refreshVendors({ force: true });
        await world.poll();
        await workflowResult(sync.requestId);
        const staged = world.procore
          .state()
          .companies[0]?.stagedRecords.find(({ origin_id }) => origin_id === `vendor|1|${Vendor}`);
        if (!staged) throw new Error(`vendor ${Vendor} was not staged`);
        const imported = world.procore.importVendor(staged.id);
        await world.poll();
        expect(await workflowResult(imported.requestId)).toMatchObject({ status: 'applied' });
        const links = () =>
          world.look((store) =>
            store.read('look.links', (t) => t.links.byErpKeys(world.connectionId, 'vendor', [`1|${Vendor}`])),
          );
        expect(await links()).toMatchObject([
          { state: 'linked', procoreId: imported.vendorId, generation: 2 },
        ]);
        const unlinked = world.procore.unlinkVendor(imported.vendorId);
        await world.poll();
        expect(await workflowResult(unlinked.requestId)).toMatchObject({ status: 'applied' });
        expect(await links()).toMatchObject([{ state: 'unlinked', generation: 3 }]);
      });
    }, 600_000);
  });
};

const actionsOf = async (requestId: number): Promise<string[]> =>
  world.look((store) =>
    store.read('look.trail', async (t) =>
      (await t.audit.forRequest(world.ref(requestId))).map(({ action }) => action),
    ),
  );

async function untilStatus(requestId: number, wanted: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const row = await world.look((store) =>
      store.read('look.request', (t) => t.requests.get(world.ref(requestId))),
    );
    if (row.status === wanted) return;
    if (Date.now() > deadline) throw new Error(`request ${requestId} is ${row.status}: ${row.reason ?? ''}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const approveWhenAsked = (requestId: number): Promise<void> => decideWhenAsked(requestId, 'approve');

async function decideWhenAsked(requestId: number, name: 'approve' | 'reject'): Promise<void> {
  await untilStatus(requestId, 'waiting_for_finance');
  const page = { ...world.ref(requestId), page: 0 };
  const plan = await world.look((store) => store.read('look.plan', (t) => t.plans.latest(page)));
  await updateWhenAsked(requestId, name, {
    planHash: plan?.hash ?? '',
    by: MARIA,
    comment: 'because',
    channel: 'test',
  });
}

/** The store may say "waiting" a moment before the workflow asks: the activity has answered, its task is on the way. */
async function updateWhenAsked(
  requestId: number,
  name: 'approve' | 'reject' | 'correct',
  input: Omit<Decision, 'at' | 'account' | 'signatures'> | Omit<Correction, 'at' | 'account' | 'signatures'>,
): Promise<void> {
  const handle = world.handle(requestId);
  const deadline = Date.now() + 20_000;
  for (;;) {
    try {
      const at = new Date(world.clock()).toISOString();
      const signed = signedBy<Decision | Correction>(TEST_KEYS, world.ref(requestId), name, { ...input, at });
      await handle.executeUpdate(name, { args: [signed] });
      return;
    } catch (error) {
      const type = (error as { cause?: { type?: string } }).cause?.type;
      if (type !== 'NothingToDecide' || Date.now() > deadline) throw error;
    }
  }
}
