import { Client, ScheduleOverlapPolicy } from '@temporalio/client';
import {
  assertOwnSchedules,
  ForeignSchedulesError,
  reconcileSchedules,
  type ScheduleOwner,
  type ScheduleSpec,
} from '../../../src/temporal/schedules';
import { TiebackConnection, TiebackRequest } from '../../../src/temporal/search-attributes';
import { createDataConverter } from '../../../src/temporal/payload-codec';
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
      { key: TiebackRequest, value: 'erp/7' },
    ],
    ...changes,
  };
}
const uniqueNameOnce = uniqueName('queue');

const ours = (prefix: string): ScheduleOwner => ({ prefixes: [prefix], installation: 'ours' });
const theirs = (prefix: string): ScheduleOwner => ({ prefixes: [prefix], installation: 'theirs' });

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
  const reconcile = (...wanted: ScheduleSpec[]) => reconcileSchedules(temporal.client, ours(prefix), wanted);

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
  ['the time of the day', { dailyAt: { hour: 3, minute: 30, timeZone: 'America/Los_Angeles' } }],
  ['the task queue', { taskQueue: 'another' }],
  ['a search attribute', { searchAttributes: [{ key: TiebackConnection, value: 'other' }] }],
])('a change of %s is seen', async (_what, change) => {
  const prefix = `${uniqueName('sync')}/`;
  const id = `${prefix}a`;
  await reconcileSchedules(temporal.client, ours(prefix), [spec(id)]);
  expect(await reconcileSchedules(temporal.client, ours(prefix), [spec(id, change)])).toMatchObject({
    updated: [id],
  });
  expect(await reconcileSchedules(temporal.client, ours(prefix), [spec(id, change)])).toMatchObject({
    unchanged: [id],
  });
  await temporal.client.schedule.getHandle(id).delete();
});

test('a time of the day is that of its time zone, in summer and in winter, and another zone is another time', async () => {
  const prefix = `${uniqueName('sync')}/`;
  const id = `${prefix}a`;
  const daily = (timeZone: string): ScheduleSpec =>
    spec(id, { everyMs: 24 * HOUR, jitterMs: 0, dailyAt: { hour: 3, minute: 30, timeZone } });
  await reconcileSchedules(temporal.client, ours(prefix), [daily('America/Los_Angeles')]);
  const handle = temporal.client.schedule.getHandle(id);
  const clock = new Intl.DateTimeFormat('sv-SE', { timeZone: 'America/Los_Angeles', timeStyle: 'short' });
  const { info } = await handle.describe();
  expect(new Set(info.nextActionTimes.map((at) => clock.format(at)))).toEqual(new Set(['03:30']));
  expect(await reconcileSchedules(temporal.client, ours(prefix), [daily('Europe/Berlin')])).toMatchObject({
    updated: [id],
  });
  await handle.delete();
});

test('what somebody changed by hand is put right, but a pause stays', async () => {
  const prefix = `${uniqueName('sync')}/`;
  const id = `${prefix}a`;
  await reconcileSchedules(temporal.client, ours(prefix), [spec(id)]);
  const handle = temporal.client.schedule.getHandle(id);
  await handle.pause('year end');
  await handle.update((current) => ({
    ...current,
    policies: { ...current.policies, overlap: ScheduleOverlapPolicy.ALLOW_ALL },
  }));

  expect(await reconcileSchedules(temporal.client, ours(prefix), [spec(id)])).toMatchObject({
    updated: [id],
  });
  const described = await handle.describe();
  expect(described.policies.overlap).toBe(ScheduleOverlapPolicy.SKIP);
  expect(described.state).toMatchObject({ paused: true, note: 'year end' });
  await handle.delete();
});

test('other prefixes are safe', async () => {
  await expect(reconcileSchedules(temporal.client, ours(''), [])).rejects.toThrow('empty prefix');
  await expect(reconcileSchedules(temporal.client, ours('sync/'), [spec('other/a')])).rejects.toThrow(
    'does not start',
  );
});

describe('two installations in one namespace', () => {
  let prefix: string;
  let a: string;
  let b: string;
  beforeEach(() => {
    prefix = `${uniqueName('sync')}/`;
    [a, b] = [`${prefix}a`, `${prefix}b`];
  });
  afterEach(async () => {
    for (const id of [a, b])
      await temporal.client.schedule
        .getHandle(id)
        .delete()
        .catch(() => undefined);
  });

  const reconcile = (owner: ScheduleOwner, ...wanted: ScheduleSpec[]) =>
    reconcileSchedules(temporal.client, owner, wanted);
  const summaries = async (...ids: string[]): Promise<(string | undefined)[]> => {
    const found = ids.map((id) => temporal.client.schedule.getHandle(id).describe());
    return (await Promise.all(found)).map(({ action }) => action.staticSummary);
  };

  test('the second one is told whose schedules are there and what to do, and nothing is changed', async () => {
    await reconcile(theirs(prefix), spec(a));
    await untilListed(prefix, 1);
    const attempt = reconcile(ours(prefix), spec(b));
    await expect(attempt).rejects.toThrow(ForeignSchedulesError);
    await expect(attempt).rejects.toThrow(
      `Another installation of Tieback works in the Temporal namespace "${temporal.namespace}": this one is ours, and these schedules are ` +
        `not its own: ${a} (theirs). Give each installation a namespace to itself (temporal.namespace). If the other one is gone, or this ` +
        'one takes its place, stop its daemons and run `tieback provision --take-over`.',
    );
    await expect(temporal.client.schedule.getHandle(b).describe()).rejects.toThrow('not found');
    expect(await reconcile(theirs(prefix), spec(a))).toMatchObject({ unchanged: [a] });
  });

  test('also where both call a connection the same, and the list does not show it yet', async () => {
    await reconcile(theirs(prefix), spec(a));
    const attempt = reconcile(ours(prefix), spec(a, { summary: 'Ours' }));
    await expect(attempt).rejects.toThrow(`not its own: ${a} (theirs)`);
    expect(await summaries(a)).toEqual(['Polls the ERP requests of ACME']);
  });

  test('also where the other one encrypts with a key of its own', async () => {
    const dataConverter = createDataConverter({
      keys: [{ id: 'theirs', key: Buffer.alloc(32, 7).toString('base64') }],
    });
    const { connection, namespace } = temporal;
    const client = new Client({ connection, namespace, dataConverter });
    await reconcileSchedules(client, theirs(prefix), [spec(a)]);
    await untilListed(prefix, 1);
    await expect(reconcile(ours(prefix), spec(b))).rejects.toThrow(`not its own: ${a} (theirs)`);
  });

  test("a schedule that is gone stands in nobody's way, although the list still shows it", async () => {
    await reconcile(theirs(prefix), spec(a));
    await untilListed(prefix, 1);
    await temporal.client.schedule.getHandle(a).delete();
    expect(await reconcile(ours(prefix), spec(b))).toMatchObject({ created: [b], deleted: [] });
  });

  test('whoever takes over has them all: what it wants is its own, what it does not want is gone, a pause stays', async () => {
    await reconcile(theirs(prefix), spec(a), spec(b));
    await untilListed(prefix, 2);
    await temporal.client.schedule.getHandle(a).pause('year end');
    expect(await reconcile({ ...ours(prefix), takeOver: true }, spec(a))).toEqual({
      created: [],
      updated: [a],
      deleted: [b],
      unchanged: [],
    });
    expect((await temporal.client.schedule.getHandle(a).describe()).state).toMatchObject({ paused: true });
    expect(await reconcile(ours(prefix), spec(a))).toMatchObject({ unchanged: [a] });
    await expect(reconcile(theirs(prefix), spec(a))).rejects.toThrow(`not its own: ${a} (ours)`);
  });

  test("a schedule without a mark is taken for an older version's of ours, where it is wanted", async () => {
    await temporal.client.schedule.create({
      scheduleId: a,
      spec: { intervals: [{ every: HOUR }] },
      action: { type: 'startWorkflow', workflowType: 'pollRequests', taskQueue: uniqueNameOnce },
    });
    await untilListed(prefix, 1);
    await expect(reconcile(ours(prefix), spec(b))).rejects.toThrow(`not its own: ${a} (without a mark)`);
    await assertOwnSchedules(temporal.client, ours(prefix), [a]);
    expect(await reconcile(ours(prefix), spec(a))).toMatchObject({ updated: [a] });
    await expect(assertOwnSchedules(temporal.client, theirs(prefix), [a])).rejects.toThrow(`${a} (ours)`);
  });
});
