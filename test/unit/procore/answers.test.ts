import { ianaZone } from '../../../src/procore/time-zones';
import { ClientBench, failure } from '../../support/procore/client';

let bench: ClientBench;
beforeAll(async () => {
  bench = await new ClientBench().start();
});
afterAll(() => bench.stop());
beforeEach(() => bench.server.received.splice(0));

const PROJECT = { what: 'time_zone', id: 71 } as const;

function serve(status: number, body: unknown): void {
  bench.server.script = () => ({ status, body });
}

test.each<[string, object, string | null]>([
  ['a Rails name', { time_zone: 'Pacific Time (US & Canada)' }, 'America/Los_Angeles'],
  ['an IANA name', { time_zone: 'US/Pacific' }, 'US/Pacific'],
  ['tz_name first', { tz_name: 'America/Denver', time_zone: 'Hawaii' }, 'America/Denver'],
  ['a tz_name that nobody knows', { tz_name: 'Nowhere', time_zone: 'Hawaii' }, 'Pacific/Honolulu'],
  ['nothing', { time_zone: null }, null],
  ['no zone', { time_zone: 'Mars' }, null],
])('the zone of a project: %s', async (_name, body, zone) => {
  serve(200, { id: 71, ...body });
  expect(await bench.company().answer([PROJECT])).toEqual({ 'time_zone:71': zone });
});

test('a tax code', async () => {
  serve(200, { id: 2, code: ' WA-KING ' });
  expect(await bench.company().answer([{ what: 'tax_code', id: 2 }])).toEqual({ 'tax_code:2': 'WA-KING' });
  expect(bench.server.received.at(-1)?.path).toContain('/rest/v1.0/tax_codes/2');
});

test.each([403, 404])('what Procore does not let us read (%i) is null', async (status) => {
  serve(status, { errors: 'no' });
  const questions = [PROJECT, { what: 'tax_code', id: 2 } as const, { what: 'time_zone', id: null } as const];
  expect(await bench.company().answer(questions)).toEqual({
    'time_zone:71': null,
    'tax_code:2': null,
    time_zone: null,
  });
});

test('what may go better the next time is thrown', async () => {
  serve(500, {});
  expect((await failure(bench.company().answer([PROJECT]))).class).toBe('transient');
});

test('a project is asked once in ten minutes', async () => {
  serve(200, { id: 71, time_zone: 'Arizona' });
  const company = bench.company();
  const shows = (): number => bench.server.received.filter(({ path }) => path.includes('/projects/')).length;
  await company.answer([PROJECT]);
  await company.answer([PROJECT]);
  expect(shows()).toBe(1);
  await bench.time.sleep(11 * 60_000);
  expect(await company.answer([PROJECT])).toEqual({ 'time_zone:71': 'America/Phoenix' });
  expect(shows()).toBe(2);
});

test('every name of Rails is a zone that this machine knows', () => {
  const names = [
    'Pacific Time (US & Canada)',
    'Newfoundland',
    "Nuku'alofa",
    'Kyiv',
    'Greenland',
    'UTC',
    'Samoa',
  ];
  for (const name of names) expect(ianaZone(name)).not.toBeNull();
  expect(ianaZone('')).toBeNull();
  expect(ianaZone('constructor')).toBeNull();
});
