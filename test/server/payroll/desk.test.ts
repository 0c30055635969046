/** What clerks look at, behind the API: a real period of the simulator and the sample ERP. */
import type { FastifyInstance } from 'fastify';
import { payrollOf } from '../../../src/activities/payroll/sides';
import { PayrollRoom } from '../../../src/desk/payroll/room';
import type { PeriodPage } from '../../../src/desk/payroll/room';
import { payrollReading } from '../../../src/payroll-reports';
import { CREW, dropPayrollTemplate, PayrollWorld } from '../../support/payroll-world';
import { doorWith } from '../../unit/http/door';
import { grant, visitorsWith } from '../../unit/http/visitors';

const THIS = encodeURIComponent('payroll/1-1-2026-07-18');
const [ADA, BO] = CREW;
let world: PayrollWorld;
let app: FastifyInstance;

beforeEach(async () => {
  world = await PayrollWorld.create();
  const now = (): string => world.nowIso();
  const { store, parts } = world;
  const payroll = new PayrollRoom({
    store,
    connectionIds: ['acme', 'birch'],
    now,
    reading: (id) => (id === 'acme' ? payrollReading({ store, parts: payrollOf(parts) }, now) : null),
  });
  app = await doorWith({
    payroll,
    visitor: visitorsWith({
      clerk: [grant('payroll', ['acme'])],
      ada: [grant('auditor')],
      pia: [grant('payroll', ['acme'], [7])],
      fin: [grant('approver'), grant('viewer')],
    }),
  });
});
afterEach(async () => {
  await app.close();
  await world.close();
});
afterAll(dropPayrollTemplate);

const get = (url: string, as = 'clerk') =>
  app.inject({ url: `/api/payroll${url}`, headers: { authorization: `Bearer ${as}` } });

test('a period is told by employee, job and line, with what is left out, and never what an hour pays', async () => {
  world.enter({ person: ADA, date: '2026-07-13', hours: '8.00' });
  world.enter({ person: BO, date: '2026-07-14', hours: '7.50' });
  world.enter({ person: BO, date: '2026-07-15', hours: '4.00', status: 'pending' });
  world.today('2026-07-21');
  world.approves = false;
  await world.round();
  const listed = (await get('/periods?connection=acme')).json<{
    connections: { periods: { request: string | null }[] }[];
  }>();
  expect(listed.connections[0]?.periods.map(({ request }) => request)).toContain('payroll/1-1-2026-07-18');
  const answer = await get(`/periods/acme/${THIS}`);
  const shown = answer.json<PeriodPage>();
  expect(shown).toMatchObject({
    totals: { hours: '15.50' },
    employees: { count: 2, rows: [{ hours: '8.00' }, { hours: '7.50' }] },
    lines: { count: 2, after: null },
    leftOut: { count: 1, rows: [{ hours: '4.00', reason: 'not_approved' }] },
  });
  expect(answer.body).not.toMatch(/"(rate|amount|pay)"/i);
  const [first] = shown.employees.rows;
  const own = (
    await get(`/periods/acme/${THIS}/lines?employee=${encodeURIComponent(first?.employee ?? '')}`)
  ).json<unknown>();
  expect(own).toMatchObject({ count: 1, rows: [{ hours: '8.00', isNew: true }] });
});

test('hours of people are for clerks and auditors of the whole connection', async () => {
  world.enter({ person: ADA, date: '2026-07-13', hours: '8.00' });
  await world.round();
  const status = async (as: string, url: string): Promise<number> => (await get(url, as)).statusCode;
  for (const url of [
    `/periods/acme/${THIS}`,
    `/periods/acme/${THIS}/lines`,
    '/tie-out?connection=acme&group=1',
  ]) {
    expect([await status('clerk', url), await status('ada', url)]).toEqual([200, 200]);
    expect([await status('fin', url), await status('pia', url)]).toEqual([403, 404]);
  }
  expect(await status('clerk', '/periods/birch/x')).toBe(404);
  expect(await status('clerk', '/periods/acme/payroll%2F1-1-1999-01-01')).toBe(404);
});

test('reports come as rows, as a file for spreadsheets, and on paper', async () => {
  world.enter({ person: ADA, date: '2026-07-13', hours: '8.00' });
  const url = '/tie-out?connection=acme&group=1&end=2026-07-18';
  expect((await get(url)).json()).toMatchObject({ verdict: { employees: 1 } });
  const csv = await get(`${url}&format=csv`);
  expect(csv.headers['content-disposition']).toContain('filename="tie-out-1-2026-07-18.csv"');
  expect(csv.body).toContain('8.00');
  const pdf = await get('/labor?connection=acme&from=2026-07-12&to=2026-07-18&format=pdf');
  expect([pdf.headers['content-type'], pdf.rawPayload.subarray(0, 5).toString()]).toEqual([
    'application/pdf',
    '%PDF-',
  ]);
  expect((await get('/labor?connection=acme&from=2026-07-18&to=2026-07-12')).statusCode).toBe(400);
});
