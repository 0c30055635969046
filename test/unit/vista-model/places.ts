import mssql from 'mssql';
import { SqliteModel, TsqlModel } from '../../../sandbox/vista-model/database';
import type { Office, OfficeThere } from '../../../sandbox/vista-model/office';
import { officeOf, officeThere } from '../../../sandbox/vista-model/office';
import { driverConfig } from '../../../src/sql-server/connect';
import type { MssqlSettings } from '../../support/mssql';
import { freshDatabase, testServer } from '../../support/mssql';

/** A seeded company of the model in a database of its own. */
export interface Company {
  readonly office: OfficeThere;
  /** Where it is, on SQL Server. */
  readonly settings?: MssqlSettings;
  close(): Promise<void>;
}

/** The SQL Server that tests may use; null: none. */
export const SERVER = testServer();

/** The dialects that can be tried here: SQLite always, SQL Server where the environment names one. */
export const PLACES: readonly (readonly [dialect: string, open: () => Promise<Company>])[] = [
  ['SQLite', onSqlite],
  ...(SERVER === null ? [] : ([['SQL Server', () => onSqlServer(SERVER)]] as const)),
];

async function onSqlite(): Promise<Company> {
  const model = SqliteModel.create(':memory:');
  const office = officeOf(model);
  office.seedCompany();
  return { office: later(office), close: async () => Promise.resolve(model.close()) };
}

/** The office on SQLite, as one on a server answers. */
export const later = (office: Office): OfficeThere =>
  Object.fromEntries(
    Object.entries(office).map(([name, call]) => [
      name,
      async (...args: never[]) => Promise.resolve(call(...args)),
    ]),
  ) as unknown as OfficeThere;

/** A seeded company on SQL Server. */
export async function onSqlServer(server: MssqlSettings): Promise<Company> {
  const database = await freshDatabase(server);
  const pool = await new mssql.ConnectionPool(driverConfig(database.settings)).connect();
  const model = new TsqlModel(pool);
  await model.create();
  const office = officeThere(model);
  await office.seedCompany();
  return {
    office,
    settings: database.settings,
    async close() {
      await pool.close();
      await database.drop();
    },
  };
}
