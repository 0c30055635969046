import fc from 'fast-check';
import { shiftOf, timeOf } from '../../../../src/domain/payroll/clock-times';
import { entry } from './fixtures';

const DENVER = 'America/Denver';
const hoursOf = (date: string, timeIn: string, timeOut: string, zone = DENVER): number | undefined =>
  shiftOf({ date, timeIn, timeOut }, zone) === null
    ? undefined
    : (shiftOf({ date, timeIn, timeOut }, zone)?.elapsed ?? 0) / 3600;

test.each<[string, string, string, string, number]>([
  ['an ordinary day', '2026-11-18', '07:00', '15:30', 8.5],
  ['a night', '2026-11-18', '22:00', '06:00', 8],
  ['the night when clocks go forward', '2026-03-07', '22:00', '06:00', 7],
  ['the night when clocks go back', '2026-10-31', '22:00', '06:00', 9],
  ['half past ten in the form of people', '2026-11-18', '10:30 PM', '6:00 AM', 7.5],
  ['noon and midnight', '2026-11-18', '12:00 PM', '12:00 AM', 12],
  ['no time at all', '2026-11-18', '07:00', '07:00', 0],
  ['local date and time', '2026-03-07', '2026-03-07T22:00:00', '2026-03-08T06:00:00', 7],
  ['instants', '2026-03-07', '2026-03-08T05:00:00Z', '2026-03-08T12:00:00Z', 7],
  ['through the hour that is shown twice', '2026-11-01', '01:45', '01:15', 0.5],
])('%s: %s from %s to %s is %s h', (_, date, timeIn, timeOut, hours) => {
  expect(hoursOf(date, timeIn, timeOut)).toBe(hours);
});

test.each(['25:00', 'seven', '7', '13:00 PM', '07:75', ''])('"%s" is no clock time', (text) => {
  expect(shiftOf({ date: '2026-11-18', timeIn: text, timeOut: '16:00' }, DENVER)).toBeNull();
});

/** The rule of elaws: 23:00 to 07:30 less half an hour of lunch is 7 or 9 h on the nights when clocks change. */
test.each([
  ['2026-03-07', '8.0', 7],
  ['2026-03-07', '7.0', 7],
  ['2026-10-31', '8.0', 9],
  ['2026-10-31', '9.0', 9],
  ['2026-11-18', '8.0', 8],
])('elaws, the night of %s, Procore counts %s h: %s h are paid', (date, hours, paid) => {
  const card = entry(1, { date, hours, timeIn: '23:00', timeOut: '07:30', lunchMinutes: 30 });
  expect(timeOf(card, DENVER)).toMatchObject({ seconds: paid * 3600, isCorrected: Number(hours) !== paid });
});

test("Procore's own rounding stands, and a third of an hour is not 0.33", () => {
  const rounded = entry(1, { hours: '8.0', timeIn: '07:00', timeOut: '15:07' });
  expect(timeOf(rounded, DENVER)?.seconds).toBe(8 * 3600);
  const third = entry(1, { hours: '0.33', timeIn: '07:00', timeOut: '07:20' });
  expect(timeOf(third, DENVER)?.seconds).toBe(1200);
  const entered = entry(1, { hours: '0.33' });
  expect(timeOf(entered, DENVER)?.seconds).toBe(0.33 * 3600);
});

test('hours without readable clock times stand as they are, and hours that cannot be read are none', () => {
  const card = entry(1, { hours: '8.25', timeIn: 'early', timeOut: '16:00' });
  expect(timeOf(card, DENVER)).toEqual({ seconds: 29_700, shift: null, isCorrected: false });
  expect(timeOf(entry(1, { hours: 'all day' }), DENVER)).toBeNull();
  expect(timeOf({ ...card, timeIn: '08:00' }, null)?.shift).toBeNull();
});

const ZONES = ['America/Denver', 'America/St_Johns', 'Australia/Lord_Howe', 'Pacific/Honolulu', 'Etc/UTC'];
const days = fc
  .integer({ min: 0, max: 3650 })
  .map((day) => new Date(Date.UTC(2020, 0, 1 + day)).toISOString());
const times = fc
  .tuple(fc.nat(23), fc.nat(59))
  .map((pair) => pair.map((one) => String(one).padStart(2, '0')).join(':'));

test('a shift that is cut in two anywhere lasts as long as both parts', () => {
  fc.assert(
    fc.property(
      days,
      times,
      fc.integer({ min: 1, max: 719 }),
      fc.nat(719),
      fc.constantFrom(...ZONES),
      (day, timeIn, first, second, zone) => {
        const date = day.slice(0, 10);
        const whole = shiftOf({ date, timeIn, timeOut: timeIn }, zone);
        const start = whole?.startsAt ?? 0;
        const at = (minutes: number): string => new Date(start + minutes * 60_000).toISOString();
        const span = (from: string, to: string): number =>
          shiftOf({ date, timeIn: from, timeOut: to }, zone)?.elapsed ?? NaN;
        expect(span(at(0), at(first)) + span(at(first), at(first + second))).toBe((first + second) * 60);
        expect(span(timeIn, at(first))).toBe(first * 60);
      },
    ),
  );
});

test('an hour more or less passes only where the clocks changed', () => {
  fc.assert(
    fc.property(days, times, times, fc.constantFrom(...ZONES), (day, timeIn, timeOut, zone) => {
      const shift = shiftOf({ date: day.slice(0, 10), timeIn, timeOut }, zone);
      expect(shift).not.toBeNull();
      if (shift === null) return;
      expect([-3600, -1800, 0, 1800, 3600]).toContain(shift.elapsed - shift.shown);
      if (zone === 'Etc/UTC' || zone === 'Pacific/Honolulu') expect(shift.elapsed).toBe(shift.shown);
    }),
  );
});
