import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConnectionPool } from 'mssql';
import { Secret } from '../../../src/domain/base/secret';
import { driverConfig } from '../../../src/sql-server/connect';
import { sqlServerSettings } from '../../../src/sql-server/settings';
import { dataSource } from '../../../src/store/store';
import type { TdsServerOptions } from '../../support/tds-server';
import { TdsServer } from '../../support/tds-server';

const CERTIFICATES = join(__dirname, '..', '..', 'support', 'certificates');
const pem = (name: string): Buffer => readFileSync(join(CERTIFICATES, name));
const certificate = { cert: pem('server.pem'), key: pem('server.key') };
const CA = join(CERTIFICATES, 'ca.pem');

let server: TdsServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

/** Settings for a server that behaves so. */
async function settingsFor(options: TdsServerOptions, more: object = {}) {
  server = new TdsServer(options);
  const port = await server.listen();
  return sqlServerSettings.parse({
    host: 'localhost',
    port,
    database: 'erp',
    login: { type: 'sql', user: 'tieback', password: new Secret('a-password-that-nobody-sees') },
    connectSeconds: 5,
    ...more,
  });
}

type Config = ConstructorParameters<typeof ConnectionPool>[0];

/** Why nobody gets in: the whole chain of reasons. */
async function refusal(config: Config): Promise<string> {
  const pool = new ConnectionPool(config);
  pool.on('error', () => undefined);
  const error = await pool.connect().then(
    () => null,
    (reason: unknown) => reason,
  );
  const reasons: string[] = [];
  for (
    let at = error;
    at instanceof Error;
    at = (at as { originalError?: unknown }).originalError ?? at.cause
  )
    reasons.push(at.message);
  return reasons.join('\n');
}

const DENIES = ['notSupported', 'off'] as const;

test('the driver alone sends the login in clear to a server that says it cannot encrypt', async () => {
  const config = driverConfig(await settingsFor({ encryption: 'notSupported' }));
  const options = { ...config.options, connector: undefined };
  expect(await refusal({ ...config, options } as never)).toContain('Login failed');
  expect(server?.logins).toEqual([{ user: 'tieback', secure: false }]);
});

test.each(DENIES)(
  'no login leaves us when encryption is asked for and the answer is %s',
  async (encryption) => {
    const settings = await settingsFor({ encryption });
    expect(await refusal(driverConfig(settings))).toContain('the login was not sent');
    expect(server?.logins).toEqual([]);
  },
);

test('not even where the certificate would not be looked at', async () => {
  const settings = await settingsFor({ encryption: 'notSupported' }, { trustServerCertificate: true });
  expect(await refusal(driverConfig(settings))).toContain('the login was not sent');
  expect(server?.logins).toEqual([]);
});

test.each([
  { type: 'sql', user: 'tieback', password: new Secret('x') },
  { type: 'windows', domain: 'ACME', user: 'tieback', password: new Secret('x') },
  { type: 'entra-service-principal', tenantId: 't', clientId: 'c', clientSecret: new Secret('x') },
])('nor a login of the kind $type', async (login) => {
  const settings = await settingsFor({ encryption: 'notSupported' }, { login });
  expect(await refusal(driverConfig(settings))).toContain('the login was not sent');
  expect(server?.logins).toEqual([]);
});

test('nor that of our store', async () => {
  const source = dataSource({ type: 'mssql', ...(await settingsFor({ encryption: 'notSupported' })) });
  await expect(source.initialize()).rejects.toThrow('the login was not sent');
  expect(server?.logins).toEqual([]);
});

test('who asks for no encryption gets none', async () => {
  const settings = await settingsFor({ encryption: 'notSupported' }, { encrypt: false });
  expect(await refusal(driverConfig(settings))).toContain('Login failed');
  expect(server?.logins).toEqual([{ user: 'tieback', secure: false }]);
});

describe.each([
  ['TDS 7', { encryption: 'on', certificate }, {}],
  ['TDS 8', { encryption: 'on', certificate, strict: true }, { encrypt: 'strict' }],
] as const)('TLS of %s', (_name, behaviour, more) => {
  test('carries the login where the certificate is that of a known authority', async () => {
    const settings = await settingsFor(behaviour, { ...more, caFile: CA });
    expect(await refusal(driverConfig(settings))).toContain('Login failed');
    expect(server?.logins).toEqual([{ user: 'tieback', secure: true }]);
  });

  test('does not begin where nobody knows the authority', async () => {
    const settings = await settingsFor(behaviour, more);
    expect(await refusal(driverConfig(settings))).toMatch(/certificate/);
    expect(server?.logins).toEqual([]);
  });

  test('does not begin with the certificate of somebody else', async () => {
    const settings = await settingsFor(behaviour, {
      ...more,
      caFile: CA,
      hostNameInCertificate: 'sql01.acme.example',
    });
    expect(await refusal(driverConfig(settings))).toMatch(/altnames/);
    expect(server?.logins).toEqual([]);
  });
});
