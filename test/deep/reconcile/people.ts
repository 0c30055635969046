/** People at both ends of a reconcile, and what they may expect of it: a naive model that knows nothing of shadows, plans or links. */
import { ActionRefused } from '../../../sandbox/procore-simulator/errors';
import type { VendorEntry } from '../../../sandbox/sample-erp/company';
import { decideLinks } from '../../../src/desk/links/decide';
import { settleConflicts } from '../../../src/desk/settle';
import { suggestPairs } from '../../../src/desk/links/suggestions';
import type { RecordLink } from '../../../src/domain/kinds/record-link';
import type { Choice } from '../../../src/domain/reconcile/conflict';
import type { SideName } from '../../../src/domain/reconcile/side-record';
import { storedSides } from '../../../src/store/sides';
import type { ReconcileWorld } from '../../support/reconcile-world';
import type { Trouble, FaultKind } from '../../support/troubles';
import { REFUSED } from '../../support/reconcile-world';
import { NAMES } from './office';
import { TEST_KEYS } from '../../support/people';
import { MARIA } from '../../support/world';

/** Fields that people edit: their names on both sides. Either side may change them, but for the sort name, which is the ERP's. */
export const FIELDS = {
  phone: { erp: 'Phone', procore: 'business_phone' },
  city: { erp: 'City', procore: 'city' },
  email: { erp: 'EMail', procore: 'email_address' },
  fax: { erp: 'Fax', procore: 'fax_number' },
  sortName: { erp: 'SortName', procore: 'abbreviated_name' },
} as const;
export type Field = keyof typeof FIELDS;

/** `long`: the ERP has no room. `refused`: whoever is asked to take it does not. `formatted`: the ERP keeps it in its own way. */
export type Shape = 'plain' | 'empty' | 'long' | 'refused' | 'formatted';

export type Action =
  | { readonly do: 'enter'; readonly side: SideName; readonly like: number | null }
  | {
      readonly do: 'edit';
      readonly side: SideName;
      readonly at: number;
      readonly field: Field;
      readonly shape: Shape;
    }
  | { readonly do: 'editBoth'; readonly at: number; readonly field: Field; readonly alike: boolean }
  | { readonly do: 'switch'; readonly side: SideName; readonly at: number; readonly isActive: boolean }
  /** So many vendors of the ERP are switched off at once. */
  | { readonly do: 'switchMany'; readonly most: number }
  | { readonly do: 'import'; readonly at: number }
  | { readonly do: 'unlink'; readonly at: number; readonly by: 'desk' | 'procore' }
  /** `from`: any vendor of the ERP; `to`: any company of Procore. */
  | { readonly do: 'tie'; readonly how: 'link' | 'relink'; readonly from: number; readonly to: number }
  | { readonly do: 'delete'; readonly side: SideName; readonly at: number }
  | { readonly do: 'bringBack'; readonly side: SideName; readonly at: number }
  | { readonly do: 'answer'; readonly at: number; readonly accept: boolean }
  | { readonly do: 'settle'; readonly at: number; readonly take: Choice['take'] }
  | { readonly do: 'finance'; readonly asks: boolean }
  | { readonly do: 'decide'; readonly at: number; readonly approve: boolean }
  | { readonly do: 'mark'; readonly side: SideName; readonly at: readonly number[] }
  | {
      readonly do: 'run';
      readonly full: boolean;
      readonly erpFirst: boolean;
      readonly faults: readonly { readonly at: number; readonly kind: FaultKind }[];
      readonly meanwhile: readonly { readonly at: number; readonly edit: Extract<Action, { do: 'edit' }> }[];
    };

/** What somebody entered in a field. Its token is found again in whatever a side makes of it. */
interface Entry {
  readonly side: SideName;
  readonly key: string;
  readonly field: Field;
  readonly token: string | null;
  readonly text: string;
  /** Somebody saw it where it stood and typed over it, or decided against it. */
  isOver: boolean;
}

const TOKEN = /t\d+t/i;
const tokenIn = (value: unknown): string | null =>
  typeof value === 'string' ? (TOKEN.exec(value)?.[0]?.toLowerCase() ?? null) : null;
const isEmpty = (value: unknown): boolean => value === null || value === undefined || value === '';

export class People {
  readonly log: string[] = [];
  private readonly entries: Entry[] = [];
  /** Keys of what people entered, and how many they imported. */
  private readonly entered = { erp: new Set<string>(), procore: new Set<string>() };
  private readonly imported = new Set<string>();
  /** What was deleted and may be brought back, as it was. */
  private readonly gone: Record<SideName, Map<string, Readonly<Record<string, unknown>>>> = {
    erp: new Map(),
    procore: new Map(),
  };
  /** Pairs of which somebody said that they are two, and nobody that they are one after all. */
  private readonly apart = new Set<string>();
  private readonly wrong: string[] = [];
  /** How often what is rare came about. */
  readonly came = { parted: 0, tied: 0, gone: 0, back: 0, guarded: 0 };
  private count = 0;

  constructor(
    private readonly world: ReconcileWorld,
    private readonly door: 'tool' | 'open',
  ) {}

  async act(action: Action): Promise<void> {
    this.log.push(JSON.stringify(action));
    switch (action.do) {
      case 'enter':
        return this.enter(action.side, action.like);
      case 'edit':
        return this.edit(action);
      case 'editBoth':
        return this.editBoth(action);
      case 'switch':
        return this.switch(action);
      case 'switchMany':
        return this.switchMany(action.most);
      case 'import':
        return this.import(action.at);
      case 'unlink':
        return this.unlink(action);
      case 'tie':
        return this.tie(action);
      case 'delete':
        return this.delete(action);
      case 'bringBack':
        return this.bringBack(action);
      case 'answer':
        return this.answer(action);
      case 'settle':
        return this.settle(action);
      case 'finance':
        this.world.asksFinance = action.asks;
        return;
      case 'decide':
        return this.decide(action);
      case 'mark': {
        const keys = action.at.flatMap((at) => pick(this.keys(action.side), at) ?? []);
        await this.world.outside((store) =>
          store.transaction('marks', this.world.connectionId, async (t) =>
            t.sideRecords.lookAgain(
              this.world.connectionId,
              'vendor',
              action.side,
              keys,
              this.world.nowIso(),
            ),
          ),
        );
        return;
      }
      case 'run':
        return this.run(action);
    }
  }

  // ---- people -----------------------------------------------------------------------------------

  private enter(side: SideName, like: number | null): void {
    this.count += 1;
    const { world, count } = this;
    const [name, phone] = [NAMES[count % NAMES.length] ?? '', `555-02${String(count).padStart(2, '0')}`];
    const twin = like === null ? null : pick(this.keys(side === 'erp' ? 'procore' : 'erp'), like);
    const seen = twin === null ? null : this.valuesOf(side === 'erp' ? 'procore' : 'erp', twin);
    const Name = text(seen?.['name'] ?? `${name} ${NAMES[(count * 7) % NAMES.length] ?? ''} ${count}`);
    if (side === 'erp') {
      const number = world.erp.addVendor({
        Name: Name.slice(0, 60),
        SortName: `S${count}`,
        City: 'Seattle',
        Phone: text(seen?.['phone'] ?? phone).slice(0, 20),
        VendorType: 'SUB',
      });
      this.entered.erp.add(String(number));
    } else {
      const seed = {
        name: Name,
        city: 'Seattle',
        business_phone: text(seen?.['phone'] ?? phone),
        is_active: true,
      };
      const [made] = world.procore.seedVendors([seed]);
      this.entered.procore.add(String(made?.id));
    }
  }

  private edit({ side, at, field, shape }: Extract<Action, { do: 'edit' }>): void {
    const key = pick(this.keys(side), at);
    if (key === null) return;
    this.count += 1;
    this.put(side, key, field, textOf(side, field, shape, this.count));
  }

  private editBoth({ at, field, alike }: Extract<Action, { do: 'editBoth' }>): void {
    const key = pick(this.keys('erp'), at);
    const other = key === null ? null : this.partners.get(key);
    if (key === null || other === undefined || other === null || this.seen('procore', other) === null) return;
    this.count += 1;
    this.put('erp', key, field, textOf('erp', field, 'plain', this.count));
    if (!alike) this.count += 1;
    this.put('procore', other, field, textOf('procore', field, 'plain', this.count));
  }

  private put(side: SideName, key: string, field: Field, text: string): void {
    const before = this.valuesOf(side, key)[field];
    const other = side === 'erp' ? this.partners.get(key) : this.erpOf(key);
    const there =
      other === undefined ? undefined : this.seen(side === 'erp' ? 'procore' : 'erp', other)?.[field];
    if (side === 'erp') {
      const value = text === '' ? (field === 'sortName' ? undefined : null) : text;
      if (value === undefined) return;
      try {
        this.world.erp.changeVendor(Number(key), { [FIELDS[field].erp]: value });
      } catch {
        return;
      }
    } else this.world.procore.editRecord('vendor', Number(key), { [FIELDS[field].procore]: text });
    this.over(side, key, field, before);
    // Who empties what never came to the other side takes back what was entered here, and has said nothing about what is there. Of a pair that was
    // never compared what is empty is filled.
    const erpKey = side === 'erp' ? key : other;
    const isNew = other === undefined || erpKey === undefined || this.uncompared.has(erpKey);
    const isOver = text === '' && (isNew || !isAlike(before, there));
    this.entries.push({ side, key, field, token: tokenIn(text), text, isOver });
  }

  /** Somebody typed over this value, or decided against it: whoever entered it, on either side, has nothing to expect any more. */
  private over(side: SideName, key: string, field: Field, value: unknown): void {
    const token = tokenIn(value);
    const other = side === 'erp' ? this.partners.get(key) : this.erpOf(key);
    for (const entry of this.entries) {
      const isOfPair =
        entry.field === field &&
        ((entry.side === side && entry.key === key) || (entry.side !== side && entry.key === other));
      if (isOfPair && (token === null ? isEmpty(value) && entry.token === null : entry.token === token))
        entry.isOver = true;
    }
  }

  private switch({ side, at, isActive }: Extract<Action, { do: 'switch' }>): void {
    const key = pick(this.keys(side), at);
    if (key === null) return;
    if (side === 'erp') this.world.erp.changeVendor(Number(key), { Status: isActive ? 'A' : 'I' });
    else this.world.procore.editRecord('vendor', Number(key), { is_active: isActive });
  }

  private async import(at: number): Promise<void> {
    if (this.door === 'open') return;
    const staged = this.world.procore
      .state()
      .companies[0]?.stagedRecords.filter(
        ({ status, item_type }) => status === 'staged' && item_type === 'vendor',
      );
    const one = staged?.[at % Math.max(1, staged.length)];
    if (one === undefined) return;
    try {
      this.imported.add(String(this.world.procore.importVendor(one.id).vendorId));
    } catch (error) {
      // A company was linked to it by hand meanwhile: Procore makes no second one with its origin_id.
      if (!(error instanceof ActionRefused)) throw error;
    }
    await this.learn();
  }

  private switchMany(most: number): void {
    const active = [...this.partners.keys()].filter((key) => this.seen('erp', key)?.['isActive'] === true);
    for (const key of active.slice(0, most)) this.world.erp.changeVendor(Number(key), { Status: 'I' });
  }

  private async unlink({ at, by }: Extract<Action, { do: 'unlink' }>): Promise<void> {
    const { world } = this;
    const erpKey = pick([...this.partners.keys()].sort(), at);
    const other = erpKey === null ? undefined : this.partners.get(erpKey);
    if (erpKey === null || other === undefined) return;
    const isThere = this.seen('procore', other) !== null;
    if (by === 'desk') {
      const refused = await world.answer({ how: 'unlink', erpKey: `1|${erpKey}` });
      if (refused.length > 0) return;
    } else {
      if (this.door === 'open' || !isThere || world.procore.vendor(Number(other))['origin_id'] === null)
        return;
      world.procore.unlinkVendor(Number(other));
      await world.intake();
    }
    this.came.parted += 1;
    this.part(erpKey, other);
    await this.learn();
  }

  /** What is taken apart because it is gone is gone for good. */
  private part(erpKey: string, other: string): void {
    this.apart.add(`${erpKey} ${other}`);
    if (this.gone.erp.delete(erpKey)) this.entered.erp.delete(erpKey);
    if (this.gone.procore.delete(other))
      for (const known of [this.entered.procore, this.imported]) known.delete(other);
  }

  private async tie({ how, from, to }: Extract<Action, { do: 'tie' }>): Promise<void> {
    const linked = new Set(this.partners.values());
    const erpKeys = this.keys('erp').filter((key) => this.partners.has(key) === (how === 'relink'));
    const [erpKey, other] = [
      pick(erpKeys, from),
      pick(
        this.keys('procore').filter((id) => !linked.has(id)),
        to,
      ),
    ];
    if (erpKey === null || other === null) return;
    const before = this.partners.get(erpKey);
    const refused = await this.world.answer({ how, erpKey: `1|${erpKey}`, procoreId: Number(other) });
    if (refused.length > 0) return;
    this.apart.delete(`${erpKey} ${other}`);
    this.came.tied += 1;
    if (before !== undefined) this.part(erpKey, before);
    await this.learn();
  }

  private delete({ side, at }: Extract<Action, { do: 'delete' }>): void {
    const { world } = this;
    const key = pick(this.keys(side), at);
    if (key === null) return;
    this.came.gone += 1;
    // What was taken apart before has nothing to come back to.
    const isApart = [...this.apart].some((pair) => pair.split(' ')[side === 'erp' ? 0 : 1] === key);
    if (isApart) {
      for (const known of side === 'erp' ? [this.entered.erp] : [this.entered.procore, this.imported])
        known.delete(key);
      if (side === 'erp') world.erp.deleteVendor(Number(key));
      else world.procore.hideRecord('vendor', Number(key));
    } else if (side === 'erp') {
      this.gone.erp.set(key, { ...world.erp.vendor(Number(key)) });
      world.erp.deleteVendor(Number(key));
    } else {
      this.gone.procore.set(key, { ...world.procore.vendor(Number(key)) });
      world.procore.hideRecord('vendor', Number(key));
    }
  }

  private bringBack({ side, at }: Extract<Action, { do: 'bringBack' }>): void {
    const { world } = this;
    const key = pick([...this.gone[side].keys()], at);
    if (key === null) return;
    this.came.back += 1;
    if (side === 'erp') {
      const isOfTheErp = (name: string): boolean => /^(VendorGroup|RowVer|Modified)$/.test(name);
      const row = Object.fromEntries(
        Object.entries(this.gone.erp.get(key) ?? {}).filter(([name]) => !isOfTheErp(name)),
      );
      world.erp.addVendor(row as VendorEntry & { readonly Name: string });
    } else world.procore.showRecord('vendor', Number(key));
    this.gone[side].delete(key);
  }

  private async answer({ at, accept }: Extract<Action, { do: 'answer' }>): Promise<void> {
    const { world } = this;
    const { connectionId } = world;
    await world.outside(async (store) => {
      const { pairs } = await suggestPairs(store, storedSides, connectionId, 'vendor').catch(() => ({
        pairs: [],
      }));
      const one = pairs[at % Math.max(1, pairs.length)];
      if (one === undefined) return;
      const { erpKey, procoreId, erpRevision, procoreRevision } = one;
      const answer = {
        how: accept ? ('accept' as const) : ('reject' as const),
        erpKey,
        procoreId,
        erpRevision,
        procoreRevision,
      };
      const parts = { store, sidesIn: storedSides, now: () => world.nowIso() };
      const asked = { connectionId, kind: 'vendor' as const, answers: [answer], comment: '' };
      await decideLinks(parts, asked, { by: MARIA, account: null, channel: 'test' });
      if (accept) this.apart.delete(`${erpKey.split('|')[1] ?? ''} ${procoreId}`);
    });
    await this.learn();
  }

  private async settle({ at, take }: Extract<Action, { do: 'settle' }>): Promise<void> {
    const { world } = this;
    const { connectionId } = world;
    const open = await world.read((t) => t.conflicts.open(connectionId));
    const one = open[at % Math.max(1, open.length)];
    if (one === undefined) return;
    this.count += 1;
    const choice: Choice = take === 'value' ? { take, value: `t${this.count}t` } : { take };
    const { id, procore, erp, erpKey, recordId } = one;
    await world.outside((store) =>
      settleConflicts(
        {
          store,
          keys: TEST_KEYS,
          now: () => world.nowIso(),
          policyOf: () => Promise.resolve(world.policy),
          startReconcile: () => Promise.resolve(),
        },
        { connectionId, answers: [{ id, choice, pair: { procore, erp } }], comment: 'so be it' },
        { by: MARIA, account: null, channel: 'test' },
      ),
    );
    const field = one.field as Field;
    const [key, other] = [erpKey.split('|')[1] ?? '', recordId.split('/')[1] ?? ''];
    if (take === 'procore' || take === 'value') this.over('erp', key, field, erp);
    if (take === 'erp' || take === 'value') this.over('procore', other, field, procore);
  }

  private async decide({ at, approve }: Extract<Action, { do: 'decide' }>): Promise<void> {
    const id = pick([...this.world.waiting.keys()].sort(), at);
    if (id !== null) await this.decided(id, approve);
    await this.learn();
  }

  /** Nobody is switched off in numbers unless somebody approved the page that says so. */
  private async decided(id: string, approve: boolean): Promise<void> {
    const { world } = this;
    const { page = 0 } = world.waiting.get(id) ?? {};
    const plan = await world.read((t) => t.plans.latest({ ...world.ref(id), page }));
    if ((await world.read((t) => t.requests.get(world.ref(id)))).reason?.includes('somebody must look first'))
      this.came.guarded += 1;
    const approved = new Set(plan?.body.operations.map(({ procoreId }) => String(procoreId)) ?? []);
    await this.unlessGuarded(approve ? approved : new Set(), async () => {
      await world.decide(id, approve ? 'approved' : 'rejected');
    });
  }

  private async unlessGuarded(approved: ReadonlySet<string>, work: () => Promise<void>): Promise<void> {
    const active = [...this.partners.values()].filter(
      (id) => this.seen('procore', id)?.['isActive'] === true,
    );
    await work();
    const off = active.filter((id) => this.seen('procore', id)?.['isActive'] === false);
    const isMany = off.length >= 5 && off.length * 5 >= this.partners.size;
    if (isMany && off.some((id) => !approved.has(id)))
      this.wrong.push(
        `${off.length} of ${this.partners.size} were switched off, and only ${approved.size} were approved`,
      );
  }

  private async run({ full, erpFirst, faults, meanwhile }: Extract<Action, { do: 'run' }>): Promise<void> {
    const { world } = this;
    const trouble: Trouble = {
      faults: new Map(faults.map(({ at, kind }) => [at, kind])),
      meanwhile: new Map(meanwhile.map(({ at, edit }) => [at, () => this.edit(edit)])),
    };
    world.setTrouble(trouble);
    await this.unlessGuarded(new Set(), async () => {
      await world.reconcile({ full, erpFirst });
    });
    await world.intake();
    world.setTrouble({});
    await this.learn();
  }

  // ---- what they may expect -----------------------------------------------------------------------

  /** Nobody does anything any more, finance approves what it is asked, and runs go on until nothing moves. */
  async quiet(): Promise<void> {
    const { world } = this;
    world.setTrouble({});
    await world.intake();
    for (let run = 0, still = 0; still < 2; run += 1) {
      if (run === 10) throw new Error('after ten runs something still moves');
      const moved = await world.reconcile({ full: run === 2 });
      const isAsked = world.waiting.size > 0;
      for (let asked = 0; world.waiting.size > 0; asked += 1) {
        if (asked === 100) throw new Error('finance is asked again and again');
        for (const id of [...world.waiting.keys()]) await this.decided(id, true);
      }
      still = moved === 0 && !isAsked ? still + 1 : 0;
      if (run < 3) still = 0;
      if (run > 3 && (await this.hasRefusals())) break;
    }
    await this.learn();
  }

  private async hasOpen(): Promise<boolean> {
    const { connectionId } = this.world;
    return this.world.read(async (t) => {
      const [conflicts, exceptions] = await Promise.all([
        t.conflicts.open(connectionId),
        t.exceptions.listOpen(connectionId),
      ]);
      return conflicts.length + exceptions.length > 0;
    });
  }

  private async hasRefusals(): Promise<boolean> {
    const open = await this.world.read((t) => t.exceptions.listOpen(this.world.connectionId));
    return open.some(({ cause }) => cause === 'erp' || cause === 'procore');
  }

  /** Throws what is wrong. */
  async check(): Promise<void> {
    const { world } = this;
    const { connectionId } = world;
    const { links, conflicts, exceptions } = await world.read(async (t) => ({
      links: await t.links.all(connectionId),
      conflicts: await t.conflicts.open(connectionId),
      exceptions: await t.exceptions.listOpen(connectionId),
    }));
    const problems = [...this.wrong];
    const linked = links.filter(({ state }) => state === 'linked');
    this.noneTwice(problems, links);
    const excused = new Set(exceptions.map(({ erpKey }) => erpKey));
    for (const { id, erpKey, procoreId } of linked) {
      const number = erpKey.split('|')[1] ?? '';
      if (this.apart.has(`${number} ${procoreId}`))
        problems.push(`${erpKey} and ${procoreId} are linked, and somebody said that they are two`);
      const [erp, procore] = [this.seen('erp', number), this.seen('procore', String(procoreId))];
      if (erp === null || procore === null) continue;
      for (const field of [...Object.keys(FIELDS), 'isActive']) {
        const [here, there] = [erp[field], procore[field]];
        if (isAlike(here, there)) continue;
        const open = conflicts.find((one) => one.linkId === id && one.field === field);
        const isOpen = open !== undefined && isAlike(open.erp, here) && isAlike(open.procore, there);
        if (isOpen || excused.has(erpKey)) continue;
        problems.push(`${field} of ${erpKey} is ${String(here)} in the ERP and ${String(there)} in Procore`);
      }
    }
    for (const { linkId, field, erp, procore, decision } of conflicts) {
      const link = linked.find(({ id }) => id === linkId);
      if (link === undefined) problems.push(`a conflict of no link is open: ${field}`);
      else {
        const [inErp, inProcore] = [
          this.seen('erp', link.erpKey.split('|')[1] ?? ''),
          this.seen('procore', String(link.procoreId)),
        ];
        if (inErp === null || inProcore === null) continue;
        const now = { erp: inErp[field], procore: inProcore[field] };
        if (!isAlike(now.erp, erp) || !isAlike(now.procore, procore))
          problems.push(
            `the conflict on ${field} of ${link.erpKey} shows ${String(erp)}/${String(procore)}, not ${String(now.erp)}/${String(now.procore)} (${JSON.stringify(decision?.choice ?? null)})`,
          );
      }
    }
    this.nothingLost(problems, linked);
    const findings = await world.auditFindings();
    problems.push(...findings.map((finding) => `audit: ${JSON.stringify(finding)}`));
    if (problems.length > 0) throw new Error(problems.join('\n'));
  }

  private noneTwice(problems: string[], links: readonly RecordLink[]): void {
    const { world, entered, imported, gone } = this;
    const vendors = [...this.procoreVendors(), ...gone.procore.values()];
    const origins = vendors.flatMap(({ origin_id: origin }) => (typeof origin === 'string' ? [origin] : []));
    if (new Set(origins).size !== origins.length)
      problems.push(`an origin_id stands twice: ${origins.join(', ')}`);
    const inErp = world.erp.vendors().length + gone.erp.size;
    if (inErp !== entered.erp.size)
      problems.push(`${inErp} vendors in the ERP, ${entered.erp.size} were entered`);
    // What people entered may have got an origin_id since, because they linked it.
    const fromErp = vendors.filter(
      ({ id, origin_id: origin }) => typeof origin === 'string' && !entered.procore.has(String(id)),
    );
    const made = this.door === 'tool' ? imported.size : fromErp.length;
    if (vendors.length !== entered.procore.size + made)
      problems.push(
        `${vendors.length} companies in Procore, ${entered.procore.size} were entered and ${made} came from the ERP`,
      );
    const force = links.filter(({ state }) => state === 'linked');
    for (const key of ['erpKey', 'procoreId'] as const)
      if (new Set(force.map((link) => link[key])).size !== force.length)
        problems.push(`a ${key} has two links`);
  }

  private nothingLost(problems: string[], linked: readonly RecordLink[]): void {
    for (const { side, key, field, token, text, isOver } of this.entries) {
      if (isOver || (field === 'sortName' && side === 'procore')) continue;
      const link = linked.find(({ erpKey, procoreId }) =>
        side === 'erp' ? erpKey === `1|${key}` : String(procoreId) === key,
      );
      const mine = this.seen(side, key);
      if (mine === null) continue;
      const own = mine[field];
      const other =
        link === undefined
          ? undefined
          : side === 'erp'
            ? this.seen('procore', String(link.procoreId))?.[field]
            : this.seen('erp', link.erpKey.split('|')[1] ?? '')?.[field];
      const isThere = token === null ? isEmpty(own) : tokenIn(own) === token || tokenIn(other) === token;
      if (!isThere)
        problems.push(
          `"${text}", entered as ${field} of ${side} ${key}, is lost: it is "${String(own)}" there and "${String(other)}" on the other side`,
        );
    }
  }

  /** A further run, and one that reads everything, change nothing anywhere. */
  async changesNothing(): Promise<void> {
    if (await this.hasRefusals()) return;
    const { world } = this;
    for (const full of [false, true]) {
      const before = { store: world.storeRows(), erp: world.erpRows() };
      world.procore.clearLog();
      world.setTrouble({});
      await world.reconcile({ full });
      // Where something is open, whoever reads everything asks again whether it still is, and that is a request.
      const isAsked = full && (await this.hasOpen());
      const changed = [
        ...world.writes(),
        ...changedTables(before.erp, world.erpRows()),
        ...changedTables(before.store, world.storeRows()).filter((name) => !isAsked || !ASKED.test(name)),
      ];
      if (changed.length > 0)
        throw new Error(`a further run${full ? ' that reads everything' : ''} changed ${changed.join(', ')}`);
    }
  }

  // ---- looking --------------------------------------------------------------------------------------

  /** Which company of Procore a vendor is, by its number. */
  private partners: ReadonlyMap<string, string> = new Map();
  /** ERP numbers of pairs that no run has compared yet. */
  private uncompared: ReadonlySet<string> = new Set();
  private erpOf = (id: string): string | undefined =>
    [...this.partners].find(([, other]) => other === id)?.[0];

  private async learn(): Promise<void> {
    const links = await this.world.read((t) => t.links.all(this.world.connectionId));
    const own = links.filter(({ state }) => state === 'linked');
    // What is empty on one side of a new pair is filled from the other.
    for (const { erpKey, procoreId } of own) {
      const number = erpKey.split('|')[1] ?? '';
      if (this.partners.get(number) === String(procoreId)) continue;
      for (const entry of this.entries)
        if (entry.token === null && entry.key === (entry.side === 'erp' ? number : String(procoreId)))
          entry.isOver = true;
    }
    this.uncompared = new Set(
      own.flatMap(({ erpKey, erp, procore }) =>
        erp === null || procore === null ? [erpKey.split('|')[1] ?? ''] : [],
      ),
    );
    this.partners = new Map(
      own.map(({ erpKey, procoreId }) => [erpKey.split('|')[1] ?? '', String(procoreId)]),
    );
  }

  private procoreVendors(): readonly Readonly<Record<string, unknown>>[] {
    return this.world.procore.state().companies[0]?.records.vendor ?? [];
  }

  private keys(side: SideName): readonly string[] {
    return side === 'erp'
      ? this.world.erp.vendors().map(({ Vendor }) => String(Vendor))
      : this.procoreVendors().map(({ id }) => String(id));
  }

  /** Null: it is deleted, for the time being or for good. */
  private seen(side: SideName, key: string): Readonly<Record<string, unknown>> | null {
    return this.keys(side).includes(key) ? this.valuesOf(side, key) : null;
  }

  private valuesOf(side: SideName, key: string): Readonly<Record<string, unknown>> {
    const row = (
      side === 'erp' ? this.world.erp.vendor(Number(key)) : this.world.procore.vendor(Number(key))
    ) as Readonly<Record<string, unknown>> | undefined;
    if (row === undefined) throw new Error(`there is no ${side} ${key}`);
    const values = Object.entries(FIELDS).map(([field, names]) => [field, row[names[side]] ?? null] as const);
    return {
      ...(Object.fromEntries(values) as Readonly<Record<string, unknown>>),
      name: row[side === 'erp' ? 'Name' : 'name'],
      isActive: side === 'erp' ? row['Status'] === 'A' : row['is_active'],
    };
  }
}

/** Tables that a request alone leaves its rows in; of a record that waits, when it was seen. */
const ASKED = /^(approval|audit_|connection|request_body|sync_request|plan|operation|side_record|exception)/;

type Tables = Readonly<Record<string, readonly unknown[]>>;
const changedTables = (before: Tables, after: Tables): readonly string[] =>
  Object.keys(after).flatMap((name) => {
    const [was, is] = [before[name] ?? [], after[name] ?? []];
    return JSON.stringify(was) === JSON.stringify(is)
      ? []
      : [`${name} (${was.length} rows, now ${is.length})`];
  });

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Two values that people take for one: the ERP keeps capitals where it must, and formats what it likes. */
const isAlike = (one: unknown, other: unknown): boolean =>
  one === other ||
  (isEmpty(one) && isEmpty(other)) ||
  (typeof one === 'string' && typeof other === 'string' && canonical(one) === canonical(other));
const canonical = (text: string): string => text.toLowerCase().replace(/^fmt/, 'f');

function textOf(side: SideName, field: Field, shape: Shape, count: number): string {
  const token = `t${count}t`;
  switch (shape) {
    case 'plain':
      return token;
    case 'empty':
      return field === 'sortName' ? token : '';
    case 'long':
      return side === 'procore' ? `${token}${'x'.repeat(70)}` : token;
    case 'refused':
      return field === 'city' && side === 'procore'
        ? `${REFUSED} ${token}`
        : field === 'phone' && side === 'erp'
          ? `${REFUSED} ${token}`
          : token;
    case 'formatted':
      return field === 'fax' && side === 'procore' ? `fmt ${token}` : token;
  }
}

const pick = <T>(all: readonly T[], at: number): T | null => all[at % Math.max(1, all.length)] ?? null;
