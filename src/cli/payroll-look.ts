import type { Command } from 'commander';
import type { PayrollLooked } from '../domain/request/flow';
import { payrollIdOf } from '../domain/request/id';
import type { Cli } from './cli';
import { onlyConnection } from './connections';
import { CliError } from './errors';
import { plural } from './format';
import { lazy } from './lazy';
import { assertDaemonRuns } from './needs-daemon';
import { withStore } from './store';
import { withClient } from './temporal';

/** `tieback payroll look`: what the schedule does, now. */
export function registerPayrollLook(payroll: Command, cli: Cli): void {
  payroll
    .command('look')
    .description(
      'look for pay periods and timecards now, and have the open periods go on; the daemon does it by itself',
    )
    .option('--connection <name>', 'which connection, where there are several')
    .addHelpText('after', '\nExample:\n  tieback payroll look')
    .action(({ connection }: { readonly connection?: string }) =>
      withStore(cli, async (store, config) => {
        const own = onlyConnection(config, connection);
        if (own.payroll === undefined)
          throw new CliError(`connections.${own.id}.payroll is not configured.`, {
            hint: 'docs/payroll.md tells what to write there.',
            code: 'NO_PAYROLL',
          });
        await assertDaemonRuns(cli, store, 'look at payroll');
        await withClient(config, async (client) => {
          cli.progress(`Looking (${payrollIdOf(own.id)} in the Web UI) ...`);
          const looked = await lazy
            .starter()
            .triggerPayroll(client, own.id)
            .then((handle) => handle.result() as Promise<PayrollLooked>)
            .finally(() => cli.progress(null));
          cli.result({ connection: own.id, ...looked }, () => render(cli, looked));
        });
      }),
    );
}

function render(cli: Cli, { moved, made, told, problems }: PayrollLooked): string {
  return [
    `${plural(moved, 'timecard entry', 'timecard entries')} moved.`,
    ...made.map((id) => `${cli.paint.green('begun')}  ${id}`),
    ...told.map((id) => `${cli.paint.dim('told')}   ${id}`),
    ...problems.map((problem) => cli.paint.red(problem)),
  ].join('\n');
}
