import { sameAmount, sum } from '../../domain/base/money';
import type { Kind } from '../../domain/kinds';
import { definitionOf } from '../../domain/kinds';
import type { CanonicalRecord, Fields, FieldValue, RecordLine } from '../../domain/kinds/record';
import { lineKeyOf } from '../../domain/kinds/record';
import type { Column, Layout, RecordLayout } from './layout';
import { bodyOf, fieldOf, isLine, recordAt } from './layout';
import type { References } from './references';
import type { ReadRow, Row as FileRow } from './rows';
import { FileRefused, Misfit, readRows, writeRows } from './rows';
import { fromCell, toCell } from './values';

/** What a document says beside the fields of its record. */
export interface Envelope {
  readonly action: 'create' | 'update';
  readonly reference: string;
  readonly sequence: number;
  readonly company: string;
  /** Of the record, without the company. */
  readonly key: string;
}

/** What a reference is in a file. Throws where it is not there, or has no number yet. */
export type Refer = (target: NonNullable<ReturnType<typeof fieldOf>>['definition'], key: string) => string;

/** The bytes of the document of one record. Throws `Misfit`. `emptied`: the text of a column that a change empties. */
export function writeDocument(
  layout: Layout,
  kind: Kind,
  record: CanonicalRecord,
  envelope: Envelope,
  refer: Refer,
  emptied: string | null,
): Buffer {
  const definition = definitionOf(kind);
  const { total } = definition;
  const body: { record: RecordLayout; line: RecordLine | null }[] = [];
  const header = recordAt(layout, 'record');
  if (header !== undefined) body.push({ record: header, line: null });
  for (const line of record.lines) {
    const own = recordAt(layout, line.kind);
    if (own === undefined)
      throw new Misfit(`the layout has no records for a ${definition.lines[line.kind]?.label ?? line.kind}`);
    body.push({ record: own, line });
  }
  if (body.length === 0) throw new Misfit('the layout has no record for a header without lines');
  const values = {
    ...envelope,
    count: body.length,
    total: String(total === undefined ? '' : (record.fields[total.field] ?? '0')),
  };
  const cellOf =
    (at: RecordLayout['at'], line: RecordLine | null) =>
    (column: Column): string => {
      const { constant, value } = column;
      if (constant !== undefined) return constant;
      if (value === 'number') return line?.number ?? '';
      if (value === 'action') return column.values?.[envelope.action] ?? envelope.action;
      if (value !== undefined) return value === 'message' ? '' : String(values[value]);
      const field = fieldOf(column, at, definition);
      if (field === undefined) return '';
      const held = field.isHeader ? record.fields : (line?.fields ?? {});
      const given = held[field.name] ?? null;
      if (given === null && envelope.action === 'update' && Object.hasOwn(held, field.name)) {
        if (emptied === null)
          throw new Misfit(
            `${field.definition.label} cannot be emptied through a file: the layout does not say how (emptied)`,
          );
        return emptied;
      }
      const target = field.definition.refersTo;
      const text = target !== undefined && typeof given === 'string' ? refer(field.definition, given) : given;
      return toCell(column, field.definition, text, layout);
    };
  const rowOf = (of: RecordLayout, line: RecordLine | null): FileRow => ({
    record: of,
    cells: of.columns.map(cellOf(of.at, line)),
  });
  const [start, end] = [recordAt(layout, 'start'), recordAt(layout, 'end')];
  return writeRows(layout, [
    ...(start === undefined ? [] : [rowOf(start, null)]),
    ...body.map(({ record: of, line }) => rowOf(of, line)),
    ...(end === undefined ? [] : [rowOf(end, null)]),
  ]);
}

/** A record as a file shows it. */
export interface ShownRecord {
  readonly at: number;
  /** Our key of the record, where the file has it. */
  readonly key: string | null;
  readonly fields: Fields;
  readonly lines: readonly RecordLine[];
}

export interface ReadFile {
  readonly sequence: number | null;
  readonly records: readonly ShownRecord[];
}

interface Parsed {
  readonly at: number;
  readonly key: string | null;
  readonly fields: Record<string, FieldValue>;
  readonly lines: RecordLine[];
}

/** Reads an export. Throws `FileRefused`. `number`: the fields that records are known by. */
export function readExport(
  layout: Layout,
  kind: Kind,
  number: readonly string[],
  bytes: Uint8Array,
  references: References,
): ReadFile {
  const rows = readRows(layout, bytes);
  const body = bodyOf(layout);
  const isFlat = recordAt(layout, 'record') === undefined;
  const found: Parsed[] = [];
  for (const row of rows.filter(({ record }) => body.includes(record))) {
    const isHeader = row.record.at === 'record';
    const { fields, key } = headerOf(layout, kind, row, references);
    let into = found.at(-1);
    const isNext =
      isFlat && (into === undefined || number.some((field) => into?.fields[field] !== fields[field]));
    if (isHeader || isNext) {
      into = { at: row.at, key, fields, lines: [] };
      found.push(into);
    }
    if (into === undefined) throw new FileRefused(`line ${row.at}: there is no header before this line`);
    if (!isHeader) into.lines.push(lineOf(layout, kind, row, into, references));
  }
  assertWhole(kind, layout, rows, found);
  const start = [recordAt(layout, 'start'), recordAt(layout, 'end')].filter((one) => one !== undefined);
  const sequences = rows
    .filter(({ record }) => start.includes(record))
    .flatMap((row) => cellsOf(row, 'sequence'));
  for (const cell of sequences)
    if (!/^\d{1,15}$/.test(cell)) throw new FileRefused(`its number "${cell}" is no whole number`);
  const [first] = sequences;
  return { sequence: first === undefined ? null : Number(first), records: found };
}

/** Texts of the columns of a row that hold this value. */
export const cellsOf = ({ record, cells }: ReadRow, value: Column['value']): readonly string[] =>
  record.columns.flatMap((column, index) => (column.value === value ? [cells[index] ?? ''] : []));

function headerOf(layout: Layout, kind: Kind, row: ReadRow, references: References) {
  const fields: Record<string, FieldValue> = {};
  row.record.columns.forEach((column, index) => {
    const field = fieldOf(column, row.record.at, definitionOf(kind));
    if (field?.isHeader !== true) return;
    const value = fromCell(column, field.definition, row.cells[index] ?? '', layout, row.at);
    const target = field.definition.refersTo;
    fields[field.name] =
      target !== undefined && typeof value === 'string'
        ? references.keyOfCell(kind, target, value, fields)
        : value;
  });
  return { fields, key: cellsOf(row, 'key').find((cell) => cell !== '') ?? null };
}

function lineOf(
  layout: Layout,
  kind: Kind,
  row: ReadRow,
  { fields: header, lines }: Parsed,
  references: References,
): RecordLine {
  const { at } = row.record;
  if (!isLine(at)) throw new FileRefused(`line ${row.at}: it is no line`);
  const fields: Record<string, FieldValue> = {};
  row.record.columns.forEach((column, index) => {
    const field = fieldOf(column, at, definitionOf(kind));
    if (field === undefined || field.isHeader) return;
    const value = fromCell(column, field.definition, row.cells[index] ?? '', layout, row.at);
    const target = field.definition.refersTo;
    fields[field.name] =
      target !== undefined && typeof value === 'string'
        ? references.keyOfCell(kind, target, value, header)
        : value;
  });
  const same = lines.filter((line) => line.kind === at);
  const { code, costCode, costType } = fields;
  const made = typeof code === 'string' ? code : `${String(costCode)}/${String(costType)}`;
  const hasOwn =
    definitionOf(kind).lines[at]?.fields['costCode']?.type === 'text' || typeof code === 'string';
  const [given = hasOwn ? made : String(same.length + 1)] = cellsOf(row, 'number');
  if (given === '') throw new FileRefused(`line ${row.at}: the line has no number`);
  const line = { kind: at, number: given, fields, erpKey: null, procoreId: null };
  if (lines.some((one) => lineKeyOf(one) === lineKeyOf(line)))
    throw new FileRefused(`line ${row.at}: ${lineKeyOf(line)} comes twice in its record`);
  return line;
}

/** Counts and control totals of the start and the end. `kind`: null of answers, which add up to nothing. */
export function assertWhole(
  kind: Kind | null,
  layout: Layout,
  rows: readonly ReadRow[],
  records: readonly Pick<Parsed, 'fields'>[],
): void {
  const ends = (['start', 'end'] as const).filter((at) => recordAt(layout, at) !== undefined);
  if (rows.length < ends.length)
    throw new FileRefused(`a ${ends.join(' and an ')} were expected, ${rows.length} records are there`);
  const count = rows.length - ends.length;
  const total = kind === null ? undefined : definitionOf(kind).total;
  const made =
    total === undefined ? '0' : sum(records.map(({ fields }) => String(fields[total.field] ?? '0')));
  for (const row of rows.filter(({ record }) => record.at === 'start' || record.at === 'end')) {
    for (const cell of cellsOf(row, 'count'))
      if (!/^\d+$/.test(cell) || Number(cell) !== count)
        throw new FileRefused(
          `line ${row.at}: ${cell === '' ? 'no' : cell} records were announced, ${count} are there`,
        );
    for (const cell of cellsOf(row, 'total'))
      if (!/^-?\d+(\.\d+)?$/.test(cell) || !sameAmount(cell, made))
        throw new FileRefused(`line ${row.at}: the control total is ${cell}, the records come to ${made}`);
  }
}
