import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Mutex } from 'async-mutex';
import type { EntityManager } from 'typeorm';
import { DataSource } from 'typeorm';
import type { StoreDialect } from './column-types';
import { entitySchemas } from './entities';
import { FirstSlice1764000000000 } from './migrations/0001-first-slice';
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
  // SQLite has one connection per data source, and TypeORM hands every caller the same query runner: two transactions at a time
  // would become one. SQL Server needs no turn-taking.
  private readonly turn: Mutex | null;

  private constructor(
    private readonly source: DataSource,
    readonly dialect: StoreDialect,
    private readonly io: IoHook,
  ) {
    this.turn = dialect === 'better-sqlite3' ? new Mutex() : null;
  }

  /** Opens the database and, unless told otherwise, brings it to the newest migration. */
  static async open(
    settings: StoreSettings,
    options: { io?: IoHook; migrate?: boolean } = {},
  ): Promise<Store> {
    if (settings.type === 'better-sqlite3') mkdirSync(dirname(settings.file), { recursive: true });
    const source = dataSource(settings);
    await source.initialize();
    const store = new Store(source, settings.type, options.io ?? noHook);
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
        this.dialect === 'mssql'
          ? this.source.transaction('READ COMMITTED', (manager) => work(repositories(manager, this.dialect)))
          : this.immediately(work),
      ),
    );
  }

  /** Reads that need no transaction. */
  read<T>(name: string, work: (repositories: Repositories) => Promise<T>): Promise<T> {
    return this.io(`store.${name}`, () =>
      this.inTurn(() => work(repositories(this.source.manager, this.dialect))),
    );
  }

  async close(): Promise<void> {
    await this.inTurn(() => this.source.destroy());
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.turn ? this.turn.runExclusive(work) : work();
  }

  private async immediately<T>(work: (repositories: Repositories) => Promise<T>): Promise<T> {
    const manager: EntityManager = this.source.manager;
    await manager.query('BEGIN IMMEDIATE');
    try {
      const result = await work(repositories(manager, this.dialect));
      await manager.query('COMMIT');
      return result;
    } catch (error) {
      await manager.query('ROLLBACK');
      throw error;
    }
  }
}

export function dataSource(settings: StoreSettings): DataSource {
  const common = {
    entities: Object.values(entitySchemas(settings.type)),
    migrations: [FirstSlice1764000000000],
    migrationsTableName: 'tieback_migration',
    synchronize: false as const,
    logging: false as const,
  };
  if (settings.type === 'better-sqlite3') {
    return new DataSource({
      ...common,
      type: 'better-sqlite3',
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
