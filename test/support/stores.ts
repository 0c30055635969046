/** The databases of our own store, for suites that hold on every one of them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoreDialect } from '../../src/store/column-types';
import { tables } from '../../src/store/entities';
import type { StoreSettings } from '../../src/store/settings';
import type { StoreOptions } from '../../src/store/store';
import { Store } from '../../src/store/store';
import type { FreshDatabase } from './mssql';
import { freshDatabase, skippedOnSqlServer, testServer } from './mssql';

/** One database, empty at the beginning of every test. */
export interface StoreWorld {
  readonly dialect: StoreDialect;
  readonly settings: StoreSettings;
  /** The folder of a database that is a file; empty where it is none. */
  readonly folder: string;
  /** Another store on the same database; closed after the test. */
  open(options?: StoreOptions): Promise<Store>;
  /** Runs a statement past us, as somebody with a tool would. */
  run(sql: string): Promise<void>;
}

/** Declares these tests for SQLite, and for SQL Server where there is one. `name`: of the suite, for the line that says what was skipped. */
export function onEachStore(name: string, tests: (world: StoreWorld) => void): void {
  describe('on SQLite', () => {
    let folder = '';
    const file = (): string => join(folder, 'tieback.db');
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'tieback-store-'));
    });
    tests(
      worldOf(
        'better-sqlite3',
        () => ({ type: 'better-sqlite3', file: file() }),
        () => folder,
      ),
    );
    afterEach(() => rmSync(folder, { recursive: true, force: true }));
  });

  const server = testServer();
  if (server === null) skippedOnSqlServer(name);
  (server === null ? describe.skip : describe)('on SQL Server', () => {
    let database: FreshDatabase;
    beforeAll(async () => {
      if (server === null) return;
      database = await freshDatabase(server);
      await (await Store.open(database.settings)).close();
    }, 60_000);
    afterAll(() => database.drop());
    afterEach(() => database.run(emptied()));
    tests(
      worldOf(
        'mssql',
        () => database.settings,
        () => '',
      ),
    );
  });
}

function worldOf(dialect: StoreDialect, settings: () => StoreSettings, folder: () => string): StoreWorld {
  const opened: Store[] = [];
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
  });
  return {
    dialect,
    get settings() {
      return settings();
    },
    get folder() {
      return folder();
    },
    open: async (options) => {
      const store = await Store.open(settings(), options);
      opened.push(store);
      return store;
    },
    run: async (sql) => {
      const store = await Store.open(settings(), { migrate: false });
      const source = (store as unknown as { engine: { source: { query(text: string): Promise<unknown> } } })
        .engine.source;
      await source.query(sql);
      await store.close();
    },
  };
}

const emptied = (): string =>
  Object.values(tables('mssql'))
    .map(({ name }) => `DELETE FROM [${name}]`)
    .reverse()
    .join('; ');
