import { Writable } from 'node:stream';
import { Runtime, Worker } from '@temporalio/worker';
import { createLogger } from '../../../src/telemetry/logger';
import { buildWorkflowBundle } from '../../../src/temporal/bundle';
import { installRuntime } from '../../../src/temporal/sdk-runtime';
import { testTemporal, uniqueName, type TestTemporal } from '../../support/temporal';

const lines: string[] = [];
const destination = new Writable({
  write(chunk: Buffer, _encoding, done) {
    lines.push(...chunk.toString().trimEnd().split('\n'));
    done();
  },
});
const logger = createLogger({ level: 'debug', format: 'json', destination });
const events = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);

let temporal: TestTemporal;
beforeAll(async () => {
  temporal = await testTemporal({ logger });
});
afterAll(() => temporal.close());

test('the runtime is installed once, however often it is asked for', () => {
  expect(installRuntime(logger)).toBe(Runtime.instance());
  expect(installRuntime(logger)).toBe(installRuntime(logger));
  expect(Runtime.instance().options.shutdownSignals).toEqual([]);
});

test('what workflows log arrives in our log, with their id as label and the time it happened', async () => {
  const taskQueue = uniqueName('runtime');
  const workflowId = uniqueName('greet');
  const worker = await Worker.create({
    connection: temporal.nativeConnection,
    namespace: temporal.namespace,
    taskQueue,
    workflowBundle: await buildWorkflowBundle({
      workflowsPath: require.resolve('../../support/sample-workflows'),
      outDir: '.cache/test-bundles',
    }),
  });
  await worker.runUntil(temporal.client.workflow.execute('greet', { taskQueue, workflowId, args: ['Ada'] }));
  Runtime.instance().flushLogs();

  const greeting = events().find(({ message }) => message === 'greeting');
  expect(greeting).toMatchObject({
    level: 'info',
    label: workflowId,
    workflowId,
    name: 'Ada',
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
  });
  expect(greeting).not.toHaveProperty('timestamp_');
});

test('levels are mapped, TRACE to debug', () => {
  const log = Runtime.instance().logger;
  for (const level of ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR'] as const) log.log(level, `at ${level}`);
  Runtime.instance().flushLogs();
  const levels = events().filter(({ message }) => String(message).startsWith('at '));
  expect(levels.map(({ level }) => level)).toEqual(['debug', 'debug', 'warn', 'error']);
});
