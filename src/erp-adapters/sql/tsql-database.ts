import type * as Mssql from 'mssql';
import type { ConnectionPool, Request, Transaction } from 'mssql';
import { driverConfig } from '../../sql-server/connect';
import type { SqlServerSettings } from '../../sql-server/settings';
import type { Io } from '../contract/definition';
import { TSQL } from './dialect';
import type { Outcome, Row, SqlDatabase, SqlSession, Statement, Value } from './session';
import { toCommitError, toErpError } from './tsql-errors';

/** What identifies a database as long as it is the same: another one under its name, or one that was restored, is another. */
const IDENTITY = `SELECT CONCAT(@@SERVERNAME, '/', DB_NAME(), '/', DB_ID(), '/', CONVERT(varchar(30), create_date, 126)) AS id
  FROM sys.databases WHERE name = DB_NAME()`;

/** A company database on Microsoft SQL Server. It connects on first use. */
export class TsqlDatabase implements SqlDatabase {
  readonly dialect = TSQL;
  private pool: Promise<ConnectionPool> | null = null;

  constructor(
    private readonly settings: SqlServerSettings,
    private readonly io: Io,
  ) {}

  /** Under READ COMMITTED statements see what is committed when each begins; the writer looks again under its own locks. */
  async read<T>(name: string, work: (session: SqlSession) => Promise<T>): Promise<T> {
    const pool = await this.connected();
    return work(this.session(name, () => new (driver().Request)(pool)));
  }

  async transaction<T>(name: string, work: (session: SqlSession) => Promise<Outcome<T>>): Promise<T> {
    const pool = await this.connected();
    const transaction = new (driver().Transaction)(pool);
    let isOpen = false;
    try {
      await this.call(`${name}.begin`, async () => {
        await transaction.begin(driver().ISOLATION_LEVEL.READ_COMMITTED);
        isOpen = true;
      });
      const { keep, value } = await work(this.session(name, () => new (driver().Request)(transaction)));
      if (keep) {
        isOpen = false;
        await this.commit(name, transaction);
      }
      return value;
    } finally {
      if (isOpen) await rollBack(transaction);
    }
  }

  async generation(): Promise<string> {
    return this.read('erp.database', async (session) => {
      const [[row] = []] = await session.ask('identity', [{ sql: IDENTITY, bound: {}, reads: true }]);
      return String(row?.['id'] ?? '');
    });
  }

  async close(): Promise<void> {
    const { pool } = this;
    this.pool = null;
    await (await pool?.catch(() => null))?.close();
  }

  private session(name: string, request: () => Request): SqlSession {
    return {
      dialect: TSQL,
      ask: (part, statements) => this.call(`${name}.${part}`, () => send(request(), statements)),
    };
  }

  private async commit(name: string, transaction: Transaction): Promise<void> {
    try {
      await this.io(`${name}.commit`, () => transaction.commit());
    } catch (error) {
      await rollBack(transaction);
      throw toCommitError(error);
    }
  }

  private async call<T>(name: string, call: () => Promise<T>): Promise<T> {
    try {
      return await this.io(name, call);
    } catch (error) {
      throw toErpError(error);
    }
  }

  private async connected(): Promise<ConnectionPool> {
    const known = await this.pool?.catch(() => null);
    if (known?.connected === true || known?.connecting === true) return known;
    const opening = this.call('erp.open', () =>
      new (driver().ConnectionPool)(driverConfig(this.settings)).connect(),
    );
    this.pool = opening;
    return opening;
  }
}

// The driver takes long to load, and most commands need none.
const driver = (): typeof Mssql => module.require('mssql') as typeof Mssql;

/** The server has undone it already where it said so, or where the connection is gone. */
async function rollBack(transaction: Transaction): Promise<void> {
  try {
    await transaction.rollback();
  } catch {
    // What went wrong before is what people must hear.
  }
}

/** All statements in one round trip; each answers with exactly one set of rows. */
async function send(
  request: Request,
  statements: readonly Statement[],
): Promise<readonly (readonly Row[])[]> {
  const texts = statements.map(({ sql, bound, reads }, index) => {
    const own = (name: string): string => (statements.length === 1 ? name : `s${index}_${name}`);
    for (const [name, value] of Object.entries(bound)) bind(request, own(name), value);
    const renamed = sql.replace(/@([A-Za-z_]\w*)/g, (all, name: string) =>
      name in bound ? `@${own(name)}` : all,
    );
    return reads ? `${renamed};` : `${renamed};\nSELECT @@ROWCOUNT AS changed;`;
  });
  const { recordsets } = await request.query<Record<string, unknown>[]>(
    `SET NOCOUNT ON;\n${texts.join('\n')}`,
  );
  const sets = recordsets as unknown as readonly (readonly Record<string, unknown>[])[];
  if (sets.length !== statements.length)
    throw new TypeError(`${statements.length} statements were answered with ${sets.length} sets of rows`);
  return sets.map((rows) => rows.map(plain));
}

function bind(request: Request, name: string, value: Value): void {
  const { NVarChar, MAX, Int, BigInt: Big } = driver();
  if (typeof value !== 'number') {
    request.input(name, NVarChar(MAX), value);
    return;
  }
  if (!Number.isSafeInteger(value))
    throw new TypeError(`${value} for @${name} is no whole number: decimals travel as text`);
  request.input(name, Math.abs(value) < 2 ** 31 ? Int : Big, value);
}

/** Decimals and dates are read as text; whatever else the driver makes of a column would have lost something. */
const plain = (row: Record<string, unknown>): Row =>
  Object.fromEntries(
    Object.entries(row).map(([column, value]): [string, Value] => {
      if (value === null || typeof value === 'string') return [column, value];
      if (typeof value === 'number' && Number.isSafeInteger(value)) return [column, value];
      if (typeof value === 'boolean') return [column, Number(value)];
      throw new TypeError(`${column} came as ${typeof value}: it has to be read as text`);
    }),
  );
