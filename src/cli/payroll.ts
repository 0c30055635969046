import type { PreviewedPeriod } from '../activities/payroll/preview';
import type { LeftOut } from '../domain/payroll/left-out';
import { chosenPeriod } from '../desk/payroll/chosen-period';
import type { ListedPeriod } from '../desk/payroll/periods';
import { listPeriods } from '../desk/payroll/periods';
import { periodName } from '../domain/payroll/period';
import type { Cli, Register } from './cli';
import { paintStatus, plural } from './format';
import { lazy } from './lazy';
import { registerPayrollDecide } from './payroll-decide';
import { registerPayrollLook } from './payroll-look';
import { registerPayrollPeople } from './payroll-people';
import { registerPayrollReports } from './payroll-reports';
import { fold, table } from './print-table';
import { renderTotals } from './render-payroll';
import { withPayroll } from './with-payroll';

interface Options {
  readonly connection?: string;
  readonly all?: boolean;
}

/** Entries of each list that are shown without `--all`. */
const SHOWN = 20;

export const registerPayroll: Register = (program, cli) => {
  const payroll = program
    .command('payroll')
    .description('timecards of Procore and the pay periods of the ERP');
  payroll
    .command('periods')
    .description('pay periods of the ERP, around now')
    .option('--connection <name>', 'which connection, where there are several')
    .action((options: Options) =>
      withPayroll(cli, options, async (store, parts) => {
        const { id } = parts.connection;
        const around = await lazy.activities().payPeriods(parts, cli.now().toISOString());
        const { company } = await parts.connection.erp.describe();
        const periods = await listPeriods(store, id, { company, periods: around.periods });
        cli.result({ connection: id, periods }, () => renderPeriods(cli, periods));
      }),
    );
  payroll
    .command('plan <group> [end]')
    .description(
      'what a pay period comes to now: hours by employee, job and earn code, what is left out and why; nothing is written',
    )
    .option('--connection <name>', 'which connection, where there are several')
    .option('--all', 'every entry that is left out, and every warning')
    .addHelpText(
      'after',
      '\nWithout an end: the oldest period of the group that is not closed and has begun. It counts what other periods have paid, and what was late for them.\n\n' +
        'Examples:\n  tieback payroll plan W\n  tieback payroll plan W 2026-11-21 --all',
    )
    .action((group: string, end: string | undefined, options: Options) =>
      withPayroll(cli, options, async (store, parts) => {
        const around = await lazy.activities().payPeriods(parts, cli.now().toISOString());
        const period = chosenPeriod(around, group, end);
        cli.progress('Reading timecards ...');
        const found = await lazy
          .activities()
          .previewPeriod({ store }, parts, { ...around, period })
          .finally(() => cli.progress(null));
        const { connectionId: connection, plan, unreadable, problems } = found;
        cli.result({ connection, period, plan, unreadable, problems }, () =>
          render(cli, found, options.all === true),
        );
      }),
    );
  registerPayrollLook(payroll, cli);
  registerPayrollDecide(payroll, cli);
  registerPayrollReports(payroll, cli);
  registerPayrollPeople(payroll, cli);
};

function renderPeriods(cli: Cli, periods: readonly ListedPeriod[]): string {
  if (periods.length === 0) return 'The ERP has no pay periods around now.';
  const rows = periods.map(({ group, begin, end, run, cutOff, state, frequency, request, status }) => [
    group,
    begin,
    end,
    run === 1 ? '' : `extra run ${run}`,
    cutOff ?? '',
    frequency,
    state === 'open' ? cli.paint.green(state) : state,
    request ?? '',
    status === null ? '' : paintStatus(cli.paint, status),
  ]);
  const head = ['group', 'begins', 'ends', '', 'cut-off', 'paid', 'state', 'request', 'status'];
  return table(head, rows, cli.tableOptions);
}

function render(cli: Cli, found: PreviewedPeriod, isAll: boolean): string {
  const { period, plan, employees, unreadable, problems } = found;
  const { totals, leftOut, warnings, withoutHours } = plan;
  const nameOf = (key: string): string => {
    const one = employees.get(key);
    return one === undefined ? key : `${one.number} ${one.lastName}, ${one.firstName}`;
  };
  const { paint } = cli;
  const sections: string[] = [
    paint.bold(`Pay period ${periodName(period)}: ${period.begin} to ${period.end}, ${period.state}`),
    ...renderTotals(
      totals,
      {
        employee: nameOf,
        job: (key) => found.jobs.get(key) ?? key,
        earnCode: (code) => `${code} ${found.earnCodes.get(code) ?? ''}`.trim(),
      },
      cli.tableOptions,
    ),
    ...list(cli, 'Left out', leftOutWords(leftOut), isAll),
    ...list(
      cli,
      'Cannot be read',
      unreadable.flatMap((one) => one.problems),
      isAll,
    ),
    ...list(
      cli,
      'Warnings',
      warnings.map(({ text }) => text),
      isAll,
    ),
    ...list(cli, 'Set-up', problems, isAll),
    ...list(cli, 'Active, without hours', withoutHours.map(nameOf), isAll),
    paint.dim(`${plural(plan.lines.length, 'line')} of a timecard batch; nothing was written.`),
  ];
  return sections.join('\n');
}

const leftOutWords = (leftOut: readonly LeftOut[]): readonly string[] => leftOut.map(({ text }) => text);

function list(cli: Cli, title: string, lines: readonly string[], isAll: boolean): readonly string[] {
  if (lines.length === 0) return [];
  const some = isAll ? lines : lines.slice(0, SHOWN);
  const more = lines.length - some.length;
  return [
    '',
    cli.paint.bold(`${title} (${lines.length})`),
    ...some.map((line) => fold(`  ${line}`, cli.width)),
    ...(more > 0 ? [cli.paint.dim(`  and ${more} more: --all`)] : []),
  ];
}
