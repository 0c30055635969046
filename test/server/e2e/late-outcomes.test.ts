/** An ERP that takes files decides when the request is closed already: what it says then reaches a person by itself. */
import { join } from 'node:path';
import { TiebackError } from '../../../src/domain/base/errors';
import { openSqlite } from '../../../src/sqlite';
import type { Io } from '../../../src/erp-adapters/registry';
import { commandIn } from '../../support/command';
import { Pickup, pickupSettings } from '../../support/pickup';
import type { TestTemporal } from '../../support/temporal';
import { testTemporal } from '../../support/temporal';
import { ANY, vendorFields, World } from '../../support/world';

let temporal: TestTemporal;
let pickup: Pickup;
let world: World;
/** What happens while the ERP is written to, and between the ERP and Procore. */
let afterErpCall: Io = (_name, call) => call();
let beforeTie = async (): Promise<void> => Promise.resolve();

beforeAll(async () => {
  temporal = await testTemporal();
  pickup = new Pickup();
  const settings = pickupSettings(pickup.folder);
  world = await World.create(temporal, {
    erp: { adapter: 'file-drop', settings },
    hooks: {
      erp: (name, call) => afterErpCall(name, call),
      procore: (company) => ({
        ...company,
        ties: {
          ...company.ties,
          async set(ties) {
            await beforeTie();
            return company.ties.set(ties);
          },
        },
      }),
    },
    policy: { rules: [{ name: 'all', decision: 'approve', when: ANY }] },
  });
});
afterAll(async () => {
  await world.close();
  pickup.remove();
  await temporal.close();
});

/** Exports a vendor of Procore, as far as the ERP has its document and the request is closed. */
async function exported(code: string, name: string) {
  const plain = { abbreviated_name: code, business_phone: null, email_address: null };
  const [vendor] = world.procore.seedVendors([vendorFields({ name, ...plain })]);
  const vendorId = vendor?.id ?? 0;
  const { requestId } = world.procore.exportVendor(vendorId, { code });
  await world.poll();
  expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
  const [reference = ''] = pickup.takeAll().keys();
  return { vendorId, requestId, reference };
}

const actions = async (requestId: number): Promise<string[]> =>
  (await world.trail(requestId)).map(({ action }) => action);

test('a record that the ERP rejects after its request was closed is told to people, once, whatever breaks; sent again it is settled', async () => {
  const { vendorId, requestId, reference } = await exported('V300', 'Cedar Drywall Inc');
  expect(await world.openExceptions()).toEqual([]);
  pickup.reject(reference, 'Terms code missing for V300');
  await world.poll();
  const { out } = await commandIn(world, ['exceptions']);
  expect(out).toContain('rejected');
  expect(out.replace(/\s+/g, ' ')).toContain('Terms code missing for V300');
  expect(out).toContain(`vendor/${vendorId}`);
  const shown = await commandIn(world, ['show', String(requestId)]);
  expect(shown.out).toContain('open (rejected)');
  expect(shown.out.replace(/\s+/g, ' ')).toContain('unlink it in Procore, and send it again');
  const [told] = await world.openExceptions();
  expect(told).toMatchObject({
    cause: 'rejected',
    recordId: `vendor/${vendorId}`,
    requestId: `erp/${requestId}`,
  });
  expect(told?.reason).toContain('It is not in the ERP; Procore shows it as linked to WEST|V300');
  const rows = await world.read((t) => t.plans.operations(world.ref(requestId)));
  expect(rows.find(({ side }) => side === 'erp')).toMatchObject({ state: 'rejected', erpKey: 'WEST|V300' });
  const before = await actions(requestId);
  expect(before.slice(-2)).toEqual(['operation.refused', 'exception.opened']);
  expect(await world.auditFindings()).toEqual([]);
  // As after a crash that lost the place of the reader, and nothing else.
  const db = openSqlite(join(world.folder, 'tieback.db'));
  db.prepare(`DELETE FROM checkpoint WHERE reader = 'outcomes'`).run();
  db.close();
  await world.poll();
  expect(await actions(requestId)).toEqual(before);
  expect(await world.openExceptions()).toEqual([told]);
  expect(await world.read((t) => t.checkpoints.get(world.connectionId, 'outcomes'))).not.toBeNull();

  // Somebody does what the hint says.
  const { requestId: unlinking } = world.procore.unlinkVendor(vendorId);
  await world.poll();
  expect(await world.result(unlinking)).toMatchObject({ status: 'applied' });
  expect(await world.openExceptions()).toEqual([]);
  const { requestId: again } = world.procore.exportVendor(vendorId, { code: 'V300' });
  await world.poll();
  expect(await world.result(again)).toMatchObject({ status: 'applied' });
  const [corrected = ''] = pickup.takeAll().keys();
  pickup.acknowledge(corrected);
  await world.poll();
  expect((await actions(again)).at(-1)).toBe('operation.taken');
  expect(await world.openExceptions()).toEqual([]);
  expect(await world.auditFindings()).toEqual([]);
});

/** Exports a vendor that the ERP rejects before Procore is told of it; then Procore answers, or is away for a moment. */
async function rejectedOnTheWay(code: string, isProcoreAway: boolean) {
  let isFirst = true;
  beforeTie = async () => {
    if (!isFirst) return;
    isFirst = false;
    pickup.reject([...pickup.takeAll().keys()][0] ?? '', `No terms for ${code}`);
    await world.poll();
    if (isProcoreAway)
      throw new TiebackError('PROCORE_UNREACHABLE', { operation: 'externalData', reason: 'it is away' });
  };
  const [vendor] = world.procore.seedVendors([vendorFields({ name: `${code} Ltd`, abbreviated_name: code })]);
  const { requestId } = world.procore.exportVendor(vendor?.id ?? 0, { code });
  await world.poll();
  const result = await world.result(requestId);
  const [operation] = (await world.read((t) => t.plans.operations(world.ref(requestId)))).filter(
    ({ side }) => side === 'erp',
  );
  return { vendorId: vendor?.id ?? 0, requestId, result, operation };
}

test('what the ERP rejects before Procore is told is told to Procore, and nothing is linked', async () => {
  const { vendorId, requestId, result, operation } = await rejectedOnTheWay('V310', true);
  expect(result.status).toBe('failed');
  expect(result.summary).toContain('No terms for V310');
  expect(world.details(requestId)).toMatchObject([{ status: 'failed' }]);
  expect(JSON.stringify(world.details(requestId))).toContain('No terms for V310');
  expect(operation).toMatchObject({ state: 'rejected' });
  expect(world.procore.vendor(vendorId)).toMatchObject({ origin_id: null });
  expect((await world.links()).filter(({ erpKey }) => erpKey === 'WEST|V310')).toEqual([]);
  expect(await world.openExceptions()).toEqual([]);
  expect(await world.auditFindings()).toEqual([]);
});

test('what the ERP rejects while Procore is being told stays rejected, and a person is told', async () => {
  const { vendorId, result, operation } = await rejectedOnTheWay('V320', false);
  expect(result.status).toBe('applied');
  expect(operation).toMatchObject({ state: 'rejected' });
  expect(await world.openExceptions()).toMatchObject([{ recordId: `vendor/${vendorId}`, cause: 'rejected' }]);
  expect(await world.auditFindings()).toEqual([]);
});

test('what the ERP rejects before our store has it is parked with its words; corrected, it is written once more and nothing stays open', async () => {
  let isFirst = true;
  afterErpCall = (async (name: string, call: () => unknown) => {
    const done = await call();
    if (!name.endsWith('.published') || pickup.waiting.length === 0 || !isFirst) return done;
    isFirst = false;
    pickup.reject([...pickup.takeAll().keys()][0] ?? '', 'Name is too vague');
    await world.poll();
    throw new TiebackError('ERP_UNREACHABLE', { reason: 'the share went away' });
  }) as Io;
  const [vendor] = world.procore.seedVendors([vendorFields({ name: 'V330 Ltd', abbreviated_name: 'V330' })]);
  const { requestId } = world.procore.exportVendor(vendor?.id ?? 0, { code: 'V330' });
  await world.poll();
  expect((await world.until(requestId, 'parked')).reason).toContain('Name is too vague');
  const others = (await world.openExceptions()).filter((one) => one.requestId !== `erp/${requestId}`);
  await world.correct(requestId, { name: 'V330 Paving Ltd' });
  expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
  const [text = ''] = pickup.takeAll().values();
  expect(text).toContain('V330 Paving Ltd');
  const rows = await world.read((t) => t.plans.operations(world.ref(requestId)));
  const written = rows.filter(({ side }) => side === 'erp').map(({ state }) => state);
  expect(written.sort()).toEqual(['confirmed', 'rejected']);
  expect(await world.openExceptions()).toEqual(others);
  expect(await world.auditFindings()).toEqual([]);
});
