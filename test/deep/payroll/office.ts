/**
 * Foremen, a payroll clerk and what they may expect: naive books of what was approved, by employee, date, phase and earn code, that know nothing of lines,
 * requests or corrections.
 */
import { copyFileSync, existsSync, rmSync } from 'node:fs';
import type { Card } from '../../../sandbox/sample-erp/payroll-desk';
import type { Hours, PayStanding } from '../../support/payroll-world';
import { PayrollWorld } from '../../support/payroll-world';
import type { FaultKind } from '../../support/troubles';

/** How an entry stands in Procore. `hours`: hundredths. */
export interface Version {
  readonly person: number;
  readonly date: string;
  readonly hours: number;
  readonly type: 'Regular' | 'Overtime' | 'Vacation' | 'Night';
  readonly place: number;
  readonly isApproved: boolean;
}

export type Edit = Partial<Version>;

/** What breaks during a round. `leaves`: the workflow is lost there, and begun anew with the next round. */
export interface Breaks {
  readonly faults: readonly { readonly at: number; readonly kind: FaultKind }[];
  readonly leaves: number | null;
  readonly meanwhile: readonly { readonly at: number; readonly entry: number; readonly edit: Edit }[];
}

export type Action =
  | { readonly do: 'enter'; readonly version: Version }
  | { readonly do: 'edit'; readonly entry: number; readonly edit: Edit }
  | { readonly do: 'delete'; readonly entry: number }
  | { readonly do: 'look'; readonly breaks: Breaks }
  | { readonly do: 'asks'; readonly approves: boolean }
  | { readonly do: 'reject' }
  | {
      readonly do: 'byHand';
      readonly person: number;
      readonly date: string;
      readonly hours: number;
      readonly ours: boolean;
    }
  | { readonly do: 'alter'; readonly card: number; readonly hours: number | null }
  | { readonly do: 'use'; readonly by: string | null }
  | { readonly do: 'post' | 'close' | 'open' | 'restart' | 'backup' | 'restore' | 'answer' }
  | { readonly do: 'days'; readonly days: number };

/** What a clerk always answers in one life. */
export interface Habits {
  readonly row: 'adopt' | 'ignore';
  readonly line: 'again' | 'drop';
}

const CODES = { Regular: 1, Overtime: 2, Vacation: 4 } as const;
const PHASES = ['23-050', '26-050'];
const DAY_MS = 86_400_000;
export const GROUP_2 = 505;
const text = (hundredths: number): string => (hundredths / 100).toFixed(2);
const hundredths = (value: unknown): number => Math.round(Number(value) * 100);

interface Entry {
  readonly id: number;
  now: Version | null;
  /** The most that was ever approved of it, by cell. */
  readonly most: Map<string, number>;
}

export class PayOffice {
  readonly entries: Entry[] = [];
  readonly log: string[] = [];
  /** What clerks added to rows of ours, in all. */
  private more = 0;
  private less = 0;
  /** Rows of others that count as paid. */
  readonly adopted = new Set<string>();
  /** Rows of ours that nobody can tell since the store was put back: left aside, and the cells of these and of adopted ones. */
  private readonly aside = new Set<string>();
  private readonly untold = new Set<string>();
  /** Entries of lines that somebody left out. */
  private readonly dropped = new Set<number>();
  private readonly phases: readonly number[];
  private readonly weeks = [
    '2026-07-18',
    '2026-07-25',
    '2026-08-01',
    '2026-08-08',
    '2026-08-15',
    '2026-08-22',
    '2026-08-29',
    '2026-09-05',
  ];
  standings: Readonly<Record<string, PayStanding>> = {};
  readonly came = { written: 0, reversals: 0, stops: 0, left: 0, restored: 0, faults: 0 };

  private constructor(
    readonly world: PayrollWorld,
    private readonly habits: Habits,
  ) {
    this.phases = PHASES.map((phase) => world.erp.phaseKey(1, '1024-001', phase));
  }

  static async open(habits: Habits): Promise<PayOffice> {
    const world = await PayrollWorld.create({ groups: ['1', '2'] });
    world.join(GROUP_2);
    for (const [begin, end] of [
      ['2026-08-01', '2026-08-15'],
      ['2026-08-16', '2026-08-31'],
      ['2026-09-01', '2026-09-15'],
    ])
      world.erp.addPayPeriod({ co: 1, group: 2, end: end ?? '' }, begin ?? '', { status: 0 });
    return new PayOffice(world, habits);
  }

  close = (): Promise<void> => this.world.close();

  async act(action: Action): Promise<void> {
    this.log.push(JSON.stringify(action));
    await this.take(action);
    this.never();
  }

  private async take(action: Action): Promise<void> {
    const { world } = this;
    switch (action.do) {
      case 'enter':
        return this.enter(action.version);
      case 'edit':
        return this.edit(action.entry, action.edit);
      case 'delete':
        return this.remove(action.entry);
      case 'look':
        return this.look(action.breaks);
      case 'asks':
        world.approves = action.approves;
        return;
      case 'reject': {
        const asks = Object.entries(this.standings).find(([, { kind }]) => kind === 'asks');
        const [id, standing] = asks ?? [];
        if (id === undefined || standing?.kind !== 'asks') return;
        this.standings = {};
        return world.decide(id, standing.planHash, 'rejected').catch(notNow);
      }
      case 'byHand':
        return this.byHand(action);
      case 'alter':
        return this.alter(action.card, action.hours);
      case 'use':
        for (const batch of world.erp.payBatches())
          if (Number(batch['Status']) === 0)
            world.erp.useBatch({ co: 1, mth: String(batch['Mth']) }, Number(batch['BatchId']), action.by);
        return;
      case 'post':
        return this.post();
      case 'close':
        return this.closeOldest();
      case 'open':
        return this.openNext();
      case 'restart':
        return world.restart();
      case 'backup':
        return world.restart(() => this.copy(world.storeFile, this.backupFile));
      case 'restore':
        if (!existsSync(this.backupFile)) return;
        this.came.restored += 1;
        return world.restart(() => this.copy(this.backupFile, world.storeFile));
      case 'answer':
        return this.answer();
      case 'days':
        world.clock.advance(action.days * DAY_MS);
        return;
    }
  }

  // ---- the field -----------------------------------------------------------------------------

  private enter(version: Version): void {
    const id = this.world.enter(hoursOf(version));
    this.entries.push({ id, now: version, most: new Map() });
    this.noteApproved(this.entries.length - 1);
  }

  private edit(at: number, edit: Edit): void {
    const entry = this.entries[at % Math.max(this.entries.length, 1)];
    if (entry?.now === null || entry === undefined) return;
    const next = { ...entry.now, ...edit };
    this.world.edit(entry.id, hoursOf(next));
    entry.now = next;
    this.noteApproved(this.entries.indexOf(entry));
  }

  private remove(at: number): void {
    const entry = this.entries[at % Math.max(this.entries.length, 1)];
    if (entry?.now === null || entry === undefined) return;
    this.world.remove(entry.id);
    entry.now = null;
  }

  private noteApproved(at: number): void {
    const entry = this.entries[at];
    if (entry?.now?.isApproved !== true) return;
    this.dropped.delete(entry.id);
    const cell = cellOf(entry.now);
    if (cell !== null) entry.most.set(cell, Math.max(entry.most.get(cell) ?? 0, entry.now.hours));
  }

  // ---- the clerk -----------------------------------------------------------------------------

  private byHand({ person, date, hours, ours }: Extract<Action, { do: 'byHand' }>): void {
    const { erp } = this.world;
    const open = erp
      .payBatches()
      .filter(
        ({ Status, PRGroup }) => Number(Status) === 0 && Number(PRGroup) === (person === GROUP_2 ? 2 : 1),
      );
    const of = open.find(({ CreatedBy }) => (String(CreatedBy) === 'Mary Lindqvist') !== ours);
    if (ours && of === undefined) return;
    const end = this.weeks.find((one) => this.isOpen(one, 1) && date <= one);
    if (of === undefined && (end === undefined || person === GROUP_2)) return;
    const batch =
      of === undefined ? erp.openPayBatch({ co: 1, group: 1, end: end ?? '' }) : Number(of['BatchId']);
    const mth = of === undefined ? (end ?? '').slice(0, 7) : String(of['Mth']);
    if (date > String(of?.['PREndDate'] ?? end)) return;
    refusedBySample(() =>
      erp.addCard({ co: 1, mth }, batch, {
        employee: person,
        date,
        hours: text(hours),
        job: '1024-001',
        phase: '23-050',
      }),
    );
  }

  /** Changes the hours of a row of ours, or takes it out. */
  private alter(at: number, hours: number | null): void {
    const { erp } = this.world;
    const cards = erp.cards().filter((card) => isOurs(card) && Number(card.Hours) > 0);
    const card = cards[at % Math.max(cards.length, 1)];
    if (card === undefined) return;
    const change = (hours ?? 0) - hundredths(card.Hours);
    const isDone = refusedBySample(() =>
      hours === null
        ? erp.deleteCard(Number(card.Card))
        : erp.changeCard(Number(card.Card), { Hours: text(hours) }),
    );
    if (!isDone) return;
    this.more += Math.max(0, change);
    this.less += Math.max(0, -change);
  }

  private post(): void {
    const { erp } = this.world;
    for (const { Mth, BatchId, Status } of erp.payBatches())
      if (Number(Status) < 5) erp.postPayBatch({ co: 1, mth: String(Mth) }, Number(BatchId));
  }

  private statusOf(end: string, group: number): number | undefined {
    const row = this.world.erp.db
      .prepare('SELECT Status FROM PRPC WHERE PRGroup = ? AND PREndDate = ? AND Run = 1')
      .get(group, end) as { Status: number } | undefined;
    return row?.Status;
  }

  private isOpen = (end: string, group: number): boolean => this.statusOf(end, group) === 1;

  /** The oldest week that is over. */
  private closeOldest(): void {
    const today = this.daysAgo(0);
    const end = this.weeks.find((one) => this.isOpen(one, 1));
    if (end !== undefined && end < today) this.world.erp.closePayPeriod({ co: 1, group: 1, end });
  }

  private daysAgo = (days: number): string =>
    new Date(this.world.clock.now() - days * DAY_MS).toISOString().slice(0, 10);

  /** The first week that was never open. */
  private openNext(): void {
    const next = this.weeks.find((one) => this.statusOf(one, 1) === 0);
    if (next !== undefined) this.world.erp.reopenPayPeriod({ co: 1, group: 1, end: next });
  }

  /** Answers whatever is asked, as the exceptions say. */
  private async answer(): Promise<void> {
    const { world } = this;
    const open = await world.read((t) => t.exceptions.listOpen(world.connectionId));
    const answers = new Map<string, Record<string, string>>();
    for (const { reason } of open)
      for (const [, id, what, about] of reason.matchAll(ANSWER)) {
        const field = FIELDS[what ?? ''];
        const value = { row: this.habits.row, line: this.habits.line, entry: 'correct' }[what ?? ''];
        if (id === undefined || about === undefined || field === undefined || value === undefined) continue;
        answers.set(id, { ...answers.get(id), [`${field}[${about}].decision`]: value });
        if (what === 'row') this.noteRow(about, value === 'adopt');
      }
    if (this.habits.line === 'drop') await this.noteDropped(answers);
    for (const [id, values] of answers) {
      this.came.stops += Object.keys(values).length;
      await world.correct(id, values);
    }
  }

  /** A row with a key of ours that nobody can tell any more is somebody else's once a person has answered. */
  private noteRow(id: string, isAdopted: boolean): void {
    const card = this.rows().find(({ Card: one }) => String(one) === id);
    if (isAdopted) this.adopted.add(id);
    if (card === undefined || !isOurs(card)) return;
    this.untold.add(this.cellOfCard(card));
    if (!isAdopted) this.aside.add(id);
  }

  private async noteDropped(answers: ReadonlyMap<string, Record<string, string>>): Promise<void> {
    const { world } = this;
    const keys = new Set(
      [...answers.values()].flatMap((values) =>
        Object.keys(values).flatMap((name) => /^pay_line\[(.+)\]/.exec(name)?.[1] ?? []),
      ),
    );
    if (keys.size === 0) return;
    const lines = await world.read((t) =>
      t.payroll.written(world.connectionId, { begin: '2026-01-01', end: '2026-12-31' }),
    );
    for (const { line } of lines) if (keys.has(line.key)) for (const id of line.entries) this.dropped.add(id);
  }

  // ---- Tieback -------------------------------------------------------------------------------

  async look(
    { faults, leaves, meanwhile }: Breaks = { faults: [], leaves: null, meanwhile: [] },
  ): Promise<void> {
    const { world } = this;
    let hasLeft = false;
    const acts = new Map<number, () => void>();
    for (const { at, entry, edit } of meanwhile) acts.set(at, () => this.edit(entry, edit));
    if (leaves !== null)
      acts.set(leaves, () => {
        hasLeft = true;
        throw new Error('left');
      });
    const before = world.troubles.injected;
    world.setTrouble({ faults: new Map(faults.map(({ at, kind }) => [at, kind])), meanwhile: acts });
    try {
      this.standings = await world.round();
    } catch (error) {
      if (!hasLeft) throw error;
      this.came.left += 1;
      await world.restart();
    }
    this.came.faults += world.troubles.injected - before;
    world.setTrouble({});
  }

  /** Everybody approves, posts and answers, until nothing moves any more. */
  async quiet(): Promise<void> {
    const { world } = this;
    const { erp } = world;
    this.log.push('quiet');
    world.approves = true;
    await this.take({ do: 'use', by: null });
    this.openBegun();
    for (const { now } of [...this.entries])
      if (now !== null && !now.isApproved)
        this.edit(
          this.entries.findIndex((one) => one.now === now),
          { isApproved: true },
        );
    await this.take({ do: 'look', breaks: { faults: [], leaves: null, meanwhile: [] } });
    await this.parkedByName();
    for (const { now } of [...this.entries])
      if (now?.type === 'Night')
        this.edit(
          this.entries.findIndex((one) => one.now === now),
          { type: 'Regular' },
        );
    let still = 0;
    for (let turn = 0; still < 1; turn += 1) {
      if (turn > 14) throw new Error('it does not come to rest');
      const before = JSON.stringify([this.rows(), await this.openExceptions()]);
      await this.step(`quiet ${turn}: look`, () => this.look());
      await this.step(`quiet ${turn}: answer`, () => this.answer());
      await this.step(`quiet ${turn}: look again`, () => this.look());
      await this.step(`quiet ${turn}: post`, async () => this.post());
      const now = JSON.stringify([this.rows(), await this.openExceptions()]);
      if (turn < 4) {
        this.openBegun();
        // Not before their batches were written.
        erp.db.prepare('UPDATE PRPC SET Status = 2 WHERE Status = 1 AND PREndDate < ?').run(this.daysAgo(4));
        world.clock.advance(7 * DAY_MS);
      } else if (now === before) still += 1;
      else still = 0;
    }
  }

  /** Every period that has begun is open, unless it was closed. */
  private openBegun(): void {
    const { db } = this.world.erp;
    db.prepare('UPDATE PRPC SET Status = 1 WHERE Status = 0 AND BeginDate <= ?').run(this.daysAgo(0));
  }

  private async step(name: string, work: () => Promise<void>): Promise<void> {
    this.log.push(name);
    await work();
    this.never();
  }

  private openExceptions = (): Promise<readonly string[]> =>
    this.world.read(async (t) =>
      (await t.exceptions.listOpen(this.world.connectionId))
        .map(({ recordId, reason }) => `${recordId} ${reason}`)
        .sort(),
    );

  /** What is approved and has a gap is named. */
  private async parkedByName(): Promise<void> {
    const open = await this.openExceptions();
    // Nothing is planned, and nothing else told, before somebody has said what such a row is.
    if (open.some((one) => one.startsWith('pay_row/'))) return;
    const due = new Date(this.world.clock.now() - 6 * 3_600_000).toISOString().slice(0, 10);
    for (const { id, now } of this.entries)
      if (
        now?.type === 'Night' &&
        now.date < due &&
        Object.values(this.standings).every(({ kind }) => kind === 'rest') &&
        this.hasRequest(now)
      )
        expect({ id, isNamed: open.some((one) => one.startsWith(`timecard_entry/${id} `)) }).toEqual({
          id,
          isNamed: true,
        });
  }

  private hasRequest = ({ person }: Version): boolean =>
    Object.keys(this.standings).some((id) =>
      id.startsWith(person === GROUP_2 ? 'payroll/1-2-' : 'payroll/1-1-'),
    );

  // ---- what must hold ------------------------------------------------------------------------

  rows = (): readonly Card[] => [...this.world.erp.postedCards(), ...this.world.erp.cards()];

  /** Whatever happens: nothing is reversed twice or written twice, and no hour is paid that nobody ever approved. */
  never(): void {
    const ours = this.rows().filter(isOurs);
    const memos = ours.map(({ Memo }) => String(Memo));
    expect(new Set(memos).size).toBe(memos.length);
    const most = new Map<string, number>();
    for (const entry of this.entries)
      for (const [cell, hours] of entry.most) most.set(cell, (most.get(cell) ?? 0) + hours);
    const counted = this.counted();
    const more = this.more + hundredthsIn(counted.filter((card) => !isOurs(card)));
    const sums = this.sums(counted);
    for (const [cell, sum] of sums) {
      if (sum > (most.get(cell) ?? 0) + more)
        this.fail(`${cell} has ${sum}, and at most ${most.get(cell) ?? 0} were ever approved`);
      if (sum < -this.less) this.fail(`${cell} has ${sum}`);
    }
    const all = [...sums.values()].reduce((sum, one) => sum + one, 0);
    const upTo = this.entries.reduce((sum, { most: of }) => sum + Math.max(0, ...of.values()), 0);
    if (all > upTo + more) this.fail(`${all} are paid, and at most ${upTo} were ever approved`);
  }

  /** Rows of ours, and those of others that count as paid: a correction may take these back, too. */
  private counted = (): readonly Card[] =>
    this.rows().filter(
      (card) => (isOurs(card) && !this.aside.has(String(card.Card))) || this.adopted.has(String(card.Card)),
    );

  private fail(what: string): never {
    throw new Error(what);
  }

  private cellOfCard({ Employee, PostDate, PhaseID, EarnCode }: Card): string {
    const place = PhaseID === null ? null : this.phases.indexOf(Number(PhaseID));
    return JSON.stringify([Number(Employee), String(PostDate), place, Number(EarnCode)]);
  }

  private sums(cards: readonly Card[]): ReadonlyMap<string, number> {
    const sums = new Map<string, number>();
    for (const card of cards) {
      const cell = this.cellOfCard(card);
      sums.set(cell, (sums.get(cell) ?? 0) + hundredths(card.Hours));
    }
    return sums;
  }

  /** At rest: what the entries say is what we posted, and what was adopted. */
  async check(): Promise<void> {
    const due = new Map<string, number>();
    const open = new Set<string>();
    for (const { id, now } of this.entries) {
      if (now === null) continue;
      const cell = cellOf(now) ?? '';
      if (this.dropped.has(id)) open.add(cell);
      due.set(cell, (due.get(cell) ?? 0) + now.hours);
    }
    const sums = this.sums(this.counted());
    const differ = [...new Set([...due.keys(), ...sums.keys()])]
      .filter(
        (cell) => !open.has(cell) && !this.untold.has(cell) && (due.get(cell) ?? 0) !== (sums.get(cell) ?? 0),
      )
      .map((cell) => `${cell}: approved ${due.get(cell) ?? 0}, paid ${sums.get(cell) ?? 0}`);
    const told = await this.openExceptions();
    expect({ differ, ...(differ.length === 0 ? {} : { told, standings: this.standings }) }).toEqual({
      differ: [],
    });
    const ours = this.rows().filter(isOurs);
    this.came.written += ours.length;
    this.came.reversals += ours.filter(({ Hours }) => Number(Hours) < 0).length;
  }

  /** Looking again writes nothing, and the log says what happened. */
  async changesNothing(): Promise<void> {
    const before = this.rows();
    await this.look();
    expect(this.rows()).toEqual(before);
    expect(await this.world.auditFindings()).toEqual([]);
  }

  private get backupFile(): string {
    return `${this.world.storeFile}.backup`;
  }

  private copy(from: string, to: string): void {
    for (const more of ['', '-wal', '-shm']) {
      rmSync(`${to}${more}`, { force: true });
      if (existsSync(`${from}${more}`)) copyFileSync(`${from}${more}`, `${to}${more}`);
    }
  }
}

const ANSWER = /`tieback payroll decide (\S+) (row|entry|line) (\S+) \w+`/g;

const FIELDS: Readonly<Record<string, string>> = {
  row: 'pay_row',
  entry: 'timecard_entry',
  line: 'pay_line',
};

const hundredthsIn = (cards: readonly Card[]): number =>
  cards.reduce((sum, { Hours }) => sum + hundredths(Hours), 0);

const isOurs = ({ Memo, MadeFrom }: Card): boolean =>
  String(Memo ?? '').startsWith('Tieback ') && MadeFrom === null;

const hoursOf = ({ person, date, hours, type, place, isApproved }: Version): Hours => ({
  ...{ person, date, type, place },
  hours: text(hours),
  status: isApproved ? 'approved' : 'pending',
});

/** Where the hours of a version are paid; null: nowhere, it has no earn code. */
const cellOf = ({ person, date, type, place }: Version): string | null =>
  type === 'Night' ? null : JSON.stringify([person, date, type === 'Vacation' ? null : place, CODES[type]]);

function refusedBySample(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if ((error as { code?: string }).code?.startsWith('SQLITE_CONSTRAINT') !== true) throw error;
    return false;
  }
}

const notNow = (error: unknown): void => {
  if (!/AlreadyDecided|NothingToDecide|newest|decided/i.test(String((error as Error).message))) throw error;
};
