import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Config } from '../../../src/config/load';
import { loadConfig } from '../../../src/config/load';
import { Secret } from '../../../src/domain/base/secret';
import { ERP_ADAPTERS } from '../../../src/erp-adapters/registry';
import { BRICKYARD } from '../../support/brickyard';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tieback-settings-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function load(adapter: string, settings: object, env: Readonly<Record<string, string>> = {}): Config {
  const file = join(folder, 'tieback.yaml');
  writeFileSync(
    file,
    JSON.stringify({
      procoreApps: {
        main: {
          apiUrl: 'https://api.procore.com',
          loginUrl: 'https://login.procore.com',
          clientId: 'x',
          clientSecret: { env: 'PROCORE_SECRET' },
        },
      },
      connections: { acme: { procore: { app: 'main', companyId: 1 }, erp: { adapter, settings } } },
    }),
  );
  return loadConfig(file, { PROCORE_SECRET: 'a-secret-of-procore', ...env });
}

const settingsOf = (config: Config): Readonly<Record<string, unknown>> =>
  config.connections[0]?.adapterSettings ?? {};

/** Keys of the adapter's settings whose files hold secrets. */
const secretFilesOf = (config: Config): readonly string[] =>
  config.secretFiles.map(({ key }) => key).filter((key) => key.startsWith('connections.'));

const onServer = (login: object): object => ({
  definition: resolve(BRICKYARD),
  sqlServer: { host: 'sql01', database: 'Brickyard', login },
});

test('the password of an ERP is read from a file or a variable, and is nowhere else', () => {
  writeFileSync(join(folder, 'erp-password'), 'from-the-file\n');
  for (const [source, wanted] of [
    [{ file: 'erp-password' }, 'from-the-file'],
    [{ env: 'ERP_PASSWORD' }, 'from-the-environment'],
  ] as const) {
    const config = load('generic-sql', onServer({ type: 'sql', user: 'tieback', password: source }), {
      ERP_PASSWORD: 'from-the-environment',
    });
    const { sqlServer } = settingsOf(config) as { sqlServer: { login: { password: Secret } } };
    expect(sqlServer.login.password).toBeInstanceOf(Secret);
    expect(sqlServer.login.password.reveal()).toBe(wanted);
    expect(JSON.stringify(config)).not.toContain(wanted);
    expect(ERP_ADAPTERS['generic-sql']?.readSettings(settingsOf(config)).ok).toBe(true);
    expect(secretFilesOf(config)).toEqual(
      'file' in source ? ['connections.acme.erp.settings.sqlServer.login.password'] : [],
    );
  }
});

test.each([
  ['generic-sql', { definition: 'acme.yaml', file: '/srv/brickyard.db' }],
  ['vista', { file: '/srv/vista.db', company: 1 }],
  ['sample', { file: '/srv/company.db' }],
])('`file` of %s is its database, and no secret', (adapter, settings) => {
  writeFileSync(join(folder, 'acme.yaml'), 'product: x');
  const config = load(adapter, settings);
  expect(settingsOf(config)['file']).toBe(settings.file);
  expect(secretFilesOf(config)).toEqual([]);
});

test('a definition lies beside the configuration; one that is named like a secret is refused in words, and nothing of it is read', () => {
  expect(settingsOf(load('generic-sql', { definition: 'acme.yaml', file: 'x.db' }))['definition']).toBe(
    join(folder, 'acme.yaml'),
  );
  const config = load('generic-sql', { definition: { file: 'not-there.yaml' }, file: 'x.db' });
  expect(secretFilesOf(config)).toEqual([]);
  expect(ERP_ADAPTERS['generic-sql']?.readSettings(settingsOf(config))).toEqual({
    ok: false,
    problems: ['definition: the path of the definition file, such as brickyard.yaml'],
  });
});

test('what is only shaped like a secret is left to the adapter: a code table, or the name of a file', () => {
  const settings = {
    folder: '/srv/drop',
    kinds: { vendor: { outgoing: { file: 'V-{reference}.txt' }, codes: { env: 'E' } } },
  };
  const config = load('file-drop', settings);
  expect(settingsOf(config)).toEqual(settings);
  expect(secretFilesOf(config)).toEqual([]);
});

test('a password in clear is refused, and not repeated', () => {
  const config = load(
    'generic-sql',
    onServer({ type: 'sql', user: 'tieback', password: 'hunter2-in-clear' }),
  );
  const reading = ERP_ADAPTERS['generic-sql']?.readSettings(settingsOf(config));
  expect(reading).toMatchObject({
    ok: false,
    problems: [expect.stringMatching(/^sqlServer\.login\.password: a secret is never written into the file/)],
  });
  expect(JSON.stringify(reading)).not.toContain('hunter2');
});
