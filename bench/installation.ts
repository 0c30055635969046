import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { AuditKeys } from '../src/domain/audit/keys';
import type { Connection } from '@temporalio/client';
import type { NativeConnection, Worker } from '@temporalio/worker';
import { SimulatorControl } from '../sandbox/procore-simulator/control-client';
import type { Accounting } from '../sandbox/sample-erp/company';
import { createCompany } from '../sandbox/sample-erp/company';
import type { TemporalServer } from '../sandbox/temporal-server';
import { launchTemporal } from '../sandbox/temporal-server';
import type { Activities, ConnectionParts } from '../src/activities';
import { decisionStatement } from '../src/domain/people/decision';
import { createActivities, fetchBeforeStart, startInput } from '../src/activities';
import type { RequestState } from '../src/domain/request/flow';
import { REQUEST_STATE_QUERY, REQUEST_UPDATES } from '../src/domain/request/flow';
import { requestIdOf, workflowIdOf } from '../src/domain/request/id';
import { SigningKeys } from '../src/domain/people/signing-keys';
import type { PayrollSettings } from '../src/domain/payroll/settings';
import type { ErpAdapter } from '../src/erp-adapters/contract/adapter';
import { ERP_ADAPTERS } from '../src/erp-adapters/registry';
import type { ProcoreApp } from '../src/procore/app';
import { createProcoreApp } from '../src/procore/app';
import { procoreSettings } from '../src/procore/client/settings';
import { storeWebhook } from '../src/activities/intake/store-webhook';
import { newRequest } from '../src/store/new-request';
import { Store } from '../src/store/store';
import { silentLogger } from '../src/telemetry/logger';
import { workflowBundle } from '../src/temporal/bundle';
import { connectClient, connectWorker } from '../src/temporal/connect';
import { provisionTemporal } from '../src/temporal/provision';
import { installRuntime } from '../src/temporal/sdk-runtime';
import { requestWorkflows } from '../src/temporal/request-workflows';
import { startRequest } from '../src/temporal/starter';
import { createWorkers } from '../src/temporal/workers';

export const COMPANY = 4264807;
export const APPROVER = 'bench';

/** A server, a simulator, a sample ERP and a store, with two sets of workers: the real activities, and the same ones empty. */
export class BenchInstallation {
  /** I/O calls that the real activities made, by kind; `storeTrips`: what goes to a database server and back, BEGIN and COMMIT counted. */
  readonly io = { store: 0, storeTrips: 0, erp: 0, erpCommits: 0, procore: 0 };
  private readonly undo: (() => Promise<unknown> | void)[] = [];
  /** Where the simulator answers as Procore. */
  apiUrl!: string;
  procore!: SimulatorControl;
  client!: Client;
  store!: Store;
  erp!: Accounting;
  /** What the daemon of this installation speaks to the ERP with. */
  adapter!: ErpAdapter;

  private parts!: ConnectionParts;

  private constructor(
    private readonly isEmpty: boolean,
    private readonly simulator: SimulatorFileOptions,
  ) {}

  /** With `emptied`, nothing is read or written: what Temporal alone costs. */
  static async create(
    emptied?: (real: Activities) => Activities,
    simulator: SimulatorFileOptions = {},
  ): Promise<BenchInstallation> {
    const installation = new BenchInstallation(emptied !== undefined, simulator);
    await installation.start(emptied ?? ((real) => real));
    return installation;
  }

  private async start(activitiesOf: (real: Activities) => Activities): Promise<void> {
    installRuntime(silentLogger);
    const server = await shared();
    this.client = new Client({ connection: server.connection, namespace: server.server.namespace });
    const folder = mkdtempSync(join(tmpdir(), 'tieback-bench-'));
    this.undo.push(() => rmSync(folder, { recursive: true, force: true }));
    const { apiUrl, stop } = await startSimulator(folder, this.simulator);
    this.apiUrl = apiUrl;
    this.procore = new SimulatorControl(apiUrl);
    this.undo.push(stop);
    const file = join(folder, 'erp.db');
    const adapter = ERP_ADAPTERS['sample'];
    if (!adapter) throw new Error('the sample adapter is missing');
    this.erp = createCompany(file, {
      ledgerScript: adapter.create({ connectionId: 'x', settings: { file } }).grantScript(),
    });
    this.undo.push(() => this.erp.close());
    const io = this.io;
    this.store = await Store.open(
      { type: 'better-sqlite3', file: join(folder, 'tieback.db') },
      { io: (_name, call) => ((io.store += 1), call()), wire: () => void (io.storeTrips += 1) },
    );
    this.undo.push(() => this.store.close());
    await this.store.transaction('seed', this.id, (t) =>
      t.connections.add({
        id: this.id,
        companyId: COMPANY,
        erpAdapter: 'sample',
        erpCompany: '1',
        createdAt: new Date().toISOString(),
      }),
    );
    const app: ProcoreApp = createProcoreApp(
      procoreSettings({
        apiUrl,
        loginUrl: apiUrl,
        clientId: 'tieback-demo',
        clientSecret: 'demo-secret',
      }),
    );
    this.undo.push(() => app.close());
    const erp = adapter.create({
      connectionId: this.id,
      settings: { file, company: 1 },
      io: (name, call) => {
        io.erp += 1;
        if (name.endsWith('.commit')) io.erpCommits += 1;
        return call();
      },
    });
    this.adapter = erp;
    this.undo.push(() => erp.close());
    this.parts = {
      id: this.id,
      policy: {
        rules: [{ name: 'all-prequalified', decision: 'approve', when: { facts: { prequalified: true } } }],
        approvers: [{ id: APPROVER }],
        requireSecondPerson: false,
        openDetailHours: 24,
      },
      procore: app.company(COMPANY),
      erp,
      procoreQueue: `procore-${this.id}`,
      erpQueue: `erp-${this.id}`,
      pageSize: 1000,
      pollOverlap: 50,
      openDoor: null,
      acceptForeignOrigins: true,
      reconcile: { kinds: {}, ownership: {} },
    };
    const real = createActivities({
      store: this.store,
      people: { keys: this.keys, breakGlass: false },
      connections: new Map([[this.id, this.parts]]),
      searchNames: true,
      now: () => this.now(),
      anchoring: { everyMs: 3_600_000, keys: new AuditKeys(), places: [] },
      startRequest: (input) => startRequest(this.client, this.queue, input),
      workflows: requestWorkflows(this.client, this.queue),
    });
    await this.runWorkers(server, activitiesOf(real));
  }

  readonly keys = new SigningKeys([{ id: 'bench', key: randomBytes(32).toString('base64') }]);
  readonly id = `bench-${Math.random().toString(36).slice(2, 10)}`;
  readonly queue = `tieback-${this.id}`;

  private async runWorkers({ native, server }: Shared, activities: Activities): Promise<void> {
    const workers: Worker[] = await createWorkers(
      {
        connection: native,
        namespace: server.namespace,
        dataConverter: {},
        workflowBundle: () => workflowBundle(),
        queues: [
          { kind: 'main', name: this.queue },
          { kind: 'procore', name: `procore-${this.id}`, slots: 6 },
          { kind: 'erp', name: `erp-${this.id}`, slots: 4 },
        ],
        shutdown: { graceMs: 1000, forceMs: 2000 },
      },
      activities,
    );
    const running = workers.map((worker) => worker.run());
    this.undo.push(async () => {
      workers.forEach((worker) => worker.shutdown());
      await Promise.all(running);
    });
  }

  async stop(): Promise<void> {
    for (const step of this.undo.splice(0).reverse()) await step();
  }

  async calls(): Promise<Readonly<BenchInstallation['io']>> {
    this.io.procore = await this.procore.requestCount();
    return { ...this.io };
  }

  /** A round of intake, as its schedule starts it. */
  async poll(): Promise<void> {
    await this.client.workflow.execute('intake', {
      taskQueue: this.queue,
      workflowId: `intake-${this.id}-${Math.random().toString(36).slice(2)}`,
      args: [{ connectionId: this.id, procoreQueue: `procore-${this.id}` }],
    });
  }

  /** Stores a delivery and starts the workflow of its request, as the daemon does. */
  async announce(requestId: number): Promise<void> {
    const now = new Date().toISOString();
    const delivery = {
      eventId: `bench-${requestId}`,
      resourceName: 'ERP Requests',
      resourceId: requestId,
      eventType: 'create',
      companyId: COMPANY,
      userId: null,
      timestamp: now,
    };
    const announcement = { eventId: delivery.eventId, delivery, body: '{}' };
    const ref = await storeWebhook(this.store, { id: this.id, companyId: COMPANY }, announcement, now);
    if (ref === null || !('request' in ref)) throw new Error('unreachable');
    const deps = { store: this.store, now: () => new Date().toISOString() };
    const row = await fetchBeforeStart(deps, this.parts, ref.request, now);
    await startRequest(this.client, this.queue, startInput(this.parts, row));
  }

  /** Starts the workflow of a request that a webhook announced, as the daemon does. */
  async begin(requestId: number): Promise<void> {
    const row = { ...newRequest(this.id, 'erp', requestId, new Date().toISOString()), fetched: this.isEmpty };
    await this.store.transaction('bench', this.id, (t) => t.requests.add(row));
    const fetched = await fetchBeforeStart(
      { store: this.store, now: () => new Date().toISOString() },
      this.parts,
      row,
      row.receivedAt,
    );
    await startRequest(this.client, this.queue, startInput(this.parts, fetched));
  }

  private ahead = 0;

  /** Time goes by, for Tieback and for Procore. */
  async later(ms: number): Promise<void> {
    this.ahead += ms;
    await this.procore.advanceClock(ms);
  }

  private now(): string {
    return new Date(Date.now() + this.ahead).toISOString();
  }

  /** From now on the payroll of the ERP is worked. */
  workPayroll(payroll: PayrollSettings): void {
    Object.assign(this.parts, { payroll });
  }

  /** Finance approves what a request asks about; waits until it asks. */
  async approve(id: string): Promise<void> {
    const ref = { connectionId: this.id, id };
    const handle = this.client.workflow.getHandle(workflowIdOf(ref));
    for (;;) {
      const state = await handle.query<RequestState>(REQUEST_STATE_QUERY).catch(() => null);
      if (state?.status === 'waiting_for_finance' && state.planHash !== null) {
        const bare = {
          ...{ planHash: state.planHash, by: APPROVER, account: null, comment: '', channel: 'bench' },
          ...{ at: new Date().toISOString(), signatures: [] },
        };
        const signatures = this.keys.sign(decisionStatement(ref, 'approve', bare));
        await handle.executeUpdate(REQUEST_UPDATES.approve, { args: [{ ...bare, signatures }] });
        return;
      }
      await delay(20);
    }
  }

  handle = (requestId: number) =>
    this.client.workflow.getHandle(
      workflowIdOf({ connectionId: this.id, id: requestIdOf('erp', requestId) }),
    );
}

/** What the simulator's file of options may hold beside what every bench gives. */
export interface SimulatorFileOptions {
  /** Its time stands still until it is moved. */
  readonly clock?: 'manual';
}

/** In its own process: what Procore computes is not our work. */
export async function startSimulator(
  folder: string,
  more: SimulatorFileOptions = {},
): Promise<{ apiUrl: string; stop: () => void }> {
  const options = join(folder, 'simulator.json');
  writeFileSync(options, JSON.stringify({ rateLimit: false, webhooks: { delivery: 'manual' }, ...more }));
  const script = join(__dirname, '..', 'sandbox', 'procore-simulator', 'main.js');
  const child = spawn(process.execPath, [script, '--port', '0', '--quiet', '--options', options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const apiUrl = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the simulator ended with exit code ${code ?? ''}`)));
    child.stdout.on('data', (chunk: Buffer) => {
      const address = /http:\S+/.exec(chunk.toString());
      if (address) resolve(address[0]);
    });
  });
  return { apiUrl, stop: () => void child.kill() };
}

interface Shared {
  readonly server: TemporalServer;
  readonly connection: Connection;
  readonly native: NativeConnection;
}

let sharedServer: Promise<Shared> | null = null;

/** One server for everything that is compared. */
export function shared(): Promise<Shared> {
  sharedServer ??= (async () => {
    const server = await launchTemporal({ namespace: 'tieback-bench', headless: true, log: () => undefined });
    const connection = await connectClient(server);
    await provisionTemporal(connection, { namespace: server.namespace, retentionDays: 1 });
    return { server, connection, native: await connectWorker(server) };
  })();
  return sharedServer;
}

export async function stopShared(): Promise<void> {
  if (!sharedServer) return;
  const { server, connection, native } = await sharedServer;
  await connection.close();
  await native.close();
  await server.stop();
}
