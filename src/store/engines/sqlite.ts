import { Mutex } from 'async-mutex';
import type { DataSource } from 'typeorm';
import type { SqliteDatabase, SqliteStatement } from '../../sqlite';
import type { Patience } from '../patience';
import type { RawRow, Send, Sent } from '../session';
import { toStoreError } from '../sqlite-errors';
import { assertRoom, keepToOwner, leaveMarker, OpenFiles } from '../sqlite-file';
import type { Engine, Transaction, WireHook } from './engine';

/** SQLite: one connection, and one writer at a time among all processes. */
export class SqliteEngine implements Engine {
  readonly dialect = 'better-sqlite3';
  private readonly turn = new Mutex();
  private readonly files: OpenFiles | null;
  private readonly prepared = new Map<string, SqliteStatement>();

  constructor(
    private readonly source: DataSource,
    /** Null: it lives in memory. */
    private readonly file: string | null,
    private readonly patiently: Patience,
    private readonly wire: WireHook,
  ) {
    this.files = file === null ? null : new OpenFiles(file);
  }

  /** A transaction on the one connection belongs to whoever began it. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.turn.runExclusive(async () => {
      this.files?.assertSame();
      return work();
    });
  }

  readonly look: Send = async (statements) => {
    await this.wire(textOf(statements));
    return this.patiently(() => statements.map((statement) => this.run(statement)));
  };

  begin(): Transaction {
    const { db } = this;
    let isBegun = false;
    const begin = async (): Promise<void> => {
      if (isBegun) return;
      // Left behind where a rollback failed.
      rollBack(db);
      // As a writer at once: a busy database is waited for at the start, and never discovered half way.
      await this.patiently(() => db.exec('BEGIN IMMEDIATE'));
      isBegun = true;
    };
    return {
      send: async (statements) => {
        if (!isBegun) await this.wire('BEGIN');
        await begin();
        await this.wire(textOf(statements));
        return statements.map((statement) => this.run(statement));
      },
      commit: async (rest) => {
        if (!isBegun && rest.length === 0) return;
        const isWhole = !isBegun;
        if (rest.length > 0) await this.wire(textOf(rest));
        await begin();
        for (const statement of rest) this.run(statement);
        if (!isWhole) await this.wire('COMMIT');
        // Nobody may believe a decision that goes down with a deleted file.
        this.files?.assertSame();
        db.exec('COMMIT');
      },
      rollBack: async () => rollBack(db),
    };
  }

  async migrate(outstanding: readonly string[]): Promise<readonly string[]> {
    if (this.file !== null) keepToOwner(this.file);
    const done = outstanding.length === 0 ? [] : await this.runMigrations();
    if (this.file !== null) leaveMarker(this.file);
    return done;
  }

  private async runMigrations(): Promise<readonly string[]> {
    await this.patiently(() => this.db.exec('BEGIN IMMEDIATE'));
    try {
      // Another process may have been faster: what is outstanding is asked under the lock.
      const done = await this.source.runMigrations({ transaction: 'none' });
      this.db.exec('COMMIT');
      return done.map(({ name }) => name);
    } catch (error) {
      rollBack(this.db);
      throw error;
    }
  }

  async probe(): Promise<void> {
    if (this.file !== null) await assertRoom(this.file);
    const { db } = this;
    await this.inTurn(async () => {
      rollBack(db);
      await this.patiently(() => db.exec('BEGIN IMMEDIATE'));
      try {
        // A number in the head of the file that SQLite leaves to us: a row that stays the same would not be written.
        const counted = Number(db.pragma('user_version', { simple: true }));
        db.pragma(`user_version = ${(counted + 1) % 1_000_000}`);
        this.files?.assertSame();
        db.exec('COMMIT');
      } catch (error) {
        rollBack(db);
        throw error;
      }
    });
  }

  serverFacts(): Promise<null> {
    return Promise.resolve(null);
  }

  problem(): string | null {
    return this.files?.problem()?.message ?? null;
  }

  told(error: unknown): unknown {
    return toStoreError(error, this.file);
  }

  close(): Promise<void> {
    return this.turn.runExclusive(() => this.source.destroy());
  }

  private get db(): SqliteDatabase {
    return (this.source.driver as unknown as { readonly databaseConnection: SqliteDatabase })
      .databaseConnection;
  }

  /** Prepared once and kept. */
  private run({ sql, parameters, each, guard }: Sent): readonly RawRow[] {
    const statement = this.prepared.get(sql) ?? this.db.prepare<unknown[], RawRow>(sql);
    this.prepared.set(sql, statement);
    if (statement.reader) return statement.all(...parameters.map(bound));
    let changes = 0;
    for (const values of each ?? [parameters]) changes += statement.run(...values.map(bound)).changes;
    if (guard !== undefined && changes !== guard.rows) throw guard.otherwise();
    return [];
  }
}

const bound = (value: unknown): unknown => (typeof value === 'boolean' ? Number(value) : value);

const textOf = (statements: readonly Sent[]): string => statements.map(({ sql }) => sql).join(';\n');

/** What went wrong first is what people must hear: a full disk has rolled back by itself, or cannot even do that. */
function rollBack(db: SqliteDatabase): void {
  try {
    if (db.inTransaction) db.exec('ROLLBACK');
  } catch {
    // The transaction was not committed; SQLite undoes it when the file is opened next.
  }
}
