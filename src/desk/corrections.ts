import { shorten } from '../domain/base/text';
import { definitionOf, KINDS, lineDefinitionOf } from '../domain/kinds';
import type { FieldDefinition, FieldType, Kind, LineKind } from '../domain/kinds';
import type { RecordColumns } from '../domain/kinds/fit-record';
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

/** Fields of the lines of one kind: the same for each of them. */
export interface CorrectableLines {
  readonly kind: LineKind;
  readonly label: string;
  /** Of the lines that are there. */
  readonly numbers: readonly string[];
  readonly fields: readonly (Correctable & Pick<CorrectableValue, 'required' | 'rule'>)[];
}

/** What can be corrected of one record. */
export interface CorrectableRecord {
  readonly kind: string;
  readonly label: string;
  readonly values: readonly CorrectableValue[];
  readonly lines: readonly CorrectableLines[];
}

const fieldsOf = (kind: Kind): readonly (Correctable & Pick<FieldDefinition, 'required'>)[] =>
  Object.entries(definitionOf(kind).fields)
    .filter(([, { type }]) => type !== 'reference')
    .map(([name, definition]) => ({ name, ...definition }));

/** Correctable fields by kind of record, in the words of its definition. */
export const CORRECTABLE: readonly { readonly kind: string; readonly fields: readonly Correctable[] }[] =
  KINDS.map((kind) => ({ kind: definitionOf(kind).label.toLowerCase(), fields: fieldsOf(kind) }));

/** What can be corrected of a request, with what is there now and what the ERP takes. Throws `DeskRefusal` `NOT_CORRECTABLE`. */
export async function correctableIn(store: Store, request: SyncRequestRow): Promise<CorrectableRecord> {
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
  const { fields: columns, lines: lineColumns } =
    snapshot?.body.way === 'export' ? snapshot.body.columns : { fields: {}, lines: {} };
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
  const lines = linesOf(record, lineColumns);
  return { kind: definitionOf(record.kind).label.toLowerCase(), label: record.label, values, lines };
}

const linesOf = (record: RecordDraft, columns: RecordColumns['lines']): readonly CorrectableLines[] =>
  [...new Set(record.lines.map(({ kind }) => kind))].map((kind) => {
    const { label, fields } = lineDefinitionOf(record.kind, kind);
    return {
      kind,
      label,
      numbers: record.lines.filter((line) => line.kind === kind).map(({ number }) => number),
      fields: Object.entries(fields)
        .filter(([, { type }]) => type !== 'reference')
        .map(([name, definition]) => {
          const rule = columns[kind]?.[name] ?? null;
          const required = definition.required === true || rule?.required === true;
          return { name, label: definition.label, type: definition.type, required, rule };
        }),
    };
  });

/**
 * `field=value` pairs as canonical values; `3.description=...` is about line 3, and `-` or nothing empties a field. Throws `DeskRefusal`
 * `UNKNOWN_FIELD`, `FIELD_VALUE`.
 */
export function correctionsFrom(
  pairs: readonly string[],
  record: Pick<CorrectableRecord, 'values' | 'lines'>,
): Correction['values'] {
  const values: Record<string, string | boolean | null> = {};
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 1) throw new DeskRefusal('FIELD_VALUE', `"${pair}" is not field=value.`);
    const typed = pair.slice(0, at).trim();
    const field = fieldCalled(typed, record);
    if (field.name in values) {
      throw new DeskRefusal('FIELD_VALUE', `The field "${field.name}" is given twice.`);
    }
    values[field.name] = valueOf(field, pair.slice(at + 1).trim());
  }
  return values;
}

/** By its name or its label, whatever their case; of a line with the number of the line in front. */
function fieldCalled(
  typed: string,
  { values, lines }: Pick<CorrectableRecord, 'values' | 'lines'>,
): Correctable {
  const found = [...values.filter(isCalled(typed)), ...lines.flatMap((one) => lineField(typed, one))];
  const [field, another] = found;
  if (field !== undefined && another === undefined) return field;
  if (another !== undefined) {
    throw new DeskRefusal(
      'UNKNOWN_FIELD',
      `"${typed}" may be of several lines.`,
      `Say which: ${found.map(({ name }) => `"${name}"`).join(' or ')}.`,
    );
  }
  throw new DeskRefusal(
    'UNKNOWN_FIELD',
    `There is no field "${typed}" that can be corrected.`,
    [
      `There are: ${values.map(({ name }) => name).join(', ')}.`,
      ...lines.map(
        ({ label, numbers, fields }) =>
          `Of a ${label.toLowerCase()} (${shorten(numbers.join(', '), 60)}): ${fields.map(({ name }) => `${numbers[0] ?? '1'}.${name}`).join(', ')}.`,
      ),
    ].join(' '),
  );
}

const isCalled =
  (typed: string) =>
  ({ name, label }: Correctable): boolean =>
    [name, label].some((word) => word.toLowerCase() === typed.toLowerCase());

/** `3.description`, or in full `commitment_line[3].description`. */
function lineField(typed: string, { kind, numbers, fields }: CorrectableLines): readonly Correctable[] {
  const start = `${kind}[`;
  const isFull = typed.startsWith(start);
  const dot = typed.lastIndexOf('.');
  const number = isFull ? typed.slice(start.length, dot - 1) : typed.slice(0, dot);
  if (dot < 1 || !numbers.includes(number) || (isFull && typed[dot - 1] !== ']')) return [];
  return fields
    .filter(isCalled(typed.slice(dot + 1)))
    .map((field) => ({ ...field, name: `${kind}[${number}].${field.name}` }));
}

function valueOf({ name, type }: Correctable, text: string): string | boolean | null {
  if (type === 'flag') {
    if (text === 'true' || text === 'false') return text === 'true';
    throw new DeskRefusal('FIELD_VALUE', `${name} is true or false, not "${text}".`);
  }
  return text === '' || text === '-' ? null : text;
}
