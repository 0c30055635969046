import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { SimulatorControl } from '../sandbox/procore-simulator/control-client';
import type { Accounting } from '../sandbox/sample-erp/company';
import { createCompany } from '../sandbox/sample-erp/company';
import { listRequests } from '../src/desk/list-requests';
import { ERP_ADAPTERS } from '../src/erp-adapters/registry';
import { Store } from '../src/store/store';
import { shared, startSimulator } from './installation';
import { memoryOf } from './process-tree';
import { Yard } from './yard';

const CONNECTION = 'backlog';
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
  const yard = await Backyard.create();
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
class Backyard {
  private counter = 0;

  private constructor(
    private readonly folder: string,
    private readonly procore: SimulatorControl,
    private readonly stopProcore: () => void,
    private readonly erp: Accounting,
    private readonly client: Client,
    private readonly yard: Yard,
  ) {}

  static async create(): Promise<Backyard> {
    const { server, connection } = await shared();
    const folder = mkdtempSync(join(tmpdir(), 'tieback-backlog-'));
    const { apiUrl, stop } = await startSimulator(folder);
    const file = join(folder, 'erp.db');
    const ledgerScript = ERP_ADAPTERS['sample']
      ?.create({ connectionId: 'x', settings: { file } })
      .grantScript();
    const erp = createCompany(file, { ledgerScript: ledgerScript ?? '' });
    const client = new Client({ connection, namespace: server.namespace });
    const place = { folder, connection: CONNECTION, apiUrl, erpFile: file, temporal: server };
    const yard = await Yard.create(place);
    await yard.start();
    return new Backyard(folder, new SimulatorControl(apiUrl), stop, erp, client, yard);
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
    await this.yard.ready();
    const newPlans: number[] = [];
    for (let n = 0; n < NEW_PLANS; n += 1) newPlans.push(await this.newPlan());
    newPlans.sort((a, b) => a - b);
    const list = await this.timeList();
    const command = await timed(() => this.yard.command(['requests']));
    const round = await this.timeRound();
    return {
      open: this.count(`status = 'waiting_for_finance'`),
      newPlans,
      list,
      command,
      round,
      memory: memoryOf(this.yard.pid),
    };
  }

  async restart(): Promise<Restarted> {
    await this.yard.stop();
    const startedAt = performance.now();
    await this.yard.start();
    const plan = this.newPlan().then(() => performance.now() - startedAt);
    await this.yard.ready();
    const ready = performance.now() - startedAt;
    return { ready, firstPlan: await plan, after: await this.measure() };
  }

  async remove(): Promise<void> {
    this.yard.kill();
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
    await this.yard.deliver(requestId);
    while (this.erp.ledger().length === written) await delay(5);
    return performance.now() - startedAt;
  }

  private async timeList(): Promise<number> {
    const store = await Store.open({ type: 'better-sqlite3', file: this.yard.storeFile }, { migrate: false });
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

  private count(where: string): number {
    return Number(this.yard.ask(`SELECT COUNT(*) AS n FROM sync_request WHERE ${where}`)[0]?.['n'] ?? 0);
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
}

const EXPORT = { customFields: { vendor_type_origin_id: '1|SUB' } };

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
