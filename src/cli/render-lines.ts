import type { Operation } from '../domain/plan/operation';
import type { FieldType, ShownValue } from '../domain/plan/shown';
import { shownLines, shownTotal } from '../domain/plan/shown';
import { plural } from './format';
import type { PlanView } from './plan-view';
import type { TableOptions } from './print-table';
import { fold, least, table } from './print-table';
import { amountWords, fieldWords, isNumber } from './values';

interface Column {
  readonly label: string;
  readonly isNumber: boolean;
  /** Of each line shown. */
  readonly cells: readonly string[];
}

const INDENT = 5;
const LEAST_DESCRIPTION = 16;
/** Of more lines than anybody reads, so many are shown. */
const FEW = 50;

/** Lines of a document as the table they are: a row each, a column for every field that any of them has, and what they come to. */
export function renderLines(operation: Operation, view: PlanView): readonly string[] {
  const { paint, width, most } = view;
  const tables = shownLines(operation).flatMap(({ columns: fields, lines }) => {
    const shown = lines.slice(0, lines.length > most.lines ? FEW : lines.length);
    const columns = fields.map(({ name, label, type }): Column => ({
      label,
      isNumber: isNumber(type ?? undefined),
      cells: shown.map(({ values }) => cellOf(values[name], type, view)),
    }));
    const numbers = { label: 'line', isNumber: false, cells: shown.map(({ number }) => number) };
    const more = lines.length - shown.length;
    const rest = `and ${plural(more, 'more line')}: ${view.all} shows them`;
    return [
      drawLines(numbers, columns, { paint, width }),
      ...(more > 0 ? [`     ${paint.yellow(rest)}`] : []),
    ];
  });
  return [...tables, ...renderTotal(operation, view)];
}

function cellOf(value: ShownValue | undefined, type: FieldType | null, { paint }: PlanView): string {
  if (value === undefined) return '';
  const now = paint.green(value.words ?? fieldWords(value.new, type ?? undefined));
  return value.old === null ? now : `${paint.dim(fieldWords(value.old, type ?? undefined))} → ${now}`;
}

/** Wide where there is room; what is the same in all lines is said once; as a last resort the short columns, and the others below each line. */
function drawLines(
  numbers: Column,
  columns: readonly Column[],
  options: Pick<TableOptions, 'paint' | 'width'>,
): string {
  const all = [numbers, ...columns];
  if (fits(all, options)) return draw(all, options);
  const same = columns.filter(({ cells }) => cells.length > 2 && new Set(cells).size === 1);
  const differing = [numbers, ...columns.filter((column) => !same.includes(column))];
  const common =
    same.length === 0
      ? []
      : [
          note(
            `every line: ${same.map(({ label, cells }) => together(`${label} ${cells[0] ?? ''}`)).join(' · ')}`,
            options,
          ),
        ];
  if (fits(differing, options)) return [...common, draw(differing, options)].join('\n');
  const main = differing.filter(
    ({ label }, index) => index === 0 || label === 'Description' || label === 'Amount',
  );
  const below = differing.filter((column) => !main.includes(column));
  const rows = draw(main, { ...options, cut: true }).split('\n');
  const [head = '', ...drawn] = rows;
  const stacked = drawn.flatMap((row, index) => {
    const words = below
      .map(({ label, cells }) => ({ label, cell: cells[index] ?? '' }))
      .filter(({ cell }) => cell !== '')
      .map(({ label, cell }) => together(`${options.paint.dim(label)} ${cell}`));
    return words.length === 0 ? [row] : [row, note(words.join(' · '), options, INDENT + 3)];
  });
  return [...common, head, ...stacked].join('\n');
}

/** A label and its value stay on one line. */
const STAYS = '\u00a0';
const together = (text: string): string => text.replaceAll(' ', STAYS);

function note(text: string, { width }: Pick<TableOptions, 'width'>, indent = INDENT): string {
  const left = ' '.repeat(indent);
  return `${left}${fold(text, width - indent)
    .replaceAll('\n', `\n${left}`)
    .replaceAll(STAYS, ' ')}`;
}

const flexOf = (columns: readonly Column[]): number => {
  const description = columns.findIndex(({ label }) => label === 'Description');
  return description < 0 ? columns.length - 1 : description;
};

const fits = (columns: readonly Column[], { width }: Pick<TableOptions, 'width'>): boolean =>
  least(
    columns.map(({ label, cells }) => [label, ...cells]),
    flexOf(columns),
    INDENT,
  ) +
    LEAST_DESCRIPTION <=
  width;

function draw(
  columns: readonly Column[],
  { cut = false, ...options }: Pick<TableOptions, 'paint' | 'width'> & { readonly cut?: boolean },
): string {
  const rows = (columns[0]?.cells ?? []).map((_, index) => columns.map(({ cells }) => cells[index] ?? ''));
  return table(
    columns.map(({ label }) => label),
    rows,
    {
      ...options,
      indent: INDENT,
      wrap: !cut,
      flex: flexOf(columns),
      right: columns.flatMap((column, index) => (column.isNumber ? [index] : [])),
    },
  );
}

/** What the lines of a new document come to, and whether its header says the same. */
function renderTotal(operation: Operation, { paint }: PlanView): readonly string[] {
  const total = shownTotal(operation);
  if (total === null) return [];
  const { header, lines, ofLines, difference } = total;
  const words = `${plural(lines, 'line')}: ${paint.bold(amountWords(ofLines))}`;
  if (header === null) return [`     ${words}`];
  if (difference === '0') return [`     ${words} = ${header.label} ${paint.green('✓')}`];
  return [
    `     ${paint.red('✗')} ${words}, but ${header.label} is ${amountWords(header.amount)} (difference ${amountWords(difference)})`,
  ];
}
