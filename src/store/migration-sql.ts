import type { DataSource, MigrationInterface } from 'typeorm';
import { Secret } from '../domain/base/secret';
import { sqlServerSettings } from '../sql-server/settings';
import { dataSource, executedMigrations, MIGRATIONS } from './data-source';
import type { StoreSettings } from './settings';

/** A SQL Server that is never connected to. */
const NOWHERE: StoreSettings = {
  type: 'mssql',
  ...sqlServerSettings.parse({
    host: 'localhost',
    database: 'tieback',
    login: { type: 'sql', user: 'tieback', password: new Secret('') },
  }),
};

/**
 * The statements that create an empty store on SQL Server, for a DBA to read or run, with the table that remembers them: a daemon finds nothing left to do.
 * Needs no server.
 */
export const sqlServerScript = (): Promise<readonly string[]> => scriptOf(dataSource(NOWHERE), null);

/** The statements that a store still needs, as `Store.migrate` would run them. Changes nothing; connects, except to an SQLite file that is not there. */
export async function outstandingScript(settings: StoreSettings): Promise<readonly string[]> {
  const source = dataSource(settings);
  await source.initialize();
  try {
    return await scriptOf(source, await executedMigrations(source));
  } finally {
    await source.destroy();
  }
}

/** `executed`: null, where nothing ever was. */
async function scriptOf(source: DataSource, executed: readonly string[] | null): Promise<readonly string[]> {
  const statements = executed === null ? [tableOfMigrations(source)] : [];
  for (const Migration of (source.options.migrations ?? []) as (new () => MigrationInterface)[]) {
    const migration = new Migration();
    const name = migration.name ?? '';
    if (executed?.includes(name) === true) continue;
    const runner = source.createQueryRunner();
    runner.enableSqlMemory();
    // The only question that migrations ask the database.
    runner.hasTable = async () => false;
    await migration.up(runner);
    statements.push(...runner.getMemorySql().upQueries.map(({ query }) => query));
    // As TypeORM does it: the digits at the end of the name are its time.
    const timestamp = /\d+$/.exec(name)?.[0] ?? '0';
    statements.push(`INSERT INTO "${MIGRATIONS}" ("timestamp", "name") VALUES (${timestamp}, '${name}')`);
    await runner.release();
  }
  return statements;
}

const tableOfMigrations = ({ options: { type } }: DataSource): string =>
  type === 'mssql'
    ? `CREATE TABLE "${MIGRATIONS}" ("id" int NOT NULL IDENTITY(1,1), "timestamp" bigint NOT NULL, "name" varchar(255) NOT NULL, ` +
      `CONSTRAINT "pk_${MIGRATIONS}" PRIMARY KEY ("id"))`
    : `CREATE TABLE "${MIGRATIONS}" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "timestamp" bigint NOT NULL, "name" varchar NOT NULL)`;
