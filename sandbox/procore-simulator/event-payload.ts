import { loadEvents, type EventRecord } from './data';
import { ActionRefused } from './errors';
import { asInt, asString, clone, isObject, type JsonObject } from './json';

/** Finds an event of the dictionary by the literal request_name or by its heading. */
export function findEvent(name: string): EventRecord {
  const found = loadEvents().find((e) => e.requestName === name || e.name === name);
  if (!found) throw new ActionRefused(`unknown ERP event ${name}`, 404);
  return found;
}

/** Keys that hold ids of the company, of the detail, or of the ERP: never renumbered. */
const KEPT = new Set(['company_id', 'request_detail_id', 'erp_request_detail_id']);

/** Renumber the record ids of an example, the same old id always to the same new one. */
export function renumber(payload: JsonObject, nextId: () => number): JsonObject {
  const known = new Map<string, number>();
  const fresh = (value: unknown): unknown => {
    const old = asInt(value);
    if (old === undefined || old <= 0) return value;
    let id = known.get(String(old));
    if (id === undefined) {
      id = nextId();
      known.set(String(old), id);
    }
    return typeof value === 'string' ? String(id) : id;
  };
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => {
        const isId = (key === 'id' || key.endsWith('_id')) && !key.endsWith('origin_id') && !KEPT.has(key);
        return [key, isId && !isObject(item) && !Array.isArray(item) ? fresh(item) : walk(item)];
      }),
    );
  };
  return walk(payload) as JsonObject;
}

/** Every place of the payload where the company is named at the top of its data. */
export function nameCompany(payload: JsonObject, companyId: number): void {
  if ('company_id' in payload) payload['company_id'] = companyId;
  const data = payload['request_data'];
  if (isObject(data) && 'company_id' in data) data['company_id'] = companyId;
}

/** The example as `{request_name, request_data, …}`; samples without a wrapper are the request data. */
export function wrappedExample(event: EventRecord): JsonObject {
  const example = clone(event.examplePayload);
  if (event.payloadShape === 'bare') return { request_name: event.requestName, request_data: example };
  delete example['id'];
  return example;
}

/** Where the detail ids of an event stand in the wrapped payload. */
export function detailPath(event: EventRecord): string | null {
  if (event.requestDetailPath === null) return null;
  return event.payloadShape === 'bare'
    ? event.requestDetailPath.replace('$.', '$.request_data.')
    : event.requestDetailPath;
}

/** Objects that carry the detail id: one, or one per item for a path with `[*]`. */
export function detailHolders(payload: JsonObject, path: string): { holders: JsonObject[]; key: string } {
  const steps = path.replace(/^\$\.?/, '').split('.');
  const key = steps.pop() ?? 'request_detail_id';
  let current: unknown[] = [payload];
  for (const step of steps) {
    const name = step.replace('[*]', '');
    current = current.flatMap((value) => {
      const next = isObject(value) ? value[name] : undefined;
      if (step.endsWith('[*]')) return Array.isArray(next) ? (next as unknown[]) : [];
      return [next];
    });
  }
  return { holders: current.filter(isObject), key };
}

export interface Item {
  type: string;
  id: number | string;
}

/** Which record of the request data the single detail is about. */
const ITEM_KEYS: Record<string, string[]> = {
  create_vendor: ['vendor'],
  create_or_update_job: ['job'],
  create_sub_job: ['sub_job'],
  create_budget: ['budget'],
  update_budget: ['budget'],
  create_requisitions: ['requisitions'],
  create_contract_payment: ['contract_payment'],
  create_commitment: ['commitment'],
  unlink_commitment: ['procore_commitment_id'],
  create_commitment_change_order: ['change_order'],
  unlink_commitment_change_order: ['procore_commitment_change_order_id'],
  create_payment_application: ['payment_application'],
  unlink_payment_application: ['payment_application'],
  create_prime_contract_change_order: ['prime_contract_change_order'],
  unlink_prime_contract_change_order: ['prime_contract_change_order'],
  create_company_level_direct_cost: ['direct_cost'],
  unlink_company_level_direct_cost: ['direct_cost'],
};

export function singleItem(event: EventRecord, payload: JsonObject): Item | null {
  const data = payload['request_data'];
  if (!isObject(data)) return null;
  for (const key of ITEM_KEYS[event.requestName] ?? []) {
    const value: unknown = data[key];
    const record: unknown = Array.isArray(value) ? value[0] : value;
    const id = isObject(record) ? (record['id'] ?? record['procore_requisition_id']) : record;
    const number = asInt(id) ?? asString(id);
    if (number !== undefined) return { type: event.externalDataItemTypes[0] ?? event.entity, id: number };
  }
  return null;
}

export function holderItem(event: EventRecord, holder: JsonObject): Item | null {
  const id = asInt(holder['id'] ?? holder['procore_requisition_id']);
  return id === undefined ? null : { type: event.externalDataItemTypes[0] ?? event.entity, id };
}
