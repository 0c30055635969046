import fc from 'fast-check';
import { dateIn, isTimeZone, machineZone } from '../../../../src/domain/base/time-zone';

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
