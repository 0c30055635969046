import { addDays } from '../../src/domain/base/local-date';
import { dateIn } from '../../src/domain/base/time-zone';
import type { RecordLink } from '../../src/domain/kinds/record-link';
import type { PayrollSettings } from '../../src/domain/payroll/settings';
import type { SimulatorControl } from '../../sandbox/procore-simulator/control-client';
import type { Accounting } from '../../sandbox/sample-erp/company';

/** How many people work, and how many timecard entries they make in the week. */
export interface CrewSize {
  readonly employees: number;
  readonly entries: number;
}

export const GROUP = '9';
const TIME_ZONE = 'America/Denver';
const JOBS = 20;
const PHASES = 10;
/** Nobody works on the last day of the week. */
const WORKED_DAYS = 6;
const FIRST_EMPLOYEE = 20_000;
const REGULAR = '1';

/** The last week that is over: Sunday to Saturday. */
export interface Week {
  readonly begin: string;
  readonly end: string;
  /** In the payroll office. */
  readonly today: string;
}

export function lastWeek(now: number): Week {
  const today = dateIn(now, TIME_ZONE);
  const weekday = new Date(`${today}T00:00:00Z`).getUTCDay();
  const end = addDays(today, -(weekday + 1));
  return { begin: addDays(end, -6), end, today };
}

/** What was entered. */
export interface Crew {
  readonly settings: PayrollSettings;
  /** Projects with their codes, as a reconcile leaves them linked. */
  readonly links: readonly RecordLink[];
}

/**
 * Enters a payroll office and a week of its field: employees, jobs and phases in the ERP, the same people, projects and codes in Procore, and their entries,
 * approved. The same ones every time, but for the week. Each entry is a line of its own: a place that nobody else worked at that day.
 */
export async function enterCrew(
  erp: Accounting,
  procore: SimulatorControl,
  week: Week,
  size: CrewSize,
): Promise<Crew> {
  enterPayOffice(erp, week, size.employees);
  const { timeType, people } = await enterPeople(procore, size.employees);
  const places = await enterPlaces(erp, procore);
  for (let n = 0; n < size.entries; n += 1) {
    const employee = n % size.employees;
    const turn = Math.floor(n / size.employees);
    const { project, costCodes } = places[employee % places.length] as Place;
    await procore.enterTime(
      project,
      {
        party_id: people[employee] as number,
        date: addDays(week.begin, turn % WORKED_DAYS),
        // Minutes of a time clock: 3.57 h.
        hours: (3 + ((n * 7) % 120) / 60).toFixed(2),
        timecard_time_type_id: timeType,
        cost_code_id: costCodes[(employee + Math.floor(turn / WORKED_DAYS)) % costCodes.length],
        approval_status: 'approved',
      },
      { side: 'company' },
    );
  }
  return { settings: settingsOf(timeType), links: places.map(({ link }) => link) };
}

function enterPayOffice(erp: Accounting, { begin, end, today }: Week, employees: number): void {
  erp.db.transaction(() => {
    erp.runScript(`INSERT INTO PRGR VALUES (1, ${GROUP}, 'Field, weekly', 'W');
INSERT INTO PRDP VALUES (1, '10', 'Field');
INSERT INTO PRSH VALUES (1, '1', 'Day');
INSERT INTO PREC (PRCo, EarnCode, Description, Factor, EarnType, CostTypeID, OTEarnCode, ActiveYN) VALUES (1, ${REGULAR}, 'Regular', '1', 'W', NULL, NULL, 'Y');`);
    for (let n = 0; n < employees; n += 1)
      erp.addEmployee(1, {
        Employee: FIRST_EMPLOYEE + n,
        FirstName: 'Casey',
        LastName: `Fieldhand ${n}`,
        PRGroup: Number(GROUP),
        PRDept: '10',
        HireDate: '2020-01-06',
        ActiveYN: 'Y',
      });
    const mth = end.slice(0, 7);
    erp.runScript(`INSERT OR REPLACE INTO GLPD VALUES (1, '${mth}', 'PR', 'open');`);
    erp.addPayPeriod({ co: 1, group: Number(GROUP), end }, begin, { cutOff: today, mth });
    const [nextBegin, nextEnd] = [addDays(begin, 7), addDays(end, 7)];
    erp.addPayPeriod({ co: 1, group: Number(GROUP), end: nextEnd }, nextBegin, { status: 0, mth });
  })();
}

/** The clerk moves the cut-off to yesterday: gathering is over. */
export function cutOff(erp: Accounting, { end, today }: Week): void {
  erp.db
    .prepare('UPDATE PRPC SET CutoffDate = ? WHERE PRCo = 1 AND PRGroup = ? AND PREndDate = ?')
    .run(addDays(today, -1), Number(GROUP), end);
}

async function enterPeople(
  procore: SimulatorControl,
  employees: number,
): Promise<{ readonly timeType: number; readonly people: readonly number[] }> {
  const { id: timeType } = await procore.addTimeType('Field time', 'FT');
  const people: number[] = [];
  for (let n = 0; n < employees; n += 1) {
    const seed = {
      first_name: 'Casey',
      last_name: `Fieldhand ${n}`,
      employee_id: String(FIRST_EMPLOYEE + n),
    };
    people.push((await procore.addPerson(seed)).id);
  }
  return { timeType, people };
}

interface Place {
  readonly project: number;
  readonly costCodes: readonly number[];
  readonly link: RecordLink;
}

async function enterPlaces(erp: Accounting, procore: SimulatorControl): Promise<readonly Place[]> {
  const places: Place[] = [];
  for (let n = 0; n < JOBS; n += 1) {
    const code = `${2_000 + n}-001`;
    const name = `Bench job ${n}`;
    const job = erp.addJob(1, code.padStart(9), name, { status: 1 });
    const { id: project } = await procore.seedProject({ name });
    const phases = Array.from({ length: PHASES }, (_, phase) => ({
      code: `26-${String(10 * (phase + 1)).padStart(3, '0')}`,
      name: `Phase ${phase}`,
    }));
    const keys = phases.map((phase) => erp.addPhase(1, code, `${phase.code}-  `, phase.name));
    const costCodes = (await procore.seedCostCodes(project, phases)).map(({ id }) => id);
    const lines = phases.map((phase, index) => ({
      kind: 'cost_code' as const,
      number: phase.code,
      fields: { name: phase.name, isActive: true },
      erpKey: `1|${keys[index] ?? 0}`,
      procoreId: costCodes[index] ?? 0,
    }));
    const record = { fields: { code, name, isActive: true }, lines };
    const link: RecordLink = {
      kind: 'project',
      erpKey: `1|${job}`,
      procoreId: project,
      state: 'linked',
      generation: 1,
      procore: record,
      erp: record,
      erpRevision: null,
    };
    places.push({ project, costCodes, link });
  }
  return places;
}

const settingsOf = (timeType: number): PayrollSettings => ({
  payable: ['approved', 'completed'],
  rounding: 'quarter',
  workweeks: { '*': 0 },
  overtimeOwners: { '*': 'field' },
  overtime: null,
  timeZone: TIME_ZONE,
  lookBackDays: 60,
  cutOffDays: 2,
  everySeconds: 300,
  groups: [GROUP],
  completes: true,
  mapping: {
    timeTypes: { [String(timeType)]: { earnCode: REGULAR, family: 'worked' } },
    workClassifications: {},
    costTypes: {},
    departments: {},
    certifiedProjects: [],
    equipment: {},
  },
});
