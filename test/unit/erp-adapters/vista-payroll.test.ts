import { z } from 'zod';
import type { PayLine } from '../../../src/domain/payroll/line';
import { expectationOf } from '../../../src/domain/payroll/line-hash';
import type { ErpAdapter } from '../../../src/erp-adapters/contract/adapter';
import type { PayBatchWrite, PayrollCapability } from '../../../src/erp-adapters/contract/payroll';
import { TSQL } from '../../../src/erp-adapters/sql/dialect';
import { vistaModel } from '../../../src/erp-adapters/vista';
import { grantScript } from '../../../src/erp-adapters/vista/grant-script';
import { VISTA_SETTINGS } from '../../../src/erp-adapters/vista/settings';
import { asWritten, OPEN_PERIOD, payBatch, payLine, payrollOf } from './payroll-samples';
import type { VistaCompany } from './vista-kit';
import { keysOf, vistaCompany } from './vista-kit';

/** What is Vista's own of payroll: pay sequences, statuses of batches, months, the procedure that opens them. */

const JULY = { co: 1, mth: '2026-07-01' };
const PERIOD = { co: 1, group: 1, end: '2026-07-18' };

let company: VistaCompany;
let erp: ErpAdapter;
let payroll: PayrollCapability;
beforeEach(() => {
  company = vistaCompany();
  erp = company.open();
  payroll = payrollOf(erp);
});
afterEach(async () => {
  await erp.close();
  company.remove();
});

const numberOf = (batch: string): number => Number(batch.split('/')[1]);
const onJob = (key: string, more: Partial<PayLine> = {}): PayLine => {
  const keys = keysOf(company.office);
  return payLine(key, { job: keys.job(), phase: keys.phase('26-050'), ...more });
};
const cards = () => company.office.rows('PRTB');

describe('reading', () => {
  test('employees, codes and periods', async () => {
    const pages = [];
    for await (const page of payroll.employees(3)) pages.push(page);
    expect(pages.map(({ length }) => length)).toEqual([3, 1]);
    expect(pages[0]?.[2]).toMatchObject({ key: '1|504', endedOn: '2026-07-15', isActive: false });
    const { earnCodes, classes, departments } = await payroll.codes();
    expect(earnCodes[1]).toEqual({
      code: '2',
      name: 'Overtime',
      factor: '1.5',
      costType: '1|1',
      isActive: true,
    });
    expect([classes.length, departments.length]).toEqual([3, 2]);
    expect(await payroll.periods('2026-07-11')).toMatchObject([
      { group: '1', end: '2026-07-11', run: 1, state: 'closed', frequency: 'weekly' },
      { end: '2026-07-18', run: 1, state: 'open', begin: '2026-07-12', cutOff: null },
      { end: '2026-07-18', run: 2 },
      { end: '2026-07-25', run: 1 },
      { group: '2', end: '2026-07-31', frequency: 'semimonthly' },
    ]);
  });

  test('without the setting there is no payroll, and no right on it', () => {
    const other = company.open({ settings: { payroll: undefined } });
    expect(other.payroll).toBeUndefined();
    const model = (payrollToo: boolean) =>
      vistaModel(
        z.object(VISTA_SETTINGS).parse({ company: 1, ...(payrollToo ? { payroll: {} } : {}) }),
        TSQL,
        '',
      );
    expect(grantScript(TSQL, model(false))).not.toMatch(/PREH|PRTB|GRANT DELETE/);
    const script = grantScript(TSQL, model(true));
    expect(script).toContain('GRANT DELETE ON PRTB TO tieback_erp;');
    expect(script.match(/GRANT (DELETE|UPDATE)[^;]* ON PR\w+/g)).toEqual(['GRANT DELETE ON PRTB']);
    expect(script).toMatch(/GRANT SELECT ON PREH \(\[PRCo\], \[Employee\]/);
    expect(script).toMatch(/Nothing is granted that posts\. Rows are deleted of PRTB alone/);
  });
});

describe('a batch', () => {
  test('is opened by the procedure for its period, filled and left', async () => {
    const lines = [
      onJob('a'),
      payLine('b', { hours: '2.25', shift: null, department: null, date: '2026-07-12' }),
    ];
    const written = asWritten(await payroll.write(payBatch(lines)));
    expect(company.office.rows('HQBC', { BatchId: numberOf(written.batch) })).toMatchObject([
      {
        Status: 0,
        InUseBy: null,
        CreatedBy: 'tieback',
        Source: 'PR Entry',
        PRGroup: 1,
        PREndDate: '2026-07-18',
      },
    ]);
    expect(cards()).toMatchObject([
      {
        BatchSeq: 1,
        PaySeq: 1,
        DayNum: 3,
        Job: ' 1024-001',
        Phase: '26-050-  ',
        Hours: '8.00',
        Memo: 'Tieback a',
      },
      { BatchSeq: 2, DayNum: 1, Job: null, JCCo: null, Shift: 1, PRDept: '10', Hours: '2.25' },
    ]);
    expect(await payroll.lines(OPEN_PERIOD)).toEqual(written.lines);
    expect(written.lines[0]).toMatchObject({ job: onJob('').job, phase: onJob('').phase, state: 'batch' });
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
    const lines = Array.from({ length: 1_000 }, (_, index) => onJob(`k${index}`, { hours: '0.10' }));
    expect(asWritten(await payrollOf(counting).write(payBatch(lines))).lines).toHaveLength(1_000);
    await counting.close();
    expect(calls.length).toBeLessThanOrEqual(6);
  });

  test('a second run and corrections have pay sequences of their own', async () => {
    await payroll.write(payBatch([payLine('x')], { period: { ...OPEN_PERIOD, run: 2 } }));
    const late = payLine('r', { date: '2026-07-07', hours: '-8.00', leg: 'reversal' });
    await payroll.write(payBatch([late], { purpose: 'correction' }));
    expect(cards()).toMatchObject([
      { PaySeq: 2, DayNum: 3 },
      { PaySeq: 9, DayNum: -4, Hours: '-8.00' },
    ]);
    expect(await payroll.lines({ ...OPEN_PERIOD, run: 2 })).toMatchObject([{ key: 'x' }]);
    expect(await payroll.lines(OPEN_PERIOD)).toMatchObject([{ key: 'r', hours: '-8.00' }]);
  });

  test.each<[string, () => void, Partial<PayBatchWrite>, RegExp]>([
    [
      'no sequence for corrections',
      () => undefined,
      { purpose: 'correction', period: { ...OPEN_PERIOD, end: '2026-07-25' } },
      /no pay sequence 9/,
    ],
    ['period closed', () => company.office.setPayPeriod(PERIOD, 1), {}, /2026-07-18 is closed/],
    ['month closed', () => company.office.closeMonth(JULY, 'Sub'), {}, /month 07\/26 is closed for PR/],
  ])('waits: %s', async (_what, act, more, says) => {
    act();
    expect(await payroll.write(payBatch([payLine('a')], more))).toEqual({
      outcome: 'not_open',
      reason: expect.stringMatching(says) as string,
    });
    expect(cards()).toEqual([]);
  });

  test('goes into the second month of a period where the first is closed', async () => {
    company.office.change(
      'PRPC',
      { PREndDate: '2026-07-18', PRGroup: 1 },
      { MultiMth: 'Y', BeginMth: '2026-06-01', EndMth: '2026-07-01' },
    );
    expect(await payroll.write(payBatch([payLine('a')]))).toMatchObject({
      batch: expect.stringMatching(/^2026-07/) as string,
    });
  });

  test('names lines that are refused: by us, and by Vista alone', async () => {
    expect(
      await payroll.write(
        payBatch([payLine('a'), payLine('b', { date: '2026-07-07' }), payLine('c', { earnCode: '9' })]),
      ),
    ).toMatchObject({
      outcome: 'refused',
      problems: [
        { key: 'b', reason: '2026-07-07 is before the period, which begins on 2026-07-12' },
        { key: 'c', reason: 'there is no earn code 9' },
      ],
    });
    company.office.changeJob(1, '1024-001', { JobStatus: 3 });
    expect(await payroll.write(payBatch([payLine('a'), onJob('b')]))).toMatchObject({
      outcome: 'refused',
      problems: [{ key: 'b', reason: expect.stringMatching(/Job {2}1024-001 is closed/) as string }],
    });
    expect(cards()).toEqual([]);
  });

  test('changes while it is open, waits for Mary, for who validates, and is changed when it was posted', async () => {
    const first = asWritten(await payroll.write(payBatch([onJob('a'), onJob('b')])));
    const expected = expectationOf(first.lines);
    const again = () => payroll.write(payBatch([onJob('a'), onJob('c', { hours: '1.00' })], { expected }));
    const number = numberOf(first.batch);
    company.office.useBatch(JULY, number, 'Mary Lindqvist');
    expect(await again()).toEqual({ outcome: 'in_use', batch: first.batch, by: 'Mary Lindqvist' });
    company.office.useBatch(JULY, number, null);
    company.office.validateBatch(JULY, number);
    expect(await again()).toMatchObject({
      outcome: 'not_open',
      reason: expect.stringMatching(/validated/) as string,
    });
    company.office.setBatch(JULY, number, 0);
    expect(await again()).toMatchObject({ outcome: 'written', batch: first.batch });
    expect(cards()).toMatchObject([
      { Memo: 'Tieback a', BatchSeq: 1 },
      { Memo: 'Tieback c', BatchSeq: 3 },
    ]);
    company.office.postBatch(JULY, number);
    expect(await again()).toMatchObject({ outcome: 'already_written', batch: first.batch });
    expect(await payroll.write(payBatch([payLine('d')], { expected }))).toMatchObject({ outcome: 'changed' });
    expect(company.office.rows('PRTH')).toHaveLength(2);
  });

  test('what validation says is on its line, and what is posted is read back', async () => {
    const { batch } = asWritten(await payroll.write(payBatch([onJob('a'), onJob('b', { earnCode: '5' })])));
    company.office.validateBatch(JULY, numberOf(batch));
    const lines = await payroll.lines(OPEN_PERIOD);
    expect(lines.map(({ state, family }) => [state, family])).toEqual([
      ['batch', 'worked'],
      ['rejected', 'allowance'],
    ]);
    expect(lines[1]?.problems).toEqual([expect.stringMatching(/^Seq# 2: phase .* has no cost type 5/)]);
    company.office.setBatch(JULY, numberOf(batch), 0);
    company.office.changeTimecard({ BatchSeq: 2 }, { EarnCode: 2 });
    company.office.postBatch(JULY, numberOf(batch));
    expect(await payroll.lines(OPEN_PERIOD)).toMatchObject([
      { id: 'H1', key: 'a', state: 'posted', batch },
      { id: 'H2', key: 'b', state: 'posted', earnCode: '2', batch },
    ]);
  });
});

describe('doctor', () => {
  const payrollOfDoctor = async () => (await erp.check()).find(({ name }) => name === 'payroll');

  test('finds the tables of payroll as they are needed', async () => {
    expect(await payrollOfDoctor()).toMatchObject({ ok: true, detail: 'all columns of 10 tables are there' });
  });

  test('says what is gone, and what a new line would lack', async () => {
    const { db } = company.model;
    db.exec('ALTER TABLE PREH RENAME COLUMN TermDate TO LeftOn');
    db.exec('ALTER TABLE PRTB RENAME COLUMN Crew TO Crew2; ALTER TABLE PRTB RENAME COLUMN Cert TO Certified');
    const found = await payrollOfDoctor();
    expect(found?.ok).toBe(false);
    expect(found?.detail).toMatch(/no column PREH\.TermDate; there is no column PRTB\.Cert$/);
    expect(JSON.stringify(found)).not.toMatch(/SSN|HrlyRate/);
  });

  test('a rate without a default is told before a batch is refused for it', async () => {
    const { db } = company.model;
    const [table] = db.prepare<[], string>("SELECT sql FROM sqlite_master WHERE name = 'PRTB'").pluck().all();
    db.exec('DROP TABLE PRTB');
    db.exec(
      (table ?? '').replace(
        "Rate TEXTNUMERIC(16,5) NOT NULL DEFAULT '0.00000'",
        'Rate TEXTNUMERIC(16,5) NOT NULL',
      ),
    );
    expect(await payrollOfDoctor()).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/PRTB\.Rate must have a value, and has no default/) as string,
    });
  });
});
