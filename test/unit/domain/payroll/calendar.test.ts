import fc from 'fast-check';
import { addDays, dateOfDay, weekdayOf } from '../../../../src/domain/base/local-date';
import type { Weekday } from '../../../../src/domain/base/local-date';
import type { WorkweekRule } from '../../../../src/domain/payroll/calendar';
import {
  contains,
  dueDateOf,
  dueOn,
  fundMonthOf,
  monthOf,
  periodOf,
  weekOf,
  workweekOf,
  workweeksOf,
} from '../../../../src/domain/payroll/calendar';
import { periodName } from '../../../../src/domain/payroll/period';
import { week, WEEKS } from './fixtures';

const SUNDAYS: readonly WorkweekRule[] = [{ startsOn: 0, since: null }];
/** Sundays before, Mondays from 2026-11-16 on. */
const MOVED: readonly WorkweekRule[] = [{ startsOn: 1, since: '2026-11-16' }, ...SUNDAYS];

test('the five calendars of one date', () => {
  const date = '2026-11-28';
  expect(workweekOf(date, SUNDAYS)).toEqual({ begin: '2026-11-22', end: '2026-11-28' });
  expect(periodName(periodOf(date, 'W', WEEKS) ?? week('', 'none'))).toBe('W-2026-11-28');
  expect(monthOf(date)).toBe('2026-11');
  // A certified week of a project that ends on Sundays.
  expect(weekOf(date, 1)).toEqual({ begin: '2026-11-23', end: '2026-11-29' });
  expect(fundMonthOf(date, ['2026-11-21', '2026-11-28', '2026-12-05'])).toBe('2026-11');
});

test.each([
  ['2026-10-31', '2026-10'],
  ['2026-11-01', '2026-11'],
  ['2026-11-28', '2026-11'],
  // The closing nearest to the first of December is November 28.
  ['2026-11-29', '2026-12'],
  ['2026-12-31', '2026-12'],
])('fund months end with the payroll closing nearest to the first: %s counts in %s', (date, month) => {
  const ends = [
    '2026-10-24',
    '2026-10-31',
    '2026-11-07',
    '2026-11-21',
    '2026-11-28',
    '2026-12-05',
    '2027-01-02',
  ];
  expect(fundMonthOf(date, ends)).toBe(month);
});

test('without the closings around it a date has no fund month', () => {
  expect(fundMonthOf('2026-11-18', [])).toBeNull();
  expect(fundMonthOf('2026-11-18', ['2025-01-04'])).toBeNull();
});

test('where the workweek was moved, the days that both weeks hold are counted both ways', () => {
  const old = { begin: '2026-11-15', end: '2026-11-21' };
  const fresh = { begin: '2026-11-16', end: '2026-11-22' };
  expect(workweeksOf('2026-11-18', MOVED)).toEqual([old, fresh]);
  expect(workweeksOf('2026-11-15', MOVED)).toEqual([old]);
  expect(workweeksOf('2026-11-22', MOVED)).toEqual([fresh]);
  expect(workweeksOf('2026-11-14', MOVED)).toEqual([{ begin: '2026-11-08', end: '2026-11-14' }]);
  expect(workweeksOf('2026-11-23', MOVED)).toEqual([{ begin: '2026-11-23', end: '2026-11-29' }]);
});

test('a workweek has seven days that are all in it, and every date is in one only', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 40_000 }), fc.integer({ min: 0, max: 6 }), (day, start) => {
      const date = dateOfDay(day);
      const startsOn = start as Weekday;
      const found = weekOf(date, startsOn);
      expect(weekdayOf(found.begin)).toBe(start);
      expect(addDays(found.begin, 6)).toBe(found.end);
      expect(contains(found, date)).toBe(true);
      for (let apart = 0; apart < 7; apart += 1)
        expect(weekOf(addDays(found.begin, apart), startsOn)).toEqual(found);
    }),
  );
});

const CUT_OFF = week('2026-11-15', '2026-11-21', { cutOff: '2026-11-24' });
const NEXT = week('2026-11-22', '2026-11-28', { state: 'future' });
const BEFORE = week('2026-11-08', '2026-11-14', { state: 'closed' });

test.each<[string, string, string, object]>([
  ['in its own period', '2026-11-18', '2026-11-24', { kind: 'due', period: CUT_OFF }],
  [
    'after the cut-off in the next one',
    '2026-11-18',
    '2026-11-25',
    { kind: 'late', period: NEXT, missed: CUT_OFF },
  ],
  [
    'of a closed period in the open one',
    '2026-11-14',
    '2026-11-18',
    { kind: 'late', period: CUT_OFF, missed: BEFORE },
  ],
  ['of no period', '2026-12-10', '2026-11-18', { kind: 'exception', reason: 'no_period' }],
  ['after all periods', '2026-11-28', '2026-11-29', { kind: 'exception', reason: 'no_open_period' }],
])('hours are paid %s', (_, date, asOf, due) => {
  const extra = { ...CUT_OFF, run: 2 };
  const other = { ...CUT_OFF, group: 'S' };
  expect(dueOn(date, 'W', [NEXT, extra, other, CUT_OFF, BEFORE], asOf)).toEqual(due);
});

test('late hours never go back to an earlier period, though it is open', () => {
  const reopened = week('2026-11-08', '2026-11-14', { cutOff: '2026-12-31' });
  expect(dueOn('2026-11-18', 'W', [reopened, CUT_OFF, NEXT], '2026-11-25')).toMatchObject({
    kind: 'late',
    period: NEXT,
  });
});

test('a period is the one that the ERP has, never one by a rule of ours', () => {
  const odd = week('2026-11-15', '2026-11-19');
  expect(periodOf('2026-11-19', 'W', [odd])).toBe(odd);
  expect(periodOf('2026-11-20', 'W', [odd])).toBeNull();
  expect(periodOf('2026-11-19', 'B', [odd])).toBeNull();
});

test('overtime finds its period by the end of its workweek, other hours by their date', () => {
  expect(dueDateOf('2026-11-30', true, SUNDAYS)).toBe('2026-12-05');
  expect(dueDateOf('2026-11-30', false, SUNDAYS)).toBe('2026-11-30');
});
