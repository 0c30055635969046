import * as fc from 'fast-check';
import type { VendorExport } from '../../../src/domain/request/intent';
import type { KnownVendor } from '../../../src/domain/plan/vendor-export';
import type { Vendor } from '../../../src/domain/kinds/vendor';
import type { ColumnRule, VendorColumns } from '../../../src/domain/kinds/vendor-rules';

/** A vendor that fits everywhere. */
export const vendorOf = (more: Partial<Vendor> = {}): Vendor => ({
  code: '10442',
  name: 'Cobalt Mechanical LLC',
  sortName: 'COBALT',
  address: '4410 Kelp Way',
  city: 'Seattle',
  stateCode: 'WA',
  postalCode: '98134',
  countryCode: 'US',
  phone: '2065550134',
  fax: null,
  email: 'ap@cobalt.example',
  website: null,
  vendorType: 'SUB',
  retainagePercent: '10.00',
  isActive: true,
  ...more,
});

export const known = (key: string, more: Partial<Vendor> = {}): KnownVendor => ({
  key,
  vendor: vendorOf({ code: key.split('|')[1] ?? null, ...more }),
});

export const exportOf = (vendor: Vendor, more: Partial<VendorExport> = {}): VendorExport => ({
  kind: 'create_vendor',
  detailIds: [77101],
  procoreId: 98127745,
  vendor,
  facts: { prequalified: true, authorizedBidder: false },
  ...more,
});

const rule = (
  maxLength: number,
  charset: ColumnRule['charset'],
  more: Partial<ColumnRule> = {},
): ColumnRule => ({
  maxLength,
  unit: 'characters',
  charset,
  required: false,
  ...more,
});

/** Columns like those of the sample ERP; no web site. */
export const COLUMNS: VendorColumns = {
  fields: {
    code: rule(5, 'ascii', { pattern: { source: '^[1-9][0-9]*$', explains: 'a vendor number' } }),
    name: rule(60, 'cp1252', { required: true }),
    sortName: rule(15, 'ascii', { upperCase: true }),
    address: rule(60, 'cp1252', { pattern: { source: '^[^,]*$', explains: 'it must not contain a comma' } }),
    city: rule(30, 'cp1252'),
    stateCode: rule(4, 'ascii', { allowed: ['WA', 'OR', 'BC'] }),
    postalCode: rule(12, 'ascii'),
    countryCode: rule(2, 'ascii', { allowed: ['US', 'CA'] }),
    phone: rule(20, 'ascii'),
    fax: rule(20, 'ascii'),
    email: rule(60, 'ascii'),
    vendorType: rule(4, 'ascii', { allowed: ['SUB', 'SUP'] }),
    retainagePercent: rule(6, 'ascii', { decimals: 2 }),
  },
  codeRange: { from: 10000, to: 99999 },
  sortNameUnique: true,
};

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ maxLength: 80 }),
  fc.constantFrom(
    '“Quarry” – O’Neill’s',
    'Montaño',
    'Pen\u0303a',
    '上海',
    'a\u200Bb',
    '\uD83D',
    '…',
    '\u00A0',
  ),
);
const optional = fc.option(text, { nil: null });

/** Vendors as people type them, with everything that may go wrong. */
export const anyVendor: fc.Arbitrary<Vendor> = fc.record({
  code: fc.option(fc.oneof(text, fc.integer({ min: -10, max: 200_000 }).map(String)), { nil: null }),
  name: text,
  sortName: optional,
  address: optional,
  city: optional,
  stateCode: fc.option(fc.constantFrom('WA', 'wa', 'ZZ', ''), { nil: null }),
  postalCode: optional,
  countryCode: fc.option(fc.constantFrom('US', 'CA', 'USA', 'XX'), { nil: null }),
  phone: optional,
  fax: optional,
  email: optional,
  website: optional,
  vendorType: fc.option(fc.constantFrom('SUB', 'SUP', 'XYZ'), { nil: null }),
  retainagePercent: fc.option(fc.oneof(text, fc.constantFrom('10', '10.00', '10.005', '0.1', '-1')), {
    nil: null,
  }),
  isActive: fc.boolean(),
});
