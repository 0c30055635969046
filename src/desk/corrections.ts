import { shorten } from '../domain/base/text';
import { definitionOf, KINDS } from '../domain/kinds';
import type { FieldDefinition, FieldType, KindDefinition, LineKind } from '../domain/kinds';
import { withCustomColumns } from '../domain/kinds/custom-columns';
import type { RecordColumns } from '../domain/kinds/fit-record';
import type { ColumnRule } from '../domain/kinds/column-rules';
import type { Fields, FieldValue } from '../domain/kinds/record';
import { isCorrectable } from '../domain/request/correctable';
import type { Snapshot } from '../domain/plan/snapshot';
import { definitionOfDraft } from '../domain/request/draft-definition';
import type { Correction } from '../domain/request/flow';
import { requestWords } from '../domain/request/id';
import type { DraftLine, RecordDraft } from '../domain/request/intent';
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

/** The same with what would be written, line by line, by the name of the field. */
export interface LinesToCorrect extends CorrectableLines {
  readonly lines: readonly {
    readonly number: string;
    readonly values: Readonly<Record<string, Pick<CorrectableValue, 'value' | 'corrected'>>>;
  }[];
}

/** What can be corrected of one record. */
export interface CorrectableRecord {
  readonly kind: string;
  readonly label: string;
  readonly values: readonly CorrectableValue[];
  readonly lines: readonly LinesToCorrect[];
}

const fieldsOf = (
  definitions: KindDefinition['fields'],
): readonly (Correctable & Pick<FieldDefinition, 'required'>)[] =>
  Object.entries(definitions)
    .filter(([, { type }]) => type !== 'reference')
    .map(([name, definition]) => ({ name, ...definition }));

/** Correctable fields by kind of record, in the words of its definition. */
export const CORRECTABLE: readonly { readonly kind: string; readonly fields: readonly Correctable[] }[] =
  KINDS.map((kind) => {
    const { label, fields } = definitionOf(kind);
    return { kind: label.toLowerCase(), fields: fieldsOf(fields) };
  });

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
  const { definition, columns } = known(record, snapshot?.body ?? null);
  const corrections = request.corrections ?? {};
  const values = fieldsOf(definition.fields).map(
    ({ name, label, type, required = false }): CorrectableValue => ({
      name,
      label,
      type,
      value: (name in corrections ? corrections[name] : record.fields[name]) ?? null,
      corrected: name in corrections,
      required: required || columns.fields[name]?.required === true,
      rule: columns.fields[name] ?? null,
    }),
  );
  const lines = linesOf(record, definition, columns.lines, corrections);
  return { kind: definition.label.toLowerCase(), label: record.label, values, lines };
}

/** The fields of the record and what their columns take, with its custom fields; before the ERP was read, no column is known. */
function known(
  record: RecordDraft,
  snapshot: Snapshot | null,
): { readonly definition: KindDefinition; readonly columns: RecordColumns } {
  if (snapshot?.way !== 'export') return { definition: definitionOfDraft(record), columns: NO_COLUMNS };
  return record.custom === undefined
    ? { definition: definitionOf(record.kind), columns: snapshot.columns }
    : withCustomColumns(definitionOf(record.kind), snapshot.columns, record.custom);
}

const NO_COLUMNS: RecordColumns = { fields: {}, lines: {} };

const linesOf = (
  record: RecordDraft,
  definition: KindDefinition,
  columns: RecordColumns['lines'],
  corrections: Fields,
): readonly LinesToCorrect[] =>
  [...new Set(record.lines.map(({ kind }) => kind))].map((kind) => {
    const { label = kind, fields = {} } = definition.lines[kind] ?? {};
    const valueIn = (line: DraftLine, name: string): Pick<CorrectableValue, 'value' | 'corrected'> => {
      const called = `${kind}[${line.number}].${name}`;
      const corrected = called in corrections;
      return { value: (corrected ? corrections[called] : line.fields[name]) ?? null, corrected };
    };
    return {
      kind,
      label,
      numbers: record.lines.filter((line) => line.kind === kind).map(({ number }) => number),
      fields: fieldsOf(fields).map(({ name, label: words, type, required = false }) => {
        const rule = columns[kind]?.[name] ?? null;
        return { name, label: words, type, required: required || rule?.required === true, rule };
      }),
      lines: record.lines
        .filter((line) => line.kind === kind)
        .map((line) => ({
          number: line.number,
          values: Object.fromEntries(fieldsOf(fields).map(({ name }) => [name, valueIn(line, name)])),
        })),
    };
  });

/** What of a record can be named in a correction. */
type CorrectableFields = Pick<CorrectableRecord, 'values'> & { readonly lines: readonly CorrectableLines[] };

/**
 * `field=value` pairs as canonical values; `3.description=...` is about line 3, and `-` or nothing empties a field. Throws `DeskRefusal`
 * `UNKNOWN_FIELD`, `FIELD_VALUE`.
 */
export function correctionsFrom(pairs: readonly string[], record: CorrectableFields): Correction['values'] {
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
function fieldCalled(typed: string, { values, lines }: CorrectableFields): Correctable {
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
