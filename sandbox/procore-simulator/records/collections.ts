import { isActive, type Kind, type SimRecord } from './record';

/** A documented list of records: where it lives and what a write there may say. */
export interface Collection {
  /** Path templates of the list; records, sync action and line items follow below them. */
  paths: string[];
  kinds: readonly Kind[];
  /** Name that wraps the attributes of a create or update. */
  wrap?: string;
  scope: 'company' | 'project';
  /** Path parameter of the record it belongs to, and the kinds that may be. */
  holder?: { param: string; kinds: readonly Kind[]; field: string };
  /** Which of its records the list shows; all of them when left out. */
  lists?: (record: SimRecord) => boolean;
  /** Fields that must name existing records. */
  refs?: Record<string, Kind>;
}

const V1 = '/rest/v1.0';
const V2 = '/rest/v2.0/companies/{company_id}/projects/{project_id}';
const LINE_REFS: Record<string, Kind> = { cost_code_id: 'cost_code', line_item_type_id: 'line_item_type' };
const COMMITMENT_KINDS: readonly Kind[] = ['work_order_contract', 'purchase_order_contract'];

function lines(path: string, param: string, kinds: readonly Kind[]): Collection {
  return {
    paths: [`${path}/{${param}}/line_items`],
    kinds: ['line_item'],
    wrap: 'line_item',
    scope: 'project',
    holder: { param, kinds, field: 'holder_id' },
    refs: LINE_REFS,
  };
}

/** Every documented collection with rules (Procore OpenAPI and the ERP guides). */
export const COLLECTIONS: Collection[] = [
  { paths: [`${V1}/vendors`], kinds: ['vendor'], wrap: 'vendor', scope: 'company', lists: isActive },
  {
    paths: [`${V1}/projects/{project_id}/vendors`],
    kinds: ['vendor'],
    scope: 'company',
    lists: isActive,
  },
  {
    paths: [`${V1}/companies/{company_id}/vendors/inactive`],
    kinds: ['vendor'],
    scope: 'company',
    lists: (record) => !isActive(record),
  },
  {
    paths: [`${V1}/projects`, `${V1}/companies/{company_id}/projects`],
    kinds: ['project'],
    wrap: 'project',
    scope: 'company',
  },
  { paths: [`${V1}/sub_jobs`], kinds: ['sub_job'], wrap: 'sub_job', scope: 'project' },
  { paths: [`${V1}/standard_cost_codes`], kinds: ['standard_cost_code'], scope: 'company' },
  {
    paths: [`${V1}/cost_codes`],
    kinds: ['cost_code'],
    wrap: 'cost_code',
    scope: 'project',
    refs: { standard_cost_code_id: 'standard_cost_code', parent_id: 'cost_code' },
  },
  { paths: [`${V1}/line_item_types`], kinds: ['line_item_type'], scope: 'company' },
  {
    paths: [`${V1}/cost_code_line_item_types`],
    kinds: ['cost_code_line_item_type'],
    scope: 'project',
    refs: LINE_REFS,
  },
  { paths: [`${V1}/erp_job_costs`], kinds: ['erp_job_cost'], scope: 'company' },
  { paths: [`${V1}/erp_transactions`], kinds: ['erp_transaction'], wrap: 'transaction', scope: 'project' },
  {
    paths: [`${V1}/work_order_contracts`],
    kinds: ['work_order_contract'],
    wrap: 'work_order_contract',
    scope: 'project',
  },
  {
    paths: [`${V1}/purchase_order_contracts`],
    kinds: ['purchase_order_contract'],
    wrap: 'purchase_order_contract',
    scope: 'project',
  },
  {
    paths: [`${V1}/commitments`, `${V2}/commitment_contracts`],
    kinds: COMMITMENT_KINDS,
    scope: 'project',
  },
  lines(`${V1}/work_order_contracts`, 'work_order_contract_id', ['work_order_contract']),
  lines(`${V1}/purchase_order_contracts`, 'purchase_order_contract_id', ['purchase_order_contract']),
  lines(`${V2}/commitment_contracts`, 'commitment_contract_id', COMMITMENT_KINDS),
  {
    paths: [`${V1}/projects/{project_id}/commitment_change_orders`],
    kinds: ['commitment_change_order'],
    wrap: 'change_order',
    scope: 'project',
  },
  lines(`${V2}/commitment_change_orders`, 'commitment_change_order_id', ['commitment_change_order']),
  {
    paths: [`${V1}/prime_contracts`, `${V1}/prime_contract`, `${V2}/prime_contracts`],
    kinds: ['prime_contract'],
    scope: 'project',
  },
  lines(`${V1}/prime_contracts`, 'prime_contract_id', ['prime_contract']),
  lines(`${V2}/prime_contracts`, 'prime_contract_id', ['prime_contract']),
  {
    paths: [`${V1}/projects/{project_id}/prime_change_orders`],
    kinds: ['prime_contract_change_order'],
    wrap: 'change_order',
    scope: 'project',
  },
  {
    // Change orders of all contracts of a project; `contract_id` narrows it down.
    paths: [`${V1}/change_order_packages`],
    kinds: ['commitment_change_order', 'prime_contract_change_order'],
    scope: 'project',
  },
  lines(`${V2}/prime_change_orders`, 'prime_change_order_id', ['prime_contract_change_order']),
  {
    paths: [`${V1}/requisitions`],
    kinds: ['requisition'],
    wrap: 'requisition',
    scope: 'project',
  },
  {
    paths: [`${V1}/contract_payments`],
    kinds: ['contract_payment'],
    wrap: 'contract_payment',
    scope: 'project',
  },
  {
    paths: [`${V1}/payment_applications`, `${V1}/prime_contracts/{prime_contract_id}/payment_applications`],
    kinds: ['payment_application'],
    wrap: 'payment_application',
    scope: 'project',
  },
];

const BY_PATH = new Map(
  COLLECTIONS.flatMap((collection) => collection.paths.map((path) => [path, collection] as const)),
);

/** Every v1 of a resource shows the same records. */
export const listPath = (path: string): string => path.replace(/^\/rest\/v1\.\d+\//, `${V1}/`);

/** The collection whose list has this path, in whatever v1. */
export const collectionAt = (path: string): Collection | undefined => BY_PATH.get(listPath(path));
