/**
 * Every HTTP call to Procore goes wrong once in every way: the connection breaks before the effect, after it, the answer is cut in half, the
 * server errs, throttles, or forgets our token. The job must end as if nothing had happened.
 */
import type { FaultRule } from '../../sandbox/procore-simulator/types';
import type { TestTemporal } from '../support/temporal';
import { testTemporal } from '../support/temporal';
import { vendorFields } from '../support/world';
import { CrashWorld } from './crash-world';
import type { ExportFacts } from './invariants';
import { checkChain, checkExport } from './invariants';

const FAULTS: Readonly<Record<string, FaultRule>> = {
  'connection lost before the effect': { kind: 'drop-before' },
  'answer lost after the effect': { kind: 'drop-reply' },
  'answer cut in half': { kind: 'truncate' },
  'error 500': { kind: 'status', status: 500, body: 'oops' },
  'error 502 as HTML': { kind: 'status', status: 502, body: '<html>Bad gateway</html>' },
  '503 with Retry-After': { kind: 'status', status: 503, body: {}, headers: { 'retry-after': '0' } },
  '429 with reset': {
    kind: 'status',
    status: 429,
    body: 'slow down',
    headers: { 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': '0' },
  },
  '401 in between': { kind: 'status', status: 401, body: { errors: 'The access token is invalid' } },
};

let temporal: TestTemporal;
let world: CrashWorld;
let counter = 0;
let tried = 0;

beforeAll(async () => {
  temporal = await testTemporal();
});
afterAll(async () => {
  await temporal.close();
  process.stdout.write(`\nHTTP calls broken: ${tried}\n`);
});
beforeEach(async () => {
  world = new CrashWorld(temporal);
  await world.start();
});
afterEach(() => world.stop());

test.each(Object.entries(FAULTS))(
  '%s',
  async (_name, fault) => {
    for (let skip = 0; ; skip += 1) {
      const facts = exportVendor();
      const { id } = world.procore.addFault({ ...fault, skip, times: 1, match: { path: '^/(rest|oauth)/' } });
      await world.poll();
      // A look that failed for good comes again with the next round, as the schedule has it.
      if (!(await started(facts.requestId))) await world.poll();
      await temporal.client.workflow
        .getHandle(`erp-request/${world.connectionId}/${facts.requestId}`)
        .result();
      await checkExport(world, facts);
      const hit = world.procore.faults().every((active) => active.id !== id || active.hits > 0);
      world.procore.clearFaults();
      if (!hit) break;
      tried += 1;
    }
    expect(tried).toBeGreaterThan(0);
    await checkChain(world);
  },
  300_000,
);

const started = (requestId: number): Promise<boolean> =>
  world.look((store) =>
    store.read(
      'look.request',
      async (t) => (await t.requests.find(world.connectionId, requestId))?.started === true,
    ),
  );

function exportVendor(): ExportFacts {
  counter += 1;
  const name = `Lossproof Builders ${counter}`;
  const unique = {
    name,
    abbreviated_name: `LOSS${counter}`,
    email_address: `ap${counter}@loss.example`,
    business_phone: `20655${20000 + counter}`,
  };
  const [vendor] = world.procore.seedVendors([vendorFields(unique)]);
  if (!vendor) throw new Error('unreachable');
  const { requestId, requestDetailIds } = world.procore.exportVendor(vendor.id, {
    customFields: { vendor_type_origin_id: '1|SUB' },
  });
  return { name, vendorId: vendor.id, requestId, detailIds: requestDetailIds };
}
