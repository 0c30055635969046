import fc from 'fast-check';
import type { TimecardEntry } from '../../../../src/domain/payroll/entry';
import { addHours, hoursText, hundredthsOf } from '../../../../src/domain/payroll/hours';
import { laborReport } from '../../../../src/domain/payroll/labor-report';
import type { PayLine } from '../../../../src/domain/payroll/line';
import { planPeriod } from '../../../../src/domain/payroll/plan';
import { movedSince } from '../../../../src/domain/payroll/revision';
import type { TieOutInput, TieOutRow } from '../../../../src/domain/payroll/tie-out';
import { STAGES, tieOut } from '../../../../src/domain/payroll/tie-out';
import { DANA, entry, LOADER, named, periodInput, rowOf } from './fixtures';

const made = (planned: readonly TimecardEntry[], more: Partial<TieOutInput> = {}): TieOutInput => {
  const plan = planPeriod(periodInput(planned));
  const written = more.written ?? plan.lines;
  return {
    entries: planned,
    employeeOf: ({ person }) => (person?.id === DANA ? '1|2207' : null),
    plan,
    moved: new Set(movedSince(plan.revisions, more.entries ?? planned)),
    written,
    rows: written.map((line) => rowOf(`row of ${line.key}`, line)),
    ...more,
  };
};
const reasonsOf = ({ differences }: TieOutRow): (readonly [string, string, string])[] =>
  differences.map(({ stage, hours, reason }) => [stage, hours, reason] as const);
const only = (rows: readonly TieOutRow[]): TieOutRow => {
  const [first, ...more] = rows;
  if (first === undefined || more.length > 0) throw new Error(`${rows.length} rows`);
  return first;
};

test('hours that are the same in all five places have no differences', () => {
  const cards = [entry(1), entry(2, { date: '2026-11-19', hours: '7.5' })];
  expect(tieOut(made(cards))).toEqual([
    {
      employee: '1|2207',
      person: 'Dana Reyes',
      source: '15.50',
      approved: '15.50',
      written: '15.50',
      accepted: '15.50',
      posted: '15.50',
      differences: [],
    },
  ]);
});

test('every difference has a name', () => {
  const cards = [
    entry(1),
    entry(2, { date: '2026-11-19', status: 'pending', hours: '4' }),
    entry(3, { date: '2026-11-20', hours: '6' }),
    entry(4, { date: '2026-11-17', hours: '5' }),
    entry(5, { date: '2026-11-16', hours: '3' }),
  ];
  const input = made(cards);
  const [five, four, one, three] = input.plan.lines;
  if (one === undefined || three === undefined || four === undefined || five === undefined)
    throw new Error('lines');
  const tied = only(
    tieOut({
      ...input,
      entries: [...cards, entry(6, { hours: '2' })],
      written: [one, three, four],
      rows: [
        rowOf(`row of ${one.key}`, one, { hours: '7.00' }),
        rowOf(`row of ${three.key}`, three, { state: 'rejected', problems: ['Phase is closed.'] }),
        rowOf(`row of ${four.key}`, four, { state: 'batch' }),
        rowOf('c1', one, { key: null, hours: '1.50' }),
      ],
    }),
  );
  expect(reasonsOf(tied)).toEqual([
    ['approved', '-4.00', 'left_out'],
    ['approved', '-2.00', 'new_since'],
    ['written', '-3.00', 'not_written'],
    ['accepted', '-1.00', 'altered'],
    ['accepted', '-6.00', 'rejected'],
    ['accepted', '1.50', 'added'],
    ['posted', '-5.00', 'not_posted'],
  ]);
  expect(tied.differences[0]?.detail).toContain('not approved yet');
  expect(tied.differences[4]?.detail).toBe('Phase is closed.');
});

test('an edit after the approval is named, and so is what rounding makes', () => {
  const cards = [entry(1)];
  const edited = made(cards, { entries: [entry(1, { hours: '6' })] });
  expect(reasonsOf(only(tieOut(edited)))).toEqual([['approved', '2.00', 'edited_since']]);
  const deleted = made(cards, { entries: [entry(1, { deletedAt: '2026-11-20T00:00:00Z' })] });
  expect(reasonsOf(only(tieOut(deleted)))).toEqual([['approved', '8.00', 'edited_since']]);
  const night = entry(1, { date: '2026-11-18', hours: '0.33', timeIn: '07:00', timeOut: '07:20' });
  const twenty = [
    night,
    { ...night, id: 2, timeIn: '08:00', timeOut: '08:20' },
    { ...night, id: 3, timeIn: '09:00', timeOut: '09:20' },
  ];
  expect(reasonsOf(only(tieOut(made(twenty))))).toEqual([['approved', '0.01', 'rounding']]);
});

test("the ERP's own overtime split is no difference", () => {
  const input = made([entry(1, { hours: '10' })]);
  const [line] = input.written;
  if (line === undefined) throw new Error('line');
  const rows = [
    rowOf(`row of ${line.key}`, line, { hours: '8.00' }),
    rowOf('ot', line, { key: null, earnCode: 'OT', hours: '2.00', madeFrom: `row of ${line.key}` }),
  ];
  expect(only(tieOut({ ...input, rows })).differences).toEqual([]);
});

test('hours of a person who is not matched are in the table, by name', () => {
  const cards = [entry(1, { person: { id: 99, name: 'Sam Poe' } })];
  const tied = only(tieOut(made(cards)));
  expect(tied).toMatchObject({ employee: null, person: 'Sam Poe', source: '8.00', approved: '0.00' });
  expect(reasonsOf(tied)).toEqual([['approved', '-8.00', 'left_out']]);
});

test('machines and allowances are no hours of people', () => {
  const cards = [
    entry(1),
    entry(2, { person: { id: LOADER, name: 'Loader' } }),
    entry(3, { timeType: named(4), hours: '1' }),
  ];
  expect(only(tieOut(made(cards)))).toMatchObject({ source: '8.00', posted: '8.00', differences: [] });
});

const card = fc.record({
  hours: fc.nat(1000).map((number) => hoursText(number)),
  date: fc.constantFrom('2026-11-17', '2026-11-18'),
  status: fc.constantFrom('completed' as const, 'pending' as const),
  costCode: fc.constantFrom(named(21), named(22)),
});
const fate = fc.record({
  isWritten: fc.boolean(),
  state: fc.constantFrom(
    'posted' as const,
    'batch' as const,
    'accepted' as const,
    'rejected' as const,
    'missing' as const,
  ),
  off: fc.integer({ min: -50, max: 50 }),
  now: fc.option(
    fc.nat(1000).map((number) => hoursText(number)),
    { freq: 3 },
  ),
});

test('the named differences of a stage add up to what it differs by, to the hundredth', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(card, fate), { maxLength: 12 }), (all) => {
      const cards = all.map(([more], index) => entry(index + 1, more));
      const input = made(cards);
      const fateOf = ({ entries: [id = 1] }: PayLine): (typeof all)[number][1] | undefined =>
        all[id - 1]?.[1];
      const written = input.plan.lines.filter((line) => fateOf(line)?.isWritten === true);
      const rows = written.flatMap((line) => {
        const { state = 'missing', off = 0 } = fateOf(line) ?? {};
        const hours = hoursText(hundredthsOf(line.hours) + off);
        return state === 'missing' ? [] : [rowOf(`row of ${line.key}`, line, { state, hours })];
      });
      const entries = cards.map((one, index) => ({ ...one, hours: all[index]?.[1].now ?? one.hours }));
      for (const tied of tieOut({ ...input, entries, written, rows })) {
        for (const [index, stage] of STAGES.entries()) {
          const before = STAGES[index - 1];
          if (before === undefined || stage === 'source') continue;
          const named = tied.differences.filter((one) => one.stage === stage).map(({ hours }) => hours);
          expect(addHours([tied[before], ...named])).toBe(tied[stage]);
          expect(tied.differences.map(({ reason }) => reason)).not.toContain('unexplained');
        }
      }
    }),
  );
});

describe('hours by craft and class', () => {
  const line = (more: Partial<PayLine>): PayLine => ({
    key: '',
    employee: '1|2207',
    date: '2026-11-18',
    job: '1|26-015',
    phase: '1|3-310',
    earnCode: 'REG',
    family: 'worked',
    craft: 'CARP',
    class: 'J2',
    shift: null,
    department: null,
    certified: true,
    equipment: null,
    hours: '8.00',
    entries: [],
    ...more,
  });
  const factorOf = (code: string): string | null => ({ REG: '1', OT: '1.5' })[code] ?? null;

  test('one row a classification, with straight and overtime hours of each day', () => {
    const rows = laborReport(
      [
        line({}),
        line({ earnCode: 'OT', hours: '2.00' }),
        line({ class: 'A1', hours: '1.00' }),
        line({ date: '2026-11-22', hours: '4.00' }),
        line({ family: 'leave', hours: '8.00' }),
        line({ job: null, hours: '8.00' }),
      ],
      { weekStartsOn: 1, factorOf },
    );
    expect(rows.map((one) => [one.week.end, one.class, one.totalStraight, one.totalOvertime])).toEqual([
      ['2026-11-22', 'A1', '1.00', '0.00'],
      ['2026-11-22', 'J2', '12.00', '2.00'],
    ]);
    expect(rows[1]?.straight).toEqual(['0.00', '0.00', '8.00', '0.00', '0.00', '0.00', '4.00']);
    expect(rows[1]?.overtime[2]).toBe('2.00');
  });

  test('a correction amends the week of its date, and a week that comes to nothing has no row', () => {
    const rows = laborReport([line({}), line({ hours: '-8.00' }), line({ date: '2026-11-19' })], {
      weekStartsOn: 0,
      factorOf,
    });
    expect(rows.map(({ totalStraight }) => totalStraight)).toEqual(['8.00']);
  });

  test('only certified work, where that is asked for', () => {
    const lines = [line({ certified: false, hours: '3.00' }), line({})];
    const certified = laborReport(lines, { weekStartsOn: 0, factorOf, certifiedOnly: true });
    expect(certified.map(({ totalStraight }) => totalStraight)).toEqual(['8.00']);
  });
});
