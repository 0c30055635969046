import fs, { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identifyInstallation, makeSigningKeys } from '../../src/provision';
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

test('a key is there as a whole or not at all, and never made over another', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tieback-keys-'));
  const store = await Store.open({ type: 'better-sqlite3', file: ':memory:' });
  const file = join(folder, 'keys', 'signing.key');
  const people = {
    signingKeys: [{ id: 'first', key: { file } }],
    tokenDays: 90,
    breakGlass: false,
    credentialsFile: null,
  };
  const make = () => makeSigningKeys(store, { people });
  const write = fs.writeFileSync;
  const full = jest.spyOn(fs, 'writeFileSync').mockImplementationOnce((path, _data, options) => {
    write(path, '', options);
    throw new Error('no space left on device');
  });
  await expect(make()).rejects.toThrow('no space left');
  full.mockRestore();
  expect(readdirSync(join(folder, 'keys'))).toEqual([]);

  expect(await Promise.all([make(), make()])).toMatchObject([
    [{ outcome: 'created' }],
    [{ outcome: 'already there' }],
  ]);
  expect(readdirSync(join(folder, 'keys'))).toEqual(['signing.key']);
  expect(readFileSync(file, 'utf8')).toMatch(/^[\w+/]{43}=\n$/);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await store.close();
  rmSync(folder, { recursive: true });
});
