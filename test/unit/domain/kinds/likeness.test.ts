import * as fc from 'fast-check';
import { definitionOf } from '../../../../src/domain/kinds';
import type { CanonicalRecord } from '../../../../src/domain/kinds/record';
import {
  areNamesAlike,
  isSlip,
  likenessOf,
  normaliseName,
  phoneDigits,
  sharedText,
} from '../../../../src/domain/kinds/likeness';
import { anyText, recordOf } from '../records';

test.each([
  ['Cobalt Mechanical, L.L.C.', 'COBALT MECHANICAL LLC'],
  ['Able Plumbing & Heating Co.', 'able plumbing and heating'],
  ['Montaño Hermanos', 'Montan\u0303o   hermanos'],
  ['O’Neill Paving', "O'Neill Paving"],
  ['Acier Laurentide Ltée', 'ACIER LAURENTIDE LTEE'],
  ['Ｆｕｌｌ Width Inc', 'Full Width'],
  ['A.B.C. Supply', 'A B C Supply Company, Inc.'],
  ['Orca Rentals L L C', 'Orca Rentals'],
])('normaliseName: "%s" and "%s" are the same company', (a, b) => {
  expect(normaliseName(a)).toBe(normaliseName(b));
});

test.each([
  ['Cobalt Mechanical', 'Cobalt Electric'],
  ['Beacon 1', 'Beacon 2'],
  ['Company Stores', 'Stores'],
  ['Limited Access Doors', 'Access Doors'],
  ['上海建工', '北京建工'],
])('normaliseName: "%s" and "%s" are different companies', (a, b) => {
  expect(normaliseName(a)).not.toBe(normaliseName(b));
});

test('a name that is nothing but a legal form keeps it', () => {
  expect(normaliseName('Company Inc.')).toBe('company inc');
  expect(normaliseName('...')).toBe('');
});

test('normaliseName is stable, and blind to case, punctuation, blanks and legal form', () => {
  const word = fc.stringMatching(/^[a-z]{2,8}$/).filter((one) => normaliseName(`x${one}`) === `x${one}`);
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), (words) => {
      const name = words.map((one) => `x${one}`).join(' ');
      expect(normaliseName(normaliseName(name))).toBe(normaliseName(name));
      for (const other of [
        name.toUpperCase(),
        `  ${name} `,
        name.replaceAll(' ', ', '),
        `${name}, Inc.`,
        `${name} LLC`,
      ])
        expect(normaliseName(other)).toBe(normaliseName(name));
    }),
  );
});

test.each([
  ['Delta Drywall Inc.', 'Delta Dry-wall Inc.'],
  ['Delta Drywall Inc.', 'Delta Dry Wall, LLC'],
  ['Delta Drywall', 'Delta Drywal'],
  ['Delta Drywall', 'Dleta Drywlal Co.'],
  ['Delta Drywall', 'Drywall Delta'],
  ['Cobalt Mechanical', 'Cobalt Mechancial'],
  ['Montaño Hermanos', 'Montano Hermannos'],
  ['Delta Dry-wall 2', 'Delta Drywall 2'],
])('areNamesAlike: "%s" and "%s" may be the same company', (a, b) => {
  expect(areNamesAlike(a, b)).toBe(true);
  expect(areNamesAlike(b, a)).toBe(true);
});

test.each([
  ['Delta Drywall', 'Delta Dryer'],
  ['Delta Drywall', 'Delta Drywall Supply'],
  ['Delta Drywall', 'DELTA DRYWALL, INC.'],
  ['Beacon 1', 'Beacon 2'],
  ['Beaver Paving', 'Weaver Paving'],
  ['East Side Paving', 'West Side Paving'],
  ['Northeast Mechanical', 'Northwest Mechanical'],
  ['Acme', 'Acne'],
  ['', 'Delta'],
])('areNamesAlike: "%s" and "%s" are not', (a, b) => {
  expect(areNamesAlike(a, b)).toBe(false);
  expect(areNamesAlike(b, a)).toBe(false);
});

test('isSlip: whatever one slip makes of a word is found, and its first letter is never one', () => {
  const word = fc.stringMatching(/^[a-z]{5,12}$/);
  fc.assert(
    fc.property(
      word,
      fc.integer({ min: 1, max: 11 }),
      fc.stringMatching(/^[a-z]$/),
      (whole, place, letter) => {
        const at = 1 + (place % (whole.length - 1));
        const [before, sign, after] = [whole.slice(0, at), whole.slice(at, at + 1), whole.slice(at + 1)];
        const swapped = after === '' ? before + sign : before + after.slice(0, 1) + sign + after.slice(1);
        for (const slip of [
          before + after,
          before + letter + after,
          before + letter + sign + after,
          swapped,
        ]) {
          expect(isSlip(whole, slip)).toBe(true);
          expect(isSlip(slip, whole)).toBe(true);
        }
        expect(isSlip(whole, `${letter === whole[0] ? '-' : letter}${whole.slice(1)}`)).toBe(false);
      },
    ),
  );
});

describe('why two vendors may be the same', () => {
  const vendor = definitionOf('vendor');
  const COBALT = { name: 'Cobalt Mechanical LLC', email: 'ap@cobalt.example', phone: '2065550134' };
  const reasons = (more: Partial<Record<keyof typeof COBALT, string | null>>): readonly string[] =>
    likenessOf(vendor, recordOf(COBALT), recordOf({ name: 'Other', email: null, phone: null, ...more }));

  test.each<[string, Parameters<typeof reasons>[0], readonly string[]]>([
    ['nothing in common', {}, []],
    ['the name', { name: 'COBALT MECHANICAL, Inc.' }, ['same name']],
    ['nearly the name', { name: 'Cobalt Mechancial' }, ['similar name']],
    ['the e-mail, whatever its case and blanks', { email: ' AP@Cobalt.example ' }, ['same e-mail']],
    ['the phone, however it is written', { phone: '+1 (206) 555-0134' }, ['same phone']],
    ['all three, surest first', COBALT, ['same name', 'same e-mail', 'same phone']],
    ['part of the phone', { phone: '555-0134' }, []],
  ])('%s', (_name, more, expected) => {
    expect(reasons(more)).toEqual(expected);
  });

  test('what neither has is nothing in common', () => {
    const bare = recordOf({ name: null, email: '  ', phone: 'n/a' });
    expect(likenessOf(vendor, bare, bare)).toEqual([]);
    expect(likenessOf(vendor, recordOf({ name: '...' }), recordOf({ name: '!!!' }))).toEqual([]);
    expect(likenessOf(vendor, recordOf({}), recordOf({}))).toEqual([]);
  });

  test('a kind that says nothing about likeness has no twins', () => {
    expect(likenessOf(definitionOf('commitment'), recordOf(COBALT), recordOf(COBALT))).toEqual([]);
  });

  test('it is mutual, and everybody with a name is like themselves', () => {
    const anyone: fc.Arbitrary<CanonicalRecord> = fc
      .record({
        name: anyText,
        email: anyText,
        phone: fc.oneof(anyText, fc.stringMatching(/^[0-9 -]{0,14}$/)),
      })
      .map((fields) => recordOf(fields));
    fc.assert(
      fc.property(anyone, anyone, (a, b) => {
        expect(likenessOf(vendor, a, b)).toEqual(likenessOf(vendor, b, a));
        const isNamed = normaliseName(String(a.fields['name'])) !== '';
        expect(likenessOf(vendor, a, a).includes('same name')).toBe(isNamed);
      }),
    );
  });
});

test.each<[string | null, string | null]>([
  ['(206) 555-0134', '2065550134'],
  ['1 206 555 0134', '2065550134'],
  ['+1-206-555-0134', '2065550134'],
  ['555-0134', '5550134'],
  ['206-555-0134 x12', '2065550134'],
  ['(206) 555-0134, Ext. 1204', '2065550134'],
  ['206.555.0134 extension 7', '2065550134'],
  ['1 206 555 0134 #12', '2065550134'],
  ['555-013', null],
  ['+44 20 7946 0958', '442079460958'],
  ['ext. 12', null],
  ['', null],
  [null, null],
])('the digits of "%s" are %s', (phone, digits) => {
  expect(phoneDigits(phone)).toBe(digits);
});

test.each<[string | null, string | null]>([
  [' ap@x.example', 'AP@X.EXAMPLE'],
  ['  ', null],
  ['', null],
  [null, null],
])('the text "%s" is shared as %s', (text, key) => {
  expect(sharedText(text)).toBe(key);
});
