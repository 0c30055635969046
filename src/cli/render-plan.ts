import type { FieldChange, Operation, OperationSide } from '../domain/plan/operation';
import type { PlanRow } from '../store/rows';
import type { Paint } from './paint';
import { plural, shortHash, showValue, time } from './format';
import type { TableOptions } from './print-table';
import { fold, table } from './print-table';

export interface PlanView {
  readonly paint: Paint;
  readonly width: number;
  /** Operations shown before the rest is only counted. */
  readonly most: number;
}

/** Where an operation writes. */
export const SIDES: Readonly<Record<OperationSide, string>> = {
  erp: 'ERP',
  procore: 'Procore',
  tieback: 'Tieback',
};

/** A plan for the person who approves it: every field that would be written, warnings before notes. */
export function renderPlan(row: PlanRow, pages: number, view: PlanView): string {
  const { paint } = view;
  const { operations, warnings, notes, leftOut, unchanged } = row.body;
  const page = pages > 1 || row.page > 0 ? `page ${row.page + 1}, ` : '';
  const state = row.state === 'built' ? 'not decided' : row.state;
  const shown = operations.slice(0, view.most);
  const more = operations.length - shown.length;
  const facts = `${page}version ${row.version}, built ${time(row.builtAt)}, ${state}`;
  return [
    `${paint.bold('Plan')} ${shortHash(row.hash)}  ${paint.dim(facts)}`,
    ...warnings.map(({ text }) => mark(paint.yellow('!'), text, view)),
    ...notes.map((text) => mark(paint.dim('·'), text, view)),
    ...(operations.length === 0 ? ['', '  Nothing is written.'] : []),
    ...shown.flatMap((operation) => ['', renderOperation(operation, view)]),
    ...(more > 0 ? ['', `  ${paint.dim(`and ${plural(more, 'more operation')}: --all shows them`)}`] : []),
    ...(unchanged > 0
      ? ['', `  ${plural(unchanged, 'record')} already agree${unchanged === 1 ? 's' : ''}.`]
      : []),
    ...(leftOut.length > 0
      ? [
          '',
          `  ${paint.yellow(plural(leftOut.length, 'record'))} left out:`,
          ...leftOut
            .slice(0, view.most)
            .map(({ recordId, erpKey, reason }) => mark(' ', `${erpKey ?? recordId}: ${reason}`, view)),
        ]
      : []),
  ].join('\n');
}

function renderOperation(operation: Operation, view: PlanView): string {
  const { paint } = view;
  const action = operation.action.replaceAll('_', ' ');
  const head = `  ${paint.dim(`${operation.seq}.`)} ${SIDES[operation.side]}: ${action} ${paint.bold(operation.target)}`;
  const header = operation.changes.filter((change) => lineOf(change) === null);
  const tables = [...renderFields(header, view), ...renderLines(operation.changes, view)];
  return [head, ...tables].join('\n');
}

function renderFields(changes: readonly FieldChange[], { paint, width }: PlanView): readonly string[] {
  if (changes.length === 0) return [];
  const options: TableOptions = { paint, width, indent: 5, wrap: true };
  const isNew = changes.every((change) => change.old === null);
  const rows = changes.map((change) =>
    isNew
      ? [change.label, paint.green(meaningOf(change))]
      : [change.label, paint.dim(showValue(change.old)), newValue(change, paint)],
  );
  return [table(isNew ? ['field', 'new'] : ['field', 'old', 'new'], rows, options)];
}

/** Lines of a document as the table they are: one row each, a column for every field that any of them has. */
function renderLines(changes: readonly FieldChange[], { paint, width, most }: PlanView): readonly string[] {
  const kinds = new Map<string, Map<string, Map<string, FieldChange>>>();
  for (const change of changes) {
    const line = lineOf(change);
    if (line === null) continue;
    const lines = kinds.get(line.kind) ?? new Map<string, Map<string, FieldChange>>();
    lines.set(
      line.number,
      (lines.get(line.number) ?? new Map<string, FieldChange>()).set(line.label, change),
    );
    kinds.set(line.kind, lines);
  }
  return [...kinds.values()].flatMap((lines) => {
    const columns = [...new Set([...lines.values()].flatMap((fields) => [...fields.keys()]))];
    const rows = [...lines].slice(0, most).map(([number, fields]) => [
      number,
      ...columns.map((column) => {
        const change = fields.get(column);
        if (change === undefined) return '';
        const now = paint.green(meaningOf(change));
        return change.old === null ? now : `${paint.dim(showValue(change.old))} → ${now}`;
      }),
    ]);
    const more = lines.size - rows.length;
    return [
      table(['line', ...columns], rows, { paint, width, indent: 5, wrap: true }),
      ...(more > 0 ? [`     ${paint.dim(`and ${plural(more, 'more line')}: --all shows them`)}`] : []),
    ];
  });
}

/** `commitment_line[2].amount`, labelled `Line 2 · Amount`. */
function lineOf({ field, label }: FieldChange): { kind: string; number: string; label: string } | null {
  const match = /^(\w+)\[(.*)\]\.\w+$/.exec(field);
  if (match === null) return null;
  return { kind: match[1] ?? '', number: match[2] ?? '', label: label.split(' · ').at(-1) ?? label };
}

const meaningOf = (change: FieldChange): string => change.words ?? showValue(change.new);

const newValue = (change: FieldChange, paint: Paint): string =>
  change.new === null ? paint.red('(emptied)') : paint.green(meaningOf(change));

function mark(sign: string, text: string, { width }: PlanView): string {
  return `  ${sign} ${fold(text, width - 4).replaceAll('\n', '\n    ')}`;
}
