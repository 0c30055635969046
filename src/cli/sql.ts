import { CliError } from './errors';
import { lazy } from './lazy';
import type { Register } from './cli';
import { buildWithoutStore } from './parts';

/** The scripts a DBA reads and runs by hand: exact rights and the ledger in the ERP, and our own store on SQL Server. */
export const registerSql: Register = (program, cli) => {
  program
    .command('sql <what>')
    .description(
      'print a script for the DBA: "erp" (rights and ledger in the ERP), or "store" (our tables on SQL Server)',
    )
    .option('--connection <name>', 'whose ERP, when there are several')
    .addHelpText(
      'after',
      '\nExamples:\n  tieback sql erp --connection acme > grants.sql\n  tieback sql store > store.sql',
    )
    .action(async (what: string, options: { connection?: string }) => {
      const script = what === 'store' ? await storeScript() : await erpScript(what, options.connection);
      cli.result({ script }, () => script);
    });

  async function erpScript(what: string, named: string | undefined): Promise<string> {
    if (what !== 'erp') throw new CliError(`There is no script "${what}".`, { hint: 'Scripts: erp, store.' });
    const config = cli.config();
    const known = config.connections.map(({ id }) => id);
    const [only] = known;
    const id = named ?? (known.length === 1 ? only : undefined);
    if (id === undefined || !known.includes(id)) {
      throw new CliError(named === undefined ? 'Which connection?' : `There is no connection "${named}".`, {
        hint: `--connection <name>; connections: ${known.join(', ')}`,
      });
    }
    const parts = await buildWithoutStore(config, cli.logger(config));
    try {
      return parts.connections.get(id)?.erp.grantScript() ?? '';
    } finally {
      await parts.close();
    }
  }
};

const storeScript = async (): Promise<string> =>
  (await lazy.migrationSql().sqlServerScript()).map((statement) => `${statement.trim()};`).join('\nGO\n');
