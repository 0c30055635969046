import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import type { PayrollParts } from '../activities/payroll/preview';
import { dayNumber } from '../domain/base/local-date';
import type { Employee } from '../domain/payroll/employee';
import { laborReportOf } from '../reports/labor';
import { tieOutReportOf, verdictOf } from '../reports/tie-out';
import type { Cli } from './cli';
import { CliError, EXIT } from './errors';
import { lazy } from './lazy';
import { chosenPeriod } from './chosen-period';
import { withPayroll } from './with-payroll';
import type { OutputOptions } from './report-output';
import { assertWritable, madeNow, putOut, withOutputOptions } from './report-output';

interface ConnectionOption {
  readonly connection?: string;
}

interface LaborOptions extends OutputOptions, ConnectionOption {
  readonly from: string;
  readonly to: string;
  readonly project?: string;
  readonly certified?: boolean;
}

type TieOutOptions = OutputOptions & ConnectionOption;

/** Reports that people file or hand over. */
export function registerPayrollReports(payroll: Command, cli: Cli): void {
  const labor = payroll
    .command('labor')
    .description('hours by craft and class for each job and week: the labor part of a certified payroll')
    .requiredOption('--from <date>', 'first day of work, 2026-11-15', localDate)
    .requiredOption('--to <date>', 'last day of work', localDate)
    .option('--project <id or number>', 'id of one project of Procore, or number of one job of the ERP')
    .option('--certified', 'only projects of payroll.mapping.certifiedProjects')
    .option('--connection <name>', 'which connection, where there are several');
  withOutputOptions(labor)
    .addHelpText(
      'after',
      '\nTimecards as they are now, those that are payable; the others are listed with the reason. Weeks begin as the workweek of the pay group.\n\n' +
        'Examples:\n  tieback payroll labor --from 2026-11-15 --to 2026-11-21\n  tieback payroll labor --from 2026-11-15 --to 2026-11-21 --project 26-014 --format pdf --out 26-014.pdf',
    )
    .action((options: LaborOptions) => reportLabor(cli, options));
  const tieOut = payroll
    .command('tie-out <group> [end]')
    .description(
      'hours of a pay period in Procore, approved, written, accepted and posted, by employee, with every difference explained',
    )
    .option('--connection <name>', 'which connection, where there are several');
  withOutputOptions(tieOut)
    .addHelpText(
      'after',
      '\nWithout an end: the oldest period of the group that is not closed and has begun.\n' +
        `Exit code ${EXIT.failed} when a difference is unexplained, or entries cannot be read.\n\n` +
        'Examples:\n  tieback payroll tie-out W\n  tieback payroll tie-out W 2026-11-21 --format pdf --out tie-out.pdf',
    )
    .action((group: string, end: string | undefined, options: TieOutOptions) =>
      reportTieOut(cli, { group, end, ...options }),
    );
}

async function reportLabor(cli: Cli, options: LaborOptions): Promise<void> {
  const { from: begin, to: end, project = null, certified: certifiedOnly = false } = options;
  if (begin > end)
    throw new CliError(`--from ${begin} is after --to ${end}.`, { hint: 'Name the first day first.' });
  assertWritable(cli, options);
  await withPayroll(cli, options, async (store, parts) => {
    cli.progress('Reading timecards ...');
    const found = await lazy
      .activities()
      .laborHours({ store }, parts, { begin, end, project, certifiedOnly })
      .finally(() => cli.progress(null));
    if ('unknownProject' in found) throw unknownProject(found);
    const { rows, leftOut, offJobs } = found;
    const unreadable = found.unreadable.flatMap(({ problems }) => problems);
    const report = laborReportOf(
      { ...found, unreadable, company: await companyOf(parts), dates: { begin, end }, certifiedOnly },
      madeNow(cli, SOURCES),
    );
    const people = peopleOf(rows, found.employees);
    const data = {
      connection: parts.connection.id,
      from: begin,
      to: end,
      rows,
      people,
      leftOut,
      unreadable,
      offJobs,
    };
    await putOut(cli, options, { report, data });
  });
}

const SOURCES = 'timecards of Procore and codes of the ERP as they were then';

function unknownProject({
  unknownProject: typed,
  known,
}: {
  unknownProject: string;
  known: readonly string[];
}): CliError {
  const some = known.slice(0, SHOWN_JOBS).join(', ');
  return new CliError(`No project that is linked has the id or number "${typed}".`, {
    hint:
      known.length === 0
        ? 'No project is linked yet: `tieback links list project` lists them.'
        : `Jobs: ${some}${known.length > SHOWN_JOBS ? ', ...; `tieback links list project` lists all' : ''}.`,
    code: 'PROJECT_UNKNOWN',
  });
}

const SHOWN_JOBS = 10;

async function reportTieOut(
  cli: Cli,
  { group, end, ...options }: TieOutOptions & { readonly group: string; readonly end: string | undefined },
): Promise<void> {
  assertWritable(cli, options);
  await withPayroll(cli, options, async (store, parts) => {
    const around = await lazy.activities().payPeriods(parts, cli.now().toISOString(), dateOrNone(end));
    const period = chosenPeriod(around, group, end);
    cli.progress('Reading timecards and the ERP ...');
    const tied = await lazy
      .activities()
      .tieOutPeriod({ store }, parts, { ...around, period })
      .finally(() => cli.progress(null));
    const unreadable = tied.unreadable.flatMap(({ problems }) => problems);
    const facts = { ...tied, unreadable, company: await companyOf(parts) };
    const verdict = verdictOf(facts);
    if (verdict.unexplained + verdict.unreadable > 0) cli.exitCode = EXIT.failed;
    const { plan, isApproved, rows } = tied;
    await putOut(cli, options, {
      report: tieOutReportOf(facts, madeNow(cli, `${SOURCES}, and our books`)),
      data: {
        connection: parts.connection.id,
        period,
        plan,
        isApproved,
        verdict,
        rows,
        people: peopleOf(rows, tied.employees),
        unreadable,
      },
    });
  });
}

async function companyOf({ connection }: PayrollParts): Promise<string> {
  const { companyName, company, system } = await connection.erp.describe();
  return `${companyName} (company ${company} of ${system})`;
}

/** Number and name of the employees of rows, by key. */
const peopleOf = (
  rows: readonly { readonly employee: string | null }[],
  employees: ReadonlyMap<string, Employee>,
): Readonly<Record<string, Pick<Employee, 'number' | 'firstName' | 'lastName'>>> =>
  Object.fromEntries(
    [...new Set(rows.map(({ employee }) => employee))].flatMap((key) => {
      const known = employees.get(key ?? '');
      if (known === undefined) return [];
      const { number, firstName, lastName } = known;
      return [[known.key, { number, firstName, lastName }]];
    }),
  );

const dateOrNone = (text = ''): string | undefined => (/^\d{4}-\d\d-\d\d$/.test(text) ? text : undefined);

/** For commander. */
function localDate(text: string): string {
  try {
    dayNumber(text);
    return text;
  } catch (error) {
    throw new InvalidArgumentError(`${(error as Error).message}.`);
  }
}
