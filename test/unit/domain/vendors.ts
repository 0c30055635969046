import * as fc from 'fast-check';
import type { ColumnRule } from '../../../src/domain/kinds/column-rules';
import type { RecordColumns } from '../../../src/domain/kinds/fit-record';
import type { Fields, KnownRecord } from '../../../src/domain/kinds/record';
import type { RecordDraft } from '../../../src/domain/request/intent';
import { known, recordOf } from './records';
import { anyUnicode } from '../../support/any-text';

/** A vendor that fits everywhere. */
export const VENDOR: Fields = {
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
  contactName: 'Maya Ortiz',
  vendorType: 'SUB',
  retainagePercent: '10.00',
  isActive: true,
};

/** A vendor as the ERP holds it. */
export const knownVendor = (key: string, more: Fields = {}): KnownRecord =>
  known(
    key,
    recordOf({ ...VENDOR, code: key.split('|')[1] ?? null, ...more }),
    more['isActive'] === false ? 'inactive' : 'active',
  );

/** A company that Procore sends to the ERP. */
export const vendorDraft = (more: Fields = {}, draft: Partial<RecordDraft> = {}): RecordDraft => ({
  kind: 'vendor',
  itemType: 'vendor',
  procoreId: 98127745,
  originId: null,
  label: 'Vendor "Cobalt Mechanical LLC"',
  projectId: null,
  detailIds: [],
  fields: { ...VENDOR, ...more },
  refs: {},
  lines: [],
  notes: [],
  warnings: [],
  flags: { prequalified: true, authorizedBidder: false },
  ...draft,
});

const rule = (
  maxLength: number,
  charset: ColumnRule['charset'],
  more: Partial<ColumnRule> = {},
): ColumnRule => ({ maxLength, unit: 'characters', charset, required: false, ...more });

/** Columns like those of the sample ERP, which gives out numbers and holds sort names apart; no web site. */
export const VENDOR_COLUMNS: RecordColumns = {
  fields: {
    code: rule(5, 'ascii', {
      required: true,
      assigned: true,
      range: { from: 10000, to: 99999 },
      pattern: { source: '^[1-9][0-9]*$', explains: 'a vendor number' },
    }),
    name: rule(60, 'cp1252', { required: true }),
    sortName: rule(15, 'ascii', { required: true, upperCase: true, unique: true }),
    address: rule(60, 'cp1252', { pattern: { source: '^[^,]*$', explains: 'it must not contain a comma' } }),
    city: rule(30, 'cp1252'),
    stateCode: rule(4, 'ascii', { allowed: ['WA', 'OR', 'BC'] }),
    postalCode: rule(12, 'ascii'),
    countryCode: rule(2, 'ascii', { allowed: ['US', 'CA'] }),
    phone: rule(20, 'ascii'),
    fax: rule(20, 'ascii'),
    email: rule(60, 'ascii'),
    contactName: rule(30, 'cp1252'),
    vendorType: rule(4, 'ascii', { allowed: ['SUB', 'SUP'] }),
    retainagePercent: rule(6, 'ascii', { decimals: 2 }),
  },
  lines: {},
};

/** The same columns, one of them with another rule. */
export const vendorColumns = (field: string, more: Partial<ColumnRule>): RecordColumns => {
  const before = VENDOR_COLUMNS.fields[field];
  if (!before) throw new Error(`no column for ${field}`);
  return { ...VENDOR_COLUMNS, fields: { ...VENDOR_COLUMNS.fields, [field]: { ...before, ...more } } };
};

const text = fc.oneof(
  anyUnicode({ maxLength: 20 }),
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
export const anyVendor: fc.Arbitrary<Fields> = fc.record({
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
  contactName: optional,
  vendorType: fc.option(fc.constantFrom('SUB', 'SUP', 'XYZ'), { nil: null }),
  retainagePercent: fc.option(fc.oneof(text, fc.constantFrom('10', '10.00', '10.005', '0.1', '-1')), {
    nil: null,
  }),
  isActive: fc.boolean(),
});
