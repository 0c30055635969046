import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Mutex } from 'async-mutex';
import type { EntityManager } from 'typeorm';
import { DataSource } from 'typeorm';
import type { AuditKey } from '../domain/audit/keys';
import { AuditKeys } from '../domain/audit/keys';
import type { SqliteDatabase, SqliteStatement } from '../sqlite';
import { sqliteDriver } from '../sqlite';
import type { RawRow, RunSql } from './repositories/table';
import type { StoreDialect } from './column-types';
import { entitySchemas } from './entities';
import { Tables1764000000000 } from './migrations/0001-tables';
import type { Repositories } from './repositories';
import { repositories } from './repositories';

/** Where our own store lives. */
export type StoreSettings =
  | { readonly type: 'better-sqlite3'; /** Path of the database file. */ readonly file: string }
  | {
      readonly type: 'mssql';
      readonly host: string;
      readonly port: number;
      readonly database: string;
      readonly user: string;
      readonly password: string;
      readonly encrypt: boolean;
      readonly trustServerCertificate: boolean;
      /** Most connections held open. */
      readonly poolSize: number;
    };

/** Called round every call that leaves the process, so that tests can fail before and after each one. */
export type IoHook = <T>(name: string, call: () => Promise<T>) => Promise<T>;

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

  private constructor(
    private readonly source: DataSource,
    readonly dialect: StoreDialect,
    private readonly io: IoHook,
    private readonly keys: AuditKeys,
  ) {
    const isSqlite = dialect === 'better-sqlite3';
    this.turn = isSqlite ? new Mutex() : null;
    this.shared = isSqlite ? repositories(dialect, onSqlite(sqliteOf(source)), keys) : null;
  }

  /** Opens the database and, unless told otherwise, brings it to the newest migration. `auditKeys`: the first one signs the audit log. */
  static async open(
    settings: StoreSettings,
    options: { io?: IoHook; migrate?: boolean; auditKeys?: readonly AuditKey[] } = {},
  ): Promise<Store> {
    if (settings.type === 'better-sqlite3') mkdirSync(dirname(settings.file), { recursive: true });
    const source = dataSource(settings);
    await source.initialize();
    const store = new Store(source, settings.type, options.io ?? noHook, new AuditKeys(options.auditKeys));
    if (options.migrate !== false) await store.migrate();
    return store;
  }

  /** Runs outstanding migrations; safe to repeat. Returns their names. */
  async migrate(): Promise<readonly string[]> {
    const done = await this.source.runMigrations({ transaction: 'each' });
    return done.map(({ name }) => name);
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
      this.inTurn(() => work(this.shared ?? this.on(this.source.manager))),
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
    db.exec('BEGIN IMMEDIATE');
    try {
      const result = await work(shared);
      db.exec('COMMIT');
      return result;
    } catch (error) {
      // A full disk, for example, has rolled back by itself; what went wrong first is what people must hear.
      if (db.inTransaction) db.exec('ROLLBACK');
      throw error;
    }
  }
}

const sqliteOf = (source: DataSource): SqliteDatabase =>
  (source.driver as unknown as { readonly databaseConnection: SqliteDatabase }).databaseConnection;

/** Runs statements on the one connection, prepared once and kept. */
function onSqlite(db: SqliteDatabase): RunSql {
  const prepared = new Map<string, SqliteStatement>();
  return async (sql, parameters) => {
    const statement = prepared.get(sql) ?? db.prepare<unknown[], RawRow>(sql);
    prepared.set(sql, statement);
    const bound = parameters.map((value) => (typeof value === 'boolean' ? Number(value) : value));
    if (statement.reader) return statement.all(...bound);
    statement.run(...bound);
    return [];
  };
}

export function dataSource(settings: StoreSettings): DataSource {
  const common = {
    entities: Object.values(entitySchemas(settings.type)),
    migrations: [Tables1764000000000],
    migrationsTableName: 'tieback_migration',
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
      timeout: 15_000,
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
    port: settings.port,
    database: settings.database,
    username: settings.user,
    password: settings.password,
    pool: { max: settings.poolSize },
    options: { encrypt: settings.encrypt, trustServerCertificate: settings.trustServerCertificate },
  });
}
