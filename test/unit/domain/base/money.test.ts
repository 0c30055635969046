import * as fc from 'fast-check';
import {
  isDecimal,
  isRoundingDifference,
  multiply,
  plain,
  roundTo,
  sameAmount,
  subtract,
  sum,
} from '../../../../src/domain/base/money';
import { anyDecimal } from '../records';

/** The naive model: an integer count of units of 10^-SCALE. */
const SCALE = 60;
const toUnits = (text: string): bigint => {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  const units = BigInt(whole + fraction.padEnd(SCALE, '0'));
  return text.startsWith('-') ? -units : units;
};
const fromUnits = (units: bigint): string => {
  const digits = (units < 0n ? -units : units).toString().padStart(SCALE + 1, '0');
  const fraction = digits.slice(-SCALE).replace(/0+$/, '');
  const text = `${digits.slice(0, -SCALE)}${fraction === '' ? '' : `.${fraction}`}`;
  return units < 0n ? `-${text}` : text;
};

test.each<[string, boolean]>([
  ['0', true],
  ['-12.50', true],
  ['007', true],
  ['12345678901234567890.123456789', true],
  ['', false],
  [' 1', false],
  ['1 ', false],
  ['1\n', false],
  ['+1', false],
  ['.5', false],
  ['5.', false],
  ['1,000.00', false],
  ['$1', false],
  ['1e5', false],
  ['NaN', false],
  ['Infinity', false],
  ['--1', false],
  ['٣', false],
])('"%s" is a decimal: %s', (text, expected) => {
  expect(isDecimal(text)).toBe(expected);
});

test('sums, differences and products are exact for decimals of any length', () => {
  fc.assert(
    fc.property(fc.array(anyDecimal, { maxLength: 12 }), anyDecimal, anyDecimal, (values, a, b) => {
      expect(sum(values)).toBe(fromUnits(values.map(toUnits).reduce((total, units) => total + units, 0n)));
      expect(subtract(a, b)).toBe(fromUnits(toUnits(a) - toUnits(b)));
      expect(toUnits(multiply(a, b)) * 10n ** BigInt(SCALE)).toBe(toUnits(a) * toUnits(b));
    }),
  );
});

test('a sum does not depend on the order, nor on how numbers are spelt', () => {
  const shuffled = fc
    .array(anyDecimal, { maxLength: 12 })
    .chain((values) =>
      fc.tuple(
        fc.constant(values),
        fc.shuffledSubarray(values, { minLength: values.length, maxLength: values.length }),
      ),
    );
  fc.assert(
    fc.property(shuffled, ([values, others]) => {
      expect(sum(others)).toBe(sum(values));
      expect(sum(others.map(plain))).toBe(sum(values));
    }),
  );
});

test('ten cents, ten times, is one', () => {
  expect(sum(Array.from({ length: 10 }, () => '0.1'))).toBe('1');
  expect(subtract('0.3', '0.1')).toBe('0.2');
  expect(multiply('1.1', '1.1')).toBe('1.21');
  expect(sum([])).toBe('0');
});

test('rounding goes half away from zero, to exactly that many decimals', () => {
  fc.assert(
    fc.property(anyDecimal, fc.integer({ min: 0, max: 8 }), (value, decimals) => {
      const step = 10n ** BigInt(SCALE - decimals);
      const units = toUnits(value);
      const size = units < 0n ? -units : units;
      const rounded = ((2n * size + step) / (2n * step)) * step;
      const text = roundTo(value, decimals);
      expect(toUnits(text)).toBe(units < 0n ? -rounded : rounded);
      expect(text).toMatch(decimals === 0 ? /^-?\d+$/ : new RegExp(`^-?\\d+\\.\\d{${decimals}}$`));
      expect(roundTo(text, decimals)).toBe(text);
    }),
  );
});

test.each<[string, number, string]>([
  ['1.005', 2, '1.01'],
  ['-1.005', 2, '-1.01'],
  ['1.004999999999999999999', 2, '1.00'],
  ['0.005', 2, '0.01'],
  ['-0.004', 2, '0.00'],
  ['2.5', 0, '3'],
  ['-2.5', 0, '-3'],
  ['99999999999999999999.995', 2, '100000000000000000000.00'],
])('%s to %i decimals is %s', (value, decimals, expected) => {
  expect(roundTo(value, decimals)).toBe(expected);
});

test('there is no minus zero', () => {
  fc.assert(
    fc.property(anyDecimal, fc.integer({ min: 0, max: 8 }), (value, decimals) => {
      const zero = /^-0*(\.0*)?$/;
      const negative = value.startsWith('-') ? value.slice(1) : `-${value}`;
      const all = [
        plain(value),
        roundTo(value, decimals),
        sum([value, negative]),
        subtract(value, value),
        multiply(value, '-0'),
      ];
      for (const text of all) expect(text).not.toMatch(zero);
    }),
  );
  expect(plain('-0.00')).toBe('0');
});

test('two spellings of one amount are the same amount, and only those', () => {
  fc.assert(
    fc.property(anyDecimal, anyDecimal, (a, b) => {
      expect(sameAmount(a, b)).toBe(toUnits(a) === toUnits(b));
      expect(sameAmount(a, plain(a))).toBe(true);
    }),
  );
});

test.each<[string, number, number, boolean]>([
  ['0.02', 3, 2, true],
  ['-0.02', 3, 2, true],
  ['0.03', 3, 2, false],
  ['0.005', 0, 2, true],
  ['0.01', 0, 2, false],
  ['20', 40, 0, true],
  ['21', 40, 0, false],
])(
  'a difference of %s over %i lines of %i decimals is rounding: %s',
  (difference, lines, decimals, expected) => {
    expect(isRoundingDifference(difference, lines, decimals)).toBe(expected);
  },
);
