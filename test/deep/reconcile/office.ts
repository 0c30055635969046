/** An office with vendors on both sides, at rest: where scenarios of a reconcile are played, on a real store, the simulator and the sample ERP. */
import type { VendorEntry } from '../../../sandbox/sample-erp/company';
import { decideLinks } from '../../../src/desk/links/decide';
import type { HandMove } from '../../../src/domain/reconcile/by-hand';
import { matchRevision } from '../../../src/domain/reconcile/match';
import type { ReconciledKind } from '../../../src/domain/request/id';
import { storedSides } from '../../../src/store/sides';
import type { Store } from '../../../src/store/store';
import type { ReconcileWorldOptions } from '../../support/reconcile-world';
import type { Trouble } from '../../support/troubles';
import { ReconcileWorld } from '../../support/reconcile-world';
import { MARIA } from '../../support/world';

interface Pair {
  readonly number: number;
  readonly id: number;
}

/** An installation with so many linked vendors, at rest. */
export class Office {
  readonly pairs: Pair[] = [];
  /** Names of the calls that the last run made. */
  calls: readonly string[] = [];

  private constructor(readonly world: ReconcileWorld) {}

  static async open(count: number, how: Partial<ReconcileWorldOptions> = {}): Promise<Office> {
    const office = new Office(await ReconcileWorld.create({ door: 'open', pageSize: 10, ...how }));
    const { world } = office;
    for (let n = 1; n <= count; n += 1)
      world.erp.addVendor({
        Name: `${NAMES[n % NAMES.length] ?? ''} ${n} LLC`,
        SortName: `S${n}`,
        City: 'Seattle',
        Fax: '555-0100',
        VendorType: 'SUB',
      });
    await office.run();
    for (const { id } of world.procore.state().companies[0]?.stagedRecords ?? [])
      world.procore.importVendor(id);
    await world.intake();
    await office.untilQuiet();
    const links = await world.read((t) => t.links.all(world.connectionId));
    office.pairs.push(
      ...links.map(({ erpKey, procoreId }) => ({ number: Number(erpKey.split('|')[1]), id: procoreId ?? 0 })),
    );
    return office;
  }

  pair(at = 0): Pair {
    const pair = this.pairs[at];
    if (pair === undefined) throw new Error(`there is no pair ${at}`);
    return pair;
  }

  /** One run, which may meet trouble. Answers what moved. */
  async run(
    trouble: Trouble = {},
    how: { readonly full?: boolean; readonly kind?: ReconciledKind } = {},
  ): Promise<number> {
    const { world } = this;
    world.setTrouble(trouble);
    const moved = await world.reconcile({ erpFirst: false, ...how });
    this.calls = [...world.calls];
    world.setTrouble({});
    return moved;
  }

  async untilQuiet(kind: ReconciledKind = 'vendor'): Promise<void> {
    for (let run = 0; run < 6; run += 1) if ((await this.run({}, { kind })) === 0) return;
    throw new Error('six runs, and something still moves');
  }

  full = (kind: ReconciledKind = 'vendor'): Promise<number> => this.run({}, { full: true, kind });

  inErp = (values: Omit<VendorEntry, 'Vendor'>, at = 0): void =>
    this.world.erp.changeVendor(this.pair(at).number, values);
  inProcore = (values: Readonly<Record<string, unknown>>, at = 0): void =>
    void this.world.procore.editRecord('vendor', this.pair(at).id, { ...values });
  erp = (at = 0): unknown => this.world.erp.vendor(this.pair(at).number);
  procore = (at = 0): unknown => this.world.procore.vendor(this.pair(at).id);
  links = () => this.world.read((t) => t.links.all(this.world.connectionId));

  /** Nothing is written to either side meanwhile. */
  async quietly(work: () => Promise<unknown>): Promise<void> {
    const before = this.world.erpRows();
    this.world.procore.clearLog();
    await work();
    expect(this.world.writes()).toEqual([]);
    expect(this.world.erpRows()).toEqual(before);
  }

  /** How many records of a kind Procore has, and its rows. */
  there = (kind: ReconciledKind = 'vendor') => this.world.procore.state().companies[0]?.records[kind] ?? [];

  companies = () => this.world.procore.state().companies[0]?.records.vendor ?? [];

  /** A person decides about a link. */
  async decide(answer: HandMove | { how: 'reject'; erpKey: string; procoreId: number }): Promise<void> {
    const { world } = this;
    const parts = { sidesIn: storedSides, now: () => world.nowIso() };
    const asked = { connectionId: world.connectionId, kind: 'vendor' as const, comment: 'seen' };
    const outcomes = await world.outside(async (store) => {
      const answers = [answer.how === 'reject' ? { ...answer, ...(await this.seen(store, answer)) } : answer];
      return decideLinks(
        { ...parts, store },
        { ...asked, answers },
        { by: MARIA, account: null, channel: 'test' },
      );
    });
    expect(outcomes.map(({ refused }) => refused)).toEqual([null]);
  }

  private async seen(store: Store, { erpKey, procoreId }: { erpKey: string; procoreId: number }) {
    const keys = { erp: [erpKey], procore: [String(procoreId)] };
    const { erp, procore } = await store.read('test', (t) =>
      storedSides(t).some(this.world.connectionId, 'vendor', keys),
    );
    const revision = ([one]: typeof erp): string => (one === undefined ? '' : matchRevision(one.record));
    return { erpRevision: revision(erp), procoreRevision: revision(procore) };
  }

  conflicts = () => this.world.read((t) => t.conflicts.open(this.world.connectionId));
  exceptions = () => this.world.read((t) => t.exceptions.listOpen(this.world.connectionId));
}

export const NAMES = [
  'Cobalt',
  'Harborline',
  'Trujillo',
  'Rasmussen',
  'Kowalski',
  'Larkspur',
  'Juniper',
  'Quarry',
  'Osprey',
];
