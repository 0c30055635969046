import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ConnectionPool } from 'mssql';
import type { SqliteDatabase } from '../../src/sqlite';
import { openSqlite } from '../../src/sqlite';
import type { Table } from './description';
import { SCHEMA } from './schema';

export type Value = string | number | null;
/** A row by column name: decimals, dates and ids as text, whole numbers as numbers. */
export type Row = Readonly<Record<string, Value>>;

/** One statement of somebody at work; `@name` in its text are the values. */
export interface Ask {
  readonly sql: string;
  readonly bound?: Row;
  /** The table whose columns it reads. */
  readonly of?: Table;
}

/** A batch is opened by the ERP's own procedure, which the two dialects call in their own way. */
export interface OpenBatch {
  readonly openBatch: {
    readonly co: number;
    readonly mth: string;
    readonly source: string;
    readonly table: string;
    readonly by: string;
    /** Of a batch of timecards. */
    readonly prgroup?: number;
    readonly prenddate?: string;
  };
}

/** What somebody does in the office, the same on both databases: statements out, rows in. */
export type Work<T> = Generator<Ask | OpenBatch, T, readonly Row[]>;

/** The model on SQLite; people and tests play on it at once. */
export class SqliteModel {
  constructor(
    readonly db: SqliteDatabase,
    readonly file: string,
  ) {}

  static create(file: string, { replace = false } = {}): SqliteModel {
    if (replace) for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
    if (existsSync(file)) throw new Error(`${file} exists already`);
    mkdirSync(dirname(file), { recursive: true });
    const model = SqliteModel.open(file, { create: true });
    model.db.transaction(() => SCHEMA.sqlite.forEach((sql) => model.db.exec(sql)))();
    return model;
  }

  static open(file: string, { create = false } = {}): SqliteModel {
    const db = openSqlite(file, { fileMustExist: !create });
    db.pragma('journal_mode = WAL');
    db.pragma('busy_timeout = 5000');
    return new SqliteModel(db, file);
  }

  /** All of the work in one transaction. */
  play<T>(work: Work<T>): T {
    const run = (): T => {
      let step = work.next([]);
      while (step.done !== true) step = work.next(this.ask(step.value));
      return step.value;
    };
    return this.db.inTransaction ? run() : this.db.transaction(run).immediate();
  }

  close(): void {
    this.db.close();
  }

  private ask(ask: Ask | OpenBatch): readonly Row[] {
    if ('openBatch' in ask) {
      this.ask({
        sql: 'INSERT INTO bspHQBCInsert (co, month, source, batchtable, username, prgroup, prenddate) VALUES (@co, @mth, @source, @table, @by, @prgroup, @prenddate)',
        bound: withPeriod(ask.openBatch),
      });
      return this.ask({ sql: 'SELECT batchid, errmsg FROM bspHQBCInsert_result ORDER BY call DESC LIMIT 1' });
    }
    const statement = this.db.prepare<[Row], Row>(ask.sql);
    if (statement.reader) return statement.all(ask.bound ?? {});
    statement.run(ask.bound ?? {});
    return [];
  }
}

/** The model on SQL Server, in a database that is there and empty. */
export class TsqlModel {
  constructor(readonly pool: ConnectionPool) {}

  async create(): Promise<void> {
    for (const batch of SCHEMA.tsql) await this.pool.request().batch(batch);
  }

  /** All of the work in one transaction. */
  async play<T>(work: Work<T>): Promise<T> {
    const transaction = this.pool.transaction();
    await transaction.begin();
    try {
      let step = work.next([]);
      while (step.done !== true) step = work.next(await this.ask(transaction, step.value));
      await transaction.commit();
      return step.value;
    } catch (error) {
      // A trigger that refuses has rolled back already.
      await transaction.rollback().catch(() => undefined);
      throw error;
    }
  }

  private async ask(
    transaction: ReturnType<ConnectionPool['transaction']>,
    ask: Ask | OpenBatch,
  ): Promise<readonly Row[]> {
    const [sql, bound, of]: readonly [string, Row, Table | undefined] =
      'openBatch' in ask
        ? [
            `DECLARE @rc int, @errmsg varchar(255);
EXEC @rc = bspHQBCInsert @co = @inco, @month = @inmth, @source = @insource, @batchtable = @intable, @prgroup = @inprgroup, @prenddate = @inprenddate, @errmsg = @errmsg OUTPUT;
UPDATE HQBC SET CreatedBy = @inby, InUseBy = @inby WHERE Co = @inco AND Mth = @inmth AND BatchId = @rc;
SELECT @rc AS batchid, @errmsg AS errmsg`,
            Object.fromEntries(
              Object.entries(withPeriod(ask.openBatch)).map(([name, value]) => [`in${name}`, value]),
            ),
            undefined,
          ]
        : [ask.sql, ask.bound ?? {}, ask.of];
    const request = transaction.request();
    for (const [name, value] of Object.entries(bound)) request.input(name, value);
    const { recordset } = await request.query<Record<string, unknown>>(sql);
    return ((recordset as readonly Record<string, unknown>[] | undefined) ?? []).map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name, valueOf(name, value, of)])),
    );
  }
}

const withPeriod = ({ prgroup, prenddate, ...batch }: OpenBatch['openBatch']): Row => ({
  ...batch,
  prgroup: prgroup ?? null,
  prenddate: prenddate ?? null,
});

/** As the text that the other dialect keeps; exact for the small amounts of tests. */
function valueOf(name: string, value: unknown, of: Table | undefined): Value {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return value.toISOString().slice(0, 10);
  const base = of?.columns.find((column) => column.name === name)?.base;
  if (name === 'KeyID' || base?.kind === 'integer') return Number(value);
  if (typeof value === 'number') return base?.kind === 'decimal' ? value.toFixed(base.decimals) : value;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
