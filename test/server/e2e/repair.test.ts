/** Our store and the workflows may know different things after crashes and restores: the next intake round brings them together. */
import { join } from 'node:path';
import { openSqlite } from '../../../src/sqlite';
import type { TestTemporal } from '../../support/temporal';
import { testTemporal } from '../../support/temporal';
import { vendorFields, World } from '../../support/world';

let temporal: TestTemporal;
let world: World;

beforeAll(async () => {
  temporal = await testTemporal();
});
afterAll(() => temporal.close());
beforeEach(async () => {
  world = await World.create(temporal);
});
afterEach(() => world.close());

async function waiting(): Promise<number> {
  const [vendor] = world.procore.seedVendors([vendorFields({ prequalified: false })]);
  const { requestId } = world.procore.exportVendor(vendor?.id ?? 0, {
    code: '10442',
    customFields: { vendor_type_origin_id: '1|SUB' },
  });
  await world.poll();
  await world.until(requestId, 'waiting_for_finance');
  return requestId;
}

const workflow = (requestId: number) => world.client.workflow.getHandle(world.workflowId(requestId));
const reasons = async (requestId: number): Promise<unknown[]> =>
  (await world.trail(requestId))
    .filter(({ action }) => action === 'request.restarted')
    .map(({ detail }) => detail['reason']);

test.each([
  ['terminated', (requestId: number) => workflow(requestId).terminate('by mistake')],
  ['cancelled', (requestId: number) => workflow(requestId).cancel()],
])('a workflow that somebody %s in the Web UI is started again', async (how, end) => {
  const requestId = await waiting();
  await end(requestId);
  await workflow(requestId)
    .result()
    .catch(() => undefined);
  await world.poll();
  expect(await reasons(requestId)).toEqual([
    expect.stringMatching(new RegExp(`"waiting_for_finance", but its workflow was ${how}`)),
  ]);
  await world.until(requestId, 'waiting_for_finance');
  while ((await workflow(requestId).query<{ planHash: unknown }>('state')).planHash === null)
    await new Promise((resolve) => setTimeout(resolve, 20));
  await world.approve(requestId);
  expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
});

test('a decision that was recorded while its workflow never heard of it is carried out', async () => {
  const requestId = await waiting();
  // What a crash of daemon and Temporal leaves behind: our transaction is there, the history has no trace of it.
  const plan = await world.read((t) => t.plans.latest({ ...world.ref(requestId), page: 0 }));
  const row = await world.request(requestId);
  await world.store((store) =>
    store.transaction('crash', async (t) => {
      const at = new Date().toISOString();
      await t.requests.setStatus(row, 'applying', null, at);
      await t.audit.append(world.connectionId, [
        {
          at,
          actor: 'maria@acme.example',
          action: 'approval.granted',
          subject: row.id,
          requestId: row.id,
          planHash: plan?.hash ?? null,
          workflowId: row.workflowId,
          detail: { comment: '', channel: 'cli' },
        },
      ]);
    }),
  );
  await world.poll();
  expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
  expect(await reasons(requestId)).toEqual([
    'The request is "applying", but its workflow rests at "waiting_for_finance".',
  ]);
  expect(world.erp.vendors()).toHaveLength(1);
});

test('a request that a restored store calls new is worked again', async () => {
  const requestId = await waiting();
  const db = openSqlite(join(world.folder, 'tieback.db'));
  db.prepare(`UPDATE sync_request SET status = 'received' WHERE id = ?`).run(`erp/${requestId}`);
  db.close();
  await world.poll();
  await world.until(requestId, 'waiting_for_finance');
  expect(await reasons(requestId)).toHaveLength(1);
});

test('a request that is closed here is not asked about any more', async () => {
  const requestId = await waiting();
  const db = openSqlite(join(world.folder, 'tieback.db'));
  db.prepare(`UPDATE sync_request SET status = 'failed', reason = 'closed' WHERE id = ?`).run(
    `erp/${requestId}`,
  );
  db.close();
  await world.poll();
  expect(await world.result(requestId)).toMatchObject({ status: 'failed' });
});

test('what agrees is left alone', async () => {
  const requestId = await waiting();
  const { runId } = (await workflow(requestId).describe()) as { runId: string };
  await world.poll();
  await world.poll();
  expect((await workflow(requestId).describe()).runId).toBe(runId);
  expect(await reasons(requestId)).toEqual([]);
});

test('a clock that is wrong when a request arrives closes nothing', async () => {
  await world.close();
  world = await World.create(temporal, { policy: { openDetailHours: 24 } });
  world.skipMinutes(-30 * 60);
  const requestId = await waiting();
  world.skipMinutes(30 * 60);
  await world.poll();
  expect(await world.request(requestId)).toMatchObject({ status: 'waiting_for_finance' });
  await world.approve(requestId);
  expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
});
