import { addDays, weekdayOf } from '../domain/base/local-date';
import type { Employee } from '../domain/payroll/employee';
import { addHours } from '../domain/payroll/hours';
import type { LaborRow } from '../domain/payroll/labor-report';
import type { LeftOut } from '../domain/payroll/left-out';
import type { Column, Group, Note, Report, Row } from './report';

/** What the report of hours by craft and class is made of. */
export interface LaborFacts {
  /** The company, for people. */
  readonly company: string;
  /** Dates of work that were asked for. */
  readonly dates: { readonly begin: string; readonly end: string };
  readonly certifiedOnly: boolean;
  readonly rows: readonly LaborRow[];
  /** By key of the ERP. */
  readonly employees: ReadonlyMap<string, Employee>;
  readonly jobs: ReadonlyMap<string, string>;
  /** By `<craft>/<class>`. */
  readonly classes: ReadonlyMap<string, string>;
  readonly leftOut: readonly LeftOut[];
  /** Sentences about entries that cannot be read. */
  readonly unreadable: readonly string[];
  /** Hours of these dates for no job; empty: they were not asked for. */
  readonly offJobs: string;
}

const PARTS = ['ST', 'OT'];
const hours = (title: string): Column => ({ title, kind: 'hours', parts: PARTS, hidesZero: true });

const COLUMNS: readonly Column[] = [
  { title: 'Number', kind: 'text' },
  { title: 'Name', kind: 'text' },
  { title: 'Craft', kind: 'text' },
  { title: 'Class', kind: 'text' },
  { title: 'Classification', kind: 'text' },
  { title: '', kind: 'text', onlyShown: true },
  ...[1, 2, 3, 4, 5, 6, 7].map((day) => hours(`Day ${day}`)),
  hours('Total'),
];

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** Hours by craft and class: one table for each job and week, one row for each classification of a person. */
export function laborReportOf(facts: LaborFacts, made: Pick<Report, 'madeAt' | 'madeFrom'>): Report {
  const { company, dates, certifiedOnly, rows } = facts;
  const weeks = new Map<string, LaborRow[]>();
  for (const row of rows) {
    const key = JSON.stringify([row.job, row.week.begin]);
    weeks.set(key, [...(weeks.get(key) ?? []), row]);
  }
  const groups = [...weeks.values()].map((week) => groupOf(week, facts));
  return {
    title: 'Hours by craft and class',
    about: [
      `${company}, work from ${dates.begin} to ${dates.end}${certifiedOnly ? ', projects of certified payroll only' : ''}`,
      'ST: straight time, OT: overtime. Labor part of a certified payroll (WH-347), without pay. Employees are named by their number.',
    ],
    verdict:
      rows.length === 0 ? { text: 'No hours were worked on jobs on these dates.', tone: 'plain' } : null,
    keys: ['Job', 'Week begins', 'Week ends'],
    columns: COLUMNS,
    below: null,
    groups: groups.sort((one, two) => compare(one.title ?? '', two.title ?? '')),
    total: groups.length < 2 ? null : totalOf('All jobs and weeks', rows, false),
    notes: notesOf(facts),
    ...made,
  };
}

function groupOf(rows: readonly LaborRow[], { jobs, employees, classes, dates }: LaborFacts): Group {
  const [{ job, week }] = rows as readonly [LaborRow];
  const [begin, end] = [later(week.begin, dates.begin), earlier(week.end, dates.end)];
  const part = begin === week.begin && end === week.end ? '' : ` (only ${begin} to ${end})`;
  const label = jobs.get(job) ?? job;
  const sorted = rows
    .map((row) => ({ row, cells: identityOf(row, employees, classes) }))
    .sort((one, two) => BY_NAME.compare(sortKey(one.cells), sortKey(two.cells)));
  return {
    title: `${label}, week from ${week.begin} to ${week.end}${part}`,
    keys: [label, week.begin, week.end],
    titles: [
      ...COLUMNS.slice(0, 6).map(({ title }) => title),
      ...[0, 1, 2, 3, 4, 5, 6].map((day) => {
        const date = addDays(week.begin, day);
        return `${WEEKDAYS[weekdayOf(date)]}\n${date.slice(5)}`;
      }),
      'Total',
    ],
    startsPage: true,
    rows: sorted.map(({ row, cells }) => ({ cells: [...cells, ...hoursOf([row], true)] })),
    total: totalOf('All', rows, true),
  };
}

function identityOf(
  { employee, craft, class: classCode }: LaborRow,
  employees: LaborFacts['employees'],
  classes: LaborFacts['classes'],
): readonly [string, string, string, string, string] {
  const known = employees.get(employee);
  return [
    known?.number ?? employee,
    known === undefined ? '' : `${known.lastName}, ${known.firstName}`,
    craft ?? '',
    classCode ?? '',
    classes.get(`${craft}/${classCode}`) ?? '',
  ];
}

/** As people look for a name, whatever accents it has. */
const BY_NAME = new Intl.Collator('en');
const sortKey = ([number, name, craft, classCode]: readonly string[]): string =>
  [name, number, craft, classCode].join('\n');

/** From the label of straight time and overtime on. */
function hoursOf(rows: readonly LaborRow[], byDay: boolean): Row['cells'] {
  const total = [
    addHours(rows.map(({ totalStraight }) => totalStraight)),
    addHours(rows.map(({ totalOvertime }) => totalOvertime)),
  ];
  const day = (index: number): readonly string[] => [
    addHours(rows.map(({ straight }) => straight[index] ?? '0')),
    addHours(rows.map(({ overtime }) => overtime[index] ?? '0')),
  ];
  const hasOvertime = rows.some(({ overtime }) => overtime.some((one) => one !== '0.00'));
  return [
    hasOvertime ? PARTS.join('\n') : 'ST',
    ...[0, 1, 2, 3, 4, 5, 6].map((index) => (byDay ? day(index) : '')),
    total,
  ];
}

const totalOf = (name: string, rows: readonly LaborRow[], byDay: boolean): Row => ({
  cells: [name, '', '', '', '', ...hoursOf(rows, byDay)],
});

function notesOf({ rows, employees, leftOut, unreadable, offJobs }: LaborFacts): readonly Note[] {
  const unclassified = [
    ...new Set(
      rows.filter((row) => row.craft === null || row.class === null).map(({ employee }) => employee),
    ),
  ].map((key) => {
    const known = employees.get(key);
    return known === undefined ? key : `${known.lastName}, ${known.firstName} (${known.number})`;
  });
  return [
    { title: `Left out (${leftOut.length})`, lines: leftOut.map(({ text }) => text) },
    { title: `Cannot be read (${unreadable.length})`, lines: unreadable },
    {
      title: 'Without craft and class',
      lines: unclassified.length === 0 ? [] : [`${unclassified.sort().join('; ')}.`],
    },
    {
      title: 'Not on jobs',
      lines:
        offJobs === '' || offJobs === '0.00'
          ? []
          : [`${offJobs} h of leave and of work on no job on these dates are not in this report.`],
    },
  ];
}

const compare = (one: string, two: string): number => (one < two ? -1 : one > two ? 1 : 0);
const later = (one: string, two: string): string => (one > two ? one : two);
const earlier = (one: string, two: string): string => (one < two ? one : two);
