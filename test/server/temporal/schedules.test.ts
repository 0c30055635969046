import { ScheduleOverlapPolicy } from '@temporalio/client';
import { reconcileSchedules, type ScheduleSpec } from '../../../src/temporal/schedules';
import { TiebackConnection, TiebackRequestId } from '../../../src/temporal/search-attributes';
import { testTemporal, uniqueName, type TestTemporal } from '../../support/temporal';

const HOUR = 3_600_000;
let temporal: TestTemporal;
beforeAll(async () => {
  temporal = await testTemporal();
});
afterAll(() => temporal.close());

function spec(id: string, changes: Partial<ScheduleSpec> = {}): ScheduleSpec {
  return {
    id,
    everyMs: HOUR,
    workflowType: 'pollRequests',
    workflowId: `run/${id}`,
    taskQueue: uniqueNameOnce,
    args: [{ connection: 'acme', limits: { pages: 3, entities: ['vendor', 'job'] } }],
    summary: 'Polls the ERP requests of ACME',
    details: 'Connection **acme**',
    searchAttributes: [
      { key: TiebackConnection, value: 'acme' },
      { key: TiebackRequestId, value: 7 },
    ],
    ...changes,
  };
}
const uniqueNameOnce = uniqueName('queue');

/** Lists lag behind: waits until the server shows as many schedules with the prefix. */
async function untilListed(prefix: string, count: number): Promise<void> {
  for (;;) {
    let found = 0;
    for await (const { scheduleId } of temporal.client.schedule.list()) {
      if (scheduleId.startsWith(prefix)) found += 1;
    }
    if (found === count) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('schedules are created, left alone, updated and deleted as wanted', async () => {
  const prefix = `${uniqueName('sync')}/`;
  const [a, b] = [`${prefix}a`, `${prefix}b`];
  const reconcile = (...wanted: ScheduleSpec[]) => reconcileSchedules(temporal.client, prefix, wanted);

  expect(await reconcile(spec(a), spec(b))).toEqual({
    created: [a, b],
    updated: [],
    deleted: [],
    unchanged: [],
  });
  await untilListed(prefix, 2);
  const described = await temporal.client.schedule.getHandle(a).describe();
  expect(described.policies).toEqual({
    overlap: ScheduleOverlapPolicy.SKIP,
    catchupWindow: HOUR,
    pauseOnFailure: false,
  });
  expect(described.spec).toMatchObject({ intervals: [{ every: HOUR }], jitter: 60_000 });

  expect(await reconcile(spec(a), spec(b))).toEqual({
    created: [],
    updated: [],
    deleted: [],
    unchanged: [a, b],
  });
  const untouched = await temporal.client.schedule.getHandle(a).describe();
  expect(untouched.info.lastUpdatedAt).toEqual(described.info.lastUpdatedAt);

  const changed = await reconcile(spec(a), spec(b, { everyMs: 2 * HOUR }));
  expect(changed).toEqual({ created: [], updated: [b], deleted: [], unchanged: [a] });
  expect((await temporal.client.schedule.getHandle(b).describe()).policies.catchupWindow).toBe(2 * HOUR);

  expect(await reconcile(spec(a))).toEqual({ created: [], updated: [], deleted: [b], unchanged: [a] });
  await untilListed(prefix, 1);
  expect(await reconcile()).toMatchObject({ deleted: [a] });
});

test.each<[string, Partial<ScheduleSpec>]>([
  ['the arguments', { args: [{ connection: 'acme', limits: { pages: 4 } }] }],
  ['the summary', { summary: 'Polls the ERP requests of ACME Inc.' }],
  ['the jitter', { jitterMs: 1000 }],
  ['the task queue', { taskQueue: 'another' }],
  ['a search attribute', { searchAttributes: [{ key: TiebackConnection, value: 'other' }] }],
])('a change of %s is seen', async (_what, change) => {
  const prefix = `${uniqueName('sync')}/`;
  const id = `${prefix}a`;
  await reconcileSchedules(temporal.client, prefix, [spec(id)]);
  expect(await reconcileSchedules(temporal.client, prefix, [spec(id, change)])).toMatchObject({
    updated: [id],
  });
  expect(await reconcileSchedules(temporal.client, prefix, [spec(id, change)])).toMatchObject({
    unchanged: [id],
  });
  await temporal.client.schedule.getHandle(id).delete();
});

test('what somebody changed by hand is put right, but a pause stays', async () => {
  const prefix = `${uniqueName('sync')}/`;
  const id = `${prefix}a`;
  await reconcileSchedules(temporal.client, prefix, [spec(id)]);
  const handle = temporal.client.schedule.getHandle(id);
  await handle.pause('year end');
  await handle.update((current) => ({
    ...current,
    policies: { ...current.policies, overlap: ScheduleOverlapPolicy.ALLOW_ALL },
  }));

  expect(await reconcileSchedules(temporal.client, prefix, [spec(id)])).toMatchObject({ updated: [id] });
  const described = await handle.describe();
  expect(described.policies.overlap).toBe(ScheduleOverlapPolicy.SKIP);
  expect(described.state).toMatchObject({ paused: true, note: 'year end' });
  await handle.delete();
});

test('schedules of others are safe', async () => {
  await expect(reconcileSchedules(temporal.client, '', [])).rejects.toThrow('empty prefix');
  await expect(reconcileSchedules(temporal.client, 'sync/', [spec('other/a')])).rejects.toThrow(
    'does not start',
  );
});
