/** Several daemons of one installation, each with some of its queues. */
import { Client } from '@temporalio/client';
import type { Daemon, DaemonOptions } from '../../../src/daemon';
import { startDaemon } from '../../../src/daemon';
import { intakeIdOf } from '../../../src/domain/request/id';
import type { HealthItem } from '../../../src/http/health';
import { silentLogger } from '../../../src/telemetry/logger';
import { queuesOf } from '../../../src/temporal/task-queues';
import { newNamespace, testTemporal, type TestTemporal } from '../../support/temporal';
import { vendorFields, World } from '../../support/world';

let temporal: TestTemporal;
let world: World;
const daemons: Daemon[] = [];

beforeAll(async () => {
  const shared = await testTemporal();
  // Of its own: the other tests are one installation, and each of their daemons deletes schedules that it does not know.
  const namespace = await newNamespace(shared);
  temporal = { ...shared, namespace, client: new Client({ connection: shared.connection, namespace }) };
}, 300_000);
afterAll(() => temporal.close());

beforeEach(async () => {
  world = await World.create(temporal);
  await world.daemon.stop();
});
afterEach(async () => {
  for (const daemon of daemons.splice(0)) await daemon.stop();
  await world.close({ isStopped: true });
});

const erpQueue = (): string => `erp-${world.connectionId}`;
const otherQueues = (): string[] =>
  queuesOf(world.config)
    .map(({ name }) => name)
    .filter((name) => name !== erpQueue());

async function start(queues: readonly string[], more: DaemonOptions = {}): Promise<Daemon> {
  const shutdown = { graceMs: 2000, forceMs: 4000 };
  const options = { bundle: temporal.bundle, shutdown, ...more, queues };
  const daemon = await startDaemon(world.config, silentLogger, options);
  daemons.push(daemon);
  await daemon.working;
  return daemon;
}

/** The sample vendor, sent to the ERP in Procore; a rule approves it. */
function exportVendor(): number {
  const [vendor] = world.procore.seedVendors([vendorFields()]);
  return world.procore.exportVendor(vendor?.id ?? 0, { code: '10442', customFields: {} }).requestId;
}

async function check(daemon: Daemon, path: string, name: string): Promise<HealthItem | undefined> {
  const answer = await fetch(`${daemon.url}${path}`);
  expect(answer.status).toBe(200);
  const { checks } = (await answer.json()) as { checks: HealthItem[] };
  return checks.find((item) => item.name === name);
}

test('what is for the ERP waits for the daemon that polls its queue; both say what they poll', async () => {
  const main = await start(otherQueues());
  const requestId = exportVendor();
  await world.poll();
  const waiting = async (): Promise<string | undefined> => {
    const description = await temporal.client.workflow.getHandle(world.workflowId(requestId)).describe();
    return description.raw.pendingActivities?.[0]?.activityType?.name ?? undefined;
  };
  while ((await waiting()) !== 'readErp') await new Promise((resolve) => setTimeout(resolve, 20));
  expect(world.erp.vendors()).toEqual([]);

  const erp = await start([erpQueue()]);
  await world.until(requestId, 'applied');
  expect(world.erp.vendors()).toHaveLength(1);

  expect(main.queues).toEqual(otherQueues());
  expect(await check(main, '/health', 'queues')).toMatchObject({ detail: otherQueues().join(', ') });
  expect(await check(erp, '/ready', 'queues')).toMatchObject({ detail: erpQueue() });
  expect(await check(erp, '/health', 'workers')).toMatchObject({ detail: `${erpQueue()} RUNNING` });
});

test('the daemon of one ERP takes webhooks too', async () => {
  const erp = await start([erpQueue()]);
  const requestId = exportVendor();
  const event = {
    ulid: `event ${requestId}`,
    resource_name: 'ERP Requests',
    event_type: 'create',
    resource_id: requestId,
    company_id: world.config.connections[0]?.companyId,
  };
  const answer = await fetch(`${erp.url}/webhooks/${world.connectionId}`, {
    method: 'POST',
    headers: { authorization: 'Bearer hook-secret-1' },
    body: JSON.stringify(event),
  });
  expect(answer.status).toBe(204);
  // Started at once, and worked on as soon as somebody polls the main queue.
  const handle = temporal.client.workflow.getHandle(world.workflowId(requestId));
  const status = (): Promise<string | null> =>
    handle.describe().then(
      ({ status: { name } }) => name,
      () => null,
    );
  while ((await status()) !== 'RUNNING') await new Promise((resolve) => setTimeout(resolve, 20));
  await start(otherQueues());
  await world.until(requestId, 'applied');
});

test('only a daemon that polls the main queue makes schedules and starts open requests', async () => {
  const schedule = temporal.client.schedule.getHandle(intakeIdOf(world.connectionId));
  const main = await start(otherQueues());
  const requestId = exportVendor();
  await world.poll();
  await main.stop();
  daemons.splice(0);
  // As after a Temporal server that was emptied.
  const workflow = temporal.client.workflow.getHandle(world.workflowId(requestId));
  await workflow.terminate('emptied');
  await schedule.delete();

  const erp = await start([erpQueue()]);
  await expect(schedule.describe()).rejects.toThrow('not found');
  expect((await workflow.describe()).status.name).toBe('TERMINATED');

  await start(otherQueues());
  await schedule.describe();
  await world.until(requestId, 'applied');
  expect(await check(erp, '/ready', 'temporal')).toMatchObject({ ok: true });
});

test('a queue that is not there is refused before anything is opened', async () => {
  await expect(start(['erp-nowhere'])).rejects.toThrow(
    `There is no task queue "erp-nowhere". Task queues of this configuration: ${queuesOf(world.config)
      .map(({ name }) => name)
      .join(', ')}.`,
  );
});
