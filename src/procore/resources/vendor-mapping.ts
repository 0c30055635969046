import * as z from 'zod';
import type { Vendor, VendorField } from '../../domain/kinds/vendor';
import { VENDOR_FIELDS } from '../../domain/kinds/vendor';
import { flagSchema, objectSchema, problemsOf, requiredTextSchema, textSchema } from '../read-problems';

/** The Procore name of each field that the `vendors` resource can carry. The other two exist only in ERP requests. */
const PROCORE_FIELDS = {
  code: 'origin_code',
  name: 'name',
  sortName: 'abbreviated_name',
  address: 'address',
  city: 'city',
  stateCode: 'state_code',
  postalCode: 'zip',
  countryCode: 'country_code',
  phone: 'business_phone',
  fax: 'fax_number',
  email: 'email_address',
  website: 'website',
  isActive: 'is_active',
} as const satisfies Partial<Record<VendorField, string>>;

type MappedField = keyof typeof PROCORE_FIELDS;

/** `1|SUB`: only the last part is the ERP's own code. */
const vendorTypeSchema = textSchema.transform((text) => text?.split('|').at(-1)?.trim() || null);

/** Kept as written: "10.00" stays "10.00". */
const percentSchema = z.unknown().transform((value, context): string | null => {
  if (value === undefined || value === null) return null;
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : 'x';
  if (text === '') return null;
  if (/^\d{1,3}(\.\d{1,6})?$/.test(text) && Number(text) <= 100) return text;
  context.addIssue({ code: 'custom', message: 'a percentage from 0 to 100' });
  return z.NEVER;
});

const vendorSchema = objectSchema({
  name: requiredTextSchema,
  origin_code: textSchema,
  abbreviated_name: textSchema,
  address: textSchema,
  city: textSchema,
  state_code: textSchema,
  zip: textSchema,
  country_code: textSchema,
  business_phone: textSchema,
  fax_number: textSchema,
  email_address: textSchema,
  website: textSchema,
  is_active: flagSchema(true),
  erp_custom_fields: objectSchema({
    vendor_type_origin_id: vendorTypeSchema,
    retainage_percent: percentSchema.optional(),
  }).nullish(),
});

/** A vendor, or why it cannot be read. */
export type VendorReading =
  | { readonly vendor: Vendor; readonly problems: readonly [] }
  | { readonly vendor: null; readonly problems: readonly string[] };

/**
 * Reads a vendor as `vendors` or the event `create_vendor` show it. Never throws; every problem names the path, which starts with
 * `at`. The retainage percentage and the vendor type come from `erp_custom_fields` (what the approver typed in the export form).
 */
export function vendorFromProcore(raw: unknown, at = 'vendor'): VendorReading {
  const { success, data, error } = vendorSchema.safeParse(raw);
  if (!success) return { vendor: null, problems: problemsOf(error, raw, at) };
  const custom = data.erp_custom_fields;
  return {
    vendor: {
      code: data.origin_code,
      name: data.name,
      sortName: data.abbreviated_name,
      address: data.address,
      city: data.city,
      stateCode: data.state_code,
      postalCode: data.zip,
      countryCode: data.country_code,
      phone: data.business_phone,
      fax: data.fax_number,
      email: data.email_address,
      website: data.website,
      vendorType: custom?.vendor_type_origin_id ?? null,
      retainagePercent: custom?.retainage_percent ?? null,
      isActive: data.is_active,
    },
    problems: [],
  };
}

/**
 * Fields for `vendors.sync`; only those that are given, null clears. Vendor type and retainage have no place in the resource and are
 * left out.
 */
export function vendorToProcore(fields: Partial<Vendor>): Readonly<Record<string, string | boolean | null>> {
  const result: Record<string, string | boolean | null> = {};
  for (const field of VENDOR_FIELDS) {
    if (!isMapped(field)) continue;
    const value = fields[field];
    if (value !== undefined) result[PROCORE_FIELDS[field]] = value;
  }
  return result;
}

/**
 * `data` of a staged record of type `vendor` ("Staged Records": fields per type). `origin_code` belongs beside `data`; a vendor type
 * would have to be the origin_id of a type in Procore, which the ERP's code is not.
 */
export function vendorToStagedData(vendor: Vendor): Readonly<Record<string, string | boolean | null>> {
  return Object.fromEntries(
    Object.entries(vendorToProcore(vendor)).filter(([field]) => field !== PROCORE_FIELDS.code),
  );
}

const isMapped = (field: VendorField): field is MappedField => Object.hasOwn(PROCORE_FIELDS, field);
