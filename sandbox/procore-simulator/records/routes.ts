import type { Catalogue } from '../catalogue';
import { ApiError, refused } from '../errors';
import { created, NO_CONTENT, ok, pathId, type Call, type Handler, type Reply } from '../http-kit';
import { asInt, asString, isObject, type JsonObject } from '../json';
import { paginate, paginateV2 } from '../pagination';
import type { Company, State } from '../state';
import { ItemError, syncAction } from '../sync-action';
import { collectionAt, type Collection } from './collections';
import { likeResponse } from './documented-shape';
import { readFilters, sorted } from './filters';
import { recordsWithOrigin } from './origin';
import { isLinked, KINDS, type SimRecord } from './record';
import { SYNC_RULES, type SyncContext } from './sync-rules';
import type { Records } from './store';
import { isErpProject, NAMED_VIEWS, type Views } from './views';
import { writable } from './writable';

export interface RouteParts {
  state: State;
  records: Records;
  views: Views;
  catalogue: Catalogue;
  duplicateOriginIdStatus: 409 | 422;
  standardCodeSyncView: 'ids' | 'full';
}

/** The project or company of a call, and what a record must carry to be in it. */
interface Scope {
  fields: JsonObject;
  holder: SimRecord | undefined;
  contains(record: SimRecord): boolean;
}

/** List, show, create, update, delete and sync of every collection with rules. */
export class RecordRoutes {
  private readonly records: Records;

  constructor(private readonly parts: RouteParts) {
    this.records = parts.records;
  }

  handler(call: Call): Handler | undefined {
    const { method, path } = call.operation;
    const sync = collectionAt(path.replace(/\/sync$/, ''));
    if (sync && path.endsWith('/sync')) return () => this.sync(call, sync);
    const list = collectionAt(path);
    if (list && method === 'GET') return () => this.list(call, list);
    if (list && method === 'POST') return () => this.create(call, list);
    const param = /^(.*)\/\{(\w+)\}$/.exec(path);
    const one = param && collectionAt(param[1] ?? '');
    if (!one) return undefined;
    const find = (): SimRecord => this.find(call, one, param[2] ?? 'id');
    if (method === 'GET') return () => ok(this.envelope(call, this.view(call, find())));
    if (method === 'PATCH' || method === 'PUT') return () => this.update(call, one, find());
    if (method === 'DELETE') return () => this.remove(call, find());
    return undefined;
  }

  private list(call: Call, collection: Collection): Reply {
    const scope = this.scope(call, collection);
    const filters = readFilters(call);
    const found = collection.kinds
      .flatMap((kind) => this.records.of(call.company, kind))
      .filter((r) => scope.contains(r) && collection.lists?.(r) !== false && filters.every((f) => f(r)));
    sorted(call, found);
    const view = (r: SimRecord): unknown => this.view(call, r);
    return isV2(call) ? paginateV2(found, call, view) : paginate(found, call, view);
  }

  private create(call: Call, collection: Collection): Reply {
    const scope = this.scope(call, collection);
    this.refuseErpCostCode(call, collection, scope);
    const attributes = this.attributes(call, collection);
    return this.asRequest(() => {
      this.refuseLockedLines(scope.holder);
      this.checkRefs(call.company, collection, attributes);
      const kind = kindFor(collection, attributes);
      const record = this.author(call).create(call.company, kind, { ...scope.fields, ...attributes });
      return created(this.envelope(call, this.view(call, record)));
    });
  }

  private update(call: Call, collection: Collection, record: SimRecord): Reply {
    const scope = this.scope(call, collection);
    this.refuseErpCostCode(call, collection, scope);
    const attributes = this.attributes(call, collection);
    return this.asRequest(() => {
      this.refuseLockedLines(scope.holder);
      this.checkRefs(call.company, collection, attributes);
      this.author(call).update(call.company, record, attributes);
      return ok(this.envelope(call, this.view(call, record)));
    });
  }

  private remove(call: Call, record: SimRecord): Reply {
    if (isLinked(record) && KINDS[record.kind].locks?.synced === 'all') {
      throw new ApiError(422, { errors: { base: ['is locked by ERP'] } });
    }
    this.records.remove(call.company, record);
    return NO_CONTENT;
  }

  private sync(call: Call, collection: Collection): Reply {
    const scope = this.scope(call, collection);
    const kind = collection.kinds[0];
    if (kind === undefined) throw refused(501, 'The simulator does not play this');
    const rules = SYNC_RULES[kind];
    const context: SyncContext = { call, ...this.parts };
    const shared = { ...scope.fields, ...rules?.scope?.(context) };
    return syncAction(call.body, (item) => {
      this.refuseLockedLines(scope.holder);
      const attributes = {
        ...writable(call.operation, undefined, item),
        ...rules?.attributes?.(context, item, shared),
      };
      this.checkRefs(call.company, collection, attributes);
      const found = rules?.match
        ? rules.match(context, item, shared)
        : this.match(call, collection, scope, item);
      if (!found && rules?.mustExist) throw new ItemError({ id: ['Entity with this ID not found'] });
      const record = found
        ? this.author(call).update(call.company, found, attributes)
        : this.author(call).create(call.company, kind, { ...shared, ...attributes });
      rules?.after?.(context, record);
      return this.syncView(call, record);
    });
  }

  /** The matching table of "Using Sync Actions": id → must exist; else origin_id → upsert; neither → create. */
  private match(call: Call, collection: Collection, scope: Scope, item: JsonObject): SimRecord | undefined {
    if (item['id'] !== undefined && item['id'] !== null) {
      const found = this.records.find(call.company, collection.kinds, item['id']);
      if (!found || !scope.contains(found)) throw new ItemError({ id: ['Entity with this ID not found'] });
      return found;
    }
    const origin = asString(item['origin_id']);
    if (origin === undefined) return undefined;
    return recordsWithOrigin(call.company, origin).find(
      (r) => collection.kinds.includes(r.kind) && scope.contains(r),
    );
  }

  private find(call: Call, collection: Collection, param: string): SimRecord {
    const record = this.records.get(call.company, collection.kinds, pathId(call, param));
    const scope = this.scope(call, collection, record);
    if (!scope.contains(record)) this.records.get(call.company, collection.kinds, -1);
    return record;
  }

  private scope(call: Call, collection: Collection, named?: SimRecord): Scope {
    const { company, query } = call;
    const body = isObject(call.body) ? call.body : {};
    if (collection.scope === 'company') return this.companyScope(call, collection, body);
    const projectId =
      asInt(call.params['project_id']) ?? query.int('project_id') ?? asInt(body['project_id']);
    // A delete in these places names its project only if it likes.
    const optional = call.operation.queryParams.some((p) => p.name === 'project_id' && p.required !== true);
    const fallback = optional && named ? asInt(named.fields['project_id']) : undefined;
    const wanted = projectId ?? fallback;
    if (wanted === undefined) throw refused(400, 'param is missing or the value is empty: project_id');
    const project = this.records.get(company, 'project', wanted);
    const fields: JsonObject = { project_id: project.id };
    const checks = [(r: SimRecord): boolean => r.fields['project_id'] === project.id];
    let holder: SimRecord | undefined;
    if (collection.holder) {
      holder = this.records.get(company, collection.holder.kinds, pathId(call, collection.holder.param));
      const { id, kind } = holder;
      fields['holder_id'] = id;
      fields['holder_kind'] = kind;
      checks.push((r) => r.fields['holder_id'] === id && r.fields['holder_kind'] === kind);
    }
    const prime = asInt(call.params['prime_contract_id']);
    if (!collection.holder && prime !== undefined && collection.kinds.includes('payment_application')) {
      checks.push((r) => r.fields['contract_id'] === prime);
    }
    const ofContract = query.int('contract_id');
    if (collection.kinds.includes('commitment_change_order') && ofContract !== undefined) {
      checks.push((r) => r.fields['contract_id'] === ofContract);
    }
    if (collection.kinds.includes('contract_payment')) {
      const contract = query.int('contract_id') ?? asInt(body['contract_id']);
      if (contract === undefined) throw refused(400, 'param is missing or the value is empty: contract_id');
      fields['contract_id'] = contract;
      checks.push((r) => r.fields['contract_id'] === contract);
    }
    if (collection.kinds.includes('cost_code') || collection.kinds.includes('cost_code_line_item_type')) {
      const subJob = query.int('sub_job_id') ?? asInt(body['sub_job_id']) ?? null;
      if (subJob !== null) this.records.get(company, 'sub_job', subJob);
      fields['sub_job_id'] = subJob;
      if (!named) checks.push((r) => (r.fields['sub_job_id'] ?? null) === subJob);
    }
    return { fields, holder, contains: (r) => checks.every((check) => check(r)) };
  }

  private companyScope(call: Call, collection: Collection, body: JsonObject): Scope {
    const all: Scope = { fields: {}, holder: undefined, contains: () => true };
    if (!collection.kinds.includes('standard_cost_code') || call.operation.method === 'DELETE') return all;
    const list = call.query.int('standard_cost_code_list_id') ?? asInt(body['standard_cost_code_list_id']);
    if (list === undefined) {
      throw refused(400, 'param is missing or the value is empty: standard_cost_code_list_id');
    }
    const known = this.records
      .of(call.company, 'standard_cost_code')
      .some((r) => r.fields['standard_cost_code_list_id'] === list);
    if (!known && call.company.erpListId !== list) {
      throw new ApiError(404, {
        message: `Couldn't find StandardCostCodeList with 'id'=${list}`,
        exception: 'ActiveRecord::RecordNotFound',
      });
    }
    return {
      fields: { standard_cost_code_list_id: list },
      holder: undefined,
      contains: (r) => r.fields['standard_cost_code_list_id'] === list,
    };
  }

  private attributes(call: Call, collection: Collection): JsonObject {
    const body = isObject(call.body) ? call.body : undefined;
    const inner = collection.wrap === undefined || isV2(call) ? body : body?.[collection.wrap];
    if (!isObject(inner)) {
      throw refused(400, `param is missing or the value is empty: ${collection.wrap ?? ''}`);
    }
    return writable(call.operation, collection.wrap, inner);
  }

  private checkRefs(company: Company, collection: Collection, attributes: JsonObject): void {
    for (const [field, kind] of Object.entries(collection.refs ?? {})) {
      const value = attributes[field];
      if (value !== undefined && value !== null && !this.records.find(company, kind, value)) {
        throw new ItemError({ [field]: ['must exist'] });
      }
    }
  }

  /** ERP guide: on projects of the ERP only the sync action may write cost codes. */
  private refuseErpCostCode(call: Call, collection: Collection, scope: Scope): void {
    if (!collection.kinds.includes('cost_code')) return;
    const project = this.records.get(call.company, 'project', scope.fields['project_id']);
    if (isErpProject(project)) {
      throw refused(422, 'Cost codes of an ERP integrated project cannot be changed here');
    }
  }

  /** The schedule of values is locked once its contract or change order is in the ERP or on its way. */
  private refuseLockedLines(holder: SimRecord | undefined): void {
    if (!holder || holder.kind === 'prime_contract') return;
    if (isLinked(holder) || holder.erp.status === 'exporting') {
      throw new ItemError({ base: [`The ${KINDS[holder.kind].label} is locked by ERP`] });
    }
  }

  private author(call: Call): Records {
    return this.records.by(call.token.userId);
  }

  private view(call: Call, record: SimRecord): unknown {
    const named = NAMED_VIEWS[record.kind];
    if (named) return named(record, call.query.get('view'));
    const value = this.parts.views.any(call.company, record);
    const shown = likeResponse(call.operation, value, (id) => this.parts.catalogue.get(id));
    return isV2(call) ? idsAsText(shown) : shown;
  }

  private syncView(call: Call, record: SimRecord): unknown {
    const brief =
      record.kind === 'standard_cost_code' &&
      call.query.get('view') === undefined &&
      this.parts.standardCodeSyncView === 'ids';
    if (!brief) return this.view(call, record);
    return { id: record.id, standard_cost_code_list_id: record.fields['standard_cost_code_list_id'] };
  }

  private envelope(call: Call, body: unknown): unknown {
    return isV2(call) ? { data: body } : body;
  }

  /** Outside of a sync action the errors of the one record are those of the call. */
  private asRequest(work: () => Reply): Reply {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof ItemError)) throw error;
      const taken = error.errors['origin_id']?.includes('has already been taken') === true;
      throw new ApiError(taken ? this.parts.duplicateOriginIdStatus : 422, { errors: error.errors });
    }
  }
}

function isV2(call: Call): boolean {
  return call.operation.path.startsWith('/rest/v2');
}

function kindFor(collection: Collection, attributes: JsonObject): Collection['kinds'][number] {
  const purchase = collection.kinds.find((kind) => kind === 'purchase_order_contract');
  if (purchase && attributes['type'] === 'PurchaseOrderContract') return purchase;
  const [first] = collection.kinds;
  if (first === undefined) throw new Error('a collection without kinds');
  return first;
}

/** v2 prints every id as text. */
function idsAsText(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(idsAsText);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const isId = (key === 'id' || key.endsWith('_id')) && typeof item === 'number';
      return [key, isId ? String(item) : idsAsText(item)];
    }),
  );
}
