import { z } from 'zod';
import type { FieldDefinition, KindDefinition, LineKind } from '../../domain/kinds';
import { LINE_KINDS } from '../../domain/kinds';

/** What a column holds beside fields of the record. */
const VALUES = [
  /** `create` or `update`. */
  'action',
  /** Our reference of the document: 16 hexadecimal digits, made of the operation key. */
  'reference',
  /** Number of the document, counted in this folder without gaps; of an incoming file its own number, which only grows. */
  'sequence',
  /** The company of the settings. */
  'company',
  /** The ERP key of the record without its company: how a record whose number the ERP gives out is known to us. */
  'key',
  /** Number of the line within its record; in an answer the number that the ERP gave to the record. */
  'number',
  /** How many records there are between the start and the end of the file. */
  'count',
  /** Control total: the sum of what the kind adds up, such as the amounts. */
  'total',
  /** The ERP's own words, in an answer. */
  'message',
] as const;

const COLUMN = z.strictObject({
  /** Title in the first row of a CSV file; for people elsewhere. */
  title: z.string().min(1).optional(),
  /** Field of the header. */
  field: z.string().min(1).optional(),
  /** Field of the line. */
  line: z.string().min(1).optional(),
  /** Always the same text. */
  constant: z.string().optional(),
  value: z.enum(VALUES).optional(),
  /** Fixed width: characters of the column. CSV: longest value, where it is limited. */
  width: z.number().int().min(1).max(10_000).optional(),
  /** Fixed width: at which end the value stands (`left`), numbers with zeros in front (`zeros`). */
  align: z.enum(['left', 'right', 'zeros']).default('left'),
  /** Decimal places of a number. */
  decimals: z.number().int().min(0).max(10).optional(),
  /** The decimal point is not written: `12.50` is `1250`. */
  impliedPoint: z.literal(true).optional(),
  /** Our word → the text in the file: the code table. Flags are `true` and `false`. */
  values: z.record(z.string().min(1), z.string()).optional(),
  required: z.literal(true).optional(),
  /** No two records have the same value, whatever its case. */
  unique: z.literal(true).optional(),
  /** CSV: the ERP keeps line breaks here. */
  lineBreaks: z.literal(true).optional(),
});

const RECORD = z.strictObject({
  /** `start` and `end`: once in a file; `record`: the header; otherwise a kind of line. */
  at: z.enum(['start', 'end', 'record', ...LINE_KINDS]),
  columns: z.array(COLUMN).min(1),
});

/** How a file is written. */
export const LAYOUT = {
  format: z.enum(['csv', 'fixed']),
  encoding: z.enum(['utf-8', 'cp1252', 'ascii']).default('utf-8'),
  newline: z.enum(['crlf', 'lf']).default('crlf'),
  /** CSV. */
  delimiter: z.string().length(1).default(','),
  /** CSV. */
  quote: z.string().length(1).default('"'),
  /** CSV: the first row has the titles of the columns. */
  titles: z.boolean().default(false),
  /** `YYYY`, `MM` and `DD` in the order of the ERP. */
  dates: z.string().default('YYYY-MM-DD'),
  records: z.array(RECORD).min(1),
};

export type Layout = z.infer<z.ZodObject<typeof LAYOUT>>;
export type RecordLayout = Layout['records'][number];
export type Column = RecordLayout['columns'][number];
export type ColumnValue = (typeof VALUES)[number];

/** The character set of the column rules. */
export const charsetOf = ({ encoding }: Pick<Layout, 'encoding'>): 'ascii' | 'cp1252' | null =>
  encoding === 'utf-8' ? null : encoding;

export const recordAt = ({ records }: Layout, at: RecordLayout['at']): RecordLayout | undefined =>
  records.find((record) => record.at === at);

/** The layouts of headers and lines, without start and end. */
export const bodyOf = ({ records }: Layout): readonly RecordLayout[] =>
  records.filter(({ at }) => at !== 'start' && at !== 'end');

/** The kinds of lines that a file holds. */
export const lineKindsOf = (layout: Layout): readonly LineKind[] =>
  bodyOf(layout).flatMap(({ at }) => (isLine(at) ? [at] : []));

export const isLine = (at: RecordLayout['at']): at is LineKind =>
  (LINE_KINDS as readonly string[]).includes(at);

/** What people call a column. */
export const nameOf = ({ title, field, line, value, constant }: Column): string =>
  title ?? field ?? line ?? value ?? `"${constant ?? ''}"`;

const NUMBERS: readonly FieldDefinition['type'][] = ['money', 'quantity', 'unit_cost', 'percent'];
export const isNumber = ({ type }: FieldDefinition): boolean => NUMBERS.includes(type);

/** The field that a column holds, with its definition; undefined for what is no field. */
export function fieldOf(
  { field, line }: Column,
  at: RecordLayout['at'],
  kind: KindDefinition,
): { readonly name: string; readonly isHeader: boolean; readonly definition: FieldDefinition } | undefined {
  const name = field ?? line;
  if (name === undefined) return undefined;
  const known = field === undefined ? (isLine(at) ? kind.lines[at]?.fields : undefined) : kind.fields;
  const definition = known?.[name];
  return definition && { name, isHeader: field !== undefined, definition };
}

/** Every field of a layout with its column; of those in several columns each. */
export const fieldsOf = (layout: Layout, kind: KindDefinition) =>
  layout.records.flatMap(({ at, columns }) =>
    columns.flatMap((column) => {
      const field = fieldOf(column, at, kind);
      return field === undefined ? [] : [{ ...field, at, column }];
    }),
  );

/** What is wrong with a layout, each beginning with the path inside it. `kind`: null for answers, which hold no fields. */
export function layoutProblems(layout: Layout, kind: KindDefinition | null): readonly string[] {
  const { format, delimiter, quote, titles, dates, records } = layout;
  const problems: string[] = [];
  const parts = ['YYYY', 'MM', 'DD'];
  if (
    !parts.every((part) => dates.split(part).length === 2) ||
    /[A-Z]/i.test(dates.replace(/YYYY|MM|DD/g, ''))
  )
    problems.push(`dates: "${dates}" must have YYYY, MM and DD once each, and no other letters`);
  if (format === 'csv' && delimiter === quote) problems.push('quote: it is the delimiter too');
  if (format === 'fixed' && titles) problems.push('titles: only CSV files have a row of titles');
  const twice = records.filter(({ at }, index) => records.findIndex((one) => one.at === at) !== index);
  for (const { at } of twice) problems.push(`records: "${at}" comes twice`);
  const body = bodyOf(layout);
  if (body.length === 0) problems.push('records: there is none between start and end');
  if (titles && body.length > 1) problems.push('titles: a file with titles has one sort of records');
  if (body.length > 1) {
    const marks = body.map(({ columns }) => columns[0]?.constant);
    if (marks.includes(undefined) || new Set(marks).size < marks.length)
      problems.push(
        'records: where there are several sorts, the first column of each is a constant of its own',
      );
  }
  records.forEach((record, index) => {
    record.columns.forEach((column, at) => {
      const why = columnProblem(column, record.at, layout, kind);
      if (why !== null)
        problems.push(`records[${index}].columns[${at}] (${record.at} ${nameOf(column)}): ${why}`);
    });
  });
  return problems;
}

function columnProblem(
  column: Column,
  at: RecordLayout['at'],
  { format, titles }: Layout,
  kind: KindDefinition | null,
): string | null {
  const { field, line, constant, value, width, align, decimals, impliedPoint, values, lineBreaks } = column;
  const sources = [field, line, constant, value].filter((source) => source !== undefined);
  if (sources.length !== 1) return 'it holds one of field, line, constant or value';
  if (titles && column.title === undefined && at !== 'start' && at !== 'end') return 'it has no title';
  if (format === 'fixed' && width === undefined) return 'a column of fixed width needs its width';
  if (lineBreaks && format === 'fixed') return 'only CSV columns keep line breaks';
  if (constant !== undefined && width !== undefined && constant.length > width)
    return `"${constant}" is longer than ${width}`;
  if (constant !== undefined || value !== undefined) {
    if (values !== undefined && value !== 'action')
      return 'only fields and the action have a table of values';
    if (value === 'message' && kind !== null) return 'messages are in answers';
    if (value === 'total' && kind?.total === undefined) return 'records of this kind add up to nothing';
    return align === 'zeros' && value === undefined ? 'only numbers have zeros in front' : null;
  }
  if (kind === null) return 'answers hold no fields';
  if ((at === 'start' || at === 'end') && sources.length > 0)
    return 'the start and the end of a file hold no fields';
  if (line !== undefined && !isLine(at)) return 'only records of lines hold fields of a line';
  const of = fieldOf(column, at, kind);
  if (of === undefined) return `there is no such field`;
  const { definition } = of;
  if (definition.type === 'flag')
    return values?.['true'] !== undefined &&
      values['false'] !== undefined &&
      values['true'] !== values['false']
      ? null
      : 'a flag needs values for "true" and "false"';
  if (values !== undefined && new Set(Object.values(values)).size < Object.keys(values).length)
    return 'two words have the same text in the file';
  if (isNumber(definition) && decimals === undefined) return 'a number needs its decimals';
  if (!isNumber(definition) && (align === 'zeros' || decimals !== undefined || impliedPoint))
    return 'zeros in front, decimals and an implied point are for numbers';
  const needsWidth = definition.type !== 'date' && definition.type !== 'reference' && values === undefined;
  return needsWidth && width === undefined ? 'it needs its longest length (width)' : null;
}
