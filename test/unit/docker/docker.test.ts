import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { loadConfig } from '../../../src/config/load';
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
  readonly healthcheck?: unknown;
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
