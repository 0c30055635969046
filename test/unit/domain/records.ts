import * as fc from 'fast-check';
import type { ColumnRule } from '../../../src/domain/kinds/column-rules';
import type { FieldDefinition, KindDefinition, LineKind, RefTarget } from '../../../src/domain/kinds';
import { definitionOf } from '../../../src/domain/kinds';
import type { DraftLine, RecordDraft, RecordExport, RecordRef } from '../../../src/domain/request/intent';
import type { CanonicalRecord, Fields, KnownRecord, RecordLine } from '../../../src/domain/kinds/record';
import type { RecordLink } from '../../../src/domain/kinds/record-link';
import type { RecordColumns } from '../../../src/domain/kinds/fit-record';
import { anyUnicode } from '../../support/any-text';

export const rule = (more: Partial<ColumnRule> = {}): ColumnRule => ({
  maxLength: 60,
  unit: 'characters',
  charset: 'cp1252',
  required: false,
  ...more,
});

const RULES: Readonly<Partial<Record<FieldDefinition['type'], ColumnRule>>> = {
  text: rule(),
  date: rule({ maxLength: 10 }),
  money: rule({ maxLength: 14, decimals: 2 }),
  quantity: rule({ maxLength: 14, decimals: 3 }),
  unit_cost: rule({ maxLength: 14, decimals: 5 }),
  percent: rule({ maxLength: 6, decimals: 2 }),
};

const rulesFor = (definitions: Readonly<Record<string, FieldDefinition>>): Record<string, ColumnRule> =>
  Object.fromEntries(
    Object.entries(definitions).flatMap(([field, { type }]) => {
      const found = RULES[type];
      return found === undefined ? [] : [[field, found] as const];
    }),
  );

/** Columns of an ERP that has a place for everything. */
export function columnsFor(kind: RecordDraft['kind'], header: Partial<Record<string, ColumnRule>> = {}) {
  const definition: KindDefinition = definitionOf(kind);
  const lines: Partial<Record<LineKind, Record<string, ColumnRule>>> = {};
  for (const [line, { fields }] of Object.entries(definition.lines))
    lines[line as LineKind] = rulesFor(fields);
  return { fields: { ...rulesFor(definition.fields), ...header }, lines } as {
    fields: Record<string, ColumnRule>;
    lines: RecordColumns['lines'];
  };
}

export const lineOf = (
  kind: LineKind,
  number: string,
  fields: Fields = {},
  more: Partial<RecordLine> = {},
): RecordLine => ({ kind, number, fields, erpKey: null, procoreId: null, ...more });

export const recordOf = (fields: Fields, lines: readonly RecordLine[] = []): CanonicalRecord => ({
  fields,
  lines,
});

export const known = (
  key: string,
  record: CanonicalRecord,
  state: KnownRecord['state'] = 'active',
): KnownRecord => ({ key, state, record });

export const linkOf = (
  kind: RecordLink['kind'],
  procoreId: number | null,
  erpKey: string,
  more: Partial<RecordLink> = {},
): RecordLink => ({
  kind,
  erpKey,
  procoreId,
  state: 'linked',
  generation: 1,
  procore: null,
  erp: null,
  erpRevision: null,
  ...more,
});

export const ref = (
  target: RefTarget,
  procoreId: number | null,
  originId: string | null = null,
  label = `${target.replaceAll('_', ' ')} ${procoreId ?? originId ?? '?'}`,
): RecordRef => ({ target, procoreId, originId, label });

/** A cost code and a cost type, known by their origin_id. */
export const costs = (code = '101', type = '4'): Record<string, RecordRef> => ({
  costCode: ref('cost_code', null, `cost_code|1|${code}`),
  costType: ref('line_item_type', null, `line_item_type|1|${type}`),
});

export const draftLine = (
  kind: LineKind,
  number: string,
  fields: Fields,
  more: Partial<DraftLine> = {},
): DraftLine => ({
  kind,
  number,
  procoreId: 5000 + Number(number),
  itemType: 'line_item',
  fields,
  refs: costs(),
  ...more,
});

/** A commitment of two lump sums, everything it refers to being in the ERP. */
export const commitment = (more: Partial<RecordDraft> = {}): RecordDraft => ({
  kind: 'commitment',
  itemType: 'work_order_contract',
  procoreId: 71,
  originId: null,
  label: 'Commitment SC-008 "HVAC"',
  projectId: 9,
  detailIds: [],
  fields: {
    type: 'subcontract',
    code: 'SC-008',
    name: 'HVAC',
    description: null,
    status: 'Approved',
    date: '2026-03-31',
    accountingDate: null,
    retainagePercent: '10.00',
    amount: '150.00',
  },
  refs: { job: ref('project', 9, 'project|1|1024'), vendor: ref('vendor', 8, 'vendor|1|10442') },
  lines: [
    draftLine('commitment_line', '1', { basis: 'lump_sum', amount: '100.00' }),
    draftLine('commitment_line', '2', { basis: 'lump_sum', amount: '50.00' }, { refs: costs('102') }),
  ],
  notes: [],
  warnings: [],
  ...more,
});

/** The same commitment as the ERP holds it once it was written. */
export const heldCommitment = (
  key = '1|77',
  fields: Fields = {},
  lines: readonly RecordLine[] = [heldLine('1', '101', '100.00'), heldLine('2', '102', '50.00')],
): KnownRecord =>
  known(
    key,
    recordOf(
      {
        type: 'subcontract',
        code: 'SC-008',
        name: 'HVAC',
        description: null,
        job: '1|1024',
        vendor: '1|10442',
        status: 'Approved',
        date: '2026-03-31',
        accountingDate: '2026-03-31',
        retainagePercent: '10.00',
        amount: '150.00',
        ...fields,
      },
      lines,
    ),
  );

export const heldLine = (number: string, code: string, amount: string, key = `1|77-${number}`): RecordLine =>
  lineOf(
    'commitment_line',
    number,
    { basis: 'lump_sum', costCode: `1|${code}`, costType: '1|4', amount },
    { erpKey: key },
  );

/** A job with one cost code and one cost type on it. */
export const job = (more: Partial<RecordDraft> = {}): RecordDraft => ({
  kind: 'project',
  itemType: 'project',
  procoreId: 9,
  originId: null,
  label: 'Job 1024 "Eastgate"',
  projectId: 9,
  detailIds: [],
  fields: { code: '1024', name: 'Eastgate', city: 'Seattle', address: null, isActive: true },
  refs: {},
  lines: [codeLine('23-050', 501), assignmentLine('23-050', 501)],
  notes: [],
  warnings: [],
  ...more,
});

export const codeLine = (code: string, procoreId: number, name = 'HVAC'): DraftLine => ({
  kind: 'cost_code',
  number: code,
  procoreId,
  itemType: 'cost_code',
  fields: { code, name, isActive: true },
  refs: {},
});

export const assignmentLine = (code: string, codeId: number, type = 4): DraftLine => ({
  kind: 'cost_type_assignment',
  number: `${code}/L`,
  procoreId: null,
  itemType: null,
  fields: { costCode: code },
  refs: { costType: ref('line_item_type', type, `line_item_type|1|${type}`) },
  pair: { costCodeId: codeId, lineItemTypeId: type },
});

export const budget = (
  transactions: readonly (readonly [id: number, amount: string])[],
  more: Partial<RecordDraft> = {},
): RecordDraft => ({
  kind: 'budget',
  itemType: 'budget',
  procoreId: 31,
  originId: null,
  label: 'Budget of job 1024',
  projectId: 9,
  detailIds: [],
  fields: {},
  refs: { job: ref('project', 9, 'project|1|1024') },
  lines: transactions.map(([id, amount]) => ({
    kind: 'budget_line',
    number: String(id),
    procoreId: id,
    itemType: null,
    fields: { movement: 'original', amount, notes: null },
    refs: costs(),
  })),
  notes: [],
  warnings: [],
  ...more,
});

export const standardCode = (
  procoreId: number,
  code: string,
  parent: RecordRef | null = null,
  more: Partial<RecordDraft> = {},
): RecordDraft => ({
  kind: 'standard_cost_code',
  itemType: 'standard_cost_code',
  procoreId,
  originId: null,
  label: `Standard cost code ${code}`,
  projectId: null,
  detailIds: [procoreId + 1000],
  fields: { code, name: `Name of ${code}`, isActive: true },
  refs: { parent },
  lines: [],
  notes: [],
  warnings: [],
  ...more,
});

export const exportOf = (...records: readonly RecordDraft[]): RecordExport => ({
  way: 'export',
  detailIds: [77101],
  records,
});

/** Text as it comes from Procore: typed by people, and by worse. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  anyUnicode({ maxLength: 70 }),
  fc.string({ maxLength: 70 }),
  fc.constantFrom(
    '',
    ' ',
    '\u00A0',
    '…',
    '“Quarry” – O’Neill’s',
    'Pen\u0303a',
    '上海',
    'a\u200Bb',
    'NaN',
    '1e5',
  ),
);

/** Plain decimals of any length and sign, zero in many spellings. */
export const anyDecimal: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.stringMatching(/^\d{1,30}$/),
    fc.option(fc.stringMatching(/^\d{1,25}$/), { nil: null }),
  )
  .map(([sign, whole, fraction]) => `${sign}${whole}${fraction === null ? '' : `.${fraction}`}`);

/** Amounts as a document has them. */
export const anyAmount: fc.Arbitrary<string> = fc.oneof(
  fc.integer({ min: -9_999_999, max: 9_999_999 }).map((cents) => (cents / 100).toFixed(2)),
  fc.constantFrom('0', '0.00', '-0.00', '0.005', '-0.005', '33.333', '1.015'),
);
