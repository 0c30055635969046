/** The life of a pay period on a real store, the Procore simulator and the sample ERP. */
import { againstLast } from '../../../src/desk/payroll/against-last';
import { CREW, dropPayrollTemplate, PayrollWorld, WEEK } from '../../support/payroll-world';

const THIS = 'payroll/1-1-2026-07-18';
const NEXT = 'payroll/1-1-2026-07-25';
const [ADA, BO] = CREW;

let world: PayrollWorld;
beforeEach(async () => {
  world = await PayrollWorld.create();
});
afterEach(() => world.close());
afterAll(dropPayrollTemplate);

/** Cards of the ERP, as far as tests look at them; batches in the order in which they were opened. */
const cards = (): readonly string[] => {
  const all = [...world.erp.cards(), ...world.erp.postedCards()];
  const batches = [...new Set(all.map(({ BatchId }) => Number(BatchId)))].sort((one, two) => one - two);
  return all
    .map(({ Employee, PostDate, EarnCode, Hours, BatchId }) =>
      [Employee, String(PostDate).slice(5), EarnCode, Hours, `#${batches.indexOf(Number(BatchId)) + 1}`].join(
        ' ',
      ),
    )
    .sort();
};
const post = (): void => {
  for (const { Mth, BatchId, Status } of world.erp.payBatches())
    if (Number(Status) < 5) world.erp.postPayBatch({ co: 1, mth: String(Mth) }, Number(BatchId));
};

test('it gathers until its cut-off, is approved, written once, and closes when the ERP has closed it', async () => {
  world.enter({ person: ADA, date: '2026-07-13', hours: '8.00' });
  const rest = await world.round();
  expect(rest[THIS]).toMatchObject({
    kind: 'rest',
    reason: expect.stringContaining('8.00 h of 1 employee') as string,
  });
  world.enter({ person: BO, date: '2026-07-14', hours: '7.50' });
  world.today('2026-07-21');
  world.approves = false;
  const asked = (await world.round())[THIS];
  expect(asked?.kind).toBe('asks');
  expect(cards()).toEqual([]);
  world.approves = true;
  expect((await world.round())[THIS]).toMatchObject({
    kind: 'rest',
    reason: expect.stringContaining('waits to be posted') as string,
  });
  expect(cards()).toEqual(['501 07-13 1 8.00 #1', '502 07-14 1 7.50 #1']);
  expect((await world.round())[THIS]?.kind).toBe('rest');
  expect(cards()).toHaveLength(2);
  post();
  expect((await world.round())[THIS]).toMatchObject({
    kind: 'rest',
    reason: expect.stringContaining('Everything is posted') as string,
  });
  world.erp.closePayPeriod(WEEK);
  expect((await world.round())[THIS]).toMatchObject({ kind: 'closed', result: { status: 'applied' } });
  expect(await world.auditFindings()).toEqual([]);
});

test('before posting an edit changes the batch, and only the difference is shown; what is deleted goes', async () => {
  const first = world.enter({ person: ADA, date: '2026-07-13', hours: '8.00' });
  const second = world.enter({ person: BO, date: '2026-07-14', hours: '7.50' });
  world.today('2026-07-21');
  await world.round();
  world.edit(first, { hours: '9.00' });
  await world.round();
  expect(cards()).toEqual(['501 07-13 1 9.00 #1', '502 07-14 1 7.50 #1']);
  const plan = await world.latestPlan(THIS);
  expect(plan.operations[0]?.changes.map(({ old, new: now }) => [old, now])).toEqual([['8.00', '9.00']]);
  world.remove(second);
  await world.round();
  expect(cards()).toEqual(['501 07-13 1 9.00 #1']);
});

test('after posting an edit becomes a reversal and a replacement in the next open period', async () => {
  const first = world.enter({ person: ADA, date: '2026-07-13', hours: '8.00' });
  world.enter({ person: BO, date: '2026-07-14', hours: '7.50' });
  world.today('2026-07-21');
  await world.round();
  post();
  world.erp.closePayPeriod(WEEK);
  await world.round();
  world.edit(first, { hours: '9.00' });
  await world.round();
  expect(cards()).toEqual([
    '501 07-13 1 -8.00 #2',
    '501 07-13 1 8.00 #1',
    '501 07-13 1 9.00 #2',
    '502 07-14 1 7.50 #1',
  ]);
  const before = cards();
  expect((await world.round())[NEXT]?.kind).toBe('rest');
  expect(cards()).toEqual(before);
  world.edit(first, { hours: '8.00' });
  await world.round();
  expect(cards()).toEqual(['501 07-13 1 8.00 #1', '502 07-14 1 7.50 #1']);
  expect(await world.auditFindings()).toEqual([]);
});

test('what comes after the cut-off is paid in the next period, with its own date', async () => {
  world.enter({ person: ADA, date: '2026-07-13', hours: '8.00' });
  world.today('2026-07-21');
  await world.round();
  world.enter({ person: ADA, date: '2026-07-15', hours: '4.00' });
  await world.round();
  expect(cards()).toEqual(['501 07-13 1 8.00 #1']);
  post();
  world.erp.closePayPeriod(WEEK);
  world.today('2026-07-28');
  await world.round();
  expect(cards()).toEqual(['501 07-13 1 8.00 #1', '501 07-15 1 4.00 #2']);
});

test('what was corrected later ties out with the period that it is of', async () => {
  const first = world.enter({ person: ADA, date: '2026-07-13', hours: '8.00' });
  world.enter({ person: BO, date: '2026-07-14', hours: '7.50' });
  world.today('2026-07-21');
  await world.round();
  post();
  world.erp.closePayPeriod(WEEK);
  await world.round();
  const hours = async (): Promise<unknown> =>
    (await world.tieOut(WEEK.end)).rows.map(
      ({ employee, source, approved, written, posted, differences }) => [
        ...[employee, source, approved, written, posted],
        differences.map(({ reason }) => reason),
      ],
    );
  const bo = ['1|502', '7.50', '7.50', '7.50', '7.50', []];
  expect(await hours()).toEqual([['1|501', '8.00', '8.00', '8.00', '8.00', []], bo]);
  world.edit(first, { hours: '9.00' });
  expect(await hours()).toEqual([['1|501', '9.00', '8.00', '8.00', '8.00', ['edited_since']], bo]);
  await world.round();
  expect(await hours()).toEqual([
    ['1|501', '9.00', '9.00', '9.00', '8.00', ['not_posted', 'not_posted']],
    bo,
  ]);
  post();
  expect(await hours()).toEqual([['1|501', '9.00', '9.00', '9.00', '9.00', []], bo]);
});

test('hours of a period stand beside those of the one before, whoever they are', async () => {
  world.enter({ person: ADA, date: '2026-07-13', hours: '8.00' });
  world.enter({ person: BO, date: '2026-07-14', hours: '7.50' });
  world.today('2026-07-21');
  await world.round();
  world.enter({ person: ADA, date: '2026-07-20', hours: '4.00' });
  world.today('2026-07-28');
  world.approves = false;
  await world.round();
  const { payroll } = await world.latestPlan(NEXT);
  if (payroll === undefined) throw new Error('it is no payroll');
  expect(await world.read((t) => againstLast(t, world.ref(NEXT), payroll))).toEqual({
    ...{ last: THIS, hours: '4.00', lastHours: '15.50' },
    rows: [
      { employee: '1|502', hours: '0.00', lastHours: '7.50', difference: '-7.50' },
      { employee: '1|501', hours: '4.00', lastHours: '8.00', difference: '-4.00' },
    ],
  });
});
