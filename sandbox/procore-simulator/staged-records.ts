import { isoSeconds } from './clock';
import { ActionRefused, ApiError, notFound, type FieldErrors } from './errors';
import { created, NO_CONTENT, ok, pathId, type Handler } from './http-kit';
import { asInt, asString, isObject, type JsonObject } from './json';
import { paginate } from './pagination';
import type { Company, State } from './state';
import { stagedFieldErrors } from './staged-fields';
import { ItemError, syncAction } from './sync-action';
import type { StagedRecord, StagedStatus } from './types';

const PARENT_TYPES = new Set([
  'prime_contract',
  'purchase_order_contract',
  'work_order_contract',
  'commitment_change_order',
]);
const ITEM_TYPES = new Set([...PARENT_TYPES, 'vendor', 'project', 'sub_job', 'line_item']);
const STATUSES = new Set(['staged', 'archived', 'imported', 'invalid']);

/** Candidates from the ERP that wait for a person (Procore guide "ERP Staged Records"). */
export class StagedRecords {
  constructor(
    private readonly state: State,
    private readonly rejectUnknownFields: boolean,
  ) {}

  handlers(): Record<string, Handler> {
    return {
      'stagedRecords.list': (call) => {
        const type = call.query.get('item_type');
        const found = [...call.company.staged.values()].filter(
          (r) => type === undefined || r.item_type === type,
        );
        return paginate(found, call, stagedView);
      },
      'stagedRecords.create': (call) => {
        const item = isObject(call.body) ? call.body : {};
        return created(stagedView(asRequest(() => this.put(call.company, item, { mustBeNew: true }))));
      },
      'stagedRecords.update': (call) => {
        const record = call.company.staged.get(pathId(call));
        if (!record) throw notFound("Couldn't find StagedRecord");
        const item = isObject(call.body) ? call.body : {};
        return ok(stagedView(asRequest(() => this.put(call.company, item, { existing: record }))));
      },
      'stagedRecords.sync': (call) => syncAction(call.body, (item) => this.syncOne(call.company, item)),
      'stagedRecords.delete': (call) => {
        const record = call.company.staged.get(pathId(call));
        if (!record) throw notFound("Couldn't find StagedRecord");
        this.remove(call.company, record);
        return NO_CONTENT;
      },
    };
  }

  find(company: Company, type: string, originId: string): StagedRecord | undefined {
    const found = byOrigin(company).get(`${type}:${originId}`);
    const isThere = found?.origin_id === originId && company.staged.get(found.id) === found;
    return isThere ? found : undefined;
  }

  /** One that people may still import or link; of this type, where one is named. */
  waiting(company: Company, id: number, type?: string): StagedRecord {
    const record = company.staged.get(id);
    if (!record || (type !== undefined && record.item_type !== type)) {
      throw new ActionRefused(`no staged ${type ?? 'record'} ${id}`, 404);
    }
    if (record.status !== 'staged') throw new ActionRefused(`The staged record is ${record.status}`);
    return record;
  }

  /** A parent that comes back to `staged` takes its children along, except the archived ones. */
  setStatus(company: Company, record: StagedRecord, status: StagedStatus): void {
    const back = status === 'staged' && record.status !== 'staged';
    record.status = status;
    record.updated_at = this.state.now();
    for (const child of this.children(company, record)) {
      if (status === 'imported' || (back && child.status !== 'archived')) {
        child.status = status;
        child.updated_at = this.state.now();
      }
    }
  }

  private syncOne(company: Company, item: JsonObject): JsonObject {
    const type = asString(item['item_type']) ?? '';
    const existing = this.matching(company, item, type);
    const children: unknown = item['children'] ?? [];
    if (!Array.isArray(children)) throw new ItemError({ children: ['is invalid'] });
    if (children.length > 0 && !PARENT_TYPES.has(type)) {
      throw new ItemError({ children: [`are not possible under ${type}`] });
    }
    // Parent and children stand or fall together: look at the children before anything is stored.
    for (const child of children) {
      const errors = isObject(child) ? this.check(company, child, undefined, true) : { base: ['is invalid'] };
      if (Object.keys(errors).length > 0) {
        throw new ItemError({ children: Object.entries(errors).map(([k, m]) => `${k} ${m.join(', ')}`) });
      }
    }
    const record = this.put(company, item, { existing });
    const stored = (children as JsonObject[]).map((child) => {
      const known = this.matching(company, child, 'line_item');
      return stagedView(this.put(company, child, { existing: known, parent: record }));
    });
    return stored.length > 0 ? { ...stagedView(record), children: stored } : stagedView(record);
  }

  private matching(company: Company, item: JsonObject, type: string): StagedRecord | undefined {
    if (item['id'] !== undefined && item['id'] !== null) {
      const found = company.staged.get(asInt(item['id']) ?? -1);
      if (!found) throw new ItemError({ id: ['Entity with this ID not found'] });
      return found;
    }
    return this.find(company, type, asString(item['origin_id']) ?? '');
  }

  private put(
    company: Company,
    item: JsonObject,
    place: { existing?: StagedRecord | undefined; parent?: StagedRecord; mustBeNew?: boolean },
  ): StagedRecord {
    const { existing, parent, mustBeNew = false } = place;
    const errors = this.check(company, item, existing, parent !== undefined);
    const type = asString(item['item_type']) ?? existing?.item_type ?? '';
    const originId = asString(item['origin_id']) ?? existing?.origin_id ?? '';
    const twin = this.find(company, type, originId);
    if (twin && (mustBeNew || (existing && twin !== existing)))
      errors['origin_id'] = ['has already been taken'];
    if (Object.keys(errors).length > 0) throw new ItemError(errors);
    const parentId = parent?.id ?? this.parentId(company, item) ?? existing?.parent_id ?? null;
    const now = this.state.now();
    const record: StagedRecord = existing ?? {
      id: this.state.nextId('staged'),
      item_type: type,
      origin_id: originId,
      origin_code: null,
      origin_data: null,
      parent_id: parentId,
      status: 'staged',
      data: {},
      created_at: now,
      updated_at: now,
    };
    const before = JSON.stringify(record);
    record.origin_id = originId;
    record.parent_id = parentId;
    if ('origin_code' in item) record.origin_code = asString(item['origin_code']) ?? null;
    if ('origin_data' in item) record.origin_data = item['origin_data'];
    if (isObject(item['data'])) record.data = item['data'];
    company.staged.set(record.id, record);
    byOrigin(company).set(keyOf(record), record);
    const status = item['status'] as StagedStatus | undefined;
    if (status !== undefined && status !== record.status) this.setStatus(company, record, status);
    if (JSON.stringify(record) !== before) record.updated_at = now;
    return record;
  }

  private check(
    company: Company,
    item: JsonObject,
    existing: StagedRecord | undefined,
    nested: boolean,
  ): FieldErrors {
    const errors: FieldErrors = {};
    const type = asString(item['item_type']) ?? existing?.item_type ?? '';
    if (!ITEM_TYPES.has(type)) errors['item_type'] = ['is not included in the list'];
    if ((asString(item['origin_id']) ?? existing?.origin_id ?? '') === '')
      errors['origin_id'] = ["can't be blank"];
    const status = item['status'];
    if (status !== undefined && !STATUSES.has(asString(status) ?? ''))
      errors['status'] = ['is not included in the list'];
    // On import Procore itself sets `imported`.
    if (status === 'imported' && existing?.status !== 'imported')
      errors['status'] = ['is set by the import only'];
    if (!isObject(item['data']) && !existing) errors['data'] = ["can't be blank"];
    if (
      type === 'line_item' &&
      !nested &&
      !existing?.parent_id &&
      this.parentId(company, item) === undefined
    ) {
      errors['parent_origin_id'] = ['must be a staged contract or change order'];
    }
    if (isObject(item['data'])) {
      Object.assign(errors, stagedFieldErrors(type, item['data'], this.rejectUnknownFields));
    }
    return errors;
  }

  private parentId(company: Company, item: JsonObject): number | undefined {
    const byId = company.staged.get(asInt(item['parent_id']) ?? -1);
    if (byId) return byId.id;
    const originId = asString(item['parent_origin_id']);
    if (originId === undefined) return undefined;
    return [...company.staged.values()].find((r) => PARENT_TYPES.has(r.item_type) && r.origin_id === originId)
      ?.id;
  }

  private children(company: Company, parent: StagedRecord): StagedRecord[] {
    return [...company.staged.values()].filter((r) => r.parent_id === parent.id);
  }

  private remove(company: Company, record: StagedRecord): void {
    for (const child of this.children(company, record)) company.staged.delete(child.id);
    company.staged.delete(record.id);
  }
}

const keyOf = (record: StagedRecord): string => `${record.item_type}:${record.origin_id}`;

/** Staged records by type and the origin_id that they have or had. */
const origins = new WeakMap<Company['staged'], Map<string, StagedRecord>>();

function byOrigin({ staged }: Company): Map<string, StagedRecord> {
  const known = origins.get(staged) ?? new Map([...staged.values()].map((r) => [keyOf(r), r]));
  origins.set(staged, known);
  return known;
}

/** Outside of a sync action the errors of one item are the 422 of the call. */
function asRequest<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ItemError) throw new ApiError(422, { errors: error.errors });
    throw error;
  }
}

function stagedView(record: StagedRecord): JsonObject {
  return {
    ...record,
    created_at: isoSeconds(record.created_at),
    updated_at: isoSeconds(record.updated_at),
  };
}
