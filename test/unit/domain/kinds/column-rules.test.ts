import * as fc from 'fast-check';
import { fitDecimal, fitText } from '../../../../src/domain/kinds/column-rules';
import { rule } from '../records';

test.each([
  ['10', 2, '10.00'],
  ['010.5', 2, '10.50'],
  ['0', 2, '0.00'],
  ['000', 0, '0'],
  ['10.000', 2, '10.00'],
  ['-3.1', 2, '-3.10'],
  [' 7 ', 2, '7.00'],
  ['10.005', 2, null],
  ['10.5', 0, null],
  ['1e1', 2, null],
  ['10,5', 2, null],
  ['.5', 2, null],
  ['5.', 2, null],
  ['', 2, null],
  ['abc', 2, null],
  ['99999999999999999999.99', 2, '99999999999999999999.99'],
])('fitDecimal("%s", %i) is %s', (value, decimals, fitted) => {
  expect(fitDecimal(value, decimals)).toBe(fitted);
});

test('fitDecimal never rounds: the digits are the same, or the answer is null', () => {
  const digits = fc.stringMatching(/^[0-9]{1,25}$/);
  fc.assert(
    fc.property(
      digits,
      fc.option(digits, { nil: null }),
      fc.integer({ min: 0, max: 6 }),
      (whole, part, decimals) => {
        const fitted = fitDecimal(part === null ? whole : `${whole}.${part}`, decimals);
        const significant = (part ?? '').replace(/0+$/, '');
        if (significant.length > decimals) return expect(fitted).toBeNull();
        const [before, after = ''] = (fitted ?? '').split('.');
        expect(BigInt(before ?? '')).toBe(BigInt(whole));
        expect(after).toHaveLength(decimals);
        expect(after.replace(/0+$/, '')).toBe(significant);
      },
    ),
  );
});

test.each<[string, boolean]>([
  ['10000', true],
  ['99999', true],
  ['9999', false],
  ['100000', false],
  ['10000.5', false],
  ['-10001', false],
  ['1e4', false],
  ['', false],
  ['ten', false],
])('a number that may be given out from 10000 to 99999: "%s" is in the range %s', (text, isInRange) => {
  const { problems } = fitText('Vendor number', text, rule({ range: { from: 10000, to: 99999 } }));
  expect(problems).toEqual(
    isInRange ? [] : [`Vendor number "${text}" is outside the ERP's range 10000 to 99999.`],
  );
});
