/**
 * An installation whose "process" can die at any I/O call. After death nothing the old process still does has any effect; a new one
 * (new store handle, new adapter, new client, workflows from their histories) takes over, as after kill -9 and a restart.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuditKeys } from '../../../src/domain/audit/keys';
import type { Client } from '@temporalio/client';
import { ProcoreSimulator } from '../../../sandbox/procore-simulator/simulator';
import type { Accounting } from '../../../sandbox/sample-erp/company';
import { createCompany } from '../../../sandbox/sample-erp/company';
import type { Activities, ActivityDeps, ConnectionParts } from '../../../src/activities';
import { createActivities, fetchBeforeStart, readErpMetadata, startInput } from '../../../src/activities';
import type { RequestRef } from '../../../src/domain/request/id';
import { requestIdOf, workflowIdOf } from '../../../src/domain/request/id';
import { TEST_KEYS } from '../../support/people';
import { ERP_ADAPTERS } from '../../../src/erp-adapters/registry';
import type { ErpAdapter } from '../../../src/erp-adapters/contract/adapter';
import type { ProcoreApp } from '../../../src/procore/app';
import { createProcoreApp } from '../../../src/procore/app';
import { procoreSettings } from '../../../src/procore/client/settings';
import { storeWebhook } from '../../../src/activities/intake/store-webhook';
import { Store } from '../../../src/store/store';
import { startRequest } from '../../../src/temporal/starter';
import type { Engine } from './engine';
import { uniqueName } from '../../support/temporal';
import { gated } from '../../support/gated-procore';
import { COMPANY, POLICY } from '../../support/world';

export type CrashMode = 'before' | 'after';

/** Name of the I/O call that is under way. */
const inHand = new AsyncLocalStorage<string>();

/** Counts I/O calls and dies at the chosen one. */
class Process {
  calls = 0;
  readonly names: string[] = [];
  dead = false;
  onDeath: () => void = () => undefined;

  constructor(
    private readonly diesAt: number,
    private readonly mode: CrashMode,
  ) {}

  async io<T>(name: string, call: () => Promise<T>): Promise<T> {
    // The test's own looks are no part of the job.
    if (name.startsWith('store.look.')) return call();
    const fatal = this.enter(name);
    if (fatal && this.mode === 'before') this.die();
    const result = await call();
    this.alive();
    if (fatal) this.die();
    return result;
  }

  ioNow<T>(name: string, call: () => T): T {
    const fatal = this.enter(name);
    if (fatal && this.mode === 'before') this.die();
    const result = call();
    if (fatal) this.die();
    return result;
  }

  private enter(name: string): boolean {
    this.alive();
    this.calls += 1;
    this.names.push(name);
    return this.calls === this.diesAt;
  }

  private alive(): void {
    if (this.dead) throw new Error('this process is dead');
  }

  private die(): never {
    this.dead = true;
    this.onDeath();
    throw new Error('the process died here');
  }
}

interface Incarnation {
  readonly store: Store;
  readonly erp: ErpAdapter;
  readonly app: ProcoreApp;
  readonly connections: ReadonlyMap<string, ConnectionParts>;
}

export class CrashWorld {
  readonly connectionId = uniqueName('acme');
  private readonly appName = uniqueName('app');
  readonly taskQueue = uniqueName('tieback');
  readonly procore = new ProcoreSimulator();
  erp!: Accounting;
  private folder!: string;
  private apiUrl = '';
  private process = new Process(Infinity, 'before');
  private now!: Incarnation;
  private server: Store | null = null;
  private ready: Promise<void> = Promise.resolve();
  /** What our store sent to its database since somebody emptied this: for each round trip, the name of the transaction or look. */
  readonly roundTrips: string[] = [];

  constructor(
    private readonly engine: Engine,
    private readonly pageSize = 1000,
    private readonly options: { readonly policy?: typeof POLICY; readonly seedErp?: boolean } = {},
  ) {}

  async start(): Promise<void> {
    this.folder = mkdtempSync(join(tmpdir(), 'tieback-crash-'));
    this.apiUrl = (await this.procore.start({ rateLimit: false })).apiUrl;
    const file = this.erpFile;
    const script = ERP_ADAPTERS['sample']?.create({ connectionId: 'x', settings: { file } }).grantScript();
    const seed = this.options.seedErp === true;
    this.erp = createCompany(file, { seed, ...(script === undefined ? {} : { ledgerScript: script }) });
    this.now = await this.build();
    const at = this.nowIso();
    await this.now.store.transaction('seed', this.connectionId, (t) =>
      t.connections.add({
        id: this.connectionId,
        companyId: COMPANY,
        erpAdapter: 'sample',
        erpCompany: '1',
        createdAt: at,
      }),
    );
    // What the Temporal server lists, it does not ask our process for.
    const server = await Store.open({ type: 'better-sqlite3', file: this.storeFile }, { migrate: false });
    this.server = server;
    // Getters: each activity attempt sees the process that lives now.
    const current = (): Incarnation => this.now;
    const { connectionId } = this;
    const deps: ActivityDeps = {
      get store() {
        return current().store;
      },
      get connections() {
        return current().connections;
      },
      now: () => this.nowIso(),
      people: { keys: TEST_KEYS, breakGlass: false },
      // One anchor a run: its calls are tried like all others, but not over and over.
      searchNames: true,
      anchoring: { everyMs: 86_400_000, keys: new AuditKeys(), places: [] },
      startRequest: (input) =>
        this.process.io('temporal.start', () => startRequest(this.client, this.taskQueue, input)),
      // This engine never loses a workflow; repairs are tried on the real server (test/deep/e2e/repair.test.ts).
      workflows: {
        running: async function* () {
          for (const { id, status } of await server.read('running', (t) => t.requests.open(connectionId)))
            yield { id, status };
        },
        standing: () => Promise.resolve({ kind: 'working' }),
        restart: () => Promise.reject(new Error('nothing is repaired here')),
      },
    };
    await this.engine.start(this.afterRebirth(createActivities(deps)), {
      main: this.taskQueue,
      procore: `procore-${this.appName}`,
      erp: `erp-${this.connectionId}`,
    });
  }

  async stop(): Promise<void> {
    await this.engine.stop();
    await this.closeAll(this.now);
    await this.server?.close();
    await this.procore.stop();
    this.erp.db.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get client(): Client {
    return this.engine.client;
  }

  /** A request of Procore's, by its number. */
  ref = (erpRequestId: number): RequestRef => ({
    connectionId: this.connectionId,
    id: requestIdOf('erp', erpRequestId),
  });

  handle = (erpRequestId: number) => this.client.workflow.getHandle(workflowIdOf(this.ref(erpRequestId)));

  /** By the clock of workflows. */
  clock = (): number => this.engine.now();

  private nowIso(): string {
    return new Date(this.engine.now()).toISOString();
  }

  /** Arms the process: it dies at I/O call number `at` from now on. */
  arm(at: number, mode: CrashMode): void {
    this.process = this.newProcess(at, mode);
  }

  /** I/O calls since `arm`, and whether the crash has happened. */
  get crashed(): boolean {
    return this.lastArmed.dead;
  }

  get callNames(): readonly string[] {
    return this.lastArmed.names;
  }

  private lastArmed = this.process;

  /** A look at the store, as an operator's tool would take it. */
  async look<T>(read: (store: Store) => Promise<T>): Promise<T> {
    await this.ready;
    return read(this.server ?? this.now.store);
  }

  /** As `tieback provision` does: ties the company to us in the ERP tool. */
  async tie(): Promise<void> {
    const parts = this.now.connections.get(this.connectionId);
    if (!parts) throw new Error('unreachable');
    const metadata = await readErpMetadata(parts.erp);
    await parts.procore.metadata?.connect({ serviceUrl: 'https://tieback.example', metadata });
  }

  async poll(): Promise<void> {
    await this.client.workflow.execute('intake', {
      taskQueue: this.taskQueue,
      workflowId: uniqueName('intake'),
      args: [{ connectionId: this.connectionId, procoreQueue: `procore-${this.appName}` }],
    });
  }

  /** A delivery from Procore, which delivers again until it is answered; then a round of intake that starts what is stored. */
  async webhook(requestId: number): Promise<void> {
    const delivery = {
      eventId: `event-${requestId}`,
      resourceName: 'ERP Requests',
      resourceId: requestId,
      eventType: 'create',
      companyId: COMPANY,
      userId: 7710,
      timestamp: null,
    };
    const webhook = { connectionId: this.connectionId, eventId: delivery.eventId, delivery, body: '{}' };
    for (let answered = false; !answered;) {
      await this.ready;
      const connection = { id: this.connectionId, companyId: COMPANY };
      answered = await storeWebhook(this.now.store, connection, webhook, this.nowIso()).then(
        () => true,
        () => false,
      );
    }
    await this.poll();
  }

  /** A delivery from Procore that the daemon starts at once, without a round of intake. */
  async announce(requestId: number): Promise<void> {
    const { store, connections } = this.now;
    const connection = connections.get(this.connectionId);
    if (!connection) throw new Error('unreachable');
    const delivery = {
      eventId: `event-${requestId}`,
      resourceName: 'ERP Requests',
      resourceId: requestId,
      eventType: 'create',
      companyId: COMPANY,
      userId: 7710,
      timestamp: this.nowIso(),
    };
    const webhook = { eventId: delivery.eventId, delivery, body: '{}' };
    await storeWebhook(store, { id: this.connectionId, companyId: COMPANY }, webhook, this.nowIso());
    const deps = { store, now: () => this.nowIso() };
    const row = await fetchBeforeStart(deps, connection, this.ref(requestId), delivery.timestamp);
    await startRequest(this.client, this.taskQueue, startInput(connection, row));
  }

  get storeFile(): string {
    return join(this.folder, 'tieback.db');
  }

  get erpFile(): string {
    return join(this.folder, 'erp.db');
  }

  private newProcess(at: number, mode: CrashMode): Process {
    const process = new Process(at, mode);
    process.onDeath = () => {
      this.engine.kill();
      this.ready = this.rebirth(this.now);
    };
    this.lastArmed = process;
    return process;
  }

  private async rebirth(old: Incarnation): Promise<void> {
    // The dead process's calls fail from now on; its handles are closed as the kernel would.
    const next = new Process(Infinity, 'before');
    await new Promise((resolve) => setImmediate(resolve));
    await this.closeAll(old);
    this.process = next;
    this.now = await this.build();
    this.engine.revive();
  }

  private async closeAll({ store, erp, app }: Incarnation): Promise<void> {
    await erp.close();
    app.close();
    await store.close();
  }

  /** Hooks follow the process of the incarnation they were built for, also after it died. */
  private async build(): Promise<Incarnation> {
    const mine = { process: this.process };
    const gate = (): Process => {
      // Arming replaces the process of the living incarnation, never of a dead one.
      if (!mine.process.dead) mine.process = this.process;
      return mine.process;
    };
    const store = await Store.open(
      { type: 'better-sqlite3', file: this.storeFile },
      {
        io: (name, call) => inHand.run(name, () => gate().io(name, call)),
        wire: () => void this.roundTrips.push(inHand.getStore() ?? ''),
      },
    );
    const app = createProcoreApp(
      procoreSettings({
        apiUrl: this.apiUrl,
        loginUrl: this.apiUrl,
        clientId: 'tieback-demo',
        clientSecret: 'demo-secret',
        retry: { retries: 3, baseDelayMs: 10 },
        limiter: { backoffMs: 20, jitterMs: 5 },
      }),
    );
    const erp = ERP_ADAPTERS['sample']?.create({
      connectionId: this.connectionId,
      settings: { file: this.erpFile, company: 1, busyTimeoutMs: 0 },
      io: (name, call) => gate().ioNow(name, call),
    });
    if (!erp) throw new Error('no sample adapter');
    const parts: ConnectionParts = {
      id: this.connectionId,
      policy: this.options.policy ?? POLICY,
      procore: gated(app.company(COMPANY), gate),
      erp,
      procoreQueue: `procore-${this.appName}`,
      erpQueue: `erp-${this.connectionId}`,
      pageSize: this.pageSize,
      pollOverlap: 50,
      openDoor: null,
      // Crashes are put between known calls; who owns what in Procore has tests of its own.
      acceptForeignOrigins: true,
      reconcile: { kinds: {}, ownership: {} },
    };
    return { store, erp, app, connections: new Map([[this.connectionId, parts]]) };
  }

  private afterRebirth(activities: Activities): Activities {
    const wait = (group: object): object =>
      Object.fromEntries(
        Object.entries(group as Record<string, (...args: unknown[]) => Promise<unknown>>).map(
          ([name, run]) => [
            name,
            async (...args: unknown[]) => {
              await this.ready;
              return run(...args);
            },
          ],
        ),
      );
    return {
      main: wait(activities.main),
      procore: wait(activities.procore),
      erp: wait(activities.erp),
    } as Activities;
  }
}
