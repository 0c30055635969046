import { existsSync } from 'node:fs';
import type { Config } from '../config/load';
import { daemonName, listDaemons, lives } from '../desk/daemons';
import { isTiebackError } from '../domain/base/errors';
import type { StoreSettings } from '../store/settings';
import type { Store, StoreOptions } from '../store/store';
import type { Cli, Register } from './cli';
import { CliError, EXIT, reasonOf } from './errors';
import { plural } from './format';
import { lazy } from './lazy';
import { storeName } from './store';

/** What an operator does with our own store as a whole. */
export const registerStore: Register = (program, cli) => {
  const store = program
    .command('store')
    .description('our own store: bring its tables up to date, or move it');

  store
    .command('migrate')
    .description('bring the tables of our own store to this release, also where `store.migrate` is false')
    .option('--dry-run', 'print the SQL for a DBA and change nothing')
    .addHelpText(
      'after',
      '\nA store that a newer release migrated is refused, and left as it is.\n\n' +
        'Examples:\n  tieback store migrate --dry-run > outstanding.sql\n  tieback store migrate',
    )
    .action(async ({ dryRun }: { dryRun?: true }) => {
      const config = cli.config();
      if (dryRun === true) await printOutstanding(cli, config);
      else await migrate(cli, config);
    });

  store
    .command('copy')
    .description(
      'copy a store in an SQLite file, whole or not at all, into the empty store of the configuration',
    )
    .requiredOption('--from <file>', 'SQLite file of the store to copy')
    .addHelpText(
      'after',
      '\nStop every daemon first. The rows of every table are counted on both ends, and every audit chain is verified on both, before anything ' +
        'is kept.\n\nExample:\n  tieback store copy --from /var/lib/tieback/tieback.db',
    )
    .action(({ from }: { from: string }) => copy(cli, cli.config(), from));
};

/** Opens a store and says in one sentence why it cannot be. */
async function opened(
  config: Config,
  settings: StoreSettings,
  name: string,
  options: StoreOptions,
): Promise<Store> {
  try {
    return await lazy.store().Store.open(settings, { auditKeys: config.audit.keys, ...options });
  } catch (error) {
    if (isTiebackError(error)) throw error;
    throw new CliError(`The store ${name} cannot be opened: ${reasonOf(error)}.`, {
      hint: `Check the section "store" in ${config.file}, that the database runs, and that you may use it.`,
      exitCode: EXIT.failed,
      code: 'STORE_UNREACHABLE',
      cause: error,
    });
  }
}

async function printOutstanding(cli: Cli, config: Config): Promise<void> {
  const { store: settings } = config;
  const isThere = settings.type === 'mssql' || existsSync(settings.file);
  // To look must not make a file, and a newer store is told as such.
  if (isThere) await (await opened(config, settings, storeName(config), { migrate: false })).close();
  const script = lazy.migrationSql();
  const nowhere: StoreSettings = { type: 'better-sqlite3', file: ':memory:' };
  const statements = await script.outstandingScript(isThere ? settings : nowhere);
  cli.result({ statements }, () =>
    statements.length === 0
      ? `-- ${storeName(config)} is up to date: there is nothing to do.`
      : statements
          .map((statement) => `${statement.trim()};`)
          .join(settings.type === 'mssql' ? '\nGO\n' : '\n'),
  );
}

async function migrate(cli: Cli, config: Config): Promise<void> {
  const settings = { ...config.store, migrate: true };
  const store = await opened(config, settings, storeName(config), { migrate: false });
  try {
    const done = await store.migrate();
    cli.result({ store: storeName(config), migrations: done }, () =>
      done.length === 0
        ? `${storeName(config)} is up to date: there was nothing to do.`
        : `${storeName(config)}: ${plural(done.length, 'migration')} (${done.join(', ')}).`,
    );
  } finally {
    await store.close();
  }
}

async function copy(cli: Cli, config: Config, file: string): Promise<void> {
  if (!existsSync(file))
    throw new CliError(`There is no file ${file}.`, { hint: 'Name the SQLite file of a store.' });
  const large = { transactionMs: Infinity };
  const from = await opened(config, { type: 'better-sqlite3', file }, file, { ...large, migrate: false });
  try {
    await assertReady(cli, from, file);
    const to = await opened(config, config.store, storeName(config), large);
    try {
      const copied = await lazy.copy().copyStore(
        { from, to },
        {
          keys: config.audit.keys,
          progress: ({ table, rows, of }) => cli.progress(`${table}: ${rows} of ${of} rows`),
        },
      );
      cli.progress(null);
      const { rows, links } = copied;
      cli.result({ from: file, to: storeName(config), rows, links }, () =>
        [
          ...Object.entries(rows).map(
            ([table, count]) => `${table}: ${plural(count, 'row')}, the same on both ends`,
          ),
          ...Object.entries(links).map(
            ([id, count]) => `audit log of ${id}: ${plural(count, 'link')}, whole on both ends`,
          ),
          `Copied ${file} to ${storeName(config)}. Keep the file until you have seen the daemon work on the copy.`,
        ].join('\n'),
      );
    } finally {
      await to.close();
    }
  } catch (error) {
    cli.progress(null);
    if (!(error instanceof Error) || error.name !== 'CopyRefused') throw error;
    throw new CliError(`${error.message} Nothing was copied.`, {
      hint: 'Copy to an empty database; `tieback audit verify` tells more of a log that is not whole.',
      exitCode: EXIT.failed,
      code: 'COPY_REFUSED',
    });
  } finally {
    await from.close();
  }
}

/** Of this release, and nobody at work on it. */
async function assertReady(cli: Cli, from: Store, file: string): Promise<void> {
  const outstanding = await from.outstanding();
  if (outstanding.length > 0)
    throw new CliError(`${file} lacks tables of this release (${outstanding.join(', ')}).`, {
      hint: `Bring it up to date first: with this file in the section "store", run \`tieback store migrate\`.`,
      exitCode: EXIT.failed,
      code: 'STORE_NOT_MIGRATED',
    });
  const alive = (await listDaemons(from)).filter((row) => lives(row, cli.now()));
  if (alive.length > 0)
    throw new CliError(`A daemon works on ${file}: ${alive.map(daemonName).join(', ')}.`, {
      hint: 'Stop it; what it writes after the copy would be missing there.',
      exitCode: EXIT.failed,
      code: 'STORE_IN_USE',
    });
}
