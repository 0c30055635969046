import CliTable from 'cli-table3';
import type { Paint } from './paint';
import { shorten } from './format';

const NOTHING = [
  'top',
  'top-mid',
  'top-left',
  'top-right',
  'bottom',
  'bottom-mid',
  'bottom-left',
  'bottom-right',
  'left',
  'left-mid',
  'mid',
  'mid-mid',
  'right',
  'right-mid',
  'middle',
] as const;
const CHARS = Object.fromEntries(NOTHING.map((name) => [name, '']));
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
}

/** Text that wraps needs at least this much room beside the other columns; with less it goes below them. */
const LEAST_TEXT = 36;

/** A table without lines: a quiet head, columns two spaces apart, one column that gives way to the width of the terminal. */
export function table(
  head: readonly string[] | null,
  rows: readonly (readonly string[])[],
  { paint, width, indent = 0, wrap = false, ...options }: TableOptions,
): string {
  const columns = (head ?? rows[0] ?? ['']).length;
  const flex = options.flex ?? columns - 1;
  const used = columnWidths(head ? [head, ...rows] : rows).reduce(
    (sum, size, column) => sum + (column === flex ? 0 : size + GAP),
    indent,
  );
  const room = Math.max(8, width - used);
  const left = ' '.repeat(indent);
  if (wrap && head === null && columns > 2 && room < LEAST_TEXT) return textBelow(rows, width, left);
  const fit = (cells: readonly string[]): string[] =>
    cells.map((cell, column) => (column === flex ? fitCell(cell, room, wrap) : cell));
  return draw([...(head ? [fit(head).map((cell) => paint.dim(cell))] : []), ...rows.map(fit)], left);
}

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

function draw(rows: readonly string[][], left: string): string {
  const drawn = new CliTable({
    chars: CHARS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP },
    wordWrap: false,
  });
  drawn.push(...rows);
  return drawn
    .toString()
    .split('\n')
    .map((line) => `${left}${line}`.trimEnd())
    .join('\n');
}

// eslint-disable-next-line no-control-regex -- colours are control characters
const COLOUR = /\u001b\[\d+m/g;
const plain = (text: string): string => text.replace(COLOUR, '');
const visible = (text: string): number =>
  Math.max(
    ...plain(text)
      .split('\n')
      .map((line) => line.length),
  );

const columnWidths = (rows: readonly (readonly string[])[]): readonly number[] =>
  (rows[0] ?? []).map((_, column) => Math.max(0, ...rows.map((row) => visible(row[column] ?? ''))));

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
