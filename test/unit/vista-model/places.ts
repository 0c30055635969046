import mssql from 'mssql';
import { SqliteModel, TsqlModel } from '../../../sandbox/vista-model/database';
import type { OfficeThere } from '../../../sandbox/vista-model/office';
import { officeOf, officeThere } from '../../../sandbox/vista-model/office';

/** A seeded company of the model in a database of its own. */
export interface Company {
  readonly office: OfficeThere;
  close(): Promise<void>;
}

/** The dialects that can be tried here: SQLite always, SQL Server where `TIEBACK_TEST_MSSQL` names one (`mssql://user:password@host:port`). */
export const PLACES: readonly (readonly [dialect: string, open: () => Promise<Company>])[] = [
  ['SQLite', onSqlite],
  ...(process.env['TIEBACK_TEST_MSSQL'] === undefined
    ? []
    : ([['SQL Server', () => onSqlServer(process.env['TIEBACK_TEST_MSSQL'] ?? '')]] as const)),
];

async function onSqlite(): Promise<Company> {
  const model = SqliteModel.create(':memory:');
  const office = officeOf(model);
  office.seedCompany();
  const later = Object.fromEntries(
    Object.entries(office).map(([name, call]) => [
      name,
      async (...args: never[]) => Promise.resolve(call(...args)),
    ]),
  );
  return { office: later as unknown as OfficeThere, close: async () => Promise.resolve(model.close()) };
}

async function onSqlServer(address: string): Promise<Company> {
  const { hostname, port, username, password } = new URL(address);
  const name = `vista_${process.pid}_${Date.now().toString(36)}`;
  const connect = (database: string): Promise<mssql.ConnectionPool> =>
    new mssql.ConnectionPool({
      server: hostname,
      port: Number(port || 1433),
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
      database,
      options: { encrypt: true, trustServerCertificate: true },
    }).connect();
  const master = await connect('master');
  await master.request().batch(`CREATE DATABASE ${name}`);
  const pool = await connect(name);
  const model = new TsqlModel(pool);
  await model.create();
  const office = officeThere(model);
  await office.seedCompany();
  return {
    office,
    async close() {
      await pool.close();
      await master.request().batch(`DROP DATABASE ${name}`);
      await master.close();
    },
  };
}
