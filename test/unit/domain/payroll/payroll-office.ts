import { cellKey, cellOf, lineKey, reversalKey } from '../../../../src/domain/payroll/cell';
import type { Corrections, CorrectionInput } from '../../../../src/domain/payroll/correction';
import { correctionsOf } from '../../../../src/domain/payroll/correction';
import { hoursText, hundredthsOf } from '../../../../src/domain/payroll/hours';
import type { KnownLine, PayLine } from '../../../../src/domain/payroll/line';
import type { OvertimeOwner } from '../../../../src/domain/payroll/resolve';
import { CODES, rowOf, RULES } from './fixtures';

/** One version of an entry: whose hours, where, and how many. */
export interface Version {
  readonly employee: string;
  readonly job: string;
  readonly earnCode: string;
  readonly hundredths: number;
}

/** When a write takes effect in the ERP. */
export type Done = 'now' | 'later' | 'never';

interface Card {
  /** Null: deleted. */
  now: Version | null;
  /** What was approved last; null: nothing ever, or its deletion. */
  approved: Version | null;
}

const COMPANY = '1';
const DATE = '2026-11-18';

/**
 * A field and a payroll office at play: foremen edit cards of one day, the office plans, writes, accepts, posts and corrects, a clerk adds rows by hand, and
 * writes lose their answers. It keeps its books the naive way, so that the algebra can be held against it.
 */
export class PayrollOffice {
  readonly cards = new Map<number, Card>();
  rows: KnownLine[] = [];
  private readonly written = new Map<string, PayLine>();
  private readonly unknown = new Set<string>();
  /** What was written, in the database of the ERP: committed with the rows. */
  private readonly ledger = new Map<string, PayLine>();
  private readonly decisions = new Map<string, 'adopt' | 'ignore'>();
  /** Ids of rows that a clerk entered. */
  private readonly byHand = new Set<string>();
  /** Transactions that the ERP has not finished, though we gave up waiting. */
  private readonly late: (() => void)[] = [];
  private lastId = 0;

  constructor(
    private readonly overtimeOwner: OvertimeOwner,
    private readonly tellsMade: boolean,
    private readonly negatives: boolean,
  ) {}

  edit(card: number, version: Version | null, isApproved: boolean): void {
    const before = this.cards.get(card) ?? { now: null, approved: null };
    this.cards.set(card, { now: version, approved: isApproved ? version : before.approved });
  }

  /** Lines of what was approved last. */
  truth(): readonly PayLine[] {
    const groups = new Map<string, { version: Version; entries: number[]; hundredths: number }>();
    for (const [id, { approved }] of this.cards) {
      if (approved === null || approved.hundredths === 0) continue;
      const key = JSON.stringify([approved.employee, approved.job, approved.earnCode]);
      const group = groups.get(key) ?? { version: approved, entries: [], hundredths: 0 };
      groups.set(key, group);
      group.entries.push(id);
      group.hundredths += approved.hundredths;
    }
    return [...groups.values()].map(({ version, entries, hundredths }) => {
      const line = this.lineOf(version, hoursText(hundredths), entries);
      return { ...line, key: lineKey(cellOf(COMPANY, line), line.earnCode, entries) };
    });
  }

  private lineOf(
    { employee, job, earnCode }: Omit<Version, 'hundredths'>,
    hours: string,
    entries: number[],
  ): PayLine {
    return {
      ...{ key: '', employee, date: DATE, job, phase: '1|3-310', earnCode, family: 'worked' },
      ...{ craft: null, class: null, shift: null, department: null, certified: false, equipment: null },
      ...{ hours, entries: entries.sort((one, two) => one - two) },
    };
  }

  input(): CorrectionInput {
    return {
      company: COMPANY,
      truth: this.truth(),
      rows: this.rows,
      written: [...this.written.values()],
      unknown: this.unknown,
      unresolved: new Set(),
      unedited: new Set(),
      decisions: this.decisions,
      codes: CODES,
      can: this.negatives ? { negatives: true } : {},
      groupOf: (employee) => employee,
      overtimeOwner: () => this.overtimeOwner,
      isOpen: () => false,
      workweek: RULES.workweek,
    };
  }

  look = (): Corrections => correctionsOf(this.input());

  /** What a plan of the period writes: cells that were never written, of entries that no correction has. */
  plan(done: Done = 'now', isAnswered = true): boolean {
    const { unwritten, corrections } = this.look();
    const taken = new Set(corrections.flatMap(({ entries }) => entries));
    const cells = new Set(unwritten.map(({ cell }) => cellKey(cell)));
    const lines = this.truth().filter(
      (line) => cells.has(cellKey(cellOf(COMPANY, line))) && !line.entries.some((id) => taken.has(id)),
    );
    return this.write([], lines, done, isAnswered);
  }

  /** Writes every correction that may be written, one transaction each. */
  correct(done: Done = 'now', isAnswered = true): boolean {
    let any = false;
    for (const correction of this.look().corrections) {
      if (correction.kind !== 'write') continue;
      const withdraw = correction.batches.flatMap((batch) => batch.withdraw);
      const lines = correction.batches.flatMap((batch) => batch.lines);
      any = this.write(withdraw, lines, done, isAnswered) || any;
    }
    return any;
  }

  /** One transaction of the ERP: all of it or nothing; nobody may know which. */
  private write(
    withdraw: readonly KnownLine[],
    lines: readonly PayLine[],
    done: Done,
    isAnswered: boolean,
  ): boolean {
    if (withdraw.length + lines.length === 0) return false;
    if (withdraw.some(({ state }) => state === 'posted')) throw new Error('a posted row was withdrawn');
    for (const { employee } of [...withdraw, ...lines])
      if (this.rows.some((row) => row.employee === employee && this.isUndecided(row)))
        throw new Error('something was written beside hours that nobody has decided about');
    if (done === 'now') this.commit(withdraw, lines);
    else if (done === 'later') this.late.push(() => this.commit(withdraw, lines));
    for (const { key } of withdraw) {
      if (key === null) continue;
      if (isAnswered) this.written.delete(key);
      else this.unknown.add(key);
    }
    for (const line of lines) {
      this.written.set(line.key, line);
      if (!isAnswered) this.unknown.add(line.key);
    }
    return true;
  }

  /** Refused as a whole where a row that is to go is posted by now, or gone. */
  private commit(withdraw: readonly KnownLine[], lines: readonly PayLine[]): void {
    const gone = new Set(withdraw.map(({ id }) => id));
    const there = this.rows.filter(({ id, state }) => gone.has(id) && state !== 'posted');
    if (there.length < gone.size) return;
    for (const { key } of there) if (key !== null) this.ledger.delete(key);
    for (const line of lines) this.ledger.set(line.key, line);
    this.rows = [...this.rows.filter(({ id }) => !gone.has(id)), ...lines.map((line) => this.newRow(line))];
  }

  private newRow(line: PayLine): KnownLine {
    this.lastId += 1;
    return rowOf(`r${this.lastId}`, line, { state: 'batch' });
  }

  /** Looks up in the ledger what became of unanswered writes. */
  probe(): void {
    for (const commit of this.late.splice(0)) commit();
    for (const key of this.unknown) {
      const line = this.ledger.get(key);
      if (line === undefined) this.written.delete(key);
      else this.written.set(key, line);
    }
    this.unknown.clear();
  }

  /** The ERP posts everything; where it owns overtime, it splits ordinary rows over eight hours. */
  post(): void {
    const made: KnownLine[] = [];
    this.rows = this.rows.map((row) => {
      if (row.state === 'posted') return row;
      const leg = this.written.get(row.key ?? '')?.leg;
      const over = hundredthsOf(row.hours) - 800;
      if (this.overtimeOwner === 'field' || leg !== undefined || row.key === null || over <= 0)
        return { ...row, state: 'posted' as const };
      this.lastId += 1;
      made.push({
        ...row,
        ...{ id: `r${this.lastId}`, key: null, earnCode: 'OT', hours: hoursText(over), state: 'posted' },
        madeFrom: this.tellsMade ? row.id : null,
      });
      return { ...row, hours: '8.00', state: 'posted' as const };
    });
    this.rows.push(...made);
  }

  /** A clerk enters hours by hand, posted at once. */
  addByHand({ hundredths, ...version }: Version): void {
    const row = this.newRow(this.lineOf(version, hoursText(hundredths), []));
    this.byHand.add(row.id);
    this.rows.push({ ...row, key: null, state: 'posted' });
  }

  /** A person answers for every row by hand that a correction met. */
  decide(decision: 'adopt' | 'ignore'): void {
    for (const correction of this.look().corrections)
      if (correction.kind === 'stopped')
        for (const { stop, rows } of correction.stops)
          if (stop === 'foreign') for (const { id } of rows) this.decisions.set(id, decision);
  }

  /** Rows that count: ours, what the ERP made of them, and what was adopted. By hand and undecided, or ignored, is none. */
  countedHours(state: 'posted' | 'flight', cell?: string): number {
    return this.rows
      .filter((row) => (state === 'posted') === (row.state === 'posted') && this.isCounted(row))
      .filter((row) => cell === undefined || cellKey(cellOf(COMPANY, row)) === cell)
      .reduce((sum, { hours }) => sum + hundredthsOf(hours), 0);
  }

  private readonly isUndecided = ({ id }: KnownLine): boolean =>
    this.byHand.has(id) && !this.decisions.has(id);

  private readonly isCounted = (row: KnownLine): boolean =>
    row.key !== null || this.decisions.get(row.id) === 'adopt' || !this.byHand.has(row.id);

  truthHours = (cell?: string): number =>
    this.truth()
      .filter((line) => cell === undefined || cellKey(cellOf(COMPANY, line)) === cell)
      .reduce((sum, { hours }) => sum + hundredthsOf(hours), 0);

  cells = (): readonly string[] => [
    ...new Set([...this.truth(), ...this.rows].map((line) => cellKey(cellOf(COMPANY, line)))),
  ];

  timesReversed = ({ id }: KnownLine): number =>
    this.rows.filter(({ key }) => key === reversalKey(COMPANY, { id })).length;
}
