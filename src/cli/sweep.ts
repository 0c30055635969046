import { definitionOf } from '../domain/kinds';
import type { SweepResult } from '../domain/request/flow';
import { sweepIdOf } from '../domain/request/id';
import { taskQueues } from '../temporal/task-queues';
import type { Cli, Register } from './cli';
import { connectionsOf } from './connections';
import { EXIT } from './errors';
import { lazy } from './lazy';
import { assertDaemonRuns } from './needs-daemon';
import { table } from './print-table';
import { withStore } from './store';
import { withClient } from './temporal';

interface Swept extends SweepResult {
  readonly connection: string;
}

export const registerSweep: Register = (program, cli) => {
  program
    .command('sweep [connection]')
    .description(
      'compare now, as every night, all that the ERP holds with what is linked: what was deleted there, and what its feed did not tell',
    )
    .addHelpText(
      'after',
      '\nA running daemon does it; nothing is changed in Procore or in the ERP. What it finds: `tieback exceptions`. It may take long, and goes on ' +
        'when this command is ended.\n\nExample:\n  tieback sweep acme',
    )
    .action((connection: string | undefined) =>
      withStore(cli, async (store, config) => {
        const wanted = connectionsOf(config, connection);
        await assertDaemonRuns(cli, store, 'sweep');
        const swept: Swept[] = [];
        await withClient(config, async (client) => {
          for (const { id } of wanted) {
            cli.print(cli.paint.dim(`Sweeping ${id} (${sweepIdOf(id)} in the Web UI) ...`));
            const input = { connectionId: id, erpQueue: taskQueues.erp(id) };
            const result = await lazy.starter().runSweep(client, config.temporal.taskQueue, input);
            swept.push({ connection: id, ...result });
          }
        });
        if (swept.some(isBad)) cli.exitCode = EXIT.failed;
        cli.result({ connections: swept }, () => swept.map((one) => renderSweep(cli, one)).join('\n\n'));
      }),
    );
};

const isBad = ({ kinds, problems }: Swept): boolean =>
  problems.length > 0 || kinds.some(({ missing, missed }) => missing + missed > 0);

/** What a sweep of one connection saw, a line for each kind. */
export function renderSweep(cli: Pick<Cli, 'paint' | 'tableOptions'>, swept: Swept): string {
  const { paint } = cli;
  const { connection, kinds, problems } = swept;
  // Of these nothing was ever linked or synced, so nobody counted what the ERP has.
  const idle = kinds.filter(({ linked, listed }) => linked === 0 && listed === 0);
  const looked = kinds.filter((one) => !idle.includes(one));
  const rows = looked.map(({ kind, linked, listed, missing, doubted, missed }) => [
    definitionOf(kind).plural,
    String(linked),
    String(listed),
    missing > 0 ? paint.red(`${missing}${doubted ? ', doubted' : ''}`) : '0',
    missed > 0 ? paint.red(String(missed)) : '0',
  ]);
  const head = ['records', 'linked', 'in the ERP', 'missing', 'not told'];
  const bad = problems.map(
    ({ kind, problem }) => `${paint.red(definitionOf(kind).plural)}: nothing was concluded: ${problem}`,
  );
  const verdict = isBad(swept)
    ? 'What waits for somebody: `tieback exceptions`.'
    : paint.green('Nothing is missing.');
  return [
    paint.bold(connection),
    ...(rows.length === 0 ? [] : [table(head, rows, { ...cli.tableOptions, indent: 2 })]),
    ...(idle.length === 0
      ? []
      : [paint.dim(`  nothing to compare: ${idle.map(({ kind }) => definitionOf(kind).plural).join(', ')}`)]),
    ...bad,
    '',
    verdict,
  ].join('\n');
}
