import type { ConnectionPool, Request } from 'mssql';
import { driverConfig } from '../../sql-server/connect';
import type { SqlServerSettings } from '../../sql-server/settings';
import type { Io } from '../contract/definition';
import { TSQL } from './dialect';
import { HeldConnection } from './held-connection';
import type { Outcome, SqlDatabase, SqlSession } from './session';
import { driver, send } from './tsql-batch';
import { toCommitError, toErpError } from './tsql-errors';

/**
 * What identifies a database as long as it is the same: another one under its name, or one that was restored, is another. Not every server has forks
 * (Azure SQL Database has none to show).
 */
const IDENTITY = `DECLARE @fork nvarchar(60) = N'';
IF OBJECT_ID('sys.database_recovery_status') IS NOT NULL
  EXEC sp_executesql N'SELECT @fork = CONVERT(nvarchar(60), recovery_fork_guid) FROM sys.database_recovery_status WHERE database_id = DB_ID()',
    N'@fork nvarchar(60) OUTPUT', @fork OUTPUT;
SELECT CONCAT(@@SERVERNAME, '/', DB_NAME(), '/', DB_ID(), '/', CONVERT(varchar(30), create_date, 126), '/', @fork) AS id
  FROM sys.databases WHERE database_id = DB_ID()`;

/** A company database on Microsoft SQL Server. It connects on first use. */
export class TsqlDatabase implements SqlDatabase {
  readonly dialect = TSQL;
  private pool: Promise<ConnectionPool> | null = null;

  /** `transactionMs`: how long one transaction may take before it is given up and undone. */
  constructor(
    private readonly settings: SqlServerSettings,
    private readonly io: Io,
    private readonly transactionMs = 60_000,
  ) {}

  /** Under READ COMMITTED statements see what is committed when each begins; the writer looks again under its own locks. */
  async read<T>(name: string, work: (session: SqlSession) => Promise<T>): Promise<T> {
    const pool = await this.connected();
    return work(this.session(name, () => new (driver().Request)(pool)));
  }

  async transaction<T>(name: string, work: (session: SqlSession) => Promise<Outcome<T>>): Promise<T> {
    const pool = await this.connected();
    const held = await told(() => HeldConnection.of(pool, this.transactionMs));
    try {
      await this.call(`${name}.begin`, () => held.begin());
      const { keep, value } = await work(this.session(name, () => held.request()));
      if (keep) await this.commit(name, held);
      return value;
    } finally {
      await held.letGo();
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

  private async commit(name: string, held: HeldConnection): Promise<void> {
    try {
      await this.io(`${name}.commit`, () => held.commit());
    } catch (error) {
      throw toCommitError(error);
    }
  }

  private call<T>(name: string, call: () => Promise<T>): Promise<T> {
    return told(() => this.io(name, call));
  }

  private async connected(): Promise<ConnectionPool> {
    const known = await this.pool?.catch(() => null);
    if (known?.connected === true || known?.connecting === true) return known;
    const opening = this.call('erp.open', async () => {
      const pool = new (driver().ConnectionPool)(driverConfig(this.settings));
      // Whoever waits for a connection hears of it; an error that nobody listens to ends the process.
      pool.on('error', () => undefined);
      return pool.connect();
    });
    this.pool = opening;
    return opening;
  }
}

async function told<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw toErpError(error);
  }
}
