import { sameAmount, subtract, sum } from '../domain/base/money';
import { definitionOf } from '../domain/kinds';
import { textIn } from '../domain/kinds/record';
import type { FieldChange, Operation } from '../domain/plan/operation';
import { isErpWrite } from '../domain/plan/operation';
import { plural } from './format';
import type { PlanView } from './plan-view';
import type { TableOptions } from './print-table';
import { fold, least, table } from './print-table';
import { amountWords, fieldWords, isNumber, placeOf } from './values';

/** One line of a document: what is written to each of its fields, by label. */
type Line = ReadonlyMap<string, FieldChange>;

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
  const kinds = new Map<string, Map<string, Map<string, FieldChange>>>();
  const types = new Map<string, boolean>();
  for (const change of operation.changes) {
    const { line, label, type } = placeOf(operation, change);
    if (line === null) continue;
    const lines = kinds.get(line.kind) ?? new Map<string, Map<string, FieldChange>>();
    kinds.set(line.kind, lines);
    const fields = lines.get(line.number) ?? new Map<string, FieldChange>();
    lines.set(line.number, fields.set(label, change));
    types.set(label, isNumber(type));
  }
  const tables = [...kinds.values()].flatMap((lines) => {
    const shown = [...lines].slice(0, lines.size > most.lines ? FEW : lines.size);
    const labels = [...new Set([...lines.values()].flatMap((fields) => [...fields.keys()]))];
    const columns = labels.map((label): Column => ({
      label,
      isNumber: types.get(label) === true,
      cells: shown.map(([, fields]) => cellOf(operation, fields, label, view)),
    }));
    const numbers = { label: 'line', isNumber: false, cells: shown.map(([number]) => number) };
    const more = lines.size - shown.length;
    const rest = `and ${plural(more, 'more line')}: ${view.all} shows them`;
    return [
      drawLines(numbers, columns, { paint, width }),
      ...(more > 0 ? [`     ${paint.yellow(rest)}`] : []),
    ];
  });
  return [...tables, ...renderTotal(operation, view)];
}

function cellOf(operation: Operation, fields: Line, label: string, { paint }: PlanView): string {
  const change = fields.get(label);
  if (change === undefined) return '';
  const { type } = placeOf(operation, change);
  const now = paint.green(change.words ?? fieldWords(change.new, type));
  return change.old === null ? now : `${paint.dim(fieldWords(change.old, type))} → ${now}`;
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
  if (!isErpWrite(operation) || operation.action !== 'create') return [];
  const { kind, record } = operation;
  const { total, fields } = definitionOf(kind);
  const field = total?.lineField ?? 'amount';
  const counted =
    total === undefined ? record.lines : record.lines.filter((line) => total.lines.includes(line.kind));
  const amounts = counted.map((line) => textIn(line, field)).filter((amount) => amount !== '');
  if (amounts.length === 0) return [];
  const ofLines = sum(amounts);
  const words = `${plural(counted.length, 'line')}: ${paint.bold(amountWords(ofLines))}`;
  const header = total === undefined ? '' : textIn(record, total.field);
  if (total === undefined || header === '') return [`     ${words}`];
  const label = fields[total.field]?.label ?? total.field;
  if (sameAmount(header, ofLines)) return [`     ${words} = ${label} ${paint.green('✓')}`];
  const difference = amountWords(subtract(header, ofLines));
  return [
    `     ${paint.red('✗')} ${words}, but ${label} is ${amountWords(header)} (difference ${difference})`,
  ];
}
