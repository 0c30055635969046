/** A pay period on the real Temporal server, from its first look to its correction. */
import { addDays, weekdayOf } from '../../../src/domain/base/local-date';
import type { PayrollLooked } from '../../../src/domain/request/flow';
import { payrollIdOf } from '../../../src/domain/request/id';
import type { PayrollSettings } from '../../../src/domain/payroll/settings';
import { Store } from '../../../src/store/store';
import type { TestTemporal } from '../../support/temporal';
import { testTemporal, uniqueName } from '../../support/temporal';
import { World } from '../../support/world';
import { linkOf } from '../../unit/domain/records';

let temporal: TestTemporal;
let world: World;
let project: number;
let costCode: number;
let regular: number;
const people = new Map<number, number>();

/** Weeks around the day on which the test runs: one that is about to be cut off, and the next. */
const today = new Date().toISOString().slice(0, 10);
const END = addDays(today, -(weekdayOf(today) + 1));
const NEXT = addDays(END, 7);
const PERIOD = `payroll/1-1-${END}`;
const LATER = `payroll/1-1-${NEXT}`;
const DAY = addDays(END, -3);

beforeAll(async () => {
  temporal = await testTemporal();
});
afterAll(() => temporal.close());
beforeEach(async () => {
  world = await World.create(temporal, { seedErp: true });
  regular = world.procore.addTimeType('Regular', 'R').id;
  for (const number of [501, 502])
    people.set(
      number,
      world.procore.addPerson({ first_name: 'P', last_name: String(number), employee_id: String(number) }).id,
    );
  world.erp.db.exec('DELETE FROM PRPC WHERE PRGroup = 1');
  world.erp.addPayPeriod({ co: 1, group: 1, end: END }, addDays(END, -6), { cutOff: addDays(today, 1) });
  world.erp.addPayPeriod({ co: 1, group: 1, end: NEXT }, addDays(NEXT, -6), { cutOff: addDays(today, 9) });
  await link();
  const payroll: PayrollSettings = {
    payable: ['approved', 'completed'],
    rounding: 'off',
    workweeks: { '*': 0 },
    overtimeOwners: { '*': 'field' },
    overtime: null,
    timeZone: 'Etc/UTC',
    lookBackDays: 30,
    cutOffDays: 2,
    everySeconds: 3_600,
    groups: ['1'],
    completes: true,
    mapping: {
      timeTypes: { [String(regular)]: { earnCode: '1', family: 'worked' } },
      ...{ workClassifications: {}, costTypes: {}, departments: {}, certifiedProjects: [], equipment: {} },
    },
  };
  await world.restart({ payroll });
});
afterEach(async () => {
  expect(world.procore.violations()).toEqual([]);
  expect(await world.auditFindings()).toEqual([]);
  await world.close();
});

/** The job and one of its phases, as a reconcile leaves them. */
async function link(): Promise<void> {
  project = world.procore.seedProject({ name: 'Harbor View' }).id;
  costCode = world.procore.seedCostCodes(project, [{ code: '23-050', name: 'HVAC' }])[0]?.id ?? 0;
  const phase = {
    ...{ kind: 'cost_code' as const, number: '23-050', procoreId: costCode },
    erpKey: `1|${world.erp.phaseKey(1, '1024-001', '23-050')}`,
    fields: { name: 'HVAC', isActive: true },
  };
  const record = { fields: { code: '1024-001', name: 'Harbor View', isActive: true }, lines: [phase] };
  const store = await Store.open(world.config.store, { migrate: false });
  await store.transaction('seed', world.connectionId, async (t) => {
    await t.links.advance(
      world.connectionId,
      [linkOf('project', project, '1|1', { procore: record, erp: record })],
      new Date().toISOString(),
    );
  });
  await store.close();
}

const enter = (person: number, hours: string): number =>
  world.procore.enterTime(
    project,
    {
      ...{ party_id: people.get(person) ?? 0, date: DAY, hours, timecard_time_type_id: regular },
      ...{ cost_code_id: costCode, approval_status: 'approved' },
    },
    { side: 'company' },
  ).id;

/** One look for pay periods and timecards, as the schedule starts it. */
const look = (): Promise<PayrollLooked> =>
  world.client.workflow.execute('payroll', {
    taskQueue: world.config.temporal.taskQueue,
    workflowId: uniqueName(payrollIdOf(world.connectionId)),
    args: [
      {
        connectionId: world.connectionId,
        procoreQueue: `procore-${world.config.apps[0]?.name ?? ''}`,
        erpQueue: `erp-${world.connectionId}`,
      },
    ],
  }) as Promise<PayrollLooked>;

/** Waits until the period rests for a reason that says this. */
async function untilRests(request: string, because: RegExp): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const { status, reason } = await world.until(request, 'held');
    if (because.test(reason ?? '')) return;
    if (Date.now() > deadline) throw new Error(`${request} is ${status}: ${reason ?? ''}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
const hours = (): string[] =>
  [...world.erp.cards(), ...world.erp.postedCards()]
    .map(({ Employee, Hours }) => `${String(Employee)} ${String(Hours)}`)
    .sort();
const post = (): void => {
  for (const { Mth, BatchId, Status } of world.erp.payBatches())
    if (Number(Status) < 5) world.erp.postPayBatch({ co: 1, mth: String(Mth) }, Number(BatchId));
};

test('it gathers, asks the clerk, writes one batch, and corrects what is edited after it was posted', async () => {
  const card = enter(501, '8.00');
  expect(await look()).toMatchObject({ made: [PERIOD, LATER], problems: [] });
  await untilRests(PERIOD, /gathers until .*8\.00 h of 1 employee/);
  enter(502, '7.50');
  world.skipMinutes(3 * 1440);
  expect((await look()).told).toContain(PERIOD);
  await world.until(PERIOD, 'waiting_for_finance');
  // An edit while it waits: what was shown is not what would be written any more, and an approval of it counts for nothing.
  const shown = await world.read((t) => t.plans.latest({ ...world.ref(PERIOD), page: 0 }));
  world.procore.editTime(card, { hours: '9.00' }, { side: 'company' });
  await world.approve(PERIOD, { planHash: shown?.hash ?? '' });
  await world.until(PERIOD, 'waiting_for_finance');
  expect(hours()).toEqual([]);
  await world.approve(PERIOD);
  await untilRests(PERIOD, /waits to be posted/);
  expect(hours()).toEqual(['501 9.00', '502 7.50']);
  expect(world.procore.timecardEntry(card).approval_status).toBe('completed');

  post();
  world.erp.closePayPeriod({ co: 1, group: 1, end: END });
  await look();
  await world.until(PERIOD, 'applied');
  world.procore.reopenEntries([card], 'approved');
  world.procore.editTime(card, { hours: '8.50' }, { side: 'company' });
  expect((await look()).told).toContain(LATER);
  await world.until(LATER, 'waiting_for_finance');
  await world.approve(LATER);
  await untilRests(LATER, /waits to be posted|gathers/);
  expect(hours()).toEqual(['501 -9.00', '501 8.50', '501 9.00', '502 7.50']);
});

test('a batch that Mary has open is waited for, and rejecting a plan is not the end of a period', async () => {
  enter(501, '8.00');
  world.skipMinutes(3 * 1440);
  await look();
  await world.until(PERIOD, 'waiting_for_finance');
  await world.reject(PERIOD, 'the foreman is asked first');
  await untilRests(PERIOD, /Rejected by .*the foreman is asked first/);
  expect(hours()).toEqual([]);
  const more = enter(502, '4.00');
  world.procore.editTime(more, { hours: '4.25' }, { side: 'company' });
  await look();
  await world.until(PERIOD, 'waiting_for_finance');
  await world.approve(PERIOD);
  await untilRests(PERIOD, /waits to be posted/);
  const [{ Mth, BatchId } = {}] = world.erp.payBatches();
  world.erp.useBatch({ co: 1, mth: String(Mth) }, Number(BatchId), 'Mary Lindqvist');
  world.procore.reopenEntries([more], 'approved');
  world.procore.editTime(more, { hours: '4.50' }, { side: 'company' });
  await look();
  await world.until(PERIOD, 'waiting_for_finance');
  await world.approve(PERIOD);
  expect((await world.until(PERIOD, 'busy')).reason).toMatch(/in use by Mary Lindqvist/);
  world.erp.useBatch({ co: 1, mth: String(Mth) }, Number(BatchId), null);
  await world.correct(PERIOD, {});
  await untilRests(PERIOD, /waits to be posted/);
  expect(hours()).toEqual(['501 8.00', '502 4.50']);
});
