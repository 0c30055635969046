/**
 * The SQL Server that tests run on as well. `TIEBACK_TEST_MSSQL` names it, as a connection string:
 * `Server=127.0.0.1,1433;Database=master;User Id=sa;Password=...;Encrypt=false;TrustServerCertificate=true`. Without it, what needs a server is
 * skipped, by name.
 */
import { randomBytes } from 'node:crypto';
import { ConnectionPool } from 'mssql';
import { Secret } from '../../src/domain/base/secret';
import { driverConfig } from '../../src/sql-server/connect';
import { sqlServerSettings } from '../../src/sql-server/settings';
import type { StoreSettings } from '../../src/store/settings';

/** Environment variable with the connection string. */
const SWITCH = 'TIEBACK_TEST_MSSQL';

export type MssqlSettings = Extract<StoreSettings, { type: 'mssql' }>;

/** The server that the tests may use; null: none is named. */
export function testServer(text = process.env[SWITCH]): MssqlSettings | null {
  if (text === undefined || text === '') return null;
  const parts = new Map(
    text
      .split(';')
      .filter((part) => part.trim() !== '')
      .map((part) => {
        const at = part.indexOf('=');
        return [part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim()] as const;
      }),
  );
  const of = (...names: readonly string[]): string => {
    const found = names.map((name) => parts.get(name)).find((value) => value !== undefined);
    if (found === undefined) throw new Error(`${SWITCH} lacks "${names[0]}"`);
    return found;
  };
  const is = (name: string): boolean => ['true', 'yes'].includes((parts.get(name) ?? '').toLowerCase());
  const [host = '', port = '1433'] = of('server', 'data source').split(',');
  return {
    type: 'mssql',
    ...sqlServerSettings.parse({
      host,
      port: Number(port),
      database: of('database', 'initial catalog'),
      login: { type: 'sql', user: of('user id', 'uid'), password: new Secret(of('password', 'pwd')) },
      encrypt: is('encrypt'),
      trustServerCertificate: is('trustservercertificate'),
      poolSize: 5,
    }),
  };
}

/** The server as an adapter's settings name it. */
export const sqlServerOf = (settings: MssqlSettings): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(settings).filter(([key]) => key !== 'type'));

/** A fresh, empty database on that server. */
export interface FreshDatabase {
  readonly settings: MssqlSettings;
  /** Runs statements past us, as a DBA would. */
  run<Row = unknown>(sql: string): Promise<Row[]>;
  drop(): Promise<void>;
}

/** Makes a database with a name of its own. */
export async function freshDatabase(server: MssqlSettings): Promise<FreshDatabase> {
  const database = `tieback_test_${randomBytes(5).toString('hex')}`;
  const on = async <Row>(name: string, sql: string): Promise<Row[]> => {
    const pool = new ConnectionPool(driverConfig({ ...server, database: name }));
    await pool.connect();
    try {
      return (await pool.request().query<Row>(sql)).recordset;
    } finally {
      await pool.close();
    }
  };
  await on(server.database, `CREATE DATABASE [${database}]`);
  return {
    settings: { ...server, database },
    run: (sql) => on(database, sql),
    drop: async () => void (await on(server.database, `DROP DATABASE [${database}]`)),
  };
}

/** Says once in a file, and for all to see, that its tests did not run on SQL Server: jest counts them, and this names them. */
export function skippedOnSqlServer(what: string): void {
  process.stdout.write(`Skipped on SQL Server, because ${SWITCH} is not set: ${what}\n`);
}

/** What makes our ledger, of a script for the DBA: users and rights are not tried here. */
export const ledgerBatches = (script: string): readonly string[] =>
  script.split(/^GO$/m).filter((batch) => !/GRANT|ALTER ROLE|CREATE ROLE/.test(batch) && batch.trim() !== '');
