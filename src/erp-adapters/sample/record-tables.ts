import type { LineKind, RefTarget } from '../../domain/kinds/entity';
import type { Fields } from '../../domain/kinds/record';
import type { RecordEntity } from '../contract/adapter';
import type { FieldSpec, Scope, Value } from './record-fields';
import { coded, flag, keyOf, masked, money, percent, quantity, ref, text, unitCost } from './record-fields';

/** Where the lines of one kind lie. */
export interface LineSpec {
  readonly kind: LineKind;
  readonly table: string;
  /** Column with the `KeyID` of the record. */
  readonly parent: string;
  /** Columns that tell lines of this kind from others in the table. */
  readonly fixed?: Readonly<Record<string, Value>>;
  readonly fields: Readonly<Record<string, FieldSpec>>;
  /** Column that keeps the number of the line; absent where the number is made of its fields. */
  readonly numberColumn?: string;
  readonly numberOf?: (fields: Fields) => string;
  readonly keyOf?: (row: Readonly<Record<string, Value>>, scope: Scope) => string;
  /** SQL: `active` or `inactive`; a line is never better than its record. */
  readonly state?: string;
  /** For people; `of` names the record. */
  label(number: string, of: string): string;
  /** The ERP alone makes such lines. */
  readonly readOnly?: true;
}

/** Where the records of one kind lie. */
export interface EntitySpec {
  readonly entity: RecordEntity;
  readonly table: string;
  /** Column with the company, or with the phase group. */
  readonly owner: string;
  /** SQL that tells records of this kind from others in the table. */
  readonly where?: string;
  readonly fixed?: Readonly<Record<string, Value>>;
  /** Column → SQL that makes its value from those of other columns (`@Column`). */
  readonly derived?: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, FieldSpec>>;
  readonly lines: readonly LineSpec[];
  /** SQL: `active`, `inactive` or `void`. */
  readonly state: string;
  /** What makes a number unique, as SQL over the encoded values of these fields; absent where there is no number. */
  readonly same?: { readonly fields: readonly string[]; readonly sql: string };
  /** Documents that live in a batch: its source, and the field whose month it is (null: the first open month). */
  readonly batch?: { readonly source: string; readonly dateField: string | null };
  /** For people: `job`, `commitment`. */
  readonly noun: string;
  readonly readOnly?: true;
}

const ACTIVE = flag('ActiveYN', ['Y'], ['N']);
const ACTIVE_STATE = "CASE t.ActiveYN WHEN 'Y' THEN 'active' ELSE 'inactive' END";
const CONTRACT_STATE = "CASE t.State WHEN 'O' THEN 'active' WHEN 'V' THEN 'void' ELSE 'inactive' END";
const DOCUMENT_STATE = "CASE t.Status WHEN 'V' THEN 'void' ELSE 'active' END";

const lineOf = (number: string, of: string): string => `line ${number} of ${of}`;

/** A line of a document, which keeps its number as text. */
const documentLine = (
  kind: LineKind,
  table: string,
  parent: string,
  fields: Readonly<Record<string, FieldSpec>>,
  more: Pick<LineSpec, 'fixed'> = {},
): LineSpec => ({ kind, table, parent, fields, numberColumn: 'Line', label: lineOf, ...more });

const COST = { costCode: ref('PhaseID', 'cost_code'), costType: ref('CostTypeID', 'line_item_type') };
const UNITS = { quantity: quantity('Units'), uom: text('UM'), unitCost: unitCost('UnitCost') };
const CONTRACT_LINE = {
  description: text('Description'),
  ...COST,
  basis: coded('Basis', { unit: 'U', lump_sum: 'L' }),
  ...UNITS,
  amount: money('Amount'),
  taxCode: text('TaxCode'),
  taxAmount: money('TaxAmount'),
};

/** The phase of a cost type on a job, by its code. */
const PHASE_OF_JOB: FieldSpec = {
  ...masked('PhaseID', 'phase', '(SELECT Phase FROM JCJP WHERE KeyID = t.PhaseID)'),
  ruleOf: ['JCJP', 'Phase'],
  into: (parameter) => `(SELECT KeyID FROM JCJP WHERE JobID = @parent AND Phase = ${parameter})`,
};
const PAIR = { costCode: PHASE_OF_JOB, costType: COST.costType };
const pairNumber = ({ costCode, costType }: Fields): string => `${String(costCode)}/${String(costType)}`;

const JOB_LINES: readonly LineSpec[] = [
  {
    kind: 'cost_code',
    table: 'JCJP',
    parent: 'JobID',
    fields: { code: masked('Phase', 'phase'), name: text('Description'), isActive: ACTIVE },
    numberOf: ({ code }) => String(code),
    state: ACTIVE_STATE,
    label: (number, of) => `phase ${number} of ${of}`,
  },
  {
    kind: 'cost_type_assignment',
    table: 'JCCH',
    parent: 'JobID',
    fields: PAIR,
    numberOf: pairNumber,
    keyOf: ({ PhaseID, CostTypeID }, scope) =>
      `${keyOf('cost_code', Number(PhaseID), scope)}/${keyOf('line_item_type', Number(CostTypeID), scope)}`,
    state: ACTIVE_STATE,
    label: (number, of) => `cost type assignment ${number} of ${of}`,
  },
  {
    kind: 'job_cost',
    table: 'JCCP',
    parent: 'JobID',
    fields: {
      ...PAIR,
      originalBudget: money('OrigBudget'),
      revisedBudget: money('CurrBudget'),
      committedCosts: money('Committed'),
      approvedCommitmentChanges: money('CommittedChg'),
      commitmentInvoiced: money('Invoiced'),
      jobToDateCosts: money('Actual'),
    },
    numberOf: pairNumber,
    label: (number, of) => `job cost ${number} of ${of}`,
    readOnly: true,
  },
];

/** Open jobs are active. Programs close jobs softly; the hard close is for people. */
const JOB_ACTIVE = flag('JobStatus', [1], [2, 3, 0]);
const JOB_STATE = "CASE t.JobStatus WHEN 1 THEN 'active' ELSE 'inactive' END";

const INVOICE = {
  code: text('APRef'),
  description: text('Description'),
  date: text('InvDate'),
  accountingDate: text('AcctDate'),
  amount: money('Amount'),
};

/** Every kind of record that Groundwork keeps, and where. */
export const RECORD_SPECS: readonly EntitySpec[] = [
  {
    entity: 'standard_cost_code',
    table: 'JCPM',
    owner: 'PhaseGroup',
    fields: {
      code: masked('Phase', 'phase'),
      name: text('Description'),
      parent: ref('ParentID', 'standard_cost_code'),
      incomeAccount: text('IncomeAcct'),
      expenseAccount: text('ExpenseAcct'),
      isActive: ACTIVE,
    },
    lines: [],
    state: ACTIVE_STATE,
    same: { fields: ['code'], sql: 't.Phase = @code' },
    noun: 'phase',
  },
  {
    entity: 'line_item_type',
    table: 'JCCT',
    owner: 'PhaseGroup',
    fields: {
      code: text('CostType'),
      name: text('Description'),
      baseType: text('BaseType'),
      isActive: ACTIVE,
    },
    lines: [],
    state: ACTIVE_STATE,
    same: { fields: ['code'], sql: 't.CostType = @code' },
    noun: 'cost type',
  },
  {
    entity: 'project',
    table: 'JCJM',
    owner: 'JCCo',
    where: 't.ParentID IS NULL',
    fields: {
      code: masked('Job', 'job'),
      name: text('Description'),
      address: text('MailAddress'),
      city: text('MailCity'),
      stateCode: text('MailState'),
      postalCode: text('MailZip'),
      isActive: JOB_ACTIVE,
    },
    lines: JOB_LINES,
    state: JOB_STATE,
    same: { fields: ['code'], sql: 't.Job = @code' },
    noun: 'job',
  },
  {
    entity: 'sub_job',
    table: 'JCJM',
    owner: 'JCCo',
    where: 't.ParentID IS NOT NULL',
    fields: {
      code: masked('Job', 'job'),
      name: text('Description'),
      job: ref('ParentID', 'project'),
      isActive: JOB_ACTIVE,
    },
    lines: JOB_LINES,
    state: JOB_STATE,
    same: { fields: ['code'], sql: 't.Job = @code' },
    noun: 'sub job',
  },
  {
    entity: 'budget',
    table: 'JCEH',
    owner: 'Co',
    fields: { job: ref('JobID', 'project') },
    lines: [
      documentLine('budget_line', 'JCED', 'EntryID', {
        job: ref('JobID', 'sub_job'),
        ...COST,
        movement: coded('Movement', { original: 'O', revised: 'R' }),
        amount: money('Amount'),
        notes: text('Notes'),
      }),
    ],
    state: "'active'",
    batch: { source: 'JC Budget', dateField: null },
    noun: 'budget',
  },
  {
    entity: 'commitment',
    table: 'SLHD',
    owner: 'SLCo',
    fields: {
      type: coded('SLType', { subcontract: 'S', purchase_order: 'P' }),
      code: text('SL'),
      name: text('Title'),
      description: text('Notes'),
      job: ref('JobID', 'project'),
      vendor: ref('Vendor', 'vendor'),
      status: text('Approval'),
      date: text('OrigDate'),
      accountingDate: text('AcctDate'),
      retainagePercent: percent('RetainagePct'),
      amount: money('Amount'),
    },
    derived: { VendorGroup: '@vendorGroup' },
    lines: [documentLine('commitment_line', 'SLIT', 'SLID', CONTRACT_LINE)],
    state: CONTRACT_STATE,
    same: { fields: ['code'], sql: 't.SL = @code' },
    noun: 'commitment',
  },
  {
    entity: 'commitment_change_order',
    table: 'SLCO',
    owner: 'SLCo',
    fields: {
      code: text('ChangeNo'),
      name: text('Title'),
      description: text('Notes'),
      job: ref('JobID', 'project'),
      commitment: ref('SLID', 'commitment'),
      date: text('CODate'),
      accountingDate: text('AcctDate'),
      amount: money('Amount'),
    },
    lines: [
      documentLine('change_order_line', 'SLCI', 'COID', {
        ...CONTRACT_LINE,
        commitmentLine: ref('ItemID', 'commitment_line'),
      }),
    ],
    state: CONTRACT_STATE,
    same: { fields: ['commitment', 'code'], sql: 't.SLID = @commitment AND t.ChangeNo = @code' },
    noun: 'change order',
  },
  {
    entity: 'requisition',
    table: 'APTH',
    owner: 'Co',
    where: "t.InvType = 'C'",
    fixed: { InvType: 'C' },
    derived: {
      VendorGroup: '(SELECT VendorGroup FROM SLHD WHERE KeyID = @CommitmentID)',
      Vendor: '(SELECT Vendor FROM SLHD WHERE KeyID = @CommitmentID)',
    },
    fields: {
      ...INVOICE,
      requisitionNumber: text('ReqNum'),
      job: ref('JobID', 'project'),
      commitment: ref('CommitmentID', 'commitment'),
      retainage: money('Retainage'),
      amountDue: money('AmountDue'),
    },
    lines: [
      documentLine('invoice_line', 'APTL', 'TransID', {
        description: text('Description'),
        commitmentLine: ref('ItemID', 'commitment_line'),
        changeOrderLine: ref('ChangeItemID', 'change_order_line'),
        ...COST,
        ...UNITS,
        amount: money('Amount'),
        retainage: money('Retainage'),
        retainageReleased: money('RetReleased'),
        taxCode: text('TaxCode'),
      }),
    ],
    state: DOCUMENT_STATE,
    same: {
      fields: ['commitment', 'code'],
      sql: 't.APRef = @code AND t.Vendor = (SELECT Vendor FROM SLHD WHERE KeyID = @commitment)',
    },
    batch: { source: 'AP Entry', dateField: 'accountingDate' },
    noun: 'invoice',
  },
  {
    entity: 'contract_payment',
    table: 'APPH',
    owner: 'Co',
    where: "t.Source = 'E'",
    fixed: { Source: 'E' },
    derived: { VendorGroup: '@vendorGroup' },
    fields: {
      code: text('PayNum'),
      invoiceNumber: text('InvoiceRef'),
      commitment: ref('CommitmentID', 'commitment'),
      requisition: ref('InvoiceID', 'requisition'),
      vendor: ref('Vendor', 'vendor'),
      method: text('Method'),
      checkNumber: text('CheckNo'),
      date: text('PaidDate'),
      accountingDate: text('AcctDate'),
      amount: money('Amount'),
      retainageReleased: money('RetReleased'),
    },
    lines: [],
    state: DOCUMENT_STATE,
    same: { fields: ['vendor', 'code'], sql: 't.Vendor = @vendor AND t.PayNum = @code' },
    batch: { source: 'AP Payment', dateField: 'accountingDate' },
    noun: 'payment',
  },
  {
    entity: 'invoice_payment',
    table: 'APPH',
    owner: 'Co',
    // Payments of commitment invoices only: Procore knows no others. What a program entered came from Procore in the first place.
    where: "t.Source = 'A' AND t.InvoiceID IN (SELECT KeyID FROM APTH WHERE InvType = 'C')",
    fields: {
      code: text('PayNum'),
      requisition: ref('InvoiceID', 'requisition'),
      method: text('Method'),
      date: text('PaidDate'),
      amount: money('Amount'),
    },
    lines: [],
    state: DOCUMENT_STATE,
    same: {
      fields: ['requisition', 'code'],
      sql: 't.PayNum = @code AND t.Vendor = (SELECT Vendor FROM APTH WHERE KeyID = @requisition)',
    },
    noun: 'payment',
    readOnly: true,
  },
  {
    entity: 'payment_application',
    table: 'ARTH',
    owner: 'Co',
    fields: {
      code: text('Invoice'),
      applicationNumber: text('AppNum'),
      name: text('Title'),
      primeContract: ref('ContractID', 'prime_contract'),
      date: text('InvDate'),
      accountingDate: text('AcctDate'),
      periodStart: text('PeriodFrom'),
      periodEnd: text('PeriodTo'),
      amount: money('Amount'),
      retainage: money('Retainage'),
      amountDue: money('AmountDue'),
    },
    lines: [
      documentLine('owner_invoice_line', 'ARTL', 'TransID', {
        description: text('Description'),
        primeContractLine: ref('ItemID', 'prime_contract_line'),
        workCompleted: money('WorkCompleted'),
        storedMaterials: money('StoredMaterials'),
        amount: money('Amount'),
        retainage: money('Retainage'),
        retainageReleased: money('RetReleased'),
      }),
    ],
    state: DOCUMENT_STATE,
    same: { fields: ['code'], sql: 't.Invoice = @code' },
    batch: { source: 'AR Invoice', dateField: 'accountingDate' },
    noun: 'owner invoice',
  },
  {
    entity: 'prime_contract',
    table: 'JCCM',
    owner: 'JCCo',
    fields: {
      code: text('Contract'),
      name: text('Title'),
      description: text('Notes'),
      status: text('Approval'),
      job: ref('JobID', 'project'),
      date: text('StartDate'),
      retainagePercent: percent('RetainagePct'),
      amount: money('Amount'),
    },
    lines: [documentLine('prime_contract_line', 'JCCI', 'ContractID', CONTRACT_LINE)],
    state: CONTRACT_STATE,
    same: { fields: ['code'], sql: 't.Contract = @code' },
    noun: 'prime contract',
    readOnly: true,
  },
  {
    entity: 'prime_contract_change_order',
    table: 'JCOH',
    owner: 'Co',
    fields: {
      code: text('ChangeNo'),
      name: text('Title'),
      description: text('Notes'),
      job: ref('JobID', 'project'),
      primeContract: ref('ContractID', 'prime_contract'),
      date: text('CODate'),
      accountingDate: text('AcctDate'),
      amount: money('Amount'),
    },
    lines: (
      [
        ['prime_change_line', 'I'],
        ['prime_change_markup', 'M'],
      ] as const
    ).map(([kind, LineType]) =>
      documentLine(
        kind,
        'JCOI',
        'COID',
        {
          description: text('Description'),
          primeContractLine: ref('ItemID', 'prime_contract_line'),
          ...COST,
          amount: money('Amount'),
        },
        { fixed: { LineType } },
      ),
    ),
    state: DOCUMENT_STATE,
    same: { fields: ['primeContract', 'code'], sql: 't.ContractID = @primeContract AND t.ChangeNo = @code' },
    batch: { source: 'JC Change', dateField: 'accountingDate' },
    noun: 'prime change order',
  },
  {
    entity: 'company_level_direct_cost',
    table: 'APTH',
    owner: 'Co',
    where: "t.InvType = 'D'",
    fixed: { InvType: 'D' },
    derived: { VendorGroup: '@vendorGroup' },
    fields: { ...INVOICE, vendor: ref('Vendor', 'vendor'), dueDate: text('DueDate') },
    lines: [
      documentLine('direct_cost_line', 'APTL', 'TransID', {
        description: text('Description'),
        job: ref('JobID', 'project'),
        ...COST,
        ...UNITS,
        amount: money('Amount'),
      }),
    ],
    state: DOCUMENT_STATE,
    same: { fields: ['vendor', 'code'], sql: 't.Vendor = @vendor AND t.APRef = @code' },
    batch: { source: 'AP Entry', dateField: 'accountingDate' },
    noun: 'direct cost',
  },
];

/** The records that have lines of a kind; phases are on jobs and on sub jobs. */
export const ownersOfLine = (target: RefTarget): readonly (readonly [EntitySpec, LineSpec])[] =>
  RECORD_SPECS.flatMap((spec) =>
    spec.lines.filter(({ kind }) => kind === target).map((line) => [spec, line] as const),
  );

export const specOf = (target: RefTarget): EntitySpec | undefined =>
  RECORD_SPECS.find(({ entity }) => entity === target);

/** Table → columns that Tieback reads or writes, and whether it writes there at all. */
export function columnsByTable(): ReadonlyMap<
  string,
  { readonly columns: ReadonlySet<string>; readonly written: boolean }
> {
  const tables = new Map<string, { columns: Set<string>; written: boolean }>();
  const add = (table: string, columns: readonly string[], written: boolean): void => {
    const known = tables.get(table) ?? { columns: new Set(['KeyID']), written: false };
    for (const column of columns) known.columns.add(column);
    tables.set(table, { columns: known.columns, written: known.written || written });
  };
  const columnsOf = (fields: Readonly<Record<string, FieldSpec>>): readonly string[] =>
    Object.values(fields).map(({ column }) => column);
  for (const { table, owner, fields, fixed = {}, derived = {}, lines, batch, readOnly } of RECORD_SPECS) {
    const batchColumns = batch === undefined ? [] : ['Mth', 'BatchId', 'Seq', 'EnteredBy'];
    const own = [owner, 'RowVer', ...columnsOf(fields), ...Object.keys({ ...fixed, ...derived })];
    add(table, [...own, ...batchColumns], readOnly !== true);
    for (const line of lines) {
      const number = line.numberColumn === undefined ? [] : [line.numberColumn];
      const columns = [line.parent, ...number, ...columnsOf(line.fields), ...Object.keys(line.fixed ?? {})];
      add(line.table, columns, readOnly !== true && line.readOnly !== true);
    }
  }
  return tables;
}
