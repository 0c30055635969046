import type { LineKind } from '../../domain/kinds';
import type { Fields } from '../../domain/kinds/record';
import {
  coded,
  date,
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
} from '../sql/fields';
import type { FieldSpec, KindSpec, LineSpec } from '../sql/model';

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
  date: date('InvDate'),
  accountingDate: date('AcctDate'),
  amount: money('Amount'),
};

/** A document has its place in a batch for itself. */
const IN_BATCH = ['Co', 'Mth', 'BatchId', 'Seq'];

/** Every kind of record that Groundwork keeps, and where. */
export const RECORD_SPECS: readonly KindSpec[] = [
  {
    kind: 'vendor',
    table: 'APVM',
    key: 'Vendor',
    owner: 'VendorGroup',
    // No web site: Groundwork has no such column. Bank accounts are in this table too, and are not ours to see.
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
      contactName: text('Contact'),
      vendorType: text('VendorType'),
      retainagePercent: percent('Retainage'),
      isActive: flag('Status', ['A'], ['I']),
    },
    taxId: 'TaxId',
    lines: [],
    state: "CASE t.Status WHEN 'A' THEN 'active' ELSE 'inactive' END",
    same: { fields: ['code'], sql: 't.Vendor = @code' },
    numbering: {
      field: 'code',
      counter: { table: 'HQVG', next: 'NextVendor', from: 'FirstVendor', to: 'LastVendor' },
    },
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
    identity: IN_BATCH,
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
      date: date('OrigDate'),
      accountingDate: date('AcctDate'),
      retainagePercent: percent('RetainagePct'),
      amount: money('Amount'),
    },
    derived: { VendorGroup: '@VendorGroup' },
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
      date: date('CODate'),
      accountingDate: date('AcctDate'),
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
    identity: IN_BATCH,
    noun: 'invoice',
  },
  {
    kind: 'contract_payment',
    table: 'APPH',
    owner: 'Co',
    where: "t.Source = 'E'",
    fixed: { Source: 'E' },
    derived: { VendorGroup: '@VendorGroup' },
    fields: {
      code: text('PayNum'),
      invoiceNumber: text('InvoiceRef'),
      commitment: ref('CommitmentID', 'commitment'),
      requisition: ref('InvoiceID', 'requisition'),
      vendor: ref('Vendor', 'vendor'),
      method: text('Method'),
      checkNumber: text('CheckNo'),
      date: date('PaidDate'),
      accountingDate: date('AcctDate'),
      amount: money('Amount'),
      retainageReleased: money('RetReleased'),
    },
    lines: [],
    state: DOCUMENT_STATE,
    same: { fields: ['vendor', 'code'], sql: 't.Vendor = @vendor AND t.PayNum = @code' },
    batch: { source: 'AP Payment', dateField: 'accountingDate' },
    identity: IN_BATCH,
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
      date: date('PaidDate'),
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
      date: date('InvDate'),
      accountingDate: date('AcctDate'),
      periodStart: date('PeriodFrom'),
      periodEnd: date('PeriodTo'),
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
    identity: IN_BATCH,
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
      date: date('StartDate'),
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
      date: date('CODate'),
      accountingDate: date('AcctDate'),
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
    identity: IN_BATCH,
    noun: 'prime change order',
  },
  {
    kind: 'company_level_direct_cost',
    table: 'APTH',
    owner: 'Co',
    where: "t.InvType = 'D'",
    fixed: { InvType: 'D' },
    derived: { VendorGroup: '@VendorGroup' },
    fields: { ...INVOICE, vendor: ref('Vendor', 'vendor'), dueDate: date('DueDate') },
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
    identity: IN_BATCH,
    noun: 'direct cost',
  },
];
