import { TiebackError } from '../../../src/domain/base/errors';
import type { DatabaseOwner, ServerFinding } from '../../../src/sql-server/server-findings';
import { serverFindings } from '../../../src/sql-server/server-findings';
import { readServerFacts } from '../../../src/sql-server/server-facts';
import { Store } from '../../../src/store/store';
import type { FreshDatabase } from '../../support/mssql';
import { freshDatabase, skippedOnSqlServer, testServer } from '../../support/mssql';

type Row = Readonly<Record<string, unknown>>;

/** Rows as servers answered them; by a word of the question. An error is thrown. */
const SQL_2022: Readonly<Record<string, Row | Error>> = {
  ProductVersion: {
    name: 'tieback]x',
    version: '16.0.4135.4',
    edition: 'Standard Edition (64-bit)',
    engine: '2',
  },
  OPENJSON: { answer: 1 },
  compatibility_level: { answer: 160 },
  is_read_committed_snapshot_on: { answer: 1 },
  "'Collation'": { answer: 'SQL_Latin1_General_CP1_CI_AS' },
  "N'a'": { answer: 0 },
  "'Updateability'": { answer: 'READ_WRITE' },
  "'Recovery'": { answer: 'FULL' },
};
const INVALID_OBJECT = Object.assign(new Error("Invalid object name 'OPENJSON'."), { number: 208 });
/** As an engine says it that only speaks like SQL Server. */
const OTHER_ENGINE = Object.assign(new Error('column "is_read_committed_snapshot_on" does not exist'), {
  number: 33557097,
});
const RESET = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });

async function findings(
  changes: Readonly<Record<string, Row | Error>>,
  owner: DatabaseOwner = 'ours',
): Promise<Readonly<Record<string, ServerFinding>>> {
  const rows = { ...SQL_2022, ...changes };
  const facts = await readServerFacts((sql) => {
    const found = Object.entries(rows).find(([word]) => sql.includes(word))?.[1];
    return found instanceof Error ? Promise.reject(found) : Promise.resolve(found);
  });
  return Object.fromEntries(serverFindings(facts, owner).map((finding) => [finding.name, finding]));
}

test('a server that is well says what it is', async () => {
  const all = await findings({});
  expect(Object.values(all).map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok']);
  expect(all['server']?.detail).toBe('SQL Server 2022, 16.0.4135.4, Standard Edition (64-bit)');
  expect(all['read-write']?.detail).toContain('recovery model FULL');
  const azure = await findings({
    ProductVersion: { name: 'x', version: '12.0.2000.8', edition: 'SQL Azure', engine: 5 },
  });
  expect(azure['server']?.detail).toMatch(/^Azure SQL Database, /);
});

test('readers that wait for writers are a warning in our store, with the statement, and information in an ERP', async () => {
  const off = { is_read_committed_snapshot_on: { answer: 0 } };
  expect((await findings(off))['isolation']).toMatchObject({
    status: 'warning',
    detail: expect.stringContaining('deadlock') as string,
    hint: expect.stringContaining(
      'ALTER DATABASE [tieback]]x] SET READ_COMMITTED_SNAPSHOT ON WITH ROLLBACK IMMEDIATE;',
    ) as string,
  });
  expect((await findings(off, 'vendors'))['isolation']).toMatchObject({ status: 'ok', hint: null });
});

test('a database without OPENJSON cannot be worked with', async () => {
  const old = { OPENJSON: INVALID_OBJECT, compatibility_level: { answer: 110 } };
  for (const owner of ['ours', 'vendors'] as const)
    expect((await findings(old, owner))['compatibility']).toMatchObject({
      status: 'failed',
      detail: expect.stringContaining('level 110') as string,
      hint: expect.stringContaining('SET COMPATIBILITY_LEVEL = 130;') as string,
    });
});

test('a database that is read-only cannot be worked with', async () => {
  expect((await findings({ "'Updateability'": { answer: 'READ_ONLY' } }))['read-write']).toMatchObject({
    status: 'failed',
    hint: expect.stringContaining('listener') as string,
  });
});

test.each([
  [1, 'case-sensitive, "A-1" and "a-1" are two codes'],
  [0, 'not case-sensitive, "A-1" and "a-1" are one code'],
])('of an ERP it is told whether case matters (%s)', async (answer, says) => {
  expect((await findings({ "N'a'": { answer } }, 'vendors'))['collation']?.detail).toContain(says);
});

test.each([
  ['another engine', OTHER_ENGINE],
  ['no right', Object.assign(new Error('The user does not have permission'), { number: 229 })],
  ['an error of an adapter', new TiebackError('ERP_CONFIG', { reason: 'no such column' })],
  ['a row without it', { answer: null }],
])('what the server does not say is not known, and no fault: %s', async (_name, answer) => {
  const nothing = Object.fromEntries(
    Object.keys(SQL_2022)
      .filter((word) => !['ProductVersion', 'OPENJSON'].includes(word))
      .map((word) => [word, answer]),
  );
  for (const owner of ['ours', 'vendors'] as const) {
    const all = await findings(nothing, owner);
    expect(all['compatibility']).toMatchObject({ status: 'ok', detail: 'level not known; OPENJSON answers' });
    for (const name of ['isolation', 'collation', 'read-write'])
      expect(all[name]).toMatchObject({
        status: 'skipped',
        detail: expect.stringContaining('not known') as string,
      });
  }
});

test('a server that goes away meanwhile is not taken for one that does not know', async () => {
  await expect(findings({ "'Recovery'": RESET })).rejects.toBe(RESET);
});

const server = testServer();
if (server === null) skippedOnSqlServer('what a server says of itself');
(server === null ? describe.skip : describe)('on SQL Server', () => {
  let database: FreshDatabase;
  let store: Store;
  beforeAll(async () => {
    if (server === null) return;
    database = await freshDatabase(server);
    store = await Store.open(database.settings);
  }, 60_000);
  afterAll(async () => {
    await store.close();
    await database.drop();
  });

  test('the store asks it, and nothing is wrong', async () => {
    const facts = await store.serverFacts();
    if (facts === null) throw new Error('it is a server');
    expect(facts).toMatchObject({ database: database.settings.database, openJson: true, isReadOnly: false });
    expect(facts.version).toMatch(/^\d+\.\d+/);
    expect(serverFindings(facts, 'ours').filter(({ status }) => status === 'failed')).toEqual([]);
  });
});
