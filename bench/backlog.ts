import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { SimulatorControl } from '../sandbox/procore-simulator/control-client';
import type { Accounting } from '../sandbox/sample-erp/company';
import { createCompany } from '../sandbox/sample-erp/company';
import { listRequests } from '../src/desk/list-requests';
import { ERP_ADAPTERS } from '../src/erp-adapters/registry';
import { openSqlite } from '../src/sqlite';
import { Store } from '../src/store/store';
import { COMPANY, shared, startSimulator } from './installation';

const CONNECTION = 'backlog';
const SECRET = 'Bearer backlog-secret-of-the-bench';
const ENV = { ...process.env, PROCORE_SECRET: 'demo-secret', HOOK_SECRET: SECRET };
/** New plans that are measured, one after the other. */
const NEW_PLANS = 10;
const SEEDED_AT_A_TIME = 200;

/** What people meet while so many requests wait for finance. Times in milliseconds. */
export interface Backlog {
  readonly open: number;
  /** From the webhook of a new request that a rule approves to the commit in the ERP, sorted. */
  readonly newPlans: readonly number[];
  /** The list as `tieback requests` asks for it, in the store; the command as a whole. */
  readonly list: number;
  readonly command: number;
  /** One round of intake: look, start, compare. */
  readonly round: number;
  /** Resident memory of the daemon now, and at most since it started, in MB. */
  readonly memory: { readonly now: number; readonly most: number };
}

/** The same after the daemon was started anew beside all the open requests. */
export interface Restarted {
  /** Until it says that it is ready. */
  readonly ready: number;
  /** From the start of the process to the commit of a plan that arrived with it. */
  readonly firstPlan: number;
  readonly after: Backlog;
}

export interface BacklogMeasured {
  readonly empty: Backlog;
  /** From the first request to the last that waits for finance, in seconds. */
  readonly openedInSeconds: number;
  readonly full: Backlog;
  readonly restarted: Restarted;
}

/**
 * Opens `count` requests that wait for finance, in a daemon of its own process, and measures what a new plan, a list and the memory come to
 * before, with them, and after a restart.
 */
export async function measureBacklog(count: number, say: (line: string) => void): Promise<BacklogMeasured> {
  const yard = await Yard.create();
  try {
    const empty = await yard.measure();
    const startedAt = performance.now();
    await yard.open(count, say);
    const openedInSeconds = (performance.now() - startedAt) / 1000;
    const full = await yard.measure();
    const restarted = await yard.restart();
    return { empty, openedInSeconds, full, restarted };
  } finally {
    await yard.remove();
  }
}

/** A daemon, a simulator and an ERP, each in the place where an operator would have them. */
class Yard {
  private daemon: ChildProcess | null = null;
  private counter = 0;
  private delivered = 0;

  private constructor(
    private readonly folder: string,
    private readonly procore: SimulatorControl,
    private readonly stopProcore: () => void,
    private readonly erp: Accounting,
    private readonly client: Client,
    private readonly url: string,
  ) {}

  static async create(): Promise<Yard> {
    const { server, connection } = await shared();
    const folder = mkdtempSync(join(tmpdir(), 'tieback-backlog-'));
    const { apiUrl, stop } = await startSimulator(folder);
    const file = join(folder, 'erp.db');
    const ledgerScript = ERP_ADAPTERS['sample']
      ?.create({ connectionId: 'x', settings: { file } })
      .grantScript();
    const erp = createCompany(file, { ledgerScript: ledgerScript ?? '' });
    const url = `http://127.0.0.1:${await freePort()}`;
    const client = new Client({ connection, namespace: server.namespace });
    const yard = new Yard(folder, new SimulatorControl(apiUrl), stop, erp, client, url);
    writeFileSync(join(folder, 'tieback.yaml'), JSON.stringify(configOf(apiUrl, file, url, server)));
    await yard.command(['provision']);
    await yard.start();
    return yard;
  }

  async start(): Promise<void> {
    const log = openSync(join(this.folder, 'daemon.log'), 'a');
    this.daemon = spawn(process.execPath, [BINARY, '--config', join(this.folder, 'tieback.yaml'), 'daemon'], {
      stdio: ['ignore', log, log],
      // As the operator guide says: without it Node collects its garbage late on a machine with much memory.
      env: { ...ENV, NODE_OPTIONS: '--max-old-space-size=256' },
    });
    while (!(await this.answers('/health'))) await delay(20);
  }

  /** Requests that no rule approves, found by the poll as after a quiet weekend. */
  async open(count: number, say: (line: string) => void): Promise<void> {
    for (let made = 0; made < count; made += SEEDED_AT_A_TIME) {
      const seeded = await this.procore.seedVendors(
        this.vendors(Math.min(SEEDED_AT_A_TIME, count - made), false),
      );
      for (const { id } of seeded) await this.procore.exportVendor(id, EXPORT);
    }
    for (let told = 0; ;) {
      const waiting = this.count(`status = 'waiting_for_finance'`);
      if (waiting >= count) return;
      if (waiting - told >= 1000) {
        told = waiting;
        say(`${waiting} of ${count} wait for finance`);
      }
      await delay(500);
    }
  }

  async measure(): Promise<Backlog> {
    await this.ready();
    const newPlans: number[] = [];
    for (let n = 0; n < NEW_PLANS; n += 1) newPlans.push(await this.newPlan());
    newPlans.sort((a, b) => a - b);
    const list = await this.timeList();
    const command = await timed(() => this.command(['requests']));
    const round = await this.timeRound();
    return {
      open: this.count(`status = 'waiting_for_finance'`),
      newPlans,
      list,
      command,
      round,
      memory: this.memory(),
    };
  }

  async restart(): Promise<Restarted> {
    const gone = new Promise((resolve) => this.daemon?.once('exit', resolve));
    this.daemon?.kill('SIGTERM');
    await gone;
    const startedAt = performance.now();
    await this.start();
    const plan = this.newPlan().then(() => performance.now() - startedAt);
    await this.ready();
    const ready = performance.now() - startedAt;
    return { ready, firstPlan: await plan, after: await this.measure() };
  }

  async remove(): Promise<void> {
    this.daemon?.kill('SIGKILL');
    this.stopProcore();
    this.erp.close();
    for await (const { workflowId } of this.client.workflow.list({ query: `ExecutionStatus = 'Running'` }))
      await this.client.workflow
        .getHandle(workflowId)
        .terminate('the bench is over')
        .catch(() => undefined);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Milliseconds from the webhook of a new request to its row in the ERP's ledger. */
  private async newPlan(): Promise<number> {
    const [vendor] = await this.procore.seedVendors(this.vendors(1, true));
    const { requestId } = await this.procore.exportVendor(vendor?.id ?? 0, EXPORT);
    const written = this.erp.ledger().length;
    const startedAt = performance.now();
    await this.deliver(requestId);
    while (this.erp.ledger().length === written) await delay(5);
    return performance.now() - startedAt;
  }

  private async deliver(requestId: number): Promise<void> {
    this.delivered += 1;
    const event = { ulid: `BACKLOG${this.delivered}`, resource_name: 'ERP Requests', event_type: 'create' };
    const { status } = await fetch(`${this.url}/webhooks/${CONNECTION}`, {
      method: 'POST',
      headers: { authorization: SECRET },
      body: JSON.stringify({ ...event, resource_id: requestId }),
    });
    if (status !== 204) throw new Error(`a webhook was answered ${status}`);
  }

  private async timeList(): Promise<number> {
    const store = await Store.open({ type: 'better-sqlite3', file: this.storeFile }, { migrate: false });
    try {
      await listRequests(store, { take: 50 });
      return await timed(() => listRequests(store, { take: 50 }));
    } finally {
      await store.close();
    }
  }

  private async timeRound(): Promise<number> {
    const workflowId = `intake-of-the-bench-${performance.now()}`;
    const args = [{ connectionId: CONNECTION, procoreQueue: 'procore-main' }];
    return timed(() => this.client.workflow.execute('intake', { taskQueue: 'tieback', workflowId, args }));
  }

  private memory(): Backlog['memory'] {
    const status = readFileSync(`/proc/${this.daemon?.pid}/status`, 'utf8');
    const megabytes = (name: string): number =>
      Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? NaN) / 1024;
    return { now: megabytes('VmRSS'), most: megabytes('VmHWM') };
  }

  private count(where: string): number {
    const db = openSqlite(this.storeFile, { readonly: true });
    try {
      const row = db
        .prepare<[], { n: number }>(`SELECT COUNT(*) AS n FROM sync_request WHERE ${where}`)
        .get();
      return row?.n ?? 0;
    } finally {
      db.close();
    }
  }

  private get storeFile(): string {
    return join(this.folder, 'tieback.db');
  }

  private vendors(count: number, prequalified: boolean): Record<string, string | boolean>[] {
    return Array.from({ length: count }, () => {
      this.counter += 1;
      const n = this.counter;
      return {
        name: `Backlog ${n}`,
        abbreviated_name: `BACKLOG${n}`,
        country_code: 'US',
        state_code: 'WA',
        business_phone: `206${5_000_000 + n}`,
        email_address: `ap${n}@backlog${n}.example`,
        prequalified,
      };
    });
  }

  private async ready(): Promise<void> {
    while (!(await this.answers('/ready'))) await delay(20);
  }

  private async answers(path: string): Promise<boolean> {
    if (this.daemon?.exitCode !== null && this.daemon?.exitCode !== undefined)
      throw new Error(
        `the daemon ended:\n${readFileSync(join(this.folder, 'daemon.log'), 'utf8').slice(-2000)}`,
      );
    return (await fetch(this.url + path).catch(() => null))?.ok === true;
  }

  private command(args: readonly string[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const all = [BINARY, '--config', join(this.folder, 'tieback.yaml'), ...args];
      execFile(process.execPath, all, { env: ENV, maxBuffer: 1 << 25 }, (error, stdout, stderr) => {
        if (error) reject(new Error(`tieback ${args.join(' ')}:\n${stdout}${stderr}`));
        else resolve();
      });
    });
  }
}

const BINARY = join(__dirname, '..', '..', 'bin', 'tieback');
const EXPORT = { customFields: { vendor_type_origin_id: '1|SUB' } };

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
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

const configOf = (
  apiUrl: string,
  file: string,
  url: string,
  { address, namespace }: { readonly address: string; readonly namespace: string },
): unknown => ({
  dataDir: '.',
  temporal: { address, namespace },
  http: { port: Number(new URL(url).port) },
  log: { level: 'warn' },
  procoreApps: {
    main: { apiUrl, loginUrl: apiUrl, clientId: 'tieback-demo', clientSecret: { env: 'PROCORE_SECRET' } },
  },
  connections: {
    [CONNECTION]: {
      procore: { app: 'main', companyId: COMPANY },
      erp: { adapter: 'sample', settings: { file, company: 1 } },
      approvers: [{ id: 'bench' }],
      requireSecondPerson: false,
      policy: [{ name: 'prequalified', decision: 'approve', when: { facts: { prequalified: true } } }],
      poll: { everySeconds: 60 },
      webhook: { publicUrl: url, authorization: { env: 'HOOK_SECRET' } },
    },
  },
});
