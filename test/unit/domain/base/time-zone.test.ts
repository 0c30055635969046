import fc from 'fast-check';
import {
  clockIn,
  dateIn,
  dayLengthIn,
  instantsOf,
  isTimeZone,
  machineZone,
} from '../../../../src/domain/base/time-zone';

const ZONES = ['America/Los_Angeles', 'America/St_Johns', 'Australia/Lord_Howe', 'Etc/UTC', 'Asia/Kathmandu'];

test.each<[string, string, string]>([
  ['2026-08-01T02:30:00Z', 'America/Los_Angeles', '2026-07-31'],
  ['2026-03-08T07:59:59Z', 'America/Los_Angeles', '2026-03-07'],
  ['2026-03-08T08:00:00Z', 'America/Los_Angeles', '2026-03-08'],
  // Summer time: midnight is an hour earlier in UTC.
  ['2026-03-09T06:59:59Z', 'America/Los_Angeles', '2026-03-08'],
  ['2026-03-09T07:00:00Z', 'America/Los_Angeles', '2026-03-09'],
  ['2026-11-02T07:59:59Z', 'America/Los_Angeles', '2026-11-01'],
  ['2026-12-31T23:30:00Z', 'Asia/Kathmandu', '2027-01-01'],
  ['2026-01-01T00:00:00Z', 'US/Pacific', '2025-12-31'],
])('%s in %s is %s', (instant, zone, date) => {
  expect(dateIn(Date.parse(instant), zone)).toBe(date);
});

test('every moment has a date in every zone, which never goes back, and is at most a day away from that of UTC', () => {
  const moments = fc.integer({ min: Date.UTC(1990, 0), max: Date.UTC(2060, 0) });
  fc.assert(
    fc.property(moments, fc.nat(86_400_000), fc.constantFrom(...ZONES), (moment, later, zone) => {
      const date = dateIn(moment, zone);
      expect(date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
      expect(dateIn(moment + later, zone) >= date).toBe(true);
      const apart = Date.parse(`${date}T00:00:00Z`) - Date.parse(new Date(moment).toISOString().slice(0, 10));
      expect(Math.abs(apart)).toBeLessThanOrEqual(86_400_000);
    }),
  );
});

/** Hours of the day there, from the offset that the zone has at that moment. */
function noonIn(day: string, zone: string): number {
  const noon = Date.parse(`${day}T12:00:00Z`);
  const shown = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
    .formatToParts(noon)
    .find(({ type }) => type === 'timeZoneName')?.value;
  const [, sign = '+', hours = '0', minutes = '0'] = /GMT([+-])(\d{2}):(\d{2})/.exec(shown ?? '') ?? [];
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1);
  return noon - offset;
}

test('noon of a day is on that day, in summer and in winter', () => {
  const days = fc
    .integer({ min: 0, max: 365 * 40 })
    .map((day) => new Date(Date.UTC(2000, 0, 1 + day)).toISOString().slice(0, 10));
  fc.assert(
    fc.property(days, fc.constantFrom(...ZONES), (day, zone) => {
      expect(dateIn(noonIn(day, zone), zone)).toBe(day);
    }),
  );
});

test('names that nobody knows are no zones', () => {
  expect(isTimeZone(machineZone())).toBe(true);
  expect(isTimeZone('America/Los_Angeles')).toBe(true);
  for (const name of ['', 'Pacific Time (US & Canada)', 'Mars/Olympus']) expect(isTimeZone(name)).toBe(false);
});

const clock = (text: string): number => Date.parse(`${text}Z`);
const shown = (instants: readonly number[]): string[] =>
  instants.map((instant) => new Date(instant).toISOString());

test.each<[string, string, string, readonly string[]]>([
  ['an ordinary time', '2026-11-18T07:00', 'America/Denver', ['2026-11-18T14:00:00.000Z']],
  [
    'a time that clocks show twice',
    '2026-11-01T01:30',
    'America/Denver',
    ['2026-11-01T07:30:00.000Z', '2026-11-01T08:30:00.000Z'],
  ],
  ['a time that clocks skip', '2026-03-08T02:30', 'America/Denver', ['2026-03-08T09:30:00.000Z']],
  [
    'half an hour twice',
    '2026-04-05T01:45',
    'Australia/Lord_Howe',
    ['2026-04-04T14:45:00.000Z', '2026-04-04T15:15:00.000Z'],
  ],
  ['a day that a country skipped', '2011-12-30T12:00', 'Pacific/Apia', ['2011-12-30T22:00:00.000Z']],
])('%s: %s in %s', (_, time, zone, instants) => {
  expect(shown(instantsOf(clock(time), zone))).toEqual(instants);
});

test.each([
  ['2026-03-08', 'America/Denver', 23],
  ['2026-11-01', 'America/Denver', 25],
  ['2026-11-18', 'America/Denver', 24],
  ['2026-11-01', 'Pacific/Honolulu', 24],
  ['2026-04-05', 'Australia/Lord_Howe', 24.5],
  // Midnight itself is skipped there.
  ['2023-09-03', 'America/Santiago', 23],
])('%s in %s has %s hours', (date, zone, hours) => {
  expect(dayLengthIn(date, zone)).toBe(hours * 3_600_000);
});

test('every moment is among those at which clocks show what they show then, and days add up', () => {
  const seconds = fc.integer({ min: Date.UTC(1990, 0) / 1000, max: Date.UTC(2060, 0) / 1000 });
  fc.assert(
    fc.property(seconds, fc.constantFrom(...ZONES, 'America/Santiago'), (second, zone) => {
      const moment = second * 1000;
      expect(instantsOf(clockIn(moment, zone), zone)).toContain(moment);
      const date = dateIn(moment, zone);
      expect(new Date(clockIn(moment, zone)).toISOString().slice(0, 10)).toBe(date);
      const hours = dayLengthIn(date, zone) / 3_600_000;
      expect([23, 23.5, 24, 24.5, 25]).toContain(hours);
    }),
  );
});
