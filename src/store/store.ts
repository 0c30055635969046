import { setTimeout as delay } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { TiebackError } from '../domain/base/errors';
import type { AuditKey } from '../domain/audit/keys';
import { AuditKeys } from '../domain/audit/keys';
import type { ServerFacts } from '../sql-server/server-facts';
import type { StoreDialect } from './column-types';
import { dataSource, executedMigrations } from './data-source';
import type { Engine, WireHook } from './engines/engine';
import { SqliteEngine } from './engines/sqlite';
import { SqlServerEngine } from './engines/sql-server';
import { isPassing, isUndone } from './passing';
import { patience } from './patience';
import { HeldConnections } from './repositories/held-connections';
import type { Repositories } from './repositories';
import { repositories } from './repositories';
import { Session } from './session';
import type { StoreSettings } from './settings';
import { assertNoMarker, assertNotRemoved, createSqliteFile, IN_MEMORY } from './sqlite-file';
import { toStoreError } from './sqlite-errors';

export type { StoreSettings } from './settings';
export { dataSource } from './data-source';

/** Called round every call that leaves the process, so that tests can fail before and after each one. */
export type IoHook = <T>(name: string, call: () => Promise<T>) => Promise<T>;

/** How a store is opened. */
export interface StoreOptions {
  readonly io?: IoHook;
  readonly wire?: WireHook;
  /** Bring it to the newest migration. Default: true. */
  readonly migrate?: boolean;
  /** Make an empty store where one was and is gone. Default: false. */
  readonly anew?: boolean;
  /** The first one signs the audit log. Default: nobody does. */
  readonly auditKeys?: readonly AuditKey[];
  /** How long to wait for an SQLite file that another program has locked, in milliseconds. Default: 15 000. */
  readonly lockWaitMs?: number;
  /** How long a transaction may take, in milliseconds; one that takes longer is undone. Default: 20 000. */
  readonly transactionMs?: number;
}

const LOCK_WAIT_MS = 15_000;
const TRANSACTION_MS = 20_000;

/** A transaction that the database undid (a deadlock, a lock that was not given) is tried so often, with growing pauses of random length. */
const ATTEMPTS = 6;
const FIRST_PAUSE_MS = 20;

const noHook: IoHook = (_name, call) => call();

/**
 * The connections that a transaction is about: one, several, or none (`null`: what belongs to the installation). Their rows are its first locks, so
 * there is one writer per connection, and whoever waits holds nothing.
 */
export type About = string | readonly string[] | null;

/**
 * Our own facts, in one relational database. All work happens in transactions with a name; everything a transaction changed is
 * there, or nothing is.
 */
export class Store {
  readonly dialect: StoreDialect;

  private readonly io: IoHook;
  private readonly transactionMs: number;

  private constructor(
    private readonly source: DataSource,
    private readonly engine: Engine,
    private readonly settings: StoreSettings,
    { io = noHook, transactionMs = TRANSACTION_MS }: StoreOptions,
    private readonly keys: AuditKeys,
  ) {
    this.dialect = engine.dialect;
    this.io = io;
    this.transactionMs = transactionMs;
  }

  /**
   * Opens the database and, unless told otherwise, brings it to the newest migration. Throws `STORE_EMPTIED` where an SQLite store was and
   * an empty one would be made in its place, and `STORE_NEWER` where a newer release was at work.
   */
  static async open(settings: StoreSettings, options: StoreOptions = {}): Promise<Store> {
    const file = settings.type === 'better-sqlite3' && settings.file !== IN_MEMORY ? settings.file : null;
    if (file !== null) {
      if (options.anew !== true) assertNotRemoved(file);
      createSqliteFile(file);
    }
    const { wire = () => undefined, migrate = true } = options;
    const source = dataSource(settings);
    const patiently = patience(file ?? IN_MEMORY, options.lockWaitMs ?? LOCK_WAIT_MS);
    try {
      await patiently(() => source.initialize());
      const executed = await executedMigrations(source);
      assertKnown(namesOf(source), executed ?? []);
      if (file !== null && executed === null && options.anew !== true) {
        assertNoMarker(file, 'a file without our tables');
      }
      const engine =
        settings.type === 'mssql'
          ? new SqlServerEngine(source, wire)
          : new SqliteEngine(source, file, patiently, wire);
      const store = new Store(source, engine, settings, options, new AuditKeys(options.auditKeys));
      if (migrate) await store.migrate();
      return store;
    } catch (error) {
      if (source.isInitialized) await source.destroy();
      throw toStoreError(error, file);
    }
  }

  /**
   * Runs outstanding migrations, one process at a time, and leaves an SQLite file to its owner alone; safe to repeat. Answers their names. Throws
   * `STORE_NOT_MIGRATED` where there are some and the settings leave them to somebody else.
   */
  async migrate(): Promise<readonly string[]> {
    const outstanding = await this.outstanding();
    if (outstanding.length > 0 && this.settings.migrate === false)
      throw new TiebackError('STORE_NOT_MIGRATED', { migrations: outstanding.join(', ') });
    return this.told(() => this.engine.migrate(outstanding));
  }

  /** Names of the migrations that have not run yet. */
  async outstanding(): Promise<readonly string[]> {
    const executed = (await executedMigrations(this.source)) ?? [];
    return namesOf(this.source).filter((name) => !executed.includes(name));
  }

  /** Writes a trifle, always to the same place: throws where nothing can be written, because the disk is full, say. */
  async probe(): Promise<void> {
    await this.io('store.probe', () => this.told(() => this.engine.probe()));
  }

  /** What the SQL Server that keeps the store says of itself, for the doctor; null: it is SQLite. */
  serverFacts(): Promise<ServerFacts | null> {
    return this.io('store.server', () => this.told(() => this.engine.serverFacts()));
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
    return this.engine.problem();
  }

  /**
   * One transaction about these connections. It holds their rows before it reads anything, so what it reads stays so until it commits. One that the database
   * undid is run again from its beginning, so `work` changes nothing outside before it has returned.
   */
  transaction<T>(name: string, about: About, work: (repositories: Repositories) => Promise<T>): Promise<T> {
    return this.io(`store.${name}`, () => this.told(() => this.tried(about, work)));
  }

  /** Reads that need no transaction. What is asked at the same time is read at about the same time. */
  read<T>(name: string, work: (repositories: Repositories) => Promise<T>): Promise<T> {
    return this.io(`store.${name}`, () =>
      this.engine.inTurn(() => work(this.on(new Session(this.engine.look), []))),
    );
  }

  async close(): Promise<void> {
    await this.engine.close();
  }

  private async tried<T>(about: About, work: (repositories: Repositories) => Promise<T>): Promise<T> {
    for (let attempt = 1, pauseMs = FIRST_PAUSE_MS; ; attempt += 1, pauseMs *= 2) {
      try {
        return await this.engine.inTurn(() => this.once(about, work));
      } catch (error) {
        if (!isUndone(error) || attempt === ATTEMPTS) throw error;
        await delay(pauseMs * (0.5 + Math.random()));
      }
    }
  }

  private async once<T>(about: About, work: (repositories: Repositories) => Promise<T>): Promise<T> {
    const endsAt = performance.now() + this.transactionMs;
    const inTime = (): void => {
      if (performance.now() < endsAt) return;
      throw new TiebackError('STORE_SLOW', { seconds: Math.round(this.transactionMs / 1000) });
    };
    const transaction = this.engine.begin();
    const session = new Session((statements) => {
      inTime();
      return transaction.send(statements);
    });
    try {
      const all = this.on(session, idsOf(about));
      const result = await work(all);
      await all.audit.seal();
      const rest = await session.finish();
      inTime();
      await transaction.commit(rest);
      return result;
    } catch (error) {
      await transaction.rollBack();
      throw error;
    }
  }

  private on(session: Session, held: readonly string[]): Repositories {
    return repositories(this.dialect, session, this.keys, new HeldConnections(this.dialect, session, held));
  }

  private async told<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.engine.told(error);
    }
  }
}

/** Always in the same order: two transactions about the same connections never wait for each other in a circle. */
const idsOf = (about: About): readonly string[] =>
  about === null ? [] : typeof about === 'string' ? [about] : [...new Set(about)].sort();

const namesOf = (source: DataSource): readonly string[] => source.migrations.map(({ name }) => name ?? '');

/** An old release would read and write tables that it does not understand. */
function assertKnown(known: readonly string[], executed: readonly string[]): void {
  const unknown = executed.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new TiebackError('STORE_NEWER', { migrations: unknown.join(', ') });
}
