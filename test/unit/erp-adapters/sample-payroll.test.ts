import type { PayLine } from '../../../src/domain/payroll/line';
import { expectationOf } from '../../../src/domain/payroll/line-hash';
import type { ErpAdapter } from '../../../src/erp-adapters/contract/adapter';
import type { PayBatchWrite, PayrollCapability } from '../../../src/erp-adapters/contract/payroll';
import { asWritten, OPEN_PERIOD, payBatch, payLine, payrollOf } from './payroll-samples';
import type { SampleCompany } from './sample-kit';
import { sampleCompany } from './sample-kit';

const JULY = { co: 1, mth: '2026-07' };
const PERIOD = { co: 1, group: 1, end: '2026-07-18' };

let company: SampleCompany;
let erp: ErpAdapter;
let payroll: PayrollCapability;
beforeEach(() => {
  company = sampleCompany();
  erp = company.open();
  payroll = payrollOf(erp);
});
afterEach(async () => {
  await erp.close();
  company.remove();
});

const numberOf = (batch: string): number => Number(batch.split('/')[1]);
const onJob = (key: string, more: Partial<PayLine> = {}): PayLine => {
  const { accounting } = company;
  return payLine(key, {
    job: `1|${accounting.jobKey(1, '1024-001')}`,
    phase: `1|${accounting.phaseKey(1, '1024-001', '26-050')}`,
    ...more,
  });
};
const cards = (): readonly unknown[] =>
  company.accounting
    .cards()
    .map(({ Hours, Memo, EarnCode }) => [String(Memo).replace('Tieback ', ''), EarnCode, Hours]);

describe('reading', () => {
  test('employees come whole, page by page, without a word of what is secret', async () => {
    const pages = [];
    for await (const page of payroll.employees(2)) pages.push(page);
    expect(pages.map(({ length }) => length)).toEqual([2, 2, 2]);
    expect(pages.flat()[3]).toEqual({
      key: '1|504',
      number: '504',
      firstName: 'Dov',
      lastName: 'Pennywhistle',
      email: null,
      payGroup: '1',
      department: '10',
      craft: 'CARP',
      class: 'APPR',
      hiredOn: '2020-01-06',
      endedOn: '2026-07-15',
      isActive: false,
    });
  });

  test('codes with the factor and the cost type of earn codes', async () => {
    const { earnCodes, classes, departments, shifts, payGroups } = await payroll.codes();
    const costTypes = company.accounting.rows('JCCT', "CostType = '1'");
    expect(earnCodes.slice(1, 4)).toEqual([
      { code: '2', name: 'Overtime', factor: '1.5', costType: `1|${costTypes[0]?.KeyID}`, isActive: true },
      { code: '3', name: 'Double time', factor: '2', costType: `1|${costTypes[0]?.KeyID}`, isActive: true },
      { code: '4', name: 'Vacation', factor: null, costType: null, isActive: true },
    ]);
    expect(earnCodes.filter(({ isActive }) => !isActive).map(({ code }) => code)).toEqual(['6']);
    expect(classes).toContainEqual({ craft: 'ELEC', class: 'JRNY', name: 'Electrician journeyman' });
    expect([departments.length, shifts, payGroups.length]).toEqual([2, ['1', '2'], 2]);
  });

  test('periods with their runs, cut-offs and states', async () => {
    const periods = await payroll.periods('2026-07-11');
    expect(periods.slice(0, 4)).toMatchObject([
      { group: '1', end: '2026-07-11', run: 1, state: 'closed', frequency: 'weekly', cutOff: null },
      { group: '2', begin: '2026-07-01', end: '2026-07-15', cutOff: '2026-07-13', frequency: 'semimonthly' },
      { group: '1', begin: '2026-07-12', end: '2026-07-18', run: 1, state: 'open' },
      { group: '1', end: '2026-07-18', run: 2 },
    ]);
    expect(periods.at(-1)).toMatchObject({ end: '2027-01-02', state: 'future' });
  });
});

describe('a batch', () => {
  test('is created, filled and released; nobody has validated or posted it', async () => {
    const written = asWritten(await payroll.write(payBatch([onJob('a1'), payLine('b2', { hours: '1.50' })])));
    expect(written).toMatchObject({
      outcome: 'written',
      lines: [{ key: 'a1' }, { key: 'b2', hours: '1.50' }],
    });
    expect(company.accounting.payBatches()).toMatchObject([
      { Status: 0, CreatedBy: 'tieback', InUseBy: null, PREndDate: '2026-07-18', AutoOT: 'Y' },
    ]);
    expect(await payroll.lines(OPEN_PERIOD)).toEqual(written.lines);
    const [{ job, phase } = payLine('')] = written.lines;
    expect([job, phase]).toEqual([onJob('').job, onJob('').phase]);
    expect(await erp.ledger.head('pay_batch', 'pay_batch/1-2026-07-18')).toMatchObject({
      erpKey: written.batch,
    });
  });

  test('of a thousand lines takes at most six round trips', async () => {
    const calls: string[] = [];
    const counting = company.open({
      io: (name, call) => {
        calls.push(name);
        return call();
      },
    });
    await payrollOf(counting).codes();
    calls.length = 0;
    const lines = Array.from({ length: 1_000 }, (_, index) =>
      onJob(`k${index}`, { employee: `1|${501 + (index % 3)}`, hours: '0.10' }),
    );
    expect(asWritten(await payrollOf(counting).write(payBatch(lines))).lines).toHaveLength(1_000);
    await counting.close();
    expect(calls.map((name) => name.replace('erp.payroll.write.', ''))).toEqual([
      ...['begin', 'look', 'open', 'write', 'commit'],
    ]);
  });

  test('is found again by its operation key, whatever became of it', async () => {
    const operation = payBatch([onJob('a1')]);
    const { batch } = asWritten(await payroll.write(operation));
    expect(await payroll.write(operation)).toMatchObject({ outcome: 'already_written', batch });
    company.accounting.postPayBatch(JULY, numberOf(batch));
    expect(await payroll.write(operation)).toMatchObject({
      outcome: 'already_written',
      lines: [{ key: 'a1', state: 'posted', batch }],
    });
  });

  test('is found again by its lines, where the ledger was lost', async () => {
    const operation = payBatch([onJob('a1'), onJob('a2')]);
    const { batch } = asWritten(await payroll.write(operation));
    company.accounting.runScript(`DROP TABLE tieback_ledger; ${company.open().grantScript()}`);
    company.accounting.changeCard(Number(company.accounting.cards()[0]?.Card), {
      Memo: 'Tieback a1 checked with the foreman',
    });
    expect(await payroll.write(operation)).toMatchObject({ outcome: 'already_written', batch });
    expect(await erp.ledger.find([operation.operationKey])).toHaveLength(1);
    expect(company.accounting.cards()).toHaveLength(2);
  });

  test('is found again by its lines, also when it was posted and its period closed meanwhile', async () => {
    const operation = payBatch([onJob('a1'), payLine('a2')]);
    const { batch } = asWritten(await payroll.write(operation));
    company.accounting.postPayBatch(JULY, numberOf(batch));
    company.accounting.closePayPeriod(PERIOD);
    company.accounting.runScript(`DROP TABLE tieback_ledger; ${company.open().grantScript()}`);
    expect(await payroll.write(operation)).toMatchObject({
      outcome: 'already_written',
      batch,
      lines: [{ state: 'posted' }, { state: 'posted' }],
    });
  });

  test('with a line that is elsewhere already is refused: it would be paid twice', async () => {
    const { batch } = asWritten(await payroll.write(payBatch([onJob('a1')])));
    company.accounting.postPayBatch(JULY, numberOf(batch));
    expect(
      await payroll.write(
        payBatch([onJob('a1'), onJob('a2')], { period: { ...OPEN_PERIOD, end: '2026-07-25' } }),
      ),
    ).toEqual({
      outcome: 'refused',
      problems: [
        { key: 'a1', reason: expect.stringMatching(/posted \(2026-07\/\d+\).*paid twice/) as string },
      ],
    });
    expect(company.accounting.cards()).toEqual([]);
  });

  test.each<[string, Partial<PayLine>, RegExp]>([
    ['employee', { employee: '1|999' }, /no employee 1\|999/],
    ['company', { employee: '2|501' }, /no employee 2\|501/],
    ['group', { employee: '1|505' }, /Edda Butterworth-Ñuñez is paid with group 2/],
    ['leaver', { employee: '1|504', date: '2026-07-16' }, /Dov Pennywhistle left on 2026-07-15/],
    ['earn code', { earnCode: '77' }, /no earn code 77/],
    ['inactive code', { earnCode: '6' }, /earn code 6 is inactive/],
    ['class', { class: 'MSTR' }, /no craft and class CARP MSTR/],
    ['department', { department: '99' }, /no department 99/],
    ['shift', { shift: '9' }, /no shift 9/],
    ['date', { date: '2026-07-19' }, /after the end of the period/],
    ['hours', { hours: '8' }, /no hours with two places/],
    ['phase', { job: '1|1' }, /no phase: it would be paid and not costed/],
    ['job', { job: '1|4711', phase: '1|1' }, /no job 1\|4711/],
  ])('names the line that the ERP wants none of: %s', async (_what, flaw, says) => {
    const result = await payroll.write(payBatch([payLine('good'), payLine('bad', flaw)]));
    expect(result).toEqual({
      outcome: 'refused',
      problems: [{ key: 'bad', reason: expect.stringMatching(says) as string }],
    });
    expect(company.accounting.payBatches()).toEqual([]);
  });

  test('names also lines that only the ERP knows something against', async () => {
    company.accounting.closeJob(1, '1024-001');
    const lines = ['a', 'b', 'c', 'd', 'e'].map((key) =>
      key === 'b' || key === 'e' ? onJob(key) : payLine(key),
    );
    const result = await payroll.write(payBatch(lines));
    expect(result).toMatchObject({ outcome: 'refused', problems: [{ key: 'b' }, { key: 'e' }] });
    expect(JSON.stringify(result)).toMatch(/Job 1024-001 is closed; reopen it first/);
    expect(company.accounting.payBatches()).toEqual([]);
  });

  test('of hundreds of lines that only the ERP refuses, a dozen or so are named', async () => {
    company.accounting.closeJob(1, '1024-001');
    const lines = Array.from({ length: 400 }, (_, index) =>
      index % 2 === 0 ? payLine(`k${index}`) : onJob(`k${index}`),
    );
    const result = await payroll.write(payBatch(lines));
    const named = result.outcome === 'refused' ? result.problems.map(({ key }) => Number(key.slice(1))) : [];
    expect(named.length).toBeGreaterThan(10);
    expect(named.every((index) => index % 2 === 1)).toBe(true);
  });

  test('a leaver is paid for the days before', async () => {
    expect(await payroll.write(payBatch([payLine('a', { employee: '1|504' })]))).toMatchObject({
      outcome: 'written',
    });
  });

  test.each<[string, () => Partial<PayBatchWrite>, RegExp]>([
    ['no such period', () => ({ period: { ...OPEN_PERIOD, end: '2026-07-17' } }), /no pay period of group 1/],
    ['no such run', () => ({ period: { ...OPEN_PERIOD, run: 3 } }), /run 3/],
    ['closed', () => (company.accounting.closePayPeriod(PERIOD), {}), /2026-07-18 is closed/],
    ['not open yet', () => ({ period: { ...OPEN_PERIOD, end: '2027-01-02' } }), /2027-01-02 is future/],
    [
      'month closed',
      () => (company.accounting.closePeriod(JULY, 'PR'), {}),
      /month 2026-07 is closed for PR/,
    ],
  ])('waits for its period: %s', async (_what, closing, says) => {
    const result = await payroll.write(payBatch([payLine('a')], closing()));
    expect(result).toEqual({ outcome: 'not_open', reason: expect.stringMatching(says) as string });
    expect(company.accounting.payBatches()).toEqual([]);
  });
});

describe('a change of the batch', () => {
  let batch: string;
  let expected: Readonly<Record<string, string>>;
  beforeEach(async () => {
    const written = asWritten(await payroll.write(payBatch([onJob('a'), onJob('b'), payLine('c')])));
    batch = written.batch;
    expected = expectationOf(written.lines);
  });
  const rewrite = (lines: readonly PayLine[], more: Partial<PayBatchWrite> = {}) =>
    payroll.write(payBatch(lines, { expected, ...more }));

  test('leaves it with the lines it is to hold: those that say the same stay the rows they are', async () => {
    const before = company.accounting.cards();
    const operation = payBatch([onJob('a'), onJob('b2', { hours: '7.25' })], { expected });
    expect(await payroll.write(operation)).toMatchObject({ outcome: 'written', batch });
    expect(cards()).toEqual([
      ['a', 1, '8.00'],
      ['b2', 1, '7.25'],
    ]);
    expect(company.accounting.cards()[0]).toEqual(before[0]);
    expect(await payroll.write(operation)).toMatchObject({ outcome: 'already_written', batch });
    expect(company.accounting.payBatches()).toHaveLength(1);
  });

  test('may take all of it back', async () => {
    expect(await rewrite([])).toEqual({ outcome: 'written', batch, lines: [] });
  });

  test('waits for Mary by her name, and writes nothing', async () => {
    company.accounting.useBatch(JULY, numberOf(batch), 'Mary Lindqvist');
    expect(await rewrite([payLine('x')])).toEqual({ outcome: 'in_use', batch, by: 'Mary Lindqvist' });
    expect(cards()).toHaveLength(3);
    company.accounting.useBatch(JULY, numberOf(batch), null);
    expect(await rewrite([payLine('x')])).toMatchObject({ outcome: 'written' });
  });

  test.each<[string, (card: number) => void]>([
    ['changed', (card) => company.accounting.changeCard(card, { Hours: '4.00' })],
    ['deleted', (card) => company.accounting.deleteCard(card)],
    [
      'added',
      () =>
        void company.accounting.addCard(JULY, numberOf(batch), {
          employee: 502,
          date: '2026-07-13',
          hours: '2.00',
        }),
    ],
    ['posted', () => company.accounting.postPayBatch(JULY, numberOf(batch))],
  ])('is not written over what people did: %s', async (_what, act) => {
    act(Number(company.accounting.cards()[1]?.Card));
    const after = [company.accounting.cards(), company.accounting.postedCards()];
    const result = await rewrite([payLine('x')]);
    expect(result).toMatchObject({ outcome: 'changed', batch });
    expect([company.accounting.cards(), company.accounting.postedCards()]).toEqual(after);
  });

  test('waits while the batch is validated', async () => {
    company.accounting.validatePayBatch(JULY, numberOf(batch));
    expect(await rewrite([payLine('x')])).toEqual({
      outcome: 'not_open',
      reason: expect.stringMatching(/has been validated; somebody must post it or set it back/) as string,
    });
  });

  test('of an older generation than the last one is told that all is changed', async () => {
    await rewrite([onJob('a')]);
    expect(await rewrite([onJob('b')], { generation: 1 })).toMatchObject({ outcome: 'changed' });
  });

  test('leaves what was added by hand, as far as the plan knew of it', async () => {
    company.accounting.addCard(JULY, numberOf(batch), {
      employee: 502,
      date: '2026-07-13',
      hours: '2.00',
      memo: 'Mary',
    });
    expected = expectationOf(await payroll.lines(OPEN_PERIOD));
    expect(await rewrite([onJob('a')])).toMatchObject({ outcome: 'written' });
    expect(cards()).toEqual([
      ['a', 1, '8.00'],
      ['Mary', 1, '2.00'],
    ]);
  });
});

describe('what the ERP makes of it', () => {
  test('lines cut by its overtime rules are told, and the parts stay where they come to as much', async () => {
    const lines = [onJob('a', { hours: '10.00' }), onJob('b', { date: '2026-07-15', hours: '9.00' })];
    asWritten(await payroll.write(payBatch(lines)));
    company.accounting.applyOvertime(PERIOD);
    const now = await payroll.lines(OPEN_PERIOD);
    const [a, b] = now;
    expect(now.map(({ key, earnCode, hours, madeFrom }) => [key, earnCode, hours, madeFrom])).toEqual([
      ['a', '1', '8.00', null],
      ['b', '1', '8.00', null],
      [null, '2', '2.00', a?.id],
      [null, '2', '1.00', b?.id],
    ]);
    const [first, second] = lines as [PayLine, PayLine];
    await payroll.write(
      payBatch([first, { ...second, key: 'b2', hours: '8.50' }], { expected: expectationOf(now) }),
    );
    expect(cards()).toEqual([
      ['a', 1, '8.00'],
      ['a', 2, '2.00'],
      ['b2', 1, '8.50'],
    ]);
  });

  test('what validation says is on its line; what is posted is told as posted', async () => {
    const { batch } = asWritten(await payroll.write(payBatch([onJob('a'), onJob('b', { earnCode: '5' })])));
    company.accounting.validatePayBatch(JULY, numberOf(batch));
    expect(
      (await payroll.lines(OPEN_PERIOD)).map(({ key, state, problems }) => [key, state, problems]),
    ).toEqual([
      ['a', 'batch', []],
      ['b', 'rejected', ['Cost type of earn code 5 is not on the phase']],
    ]);
    company.accounting.changeCard(Number(company.accounting.cards()[1]?.Card), { EarnCode: 1 });
    company.accounting.validatePayBatch(JULY, numberOf(batch));
    expect((await payroll.lines(OPEN_PERIOD)).map(({ state }) => state)).toEqual(['accepted', 'accepted']);
    const before = await payroll.lines(OPEN_PERIOD);
    company.accounting.postPayBatch(JULY, numberOf(batch));
    const posted = await payroll.lines(OPEN_PERIOD);
    expect(posted).toEqual(before.map((line) => ({ ...line, state: 'posted' })));
  });

  test('corrections go into a batch that overtime rules leave alone', async () => {
    const lines = [
      onJob('r', { hours: '-10.00', leg: 'reversal' }),
      onJob('n', { hours: '9.00', leg: 'replacement' }),
    ];
    const written = asWritten(await payroll.write(payBatch(lines, { purpose: 'correction' })));
    company.accounting.applyOvertime(PERIOD);
    expect(await payroll.lines(OPEN_PERIOD)).toEqual(written.lines);
    expect(await erp.ledger.head('pay_batch', 'pay_batch/1-2026-07-18/correction')).toMatchObject({
      erpKey: written.batch,
    });
  });

  test('a card that somebody copied with its memo is not ours', async () => {
    const { batch } = asWritten(await payroll.write(payBatch([onJob('a')])));
    company.accounting.addCard(JULY, numberOf(batch), {
      employee: 501,
      date: '2026-07-14',
      hours: '1.00',
      memo: 'Tieback a',
    });
    expect((await payroll.lines(OPEN_PERIOD)).map(({ key }) => key)).toEqual(['a', null]);
  });
});
