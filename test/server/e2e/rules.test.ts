/** Rules that were changed in the Desk, with real requests: what they approve, and what two people must. */
import { readCheckedRules } from '../../../src/composition';
import { decideRules, proposeRules } from '../../../src/desk/rules/change';
import type { Visitor } from '../../../src/domain/people/access';
import type { TestTemporal } from '../../support/temporal';
import { testTemporal } from '../../support/temporal';
import { MARIA, POLICY, vendorFields, World } from '../../support/world';

const TOM = 'tom@acme.example';
const DANA = 'dana@acme.example';
const TODAY = new Date().toISOString().slice(0, 10);

let temporal: TestTemporal;
let world: World;

beforeAll(async () => {
  temporal = await testTemporal();
  const approvers = [
    { id: MARIA, procoreUserId: 7711 },
    { id: TOM, procoreUserId: 7710 },
  ];
  world = await World.create(temporal, { policy: { ...POLICY, approvers } });
  const { breakGlass, ...people } = world.config.people;
  expect(breakGlass).toBe(false);
  world.config = { ...world.config, people: { ...people, breakGlass: true } };
  await world.restart({});
});
afterAll(async () => {
  await world.close();
  await temporal.close();
});

const admin = (id: string): Visitor => ({
  ...{ id, name: null, identity: null, via: 'session', expiresAt: '2099-01-01T00:00:00.000Z' },
  grants: [{ role: 'admin', connections: null, projects: null }],
});

/** One admin proposes, another one approves. */
const change = (basedOn: number, body: unknown): Promise<unknown> =>
  world.store(async (store) => {
    const { connectionId, keys } = world;
    const { connections } = world.config;
    const parts = { store, keys, now: () => new Date().toISOString(), connections, check: readCheckedRules };
    const asked = { connectionId, comment: 'agreed' };
    const proposal = await proposeRules(parts, admin('ada'), { ...asked, body, basedOn });
    return decideRules(parts, admin('bea'), { ...proposal, comment: '', answer: 'approve' });
  });

/** A vendor that the rule of the configuration lets through. */
async function vendor(name: string): Promise<number> {
  const own = { abbreviated_name: name.slice(0, 8).toUpperCase(), email_address: null, business_phone: null };
  const [seeded] = world.procore.seedVendors([vendorFields({ name, prequalified: true, ...own })]);
  const customFields = { vendor_type_origin_id: '1|SUB' };
  const { requestId } = world.procore.exportVendor(seeded?.id ?? 0, { customFields });
  await world.poll();
  return requestId;
}
const names = (): string[] => world.erp.vendors().map(({ Name }) => Name);
const actions = async (request: number): Promise<string[]> =>
  (await world.trail(request))
    .filter(({ action }) => action.startsWith('approval.'))
    .map(({ action, actor }) => `${action} ${actor}`);

const TWO = { name: 'two-for-vendors', decision: 'ask_two', when: { events: ['create_vendor'] } };
const DELEGATED = { from: MARIA, to: DANA, procoreUserId: 7799, begin: TODAY, end: '2099-12-31' };

test('a change in the Desk decides from now on, two persons must approve, and nobody is both', async () => {
  expect(await world.result(await vendor('Aspen Drywall'))).toMatchObject({ status: 'applied' });

  await change(0, { rules: [TWO], requireSecondPerson: true, delegations: [DELEGATED] });
  const request = await vendor('Birch Concrete');
  const waiting = await world.until(request, 'waiting_for_finance');
  expect(waiting.reason).toContain('two-for-vendors');

  expect(await world.approve(request)).toMatchObject({ status: 'waiting_for_finance' });
  expect((await world.request(request)).reason).toMatch(
    /Approved by maria@acme\.example as the first of two/,
  );
  await expect(world.approve(request)).rejects.toMatchObject({ cause: { type: 'AlreadyDecided' } });
  const inHerName = { by: DANA, inNameOf: MARIA };
  await expect(world.approve(request, inHerName)).rejects.toMatchObject({
    cause: { type: 'AlreadyDecided' },
  });
  const byAccount = { by: TOM, account: 'uid 0 (root)' };
  await expect(world.approve(request, byAccount)).rejects.toMatchObject({ cause: { type: 'NotAllowed' } });
  expect(names()).toEqual(['Aspen Drywall']);

  expect(await world.approve(request, { by: TOM })).toMatchObject({ status: 'applying' });
  expect(await world.result(request)).toMatchObject({ status: 'applied' });
  expect(names()).toEqual(['Aspen Drywall', 'Birch Concrete']);
  expect(await actions(request)).toEqual([
    'approval.asked rule:two-for-vendors',
    `approval.first ${MARIA}`,
    `approval.granted ${TOM}`,
  ]);

  // One was asked; by the time somebody approves, two must.
  await change(1, { rules: [], requireSecondPerson: true, delegations: [DELEGATED] });
  const moved = await vendor('Cedar Roofing');
  await world.until(moved, 'waiting_for_finance');
  await change(2, { rules: [TWO], requireSecondPerson: true, delegations: [DELEGATED] });
  expect(await world.approve(moved, { by: TOM })).toMatchObject({ status: 'waiting_for_finance' });
  // The question was put before the right was handed on.
  expect(await world.approve(moved, inHerName)).toMatchObject({
    status: 'applying',
    message: expect.stringContaining(`${DANA} in the name of ${MARIA}`) as string,
  });
  expect(await world.result(moved)).toMatchObject({ status: 'applied' });
  expect(await world.auditFindings()).toEqual([]);

  await change(3, {
    rules: [{ name: 'all-vendors', decision: 'approve', when: { events: ['create_vendor'] } }],
    requireSecondPerson: true,
  });
  const last = await vendor('Dogwood Glass');
  expect(await world.result(last)).toMatchObject({ status: 'applied' });
  const granted = (await world.trail(last)).find(({ action }) => action === 'approval.granted');
  expect(granted).toMatchObject({ actor: 'rule:all-vendors', detail: { rulesVersion: 4 } });
});
