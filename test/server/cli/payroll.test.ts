import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ProcoreSimulator } from '../../../sandbox/procore-simulator/simulator';
import type { Accounting } from '../../../sandbox/sample-erp/company';
import { createCompany } from '../../../sandbox/sample-erp/company';
import type { PreviewedPeriod } from '../../../src/activities/payroll/preview';
import { Store } from '../../../src/store/store';
import { linkOf } from '../../unit/domain/records';
import { TEST_KEY } from '../../support/people';
import type { AskedPerson } from '../../../src/desk/payroll/people';
import { accepted } from '../../unit/domain/payroll/people';
import { doorWith } from '../../unit/http/door';
import { readPdf } from '../../support/read-pdf';
import { Desk, ENV, NOW } from './seed';

/** `tieback payroll` on the Procore simulator and the sample ERP: what a week comes to, and nothing is written. */
let procore: ProcoreSimulator;
let erp: Accounting;
let desk: Desk;
let project: number;
let costCode: number;
const types: Record<string, number> = {};

const TUESDAY = '2026-07-14';
const LATER = new Date('2026-07-21T16:00:00Z');
const MARIA = 'maria@acme.example';
const SECRETS = { ...ENV, PROCORE_SECRET: 'demo-secret', SIGNING_KEY: TEST_KEY };

beforeAll(async () => {
  procore = new ProcoreSimulator();
  const urls = await procore.start({ rateLimit: false });
  desk = new Desk();
  erp = createCompany(join(desk.folder, 'erp.db'), { seed: true });
  for (const name of ['Regular Time', 'Overtime', 'Vacation', 'Night'])
    types[name] = procore.addTimeType(name, name.slice(0, 2)).id;
  desk.configure([], {
    people: { breakGlass: true, signingKeys: [{ id: '2026', key: { env: 'SIGNING_KEY' } }] },
    procoreApps: { main: { ...urls, clientId: 'tieback-demo', clientSecret: { env: 'PROCORE_SECRET' } } },
    connections: {
      acme: {
        procore: { app: 'main', companyId: 4264807 },
        timeZone: 'America/Denver',
        approvers: [{ id: MARIA }],
        requireSecondPerson: false,
        erp: { adapter: 'sample', settings: { file: join(desk.folder, 'erp.db') } },
        payroll: {
          mapping: {
            timeTypes: {
              [String(types['Regular Time'])]: { earnCode: '1' },
              [String(types['Overtime'])]: { earnCode: '2' },
              [String(types['Vacation'])]: { earnCode: '4', family: 'leave' },
            },
          },
        },
      },
    },
  });
  await link();
});
afterAll(async () => {
  await procore.stop();
  erp.db.close();
  desk.remove();
});

/** The job and one of its phases, as a reconcile leaves them. */
async function link(): Promise<void> {
  project = procore.seedProject({ name: 'Harbor View' }).id;
  costCode = procore.seedCostCodes(project, [{ code: '23-050', name: 'HVAC systems' }])[0]?.id ?? 0;
  const store = await Store.open({ type: 'better-sqlite3', file: desk.storeFile });
  await store.transaction('seed', 'acme', async (t) => {
    await t.connections.add({
      ...{ id: 'acme', companyId: 4264807, erpAdapter: 'sample', erpCompany: '1', createdAt: NOW },
    });
    const phase = {
      kind: 'cost_code' as const,
      number: '23-050',
      fields: { name: 'HVAC systems', isActive: true },
      erpKey: '1|11',
      procoreId: costCode,
    };
    await t.links.advance(
      'acme',
      [
        linkOf('project', project, '1|1', {
          procore: { fields: { code: '1024-001', name: 'Harbor View' }, lines: [phase] },
          erp: { fields: { code: '1024-001', name: 'Harbor View', isActive: true }, lines: [phase] },
        }),
      ],
      NOW,
    );
  });
  await store.close();
}

const enter = (person: number, type: string, hours: string, more: Record<string, unknown> = {}): number =>
  procore.enterTime(
    project,
    {
      party_id: person,
      date: TUESDAY,
      hours,
      timecard_time_type_id: types[type],
      cost_code_id: costCode,
      ...more,
    },
    { side: 'company' },
  ).id;

const tieback = (...args: readonly string[]) =>
  desk.tieback(['payroll', ...args], {
    env: SECRETS,
    now: () => LATER,
  });

test('pay periods of the ERP are listed', async () => {
  const { out, code } = await tieback('periods');
  expect(code).toBe(0);
  expect(out).toMatch(/1 +2026-07-12 +2026-07-18 .*weekly +open/);
});

test('a period is planned from what the field entered: who is paid what, and what is left out, by name', async () => {
  const ada = procore.addPerson({ first_name: 'Ada', last_name: 'Quimby', employee_id: '0501' }).id;
  const bo = procore.addPerson({ first_name: 'Bo', last_name: 'Tumbledown', employee_id: '502' }).id;
  const stranger = procore.addPerson({ first_name: 'Gus', last_name: 'Nobody' }).id;
  const paid = [
    enter(ada, 'Regular Time', '8.00'),
    enter(ada, 'Overtime', '1.50'),
    enter(bo, 'Vacation', '8.00'),
    enter(bo, 'Night', '4.00', { date: '2026-07-15' }),
    enter(stranger, 'Regular Time', '6.00'),
  ];
  procore.completeEntries(paid);
  enter(bo, 'Regular Time', '7.00', { date: '2026-07-16' });
  procore.clearLog();
  const before = erp.db.prepare('SELECT count(*) AS n FROM PRTB').get();

  const { out, err, code } = await tieback('plan', '1', '2026-07-18', '--all');
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/501 Quimby, Ada +8\.00 +1\.50 +9\.50/);
  expect(out).toMatch(/502 Tumbledown, Bo +8\.00 +8\.00/);
  expect(out).toMatch(/All +17\.50/);
  expect(out).toMatch(/1024-001 Harbor View +9\.50/);
  expect(out).toMatch(/no job +8\.00/);
  expect(out).toMatch(/2 Overtime +1\.50/);
  expect(out).toContain('Gus Nobody, 2026-07-14: person "Gus Nobody"');
  expect(out).toMatch(/Bo Tumbledown, 2026-07-15: time type "Night" \(\d+\): the time type has no earn code/);
  expect(out).toContain('Bo Tumbledown, 2026-07-16, 7.00 h: not approved yet (pending)');
  expect(out).toMatch(/Active, without hours \(\d\)/);

  const told = JSON.parse((await tieback('plan', '1', '--json')).out) as PreviewedPeriod;
  expect(told.plan.totals.hours).toBe('17.50');
  expect(
    told.plan.lines.map(({ employee, earnCode, hours, job }) => [employee, earnCode, hours, job]),
  ).toEqual([
    ['1|501', '1', '8.00', '1|1'],
    ['1|501', '2', '1.50', '1|1'],
    ['1|502', '4', '8.00', null],
  ]);
  expect(
    procore.requestLog().filter(({ method, path }) => method !== 'GET' && !path.startsWith('/oauth')),
  ).toEqual([]);
  expect(erp.db.prepare('SELECT count(*) AS n FROM PRTB').get()).toEqual(before);
  expect(procore.violations()).toEqual([]);
});

describe('reports', () => {
  const WEEK = ['--from', '2026-07-12', '--to', '2026-07-18'] as const;
  const file = (name: string): string => join(desk.folder, name);

  test('hours by craft and class: who worked what on which job and day, and what is left out', async () => {
    const { out, err, code } = await tieback('labor', ...WEEK, '--project', '1024-001');
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('1024-001 Harbor View, week from 2026-07-12 to 2026-07-18');
    expect(out).toMatch(/501 +Quimby, Ada .*ST +8\.00 +8\.00\n +OT +1\.50 +1\.50\n/);
    expect(out).not.toContain('Tumbledown, Bo');
    expect(out).toContain('Bo Tumbledown, 2026-07-16, 7.00 h: not approved yet (pending)');
    expect((await tieback('labor', ...WEEK, '--project', String(project))).out).toBe(out);
    expect((await tieback('labor', ...WEEK, '--certified')).out).toContain('No hours were worked on jobs');

    const told = JSON.parse((await tieback('labor', ...WEEK, '--json')).out) as Record<string, unknown>;
    expect(told).toMatchObject({
      rows: [{ job: '1|1', employee: '1|501', totalStraight: '8.00', totalOvertime: '1.50' }],
      people: { '1|501': { number: '501', lastName: 'Quimby' } },
      offJobs: '8.00',
    });
  });

  test('a file is for its owner alone, and is replaced only where that is said', async () => {
    const csv = file('labor.csv');
    const args = ['labor', ...WEEK, '--format', 'csv', '--out', csv] as const;
    const { out, code } = await tieback(...args);
    expect([code, out]).toEqual([0, `${csv}: 1 row, readable by you alone.\n`]);
    expect(statSync(csv).mode & 0o777).toBe(0o600);
    const text = readFileSync(csv, 'utf8');
    expect(text).toMatch(/^\ufeffJob,Week begins,Week ends,Number,Name,/);
    expect(text).toContain('1024-001 Harbor View,2026-07-12,2026-07-18,501,"Quimby, Ada",');
    expect((await tieback(...args.slice(0, -2))).out).toBe(text.slice(1));

    writeFileSync(csv, 'of somebody');
    chmodSync(csv, 0o644);
    const refused = await tieback(...args);
    expect(refused.code).not.toBe(0);
    expect(refused.err).toMatch(/labor\.csv exists already.*\n.*--force/);
    expect(readFileSync(csv, 'utf8')).toBe('of somebody');
    expect((await tieback(...args, '--force')).code).toBe(0);
    expect(readFileSync(csv, 'utf8')).toBe(text);
    expect(statSync(csv).mode & 0o777).toBe(0o600);
    expect(readdirSync(desk.folder).filter((name) => name.includes('.new'))).toEqual([]);
  });

  test('a PDF has the same rows, and says which file it is', async () => {
    const pdf = file('labor.pdf');
    const { out } = await tieback('labor', ...WEEK, '--format', 'pdf', '--out', pdf, '--json');
    expect(JSON.parse(out)).toMatchObject({ file: pdf, format: 'pdf', rows: 1 });
    const [page] = readPdf(readFileSync(pdf));
    const texts = page?.texts.map(({ text }) => text);
    expect(texts).toEqual(expect.arrayContaining(['501', 'Quimby, Ada', '8.00', '1.50', 'Page 1 of 1']));
  });

  test('a period is tied out against the ERP: what nobody approved, and what the clerk entered by hand', async () => {
    const batch = erp.openPayBatch({ co: 1, group: 1, end: '2026-07-18' });
    erp.addCard({ co: 1, mth: '2026-07' }, batch, { employee: 502, date: TUESDAY, hours: '2.00' });
    const { out, err, code } = await tieback('tie-out', '1', '2026-07-18');
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('Nothing is approved yet');
    expect(out).toMatch(/501 +Quimby, Ada +9\.50 +9\.50 +0\.00 +0\.00 +0\.00 +-9\.50\n +Written -9\.50 h: /);
    expect(out).toMatch(/502 +Tumbledown, Bo +19\.00 +8\.00 +0\.00 +2\.00 +0\.00 +-19\.00\n/);
    expect(out).toContain('Accepted +2.00 h: added in the ERP by somebody else, 2026-07-14, 1 Regular.');
    expect(out).toMatch(/Gus Nobody +6\.00 +0\.00/);
    expect(out).toContain('3 of 3 employees differ; every difference is explained.');

    const told = JSON.parse((await tieback('tie-out', '1', '2026-07-18', '--json')).out) as unknown;
    expect(told).toMatchObject({
      isApproved: false,
      verdict: { employees: 3, differing: 3, unexplained: 0 },
      rows: [
        { employee: '1|501', source: '9.50', posted: '0.00' },
        { employee: '1|502' },
        { person: 'Gus Nobody' },
      ],
    });
    expect(procore.violations()).toEqual([]);
  });

  test('a period that was closed long ago is tied out as well', async () => {
    erp.addPayPeriod({ co: 1, group: 1, end: '2026-01-10' }, '2026-01-04', { status: 2 });
    const { out } = await tieback('tie-out', '1', '2026-01-10');
    expect(out).toContain('There are no hours in this period.');
  });

  test.each([
    [['labor', '--from', '2026-07-18', '--to', '2026-07-12'], /--from 2026-07-18 is after --to 2026-07-12/],
    [['labor', '--from', '2026-02-30', '--to', '2026-07-12'], /"2026-02-30" is not a calendar date/],
    [
      ['labor', ...WEEK, '--project', '9-9'],
      /No project that is linked has the id or number "9-9".*\n.*1024-001/,
    ],
    [['labor', ...WEEK, '--format', 'pdf'], /A PDF is written to a file/],
    [['labor', ...WEEK, '--format', 'csv', '--json'], /Both --json and --format csv want standard output/],
    [['tie-out', '1', '2026-07-18', '--force'], /--force is for a file/],
    [['tie-out', '1', '2026-07-17'], /Pay group 1 has no period that ends on 2026-07-17/],
    [['tie-out', '1', '--out', '/nowhere/at/all.txt'], /There is no folder \/nowhere\/at/],
  ] as const)('%j says what is wrong', async (args, message) => {
    const { out, err, code } = await tieback(...args);
    expect(code).not.toBe(0);
    expect(out + err).toMatch(message);
    expect(out + err).not.toMatch(/\n +at /);
  });
});

describe('people', () => {
  let cleo: number;
  let visitor: number;
  beforeAll(() => {
    cleo = procore.addPerson({ first_name: 'Cleo', last_name: 'Marmalade' }).id;
    visitor = procore.addPerson({ first_name: 'Vic', last_name: 'Visitor', is_employee: false }).id;
    procore.completeEntries([enter(cleo, 'Regular Time', '7.25')]);
  });
  const planned = async (): Promise<string> => (await tieback('plan', '1', '2026-07-18', '--all')).out;

  test('who is who, who may be whom, and whose hours are nobody’s yet', async () => {
    const { out, err, code } = await tieback('people');
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/2 people of Procore are employees of the ERP/);
    expect(out).toMatch(new RegExp(`✓ +${cleo} +Cleo Marmalade +503 +Cleo Marmalade +same name`));
    expect(out).toMatch(
      new RegExp(`Not matched \\(2\\)[^]*${cleo} +Cleo Marmalade +7\\.25\n[^]*Gus Nobody +6\\.00`),
    );
    expect(out).not.toContain('Vic Visitor');
    expect(out).toContain('1 more in the directory');
    expect(JSON.parse((await tieback('people', '--json')).out)).toMatchObject({
      ...{ connection: 'acme', matched: 2, pending: 0, others: 1, refused: [], problems: [] },
      suggestions: [{ personId: cleo, employeeKey: '1|503', verdict: 'match', reasons: ['same name'] }],
    });
  });

  test('what is accepted counts at once, and what is taken back does not', async () => {
    expect(await planned()).toMatch(/Cleo Marmalade, 2026-07-14: person/);
    const { out, err, code } = await tieback('people', 'accept', String(cleo), '--as', MARIA);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('is employee Cleo Marmalade (503). It counts now');
    expect(await planned()).toMatch(/503 Marmalade, Cleo +7\.25/);
    expect((await tieback('people')).out).toMatch(
      /3 people of Procore .* 1 decision not told to Procore yet/,
    );
    await desk.store((store) =>
      store.transaction('refuse', 'acme', async (t) => {
        const [row] = await t.payrollPeople.accepted('acme');
        if (row !== undefined)
          t.payrollPeople.put('acme', {
            ...row,
            state: 'refused',
            reason: 'origin_id: has already been taken',
          });
      }),
    );
    expect((await tieback('people')).out).toMatch(
      new RegExp(
        `Not taken by Procore \\(1\\)[^]*${cleo} +Cleo Marmalade +503 +origin_id: has already been taken`,
      ),
    );
    const undone = await tieback('people', 'undo', String(cleo), '--as', MARIA, '--comment', 'the other one');
    expect([undone.code, undone.err]).toEqual([0, '']);
    expect(await planned()).toMatch(/Cleo Marmalade, 2026-07-14: person/);
    expect((await tieback('people')).out).not.toContain('Suggested');
  });

  test.each<[string, () => readonly string[], RegExp, RegExp]>([
    ['nobody is suggested', () => [String(visitor)], /Nobody of the ERP is suggested/, /accept \d+ <number>/],
    ['no such person', () => ['99'], /Procore shows no person 99/, /tieback payroll people/],
    ['no such employee', () => [String(cleo), '77'], /The ERP has no employee 77/, /such as 2207/],
    ['no id', () => ['Cleo'], /"Cleo" is no id of Procore/, /whole number/],
    [
      'taken',
      () => [String(cleo), '501'],
      /Ada Quimby \(501\) is Ada Quimby \(\d+\) of Procore already/,
      /payroll people/,
    ],
  ])('%s: says so and what helps', async (_what, args, message, hint) => {
    const { err, code } = await tieback('people', 'accept', ...args(), '--as', MARIA);
    expect(code).not.toBe(0);
    expect(err).toMatch(message);
    expect(err).toMatch(hint);
  });

  test('it goes through the daemon, which gets what was looked at', async () => {
    const asked: AskedPerson[] = [];
    const app = await doorWith({
      decidePerson: (_who, given) => {
        asked.push(given);
        return Promise.resolve(accepted());
      },
    });
    const env = {
      ...SECRETS,
      TIEBACK_URL: await app.listen({ port: 0, host: '127.0.0.1' }),
      TIEBACK_TOKEN: 'tbk_maria',
    };
    const { code, err } = await desk.tieback(['payroll', 'people', 'accept', String(cleo), '503'], { env });
    await app.close();
    expect([code, err]).toEqual([0, '']);
    const hash = expect.stringMatching(/^[0-9a-f]{64}$/) as string;
    expect(asked).toEqual([
      {
        connectionId: 'acme',
        answer: {
          ...{ how: 'accept', personId: cleo, employeeKey: '1|503' },
          ...{ personRevision: hash, employeeRevision: hash },
        },
        comment: '',
      },
    ]);
  });

  test('only approvers decide, and through the daemon unless by break-glass', async () => {
    expect((await tieback('people', 'accept', String(cleo), '503', '--as', 'eve')).err).toMatch(
      /no approver/,
    );
    expect((await tieback('people', 'accept', String(cleo), '503')).err).toMatch(/daemon does not answer/);
  });
});

test.each([
  [['plan', '9'], /Pay group 9 has no period that is open and has begun/, /Pay groups of the ERP: 1, 2/],
  [
    ['plan', '1', '2026-07-17'],
    /Pay group 1 has no period that ends on 2026-07-17/,
    /tieback payroll periods/,
  ],
] as const)('%j says what there is', async (args, message, hint) => {
  const { err, code } = await tieback(...args);
  expect(code).not.toBe(0);
  expect(err).toMatch(message);
  expect(err).toMatch(hint);
});

test('the doctor holds the mapping against the codes of the ERP', async () => {
  const findings = async (): Promise<unknown[]> => {
    const { out } = await desk.tieback(['doctor', '--json'], {
      env: SECRETS,
      now: () => LATER,
    });
    const { areas } = JSON.parse(out) as { areas: { findings: { name: string; status: string }[] }[] };
    return areas.flatMap((area) => area.findings).filter(({ name }) => name.startsWith('payroll mapping'));
  };
  expect(await findings()).toMatchObject([{ status: 'ok' }]);
  erp.db.prepare("UPDATE PREC SET ActiveYN = 'N' WHERE EarnCode = 2").run();
  expect(await findings()).toMatchObject([
    { status: 'failed', detail: expect.stringContaining('Earn code 2 "Overtime" is inactive') as string },
  ]);
});
