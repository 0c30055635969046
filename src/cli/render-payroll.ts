import { addHours } from '../domain/payroll/hours';
import type { PayShown } from '../domain/payroll/shown';
import type { CodeTotal, PeriodTotals } from '../domain/payroll/totals';
import { stepWords } from '../domain/plan/payroll';
import type { WritePayBatch } from '../domain/plan/operation';
import { plural } from './format';
import type { PlanView } from './plan-view';
import type { TableOptions } from './print-table';
import { fold, table } from './print-table';

/** What keys of the ERP are called. */
export interface PayLabels {
  readonly employee: (key: string) => string;
  readonly job: (key: string) => string;
  readonly earnCode: (code: string) => string;
}

type Printing = Pick<TableOptions, 'paint' | 'width'>;

/** Hours by employee, job and earn code: what a clerk looks at first. */
export function renderTotals(
  totals: PeriodTotals,
  { employee: nameOf, job, earnCode }: PayLabels,
  options: Printing,
): readonly string[] {
  const { paint } = options;
  const people = totals.byEmployee.map(
    ({ employee, regular, overtime, double, other, hours, allowances }) => [
      nameOf(employee),
      ...[regular, overtime, double, other, hours, allowances].map(shown),
    ],
  );
  if (people.length === 0) return ['  No hours to pay yet.'];
  const all = [paint.bold('All'), '', '', '', '', paint.bold(totals.hours), shown(totals.allowances)];
  return [
    table(['employee', 'regular', 'overtime', 'double', 'other', 'hours', 'allowances'], [...people, all], {
      ...options,
      indent: 2,
      flex: 0,
      right: [1, 2, 3, 4, 5, 6],
    }),
    ...codes('job', totals.byJob, (key) => (key === '' ? 'no job' : job(key)), options),
    ...codes('earn code', totals.byEarnCode, earnCode, options),
  ];
}

const shown = (hours: string): string => (hours === '0.00' ? '' : hours);

function codes(
  what: string,
  totals: readonly CodeTotal[],
  nameOf: (code: string) => string,
  options: Printing,
): readonly string[] {
  if (totals.length === 0) return [];
  const rows = totals.map(({ code, hours }) => [nameOf(code), hours]);
  return ['', table([what, 'hours'], rows, { ...options, indent: 2, flex: 0, right: [1] })];
}

/** Lines of a batch that change, a row each, and what they come to. */
export function renderBatch({ changes }: WritePayBatch, view: PlanView): readonly string[] {
  const { paint, most } = view;
  const some = changes.slice(0, most.lines);
  const isNew = changes.every(({ old }) => old === null);
  const rows = some.map(({ label, old, new: now }) => [
    label,
    ...(isNew ? [] : [old === null ? '' : paint.dim(String(old))]),
    now === null ? paint.red('taken out') : paint.green(String(now)),
  ]);
  const sum = (values: readonly unknown[]): string =>
    addHours(values.filter((value): value is string => typeof value === 'string'));
  const total = [
    paint.bold('All'),
    ...(isNew ? [] : [sum(changes.map(({ old }) => old))]),
    paint.bold(sum(changes.map((change) => change.new))),
  ];
  const more = changes.length - some.length;
  const options: TableOptions = { ...view, indent: 5, flex: 0, wrap: true, right: isNew ? [1] : [1, 2] };
  return [
    table(isNew ? ['line', 'hours'] : ['line', 'old', 'new'], [...rows, total], options),
    ...(more > 0 ? [`     ${paint.yellow(`and ${plural(more, 'more line')}: ${view.all} shows them`)}`] : []),
  ];
}

/** What is shown of a pay period besides the lines that change. */
export function renderPayShown(payroll: PayShown, view: PlanView): readonly string[] {
  const { paint, most } = view;
  const { totals, leftOut, withoutHours, corrected, worksheets, names } = payroll;
  const named = (of: Readonly<Record<string, string>>) => (key: string) => of[key] ?? key;
  const employee = named(names.employees);
  const cells = corrected
    .slice(0, most.lines)
    .map(({ cell, paid, true: isTrue, delta }) => [
      [employee(cell.employee), cell.date, cell.job === null ? '' : named(names.jobs)(cell.job)]
        .filter(Boolean)
        .join(' · '),
      paid,
      isTrue,
      delta,
    ]);
  return [
    '',
    ...renderTotals(
      totals,
      {
        employee,
        job: named(names.jobs),
        earnCode: (code) => `${code} ${names.earnCodes[code] ?? ''}`.trim(),
      },
      view,
    ),
    ...(cells.length === 0
      ? []
      : [
          '',
          `  ${paint.bold('Corrections of posted time')}`,
          table(['where', 'posted', 'true', 'difference'], cells, {
            ...view,
            indent: 2,
            flex: 0,
            wrap: true,
            right: [1, 2, 3],
          }),
        ]),
    ...listed(
      'By hand, because the ERP takes no negative time',
      worksheets.flatMap(({ steps }) => steps.map((step) => stepWords(step, names))),
      view,
    ),
    ...listed(
      'Left out',
      leftOut.map(({ text }) => text),
      view,
    ),
    ...listed('Active, without hours', withoutHours, view),
  ];
}

function listed(
  title: string,
  lines: readonly string[],
  { paint, width, most, all }: PlanView,
): readonly string[] {
  if (lines.length === 0) return [];
  const more = lines.length - most.warnings;
  return [
    '',
    `  ${paint.bold(`${title} (${lines.length})`)}`,
    ...lines.slice(0, most.warnings).map((line) => `  · ${fold(line, width - 4).replaceAll('\n', '\n    ')}`),
    ...(more > 0 ? [`  ${paint.yellow(`and ${more} more: ${all} shows them`)}`] : []),
  ];
}
