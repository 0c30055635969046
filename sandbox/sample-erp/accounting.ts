import type { CostPlace } from './job-desk';
import type { Month, Row, Value } from './office';
import { PayrollDesk } from './payroll-desk';

export type { LedgerRow, Module, Month, Row, Value, VendorEntry, VendorRow } from './office';
export type { BudgetEntryLine, CostPlace, JobCosts, JobEntry } from './job-desk';
export type { Card, CardEntry, Period } from './payroll-desk';

/** A line of a contract or of a change order. */
export interface ContractLine extends CostPlace {
  readonly description?: string;
  /** Units and their price make a line by units; without them it is a lump sum. */
  readonly units?: string;
  readonly um?: string;
  readonly unitCost?: string;
  readonly amount: string;
}

export interface CommitmentEntry {
  readonly number: string;
  readonly title?: string;
  readonly type?: 'S' | 'P';
  readonly job: string;
  readonly vendor: number;
  readonly retainage?: string;
  readonly date?: string;
  readonly lines: readonly ContractLine[];
}

export interface ChangeOrderEntry {
  readonly number: string;
  readonly title?: string;
  readonly date?: string;
  readonly lines: readonly ContractLine[];
}

export interface PrimeContractEntry {
  readonly number: string;
  readonly title?: string;
  readonly job: string;
  readonly date?: string;
  readonly lines: readonly ContractLine[];
}

export interface PaymentEntry {
  readonly number: string;
  readonly amount: string;
  readonly date?: string;
  readonly method?: string;
  /** Month of the payment; the first open one of AP when not given. */
  readonly mth?: string;
  readonly by?: string;
}

/** The people of the accounting office: everything they do at their screens, on an open company. */
export class Accounting extends PayrollDesk {
  /** Enters a subcontract or purchase order with its lines; returns its `KeyID`. */
  addCommitment(co: number, entry: CommitmentEntry): number {
    const { number, title, type, job, vendor, retainage, date, lines } = entry;
    return this.together(() => {
      const id = this.insert('SLHD', {
        SLCo: co,
        SL: number,
        Title: title,
        SLType: type,
        JobID: this.jobKey(co, job),
        VendorGroup: this.vendorGroup,
        Vendor: vendor,
        Approval: 'Approved',
        OrigDate: date,
        RetainagePct: retainage,
        Amount: this.sum(lines),
      });
      this.addLines('SLIT', { SLID: id }, co, job, lines);
      return id;
    });
  }

  changeCommitment(commitment: number, changes: Readonly<Record<string, Value>>): void {
    this.change('SLHD', commitment, changes);
  }

  voidCommitment(commitment: number): void {
    this.change('SLHD', commitment, { State: 'V' });
  }

  deleteCommitment(commitment: number): void {
    this.remove('SLHD', commitment);
  }

  /** Someone has a commitment on the screen: change orders must wait. */
  openCommitment(commitment: number, by: string): void {
    const [row] = this.rows('SLHD', 'KeyID = ?', commitment);
    this.lock(`SLHD|${row?.['SLCo'] ?? 0}|${commitment}`, `Commitment ${row?.['SL'] ?? ''}`, by);
  }

  leaveCommitment(commitment: number): void {
    const [row] = this.rows('SLHD', 'KeyID = ?', commitment);
    this.unlock(`SLHD|${row?.['SLCo'] ?? 0}|${commitment}`);
  }

  addChangeOrder(commitment: number, { number, title, date, lines }: ChangeOrderEntry): number {
    return this.together(() => {
      const header = this.one('SLHD', commitment);
      const { SLCo, JobID } = header as Row & { SLCo: number; JobID: number };
      const id = this.insert('SLCO', {
        SLCo,
        SLID: commitment,
        JobID,
        ChangeNo: number,
        Title: title,
        CODate: date,
        Amount: this.sum(lines),
      });
      this.addLines('SLCI', { COID: id }, SLCo, this.jobCode(JobID), lines);
      return id;
    });
  }

  voidChangeOrder(changeOrder: number): void {
    this.change('SLCO', changeOrder, { State: 'V' });
  }

  deleteChangeOrder(changeOrder: number): void {
    this.remove('SLCO', changeOrder);
  }

  addPrimeContract(co: number, { number, title, job, date, lines }: PrimeContractEntry): number {
    return this.together(() => {
      const id = this.insert('JCCM', {
        JCCo: co,
        Contract: number,
        Title: title,
        JobID: this.jobKey(co, job),
        Approval: 'Approved',
        StartDate: date,
        Amount: this.sum(lines),
      });
      this.addLines('JCCI', { ContractID: id }, co, job, lines);
      return id;
    });
  }

  /** Adds one line to a prime contract, whose amount grows with it. */
  addPrimeContractLine(contract: number, line: ContractLine): void {
    this.together(() => {
      const { JCCo, JobID, Amount } = this.one('JCCM', contract) as Row & {
        JCCo: number;
        JobID: number;
        Amount: string;
      };
      const count = this.rows('JCCI', 'ContractID = ?', contract).length;
      this.addLines('JCCI', { ContractID: contract }, JCCo, this.jobCode(JobID), [line], count);
      this.change('JCCM', contract, { Amount: this.sum([{ amount: Amount }, line]) });
    });
  }

  /** Enters an invoice without lines into a batch; returns its `KeyID`. */
  addInvoice(
    { co, mth }: Month,
    batch: number,
    invoice: {
      readonly vendor: number;
      readonly reference: string;
      readonly amount: string;
      readonly by: string;
      readonly date?: string;
    },
  ): number {
    return this.insert('APTH', {
      ...this.inBatch('APTH', { co, mth }, batch, invoice.by),
      VendorGroup: this.vendorGroup,
      Vendor: invoice.vendor,
      APRef: invoice.reference,
      InvDate: invoice.date,
      Amount: invoice.amount,
    });
  }

  /** Enters an invoice on a commitment, for its first line, into a batch; returns its `KeyID`. */
  addCommitmentInvoice(
    { co, mth }: Month,
    batch: number,
    invoice: {
      readonly commitment: number;
      readonly reference: string;
      readonly amount: string;
      readonly by: string;
    },
  ): number {
    return this.together(() => {
      const { VendorGroup = null, Vendor = null, JobID = null } = this.one('SLHD', invoice.commitment);
      const [item] = this.commitmentLines(invoice.commitment);
      const id = this.insert('APTH', {
        ...this.inBatch('APTH', { co, mth }, batch, invoice.by),
        InvType: 'C',
        VendorGroup,
        Vendor,
        JobID,
        CommitmentID: invoice.commitment,
        APRef: invoice.reference,
        Amount: invoice.amount,
      });
      this.insert('APTL', { TransID: id, Line: '1', ItemID: item?.KeyID ?? null, Amount: invoice.amount });
      return id;
    });
  }

  voidInvoice(invoice: number): void {
    this.change('APTH', invoice, { Status: 'V' });
  }

  deleteInvoice(invoice: number): void {
    this.remove('APTH', invoice);
  }

  /** Pays an invoice: the payment stands in a batch that nobody has open, and can be posted or deleted. Returns its `KeyID`. */
  payInvoice(
    invoice: number,
    { number, amount, date, method = 'Check', mth, by = 'Dana Reyes' }: PaymentEntry,
  ): number {
    return this.together(() => {
      const { Co, VendorGroup, Vendor, APRef, CommitmentID } = this.one('APTH', invoice) as Row & {
        Co: number;
      };
      const month = { co: Co, mth: mth ?? this.firstOpenMonth(Co) };
      const batch = this.createBatch(month, by, 'AP Payment');
      return this.insert('APPH', {
        ...this.inBatch('APPH', month, batch, by),
        InvoiceID: invoice,
        CommitmentID: CommitmentID ?? null,
        VendorGroup: VendorGroup ?? null,
        Vendor: Vendor ?? null,
        PayNum: number,
        InvoiceRef: APRef ?? null,
        Method: method,
        PaidDate: date ?? `${month.mth}-15`,
        Amount: amount,
      });
    });
  }

  voidPayment(payment: number): void {
    this.change('APPH', payment, { Status: 'V' });
  }

  deletePayment(payment: number): void {
    this.remove('APPH', payment);
  }

  voidOwnerInvoice(invoice: number): void {
    this.change('ARTH', invoice, { Status: 'V' });
  }

  deleteOwnerInvoice(invoice: number): void {
    this.remove('ARTH', invoice);
  }

  voidPrimeChangeOrder(changeOrder: number): void {
    this.change('JCOH', changeOrder, { Status: 'V' });
  }

  deletePrimeChangeOrder(changeOrder: number): void {
    this.remove('JCOH', changeOrder);
  }

  /** Posts a validated batch of any source: its documents become history, invoices get their transaction numbers. */
  postBatch(month: Month, batch: number): void {
    const { co, mth } = month;
    this.together(() => {
      this.setBatch(month, batch, 2);
      const here = 'Co = ? AND Mth = ? AND BatchId = ?';
      for (const { KeyID } of this.rows('APTH', here, co, mth, batch)) {
        this.db
          .prepare(
            'UPDATE APTH SET APTrans = (SELECT coalesce(max(APTrans), 0) + 1 FROM APTH WHERE Co = ? AND Mth = ?) WHERE KeyID = ?',
          )
          .run(co, mth, KeyID);
      }
      for (const { KeyID } of this.rows('JCEH', here, co, mth, batch)) this.countBudget(KeyID);
      this.setBatch(month, batch, 5);
    });
  }

  /** Validates and posts the batch that holds a budget. */
  postBudget(budget: number): void {
    this.postDocument('JCEH', budget);
  }

  /** Validates and posts the batch that holds an invoice. */
  postInvoice(invoice: number): void {
    this.postDocument('APTH', invoice);
  }

  /** Validates and posts the batch that holds a payment. */
  postPayment(payment: number): void {
    this.postDocument('APPH', payment);
  }

  private postDocument(table: string, id: number): void {
    const { Co, Mth, BatchId } = this.one(table, id) as Row & { Co: number; Mth: string; BatchId: number };
    this.together(() => {
      this.validateBatch({ co: Co, mth: Mth }, BatchId);
      this.postBatch({ co: Co, mth: Mth }, BatchId);
    });
  }

  /** A posted budget counts: original estimates in both totals, revisions in the current one. */
  private countBudget(budget: number): void {
    for (const line of this.budgetLines(budget)) {
      const { PhaseID = null, CostTypeID = null, Movement, Amount } = line;
      const [known] = this.rows('JCCP', 'PhaseID = ? AND CostTypeID = ?', PhaseID, CostTypeID);
      const original = Movement === 'O' ? String(Amount) : '0.00';
      const add = (held: Value | undefined, more: string): string =>
        this.sum([{ amount: String(held ?? '0.00') }, { amount: more }]);
      const totals = {
        OrigBudget: add(known?.['OrigBudget'], original),
        CurrBudget: add(known?.['CurrBudget'], String(Amount)),
      };
      if (known) this.change('JCCP', known.KeyID, totals);
      else {
        const JobID = this.one('JCJP', Number(PhaseID))['JobID'] ?? null;
        this.insert('JCCP', { JobID, PhaseID, CostTypeID, ...totals });
      }
    }
  }

  private addLines(
    table: string,
    header: Readonly<Record<string, number>>,
    co: number,
    job: string,
    lines: readonly ContractLine[],
    from = 0,
  ): void {
    lines.forEach(({ description, units, um, unitCost, amount, ...place }, index) => {
      this.insert(table, {
        ...header,
        Line: String(from + index + 1),
        Description: description,
        ...this.place(co, job, place),
        Basis: units === undefined ? 'L' : 'U',
        Units: units,
        UM: um,
        UnitCost: unitCost,
        Amount: amount,
      });
    });
  }

  /** Exact sum of amounts with two decimals, as text. */
  private sum(lines: readonly { readonly amount: string }[]): string {
    const cents = lines.reduce((total, { amount }) => total + BigInt(amount.replace('.', '')), 0n);
    const digits = String(cents < 0n ? -cents : cents).padStart(3, '0');
    return `${cents < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
  }

  private firstOpenMonth(co: number): string {
    const { mth } = this.db
      .prepare("SELECT min(Mth) AS mth FROM GLPD WHERE GLCo = ? AND Module = 'AP' AND Status = 'open'")
      .get(co) as { mth: string | null };
    if (mth === null) throw new Error(`no month of company ${co} is open for AP`);
    return mth;
  }

  private one(table: string, id: number): Row {
    const [row] = this.rows(table, 'KeyID = ?', id);
    if (!row) throw new Error(`there is no row ${id} in ${table}`);
    return row;
  }

  private jobCode(jobId: number): string {
    return String(this.one('JCJM', jobId)['Job']);
  }

  commitments(co = 1): Row[] {
    return this.rows('SLHD', 'SLCo = ?', co);
  }

  commitmentLines(commitment: number): Row[] {
    return this.rows('SLIT', 'SLID = ?', commitment);
  }

  changeOrders(commitment: number): Row[] {
    return this.rows('SLCO', 'SLID = ?', commitment);
  }

  changeOrderLines(changeOrder: number): Row[] {
    return this.rows('SLCI', 'COID = ?', changeOrder);
  }

  /** Invoices and direct costs, posted or not. */
  invoices(co = 1): Row[] {
    return this.rows('APTH', 'Co = ?', co);
  }

  invoiceLines(invoice: number): Row[] {
    return this.rows('APTL', 'TransID = ?', invoice);
  }

  payments(co = 1): Row[] {
    return this.rows('APPH', 'Co = ?', co);
  }

  primeContracts(co = 1): Row[] {
    return this.rows('JCCM', 'JCCo = ?', co);
  }

  primeContractLines(contract: number): Row[] {
    return this.rows('JCCI', 'ContractID = ?', contract);
  }

  primeChangeOrders(co = 1): Row[] {
    return this.rows('JCOH', 'Co = ?', co);
  }

  primeChangeOrderLines(changeOrder: number): Row[] {
    return this.rows('JCOI', 'COID = ?', changeOrder);
  }

  ownerInvoices(co = 1): Row[] {
    return this.rows('ARTH', 'Co = ?', co);
  }

  ownerInvoiceLines(invoice: number): Row[] {
    return this.rows('ARTL', 'TransID = ?', invoice);
  }

  batches(co = 1): { readonly [column: string]: Value }[] {
    return this.db.prepare('SELECT * FROM HQBC WHERE Co = ? ORDER BY Mth, BatchId').all(co) as {
      [column: string]: Value;
    }[];
  }
}
