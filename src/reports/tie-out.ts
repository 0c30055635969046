import type { Employee } from '../domain/payroll/employee';
import { addHours, hoursText, hundredthsOf } from '../domain/payroll/hours';
import type { PayPeriod } from '../domain/payroll/period';
import { periodName } from '../domain/payroll/period';
import type { Difference, DifferenceReason, DifferingLine, TieOutRow } from '../domain/payroll/tie-out';
import { DIFFERENCES, STAGES } from '../domain/payroll/tie-out';
import type { Column, Report, Row } from './report';

/** What the tie-out of a period is made of. */
export interface TieOutFacts {
  /** The company, for people. */
  readonly company: string;
  readonly period: PayPeriod;
  /** False: nothing is approved, and the plan is what it would be now. */
  readonly isApproved: boolean;
  /** Hash of the plan. */
  readonly plan: string;
  readonly rows: readonly TieOutRow[];
  /** By key of the ERP. */
  readonly employees: ReadonlyMap<string, Employee>;
  readonly jobs: ReadonlyMap<string, string>;
  readonly earnCodes: ReadonlyMap<string, string>;
  /** Sentences about entries that cannot be read. */
  readonly unreadable: readonly string[];
}

/** What a tie-out comes to. */
export interface TieOutVerdict {
  readonly employees: number;
  readonly differing: number;
  /** Employees with a difference that nobody can explain. */
  readonly unexplained: number;
  /** Entries that cannot be read are hours in no column: then nothing is sure. */
  readonly unreadable: number;
  readonly text: string;
}

export function verdictOf({ rows, unreadable }: Pick<TieOutFacts, 'rows' | 'unreadable'>): TieOutVerdict {
  const differing = rows.filter(({ differences }) => differences.length > 0);
  const unexplained = differing.filter(({ differences }) =>
    differences.some(({ reason }) => reason === 'unexplained'),
  );
  const counts = {
    employees: rows.length,
    differing: differing.length,
    unexplained: unexplained.length,
    unreadable: unreadable.length,
  };
  return { ...counts, text: [wordsOf(counts), ...unreadableWords(counts)].join(' ') };
}

function wordsOf({ employees, differing, unexplained }: Omit<TieOutVerdict, 'text'>): string {
  if (employees === 0) return 'There are no hours in this period.';
  if (differing === 0) return 'Everything ties out.';
  const who = `${differing} of ${employees} ${employees === 1 ? 'employee differs' : `employees ${differing === 1 ? 'differs' : 'differ'}`}`;
  return unexplained === 0
    ? `${who}; every difference is explained.`
    : `${who}; ${unexplained === 1 ? 'that of one is' : `those of ${unexplained} are`} unexplained.`;
}

const unreadableWords = ({ unreadable }: Pick<TieOutVerdict, 'unreadable'>): readonly string[] =>
  unreadable === 0
    ? []
    : [
        `${unreadable === 1 ? 'One problem keeps' : `${unreadable} problems keep`} entries of Procore from being read; their hours are missing here.`,
      ];

/** A row for each employee, and below it every difference as a sentence. */
export function tieOutReportOf(facts: TieOutFacts, made: Pick<Report, 'madeAt' | 'madeFrom'>): Report {
  const { company, period, isApproved, plan, rows, unreadable } = facts;
  const verdict = verdictOf(facts);
  const isSure = verdict.unexplained + verdict.unreadable === 0;
  return {
    title: `Tie-out of pay period ${periodName(period)}`,
    about: [
      `${company}, ${period.begin} to ${period.end}, ${period.state} in the ERP`,
      isApproved
        ? `Approved plan ${plan.slice(0, 12)}.`
        : 'Nothing is approved yet: "Planned" is what the plan would be now.',
      'Hours of work and leave; machines and allowances are not counted.',
    ],
    verdict: {
      text: verdict.text,
      tone: !isSure ? 'bad' : verdict.differing === 0 && verdict.employees > 0 ? 'good' : 'plain',
    },
    keys: ['Pay group', 'Period ends'],
    columns: columnsOf(facts),
    below: 'Differences',
    groups:
      rows.length === 0
        ? []
        : [
            {
              title: null,
              keys: [period.group, period.end],
              rows: rows.map((row) => ({
                cells: [...nameOf(row, facts), ...hoursOf([row])],
                below: sentencesOf(row.differences, facts),
              })),
              total: { cells: ['All', '', ...hoursOf(rows)] },
            },
          ],
    total: null,
    notes: [{ title: `Cannot be read (${unreadable.length})`, lines: unreadable }],
    ...made,
  };
}

const stageTitles = ({ isApproved }: Pick<TieOutFacts, 'isApproved'>): Readonly<Record<string, string>> => ({
  source: 'Procore',
  approved: isApproved ? 'Approved' : 'Planned',
  written: 'Written',
  accepted: 'Accepted',
  posted: 'Posted',
});

const columnsOf = (facts: TieOutFacts): readonly Column[] => [
  { title: 'Number', kind: 'text' },
  { title: 'Name', kind: 'text' },
  ...STAGES.map((stage): Column => ({ title: stageTitles(facts)[stage] ?? stage, kind: 'hours' })),
  { title: 'Difference', kind: 'hours', hidesZero: true },
];

function nameOf({ employee, person }: TieOutRow, { employees }: TieOutFacts): readonly [string, string] {
  const known = employees.get(employee ?? '');
  if (known !== undefined) return [known.number, `${known.lastName}, ${known.firstName}`];
  return [employee ?? '', person ?? ''];
}

/** The five places, and what is posted beyond what Procore has. */
function hoursOf(rows: readonly TieOutRow[]): Row['cells'] {
  const sums = STAGES.map((stage) => addHours(rows.map((row) => row[stage])));
  return [...sums, hoursText(hundredthsOf(sums.at(-1) ?? '0') - hundredthsOf(sums[0] ?? '0'))];
}

/** Lines of which only their number and dates matter: they are told together. */
const TOGETHER: readonly DifferenceReason[] = ['not_written', 'no_answer', 'not_posted'];

function sentencesOf(differences: readonly Difference[], facts: TieOutFacts): readonly string[] {
  const told = new Map<string, Difference[]>();
  differences.forEach((one, index) => {
    const key = TOGETHER.includes(one.reason) && one.line !== null ? one.reason : String(index);
    told.set(key, [...(told.get(key) ?? []), one]);
  });
  return [...told.values()].map((alike) => {
    const [{ stage, reason }] = alike as [Difference];
    const hours = addHours(alike.map((one) => one.hours));
    const signed = hours.startsWith('-') ? hours : `+${hours}`;
    return `${stageTitles(facts)[stage]} ${signed} h: ${explanationOf(alike, reason, facts)}`;
  });
}

function explanationOf(alike: readonly Difference[], reason: DifferenceReason, facts: TieOutFacts): string {
  const [{ detail, line }] = alike as readonly [Difference];
  const words = DIFFERENCES[reason];
  if (reason === 'left_out') return detail;
  if (alike.length > 1) {
    const dates = alike.flatMap((one) => (one.line === null ? [] : [one.line.date])).sort();
    return `${words}, ${alike.length} lines of ${datesWords(dates[0], dates.at(-1))}.`;
  }
  if (line === null) return detail === words ? `${words}.` : `${words}: ${detail}.`;
  const of = `${words}, ${lineWords(line, facts)}`;
  return reason === 'rejected' && !detail.startsWith(line.date) ? `${of}: ${detail}` : `${of}.`;
}

const datesWords = (first = '', last = ''): string => (first === last ? first : `${first} to ${last}`);

const lineWords = ({ date, earnCode, job }: DifferingLine, { earnCodes, jobs }: TieOutFacts): string =>
  [
    date,
    `${earnCode} ${earnCodes.get(earnCode) ?? ''}`.trim(),
    ...(job === null ? [] : [jobs.get(job) ?? job]),
  ].join(', ');
