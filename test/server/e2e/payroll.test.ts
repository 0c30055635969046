/** A pay period on the real Temporal server, from its first look to its correction. */
import { PayrollWeeks } from '../../support/payroll-weeks';
import type { TestTemporal } from '../../support/temporal';
import { testTemporal } from '../../support/temporal';
import { World } from '../../support/world';

let temporal: TestTemporal;
let world: World;
let weeks: PayrollWeeks;

beforeAll(async () => {
  temporal = await testTemporal();
});
afterAll(() => temporal.close());
beforeEach(async () => {
  world = await World.create(temporal, { seedErp: true });
  weeks = await PayrollWeeks.on(world);
});
afterEach(async () => {
  expect(world.procore.violations()).toEqual([]);
  expect(await world.auditFindings()).toEqual([]);
  await world.close();
});

test('it gathers, asks the clerk, writes one batch, and corrects what is edited after it was posted', async () => {
  const { period, later } = weeks;
  const card = weeks.enter(501, '8.00');
  expect(await weeks.look()).toMatchObject({ made: [period, later], problems: [] });
  await weeks.untilRests(period, /gathers until .*8\.00 h of 1 employee/);
  weeks.enter(502, '7.50');
  weeks.cutOff();
  expect((await weeks.look()).told).toContain(period);
  await world.until(period, 'waiting_for_finance');
  // An edit while it waits: what was shown is not what would be written any more, and an approval of it counts for nothing.
  const shown = await world.read((t) => t.plans.latest({ ...world.ref(period), page: 0 }));
  weeks.edit(card, '9.00');
  await world.approve(period, { planHash: shown?.hash ?? '' }).catch(() => undefined);
  await world.until(period, 'waiting_for_finance');
  expect(weeks.hours()).toEqual([]);
  await weeks.approve(period);
  await weeks.untilRests(period, /waits to be posted/);
  expect(weeks.hours()).toEqual(['501 9.00', '502 7.50']);
  expect(world.procore.timecardEntry(card).approval_status).toBe('completed');

  weeks.postAndClose();
  await weeks.look();
  await world.until(period, 'applied');
  weeks.edit(card, '8.50');
  expect((await weeks.look()).told).toContain(later);
  await weeks.approve(later);
  await weeks.untilRests(later, /waits to be posted|gathers/);
  expect(weeks.hours()).toEqual(['501 -9.00', '501 8.50', '501 9.00', '502 7.50']);
});

test('a batch that Mary has open is waited for, and rejecting a plan is not the end of a period', async () => {
  const { period } = weeks;
  weeks.enter(501, '8.00');
  weeks.cutOff();
  await weeks.look();
  await world.until(period, 'waiting_for_finance');
  await world.reject(period, 'the foreman is asked first');
  await weeks.untilRests(period, /Rejected by .*the foreman is asked first/);
  expect(weeks.hours()).toEqual([]);
  const more = weeks.enter(502, '4.25');
  await weeks.look();
  await weeks.approve(period);
  await weeks.untilRests(period, /waits to be posted/);
  weeks.use('Mary Lindqvist');
  weeks.edit(more, '4.50');
  await weeks.look();
  await weeks.approve(period);
  expect((await world.until(period, 'busy')).reason).toMatch(/in use by Mary Lindqvist/);
  weeks.use(null);
  await world.correct(period, {});
  await weeks.untilRests(period, /waits to be posted/);
  expect(weeks.hours()).toEqual(['501 8.00', '502 4.50']);
});
