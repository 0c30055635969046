import type { FieldChange, OperationSide, PlannedOperation } from '../domain/plan';
import type { PlanRow } from '../store/rows';
import type { Paint } from './cli';
import { plural, shortHash, showValue, time } from './format';
import type { TableOptions } from './table';
import { fold, table } from './table';

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
    ...warnings.map((text) => mark(paint.yellow('!'), text, view)),
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

function renderOperation(operation: PlannedOperation, { paint, width }: PlanView): string {
  const action = operation.action.replaceAll('_', ' ');
  const head = `  ${paint.dim(`${operation.seq}.`)} ${SIDES[operation.side]}: ${action} ${paint.bold(operation.target)}`;
  if (operation.changes.length === 0) return head;
  const options: TableOptions = { paint, width, indent: 5, wrap: true };
  const isNew = operation.changes.every((change) => change.old === null);
  const rows = operation.changes.map((change) =>
    isNew
      ? [change.label, paint.green(showValue(change.new))]
      : [change.label, paint.dim(showValue(change.old)), newValue(change, paint)],
  );
  return `${head}\n${table(isNew ? ['field', 'new'] : ['field', 'old', 'new'], rows, options)}`;
}

const newValue = (change: FieldChange, paint: Paint): string =>
  change.new === null ? paint.red('(emptied)') : paint.green(showValue(change.new));

function mark(sign: string, text: string, { width }: PlanView): string {
  return `  ${sign} ${fold(text, width - 4).replaceAll('\n', '\n    ')}`;
}
