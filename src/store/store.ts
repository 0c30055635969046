import { Mutex } from 'async-mutex';
import type { EntityManager } from 'typeorm';
import { DataSource } from 'typeorm';
import { TiebackError } from '../domain/base/errors';
import type { AuditKey } from '../domain/audit/keys';
import { AuditKeys } from '../domain/audit/keys';
import { driverConfig } from '../sql-server/connect';
import type { SqlServerSettings } from '../sql-server/settings';
import type { SqliteDatabase, SqliteStatement } from '../sqlite';
import { sqliteDriver } from '../sqlite';
import type { RawRow, RunSql } from './repositories/table';
import type { StoreDialect } from './column-types';
import { entitySchemas } from './entities';
import { Tables1764000000000 } from './migrations/0001-tables';
import type { Repositories } from './repositories';
import { repositories } from './repositories';
import {
  assertNoMarker,
  assertNotRemoved,
  assertRoom,
  createSqliteFile,
  IN_MEMORY,
  keepToOwner,
  leaveMarker,
  OpenFiles,
} from './sqlite-file';
import type { Patience } from './patience';
import { DRIVER_WAIT_MS, patience } from './patience';
import { isPassing } from './passing';
import { toStoreError } from './sqlite-errors';

/** Where our own store lives. */
export type StoreSettings =
  | { readonly type: 'better-sqlite3'; /** Path of the database file. */ readonly file: string }
  | ({ readonly type: 'mssql' } & SqlServerSettings);

/** Called round every call that leaves the process, so that tests can fail before and after each one. */
export type IoHook = <T>(name: string, call: () => Promise<T>) => Promise<T>;

/** How a store is opened. */
export interface StoreOptions {
  readonly io?: IoHook;
  /** Bring it to the newest migration. Default: true. */
  readonly migrate?: boolean;
  /** Make an empty store where one was and is gone. Default: false. */
  readonly anew?: boolean;
  /** The first one signs the audit log. Default: nobody does. */
  readonly auditKeys?: readonly AuditKey[];
  /** How long to wait for an SQLite file that another program has locked, in milliseconds. Default: 15 000. */
  readonly lockWaitMs?: number;
}

const LOCK_WAIT_MS = 15_000;

interface StoreParts {
  readonly source: DataSource;
  readonly dialect: StoreDialect;
  readonly io: IoHook;
  /** The SQLite file; null where there is none. */
  readonly file: string | null;
  readonly patiently: Patience;
  readonly keys: AuditKeys;
}

const noHook: IoHook = (_name, call) => call();

/**
 * Our own facts, in one relational database. All work happens in transactions with a name; everything a transaction changed is
 * there, or nothing is.
 */
export class Store {
  // SQLite has one connection, and a transaction on it belongs to whoever began it. SQL Server needs no turn-taking.
  private readonly turn: Mutex | null;
  /** On SQLite, where there is one connection for all. */
  private readonly shared: Repositories | null;
  private readonly files: OpenFiles | null;

  readonly dialect: StoreDialect;
  private readonly source: DataSource;
  private readonly io: IoHook;
  private readonly file: string | null;
  private readonly patiently: Patience;
  private readonly keys: AuditKeys;

  private constructor({ source, dialect, io, file, patiently, keys }: StoreParts) {
    this.source = source;
    this.dialect = dialect;
    this.io = io;
    this.file = file;
    this.patiently = patiently;
    this.keys = keys;
    const isSqlite = dialect === 'better-sqlite3';
    this.turn = isSqlite ? new Mutex() : null;
    this.files = file === null ? null : new OpenFiles(file);
    this.shared = isSqlite ? repositories(dialect, onSqlite(sqliteOf(source), patiently), keys) : null;
  }

  /**
   * Opens the database and, unless told otherwise, brings it to the newest migration. Throws `STORE_EMPTIED` where an SQLite store was and
   * an empty one would be made in its place, and `STORE_NEWER` where a newer release was at work.
   */
  static async open(settings: StoreSettings, options: StoreOptions = {}): Promise<Store> {
    const file = fileOf(settings);
    if (file !== null) {
      if (options.anew !== true) assertNotRemoved(file);
      createSqliteFile(file);
    }
    const source = dataSource(settings);
    const patiently = patience(file ?? IN_MEMORY, options.lockWaitMs ?? LOCK_WAIT_MS);
    try {
      await patiently(() => source.initialize());
      const migrations = await executedMigrations(source);
      assertKnown(source, migrations ?? []);
      if (file !== null && migrations === null && options.anew !== true) {
        assertNoMarker(file, 'a file without our tables');
      }
      const keys = new AuditKeys(options.auditKeys);
      const { type: dialect } = settings;
      const store = new Store({ source, dialect, io: options.io ?? noHook, file, patiently, keys });
      if (options.migrate !== false) await store.migrate();
      return store;
    } catch (error) {
      if (source.isInitialized) await source.destroy();
      throw toStoreError(error, file);
    }
  }

  /** Runs outstanding migrations, and leaves an SQLite file to its owner alone; safe to repeat. Returns the names of the migrations. */
  async migrate(): Promise<readonly string[]> {
    if (this.file !== null) keepToOwner(this.file);
    try {
      const done = await this.patiently(() => this.source.runMigrations({ transaction: 'each' }));
      if (this.file !== null) leaveMarker(this.file);
      return done.map(({ name }) => name);
    } catch (error) {
      throw toStoreError(error, this.file);
    }
  }

  /** Writes a trifle, always to the same place: throws where nothing can be written, because the disk is full, say. */
  async probe(): Promise<void> {
    if (this.file !== null) await assertRoom(this.file);
    await this.io('store.probe', () =>
      this.inTurn(async () => {
        if (this.shared === null) await this.source.query('UPDATE installation SET created_at = created_at');
        else await this.immediately(this.shared, async () => void this.count());
      }),
    );
  }

  /** A number in the head of the file that SQLite leaves to us: a row that stays the same would not be written. */
  private count(): void {
    const db = sqliteOf(this.source);
    const counted = Number(db.pragma('user_version', { simple: true }));
    db.pragma(`user_version = ${(counted + 1) % 1_000_000}`);
  }

  /**
   * Whether trouble of this store passes by itself (it was locked, busy, full, or away), so that what looks first what is done may be tried again in
   * a moment.
   */
  isPassing(error: unknown): boolean {
    return isPassing(error);
  }

  /** What keeps everybody from using the store, as far as it can be seen without using it; null when nothing does. */
  problem(): string | null {
    return this.files?.problem()?.message ?? null;
  }

  /**
   * One transaction. It begins as a writer at once, so that a busy database is waited for at the start and never discovered
   * half way.
   */
  transaction<T>(name: string, work: (repositories: Repositories) => Promise<T>): Promise<T> {
    return this.io(`store.${name}`, () =>
      this.inTurn(() =>
        this.shared
          ? this.immediately(this.shared, work)
          : this.source.transaction('READ COMMITTED', (manager) => work(this.on(manager))),
      ),
    );
  }

  /** Reads that need no transaction. */
  read<T>(name: string, work: (repositories: Repositories) => Promise<T>): Promise<T> {
    return this.io(`store.${name}`, () =>
      this.inTurn(() => {
        this.files?.assertSame();
        return work(this.shared ?? this.on(this.source.manager));
      }),
    );
  }

  async close(): Promise<void> {
    await this.inTurn(() => this.source.destroy());
  }

  private on(manager: EntityManager): Repositories {
    const run: RunSql = async (sql, parameters) => manager.query<readonly RawRow[]>(sql, [...parameters]);
    return repositories(this.dialect, run, this.keys);
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.turn ? this.turn.runExclusive(work) : work();
  }

  private async immediately<T>(
    shared: Repositories,
    work: (repositories: Repositories) => Promise<T>,
  ): Promise<T> {
    const db = sqliteOf(this.source);
    this.files?.assertSame();
    // Left behind where a rollback failed.
    rollBack(db);
    await this.patiently(() => db.exec('BEGIN IMMEDIATE'));
    try {
      const result = await work(shared);
      // Nobody may believe a decision that goes down with a deleted file.
      this.files?.assertSame();
      db.exec('COMMIT');
      return result;
    } catch (error) {
      rollBack(db);
      throw toStoreError(error, this.file);
    }
  }
}

/** What went wrong first is what people must hear: a full disk has rolled back by itself, or cannot even do that. */
function rollBack(db: SqliteDatabase): void {
  try {
    if (db.inTransaction) db.exec('ROLLBACK');
  } catch {
    // The transaction was not committed; SQLite undoes it when the file is opened next.
  }
}

/** An old release would read and write tables that it does not understand. */
function assertKnown(source: DataSource, executed: readonly string[]): void {
  const known = source.migrations.map(({ name }) => name);
  const unknown = executed.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new TiebackError('STORE_NEWER', { migrations: unknown.join(', ') });
}

/** Names of the migrations that ran; null when the table that remembers them is not there. */
async function executedMigrations(source: DataSource): Promise<readonly string[] | null> {
  const runner = source.createQueryRunner();
  try {
    if (!(await runner.hasTable(MIGRATIONS))) return null;
    const rows = await source.query<readonly { readonly name: string }[]>(`SELECT name FROM ${MIGRATIONS}`);
    return rows.map(({ name }) => name);
  } finally {
    await runner.release();
  }
}

const MIGRATIONS = 'tieback_migration';

const fileOf = (settings: StoreSettings): string | null =>
  settings.type === 'better-sqlite3' && settings.file !== IN_MEMORY ? settings.file : null;

const sqliteOf = (source: DataSource): SqliteDatabase =>
  (source.driver as unknown as { readonly databaseConnection: SqliteDatabase }).databaseConnection;

/** Runs statements on the one connection, prepared once and kept. */
function onSqlite(db: SqliteDatabase, patiently: Patience): RunSql {
  const prepared = new Map<string, SqliteStatement>();
  return async (sql, parameters) => {
    const statement = prepared.get(sql) ?? db.prepare<unknown[], RawRow>(sql);
    prepared.set(sql, statement);
    const bound = parameters.map((value) => (typeof value === 'boolean' ? Number(value) : value));
    if (statement.reader) {
      const read = (): RawRow[] => statement.all(...bound);
      // In a transaction the lock is ours.
      return db.inTransaction ? read() : patiently(read);
    }
    statement.run(...bound);
    return [];
  };
}

export function dataSource(settings: StoreSettings): DataSource {
  const common = {
    entities: Object.values(entitySchemas(settings.type)),
    migrations: [Tables1764000000000],
    migrationsTableName: MIGRATIONS,
    synchronize: false as const,
    logging: false as const,
  };
  if (settings.type === 'better-sqlite3') {
    return new DataSource({
      ...common,
      type: 'better-sqlite3',
      driver: sqliteDriver(),
      database: settings.file,
      enableWAL: true,
      timeout: DRIVER_WAIT_MS,
      prepareDatabase: (database: { pragma(statement: string): unknown }) => {
        database.pragma('foreign_keys = ON');
        // Every commit reaches the disk: a plan that finance approved must survive a power cut.
        database.pragma('synchronous = FULL');
      },
    });
  }
  return new DataSource({
    ...common,
    type: 'mssql',
    host: settings.host,
    database: settings.database,
    extra: driverConfig(settings),
  });
}
