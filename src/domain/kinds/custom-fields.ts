import type { ColumnRule } from './column-rules';
import type { FieldDefinition, FieldType, KindDefinition } from './definition';
import type { LineKind, RefTarget } from './names';
import type { CanonicalRecord, Fields } from './record';

/*
 * Fields that a company defined in Procore and columns that it added to its ERP, tied by its configuration. Inside a record such a field is
 * called after its column (`custom_udPermit`) and stands among those of the kind; its definition is made of what Procore calls it and of what
 * the ERP says of the column.
 */

/** Records and lines whose custom fields reach the ERP. */
export const CUSTOM_FIELD_HOLDERS = [
  'vendor',
  'standard_cost_code',
  'project',
  'sub_job',
  'budget',
  'commitment',
  'commitment_line',
  'commitment_change_order',
  'change_order_line',
  'requisition',
  'invoice_line',
  'contract_payment',
  'payment_application',
  'owner_invoice_line',
  'prime_contract_change_order',
  'prime_change_line',
  'company_level_direct_cost',
  'direct_cost_line',
] as const satisfies readonly RefTarget[];
export type CustomFieldHolder = (typeof CUSTOM_FIELD_HOLDERS)[number];

/** Procore's name of a custom field (`custom_field_598134`, or a key of `erp_custom_fields`) → column of the ERP. */
export type CustomFields = Readonly<Partial<Record<RefTarget, Readonly<Record<string, string>>>>>;

/** The mapped columns, which are read and written beside those of the kind; any other column of the ERP is nobody's business. */
export type CustomColumnNames = Readonly<Partial<Record<RefTarget, readonly string[]>>>;

/** A column that custom fields may be mapped to. Its rule is that of the live system. */
export interface CustomColumn {
  /** Words for people, as the ERP has them. */
  readonly label: string;
  readonly type: Exclude<FieldType, 'reference'>;
  /** Of a flag, nothing of it counts. */
  readonly rule: ColumnRule;
}

/** Column → what it is. The name is made of letters, digits and underscores. */
export type CustomColumns = Readonly<Record<string, CustomColumn>>;

/** Custom fields of one record: canonical name → what Procore calls it; null: it does not say. */
export interface CustomLabels {
  readonly fields: Readonly<Record<string, string | null>>;
  readonly lines: Readonly<Partial<Record<LineKind, Readonly<Record<string, string | null>>>>>;
}

/** What a draft knows of its custom fields beside their values. */
export interface DraftCustomFields extends CustomLabels {
  /** Why values could not be read, in sentences, by what a correction of the field is known by; each is a problem until it is corrected. */
  readonly unread: Readonly<Record<string, string>>;
}

const PREFIX = 'custom_';

/** What a mapped field is called in a record. */
export const customField = (column: string): string => `${PREFIX}${column}`;
export const isCustomField = (field: string): boolean => field.startsWith(PREFIX);
/** The column of a mapped field. */
export const columnOf = (field: string): string => field.slice(PREFIX.length);

export const columnNamesOf = (mapped: CustomFields): CustomColumnNames =>
  Object.fromEntries(Object.entries(mapped).map(([target, columns]) => [target, Object.values(columns)]));

/** The definition of a kind with custom fields, as far as Procore alone can tell: texts, by the name it gives them. */
export const withCustomFields = (
  definition: KindDefinition,
  { fields, lines }: CustomLabels,
): KindDefinition => ({
  ...definition,
  fields: { ...definition.fields, ...asTexts(fields) },
  lines: Object.fromEntries(
    Object.entries(definition.lines).map(([kind, line]) => [
      kind,
      { ...line, fields: { ...line.fields, ...asTexts(lines[kind as LineKind] ?? {}) } },
    ]),
  ),
});

const asTexts = (labels: CustomLabels['fields']): Readonly<Record<string, FieldDefinition>> =>
  Object.fromEntries(
    Object.entries(labels).map(([field, label]) => [
      field,
      { label: label ?? columnOf(field), type: 'text' },
    ]),
  );

/** A record without its custom fields: what Procore has a place for. */
export const withoutCustomFields = (record: CanonicalRecord): CanonicalRecord =>
  hasCustomFields(record) || record.lines.some(hasCustomFields)
    ? {
        fields: ordinary(record),
        lines: record.lines.map((line) => ({ ...line, fields: ordinary(line) })),
      }
    : record;

function hasCustomFields({ fields }: Pick<CanonicalRecord, 'fields'>): boolean {
  for (const field in fields) if (isCustomField(field)) return true;
  return false;
}

const ordinary = ({ fields }: Pick<CanonicalRecord, 'fields'>): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([field]) => !isCustomField(field)));
