import * as fc from 'fast-check';
import { isDecimal, roundTo } from '../../../../src/domain/base/money';
import { foldText, lengthIn } from '../../../../src/domain/base/text';
import { definitionOf } from '../../../../src/domain/kinds';
import type { FittedRecord } from '../../../../src/domain/kinds/fit-record';
import { fitRecord } from '../../../../src/domain/kinds/fit-record';
import type { Fields } from '../../../../src/domain/kinds/record';
import { recordOf } from '../records';
import { anyVendor, VENDOR, VENDOR_COLUMNS } from '../vendors';
import { textsOf } from '../plans';

const DEFINITIONS = definitionOf('vendor').fields;

const fit = (fields: Fields): FittedRecord => fitRecord('vendor', recordOf(fields), VENDOR_COLUMNS);
const problemsOf = (more: Fields): readonly string[] => fit({ ...VENDOR, ...more }).problems;

test('a vendor that fits is taken as it is', () => {
  expect(fit(VENDOR)).toEqual({ record: recordOf(VENDOR), problems: [], warnings: [], notes: [] });
});

test('nothing is ever cut: what is accepted fits its column and equals the folded input', () => {
  fc.assert(
    fc.property(anyVendor, (vendor) => {
      const { record, problems } = fit(vendor);
      if (problems.length > 0) return;
      for (const [field, { type }] of Object.entries(DEFINITIONS)) {
        const given = vendor[field] ?? null;
        // Blanks alone say nothing.
        const before = typeof given === 'string' && given.trim() === '' ? null : given;
        const after = record.fields[field];
        const rule = VENDOR_COLUMNS.fields[field];
        if (typeof before === 'boolean' || type === 'flag') expect(after).toBe(before);
        else if (!rule || before === null) expect(after).toBeNull();
        else if (type === 'percent') expect(after).toBe(isDecimal(before) ? roundTo(before, 2) : 'refused');
        else {
          const written = String(after);
          expect(lengthIn(written, rule.unit, rule.charset)).toBeLessThanOrEqual(rule.maxLength);
          const upper = rule.upperCase === true ? before.toUpperCase() : before;
          expect(foldText(upper, rule.charset)).toEqual({ text: written, impossible: [] });
        }
      }
    }),
    { numRuns: 1000 },
  );
});

test('fitting what was accepted once more changes nothing and warns of nothing', () => {
  fc.assert(
    fc.property(anyVendor, (vendor) => {
      const first = fit(vendor);
      if (first.problems.length > 0) return;
      expect(fit(first.record.fields)).toEqual({
        record: first.record,
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
      const { record, problems, warnings, notes } = fit(vendor);
      if (problems.length > 0) return;
      for (const field of [
        'name',
        'address',
        'city',
        'phone',
        'email',
        'website',
        'contactName',
        'retainagePercent',
      ]) {
        const sent = vendor[field];
        const written = record.fields[field];
        if (written === sent || typeof sent !== 'string') continue;
        // Composing a letter, blanks alone, and zeros that say nothing are not worth a word.
        if (written === sent.normalize('NFC') || sent.trim() === '') continue;
        if (isDecimal(sent) && Number(sent) === Number(written)) continue;
        expect([...warnings, ...notes].length).toBeGreaterThan(0);
      }
    }),
  );
});

test.each<[string, Fields, RegExp]>([
  [
    'a name that is too long',
    { name: 'x'.repeat(61) },
    /^Name "x+" is 61 characters long; the ERP takes 60\.$/,
  ],
  ['a name that is missing', { name: null }, /^Name is missing; the ERP requires it\.$/],
  ['a name of blanks', { name: ' ' }, /^Name is missing; the ERP requires it\.$/],
  [
    'an impossible character',
    { city: 'Bell\u0007' },
    /^City "Bell\uFFFD" has characters the ERP cannot store: U\+0007\.$/,
  ],
  ['a value not in the list', { countryCode: 'XX' }, /^Country "XX" is not in the ERP's list \(US, CA\)\.$/],
  ['a comma', { address: 'a, b' }, /^Address "a, b" is not valid in the ERP: it must not contain a comma\.$/],
  [
    'a number outside the range',
    { code: '9999' },
    /^Vendor number "9999" is outside the ERP's range 10000 to 99999\.$/,
  ],
  ['a percentage that is no number', { retainagePercent: '10 %' }, /^Retainage % "10 %" is not a number\.$/],
])('%s is a problem in words', (_name, more, message) => {
  expect(problemsOf(more)).toEqual([expect.stringMatching(message)]);
});

test('a percentage that the ERP cannot hold exactly is rounded, and the approver is told', () => {
  const fitted = fit({ ...VENDOR, retainagePercent: '10.005' });
  expect(fitted).toMatchObject({ problems: [], record: { fields: { retainagePercent: '10.01' } } });
  expect(textsOf(fitted.warnings)).toEqual([
    'Retainage % 10.005 is written as 10.01: the ERP keeps 2 decimals.',
  ]);
});

test('number and sort name may be left empty: one is given out, the other is made', () => {
  expect(problemsOf({ code: null, sortName: null })).toEqual([]);
});

test('a very long value is quoted in part, with its whole length', () => {
  const [problem] = problemsOf({ name: 'x'.repeat(100_000) });
  expect(problem).toMatch(/^Name "x{97}\.\.\." is 100000 characters long; the ERP takes 60\.$/);
});

test('a plain form is a warning, a missing column a note', () => {
  const fitted = fit({ ...VENDOR, phone: '206–555', website: 'https://x.example' });
  expect(fitted).toMatchObject({ problems: [], record: { fields: { phone: '206-555', website: null } } });
  expect(textsOf(fitted.warnings)).toEqual([
    'Phone is written as "206-555": the ERP cannot store every character of "206–555".',
  ]);
  expect(fitted.notes).toEqual(['Web site "https://x.example" is not carried: the ERP has no such field.']);
});

test('upper case alone is no warning', () => {
  expect(fit({ ...VENDOR, sortName: 'cobalt' })).toMatchObject({
    record: { fields: { sortName: 'COBALT' } },
    warnings: [],
    problems: [],
  });
});
