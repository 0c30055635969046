import { computed, date, ref } from '../sql/fields';
import type { FieldSpec, KindSpec } from '../sql/model';
import { accountingDate, closed, dollars, exact, unitCost, units, varchar, whole, word } from './fields';
import type { Module, VistaSql } from './sql';
import { jobId, jobNumber, MODULE_NAMES, MODULES, phaseCode, phaseId } from './sql';

const BASIS = ['unit', 'lump_sum'];
const TYPES = MODULE_NAMES.map((module) => MODULES[module].type);

/** Units count only where the unit is none of a lump sum. */
const notLumpSum = (column: string, field: FieldSpec): FieldSpec => ({
  ...field,
  select: `CASE WHEN t.UM = 'LS' THEN NULL ELSE t.${column} END`,
});

const basis: FieldSpec = {
  ...computed("CASE WHEN t.UM = 'LS' THEN 'lump_sum' ELSE 'unit' END", varchar('UM')),
  rule: () => closed(BASIS),
};

/** Where the cost of a line goes: read as the ids of phase and cost type, written as their codes. */
const COST = {
  costCode: ref('Phase', 'cost_code', { select: 't.PhaseId', into: phaseCode }),
  costType: ref('JCCType', 'line_item_type'),
};

/** Item types: 1 is what the order was made with; 2 came with a change order. */
const REGULAR = 1;

/**
 * Subcontracts or purchase orders: in a batch of their own until a person posts it, then on file under the same number, which is their id. The items
 * that came with change orders are told there.
 */
export function orderSpec(sql: VistaSql, module: Module): KindSpec {
  const { prefix, type, noun, date: dateColumn } = MODULES[module];
  const { d, sum, percent } = sql;
  const isSubcontract = module === 'SL';
  const id = (order: string): string => d.concat(`'${prefix}'`, order);
  const header = (alias: string, owner: string, lines: string): string =>
    `SELECT ${id(`${alias}.${module}`)} AS Id, ${alias}.${owner} AS Co, ${alias}.${module}, ${jobId(alias, 'JCCo')} AS JobId, ${alias}.Vendor, ${alias}.Description,
            ${alias}.${dateColumn}, ${alias}.Status, ${alias}.Notes${isSubcontract ? `, ${alias}.udPermit` : ''}, ${lines}`;
  const sums = (from: string): string =>
    `(SELECT ${sum('OrigCost')} FROM ${from} AND ItemType = ${REGULAR}) AS Amount, ${
      isSubcontract ? `(SELECT ${percent('MAX(WCRetPct)')} FROM ${from} AND ItemType = ${REGULAR})` : "'0.00'"
    } AS Retainage`;
  const inBatch = `${module}IB i WHERE i.Co = b.Co AND i.Mth = b.Mth AND i.BatchId = b.BatchId AND i.BatchSeq = b.BatchSeq`;
  const onFile = `${module}IT i WHERE i.${module}Co = h.${module}Co AND i.${module} = h.${module}`;
  const item = (alias: string, order: string): string =>
    `SELECT ${d.concat(id(order), "'.'", `${alias}.${module}Item`)} AS ItemId, ${id(order)} AS OrderId, ${alias}.${module}Item, ${alias}.ItemType, ${phaseId(alias)} AS PhaseId,
            ${alias}.JCCType, ${alias}.Description, ${alias}.UM, ${alias}.OrigUnits, ${alias}.OrigUnitCost, ${alias}.OrigCost, ${alias}.TaxCode, ${alias}.OrigTax`;
  return {
    kind: 'commitment',
    table: `${module}HB`,
    source: `(${header('b', 'Co', sums(inBatch))} FROM ${module}HB b WHERE b.BatchTransType = 'A'
              UNION ALL ${header('h', `${module}Co`, sums(onFile))} FROM ${module}HD h)`,
    key: 'Id',
    idForm: 'text',
    match: `${id(`t.${module}`)} = ${d.collated('j.tieback_id')}`,
    owner: 'Co',
    variant: { takes: ({ type: wanted }) => wanted === type, holds: (of) => of.startsWith(prefix) },
    fields: {
      type: word(module, type, TYPES),
      code: varchar(module),
      name: varchar('Description'),
      description: varchar('Notes'),
      job: ref('Job', 'project', { select: 't.JobId', into: jobNumber }),
      vendor: ref('Vendor', 'vendor'),
      date: date(dateColumn),
      accountingDate: accountingDate(`${module}HB`, 'Mth'),
      retainagePercent: {
        ...computed('t.Retainage', exact('WCRetPct', 2)),
        ruleOf: [`${module}IB`, 'OrigCost'],
      },
      amount: { ...computed('t.Amount', dollars('OrigCost')), ruleOf: [`${module}IB`, 'OrigCost'] },
    },
    derived: { JCCo: '@JCCo', VendorGroup: '@VendorGroup' },
    ...(isSubcontract ? { custom: { udPermit: { ...varchar('udPermit'), type: 'text' as const } } } : {}),
    lines: [
      {
        kind: 'commitment_line',
        table: `${module}IB`,
        source: `(${item('i', `b.${module}`)} FROM ${module}IB i JOIN ${module}HB b ON b.Co = i.Co AND b.Mth = i.Mth AND b.BatchId = i.BatchId AND b.BatchSeq = i.BatchSeq AND b.BatchTransType = 'A'
                  UNION ALL ${item('i', `i.${module}`)} FROM ${module}IT i)`,
        key: 'ItemId',
        idForm: 'text',
        match: `${d.concat(
          `(SELECT ${id(`b.${module}`)} FROM ${module}HB b WHERE b.Co = t.Co AND b.Mth = t.Mth AND b.BatchId = t.BatchId AND b.BatchSeq = t.BatchSeq)`,
          "'.'",
          `t.${module}Item`,
        )} = ${d.collated('j.tieback_id')}`,
        parent: 'OrderId',
        // Where a new line goes is known when its order has its place: see `prepare.ts`.
        parentColumns: {},
        fixed: { ItemType: REGULAR },
        fields: {
          description: varchar('Description'),
          ...COST,
          basis,
          quantity: notLumpSum('OrigUnits', units('OrigUnits')),
          uom: varchar('UM'),
          unitCost: notLumpSum('OrigUnitCost', unitCost('OrigUnitCost')),
          amount: dollars('OrigCost'),
          taxCode: varchar('TaxCode'),
          taxAmount: dollars('OrigTax'),
        },
        numberColumn: `${module}Item`,
        label: (of, order) => `item ${of} of ${order}`,
      },
    ],
    // Status: 0 open, 3 pending; complete and closed ones take nothing new.
    state: "CASE WHEN t.Status IN (0, 3) THEN 'active' ELSE 'inactive' END",
    same: { fields: ['code'], sql: `t.${module} = @code` },
    batch: { source: `${module} Entry`, dateField: 'accountingDate' },
    noun,
  };
}

/** Begins the note of a row that we made: what follows is the number of its line. */
export const OUR_NOTE = 'Tieback ';

/**
 * Change orders: nothing but lines, each a change of one item, under the number of the order and of the change. They are in a batch until a person
 * posts it.
 */
export function changeSpec(sql: VistaSql, module: Module): KindSpec {
  const { prefix } = MODULES[module];
  const { d, sum } = sql;
  const order = (alias: string): string => d.concat(`'${prefix}'`, `${alias}.${module}`);
  const id = (alias: string): string => d.concat(order(alias), "'.'", `${alias}.${module}ChangeOrder`);
  const number = (alias: string, place: string): string =>
    `CASE WHEN SUBSTRING(${alias}.Notes, 1, ${OUR_NOTE.length}) = '${OUR_NOTE}' THEN SUBSTRING(${alias}.Notes, ${OUR_NOTE.length + 1}, 40) ELSE ${d.concat(`'${place}'`, `${alias}.KeyID`)} END`;
  const row = (alias: string, owner: string, place: string): string =>
    `SELECT ${alias}.${owner} AS Co, ${id(alias)} AS Id, ${order(alias)} AS OrderId, ${alias}.${module}ChangeOrder, ${alias}.ActDate, ${number(alias, place)} AS LineNumber,
            ${d.concat(order(alias), "'.'", `${alias}.${module}Item`)} AS ItemId, ${alias}.Description, ${alias}.UM, ${alias}.ChangeCurUnits, ${alias}.CurUnitCost, ${alias}.ChangeCurCost,
            i.ItemType, ${phaseId('i')} AS PhaseId, i.JCCType, ${jobId('i', 'JCCo')} AS JobId
       FROM ${module}${place === 'B' ? 'CB' : 'CD'} ${alias}
       JOIN ${module}IT i ON i.${module}Co = ${alias}.${owner} AND i.${module} = ${alias}.${module} AND i.${module}Item = ${alias}.${module}Item`;
  const rows = `${row('b', 'Co', 'B')} WHERE b.BatchTransType = 'A' UNION ALL ${row('c', `${module}Co`, 'T')}`;
  return {
    kind: 'commitment_change_order',
    table: `${module}CB`,
    source: `(SELECT Co, Id, OrderId, ${module}ChangeOrder, MIN(ActDate) AS ActDate, MIN(JobId) AS JobId, ${sum('ChangeCurCost')} AS Amount
                FROM (${rows}) r GROUP BY Co, Id, OrderId, ${module}ChangeOrder)`,
    key: 'Id',
    idForm: 'text',
    match: `${id('t')} = ${d.collated('j.tieback_id')}`,
    owner: 'Co',
    inLines: true,
    variant: {
      takes: ({ commitment }) => typeof commitment === 'string' && commitment.includes(`|${prefix}`),
      holds: (of) => of.startsWith(prefix),
    },
    fields: {
      code: whole(`${module}ChangeOrder`, 32_767),
      job: computed('t.JobId', ref(module, 'project')),
      commitment: computed('t.OrderId', ref(module, 'commitment')),
      date: date('ActDate'),
      accountingDate: accountingDate(`${module}CB`, 'Mth'),
      amount: { ...computed('t.Amount', dollars('ChangeCurCost')), ruleOf: [`${module}CB`, 'ChangeCurCost'] },
    },
    lines: [
      {
        kind: 'change_order_line',
        table: `${module}CB`,
        source: `(SELECT r.Co, r.Id, r.LineNumber, r.ItemId, r.Description, r.UM, r.ChangeCurUnits, r.CurUnitCost, r.ChangeCurCost, r.ItemType, r.PhaseId, r.JCCType, ${d.concat('r.Id', "'.'", 'r.LineNumber')} AS LineId FROM (${rows}) r)`,
        key: 'LineId',
        idForm: 'text',
        match: `${d.concat(id('t'), "'.'", `SUBSTRING(t.Notes, ${OUR_NOTE.length + 1}, 40)`)} = ${d.collated('j.tieback_id')}`,
        parent: 'Id',
        parentColumns: {},
        fields: {
          description: varchar('Description'),
          costCode: computed('t.PhaseId', ref('Phase', 'cost_code')),
          costType: computed('t.JCCType', ref('JCCType', 'line_item_type')),
          commitmentLine: computed(
            'CASE WHEN t.ItemType = 1 THEN t.ItemId END',
            ref(`${module}Item`, 'commitment_line'),
          ),
          basis,
          quantity: notLumpSum('ChangeCurUnits', units('ChangeCurUnits')),
          uom: varchar('UM'),
          unitCost: notLumpSum('CurUnitCost', unitCost('CurUnitCost')),
          amount: dollars('ChangeCurCost'),
        },
        numberColumn: 'LineNumber',
        label: (of, change) => `line ${of} of ${change}`,
      },
    ],
    state: "'active'",
    same: {
      fields: ['commitment', 'code'],
      sql: `t.OrderId = @commitment AND t.${module}ChangeOrder = @code`,
    },
    batch: { source: `${module} Change`, dateField: 'accountingDate' },
    noun: 'change order',
  };
}
