import type { ColumnRule } from '../../domain/kinds/column-rules';
import type { FieldType, Kind, LineKind } from '../../domain/kinds';
import { definitionOf } from '../../domain/kinds';
import type { RecordColumns } from '../../domain/kinds/fit-record';
import type { ErpMetadata } from '../../domain/kinds/metadata';
import type { JsonObject } from '../client/json';

/** How the ERP is called in Procore's ERP tool ("ERP Metadata" guide, `labels`). What is absent follows from the ERP itself. */
export interface ErpLabels {
  /** Shown everywhere, e.g. `Vista`. */
  readonly name?: string;
  /** Prefix of the code field, e.g. `Vista ID`. */
  readonly idName?: string;
  readonly shortName?: string;
}

export interface MetadataOptions {
  readonly labels?: ErpLabels;
}

type Labels = Required<ErpLabels>;

/**
 * The metadata configuration of Procore's ERP tool ("ERP Metadata" guide): what the ERP can take and give, and how wide its fields are, so
 * that a user meets a limit while typing and not as a failed export. Only documented keys are sent.
 */
export function metadataDocument(metadata: ErpMetadata, options: MetadataOptions = {}): JsonObject {
  const labels = labelsOf(metadata, options.labels ?? {});
  const entities = ENTITY_ROWS.map((row) => [row.key, entityDocument(row, metadata, labels)] as const);
  return {
    settings: {
      labels: { name: labels.name, id_name: labels.idName, short_name: labels.shortName },
      configurations: {
        features: { custom_wbs_segments: { enabled: false } },
        settings: { cost_codes_segment_delimiter: '-' },
      },
      entities: Object.fromEntries(entities),
    },
  };
}

const labelsOf = ({ system }: ErpMetadata, given: ErpLabels): Labels => {
  const name = given.name ?? system;
  return { name, idName: given.idName ?? `${name} ID`, shortName: given.shortName ?? name };
};

/** A switch is on, off, or on where this ERP can do it; an object holds a switch and what hangs on it. */
type Switch = boolean | ((erp: ErpMetadata) => boolean) | { readonly [name: string]: Switch };

/** A field of the ERP tool that one of our columns limits. */
interface FieldRow {
  /** Canonical field. */
  readonly column: string;
  /** Its name in Procore. */
  readonly field: string;
  /** Only there when the record is exported: typed by the approver. */
  readonly typed?: true;
  /** An empty value is no fault: the ERP gives one, or another field of Procore stands in. */
  readonly mayBeEmpty?: true;
  /** Takes `format`, which Procore documents for job numbers only; the format itself is set by `configs.job_id_format`. */
  readonly format?: true;
}

/** A field that the approver fills in before the export; it arrives in `erp_custom_fields`. */
interface CustomRow {
  readonly column: string;
  readonly key: string;
  readonly type: 'date' | 'string';
  /** The value is an origin_id, not what the column holds: its width says nothing. */
  readonly isKey?: true;
}

/** `code`: the number that the ERP gave, under the label of the canonical field. */
type TabColumns = readonly 'code'[] | typeof JOB_COST_COLUMNS;

interface EntityRow {
  /** Key in the configuration. */
  readonly key: string;
  readonly kind: Kind;
  /** The rules are those of a kind of line. */
  readonly line?: LineKind | undefined;
  readonly configs: Readonly<Record<string, Switch>>;
  /** Columns of "Ready to Import"; absent: the guide shows no tab for this entity. */
  readonly tab?: TabColumns;
  readonly fields?: readonly FieldRow[];
  readonly custom?: readonly CustomRow[];
}

const has =
  (kind: Kind, line?: LineKind) =>
  ({ records }: ErpMetadata): boolean =>
    columnsOf({ kind, line }, records) !== null;

/** Jobs have a format where the ERP has one for its numbers: the rule `format` is empty without the switch. */
const hasFormat = ({ records }: ErpMetadata): boolean =>
  records.project?.fields['code']?.pattern !== undefined;

const field = (column: string, name = column, more: Omit<FieldRow, 'column' | 'field'> = {}): FieldRow => ({
  column,
  field: name,
  ...more,
});

/** The ERP number that an approver may type; the guide has another name for it where the tool shows no code. */
const typedCode = (name: 'code' | 'origin_code'): FieldRow =>
  field('code', name, { typed: true, mayBeEmpty: true });
/** Procore's own number is taken where nothing was typed. */
const contract = (code: 'code' | 'origin_code'): readonly FieldRow[] => [
  typedCode(code),
  field('code', 'number', { mayBeEmpty: true }),
  field('name', 'title'),
  field('description'),
];
const CONTRACT_LINE = [
  field('description'),
  field('quantity'),
  field('uom'),
  field('unitCost', 'unit_cost'),
  field('amount', 'total_amount'),
];
const ACCOUNTING_DATE: CustomRow = { column: 'accountingDate', key: 'accounting_date', type: 'date' };

/** The amounts that "Ready to Import" can show of a job cost. */
const JOB_COST_COLUMNS = [
  'original_estimate',
  'original_estimate_units',
  'approved_estimate_changes',
  'approved_estimate_unit_changes',
  'estimate',
  'estimate_units',
  'original_commitment',
  'approved_commitment_changes',
  'revised_commitment',
  'commitment_invoiced',
  'job_to_date_cost',
  'job_to_date_units',
  'job_to_date_dollars_paid',
  'month_to_date_cost',
  'month_to_date_dollars_paid',
  'month_to_date_units',
] as const;

const jobConfigs = (kind: 'project' | 'sub_job'): EntityRow['configs'] => ({
  export: true,
  import: true,
  update: true,
  ...(kind === 'project' ? { job_id_format: hasFormat } : {}),
  category_assignments: has(kind, 'cost_type_assignment'),
  cost_type_assignment_deletions: has(kind, 'cost_type_assignment'),
  cost_code_deletions: has(kind, 'cost_code'),
  staged_records: true,
});

/**
 * Every entity of the configuration, with the switches and fields that the guide names. Entities that this ERP does not keep are switched
 * off with everything in them.
 *
 * How to add a field: one `field(...)` in its row; how to add an entity: one row.
 */
const ENTITY_ROWS: readonly EntityRow[] = [
  {
    key: 'standard_cost_codes',
    kind: 'standard_cost_code',
    configs: { export: true, import: true },
    fields: [field('code', 'code', { mayBeEmpty: true }), field('name')],
    custom: [
      { column: 'incomeAccount', key: 'income_account_origin_id', type: 'string', isKey: true },
      { column: 'expenseAccount', key: 'expense_account_origin_id', type: 'string', isKey: true },
    ],
  },
  { key: 'standard_categories', kind: 'line_item_type', configs: { export: false, import: true } },
  {
    key: 'vendors',
    kind: 'vendor',
    tab: ['code'],
    configs: {
      export: { enabled: true, create: true, update: false },
      import: { enabled: true, create: true, update: true },
      staged_records: true,
    },
    fields: [
      typedCode('code'),
      field('name'),
      field('sortName', 'abbreviated_name', { mayBeEmpty: true }),
      field('address'),
      field('city'),
      field('stateCode', 'state_code'),
      field('postalCode', 'zip'),
      field('countryCode', 'country_code'),
      field('phone', 'business_phone'),
      field('fax', 'fax_number'),
      field('email', 'email_address'),
      field('website'),
    ],
    custom: [{ column: 'vendorType', key: 'vendor_type_origin_id', type: 'string', isKey: true }],
  },
  {
    key: 'jobs',
    kind: 'project',
    tab: ['code'],
    configs: jobConfigs('project'),
    fields: [
      // The number of a job is always typed: Procore sends no other.
      field('code', 'code', { typed: true, format: true }),
      field('name'),
      field('address'),
      field('city'),
      field('stateCode', 'state_code'),
      field('postalCode', 'zip'),
    ],
  },
  {
    key: 'sub_jobs',
    kind: 'sub_job',
    tab: ['code'],
    configs: jobConfigs('sub_job'),
    fields: [field('code', 'code', { mayBeEmpty: true }), field('name')],
  },
  {
    key: 'budgets',
    kind: 'budget',
    tab: ['code'],
    configs: {
      export: { enabled: true, create: true, forecast_amounts: false },
      import: false,
      sub_job_export: has('sub_job'),
      revised_estimates_export: true,
    },
  },
  {
    key: 'job_costs',
    kind: 'project',
    line: 'job_cost',
    tab: JOB_COST_COLUMNS,
    configs: { export: false, import: true },
  },
  {
    key: 'commitments',
    kind: 'commitment',
    tab: ['code'],
    configs: {
      export: true,
      import: true,
      unlink: true,
      export_purchase_orders: true,
      export_subcontracts: true,
      allow_duplicate_codes: false,
      procore_contract_number: true,
      staged_records: true,
    },
    fields: [
      ...contract('code'),
      field('retainagePercent', 'retainage_percent'),
      field('date', 'contract_date'),
    ],
    custom: [ACCOUNTING_DATE],
  },
  {
    key: 'commitment_items',
    kind: 'commitment',
    line: 'commitment_line',
    tab: [],
    configs: { export: true, import: true },
    fields: CONTRACT_LINE,
  },
  {
    key: 'commitment_change_orders',
    kind: 'commitment_change_order',
    tab: ['code'],
    configs: {
      export: true,
      import: true,
      unlink: true,
      line_items_require_single_category: false,
      procore_change_order_number: true,
      staged_records: true,
    },
    fields: contract('code'),
    custom: [ACCOUNTING_DATE],
  },
  {
    key: 'commitment_change_order_items',
    kind: 'commitment_change_order',
    line: 'change_order_line',
    tab: [],
    configs: { export: true, import: true },
    fields: CONTRACT_LINE,
  },
  {
    key: 'requisitions',
    kind: 'requisition',
    tab: [],
    // Its switch `accounting_date` stays away: the custom field asks for the same date, and where that arrives is documented.
    configs: { export: true, sync_payments: has('invoice_payment') },
    fields: [
      typedCode('origin_code'),
      field('code', 'invoice_number', { mayBeEmpty: true }),
      field('requisitionNumber', 'number', { mayBeEmpty: true }),
      field('date', 'billing_date'),
    ],
    custom: [ACCOUNTING_DATE, { column: 'description', key: 'description', type: 'string' }],
  },
  {
    key: 'contract_payments',
    kind: 'contract_payment',
    tab: [],
    // Payments of the ERP come through `requisitions.sync_payments`; the other way is announced, not described.
    configs: { export: true, import: false },
    fields: [
      field('code', 'payment_number', { mayBeEmpty: true }),
      field('invoiceNumber', 'invoice_number'),
      field('checkNumber', 'check_number'),
    ],
  },
  {
    key: 'payment_applications',
    kind: 'payment_application',
    tab: [],
    configs: { export: true, unlink: true },
    fields: [field('code', 'invoice_number', { mayBeEmpty: true }), field('date', 'billing_date')],
    custom: [ACCOUNTING_DATE],
  },
  {
    key: 'prime_contracts',
    kind: 'prime_contract',
    tab: ['code'],
    configs: { import: true, staged_records: true },
  },
  {
    key: 'prime_contract_change_orders',
    kind: 'prime_contract_change_order',
    tab: [],
    configs: {
      export: true,
      export_estimate_markup: has('prime_contract_change_order', 'prime_change_markup'),
    },
    fields: contract('origin_code'),
    custom: [ACCOUNTING_DATE],
  },
  {
    key: 'company_level_direct_costs',
    kind: 'company_level_direct_cost',
    tab: [],
    configs: { export: true, unlink: true },
    fields: [
      typedCode('origin_code'),
      field('code', 'invoice_number', { mayBeEmpty: true }),
      field('description'),
      field('date', 'direct_cost_date'),
    ],
  },
];

/** The columns an entity of the configuration is about; null: this ERP keeps no such records. */
const columnsOf = (
  { kind, line }: Pick<EntityRow, 'kind' | 'line'>,
  records: ErpMetadata['records'],
): RecordColumns['fields'] | null =>
  (line === undefined ? records[kind]?.fields : records[kind]?.lines[line]) ?? null;

function entityDocument(row: EntityRow, metadata: ErpMetadata, labels: Labels): JsonObject {
  const columns = columnsOf(row, metadata.records);
  const enabled = columns !== null;
  const configs = Object.fromEntries(
    Object.entries(row.configs).map(([name, on]) => [name, switchOf(on, enabled, metadata)]),
  );
  if (columns === null) {
    return { enabled, configs, ...(row.tab === undefined ? {} : { tab: { enabled } }) };
  }
  const custom = (row.custom ?? []).flatMap((item) => customField(row, item, columns, labels));
  const rules = rulesOf(row, columns, labels);
  return {
    enabled,
    configs: withCustomFields(configs, custom),
    ...(row.tab === undefined ? {} : { tab: tabOf(row, row.tab) }),
    ...(rules === null ? {} : { rules }),
  };
}

/** Records of one name are told apart by their number. */
function tabOf({ kind }: EntityRow, columns: TabColumns): JsonObject {
  const text = definitionOf(kind).fields['code']?.label;
  const shown = columns.map((name) => [
    name,
    { enabled: true, ...(name === 'code' && text !== undefined ? { text } : {}) },
  ]);
  return {
    enabled: true,
    ...(shown.length === 0 ? {} : { columns: Object.fromEntries(shown) as JsonObject }),
  };
}

function switchOf(on: Switch, exists: boolean, metadata: ErpMetadata): JsonObject {
  if (typeof on !== 'object') {
    return { enabled: exists && (typeof on === 'function' ? on(metadata) : on) };
  }
  const { enabled = true, ...more } = on;
  const parts = Object.entries(more).map(([name, part]) => [name, switchOf(part, exists, metadata)]);
  return { ...switchOf(enabled, exists, metadata), ...(Object.fromEntries(parts) as JsonObject) };
}

function withCustomFields(
  configs: Readonly<Record<string, JsonObject>>,
  custom: readonly JsonObject[],
): JsonObject {
  if (custom.length === 0) return configs;
  return { ...configs, export: { ...configs['export'], custom_fields: custom } };
}

/** Codes a label has room for. */
const MOST_CODES = 8;

function customField(
  row: EntityRow,
  { column, key, type, isKey }: CustomRow,
  columns: RecordColumns['fields'],
  labels: Labels,
): readonly JsonObject[] {
  const rule = columns[column];
  if (rule === undefined) return [];
  const words = wordsOf(row, column, labels);
  const { allowed } = rule;
  const codes = allowed && allowed.length <= MOST_CODES ? ` (${allowed.join(', ')})` : '';
  const validation = {
    ...(rule.required ? { present: missing(words) } : {}),
    ...(type === 'string' && isKey !== true ? { max_length: tooLong(words, rule) } : {}),
  };
  return [
    {
      key,
      label: `${words.label}${codes}`,
      type,
      ...(Object.keys(validation).length === 0 ? {} : { rules: { validation } }),
    },
  ];
}

/** `rules.save` and `rules.export`; null where nothing is limited. */
function rulesOf(row: EntityRow, columns: RecordColumns['fields'], labels: Labels): JsonObject | null {
  const limits = (row.fields ?? []).flatMap((item) => {
    const rule = columns[item.column];
    if (rule === undefined) return [];
    const words = wordsOf(row, item.column, labels);
    return [{ item, limits: limitsOf(item, rule, words), rule, words }];
  });
  const onSave = limits.flatMap(({ item, limits: validation }) =>
    item.typed === true ? [] : [ruled(item.field, validation)],
  );
  const onExport = limits.map(({ item, limits: validation, rule, words }) =>
    // A record may be saved before it is complete; the ERP gets it complete.
    ruled(item.field, {
      ...(rule.required && rule.assigned !== true && item.mayBeEmpty !== true
        ? { present: missing(words) }
        : {}),
      ...validation,
    }),
  );
  const fieldsOf = (entries: readonly Ruled[]): JsonObject | null => {
    const filled = entries.filter(([, rule]) => rule !== null);
    return filled.length === 0 ? null : { fields: Object.fromEntries(filled) };
  };
  const [save, exported] = [fieldsOf(onSave), fieldsOf(onExport)];
  if (save === null && exported === null) return null;
  return { ...(exported === null ? {} : { export: exported }), ...(save === null ? {} : { save }) };
}

type Ruled = readonly [field: string, rule: JsonObject | null];

const ruled = (name: string, validation: JsonObject): Ruled => [
  name,
  Object.keys(validation).length === 0 ? null : { enabled: true, validation },
];

/** Words for the sentences of one field. */
interface Words {
  readonly label: string;
  /** `Title (commitment)`. */
  readonly where: string;
  readonly erp: string;
  readonly type: FieldType;
}

function wordsOf({ kind, line }: EntityRow, column: string, { shortName }: Labels): Words {
  const definition = definitionOf(kind);
  const of = definition.label.toLowerCase();
  const lines = line === undefined ? undefined : definition.lines[line];
  const { label = column, type = 'text' as const } = (lines ?? definition).fields[column] ?? {};
  const place = lines === undefined ? of : `${lines.label.toLowerCase()} of the ${of}`;
  return { label, where: `${label} (${place})`, erp: shortName, type };
}

const missing = ({ where, erp }: Words): JsonObject => ({
  enabled: true,
  message: `${where} is missing; ${erp} requires it.`,
});

/**
 * Procore counts characters. In a code page of one byte for a character bytes are the same; in any other the ERP may take fewer, and the
 * plan says so: a rule here must never refuse what fits.
 */
const tooLong = ({ where, erp }: Words, { maxLength }: ColumnRule): JsonObject => ({
  enabled: true,
  length: maxLength,
  message: `${where}: ${erp} takes at most %{length} characters.`,
});

function limitsOf({ format }: FieldRow, rule: ColumnRule, words: Words): JsonObject {
  const { where, erp, type } = words;
  if (type === 'date' || type === 'flag' || type === 'reference') return {};
  if (type !== 'text') {
    const decimals = rule.decimals ?? CENTS;
    const units = rule.maxLength - (decimals > 0 ? decimals + 1 : 0);
    return {
      max_length_decimal: {
        enabled: true,
        length: decimals,
        message: `${where}: ${erp} keeps %{length} decimals.`,
      },
      max_length_units: {
        enabled: true,
        length: units,
        message: `${where}: ${erp} takes at most %{length} digits before the point.`,
      },
    };
  }
  const { range } = rule;
  return {
    max_length: tooLong(words, rule),
    ...(range === undefined
      ? {}
      : {
          numeric: {
            enabled: true,
            message: `${where}: ${erp} takes numbers from ${range.from} to ${range.to}.`,
          },
        }),
    ...(format === true && rule.pattern
      ? {
          format: {
            enabled: true,
            message: `${where} is not valid in ${erp}: ${rule.pattern.explains} (format: %{job_code_format}).`,
          },
        }
      : {}),
  };
}

/** Decimals of money where the ERP does not say, as the planner has it. */
const CENTS = 2;
