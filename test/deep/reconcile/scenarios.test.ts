/** What must hold when two sides are brought together, a row each: given, when, then. On a real store, the simulator and the sample ERP. */
import type { VendorEntry } from '../../../sandbox/sample-erp/company';
import type { Trouble } from '../../support/reconcile-world';
import { decideLinks } from '../../../src/desk/links/decide';
import type { HandMove } from '../../../src/domain/reconcile/by-hand';
import { matchRevision } from '../../../src/domain/reconcile/match';
import { storedSides } from '../../../src/store/sides';
import type { Store } from '../../../src/store/store';
import { MARIA } from '../../support/world';
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
    const moved = await this.world.reconcile({ erpFirst: false, ...how });
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
  links = () => this.world.read((t) => t.links.all(this.world.connectionId));

  /** Nothing is written to either side meanwhile. */
  async quietly(work: () => Promise<unknown>): Promise<void> {
    const before = this.world.erpRows();
    this.world.procore.clearLog();
    await work();
    expect(this.world.writes()).toEqual([]);
    expect(this.world.erpRows()).toEqual(before);
  }

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
    when: 'somebody changes the city in Procore, too, between the reading and the writing',
    then: 'nothing of it is overwritten: it is a conflict',
    play: async (office) => {
      office.inErp({ City: 'Tacoma' });
      await office.run({
        before: {
          call: 'store.reconcile.approved',
          act: () => office.inProcore({ city: 'Olympia' }),
        },
      });
      await office.untilQuiet();
      expect(office.erp()).toMatchObject({ City: 'Tacoma' });
      expect(office.procore()).toMatchObject({ city: 'Olympia' });
      expect((await office.conflicts()).map(({ field, procore, erp }) => ({ field, procore, erp }))).toEqual([
        { field: 'city', procore: 'Olympia', erp: 'Tacoma' },
      ]);
      expect(await office.exceptions()).toEqual([]);
    },
  },
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
    given: 'the fax moved in Procore, and finance is asked',
    when: 'finance rejects it',
    then: 'it is an exception, a full run asks nobody again, and a later edit puts it to finance',
    pairs: 2,
    play: async (office) => {
      const { world } = office;
      world.asksFinance = true;
      office.inProcore({ fax_number: '555-0199' });
      office.inErp({ City: 'Tacoma' }, 1);
      await office.run();
      const [id = ''] = [...world.waiting.keys()];
      await world.decide(id, 'rejected');
      expect((await office.exceptions()).map(({ cause, reason }) => ({ cause, reason }))).toEqual([
        { cause: 'decided', reason: expect.stringMatching(/Rejected/) as string },
      ]);
      await office.quietly(async () => {
        await office.run();
        await office.run({}, { full: true });
      });
      expect([...world.waiting]).toEqual([]);
      office.inProcore({ website: 'cobalt.example' });
      await office.run();
      const [again = ''] = [...world.waiting.keys()];
      await world.decide(again, 'approved');
      await office.untilQuiet();
      expect(office.erp()).toMatchObject({ Fax: '555-0199' });
      expect(office.erp(1)).toMatchObject({ City: 'Tacoma' });
      expect(office.procore(1)).toMatchObject({ city: 'Tacoma' });
      expect(await office.exceptions()).toEqual([]);
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
  {
    given: '1: eight linked vendors',
    when: 'Procore answers every list with nothing, once',
    then: 'nothing is written, and the list is doubted as a whole',
    pairs: 8,
    play: async (office) => {
      const nothing = { kind: 'status' as const, status: 200, body: [], times: 100 };
      office.world.procore.addFault({ ...nothing, match: { method: 'GET', path: 'vendors(/inactive)?$' } });
      await office.quietly(() => office.run({}, { full: true }));
      office.world.procore.clearFaults();
      expect((await office.exceptions()).length).toBeLessThanOrEqual(1);
      await office.quietly(() => office.run({}, { full: true }));
      expect(await office.exceptions()).toEqual([]);
    },
  },
  {
    given: '5: eight linked vendors',
    when: 'the ERP shows none of them, and later all again',
    then: 'nothing is written, both times',
    pairs: 8,
    play: async (office) => {
      const { db } = office.world.erp;
      db.exec('CREATE TABLE away AS SELECT * FROM APVM; DELETE FROM APVM');
      await office.quietly(() => office.run({}, { full: true }));
      db.exec('INSERT INTO APVM SELECT * FROM away');
      await office.quietly(() => office.run({}, { full: true }));
    },
  },
  {
    given: '7: a vendor that was deleted in the ERP',
    when: 'it is edited in Procore',
    then: 'nothing is written, and somebody is told',
    play: async (office) => {
      office.world.erp.deleteVendor(office.pair().number);
      office.inProcore({ city: 'Tacoma' });
      await office.quietly(() => office.run());
      expect(await office.exceptions()).toMatchObject([{ cause: 'data' }]);
    },
  },
  {
    given: '9: a vendor that was deleted in the ERP',
    when: 'it is entered again under its number',
    then: 'its link is the old one, and what differs is carried',
    play: async (office) => {
      const { number, id } = office.pair();
      const before = await office.links();
      office.world.erp.deleteVendor(number);
      await office.untilQuiet();
      office.world.erp.addVendor({
        Vendor: number,
        Name: 'Harborline 1 LLC',
        SortName: 'S1',
        City: 'Yakima',
        Fax: '555-0100',
        VendorType: 'SUB',
      });
      await office.untilQuiet();
      expect(office.procore()).toMatchObject({ id, city: 'Yakima' });
      expect((await office.links()).map((link) => link.id)).toEqual(before.map((link) => link.id));
    },
  },
  {
    given: 'a linked vendor whose number is its key',
    when: 'it gets another number in the ERP',
    then: 'there is no twin: a person is asked, and the link moves to the new key, in Procore, too',
    play: async (office) => {
      const { number, id } = office.pair();
      const [before] = await office.links();
      const { Name } = office.erp() as { readonly Name: string };
      office.world.erp.deleteVendor(number);
      office.world.erp.addVendor({ Vendor: 20442, Name, SortName: 'S1', City: 'Seattle', VendorType: 'SUB' });
      await office.quietly(() => office.run());
      expect((await office.exceptions()).map(({ reason }) => reason)).toEqual([
        expect.stringMatching(/links rename vendor "1\|.+" "1\|20442"/),
      ]);
      await office.quietly(() => office.run({}, { full: true }));
      await office.decide({ how: 'rename', erpKey: before?.erpKey ?? '', to: '1|20442' });
      await office.untilQuiet();
      expect(office.procore()).toMatchObject({ id, origin_id: 'vendor|1|20442', origin_code: '20442' });
      expect((await office.links()).map((link) => ({ ...link, generation: 0 }))).toMatchObject([
        { id: before?.id, erpKey: '1|20442', procoreId: id, state: 'linked' },
      ]);
      expect(await office.exceptions()).toEqual([]);
      await office.quietly(() => office.run({}, { full: true }));
    },
  },
  {
    given: 'a linked vendor whose number is its key',
    when: 'it is deleted, another one of the same name is entered, and a person says that they are two',
    then: 'the new one comes to Procore',
    play: async (office) => {
      const { number, id } = office.pair();
      const { Name } = office.erp() as { readonly Name: string };
      office.world.erp.deleteVendor(number);
      office.world.erp.addVendor({ Vendor: 20442, Name, SortName: 'S', VendorType: 'SUB' });
      await office.quietly(() => office.run());
      await office.decide({ how: 'reject', erpKey: '1|20442', procoreId: id });
      await office.untilQuiet();
      expect(office.companies().map(({ origin_id }) => origin_id)).toContain('vendor|1|20442');
    },
  },
  {
    given: 'the same vendor on both sides, and no link',
    when: 'a person links them',
    then: 'Procore gets its origin_id, once',
    play: async (office) => {
      const { world } = office;
      const name = 'Delta Drywall Inc.';
      world.procore.seedVendors([{ name, is_active: true }]);
      const id = office.companies().find((row) => row['name'] === name)?.id ?? 0;
      world.erp.addVendor({ Vendor: 20442, Name: name, SortName: 'DELTA', VendorType: 'SUB' });
      await office.quietly(() => office.run());
      await office.decide({ how: 'link', erpKey: '1|20442', procoreId: id });
      await office.untilQuiet();
      expect(world.procore.vendor(id)).toMatchObject({ origin_id: 'vendor|1|20442', origin_code: '20442' });
      await office.quietly(() => office.run({}, { full: true }));
    },
  },
  {
    given: '11: the city moved in the ERP',
    when: 'Procore takes it, answers 500, and somebody edits it there before the next run',
    then: 'there is no conflict, and the edit is carried',
    play: async (office) => {
      office.inErp({ City: 'Tacoma' });
      office.world.procore.addFault({
        kind: 'drop-reply',
        match: { method: 'PATCH', path: 'vendors/sync' },
        times: 1,
      });
      await office.run();
      expect(office.procore()).toMatchObject({ city: 'Tacoma' });
      office.inProcore({ city: 'Olympia' });
      await office.untilQuiet();
      expect(office.erp()).toMatchObject({ City: 'Olympia' });
      expect(await office.conflicts()).toEqual([]);
    },
  },
  {
    given: '12: the same twenty vendors on both sides, and no link',
    when: 'both are reconciled',
    then: 'none is made, and each waits for a person',
    pairs: 0,
    play: async (office) => {
      const { world } = office;
      for (let n = 0; n < 20; n += 1) {
        const name = `${NAMES[n % 9] ?? ''} ${NAMES[(n * 4 + 1) % 9] ?? ''} Works ${n}`;
        world.erp.addVendor({
          Name: name,
          SortName: `S${n}`,
          Phone: `206-555-01${10 + n}`,
          VendorType: 'SUB',
        });
        world.procore.seedVendors([
          { name: `${name}, Inc.`, business_phone: `206-555-01${10 + n}`, is_active: true },
        ]);
      }
      // Procore is read first: what stands there is known when the ERP's are planned.
      await office.quietly(() => office.run());
      expect(world.procore.state().companies[0]?.records.vendor).toHaveLength(20);
      expect(await office.exceptions()).toHaveLength(20);
    },
  },
  {
    given: '15: a linked vendor',
    when: 'its name, e-mail and phone change at once',
    then: 'it is updated, and there is no twin',
    play: async (office) => {
      office.inErp({ Name: 'Tamarack Roofing', EMail: 'ap@tamarack.example', Phone: '206-555-0188' });
      await office.untilQuiet();
      expect(office.world.procore.state().companies[0]?.records.vendor).toMatchObject([
        { name: 'Tamarack Roofing', email_address: 'ap@tamarack.example', business_phone: '206-555-0188' },
      ]);
    },
  },
  {
    given: '16: a linked vendor',
    when: 'Procore merges it into a company that has no link',
    then: 'the link moves there, and nothing is written to the ERP',
    door: 'tool',
    play: async (office) => {
      const { world } = office;
      const before = world.erpRows();
      const [master] = world.procore.seedVendors([{ name: 'Quarry Holdings', is_active: true }]);
      world.procore.mergeVendors(master?.id ?? 0, [office.pair().id]);
      await world.intake();
      expect(await office.links()).toMatchObject([{ state: 'linked', procoreId: master?.id }]);
      expect(world.erpRows()).toEqual(before);
    },
  },
  {
    given: '17: a linked vendor',
    when: 'values are entered that say the same: nothing, blanks, a decomposed accent',
    then: 'nothing is written',
    play: async (office) => {
      office.inErp({ Address: 'Caf\u00e9 Way' });
      await office.untilQuiet();
      office.inProcore({ address: 'Cafe\u0301 Way', email_address: '  ', website: '' });
      await office.quietly(() => office.run());
      await office.quietly(() => office.run({}, { full: true }));
    },
  },
  {
    given: '20: the ERP formats what it is told',
    when: 'a fax is entered in Procore',
    then: 'the next run does nothing, and a later edit on either side is one',
    play: async (office) => {
      office.inProcore({ fax_number: 'fmt 555-0133' });
      await office.untilQuiet();
      expect(office.erp()).toMatchObject({ Fax: 'F 555-0133' });
      expect(office.procore()).toMatchObject({ fax_number: 'fmt 555-0133' });
      await office.quietly(() => office.run({}, { full: true }));
      office.inErp({ Fax: '555-0144' });
      await office.untilQuiet();
      expect(office.procore()).toMatchObject({ fax_number: '555-0144' });
    },
  },
  {
    given: '23: the phone moved from A to B in the ERP',
    when: 'it becomes C while B is written',
    then: 'both end with C, and B never returns',
    play: async (office) => {
      office.inErp({ Phone: '206-555-0111' });
      await office.run({
        before: { call: 'procore.kinds.vendor.write', act: () => office.inErp({ Phone: '206-555-0122' }) },
      });
      await office.untilQuiet();
      expect(office.erp()).toMatchObject({ Phone: '206-555-0122' });
      expect(office.procore()).toMatchObject({ business_phone: '206-555-0122' });
      await office.quietly(() => office.run({}, { full: true }));
    },
  },
  {
    given: 'a vendor waits because a company of Procore may be the same',
    when: 'that company is renamed, so that nobody would take it for the same',
    then: 'the vendor comes to Procore',
    pairs: 0,
    play: async (office) => {
      const { world } = office;
      const [twin] = world.procore.seedVendors([
        { name: 'Vesper Electric', business_phone: '206-555-0110', is_active: true },
      ]);
      world.erp.addVendor({
        Name: 'Vesper Electric LLC',
        SortName: 'VESPER',
        Phone: '206-555-0110',
        VendorType: 'SUB',
      });
      await office.quietly(() => office.run());
      expect(await office.exceptions()).toHaveLength(1);
      world.procore.editRecord('vendor', twin?.id ?? 0, {
        name: 'Larkspur Civil',
        business_phone: '425-555-0190',
      });
      await office.untilQuiet();
      await office.run({}, { full: true });
      await office.untilQuiet();
      expect(await office.links()).toHaveLength(1);
      expect(await office.exceptions()).toEqual([]);
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
