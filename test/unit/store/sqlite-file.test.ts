import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { SqliteDatabase } from '../../../src/sqlite';
import { openSqlite } from '../../../src/sqlite';
import { Store } from '../../../src/store/store';
import { assertRoom, markerOf, widePaths } from '../../../src/store/sqlite-file';

const now = '2026-03-09T15:22:41.108Z';
let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tieback-file-'));
  file = join(folder, 'data', 'tieback.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (): Promise<Store> => Store.open({ type: 'better-sqlite3', file });
const write = (store: Store): Promise<string> =>
  store.transaction('write', null, (t) =>
    t.installation.identify('00000000-0000-4000-8000-000000000001', now),
  );
const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);
const modes = (): readonly string[] => ['', '-wal', '-shm'].map((end) => mode(file + end));

describe('who may read it', () => {
  test('its owner only, and so is the folder that was made for it', async () => {
    const store = await open();
    await write(store);
    expect(modes()).toEqual(['600', '600', '600']);
    expect(mode(dirname(file))).toBe('700');
    await store.close();
    expect(widePaths(file)).toEqual([]);
  });

  test('also where it was there before, with its log', async () => {
    const first = await open();
    await write(first);
    for (const end of ['', '-wal', '-shm']) chmodSync(file + end, 0o644);
    const second = await open();
    expect(modes()).toEqual(['600', '600', '600']);
    await second.close();
    await first.close();
  });

  test('what is wider is named, with what it should be', async () => {
    await (await open()).close();
    chmodSync(file, 0o640);
    chmodSync(dirname(file), 0o755);
    expect(widePaths(file)).toEqual([
      { path: dirname(file), mode: '755', wanted: '700' },
      { path: file, mode: '640', wanted: '600' },
    ]);
    expect(existsSync(join(folder, 'nothing', 'there.db'))).toBe(false);
    expect(widePaths(join(folder, 'nothing', 'there.db'))).toEqual([]);
  });
});

describe('a file that goes while the store is open', () => {
  const away = (): string => join(folder, 'away.db');

  test.each([
    ['removed', () => rmSync(file)],
    ['moved away', () => renameSync(file, away())],
  ])('%s: nothing is read or written any more', async (_how, remove) => {
    const store = await open();
    await write(store);
    expect(store.problem()).toBeNull();
    remove();
    const gone = { code: 'STORE_FILE_GONE', message: expect.stringContaining('was removed while') as string };
    await expect(write(store)).rejects.toMatchObject(gone);
    await expect(store.read('read', (t) => t.installation.find())).rejects.toMatchObject(gone);
    expect(store.problem()).toContain(file);
    await store.close();
  });

  test('replaced by another, or by a copy of itself: the same', async () => {
    const store = await open();
    await write(store);
    renameSync(file, away());
    copyFileSync(away(), file);
    await expect(write(store)).rejects.toMatchObject({
      code: 'STORE_FILE_GONE',
      message: expect.stringContaining('was replaced by another') as string,
    });
    rmSync(file);
    renameSync(away(), file);
    expect(await write(store)).toMatch(/^0+-/);
    await store.close();
  });

  test('its log counts, too: what was committed last is there only', async () => {
    const store = await open();
    await write(store);
    rmSync(`${file}-wal`);
    await expect(write(store)).rejects.toMatchObject({ code: 'STORE_FILE_GONE' });
    await store.close();
  });

  test('what a transaction was about to commit then is refused', async () => {
    const store = await open();
    const attempt = store.transaction('late', null, async (t) => {
      await t.installation.identify('00000000-0000-4000-8000-000000000002', now);
      rmSync(file);
    });
    await expect(attempt).rejects.toMatchObject({ code: 'STORE_FILE_GONE' });
    await store.close();
  });
});

describe('a start without the store that was there', () => {
  const emptied = { code: 'STORE_EMPTIED', hint: expect.stringContaining('--new-store') as string };
  beforeEach(async () => {
    const store = await open();
    await write(store);
    await store.close();
  });

  test.each([
    ['no file', () => rmSync(file)],
    ['an empty file', () => writeFileSync(file, '')],
  ])('%s: refused, and left as it is', async (what, lose) => {
    lose();
    const there = existsSync(file);
    await expect(open()).rejects.toMatchObject({
      ...emptied,
      message: expect.stringContaining(`now there is ${what}`) as string,
    });
    expect(existsSync(file)).toBe(there);
  });

  test('a database without our tables: refused', async () => {
    rmSync(file);
    const other = openSqlite(file);
    other.exec('CREATE TABLE something (a)');
    other.close();
    await expect(open()).rejects.toMatchObject(emptied);
  });

  test('on purpose it begins anew, and is guarded again', async () => {
    rmSync(file);
    const store = await Store.open({ type: 'better-sqlite3', file }, { anew: true });
    expect(await store.read('read', (t) => t.installation.find())).toBeNull();
    await store.close();
    rmSync(file);
    await expect(open()).rejects.toMatchObject(emptied);
  });

  test('where nobody ever had a store, there is nothing to refuse', async () => {
    rmSync(file);
    rmSync(markerOf(file));
    await (await open()).close();
  });
});

describe('a full disk', () => {
  test('is known before it is hit', async () => {
    await (await open()).close();
    expect(await assertRoom(file, 1)).toBeGreaterThan(1);
    await expect(assertRoom(file, Number.MAX_SAFE_INTEGER)).rejects.toMatchObject({ code: 'STORE_FULL' });
  });

  test('is told as such, leaves nothing behind, and heals when there is room', async () => {
    const store = await open();
    await write(store);
    const db = databaseOf(store);
    const pages = db.pragma('page_count', { simple: true }) as number;
    db.pragma(`max_page_count = ${pages}`);
    const fill = (): Promise<unknown> =>
      store.transaction('fill', null, async (t) => {
        for (let n = 0; n < 500; n += 1) {
          await t.connections.add({
            id: `connection-${n}-${'x'.repeat(20)}`,
            companyId: n + 1,
            erpAdapter: 'sample',
            erpCompany: '1',
            createdAt: now,
          });
        }
      });
    const full = { code: 'STORE_FULL', message: expect.stringContaining('The disk is full') as string };
    await expect(fill()).rejects.toMatchObject(full);
    await expect(fill()).rejects.toMatchObject(full);
    expect(await store.read('read', (t) => t.connections.all())).toEqual([]);
    db.pragma('max_page_count = 1000000');
    await fill();
    expect(await store.read('read', (t) => t.connections.all())).toHaveLength(500);
    await store.close();
  });

  test('is told also where the rollback fails', async () => {
    const store = await open();
    await write(store);
    const db = databaseOf(store);
    const attempt = store.transaction('fail', null, async (t) => {
      await t.installation.find();
      // What SQLite does on a full disk: it has rolled back already, or says that it cannot.
      db.exec('ROLLBACK');
      throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
    });
    await expect(attempt).rejects.toMatchObject({ code: 'STORE_FULL' });
    await write(store);
    await store.close();
  });
});

describe('a probe', () => {
  test('writes, and the file does not grow by it', async () => {
    const store = await open();
    const db = databaseOf(store);
    const size = (): unknown => db.pragma('page_count', { simple: true });
    const state = (): unknown => db.pragma('user_version', { simple: true });
    const before = [size(), state()];
    for (let n = 0; n < 20; n += 1) await store.probe();
    expect([size(), state()]).toEqual([before[0], Number(before[1]) + 20]);
    await store.close();
  });

  test('says why nothing can be written', async () => {
    const store = await open();
    databaseOf(store).pragma('query_only = ON');
    await expect(store.probe()).rejects.toMatchObject({
      message: expect.stringMatching(/readonly/) as string,
    });
    databaseOf(store).pragma('query_only = OFF');
    rmSync(file);
    await expect(store.probe()).rejects.toMatchObject({ code: 'STORE_FILE_GONE' });
    await store.close();
  });
});

describe('a file that another program has locked', () => {
  let other: SqliteDatabase;
  const lock = (): void => {
    other = openSqlite(file);
    other.exec('BEGIN IMMEDIATE');
  };
  const release = (): void => {
    other.exec('ROLLBACK');
    other.close();
  };

  test('is waited for while the process does other things', async () => {
    const store = await open();
    lock();
    const writing = write(store);
    await ticks(30);
    release();
    expect(await writing).toMatch(/^0+-/);
    await store.close();
  });

  test('is waited for when it is opened', async () => {
    await (await open()).close();
    const db = openSqlite(file);
    db.pragma('journal_mode = DELETE');
    db.exec('BEGIN EXCLUSIVE');
    const opening = open();
    await ticks(30);
    db.exec('ROLLBACK');
    db.close();
    await (await opening).close();
  });

  test('is not waited for without end', async () => {
    await (await open()).close();
    const store = await Store.open({ type: 'better-sqlite3', file }, { lockWaitMs: 100 });
    lock();
    await expect(write(store)).rejects.toMatchObject({
      code: 'STORE_LOCKED',
      class: 'transient',
      message: `Another program has kept our store (${file}) locked for 0.1 s.`,
    });
    release();
    await write(store);
    await store.close();
  });
});

test('a store that a newer release migrated is refused, and left as it is', async () => {
  const store = await open();
  await store.close();
  const db = openSqlite(file);
  db.exec("INSERT INTO tieback_migration (timestamp, name) VALUES (9999999999999, 'Payroll9999999999999')");
  db.close();
  const newer = {
    code: 'STORE_NEWER',
    message: expect.stringContaining('does not know Payroll9999999999999') as string,
  };
  await expect(open()).rejects.toMatchObject(newer);
  await expect(Store.open({ type: 'better-sqlite3', file }, { migrate: false })).rejects.toMatchObject(newer);
});

/** Lets a clock of this process strike so often: it does not while the process stands still. */
const ticks = (count: number): Promise<void> =>
  new Promise((resolve) => {
    let left = count;
    const timer = setInterval(() => {
      left -= 1;
      if (left > 0) return;
      clearInterval(timer);
      resolve();
    }, 1);
  });

/** The one connection of a store. */
const databaseOf = (store: Store): SqliteDatabase =>
  (store as unknown as { engine: { db: SqliteDatabase } }).engine.db;
