import fc from 'fast-check';
import type { TimecardEntry } from '../../../../src/domain/payroll/entry';
import type { PeriodInput } from '../../../../src/domain/payroll/gather';
import { addHours } from '../../../../src/domain/payroll/hours';
import { differenceOf, planPeriod } from '../../../../src/domain/payroll/plan';
import type { PeriodPlan } from '../../../../src/domain/payroll/plan';
import { movedSince } from '../../../../src/domain/payroll/revision';
import {
  EMPLOYEES,
  entry,
  LOADER,
  named,
  periodInput,
  references,
  RULES,
  shuffled,
  week,
  WEEKS,
} from './fixtures';

const plan = (entries: readonly TimecardEntry[], more: Partial<PeriodInput> = {}): PeriodPlan =>
  planPeriod(periodInput(entries, more));
const shown = ({ lines }: PeriodPlan): string[] =>
  lines.map(({ employee, date, job, phase, earnCode, hours, entries }) =>
    [employee, date, job, phase, earnCode, hours, entries.join('+')].join(' '),
  );
const reasons = ({ leftOut }: PeriodPlan): [number, string][] =>
  leftOut.map(({ entry: id, reason }) => [id, reason]);
const warned = ({ warnings }: PeriodPlan): [string, readonly number[]][] =>
  warnings.map(({ code, entries }) => [code, entries]);

test('one line for each cell and earn code, with the entries that it is made of', () => {
  const entries = [
    entry(4, { hours: '2.5', costCode: named(22) }),
    entry(3, { hours: '1.25', timeType: named(2) }),
    entry(2, { hours: '3' }),
    entry(1, { hours: '4.5' }),
  ];
  expect(shown(plan(entries))).toEqual([
    '1|2207 2026-11-18 1|26-014 1|3-310 OT 1.25 3',
    '1|2207 2026-11-18 1|26-014 1|3-310 REG 7.50 1+2',
    '1|2207 2026-11-18 1|26-014 1|3-320 REG 2.50 4',
  ]);
});

test('the key of a line is that of its entries and place: hours do not change it, and no two lines share one', () => {
  const [before] = plan([entry(1)]).lines;
  const [after] = plan([entry(1, { hours: '6' })]).lines;
  const [other] = plan([entry(1, { costCode: named(22) })]).lines;
  expect(after?.key).toBe(before?.key);
  expect(other?.key).not.toBe(before?.key);
  expect(before?.key).toMatch(/^[0-9a-f]{20}$/);
});

test('totals are sums of the printed lines, and machines and allowances are no hours of people', () => {
  const totals = plan([
    entry(1, { hours: '0.333333' }),
    entry(2, { hours: '0.333333', costCode: named(22) }),
    entry(3, { hours: '0.333333', project: named(12) }),
    entry(4, { hours: '2', timeType: named(2) }),
    entry(5, { hours: '4', timeType: named(3), costCode: null }),
    entry(6, { hours: '1', timeType: named(4) }),
    entry(7, { hours: '6', person: { id: LOADER, name: 'Loader' } }),
  ]).totals;
  expect(totals).toEqual({
    lines: 7,
    hours: '7.00',
    equipmentHours: '6.00',
    allowances: '1.00',
    byEmployee: [
      {
        employee: '1|2207',
        regular: '1.00',
        overtime: '2.00',
        double: '0.00',
        other: '4.00',
        hours: '7.00',
        allowances: '1.00',
      },
    ],
    byJob: [
      { code: '', hours: '4.00' },
      { code: '1|26-014', hours: '2.67' },
      { code: '1|26-015', hours: '0.33' },
    ],
    byEarnCode: [
      { code: 'DIEM', hours: '1.00' },
      { code: 'EQ', hours: '6.00' },
      { code: 'OT', hours: '2.00' },
      { code: 'PTO', hours: '4.00' },
      { code: 'REG', hours: '1.00' },
    ],
  });
});

describe('left out, and why', () => {
  test.each<[string, Partial<TimecardEntry>]>([
    ['in_progress', { inProgress: true }],
    ['not_approved', { status: 'approved' }],
    ['hours_unreadable', { hours: '8:00' }],
    ['negative', { hours: '-1' }],
    ['unmatched_person', { person: { id: 99, name: 'Sam Poe' } }],
    ['time_type', { timeType: named(17) }],
    ['no_phase', { costCode: null }],
    ['amountless_allowance', { timeType: named(7) }],
  ])('%s', (reason, more) => {
    const made = plan([entry(1, more), entry(2, { date: '2026-11-19' })]);
    expect(reasons(made)).toEqual([[1, reason]]);
    expect(made.leftOut[0]?.text).toContain(more.person?.name ?? 'Dana Reyes');
    expect(made.leftOut[0]?.text).toContain('2026-11-18');
    expect(made.lines.flatMap(({ entries }) => entries)).toEqual([2]);
  });

  test('deleted entries and those without hours are simply not there', () => {
    const made = plan([entry(1, { deletedAt: '2026-11-19T00:00:00Z' }), entry(2, { hours: '0.0' })]);
    expect([made.lines, made.leftOut]).toEqual([[], []]);
  });

  test('what is approved at the project is paid where that is the rule', () => {
    const rules = { ...RULES, payable: ['approved', 'completed'] as const };
    expect(plan([entry(1, { status: 'approved' })], { rules }).lines).toHaveLength(1);
  });

  test('an employee who is inactive since nobody knows when waits for a person', () => {
    const employees = new Map(EMPLOYEES.map((one) => [one.key, { ...one, isActive: false }]));
    expect(reasons(plan([entry(1)], { references: references({ employees }) }))).toEqual([
      [1, 'inactive_employee'],
    ]);
  });

  test('a per diem is paid once a day, on the job with the most hours; mileage each time', () => {
    const made = plan([
      entry(1, { hours: '3' }),
      entry(2, { hours: '5', project: named(12) }),
      entry(3, { hours: '1', timeType: named(4) }),
      entry(4, { hours: '1', timeType: named(4), project: named(12) }),
      entry(5, { hours: '30', timeType: named(5) }),
      entry(6, { hours: '20', timeType: named(5), project: named(12) }),
    ]);
    expect(reasons(made)).toEqual([[3, 'allowance_twice']]);
    expect(shown(made)).toContain('1|2207 2026-11-18 1|26-015 1|3-310 DIEM 1.00 4');
    expect(made.totals.allowances).toBe('51.00');
  });

  test('a per diem that is paid already is not paid again on the job with more hours', () => {
    const diem = { hours: '1', timeType: named(4) };
    const made = plan(
      [
        entry(1, { hours: '5', project: named(12) }),
        entry(2, { ...diem, project: named(12) }),
        entry(3, diem),
      ],
      {
        elsewhere: new Map([[3, { where: 'posted', hours: 100 }]]),
      },
    );
    expect(made.totals.allowances).toBe('0.00');
    expect(reasons(made)).toEqual([
      [2, 'allowance_twice'],
      [3, 'elsewhere'],
    ]);
  });

  test('other groups and other periods are not talked about', () => {
    const made = plan([entry(1, { person: named(72, 'Max Reyes') }), entry(2, { date: '2026-11-24' })]);
    expect([made.lines, made.leftOut]).toEqual([[], []]);
  });

  test('hours of a date without a period are an exception and never lost', () => {
    expect(reasons(plan([entry(1, { date: '2027-03-01' })]))).toEqual([[1, 'no_period']]);
  });

  test('what the cut-off missed is listed here and paid in the next period', () => {
    const cut = week('2026-11-15', '2026-11-21', { cutOff: '2026-11-24' });
    const periods = [cut, ...WEEKS.slice(2)];
    const entries = [entry(1), entry(2, { date: '2026-11-19' })];
    const frozen = { period: cut, periods, asOf: '2026-11-25', gathered: new Set([1]) };
    const own = plan(entries, frozen);
    expect(own.lines.flatMap((line) => line.entries)).toEqual([1]);
    expect(reasons(own)).toEqual([[2, 'after_cut_off']]);
    expect(own.leftOut[0]?.text).toContain('W-2026-11-28');
    const elsewhere = new Map([[1, { where: 'W-2026-11-21', hours: 800 }]]);
    const next = plan(entries, { ...frozen, period: WEEKS[2] ?? cut, gathered: null, elsewhere });
    expect(next.lines.map(({ date, entries: ids }) => [date, ids])).toEqual([['2026-11-19', [2]]]);
    expect(warned(next)).toEqual([['late', [2]]]);
  });

  test('a late entry with a gap is told in the period that would pay it', () => {
    const late = entry(1, { date: '2026-11-12', status: 'pending' });
    const gap = entry(2, { date: '2026-11-12', timeType: named(17) });
    expect(reasons(plan([late, gap]))).toEqual([
      [1, 'not_approved'],
      [2, 'time_type'],
    ]);
  });

  test('what stands elsewhere is not paid again, and its day rounds around it', () => {
    const twenty = { hours: '0.333333' };
    const made = plan([entry(1, twenty), entry(2, { ...twenty, costCode: named(22) })], {
      elsewhere: new Map([[1, { where: 'a correction', hours: 33 }]]),
    });
    expect(shown(made)).toEqual(['1|2207 2026-11-18 1|26-014 1|3-320 REG 0.34 2']);
    expect(made.leftOut[0]?.text).toContain('it stands elsewhere already: a correction');
  });
});

describe('warnings', () => {
  test('more hours than the local day has', () => {
    const night = { date: '2026-03-08', timeType: named(1) };
    const period = week('2026-03-08', '2026-03-14');
    const dates = { period, periods: [period], asOf: '2026-03-10' };
    const hours = (first: string): PeriodPlan =>
      plan(
        [entry(1, { ...night, hours: first }), entry(2, { ...night, hours: '12', costCode: named(22) })],
        dates,
      );
    expect(warned(hours('11'))).not.toContainEqual(['day_too_long', [1, 2]]);
    expect(warned(hours('11.5'))).toContainEqual(['day_too_long', [1, 2]]);
    expect(hours('11.5').warnings[0]?.text).toBe(
      'Dana Reyes (2207) has 23.50 h on 2026-03-08, which has 23.00 h; a shift counts on the date on which it starts.',
    );
  });

  test('a day on jobs in two zones is as long as the longer one', () => {
    const period = week('2026-03-08', '2026-03-14');
    const cards = [
      entry(1, { date: '2026-03-08', hours: '12' }),
      entry(2, { date: '2026-03-08', hours: '11.5', project: named(14) }),
    ];
    const made = plan(cards, { period, periods: [period], asOf: '2026-03-10' });
    expect(warned(made).map(([code]) => code)).not.toContain('day_too_long');
  });

  test('what is not in this plan is not warned of', () => {
    const cards = [entry(1, { hours: '20' }), entry(2, { hours: '20' })];
    const elsewhere = new Map(cards.map(({ id }) => [id, { where: 'posted', hours: 2000 }]));
    expect(warned(plan(cards, { elsewhere }))).toEqual([]);
    expect(warned(plan(cards)).map(([code]) => code)).toEqual([
      'day_too_long',
      'twins',
      'overtime_unexplained',
    ]);
  });

  test('two entries for the same time, also over midnight', () => {
    const clocked = (
      id: number,
      date: string,
      timeIn: string,
      timeOut: string,
      hours: string,
    ): TimecardEntry => entry(id, { date, timeIn, timeOut, hours });
    const night = clocked(1, '2026-11-17', '22:00', '06:00', '8');
    expect(warned(plan([night, clocked(2, '2026-11-18', '05:30', '09:30', '4')]))).toEqual([
      ['overlap', [1, 2]],
    ]);
    expect(warned(plan([night, clocked(2, '2026-11-18', '06:00', '10:00', '4')]))).toEqual([]);
  });

  test('twins: the same person, date, code and hours', () => {
    expect(warned(plan([entry(1, { hours: '4' }), entry(2, { hours: '4' })]))).toEqual([['twins', [1, 2]]]);
    expect(warned(plan([entry(1, { hours: '4' }), entry(2, { hours: '3' })]))).toEqual([]);
    expect(warned(plan([entry(1, { hours: '4' }), entry(2, { hours: '4', costCode: named(22) })]))).toEqual(
      [],
    );
  });

  test('a twin of what is paid already', () => {
    const elsewhere = new Map([[1, { where: 'posted', hours: 400 }]]);
    const made = plan([entry(1, { hours: '4' }), entry(2, { hours: '4' })], { elsewhere });
    expect(warned(made)).toEqual([['twins', [1, 2]]]);
  });

  const tenHours = (overtime: string, regular: string): TimecardEntry[] => [
    entry(1, { hours: regular }),
    entry(2, { hours: overtime, timeType: named(2) }),
  ];
  test('an overtime split that the rules do not explain, either way', () => {
    expect(warned(plan(tenHours('2', '8')))).toEqual([]);
    expect(warned(plan(tenHours('3', '7')))).toEqual([['overtime_unexplained', [1, 2]]]);
    expect(warned(plan([entry(1, { hours: '10' })]))).toEqual([['overtime_unexplained', [1]]]);
    const rules = { ...RULES, overtime: null };
    expect(warned(plan(tenHours('3', '7'), { rules }))).toEqual([]);
  });

  test("where the ERP splits, the field's hours need no split", () => {
    const erp = references({ overtimeOwner: () => 'erp' });
    expect(warned(plan([entry(1, { hours: '10' })], { references: erp }))).toEqual([]);
  });

  test('a leaver is paid with a warning, inactive jobs and closed periods are told', () => {
    const employees = new Map(
      EMPLOYEES.map((one) => [one.key, { ...one, isActive: false, endedOn: '2026-11-18' }]),
    );
    expect(warned(plan([entry(1)], { references: references({ employees }) }))).toEqual([
      ['employee_inactive', [1]],
    ]);
    expect(warned(plan([entry(1, { project: named(13) })]))).toEqual([['job_inactive', [1]]]);
    const closed = week('2026-11-15', '2026-11-21', { state: 'closed' });
    expect(warned(plan([entry(1)], { period: closed, periods: [closed], gathered: new Set([1]) }))).toEqual([
      ['period_closed', []],
    ]);
  });

  test('negative hours are told as well as left out', () => {
    expect(warned(plan([entry(1, { hours: '-2' })]))).toEqual([['negative', [1]]]);
  });

  test('costs that go elsewhere than was entered are told once for all entries', () => {
    const other = { costTypeId: 52, hours: '4' };
    const made = plan([entry(1, other), entry(2, { ...other, date: '2026-11-19' })]);
    expect(warned(made)).toEqual([['cost_type_differs', [1, 2]]]);
  });
});

test('active people without hours are named', () => {
  expect(plan([entry(1)]).withoutHours).toEqual(['1|9999']);
  expect(plan([]).withoutHours).toEqual(['1|2207', '1|9999']);
});

test('an edit is noticed by the revision of its entry; what changes nothing of pay sends nothing back', () => {
  const before = plan([entry(1), entry(2, { date: '2026-11-19' })]);
  const renamed = [
    entry(1, { description: 'Forms', updatedAt: '2026-11-20T00:00:00Z' }),
    entry(2, { date: '2026-11-19' }),
  ];
  expect(movedSince(before.revisions, renamed)).toEqual([]);
  expect(plan(renamed).hash).toBe(before.hash);
  const edited = [entry(1, { hours: '7' }), entry(3)];
  expect(movedSince(before.revisions, edited)).toEqual([1, 2, 3]);
});

test('only the difference is shown when a plan is approved again', () => {
  const before = plan([entry(1), entry(2, { date: '2026-11-19' }), entry(3, { date: '2026-11-20' })]);
  const after = plan([
    entry(1, { hours: '7' }),
    entry(3, { date: '2026-11-20' }),
    entry(4, { date: '2026-11-17' }),
    entry(5, { date: '2026-11-17', status: 'pending' }),
  ]);
  const difference = differenceOf(before, after);
  expect(difference.added.map(({ entries }) => entries)).toEqual([[4]]);
  expect(difference.removed.map(({ entries }) => entries)).toEqual([[2]]);
  expect(difference.changed.map((one) => [one.before.hours, one.after.hours])).toEqual([['8.00', '7.00']]);
  expect(difference.nowLeftOut.map((one) => one.entry)).toEqual([5]);
  expect(difference.noLongerLeftOut).toEqual([]);
});

const hours = fc.oneof(
  fc.nat(1200).map((number) => (number / 100).toFixed(2)),
  fc.constantFrom('0.333333', '0.1667', '8.0', '-1', 'x'),
);
const someEntry = fc.record({
  hours,
  date: fc.constantFrom('2026-11-12', '2026-11-15', '2026-11-18', '2026-11-21', '2026-11-22', '2027-01-01'),
  timeType: fc.constantFrom(1, 2, 3, 4, 6, 17),
  costCode: fc.constantFrom(21, 22, 29, null),
  person: fc.constantFrom(71, 72, 79, 99),
  status: fc.constantFrom('completed' as const, 'pending' as const),
});
const someEntries = fc.array(someEntry, { maxLength: 25 }).map((all) =>
  all.map(({ timeType, costCode, person, ...rest }, index) =>
    entry(index + 1, {
      ...rest,
      timeType: named(timeType),
      costCode: costCode === null ? null : named(costCode),
      person: named(person),
    }),
  ),
);

test('every entry of the group and period is in one line, or left out with a reason; never both', () => {
  fc.assert(
    fc.property(someEntries, (entries) => {
      const made = plan(entries);
      const paid = made.lines.flatMap((line) => line.entries);
      const out = made.leftOut.map((one) => one.entry);
      expect(new Set(paid).size).toBe(paid.length);
      expect(paid.filter((id) => out.includes(id))).toEqual([]);
      const own = entries.filter(
        ({ date, person, hours: text }) =>
          date >= '2026-11-15' && date <= '2026-11-21' && person?.id !== 72 && Number(text) !== 0,
      );
      for (const { id } of own) expect([...paid, ...out]).toContain(id);
    }),
  );
});

test('the same entries in any order make the same plan', () => {
  fc.assert(
    fc.property(someEntries, fc.array(fc.nat()), (entries, numbers) => {
      expect(plan(shuffled(entries, numbers))).toEqual(plan(entries));
    }),
  );
});

test('totals add up three times to the same hours, and lines are never negative', () => {
  fc.assert(
    fc.property(someEntries, (entries) => {
      const { lines, totals } = plan(entries);
      for (const line of lines) expect(line.hours).not.toMatch(/^-|^0\.00$/);
      expect(addHours(totals.byEmployee.map((one) => one.hours))).toBe(totals.hours);
      expect(addHours(totals.byJob.map((one) => one.hours))).toBe(totals.hours);
      expect(addHours(totals.byEarnCode.map((one) => one.hours))).toBe(
        addHours([totals.hours, totals.equipmentHours, totals.allowances]),
      );
      expect(new Set(lines.map(({ key }) => key)).size).toBe(lines.length);
    }),
  );
});
