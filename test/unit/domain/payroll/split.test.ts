import fc from 'fast-check';
import type { ByCode } from '../../../../src/domain/payroll/split';
import { agrees, explicitSplit, factors, totalOf } from '../../../../src/domain/payroll/split';
import { CODES } from './fixtures';

const factorOf = factors(CODES.earnCodes);
const hours = (all: Readonly<Record<string, number>>): ByCode => new Map(Object.entries(all));

test.each<[string, Record<string, number>, Record<string, number>, Record<string, number>]>([
  ['fewer hours come off the overtime', { REG: 900 }, { REG: 800, OT: 200 }, { REG: 800, OT: 100 }],
  ['and off the highest factor first', { REG: 900 }, { REG: 800, OT: 200, DT: 150 }, { REG: 800, OT: 100 }],
  ['then off the rest', { REG: 700 }, { REG: 800, OT: 200 }, { REG: 700 }],
  ['more hours go on top', { REG: 1300 }, { REG: 800, OT: 200, DT: 200 }, { REG: 800, OT: 200, DT: 300 }],
  ['without overtime there is none to carry over', { REG: 1200 }, { REG: 800 }, { REG: 1200 }],
  [
    'overtime covers the code with the most hours',
    { REG: 600, TRV: 400 },
    { REG: 800, OT: 200 },
    { REG: 400, TRV: 400, OT: 200 },
  ],
  ['never more overtime than hours', { REG: 100 }, { OT: 800 }, { OT: 100 }],
])('%s', (_, truth, posted, split) => {
  expect(explicitSplit(hours(truth), hours(posted), factorOf)).toEqual(hours(split));
});

const someHours = fc.dictionary(fc.constantFrom('REG', 'TRV', 'OT', 'DT'), fc.integer({ min: 1, max: 1200 }));
const baseHours = fc.dictionary(fc.constantFrom('REG', 'TRV'), fc.integer({ min: 1, max: 1200 }), {
  minKeys: 1,
});

test('a split has just the hours that are true, none negative, and is what is true to the comparison', () => {
  fc.assert(
    fc.property(baseHours, someHours, (truth, posted) => {
      const split = explicitSplit(hours(truth), hours(posted), factorOf);
      expect(totalOf(split)).toBe(totalOf(hours(truth)));
      for (const part of split.values()) expect(part).toBeGreaterThan(0);
      expect(agrees(hours(truth), split, true, factorOf)).toBe(true);
    }),
  );
});

test('what agrees by code agrees by total, and never the other way where the field owns the split', () => {
  fc.assert(
    fc.property(someHours, someHours, (one, two) => {
      const [left, right] = [hours(one), hours(two)];
      if (agrees(left, right, false, factorOf)) expect(agrees(left, right, true, factorOf)).toBe(true);
      if (agrees(left, right, true, factorOf)) expect(totalOf(left)).toBe(totalOf(right));
      expect(agrees(left, left, false, factorOf)).toBe(true);
    }),
  );
  expect(agrees(hours({ REG: 1000 }), hours({ REG: 800, OT: 200 }), false, factorOf)).toBe(false);
  expect(agrees(hours({ REG: 800 }), hours({ SHOP: 800 }), true, factorOf)).toBe(false);
});
