import { definitionOf, KINDS } from '../domain/kinds';
import type { FieldType } from '../domain/kinds/definition';
import type { Correction } from '../domain/request/flow';
import { DeskRefusal } from './refusal';

/** A field that may be entered instead of what Procore sent. References may not: they would tie a record to another one. */
export interface Correctable {
  readonly name: string;
  readonly label: string;
  readonly type: FieldType;
}

/** Correctable fields by kind of record, in the words of its definition. */
export const CORRECTABLE: readonly { readonly kind: string; readonly fields: readonly Correctable[] }[] =
  KINDS.map((kind) => ({
    kind: definitionOf(kind).label.toLowerCase(),
    fields: Object.entries(definitionOf(kind).fields)
      .filter(([, { type }]) => type !== 'reference')
      .map(([name, { label, type }]) => ({ name, label, type })),
  }));

const ALL = new Map(CORRECTABLE.flatMap(({ fields }) => fields.map((field) => [field.name, field] as const)));

/** `field=value` pairs as canonical values; `-` or nothing empties a field. Throws `DeskRefusal` `UNKNOWN_FIELD`, `FIELD_VALUE`. */
export function correctionsFrom(pairs: readonly string[]): Correction['values'] {
  const values: Record<string, string | boolean | null> = {};
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 1) throw new DeskRefusal('FIELD_VALUE', `"${pair}" is not field=value.`);
    const field = ALL.get(pair.slice(0, at));
    if (field === undefined) {
      throw new DeskRefusal('UNKNOWN_FIELD', `There is no field "${pair.slice(0, at)}".`);
    }
    if (field.name in values) {
      throw new DeskRefusal('FIELD_VALUE', `The field "${field.name}" is given twice.`);
    }
    values[field.name] = valueOf(field, pair.slice(at + 1).trim());
  }
  return values;
}

function valueOf({ name, type }: Correctable, text: string): string | boolean | null {
  if (type === 'flag') {
    if (text === 'true' || text === 'false') return text === 'true';
    throw new DeskRefusal('FIELD_VALUE', `${name} is true or false, not "${text}".`);
  }
  return text === '' || text === '-' ? null : text;
}
