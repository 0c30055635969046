import fc from 'fast-check';
import type { CanonicalRecord } from '../../../../../src/domain/kinds/record';
import type { CrossReference, FieldMapping } from '../../../../../src/domain/reconcile/mapping/field';
import {
  canonicalValue,
  erpValue,
  isNamed,
  roundTripProblem,
} from '../../../../../src/domain/reconcile/mapping/field';
import { fingerprintOf, rebasedBy } from '../../../../../src/domain/reconcile/mapping/fingerprint';
import type { Mapping } from '../../../../../src/domain/reconcile/mapping/mapping';
import {
  canonicalColumns,
  isWithin,
  toCanonical,
  toErp,
} from '../../../../../src/domain/reconcile/mapping/mapping';
import { convertCode, maskProblem } from '../../../../../src/domain/reconcile/mapping/mask';
import {
  codeOfPlace,
  nameOfPlace,
  PLACE_TABLES,
  placesIn,
} from '../../../../../src/domain/reconcile/mapping/places';
import { judgeField, problemsOf, unmappedIn } from '../../../../../src/domain/reconcile/mapping/problems';

const record = (
  fields: CanonicalRecord['fields'],
  lines: CanonicalRecord['lines'] = [],
): CanonicalRecord => ({ fields, lines });
const values = (given: Readonly<Record<string, string>>): FieldMapping => ({
  pairs: Object.entries(given).map(([erp, procore]) => ({ erp, procore })),
});

const text = fc.string({ minLength: 1, maxLength: 6 });
/** A cross reference that leads both ways. */
const oneToOne = fc
  .uniqueArray(text, { minLength: 1, maxLength: 12 })
  .chain((erps) =>
    fc
      .uniqueArray(text, { minLength: erps.length, maxLength: erps.length })
      .map((procores) => erps.map((erp, index): CrossReference => ({ erp, procore: procores[index] ?? '' }))),
  );

test('what a cross reference names comes back as it was, what neither side of it names passes, and the order of its rows says nothing', () => {
  fc.assert(
    fc.property(oneToOne, text, fc.nat(), (pairs, other, turn) => {
      const mapping = { pairs };
      for (const { erp, procore } of pairs) {
        expect(canonicalValue(mapping, erp)).toBe(procore);
        expect(erpValue(mapping, procore)).toEqual({ value: erp });
        expect(roundTripProblem(mapping, erp)).toBeNull();
      }
      if (!pairs.some(({ erp }) => erp === other)) {
        expect(canonicalValue(mapping, other)).toBe(other);
        const isTaken = pairs.some(({ procore }) => procore === other);
        expect(roundTripProblem(mapping, other) === null).toBe(!isTaken);
        expect(isNamed(mapping, other)).toBe(isTaken);
      }
      const at = turn % pairs.length;
      const turned = [...pairs.slice(at), ...pairs.slice(0, at)];
      const of = (rows: readonly CrossReference[]): Mapping => ({
        vendor: { fields: { city: { pairs: rows } }, only: {} },
      });
      expect(fingerprintOf(of(turned), 'vendor')).toBe(fingerprintOf(of(pairs), 'vendor'));
      expect(canonicalValue({ pairs: turned }, other)).toBe(canonicalValue(mapping, other));
    }),
  );
});

test('two values of the ERP may be one in Procore, where the ERP owns the field; the way back is refused', () => {
  const mapping = values({ '1': 'L', '2': 'L', '3': 'M' });
  expect(canonicalValue(mapping, '2')).toBe('L');
  expect(erpValue(mapping, 'M')).toEqual({ value: '3' });
  expect(erpValue(mapping, 'L')).toEqual({
    problem: '"L" stands for several values of the ERP ("1", "2"): which one is meant nobody can tell.',
  });
  const kind = { fields: { code: mapping }, only: {} };
  expect(problemsOf('line_item_type', kind, {})).toEqual([]);
  expect(problemsOf('line_item_type', kind, { line_item_type: { all: 'ask' } })).toEqual([
    {
      path: ['fields', 'code'],
      words: expect.stringMatching(/^the ERP values "1" and "2" are both "L" in Procore/) as string,
    },
  ]);
});

test('a value of the ERP is one value of Procore, and only texts are mapped', () => {
  const twice: FieldMapping = {
    pairs: [
      { erp: '1', procore: 'L' },
      { erp: '1', procore: 'E' },
    ],
  };
  expect(problemsOf('line_item_type', { fields: { code: twice }, only: {} }, {})[0]?.words).toBe(
    'the ERP value "1" cannot be both "L" and "E" in Procore; take one row out',
  );
  const words = problemsOf(
    'sub_job',
    {
      fields: { job: values({ a: 'b' }), colour: values({ a: 'b' }) },
      only: { isActive: ['true'], job: ['1|*'] },
    },
    {},
  );
  expect(words.map(({ path }) => path.join('.'))).toEqual(['fields.job', 'fields.colour', 'only.isActive']);
  expect(words[0]?.words).toBe('sub_job has no text field "job"; fields that can be mapped: code, name');
});

test('a default stands where the ERP has nothing, and a value that says something is kept', () => {
  const mapping: FieldMapping = { ...values({ USA: 'US' }), default: 'US' };
  expect([null, '', 'USA', 'CA'].map((value) => canonicalValue(mapping, value))).toEqual([
    'US',
    'US',
    'US',
    'CA',
  ]);
  expect(erpValue(mapping, null)).toEqual({ value: null });
});

test('places are read as people write them, and written as the ERP holds them', () => {
  const cases = [
    ['states', 'Washington', 'WA'],
    ['states', 'wash.', 'WA'],
    ['states', 'wa', 'WA'],
    ['states', 'D.C.', 'DC'],
    ['states', 'Québec', 'QC'],
    ['states', 'PQ', 'QC'],
    ['states', 'Atlantis', null],
    ['countries', 'UK', 'GB'],
    ['countries', 'USA', 'US'],
    ['countries', 'U.S.A.', 'US'],
    ['countries', 'united states of america', 'US'],
    ['countries', 'CAN', 'CA'],
    ['countries', 'Mexico', 'MX'],
    ['countries', 'Georgia', 'GE'],
  ] as const;
  for (const [table, given, code] of cases) expect([given, codeOfPlace(table, given)]).toEqual([given, code]);
  const names: FieldMapping = { pairs: [], table: { name: 'states', erp: 'names' } };
  expect(erpValue(names, 'WA')).toEqual({ value: 'Washington' });
  const uk: FieldMapping = { ...values({ UK: 'GB' }), table: { name: 'countries', erp: 'codes' } };
  expect([canonicalValue(uk, 'UK'), erpValue(uk, 'GB'), erpValue(uk, 'FR')]).toEqual([
    'GB',
    { value: 'UK' },
    { value: 'FR' },
  ]);
});

test('every place comes back as it was, as a code and as a name', () => {
  expect([placesIn('states').length, placesIn('countries').length]).toEqual([69, 249]);
  for (const name of PLACE_TABLES)
    for (const code of placesIn(name)) {
      const place = nameOfPlace(name, code) ?? '';
      expect([code, codeOfPlace(name, place)]).toEqual([code, code]);
      for (const [erp, held] of [
        ['codes', code],
        ['names', place],
      ] as const) {
        const mapping: FieldMapping = { pairs: [], table: { name, erp } };
        expect(erpValue(mapping, canonicalValue(mapping, held))).toEqual({ value: held });
      }
    }
});

test('a code is led from mask to mask, with its first segments alone too, and stays where it follows none', () => {
  const there = (code: string): string | null => convertCode(code, '99999-', '99-999');
  expect(['23050-', '23', '23050', '2305', '23-050', ''].map(there)).toEqual([
    '23-050',
    '23',
    null,
    null,
    null,
    null,
  ]);
  expect(convertCode('23-050', '99-999', '99999-')).toBe('23050-');
  expect(convertCode('A1.b', 'AX.X', 'A-X-X')).toBe('A-1-b');
  expect(maskProblem({ erp: '99999-', procore: '99-999' })).toBeNull();
  expect(maskProblem({ erp: '9999', procore: '99-999' })).toMatch(
    /hold different characters \(9999 and 99999\)/,
  );
  expect(maskProblem({ erp: '--', procore: '--' })).toMatch(/no place for a character/);
});

test('a code that follows its mask comes back as it was', () => {
  const cell = fc.constantFrom('9', 'A', 'X');
  const gap = fc.constantFrom('', '', '-', '.', ' ');
  fc.assert(
    fc.property(
      fc.array(fc.tuple(cell, gap, gap), { minLength: 1, maxLength: 8 }),
      fc.nat(),
      (parts, seed) => {
        const mask = {
          erp: parts.map(([of, before]) => before + of).join(''),
          procore: parts.map(([of, , before]) => before + of).join(''),
        };
        const code = parts
          .map(([of, before], index) => before + (of === 'A' ? 'k' : String((seed + index) % 10)))
          .join('');
        const mapping: FieldMapping = { pairs: [], mask };
        expect(maskProblem(mask)).toBeNull();
        expect(canonicalValue(mapping, code)).toHaveLength(mask.procore.length);
        expect(erpValue(mapping, canonicalValue(mapping, code))).toEqual({ value: code });
      },
    ),
  );
});

const CODES: Mapping = {
  standard_cost_code: {
    fields: { code: { pairs: [], mask: { erp: '99999', procore: '99-999' } } },
    only: {},
  },
};

test('the mask of cost codes holds for the codes of jobs too', () => {
  const job = record({ code: '1024', name: 'Harbor' }, [
    { kind: 'cost_code', number: '23050', fields: { code: '23050' }, erpKey: '1|9', procoreId: null },
    {
      kind: 'cost_type_assignment',
      number: '23050/1|2',
      fields: { costCode: '23050', costType: '1|2' },
      erpKey: null,
      procoreId: null,
    },
  ]);
  const there = toCanonical(CODES, 'project', job);
  expect(there.lines).toMatchObject([
    { number: '23-050', fields: { code: '23-050' }, erpKey: '1|9' },
    { number: '23-050/1|2', fields: { costCode: '23-050', costType: '1|2' } },
  ]);
  expect(there.fields).toEqual(job.fields);
  expect(toErp(CODES, 'project', there)).toEqual({ record: job, problems: [] });
});

test('columns tell of values as they are compared', () => {
  const rule = { maxLength: 5, unit: 'characters', charset: 'ascii', required: true } as const;
  const columns = {
    fields: { code: { ...rule, pattern: { source: '^\\d+$', explains: 'digits' } }, name: rule },
    lines: {},
  };
  expect(canonicalColumns(CODES, 'standard_cost_code', columns).fields).toEqual({
    code: { ...rule, maxLength: 6 },
    name: rule,
  });
  const types: Mapping = { line_item_type: { fields: { code: values({ '1': 'Labor' }) }, only: {} } };
  const listed = {
    fields: { code: { ...rule, maxLength: 1, upperCase: true, allowed: ['1', '2'] } },
    lines: {},
  };
  expect(canonicalColumns(types, 'line_item_type', listed).fields['code']).toEqual({
    ...rule,
    maxLength: 5,
    allowed: ['Labor', '2'],
  });
});

test('records are chosen by what the ERP holds: all conditions, any of their values, or a beginning', () => {
  const mapping: Mapping = { vendor: { fields: {}, only: { vendorType: ['SUB', 'SUP'], code: ['1*'] } } };
  const within = (fields: CanonicalRecord['fields']): boolean => isWithin(mapping, 'vendor', record(fields));
  expect(within({ vendorType: 'SUB', code: '1001' })).toBe(true);
  expect(within({ vendorType: 'SUB', code: '2001' })).toBe(false);
  expect(within({ vendorType: null, code: '1001' })).toBe(false);
  expect(isWithin(mapping, 'project', record({}))).toBe(true);
});

test('a fingerprint says which fields are mapped otherwise, and that other records are carried', () => {
  const one: Mapping = {
    vendor: { fields: { city: values({ a: 'b' }), phone: values({ c: 'd' }) }, only: {} },
  };
  const two: Mapping = {
    vendor: { fields: { city: values({ a: 'b' }), phone: values({ c: 'e' }) }, only: { code: ['1*'] } },
  };
  const before = fingerprintOf(one, 'vendor');
  expect(rebasedBy(one, 'vendor', before)).toBeNull();
  expect(rebasedBy({}, 'vendor', null)).toBeNull();
  expect(rebasedBy(one, 'vendor', null)?.fields).toEqual(['city', 'phone']);
  expect(rebasedBy(two, 'vendor', before)?.fields).toEqual(['phone']);
  expect(
    rebasedBy(
      { vendor: { ...one.vendor, fields: one.vendor?.fields ?? {}, only: { code: ['1'] } } },
      'vendor',
      before,
    )?.fields,
  ).toEqual([]);
  expect(rebasedBy(one, 'vendor', before.replace(/^\S+/, '*=older'))?.fields).toBe('all');
  const all = Object.fromEntries(
    [
      'code',
      'name',
      'sortName',
      'address',
      'city',
      'stateCode',
      'postalCode',
      'countryCode',
      'phone',
      'fax',
      'email',
      'website',
      'contactName',
      'vendorType',
    ].map((field) => [field, values({ a: 'b' })]),
  );
  // As much as a checkpoint holds.
  expect(fingerprintOf({ vendor: { fields: all, only: { code: ['1'] } } }, 'vendor').length).toBeLessThan(
    400,
  );
});

test('values without a place in the mapping are counted, and those that would be lost are told', () => {
  const mapping = { fields: { code: values({ '1': 'L' }), name: { pairs: [], default: 'x' } }, only: {} };
  const link = (code: string) => ({ erp: record({ code }), procore: record({ code: 'L' }) });
  expect(unmappedIn(mapping, 'erp', [link('L'), link('7'), link('7')])).toEqual([
    { field: 'code', value: '7', count: 2 },
  ]);
  expect(unmappedIn(mapping, 'procore', [link('7')])).toEqual([]);
  const records = ['1', '1', 'L', '7'].map((code) => record({ code }));
  expect(
    judgeField('code', values({ '1': 'L', '2': 'M', '3': 'E' }), { records, listed: ['1', '2'] }),
  ).toEqual({
    unmapped: [
      { field: 'code', value: 'L', count: 1 },
      { field: 'code', value: '7', count: 1 },
    ],
    lost: [
      {
        field: 'code',
        value: 'L',
        count: 1,
        problem: '"L" of the ERP becomes "L" in Procore, and that would come back as "1".',
      },
    ],
    unknown: ['3'],
  });
  expect(judgeField('code', { pairs: [], default: 'x' }, { records, listed: [] })).toEqual({
    unmapped: [],
    lost: [],
    unknown: [],
  });
  const table: FieldMapping = { pairs: [], table: { name: 'states', erp: 'names' } };
  expect(
    judgeField('code', table, { records: [record({ code: 'WASH' }), record({ code: 'ZZ' })], listed: [] }),
  ).toEqual({
    unmapped: [{ field: 'code', value: 'ZZ', count: 1 }],
    lost: [],
    unknown: [],
  });
});
