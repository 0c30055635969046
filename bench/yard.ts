import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openSqlite } from '../src/sqlite';
import { COMPANY } from './installation';

const SECRET = 'Bearer secret-of-the-bench-and-of-nothing-else';
const ENV = { ...process.env, PROCORE_SECRET: 'demo-secret', HOOK_SECRET: SECRET };
const BINARY = join(__dirname, '..', '..', 'bin', 'tieback');

export interface YardPlace {
  /** Holds the configuration, the store and the daemon's log. */
  readonly folder: string;
  readonly connection: string;
  readonly apiUrl: string;
  /** The ERP's database. */
  readonly erpFile: string;
  readonly temporal: { readonly address: string; readonly namespace: string };
  /** What `node` is given before the program, e.g. `--cpu-prof`. */
  readonly nodeOptions?: readonly string[];
}

/** A daemon in a process of its own, configured as an operator does it, between a simulator and an ERP that run already. */
export class Yard {
  private daemon: ChildProcess | null = null;
  private delivered = 0;

  private constructor(
    private readonly place: YardPlace,
    private readonly url: string,
  ) {}

  /** Writes the configuration and runs `tieback provision`. */
  static async create(place: YardPlace): Promise<Yard> {
    const url = `http://127.0.0.1:${await freePort()}`;
    const yard = new Yard(place, url);
    writeFileSync(join(place.folder, 'tieback.yaml'), JSON.stringify(configOf(place, url)));
    await yard.command(['provision']);
    return yard;
  }

  /** Resolves when the daemon lives; it may not be ready yet. */
  async start(): Promise<void> {
    const { folder, nodeOptions = [] } = this.place;
    const log = openSync(join(folder, 'daemon.log'), 'a');
    const args = [...nodeOptions, BINARY, '--config', join(folder, 'tieback.yaml'), 'daemon'];
    this.daemon = spawn(process.execPath, args, {
      stdio: ['ignore', log, log],
      // As the operator guide says: without it Node collects its garbage late on a machine with much memory.
      env: { ...ENV, NODE_OPTIONS: '--max-old-space-size=256' },
    });
    while (!(await this.answers('/health'))) await delay(20);
  }

  async ready(): Promise<void> {
    while (!(await this.answers('/ready'))) await delay(20);
  }

  /** As an operator stops it; resolves when the process has ended. */
  async stop(): Promise<void> {
    const { daemon } = this;
    if (daemon === null || daemon.exitCode !== null || daemon.signalCode !== null) return;
    const gone = new Promise((resolve) => daemon.once('exit', resolve));
    daemon.kill('SIGTERM');
    await gone;
  }

  kill(): void {
    this.daemon?.kill('SIGKILL');
  }

  /** Process id of the daemon. */
  get pid(): number {
    return this.daemon?.pid ?? NaN;
  }

  /** Tells the daemon of an ERP request, as Procore does. */
  async deliver(requestId: number): Promise<void> {
    this.delivered += 1;
    const event = { ulid: `YARD${this.delivered}`, resource_name: 'ERP Requests', event_type: 'create' };
    const { status } = await fetch(`${this.url}/webhooks/${this.place.connection}`, {
      method: 'POST',
      headers: { authorization: SECRET },
      body: JSON.stringify({ ...event, resource_id: requestId }),
    });
    if (status !== 204) throw new Error(`a webhook was answered ${status}`);
  }

  /** Runs a command of `tieback` and resolves with what it printed. */
  command(args: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const all = [BINARY, '--config', join(this.place.folder, 'tieback.yaml'), ...args];
      execFile(process.execPath, all, { env: ENV, maxBuffer: 1 << 25 }, (error, stdout, stderr) => {
        if (error) reject(new Error(`tieback ${args.join(' ')}:\n${stdout}${stderr}`));
        else resolve(stdout);
      });
    });
  }

  /** Rows of a query on the store. */
  ask(sql: string): readonly Readonly<Record<string, unknown>>[] {
    const db = openSqlite(this.storeFile, { readonly: true });
    try {
      return db.prepare<[], Record<string, unknown>>(sql).all();
    } finally {
      db.close();
    }
  }

  get storeFile(): string {
    return join(this.place.folder, 'tieback.db');
  }

  private async answers(path: string): Promise<boolean> {
    const { daemon } = this;
    if (daemon !== null && (daemon.exitCode !== null || daemon.signalCode !== null)) {
      const log = readFileSync(join(this.place.folder, 'daemon.log'), 'utf8');
      throw new Error(`the daemon ended:\n${log.slice(-2000)}`);
    }
    return (await fetch(this.url + path).catch(() => null))?.ok === true;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

const configOf = ({ connection, apiUrl, erpFile, temporal }: YardPlace, url: string): unknown => ({
  dataDir: '.',
  temporal: { address: temporal.address, namespace: temporal.namespace },
  http: { port: Number(new URL(url).port) },
  log: { level: 'warn' },
  procoreApps: {
    main: { apiUrl, loginUrl: apiUrl, clientId: 'tieback-demo', clientSecret: { env: 'PROCORE_SECRET' } },
  },
  connections: {
    [connection]: {
      procore: { app: 'main', companyId: COMPANY },
      erp: { adapter: 'sample', settings: { file: erpFile, company: 1 } },
      approvers: [{ id: 'bench' }],
      requireSecondPerson: false,
      policy: [{ name: 'prequalified', decision: 'approve', when: { facts: { prequalified: true } } }],
      poll: { everySeconds: 60 },
      webhook: { publicUrl: url, authorization: { env: 'HOOK_SECRET' } },
    },
  },
});
