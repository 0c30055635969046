import { definitionOf, KINDS } from '../domain/kinds';
import type { FieldDefinition, FieldType, Kind } from '../domain/kinds';
import type { ColumnRule } from '../domain/kinds/column-rules';
import type { FieldValue } from '../domain/kinds/record';
import { isCorrectable } from '../domain/request/correctable';
import type { Correction } from '../domain/request/flow';
import { requestWords } from '../domain/request/id';
import type { RecordDraft } from '../domain/request/intent';
import type { SyncRequestRow } from '../store/rows';
import type { Store } from '../store/store';
import { DeskRefusal } from './refusal';

/** A field that may be entered instead of what Procore sent. References may not: they would tie a record to another one. */
export interface Correctable {
  readonly name: string;
  readonly label: string;
  readonly type: FieldType;
}

/** One of them as it stands in a request. */
export interface CorrectableValue extends Correctable {
  /** What would be written: as it was corrected, else as Procore sent it. */
  readonly value: FieldValue;
  /** It was corrected already. */
  readonly corrected: boolean;
  readonly required: boolean;
  /** What its column takes; null: it was not read yet, or the ERP has none. */
  readonly rule: ColumnRule | null;
}

const fieldsOf = (kind: Kind): readonly (Correctable & Pick<FieldDefinition, 'required'>)[] =>
  Object.entries(definitionOf(kind).fields)
    .filter(([, { type }]) => type !== 'reference')
    .map(([name, definition]) => ({ name, ...definition }));

/** Correctable fields by kind of record, in the words of its definition. */
export const CORRECTABLE: readonly { readonly kind: string; readonly fields: readonly Correctable[] }[] =
  KINDS.map((kind) => ({ kind: definitionOf(kind).label.toLowerCase(), fields: fieldsOf(kind) }));

/** What can be corrected of a request, with what is there now and what the ERP takes. Throws `DeskRefusal` `NOT_CORRECTABLE`. */
export async function correctableIn(
  store: Store,
  request: SyncRequestRow,
): Promise<{ readonly kind: string; readonly label: string; readonly values: readonly CorrectableValue[] }> {
  const { reading, snapshot } = await store.read('desk.correctable', async (t) => ({
    reading: await t.requests.reading(request),
    snapshot: await t.plans.snapshot({ connectionId: request.connectionId, id: request.id, page: 0 }),
  }));
  const intent = reading?.reading.intent;
  const record: RecordDraft | undefined = intent?.way === 'export' ? intent.records[0] : undefined;
  if (!isCorrectable(request) || record === undefined) {
    throw new DeskRefusal(
      'NOT_CORRECTABLE',
      `Nothing of ${requestWords(request.id)} can be corrected here: only of a request that sends one record to the ERP.`,
      'Put it right in Procore or the ERP; `tieback retry` then looks again, `tieback reject` gives it up.',
    );
  }
  const columns = snapshot?.body.way === 'export' ? snapshot.body.columns.fields : {};
  const corrections = request.corrections ?? {};
  const values = fieldsOf(record.kind).map(({ name, label, type, required = false }): CorrectableValue => ({
    name,
    label,
    type,
    value: (name in corrections ? corrections[name] : record.fields[name]) ?? null,
    corrected: name in corrections,
    required: required || columns[name]?.required === true,
    rule: columns[name] ?? null,
  }));
  return { kind: definitionOf(record.kind).label.toLowerCase(), label: record.label, values };
}

/** `field=value` pairs as canonical values; `-` or nothing empties a field. Throws `DeskRefusal` `UNKNOWN_FIELD`, `FIELD_VALUE`. */
export function correctionsFrom(
  pairs: readonly string[],
  fields: readonly Correctable[],
): Correction['values'] {
  const values: Record<string, string | boolean | null> = {};
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 1) throw new DeskRefusal('FIELD_VALUE', `"${pair}" is not field=value.`);
    const typed = pair.slice(0, at).trim();
    const field = fieldCalled(typed, fields);
    if (field.name in values) {
      throw new DeskRefusal('FIELD_VALUE', `The field "${field.name}" is given twice.`);
    }
    values[field.name] = valueOf(field, pair.slice(at + 1).trim());
  }
  return values;
}

/** By its name or its label, whatever their case. */
function fieldCalled(typed: string, fields: readonly Correctable[]): Correctable {
  const wanted = typed.toLowerCase();
  const found = fields.find(({ name, label }) => [name, label].some((word) => word.toLowerCase() === wanted));
  if (found !== undefined) return found;
  throw new DeskRefusal(
    'UNKNOWN_FIELD',
    `There is no field "${typed}" that can be corrected.`,
    `There are: ${fields.map(({ name }) => name).join(', ')}.`,
  );
}

function valueOf({ name, type }: Correctable, text: string): string | boolean | null {
  if (type === 'flag') {
    if (text === 'true' || text === 'false') return text === 'true';
    throw new DeskRefusal('FIELD_VALUE', `${name} is true or false, not "${text}".`);
  }
  return text === '' || text === '-' ? null : text;
}
