import { asInt, isObject, type JsonObject } from '../json';
import type { Company } from '../state';
import type { OriginTaken } from './origin';
import { exportedKinds } from '../people/export-kinds';
import { itemTypeOf, ORIGIN_FIELDS, type Kind, type SimRecord } from './record';
import type { Records } from './store';

const CONTRACT_KIND: Record<string, Kind> = {
  WorkOrderContract: 'work_order_contract',
  PurchaseOrderContract: 'purchase_order_contract',
};

/** Which records the parts of an event payload are, by the key they stand under. */
const PARTS: Record<string, Kind> = {
  job: 'project',
  project: 'project',
  sub_job: 'sub_job',
  standard_cost_codes: 'standard_cost_code',
  standard_cost_code_data_array: 'standard_cost_code',
  standard_category_data_array: 'line_item_type',
  line_item_type: 'line_item_type',
  line_item_types: 'line_item_type',
  all_cost_codes: 'cost_code',
  cost_code: 'cost_code',
  cost_codes: 'cost_code',
  project_cost_code_data_array: 'cost_code',
  cost_type_assignments: 'cost_code_line_item_type',
  budget: 'budget',
  job_costs: 'erp_job_cost',
  transactions: 'erp_transaction',
  requisitions: 'requisition',
  contract_payment: 'contract_payment',
  change_order: 'commitment_change_order',
  payment_application: 'payment_application',
  prime_contract: 'prime_contract',
  prime_contract_change_order: 'prime_contract_change_order',
  direct_cost: 'company_level_direct_cost',
  commitment_items: 'line_item',
  change_order_items: 'line_item',
  prime_contract_items: 'line_item',
  prime_contract_change_order_items: 'line_item',
  prime_contract_change_order_line_items: 'line_item',
  markup_line_items: 'markup',
};

/** Lines stand under the same key in several documents. */
const LINES_OF: Partial<Record<Kind, [key: string, kind: Kind, field: string]>> = {
  requisition: ['line_items', 'requisition_item', 'requisition_id'],
  payment_application: ['items', 'payment_application_line_item', 'payment_application_id'],
};

/** Records that an event names by an id alone. */
const IDS: Record<string, Kind> = {
  project_id: 'project',
  procore_project_id: 'project',
  procore_sub_job_id: 'sub_job',
  procore_commitment_change_order_id: 'commitment_change_order',
  prime_contract_id: 'prime_contract',
  prime_contract_change_order_id: 'prime_contract_change_order',
  requisition_id: 'requisition',
  payment_id: 'contract_payment',
};

/** A record as an example shows it, and the project of the example. */
interface Part {
  kind: Kind;
  id: number | undefined;
  shown: JsonObject;
  project: number | null;
}

/** Lets the records of an example payload exist, so that the calls that answer the event can find them. */
export class Materializer {
  constructor(
    private readonly records: Records,
    private readonly originTaken: OriginTaken,
  ) {}

  /** What was exported waits for the answer of the integrator; what was unlinked is so already. */
  materialize(company: Company, requestName: string, payload: JsonObject): void {
    const data = payload['request_data'];
    const made: SimRecord[] = [];
    const project = projectIdOf(data);
    const put = (kind: Kind, id: unknown, shown: JsonObject): void => {
      const record = this.put(company, { kind, id: asInt(id), shown, project });
      if (record) made.push(record);
    };
    if (Array.isArray(data))
      for (const code of data) if (isObject(code)) put('standard_cost_code', code['id'], code);
    const vendor = isObject(data) ? data['vendor'] : undefined;
    if (isObject(vendor)) put('vendor', vendor['id'], vendor);
    const walk = (value: unknown, parent?: SimRecord): void => {
      if (Array.isArray(value)) value.forEach((item) => walk(item, parent));
      if (!isObject(value)) return;
      for (const [key, part] of Object.entries(value)) {
        const kind =
          key === 'commitment' && isObject(part) ? CONTRACT_KIND[String(part['type'])] : PARTS[key];
        if (kind) for (const item of [part].flat()) if (isObject(item)) put(kind, idOf(item), item);
        const named = IDS[key];
        // Beside `procore_project_id`, `project_id` is an id of the ERP tool's own.
        const other = key === 'project_id' && 'procore_project_id' in value;
        if (named && !other && !isObject(part)) put(named, part, {});
        walk(part);
      }
      const contract = CONTRACT_KIND[String(value['commitment_type'])];
      if (contract)
        put(contract, value['procore_commitment_id'], { origin_id: value['commitment_origin_id'] });
    };
    walk(data);
    const exporting = exportedKinds(requestName);
    for (const record of made) {
      if (exporting.includes(record.kind)) record.erp.status = 'exporting';
      if (requestName === 'unlink_vendor') this.records.unlink(company, record);
    }
  }

  private put(company: Company, part: Part): SimRecord | undefined {
    const { kind, id, shown, project } = part;
    if (id === undefined) return undefined;
    const known = this.records.find(company, kind, id);
    const { origin_id: wanted, origin_data: data } = shown;
    const plain = scalars(shown);
    const fields = { ...(known ? known.fields : scoped(part, id)), ...plain };
    const type = itemTypeOf({ kind, fields });
    const usable = typeof wanted === 'string' && wanted !== 'null' && type !== null;
    const free = usable && !this.originTaken(company, wanted, { type, id });
    const origin = free ? { origin_id: wanted, origin_data: typeof data === 'string' ? data : null } : {};
    const record = known ?? this.records.insert(company, kind, { ...fields, ...origin }, id);
    if (known) {
      Object.assign(known.fields, plain);
      this.records.setOrigin(company, known, origin);
    }
    const lines = LINES_OF[kind];
    if (!lines) return record;
    for (const item of [shown[lines[0]]].flat()) {
      if (!isObject(item)) continue;
      const line = { ...item, [lines[2]]: id };
      this.put(company, { kind: lines[1], id: idOf(item), shown: line, project });
    }
    return record;
  }
}

/** What stays of an example: the rest is a record of its own, or the link to the ERP. */
function scalars(shown: JsonObject): JsonObject {
  const apart: readonly string[] = ['id', ...ORIGIN_FIELDS];
  return Object.fromEntries(
    Object.entries(shown).filter(
      ([key, value]) => !apart.includes(key) && !Array.isArray(value) && !isObject(value),
    ),
  );
}

function scoped({ kind, project, shown }: Part, id: number): JsonObject {
  if (kind === 'vendor') return { name: `Vendor ${id}` };
  const holder = shown['holder'];
  const scope: JsonObject = kind === 'project' ? { name: 'Project' } : { project_id: project };
  if (kind !== 'line_item' || !isObject(holder)) return scope;
  const kinds: Record<string, Kind> = {
    ...CONTRACT_KIND,
    PrimeContract: 'prime_contract',
    PotentialChangeOrder: 'prime_contract_change_order',
  };
  return { ...scope, holder_id: holder['id'], holder_kind: kinds[String(holder['holder_type'])] ?? null };
}

function idOf(item: JsonObject): number | undefined {
  return asInt(
    item['id'] ?? item['procore_id'] ?? item['procore_requisition_id'] ?? item['procore_requisition_item_id'],
  );
}

function projectIdOf(data: unknown): number | null {
  if (!isObject(data)) return null;
  for (const [key, value] of Object.entries(data)) {
    if ((key === 'project_id' || key === 'procore_project_id') && asInt(value) !== undefined) {
      return asInt(value) ?? null;
    }
    if ((key === 'job' || key === 'project') && isObject(value)) return asInt(value['id']) ?? null;
    const inner = isObject(value) ? projectIdOf(value) : null;
    if (inner !== null) return inner;
  }
  return null;
}
