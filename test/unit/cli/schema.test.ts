import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../../src/main';
import { Store } from '../../../src/store/store';
import { BRICKYARD, createBrickyard } from '../../support/brickyard';

const AT = '2026-11-30T12:00:00.000Z';
const folder = mkdtempSync(join(tmpdir(), 'tieback-schema-'));
const file = join(folder, 'company.db');
const office = createBrickyard(file);
const config = join(folder, 'tieback.yaml');
writeFileSync(join(folder, 'brickyard.yaml'), readFileSync(BRICKYARD));
writeFileSync(
  config,
  JSON.stringify({
    dataDir: folder,
    people: { breakGlass: true, signingKeys: [{ id: '2026', key: { env: 'SIGNING_KEY' } }] },
    procoreApps: {
      main: {
        apiUrl: 'https://api.procore.com',
        loginUrl: 'https://login.procore.com',
        clientId: 'a',
        clientSecret: { env: 'PROCORE_SECRET' },
      },
    },
    connections: {
      acme: {
        procore: { app: 'main', companyId: 1 },
        erp: { adapter: 'generic-sql', settings: { definition: 'brickyard.yaml', file } },
        approvers: [{ id: 'maria' }],
        requireSecondPerson: false,
      },
    },
  }),
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

async function tieback(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const code = await run(['--config', config, ...args], {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    ask: null,
    askSecret: null,
    account: () => 'uid 1000 (ops)',
    colours: false,
    now: () => new Date(AT),
    signals: { on: () => undefined, removeListener: () => undefined },
    exit: () => undefined,
    env: { PROCORE_SECRET: 'demo-secret', SIGNING_KEY: Buffer.alloc(32, 7).toString('base64') },
  });
  return { code, out, err };
}

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
