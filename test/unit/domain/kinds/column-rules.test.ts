import * as fc from 'fast-check';
import { fitDecimal, fitText, misfit } from '../../../../src/domain/kinds/column-rules';
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

test('a warning about characters that look alike names them', () => {
  expect(fitText('Name', 'Re\u0301seau', rule()).warnings.map(({ text }) => text)).toEqual([
    'Name is written as "R\u00E9seau": the ERP cannot store every character of "Re\u0301seau" (from character 2 on U+0065 U+0301, not U+00E9 U+0073).',
  ]);
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

test.each([
  ['Rése\u0301au', {}, null],
  ['O’Neil', {}, null],
  [
    'O’Neil',
    { charset: 'ascii' },
    'Name "O’Neil" would be written as "O\'Neil" (from character 2 on U+2019 U+004E, not U+0027 U+004E).',
  ],
  [
    'one\ntwo',
    {},
    'Name "one\uFFFDtwo" would be written as "one two" (from character 4 on U+000A U+0074, not U+0020 U+0074).',
  ],
  ['one\ntwo', { lineBreaks: true }, null],
  ['abcd', { maxLength: 3 }, 'Name "abcd" is 4 characters long; the ERP takes 3.'],
  ['10', { decimals: 2, maxLength: 5 }, null],
  ['10.005', { decimals: 2, maxLength: 9 }, 'Name "10.005" is not a number with at most 2 decimals.'],
  ['100', { decimals: 2, maxLength: 5 }, 'Name 100.00 is too large; the ERP takes 5 characters.'],
] as const)('what a column cannot hold exactly is told: "%s" in %j', (value, more, problem) => {
  expect(misfit('Name', value, rule(more))).toBe(problem);
});
