import { placeOf } from '../../../../src/domain/payroll/cell';
import type { PayCodes } from '../../../../src/domain/payroll/codes';
import type { Employee } from '../../../../src/domain/payroll/employee';
import type { TimecardEntry } from '../../../../src/domain/payroll/entry';
import type { PayrollRules, PeriodInput } from '../../../../src/domain/payroll/gather';
import type { KnownLine, PayLine } from '../../../../src/domain/payroll/line';
import type { PayrollMapping } from '../../../../src/domain/payroll/mapping';
import type { PayPeriod } from '../../../../src/domain/payroll/period';
import type { PayrollPlanInput } from '../../../../src/domain/plan/payroll';
import { planPayroll } from '../../../../src/domain/plan/payroll';
import type { Plan } from '../../../../src/domain/plan/plan';
import type { JobPlace, OvertimeOwner, PayrollReferences } from '../../../../src/domain/payroll/resolve';

/** Dana of the weekly group, Max of the semi-monthly one, and a stand-in for machines. */
export const DANA = 71;
export const MAX = 72;
export const LOADER = 79;

const employee = (
  key: string,
  firstName: string,
  payGroup: string,
  more: Partial<Employee> = {},
): Employee => ({
  key: `1|${key}`,
  number: key,
  firstName,
  lastName: 'Reyes',
  email: null,
  payGroup,
  department: 'FIELD',
  craft: null,
  class: null,
  hiredOn: null,
  endedOn: null,
  isActive: true,
  ...more,
});

export const EMPLOYEES: readonly Employee[] = [
  employee('2207', 'Dana', 'W'),
  employee('2208', 'Max', 'S'),
  employee('9999', 'Loader', 'W'),
];

export const CODES: PayCodes = {
  earnCodes: [
    { code: 'REG', name: 'Regular', factor: '1', costType: 'L', isActive: true },
    { code: 'OT', name: 'Overtime', factor: '1.5', costType: 'L', isActive: true },
    { code: 'DT', name: 'Double', factor: '2', costType: 'L', isActive: true },
    { code: 'PTO', name: 'Paid leave', factor: null, costType: null, isActive: true },
    { code: 'DIEM', name: 'Per diem', factor: null, costType: 'O', isActive: true },
    { code: 'MILES', name: 'Mileage', factor: null, costType: null, isActive: true },
    { code: 'EQ', name: 'Equipment', factor: null, costType: 'E', isActive: true },
    { code: 'OLD', name: 'Old', factor: '1', costType: null, isActive: false },
  ],
  classes: [{ craft: 'CARP', class: 'J2', name: 'Journeyman' }],
  departments: [{ code: 'FIELD', name: 'Field' }],
  shifts: ['1', '2'],
  payGroups: [
    { code: 'W', name: 'Weekly' },
    { code: 'S', name: 'Semi-monthly' },
  ],
};

/** Time types 1 regular, 2 overtime, 3 leave, 4 per diem, 5 mileage, 6 night, 7 a reimbursement without a rate. */
export const MAPPING: PayrollMapping = {
  timeTypes: {
    '1': { earnCode: 'REG', family: 'worked' },
    '2': { earnCode: 'OT', family: 'worked' },
    '3': { earnCode: 'PTO', family: 'leave' },
    '4': { earnCode: 'DIEM', family: 'allowance', paysUnits: true },
    '5': { earnCode: 'MILES', family: 'allowance', paysUnits: true, isRepeatable: true },
    '6': { earnCode: 'REG', family: 'worked', shift: '2' },
    '7': { earnCode: 'DIEM', family: 'allowance' },
  },
  workClassifications: { '31': { craft: 'CARP', class: 'J2' } },
  costTypes: { '51': 'L', '52': 'E' },
  departments: {},
  certifiedProjects: [12],
  equipment: { [LOADER]: { equipment: '1|EX-7', standIn: '1|9999', earnCode: 'EQ' } },
};

const job = (key: string, more: Partial<JobPlace> = {}): JobPlace => ({
  key: `1|${key}`,
  label: `${key} Harbor View`,
  isActive: true,
  timeZone: 'America/Denver',
  ...more,
});

/** Projects 11 and 12 with cost codes 21 and 22; job 13 is closed; 14 is in Honolulu. */
export const references = (more: Partial<PayrollReferences> = {}): PayrollReferences => ({
  company: '1',
  mapping: MAPPING,
  codes: CODES,
  people: new Map([
    [DANA, '1|2207'],
    [MAX, '1|2208'],
  ]),
  employees: new Map(EMPLOYEES.map((one) => [one.key, one])),
  jobs: new Map([
    [11, job('26-014')],
    [12, job('26-015')],
    [13, job('25-001', { isActive: false })],
    [14, job('26-016', { timeZone: 'Pacific/Honolulu' })],
  ]),
  subJobs: new Map([[91, job('26-014-A')]]),
  phases: new Map([
    [21, { key: '1|3-310', label: '3-310 Forms', isActive: true }],
    [22, { key: '1|3-320', label: '3-320 Rebar', isActive: true }],
  ]),
  overtimeOwner: (): OvertimeOwner => 'field',
  ...more,
});

/** Eight regular hours of Dana on project 11, cost code 21, on a Wednesday. */
export const entry = (id: number, more: Partial<TimecardEntry> = {}): TimecardEntry => ({
  id,
  date: '2026-11-18',
  hours: '8.0',
  timeIn: null,
  timeOut: null,
  lunchMinutes: 0,
  person: { id: DANA, name: 'Dana Reyes' },
  project: { id: 11, name: 'Harbor View' },
  subJob: null,
  costCode: { id: 21, name: '3-310 Forms' },
  costTypeId: null,
  timeType: { id: 1, name: 'Regular Time' },
  workClassificationId: null,
  crew: null,
  timesheetId: null,
  billable: false,
  description: '',
  status: 'completed',
  inProgress: false,
  deletedAt: null,
  splitFrom: null,
  originData: null,
  updatedAt: '2026-11-19T00:00:00Z',
  createdBy: null,
  ...more,
});

export const named = (id: number, name = `no. ${id}`): { id: number; name: string } => ({ id, name });

/** A week of the weekly group, Sunday to Saturday. */
export const week = (begin: string, end: string, more: Partial<PayPeriod> = {}): PayPeriod => ({
  group: 'W',
  run: 1,
  begin,
  end,
  cutOff: null,
  state: 'open',
  frequency: 'weekly',
  ...more,
});

export const WEEKS: readonly PayPeriod[] = [
  week('2026-11-08', '2026-11-14', { state: 'closed' }),
  week('2026-11-15', '2026-11-21'),
  week('2026-11-22', '2026-11-28', { state: 'future' }),
];
export const WEEK = week('2026-11-15', '2026-11-21');

export const RULES: PayrollRules = {
  payable: ['completed'],
  grid: 'off',
  workweek: [{ startsOn: 0, since: null }],
  overtime: { weeklyAfter: '40', dailyAfter: '8' },
  timeZone: 'America/Denver',
};

export const periodInput = (
  entries: readonly TimecardEntry[],
  more: Partial<PeriodInput> = {},
): PeriodInput => ({
  period: WEEK,
  periods: WEEKS,
  asOf: '2026-11-20',
  entries,
  references: references(),
  rules: RULES,
  elsewhere: new Map(),
  gathered: null,
  ...more,
});

/** The row that the ERP has of a line: posted, unless said otherwise. */
export const rowOf = (id: string, line: PayLine, more: Partial<KnownLine> = {}): KnownLine => ({
  ...placeOf(line),
  id,
  key: line.key,
  earnCode: line.earnCode,
  department: line.department,
  hours: line.hours,
  state: 'posted',
  madeFrom: null,
  problems: [],
  batch: '7',
  ...more,
});

/** The same items in an order that the numbers decide. */
export const shuffled = <Item>(items: readonly Item[], numbers: readonly number[]): Item[] =>
  items
    .map((item, index) => ({ item, place: numbers[index % Math.max(numbers.length, 1)] ?? 0 }))
    .sort((one, two) => one.place - two.place)
    .map(({ item }) => item);

/** The request of the week, its cut-off over, with these entries approved in time and nothing written yet. */
export const payrollInput = (
  entries: readonly TimecardEntry[],
  more: Partial<PayrollPlanInput> = {},
): PayrollPlanInput => ({
  connectionId: 'acme',
  requestId: 'payroll/1-W-2026-11-21',
  period: WEEK,
  periods: WEEKS,
  asOf: '2026-11-24',
  isCutOff: true,
  kept: entries.map((one) => ({
    ...{ entry: one, approved: null, payableSince: one.updatedAt, writtenIn: null, hours: null },
    writtenRevision: null,
  })),
  written: [],
  refused: [],
  rows: [],
  corrects: new Set(),
  older: [],
  decisions: {
    rows: new Map(),
    own: new Set(),
    correct: new Set(),
    leave: new Set(),
    lines: new Map(),
  },
  can: { negatives: true },
  references: references(),
  rules: RULES,
  heads: {},
  completes: true,
  ...more,
});

export const planOfPayroll = (input: PayrollPlanInput): Plan => {
  const planned = planPayroll(input);
  if (planned.kind !== 'plan') throw new Error(`it is ${planned.kind}`);
  return planned.plan;
};
