import { sum } from '../../../domain/base/money';
import type { FieldDefinition, Kind, KindDefinition } from '../../../domain/kinds';
import { definitionOf } from '../../../domain/kinds';
import type { ColumnRule } from '../../../domain/kinds/column-rules';
import type { RecordColumns } from '../../../domain/kinds/fit-record';
import type { CanonicalRecord, Fields, FieldValue } from '../../../domain/kinds/record';
import { lineKeyOf } from '../../../domain/kinds/record';

/** A field of the header, or of the first line of its kind: where a value can be tried out. */
export interface Place {
  readonly name: string;
  readonly field: string;
  readonly isHeader: boolean;
  readonly definition: FieldDefinition;
  readonly rule: ColumnRule | undefined;
  /** The record with this value there; a header that is the sum of its lines stays it. */
  readonly put: (record: CanonicalRecord, value: FieldValue) => CanonicalRecord;
  readonly get: (record: CanonicalRecord) => FieldValue;
}

export interface RuledPlace extends Place {
  readonly rule: ColumnRule;
}

/** Every place of a record like this one. `definition`: that of the kind, or with custom fields. */
export function placesOf(
  kind: Kind,
  record: CanonicalRecord,
  rules: RecordColumns,
  definition: KindDefinition = definitionOf(kind),
): readonly Place[] {
  const header = Object.entries(definition.fields).map(([field, of]): Place => ({
    name: field,
    field,
    isHeader: true,
    definition: of,
    rule: rules.fields[field],
    put: (into, value) => ({ ...into, fields: { ...into.fields, [field]: value } }),
    get: ({ fields }) => fields[field] ?? null,
  }));
  const first = [...new Map([...record.lines].reverse().map((line) => [line.kind, line])).values()];
  const lines = first.flatMap((line) =>
    Object.entries(definition.lines[line.kind]?.fields ?? {}).map(([field, of]): Place => ({
      name: `${line.kind}.${field}`,
      field,
      isHeader: false,
      definition: of,
      rule: rules.lines[line.kind]?.[field],
      put: (into, value) => withTotal(kind, withLine(into, lineKeyOf(line), { [field]: value })),
      get: ({ lines: of }) => of.find((one) => lineKeyOf(one) === lineKeyOf(line))?.fields[field] ?? null,
    })),
  );
  return [...header, ...lines];
}

export const isRuledPlace = (place: Place): place is RuledPlace => place.rule !== undefined;

/** Free text, whose length can be tried out. A number of few characters leaves no room for a value that nobody else has. */
export const textPlaces = (places: readonly Place[]): readonly RuledPlace[] =>
  places.filter(isRuledPlace).filter(({ definition, rule, field }) => {
    const isFree = rule.allowed === undefined && rule.decimals === undefined && rule.assigned === undefined;
    return definition.type === 'text' && isFree && (rule.maxLength > 9 || field !== 'code');
  });

/** A value of that length that fits the form of the field and that nobody else has; null when there is none. */
export function textOfLength({ field, rule }: RuledPlace, length: number, tag: string): string | null {
  const filled = (start: string, filling: string, end: string): string =>
    `${start}${filling.repeat(Math.max(0, length - start.length - end.length))}${end}`;
  const digits = filled('', '5', '');
  const forms = [filled(tag.slice(0, length), 'X', ''), filled(tag, 'X', '@example.com'), digits];
  const values = /phone|fax/i.test(field) ? [digits] : forms;
  return values.find((value) => value.length === length && hasForm(value, rule)) ?? null;
}

const hasForm = (value: string, { pattern }: ColumnRule): boolean =>
  pattern === undefined || new RegExp(pattern.source, 'u').test(value);

function withLine(record: CanonicalRecord, key: string, fields: Fields): CanonicalRecord {
  const lines = record.lines.map((line) =>
    lineKeyOf(line) === key ? { ...line, fields: { ...line.fields, ...fields } } : line,
  );
  return { ...record, lines };
}

function withTotal(kind: Kind, record: CanonicalRecord): CanonicalRecord {
  const { total } = definitionOf(kind);
  if (total === undefined) return record;
  const counted = record.lines.filter((line) => total.lines.includes(line.kind));
  const amount = sum(counted.map(({ fields }) => String(fields[total.lineField] ?? '0')));
  return { ...record, fields: { ...record.fields, [total.field]: amount } };
}
