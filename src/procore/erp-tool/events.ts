/** What an ERP request is for ("ERP Events Dictionary"). */
export type EventKind =
  'export' | 'sync' | 'import' | 'link' | 'merge' | 'unlink' | 'reset' | 'delete' | 'metadata';

export interface EventDefinition {
  /** Procore's name of the record, e.g. `standard_cost_code`. */
  readonly entity: string;
  readonly kind: EventKind;
}

/** All 51 events of the dictionary, by `request_name`. */
export const ALL_EVENTS = {
  create_standard_cost_codes: { entity: 'standard_cost_code', kind: 'export' },
  delete_standard_cost_codes: { entity: 'standard_cost_code', kind: 'delete' },
  sync_standard_cost_codes: { entity: 'standard_cost_code', kind: 'sync' },
  unlink_standard_cost_codes: { entity: 'standard_cost_code', kind: 'unlink' },
  delete_standard_categories: { entity: 'line_item_type', kind: 'delete' },
  sync_standard_categories: { entity: 'line_item_type', kind: 'sync' },
  create_vendor: { entity: 'vendor', kind: 'export' },
  create_vendor_in_procore: { entity: 'vendor', kind: 'import' },
  link_all_vendors: { entity: 'vendor', kind: 'link' },
  link_vendor: { entity: 'vendor', kind: 'link' },
  merge_vendors: { entity: 'vendor', kind: 'merge' },
  sync_vendors: { entity: 'vendor', kind: 'sync' },
  unlink_vendor: { entity: 'vendor', kind: 'unlink' },
  create_job_in_procore: { entity: 'project', kind: 'import' },
  create_or_update_job: { entity: 'project', kind: 'export' },
  reset_job: { entity: 'project', kind: 'reset' },
  sync_jobs: { entity: 'project', kind: 'sync' },
  sync_single_job: { entity: 'project', kind: 'sync' },
  create_sub_job: { entity: 'sub_job', kind: 'export' },
  create_sub_job_in_procore: { entity: 'sub_job', kind: 'import' },
  reset_sub_job: { entity: 'sub_job', kind: 'reset' },
  sync_sub_job: { entity: 'sub_job', kind: 'sync' },
  sync_sub_jobs: { entity: 'sub_job', kind: 'sync' },
  delete_cost_code: { entity: 'cost_code', kind: 'delete' },
  delete_cost_codes: { entity: 'cost_code', kind: 'delete' },
  delete_cost_type_assignments: { entity: 'cost_code_line_item_type', kind: 'delete' },
  create_budget: { entity: 'budget', kind: 'export' },
  update_budget: { entity: 'budget', kind: 'export' },
  create_budget_in_procore: { entity: 'budget', kind: 'import' },
  create_requisitions: { entity: 'requisition', kind: 'export' },
  reset_requisition: { entity: 'requisition', kind: 'reset' },
  create_payment: { entity: 'contract_payment', kind: 'export' },
  reset_payment: { entity: 'contract_payment', kind: 'reset' },
  sync_contract_payments: { entity: 'invoice_payment', kind: 'sync' },
  create_commitment: { entity: 'commitment', kind: 'export' },
  create_commitment_in_procore: { entity: 'commitment', kind: 'import' },
  sync_commitments: { entity: 'commitment', kind: 'sync' },
  unlink_commitment: { entity: 'commitment', kind: 'unlink' },
  create_commitment_change_order: { entity: 'commitment_change_order', kind: 'export' },
  sync_commitment_change_orders: { entity: 'commitment_change_order', kind: 'sync' },
  unlink_commitment_change_order: { entity: 'commitment_change_order', kind: 'unlink' },
  create_payment_application: { entity: 'payment_application', kind: 'export' },
  unlink_payment_application: { entity: 'payment_application', kind: 'unlink' },
  sync_prime_contracts: { entity: 'prime_contract', kind: 'sync' },
  create_prime_contract_change_order: { entity: 'prime_contract_change_order', kind: 'export' },
  reset_prime_contract_change_order: { entity: 'prime_contract_change_order', kind: 'reset' },
  unlink_prime_contract_change_order: { entity: 'prime_contract_change_order', kind: 'unlink' },
  create_company_level_direct_cost: { entity: 'company_level_direct_cost', kind: 'export' },
  reset_company_level_direct_cost: { entity: 'company_level_direct_cost', kind: 'reset' },
  unlink_company_level_direct_cost: { entity: 'company_level_direct_cost', kind: 'unlink' },
  sync_metadata: { entity: 'metadata', kind: 'metadata' },
} as const satisfies Readonly<Record<string, EventDefinition>>;

export type EventName = keyof typeof ALL_EVENTS;

/** The dictionary titles this event `create_payment`, its sample sends the other name. */
const ALIASES: Readonly<Record<string, EventName>> = { create_contract_payment: 'create_payment' };

/** The event of the dictionary that a `request_name` means, or null when Procore never published it. */
export function knownEvent(requestName: string): EventName | null {
  if (Object.hasOwn(ALIASES, requestName)) return ALIASES[requestName] ?? null;
  return Object.hasOwn(ALL_EVENTS, requestName) ? (requestName as EventName) : null;
}
