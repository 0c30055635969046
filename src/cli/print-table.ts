import type { Paint } from './paint';
import { shorten } from './format';

const GAP = 2;

export interface TableOptions {
  readonly paint: Paint;
  /** Width to fit; infinite where nobody looks. */
  readonly width: number;
  /** Column that gives way when the table is too wide; the last by default. */
  readonly flex?: number;
  /** Break the flexible column into lines instead of cutting it. */
  readonly wrap?: boolean;
  readonly indent?: number;
  /** Columns whose values stand flush right: numbers. */
  readonly right?: readonly number[];
}

/** Text that wraps needs at least this much room beside the other columns; with less it goes below them. */
const LEAST_TEXT = 36;

/** A table without lines: a quiet head, columns two spaces apart, one column that gives way to the width of the terminal. */
export function table(
  head: readonly string[] | null,
  rows: readonly (readonly string[])[],
  { paint, width, indent = 0, wrap = false, right = [], ...options }: TableOptions,
): string {
  const columns = (head ?? rows[0] ?? ['']).length;
  const flex = options.flex ?? columns - 1;
  const used = usedBy(columnWidths(head ? [head, ...rows] : rows), flex, indent);
  const room = Math.max(8, width - used);
  const left = ' '.repeat(indent);
  if (wrap && head === null && columns > 2 && room < LEAST_TEXT) return textBelow(rows, width, left);
  const fit = (cells: readonly string[]): string[] =>
    cells.map((cell, column) => (column === flex ? fitCell(cell, room, wrap) : cell));
  return draw([...(head ? [fit(head).map((cell) => paint.dim(cell))] : []), ...rows.map(fit)], left, right);
}

const usedBy = (widths: readonly number[], flex: number, indent: number): number =>
  widths.reduce((sum, size, column) => sum + (column === flex ? 0 : size + GAP), indent);

/** Room that columns need beside the one that gives way. `columns`: their cells, head included. */
export const least = (columns: readonly (readonly string[])[], flex: number, indent: number): number =>
  usedBy(
    columns.map((cells) => cells.reduce((most, cell) => Math.max(most, visible(cell)), 0)),
    flex,
    indent,
  );

function fitCell(cell: string, room: number, wrap: boolean): string {
  if (wrap) return fold(cell, room);
  return visible(cell) > room ? shorten(plain(cell), room) : cell;
}

/** Each row in two parts: the short columns, and below them the text. */
function textBelow(rows: readonly (readonly string[])[], width: number, left: string): string {
  const heads = draw(
    rows.map((row) => row.slice(0, -1)),
    left,
  ).split('\n');
  const below = `\n${left}    `;
  return rows
    .map((row, index) => {
      const text = fold(row.at(-1) ?? '', width - left.length - 4);
      return `${heads[index] ?? ''}${text === '' ? '' : `${below}${text.replaceAll('\n', below)}`}`;
    })
    .join('\n');
}

function draw(rows: readonly string[][], left: string, right: readonly number[] = []): string {
  const widths = columnWidths(rows);
  const flushRight = new Set(right);
  return rows
    .flatMap((row) => {
      const cells = row.map((cell) => cell.split('\n'));
      const height = cells.reduce((most, lines) => Math.max(most, lines.length), 1);
      return Array.from({ length: height }, (_, line) => {
        const parts = cells.map((lines, column) => {
          const text = lines[line] ?? '';
          const blanks = ' '.repeat(Math.max(0, (widths[column] ?? 0) - visible(text)));
          return flushRight.has(column) ? blanks + text : text + blanks;
        });
        return `${left}${parts.join(' '.repeat(GAP))}`.trimEnd();
      });
    })
    .join('\n');
}

// eslint-disable-next-line no-control-regex -- colours are control characters
const COLOUR = /\u001b\[\d+m/g;
const plain = (text: string): string => text.replace(COLOUR, '');
/** Places that a text takes on the terminal; of several lines, the longest. */
const visible = (text: string): number =>
  plain(text)
    .split('\n')
    .reduce((most, line) => Math.max(most, placesOf(line)), 0);

// eslint-disable-next-line no-control-regex -- everything but ASCII
const BEYOND_ASCII = /[^\u0000-\u007f]/;
/** Signs of East Asia and pictures take two places, marks on the letter before none. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

function placesOf(line: string): number {
  if (!BEYOND_ASCII.test(line)) return line.length;
  return [...line].reduce((sum, sign) => sum + (/\p{M}/u.test(sign) ? 0 : WIDE.test(sign) ? 2 : 1), 0);
}

const columnWidths = (rows: readonly (readonly string[])[]): readonly number[] =>
  (rows[0] ?? []).map((_, column) =>
    rows.reduce((most, row) => Math.max(most, visible(row[column] ?? '')), 0),
  );

/** Breaks text at spaces; words longer than a line are left whole, so that they can be copied. */
export function fold(text: string, width: number): string {
  if (!Number.isFinite(width)) return text;
  return text
    .split('\n')
    .map((line) => {
      const lines: string[] = [];
      for (const word of line.split(' ')) {
        const last = lines.at(-1);
        if (last !== undefined && visible(`${last} ${word}`) <= width)
          lines[lines.length - 1] = `${last} ${word}`;
        else lines.push(word);
      }
      return lines.join('\n');
    })
    .join('\n');
}
