/** What happens to payrolls, one by one: both sides and a real store. */
import { assertAsked } from '../../../src/desk/payroll/asked';
import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { CREW, dropPayrollTemplate, PayrollWorld, WEEK } from '../../support/payroll-world';

const THIS = 'payroll/1-1-2026-07-18';
const NEXT = 'payroll/1-1-2026-07-25';
const [ADA, BO] = CREW;
/** Left on Wednesday, 15 July. */
const DOV = 504;
/** Paid semi-monthly, with group 2. */
const EDDA = 505;

let world: PayrollWorld;
const open = async (...more: Parameters<typeof PayrollWorld.create>): Promise<void> => {
  world = await PayrollWorld.create(...more);
};
afterEach(async () => {
  expect(await world.auditFindings()).toEqual([]);
  await world.close();
});
afterAll(dropPayrollTemplate);

/** Cards of the ERP: employee, date, phase (of two), earn code, hours, and whether they are posted. */
function cards(): readonly string[] {
  const phases = ['23-050', '26-050'].map((phase) => world.erp.phaseKey(1, '1024-001', phase));
  const shown = ({
    Employee,
    PostDate,
    PhaseID,
    EarnCode,
    Hours,
  }: ReturnType<typeof world.erp.cards>[number]) =>
    `${Employee} ${String(PostDate).slice(5)} ${'AB'[phases.indexOf(Number(PhaseID))] ?? '-'} ${EarnCode} ${Hours}`;
  return [
    ...world.erp.postedCards().map((card) => `${shown(card)} posted`),
    ...world.erp.cards().map(shown),
  ].sort();
}
function post(): void {
  for (const { Mth, BatchId, Status } of world.erp.payBatches())
    if (Number(Status) < 5) world.erp.postPayBatch({ co: 1, mth: String(Mth) }, Number(BatchId));
}
const batches = (): readonly (readonly [{ co: number; mth: string }, number])[] =>
  world.erp
    .payBatches()
    .filter(({ Status }) => Number(Status) < 5)
    .map(({ Mth, BatchId }) => [{ co: 1, mth: String(Mth) }, Number(BatchId)] as const);
const told = (): Promise<readonly string[]> =>
  world.read(async (t) => (await t.exceptions.listOpen(world.connectionId)).map(({ reason }) => reason));
/** Ada's eight hours of Monday are written. */
async function written(hours = '8.00'): Promise<number> {
  const entry = world.enter({ person: ADA, date: '2026-07-13', hours });
  world.today('2026-07-21');
  await world.round();
  return entry;
}
async function postedAndClosed(): Promise<void> {
  post();
  world.erp.closePayPeriod(WEEK);
  await world.round();
}

describe("overtime is the ERP's own", () => {
  beforeEach(() => open({ overtimeOwners: { '*': 'erp' } }));

  test('8, 9: what it split needs no correction; after an edit all parts are taken back, and the new split is ours', async () => {
    const entry = await written('10.00');
    world.erp.applyOvertime(WEEK);
    expect(cards()).toEqual(['501 07-13 A 1 8.00', '501 07-13 A 2 2.00']);
    await world.round();
    await postedAndClosed();
    expect((await world.round())[NEXT]?.kind).toBe('rest');
    expect(cards()).toEqual(['501 07-13 A 1 8.00 posted', '501 07-13 A 2 2.00 posted']);
    world.edit(entry, { hours: '9.00' });
    await world.round();
    world.erp.applyOvertime({ ...WEEK, end: '2026-07-25' });
    expect(cards().filter((card) => !card.endsWith('posted'))).toEqual([
      '501 07-13 A 1 -8.00',
      '501 07-13 A 1 8.00',
      '501 07-13 A 2 -2.00',
      '501 07-13 A 2 1.00',
    ]);
    const before = cards();
    await world.round();
    expect(cards()).toEqual(before);
  });
});

describe('one week', () => {
  beforeEach(() => open());

  test('10: an edit between approval and write asks again', async () => {
    const entry = world.enter({ person: ADA, date: '2026-07-13', hours: '8.00' });
    world.today('2026-07-21');
    world.approves = false;
    const asked = (await world.round())[THIS];
    if (asked?.kind !== 'asks') throw new Error('it does not ask');
    await world.decide(THIS, asked.planHash, 'approved');
    world.edit(entry, { hours: '9.00' });
    const again = (await world.round())[THIS];
    expect(again).toMatchObject({
      kind: 'asks',
      planHash: expect.not.stringContaining(asked.planHash) as string,
    });
    expect(cards()).toEqual([]);
  });

  test.each(['error-after', 'crash-after'] as const)(
    '11: committed, and the reply lost (%s): one set of lines',
    async (kind) => {
      world.enter({ person: ADA, date: '2026-07-13', hours: '8.00' });
      world.today('2026-07-21');
      world.setTrouble({ at: { call: 'erp.payroll.write.commit', kind } });
      await world.round();
      world.setTrouble({});
      expect(cards()).toEqual(['501 07-13 A 1 8.00']);
      expect((await world.round())[THIS]).toMatchObject({
        reason: expect.stringContaining('1 lines') as string,
      });
    },
  );

  test('12: deleted after posting: taken back in the next period, with its own date', async () => {
    const entry = await written();
    await postedAndClosed();
    world.remove(entry);
    await world.round();
    expect(cards()).toEqual(['501 07-13 A 1 -8.00', '501 07-13 A 1 8.00 posted']);
  });

  test('13: an edit that nobody approved, and back: nothing happens', async () => {
    const entry = await written();
    world.edit(entry, { hours: '9.00', status: 'pending' });
    await world.round();
    world.edit(entry, { hours: '8.00', status: 'approved' });
    await world.round();
    await postedAndClosed();
    world.edit(entry, { hours: '9.00', status: 'pending' });
    await world.round();
    world.edit(entry, { hours: '8.00', status: 'approved' });
    await world.round();
    expect(cards()).toEqual(['501 07-13 A 1 8.00 posted']);
  });

  test('14: moved to another phase after posting: both legs, and no hour more or less', async () => {
    const entry = await written();
    await postedAndClosed();
    world.edit(entry, { place: 1 });
    await world.round();
    expect(cards()).toEqual(['501 07-13 A 1 -8.00', '501 07-13 A 1 8.00 posted', '501 07-13 B 1 8.00']);
  });

  test('16: of somebody who left on Wednesday, Tuesday is paid and Thursday is parked', async () => {
    world.join(DOV);
    world.enter({ person: DOV, date: '2026-07-14', hours: '8.00' });
    world.enter({ person: DOV, date: '2026-07-16', hours: '8.00' });
    world.today('2026-07-21');
    await world.round();
    expect(cards()).toEqual(['504 07-14 A 1 8.00']);
    expect(await told()).toEqual([expect.stringMatching(/2026-07-16.*not employed/)]);
  });

  test('17: a line that validation refused and a clerk put right is not sent again', async () => {
    await written();
    const phase = world.erp.phaseKey(1, '1024-001', '23-050');
    world.erp.db.prepare("UPDATE JCCH SET ActiveYN = 'N' WHERE PhaseID = ?").run(phase);
    const [[month, batch] = [{ co: 1, mth: '' }, 0]] = batches();
    expect(world.erp.validatePayBatch(month, batch)).toHaveLength(1);
    await world.round();
    expect(await told()).toEqual([expect.stringContaining('the ERP refused the line')]);
    const [card] = world.erp.cards();
    world.erp.changeCard(Number(card?.Card), { PhaseID: world.erp.phaseKey(1, '1024-001', '26-050') });
    expect(world.erp.validatePayBatch(month, batch)).toEqual([]);
    await world.round();
    expect(cards()).toEqual(['501 07-13 B 1 8.00']);
    expect(await told()).toEqual([]);
    await postedAndClosed();
    await world.round();
    expect(cards()).toEqual(['501 07-13 B 1 8.00 posted']);
  });

  test('18: a card after the cut-off is paid in the next period, with its own date', async () => {
    await written();
    world.enter({ person: BO, date: '2026-07-15', hours: '4.00' });
    await world.round();
    expect(cards()).toEqual(['501 07-13 A 1 8.00']);
    await postedAndClosed();
    world.today('2026-07-28');
    await world.round();
    expect(cards()).toEqual(['501 07-13 A 1 8.00 posted', '502 07-15 A 1 4.00']);
  });

  test.each([
    ['adopt', ['501 07-13 A 1 8.00', '501 07-14 A 1 2.00']],
    ['ignore', ['501 07-13 A 1 8.00', '501 07-14 A 1 2.00', '501 07-14 A 1 2.00']],
  ])(
    '19: two hours by hand, and the foreman adds two: it stops, and a person says %s',
    async (decision, wanted) => {
      await written();
      const [[month, batch] = [{ co: 1, mth: '' }, 0]] = batches();
      const card = world.erp.addCard(month, batch, {
        employee: ADA,
        date: '2026-07-14',
        hours: '2.00',
        job: '1024-001',
        phase: '23-050',
      });
      world.enter({ person: ADA, date: '2026-07-14', hours: '2.00' });
      world.today('2026-07-28');
      await world.round();
      expect(cards()).toEqual(['501 07-13 A 1 8.00', '501 07-14 A 1 2.00']);
      const [reason = ''] = await told();
      expect(reason).toContain(`tieback payroll decide ${NEXT} row ${card} adopt`);
      const asked = await world.read((t) => t.exceptions.ofRequest(world.ref(NEXT)));
      const answering = (row: string, value: string) => () =>
        assertAsked(NEXT, asked, { [`pay_row[${row}].decision`]: value });
      expect(answering(String(card), decision)).not.toThrow();
      expect(answering(`${card}1`, decision)).toThrow('asks nothing about row');
      expect(answering(String(card), 'drop')).toThrow('adopt or ignore');
      await world.correct(NEXT, { [`pay_row[${card}].decision`]: decision });
      await world.round();
      expect(cards()).toEqual(wanted);
      expect(await told()).toEqual([]);
    },
  );

  test('a line that a clerk copied into another batch, memo and all, is not ours', async () => {
    await written();
    const memo = String(world.erp.cards()[0]?.Memo);
    post();
    const batch = world.erp.openPayBatch({ ...WEEK, end: '2026-07-25' });
    const copy = { employee: ADA, date: '2026-07-13', hours: '8.00', job: '1024-001', phase: '23-050', memo };
    world.erp.addCard({ co: 1, mth: '2026-07' }, batch, copy);
    world.enter({ person: BO, date: '2026-07-20', hours: '4.00' });
    world.today('2026-07-28');
    await world.round();
    expect(cards()).toEqual(['501 07-13 A 1 8.00', '501 07-13 A 1 8.00 posted', '502 07-20 A 1 4.00']);
  });

  test('what Procore does not close is told until it is settled there, and all others are closed', async () => {
    const ada = world.enter({ person: ADA, date: '2026-07-13', hours: '8.00' });
    const bo = world.enter({ person: BO, date: '2026-07-14', hours: '7.50' });
    world.today('2026-07-21');
    let reasons: readonly string[] = [];
    world.setTrouble({
      before: { call: 'procore.payroll.complete', act: () => world.remove(ada) },
      after: { call: 'procore.payroll.complete', act: () => (reasons = ['asked']) },
    });
    await world.round();
    world.setTrouble({});
    expect(reasons).toEqual(['asked']);
    await world.round();
    expect(cards()).toEqual(['502 07-14 A 1 7.50']);
    expect(world.procore.timecardEntry(bo).approval_status).toBe('completed');
    expect(await told()).toEqual([]);
  });

  test('20: Mary has the batch open: it waits, and says for whom', async () => {
    const entry = await written();
    const [[month, batch] = [{ co: 1, mth: '' }, 0]] = batches();
    world.erp.useBatch(month, batch, 'Mary');
    world.edit(entry, { hours: '9.00' });
    expect((await world.round())[THIS]).toEqual({
      kind: 'busy',
      reason: expect.stringContaining('in use by Mary') as string,
    });
    expect(cards()).toEqual(['501 07-13 A 1 8.00']);
    world.erp.useBatch(month, batch, null);
    await world.round();
    expect(cards()).toEqual(['501 07-13 A 1 9.00']);
  });
});

test('15: the hours of the wrong person, of another pay group: taken back in one, paid in the other', async () => {
  await open({ groups: ['1', '2'] });
  world.join(EDDA);
  world.erp.closePayPeriod({ co: 1, group: 2, end: '2026-07-15' });
  const entry = await written();
  await postedAndClosed();
  world.edit(entry, { person: EDDA });
  world.approves = false;
  const asked = (await world.round())[NEXT];
  if (asked?.kind !== 'asks') throw new Error('it does not ask');
  const plan = await world.latestPlan(NEXT);
  expect(plan.operations.filter(({ side }) => side === 'erp').map(({ recordId }) => recordId)).toEqual([
    'pay_batch/1-2026-07-25/correction',
    'pay_batch/2-2026-07-31/correction',
  ]);
  world.approves = true;
  await world.round();
  const all = ['501 07-13 A 1 -8.00', '501 07-13 A 1 8.00 posted', '505 07-13 A 1 8.00'];
  expect(cards()).toEqual(all);
  await world.round();
  expect(cards()).toEqual(all);
});

test('15: where only one of both batches was written, the other follows', async () => {
  await open({ groups: ['1', '2'] });
  world.join(EDDA);
  world.erp.closePayPeriod({ co: 1, group: 2, end: '2026-07-15' });
  const entry = await written();
  await postedAndClosed();
  world.edit(entry, { person: EDDA });
  let count = 0;
  world.setTrouble({
    after: {
      call: 'store.payroll.written',
      act: () => {
        count += 1;
        world.erp.closePayPeriod({ co: 1, group: 2, end: '2026-07-31' });
      },
    },
  });
  const standing = (await world.round())[NEXT];
  world.setTrouble({});
  expect(count).toBe(1);
  expect(standing?.kind).toBe('busy');
  post();
  world.erp.addPayPeriod({ co: 1, group: 2, end: '2026-08-15' }, '2026-08-01', { status: 1 });
  world.today('2026-08-03');
  await world.round();
  expect(cards()).toEqual(['501 07-13 A 1 -8.00 posted', '501 07-13 A 1 8.00 posted', '505 07-13 A 1 8.00']);
});

describe('what the ERP has of ours and our store does not tell', () => {
  beforeEach(() => open());
  const copyOf = (): string => `${world.storeFile}.copy`;
  function copy(from: string, to: string): void {
    for (const more of ['', '-wal', '-shm']) {
      rmSync(`${to}${more}`, { force: true });
      if (existsSync(`${from}${more}`)) copyFileSync(`${from}${more}`, `${to}${more}`);
    }
  }
  const keepCopy = (): Promise<void> => world.restart(() => copy(world.storeFile, copyOf()));
  const putBack = (): Promise<void> => world.restart(() => copy(copyOf(), world.storeFile));
  /** The workflow is gone before a call. */
  async function leftBefore(call: string, act: () => void = () => undefined): Promise<void> {
    world.setTrouble({
      before: {
        call,
        act: () => {
          act();
          throw new Error('left');
        },
      },
    });
    await expect(world.round()).rejects.toThrow('left');
    world.setTrouble({});
    await world.restart();
  }

  test('a batch that was written, and the workflow begun anew before it was recorded, is recorded as it was approved', async () => {
    world.enter({ person: ADA, date: '2026-07-13', hours: '8.00' });
    world.today('2026-07-21');
    await leftBefore('store.payroll.written');
    expect(cards()).toEqual(['501 07-13 A 1 8.00']);
    expect((await world.round())[THIS]).toMatchObject({
      reason: expect.stringContaining('waits to be posted') as string,
    });
    expect(cards()).toEqual(['501 07-13 A 1 8.00']);
  });

  test('also where the entry moved meanwhile: the batch is changed, and nothing is there twice', async () => {
    const entry = world.enter({ person: ADA, date: '2026-07-13', hours: '8.00' });
    world.today('2026-07-21');
    await leftBefore('store.payroll.written', () => world.edit(entry, { date: '2026-07-14', place: 1 }));
    await world.round();
    expect(cards()).toEqual(['501 07-14 B 1 8.00']);
  });

  test.each([
    ['as it was', {}, ['501 07-13 A 1 8.00', '502 07-14 A 1 7.50']],
    ['with other hours', { hours: '9.00' }, ['501 07-13 A 1 9.00', '502 07-14 A 1 7.50']],
    [
      'on another day and phase',
      { date: '2026-07-16', place: 1 },
      ['501 07-16 B 1 8.00', '502 07-14 A 1 7.50'],
    ],
    ['of another person', { person: CREW[2] }, ['502 07-14 A 1 7.50', '506 07-13 A 1 8.00']],
  ])('the store of before the write, and the entry is %s', async (_, edit, wanted) => {
    const entry = world.enter({ person: ADA, date: '2026-07-13', hours: '8.00' });
    world.enter({ person: BO, date: '2026-07-14', hours: '7.50' });
    await world.round();
    await keepCopy();
    world.today('2026-07-21');
    await world.round();
    await putBack();
    if (Object.keys(edit).length > 0) world.edit(entry, edit);
    await world.round();
    expect(cards()).toEqual(wanted);
    const before = cards();
    expect((await world.round())[THIS]).toMatchObject({
      reason: expect.stringContaining('2 lines') as string,
    });
    expect(cards()).toEqual(before);
  });

  test('the store of before a period that is closed by now: nothing is paid again, and an edit is corrected', async () => {
    await world.round();
    await keepCopy();
    const entry = await written();
    await postedAndClosed();
    await putBack();
    await world.round();
    world.today('2026-07-28');
    await world.round();
    expect(cards()).toEqual(['501 07-13 A 1 8.00 posted']);
    world.edit(entry, { hours: '9.00' });
    await world.round();
    expect(cards()).toEqual(['501 07-13 A 1 -8.00', '501 07-13 A 1 8.00 posted', '501 07-13 A 1 9.00']);
  });

  test('the store of before a correction: it is not made twice', async () => {
    const entry = await written();
    await postedAndClosed();
    await keepCopy();
    world.edit(entry, { hours: '9.00', place: 1 });
    await world.round();
    const corrected = ['501 07-13 A 1 -8.00', '501 07-13 A 1 8.00 posted', '501 07-13 B 1 9.00'];
    expect(cards()).toEqual(corrected);
    await putBack();
    await world.round();
    expect(cards()).toEqual(corrected);
    world.edit(entry, { hours: '8.00', place: 0 });
    await world.round();
    expect(cards()).toEqual(['501 07-13 A 1 8.00 posted']);
  });
});
