/** Steps on our store are local activities; what the server and the SDK's core make of one that fails. */
import { temporal as proto } from '@temporalio/proto';
import type { TestTemporal } from '../../support/temporal';
import { testTemporal } from '../../support/temporal';
import { vendorFields, World } from '../../support/world';

let temporal: TestTemporal;
let world: World;

beforeAll(async () => {
  temporal = await testTemporal();
});
afterAll(() => temporal.close());
afterEach(() => world.close());

/** A vendor that a rule lets through, while one step on our store fails so often. */
async function exportWhile(step: string, error: Error, times: number): Promise<number> {
  let left = times;
  const store = async <T>(name: string, call: () => Promise<T>): Promise<T> => {
    if (name === `store.${step}` && left > 0) {
      left -= 1;
      throw error;
    }
    return call();
  };
  world = await World.create(temporal, { hooks: { store } });
  const [vendor] = world.procore.seedVendors([vendorFields()]);
  const { requestId } = world.procore.exportVendor(vendor?.id ?? 0, { code: '10442' });
  await world.poll();
  expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
  expect(left).toBe(0);
  return requestId;
}

const { EventType } = proto.api.enums.v1;

/** How often the workflow waited before it tried a step again. */
async function timers(requestId: number): Promise<number> {
  const { events } = await world.client.workflow.getHandle(world.workflowId(requestId)).fetchHistory();
  return (events ?? []).filter(({ eventType }) => eventType === EventType.EVENT_TYPE_TIMER_STARTED).length;
}

test('a locked store is waited for inside the step: the workflow hears nothing of it', async () => {
  const busy = Object.assign(new Error('database is locked'), { code: 'SQLITE_BUSY' });
  expect(await timers(await exportWhile('export.plan', busy, 3))).toBe(0);
});

test('a step that fails is tried again after a timer of the workflow, as a step of its own: no attempt inherits the time-out of another', async () => {
  expect(await timers(await exportWhile('export.plan', new Error('a fault'), 2))).toBe(2);
});
