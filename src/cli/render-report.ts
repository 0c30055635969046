import type { Column, Report, Row } from '../reports/report';
import { shownCell, titlesOf } from '../reports/report';
import type { Cli } from './cli';
import type { Paint } from './paint';
import { fold, least, table } from './print-table';

const TONES = { good: 'green', plain: 'bold', bad: 'red' } as const;

/** A report for the terminal. */
export function renderReport(cli: Pick<Cli, 'paint' | 'width'>, report: Report): string {
  const { title, about, verdict, groups, total, notes } = report;
  const { paint, width } = cli;
  return [
    paint.bold(title),
    ...about.map((line) => paint.dim(fold(line, width))),
    ...groups.flatMap((group, index) => {
      const isLast = index === groups.length - 1;
      return ['', renderGroup(cli, report, { group, total: isLast ? total : null })];
    }),
    ...(verdict === null ? [] : ['', paint[TONES[verdict.tone]](fold(verdict.text, width))]),
    ...notes
      .filter(({ lines }) => lines.length > 0)
      .flatMap(({ title: name, lines }) => [
        '',
        paint.bold(name),
        ...lines.map((line) => fold(`  ${line}`, width)),
      ]),
  ].join('\n');
}

function renderGroup(
  { paint, width }: Pick<Cli, 'paint' | 'width'>,
  report: Report,
  { group, total }: { readonly group: Report['groups'][number]; readonly total: Row | null },
): string {
  const { columns } = report;
  const cellsOf = ({ cells }: Row): string[] =>
    columns.map((column, index) => shownCell(cells[index] ?? '', column));
  const totals = [group.total, total].filter((row) => row !== null);
  const heads = titlesOf(report, group);
  const right = columns.flatMap(({ kind }, index) => (kind === 'hours' ? [index] : []));
  const rows = [...group.rows, ...totals];
  const cells = rows.map((row) =>
    cellsOf(row).map((cell) => (totals.includes(row) ? bold(paint, cell) : cell)),
  );
  const columnsOf = columns.map((_, index) => [heads, ...cells].map((row) => row[index] ?? ''));
  // Hours are never cut: names give way, and where little would be left of them, the terminal breaks the lines.
  const flex = widestText(columns, columnsOf);
  const fits = least(columnsOf, flex, INDENT) + LEAST_NAME <= width;
  const drawn = table(heads, cells, {
    paint,
    width: fits ? width : Infinity,
    flex,
    indent: INDENT,
    right,
  }).split('\n');
  let at = heightOf(heads);
  const lines = [...(group.title === null ? [] : [paint.bold(group.title)]), ...drawn.slice(0, at)];
  rows.forEach(({ below = [] }, index) => {
    const height = heightOf(cells[index] ?? []);
    lines.push(...drawn.slice(at, at + height));
    at += height;
    lines.push(...below.map((line) => fold(`      ${line}`, width)));
  });
  return lines.join('\n');
}

const INDENT = 2;
const LEAST_NAME = 16;

/** The column of text whose cells are longest. */
function widestText(columns: readonly Column[], cells: readonly (readonly string[])[]): number {
  const lengths = columns.map(({ kind }, index) =>
    kind === 'hours' ? -1 : Math.max(...(cells[index] ?? []).map((cell) => cell.length)),
  );
  return lengths.indexOf(Math.max(...lengths));
}

const heightOf = (cells: readonly string[]): number =>
  cells.reduce((most, cell) => Math.max(most, cell.split('\n').length), 1);

const bold = (paint: Paint, cell: string): string =>
  cell
    .split('\n')
    .map((line) => (line === '' ? '' : paint.bold(line)))
    .join('\n');
