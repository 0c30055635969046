import type { FieldErrors } from './errors';
import type { JsonObject } from './json';

const ADDRESS = 'address city state_code zip country_code';

/** Fields that `data` may carry, per type (Procore guide "ERP Staged Records"). */
const FIELDS: Record<string, string> = {
  vendor:
    `name abbreviated_name ${ADDRESS} business_phone mobile_phone fax_number email_address website notes is_active ` +
    'prequalified authorized_bidder labor_union union_member non_union_prevailing_wage license_number ' +
    'vendor_group_id vendor_type_origin_id bidding_cbe bidding_affirmative_action bidding_mbe_8a bidding_mbe_abe ' +
    'bidding_mbe_dbe bidding_mbe_hbe bidding_mbe_hub bidding_mbe_mbe bidding_mbe_sbe bidding_mbe_wbe ' +
    'bidding_mbe_aabe bidding_mbe_nabe bidding_mbe_sdvosb',
  project:
    `name project_number accounting_project_number description public_notes ${ADDRESS} phone square_feet ` +
    'estimated_value estimated_start_date estimated_completion_date warranty_start_date warranty_end_date ' +
    'store_number flag template customer_origin_id parent_job_id from_project_template_id image_id office_id ' +
    'program_id project_bid_type_id project_type_id project_owner_type_id project_region_id department_ids',
  sub_job: 'name code project_id project_origin_id',
  prime_contract:
    'number title description status accounting_method executed private allow_markups retainage_percent inclusions ' +
    'exclusions contract_start_date contract_estimated_completion_date actual_completion_date ' +
    'signed_contract_received_date project_id project_origin_id',
  purchase_order_contract:
    'number title description status executed private show_line_items_to_non_admins retainage_percent project_id ' +
    'project_origin_id vendor_id vendor_origin_id',
  commitment_change_order: 'number title description commitment_origin_id project_origin_id',
  line_item:
    'amount quantity unit_cost uom description position cost_code_id cost_code_origin_id line_item_type_id ' +
    'line_item_type_origin_id tax_code_id tax_code_origin_id commitment_line_item_id commitment_line_item_origin_id',
};
FIELDS['work_order_contract'] = FIELDS['purchase_order_contract'] ?? '';

/** What `data` must carry to find its place in the Ready to Import list. */
const REQUIRED: Record<string, string[]> = {
  sub_job: ['project_origin_id'],
  prime_contract: ['project_origin_id'],
  purchase_order_contract: ['project_origin_id'],
  work_order_contract: ['project_origin_id'],
  commitment_change_order: ['project_origin_id', 'commitment_origin_id'],
};

export function stagedFieldErrors(type: string, data: JsonObject, rejectUnknown: boolean): FieldErrors {
  const errors: FieldErrors = {};
  for (const field of REQUIRED[type] ?? []) {
    if (typeof data[field] !== 'string' || data[field] === '') errors[field] = ["can't be blank"];
  }
  if (rejectUnknown) {
    for (const field of unknownStagedFields(type, data)) errors[field] = ['is not a known attribute'];
  }
  return errors;
}

export function unknownStagedFields(type: string, data: JsonObject): string[] {
  const known = new Set((FIELDS[type] ?? '').split(' '));
  return Object.keys(data).filter((key) => !known.has(key));
}
