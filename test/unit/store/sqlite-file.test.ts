import { chmodSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Store } from '../../../src/store/store';
import { widePaths } from '../../../src/store/sqlite-file';

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
  store.transaction('write', (t) => t.installation.identify('00000000-0000-4000-8000-000000000001', now));
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
