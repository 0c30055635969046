import { Secret } from '../domain/base/secret';
import { sqlServerSettings } from '../sql-server/settings';
import type { StoreSettings } from './store';
import { dataSource } from './store';

type SqlServer = Extract<StoreSettings, { type: 'mssql' }>;

/** A SQL Server that is never connected to. */
const NOWHERE: SqlServer = {
  type: 'mssql',
  ...sqlServerSettings.parse({
    host: 'localhost',
    database: 'tieback',
    login: { type: 'sql', user: 'tieback', password: new Secret('') },
  }),
};

/** The statements with which the migrations create an empty store on SQL Server, for a DBA to read or run. Needs no server. */
export async function sqlServerScript(settings: SqlServer = NOWHERE): Promise<readonly string[]> {
  const source = dataSource(settings);
  // Not initialised: that would connect. The metadata is not needed either, migrations bring their own tables.
  const runner = source.createQueryRunner();
  runner.enableSqlMemory();
  // The only question the migrations ask an empty database.
  runner.hasTable = async () => false;
  for (const Migration of (source.options.migrations ?? []) as (new () => {
    up(r: typeof runner): Promise<void>;
  })[]) {
    await new Migration().up(runner);
  }
  return runner.getMemorySql().upQueries.map(({ query }) => query);
}
