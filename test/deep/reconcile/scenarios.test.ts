/** What must hold when two sides are brought together, a row each: given, when, then. On a real store, the simulator and the sample ERP. */
import { execFile } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { rawJob } from '../../../sandbox/sample-erp/job-desk';
import { DEFAULT_SERVICE_USER } from '../../../sandbox/procore-simulator/world';
import type { FieldValue } from '../../../src/domain/kinds/record';
import { mergeField } from '../../../src/domain/reconcile/merge-field';
import type { Door, ReconcileWorld } from '../../support/reconcile-world';
import { dropTemplate } from '../../support/reconcile-world';
import { NAMES, Office } from './office';

afterAll(dropTemplate);

interface Scenario {
  /** Among the twenty-five that whoever keeps two systems equal has met; null: one of our own. */
  readonly number: number | null;
  readonly name: string;
  readonly given: string;
  readonly when: string;
  readonly then: string;
  readonly pairs?: number;
  readonly pageSize?: number;
  readonly listPageSize?: number;
  readonly door?: Door;
  /** What the verifier of the log says afterwards; absent: nothing. */
  readonly finds?: RegExp;
  readonly play: (office: Office) => Promise<void>;
}

const SCENARIOS: readonly Scenario[] = [
  {
    number: 1,
    name: 'the list comes back empty',
    given: 'eight linked vendors',
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
    number: 2,
    name: 'a list that is read in pieces',
    given: 'nine linked vendors, and lists of three rows a page',
    when: 'the worker dies at any page, or one row of the first page goes and another is added while the second is read',
    then: 'nobody counts as deleted, and nothing is written',
    pairs: 9,
    pageSize: 2,
    listPageSize: 3,
    play: async (office) => {
      const { world } = office;
      await office.quietly(() => office.full());
      const reads = office.calls.flatMap((call, index) =>
        /scan|readChanged|changed/.test(call) ? [index + 1] : [],
      );
      expect(reads.length).toBeGreaterThan(8);
      for (const at of reads)
        await office.quietly(() => office.run({ faults: new Map([[at, 'crash-after']]) }, { full: true }));
      expect(world.faultsInjected).toBe(reads.length);
      await office.quietly(() => office.full());
      const second = office.calls.flatMap((call, index) =>
        call.endsWith('vendor.scan') ? [index + 1] : [],
      )[1];
      // The list is as long as before, and what was the first row of the second page is on none that is still read.
      const shift = (): void => {
        world.procore.hideRecord('vendor', office.pair().id);
        world.procore.seedVendors([{ name: 'Zephyr Surveying', is_active: true }]);
      };
      await office.quietly(() => office.run({ meanwhile: new Map([[second ?? 0, shift]]) }, { full: true }));
      world.procore.showRecord('vendor', office.pair().id);
      // The row that nobody saw was asked for by itself.
      expect(office.calls).toContain('procore.kinds.vendor.see');
      expect(await office.exceptions()).toEqual([]);
    },
  },
  {
    number: 3,
    name: 'the account loses projects',
    given: 'fourteen linked projects',
    when: 'the service account may not read twelve of them, and later may again',
    then: 'nothing is written, the list is doubted as a whole, and it is over when they are back',
    pairs: 0,
    play: async (office) => {
      const ids = await linkedProjects(office, 14);
      const lost = ids.slice(0, 12);
      for (const id of lost) office.world.procore.hideRecord('project', id);
      await office.quietly(() => office.full('project'));
      expect((await office.exceptions()).map(({ recordId }) => recordId)).toEqual(['project/all']);
      for (const id of lost) office.world.procore.showRecord('project', id);
      await office.quietly(() => office.full('project'));
      expect(await office.exceptions()).toEqual([]);
      expect((await office.links()).map(({ state }) => state)).toEqual(ids.map(() => 'linked'));
    },
  },
  {
    number: 4,
    name: 'a filter leaves out linked jobs',
    given: 'forty linked jobs',
    when: 'the connection carries only jobs of a city where none of them is',
    then: 'none is switched off or taken away, and when they are carried again there is nothing to do',
    pairs: 0,
    play: async (office) => {
      const { world } = office;
      const ids = await linkedProjects(office, 40);
      world.mapping = { project: { fields: {}, only: { city: ['Nome'] } } };
      await world.restart();
      await office.quietly(() => office.full('project'));
      world.mapping = {};
      await world.restart();
      await office.quietly(() => office.full('project'));
      expect(await office.exceptions()).toEqual([]);
      expect((await office.links()).map(({ state }) => state)).toEqual(ids.map(() => 'linked'));
    },
  },
  {
    number: 5,
    name: 'the view of the ERP is empty once',
    given: 'eight linked vendors',
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
    number: 6,
    name: 'codes get another mask',
    given: 'three hundred linked codes',
    when: 'the ERP writes all of them in another way',
    then: 'they are renamed where they are, and nobody is asked',
    pairs: 0,
    pageSize: 100,
    play: async (office) => {
      const { world } = office;
      await withCodes(office);
      for (let n = 0; n < 300; n += 1) world.erp.addStandardCode(`31-${100 + n}`, `Piles ${n}`);
      await office.untilQuiet('standard_cost_code');
      const before = office.there('standard_cost_code').filter(({ origin_id: origin }) => origin !== null);
      expect(before).toHaveLength(300);
      world.erp.db.exec("UPDATE JCPM SET Phase = '61' || substr(Phase, 3) WHERE Phase LIKE '31-%'");
      await office.untilQuiet('standard_cost_code');
      expect(world.waiting.size).toBe(0);
      expect(before.map(({ id }) => world.procore.record('standard_cost_code', id))).toMatchObject(
        before.map(({ id, code, name }) => ({ id, name, code: String(code).replace('31-', '61-') })),
      );
      expect(await office.exceptions()).toEqual([]);
      await office.quietly(() => office.full('standard_cost_code'));
    },
  },
  {
    number: 7,
    name: 'edited here, deleted there',
    given: 'a vendor that was deleted in the ERP',
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
    number: 8,
    name: 'our store is three weeks old again',
    given:
      'a backup of our store; since then one vendor was deleted on both sides, and others changed on either',
    when: 'the backup is put back, and everything is read',
    then: 'what was deleted stays so, nothing is written twice, and the next edit is carried',
    finds: /our store is the older one/,
    pairs: 3,
    play: async (office) => {
      const { world } = office;
      const backup = `${world.storeFile}.backup`;
      await world.restart(() => copyFileSync(world.storeFile, backup));
      world.erp.deleteVendor(office.pair(0).number);
      world.procore.hideRecord('vendor', office.pair(0).id);
      office.inErp({ City: 'Tacoma' }, 1);
      office.inProcore({ email_address: 'ap@trujillo.example' }, 2);
      await office.untilQuiet();
      await office.full();
      world.clock.advance(21 * 86_400_000);
      await world.restart(() => copyFileSync(backup, world.storeFile));
      await office.quietly(() => office.full());
      await office.quietly(() => office.untilQuiet());
      expect([office.there().length, world.erp.vendors().length]).toEqual([2, 2]);
      expect(await office.conflicts()).toEqual([]);
      office.inProcore({ email_address: 'office@trujillo.example', city: 'Yakima' }, 2);
      await office.untilQuiet();
      expect(office.erp(2)).toMatchObject({ EMail: 'office@trujillo.example', City: 'Yakima' });
      await office.quietly(() => office.full());
    },
  },
  {
    number: 9,
    name: 'a deleted vendor is entered again',
    given: 'a vendor that was deleted in the ERP',
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
    number: 10,
    name: 'made, and the answer was lost',
    given: 'two new vendors in the ERP',
    when: 'Procore makes the first and its answer is lost, and our process dies when it has made the second',
    then: 'each is there once, and linked',
    pairs: 0,
    play: async (office) => {
      const { world } = office;
      const enter = (name: string): number =>
        world.erp.addVendor({ Name: name, SortName: name.toUpperCase(), City: 'Seattle', VendorType: 'SUB' });
      const first = enter('Cobalt');
      const match = { method: 'PATCH', path: 'vendors/sync' };
      world.procore.addFault({ kind: 'drop-reply', match, times: 1 });
      await office.run();
      const second = enter('Harborline');
      await office.run({ at: { call: 'procore.kinds.vendor.write', kind: 'crash-after' } });
      await office.untilQuiet();
      expect(office.there()).toMatchObject(
        [first, second].map((number) => ({ origin_id: `vendor|1|${number}` })),
      );
      expect(await office.links()).toMatchObject(
        office.there().map(({ id }) => ({ state: 'linked', procoreId: id })),
      );
      await office.quietly(() => office.full());
    },
  },
  {
    number: 11,
    name: 'the write was taken, the answer was lost',
    given: 'the city moved in the ERP',
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
    number: 12,
    name: 'the same vendors on both sides',
    given: 'the same twenty vendors on both sides, and no link',
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
    number: 13,
    name: 'two pages need one new parent',
    given: 'a new heading of codes, and new codes below it on two pages before that of the heading',
    when: 'they are reconciled',
    then: 'there is one heading, all stand below it, and nothing is there twice',
    pairs: 0,
    pageSize: 2,
    play: async (office) => {
      const { world } = office;
      const listId = await withCodes(office);
      for (const code of ['31-010', '31-020', '31-030', '31-040'])
        world.erp.addStandardCode(code, `Piles ${code}`);
      world.erp.addStandardCode('31', 'Earthwork');
      const [heading] = world.erp.standardCodes().filter(({ Description }) => Description === 'Earthwork');
      // Whose parent changes moves in the feed, so the heading is entered once more behind them.
      for (const code of ['31-010', '31-020', '31-030', '31-040'])
        world.erp.changeStandardCode(code, { ParentID: heading?.KeyID ?? null });
      world.erp.changeStandardCode('31', { Description: 'Earthwork and piles' });
      await office.untilQuiet('standard_cost_code');
      const codes = office
        .there('standard_cost_code')
        .filter(({ name }) => /^(Piles|Earthwork)/.test(String(name)));
      const parent = codes.find(({ name }) => name === 'Earthwork and piles');
      expect(codes).toHaveLength(5);
      expect(codes.filter(({ parent_id: id }) => id === parent?.id)).toHaveLength(4);
      expect(codes.every((code) => code['standard_cost_code_list_id'] === listId)).toBe(true);
      expect(await office.exceptions()).toEqual([]);
      await office.quietly(() => office.full('standard_cost_code'));
    },
  },
  {
    number: 14,
    name: 'two claim one',
    given: 'a vendor of the ERP, and two companies of Procore that carry its origin_id',
    when: 'three runs come, and one that reads everything',
    then: 'nothing is written, and one exception says so',
    pairs: 0,
    play: async (office) => {
      const { world } = office;
      const number = world.erp.addVendor({ Name: 'Cobalt', SortName: 'COBALT', VendorType: 'SUB' });
      const one = twins(world, `vendor|1|${number}`);
      const told = [
        expect.objectContaining({
          erpKey: `1|${number}`,
          reason: expect.stringContaining(
            `claimed by several records of Procore (${one.join(', ')})`,
          ) as string,
        }),
      ];
      for (const full of [false, false, false, true]) {
        await office.quietly(() => office.run({}, { full }));
        expect(await office.exceptions()).toEqual(told);
        expect(await office.links()).toEqual([]);
      }
    },
  },
  {
    number: 15,
    name: 'everything that tells a vendor changes',
    given: 'a linked vendor',
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
    number: 16,
    name: 'merged in Procore',
    given: 'a linked vendor',
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
    number: 17,
    name: 'what says the same',
    given: 'a linked vendor',
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
    number: 18,
    name: 'a number that the ERP rounds (in a text: no number is reconciled)',
    given: 'an ERP that keeps two places',
    when: '25.875 is entered in Procore, and becomes 25.88 in the ERP',
    then: 'it stays 25.875 in Procore, run after run, until somebody changes it in the ERP',
    play: async (office) => {
      const { db } = office.world.erp;
      db.exec(
        "CREATE TRIGGER two_places AFTER UPDATE OF Zip ON APVM WHEN NEW.Zip LIKE '%.___' BEGIN UPDATE APVM SET Zip = printf('%.2f', CAST(NEW.Zip AS REAL) + 0.000001) WHERE VendorGroup = NEW.VendorGroup AND Vendor = NEW.Vendor; END",
      );
      office.inProcore({ zip: '25.875' });
      await office.untilQuiet();
      expect([office.procore(), office.erp()]).toMatchObject([{ zip: '25.875' }, { Zip: '25.88' }]);
      office.inErp({ City: 'Tacoma' });
      await office.untilQuiet();
      await office.quietly(() => office.full());
      expect([office.procore(), office.erp()]).toMatchObject([{ zip: '25.875' }, { Zip: '25.88' }]);
      office.inErp({ Zip: '25.89' });
      await office.untilQuiet();
      expect(office.procore()).toMatchObject({ zip: '25.89' });
    },
  },
  {
    number: 19,
    name: 'dates, six trips (no date is reconciled: on the readers and writers of both sides)',
    given: 'dates around the changes of the clock, on machines in Berlin and in Honolulu',
    when: 'each goes from Procore to the ERP and back, six times',
    then: 'it is the same date, and none moved by a day',
    play: async () => {
      const trips = join(__dirname, 'date-trips.ts');
      const runTypescript = join(__dirname, '../../support/run-typescript.js');
      for (const TZ of ['Europe/Berlin', 'Pacific/Honolulu']) {
        const env = { ...process.env, TZ };
        const { stdout } = await promisify(execFile)(process.execPath, ['-r', runTypescript, trips], { env });
        const { zone, moved, dates } = JSON.parse(stdout) as {
          zone: string;
          moved: unknown[];
          dates: number;
        };
        expect({ zone, moved, dates }).toEqual({ zone: TZ, moved: [], dates: 6 });
      }
    },
  },
  {
    number: 20,
    name: 'a trigger rewrites what it is told',
    given: 'the ERP formats what it is told',
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
    number: 21,
    name: 'values are read in another way',
    given: 'sixty linked vendors, whose city the ERP writes in its own way',
    when: 'a new mapping makes both sides say the same',
    then: 'every link is settled anew, nothing is written, and the run after it has nothing to do',
    pairs: 60,
    play: async (office) => {
      const { world } = office;
      world.ownership = { vendor: { all: 'ask', fields: { city: 'never' } } };
      await world.restart();
      for (let at = 0; at < 60; at += 1) {
        office.inErp({ City: 'SEA' }, at);
      }
      await office.untilQuiet();
      world.ownership = {};
      world.mapping = {
        vendor: { fields: { city: { pairs: [{ erp: 'SEA', procore: 'Seattle' }] } }, only: {} },
      };
      await world.restart();
      await office.quietly(() => office.run());
      expect(await office.run()).toBe(0);
      expect(await office.conflicts()).toEqual([]);
      office.inProcore({ city: 'Tacoma' });
      await office.untilQuiet();
      expect(office.erp()).toMatchObject({ City: 'Tacoma' });
    },
  },
  {
    number: 22,
    name: 'an echo, and an automation under our account',
    given: 'the city moved in the ERP',
    when: 'it is written to Procore, where an automation under our account at once changes the phone, and webhooks tell of both',
    then: "our own value does not come back, and the automation's is carried",
    play: async (office) => {
      const { world } = office;
      office.inErp({ City: 'Tacoma' });
      const automation = (): void =>
        void world.procore.editVendor(
          office.pair().id,
          { business_phone: '206-555-0177' },
          { userId: DEFAULT_SERVICE_USER },
        );
      await office.run({ after: { call: 'procore.kinds.vendor.write', act: automation } });
      const tell = (): Promise<void> =>
        world.outside((store) =>
          store.transaction('webhook', world.connectionId, async (t) =>
            t.sideRecords.lookAgain(
              world.connectionId,
              'vendor',
              'procore',
              [String(office.pair().id)],
              world.nowIso(),
            ),
          ),
        );
      await tell();
      await office.untilQuiet();
      expect(office.erp()).toMatchObject({ City: 'Tacoma', Phone: '206-555-0177' });
      expect(office.procore()).toMatchObject({ city: 'Tacoma', business_phone: '206-555-0177' });
      expect(await office.conflicts()).toEqual([]);
      expect(world.erp.ledger().map(({ record_id: id }) => id)).toEqual([`vendor/${office.pair().id}`]);
      await tell();
      await office.quietly(() => office.run());
    },
  },
  {
    number: 23,
    name: 'A, B, C while B is written',
    given: 'the phone moved from A to B in the ERP',
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
    number: 24,
    name: 'whoever was last, and a clock that is wrong (the ERP tells no times: they are seen on the pure merge)',
    given: 'the last one to change a phone is right, and the clock of the ERP is an hour ahead',
    when: 'both sides change it',
    then: 'a person decides, because a time that nobody trusts says nothing',
    play: async (office) => {
      const { world } = office;
      world.ownership = { vendor: { all: 'last' } };
      await world.restart();
      const ahead = new Date(world.clock.now() + 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
      office.inErp({ Phone: '206-555-0111' });
      world.erp.db.prepare('UPDATE APVM SET Modified = ?').run(ahead);
      office.inProcore({ business_phone: '206-555-0122' });
      await office.quietly(() => office.run());
      expect(await office.conflicts()).toMatchObject([
        { field: 'phone', procore: '206-555-0122', erp: '206-555-0111', rule: 'last' },
      ]);
      const [noon, one] = ['2026-11-30T12:00:00.000Z', '2026-11-30T13:00:00.000Z'];
      const fits = { erp: (value: FieldValue) => ({ value }), procore: (value: FieldValue) => ({ value }) };
      const moved = (erpAt: string | null) =>
        mergeField({
          owner: 'last',
          procore: { now: 'b', shadow: 'a', changedAt: noon },
          erp: { now: 'c', shadow: 'a', changedAt: erpAt },
          fit: fits,
          isClearable: false,
          skewMs: 600_000,
        });
      expect([moved(null).kind, moved(noon).kind, moved(one)]).toMatchObject([
        'conflict',
        'conflict',
        { kind: 'write', to: 'procore' },
      ]);
    },
  },
  {
    number: 25,
    name: 'neither moved',
    given: 'a pair that differs where nobody may write, and a pair that is equal and was linked by hand',
    when: 'the rule is another one, and the second is deleted in the ERP',
    then: 'the difference is shown and not written, and the deletion is told',
    pairs: 1,
    play: async (office) => {
      const { world } = office;
      world.ownership = { vendor: { all: 'ask', fields: { city: 'never' } } };
      await world.restart();
      office.inErp({ City: 'Tacoma' });
      office.inProcore({ city: 'Olympia' });
      await office.untilQuiet();
      world.ownership = {};
      await world.restart();
      office.inErp({ Phone: '206-555-0133' });
      expect((await world.preview()).flatMap(({ notes }) => notes)).toEqual([
        expect.stringMatching(/City is "Olympia" in Procore and "Tacoma" in the ERP/),
      ]);
      await office.untilQuiet();
      expect([office.procore(), office.erp()]).toMatchObject([
        { city: 'Olympia', business_phone: '206-555-0133' },
        { City: 'Tacoma' },
      ]);

      const same = { City: 'Yakima', Phone: '206-555-0144' };
      const number = world.erp.addVendor({ Name: 'Larkspur Civil', SortName: 'LARK', ...same });
      const [there] = world.procore.seedVendors([
        { name: 'Larkspur Civil', city: same.City, business_phone: same.Phone, is_active: true },
      ]);
      await office.run();
      expect(await world.answer({ how: 'link', erpKey: `1|${number}`, procoreId: there?.id ?? 0 })).toEqual(
        [],
      );
      await office.untilQuiet();
      world.erp.deleteVendor(number);
      world.procore.editRecord('vendor', there?.id ?? 0, { city: 'Nome' });
      await office.quietly(() => office.run());
      expect(await office.exceptions()).toMatchObject([{ erpKey: `1|${number}`, cause: 'data' }]);
    },
  },
  {
    number: null,
    name: 'the same field meanwhile',
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
    number: null,
    name: 'finance rejects it',
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
    number: null,
    name: 'an edit in Procore meanwhile',
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
    number: null,
    name: 'many are switched off, on several pages',
    given: 'seven of eight linked vendors are switched off in the ERP at once, on pages of three',
    when: 'finance approves the first page, and rejects what is left',
    then: 'only those of the first page are switched off in Procore, and nobody is asked again',
    pairs: 8,
    pageSize: 3,
    play: async (office) => {
      const { world } = office;
      const active = (): number => office.there().filter((row) => row['is_active'] === true).length;
      for (let at = 0; at < 7; at += 1) office.inErp({ Status: 'I' }, at);
      await office.quietly(() => office.run());
      const [id = ''] = world.waiting.keys();
      await world.decide(id, 'approved');
      expect([active(), [...world.waiting.keys()]]).toEqual([5, [id]]);
      await office.quietly(async () => {
        await world.decide(id, 'rejected');
        await office.run();
        await office.full();
      });
      expect([active(), world.waiting.size]).toEqual([5, 0]);
    },
  },
  {
    number: null,
    name: 'another run goes past what waits',
    given: 'two faxes moved in Procore, on two pages that wait for finance',
    when: 'somebody enters the second in the ERP as well, a run settles it, and then finance approves the first',
    then: 'the second page is read again: its old fax does not come back',
    pairs: 2,
    pageSize: 1,
    listPageSize: 1,
    play: async (office) => {
      const { world } = office;
      world.asksFinance = true;
      for (const at of [0, 1]) office.inProcore({ fax_number: '555-0199' }, at);
      await office.run();
      const [id = ''] = world.waiting.keys();
      office.inErp({ Fax: '555-0199' }, 1);
      await office.run();
      await world.decide(id, 'approved');
      await office.untilQuiet();
      for (const at of [0, 1]) {
        expect(office.erp(at)).toMatchObject({ Fax: '555-0199' });
        expect(office.procore(at)).toMatchObject({ fax_number: '555-0199' });
      }
      expect([await office.conflicts(), world.waiting.size]).toEqual([[], 0]);
    },
  },
  {
    number: null,
    name: 'finance takes its time',
    given: 'a fax moved in Procore and the city of the same vendor in the ERP, and finance is asked',
    when: 'ten runs come before it answers, two of them full, and webhooks tell of the company again',
    then: 'it is asked once, and what it approves is written',
    play: async (office) => {
      const { world } = office;
      office.inProcore({ fax_number: '555-0199' });
      office.inErp({ City: 'Tacoma' });
      world.asksFinance = true;
      await office.quietly(async () => {
        for (let n = 0; n < 10; n += 1) {
          await world.outside((store) =>
            store.transaction('webhook', world.connectionId, async (t) =>
              t.sideRecords.lookAgain(
                world.connectionId,
                'vendor',
                'procore',
                [String(office.pair().id)],
                world.nowIso(),
              ),
            ),
          );
          await office.run({}, { full: n % 5 === 4 });
        }
      });
      expect(world.waiting.size).toBe(1);
      const [id = ''] = world.waiting.keys();
      const { status, reason } = await world.read((t) => t.requests.get(world.ref(id)));
      expect([status, reason]).toEqual(['waiting_for_finance', 'No policy rule approves this plan.']);
      await world.decide(id, 'approved');
      await office.untilQuiet();
      expect([world.waiting.size, office.erp()]).toMatchObject([0, { Fax: '555-0199', City: 'Tacoma' }]);
      expect(office.procore()).toMatchObject({ city: 'Tacoma' });
    },
  },
  {
    number: null,
    name: 'many changed at once, and then nothing',
    given: 'a hundred and twenty companies were entered in Procore within a minute',
    when: 'runs come and go, and then one of them is changed',
    then: 'they are not read again with every run, and the change is seen',
    play: async (office) => {
      const { world } = office;
      const names = Array.from({ length: 120 }, (_, n) => `Company ${n}`);
      const [first] = world.procore.seedVendors(names.map((name) => ({ name, is_active: true })));
      const readAgain = async (): Promise<boolean> => {
        world.procore.clearLog();
        await office.run();
        const [list] = world.procore.requestLog().filter(({ path }) => path.endsWith('/vendors'));
        const since = list?.query['filters[updated_at]']?.[0]?.slice(0, 24) ?? '';
        return Date.parse(since) <= Date.parse(String(world.procore.vendor(first?.id ?? 0)['updated_at']));
      };
      await office.run();
      expect([await readAgain(), await readAgain()]).toEqual([true, false]);
      world.procore.editRecord('vendor', first?.id ?? 0, { city: 'Tacoma' });
      await office.run();
      const known = await world.read((t) => t.sideRecords.unpaired(world.connectionId, 'vendor', 'procore'));
      expect(known.find(({ key }) => key === String(first?.id))?.record.fields['city']).toBe('Tacoma');
    },
  },
  {
    number: null,
    name: 'taken apart by hand',
    given: 'a linked vendor with a conflict',
    when: 'somebody says that the two are not one, and both are edited',
    then: 'the conflict is over, nothing is carried, and the vendor waits as long as its origin_id stands there',
    pageSize: 1,
    play: async (office) => {
      const { world } = office;
      const { number, id } = office.pair();
      office.inErp({ Phone: '206-555-0111' });
      office.inProcore({ business_phone: '206-555-0122' });
      await office.run();
      expect(await office.conflicts()).toHaveLength(1);
      expect(await world.answer({ how: 'unlink', erpKey: `1|${number}` })).toEqual([]);
      expect(await office.conflicts()).toEqual([]);
      office.inErp({ City: 'Tacoma' });
      office.inProcore({ email_address: 'ap@cobalt.example' });
      await office.quietly(() => office.run());
      await office.quietly(() => office.full());
      expect(await office.exceptions()).toMatchObject([
        {
          erpKey: `1|${number}`,
          reason: expect.stringContaining(`vendor/${id} carries its origin_id`) as string,
        },
      ]);
      expect(await world.answer({ how: 'link', erpKey: `1|${number}`, procoreId: id })).toEqual([]);
      await office.untilQuiet();
      expect((await office.conflicts()).map(({ field }) => field).sort()).toEqual(['city', 'phone']);
      expect(office.erp()).toMatchObject({ EMail: 'ap@cobalt.example' });
      expect(await office.exceptions()).toEqual([]);
    },
  },
  {
    number: null,
    name: 'an edit in the ERP meanwhile',
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
    number: null,
    name: 'the ERP refuses a value for a while',
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
    number: null,
    name: 'the ERP refuses an emptied field for a while',
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
    number: null,
    name: 'switched off before it was imported',
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
    number: null,
    name: 'what a vendor waited for is another company now',
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
  {
    number: null,
    name: 'another number',
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
    number: null,
    name: 'another one of the same name',
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
    number: null,
    name: 'linked by a person',
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
];

/** Projects of the ERP that Procore has as well. */
async function linkedProjects(office: Office, count: number): Promise<readonly number[]> {
  const { erp } = office.world;
  for (let n = 0; n < count; n += 1)
    erp.addJob(1, rawJob(`2417-${100 + n}`), `Eastgate ${n}`, { status: 1, city: 'Seattle' });
  await office.untilQuiet('project');
  const ids = (await office.links()).flatMap(({ procoreId }) => procoreId ?? []);
  expect(ids).toHaveLength(count);
  return ids;
}

/** Has the connection know the list of the ERP's codes in Procore. Answers its id. */
async function withCodes({ world }: Office): Promise<number> {
  const [code] = world.procore.seedStandardCodes([{ code: '99', name: 'Nothing' }]);
  const listId = Number(code?.['standard_cost_code_list_id']);
  await world.outside((store) =>
    store.transaction('list', world.connectionId, (t) =>
      t.connections.keepErpTool(world.connectionId, { standardCostCodeListId: listId }),
    ),
  );
  return listId;
}

/** Two companies of Procore with one origin_id: what an import of somebody else left behind. Their ids as we name them. */
function twins({ procore }: ReconcileWorld, originId: string): readonly string[] {
  const ids = ['Cobalt Mechanical', 'Cobalt Mechanical of Tacoma'].map((name) => {
    const [{ id } = { id: 0 }] = procore.seedVendors([{ name, is_active: true, origin_id: originId }]);
    procore.hideRecord('vendor', id);
    return id;
  });
  for (const id of ids) procore.showRecord('vendor', id);
  return ids.map((id) => `vendor/${id}`);
}

const NUMBERED = SCENARIOS.filter(({ number }) => number !== null);
const OF_OUR_OWN = SCENARIOS.filter(({ number }) => number === null);

async function played({
  play,
  pairs = 1,
  pageSize = 10,
  listPageSize,
  door = 'open',
  finds,
}: Scenario): Promise<void> {
  const how = { pageSize, door, ...(listPageSize === undefined ? {} : { listPageSize }) };
  const office = await Office.open(pairs, how);
  try {
    await play(office);
    expect((await office.world.auditFindings()).map(({ what }) => what)).toEqual(
      finds === undefined ? [] : [expect.stringMatching(finds)],
    );
    expect(office.world.procore.violations()).toEqual([]);
  } finally {
    await office.world.close();
  }
}

describe('the twenty-five', () => {
  test.each(NUMBERED)('$number: $name: given $given; when $when; then $then', played);

  test('are all there, each once', () => {
    expect(NUMBERED.map(({ number }) => number)).toEqual(Array.from({ length: 25 }, (_, index) => index + 1));
  });
});

describe('beside them', () => {
  test.each(OF_OUR_OWN)('$name: given $given; when $when; then $then', played);
});
