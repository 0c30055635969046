import type { FieldDefinition } from './field-definitions';

/** The dictionary of everything but vendors: short forms for the kinds of fields, then the fields of each table. */

type More = Partial<Pick<FieldDefinition, 'required' | 'codeTable' | 'mask' | 'notMask' | 'says'>>;

const NULLABLE = (type: string, required: FieldDefinition['required']): string =>
  required === 'Y' ? `${type} NOT NULL` : type;

const text = (column: string, label: string, length: number, more: More = {}): FieldDefinition => ({
  column,
  label,
  sql: NULLABLE(`VARCHAR(${length})`, more.required ?? 'N'),
  length,
  charset: 'cp1252',
  required: 'N',
  ...more,
});

/** Numbers and codes that people type: plain characters only. */
const code = (column: string, label: string, length: number, more: More = {}): FieldDefinition => ({
  ...text(column, label, length, more),
  charset: 'ascii',
});

const date = (column: string, label: string): FieldDefinition =>
  code(column, label, 10, {
    mask: '[12][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]',
    says: 'is not a date such as 2026-03-31',
  });

/** Text, because a binary number cannot hold 0.10; the type name keeps SQLite from making it one. */
const decimal = (column: string, label: string, decimals: number): FieldDefinition => ({
  column,
  label,
  sql: `DECIMAL_TEXT(12,${decimals})`,
  length: 13,
  charset: 'ascii',
  required: 'N',
  decimals,
});

const money = (column: string, label: string): FieldDefinition => decimal(column, label, 2);

/** An amount that is never missing: what is not given is zero. */
const amount = (column = 'Amount', label = 'Amount'): FieldDefinition => ({
  ...money(column, label),
  sql: "DECIMAL_TEXT(12,2) NOT NULL DEFAULT '0.00'",
  required: 'D',
});

const percent = (column: string, label: string): FieldDefinition => ({
  ...decimal(column, label, 2),
  sql: 'DECIMAL_TEXT(5,2)',
  length: 6,
  min: 0,
  max: 100,
});

const DESCRIPTION = text('Description', 'Description', 60);
const NOTES = text('Notes', 'Notes', 255);
const TITLE = text('Title', 'Title', 60);
const UNITS = [
  decimal('Units', 'Units', 4),
  text('UM', 'Unit of measure', 3),
  decimal('UnitCost', 'Unit cost', 5),
];
const CONTRACT_ITEM = [
  DESCRIPTION,
  ...UNITS,
  amount(),
  code('TaxCode', 'Tax code', 10),
  money('TaxAmount', 'Tax amount'),
];

/** Table → its fields. */
export const RECORD_FIELDS = {
  JCPM: [
    code('Phase', 'Phase', 20, { required: 'Y' }),
    text('Description', 'Description', 60, { required: 'Y' }),
    code('IncomeAcct', 'Income account', 20),
    code('ExpenseAcct', 'Expense account', 20),
  ],
  JCCT: [
    code('CostType', 'Cost type', 3, { required: 'Y' }),
    text('Description', 'Description', 30, { required: 'Y' }),
    code('BaseType', 'Base type', 24, { codeTable: 'JCBT.BaseType' }),
  ],
  JCJM: [
    code('Job', 'Job', 10, { required: 'Y' }),
    text('Description', 'Description', 60, { required: 'Y' }),
    text('MailAddress', 'Address', 60),
    text('MailCity', 'City', 30),
    code('MailState', 'State', 4, { codeTable: 'HQST.State' }),
    code('MailZip', 'Postal code', 12),
  ],
  JCJP: [
    code('Phase', 'Phase', 20, { required: 'Y' }),
    text('Description', 'Description', 60, { required: 'Y' }),
  ],
  JCCH: [],
  JCCP: [
    amount('OrigBudget', 'Original budget'),
    amount('CurrBudget', 'Current budget'),
    amount('Committed', 'Committed'),
    amount('CommittedChg', 'Committed changes'),
    amount('Invoiced', 'Invoiced'),
    amount('Actual', 'Actual cost'),
  ],
  JCEH: [],
  JCED: [amount(), NOTES],
  SLHD: [
    code('SL', 'Commitment number', 30, { required: 'Y' }),
    TITLE,
    NOTES,
    text('Approval', 'Approval', 20),
    date('OrigDate', 'Contract date'),
    date('AcctDate', 'Accounting date'),
    percent('RetainagePct', 'Retainage %'),
    amount(),
    // Columns that the administrator of this company added begin with `ud`.
    text('udPermit', 'Permit number', 20),
  ],
  SLIT: [...CONTRACT_ITEM, decimal('udTonnage', 'Tonnage', 3)],
  SLCO: [
    code('ChangeNo', 'Change order number', 15, { required: 'Y' }),
    TITLE,
    NOTES,
    date('CODate', 'Date'),
    date('AcctDate', 'Accounting date'),
    amount(),
  ],
  SLCI: CONTRACT_ITEM,
  APTH: [
    code('APRef', 'Reference', 15, { required: 'Y' }),
    code('ReqNum', 'Requisition number', 20),
    DESCRIPTION,
    date('InvDate', 'Invoice date'),
    date('AcctDate', 'Accounting date'),
    date('DueDate', 'Due date'),
    amount(),
    money('Retainage', 'Retainage'),
    money('AmountDue', 'Amount due'),
  ],
  APTL: [
    DESCRIPTION,
    ...UNITS,
    amount(),
    money('Retainage', 'Retainage'),
    money('RetReleased', 'Retainage released'),
    code('TaxCode', 'Tax code', 10),
  ],
  APPH: [
    code('PayNum', 'Payment number', 30),
    code('InvoiceRef', 'Invoice number', 15),
    text('Method', 'Method', 20),
    code('CheckNo', 'Check number', 15),
    date('PaidDate', 'Payment date'),
    date('AcctDate', 'Accounting date'),
    amount(),
    money('RetReleased', 'Retainage released'),
  ],
  JCCM: [
    code('Contract', 'Contract', 30, { required: 'Y' }),
    TITLE,
    NOTES,
    text('Approval', 'Status', 20),
    date('StartDate', 'Contract date'),
    percent('RetainagePct', 'Retainage %'),
    amount(),
  ],
  JCCI: CONTRACT_ITEM,
  JCOH: [
    code('ChangeNo', 'Change order number', 15, { required: 'Y' }),
    TITLE,
    NOTES,
    date('CODate', 'Date'),
    date('AcctDate', 'Accounting date'),
    amount(),
  ],
  JCOI: [DESCRIPTION, amount()],
  ARTH: [
    code('Invoice', 'Invoice number', 15, { required: 'Y' }),
    code('AppNum', 'Application number', 10),
    TITLE,
    date('InvDate', 'Invoice date'),
    date('AcctDate', 'Accounting date'),
    date('PeriodFrom', 'Period from'),
    date('PeriodTo', 'Period to'),
    amount(),
    money('Retainage', 'Retainage'),
    money('AmountDue', 'Amount due'),
  ],
  ARTL: [
    DESCRIPTION,
    money('WorkCompleted', 'Work completed'),
    money('StoredMaterials', 'Materials stored'),
    amount(),
    money('Retainage', 'Retainage'),
    money('RetReleased', 'Retainage released'),
  ],
} as const satisfies Readonly<Record<string, readonly FieldDefinition[]>>;
