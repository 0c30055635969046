import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandResult } from '../../support/run-command';
import { configFile, runCommand } from '../../support/run-command';
import { Store } from '../../../src/store/store';
import { BRICKYARD, createBrickyard } from '../../support/brickyard';

const AT = '2026-11-30T12:00:00.000Z';
const folder = mkdtempSync(join(tmpdir(), 'tieback-schema-'));
const file = join(folder, 'company.db');
const office = createBrickyard(file);
writeFileSync(join(folder, 'brickyard.yaml'), readFileSync(BRICKYARD));
const config = configFile(
  folder,
  'tieback.yaml',
  { adapter: 'generic-sql', settings: { definition: 'brickyard.yaml', file } },
  { people: { breakGlass: true, signingKeys: [{ id: '2026', key: { env: 'SIGNING_KEY' } }] } },
);

beforeAll(async () => {
  const store = await Store.open({ type: 'better-sqlite3', file: join(folder, 'tieback.db') });
  await store.transaction('register', 'acme', (t) =>
    t.connections.add({
      id: 'acme',
      companyId: 1,
      erpAdapter: 'generic-sql',
      erpCompany: '10',
      createdAt: AT,
    }),
  );
  await store.close();
});
afterAll(() => {
  office.close();
  rmSync(folder, { recursive: true });
});

const tieback = (...args: readonly string[]): Promise<CommandResult> =>
  runCommand(['--config', config, ...args], {
    env: { PROCORE_SECRET: 'demo-secret', SIGNING_KEY: Buffer.alloc(32, 7).toString('base64') },
  });

const accept = (seen: string): ReturnType<typeof tieback> =>
  tieback('schema', '--accept', seen, '--as', 'maria', '--comment', 'tried in the test company');

test('what is accepted is what was shown, and nothing that moved afterwards', async () => {
  const [first] = (await seen()).values();
  expect((await accept(first ?? '')).code).toBe(0);
  expect((await tieback('schema')).out).toContain('are as they were accepted');

  office.exec('CREATE TRIGGER audit_supplier AFTER DELETE ON supplier BEGIN SELECT 1; END');
  const shown = await tieback('schema');
  expect(shown.code).toBe(1);
  expect(shown.out).toMatch(/1 kind waits: .*`tieback schema --accept [0-9a-f]{12} --comment/);
  const [name = ''] = await seen();
  // A colleague goes on with the upgrade meanwhile.
  office.exec('CREATE TRIGGER audit_job AFTER DELETE ON job BEGIN SELECT 1; END');
  const refused = await accept(name);
  expect(refused.code).toBe(2);
  expect(refused.err).toContain('the tables are not as they were shown');
  expect((await tieback('schema')).out).toContain('2 kinds wait');

  const [both = ''] = await seen();
  expect((await accept(both)).code).toBe(0);
  expect((await tieback('schema')).code).toBe(0);
});

/** Names under which what can be accepted is shown. */
async function seen(): Promise<readonly string[]> {
  const { out } = await tieback('schema', '--json');
  const { connections } = JSON.parse(out) as { connections: readonly { seen: string | null }[] };
  return connections.flatMap((one) => one.seen ?? []);
}
