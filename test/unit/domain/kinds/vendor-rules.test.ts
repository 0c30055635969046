import * as fc from 'fast-check';
import { foldText, lengthIn } from '../../../../src/domain/base/text';
import type { Vendor } from '../../../../src/domain/kinds/vendor';
import { VENDOR_FIELDS } from '../../../../src/domain/kinds/vendor';
import { fitDecimal, fitVendor } from '../../../../src/domain/kinds/vendor-rules';
import { anyVendor, COLUMNS, vendorOf } from '../vendors';

const problemsOf = (more: Partial<Vendor>): readonly string[] => fitVendor(vendorOf(more), COLUMNS).problems;

test('a vendor that fits is taken as it is', () => {
  expect(fitVendor(vendorOf(), COLUMNS)).toEqual({
    vendor: vendorOf(),
    problems: [],
    warnings: [],
    notes: [],
  });
});

test('nothing is ever cut: what is accepted fits its column and equals the folded input', () => {
  fc.assert(
    fc.property(anyVendor, (vendor) => {
      const { vendor: fitted, problems } = fitVendor(vendor, COLUMNS);
      if (problems.length > 0) return;
      for (const field of VENDOR_FIELDS) {
        const before = vendor[field];
        const after = fitted[field];
        const rule = COLUMNS.fields[field];
        if (typeof before === 'boolean' || typeof after === 'boolean') expect(after).toBe(before);
        else if (!rule || before === null || after === null) expect(after).toBe(rule ? before : null);
        else {
          expect(lengthIn(after, rule.unit, rule.charset)).toBeLessThanOrEqual(rule.maxLength);
          const upper = rule.upperCase === true ? before.toUpperCase() : before;
          const wanted = rule.decimals === undefined ? foldText(upper, rule.charset) : null;
          if (wanted) expect(wanted).toEqual({ text: after, impossible: [] });
          else expect(Number(after)).toBe(Number(before));
        }
      }
    }),
    { numRuns: 1000 },
  );
});

test('fitting what was accepted once more changes nothing and warns of nothing', () => {
  fc.assert(
    fc.property(anyVendor, (vendor) => {
      const first = fitVendor(vendor, COLUMNS);
      if (first.problems.length > 0) return;
      expect(fitVendor(first.vendor, COLUMNS)).toEqual({
        vendor: first.vendor,
        problems: [],
        warnings: [],
        notes: [],
      });
    }),
  );
});

test('a difference between sent and written is always said', () => {
  fc.assert(
    fc.property(anyVendor, (vendor) => {
      const { vendor: fitted, problems, warnings, notes } = fitVendor(vendor, COLUMNS);
      for (const field of ['name', 'address', 'city', 'phone', 'email', 'website'] as const) {
        if (fitted[field] === vendor[field] || problems.length > 0) continue;
        // Only composing a letter is not worth a word.
        if (fitted[field] === vendor[field]?.normalize('NFC')) continue;
        expect([...warnings, ...notes].length).toBeGreaterThan(0);
      }
    }),
  );
});

test.each<[string, Partial<Vendor>, RegExp]>([
  [
    'a name that is too long',
    { name: 'x'.repeat(61) },
    /^Name "x+" is 61 characters long; the ERP takes 60\.$/,
  ],
  ['a name that is missing', { name: null as unknown as string }, /^Name is missing; the ERP requires it\.$/],
  [
    'an impossible character',
    { city: 'Bell\u0007' },
    /^City "Bell\uFFFD" has characters the ERP cannot store: U\+0007\.$/,
  ],
  ['a value not in the list', { countryCode: 'XX' }, /^Country "XX" is not in the ERP's list \(US, CA\)\.$/],
  ['a comma', { address: 'a, b' }, /^Address "a, b" is not valid in the ERP: it must not contain a comma\.$/],
  [
    'a code outside the range',
    { code: '9999' },
    /^Vendor code "9999" is outside the ERP's range 10000 to 99999\.$/,
  ],
  [
    'rounding',
    { retainagePercent: '10.005' },
    /^Retainage % "10\.005" is not a number with at most 2 decimals\.$/,
  ],
])('%s is a problem in words', (_name, more, message) => {
  expect(problemsOf(more)).toEqual([expect.stringMatching(message)]);
});

test('a very long value is quoted in part, with its whole length', () => {
  const [problem] = problemsOf({ name: 'x'.repeat(100_000) });
  expect(problem).toMatch(/^Name "x{97}\.\.\." is 100000 characters long; the ERP takes 60\.$/);
});

test('a plain form is a warning, a missing column a note', () => {
  const fitted = fitVendor(vendorOf({ phone: '206–555', website: 'https://x.example' }), COLUMNS);
  expect(fitted).toMatchObject({ problems: [], vendor: { phone: '206-555', website: null } });
  expect(fitted.warnings).toEqual([
    'Phone is written as "206-555": the ERP cannot store every character of "206–555".',
  ]);
  expect(fitted.notes).toEqual(['Web site "https://x.example" is not carried: the ERP has no such field.']);
});

test('upper case alone is no warning', () => {
  expect(fitVendor(vendorOf({ sortName: 'cobalt' }), COLUMNS)).toMatchObject({
    vendor: { sortName: 'COBALT' },
    warnings: [],
    problems: [],
  });
});

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
