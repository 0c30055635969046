import { reversalKey } from '../../../../src/domain/payroll/cell';
import { workweekOf } from '../../../../src/domain/payroll/calendar';
import type { Correction, CorrectionInput } from '../../../../src/domain/payroll/correction';
import { correctionsOf } from '../../../../src/domain/payroll/correction';
import type { TimecardEntry } from '../../../../src/domain/payroll/entry';
import type { PeriodInput } from '../../../../src/domain/payroll/gather';
import type { KnownLine, PayLine } from '../../../../src/domain/payroll/line';
import { planPeriod } from '../../../../src/domain/payroll/plan';
import type { PeriodPlan } from '../../../../src/domain/payroll/plan';
import { onGrid } from '../../../../src/domain/payroll/rounding';
import { movedSince } from '../../../../src/domain/payroll/revision';
import { react } from '../../../../src/domain/payroll/states';
import type { TruthInput } from '../../../../src/domain/payroll/truth';
import { truthOf } from '../../../../src/domain/payroll/truth';
import {
  CODES,
  DANA,
  EMPLOYEES,
  entry,
  MAX,
  named,
  periodInput,
  references,
  rowOf,
  RULES,
  week,
  WEEKS,
} from './fixtures';

/* The scenarios that finance agreed on, by number; those of a write or a wait are played again where they are written. */

const hours = ({ lines }: PeriodPlan): string[] => lines.map((line) => line.hours);
const plan = (entries: readonly TimecardEntry[], more: Partial<PeriodInput> = {}): PeriodPlan =>
  planPeriod(periodInput(entries, more));

/** A night shift on a date, in the week around it; Procore counts what clocks show. */
const night = (date: string, begin: string, end: string): PeriodPlan => {
  const period = week(begin, end);
  const card = entry(1, { date, hours: '8.0', timeIn: '22:00', timeOut: '06:00' });
  return plan([card], { period, periods: [period], asOf: end });
};

/** What an ERP has and what is true, held against each other. */
const corrections = (more: Partial<CorrectionInput>): readonly Correction[] =>
  correctionsOf({
    company: '1',
    truth: [],
    rows: [],
    written: [],
    unknown: new Set(),
    unresolved: new Set(),
    unedited: new Set(),
    decisions: new Map(),
    codes: CODES,
    can: { negatives: true },
    groupOf: (employee) => EMPLOYEES.find(({ key }) => key === employee)?.payGroup ?? '',
    overtimeOwner: () => 'field',
    isOpen: () => false,
    workweek: RULES.workweek,
    ...more,
  }).corrections;
const truth = (entries: readonly TimecardEntry[], more: Partial<TruthInput> = {}): readonly PayLine[] =>
  truthOf({
    entries,
    approvedBefore: new Map(),
    printed: new Map(),
    references: references(),
    rules: RULES,
    ...more,
  }).lines;
const rowsOf = (lines: readonly PayLine[], more: Partial<KnownLine> = {}): KnownLine[] =>
  lines.map((line) => rowOf(`row of ${line.key}`, line, more));
/** Legs of all batches: pay group, earn code, job, hours. */
const legs = (made: readonly Correction[]): string[] =>
  made
    .flatMap((one) => (one.kind === 'write' ? one.batches : []))
    .flatMap(({ group, lines }) =>
      lines.map(({ earnCode, job, hours: text }) => [group, earnCode, job, text].join(' ')),
    )
    .sort();
const stops = (made: readonly Correction[]): string[] =>
  made.flatMap((one) => (one.kind === 'stopped' ? one.stops.map(({ stop }) => stop) : []));

const written = plan([entry(1)]).lines;
const posted = { written, rows: rowsOf(written) };

const ten = references({ overtimeOwner: () => 'erp' });
const tenHours = plan([entry(1, { hours: '10' })], { references: ten }).lines;
/** The ERP split ten hours as eight and two. */
const split = {
  written: tenHours,
  rows: [
    ...rowsOf(tenHours, { hours: '8.00' }),
    ...rowsOf(tenHours, {
      id: 'ot',
      key: null,
      earnCode: 'OT',
      hours: '2.00',
      madeFrom: `row of ${tenHours[0]?.key}`,
    }),
  ],
  overtimeOwner: (): 'erp' => 'erp',
};

const SCENARIOS: readonly (readonly [number, string, () => void])[] = [
  [
    1,
    '22:00–06:00 Denver, spring: 7.00, on the start date',
    () => {
      const made = night('2026-03-07', '2026-03-01', '2026-03-07');
      expect(hours(made)).toEqual(['7.00']);
      expect(made.lines[0]?.date).toBe('2026-03-07');
      expect(made.warnings.map(({ code }) => code)).toEqual(['clock_changed']);
    },
  ],
  [
    2,
    'the same in autumn: 9.00',
    () => expect(hours(night('2026-10-31', '2026-10-25', '2026-10-31'))).toEqual(['9.00']),
  ],
  [
    3,
    "23:30 Honolulu on the week's last day: the same week, wherever it is read",
    () => {
      const card = entry(1, {
        date: '2026-11-21',
        project: named(14),
        timeIn: '19:30',
        timeOut: '23:30',
        hours: '4',
      });
      const made = plan([{ ...card, updatedAt: '2026-11-22T09:30:00Z' }]);
      expect(made.lines.map(({ date, hours: text }) => [date, text])).toEqual([['2026-11-21', '4.00']]);
      expect(workweekOf('2026-11-21', RULES.workweek).end).toBe('2026-11-21');
    },
  ],
  [
    4,
    'a semi-monthly period cuts the week: overtime is paid where the week ends',
    () => {
      const half = (begin: string, end: string): PeriodInput['period'] => ({
        ...week(begin, end),
        group: 'S',
        frequency: 'semimonthly',
      });
      const periods = [half('2026-11-16', '2026-11-30'), half('2026-12-01', '2026-12-15')] as const;
      const max = { date: '2026-11-30', person: named(MAX, 'Max Reyes') };
      const cards = [entry(1, max), entry(2, { ...max, timeType: named(2), hours: '2' })];
      const [first, second] = periods.map((period) => plan(cards, { period, periods, asOf: '2026-11-30' }));
      expect(first?.lines.map(({ earnCode, entries }) => [earnCode, entries])).toEqual([['REG', [1]]]);
      expect(first?.leftOut.map(({ entry: id, reason }) => [id, reason])).toEqual([[2, 'overtime_later']]);
      expect(second?.lines.map(({ earnCode, date }) => [earnCode, date])).toEqual([['OT', '2026-11-30']]);
    },
  ],
  [
    5,
    'three parts of twenty minutes: 1.00',
    () => {
      const cards = [1, 2, 3].map((id) =>
        entry(id, { hours: '0.333333', project: named(id === 1 ? 11 : 12) }),
      );
      expect(plan(cards).totals.hours).toBe('1.00');
      expect(hours(plan(cards))).toEqual(['0.34', '0.66']);
    },
  ],
  [
    6,
    '8:07 and 8:08 to the quarter, twice: 8:00 and 8:15',
    () => {
      const twice = (minutes: number): number => onGrid(onGrid(minutes * 60, 'quarter'), 'quarter') / 60;
      expect([twice(487), twice(488)]).toEqual([480, 495]);
      const rules = { ...RULES, grid: 'quarter' as const };
      const card = (hoursText: string): PeriodPlan => plan([entry(1, { hours: hoursText })], { rules });
      expect([...hours(card('8.116667')), ...hours(card('8.133333'))]).toEqual(['8.00', '8.25']);
    },
  ],
  [
    7,
    'the ERP owns overtime, and an overtime type comes: an exception',
    () => {
      const made = plan([entry(1, { timeType: named(2, 'Overtime') })], { references: ten });
      expect(made.lines).toEqual([]);
      expect(made.leftOut.map(({ reason }) => reason)).toEqual(['overtime_type']);
    },
  ],
  [
    8,
    'the ERP split 10 as 8 + 2, read back: no correction',
    () => expect(corrections({ ...split, truth: truth([entry(1, { hours: '10' })]) })).toEqual([]),
  ],
  [
    9,
    'then 9, closed: reverse 8 and 2, add 8 and 1',
    () =>
      expect(legs(corrections({ ...split, truth: truth([entry(1, { hours: '9' })]) }))).toEqual([
        'W OT 1|26-014 -2.00',
        'W OT 1|26-014 1.00',
        'W REG 1|26-014 -8.00',
        'W REG 1|26-014 8.00',
      ]),
  ],
  [
    10,
    'an edit between approval and write: approved again',
    () => {
      const approved = plan([entry(1), entry(2, { date: '2026-11-19' })]);
      const edited = [entry(1, { hours: '7' }), entry(2, { date: '2026-11-19' })];
      expect(plan(edited).hash).not.toBe(approved.hash);
      expect(movedSince(approved.revisions, edited)).toEqual([1]);
    },
  ],
  [
    11,
    'committed, reply lost: looked up, one set',
    () => {
      const lost = { truth: truth([entry(1)]), written, unknown: new Set(written.map(({ key }) => key)) };
      expect(stops(corrections(lost))).toEqual(['unknown']);
      expect(corrections({ ...lost, rows: posted.rows })).toEqual([]);
      expect(react('written', 'outcome_unknown').actions).toEqual(['probe']);
    },
  ],
  [
    12,
    'posted and closed, then deleted: a reversal',
    () => {
      const deleted = truth([entry(1, { deletedAt: '2026-11-25T00:00:00Z' })]);
      expect(legs(corrections({ ...posted, truth: deleted }))).toEqual(['W REG 1|26-014 -8.00']);
    },
  ],
  [
    13,
    'from A to B, unapproved, and back to A: it vanishes',
    () => {
      const b = entry(1, { hours: '3', status: 'pending' });
      const approvedBefore = new Map([[1, entry(1)]]);
      expect(corrections({ ...posted, truth: truth([b], { approvedBefore }) })).toEqual([]);
      expect(corrections({ ...posted, truth: truth([entry(1)]) })).toEqual([]);
    },
  ],
  [
    14,
    'posted, then the job is another: net zero, both legs',
    () => {
      const made = corrections({ ...posted, truth: truth([entry(1, { project: named(12) })]) });
      expect(made).toHaveLength(1);
      expect(legs(made)).toEqual(['W REG 1|26-014 -8.00', 'W REG 1|26-015 8.00']);
    },
  ],
  [
    15,
    'the wrong person, of another group: linked batches',
    () => {
      const made = corrections({ ...posted, truth: truth([entry(1, { person: named(MAX, 'Max Reyes') })]) });
      expect(made).toHaveLength(1);
      expect(legs(made)).toEqual(['S REG 1|26-014 8.00', 'W REG 1|26-014 -8.00']);
    },
  ],
  [
    16,
    'terminated on Wednesday: Tuesday is paid, Thursday waits',
    () => {
      const employees = new Map(
        EMPLOYEES.map((one) => [one.key, { ...one, isActive: false, endedOn: '2026-11-18' }]),
      );
      const cards = [entry(1, { date: '2026-11-17' }), entry(2, { date: '2026-11-19' })];
      const made = plan(cards, { references: references({ employees }) });
      expect(made.lines.map(({ entries }) => entries)).toEqual([[1]]);
      expect(made.leftOut.map(({ entry: id, reason }) => [id, reason])).toEqual([[2, 'not_employed']]);
    },
  ],
  [
    17,
    'refused, then put right by hand: adopted, not sent again',
    () => {
      const fixed = { written, truth: truth([entry(1)]) };
      expect(stops(corrections({ ...fixed, rows: rowsOf(written, { state: 'rejected' }) }))).toEqual([
        'rejected',
      ]);
      expect(
        corrections({ ...fixed, rows: rowsOf(written, { state: 'accepted', phase: '1|3-320' }) }),
      ).toEqual([]);
    },
  ],
  [
    18,
    'a card after the cut-off: the next period, with its own date',
    () => {
      const cut = week('2026-11-15', '2026-11-21', { cutOff: '2026-11-23' });
      const [, , next = cut] = WEEKS;
      const late = { periods: [cut, next], asOf: '2026-11-24' };
      const own = plan([entry(1)], { ...late, period: cut, gathered: new Set() });
      expect(own.leftOut.map(({ reason }) => reason)).toEqual(['after_cut_off']);
      const following = plan([entry(1)], { ...late, period: next });
      expect(following.lines.map(({ date, hours: text }) => [date, text])).toEqual([['2026-11-18', '8.00']]);
      expect(following.warnings.map(({ code }) => code)).toEqual(['late']);
    },
  ],
  [
    19,
    'the clerk added 2 h by hand, and the foreman adds 2: stopped',
    () => {
      const byHand = rowsOf(written, { id: 'hand', key: null, hours: '2.00' });
      const made = corrections({
        ...posted,
        rows: [...posted.rows, ...byHand],
        truth: truth([entry(1), entry(2, { hours: '2' })]),
      });
      expect(stops(made)).toEqual(['foreign']);
    },
  ],
  [
    20,
    'the batch is in use: it waits, and nothing is lost',
    () => {
      for (const state of ['approved', 'written', 'accepted', 'rejected', 'posted'] as const)
        expect(react(state, 'busy')).toEqual({ state: null, actions: ['wait'] });
    },
  ],
];

test.each(SCENARIOS)('%i. %s', (_, __, play) => play());

test('all twenty are here', () => {
  expect(SCENARIOS.map(([number]) => number)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
});

test('a row is named by its reversal, so nobody can take it back twice', () => {
  const deleted = truth([entry(1, { deletedAt: '2026-11-25T00:00:00Z', person: named(DANA, 'Dana Reyes') })]);
  const [made] = corrections({ ...posted, truth: deleted });
  const lines = made?.kind === 'write' ? (made.batches[0]?.lines ?? []) : [];
  expect(lines.map(({ key }) => key)).toEqual(posted.rows.map((row) => reversalKey('1', row)));
});
