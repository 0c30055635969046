import pc from 'picocolors';
import { renderReport } from '../../../src/cli/render-report';
import type { Difference, TieOutRow } from '../../../src/domain/payroll/tie-out';
import type { TieOutFacts } from '../../../src/reports/tie-out';
import { tieOutReportOf, verdictOf } from '../../../src/reports/tie-out';
import { MADE } from './made';

const difference = (more: Partial<Difference>): Difference => ({
  ...{ stage: 'posted', hours: '-8.00', reason: 'not_posted', detail: '', line: null },
  ...more,
});
const posted = (date: string): Difference =>
  difference({ detail: `${date} REG 1|1`, line: { date, earnCode: 'REG', job: '1|1' } });
const row = (
  employee: string,
  differences: readonly Difference[] = [],
  more: Partial<TieOutRow> = {},
): TieOutRow => ({
  ...{ employee, person: null, source: '40.00', approved: '40.00', written: '40.00' },
  ...{ accepted: '40.00', posted: '40.00', differences },
  ...more,
});
const factsOf = (rows: readonly TieOutRow[], more: Partial<TieOutFacts> = {}): TieOutFacts => ({
  company: 'Acme',
  period: {
    ...{ group: 'W', begin: '2026-07-12', end: '2026-07-18', run: 1, cutOff: null },
    ...{ state: 'open', frequency: 'weekly' },
  },
  isApproved: true,
  plan: 'f'.repeat(64),
  rows,
  employees: new Map(),
  jobs: new Map([['1|1', '26-014 Harbor View']]),
  earnCodes: new Map([['REG', 'Regular']]),
  unreadable: [],
  ...more,
});

test.each<[string, Partial<TieOutFacts>, string, string]>([
  ['nothing', { rows: [] }, 'There are no hours in this period.', 'plain'],
  ['no difference', { rows: [row('1'), row('2')] }, 'Everything ties out.', 'good'],
  [
    'differences with a reason',
    { rows: [row('1', [posted('2026-07-14')]), row('2'), row('3')] },
    '1 of 3 employees differs; every difference is explained.',
    'plain',
  ],
  [
    'one that nobody can explain',
    { rows: [row('1', [difference({ reason: 'unexplained' })]), row('2', [posted('2026-07-14')]), row('3')] },
    '2 of 3 employees differ; that of one is unexplained.',
    'bad',
  ],
  [
    'hours that cannot be read',
    { rows: [row('1')], unreadable: ['timecard entry 7.hours: ...'] },
    'Everything ties out. One problem keeps entries of Procore from being read; their hours are missing here.',
    'bad',
  ],
])('the verdict on %s', (_what, more, text, tone) => {
  const facts = factsOf([], more);
  expect(verdictOf(facts).text).toBe(text);
  expect(tieOutReportOf(facts, MADE).verdict).toEqual({ text, tone });
});

test('a row has the hours of all five places and what is posted beyond what Procore has, and a total', () => {
  const [group] = tieOutReportOf(
    factsOf([
      row('1|501', [], { posted: '38.50' }),
      row('1|502', [], { employee: null, person: 'Sam Poe', posted: '41.00' }),
    ]),
    MADE,
  ).groups;
  expect(group?.rows.map(({ cells }) => cells)).toEqual([
    ['1|501', '', '40.00', '40.00', '40.00', '40.00', '38.50', '-1.50'],
    ['', 'Sam Poe', '40.00', '40.00', '40.00', '40.00', '41.00', '1.00'],
  ]);
  expect(group?.total?.cells).toEqual(['All', '', '80.00', '80.00', '80.00', '80.00', '79.50', '-0.50']);
});

test('every difference is a sentence below its row, in names that people know; lines that wait for one thing are one', () => {
  const shown = renderReport(
    { paint: pc.createColors(false), width: Infinity },
    tieOutReportOf(
      factsOf([
        row('1|501', [
          difference({
            ...{ stage: 'approved', hours: '-4.00', reason: 'left_out' },
            detail: 'Ada Quimby, 2026-07-16, 4.00 h: not approved yet (pending).',
          }),
          difference({
            stage: 'approved',
            hours: '0.01',
            reason: 'rounding',
            detail: 'the day was rounded once',
          }),
          difference({ ...posted('2026-07-15'), stage: 'accepted', hours: '1.50', reason: 'added' }),
          difference({
            ...posted('2026-07-15'),
            stage: 'accepted',
            hours: '-6.00',
            reason: 'rejected',
            detail: 'Phase is closed.',
          }),
          posted('2026-07-16'),
          posted('2026-07-13'),
        ]),
        row('1|502'),
      ]),
      MADE,
    ),
  );
  const lines = shown.split('\n').map((text) => text.trim());
  const at = lines.findIndex((text) => text.startsWith('1|501'));
  expect(lines.slice(at + 1, at + 6)).toEqual([
    'Approved -4.00 h: Ada Quimby, 2026-07-16, 4.00 h: not approved yet (pending).',
    expect.stringMatching(/^Approved \+0\.01 h: the day was rounded once/) as string,
    'Accepted +1.50 h: added in the ERP by somebody else, 2026-07-15, REG Regular, 26-014 Harbor View.',
    'Accepted -6.00 h: refused by the ERP, 2026-07-15, REG Regular, 26-014 Harbor View: Phase is closed.',
    'Posted -16.00 h: accepted and not posted yet, 2 lines of 2026-07-13 to 2026-07-16.',
  ]);
  expect(lines[at + 6]).toMatch(/^1\|502/);
});

test('a plan that nobody has approved is called so', () => {
  const { about, columns } = tieOutReportOf(factsOf([row('1')], { isApproved: false }), MADE);
  expect(about.join(' ')).toContain('Nothing is approved yet');
  expect(columns.map(({ title }) => title)).toContain('Planned');
  expect(columns.map(({ title }) => title)).not.toContain('Approved');
});
