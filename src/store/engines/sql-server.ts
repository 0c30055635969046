import type { ConnectionPool, Transaction as DriverTransaction } from 'mssql';
import type * as mssql from 'mssql';
import type { DataSource } from 'typeorm';
import type { ServerFacts } from '../../sql-server/server-facts';
import { readServerFacts } from '../../sql-server/server-facts';
import type { Guard, RawRow, Send, Sent } from '../session';
import type { Engine, Transaction, WireHook } from './engine';

/** How long a statement waits for a lock, in milliseconds: shorter than a statement may take (`requestTimeout`), so that the server says why. */
const LOCK_WAIT_MS = 10_000;
/** How long a daemon waits for another one that migrates. */
const MIGRATION_WAIT_MS = 120_000;
/** SQL Server takes 2,100 parameters a request. */
const MOST_PARAMETERS = 2_000;
/** First of the numbers by which a guard speaks: those from 50,000 on are for applications. */
const GUARD = 51_000;

interface Driver {
  readonly master: ConnectionPool;
  readonly mssql: typeof mssql;
}

/** SQL Server: a pool of connections. */
export class SqlServerEngine implements Engine {
  readonly dialect = 'mssql';

  constructor(
    private readonly source: DataSource,
    private readonly wire: WireHook,
  ) {}

  inTurn<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }

  readonly look: Send = (statements) => this.inParts(this.driver.master, statements);

  begin(): Transaction {
    const { driver } = this;
    let transaction: DriverTransaction | null = null;
    const begun = async (): Promise<DriverTransaction> => {
      if (transaction !== null) return transaction;
      const next = driver.master.transaction();
      await this.wire('BEGIN');
      await next.begin(driver.mssql.ISOLATION_LEVEL.READ_COMMITTED);
      // The server may end it by itself; then the driver says so, and nobody but us has to hear it.
      next.on('rollback', () => undefined);
      transaction = next;
      return next;
    };
    return {
      send: async (statements) => this.inParts(await begun(), statements),
      commit: async (rest) => {
        if (transaction === null && rest.length === 0) return;
        if (transaction === null && fits(rest)) {
          // All there is to do is known: one batch that begins and commits.
          await this.carry(driver.master, rest, { isWhole: true });
          return;
        }
        const own = await begun();
        if (rest.length > 0) await this.inParts(own, rest);
        await this.wire('COMMIT');
        await own.commit();
      },
      rollBack: async () => {
        // After an error the server has mostly rolled back already; then there is nothing left to do (EABORT).
        await transaction?.rollback().catch(() => undefined);
      },
    };
  }

  async migrate(outstanding: readonly string[]): Promise<readonly string[]> {
    // A login that may not change tables can start where there is nothing to change.
    if (outstanding.length === 0) return [];
    const { driver } = this;
    const lock = driver.master.transaction();
    await lock.begin();
    try {
      const answer = await new driver.mssql.Request(lock).query<{ got: number }>(
        "DECLARE @got int; EXEC @got = sp_getapplock @Resource = 'tieback_migration', @LockMode = 'Exclusive', " +
          `@LockOwner = 'Transaction', @LockTimeout = ${MIGRATION_WAIT_MS}; SELECT @got AS got`,
      );
      const got = answer.recordset[0]?.got ?? -1;
      if (got < 0)
        throw new Error(`another process has been migrating the store for ${MIGRATION_WAIT_MS / 1000} s`);
      return (await this.source.runMigrations({ transaction: 'each' })).map(({ name }) => name);
    } finally {
      await lock.rollback().catch(() => undefined);
    }
  }

  async probe(): Promise<void> {
    await this.source.query('UPDATE installation SET created_at = created_at');
  }

  serverFacts(): Promise<ServerFacts> {
    return readServerFacts(async (sql) => (await this.source.query<RawRow[]>(sql))[0]);
  }

  problem(): null {
    return null;
  }

  told(error: unknown): unknown {
    return error;
  }

  close(): Promise<void> {
    return this.source.destroy();
  }

  private get driver(): Driver {
    return this.source.driver as unknown as Driver;
  }

  private async inParts(
    on: ConnectionPool | DriverTransaction,
    statements: readonly Sent[],
  ): Promise<readonly (readonly RawRow[])[]> {
    const answers: (readonly RawRow[])[] = [];
    for (const part of partsOf(statements)) answers.push(...(await this.carry(on, part)));
    return answers;
  }

  private async carry(
    on: ConnectionPool | DriverTransaction,
    statements: readonly Sent[],
    { isWhole = false } = {},
  ): Promise<readonly (readonly RawRow[])[]> {
    const { mssql: driver } = this.driver;
    // The driver's types know no request that may be on either.
    const request = new driver.Request(on as ConnectionPool);
    const { text, guards } = batchOf(statements, request);
    await this.wire(text);
    const body = isWhole ? `SET XACT_ABORT ON;\nBEGIN TRANSACTION;\n${text}\nCOMMIT;` : text;
    try {
      const { recordsets } = await request.query(`SET LOCK_TIMEOUT ${LOCK_WAIT_MS};\n${body}`);
      const sets = [...(recordsets as unknown as readonly (readonly RawRow[])[])];
      return statements.map(({ asks }) => (asks ? (sets.shift() ?? []) : []));
    } catch (error) {
      const guard = guards[((error as { readonly number?: number }).number ?? 0) - GUARD];
      throw guard === undefined ? error : guard.otherwise();
    }
  }
}

const fits = (statements: readonly Sent[]): boolean => partsOf(statements).length === 1;

/** As few batches as the number of parameters allows. */
function partsOf(statements: readonly Sent[]): readonly (readonly Sent[])[] {
  const parts: Sent[][] = [];
  let count = Infinity;
  for (const statement of statements) {
    count += statement.parameters.length;
    if (count > MOST_PARAMETERS) {
      parts.push([]);
      count = statement.parameters.length;
    }
    parts.at(-1)?.push(statement);
  }
  return parts;
}

/** Statements as one text whose parameters are numbered through. */
function batchOf(
  statements: readonly Sent[],
  request: mssql.Request,
): { readonly text: string; readonly guards: readonly Guard[] } {
  const guards: Guard[] = [];
  let count = 0;
  const lines = statements.map(({ sql, parameters, guard }) => {
    const first = count;
    count += parameters.length;
    parameters.forEach((value, index) => request.input(String(first + index), value));
    const text =
      first === 0 ? sql : sql.replace(/@(\d+)/g, (_, index: string) => `@${Number(index) + first}`);
    if (guard === undefined) return `${text};`;
    const number = GUARD + guards.push(guard) - 1;
    return `${text};\nIF @@ROWCOUNT <> ${guard.rows} THROW ${number}, 'another number of rows', 1;`;
  });
  return { text: lines.join('\n'), guards };
}
