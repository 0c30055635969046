import { laborHours } from '../../../src/activities/payroll/labor';
import type { LaborHours, LaborQuestion } from '../../../src/activities/payroll/labor';
import type { PayrollParts } from '../../../src/activities/payroll/parts';
import type { StepStore } from '../../../src/activities/store-steps';
import type { TimecardEntry } from '../../../src/domain/payroll/entry';
import type { Employee } from '../../../src/domain/payroll/employee';
import { CODES, DANA, EMPLOYEES, entry, LOADER, MAPPING, MAX, named } from '../domain/payroll/fixtures';
import { linkOf } from '../domain/records';

/*
 * Procore, the ERP and the store as they answer: Dana is paid weekly and her week begins on Sunday, Max twice a month and his on Monday. Projects 11 and
 * 12 are jobs, 91 is a sub job of 11 with a number of its own.
 */
const place = (kind: 'project' | 'sub_job', id: number, code: string) =>
  linkOf(kind, id, `1|${code}`, {
    erp: { fields: { code, name: 'Harbor View' }, lines: [] },
    procore: {
      fields: { code, name: 'Harbor View' },
      lines: [
        { kind: 'cost_code', number: '3-310', fields: { name: 'Forms' }, erpKey: '1|3-310', procoreId: 21 },
      ],
    },
  });
const LINKS = {
  project: [place('project', 11, '26-014'), place('project', 12, '26-015')],
  sub_job: [place('sub_job', 91, '26-014-A')],
};
const store = {
  read: (_name: string, work: (t: unknown) => Promise<unknown>) =>
    work({
      links: { inForce: (_connection: string, kind: keyof typeof LINKS) => Promise.resolve(LINKS[kind]) },
      payrollPeople: { accepted: () => Promise.resolve([]) },
    }),
} as unknown as StepStore;

function partsOf(entries: readonly TimecardEntry[]): PayrollParts {
  const pageOf = (some: readonly TimecardEntry[]) => ({ entries: some, unreadable: [] });
  return {
    connection: {
      id: 'acme',
      erp: { describe: () => Promise.resolve({ company: '1' }) },
      procore: {
        payroll: {
          people: () =>
            Promise.resolve([
              { id: DANA, firstName: 'Dana', lastName: 'Reyes', employeeId: '2207' },
              { id: MAX, firstName: 'Max', lastName: 'Reyes', employeeId: '2208' },
            ]),
          async *entries({ begin, end }: { begin: string; end: string }) {
            yield pageOf(
              entries.filter(({ date, deletedAt }) => begin <= date && date <= end && deletedAt === null),
            );
          },
        },
      },
    },
    settings: {
      payable: ['completed'],
      rounding: 'quarter',
      workweeks: { '*': 0, S: 1 },
      overtimeOwners: {},
      overtime: null,
      timeZone: 'America/Denver',
      mapping: MAPPING,
    },
    erp: {
      async *employees(): AsyncGenerator<readonly Employee[]> {
        yield EMPLOYEES;
      },
      codes: () => Promise.resolve(CODES),
    },
  } as unknown as PayrollParts;
}

const ASKED: LaborQuestion = { begin: '2026-11-15', end: '2026-11-21', project: null, certifiedOnly: false };
async function labor(
  entries: readonly TimecardEntry[],
  more: Partial<LaborQuestion> = {},
): Promise<LaborHours> {
  const found = await laborHours({ store }, partsOf(entries), { ...ASKED, ...more });
  if ('unknownProject' in found) throw new Error(`unknown: ${found.unknownProject}`);
  return found;
}
const shown = ({ rows }: LaborHours): unknown[] =>
  rows.map(({ employee, job, week, totalStraight, totalOvertime }) => [
    employee,
    job,
    week.begin,
    totalStraight,
    totalOvertime,
  ]);

describe('hours by craft and class', () => {
  test('everybody counts in the week of their own pay group, overtime by what its earn code pays', async () => {
    const found = await labor([
      entry(1),
      entry(2, { timeType: named(2), hours: '2' }),
      entry(3, { person: { id: MAX, name: 'Max Reyes' }, hours: '6' }),
    ]);
    expect(shown(found)).toEqual([
      ['1|2207', '1|26-014', '2026-11-15', '8.00', '2.00'],
      ['1|2208', '1|26-014', '2026-11-16', '6.00', '0.00'],
    ]);
    expect(found.leftOut).toEqual([]);
  });

  test('overtime of a week that the dates cut is there all the same', async () => {
    const found = await labor([entry(1, { timeType: named(2), hours: '2' })], { end: '2026-11-18' });
    expect(shown(found)).toEqual([['1|2207', '1|26-014', '2026-11-15', '0.00', '2.00']]);
  });

  test('what is not payable, has no codes, or is a machine is in no row; what was left out is told', async () => {
    const found = await labor([
      entry(1, { status: 'approved' }),
      entry(2, { inProgress: true }),
      entry(3, { person: named(99, 'Sam Poe') }),
      entry(4, { person: { id: LOADER, name: 'Loader' } }),
      entry(5, { timeType: named(7), hours: '1' }),
      entry(6, { timeType: named(3), project: null, costCode: null }),
    ]);
    expect(found.rows).toEqual([]);
    expect(found.leftOut.map(({ entry: id, reason }) => [id, reason])).toEqual([
      [1, 'not_approved'],
      [2, 'in_progress'],
      [3, 'unmatched_person'],
    ]);
    expect(found.offJobs).toBe('8.00');
  });

  test('one project has its own part of a day that was rounded as a whole, and tells only what of its own is left out', async () => {
    const day = [
      entry(1, { hours: '4.1' }),
      entry(2, { hours: '4.1', project: named(12) }),
      entry(3, { hours: '1', project: named(12), status: 'pending' }),
    ];
    const [all, one] = [await labor(day), await labor(day, { project: '26-014' })];
    expect(shown(all).map((row) => (row as string[])[3])).toEqual(['4.13', '4.12']);
    expect(shown(one)).toEqual(shown(all).slice(0, 1));
    expect([all.leftOut.length, one.leftOut.length]).toEqual([1, 0]);
    expect(shown(await labor(day, { project: '11' }))).toEqual(shown(one));
    expect(shown(await labor(day, { certifiedOnly: true }))).toEqual(shown(all).slice(1));
  });

  test('a project has the hours of its sub jobs, and the number of a sub job those of it alone', async () => {
    const day = [entry(1), entry(2, { subJob: named(91), hours: '2' })];
    expect(shown(await labor(day, { project: '11' })).map((row) => (row as string[])[1])).toEqual([
      '1|26-014',
      '1|26-014-A',
    ]);
    expect(shown(await labor(day, { project: '26-014-a' })).map((row) => (row as string[])[1])).toEqual([
      '1|26-014-A',
    ]);
  });

  test('what nothing is linked to is said, with what there is', async () => {
    expect(await laborHours({ store }, partsOf([]), { ...ASKED, project: '99' })).toEqual({
      unknownProject: '99',
      known: ['26-014', '26-014-A', '26-015'],
    });
  });
});
