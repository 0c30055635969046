import { COMMITMENTS, type Kind } from '../records/record';

/** What can be exported, as people call it. */
export interface Exportable {
  kinds: readonly Kind[];
  /** Events that carry it to the ERP. */
  events: readonly string[];
  /** Its key in the metadata configuration, and that of its lines. */
  entity: string;
  lineEntity?: string;
  /** true: the tool where people save it does not look at the save rules of the ERP. */
  savedFreely?: boolean;
}

export const EXPORTABLES = {
  // The company directory is no financial tool.
  vendor: { kinds: ['vendor'], events: ['create_vendor'], entity: 'vendors', savedFreely: true },
  standard_cost_code: {
    kinds: ['standard_cost_code'],
    events: ['create_standard_cost_codes'],
    entity: 'standard_cost_codes',
  },
  project: { kinds: ['project'], events: ['create_or_update_job'], entity: 'jobs' },
  sub_job: { kinds: ['sub_job'], events: ['create_sub_job'], entity: 'sub_jobs' },
  budget: { kinds: ['budget'], events: ['create_budget', 'update_budget'], entity: 'budgets' },
  commitment: {
    kinds: COMMITMENTS,
    events: ['create_commitment'],
    entity: 'commitments',
    lineEntity: 'commitment_items',
  },
  commitment_change_order: {
    kinds: ['commitment_change_order'],
    events: ['create_commitment_change_order'],
    entity: 'commitment_change_orders',
    lineEntity: 'commitment_change_order_items',
  },
  requisition: { kinds: ['requisition'], events: ['create_requisitions'], entity: 'requisitions' },
  contract_payment: {
    kinds: ['contract_payment'],
    events: ['create_contract_payment'],
    entity: 'contract_payments',
  },
  payment_application: {
    kinds: ['payment_application'],
    events: ['create_payment_application'],
    entity: 'payment_applications',
  },
  prime_contract_change_order: {
    kinds: ['prime_contract_change_order'],
    events: ['create_prime_contract_change_order'],
    entity: 'prime_contract_change_orders',
  },
  company_level_direct_cost: {
    kinds: ['company_level_direct_cost'],
    events: ['create_company_level_direct_cost'],
    entity: 'company_level_direct_costs',
  },
} as const satisfies Record<string, Exportable>;

export type ExportableKind = keyof typeof EXPORTABLES;

export const EXPORTABLE: Record<ExportableKind, Exportable> = EXPORTABLES;

/** Which records of an event wait for the integrator's answer. */
export function exportedKinds(requestName: string): Kind[] {
  return Object.values(EXPORTABLE).flatMap((e) => (e.events.includes(requestName) ? [...e.kinds] : []));
}

export function exportableOf(kind: Kind): Exportable | undefined {
  return Object.values(EXPORTABLE).find((e) => e.kinds.includes(kind));
}

export function isExportable(kind: Kind | ExportableKind): kind is ExportableKind {
  return kind in EXPORTABLES;
}
