import type { temporal as proto } from '@temporalio/proto';
import type { TestTemporal } from '../../support/temporal';
import { testTemporal } from '../../support/temporal';
import { MARIA, vendorFields, World } from '../../support/world';

/* What people see and find in the Temporal Web UI: its list, its search, and the page of one run. */

let temporal: TestTemporal;
let world: World;

beforeAll(async () => {
  temporal = await testTemporal();
  world = await World.create(temporal);
});
afterAll(async () => {
  await world.close();
  await temporal.close();
});

const exportVendor = (fields: Record<string, unknown>, code?: string): number => {
  const [vendor] = world.procore.seedVendors([vendorFields({ prequalified: false, ...fields })]);
  if (!vendor) throw new Error('unreachable');
  return world.procore.exportVendor(vendor.id, {
    customFields: { vendor_type_origin_id: '1|SUB' },
    ...(code === undefined ? {} : { code }),
  }).requestId;
};

const handle = (requestId: number) => world.client.workflow.getHandle(world.workflowId(requestId));

/** The page of one run. */
const page = async (requestId: number): Promise<string> => {
  const { currentDetails } = await handle(requestId).query<proto.api.sdk.v1.IWorkflowMetadata>(
    '__temporal_workflow_metadata',
  );
  return currentDetails ?? '';
};

/** The ids of the runs that a search finds: visibility lags a little behind. */
async function found(query: string, expected: number): Promise<readonly string[]> {
  const mine = `TiebackConnection = '${world.connectionId}' AND ${query}`;
  let ids: string[] = [];
  for (let tries = 0; tries < 100 && ids.length < expected; tries += 1) {
    ids = [];
    for await (const { workflowId } of world.client.workflow.list({ query: mine })) ids.push(workflowId);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return ids;
}

test('a request is found by number, origin_id and name, and says who approved it', async () => {
  const requestId = exportVendor({ name: 'Juniper Paving LLC', abbreviated_name: 'JUNIPER' }, '10442');
  await world.poll();
  await world.until(requestId, 'waiting_for_finance');
  expect(await page(requestId)).toMatch(/\| Decided by \| nobody yet \|/);
  await world.approve(requestId);
  await world.result(requestId);
  const id = [world.workflowId(requestId)];
  expect(await found(`TiebackNumbers = '10442'`, 1)).toEqual(id);
  expect(await found(`TiebackNumbers = '1|10442'`, 1)).toEqual(id);
  expect(await found(`TiebackText = 'juniper'`, 1)).toEqual(id);
  expect(await page(requestId)).toMatch(new RegExp(`\\| Decided by \\| ${MARIA} \\|`));
  const { memo, staticSummary } = (await handle(requestId).describe()) as unknown as {
    memo: unknown;
    staticSummary: () => Promise<string | undefined>;
  };
  expect(memo).toEqual({ subject: expect.stringContaining('Juniper Paving LLC') as unknown });
  expect(await staticSummary()).toMatch(
    new RegExp(`^ERP request ${requestId} of ${world.connectionId}: .*Juniper Paving LLC`),
  );
});

test('a rejected request says who rejected it; its workflow is completed', async () => {
  const requestId = exportVendor({ name: 'Rejected Builders', abbreviated_name: 'REJECTED' });
  await world.poll();
  await world.until(requestId, 'waiting_for_finance');
  await world.reject(requestId, 'we do not buy there');
  await world.result(requestId);
  expect(await page(requestId)).toMatch(new RegExp(`\\| Decided by \\| ${MARIA} \\(rejected\\) \\|`));
  expect((await handle(requestId).describe()).status.name).toBe('COMPLETED');
});

test('a failed request is a failed workflow', async () => {
  const { requestId } = world.procore.emitRaw(
    { request_name: 'create_vendor', request_data: 'lost on the way' },
    { envelope: true },
  );
  await world.poll();
  expect(await world.result(requestId)).toMatchObject({ status: 'failed' });
  expect((await handle(requestId).describe()).status.name).toBe('FAILED');
});

test('however long names and numbers are, in whatever script, the run goes on and is found', async () => {
  const name = `${'漢字'.repeat(600)} Juniper`;
  const requestId = exportVendor({ name, abbreviated_name: 'LONGEST' }, '號"'.repeat(40));
  await world.poll();
  await world.until(requestId, 'parked');
  expect(await found(`TiebackStatus = 'parked'`, 1)).toEqual([world.workflowId(requestId)]);
  await world.reject(requestId, 'too long for the ERP');
  await world.result(requestId);
  expect((await handle(requestId).describe()).status.name).toBe('COMPLETED');
});
