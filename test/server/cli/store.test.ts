import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Store } from '../../../src/store/store';
import { Desk, NOW, seed } from './seed';

let desk: Desk;
beforeEach(() => {
  desk = new Desk();
});
afterEach(() => desk.remove());

test('migrate: a dry run prints the SQL and makes nothing; then the tables are made, once', async () => {
  desk.configure(['acme'], { store: { type: 'better-sqlite3', file: desk.storeFile, migrate: false } });
  const dry = await desk.tieback(['store', 'migrate', '--dry-run']);
  expect(dry).toMatchObject({ code: 0, err: '' });
  expect(dry.out).toMatch(/^CREATE TABLE "tieback_migration"[^]*CREATE TABLE "audit_entry"/);
  expect(existsSync(desk.storeFile)).toBe(false);
  expect((await desk.tieback(['store', 'migrate'])).out).toContain('1 migration (Tables1764000000000).');
  expect((await desk.tieback(['store', 'migrate'])).out).toContain('is up to date: there was nothing to do.');
  expect((await desk.tieback(['store', 'migrate', '--dry-run'])).out).toContain('there is nothing to do.');
});

describe('copy', () => {
  const target = (): string => join(desk.folder, 'data', 'target.db');
  const copy = () => desk.tieback(['store', 'copy', '--from', desk.storeFile]);
  beforeEach(async () => {
    await desk.store((store) => seed(store));
    desk.configure(['acme'], { store: { type: 'better-sqlite3', file: target() } });
  });

  test('counts the rows and verifies the audit log on both ends', async () => {
    const { code, out } = await copy();
    expect(out).toContain('syncRequest: 4 rows, the same on both ends');
    expect(out).toContain('audit log of acme: 7 links, whole on both ends');
    expect(code).toBe(0);
    expect((await desk.tieback(['requests'])).out).toContain('5012');
    const again = await copy();
    expect(again.code).toBe(1);
    expect(again.err).toMatch(/The store to copy to is not empty: .*Nothing was copied\./);
  });

  test('is refused while a daemon works on the file', async () => {
    const store = await Store.open({ type: 'better-sqlite3', file: desk.storeFile });
    await store.transaction('beat', null, (t) =>
      t.daemons.beat({
        id: 'one',
        host: 'app01',
        pid: 4711,
        version: '0.1.0',
        queues: [],
        startedAt: NOW,
        beatAt: NOW,
        problem: null,
        stoppedAt: null,
      }),
    );
    await store.close();
    const { code, err } = await copy();
    expect(code).toBe(1);
    expect(err).toContain('app01 (process 4711)');
  });

  test('says which file is missing', async () => {
    const { code, err } = await desk.tieback(['store', 'copy', '--from', join(desk.folder, 'nowhere.db')]);
    expect(code).toBe(2);
    expect(err).toContain('There is no file');
  });
});
