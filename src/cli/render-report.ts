import type { Report, Row } from '../reports/report';
import { shownCell, titlesOf } from '../reports/report';
import type { Cli } from './cli';
import type { Paint } from './paint';
import { fold, table } from './print-table';

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
  // Hours are never cut.
  const drawn = table(heads, cells, { paint, width: Infinity, indent: 2, right }).split('\n');
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

const heightOf = (cells: readonly string[]): number =>
  cells.reduce((most, cell) => Math.max(most, cell.split('\n').length), 1);

const bold = (paint: Paint, cell: string): string =>
  cell
    .split('\n')
    .map((line) => (line === '' ? '' : paint.bold(line)))
    .join('\n');
