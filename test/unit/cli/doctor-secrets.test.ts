import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkSecrets } from '../../../src/cli/doctor-secrets';
import type { Finding } from '../../../src/cli/findings';
import { loadConfig } from '../../../src/config/load';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tieback-secrets-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const KEY = Buffer.alloc(32, 7).toString('base64');
const SECRETS = {
  'client-secret': 'a-client-secret',
  hook: 'Bearer 6f1c9a07d2b84e35a9c1',
  'old-hook': 'Bearer 0d4be1a9f3c82765e0b1',
  payload: KEY,
  audit: KEY,
  signing: KEY,
  'store-password': 'a-store-password',
  token: '{}',
  'temporal-key': 'a-key-in-pem',
} as const;
type Name = keyof typeof SECRETS;

function config(mode: number): ReturnType<typeof loadConfig> {
  mkdirSync(join(folder, 'data'));
  for (const [name, value] of Object.entries(SECRETS)) {
    writeFileSync(join(folder, name), value);
    chmodSync(join(folder, name), mode);
  }
  const of = (file: Name) => ({ file });
  const file = join(folder, 'tieback.yaml');
  const content = {
    store: {
      type: 'mssql',
      host: 'sql',
      database: 'd',
      login: { type: 'sql', user: 'u', password: of('store-password') },
    },
    temporal: { payloadKeys: [{ id: 'a', key: of('payload') }] },
    audit: { keys: [{ id: 'a', key: of('audit') }] },
    people: { signingKeys: [{ id: 'a', key: of('signing') }], credentialsFile: 'token' },
    procoreApps: {
      main: {
        apiUrl: 'https://api.procore.test',
        loginUrl: 'https://login.procore.test',
        clientId: 'x',
        clientSecret: of('client-secret'),
      },
    },
    connections: {
      acme: {
        procore: { app: 'main', companyId: 1 },
        erp: { adapter: 'sample' },
        webhook: {
          publicUrl: 'https://tieback.acme.test',
          authorization: of('hook'),
          previousAuthorization: of('old-hook'),
        },
      },
    },
  };
  writeFileSync(file, JSON.stringify(content), { mode: 0o640 });
  chmodSync(file, 0o640);
  return loadConfig(file, {
    TEMPORAL_TLS_CLIENT_CERT_PATH: join(folder, 'temporal-key'),
    TEMPORAL_TLS_CLIENT_KEY_PATH: join(folder, 'temporal-key'),
  });
}

const bad = (findings: readonly Finding[]): readonly Finding[] =>
  findings.filter(({ status }) => status === 'failed');

// Windows has rights of another kind.
const onUnix = process.platform === 'win32' ? test.skip : test;

onUnix('secrets that nobody else may read are well', () => {
  expect(checkSecrets(config(0o600), {})).toMatchObject([
    { status: 'ok', detail: '8 files, readable by nobody else' },
  ]);
});

onUnix('every secret that the configuration names is looked at, and the command works as it stands', () => {
  const found = bad(checkSecrets(config(0o644), {}));
  const files = found.map(({ hint }) => /`chmod 600 (\S+)`/.exec(hint ?? '')?.[1]);
  expect(files.sort()).toEqual(
    Object.keys(SECRETS)
      .map((name) => join(folder, name))
      .sort(),
  );
  expect(found.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['procoreApps.main.clientSecret', 'connections.acme.webhook.authorization']),
  );
});

onUnix('a configuration that everybody may change is told', () => {
  const own = config(0o600);
  chmodSync(own.file, 0o646);
  expect(bad(checkSecrets(own, {}))).toMatchObject([
    { name: 'written by', hint: `As its owner: \`chmod o-w ${own.file}\`` },
  ]);
});

test('a key of Temporal that cannot be read is a sentence, not a stack trace', () => {
  const own = config(0o600);
  const gone = join(folder, 'gone.key');
  expect(() => loadConfig(own.file, { TEMPORAL_TLS_CLIENT_KEY_PATH: gone })).toThrow(
    expect.objectContaining({
      name: 'ConfigError',
      message: expect.stringMatching(/\(TEMPORAL_\*\).*cannot be used: .*gone\.key/) as unknown,
    }) as Error,
  );
});
