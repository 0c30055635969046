import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import type { Connection } from '@temporalio/client';
import type { NativeConnection, Worker } from '@temporalio/worker';
import { isFinal } from './domain/request/status';
import { createActivities, startInput } from './activities';
import type { Config } from './config/load';
import type { Hooks, Parts } from './composition';
import { buildParts } from './composition';
import type { HealthItem } from './http/health';
import { storeWebhook } from './http/receive-webhook';
import type { HttpServer } from './http/server';
import { startHttp } from './http/server';
import { reconcileIntake, registerConnections } from './provision';
import type { Logger } from './telemetry/logger';
import { workflowBundle } from './temporal/bundle';
import { connectClient, connectWorker } from './temporal/connection';

import { createDataConverter } from './temporal/payload-codec';
import { installRuntime } from './temporal/runtime';
import { startErpRequest } from './temporal/starter';
import { createWorkers } from './temporal/workers';

/** A running daemon. */
export interface Daemon {
  /** Address of its HTTP door. */
  readonly url: string;
  /** Resolves when the workers run; health is served long before. */
  readonly working: Promise<void>;
  /** Rejects when a worker dies for good; the process should end then, so that its supervisor starts it again. */
  readonly failed: Promise<never>;
  /** Finishes what is in hand and closes everything in reverse order. */
  stop(): Promise<void>;
}

export interface DaemonOptions {
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
 */
export async function startDaemon(
  config: Config,
  logger: Logger,
  options: DaemonOptions = {},
): Promise<Daemon> {
  const now = options.now ?? ((): string => new Date().toISOString());
  installRuntime(logger);
  const parts = await buildParts(config, logger, options.hooks);
  await registerConnections(parts, config, now());
  const engine = new Engine(config, parts, logger, now, options);
  const http = await startHttp(config.http, {
    logger,
    webhooks: {
      authorizations: (id) =>
        config.connections.find((connection) => connection.id === id)?.webhook?.authorizations ?? null,
      receive: async (webhook) => {
        const connection = config.connections.find(({ id }) => id === webhook.connectionId);
        if (!connection) return;
        const requestId = await storeWebhook(parts.store, connection, webhook, now());
        if (requestId !== null) engine.startSoon(connection.id, requestId);
      },
    },
    health: { live: () => engine.live(), ready: () => engine.ready() },
  });
  logger.info('HTTP is up', { url: http.url });
  const working = engine.run();
  return {
    url: http.url,
    working,
    failed: engine.failed,
    stop: () => stopAll(http, engine, parts, logger),
  };
}

async function stopAll(http: HttpServer, engine: Engine, parts: Parts, logger: Logger): Promise<void> {
  logger.info('Stopping: finishing what is in hand');
  await http.close();
  await engine.stop();
  await parts.close();
  logger.info('Stopped');
}

/** The Temporal side of the daemon: connects when it can, runs the workers, starts what is waiting. */
class Engine {
  readonly failed: Promise<never>;
  private fail!: (error: Error) => void;
  private client: Client | null = null;
  private connections: { plain: Connection; native: NativeConnection } | null = null;
  private workers: Worker[] = [];
  private running: Promise<void>[] = [];
  private stopping = false;
  private stopNow!: () => void;
  private readonly stopped = new Promise<void>((resolve) => {
    this.stopNow = resolve;
  });
  private state = 'connecting to Temporal';

  constructor(
    private readonly config: Config,
    private readonly parts: Parts,
    private readonly logger: Logger,
    private readonly now: () => string,
    private readonly options: DaemonOptions,
  ) {
    this.failed = new Promise((_resolve, reject) => {
      this.fail = reject;
    });
    // Whoever waits for it hears of it; nobody has to.
    this.failed.catch(() => undefined);
  }

  async run(): Promise<void> {
    await this.connect();
    await this.provisioned();
    if (!this.connections || !this.client || this.stopping) return;
    const { temporal, apps, connections } = this.config;
    const client = this.client;
    const activities = createActivities({
      store: this.parts.store,
      connections: this.parts.connections,
      now: this.now,
      startRequest: (input) => startErpRequest(client, temporal.taskQueue, input),
    });
    this.workers = await createWorkers(
      {
        connection: this.connections.native,
        namespace: temporal.namespace,
        dataConverter: createDataConverter({ keys: temporal.payloadKeys }),
        workflowBundle:
          this.options.bundle ?? (await workflowBundle({ encodeFailures: temporal.payloadKeys.length > 0 })),
        mainQueue: temporal.taskQueue,
        apps: apps.map((app) => ({ queue: `procore-${app.name}`, slots: app.concurrency })),
        erps: connections.map(({ id, erpSlots }) => ({ queue: `erp-${id}`, slots: erpSlots })),
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
    await this.startOpenRequests();
    this.state = 'working';
    this.logger.info('Workers run', { connections: connections.map(({ id }) => id) });
  }

  /** Starts the workflow of a request that was just stored; if that fails, the intake schedule does it. */
  startSoon(connectionId: string, requestId: number): void {
    void this.start(connectionId, requestId).catch((error: unknown) =>
      this.logger.warn('The workflow could not be started at once; the next intake round starts it', {
        requestId,
        error,
      }),
    );
  }

  live(): HealthItem[] {
    const states = this.workers.map((worker) => worker.getState());
    const stuck = states.filter((state) => state === 'FAILED' || (state === 'STOPPED' && !this.stopping));
    return [
      { name: 'http', ok: true, detail: 'answering' },
      {
        name: 'workers',
        ok: stuck.length === 0,
        detail: states.length === 0 ? this.state : states.join(', '),
      },
    ];
  }

  async ready(): Promise<HealthItem[]> {
    const store = await check('store', async () => {
      const rows = await this.parts.store.read('health', (t) => t.connections.all());
      return `${rows.length} connection${rows.length === 1 ? '' : 's'}`;
    });
    const temporal = await check('temporal', async () => {
      if (!this.connections) throw new Error(this.state);
      await this.connections.plain.workflowService.getSystemInfo({});
      return this.state;
    });
    return [...this.live(), store, temporal];
  }

  async stop(): Promise<void> {
    this.stopping = true;
    this.stopNow();
    for (const worker of this.workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    await Promise.all(this.running);
    await this.connections?.plain.close();
    await this.connections?.native.close();
  }

  private async connect(): Promise<void> {
    const { temporal } = this.config;
    await this.untilItWorks(`Temporal cannot be reached at ${temporal.address}`, async () => {
      const plain = await connectClient(temporal);
      const native = await connectWorker(temporal);
      this.connections = { plain, native };
      const dataConverter = createDataConverter({ keys: temporal.payloadKeys });
      this.client = new Client({ connection: plain, namespace: temporal.namespace, dataConverter });
    });
  }

  /** The schedules need the namespace and the search attributes: when they go through, everything is there. */
  private async provisioned(): Promise<void> {
    const { namespace } = this.config.temporal;
    const problem = `Temporal is not ready for us in namespace "${namespace}": run \`tieback provision\``;
    await this.untilItWorks(problem, async () => {
      if (this.client) await reconcileIntake(this.client, this.config);
    });
  }

  /** Tries with growing pauses, up to 30 s, and says in health and log what is missing. */
  private async untilItWorks(problem: string, work: () => Promise<void>): Promise<void> {
    for (let attempt = 0; !this.stopping; attempt += 1) {
      try {
        return await work();
      } catch (error) {
        const waitMs = Math.min(500 * 2 ** attempt, 30_000);
        this.state = problem;
        this.logger.warn(problem, { waitMs, reason: reasonOf(error) });
        await Promise.race([delay(waitMs), this.stopped]);
      }
    }
  }

  private async start(connectionId: string, requestId: number): Promise<void> {
    const parts = this.parts.connections.get(connectionId);
    if (!this.client || !parts) return;
    const row = await this.parts.store.read('request', (t) => t.requests.get(connectionId, requestId));
    if (isFinal(row.status)) return;
    await startErpRequest(this.client, this.config.temporal.taskQueue, startInput(parts, row));
    await this.parts.store.transaction('intake.started', (t) => t.requests.update(row, { started: true }));
  }

  /** After a restart, or when the Temporal server was emptied: every request that is not closed has a workflow again. */
  private async startOpenRequests(): Promise<void> {
    for (const id of this.parts.connections.keys()) {
      const open = await this.parts.store.read('open', (t) => t.requests.open(id));
      for (const { requestId } of open) await this.start(id, requestId);
    }
  }
}

/** The innermost message: the SDK wraps what the server said. */
const reasonOf = (error: unknown): string => {
  const { cause, message } = error as Error;
  return cause instanceof Error ? reasonOf(cause) : message;
};

async function check(name: string, ask: () => Promise<string>): Promise<HealthItem> {
  try {
    return { name, ok: true, detail: await ask() };
  } catch (error) {
    return { name, ok: false, detail: (error as Error).message };
  }
}
