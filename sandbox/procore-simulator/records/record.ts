import type { FieldErrors } from '../errors';
import { checkPlace } from '../geo';
import type { JsonObject } from '../json';
import type { IdKind } from '../state';
import type { ErpStatus } from '../types';

/** Fields nobody may change any more, in which state of the record. */
interface Locks {
  /** Once an origin_id is set; `all` spares only the origin fields. */
  synced: 'all' | readonly string[];
  /** From Send to ERP on. */
  sent?: readonly string[];
  /** true: people cannot edit the record at all while it waits for the ERP; the API is not held back. */
  peopleOnly?: boolean;
}

export interface KindDefinition {
  label: string;
  /** External-data item types under which the record is found; none: it carries no external data. */
  itemTypes: readonly string[];
  /** Field that names the record it belongs to, and the kind of that record. */
  parent?: { field: string; kinds: readonly Kind[] };
  locks?: Locks;
  /** Must not be blank. */
  required?: readonly string[];
  /** Rules between fields. */
  check?(fields: JsonObject): FieldErrors;
  /** What a new record says where nobody said anything. */
  defaults?: JsonObject;
  /** Counter of its ids, where it has one of its own. */
  ids?: IdKind;
  /** Webhook resource that tells of every new and changed record. */
  webhook?: string;
  /** Field of the API that says whether the record is in the ERP; elsewhere `synced`. */
  linkedField?: string;
}

const CONTRACT_LOCKS: Locks = { synced: ['vendor_id'], sent: ['title', 'status', 'retainage_percent'] };

/**
 * Everything the ERP tool knows. Locks: Procore tutorial "Financial tools" and the support pages on sending to
 * ERP. A line item belongs to the record named by its `holder_kind` and `holder_id`.
 */
const DEFINITIONS = {
  vendor: {
    label: 'company',
    itemTypes: ['vendor'],
    locks: { synced: [], peopleOnly: true },
    required: ['name'],
    // Procore guide "Country Codes".
    check: (fields: JsonObject) => checkPlace(fields['country_code'], fields['state_code']),
    defaults: {
      is_active: true,
      prequalified: false,
      authorized_bidder: false,
      union_member: false,
      non_union_prevailing_wage: false,
    },
    ids: 'vendor',
    webhook: 'Company Vendors',
    linkedField: 'synced_to_erp',
  },
  project: { label: 'project', itemTypes: ['project'], required: ['name'] },
  sub_job: {
    label: 'sub job',
    itemTypes: ['sub_job'],
    parent: { field: 'project_id', kinds: ['project'] },
    required: ['name', 'code'],
  },
  standard_cost_code: {
    label: 'standard cost code',
    itemTypes: ['standard_cost_code'],
    required: ['name', 'code'],
  },
  cost_code: {
    label: 'cost code',
    itemTypes: ['cost_code'],
    parent: { field: 'project_id', kinds: ['project'] },
    required: ['name', 'code'],
  },
  line_item_type: { label: 'cost type', itemTypes: ['line_item_type'], required: ['name'] },
  cost_code_line_item_type: {
    label: 'cost type assignment',
    itemTypes: [],
    parent: { field: 'cost_code_id', kinds: ['cost_code'] },
  },
  erp_job_cost: {
    label: 'job cost',
    itemTypes: [],
    parent: { field: 'project_id', kinds: ['project'] },
  },
  budget: { label: 'budget', itemTypes: ['budget'], parent: { field: 'project_id', kinds: ['project'] } },
  erp_transaction: {
    label: 'budget transaction',
    itemTypes: [],
    parent: { field: 'project_id', kinds: ['project'] },
  },
  work_order_contract: {
    label: 'subcontract',
    itemTypes: ['work_order_contract'],
    parent: { field: 'project_id', kinds: ['project'] },
    locks: CONTRACT_LOCKS,
  },
  purchase_order_contract: {
    label: 'purchase order',
    itemTypes: ['purchase_order_contract'],
    parent: { field: 'project_id', kinds: ['project'] },
    locks: CONTRACT_LOCKS,
  },
  prime_contract: {
    label: 'prime contract',
    itemTypes: ['prime_contract'],
    parent: { field: 'project_id', kinds: ['project'] },
  },
  commitment_change_order: {
    label: 'commitment change order',
    itemTypes: ['change_order'],
    parent: { field: 'contract_id', kinds: ['work_order_contract', 'purchase_order_contract'] },
    locks: { synced: ['contract_id'], sent: ['title', 'status'] },
  },
  prime_contract_change_order: {
    label: 'prime contract change order',
    itemTypes: ['change_order'],
    parent: { field: 'contract_id', kinds: ['prime_contract'] },
    locks: { synced: ['contract_id'], sent: ['title', 'status'] },
  },
  line_item: { label: 'line item', itemTypes: ['line_item'] },
  markup: { label: 'markup', itemTypes: ['markup'], parent: { field: 'line_item_id', kinds: ['line_item'] } },
  requisition: {
    label: 'subcontractor invoice',
    itemTypes: ['requisition'],
    parent: { field: 'commitment_id', kinds: ['work_order_contract', 'purchase_order_contract'] },
    locks: { synced: 'all' },
  },
  requisition_item: {
    label: 'invoice line',
    itemTypes: [
      'requisition_contract_item',
      'requisition_contract_detail_item',
      'requisition_change_order_item',
    ],
    parent: { field: 'requisition_id', kinds: ['requisition'] },
    locks: { synced: 'all' },
  },
  contract_payment: {
    label: 'payment',
    itemTypes: ['contract_payment'],
    parent: { field: 'contract_id', kinds: ['work_order_contract', 'purchase_order_contract'] },
    locks: { synced: 'all' },
  },
  invoice_payment: {
    label: 'invoice payment',
    itemTypes: ['invoice_payment'],
    parent: { field: 'invoice_id', kinds: ['requisition'] },
  },
  payment_application: {
    label: 'owner invoice',
    itemTypes: ['payment_application'],
    parent: { field: 'contract_id', kinds: ['prime_contract'] },
    locks: { synced: 'all' },
  },
  payment_application_line_item: {
    label: 'owner invoice line',
    itemTypes: ['payment_application_line_item'],
    parent: { field: 'payment_application_id', kinds: ['payment_application'] },
    locks: { synced: 'all' },
  },
  company_level_direct_cost: {
    label: 'company-level direct cost',
    itemTypes: ['company_level_direct_cost'],
    locks: { synced: 'all' },
  },
} as const satisfies Record<string, LooseDefinition>;

type LooseDefinition = Omit<KindDefinition, 'parent'> & {
  parent?: { field: string; kinds: readonly string[] };
};

export type Kind = keyof typeof DEFINITIONS;
export const KINDS: Record<Kind, KindDefinition> = DEFINITIONS;
export const ALL_KINDS = Object.keys(DEFINITIONS) as Kind[];

export const COMMITMENTS = ['work_order_contract', 'purchase_order_contract'] as const;
export const CONTRACTS = [...COMMITMENTS, 'prime_contract'] as const;
export const CHANGE_ORDERS = ['commitment_change_order', 'prime_contract_change_order'] as const;

/** One record of a company, with what the ERP tool shows of it. */
export interface SimRecord {
  readonly id: number;
  readonly kind: Kind;
  /** By the names of the API; includes origin_id, origin_code, origin_data and the ids of what it belongs to. */
  fields: JsonObject;
  created_at: number;
  updated_at: number;
  erp: {
    status: ErpStatus;
    /** Shown in red after a failed export or unlink, in green after a successful unlink. */
    messages: string[];
    customFields: JsonObject;
    sentBy: number | null;
    comment: string | null;
    /** The ERP number typed at the last export. */
    code: string | null;
  };
}

/** A record without its content, e.g. behind a request detail. */
export interface RecordRef {
  kind: Kind;
  id: number;
}

export const ORIGIN_FIELDS = ['origin_id', 'origin_code', 'origin_data'] as const;

/** Requisition lines are known under three item types. */
const REQUISITION_ITEM_TYPES: Record<string, string> = {
  'Billings::ContractItem': 'requisition_contract_item',
  'Billings::ContractDetailItem': 'requisition_contract_detail_item',
  'Billings::ChangeOrderItem': 'requisition_change_order_item',
};

export function itemTypeOf(record: Pick<SimRecord, 'kind' | 'fields'>): string | null {
  if (record.kind === 'requisition_item') {
    return REQUISITION_ITEM_TYPES[String(record.fields['requisition_item_type'])] ?? null;
  }
  return KINDS[record.kind].itemTypes[0] ?? null;
}

export function kindsOfItemType(itemType: string): Kind[] {
  return ALL_KINDS.filter((kind) => KINDS[kind].itemTypes.includes(itemType));
}

export function originId(record: SimRecord | undefined): string | null {
  const value = record?.fields['origin_id'];
  return typeof value === 'string' && value !== '' ? value : null;
}

export function isLinked(record: SimRecord | undefined): boolean {
  return originId(record) !== null;
}

/** Sent to the ERP, or on its way. */
export function isWaiting(record: SimRecord): boolean {
  return record.erp.status === 'ready_to_export' || record.erp.status === 'exporting';
}

export function isActive(record: SimRecord): boolean {
  return record.fields['is_active'] !== false;
}
