import { takeCensus } from '../activities/census';
import type { ConnectionParts } from '../activities';
import type { Config, ConnectionConfig } from '../config/load';
import type { Census } from '../domain/kinds/census';
import { isClean, ORIGIN_LABELS } from '../domain/kinds/census';
import type { Store } from '../store/store';
import type { Cli, Register } from './cli';
import { connectionsOf } from './connections';
import { EXIT } from './errors';
import { plural } from './format';
import { buildWithoutStore } from './parts';
import { withStore } from './store';
import { table } from './print-table';

interface Counted {
  readonly connection: string;
  readonly takenAt: string;
  readonly counts: Census['counts'];
  /** Another integration's records were found, and the configuration says that this is fine. */
  readonly accepted: boolean;
  /** They were found, so nothing is written to Procore. */
  readonly refused: boolean;
}

export const registerCensus: Register = (program, cli) => {
  program
    .command('census')
    .description(
      'count who owns the origin_ids in Procore; Tieback does not write beside another integration',
    )
    .option('--connection <name>', 'only one connection')
    .addHelpText(
      'after',
      '\nReads only. The result is remembered: a request that was parked because of it goes on by itself.\n\n' +
        'Example:\n  tieback census --connection acme',
    )
    .action((options: { connection?: string }) =>
      withStore(cli, async (store, config) => {
        const counted = await countAll(cli, store, config, options.connection);
        if (counted.some(({ refused }) => refused)) cli.exitCode = EXIT.failed;
        cli.result({ connections: counted }, () => counted.map((one) => render(cli, one)).join('\n\n'));
      }),
    );
};

async function countAll(
  cli: Cli,
  store: Store,
  config: Config,
  name: string | undefined,
): Promise<readonly Counted[]> {
  const wanted = connectionsOf(config, name);
  const parts = await buildWithoutStore(config, cli.logger(config));
  try {
    const counted: Counted[] = [];
    for (const connection of wanted) {
      const own = parts.connections.get(connection.id);
      if (own) counted.push(await count(cli, store, connection, own));
    }
    return counted;
  } finally {
    await parts.close();
  }
}

async function count(
  cli: Cli,
  store: Store,
  { id, acceptForeignOrigins }: ConnectionConfig,
  parts: ConnectionParts,
): Promise<Counted> {
  const census = await takeCensus(store, parts, cli.now().toISOString());
  const isForeign = !isClean(census);
  return {
    connection: id,
    ...census,
    accepted: isForeign && acceptForeignOrigins,
    refused: isForeign && !acceptForeignOrigins,
  };
}

function render(cli: Cli, { connection, counts, accepted, refused }: Counted): string {
  const { paint } = cli;
  const rows = counts.map(({ kind, total, without, ours, foreign, examples }) => [
    ORIGIN_LABELS[kind],
    String(total),
    String(without),
    String(ours),
    foreign > 0 ? paint.red(String(foreign)) : '0',
    examples.map(({ originId, label }) => `"${originId}" of ${label}`).join(', '),
  ]);
  const foreign = counts.reduce((sum, one) => sum + one.foreign, 0);
  const verdict = refused
    ? `${paint.red(plural(foreign, 'origin_id'))} of another integration: Tieback writes nothing to Procore. Stop that integration and ` +
      'clear them, or set `acceptForeignOrigins: true` for this connection and restart.'
    : accepted
      ? `${plural(foreign, 'origin_id')} of another integration, accepted by the configuration.`
      : paint.green('No origin_id of another integration.');
  const head = ['records', 'total', 'without', 'ours', 'foreign', 'examples'];
  return `${paint.bold(connection)}\n${table(head, rows, { ...cli.tableOptions, indent: 2 })}\n\n${verdict}`;
}
