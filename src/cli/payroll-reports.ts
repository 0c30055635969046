import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { dayNumber } from '../domain/base/local-date';
import type { Cli } from './cli';
import { CliError, EXIT } from './errors';
import { lazy } from './lazy';
import { withPayroll } from './with-payroll';
import type { OutputOptions } from './report-output';
import { assertWritable, putOut, withOutputOptions } from './report-output';

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
    const made = await lazy
      .payrollReports()
      .laborReport({ store, parts, now: cli.now() }, { begin, end, project, certifiedOnly })
      .finally(() => cli.progress(null));
    await putOut(cli, options, made);
  });
}

async function reportTieOut(
  cli: Cli,
  { group, end, ...options }: TieOutOptions & { readonly group: string; readonly end: string | undefined },
): Promise<void> {
  assertWritable(cli, options);
  await withPayroll(cli, options, async (store, parts) => {
    cli.progress('Reading timecards and the ERP ...');
    const made = await lazy
      .payrollReports()
      .tieOutReport({ store, parts, now: cli.now() }, group, end)
      .finally(() => cli.progress(null));
    if (!made.isSure) cli.exitCode = EXIT.failed;
    await putOut(cli, options, made);
  });
}

/** For commander. */
function localDate(text: string): string {
  try {
    dayNumber(text);
    return text;
  } catch (error) {
    throw new InvalidArgumentError(`${(error as Error).message}.`);
  }
}
