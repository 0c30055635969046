import fc from 'fast-check';
import {
  addDays,
  dateOfDay,
  dayNumber,
  daysBetween,
  weekdayOf,
} from '../../../../src/domain/base/local-date';

const days = fc.integer({ min: -20_000, max: 40_000 });

test('dates count days as the calendar does', () => {
  expect(addDays('2026-02-28', 1)).toBe('2026-03-01');
  expect(addDays('2028-02-28', 1)).toBe('2028-02-29');
  expect(addDays('2026-01-01', -1)).toBe('2025-12-31');
  expect(daysBetween('2026-11-30', '2026-11-18')).toBe(-12);
  expect([weekdayOf('2026-11-15'), weekdayOf('2026-11-18'), weekdayOf('1969-12-31')]).toEqual([0, 3, 3]);
});

test.each(['2026-02-29', '2026-13-01', '2026-1-1', '2026-11-18T00:00:00', 'today', ''])(
  '"%s" is no date',
  (text) => {
    expect(() => dayNumber(text)).toThrow(RangeError);
  },
);

test('days and dates are one to one, in order, and weekdays go round', () => {
  fc.assert(
    fc.property(days, fc.nat(1000), (day, more) => {
      const date = dateOfDay(day);
      expect(dayNumber(date)).toBe(day);
      expect(daysBetween(date, addDays(date, more))).toBe(more);
      expect(addDays(date, more) >= date).toBe(true);
      expect((weekdayOf(date) + more) % 7).toBe(weekdayOf(addDays(date, more)));
    }),
  );
});
