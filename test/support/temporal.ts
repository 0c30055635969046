/** Gives a test file the run's Temporal server, with connections of its own. */
import { randomBytes } from 'node:crypto';
import { Client, type Connection } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import { silentLogger, type Logger } from '../../src/telemetry/logger';
import { connectClient, connectWorker } from '../../src/temporal/connect';
import { provisionTemporal } from '../../src/temporal/provision';
import { installRuntime } from '../../src/temporal/sdk-runtime';
import { readTestRun } from './test-run';

/** One test file's view of the shared server. */
export interface TestTemporal {
  readonly address: string;
  readonly namespace: string;
  /** Web UI with the workflows of all tests, or null when there is none. */
  readonly uiUrl: string | null;
  readonly connection: Connection;
  readonly client: Client;
  /** For `Worker.create`. */
  readonly nativeConnection: NativeConnection;
  /** The workflow bundle, made once per run. Throws while src/workflows/index.ts does not exist. */
  readonly bundle: { readonly codePath: string };
  /** Closes the connections; call it in `afterAll`, after the workers have stopped. */
  close(): Promise<void>;
}

export interface TestTemporalOptions {
  /** Receives the SDK's log. Default: nobody; failures of activities are often what a test wants. */
  logger?: Logger;
}

/**
 * Connects to the run's server.
 *
 * ```ts
 * let temporal: TestTemporal;
 * beforeAll(async () => { temporal = await testTemporal(); });
 * afterAll(() => temporal.close());
 * ```
 */
export async function testTemporal(options: TestTemporalOptions = {}): Promise<TestTemporal> {
  const run = readTestRun();
  installRuntime(options.logger ?? silentLogger);
  const connection = await connectClient(run);
  const nativeConnection = await connectWorker(run);
  return {
    address: run.address,
    namespace: run.namespace,
    uiUrl: run.uiUrl,
    connection,
    client: new Client({ connection, namespace: run.namespace }),
    nativeConnection,
    get bundle() {
      if (run.bundlePath === null)
        throw new Error('There are no workflows yet: src/workflows/index.ts is missing.');
      return { codePath: run.bundlePath };
    },
    close: async () => {
      await connection.close();
      await nativeConnection.close();
    },
  };
}

/** A provisioned namespace of a test's own, for what one installation has to itself. */
export async function newNamespace({ connection }: TestTemporal): Promise<string> {
  const namespace = uniqueName('ns');
  await provisionTemporal(connection, { namespace, retentionDays: 1 });
  return namespace;
}

/** A name nobody else uses: for task queues, workflow ids, schedule ids. All tests share one namespace. */
export const uniqueName = (what: string): string => `${what}-${randomBytes(6).toString('hex')}`;
