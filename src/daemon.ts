import type { ReconciledKind } from './domain/request/id';
import { definitionOf } from './domain/kinds';
import { payGoalMs } from './domain/payroll/settings';
import { freshnessOf } from './domain/reconcile/freshness';
import { payrollIdOf, RECONCILED_KINDS, reconcileIdOf } from './domain/request/id';
import { payrollRuns, reconcileRuns } from './temporal/schedule-runs';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import type { Connection } from '@temporalio/client';
import type { NativeConnection, Worker } from '@temporalio/worker';
import { isFinal } from './domain/request/status';
import type { ConnectionParts } from './activities';
import {
  createActivities,
  fetchBeforeStart,
  lookAtOpen,
  payrollSides,
  startInput,
  startUnstarted,
} from './activities';
import type { ActivityDeps } from './activities';
import type { SyncRequestInput } from './domain/request/flow';
import { RELEASE_SIGNAL } from './domain/request/flow';
import type { RequestRef } from './domain/request/id';
import { workflowIdOf } from './domain/request/id';
import { intakeIdOf } from './domain/request/id';
import { tellMappingProblems } from './payroll-mapping';
import type { Config } from './config/load';
import { assertCustomColumns } from './config/custom-columns';
import type { Hooks, Parts } from './composition';
import { sayAbout } from './desk/attention';
import { decideOn } from './desk/decide';
import type { DecidingParts } from './desk/decide';
import { findRequestFor } from './desk/find-request';
import { inboxFor } from './desk/inbox';
import { LiveWatch } from './desk/live/watch';
import { tokenVisitor } from './desk/people';
import { Access } from './http/access';
import { DeskRefusal } from './desk/refusal';
import { resealRules } from './desk/rules/change';
import { policyNowIn, withDelegated } from './desk/rules/policy';
import { whichRules } from './desk/rules/read';
import { readCorrectable, readOperations, readRequestPage } from './desk/request-page';
import { listsFor } from './desk/requests';
import { SigningKeys } from './domain/people/signing-keys';
import { deskUrl, readSigningKeys } from './config/load';
import { assertMayLink, decideLinks } from './desk/links/decide';
import { assertPayrollClerk } from './desk/payroll/clerks';
import type { PayrollPeople } from './desk/payroll/people';
import { decidePerson } from './desk/payroll/people';
import { storedSides } from './store/sides';
import type { Visitor } from './domain/people/access';
import { holds, mayLook, ROLES } from './domain/people/access';
import { grantsOf, personByEmail } from './domain/people/grants';
import type { DeskRooms } from './desk-rooms';
import { deskRooms } from './desk-rooms';
import type { DeskSource } from './http/api';
import { deskPlugin } from './http/api';
import { builtPages, pagesPlugin } from './http/pages';
import { anchoringOf } from './anchoring';
import { buildParts } from './composition';
import { lookAtSchemas } from './guarded-erp';
import { Heartbeat } from './heartbeat';
import { sender } from './notify';
import { Teller } from './notify/teller';
import { Telling } from './telling';
import type { HealthItem } from './http/health';
import { HealthCheck } from './http/health';
import { storeWebhook } from './activities/intake/store-webhook';
import type { HttpServer } from './http/server';
import { startHttp } from './http/server';
import {
  assertOwnIntake,
  identifyInstallation,
  makeSigningKeys,
  reconcileIntake,
  scheduleIdsOf,
  registerConnections,
  reconcileInput,
} from './provision';
import type { Logger } from './telemetry/logger';
import { workflowBundle } from './temporal/bundle';
import { connectClient, connectWorker } from './temporal/connect';
import { createDataConverter } from './temporal/payload-codec';
import { installRuntime } from './temporal/sdk-runtime';
import type { WorkerQueue } from './temporal/task-queues';
import { chooseQueues, queuesOf } from './temporal/task-queues';
import { assertNamespace, assertSchedules } from './temporal/readiness';
import { ForeignSchedulesError } from './temporal/schedules';
import { requestWorkflows } from './temporal/request-workflows';
import { reconcileNow, startRequest, triggerPayroll, triggerReconcile } from './temporal/starter';
import { createWorkers } from './temporal/workers';

/** A running daemon. */
export interface Daemon {
  /** Task queues that it polls. */
  readonly queues: readonly string[];
  /** Address of its HTTP door. */
  readonly url: string;
  /** Resolves when the workers run; health is served long before. */
  readonly working: Promise<void>;
  /** Resolves when every open request has its workflow again, as far as this daemon sees to that; it works long before. */
  readonly resumed: Promise<void>;
  /** Rejects when a worker dies for good; the process should end then, so that its supervisor starts it again. */
  readonly failed: Promise<never>;
  /** Finishes what is in hand and closes everything in reverse order. */
  stop(): Promise<void>;
}

/** What differs from daemon to daemon of one installation, and seams for tests. */
export interface DaemonOptions {
  /** Names of the task queues to poll. Default: every queue of the configuration. */
  readonly queues?: readonly string[];
  readonly hooks?: Hooks;
  readonly now?: () => string;
  /** Shutdown limits in milliseconds, where the defaults do not fit. */
  readonly shutdown?: { readonly graceMs: number; readonly forceMs: number };
  /** Workflow bundle, when the caller has one already. */
  readonly bundle?: { readonly codePath: string };
}

/**
 * The composition root: builds everything, runs it, and closes it in reverse order. Health and the webhook receiver work from the first
 * moment, also while Temporal cannot be reached; what arrives meanwhile is stored and started later.
 *
 * Several daemons may share one installation, each with some of its queues. What is done once for all (schedules, open requests) is done
 * by those that poll the main queue. Throws `UnknownQueueError` for a queue that the configuration does not have.
 */
export async function startDaemon(
  config: Config,
  logger: Logger,
  options: DaemonOptions = {},
): Promise<Daemon> {
  const queues = chooseQueues(queuesOf(config), options.queues);
  const now = options.now ?? ((): string => new Date().toISOString());
  installRuntime(logger);
  const parts = await buildParts(config, logger, options.hooks);
  const ours = [...parts.connections].filter(([, { erpQueue }]) =>
    queues.some(({ name }) => name === erpQueue),
  );
  await assertCustomColumns(config, new Map(ours), logger);
  await registerConnections(parts, config, now());
  const installation = await identifyInstallation(parts.store, now());
  for (const { name } of await makeSigningKeys(parts.store, config))
    logger.info('Signing key made', { key: name });
  const keys = new SigningKeys(readSigningKeys(config));
  await tellRules(parts, config, keys, { logger, now });
  const engine = new Engine({ config, parts, logger, now, keys, queues, installation, options });
  const rooms = deskRooms({
    ...{ config, parts, keys, now },
    client: () => engine.deciding().client,
    reconcileNow: (id, kind) => engine.reconciling()(id, kind),
  });
  let listening: string | null = null;
  const access = accessOf(config, {
    ...{ parts, keys, now, logger },
    port: () => (listening === null ? config.http.port : Number(new URL(listening).port)),
  });
  const http = await startHttp(
    { ...config.http, hsts: config.desk.hsts },
    {
      logger,
      webhooks: {
        authorizations: (id) =>
          config.connections.find((connection) => connection.id === id)?.webhook?.authorizations ?? null,
        receive: async (webhook) => {
          const connection = config.connections.find(({ id }) => id === webhook.connectionId);
          if (!connection) return;
          const request = await storeWebhook(parts.store, connection, webhook, now());
          if (request === null) return;
          if ('request' in request) engine.startSoon(request.request, webhook.delivery?.timestamp ?? null);
          else if ('moved' in request) engine.reconcileSoon(connection.id, request.moved);
          else engine.payrollSoon(connection.id);
        },
      },
      health: { live: () => engine.live(), ready: () => engine.ready() },
      plugins: [
        deskPlugin({ ...deskSource({ config, parts, keys, now, logger, engine, access }), ...rooms }),
        access.plugin,
        pagesPlugin(builtPages()),
      ],
    },
  );
  listening = http.url;
  // Nobody waits for it: an ERP that is away takes its time to say so.
  const looked = Promise.all([
    lookAtSchemas(new Map(ours), parts.store, logger),
    tellMappingProblems(
      ours.map(([, connection]) => connection),
      logger,
    ),
  ]);
  const names = queues.map(({ name }) => name);
  logger.info('HTTP is up', { url: http.url, queues: names });
  const heartbeat = new Heartbeat({
    store: parts.store,
    logger,
    now,
    queues: names,
    problem: () => engine.problem(),
  });
  const telling = queues.some(({ kind }) => kind === 'main')
    ? tellingOf({ config, parts, logger, now, keys })
    : null;
  const working = engine.run().then(() => heartbeat.beat());
  return {
    queues: names,
    url: http.url,
    working,
    get resumed() {
      return working.then(() => engine.startingOpen);
    },
    failed: engine.failed,
    stop: () => stopAll({ http, rooms, engine, heartbeat, telling, looked, parts, logger }),
  };
}

/** Who may come in, and as whom. `port`: where this daemon listens. */
function accessOf(
  config: Config,
  {
    parts: { store },
    keys,
    now,
    logger,
    port,
  }: Pick<EngineParts, 'parts' | 'keys' | 'now' | 'logger'> & { readonly port: () => number },
): Access {
  const register = {
    store,
    keys,
    now,
    connectionIds: config.connections.map(({ id }) => id),
    grantsOf: (person: string) => grantsOf(config, person),
  };
  const { oidc, loginAs, session } = config.desk;
  return new Access({
    doorkeeper: { ...register, limits: session },
    url: () => deskUrl(config, port()),
    oidc,
    loginAs,
    knownAs: (email) => personByEmail(config, email),
    bearer: (authorization) => tokenVisitor(register, authorization),
    logger,
  });
}

/** Which rules count for each connection, where it is not plainly the configuration; what the keys of before signed is signed with those of today. */
async function tellRules(
  { store }: Parts,
  { connections }: Config,
  keys: SigningKeys,
  { logger, now }: { readonly logger: Logger; readonly now: () => string },
): Promise<void> {
  for (const connection of connections) {
    const { id } = connection;
    const { words, problem } = await store.read('rules.which', (t) => whichRules(t, connection, keys));
    if (words !== null && problem === null) logger.info('Rules', { connection: id, rules: words });
    if (words !== null && problem !== null)
      logger.error('Rules are not proven', { connection: id, rules: words });
    if (await resealRules({ store, keys, now }, connection))
      logger.info('Rules signed with the new keys', { connection: id });
  }
}

/** What people decide reaches their workflows through this daemon, which knows who they are. */
function deskSource({
  config,
  parts: { store, connections },
  keys,
  now,
  logger,
  engine,
  access,
}: Pick<EngineParts, 'config' | 'parts' | 'keys' | 'now' | 'logger'> & {
  readonly engine: Engine;
  readonly access: Access;
}): Omit<DeskSource, keyof DeskRooms> {
  const ruled = { store, keys, now, connections: config.connections };
  const policyOf = policyNowIn(ruled);
  const pages = { store, places: config, policyOf, now };
  const decide: DeskSource['decide'] = async (visitor, asked, channel) => {
    const { connectionId, id } = await findRequestFor(store, visitor, asked);
    const decider = { by: visitor.id, account: null, channel };
    const parts = { store, keys, now, policyOf, ...engine.deciding() };
    return decideOn(parts, { ...asked, typed: id, connectionId }, decider);
  };
  /** What somebody may not look at is not there for them. */
  const seen = ({ grants }: Visitor, connectionId: string) =>
    config.connections.find(({ id }) => id === connectionId && mayLook(grants, { connectionId }));
  return {
    ...listsFor({ ...ruled, policyOf, decide, sidesIn: storedSides }),
    visitor: async (request) =>
      withDelegated(ruled, await access.visitor(request), (person) => grantsOf(config, person)),
    sessions: () => access.sessions(),
    end: (which, how, actor) => access.end(which, how, actor),
    live: new LiveWatch({
      store,
      now,
      troubled: (error) => logger.warn('What changed cannot be looked at for those who watch', { error }),
    }),
    mayApprove: ({ grants }) =>
      config.connections
        .map(({ id }) => id)
        .filter((connectionId) =>
          (['approver', 'payroll'] as const).some((role) => holds(grants, role, { connectionId })),
        ),
    zones: ({ grants }) => {
      const seen = config.connections.filter(({ id: connectionId }) =>
        ROLES.some((role) => holds(grants, role, { connectionId })),
      );
      return [...new Set(seen.map(({ timeZone }) => timeZone))];
    },
    requestPage: (visitor, ref, seen) => readRequestPage(pages, visitor, ref, seen),
    correctable: (visitor, ref) => readCorrectable(store, visitor, ref),
    sayAbout: (visitor, ref, said, channel) => sayAbout(pages, visitor, ref, said, channel),
    operations: (visitor, ref, asked) => readOperations(pages, visitor, ref, asked),
    decide,
    decideLinks: async (visitor, asked, channel) => {
      const { id } = visitor;
      assertMayLink(seen(visitor, asked.connectionId), asked.connectionId, id);
      const linking = { store, sidesIn: storedSides, now, release: engine.release };
      return decideLinks(linking, asked, { by: id, account: null, channel });
    },
    decidePerson: async (visitor, asked, channel) => {
      const { connectionId } = asked;
      const { id } = visitor;
      assertPayrollClerk(seen(visitor, connectionId), connectionId, id);
      const sides = (): Promise<PayrollPeople | null> => payrollSides(connections.get(connectionId));
      return decidePerson({ store, sides, now }, asked, { by: id, account: null, channel });
    },
    inbox: (visitor, channel) =>
      inboxFor(
        {
          ...{ store, keys, now },
          policyOf: (id) => (seen(visitor, id) === undefined ? Promise.resolve(null) : policyOf(id)),
          startReconcile: engine.reconciling(),
        },
        { by: visitor.id, account: null, channel },
      ),
  };
}

/** Who tells people what waits for them; null: nobody is to be told. */
function tellingOf({
  config,
  parts: { store },
  logger,
  keys,
  now,
}: Pick<EngineParts, 'config' | 'parts' | 'logger' | 'now' | 'keys'>): Telling | null {
  const { url, notify } = config.desk;
  if (url === null || notify === null) return null;
  const { smtp, receivers, amounts } = notify;
  const teller = new Teller({
    ...{ store, logger, now, receivers, amounts, url },
    send: sender(smtp),
    connections: config.connections,
    policyNow: async (t, connection) => (await t.rules.inForce(connection, keys)).policy,
    grantsOf: (person) => grantsOf(config, person),
  });
  return new Telling(teller, logger);
}

interface Running {
  readonly http: HttpServer;
  readonly rooms: DeskRooms;
  readonly engine: Engine;
  readonly heartbeat: Heartbeat;
  readonly telling: Telling | null;
  /** The look at the ERPs' catalogues, which needs the parts. */
  readonly looked: Promise<unknown>;
  readonly parts: Parts;
  readonly logger: Logger;
}

async function stopAll({
  http,
  rooms,
  engine,
  heartbeat,
  telling,
  looked,
  parts,
  logger,
}: Running): Promise<void> {
  logger.info('Stopping: finishing what is in hand');
  await http.close();
  await rooms.stop();
  await engine.stop();
  await heartbeat.stop();
  await telling?.stop();
  await looked;
  await parts.close();
  logger.info('Stopped');
}

/** State of an engine whose workers run. */
const WORKING = 'working';

/** Starts under way at the same time: each waits for Procore and holds memory, and thousands may come at once. */
const MOST_STARTS = 200;

/** How long a start waits for Procore to say which open requests are closed there. */
const LONGEST_LOOK_MS = 5_000;
/** How long open requests are started before it is asked whether the daemon stops, in milliseconds. */
const STARTING_MS = 1_000;

interface EngineParts {
  readonly config: Config;
  readonly parts: Parts;
  readonly logger: Logger;
  readonly now: () => string;
  readonly keys: SigningKeys;
  readonly queues: readonly WorkerQueue[];
  /** Id of this installation. */
  readonly installation: string;
  readonly options: DaemonOptions;
}

/** What was not looked at within its goal, with the reason: kinds, and timecards. */
async function lateKinds(client: Client, { connections }: Config, now: number): Promise<readonly string[]> {
  const late: string[] = [];
  for (const { id, reconcile, payroll } of connections) {
    if (payroll !== undefined) {
      const fresh = freshnessOf(await payrollRuns(client, id), payGoalMs(payroll), now);
      if (fresh.kind === 'late') late.push(`timecards of ${id} (${fresh.why})`);
    }
    for (const kind of RECONCILED_KINDS) {
      const wanted = reconcile.kinds[kind];
      if (wanted === undefined) continue;
      const fresh = freshnessOf(await reconcileRuns(client, id, kind), wanted.freshSeconds * 1000, now);
      if (fresh.kind === 'late') late.push(`${definitionOf(kind).plural} of ${id} (${fresh.why})`);
    }
  }
  return late;
}

/** Late is a warning: whoever asks whether we are there to work need not send others. */
const lateWords = (late: readonly string[]): string =>
  late.length === 0 ? 'everything was compared within its goal' : `late: ${late.join('; ')}`;

/** What comes in within this time is one run: an edit in a directory is told once for every project. */
const SOON_MS = 2_000;

/** The Temporal side of the daemon: connects when it can, runs the workers, starts what is waiting. */
class Engine {
  readonly failed: Promise<never>;
  private fail!: (error: Error) => void;
  private client: Client | null = null;
  private connections: { plain: Connection; native: NativeConnection } | null = null;
  private workers: Worker[] = [];
  private running: Promise<void>[] = [];
  private stopping = false;
  private starting = 0;
  /** Reconciles that begin in a moment, by the id of their workflow. */
  private readonly soon = new Map<string, NodeJS.Timeout>();
  startingOpen: Promise<void> = Promise.resolve();
  private stopNow!: () => void;
  private readonly stopped = new Promise<void>((resolve) => {
    this.stopNow = resolve;
  });
  private admitted = false;
  private state = 'connecting to Temporal';

  private readonly config: Config;
  private readonly parts: Parts;
  private readonly logger: Logger;
  private readonly now: () => string;
  private readonly keys: SigningKeys;
  private readonly queues: readonly WorkerQueue[];
  private readonly installation: string;
  private readonly options: DaemonOptions;

  constructor({ config, parts, logger, now, keys, queues, installation, options }: EngineParts) {
    this.config = config;
    this.parts = parts;
    this.logger = logger;
    this.now = now;
    this.keys = keys;
    this.queues = queues;
    this.installation = installation;
    this.options = options;
    this.failed = new Promise((_resolve, reject) => {
      this.fail = reject;
    });
    // Whoever waits for it hears of it; nobody has to.
    this.failed.catch(() => undefined);
  }

  async run(): Promise<void> {
    await this.connect();
    await this.admit();
    if (!this.connections || !this.client || this.stopping) return;
    const { temporal } = this.config;
    const client = this.client;
    const activities = createActivities({
      store: this.parts.store,
      people: this.people,
      connections: this.parts.connections,
      now: this.now,
      anchoring: anchoringOf(this.config, this.logger),
      searchNames: temporal.searchNames,
      startRequest: (input) => startRequest(client, temporal.taskQueue, input),
      workflows: requestWorkflows(client, temporal.taskQueue),
    });
    this.workers = await createWorkers(
      {
        connection: this.connections.native,
        namespace: temporal.namespace,
        dataConverter: createDataConverter({ keys: temporal.payloadKeys }),
        queues: this.queues,
        workflowBundle: async () =>
          this.options.bundle ?? (await workflowBundle({ encodeFailures: temporal.payloadKeys.length > 0 })),
        ...(this.options.shutdown ? { shutdown: this.options.shutdown } : {}),
      },
      activities,
    );
    this.running = this.workers.map((worker) =>
      worker.run().catch((error: Error) => {
        this.state = `a worker stopped: ${error.message}`;
        this.fail(error);
      }),
    );
    this.state = WORKING;
    if (this.pollsMain) this.startingOpen = this.startOpenRequests(client);
    this.logger.info('Workers run', { queues: this.queues.map(({ name }) => name) });
  }

  /** What it takes to put a decision to a workflow. Throws `DeskRefusal` `TEMPORAL_UNREACHABLE` while there is no way to them. */
  deciding(): Pick<DecidingParts, 'client' | 'beginAgain'> {
    const { client } = this;
    if (client === null)
      throw new DeskRefusal('TEMPORAL_UNREACHABLE', `Nothing can be decided right now: ${this.state}.`);
    const { taskQueue } = this.config.temporal;
    return {
      client,
      beginAgain: async (request, answer) => {
        const connection = this.parts.connections.get(request.connectionId);
        if (connection === undefined) return;
        this.logger.warn('The workflow of a request cannot go on and begins again', { request: request.id });
        const input = { ...startInput(connection, request), answer };
        await startRequest(client, taskQueue, input, 'TERMINATE_EXISTING');
      },
    };
  }

  /** What these requests waited for is there. Whoever does not hear it looks by itself later. */
  readonly release = async (requests: readonly RequestRef[]): Promise<void> => {
    for (const ref of requests)
      await this.client?.workflow
        .getHandle(workflowIdOf(ref))
        .signal(RELEASE_SIGNAL)
        .catch((error: unknown) =>
          this.logger.warn('A held request was not told', { request: ref.id, error }),
        );
  };

  /** Reconciles a kind of a connection now. Throws `DeskRefusal` `TEMPORAL_UNREACHABLE` while there is no way to Temporal. */
  reconciling(): (connectionId: string, kind: ReconciledKind) => Promise<void> {
    return async (connectionId, kind) => {
      const { client } = this.deciding();
      await reconcileNow(
        client,
        this.config.temporal.taskQueue,
        reconcileInput(this.config, connectionId, kind),
      );
    };
  }

  /** Starts the workflow of a request that was just stored; if that fails, or too many are under way, the intake schedule does it. */
  startSoon(ref: RequestRef, announcedAt: string | null): void {
    if (this.starting >= MOST_STARTS) return;
    this.starting += 1;
    void this.start(ref, announcedAt)
      .catch((error: unknown) =>
        this.logger.warn('The workflow could not be started at once; the next intake round starts it', {
          request: ref.id,
          error,
        }),
      )
      .finally(() => {
        this.starting -= 1;
      });
  }

  /** Reconciles a kind soon. */
  reconcileSoon(connectionId: string, kind: ReconciledKind): void {
    if (this.parts.connections.get(connectionId)?.reconcile.kinds[kind] === undefined) return;
    this.soonOnce(reconcileIdOf(connectionId, kind), (client) =>
      triggerReconcile(client, { connectionId, kind }),
    );
  }

  /** Looks at timecards soon. */
  payrollSoon(connectionId: string): void {
    if (this.parts.connections.get(connectionId)?.payroll === undefined) return;
    this.soonOnce(payrollIdOf(connectionId), (client) => triggerPayroll(client, connectionId));
  }

  /** What came in together is one run. If it cannot be started, the schedule does it. */
  private soonOnce(schedule: string, start: (client: Client) => Promise<unknown>): void {
    if (this.soon.has(schedule)) return;
    const timer = setTimeout(() => {
      this.soon.delete(schedule);
      if (this.client === null) return;
      start(this.client).catch((error: unknown) =>
        this.logger.warn('A look could not be started at once; its schedule starts it', { schedule, error }),
      );
    }, SOON_MS);
    timer.unref();
    this.soon.set(schedule, timer);
  }

  live(): HealthItem[] {
    const states = this.workers.map((worker) => worker.getState());
    const stuck = states.filter((state) => state === 'FAILED' || (state === 'STOPPED' && !this.stopping));
    const gone = this.parts.store.problem();
    const each = this.workers.map((worker) => `${worker.options.taskQueue} ${worker.getState()}`);
    return [
      { name: 'http', ok: true, detail: 'answering' },
      {
        name: 'workers',
        ok: stuck.length === 0,
        detail: each.length === 0 ? this.state : each.join(', '),
      },
      // Nothing mends this but a restart, once the file is back.
      ...(gone === null ? [] : [{ name: 'store file', ok: false, detail: gone }]),
      { name: 'queues', ok: true, detail: this.queues.map(({ name }) => name).join(', ') },
    ];
  }

  /** Why the workers do not work; null: they do. */
  problem(): string | null {
    if (this.state !== WORKING) return this.state;
    return this.live().find(({ ok }) => !ok)?.detail ?? null;
  }

  /** Answers in time, whatever hangs. */
  async ready(): Promise<HealthItem[]> {
    return [...this.live(), ...(await Promise.all(this.checks.map((check) => check.run())))];
  }

  private readonly checks: readonly HealthCheck[] = [
    new HealthCheck('store', async () => {
      await this.parts.store.probe();
      const rows = await this.parts.store.read('health', (t) => t.connections.all());
      return `${rows.length} connection${rows.length === 1 ? '' : 's'}`;
    }),
    new HealthCheck('temporal', async () => {
      if (this.client === null) throw new Error(this.state);
      await assertNamespace(this.client);
      if (this.state !== WORKING) throw new Error(this.state);
      const resting = this.workers.filter((worker) => worker.getState() !== 'RUNNING');
      if (resting.length > 0)
        throw new Error(`${resting.length} of ${this.workers.length} workers do not run`);
      return this.state;
    }),
    new HealthCheck('reconcile', async () => {
      if (!this.pollsMain) return 'of another daemon';
      if (this.client === null || this.state !== WORKING) throw new Error(this.state);
      return lateWords(await lateKinds(this.client, this.config, Date.parse(this.now())));
    }),
    new HealthCheck('schedules', async () => {
      // They are the work of those who poll the main queue.
      if (!this.pollsMain) return 'of another daemon';
      if (this.client === null || this.state !== WORKING) throw new Error(this.state);
      const wanted = scheduleIdsOf(this.config);
      await assertSchedules(this.client, wanted);
      return `${wanted.length} there`;
    }),
  ];

  async stop(): Promise<void> {
    this.stopping = true;
    this.stopNow();
    for (const worker of this.workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    await Promise.all(this.running);
    await this.connections?.plain.close();
    await this.connections?.native.close();
    await this.startingOpen;
  }

  private async connect(): Promise<void> {
    const { temporal } = this.config;
    const problem = `Temporal cannot be reached at ${temporal.address}`;
    const connect = async (): Promise<void> => {
      const plain = await connectClient(temporal);
      const native = await connectWorker(temporal).catch(async (error: unknown) => {
        await plain.close();
        throw error;
      });
      this.connections = { plain, native };
      const dataConverter = createDataConverter({ keys: temporal.payloadKeys });
      this.client = new Client({ connection: plain, namespace: temporal.namespace, dataConverter });
    };
    await this.untilItWorks(() => problem, connect);
  }

  private get pollsMain(): boolean {
    return this.queues.some(({ kind }) => kind === 'main');
  }

  /**
   * Waits until we may work in the namespace. The schedules need the namespace and the search attributes: when they go through, everything
   * is there. A daemon of other queues leaves them to the one that polls the main queue, but does not work beside another installation
   * either.
   */
  private async admit(): Promise<void> {
    const { namespace } = this.config.temporal;
    const problem = (error: unknown): string =>
      error instanceof ForeignSchedulesError
        ? error.message
        : `Temporal is not ready for us in namespace "${namespace}": run \`tieback provision\``;
    await this.untilItWorks(problem, async () => {
      if (!this.client) return;
      const { config, installation } = this;
      if (this.pollsMain) await reconcileIntake(this.client, config, { installation });
      else await assertOwnIntake(this.client, config, installation);
      this.admitted = true;
    });
  }

  /** Tries with growing pauses, up to 30 s, and says in health and log what is missing. */
  private async untilItWorks(
    problemOf: (error: unknown) => string,
    work: () => Promise<void>,
  ): Promise<void> {
    for (let attempt = 0; !this.stopping; attempt += 1) {
      try {
        return await work();
      } catch (error) {
        const waitMs = Math.min(500 * 2 ** attempt, 30_000);
        const problem = problemOf(error);
        this.state = problem;
        const reason = reasonOf(error);
        this.logger.warn(problem, { waitMs, ...(reason === problem ? {} : { reason }) });
        await Promise.race([delay(waitMs), this.stopped]);
      }
    }
  }

  /** `announcedAt`: when the webhook that announced it says that it was. */
  private async start(ref: RequestRef, announcedAt: string | null): Promise<void> {
    const connection = this.parts.connections.get(ref.connectionId);
    // In a namespace of another installation nothing is started.
    if (!this.client || !this.admitted || !connection) return;
    const { store } = this.parts;
    const row = this.calls(connection)
      ? await fetchBeforeStart({ store, now: this.now }, connection, ref, announcedAt)
      : await store.read('request', (t) => t.requests.get(ref));
    if (isFinal(row.status)) return;
    await startRequest(this.client, this.config.temporal.taskQueue, startInput(connection, row));
  }

  /** The calls of an app share one limiter in each process: only a process that makes them anyway calls outside its workers. */
  private calls({ procoreQueue }: ConnectionParts): boolean {
    return this.queues.some(({ name }) => name === procoreQueue);
  }

  /**
   * After a restart, or when the Temporal server was emptied: every request that is not closed has a workflow again. What Procore shows as
   * closed meanwhile is known before: its workflow closes it instead of asking. Those that the server lists as running are left alone; nobody waits
   * for it, because there may be thousands.
   */
  private async startOpenRequests(client: Client): Promise<void> {
    const { store, connections } = this.parts;
    const { taskQueue } = this.config.temporal;
    const workflows = requestWorkflows(client, taskQueue);
    try {
      for (const connection of connections.values()) {
        const { id } = connection;
        const ended = this.calls(connection) ? await this.lookFirst(connection) : 0;
        const missing = new Set(await store.read('open', (t) => t.requests.openIds(id)));
        if (missing.size > 0) for await (const running of workflows.running(id)) missing.delete(running.id);
        await store.transaction('open.missing', id, (t) => t.requests.forgetStarted(id, [...missing]));
        const pace = { limitMs: STARTING_MS, most: Infinity, pause: (ms: number) => delay(ms) };
        const start = (input: SyncRequestInput): Promise<void> => startRequest(client, taskQueue, input);
        for (let started = 1; started > 0 && !this.stopping;)
          started = await startUnstarted({ store, startRequest: start }, connection, pace);
        // Those that still run rest on what is over: a round of intake brings them together, now and not at its next time.
        if (ended > 0) await this.poll(id);
      }
    } catch (error) {
      if (this.stopping) return;
      this.logger.warn('Open requests could not be started at once; the next intake round starts them', {
        error,
      });
    }
  }

  private async poll(connectionId: string): Promise<void> {
    try {
      await this.client?.schedule.getHandle(intakeIdOf(connectionId)).trigger();
    } catch (error) {
      this.logger.warn('Intake could not be triggered; its schedule comes to it', {
        reason: reasonOf(error),
      });
    }
  }

  private get people(): ActivityDeps['people'] {
    return { keys: this.keys, breakGlass: this.config.people.breakGlass };
  }

  /** Procore may be away, and the start does not wait for it: the rounds of intake look in their turn. */
  private async lookFirst(connection: ConnectionParts): Promise<number> {
    const look = lookAtOpen({ store: this.parts.store, people: this.people, now: this.now }, connection);
    const given = Promise.race([look, delay(LONGEST_LOOK_MS, 0, { ref: false })]);
    return given.catch((error: unknown) => {
      const reason = reasonOf(error);
      this.logger.warn('Procore could not be asked which open requests it shows as closed', { reason });
      return 0;
    });
  }
}

/** The innermost message: the SDK wraps what the server said. */
const reasonOf = (error: unknown): string => {
  const { cause, message } = error as Error;
  return cause instanceof Error ? reasonOf(cause) : message;
};
