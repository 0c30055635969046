import { isoSeconds } from '../clock';
import type { JsonObject } from '../json';
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
    business_register: fields['business_register_attributes'] ?? null,
    contact_count: 0,
    created_at: isoSeconds(record.created_at),
    is_connected: false,
    logo: null,
    primary_contact: null,
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
