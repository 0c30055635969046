/** A whole installation for a test: Procore simulator, sample ERP, daemon, on the run's real Temporal server. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { ProcoreSimulator } from '../../sandbox/procore-simulator/simulator';
import type { RequestDetail, SimulatorOptions, StagedRecord } from '../../sandbox/procore-simulator/types';
import { createCompany } from '../../sandbox/sample-erp/company';
import type { Accounting } from '../../sandbox/sample-erp/company';
import type { Hooks } from '../../src/composition';
import { buildParts } from '../../src/composition';
import type { Config } from '../../src/config/load';
import { readSigningKeys } from '../../src/config/load';
import { SigningKeys } from '../../src/domain/people/signing-keys';
import type { Daemon } from '../../src/daemon';
import { startDaemon } from '../../src/daemon';
import { anchorsInErp } from '../../src/anchor-sources';
import { verifyAudit } from '../../src/desk/audit/verify';
import type { AuditEntry, AuditFinding } from '../../src/domain/audit/chain';
import { isContradiction, WARNING_CODES } from '../../src/domain/base/warning';
import type { PolicyConditions } from '../../src/domain/request/policy';
import type { ReconcileSettings } from '../../src/domain/reconcile/settings';
import type { ConnectionPolicy } from '../../src/domain/request/connection-policy';
import type { OpenDoorSettings } from '../../src/domain/request/open-door';
import type { CustomFields } from '../../src/domain/kinds/custom-fields';
import type { RecordLink } from '../../src/domain/kinds/record-link';
import type {
  Correction,
  Decision,
  DecisionReceipt,
  ReconcileResult,
  RequestRef,
  RequestResult,
} from '../../src/domain/request/flow';
import { REQUEST_FAILED, REQUEST_UPDATES } from '../../src/domain/request/flow';
import type { ReconciledKind } from '../../src/domain/request/id';
import { requestIdOf, workflowIdOf } from '../../src/domain/request/id';
import { provisionErpTool, provisionHook } from '../../src/provision';
import { ERP_ADAPTERS } from '../../src/erp-adapters/registry';
import type { Repositories } from '../../src/store/repositories';
import type { ExceptionRow, SyncRequestRow, WaitRow } from '../../src/store/rows';
import { Store } from '../../src/store/store';
import { startReconcile } from '../../src/temporal/starter';
import { openSqlite } from '../../src/sqlite';
import { silentLogger } from '../../src/telemetry/logger';
import { NO_DESK, signedBy } from './people';
import type { TestTemporal } from './temporal';
import { uniqueName } from './temporal';

export const COMPANY = 4264807;
/** The installation that the worlds say they are. */
const TEST_RUN = '00000000-0000-4000-8000-000000000000';
export const MARIA = 'maria@acme.example';

export const POLICY: ConnectionPolicy = {
  rules: [
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
  approvers: [{ id: MARIA }, { id: 'tom@acme.example', procoreUserId: 7710 }],
  requireSecondPerson: true,
  openDetailHours: 24,
};

const OPEN_DOOR: OpenDoorSettings = {
  vendors: 'needed',
  projects: 'active',
  commitments: { statuses: ['Approved', 'Complete'] },
  syncEveryMinutes: 60,
};

/** `640018` or `erp/640018`, `open/1`. */
export type RequestName = number | string;

/** Conditions of a rule that lets through all that a rule can. */
export const ANY: PolicyConditions = { warnings: WARNING_CODES.filter((code) => !isContradiction(code)) };

export interface WorldOptions {
  readonly simulator?: SimulatorOptions;
  readonly policy?: Partial<ConnectionPolicy>;
  readonly hooks?: Hooks;
  readonly pageSize?: number;
  /** Fill the ERP with the sample vendors. */
  readonly seedErp?: boolean;
  readonly webhook?: boolean;
  /**
   * A namespace of its own, for tests that look at schedules: in the shared one all worlds are one installation, and each removes the
   * schedules of the others.
   */
  readonly namespace?: string;
  /** Which custom fields of Procore are carried, and where to. */
  readonly customFields?: CustomFields;
  /** Without Procore's ERP tool. */
  readonly openDoor?: Partial<OpenDoorSettings>;
  /** What is kept equal by itself; tests run a reconcile by hand, which needs none of it. */
  readonly reconcile?: ReconcileSettings;
  /** Another ERP than the sample, which is then there but not connected. */
  readonly erp?: { readonly adapter: string; readonly settings: Readonly<Record<string, unknown>> };
  /** Where our own store lives; absent: in an SQLite file of the world. */
  readonly store?: Config['store'];
  /** The web page: who is let in, and how. */
  readonly desk?: Partial<Config['desk']>;
  /** Tests tie records of Procore by hand; only those about the census want to be stopped by it. */
  readonly acceptForeignOrigins?: boolean;
}

export class World {
  daemon!: Daemon;
  private skippedMs = 0;

  private constructor(
    readonly folder: string,
    public config: Config,
    readonly procore: ProcoreSimulator,
    readonly erp: Accounting,
    readonly client: Client,
    private readonly hooks: Hooks,
    private readonly bundle: TestTemporal['bundle'],
  ) {}

  static async create(temporal: TestTemporal, options: WorldOptions = {}): Promise<World> {
    const folder = mkdtempSync(join(tmpdir(), 'tieback-world-'));
    const procore = new ProcoreSimulator();
    const { apiUrl, loginUrl } = await procore.start({ rateLimit: false, ...options.simulator });
    const adapter = ERP_ADAPTERS['sample'];
    if (!adapter) throw new Error('the sample adapter is gone');
    const file = join(folder, 'erp.db');
    const ledgerScript = adapter.create({ connectionId: 'x', settings: { file } }).grantScript();
    const erp = createCompany(file, { ledgerScript, seed: options.seedErp === true });
    const namespace = options.namespace ?? temporal.namespace;
    const connectionId = uniqueName('acme');
    const appName = uniqueName('app');
    const config: Config = {
      file: join(folder, 'tieback.yaml'),
      dataDir: folder,
      secretFiles: [],
      store: options.store ?? { type: 'better-sqlite3', file: join(folder, 'tieback.db') },
      temporal: {
        address: temporal.address,
        namespace,
        retentionDays: 1,
        taskQueue: uniqueName('tieback'),
        webUi: null,
        searchNames: true,
        payloadKeys: [],
        payloadKeysToMake: [],
      },
      audit: { keys: [], keysToMake: [], anchorEveryMs: 3_600_000, anchorFile: null, anchorUrl: null },
      people: {
        signingKeys: [{ id: 'first', key: { file: join(folder, 'signing.key') } }],
        tokenDays: 90,
        breakGlass: false,
        credentialsFile: join(folder, 'credentials.json'),
      },
      desk: { ...NO_DESK, ...options.desk },
      http: { host: '127.0.0.1', port: 0 },
      log: { level: 'error', format: 'json' },
      apps: [
        {
          name: appName,
          apiUrl,
          loginUrl,
          clientId: 'tieback-demo',
          clientSecret: 'demo-secret',
          paths: {},
          webUrl: null,
          webPaths: {},
          invoicePaymentFields: {},
          detailCloseMethod: 'PATCH',
          unlinkBy: 'external_data',
          concurrency: 6,
          maxInlineWaitMs: 2000,
        },
      ],
      connections: [
        {
          id: connectionId,
          app: appName,
          companyId: COMPANY,
          adapter: options.erp?.adapter ?? 'sample',
          adapterSettings: options.erp?.settings ?? { file, company: 1 },
          erpSlots: 4,
          policy: { ...POLICY, ...options.policy },
          // Tests poll by hand: a schedule would add its own calls at any moment.
          pollEveryMs: 86_400_000,
          sweepAt: null,
          reconcile: options.reconcile ?? { kinds: {}, ownership: {} },
          pollOverlap: 50,
          erpTool: { serviceUrl: null, labels: {} },
          openDoor: options.openDoor ? { ...OPEN_DOOR, ...options.openDoor } : null,
          acceptForeignOrigins: options.acceptForeignOrigins ?? true,
          timeZone: 'Etc/UTC',
          customFields: options.customFields ?? {},
          webhook: options.openDoor
            ? null
            : {
                publicUrl: 'http://127.0.0.1',
                authorizations: ['Bearer hook-secret-1'],
                namespace: 'tieback',
              },
          pageSize: options.pageSize ?? 1000,
        },
      ],
    };
    const world = new World(
      folder,
      config,
      procore,
      erp,
      new Client({ connection: temporal.connection, namespace }),
      options.hooks ?? {},
      temporal.bundle,
    );
    await world.identify();
    await world.start();
    if (options.webhook === true) await world.registerHook();
    return world;
  }

  get connectionId(): string {
    return this.config.connections[0]?.id ?? '';
  }

  get webhookUrl(): string {
    return `${this.daemon.url}/webhooks/${this.connectionId}`;
  }

  async start(): Promise<void> {
    const shutdown = { graceMs: 2000, forceMs: 4000 };
    this.daemon = await startDaemon(this.config, silentLogger, {
      hooks: this.hooks,
      shutdown,
      bundle: this.bundle,
      now: () => new Date(Date.now() + this.skippedMs).toISOString(),
    });
    await this.daemon.resumed;
  }

  /** All worlds of a run share one namespace: to Temporal they are one installation, with many stores. */
  private async identify(): Promise<void> {
    const store = await Store.open(this.config.store);
    await store.transaction('test', null, (t) => t.installation.identify(TEST_RUN, new Date().toISOString()));
    await store.close();
  }

  /** The store is gone, and somebody starts again with an empty one, on purpose. Meanwhile the daemon is away. */
  async loseStore(meanwhile: () => Promise<void> = async () => Promise.resolve()): Promise<void> {
    await this.daemon.stop();
    await meanwhile();
    for (const end of ['', '-wal', '-shm', '.marker'])
      rmSync(`${join(this.folder, 'tieback.db')}${end}`, { force: true });
    await this.identify();
    await this.start();
  }

  /** Somebody closes the details of a request in Procore, past Tieback. */
  async closeInProcore(requestId: number, status: 'success' | 'failed', messages: string[]): Promise<void> {
    const parts = await buildParts(this.config, silentLogger);
    const { details } = parts.connections.get(this.connectionId)?.procore ?? {};
    await details?.close(this.details(requestId).map(({ id }) => ({ detailId: id, status, messages })));
    await parts.close();
  }

  /** Stops the daemon and starts it with other settings of its connection. */
  async restart(changes: Partial<Config['connections'][number]>): Promise<void> {
    await this.daemon.stop();
    const connections = this.config.connections.map((connection) => ({ ...connection, ...changes }));
    this.config = { ...this.config, connections };
    await this.start();
  }

  /** As `tieback provision` does: ties the company to us in the ERP tool, which makes its list of standard cost codes. */
  async tie(): Promise<void> {
    const parts = await buildParts(this.config, silentLogger);
    const connection = parts.connections.get(this.connectionId);
    if (!connection) throw new Error('unreachable');
    await provisionErpTool(parts.store, connection, 'https://tieback.example');
    await parts.close();
  }

  /** `isStopped`: its own daemon is stopped already. */
  async close({ isStopped = false } = {}): Promise<void> {
    for (const { id } of await this.openRequests()) {
      await this.client.workflow
        .getHandle(this.workflowId(id))
        .terminate('test is over')
        .catch(() => undefined);
    }
    if (!isStopped) await this.daemon.stop();
    await this.procore.stop();
    this.erp.db.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Looks at our own store; the daemon uses it at the same time, each read is one statement. */
  async store<T>(read: (store: Store) => Promise<T>): Promise<T> {
    const store = await Store.open(this.config.store, { migrate: false });
    try {
      return await read(store);
    } finally {
      await store.close();
    }
  }

  read<T>(work: (t: Repositories) => Promise<T>): Promise<T> {
    return this.store((store) => store.read('test', work));
  }

  /** Rows of our own store as they lie there; a reader without locks of its own. */
  rows<Row>(sql: string): Row[] {
    const db = openSqlite(join(this.folder, 'tieback.db'), { readonly: true });
    try {
      return db.prepare<[], Row>(sql).all();
    } finally {
      db.close();
    }
  }

  links(): Promise<RecordLink[]> {
    return this.read((t) => t.links.all(this.connectionId));
  }

  openExceptions(): Promise<ExceptionRow[]> {
    return this.read((t) => t.exceptions.listOpen(this.connectionId));
  }

  /** What a request waits for right now. */
  waits(request: RequestName): Promise<WaitRow[]> {
    return this.read((t) => t.waits.ofRequest(this.ref(request)));
  }

  trail(request: RequestName): Promise<readonly AuditEntry[]> {
    return this.read((t) => t.audit.forRequest(this.ref(request)));
  }

  /** Checks the audit log against our tables and the ERP's ledger; empty when nothing was changed, removed or added. */
  auditFindings(): Promise<readonly AuditFinding[]> {
    const { connectionId } = this;
    const { adapter = '', adapterSettings: settings = {} } = this.config.connections[0] ?? {};
    const erp = ERP_ADAPTERS[adapter]?.create({ connectionId, settings });
    if (!erp) throw new Error(`there is no adapter ${adapter}`);
    return this.store(async (store) => {
      const verdict = await verifyAudit(store, {
        connectionId,
        ledger: erp.ledger,
        anchors: erp.anchors && [anchorsInErp(erp.anchors)],
        signing: this.keys,
      });
      await erp.close();
      // An ERP that is away just now is no finding.
      return verdict.findings;
    });
  }

  /** Puts the clock of the daemon forward. */
  skipMinutes(minutes: number): void {
    this.skippedMs += minutes * 60_000;
  }

  /** What stands on "Ready to Import". */
  staged(): StagedRecord[] {
    return this.procore.state().companies[0]?.stagedRecords ?? [];
  }

  /** The request details of one ERP request, as Procore shows them. */
  details(requestId: number): RequestDetail[] {
    const requests = this.procore.state().companies[0]?.requests ?? [];
    return requests.find(({ id }) => id === requestId)?.details ?? [];
  }

  /** Somebody presses "Refresh Vendors"; we find the request and do it. */
  async refreshVendors(): Promise<RequestResult & { readonly requestId: number }> {
    const { requestId } = this.procore.refreshVendors();
    await this.poll();
    return { requestId, ...(await this.result(requestId)) };
  }

  /** Writes that reached Procore since the log was cleared, by operation. */
  writes(): string[] {
    return this.procore
      .requestLog()
      .filter(({ method, path }) => method !== 'GET' && !path.startsWith('/oauth/'))
      .map(({ method, path, operationId }) => operationId ?? `${method} ${path}`);
  }

  /** A number names an ERP request of Procore, text any request. */
  ref = (request: RequestName): RequestRef => ({
    connectionId: this.connectionId,
    id: typeof request === 'number' ? requestIdOf('erp', request) : request,
  });

  workflowId = (request: RequestName): string => workflowIdOf(this.ref(request));

  request(request: RequestName): Promise<SyncRequestRow> {
    return this.store((store) => store.read('test', (t) => t.requests.get(this.ref(request))));
  }

  private openRequests(): Promise<SyncRequestRow[]> {
    return this.store((store) => store.read('test', (t) => t.requests.open(this.connectionId)));
  }

  /** One round of intake, as the schedule would start it. */
  async poll(): Promise<void> {
    await this.client.workflow.execute('intake', {
      taskQueue: this.config.temporal.taskQueue,
      workflowId: uniqueName('intake'),
      args: [{ connectionId: this.connectionId, procoreQueue: `procore-${this.config.apps[0]?.name ?? ''}` }],
    });
  }

  /** One run of the reconcile of a kind, as its schedule would start it; it must be able to look at both sides. */
  async reconcile(kind: ReconciledKind = 'vendor', full = false): Promise<ReconcileResult> {
    return this.reconcileRun(kind, full);
  }

  /** The same, with the id of its workflow. */
  async reconcileRun(
    kind: ReconciledKind,
    full = false,
  ): Promise<ReconcileResult & { readonly workflowId: string }> {
    const handle = await startReconcile(this.client, this.config.temporal.taskQueue, {
      connectionId: this.connectionId,
      kind,
      procoreQueue: `procore-${this.config.apps[0]?.name ?? ''}`,
      erpQueue: `erp-${this.connectionId}`,
      full,
    });
    const result = (await handle.result()) as ReconcileResult;
    if (result.problem !== null) throw new Error(result.problem);
    return { ...result, workflowId: handle.workflowId };
  }

  async result(request: RequestName): Promise<RequestResult> {
    return resultOf(this.client.workflow.getHandle(this.workflowId(request)));
  }

  /** Waits until a request stands where it should; fails with where it stands after twenty seconds. */
  until(request: RequestName, status: SyncRequestRow['status']): Promise<SyncRequestRow> {
    return this.untilOneOf(request, [status]);
  }

  async untilOneOf(
    request: RequestName,
    statuses: readonly SyncRequestRow['status'][],
  ): Promise<SyncRequestRow> {
    const deadline = Date.now() + 20_000;
    for (;;) {
      const row = await this.request(request).catch(() => null);
      if (row && statuses.includes(row.status)) return row;
      if (Date.now() > deadline)
        throw new Error(
          `request ${request} is ${row?.status ?? 'unknown'} (${row?.reason ?? ''}), not ${statuses.join(' or ')}`,
        );
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  async approve(request: RequestName, more: Partial<Decision> = {}): Promise<DecisionReceipt> {
    return this.update<Decision>(REQUEST_UPDATES.approve, request, await this.decision(request, more));
  }

  async reject(
    request: RequestName,
    comment: string,
    more: Partial<Decision> = {},
  ): Promise<DecisionReceipt> {
    return this.update<Decision>(
      REQUEST_UPDATES.reject,
      request,
      await this.decision(request, { comment, ...more }),
    );
  }

  /** Takes an approval back before anything is written. */
  async withdraw(request: RequestName, more: Partial<Decision> = {}): Promise<DecisionReceipt> {
    return this.update<Decision>(REQUEST_UPDATES.withdraw, request, await this.decision(request, more));
  }

  async correct(request: RequestName, values: Correction['values'], by = MARIA): Promise<DecisionReceipt> {
    return this.update(REQUEST_UPDATES.correct, request, { by, comment: '', channel: 'test', values });
  }

  private async decision(
    request: RequestName,
    more: Partial<Decision>,
  ): Promise<Partial<Decision> & Omit<Decision, 'at' | 'account' | 'signatures'>> {
    const page = { ...this.ref(request), page: 0 };
    const plan = await this.store((store) => store.read('test', (t) => t.plans.latest(page)));
    return { planHash: plan?.hash ?? 'none', by: MARIA, comment: '', channel: 'test', ...more };
  }

  /** What the daemon signs with. */
  get keys(): SigningKeys {
    return new SigningKeys(readSigningKeys(this.config));
  }

  /** Signed as the daemon does it, and sent straight to the workflow: the way through HTTP has tests of its own. */
  private async update<T extends Decision | Correction>(
    name: keyof typeof REQUEST_UPDATES,
    request: RequestName,
    input: Omit<T, 'signatures' | 'at' | 'account'> & Partial<T>,
  ): Promise<DecisionReceipt> {
    const handle = this.client.workflow.getHandle(this.workflowId(request));
    const signed = signedBy<T>(this.keys, this.ref(request), name, input);
    return handle.executeUpdate<DecisionReceipt, [T]>(name, { args: [signed] });
  }

  private async registerHook(): Promise<void> {
    const parts = await buildParts(this.config, silentLogger);
    const company = parts.connections.get(this.connectionId)?.procore;
    const webhook = this.config.connections[0]?.webhook;
    if (!company || !webhook) throw new Error('unreachable');
    await provisionHook(company, this.connectionId, { ...webhook, publicUrl: this.daemon.url });
    await parts.close();
  }
}

/** A vendor as it stands in Procore's directory. */
export const vendorFields = (
  more: Record<string, unknown> = {},
): Record<string, unknown> & { name: string } => ({
  name: 'Cobalt Mechanical LLC',
  abbreviated_name: 'COBALT',
  address: '4410 Kelp Way',
  city: 'Seattle',
  state_code: 'WA',
  zip: '98134',
  country_code: 'US',
  business_phone: '2065550134',
  email_address: 'ap@cobalt.example',
  is_active: true,
  prequalified: true,
  ...more,
});

/** How a request ended: the workflow of one that failed fails. */
export async function resultOf(handle: Pick<WorkflowHandle, 'result'>): Promise<RequestResult> {
  try {
    return (await handle.result()) as RequestResult;
  } catch (error) {
    const { cause } = error as Error;
    if (!(cause instanceof ApplicationFailure) || cause.type !== REQUEST_FAILED) throw error;
    return cause.details?.[0] as RequestResult;
  }
}
