import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fastify } from 'fastify';
import { parse } from 'yaml';
import { loadConfig } from '../../../src/config/load';
import { healthRoutes } from '../../../src/http/health';
import { testServer } from '../../support/mssql';

/** There is no container engine where tests run: what the files say is held against the project and against each other. */

const ROOT = join(__dirname, '..', '..', '..');
const text = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

interface Service {
  readonly image?: string;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes?: Readonly<Record<string, unknown>>;
}
const compose = (path: string): Compose => parse(text(path), { merge: true }) as Compose;

const FILES = ['docker/compose.yml', 'docker/compose.mssql.yml'] as const;
const images = [
  ...FILES.flatMap((file) => Object.values(compose(file).services).flatMap(({ image }) => image ?? [])),
  ...[...text('docker/Dockerfile').matchAll(/^FROM (\S+)/gm)].map(([, image = '']) => image),
];

test('every image names its release; ours is built', () => {
  expect(images.length).toBeGreaterThan(8);
  for (const image of images.filter((name) => name !== 'tieback')) {
    expect(image).toMatch(/:/);
    expect(image).toMatch(/\d/);
    expect(image).not.toMatch(/:latest$/);
    if (image.startsWith('node:')) expect(image).toMatch(/^node:\d+\.\d+\.\d+-/);
  }
});

describe.each(FILES)('%s', (file) => {
  const { services, volumes = {} } = compose(file);

  test('what is published is published to this machine alone', () => {
    for (const { ports = [] } of Object.values(services))
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  test('whoever waits for a healthy service waits for one that can tell', () => {
    for (const { depends_on: waits = {} } of Object.values(services))
      for (const [name, { condition }] of Object.entries(waits)) {
        expect(services[name]).toBeDefined();
        if (condition === 'service_healthy') expect(services[name]?.healthcheck).toBeDefined();
      }
  });

  test('every file that is mounted is there, and every volume is named', () => {
    for (const { volumes: mounts = [] } of Object.values(services))
      for (const [source = ''] of mounts.map((mount) => mount.split(':')))
        if (source.startsWith('.')) expect(existsSync(join(ROOT, 'docker', source))).toBe(true);
        else expect(Object.keys(volumes)).toContain(source);
  });

  test('no password is on a command line, which whoever lists the processes of the host can read', () => {
    for (const { healthcheck, entrypoint = [], command = [] } of Object.values(services))
      for (const words of [...(healthcheck?.test ?? []), ...entrypoint, ...command])
        expect(words).not.toMatch(/ -P |-v \w*password|--password/i);
  });

  test('passwords come from the environment, or are those of a database that lives for the tests', () => {
    for (const { environment = {} } of Object.values(services))
      for (const [name, value] of Object.entries(environment))
        if (/PASSWORD|PWD|SECRET/.test(name)) expect(value).toMatch(/^\$\{\w+:\?|^Only-For-Tests-/);
  });
});

test('the configuration of the daemon reads, with the environment that compose.yml gives it', () => {
  const { daemon } = compose('docker/compose.yml').services;
  const env = Object.fromEntries(Object.keys(daemon?.environment ?? {}).map((name) => [name, 'a value']));
  const config = loadConfig(join(ROOT, 'docker/tieback.yaml'), env);
  expect(config.store).toMatchObject({ type: 'mssql', host: 'sqlserver', database: 'tieback' });
  expect(config.temporal.address).toBe('temporal:7233');
  expect(config.http).toMatchObject({ host: '0.0.0.0', port: 8480 });
  const example = [...text('docker/.env.example').matchAll(/^(\w+)=/gm)].map(([, name]) => name);
  const used = [...text('docker/compose.yml').matchAll(/\$\{(\w+):\?/g)].map(([, name]) => name);
  expect([...new Set(used)].sort()).toEqual([...example].sort());
});

test('the server that the tests are given is one that they can read', () => {
  const { tests, sqlserver } = compose('docker/compose.mssql.yml').services;
  expect(testServer(tests?.environment?.['TIEBACK_TEST_MSSQL'])).toMatchObject({
    host: 'sqlserver',
    port: 1433,
    encrypt: true,
  });
  expect(tests?.environment?.['TIEBACK_TEST_MSSQL']).toContain(
    `Password=${sqlserver?.environment?.['MSSQL_SA_PASSWORD'] ?? ''};`,
  );
});

test('what the image is built from reaches the builder, and nothing else does', () => {
  const copied = [...text('docker/Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(
    ([, paths = '']) => paths.split(' '),
  );
  const ignore = text('.dockerignore').split('\n');
  expect(ignore).toContain('*');
  expect(ignore.filter((line) => line.startsWith('!')).sort()).toEqual(
    copied.map((path) => `!${path}`).sort(),
  );
  for (const path of copied) expect(existsSync(join(ROOT, path))).toBe(true);
  expect(text('docker/Dockerfile')).toMatch(/^USER 65532/m);
});

test('what waits for PostgreSQL waits until it answers by TCP: on its socket it answers while it is being set up', () => {
  const { postgresql } = compose('docker/compose.yml').services;
  expect(postgresql?.healthcheck?.test).toEqual(expect.arrayContaining(['pg_isready', '-h']));
});

test('the daemon does not wait for a command that needs Procore', () => {
  const { services } = compose('docker/compose.yml');
  expect(Object.keys(services['daemon']?.depends_on ?? {}).sort()).toEqual([
    'sqlserver-database',
    'temporal',
  ]);
});

test('the image runs the command of the package, and asks whether it lives where the daemon answers that', async () => {
  const dockerfile = text('docker/Dockerfile');
  const { bin } = JSON.parse(text('package.json')) as { bin: { tieback: string } };
  expect(dockerfile).toContain(`ENTRYPOINT ["/nodejs/bin/node", "/opt/tieback/${bin.tieback}"]`);
  const [, port, path = ''] = /http:\/\/127\.0\.0\.1:(\d+)(\/\w+)/.exec(dockerfile) ?? [];
  expect(parse(text('docker/tieback.yaml'))).toMatchObject({ http: { port: Number(port) } });
  const app = fastify();
  const notReady = [{ name: 'temporal', ok: false, detail: 'away' }];
  healthRoutes(app, { live: () => [], ready: () => Promise.resolve(notReady) });
  expect((await app.inject(path)).statusCode).toBe(200);
});

test('every test that asks for a SQL Server is run on it', () => {
  const command = compose('docker/compose.mssql.yml').services['tests']?.command?.at(-1) ?? '';
  const patterns = command.slice(command.indexOf('npx jest ') + 'npx jest '.length).split(' ');
  const asking = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts') && !file.endsWith('docker.test.ts'))
    .filter((file) => /'[^']*(support\/(mssql|stores)|vista-model\/places)'/.test(text(join('test', file))));
  expect(asking.length).toBeGreaterThan(3);
  for (const file of asking) expect(patterns.filter((pattern) => file.includes(pattern))).not.toEqual([]);
});
