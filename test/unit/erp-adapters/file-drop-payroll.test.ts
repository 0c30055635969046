import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { PayLine } from '../../../src/domain/payroll/line';
import { expectationOf } from '../../../src/domain/payroll/line-hash';
import { conformanceQuestions } from '../../../src/erp-adapters/contract/conformance';
import type { Io } from '../../../src/erp-adapters/contract/definition';
import { fileDropAdapter } from '../../../src/erp-adapters/file-drop';
import { sha256 } from '../../../src/erp-adapters/file-drop/keys';
import { periodsOf } from '../../../src/erp-adapters/file-drop/payroll/periods';
import { Pickup, pickupSettings } from '../../support/pickup';
import { asWritten, payBatch, payLine, payrollOf } from './payroll-samples';

/** Timecards as files: the layouts of two receivers, bytes for bytes, and what comes back. */

const PERIOD = { group: 'F', end: '2026-11-21', run: 1 };

/** As Sage 300 CRE's Import Time takes it: CSV without titles. */
const CSV = {
  format: 'csv',
  encoding: 'cp1252',
  dates: 'MM/DD/YYYY',
  file: 'PR-{group}-{end}-{sequence}.csv',
  checksum: 'sidecar',
  again: 'replaces',
  columns: [
    { value: 'date' },
    { value: 'employee', width: 6 },
    { value: 'job', width: 10 },
    { constant: '' },
    { value: 'phase', width: 12 },
    { value: 'certified', values: { true: 'Y', false: 'N' } },
    { value: 'craft', width: 10 },
    { value: 'class', width: 10 },
    { value: 'earn_code', values: { '1': 'REG', '2': 'OT' } },
    { value: 'hours', width: 8 },
    ...['', '', ''].map((constant) => ({ constant })),
    { value: 'key', width: 20 },
  ],
};

/** As importers of fixed width take it: what is not ours to know stays blank. */
const FIXED = {
  format: 'fixed',
  encoding: 'ascii',
  dates: 'YYYYMMDD',
  file: 'PR-{sequence}.txt',
  again: 'adds',
  columns: [
    { value: 'employee', width: 6, align: 'zeros' },
    { constant: '', width: 25 },
    { value: 'department', width: 6, align: 'right' },
    { value: 'job', width: 12 },
    { value: 'shift', width: 1 },
    { constant: 'E', width: 1 },
    { value: 'earn_code', width: 2, align: 'zeros' },
    { constant: '', width: 9 },
    { value: 'hours', width: 8, align: 'right' },
    { value: 'date', width: 8 },
    { constant: '', width: 51 },
  ],
};

const payrollFiles = (outgoing: object, more: object = {}): Record<string, unknown> => ({
  payGroups: [{ code: 'F', name: 'Field', frequency: 'weekly', ends: '2026-11-07', closedTo: '2026-11-07' }],
  earnCodes: [
    { code: '1', name: 'Regular', factor: '1' },
    { code: '2', name: 'Overtime', factor: '1.5' },
  ],
  classes: [{ craft: 'CARP', class: 'JRNY' }],
  departments: [{ code: 'FIELD', name: 'Field' }],
  shifts: ['1'],
  employees: {
    format: 'csv',
    encoding: 'cp1252',
    files: 'employees*.csv',
    titles: true,
    dates: 'MM/DD/YYYY',
    columns: [
      { value: 'number', title: 'EMP' },
      { value: 'first_name', title: 'FIRST' },
      { value: 'last_name', title: 'LAST' },
      { value: 'pay_group', title: 'GROUP' },
      { value: 'hired_on', title: 'HIRED' },
      { value: 'active', title: 'STATUS', values: { true: 'A', false: 'T' } },
    ],
  },
  outgoing,
  answers: {
    format: 'csv',
    files: 'pr-*.csv',
    complete: 'renamed',
    columns: [
      { value: 'sequence' },
      { value: 'line' },
      { value: 'status', values: { accepted: 'A', rejected: 'R', posted: 'P' } },
      { value: 'code' },
      { value: 'text' },
    ],
  },
  ...more,
});

const pickups: Pickup[] = [];
afterAll(() => pickups.forEach((pickup) => pickup.remove()));

function opened(outgoing: object = CSV, more: object = {}) {
  const pickup = new Pickup();
  pickups.push(pickup);
  const open = (io?: Io) =>
    fileDropAdapter.create({
      connectionId: 'demo',
      settings: { ...pickupSettings(pickup.folder), payroll: payrollFiles(outgoing, more) },
      ...(io === undefined ? {} : { io }),
    });
  return { pickup, open, payroll: payrollOf(open()) };
}

const line = (key: string, more: Partial<PayLine> = {}): PayLine =>
  payLine(key, { employee: 'WEST|2207', date: '2026-11-18', department: 'FIELD', ...more });
const onJob = (key: string, more: Partial<PayLine> = {}): PayLine =>
  line(key, { job: 'WEST|J100', phase: 'WEST|J100~cost_code~26-050', certified: true, ...more });
const batchOf = (lines: readonly PayLine[], more: object = {}) =>
  payBatch(lines, { period: PERIOD, ...more });

describe('a batch is a file', () => {
  test('in CSV, with its checksum beside it', async () => {
    const { pickup, payroll } = opened();
    const written = asWritten(
      await payroll.write(batchOf([onJob('k7Q2m'), line('m0Aa1', { earnCode: '2', hours: '2.50' })])),
    );
    expect(written).toMatchObject({ outcome: 'written', lines: [{ key: 'k7Q2m', state: 'batch' }, {}] });
    const [name = ''] = pickup.waiting;
    expect(name).toMatch(/^PR-F-2026-11-21-\d{8}\.csv$/);
    expect(readFileSync(pickup.path('out', name), 'latin1')).toBe(
      '11/18/2026,2207,J100,,26-050,Y,CARP,JRNY,REG,8.00,,,,k7Q2m\r\n' +
        '11/18/2026,2207,,,,N,CARP,JRNY,OT,2.50,,,,m0Aa1\r\n',
    );
    expect(readFileSync(pickup.path('out', `${name}.sha256`), 'latin1')).toMatch(
      new RegExp(`^${sha256(readFileSync(pickup.path('out', name)))}  PR-F-`),
    );
  });

  test('in columns of fixed width', async () => {
    const { pickup, payroll } = opened(FIXED);
    await payroll.write(batchOf([onJob('a')]));
    const [name = ''] = pickup.waiting;
    const text = readFileSync(pickup.path('out', name), 'latin1');
    expect(text).toBe(
      `002207${' '.repeat(25)} FIELD${'J100'.padEnd(12)}1E01${' '.repeat(9)}    8.0020261118${' '.repeat(51)}\r\n`,
    );
    expect(text).toHaveLength(131);
  });

  test('is refused, line by line, where something has no place: nothing is cut', async () => {
    const { pickup, payroll } = opened(FIXED);
    const lines = [
      onJob('good'),
      onJob('number', { employee: 'WEST|1234567' }),
      onJob('hours', { hours: '123456.78' }),
      onJob('job', { job: 'WEST|J999' }),
      onJob('code', { earnCode: '9' }),
      onJob('minus', { hours: '-1.00' }),
      line('good'),
    ];
    expect(await payroll.write(batchOf(lines.slice(0, 4)))).toEqual({
      outcome: 'refused',
      problems: [
        { key: 'number', reason: expect.stringMatching(/7 characters long; the column has 6/) as string },
        { key: 'hours', reason: expect.stringMatching(/9 characters long; the column has 8/) as string },
        { key: 'job', reason: expect.stringMatching(/job WEST\|J999 is not there/) as string },
      ],
    });
    expect(
      await payroll.write(batchOf(lines.filter(({ key }) => !['number', 'hours', 'job'].includes(key)))),
    ).toEqual({
      outcome: 'refused',
      problems: [
        { key: 'code', reason: 'there is no earn code 9' },
        { key: 'minus', reason: 'negative hours are not taken here' },
        { key: 'good', reason: 'the line is there twice' },
      ],
    });
    expect(pickup.waiting).toEqual([]);
  });

  test('waits while out/HOLD.payroll is there, and for its period', async () => {
    const { pickup, payroll } = opened();
    writeFileSync(pickup.path('out', 'HOLD.payroll'), 'Mary Lindqvist\ncounts\n');
    expect(await payroll.write(batchOf([line('a')]))).toMatchObject({
      outcome: 'in_use',
      by: 'Mary Lindqvist',
    });
    rmSync(pickup.path('out', 'HOLD.payroll'));
    for (const [end, says] of [
      ['2026-11-07', /is closed/],
      ['2026-11-20', /there is no pay period/],
    ] as const)
      expect(await payroll.write(batchOf([line('a')], { period: { ...PERIOD, end } }))).toEqual({
        outcome: 'not_open',
        reason: expect.stringMatching(says) as string,
      });
  });

  test('is handed over again where that replaces it, else a clerk must take it back', async () => {
    const replacing = opened();
    const first = asWritten(await replacing.payroll.write(batchOf([onJob('a'), line('b')])));
    const expected = expectationOf(first.lines);
    const again = asWritten(await replacing.payroll.write(batchOf([onJob('a'), line('c')], { expected })));
    expect([again.batch, again.lines.map(({ key }) => key)]).toEqual([first.batch, ['a', 'c']]);
    expect(replacing.pickup.waiting).toHaveLength(2);
    expect(await replacing.payroll.write(batchOf([line('d')], { expected }))).toMatchObject({
      outcome: 'changed',
    });
    const adding = opened(FIXED);
    const held = asWritten(await adding.payroll.write(batchOf([onJob('a')])));
    expect(
      await adding.payroll.write(batchOf([onJob('b')], { expected: expectationOf(held.lines) })),
    ).toMatchObject({
      outcome: 'not_open',
      reason: expect.stringMatching(/a clerk must take it back/) as string,
    });
  });
});

describe('what comes back', () => {
  test('where no answer says posted, what was accepted is posted once its period is closed', async () => {
    const { answers, payGroups } = payrollFiles(CSV) as {
      answers: { columns: object[] };
      payGroups: object[];
    };
    const columns = answers.columns.map((column) =>
      'values' in column ? { ...column, values: { accepted: 'A', rejected: 'R' } } : column,
    );
    const told = { answers: { ...answers, columns } };
    const { pickup, payroll } = opened(CSV, told);
    await payroll.write(batchOf([onJob('a'), line('b')]));
    const sequence = Number(/(\d{8})\.csv$/.exec(pickup.waiting[0] ?? '')?.[1]);
    writeFileSync(pickup.path('ack', 'pr-1.csv'), `${sequence},1,A,,\r\n`);
    const states = async (of: typeof payroll) => (await of.lines(PERIOD)).map(({ state }) => state);
    expect(await states(payroll)).toEqual(['accepted', 'batch']);
    const closed = fileDropAdapter.create({
      connectionId: 'demo',
      settings: {
        ...pickupSettings(pickup.folder),
        payroll: payrollFiles(CSV, { ...told, payGroups: [{ ...payGroups[0], closedTo: PERIOD.end }] }),
      },
    });
    expect(await states(payrollOf(closed))).toEqual(['posted', 'batch']);
  });

  test('acknowledgements, by file and line; a file that does not read is left where it is', async () => {
    const { pickup, payroll } = opened();
    await payroll.write(batchOf([onJob('a'), line('b'), line('c')]));
    const sequence = Number(/(\d{8})\.csv$/.exec(pickup.waiting[0] ?? '')?.[1]);
    const states = async () =>
      (await payroll.lines(PERIOD)).map(({ state, problems }) => [state, ...problems]);
    writeFileSync(
      pickup.path('ack', 'pr-1.csv'),
      `${sequence},1,A,,\r\n${sequence},2,R,E17,Employee on leave\r\n`,
    );
    expect(await states()).toEqual([['accepted'], ['rejected', 'E17 Employee on leave'], ['batch']]);
    writeFileSync(pickup.path('ack', 'pr-2.csv'), `${sequence},1,P,,\r\n${sequence},9,A,,\r\n`);
    expect(await states()).toEqual([['accepted'], ['rejected', 'E17 Employee on leave'], ['batch']]);
    writeFileSync(pickup.path('ack', 'pr-2.csv'), `${sequence},1,P,,\r\n`);
    expect((await states())[0]).toEqual(['posted']);
    // Another worker, or the same after a restart, reads the same.
    expect((await payrollOf(reopened(pickup)).lines(PERIOD))[0]?.state).toBe('posted');
  });

  test('employees, from the newest export', async () => {
    const { pickup, payroll } = opened();
    const read = async () => {
      const found = [];
      for await (const page of payroll.employees(1)) found.push(...page);
      return found;
    };
    await expect(read()).rejects.toMatchObject({ code: 'ERP_CONFIG' });
    const titles = 'EMP,FIRST,LAST,GROUP,HIRED,STATUS\r\n';
    writeFileSync(
      pickup.path('in', 'employees.csv'),
      `${titles}2207,Ada,Quimby,F,03/04/2019,A\r\n2208,Bo,Tumbledown,F,,T\r\n`,
    );
    expect(await read()).toMatchObject([
      { key: 'WEST|2207', lastName: 'Quimby', payGroup: 'F', hiredOn: '2019-03-04', isActive: true },
      { number: '2208', hiredOn: null, isActive: false },
    ]);
    writeFileSync(pickup.path('in', 'employees.csv'), `${titles}2207,Ada,Quimby,F,2019-03-04,A\r\n`);
    await expect(read()).rejects.toThrow(
      /in\/employees\.csv: line 2: "2019-03-04" is no date such as MM\/DD\/YYYY/,
    );
  });
});

const reopened = (pickup: Pickup) =>
  fileDropAdapter.create({
    connectionId: 'demo',
    settings: { ...pickupSettings(pickup.folder), payroll: payrollFiles(CSV) },
  });

describe('periods', () => {
  const group = (frequency: 'weekly' | 'biweekly' | 'semimonthly' | 'monthly', ends: string) => ({
    ...{ code: 'G', name: '', frequency, ends },
  });
  test.each([
    ['weekly', '2026-11-07', ['2026-11-01/2026-11-07', '2026-11-08/2026-11-14', '2026-11-15/2026-11-21']],
    ['biweekly', '2026-11-07', ['2026-10-25/2026-11-07', '2026-11-08/2026-11-21']],
    [
      'semimonthly',
      '2026-10-31',
      ['2026-10-16/2026-10-31', '2026-11-01/2026-11-15', '2026-11-16/2026-11-30'],
    ],
    ['monthly', '2026-10-31', ['2026-10-01/2026-10-31', '2026-11-01/2026-11-30']],
  ] as const)('%s, gapless', (frequency, ends, wanted) => {
    const periods = periodsOf(group(frequency, ends), '2026-01-01', '2026-11-18');
    expect(
      periods.filter(({ state }) => state === 'open').map(({ begin, end }) => `${begin}/${end}`),
    ).toEqual(wanted);
    expect(periods.at(-1)?.state).toBe('future');
  });
});

test.each([
  [{ ...CSV, again: undefined }, /payroll\.outgoing\.again/],
  [{ ...CSV, file: 'same.csv' }, /payroll\.outgoing\.file: it must have \{sequence\}/],
  [{ ...FIXED, columns: [{ value: 'hours' }] }, /need their widths/],
  [{ ...CSV, columns: [{ value: 'rate' }] }, /payroll\.outgoing\.columns/],
])('settings are read strictly: %#', (outgoing, says) => {
  const pickup = new Pickup();
  pickups.push(pickup);
  const reading = fileDropAdapter.readSettings({
    ...pickupSettings(pickup.folder),
    payroll: payrollFiles(outgoing),
  });
  expect(reading.ok ? '' : reading.problems.join('\n')).toMatch(says);
});

describe('the questions about payroll', () => {
  const { pickup, open } = opened();
  writeFileSync(
    pickup.path('in', 'employees.csv'),
    'EMP,FIRST,LAST,GROUP,HIRED,STATUS\r\n2207,Ada,Quimby,F,,A\r\n',
  );
  const questions = conformanceQuestions({
    open: ({ io } = {}) => open(io),
    payroll: {
      period: PERIOD,
      lines: (tag, count) =>
        Array.from({ length: count }, (_, index) =>
          (index === 0 ? onJob : line)(`${tag}-${index}`, { hours: `${index + 1}.25` }),
        ),
      refused: (tag) => line(`${tag}-bad`, { earnCode: '9' }),
    },
  }).filter(({ name }) => name.startsWith('payroll-'));
  const NOT_ASKED = [
    'payroll-in-use',
    'payroll-closed',
    'payroll-changed',
    'payroll-posted',
    'payroll-secrets',
  ];

  test.each(questions.map((question) => [question.id, question] as const))('%s', async (id, { ask }) => {
    expect(await ask()).toMatchObject({ status: NOT_ASKED.includes(id) ? 'skipped' : 'passed' });
  });
});
