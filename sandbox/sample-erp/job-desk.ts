import type { Month, Row, Value } from './office';
import { Office } from './office';

/** A job: where it stands, and of which job it is a part. */
export interface JobEntry {
  readonly address?: string;
  readonly city?: string;
  readonly state?: string;
  readonly zip?: string;
  /** 0 pending, 1 open, 2 soft-closed, 3 hard-closed. */
  readonly status?: number;
}

/** Totals of the job cost ledger; what is not given stays as it is. */
export interface JobCosts {
  readonly originalBudget?: string;
  readonly currentBudget?: string;
  readonly committed?: string;
  readonly committedChanges?: string;
  readonly invoiced?: string;
  readonly actual?: string;
}

/** Where cost goes: codes as people write them (`23-050`, `3`). */
export interface CostPlace {
  readonly phase: string;
  readonly costType: string;
}

export interface BudgetEntryLine extends CostPlace {
  readonly amount: string;
  readonly movement?: 'O' | 'R';
  readonly notes?: string;
}

const COST_COLUMNS: Readonly<Record<keyof JobCosts, string>> = {
  originalBudget: 'OrigBudget',
  currentBudget: 'CurrBudget',
  committed: 'Committed',
  committedChanges: 'CommittedChg',
  invoiced: 'Invoiced',
  actual: 'Actual',
};

/** `23-050` → `23-050-  `, `23` → `23-   -  `: the phase mask 2R-3R-2L. */
export function rawPhase(code: string): string {
  const [one = '', two = '', three = ''] = code.split('-').map((part) => part.trim());
  return `${one.padStart(2)}-${two.padStart(3)}-${three.padEnd(2)}`;
}

/** `1024-001` → ` 1024-001`: the job mask 5R-3R. */
export function rawJob(code: string): string {
  const [one = '', two = ''] = code.split('-').map((part) => part.trim());
  return `${one.padStart(5)}-${two.padStart(3)}`;
}

/**
 * Job cost: jobs, phases, cost types, budgets. Methods that enter a code take it exactly as typed (` 1024-001`, `26-050-  `); all others
 * take it with or without the blanks of its mask.
 */
export class JobDesk extends Office {
  /** Enters a job and returns its `KeyID`. */
  addJob(co: number, job: string, description: string, entry: JobEntry = {}): number {
    return this.enterJob(co, job, description, null, entry);
  }

  addSubJob(co: number, parent: string, job: string, description: string, entry: JobEntry = {}): number {
    return this.enterJob(co, job, description, this.jobKey(co, parent), entry);
  }

  private enterJob(
    co: number,
    job: string,
    description: string,
    parent: number | null,
    { address, city, state, zip, status }: JobEntry,
  ): number {
    return this.insert('JCJM', {
      JCCo: co,
      Job: job,
      Description: description,
      ParentID: parent,
      MailAddress: address,
      MailCity: city,
      MailState: state,
      MailZip: zip,
      JobStatus: status,
    });
  }

  changeJob(co: number, job: string, changes: Readonly<Record<string, Value>>): void {
    this.change('JCJM', this.jobKey(co, job), changes);
  }

  closeJob(co: number, job: string): void {
    this.changeJob(co, job, { JobStatus: 3 });
  }

  reopenJob(co: number, job: string): void {
    this.changeJob(co, job, { JobStatus: 1 });
  }

  deleteJob(co: number, job: string): void {
    this.remove('JCJM', this.jobKey(co, job));
  }

  /** Adds a phase to a job and returns its `KeyID`. */
  addPhase(co: number, job: string, phase: string, description: string): number {
    return this.insert('JCJP', { JobID: this.jobKey(co, job), Phase: phase, Description: description });
  }

  changePhase(co: number, job: string, phase: string, changes: Readonly<Record<string, Value>>): void {
    this.change('JCJP', this.phaseKey(co, job, phase), changes);
  }

  deactivatePhase(co: number, job: string, phase: string): void {
    this.changePhase(co, job, phase, { ActiveYN: 'N' });
  }

  deletePhase(co: number, job: string, phase: string): void {
    this.remove('JCJP', this.phaseKey(co, job, phase));
  }

  /** Adds a phase to the phase master; its heading becomes its parent where there is one. */
  addStandardCode(
    code: string,
    description: string,
    accounts: { readonly income?: string; readonly expense?: string } = {},
    phaseGroup = 1,
  ): number {
    const [heading = ''] = code.split('-');
    const parent = this.find('JCPM', 'PhaseGroup = ? AND Phase = ?', phaseGroup, rawPhase(heading));
    return this.insert('JCPM', {
      PhaseGroup: phaseGroup,
      Phase: rawPhase(code),
      Description: description,
      ParentID: parent?.KeyID ?? null,
      IncomeAcct: accounts.income,
      ExpenseAcct: accounts.expense,
    });
  }

  changeStandardCode(code: string, changes: Readonly<Record<string, Value>>, phaseGroup = 1): void {
    this.change('JCPM', this.masterKey(code, phaseGroup), changes);
  }

  deleteStandardCode(code: string, phaseGroup = 1): void {
    this.remove('JCPM', this.masterKey(code, phaseGroup));
  }

  private masterKey(code: string, phaseGroup: number): number {
    return this.found(`phase ${code}`, 'JCPM', 'PhaseGroup = ? AND Phase = ?', phaseGroup, rawPhase(code));
  }

  addCostType(code: string, description: string, baseType: string | null = null, phaseGroup = 1): number {
    return this.insert('JCCT', {
      PhaseGroup: phaseGroup,
      CostType: code,
      Description: description,
      BaseType: baseType,
    });
  }

  changeCostType(code: string, changes: Readonly<Record<string, Value>>): void {
    this.change('JCCT', this.costTypeKey(code), changes);
  }

  deleteCostType(code: string): void {
    this.remove('JCCT', this.costTypeKey(code));
  }

  /** Lets a phase of a job take cost of these types. */
  assignCostType(co: number, job: string, phase: string, ...costTypes: readonly string[]): void {
    for (const costType of costTypes) {
      this.insert('JCCH', { JobID: this.jobKey(co, job), ...this.place(co, job, { phase, costType }) });
    }
  }

  removeCostType(co: number, job: string, phase: string, costType: string): void {
    const { PhaseID, CostTypeID } = this.place(co, job, { phase, costType });
    const where = 'PhaseID = ? AND CostTypeID = ?';
    this.remove('JCCH', this.found(`cost type ${costType}`, 'JCCH', where, PhaseID, CostTypeID));
  }

  /** Sets totals of the job cost ledger for a phase and cost type. */
  setJobCosts(co: number, job: string, place: CostPlace, costs: JobCosts): void {
    const { PhaseID, CostTypeID } = this.place(co, job, place);
    const values = Object.fromEntries(
      Object.entries(costs).map(([name, value]) => [COST_COLUMNS[name as keyof JobCosts], value as string]),
    );
    const known = this.find('JCCP', 'PhaseID = ? AND CostTypeID = ?', PhaseID, CostTypeID);
    if (known) this.change('JCCP', known.KeyID, values);
    else this.insert('JCCP', { JobID: this.jobKey(co, job), PhaseID, CostTypeID, ...values });
  }

  /** Someone has a job on the screen. */
  openJob(co: number, job: string, by: string): void {
    this.lock(`JCJM|${co}|${this.jobKey(co, job)}`, `Job ${job.trim()}`, by);
  }

  leaveJob(co: number, job: string): void {
    this.unlock(`JCJM|${co}|${this.jobKey(co, job)}`);
  }

  /** Enters a budget into a batch of source `JC Budget`; returns its `KeyID`. */
  addBudget(
    { co, mth }: Month,
    batch: number,
    job: string,
    lines: readonly BudgetEntryLine[],
    by = 'Dana Reyes',
  ): number {
    return this.together(() => {
      const entry = this.insert('JCEH', {
        ...this.inBatch('JCEH', { co, mth }, batch, by),
        JobID: this.jobKey(co, job),
      });
      lines.forEach(({ amount, movement = 'O', notes, ...place }, index) => {
        this.insert('JCED', {
          EntryID: entry,
          Line: String(index + 1),
          ...this.place(co, job, place),
          Movement: movement,
          Amount: amount,
          Notes: notes,
        });
      });
      return entry;
    });
  }

  /** Takes a phase from a job: where cost goes. */
  protected place(
    co: number,
    job: string,
    { phase, costType }: CostPlace,
  ): Record<'PhaseID' | 'CostTypeID', number> {
    return { PhaseID: this.phaseKey(co, job, phase), CostTypeID: this.costTypeKey(costType) };
  }

  protected inBatch(table: string, { co, mth }: Month, batch: number, by: string): Record<string, Value> {
    const { next } = this.db
      .prepare(
        `SELECT coalesce(max(Seq), 0) + 1 AS next FROM ${table} WHERE Co = ? AND Mth = ? AND BatchId = ?`,
      )
      .get(co, mth, batch) as { next: number };
    return { Co: co, Mth: mth, BatchId: batch, Seq: next, EnteredBy: by };
  }

  protected together<T>(work: () => T): T {
    return this.db.inTransaction ? work() : this.db.transaction(work).immediate();
  }

  jobKey(co: number, job: string): number {
    return this.found(`job ${job}`, 'JCJM', 'JCCo = ? AND Job IN (?, ?)', co, job, rawJob(job));
  }

  phaseKey(co: number, job: string, phase: string): number {
    const where = 'JobID = ? AND Phase IN (?, ?)';
    return this.found(`phase ${phase}`, 'JCJP', where, this.jobKey(co, job), phase, rawPhase(phase));
  }

  costTypeKey(code: string, phaseGroup = 1): number {
    return this.found(`cost type ${code}`, 'JCCT', 'PhaseGroup = ? AND CostType = ?', phaseGroup, code);
  }

  protected found(what: string, table: string, where: string, ...values: readonly Value[]): number {
    const row = this.find(table, where, ...values);
    if (!row) throw new Error(`there is no ${what}`);
    return row.KeyID;
  }

  protected find(table: string, where: string, ...values: readonly Value[]): Row | undefined {
    return this.rows(table, where, ...values)[0];
  }

  /** Jobs and sub jobs of a company. */
  jobs(co = 1): Row[] {
    return this.rows('JCJM', 'JCCo = ?', co);
  }

  phases(co: number, job: string): Row[] {
    return this.rows('JCJP', 'JobID = ?', this.jobKey(co, job));
  }

  /** Which phases of a job take cost of which types. */
  phaseCostTypes(co: number, job: string): Row[] {
    return this.rows('JCCH', 'JobID = ?', this.jobKey(co, job));
  }

  standardCodes(): Row[] {
    return this.rows('JCPM');
  }

  costTypes(): Row[] {
    return this.rows('JCCT');
  }

  /** Totals of the job cost ledger. */
  jobCosts(co: number, job: string): Row[] {
    return this.rows('JCCP', 'JobID = ?', this.jobKey(co, job));
  }

  budgets(co = 1): Row[] {
    return this.rows('JCEH', 'Co = ?', co);
  }

  budgetLines(budget: number): Row[] {
    return this.rows('JCED', 'EntryID = ?', budget);
  }
}
