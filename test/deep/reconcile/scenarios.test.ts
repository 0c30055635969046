/** What must hold when two sides are brought together, a row each: given, when, then. On a real store, the simulator and the sample ERP. */
import type { VendorEntry } from '../../../sandbox/sample-erp/company';
import type { Trouble } from '../../support/reconcile-world';
import { dropTemplate, ReconcileWorld } from '../../support/reconcile-world';

afterAll(dropTemplate);

interface Pair {
  readonly number: number;
  readonly id: number;
}

/** An installation with so many linked vendors, at rest. */
class Office {
  readonly pairs: Pair[] = [];

  private constructor(readonly world: ReconcileWorld) {}

  static async open(count: number, pageSize = 10, door: 'tool' | 'open' = 'open'): Promise<Office> {
    const office = new Office(await ReconcileWorld.create({ door, pageSize }));
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

  async run(trouble: Trouble = {}, how: { readonly full?: boolean } = {}): Promise<number> {
    this.world.setTrouble(trouble);
    const moved = await this.world.reconcile(how);
    this.world.setTrouble({});
    return moved;
  }

  async untilQuiet(): Promise<void> {
    for (let run = 0; run < 6; run += 1) if ((await this.run()) === 0) return;
    throw new Error('six runs, and something still moves');
  }

  inErp = (values: Omit<VendorEntry, 'Vendor'>, at = 0): void =>
    this.world.erp.changeVendor(this.pair(at).number, values);
  inProcore = (values: Readonly<Record<string, unknown>>, at = 0): void =>
    void this.world.procore.editRecord('vendor', this.pair(at).id, { ...values });
  erp = (at = 0): unknown => this.world.erp.vendor(this.pair(at).number);
  procore = (at = 0): unknown => this.world.procore.vendor(this.pair(at).id);
  conflicts = () => this.world.read((t) => t.conflicts.open(this.world.connectionId));
  exceptions = () => this.world.read((t) => t.exceptions.listOpen(this.world.connectionId));
}

const NAMES = [
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

interface Scenario {
  readonly given: string;
  readonly when: string;
  readonly then: string;
  readonly pairs?: number;
  readonly pageSize?: number;
  readonly door?: 'tool' | 'open';
  readonly play: (office: Office) => Promise<void>;
}

const SCENARIOS: readonly Scenario[] = [
  {
    given: 'the city moved in the ERP',
    when: 'somebody enters an e-mail in Procore between the reading and the writing',
    then: 'the e-mail is carried with the next run',
    play: async (office) => {
      office.inErp({ City: 'Tacoma' });
      await office.run({
        before: {
          call: 'procore.kinds.vendor.write',
          act: () => office.inProcore({ email_address: 'ap@cobalt.example' }),
        },
      });
      await office.untilQuiet();
      expect(office.erp()).toMatchObject({ City: 'Tacoma', EMail: 'ap@cobalt.example' });
      expect(office.procore()).toMatchObject({ city: 'Tacoma', email_address: 'ap@cobalt.example' });
    },
  },
  {
    given: 'the e-mail moved in Procore',
    when: 'somebody changes the city in the ERP between the reading and the writing',
    then: 'the city is carried with the next run',
    play: async (office) => {
      office.inProcore({ email_address: 'ap@cobalt.example' });
      await office.run({
        before: { call: 'erp.vendor.write.begin', act: () => office.inErp({ City: 'Tacoma' }) },
      });
      await office.untilQuiet();
      expect(office.erp()).toMatchObject({ City: 'Tacoma', EMail: 'ap@cobalt.example' });
      expect(office.procore()).toMatchObject({ city: 'Tacoma', email_address: 'ap@cobalt.example' });
    },
  },
  {
    given: 'the fax moved in Procore, and the ERP refuses it',
    when: 'the ERP takes it again',
    then: 'it is written without a conflict: the ERP never changed it',
    play: async (office) => {
      office.world.erp.db.exec(
        "CREATE TRIGGER no_fax_now BEFORE UPDATE OF Fax ON APVM BEGIN SELECT RAISE(ABORT, 'APVM: no fax today.'); END",
      );
      office.inErp({ Phone: '206-555-0100' });
      office.inProcore({ fax_number: '555-0199' });
      await office.run();
      expect(await office.exceptions()).toMatchObject([{ cause: 'erp' }]);
      office.world.erp.db.exec('DROP TRIGGER no_fax_now');
      await office.run({}, { full: true });
      expect(office.erp()).toMatchObject({ Fax: '555-0199', Phone: '206-555-0100' });
      expect(office.procore()).toMatchObject({ business_phone: '206-555-0100' });
      expect(await office.conflicts()).toEqual([]);
      expect(await office.exceptions()).toEqual([]);
    },
  },
  {
    given: 'somebody emptied the fax in Procore, and the ERP refuses it',
    when: 'the ERP takes it again',
    then: 'it is empty on both sides, and not filled again from the ERP',
    play: async (office) => {
      office.world.erp.db.exec(
        "CREATE TRIGGER no_fax BEFORE UPDATE OF Fax ON APVM BEGIN SELECT RAISE(ABORT, 'APVM: no fax today.'); END",
      );
      office.inProcore({ fax_number: '' });
      await office.run();
      expect(await office.exceptions()).toMatchObject([{ cause: 'erp' }]);
      await office.run({}, { full: true });
      expect(office.procore()).toMatchObject({ fax_number: '' });
      office.world.erp.db.exec('DROP TRIGGER no_fax');
      await office.run({}, { full: true });
      expect(office.erp()).toMatchObject({ Fax: null });
      expect(office.procore()).toMatchObject({ fax_number: '' });
    },
  },
  {
    given: 'a vendor that was switched off before anybody imported it',
    when: 'it is edited in the ERP, and a run reads everything',
    then: 'there is nothing to do',
    door: 'tool',
    pairs: 0,
    play: async (office) => {
      const number = office.world.erp.addVendor({
        Name: 'Vesper Electric',
        SortName: 'VESPER',
        VendorType: 'SUB',
      });
      await office.run();
      office.world.erp.changeVendor(number, { Status: 'I' });
      await office.untilQuiet();
      office.world.erp.changeVendor(number, { City: 'Tacoma' });
      expect(await office.run()).toBe(0);
      expect(await office.run({}, { full: true })).toBe(0);
    },
  },
];

describe.each(SCENARIOS)('$given', ({ when, then, pairs = 1, pageSize, door, play }) => {
  test(`${when}: ${then}`, async () => {
    const office = await Office.open(pairs, pageSize, door);
    try {
      await play(office);
      expect(await office.world.auditFindings()).toEqual([]);
    } finally {
      await office.world.close();
    }
  });
});
