/** What must hold after any run, whatever broke on the way: no duplicates, nothing lost, nothing invented, everything proven. */
import { verifyAudit } from '../../../src/desk/audit/verify';
import { Store } from '../../../src/store/store';
import { sampleAdapter } from '../../../src/erp-adapters/sample';
import { comparableRevision } from '../../../src/domain/kinds/record-link';
import type { CrashWorld } from './crash-world';

export interface ExportFacts {
  readonly name: string;
  readonly vendorId: number;
  readonly requestId: number;
  readonly detailIds: readonly number[];
}

/** Checks one finished vendor export; throws what is wrong. */
export async function checkExport(world: CrashWorld, facts: ExportFacts): Promise<void> {
  const rows = world.erp.vendors().filter(({ Name }) => Name === facts.name);
  expect(rows).toHaveLength(1);
  const erpKey = `1|${rows[0]?.Vendor ?? ''}`;
  const ledger = world.erp.ledger().filter(({ record_id }) => record_id === `vendor/${facts.vendorId}`);
  expect(ledger.map(({ erp_key }) => erp_key)).toEqual([erpKey]);

  expect(world.procore.vendor(facts.vendorId)).toMatchObject({
    origin_id: `vendor|${erpKey}`,
    origin_code: String(rows[0]?.Vendor),
    erp_status: 'synced',
  });
  const company = world.procore.state().companies[0];
  const details = company?.requests.find(({ id }) => id === facts.requestId)?.details ?? [];
  expect(details.map(({ status }) => status)).toEqual(facts.detailIds.map(() => 'success'));

  await world.look(async (store) => {
    const read = await store.read('look.invariants', async (t) => ({
      request: await t.requests.get(world.ref(facts.requestId)),
      links: await t.links.byProcoreIds(world.connectionId, 'vendor', [facts.vendorId]),
      trail: await t.audit.forRequest(world.ref(facts.requestId)),
      operations: await t.plans.operations(world.ref(facts.requestId)),
      exceptions: await t.exceptions.ofRequest(world.ref(facts.requestId)),
    }));
    expect(read.request.status).toBe('applied');
    expect(read.links).toMatchObject([{ erpKey, state: 'linked', procoreId: facts.vendorId, generation: 1 }]);
    const held = read.links[0]?.erp ?? null;
    expect(held).not.toBeNull();
    expect(read.links[0]?.erpRevision).toBe(held && comparableRevision(held));
    const actions = read.trail.map(({ action }) => action);
    const count = (...wanted: string[]): number => actions.filter((action) => wanted.includes(action)).length;
    expect(count('intake.received')).toBe(1);
    expect(count('request.fetched')).toBe(1);
    expect(count('plan.built')).toBe(1);
    expect(count('approval.granted')).toBe(1);
    // Every effect has its entry, and only one, also when the crash came between the two.
    expect(count('operation.written', 'operation.adopted')).toBe(1);
    expect(count('link.changed')).toBe(1);
    expect(count('request.closed')).toBe(1);
    expect(read.operations.map(({ state }) => state)).toEqual(['confirmed', 'confirmed']);
    expect(read.exceptions).toEqual([]);
  });
}

/** The audit log agrees with itself, with our tables and with the ERP's ledger. */
export async function checkChain(world: CrashWorld): Promise<void> {
  const { connectionId } = world;
  const erp = sampleAdapter.create({ connectionId, settings: { file: world.erpFile } });
  // With a store of its own: what it reads is no call of the process that is to crash.
  await world.look(() => Promise.resolve());
  const store = await Store.open({ type: 'better-sqlite3', file: world.storeFile }, { migrate: false });
  try {
    expect((await verifyAudit(store, { connectionId, ledger: erp.ledger })).findings).toEqual([]);
  } finally {
    await store.close();
    await erp.close();
  }
}

/** The checkpoint positions of all readers: they never go back. */
export class CheckpointWatch {
  private readonly seen = new Map<string, number>();

  async look(world: CrashWorld): Promise<void> {
    await world.look(async (store) => {
      for (const reader of ['erp-requests', 'vendors']) {
        const row = await store.read('look.checkpoint', (t) => t.checkpoints.get(world.connectionId, reader));
        const position = row?.position ?? 0;
        expect(position).toBeGreaterThanOrEqual(this.seen.get(reader) ?? 0);
        this.seen.set(reader, position);
      }
    });
  }
}
