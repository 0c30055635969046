/** How tables come into being: by whoever starts first, by `tieback store migrate`, or by a DBA. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outstandingScript, sqlServerScript } from '../../../src/store/migration-sql';
import type { StoreSettings } from '../../../src/store/settings';
import { Store } from '../../../src/store/store';
import { openSqlite } from '../../../src/sqlite';
import type { FreshDatabase } from '../../support/mssql';
import { freshDatabase, skippedOnSqlServer, testServer } from '../../support/mssql';

interface Empty {
  readonly settings: StoreSettings;
  run(statements: readonly string[]): Promise<void>;
  remove(): Promise<void>;
}

const inFile = async (): Promise<Empty> => {
  const folder = mkdtempSync(join(tmpdir(), 'tieback-migrations-'));
  const file = join(folder, 'tieback.db');
  return {
    settings: { type: 'better-sqlite3', file },
    run: async (statements) => {
      const db = openSqlite(file);
      for (const statement of statements) db.exec(statement);
      db.close();
    },
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  };
};

const server = testServer();
const onServer = async (): Promise<Empty> => {
  if (server === null) throw new Error('unreachable');
  const database: FreshDatabase = await freshDatabase(server);
  return {
    settings: database.settings,
    run: async (statements) => {
      for (const statement of statements) await database.run(statement);
    },
    remove: () => database.drop(),
  };
};

function tests(make: () => Promise<Empty>): void {
  let empty: Empty;
  beforeEach(async () => {
    empty = await make();
  }, 30_000);
  afterEach(() => empty.remove());
  const byOthers = (): StoreSettings => ({ ...empty.settings, migrate: false });

  test('several daemons that start on an empty database at once all start, and the tables are made once', async () => {
    const stores = await Promise.all([1, 2, 3].map(() => Store.open(empty.settings)));
    for (const store of stores) {
      expect(await store.outstanding()).toEqual([]);
      await store.close();
    }
  }, 30_000);

  test('where the configuration leaves tables to somebody else, a start says what is missing', async () => {
    const store = await Store.open(byOthers(), { migrate: false });
    expect(await store.outstanding()).toEqual(['Tables1764000000000']);
    await store.close();
    await expect(Store.open(byOthers())).rejects.toMatchObject({
      code: 'STORE_NOT_MIGRATED',
      message: 'Our store lacks tables of this release (Tables1764000000000), and `store.migrate` is false.',
    });
  }, 30_000);

  test('what the script makes is all that a start needs', async () => {
    const script = await outstandingScript(empty.settings);
    await empty.run(script);
    const store = await Store.open(byOthers());
    expect(await store.read('read', (t) => t.connections.all())).toEqual([]);
    await store.close();
    expect(await outstandingScript(empty.settings)).toEqual([]);
  }, 30_000);
}

describe('on SQLite', () => tests(inFile));

if (server === null) skippedOnSqlServer('how tables come into being');
(server === null ? describe.skip : describe)('on SQL Server', () => tests(onServer));

test('the script for a DBA needs no server, and ends with what tells a daemon that it ran', async () => {
  const script = await sqlServerScript();
  expect(script[0]).toMatch(/^CREATE TABLE "tieback_migration"/);
  expect(script.at(-1)).toBe(
    `INSERT INTO "tieback_migration" ("timestamp", "name") VALUES (1764000000000, 'Tables1764000000000')`,
  );
});

test('every key of SQL Server is compared by its characters, whatever the database does with others', async () => {
  const columns =
    (await sqlServerScript())
      .join('\n')
      .match(/"(id|\w+_id|\w*hash|erp_key|event_id|record_id|reader)" n?varchar\(\d+\)[^,)]*/g) ?? [];
  expect(columns.length).toBeGreaterThan(40);
  expect(columns.filter((column) => !column.includes('COLLATE Latin1_General_100_BIN2'))).toEqual([]);
});
