import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identifyInstallation } from '../../src/provision';
import { Store } from '../../src/store/store';

const now = '2026-03-09T15:22:41.108Z';

test('an installation has one id, whoever asks and however often', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tieback-identity-'));
  const open = (): Promise<Store> => Store.open({ type: 'better-sqlite3', file: join(folder, 'tieback.db') });
  const store = await open();
  const ids = await Promise.all([1, 2, 3].map(() => identifyInstallation(store, now)));
  expect(new Set(ids).size).toBe(1);
  expect(ids[0]).toMatch(/^[0-9a-f-]{36}$/);
  await store.close();

  const later = await open();
  expect(await identifyInstallation(later, '2026-03-10T00:00:00.000Z')).toBe(ids[0]);
  expect(await later.read('test', (t) => t.installation.find())).toEqual({
    slot: 1,
    id: ids[0],
    createdAt: now,
  });
  await later.close();
  rmSync(folder, { recursive: true });
});
