import { isoSeconds } from '../clock';
import { isObject, type JsonObject } from '../json';
import { isLinked, type SimRecord } from './record';

/** Fields shown as they were written. */
const STORED = [
  'abbreviated_name',
  'address',
  'authorized_bidder',
  'business_phone',
  'city',
  'country_code',
  'email_address',
  'fax_number',
  'is_active',
  'labor_union',
  'license_number',
  'mobile_phone',
  'non_union_prevailing_wage',
  'notes',
  'origin_code',
  'origin_data',
  'origin_id',
  'prequalified',
  'state_code',
  'trade_name',
  'union_member',
  'website',
  'zip',
];

const CONTACT = [
  'first_name',
  'last_name',
  'business_phone',
  'business_phone_extension',
  'fax_number',
  'mobile_phone',
  'email_address',
];

/** The person that people made the primary contact: entered whole, beside the directory of the company's own people. */
function contact({ id, fields, created_at, updated_at }: SimRecord): JsonObject | null {
  const person = fields['primary_contact'];
  if (!isObject(person)) return null;
  return {
    id: person['id'] ?? id,
    ...Object.fromEntries(CONTACT.map((field) => [field, person[field] ?? null])),
    created_at: isoSeconds(created_at),
    updated_at: isoSeconds(updated_at),
  };
}

/** The register that the attributes made. */
function register({ id, fields }: SimRecord): JsonObject | null {
  const given = fields['business_register_attributes'];
  if (!isObject(given)) return null;
  return {
    id,
    type: given['type'] ?? null,
    identifier: given['identifier'] ?? null,
    verified_at: null,
    verification_status: null,
  };
}

/** `view=normal`, which is also the default (Procore OpenAPI, "Company Vendors"). */
function normal(record: SimRecord): JsonObject {
  const { id, fields } = record;
  return {
    id,
    name: fields['name'],
    company: fields['name'],
    ...Object.fromEntries(STORED.map((field) => [field, fields[field] ?? null])),
    attachments: [],
    business_id: null,
    business_register: register(record),
    contact_count: 0,
    created_at: isoSeconds(record.created_at),
    is_connected: false,
    logo: null,
    primary_contact: contact(record),
    synced_to_erp: isLinked(record),
    updated_at: isoSeconds(record.updated_at),
    vendor_group: null,
  };
}

function extended(record: SimRecord): JsonObject {
  return {
    ...normal(record),
    bidding: record.fields['bidding'] ?? {},
    bidding_distribution: [],
    children_count: 0,
    company_vendor: true,
    legal_name: record.fields['name'],
    parent: null,
    project_ids: [],
    standard_cost_codes: [],
    trades: [],
  };
}

const VIEWS: Record<string, (record: SimRecord) => JsonObject> = {
  compact: ({ id, fields }) => ({ id, name: fields['name'] }),
  summary: (record) => ({
    id: record.id,
    name: record.fields['name'],
    active_users_count: 0,
    bids_count: 0,
    business_id: null,
    company_vendor: true,
    is_connected: false,
    open_bids_count: 0,
    projects_count: 0,
    synced_to_erp: isLinked(record),
  }),
  erp: (record) => ({
    ...normal(record),
    origin_custom_fields: record.fields['origin_custom_fields'] ?? {},
    erp_custom_fields: record.erp.customFields,
  }),
  extended,
  directory: extended,
};

/** A company of the directory in one of the documented views. */
export function vendorView(record: SimRecord, view = 'normal'): JsonObject {
  return (VIEWS[view] ?? normal)(record);
}
