import type { Employee } from '../../../src/domain/payroll/employee';
import { laborReport } from '../../../src/domain/payroll/labor-report';
import type { LaborLine } from '../../../src/domain/payroll/labor-report';
import { renderCsv } from '../../../src/reports/csv';
import type { LaborFacts } from '../../../src/reports/labor';
import { laborReportOf } from '../../../src/reports/labor';
import type { Row } from '../../../src/reports/report';
import { renderReport } from '../../../src/cli/render-report';
import pc from 'picocolors';
import { MADE } from './made';

const employee = (number: string, firstName: string, lastName: string): Employee => ({
  ...{ key: `1|${number}`, number, firstName, lastName, email: null, payGroup: '1', department: null },
  ...{ craft: null, class: null, hiredOn: null, endedOn: null, isActive: true },
});
const line = (more: Partial<LaborLine>): LaborLine => ({
  ...{ employee: '1|502', date: '2026-07-14', job: '1|1', earnCode: 'REG', family: 'worked' },
  ...{ craft: 'CARP', class: 'J2', certified: true, hours: '8.00' },
  ...more,
});
const factsOf = (lines: readonly LaborLine[], more: Partial<LaborFacts> = {}): LaborFacts => ({
  company: 'Acme',
  dates: { begin: '2026-07-12', end: '2026-07-18' },
  certifiedOnly: false,
  rows: laborReport(lines, { weekStartsOn: 0, factorOf: (code) => (code === 'OT' ? '1.5' : '1') }),
  employees: new Map(
    [employee('501', 'Łukasz', 'Żółć'), employee('502', 'Ada', 'Quimby')].map((one) => [one.key, one]),
  ),
  jobs: new Map([
    ['1|1', '1024-001 Harbor View'],
    ['1|2', '26-014 Cedar Street'],
  ]),
  classes: new Map([['CARP/J2', 'Journeyworker']]),
  leftOut: [],
  unreadable: [],
  offJobs: '',
  ...more,
});
const cellsOf = (row: Row | null | undefined): string[] =>
  (row?.cells ?? []).map((cell) => [cell].flat().join('+'));

test('one row for each classification of a person, by name, with straight time and overtime of each day and in all', () => {
  const { groups, total } = laborReportOf(
    factsOf([
      line({ employee: '1|501' }),
      line({}),
      line({ earnCode: 'OT', hours: '2.00' }),
      line({ date: '2026-07-15', class: 'A1', hours: '4.50' }),
    ]),
    MADE,
  );
  expect(groups.map(({ title }) => title)).toEqual([
    '1024-001 Harbor View, week from 2026-07-12 to 2026-07-18',
  ]);
  const none = '0.00+0.00';
  expect(groups[0]?.rows.map(cellsOf)).toEqual([
    [
      '502',
      'Quimby, Ada',
      'CARP',
      'A1',
      '',
      'ST',
      none,
      none,
      none,
      '4.50+0.00',
      none,
      none,
      none,
      '4.50+0.00',
    ],
    [
      '502',
      'Quimby, Ada',
      'CARP',
      'J2',
      'Journeyworker',
      'ST\nOT',
      none,
      none,
      '8.00+2.00',
      none,
      none,
      none,
      none,
      '8.00+2.00',
    ],
    [
      '501',
      'Żółć, Łukasz',
      'CARP',
      'J2',
      'Journeyworker',
      'ST',
      none,
      none,
      '8.00+0.00',
      none,
      none,
      none,
      none,
      '8.00+0.00',
    ],
  ]);
  expect(cellsOf(groups[0]?.total).slice(-6)).toEqual([
    '16.00+2.00',
    '4.50+0.00',
    none,
    none,
    none,
    '20.50+2.00',
  ]);
  expect(total).toBeNull();
});

test('each job and week is a table of its own with its dates; a week that is shown in part says so', () => {
  const { groups, total } = laborReportOf(
    factsOf([line({}), line({ job: '1|2' }), line({ date: '2026-07-20', hours: '6.00' })], {
      dates: { begin: '2026-07-13', end: '2026-07-25' },
    }),
    MADE,
  );
  expect(groups.map(({ title }) => title)).toEqual([
    '1024-001 Harbor View, week from 2026-07-12 to 2026-07-18 (only 2026-07-13 to 2026-07-18)',
    '1024-001 Harbor View, week from 2026-07-19 to 2026-07-25',
    '26-014 Cedar Street, week from 2026-07-12 to 2026-07-18 (only 2026-07-13 to 2026-07-18)',
  ]);
  expect(groups[1]?.titles?.slice(6, 8)).toEqual(['Sun\n07-19', 'Mon\n07-20']);
  expect(cellsOf(total).at(-1)).toBe('22.00+0.00');
});

test('what is not in the hours is told: left out, unreadable, without classification, on no job', () => {
  const { notes, verdict } = laborReportOf(
    factsOf([line({ craft: null })], {
      leftOut: [
        {
          ...{ entry: 5, employee: null, person: 'Gus Nobody', date: '2026-07-14', hours: '6.00' },
          ...{ reason: 'not_approved', text: 'Gus Nobody, 2026-07-14, 6.00 h: not approved yet (pending).' },
        },
      ],
      unreadable: ['timecard entry 7.hours: expected a decimal number, got "8:15"'],
      offJobs: '12.00',
    }),
    MADE,
  );
  expect(verdict).toBeNull();
  expect(notes.map(({ title, lines }) => [title, ...lines])).toEqual([
    ['Left out (1)', 'Gus Nobody, 2026-07-14, 6.00 h: not approved yet (pending).'],
    ['Cannot be read (1)', 'timecard entry 7.hours: expected a decimal number, got "8:15"'],
    ['Without craft and class', 'Quimby, Ada (502).'],
    ['Not on jobs', '12.00 h of leave and of work on no job on these dates are not in this report.'],
  ]);
});

test('a table of the terminal has overtime below straight time, and CSV has columns of both', () => {
  const report = laborReportOf(factsOf([line({}), line({ earnCode: 'OT', hours: '1.75' })]), MADE);
  const shown = renderReport({ paint: pc.createColors(false), width: 100 }, report);
  expect(shown).toMatch(/502 +Quimby, Ada +CARP +J2 +Journeyworker +ST +8\.00 +8\.00\n +OT +1\.75 +1\.75\n/);
  const [titles, row] = renderCsv(report).split('\r\n');
  expect(titles).toContain('Number,Name,Craft,Class,Classification,Day 1 ST,Day 1 OT,Day 2 ST');
  expect(row).toBe(
    '1024-001 Harbor View,2026-07-12,2026-07-18,502,"Quimby, Ada",CARP,J2,Journeyworker,' +
      '0.00,0.00,0.00,0.00,8.00,1.75,0.00,0.00,0.00,0.00,0.00,0.00,0.00,0.00,8.00,1.75',
  );
});

test('dates without any hours are told as such', () => {
  const { verdict, groups } = laborReportOf(factsOf([]), MADE);
  expect([verdict?.text, groups]).toEqual(['No hours were worked on jobs on these dates.', []]);
});
