/** What runs the workflows of a test: Temporal in the test's own process, or the real server. All that our tests know of the difference. */
import type { Client } from '@temporalio/client';
import type { Worker } from '@temporalio/worker';
import type { Activities } from '../../../src/activities';
import { createWorkers } from '../../../src/temporal/workers';
import { InProcessTemporal } from '../../support/in-process-temporal';
import type { ActivityFunctions } from '../../support/in-process-temporal/attempts';
import type { TestTemporal } from '../../support/temporal';
import { readTestRun } from '../../support/test-run';

export interface Queues {
  readonly main: string;
  readonly procore: string;
  readonly erp: string;
}

export interface Engine {
  readonly client: Client;
  /** Milliseconds since 1970; the workflows see the same time. */
  now(): number;
  start(activities: Activities, queues: Queues): Promise<void>;
  /** The process with the worker dies; `revive`: another one has started. */
  kill(): void;
  revive(): void;
  stop(): Promise<void>;
}

/** In this process: a crash costs milliseconds. What it models and what not is said in test/support/in-process-temporal. */
export class InProcessEngine implements Engine {
  private temporal: InProcessTemporal | null = null;

  get client(): Client {
    return this.running.client;
  }

  now(): number {
    return this.temporal?.now() ?? Date.now();
  }

  async start({ main, procore, erp }: Activities, queues: Queues): Promise<void> {
    const codePath = readTestRun().bundlePath ?? '';
    this.temporal = new InProcessTemporal({
      codePath,
      queues: {
        [queues.main]: main as ActivityFunctions,
        [queues.procore]: procore as ActivityFunctions,
        [queues.erp]: erp as ActivityFunctions,
      },
    });
  }

  kill(): void {
    this.running.kill();
  }

  revive(): void {
    this.running.revive();
  }

  async stop(): Promise<void> {
    await this.running.close();
  }

  private get running(): InProcessTemporal {
    if (!this.temporal) throw new Error('the engine was not started');
    return this.temporal;
  }
}

/** The real server. The worker lives on: an attempt that died has failed, and the server sends the next one. */
export class ServerEngine implements Engine {
  private workers: Worker[] = [];
  private running: Promise<void>[] = [];

  constructor(private readonly temporal: TestTemporal) {}

  get client(): Client {
    return this.temporal.client;
  }

  now(): number {
    return Date.now();
  }

  async start(activities: Activities, { main, procore, erp }: Queues): Promise<void> {
    this.workers = await createWorkers(
      {
        connection: this.temporal.nativeConnection,
        namespace: this.temporal.namespace,
        dataConverter: {},
        workflowBundle: async () => this.temporal.bundle,
        queues: [
          { kind: 'main', name: main },
          { kind: 'procore', name: procore, slots: 4 },
          { kind: 'erp', name: erp, slots: 4 },
        ],
        shutdown: { graceMs: 500, forceMs: 1000 },
      },
      activities,
    );
    this.running = this.workers.map((worker) => worker.run());
  }

  kill(): void {
    // Attempts of the dead process fail by themselves.
  }

  revive(): void {
    // Attempts wait for the new process by themselves.
  }

  async stop(): Promise<void> {
    this.workers.forEach((worker) => worker.shutdown());
    await Promise.all(this.running);
  }
}
