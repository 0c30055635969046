/** An approval of the Desk that somebody thinks better of, before anything is written. */
import type { TestTemporal } from '../../support/temporal';
import { testTemporal } from '../../support/temporal';
import { MARIA, POLICY, vendorFields, World } from '../../support/world';

let temporal: TestTemporal;
let world: World;

beforeAll(async () => {
  temporal = await testTemporal();
  world = await World.create(temporal, { policy: { ...POLICY, undoSeconds: 3600 } });
});
afterAll(async () => {
  await world.close();
  await temporal.close();
});

async function waiting(): Promise<number> {
  const [seeded] = world.procore.seedVendors([vendorFields({ prequalified: false })]);
  const customFields = { vendor_type_origin_id: '1|SUB' };
  const { requestId } = world.procore.exportVendor(seeded?.id ?? 0, { customFields });
  await world.poll();
  await world.until(requestId, 'waiting_for_finance');
  return requestId;
}

const refusal = (answer: Promise<unknown>): Promise<string> =>
  answer.then(
    () => 'taken',
    (error: { cause?: Error }) => String(error.cause?.message),
  );

test('an approval of the Desk is undone until it is written, asked again, and a command writes at once', async () => {
  const requestId = await waiting();
  expect(await refusal(world.withdraw(requestId))).toMatch(/no approval that could be withdrawn/);
  const receipt = await world.approve(requestId, { channel: 'desk' });
  expect(receipt).toMatchObject({ status: 'applying', message: /is written in 3600 seconds/ });
  expect(await refusal(world.approve(requestId, { channel: 'desk' }))).toMatch(/withdraw the approval first/);
  expect(await refusal(world.withdraw(requestId, { by: 'eve@else.example' }))).toMatch(/may not decide/);
  expect(world.erp.vendors()).toEqual([]);

  expect(await world.withdraw(requestId, { comment: 'wrong vendor', channel: 'desk' })).toMatchObject({
    status: 'planning',
  });
  await world.until(requestId, 'waiting_for_finance');
  expect((await world.request(requestId)).reason).toBe(`${MARIA} withdrew the approval: wrong vendor`);
  expect(world.erp.vendors()).toEqual([]);

  await world.approve(requestId);
  expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
  expect(world.erp.vendors()).toHaveLength(1);
  const decided = (await world.trail(requestId)).map(({ action }) => action);
  expect(decided.filter((action) => action.startsWith('approval.'))).toEqual([
    'approval.granted',
    'approval.withdrawn',
    'approval.granted',
  ]);
  expect(await world.auditFindings()).toEqual([]);
});
