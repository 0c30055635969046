/** How often each job goes to our store: a round trip to a database server costs more than most statements. BEGIN and COMMIT count. */
import { storeWebhook } from '../../../src/activities/intake/store-webhook';
import { MARIA, vendorFields } from '../../support/world';
import { resultOf } from '../../support/world';
import { CrashWorld } from '../faults/crash-world';
import { InProcessEngine } from '../faults/engine';

let world: CrashWorld;
beforeEach(async () => {
  world = new CrashWorld(new InProcessEngine());
  await world.start();
});
afterEach(() => world.stop());

/** How many round trips a job takes. */
async function counted(job: () => Promise<unknown>): Promise<number> {
  world.roundTrips.splice(0);
  await job();
  if (process.env['SHOW'])
    console.log(
      world.roundTrips
        .map(
          (x) =>
            x.slice(0, 260).replaceAll('\n', ' ') +
            (x.length > 260 ? ` ... ${x.length} ${x.split(';\n').length} stmts` : ''),
        )
        .join('\n'),
    );
  return world.roundTrips.length;
}

let counter = 0;
function exportVendor(prequalified: boolean): number {
  counter += 1;
  const [vendor] = world.procore.seedVendors([
    vendorFields({ name: `Round Trips ${counter}`, abbreviated_name: `TRIP${counter}`, prequalified }),
  ]);
  return world.procore.exportVendor(vendor?.id ?? 0, { customFields: { vendor_type_origin_id: '1|SUB' } })
    .requestId;
}

test('an export that a rule approves, found by the poll', async () => {
  const trips = await counted(async () => {
    const requestId = exportVendor(true);
    await world.poll();
    expect(await resultOf(world.handle(requestId))).toMatchObject({ status: 'applied' });
  });
  expect(trips).toBeLessThanOrEqual(40);
});
