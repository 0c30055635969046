import fc from 'fast-check';
import type { DayPart, Grid } from '../../../../src/domain/payroll/rounding';
import { GRIDS, onGrid, roundDay } from '../../../../src/domain/payroll/rounding';
import { shuffled } from './fixtures';

const minutes = (...all: readonly number[]): DayPart[] =>
  all.map((one, index) => ({ id: index + 1, seconds: one * 60 }));
const hundredths = (parts: readonly DayPart[], grid?: Grid): number[] => [...roundDay(parts, grid).values()];

test('three parts of twenty minutes are an hour, and the first one gets the hundredth that is left', () => {
  expect(hundredths(minutes(20, 20, 20))).toEqual([34, 33, 33]);
});

test('remainders go to the largest fractions first, then to the lower id', () => {
  // 0.1666 and 0.0833 and 0.6833: a hundredth is left over for .0083.
  expect(hundredths(minutes(10, 5, 41))).toEqual([17, 8, 68]);
  const parts = [
    { id: 9, seconds: 1200 },
    { id: 4, seconds: 1200 },
    { id: 7, seconds: 1200 },
  ];
  expect(roundDay(parts)).toEqual(
    new Map([
      [4, 34],
      [7, 33],
      [9, 33],
    ]),
  );
});

test.each<[Grid, number, number]>([
  ['quarter', 487, 480],
  ['quarter', 488, 495],
  ['five_minutes', 482, 480],
  ['five_minutes', 483, 485],
  ['tenth', 482, 480],
  ['tenth', 483, 486],
  ['off', 487, 487],
])('on the grid "%s" %s minutes are %s', (grid, worked, paid) => {
  expect(onGrid(worked * 60, grid)).toBe(paid * 60);
});

test('the day is rounded to the grid once, never its parts', () => {
  // Ten short entries of seven minutes: rounded each by itself they would all be lost.
  expect(hundredths(minutes(7, 7, 7, 7, 7, 7, 7, 7, 7, 7), 'quarter').reduce((sum, one) => sum + one)).toBe(
    125,
  );
});

test('posted parts stay, and the edited entry absorbs', () => {
  const posted = [
    { id: 1, seconds: 1200, posted: 34 },
    { id: 2, seconds: 1200, posted: 33 },
  ];
  expect(roundDay([...posted, { id: 3, seconds: 1200 }]).get(3)).toBe(33);
  expect(roundDay([...posted, { id: 3, seconds: 2400 }])).toEqual(
    new Map([
      [1, 34],
      [2, 33],
      [3, 66],
    ]),
  );
});

test('an entry beside a posted one that was edited since keeps its own hours', () => {
  const edited = { id: 1, seconds: 4 * 3600, posted: 800 };
  expect(roundDay([edited, { id: 2, seconds: 2 * 3600 }])).toEqual(
    new Map([
      [1, 800],
      [2, 200],
    ]),
  );
});

const part = fc.record({ seconds: fc.nat(8 * 3600) });
const day = fc
  .array(part, { minLength: 1, maxLength: 12 })
  .map((parts) => parts.map(({ seconds }, index): DayPart => ({ id: index + 1, seconds })));
const grids = fc.constantFrom(...(Object.keys(GRIDS) as Grid[]));
const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, one) => total + one, 0);

test('the printed parts add up to the printed day, whatever the grid', () => {
  fc.assert(
    fc.property(day, grids, (parts, grid) => {
      const worked = sum(parts.map(({ seconds }) => seconds));
      expect(sum(roundDay(parts, grid).values())).toBe(Math.round(onGrid(worked, grid) / 36));
    }),
  );
});

test('without a grid no part is a whole hundredth away from what was worked, and a part that is exact stays', () => {
  fc.assert(
    fc.property(day, (parts) => {
      const printed = roundDay(parts);
      for (const { id, seconds } of parts) {
        expect(Math.abs((printed.get(id) ?? NaN) * 36 - seconds)).toBeLessThan(36);
      }
      const exact = parts.map(({ id, seconds }) => ({ id, seconds: Math.round(seconds / 36) * 36 }));
      for (const { id, seconds } of exact) expect(roundDay(exact).get(id)).toBe(seconds / 36);
    }),
  );
});

test('rounding again changes nothing, and the order of the entries does not matter', () => {
  fc.assert(
    fc.property(day, grids, fc.array(fc.nat()), (parts, grid, numbers) => {
      const once = roundDay(parts, grid);
      const again = parts.map(({ id }) => ({ id, seconds: (once.get(id) ?? 0) * 36 }));
      expect(sum(roundDay(again, grid).values())).toBe(sum(once.values()));
      expect(new Map([...roundDay(shuffled(parts, numbers), grid)].sort())).toEqual(
        new Map([...once].sort()),
      );
    }),
  );
});

test('a grid is neutral: nobody gains or loses more than half a step, and what lies on it stays', () => {
  fc.assert(
    fc.property(fc.nat(100_000), grids, (seconds, grid) => {
      const step = GRIDS[grid] ?? 0;
      const rounded = onGrid(seconds, grid);
      expect(Math.abs(rounded - seconds)).toBeLessThanOrEqual(step / 2);
      expect(onGrid(rounded, grid)).toBe(rounded);
    }),
  );
});

test('whatever was posted, nothing of it moves, nothing is negative, and the day comes out where the others can absorb it', () => {
  fc.assert(
    fc.property(day, fc.nat(12), (parts, count) => {
      const before = roundDay(parts);
      const edited = parts.map((one, index): DayPart =>
        index < count ? { ...one, posted: before.get(one.id) ?? 0 } : { ...one, seconds: one.seconds + 777 },
      );
      const after = roundDay(edited);
      for (const { id, posted } of edited) if (posted !== undefined) expect(after.get(id)).toBe(posted);
      for (const printed of after.values()) expect(printed).toBeGreaterThanOrEqual(0);
      if (edited.some(({ posted, seconds }) => posted === undefined && seconds > 0))
        expect(sum(after.values())).toBe(Math.round(sum(edited.map(({ seconds }) => seconds)) / 36));
    }),
  );
});
