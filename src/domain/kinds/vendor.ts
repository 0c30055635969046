/**
 * The canonical vendor: the neutral form both sides map to. Empty text is always `null`; values are trimmed.
 * Decimals are strings, so that nothing is ever rounded on the way.
 */
export interface Vendor {
  /** Vendor number people see in the ERP and, as `origin_code`, in Procore. `null`: the ERP assigns the next one. */
  readonly code: string | null;
  readonly name: string;
  /** Unique short name for lists and look-ups (Procore: `abbreviated_name`). */
  readonly sortName: string | null;
  readonly address: string | null;
  readonly city: string | null;
  /** ISO 3166-2 subdivision without the country, e.g. `WA`. */
  readonly stateCode: string | null;
  readonly postalCode: string | null;
  /** ISO 3166-1 alpha-2, e.g. `US`. */
  readonly countryCode: string | null;
  readonly phone: string | null;
  readonly fax: string | null;
  readonly email: string | null;
  readonly website: string | null;
  /** ERP vendor type code, e.g. `SUB`. */
  readonly vendorType: string | null;
  /** Default retainage in percent with up to two decimals, e.g. `10.00`. */
  readonly retainagePercent: string | null;
  readonly isActive: boolean;
}

export type VendorField = keyof Vendor;

/** Every field, in the order people read a vendor card. */
export const VENDOR_FIELDS = [
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
  'vendorType',
  'retainagePercent',
  'isActive',
] as const satisfies readonly VendorField[];

/** Words for people. */
export const VENDOR_FIELD_LABELS: Readonly<Record<VendorField, string>> = {
  code: 'Vendor number',
  name: 'Name',
  sortName: 'Sort name',
  address: 'Address',
  city: 'City',
  stateCode: 'State',
  postalCode: 'Postal code',
  countryCode: 'Country',
  phone: 'Phone',
  fax: 'Fax',
  email: 'E-mail',
  website: 'Web site',
  vendorType: 'Vendor type',
  retainagePercent: 'Retainage %',
  isActive: 'Active',
};
