import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { stringify } from 'yaml';
import { loadConfig } from '../../../src/config/load';
import { Secret } from '../../../src/domain/base/secret';
import { driverConfig } from '../../../src/sql-server/connect';
import type { SqlServerSettings } from '../../../src/sql-server/settings';
import { sqlServerName, sqlServerSettings } from '../../../src/sql-server/settings';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tieback-sql-server-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const LOGIN = { type: 'sql', user: 'tieback', password: { env: 'DB_PASSWORD' } };
const STORE = { type: 'mssql', host: 'sql01.acme.example', database: 'tieback', login: LOGIN };

function load(store: object, erpSettings: object = {}) {
  const file = join(folder, 'tieback.yaml');
  const app = {
    apiUrl: 'https://api.procore.test',
    loginUrl: 'https://login.procore.test',
    clientId: 'x',
    clientSecret: { env: 'APP' },
  };
  const acme = {
    procore: { app: 'main', companyId: 1 },
    erp: { adapter: 'sample', settings: erpSettings },
  };
  writeFileSync(file, stringify({ store, procoreApps: { main: app }, connections: { acme } }));
  writeFileSync(join(folder, 'erp-password'), 'of-the-erp\n');
  return loadConfig(file, { APP: 'app-secret', DB_PASSWORD: 'of-the-store' });
}

test('a store on SQL Server: what is left out has safe defaults', () => {
  const { store } = load(STORE);
  expect(store).toMatchObject({
    host: 'sql01.acme.example',
    encrypt: true,
    trustServerCertificate: false,
    poolSize: 10,
    lockSeconds: 10,
  });
  const config = driverConfig(store as SqlServerSettings);
  expect(config).toMatchObject({ server: 'sql01.acme.example', port: 1433, database: 'tieback' });
  expect(config.authentication).toEqual({
    type: 'default',
    options: { userName: 'tieback', password: 'of-the-store' },
  });
});

test('secrets in the settings of an adapter are read, and show themselves nowhere', () => {
  const { host, database } = STORE;
  const server = { host, database, login: { ...LOGIN, password: { file: 'erp-password' } } };
  const config = load(STORE, { file: 'acme.db', server });
  const read = config.connections[0]?.adapterSettings as { file: string; server: object };
  // A key of the adapter that is called like one half of a secret is none.
  expect(read.file).toBe(join(folder, 'acme.db'));
  const settings = sqlServerSettings.parse(read.server);
  expect(driverConfig(settings).authentication).toMatchObject({ options: { password: 'of-the-erp' } });
  expect(`${JSON.stringify(config)} ${inspect(config, { depth: 9 })}`).not.toMatch(/of-the-(erp|store)/);
  expect(config.secretFiles).toContainEqual({
    key: 'connections.acme.erp.settings.server.login.password',
    file: join(folder, 'erp-password'),
  });
});

test.each([
  ['host', { host: 'sql01\\PROD' }, /store\.host .*an instance and a port have keys of their own/],
  ['host with a port', { host: 'sql01,1433' }, /store\.host .*an instance and a port have keys/],
  ['port', { port: 70_000 }, /store\.port/],
  ['both ways', { instance: 'PROD', port: 1433 }, /store\.instance .*leave out either `port` or `instance`/],
  ['encrypt', { encrypt: 'yes' }, /store\.encrypt .*true, false or strict/],
  [
    'strict and trusting',
    { encrypt: 'strict', trustServerCertificate: true },
    /store\.trustServerCertificate .*always verified/,
  ],
  ['a relative file', { caFile: 'ca.pem' }, /store\.caFile .*a path from the root/],
  [
    'a file nobody looks at',
    { caFile: '/ca.pem', trustServerCertificate: true },
    /store\.caFile .*nobody looks/,
  ],
  ['kind of login', { login: { type: 'kerberos' } }, /store\.login.* one of `sql`, `windows`/],
  ['no user', { login: { ...LOGIN, user: undefined } }, /store\.login\.user.* the name of the login/],
  ['a domain too many', { login: { ...LOGIN, domain: 'ACME' } }, /store\.login.* there is no key "domain"/],
  [
    'the password in clear',
    { login: { ...LOGIN, password: 'sesame' } },
    /store\.login\.password .*a secret is never written/,
  ],
  ['an old key', { user: 'tieback' }, /there is no key "user"/],
])('%s: the error names the key and what was expected', (_name, more, message) => {
  expect(() => load({ ...STORE, ...more })).toThrow(message);
});

test('an adapter that finds its password in clear says how to hand it over', () => {
  const { success, error } = sqlServerSettings.safeParse({
    host: 'sql01',
    database: 'erp',
    login: { type: 'sql', user: 'tieback', password: 'sesame' },
  });
  expect(success).toBe(false);
  expect(error?.issues).toMatchObject([
    { path: ['login', 'password'], message: expect.stringContaining('{ env: NAME }') as unknown },
  ]);
  expect(JSON.stringify(error?.issues)).not.toContain('sesame');
});

const parse = (more: object): SqlServerSettings =>
  sqlServerSettings.parse({
    host: 'sql01',
    database: 'erp',
    login: { type: 'sql', user: 'u', password: new Secret('p') },
    ...more,
  });

test('every kind of login becomes the one that the driver knows', () => {
  const of = (login: object): unknown => driverConfig(parse({ login })).authentication;
  const password = new Secret('p');
  expect(of({ type: 'windows', domain: 'ACME', user: 'u', password })).toEqual({
    type: 'ntlm',
    options: { domain: 'ACME', userName: 'u', password: 'p' },
  });
  expect(of({ type: 'entra-password', user: 'u', password, clientId: 'c' })).toEqual({
    type: 'azure-active-directory-password',
    options: { userName: 'u', password: 'p', clientId: 'c', tenantId: 'common' },
  });
  const application = { tenantId: 't', clientId: 'c' };
  expect(of({ type: 'entra-service-principal', ...application, clientSecret: password })).toEqual({
    type: 'azure-active-directory-service-principal-secret',
    options: { ...application, clientSecret: 'p' },
  });
  expect(of({ type: 'entra-managed-identity' })).toEqual({
    type: 'azure-active-directory-msi-vm',
    options: {},
  });
  expect(of({ type: 'entra-default', clientId: 'c' })).toEqual({
    type: 'azure-active-directory-default',
    options: { clientId: 'c' },
  });
});

test('an instance is looked up, and a port is not', () => {
  const named = parse({ instance: 'PROD' });
  const config = driverConfig(named);
  expect([config.port, (config.options as Record<string, unknown>)['instanceName']]).toEqual([
    undefined,
    'PROD',
  ]);
  expect([sqlServerName(named), sqlServerName(parse({}))]).toEqual(['sql01\\PROD/erp', 'sql01:1433/erp']);
});

test('a file of authorities that holds none is told, not ignored', () => {
  const file = join(folder, 'ca.pem');
  expect(() => driverConfig(parse({ caFile: file }))).toThrow(/cannot be read/);
  writeFileSync(file, 'not a certificate');
  expect(() => driverConfig(parse({ caFile: file }))).toThrow(/holds no certificate/);
});
