import fc from 'fast-check';
import type { TimecardEntry } from '../../../../src/domain/payroll/entry';
import { hundredthsOf } from '../../../../src/domain/payroll/hours';
import { planPeriod } from '../../../../src/domain/payroll/plan';
import { paidRevision } from '../../../../src/domain/payroll/books';
import type { Truth, TruthInput } from '../../../../src/domain/payroll/truth';
import { truthOf } from '../../../../src/domain/payroll/truth';
import { entry, named, periodInput, references, RULES } from './fixtures';

const truth = (entries: readonly TimecardEntry[], more: Partial<TruthInput> = {}): Truth =>
  truthOf({
    entries,
    approvedBefore: new Map(),
    printed: new Map(),
    references: references(),
    rules: RULES,
    ...more,
  });
/** What the plan of a period keeps of its entries. */
const printedFor = (entries: readonly TimecardEntry[]): TruthInput['printed'] => {
  const { printed } = planPeriod(periodInput(entries));
  return new Map(
    entries.map((one) => [
      one.id,
      { hours: hundredthsOf(printed[String(one.id)] ?? '0'), revision: paidRevision(one, RULES) },
    ]),
  );
};
const hoursOf = ({ lines }: Truth): string[] => lines.map(({ hours }) => hours);

test('what was planned is what is true, line by line, until something is edited', () => {
  const entries = [entry(1, { hours: '0.333333' }), entry(2, { hours: '0.333333', costCode: named(22) })];
  const planned = planPeriod(periodInput(entries)).lines;
  expect(truth(entries).lines).toEqual(planned);
  expect(truth(entries, { printed: printedFor(entries) })).toEqual({
    lines: planned,
    hours: new Map([
      [1, 34],
      [2, 33],
    ]),
    unedited: [1, 2],
    unresolved: [],
  });
});

test('an unapproved edit counts as what was approved before; what never was approved counts as nothing', () => {
  const edited = entry(1, { hours: '3', status: 'pending' });
  expect(hoursOf(truth([edited], { approvedBefore: new Map([[1, entry(1)]]) }))).toEqual(['8.00']);
  expect(hoursOf(truth([edited]))).toEqual([]);
  const clockedIn = entry(1, { hours: '3', inProgress: true });
  expect(hoursOf(truth([clockedIn], { approvedBefore: new Map([[1, entry(1)]]) }))).toEqual(['8.00']);
});

test('a deleted entry counts as nothing, whatever was approved', () => {
  const gone = entry(1, { deletedAt: '2026-11-20T00:00:00Z' });
  expect(truth([gone], { approvedBefore: new Map([[1, entry(1)]]) })).toEqual({
    lines: [],
    hours: new Map(),
    unedited: [],
    unresolved: [],
  });
});

test('employment and the state of the job do not take back what was worked', () => {
  const employees = new Map(
    [...references().employees].map(([key, one]) => [key, { ...one, endedOn: '2026-01-01' }]),
  );
  expect(hoursOf(truth([entry(1)], { references: references({ employees }) }))).toEqual(['8.00']);
});

test('an entry without codes is unresolved, not nothing', () => {
  expect(truth([entry(1, { timeType: named(17) }), entry(2)])).toMatchObject({
    unresolved: [1],
    lines: [{ entries: [2] }],
  });
});

test('printed hours stand, and the edited entry absorbs the difference of the day', () => {
  const cards = [1, 2, 3].map((id) => entry(id, { hours: '0.333333', costCode: named(id === 3 ? 22 : 21) }));
  const printed = printedFor(cards);
  const edited = cards.map((one) => (one.id === 3 ? { ...one, hours: '0.666667' } : one));
  const made = truth(edited, { printed });
  expect(made.lines.map(({ entries, hours }) => [entries, hours])).toEqual([
    [[1, 2], '0.67'],
    [[3], '0.66'],
  ]);
  expect(made.unedited).toEqual([1, 2]);
});

test('an edit of one entry moves no line of another one by rounding', () => {
  const minutes = fc.integer({ min: 1, max: 300 });
  fc.assert(
    fc.property(fc.array(minutes, { minLength: 2, maxLength: 6 }), minutes, (all, other) => {
      const cards = all.map((one, index) =>
        entry(index + 1, {
          hours: (one / 60).toFixed(6),
          project: named(index % 2 === 0 ? 11 : 12),
          costCode: named(index < 2 ? 21 : 22),
        }),
      );
      const printed = printedFor(cards);
      const edited = cards.map((one) => (one.id === 1 ? { ...one, hours: (other / 60).toFixed(6) } : one));
      const before = truth(cards, { printed }).lines.filter(({ entries }) => !entries.includes(1));
      const after = truth(edited, { printed }).lines.filter(({ entries }) => !entries.includes(1));
      expect(after).toEqual(before);
    }),
  );
});
