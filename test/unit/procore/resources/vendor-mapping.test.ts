import fc from 'fast-check';
import { loadOperations } from '../../../../sandbox/procore-simulator/data';
import type { Vendor } from '../../../../src/domain/kinds/vendor';
import {
  vendorFromProcore,
  vendorToProcore,
  vendorToStagedData,
} from '../../../../src/procore/resources/vendor-mapping';

const RAW = {
  id: 98127745,
  name: ' Cobalt Mechanical LLC ',
  abbreviated_name: 'COBALT',
  address: '4410 Kelp Way',
  business_phone: '2065550134',
  city: 'Seattle',
  country_code: 'US',
  email_address: 'ap@cobalt.example',
  fax_number: '',
  is_active: false,
  origin_code: '10442',
  state_code: 'WA',
  website: null,
  zip: '01234',
  erp_custom_fields: { vendor_type_origin_id: '1|SUB', retainage_percent: '10.00' },
};

const CANONICAL: Vendor = {
  code: '10442',
  name: 'Cobalt Mechanical LLC',
  sortName: 'COBALT',
  address: '4410 Kelp Way',
  city: 'Seattle',
  stateCode: 'WA',
  postalCode: '01234',
  countryCode: 'US',
  phone: '2065550134',
  fax: null,
  email: 'ap@cobalt.example',
  website: null,
  vendorType: 'SUB',
  retainagePercent: '10.00',
  isActive: false,
};

test('reads every field', () => {
  expect(vendorFromProcore(RAW)).toEqual({ vendor: CANONICAL, problems: [] });
});

test('what is missing is null, and active', () => {
  expect(vendorFromProcore({ name: 'A' }).vendor).toMatchObject({
    code: null,
    vendorType: null,
    isActive: true,
  });
  expect(vendorFromProcore({ name: 'A', erp_custom_fields: null, is_active: null }).vendor?.isActive).toBe(
    true,
  );
});

test.each([
  ['SUB', 'SUB'],
  ['vendor_type|1|SUB', 'SUB'],
  ['1|', null],
  ['', null],
])('vendor type %j is %j', (sent, read) => {
  expect(
    vendorFromProcore({ name: 'A', erp_custom_fields: { vendor_type_origin_id: sent } }).vendor?.vendorType,
  ).toBe(read);
});

test.each<[unknown, string | null]>([
  ['10.00', '10.00'],
  [' 7.5 ', '7.5'],
  [10, '10'],
  [7.25, '7.25'],
  [0, '0'],
  ['', null],
  [null, null],
])('retainage %j is %j, exactly', (sent, read) => {
  expect(
    vendorFromProcore({ name: 'A', erp_custom_fields: { retainage_percent: sent } }).vendor?.retainagePercent,
  ).toBe(read);
});

test.each<[object, string]>([
  [{ name: null }, 'vendor.name: expected text, got null'],
  [{}, 'vendor.name: expected text, got nothing'],
  [{ name: '  ' }, 'vendor.name: expected text that is not empty, got empty text'],
  [{ name: 'A', zip: 98134 }, 'vendor.zip: expected text, got 98134'],
  [{ name: 'A', is_active: 'yes' }, 'vendor.is_active: expected true or false, got "yes"'],
  [{ name: 'A', erp_custom_fields: [] }, 'vendor.erp_custom_fields: expected an object, got a list'],
  [
    { name: 'A', erp_custom_fields: { retainage_percent: '10%' } },
    'vendor.erp_custom_fields.retainage_percent: expected a percentage from 0 to 100, got "10%"',
  ],
  [
    { name: 'A', erp_custom_fields: { retainage_percent: 100.5 } },
    'vendor.erp_custom_fields.retainage_percent: expected a percentage from 0 to 100, got 100.5',
  ],
  [[], 'vendor: expected an object, got a list'],
])('%j is a problem', (raw, problem) => {
  expect(vendorFromProcore(raw)).toEqual({ vendor: null, problems: [problem] });
});

test('only given fields are written, null clears', () => {
  expect(
    vendorToProcore({ name: 'B', phone: null, isActive: true, vendorType: 'SUB', retainagePercent: '5' }),
  ).toEqual({
    name: 'B',
    business_phone: null,
    is_active: true,
  });
});

test('every written field is a documented field', () => {
  const schema = (alias: string): Record<string, unknown> => {
    const operation = loadOperations().find((candidate) => candidate.alias === alias);
    return (operation?.bodySchema as { 'updates!': Record<string, unknown>[] })['updates!'][0] ?? {};
  };
  expect(Object.keys(schema('vendors.sync'))).toEqual(
    expect.arrayContaining(Object.keys(vendorToProcore(CANONICAL))),
  );
  expect(vendorToStagedData(CANONICAL)).not.toHaveProperty('origin_code');
});

const text = fc.option(
  fc
    .string({ unit: 'grapheme', minLength: 1 })
    .map((value) => value.normalize('NFC').trim())
    .filter((value) => value !== ''),
);
const canonical: fc.Arbitrary<Vendor> = fc.record({
  code: text,
  name: text.map((value) => value ?? 'A'),
  sortName: text,
  address: text,
  city: text,
  stateCode: text,
  postalCode: text,
  countryCode: text,
  phone: text,
  fax: text,
  email: text,
  website: text,
  vendorType: fc.constant(null),
  retainagePercent: fc.constant(null),
  isActive: fc.boolean(),
});

test('there and back again changes nothing', () => {
  fc.assert(
    fc.property(canonical, (vendor) => {
      expect(vendorFromProcore(vendorToProcore(vendor)).vendor).toEqual(vendor);
      const staged = { ...vendorToStagedData(vendor), origin_code: vendor.code };
      expect(vendorFromProcore(staged).vendor).toEqual(vendor);
    }),
  );
});
