import { fitDecimal } from '../../domain/kinds/vendor-rules';
import type { Vendor, VendorField } from '../../domain/kinds/vendor';
import type { ErpVendor } from '../contract/adapter';

/** Canonical field → column of `APVM`. `website` is missing: Groundwork has no such column. */
export const COLUMN_OF = {
  code: 'Vendor',
  name: 'Name',
  sortName: 'SortName',
  address: 'Address',
  city: 'City',
  stateCode: 'State',
  postalCode: 'Zip',
  countryCode: 'Country',
  phone: 'Phone',
  fax: 'Fax',
  email: 'EMail',
  vendorType: 'VendorType',
  retainagePercent: 'Retainage',
  isActive: 'Status',
} as const satisfies Partial<Record<VendorField, string>>;

export type CarriedField = keyof typeof COLUMN_OF;
export const CARRIED_FIELDS = Object.keys(COLUMN_OF) as CarriedField[];

export const RETAINAGE_DECIMALS = 2;

/** Columns to read, by name: never `*`, because the table also holds tax ids and bank accounts. */
export const SELECTED = ['VendorGroup', 'RowVer', ...Object.values(COLUMN_OF)].join(', ');

/** A row as selected with `SELECTED`. */
export interface VendorRow {
  readonly VendorGroup: number;
  readonly RowVer: number;
  readonly Vendor: number;
  readonly Name: string;
  readonly SortName: string | null;
  readonly Address: string | null;
  readonly City: string | null;
  readonly State: string | null;
  readonly Zip: string | null;
  readonly Country: string | null;
  readonly Phone: string | null;
  readonly Fax: string | null;
  readonly EMail: string | null;
  readonly VendorType: string | null;
  readonly Retainage: string | null;
  readonly Status: string;
}

/** Row → canonical vendor. Old rows are blank padded, so text is trimmed and what is left empty becomes null. */
export function vendorOf(row: VendorRow): Vendor {
  return {
    code: String(row.Vendor),
    name: row.Name.trim(),
    sortName: textOf(row.SortName),
    address: textOf(row.Address),
    city: textOf(row.City),
    stateCode: textOf(row.State),
    postalCode: textOf(row.Zip),
    countryCode: textOf(row.Country),
    phone: textOf(row.Phone),
    fax: textOf(row.Fax),
    email: textOf(row.EMail),
    website: null,
    vendorType: textOf(row.VendorType),
    retainagePercent: textOf(row.Retainage),
    isActive: row.Status === 'A',
  };
}

const textOf = (value: string | null): string | null => {
  const trimmed = value?.trim() ?? '';
  return trimmed === '' ? null : trimmed;
};

export const erpVendorOf = (row: VendorRow): ErpVendor => ({
  key: `${row.VendorGroup}|${row.Vendor}`,
  vendor: vendorOf(row),
});

/** The vendor number in a key of this vendor group; null for keys that cannot be ours. */
export function numberOfKey(key: string, vendorGroup: number): number | null {
  const [group, number, ...rest] = key.split('|');
  if (group !== String(vendorGroup) || number === undefined || rest.length > 0) return null;
  return /^[1-9]\d{0,8}$/.test(number) ? Number(number) : null;
}

/**
 * Canonical value → column value. Decimals take the form the column holds (`10` is stored as `10.00`); one that would have to be
 * rounded goes to the ERP as it is, which refuses it in its own words.
 */
export function columnValue(field: CarriedField, value: string | boolean | null): string | null {
  if (typeof value === 'boolean') return value ? 'A' : 'I';
  if (value === null) return null;
  return field === 'retainagePercent' ? (fitDecimal(value, RETAINAGE_DECIMALS) ?? value) : value;
}

/** Whether a canonical value is what the row holds, compared as the ERP would store it. */
export const sameValue = (
  field: CarriedField,
  held: Vendor[CarriedField],
  value: Vendor[CarriedField],
): boolean => columnValue(field, held) === columnValue(field, value);
