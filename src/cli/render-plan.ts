import { isContradiction } from '../domain/base/warning';
import { definitionOf } from '../domain/kinds';
import type { Operation, OperationSide } from '../domain/plan/operation';
import { isPayBatch } from '../domain/plan/operation';
import { shownFields } from '../domain/plan/shown';
import { writtenAmount } from '../domain/request/about';
import type { PlanRow } from '../store/rows';
import { plural, shortHash } from './format';
import type { Most, PlanView } from './plan-view';
import type { TableOptions } from './print-table';
import { fold, table } from './print-table';
import { renderLines } from './render-lines';
import { renderBatch, renderPayShown } from './render-payroll';
import { amountWords, fieldWords } from './values';

/** Where an operation writes. */
export const SIDES: Readonly<Record<OperationSide, string>> = {
  erp: 'ERP',
  procore: 'Procore',
  tieback: 'Tieback',
};

/** A plan for the person who approves it: every field that would be written, warnings before notes. */
/** A plan, wherever it comes from. */
type ShownPlan = Omit<PlanRow, 'seal'>;

export function renderPlan(row: ShownPlan, pages: number, view: PlanView): string {
  const { paint, most } = view;
  const { operations, notes, leftOut, unchanged, conflicts = [] } = row.body;
  const page = pages > 1 || row.page > 0 ? `page ${row.page + 1}, ` : '';
  const state = row.state === 'built' ? 'not decided' : row.state;
  const shown = operations.slice(0, most.operations);
  const facts = `${page}version ${row.version}, built ${view.time(row.builtAt)}, ${state}`;
  return [
    `${paint.bold('Plan')} ${shortHash(row.hash)}  ${paint.dim(facts)}`,
    ...renderWarnings(row, view),
    ...summary(row, view),
    ...notes.slice(0, most.warnings).map((text) => mark(paint.dim('·'), text, view)),
    ...rest(notes.length - most.warnings, 'note', view),
    ...(operations.length === 0 ? ['', '  Nothing is written.'] : []),
    ...shown.flatMap((operation) => ['', renderOperation(operation, view)]),
    ...rest(operations.length - shown.length, 'operation', view, ['']),
    ...(row.body.payroll === undefined ? [] : renderPayShown(row.body.payroll, view)),
    ...(unchanged > 0 && row.body.payroll === undefined
      ? ['', `  ${plural(unchanged, 'record')} already agree${unchanged === 1 ? 's' : ''}.`]
      : []),
    ...(conflicts.length > 0
      ? [
          '',
          `  ${paint.yellow(plural(conflicts.length, 'conflict'))}: both sides changed, and a person decides (\`tieback conflicts\`):`,
          ...conflicts
            .slice(0, most.warnings)
            .map(({ kind, recordId, field, pair }) =>
              mark(
                ' ',
                `${recordId} ${definitionOf(kind).fields[field]?.label ?? field}: "${String(pair.procore ?? '')}" in Procore, "${String(pair.erp ?? '')}" in the ERP`,
                view,
              ),
            ),
          ...rest(conflicts.length - most.warnings, 'conflict', view),
        ]
      : []),
    ...(leftOut.length > 0
      ? [
          '',
          `  ${paint.yellow(plural(leftOut.length, 'record'))} left out:`,
          ...leftOut
            .slice(0, most.warnings)
            .map(({ recordId, erpKey, reason }) => mark(' ', `${erpKey ?? recordId}: ${reason}`, view)),
          ...rest(leftOut.length - most.warnings, 'record', view),
        ]
      : []),
  ].join('\n');
}

/** How much is written where: what a long plan is judged by first. */
function summary({ body: { operations, facts } }: ShownPlan, { paint }: PlanView): readonly string[] {
  const counts = new Map<string, number>();
  for (const { side, action } of operations) {
    const what = `${SIDES[side]}: ${action.replaceAll('_', ' ')}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  const written = writtenAmount(operations);
  const amount = written === null ? [] : [`${paint.bold(amountWords(written, facts.currency))} to the ERP`];
  const words = [...amount, ...[...counts].map(([what, count]) => `${what} ${count}`)];
  return operations.length < 2 ? [] : [`  ${words.join(' · ')}`];
}

/** What contradicts something comes first, and never without a word where there are too many to show. */
export function renderWarnings(
  { body: { warnings } }: ShownPlan,
  view: Pick<PlanView, 'paint' | 'width' | 'all'> & { readonly most: Pick<Most, 'warnings'> },
): readonly string[] {
  const { paint, most } = view;
  const grave = warnings.filter(({ code }) => isContradiction(code));
  const ordered = [...grave, ...warnings.filter(({ code }) => !isContradiction(code))];
  return [
    ...(warnings.length > 1 ? [`  ${paint.yellow(plural(warnings.length, 'warning'))}`] : []),
    ...ordered
      .slice(0, most.warnings)
      .map(({ code, text }) => mark(isContradiction(code) ? paint.red('!') : paint.yellow('!'), text, view)),
    ...rest(warnings.length - most.warnings, 'warning', view),
  ];
}

const rest = (
  count: number,
  what: string,
  view: Pick<PlanView, 'paint' | 'all'>,
  before: readonly string[] = [],
): readonly string[] =>
  count > 0 && Number.isFinite(count)
    ? [...before, `  ${view.paint.yellow(`and ${plural(count, `more ${what}`)}: ${view.all} shows them`)}`]
    : [];

function renderOperation(operation: Operation, view: PlanView): string {
  const { paint } = view;
  const action = operation.action.replaceAll('_', ' ');
  const head = `  ${paint.dim(`${operation.seq}.`)} ${SIDES[operation.side]}: ${action} ${paint.bold(operation.target)}`;
  if (isPayBatch(operation)) return [head, ...renderBatch(operation, view)].join('\n');
  return [head, ...renderFields(operation, view), ...renderLines(operation, view)].join('\n');
}

function renderFields(operation: Operation, { paint, width }: PlanView): readonly string[] {
  const changes = shownFields(operation).map(({ label, type, old, new: now, words }) => ({
    label,
    old: fieldWords(old, type ?? undefined),
    isOld: old !== null,
    now: words ?? fieldWords(now, type ?? undefined),
    emptied: now === null,
  }));
  if (changes.length === 0) return [];
  const options: TableOptions = { paint, width, indent: 5, wrap: true };
  const isNew = changes.every(({ isOld }) => !isOld);
  const rows = changes.map(({ label, old, now, emptied }) =>
    isNew
      ? [label, paint.green(now)]
      : [label, paint.dim(old), emptied ? paint.red('(emptied)') : paint.green(now)],
  );
  return [table(isNew ? ['field', 'new'] : ['field', 'old', 'new'], rows, options)];
}

function mark(sign: string, text: string, { width }: Pick<PlanView, 'width'>): string {
  return `  ${sign} ${fold(text, width - 4).replaceAll('\n', '\n    ')}`;
}
