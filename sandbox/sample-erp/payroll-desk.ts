import type { Month, Value } from './office';
import { JobDesk } from './job-desk';
import { overtimeOf } from './overtime';

/** A pay period of a group: the last day names it. */
export interface Period {
  readonly co: number;
  readonly group: number;
  readonly end: string;
  readonly run?: number;
}

/** What a person types into Timecard Entry. Codes as people write them. */
export interface CardEntry {
  readonly employee: number;
  readonly date: string;
  readonly hours: string;
  readonly earnCode?: number;
  readonly job?: string;
  readonly phase?: string;
  readonly shift?: string;
  readonly memo?: string;
  readonly by?: string;
}

/** A card as it stands in a batch or posted; what it costs is not shown here. */
export type Card = Readonly<Record<(typeof CARD_COLUMNS)[number], Value>>;

const CARD_COLUMNS = [
  ...[
    'Card',
    'Mth',
    'BatchId',
    'Employee',
    'PostDate',
    'JobID',
    'PhaseID',
    'EarnCode',
    'Craft',
    'Class',
    'Shift',
  ],
  ...['PRDept', 'Cert', 'Equipment', 'Hours', 'Memo', 'MadeFrom', 'EnteredBy'],
] as const;

const SOURCE = 'PR Entry';

/** The payroll clerks: employees, periods, timecards in batches, the overtime rules, posting. */
export class PayrollDesk extends JobDesk {
  addEmployee(co: number, values: Readonly<Record<string, Value>>): void {
    this.addRow('PREH', { PRCo: co, ...values });
  }

  changeEmployee(co: number, employee: number, changes: Readonly<Record<string, Value>>): void {
    const set = Object.keys(changes).map((column) => `${column} = ?`);
    this.db
      .prepare(`UPDATE PREH SET ${set.join(', ')} WHERE PRCo = ? AND Employee = ?`)
      .run(...Object.values(changes), co, employee);
  }

  addPayPeriod(
    { co, group, end, run = 1 }: Period,
    begin: string,
    more: { readonly cutOff?: string; readonly status?: 0 | 1 | 2; readonly mth?: string } = {},
  ): void {
    this.addRow('PRPC', {
      PRCo: co,
      PRGroup: group,
      PREndDate: end,
      Run: run,
      BeginDate: begin,
      CutoffDate: more.cutOff ?? null,
      Mth: more.mth ?? end.slice(0, 7),
      Status: more.status ?? 1,
    });
  }

  closePayPeriod(period: Period): void {
    this.setPeriodStatus(period, 2);
  }

  reopenPayPeriod(period: Period): void {
    this.setPeriodStatus(period, 1);
  }

  private setPeriodStatus({ co, group, end, run = 1 }: Period, status: number): void {
    this.db
      .prepare('UPDATE PRPC SET Status = ? WHERE PRCo = ? AND PRGroup = ? AND PREndDate = ? AND Run = ?')
      .run(status, co, group, end, run);
  }

  /** Opens a batch of timecards and returns its number. */
  openPayBatch({ co, group, end, run = 1 }: Period, by = 'Mary Lindqvist'): number {
    return this.together(() => {
      const mth = end.slice(0, 7);
      const batch = this.createBatch({ co, mth }, by, SOURCE);
      this.db
        .prepare(
          'UPDATE HQBC SET PRGroup = ?, PREndDate = ?, PRRun = ? WHERE Co = ? AND Mth = ? AND BatchId = ?',
        )
        .run(group, end, run, co, mth, batch);
      return batch;
    });
  }

  /** Enters a card by hand and returns its number. */
  addCard({ co, mth }: Month, batch: number, entry: CardEntry): number {
    const {
      employee,
      date,
      hours,
      earnCode = 1,
      job,
      phase,
      shift = '1',
      memo,
      by = 'Mary Lindqvist',
    } = entry;
    const found = this.db
      .prepare<[number, number], { PRDept: string; Craft: string | null; Class: string | null }>(
        'SELECT PRDept, Craft, Class FROM PREH WHERE PRCo = ? AND Employee = ?',
      )
      .get(co, employee);
    return this.addRow('PRTB', {
      ...this.inBatch('PRTB', { co, mth }, batch, by),
      Employee: employee,
      PostDate: date,
      JobID: job === undefined ? null : this.jobKey(co, job),
      PhaseID:
        job === undefined || phase === undefined
          ? null
          : (this.place(co, job, { phase, costType: '1' })['PhaseID'] ?? null),
      EarnCode: earnCode,
      Craft: found?.Craft ?? null,
      Class: found?.Class ?? null,
      Shift: shift,
      PRDept: found?.PRDept ?? '10',
      Hours: hours,
      Memo: memo ?? null,
    });
  }

  /** Changes a card in its batch, as `by` does at the screen. */
  changeCard(card: number, changes: Readonly<Record<string, Value>>, by = 'Mary Lindqvist'): void {
    const all = { ...changes, EnteredBy: by };
    const set = Object.keys(all).map((column) => `${column} = ?`);
    const { changes: rows } = this.db
      .prepare(`UPDATE PRTB SET ${set.join(', ')} WHERE Card = ?`)
      .run(...Object.values(all), card);
    if (rows === 0) throw new Error(`there is no card ${card} in a batch`);
  }

  deleteCard(card: number): void {
    this.db.prepare('DELETE FROM PRTB WHERE Card = ?').run(card);
  }

  /** Cards in batches that are not posted, in the order they were entered. */
  cards(co = 1): Card[] {
    return this.db
      .prepare(`SELECT ${CARD_COLUMNS.join(', ')} FROM PRTB WHERE Co = ? ORDER BY Card`)
      .all(co) as Card[];
  }

  /** Cards that payroll has posted. */
  postedCards(co = 1): Card[] {
    return this.db
      .prepare(`SELECT ${CARD_COLUMNS.join(', ')} FROM PRTH WHERE PRCo = ? ORDER BY Card`)
      .all(co) as Card[];
  }

  /** Batches of timecards by month and number. */
  payBatches(co = 1): { readonly [column: string]: Value }[] {
    return this.db
      .prepare('SELECT * FROM HQBC WHERE Co = ? AND PRGroup IS NOT NULL ORDER BY Mth, BatchId')
      .all(co) as { [column: string]: Value }[];
  }

  /** Validates: what is wrong is written down by card; without anything wrong the batch is validated. Answers what is wrong. */
  validatePayBatch(month: Month, batch: number): readonly string[] {
    return this.together(() => {
      const { co, mth } = month;
      this.db.prepare('DELETE FROM HQBE WHERE Co = ? AND Mth = ? AND BatchId = ?').run(co, mth, batch);
      const wrong = this.problemsIn(month, batch);
      const add = this.db.prepare(
        'INSERT INTO HQBE (Co, Mth, BatchId, Seq, ErrorText) VALUES (?, ?, ?, ?, ?)',
      );
      for (const { Seq, says } of wrong) add.run(co, mth, batch, Seq, says);
      if (wrong.length === 0) this.setBatch(month, batch, 1);
      return wrong.map(({ says }) => says);
    });
  }

  /** Sets a validated batch back to open. */
  reopenPayBatch(month: Month, batch: number): void {
    this.setBatch(month, batch, 0);
  }

  /** Cost goes where the earn code says: a phase that lacks the cost type takes none. */
  private problemsIn(
    { co, mth }: Month,
    batch: number,
  ): readonly { readonly Seq: number; readonly says: string }[] {
    return this.db
      .prepare<[number, string, number], { Seq: number; says: string }>(
        `SELECT t.Seq, 'Cost type of earn code ' || t.EarnCode || ' is not on the phase' AS says FROM PRTB t
           JOIN PREC e ON e.PRCo = t.Co AND e.EarnCode = t.EarnCode
          WHERE t.Co = ? AND t.Mth = ? AND t.BatchId = ? AND t.PhaseID IS NOT NULL AND e.CostTypeID IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM JCCH c WHERE c.PhaseID = t.PhaseID AND c.CostTypeID = e.CostTypeID AND c.ActiveYN = 'Y') ORDER BY t.Seq`,
      )
      .all(co, mth, batch);
  }

  /** Posts a batch: validates it first where nobody has. Rates come from the employees, and nowhere else. */
  postPayBatch(month: Month, batch: number): void {
    const { co, mth } = month;
    this.together(() => {
      const { Status } = this.db
        .prepare('SELECT Status FROM HQBC WHERE Co = ? AND Mth = ? AND BatchId = ?')
        .get(co, mth, batch) as { Status: number };
      const wrong = Status === 0 ? this.validatePayBatch(month, batch) : [];
      if (wrong.length > 0) throw new Error(wrong.join(' '));
      this.setBatch(month, batch, 2);
      const columns = CARD_COLUMNS.filter((column) => !['Card', 'Mth', 'BatchId'].includes(column)).join(
        ', ',
      );
      this.db
        .prepare(
          `INSERT INTO PRTH (Card, PRCo, PRGroup, PREndDate, Run, Mth, BatchId, ${columns}, Rate)
           SELECT t.Card, t.Co, b.PRGroup, b.PREndDate, b.PRRun, t.Mth, t.BatchId, ${columns.replace(/(\w+)/g, 't.$1')},
                  coalesce(t.Rate, (SELECT HrlyRate FROM PREH e WHERE e.PRCo = t.Co AND e.Employee = t.Employee))
             FROM PRTB t JOIN HQBC b ON b.Co = t.Co AND b.Mth = t.Mth AND b.BatchId = t.BatchId
            WHERE t.Co = ? AND t.Mth = ? AND t.BatchId = ?`,
        )
        .run(co, mth, batch);
      this.db.prepare('DELETE FROM PRTB WHERE Co = ? AND Mth = ? AND BatchId = ?').run(co, mth, batch);
      this.setBatch(month, batch, 5);
    });
  }

  /**
   * Applies the overtime rules to the open batches of a period, and answers the employees it passed over: who has cards in more than one batch is left
   * for the day when all are in.
   */
  applyOvertime({ co, group, end, run = 1 }: Period): readonly number[] {
    return this.together(() => {
      const cards = this.db
        .prepare<[number, number, string, number], CardRow>(
          `SELECT t.Card, t.Co, t.Mth, t.BatchId, t.Employee, t.PostDate, t.Shift, t.Hours, t.EarnCode, e.OTEarnCode FROM PRTB t
             JOIN HQBC b ON b.Co = t.Co AND b.Mth = t.Mth AND b.BatchId = t.BatchId
             JOIN PREC e ON e.PRCo = t.Co AND e.EarnCode = t.EarnCode
            WHERE b.Co = ? AND b.PRGroup = ? AND b.PREndDate = ? AND b.PRRun = ? AND b.Status = 0 AND b.AutoOT = 'Y' ORDER BY t.Card`,
        )
        .all(co, group, end, run);
      const { cuts, passedOver } = overtimeOf(cards);
      for (const cut of cuts) this.cut(cut.card, cut.left, cut.over, cut.code);
      return passedOver;
    });
  }

  /** The card keeps what is left; a new one, with the memo of the old, takes what is over. A card that is over as a whole only changes its code. */
  private cut(card: number, left: string, over: string, code: number): void {
    if (left === '0.00') {
      this.db.prepare('UPDATE PRTB SET EarnCode = ? WHERE Card = ?').run(code, card);
      return;
    }
    this.db.prepare('UPDATE PRTB SET Hours = ? WHERE Card = ?').run(left, card);
    const same = 'Employee, PostDate, JobID, PhaseID, Craft, Class, Shift, PRDept, Cert, Equipment, Memo';
    this.db
      .prepare(
        `INSERT INTO PRTB (Co, Mth, BatchId, Seq, ${same}, EarnCode, Hours, MadeFrom, EnteredBy)
         SELECT t.Co, t.Mth, t.BatchId, (SELECT max(Seq) + 1 FROM PRTB s WHERE s.Co = t.Co AND s.Mth = t.Mth AND s.BatchId = t.BatchId),
                ${same}, ?, ?, t.Card, 'overtime' FROM PRTB t WHERE t.Card = ?`,
      )
      .run(code, over, card);
  }

  private addRow(table: string, values: Readonly<Record<string, Value>>): number {
    const columns = Object.keys(values);
    const { lastInsertRowid } = this.db
      .prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`)
      .run(...Object.values(values));
    return Number(lastInsertRowid);
  }
}

/** What the overtime rules look at. */
export type CardRow = Readonly<Record<'Card' | 'Co' | 'BatchId' | 'Employee' | 'EarnCode', number>> & {
  readonly Mth: string;
  readonly PostDate: string;
  readonly Shift: string;
  readonly Hours: string;
  readonly OTEarnCode: number | null;
};
