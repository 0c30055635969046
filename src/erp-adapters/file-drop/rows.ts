import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { shown } from '../../domain/kinds/column-rules';
import { decode, encode, isWritable } from './encoding';
import type { Column, Layout, RecordLayout } from './layout';
import { bodyOf, nameOf, recordAt } from './layout';

/** One row of a file: the texts of its columns, without what fills them up. */
export interface Row {
  readonly record: RecordLayout;
  readonly cells: readonly string[];
}

export interface ReadRow extends Row {
  /** Line of the file, from 1. */
  readonly at: number;
}

/** A value that has no place in its file: a sentence. */
export class Misfit extends Error {}
/** A file that is not as its layout says; nothing of it is used. `message`: where, and what was expected. */
export class FileRefused extends Error {}

const NEWLINES = { crlf: '\r\n', lf: '\n' } as const;

/** The bytes of a file. Throws `Misfit`; nothing is ever cut. */
export function writeRows(layout: Layout, rows: readonly Row[]): Buffer {
  for (const { record, cells } of rows)
    record.columns.forEach((column, index) => assertWritable(column, cells[index] ?? '', layout));
  const newline = NEWLINES[layout.newline];
  const text =
    layout.format === 'fixed'
      ? rows.map(({ record, cells }) => fixedRow(record, cells) + newline).join('')
      : stringify([...titlesOf(layout), ...rows.map(({ cells }) => [...cells])], {
          delimiter: layout.delimiter,
          quote: layout.quote,
          escape: layout.quote,
          record_delimiter: newline,
          quoted_match: /[\r\n]/,
        });
  return encode(text, layout.encoding);
}

/** The rows of a file. Throws `FileRefused` for anything that is not as the layout says: a file is read wholly or not at all. */
export function readRows(layout: Layout, bytes: Uint8Array): readonly ReadRow[] {
  const text = decode(bytes, layout.encoding);
  if (text === null) throw new FileRefused(`its bytes are no ${layout.encoding} text`);
  const lines = layout.format === 'fixed' ? fixedLines(text) : csvLines(layout, text);
  const [titles] = titlesOf(layout);
  const [first] = lines;
  if (titles !== undefined) {
    const found = first?.cells?.join(' | ') ?? 'nothing';
    if (found !== titles.join(' | '))
      throw new FileRefused(`line 1: the titles must be ${titles.join(' | ')}; found ${shown(found)}`);
    lines.shift();
  }
  const isStarted = recordAt(layout, 'start') !== undefined;
  return lines.map((line, index) => {
    const place = index === 0 && isStarted ? 'start' : index === lines.length - 1 ? 'end' : 'body';
    const record = recordOf(layout, line, place);
    const cells = line.cells ?? fixedCells(record, line.text, line.at);
    const { length } = record.columns;
    if (cells.length !== length)
      throw new FileRefused(
        `line ${line.at}: ${length} columns were expected (${record.at}), ${cells.length} are there`,
      );
    assertConstants(record, cells, line.at);
    return { record, cells, at: line.at };
  });
}

interface Line {
  readonly at: number;
  readonly text: string;
  /** Of a CSV file. */
  readonly cells?: readonly string[];
}

function assertWritable(column: Column, cell: string, layout: Layout): void {
  const lines = column.lineBreaks === true ? cell.split('\n') : [cell];
  if (!lines.every((line) => isWritable(line, layout)))
    throw new Misfit(
      `${nameOf(column)} "${shown(cell)}" has characters that a file in ${layout.encoding} cannot hold`,
    );
  const { length } = [...cell];
  if (column.width !== undefined && length > column.width)
    throw new Misfit(
      `${nameOf(column)} "${shown(cell)}" is ${length} characters long; the column has ${column.width}`,
    );
}

/** The row of titles, where there is one. */
const titlesOf = (layout: Layout): string[][] =>
  layout.titles ? bodyOf(layout).map(({ columns }) => columns.map(nameOf)) : [];

const fixedRow = ({ columns }: RecordLayout, cells: readonly string[]): string =>
  columns.map((column, index) => filled(column, cells[index] ?? '')).join('');

function filled({ width = 0, align }: Column, cell: string): string {
  const fill = width - [...cell].length;
  if (align === 'left' || cell === '') return cell + ' '.repeat(fill);
  if (align === 'right') return ' '.repeat(fill) + cell;
  const sign = cell.startsWith('-') ? '-' : '';
  return sign + '0'.repeat(fill) + cell.slice(sign.length);
}

function unfilled({ align }: Column, filledCell: string): string {
  const cell = filledCell.trim();
  return align === 'zeros' ? cell.replace(/^(-?)0+(?=\d)/, '$1') : cell;
}

function fixedLines(text: string): Line[] {
  const lines = text.split(/\r?\n/);
  if (lines.pop() !== '')
    throw new FileRefused('its last line does not end: it is still being written, or was cut');
  return lines.map((line, index) => ({ at: index + 1, text: line }));
}

function fixedCells({ at: sort, columns }: RecordLayout, text: string, at: number): readonly string[] {
  const characters = [...text];
  const width = columns.reduce((sum, column) => sum + (column.width ?? 0), 0);
  if (characters.length !== width)
    throw new FileRefused(
      `line ${at}: ${width} characters were expected (${sort}), ${characters.length} are there`,
    );
  let from = 0;
  return columns.map((column) =>
    unfilled(column, characters.slice(from, (from += column.width ?? 0)).join('')),
  );
}

function csvLines({ delimiter, quote }: Layout, text: string): Line[] {
  if (text !== '' && !text.endsWith('\n'))
    throw new FileRefused('its last line does not end: it is still being written, or was cut');
  try {
    const records: unknown = parse(text, {
      delimiter,
      quote,
      escape: quote,
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
      info: true,
    });
    return (records as { record: string[]; info: { lines: number } }[]).map(({ record, info }) => {
      const breaks = record.join('').split('\n').length - 1;
      return { at: info.lines - breaks, text: '', cells: record.map((cell) => cell.replace(/\r\n/g, '\n')) };
    });
  } catch (error) {
    throw new FileRefused(error instanceof Error ? error.message : String(error));
  }
}

/** Start and end are known by their place; the others by the constant that they begin with. */
function recordOf(layout: Layout, { text, cells, at }: Line, place: 'start' | 'end' | 'body'): RecordLayout {
  const own = place === 'body' ? undefined : recordAt(layout, place);
  if (own !== undefined) return own;
  const body = bodyOf(layout);
  const [only] = body;
  if (body.length === 1 && only !== undefined) return only;
  const found = body.find(({ columns: [mark] }) => {
    const constant = mark?.constant ?? '';
    return cells === undefined ? text.slice(0, mark?.width).trim() === constant : cells[0] === constant;
  });
  if (found !== undefined) return found;
  const marks = body.map(({ columns: [mark] }) => `"${mark?.constant ?? ''}"`).join(', ');
  throw new FileRefused(
    `line ${at}: it must begin with one of ${marks}; found "${shown(cells?.[0] ?? text)}"`,
  );
}

function assertConstants({ at: sort, columns }: RecordLayout, cells: readonly string[], at: number): void {
  columns.forEach(({ constant }, index) => {
    const found = cells[index] ?? '';
    if (constant !== undefined && constant.trim() !== found.trim())
      throw new FileRefused(
        `line ${at}: column ${index + 1} of "${sort}" is always "${constant}"; found "${shown(found)}"`,
      );
  });
}
