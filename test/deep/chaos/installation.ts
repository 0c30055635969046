/**
 * A whole installation whose processes can be killed and whose databases can be put back: the daemon and the Temporal dev server (with a
 * database file) as processes of their own, the Procore simulator, the sample ERP. Set up as an operator would: a configuration file and
 * `tieback provision`.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { ProcoreSimulator } from '../../../sandbox/procore-simulator/simulator';
import type { Accounting } from '../../../sandbox/sample-erp/company';
import { createCompany, openCompany } from '../../../sandbox/sample-erp/company';
import type { TemporalServer } from '../../../sandbox/temporal-server';
import { launchTemporal } from '../../../sandbox/temporal-server';
import { intakeIdOf } from '../../../src/domain/request/id';
import type { RequestStatus } from '../../../src/domain/request/status';
import { ERP_ADAPTERS } from '../../../src/erp-adapters/registry';
import { run } from '../../../src/main';
import { openSqlite } from '../../../src/sqlite';
import { connectClient } from '../../../src/temporal/connect';
import { readTestRun } from '../../support/test-run';
import { COMPANY, MARIA } from '../../support/world';

export const CONNECTION = 'acme';
const NAMESPACE = 'tieback';
const ENV = {
  ...process.env,
  PROCORE_SECRET: 'demo-secret',
  HOOK_SECRET: 'Bearer chaos-hook-secret-of-a-test-1',
};
/** How long anything may take to come up again, in milliseconds; it fails with what the process said. */
const UP_MS = 180_000;

/** The three databases that may be put back, each alone. */
export const DATABASES = ['store', 'erp', 'temporal'] as const;
export type Database = (typeof DATABASES)[number];

/** A request as it stands in our store. */
export interface StoredRequest {
  readonly id: string;
  readonly erp_request_id: number;
  readonly status: RequestStatus;
  readonly reason: string | null;
}

/** What a command said. */
export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export class Installation {
  readonly folder = mkdtempSync(join(tmpdir(), 'tieback-chaos-'));
  readonly procore = new ProcoreSimulator();
  erp!: Accounting;
  client!: Client;
  /** Of the person who decides. */
  token = '';
  private temporal: TemporalServer | null = null;
  private daemon: ChildProcess | null = null;
  private ports!: { readonly temporal: number; readonly http: number };
  private copies = 0;

  static async create(seed: number): Promise<Installation> {
    const made = new Installation();
    try {
      await made.setUp(seed);
    } catch (error) {
      await made.remove();
      throw error;
    }
    return made;
  }

  private async setUp(seed: number): Promise<void> {
    this.ports = { temporal: await freePort(), http: await freePort() };
    const webhooks = {
      delivery: 'auto',
      duplicateEvery: 5,
      backOffFirstMs: 300,
      backOffMaxMs: 1500,
    } as const;
    const { apiUrl } = await this.procore.start({ rateLimit: false, seed, webhooks });
    const file = this.fileOf('erp');
    const ledgerScript = ERP_ADAPTERS['sample']
      ?.create({ connectionId: 'x', settings: { file } })
      .grantScript();
    this.erp = createCompany(file, { seed: true, ledgerScript: ledgerScript ?? '' });
    this.configure(apiUrl);
    await this.startTemporal();
    const { code, out, err } = await this.tieback(['provision']);
    if (code !== 0) throw new Error(`provision ended with ${code}:\n${out}${err}`);
    const added = await this.tieback(['people', 'add', MARIA, '--json']);
    this.token = (JSON.parse(added.out) as { token: string }).token;
    this.startDaemon();
    await this.ready();
  }

  private configure(apiUrl: string): void {
    const config = {
      dataDir: '.',
      temporal: { address: `127.0.0.1:${this.ports.temporal}`, namespace: NAMESPACE },
      audit: { anchorEveryMinutes: 0 },
      http: { port: this.ports.http },
      procoreApps: {
        main: { apiUrl, loginUrl: apiUrl, clientId: 'tieback-demo', clientSecret: { env: 'PROCORE_SECRET' } },
      },
      connections: {
        [CONNECTION]: {
          procore: { app: 'main', companyId: COMPANY },
          erp: { adapter: 'sample', settings: { file: this.fileOf('erp'), company: 1 } },
          approvers: [{ id: MARIA }],
          requireSecondPerson: false,
          policy: [
            {
              name: 'prequalified-vendors',
              decision: 'approve',
              when: {
                events: ['create_vendor'],
                erpActions: ['create'],
                facts: { prequalified: true },
              },
            },
          ],
          poll: { everySeconds: 10 },
          webhook: { publicUrl: this.url, authorization: { env: 'HOOK_SECRET' } },
        },
      },
    };
    // JSON is YAML.
    writeFileSync(this.configFile, JSON.stringify(config, null, 2));
  }

  /** kill -9 of the daemon and of the Temporal server, at the same moment. */
  async killBoth(): Promise<void> {
    const { temporal, daemon } = this;
    if (temporal?.pid !== null && temporal?.pid !== undefined) process.kill(temporal.pid, 'SIGKILL');
    daemon?.kill('SIGKILL');
    await this.gone();
  }

  /** Starts what is not running; both at once, as after a power cut. */
  async start(): Promise<void> {
    if (this.daemon === null) this.startDaemon();
    if (this.temporal === null) await this.startTemporal();
    await this.ready();
  }

  /** Copies the three databases as they lie there; to be called while nothing runs. Answers the number of the copy. */
  copy(): number {
    this.assertStopped();
    this.erp.close();
    this.copies += 1;
    for (const database of DATABASES) {
      const to = join(this.folder, `copy-${this.copies}`);
      mkdirSync(to, { recursive: true });
      copyDatabase(this.fileOf(database), join(to, NAMES[database]));
    }
    this.erp = openCompany(this.fileOf('erp'));
    return this.copies;
  }

  /** Puts one database back to an older copy, and leaves the others as they are. */
  restore(database: Database, copy: number): void {
    this.assertStopped();
    this.erp.close();
    copyDatabase(join(this.folder, `copy-${copy}`, NAMES[database]), this.fileOf(database));
    this.erp = openCompany(this.fileOf('erp'));
  }

  /** Runs one command as a person in this installation would. */
  async tieback(args: readonly string[]): Promise<Said> {
    let [out, err] = ['', ''];
    const code = await run(['--config', this.configFile, ...args], {
      stdout: { write: (text) => (out += text) },
      stderr: { write: (text) => (err += text) },
      ask: null,
      askSecret: null,
      account: () => 'uid 1000 (ops)',
      env: { ...ENV, ...(this.token === '' ? {} : { TIEBACK_TOKEN: this.token }) },
      colours: false,
      now: () => new Date(),
      signals: { on: () => undefined, removeListener: () => undefined },
      exit: () => undefined,
    });
    return { code, out, err };
  }

  /** Rows of our own store as they lie there. */
  rows<Row>(sql: string, ...values: readonly (string | number)[]): Row[] {
    const db = openSqlite(this.fileOf('store'), { readonly: true });
    try {
      return db.prepare<unknown[], Row>(sql).all(...values);
    } finally {
      db.close();
    }
  }

  requests(): StoredRequest[] {
    return this.rows('SELECT id, erp_request_id, status, reason FROM sync_request');
  }

  /** What somebody with a database tool does to our store. */
  forge(sql: string, ...values: readonly unknown[]): number {
    const db = openSqlite(this.fileOf('store'));
    try {
      db.pragma('foreign_keys = OFF');
      return db.prepare(sql).run(...values).changes;
    } finally {
      db.close();
    }
  }

  /** Asks for a round of intake now; a server that is away just now has its schedule for later ones. */
  async lookNow(): Promise<void> {
    await this.client.schedule
      .getHandle(intakeIdOf(CONNECTION))
      .trigger()
      .catch(() => undefined);
  }

  async remove(): Promise<void> {
    this.daemon?.kill('SIGKILL');
    if (this.temporal?.pid) process.kill(this.temporal.pid, 'SIGKILL');
    await this.gone();
    await this.procore.stop();
    if (this.erp.db.open) this.erp.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The end of the daemon's log, for the report of a failure. */
  logTail(lines = 40): string {
    if (!existsSync(this.logFile)) return '';
    return readFileSync(this.logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  }

  get url(): string {
    return `http://127.0.0.1:${this.ports.http}`;
  }

  fileOf(database: Database): string {
    return join(this.folder, NAMES[database]);
  }

  private get configFile(): string {
    return join(this.folder, 'tieback.yaml');
  }

  private get logFile(): string {
    return join(this.folder, 'daemon.log');
  }

  private async startTemporal(): Promise<void> {
    this.temporal = await launchTemporal({
      namespace: NAMESPACE,
      dbFile: this.fileOf('temporal'),
      port: this.ports.temporal,
      headless: true,
      logFile: join(this.folder, 'temporal.log'),
    });
    const connection = await connectClient({ address: this.temporal.address, namespace: NAMESPACE });
    this.client = new Client({ connection, namespace: NAMESPACE });
  }

  private startDaemon(): void {
    const support = join(__dirname, '..', '..', 'support', 'run-typescript.js');
    const log = openSync(this.logFile, 'a');
    const args = ['-r', support, join(__dirname, 'daemon-process.ts'), this.configFile];
    this.daemon = spawn(process.execPath, [...args, readTestRun().bundlePath ?? ''], {
      stdio: ['ignore', log, log],
      env: ENV,
    });
    closeSync(log);
  }

  private async ready(): Promise<void> {
    const deadline = Date.now() + UP_MS;
    for (;;) {
      const answer = await fetch(`${this.url}/ready`).catch(() => null);
      if (answer?.ok) return;
      const dead = this.daemon?.exitCode ?? null;
      if (dead !== null || Date.now() > deadline)
        throw new Error(`the daemon is not ready (${dead ?? 'it runs'}):\n${this.logTail()}`);
      await delay(100);
    }
  }

  private async gone(): Promise<void> {
    const { temporal, daemon, client } = this;
    [this.temporal, this.daemon] = [null, null];
    await client?.connection.close();
    await temporal?.stop();
    while (daemon !== null && daemon.exitCode === null && daemon.signalCode === null) await delay(10);
  }

  private assertStopped(): void {
    if (this.daemon !== null || this.temporal !== null)
      throw new Error('databases are copied while nothing runs');
  }
}

const NAMES: Readonly<Record<Database, string>> = {
  store: 'tieback.db',
  erp: 'erp.db',
  temporal: 'temporal.db',
};

/** With what SQLite keeps beside it: what was committed last may be there only. */
function copyDatabase(from: string, to: string): void {
  for (const end of ['', '-wal', '-shm']) {
    rmSync(to + end, { force: true });
    if (existsSync(from + end)) copyFileSync(from + end, to + end);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
