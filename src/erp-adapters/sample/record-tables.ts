import type { Kind, LineKind, RefTarget } from '../../domain/kinds';
import type { CustomColumn, CustomColumnNames } from '../../domain/kinds/custom-fields';
import { customField } from '../../domain/kinds/custom-fields';
import type { Fields } from '../../domain/kinds/record';
import type { Value } from './database';
import type { FieldSpec } from './record-fields';
import {
  coded,
  decimal,
  flag,
  masked,
  money,
  number,
  percent,
  quantity,
  ref,
  text,
  unique,
  unitCost,
} from './record-fields';
import type { Owner } from './scope';

/** A column that custom fields may be mapped to: how it is read and written, and what it holds. */
interface CustomSpec extends FieldSpec {
  readonly type: CustomColumn['type'];
}

type PairColumn = readonly [column: string, target: RefTarget];

/** Where the lines of one kind lie. */
export interface LineSpec {
  readonly kind: LineKind;
  readonly table: string;
  /** Column with the `KeyID` of the record. */
  readonly parent: string;
  /** Columns that tell lines of this kind from others in the table. */
  readonly fixed?: Readonly<Record<string, Value>>;
  readonly fields: Readonly<Record<string, FieldSpec>>;
  /** Columns beside those of the kind, offered where the live dictionary has them. */
  readonly custom?: Readonly<Record<string, CustomSpec>>;
  /** Column that keeps the number of the line; absent where the number is made of its fields. */
  readonly numberColumn?: string;
  readonly numberOf?: (fields: Fields) => string;
  /** It has no key of its own: its key is made of those of these two columns, `<key>/<key>`. */
  readonly pair?: readonly [PairColumn, PairColumn];
  /** SQL: `active` or `inactive`; a line is never better than its record. */
  readonly state?: string;
  /** For people; `of` names the record. */
  label(number: string, of: string): string;
  /** The ERP alone makes such lines. */
  readonly readOnly?: true;
}

/** Where the records of one kind lie. */
export interface KindSpec {
  readonly kind: Kind;
  readonly table: string;
  /** Column that numbers the rows; `KeyID` unless it says otherwise. */
  readonly key?: string;
  readonly owner: Owner;
  /** SQL that tells records of this kind from others in the table. */
  readonly where?: string;
  readonly fixed?: Readonly<Record<string, Value>>;
  /** Column → SQL that makes its value from those of other columns (`@Column`). */
  readonly derived?: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, FieldSpec>>;
  /** As `LineSpec.custom`. */
  readonly custom?: Readonly<Record<string, CustomSpec>>;
  readonly lines: readonly LineSpec[];
  /** SQL: `active`, `inactive` or `void`. */
  readonly state: string;
  /** What makes a number unique, as SQL over the encoded values of these fields; absent where there is no number. */
  readonly same?: { readonly fields: readonly string[]; readonly sql: string };
  /** Documents that live in a batch: its source, and the field whose month it is (null: the first open month). */
  readonly batch?: { readonly source: string; readonly dateField: string | null };
  /** The number that is also the key is taken from this counter of the owner where nobody entered one. */
  readonly numbering?: {
    readonly field: string;
    readonly table: string;
    readonly next: string;
    readonly from: string;
    readonly to: string;
  };
  /** For people: `job`, `commitment`. */
  readonly noun: string;
  /** For people, the name goes with the number. */
  readonly showsName?: true;
  /** Having one on the screen holds back nothing that refers to it. */
  readonly guardsItselfOnly?: true;
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
  more: Pick<LineSpec, 'fixed' | 'custom'> = {},
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
    pair: [
      ['PhaseID', 'cost_code'],
      ['CostTypeID', 'line_item_type'],
    ],
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
export const RECORD_SPECS: readonly KindSpec[] = [
  {
    kind: 'vendor',
    table: 'APVM',
    key: 'Vendor',
    owner: 'VendorGroup',
    // No web site: Groundwork has no such column. Tax ids and bank accounts are in this table too, and are not ours to see.
    fields: {
      code: number('Vendor'),
      name: text('Name'),
      sortName: unique(text('SortName')),
      address: text('Address'),
      city: text('City'),
      stateCode: text('State'),
      postalCode: text('Zip'),
      countryCode: text('Country'),
      phone: text('Phone'),
      fax: text('Fax'),
      email: text('EMail'),
      vendorType: text('VendorType'),
      retainagePercent: percent('Retainage'),
      isActive: flag('Status', ['A'], ['I']),
    },
    lines: [],
    state: "CASE t.Status WHEN 'A' THEN 'active' ELSE 'inactive' END",
    same: { fields: ['code'], sql: 't.Vendor = @code' },
    numbering: { field: 'code', table: 'HQVG', next: 'NextVendor', from: 'FirstVendor', to: 'LastVendor' },
    noun: 'vendor',
    showsName: true,
    guardsItselfOnly: true,
  },
  {
    kind: 'standard_cost_code',
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
    kind: 'line_item_type',
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
    kind: 'project',
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
    kind: 'sub_job',
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
    kind: 'budget',
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
    kind: 'commitment',
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
    custom: { udPermit: { ...text('udPermit'), type: 'text' } },
    lines: [
      documentLine('commitment_line', 'SLIT', 'SLID', CONTRACT_LINE, {
        custom: { udTonnage: { ...decimal('udTonnage', 3), type: 'quantity' } },
      }),
    ],
    state: CONTRACT_STATE,
    same: { fields: ['code'], sql: 't.SL = @code' },
    noun: 'commitment',
  },
  {
    kind: 'commitment_change_order',
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
    kind: 'requisition',
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
    kind: 'contract_payment',
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
    kind: 'invoice_payment',
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
    kind: 'payment_application',
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
    kind: 'prime_contract',
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
    kind: 'prime_contract_change_order',
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
    kind: 'company_level_direct_cost',
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

/** The specs with the mapped columns among their fields, where they are read and written like any other. Unknown ones are left out. */
export const specsWith = (mapped: CustomColumnNames): readonly KindSpec[] =>
  RECORD_SPECS.map((spec) => ({
    ...spec,
    fields: fieldsWith(spec, mapped),
    lines: spec.lines.map((line) => ({ ...line, fields: fieldsWith(line, mapped) })),
  }));

const fieldsWith = (
  { kind, fields, custom = {} }: Pick<KindSpec, 'fields' | 'custom'> & { readonly kind: RefTarget },
  mapped: CustomColumnNames,
): KindSpec['fields'] => ({
  ...fields,
  ...Object.fromEntries(
    (mapped[kind] ?? []).flatMap((column) => {
      const spec = custom[column];
      return spec === undefined ? [] : [[customField(column), spec] as const];
    }),
  ),
});

/** The records that have lines of a kind; phases are on jobs and on sub jobs. */
export const ownersOfLine = (target: RefTarget): readonly (readonly [KindSpec, LineSpec])[] =>
  RECORD_SPECS.flatMap((spec) =>
    spec.lines.filter(({ kind }) => kind === target).map((line) => [spec, line] as const),
  );

/** Column that numbers the rows of a kind. */
export const keyColumn = ({ key = 'KeyID' }: KindSpec): string => key;

export const specOf = (target: RefTarget): KindSpec | undefined =>
  RECORD_SPECS.find(({ kind }) => kind === target);

interface TableUse {
  readonly columns: ReadonlySet<string>;
  /** Whether Tieback writes there at all. */
  readonly written: boolean;
}

/** Table → columns that Tieback reads or writes. */
export function columnsByTable(specs: readonly KindSpec[]): ReadonlyMap<string, TableUse> {
  const tables = new Map<string, TableUse>();
  const add = (table: string, written: boolean, columns: readonly string[]): void => {
    const known = tables.get(table);
    tables.set(table, {
      columns: new Set([...(known?.columns ?? []), ...columns]),
      written: written || known?.written === true,
    });
  };
  const columnsOf = (fields: Readonly<Record<string, FieldSpec>>): readonly string[] =>
    Object.values(fields).map(({ column }) => column);
  for (const spec of specs) {
    const { table, owner, fields, fixed = {}, derived = {}, batch, readOnly } = spec;
    const own = [
      keyColumn(spec),
      owner,
      'RowVer',
      ...columnsOf(fields),
      ...Object.keys({ ...fixed, ...derived }),
    ];
    add(table, readOnly !== true, batch === undefined ? own : [...own, 'Mth', 'BatchId', 'Seq', 'EnteredBy']);
    for (const line of spec.lines) {
      const number = line.numberColumn === undefined ? [] : [line.numberColumn];
      const columns = ['KeyID', line.parent, ...number, ...columnsOf(line.fields)];
      add(line.table, readOnly !== true && line.readOnly !== true, [
        ...columns,
        ...Object.keys(line.fixed ?? {}),
      ]);
    }
  }
  return tables;
}
