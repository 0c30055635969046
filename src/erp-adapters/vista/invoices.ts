import { computed, date, ref } from '../sql/fields';
import type { FieldSpec, KindSpec, LineSpec } from '../sql/model';
import { accountingDate, dollars, unitCost, units, varchar } from './fields';
import type { VistaOptions } from './settings';
import type { VistaSql } from './sql';
import { jobId, jobNumber, MODULE_NAMES, MODULES, phaseCode, phaseId } from './sql';

/** Where invoices are: with reviewers, in a batch, posted. */
interface Stage {
  readonly header: string;
  readonly line: string;
  /** Columns that say whose a row is, and which. */
  readonly key: readonly string[];
  readonly lineNumber: string;
  /** Begins the id of one that we did not write. */
  readonly prefix: string;
  /** Rows that are told elsewhere too. */
  readonly except: string;
}

const STAGES: readonly Stage[] = [
  {
    header: 'APUI',
    line: 'APUL',
    key: ['APCo', 'UIMth', 'UISeq'],
    lineNumber: 'Line',
    prefix: 'U',
    except: 'EXISTS (SELECT 1 FROM APHB b WHERE b.Co = h.APCo AND b.UIMth = h.UIMth AND b.UISeq = h.UISeq)',
  },
  {
    header: 'APHB',
    line: 'APLB',
    key: ['Co', 'Mth', 'BatchId', 'BatchSeq'],
    lineNumber: 'APLine',
    prefix: 'B',
    // Posted ones that somebody took back to change them.
    except: "h.BatchTransType <> 'A'",
  },
  {
    header: 'APTH',
    line: 'APTL',
    key: ['APCo', 'Mth', 'APTrans'],
    lineNumber: 'APLine',
    prefix: 'T',
    except: '1 = 0',
  },
];

/** Where new ones go. */
const stageOf = ({ invoices }: VistaOptions): Stage =>
  (invoices === 'batch' ? STAGES[1] : STAGES[0]) ?? {
    header: '',
    line: '',
    key: [],
    lineNumber: '',
    prefix: '',
    except: '',
  };

/**
 * Id of an invoice. It must not change when somebody posts it: ours carry a link of attachments that we made, and which goes with them. (That it does is
 * *inferred*: attachments hang on it.) Others are known by where they are; Tieback refers to none of those while they can move.
 */
function idOf({ attached, month, d }: VistaSql, stage: Stage, alias: string): string {
  const [, mth = '', ...rest] = stage.key;
  const parts = [month(`${alias}.${mth}`), ...rest.map((column) => `${alias}.${column}`)];
  return attached(
    alias,
    d.concat(`'${stage.prefix}.'`, ...parts.flatMap((part, index) => (index === 0 ? [part] : ["'.'", part]))),
  );
}

const onKey = ({ key }: Stage, one: string, other: string): string =>
  key.map((column) => `${one}.${column} = ${other}.${column}`).join(' AND ');

const headers = (sql: VistaSql, owner: string): string =>
  STAGES.map((stage) => {
    const lines = `FROM ${stage.line} l WHERE ${onKey(stage, 'l', 'h')}`;
    const of = (condition: string): string => `EXISTS (SELECT 1 ${lines} AND ${condition})`;
    const order = MODULE_NAMES.map((module) => {
      const { prefix, lineType } = MODULES[module];
      return `(SELECT MIN(${sql.d.concat(`'${prefix}'`, `l.${module}`)}) ${lines} AND l.LineType = ${lineType})`;
    }).join(', ');
    return `SELECT ${idOf(sql, stage, 'h')} AS Id, h.${stage.key[0] ?? ''} AS ${owner}, h.Vendor, h.APRef, h.Description, h.InvDate, h.DueDate, h.InvTotal,
      CASE WHEN ${of('l.LineType IN (6, 7)')} THEN 'R' WHEN ${of('l.LineType = 1')} AND NOT ${of('(l.LineType <> 1 OR l.Job IS NULL)')} THEN 'D' ELSE 'X' END AS Sort,
      COALESCE(${order}) AS OrderId, (SELECT ${sql.sum('l.Retainage')} ${lines}) AS Retainage,
      (SELECT ${sql.sum('l.GrossAmt - l.Retainage')} ${lines}) AS Due, (SELECT MIN(${jobId('l', 'JCCo')}) ${lines}) AS JobId
      FROM ${stage.header} h WHERE NOT (${stage.except})`;
  }).join(' UNION ALL ');

const lines = (sql: VistaSql): string =>
  STAGES.map((stage) => {
    const id = idOf(sql, stage, 'h');
    const item = MODULE_NAMES.map((module) => {
      const { prefix, lineType } = MODULES[module];
      // Items that came with a change order (type 2) are no lines of the order itself.
      const regular = `EXISTS (SELECT 1 FROM ${module}IT i WHERE i.${module}Co = h.${stage.key[0] ?? ''} AND i.${module} = l.${module} AND i.${module}Item = l.${module}Item AND i.ItemType = 1)`;
      return `WHEN l.LineType = ${lineType} AND ${regular} THEN ${sql.d.concat(`'${prefix}'`, `l.${module}`, "'.'", `l.${module}Item`)}`;
    }).join(' ');
    return `SELECT ${sql.d.concat(id, "'.'", `l.${stage.lineNumber}`)} AS LineId, ${id} AS InvoiceId, l.${stage.lineNumber} AS LineNumber,
      CASE ${item} END AS ItemId, ${jobId('l', 'JCCo')} AS JobId, ${phaseId('l')} AS PhaseId, l.JCCType, l.Description, l.UM, l.Units, l.UnitCost,
      l.GrossAmt, l.Retainage, l.TaxCode
      FROM ${stage.line} l JOIN ${stage.header} h ON ${onKey(stage, 'l', 'h')} WHERE NOT (${stage.except})`;
  }).join(' UNION ALL ');

/** Of a line without units, they are nothing. */
const notZero = (column: string, field: FieldSpec): FieldSpec => ({
  ...field,
  select: `CASE WHEN t.UM IS NULL OR t.UM = 'LS' THEN NULL ELSE t.${column} END`,
});

const UNITS = {
  quantity: notZero('Units', units('Units')),
  uom: varchar('UM'),
  unitCost: notZero('UnitCost', unitCost('UnitCost')),
};

const lineSpec = (sql: VistaSql, stage: Stage, of: Pick<LineSpec, 'kind' | 'fields'>): LineSpec => ({
  ...of,
  table: stage.line,
  source: `(${lines(sql)})`,
  key: 'LineId',
  idForm: 'text',
  match: `${sql.d.concat(
    `(SELECT ${idOf(sql, stage, 'h')} FROM ${stage.header} h WHERE ${onKey(stage, 'h', 't')})`,
    "'.'",
    `t.${stage.lineNumber}`,
  )} = ${sql.d.collated('j.tieback_id')}`,
  parent: 'InvoiceId',
  parentColumns: {},
  numberColumn: 'LineNumber',
  label: (number, invoice) => `line ${number} of ${invoice}`,
});

/** What all invoices have in common. */
function invoiceSpec(
  sql: VistaSql,
  options: VistaOptions,
): Omit<KindSpec, 'kind' | 'where' | 'fields' | 'lines' | 'same' | 'noun'> {
  const stage = stageOf(options);
  const [owner = ''] = stage.key;
  return {
    table: stage.header,
    source: `(${headers(sql, owner)})`,
    key: 'Id',
    idForm: 'text',
    match: `${idOf(sql, stage, 't')} = ${sql.d.collated('j.tieback_id')}`,
    owner,
    derived: { VendorGroup: '@VendorGroup' },
    state: "'active'",
    // Unapproved ones are in no batch, but in a month all the same: see `prepare.ts`.
    ...(options.invoices === 'batch' ? { batch: { source: 'AP Entry', dateField: 'accountingDate' } } : {}),
  };
}

const headerFields = ({ header }: Stage): KindSpec['fields'] => ({
  code: varchar('APRef'),
  description: varchar('Description'),
  date: date('InvDate'),
  accountingDate: accountingDate(header, 'InvDate'),
  amount: dollars('InvTotal'),
});

/** Invoices on subcontracts and purchase orders. */
export const requisitionSpec = (sql: VistaSql, options: VistaOptions): KindSpec => {
  const stage = stageOf(options);
  return {
    ...invoiceSpec(sql, options),
    kind: 'requisition',
    where: "t.Sort = 'R'",
    fields: {
      ...headerFields(stage),
      job: computed('t.JobId', ref('Job', 'project')),
      commitment: computed('t.OrderId', ref('SL', 'commitment')),
      retainage: { ...computed('t.Retainage', dollars('Retainage')), ruleOf: [stage.line, 'Retainage'] },
      amountDue: { ...computed('t.Due', dollars('GrossAmt')), ruleOf: [stage.line, 'GrossAmt'] },
    },
    lines: [
      lineSpec(sql, stage, {
        kind: 'invoice_line',
        fields: {
          description: varchar('Description'),
          commitmentLine: computed('t.ItemId', ref('SLItem', 'commitment_line')),
          // Vista keeps the item that a change order line changed, not the line.
          changeOrderLine: computed('NULL', ref('SLItem', 'change_order_line')),
          costCode: computed('t.PhaseId', ref('Phase', 'cost_code')),
          costType: computed('t.JCCType', ref('JCCType', 'line_item_type')),
          ...UNITS,
          amount: dollars('GrossAmt'),
          retainage: dollars('Retainage'),
          taxCode: varchar('TaxCode'),
        },
      }),
    ],
    same: { fields: ['commitment', 'code'], sql: 't.APRef = @code AND t.OrderId = @commitment' },
    noun: 'invoice',
  };
};

/** Invoices without a contract, for jobs. */
export const directCostSpec = (sql: VistaSql, options: VistaOptions): KindSpec => ({
  ...invoiceSpec(sql, options),
  kind: 'company_level_direct_cost',
  where: "t.Sort = 'D'",
  fields: { ...headerFields(stageOf(options)), vendor: ref('Vendor', 'vendor'), dueDate: date('DueDate') },
  lines: [
    lineSpec(sql, stageOf(options), {
      kind: 'direct_cost_line',
      fields: {
        description: varchar('Description'),
        job: ref('Job', 'project', { select: 't.JobId', into: jobNumber }),
        costCode: ref('Phase', 'cost_code', { select: 't.PhaseId', into: phaseCode }),
        costType: ref('JCCType', 'line_item_type'),
        ...UNITS,
        amount: dollars('GrossAmt'),
      },
    }),
  ],
  same: { fields: ['vendor', 'code'], sql: 't.Vendor = @vendor AND t.APRef = @code' },
  noun: 'direct cost',
});

/** What was paid of invoices on orders: a payment may pay several. */
export function paymentSpec(sql: VistaSql): KindSpec {
  const posted = STAGES[2];
  if (posted === undefined) throw new Error('unreachable');
  const paper = ['APCo', 'CMCo', 'CMAcct', 'PayMethod', 'CMRef', 'CMRefSeq', 'EFTSeq']
    .map((column) => `p.${column} = d.${column}`)
    .join(' AND ');
  return {
    kind: 'invoice_payment',
    table: 'APPD',
    source: `(SELECT d.KeyID, d.APCo, d.CMRef, d.PayMethod, d.Gross, p.PaidDate, p.VoidYN, ${idOf(sql, posted, 'h')} AS InvoiceId
                FROM APPD d JOIN APPH p ON ${paper} JOIN APTH h ON h.APCo = d.APCo AND h.Mth = d.Mth AND h.APTrans = d.APTrans
               WHERE EXISTS (SELECT 1 FROM APTL l WHERE l.APCo = h.APCo AND l.Mth = h.Mth AND l.APTrans = h.APTrans AND l.LineType IN (6, 7)))`,
    owner: 'APCo',
    fields: {
      code: varchar('CMRef'),
      requisition: computed('t.InvoiceId', ref('APTrans', 'requisition')),
      method: {
        ...varchar('PayMethod'),
        read: (value) => ({ C: 'Check', E: 'EFT' })[String(value).trim()] ?? 'Check',
        rule: () => ({ maxLength: 5, unit: 'characters', charset: 'ascii', required: false }),
      },
      date: { ...computed('t.PaidDate', date('PaidDate')), ruleOf: ['APPH', 'PaidDate'] },
      amount: dollars('Gross'),
    },
    lines: [],
    state: "CASE t.VoidYN WHEN 'Y' THEN 'void' ELSE 'active' END",
    same: { fields: ['requisition', 'code'], sql: 't.CMRef = @code AND t.InvoiceId = @requisition' },
    noun: 'payment',
    readOnly: true,
  };
}
