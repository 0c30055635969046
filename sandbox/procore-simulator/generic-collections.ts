import { isoSeconds } from './clock';
import { ApiError, notFound } from './errors';
import { NO_CONTENT, ok, created, pathId, type Call, type Handler, type Reply } from './http-kit';
import { asInt, asString, isObject, type JsonObject } from './json';
import { paginate, paginateV2 } from './pagination';
import { listPath } from './records/collections';
import type { Company, State } from './state';
import { ItemError, syncAction } from './sync-action';

/**
 * Documented operations without rules of their own: records are kept as they were sent, matched by id, then by
 * origin_id. Enough for a client that only wants its calls accepted.
 */
export class GenericCollections {
  constructor(private readonly state: State) {}

  handler(call: Call): Handler | undefined {
    const { method, path } = call.operation;
    const collection = listPath(path.replace(/\/(sync|\{id\})$/, ''));
    if (path.endsWith('/sync')) return () => this.sync(call, collection);
    if (path.endsWith('/{id}')) {
      if (method === 'GET') return () => ok(this.find(call, collection));
      if (method === 'PATCH' || method === 'PUT') return () => this.update(call, collection);
      if (method === 'DELETE') return () => this.remove(call, collection);
      return undefined;
    }
    if (path.includes('/actions/') || path.includes('bulk')) return undefined;
    if (method === 'GET') return () => this.list(call, collection);
    // The report of a budget view is asked for with a body.
    if (path.endsWith('/budget_details')) return () => this.list(call, collection);
    if (method === 'POST') return () => created(this.insert(call, collection, unwrap(call.body)));
    return undefined;
  }

  private records(company: Company, collection: string): Map<number, JsonObject> {
    let records = company.collections.get(collection);
    if (!records) {
      records = new Map();
      company.collections.set(collection, records);
    }
    return records;
  }

  private list(call: Call, collection: string): Reply {
    const originIds = call.query.list('filters[origin_id]');
    const project = call.params['project_id'] ?? call.query.get('project_id');
    const found = [...this.records(call.company, collection).values()].filter(
      (r) =>
        (!originIds || originIds.includes(asString(r['origin_id']) ?? '')) &&
        (project === undefined ||
          r['project_id'] === undefined ||
          String(asInt(r['project_id'])) === project),
    );
    const v2 = call.operation.path.startsWith('/rest/v2');
    return v2 ? paginateV2(found, call, (r) => r) : paginate(found, call, (r) => r);
  }

  private sync(call: Call, collection: string): Reply {
    return syncAction(call.body, (item) => {
      const records = this.records(call.company, collection);
      const originId = asString(item['origin_id']);
      let found: JsonObject | undefined;
      if (item['id'] !== undefined && item['id'] !== null) {
        found = records.get(asInt(item['id']) ?? -1);
        if (!found && collection !== '/rest/v1.0/erp_transactions') {
          throw new ItemError({ id: ['Entity with this ID not found'] });
        }
      } else if (originId !== undefined) {
        found = [...records.values()].find((r) => r['origin_id'] === originId);
      }
      if (!found) return this.insert(call, collection, item);
      return this.change(found, item);
    });
  }

  private insert(call: Call, collection: string, item: JsonObject): JsonObject {
    const id = asInt(item['id']) ?? this.state.nextId('record');
    const now = isoSeconds(this.state.now());
    const project = asInt(call.params['project_id']) ?? call.query.int('project_id');
    const record = {
      ...(project === undefined ? {} : { project_id: project }),
      ...item,
      id,
      created_at: now,
      updated_at: now,
    };
    this.records(call.company, collection).set(id, record);
    return record;
  }

  private change(record: JsonObject, item: JsonObject): JsonObject {
    const before = JSON.stringify(record);
    Object.assign(record, item, { id: record['id'] });
    if (JSON.stringify(record) !== before) record['updated_at'] = isoSeconds(this.state.now());
    return record;
  }

  private find(call: Call, collection: string): JsonObject {
    const record = this.records(call.company, collection).get(pathId(call));
    if (!record) throw notFound(`Couldn't find the record with 'id'=${call.params['id'] ?? ''}`);
    return record;
  }

  private update(call: Call, collection: string): Reply {
    // ProPyCore sends an update without a body before it sends the lines.
    return ok(this.change(this.find(call, collection), call.body === undefined ? {} : unwrap(call.body)));
  }

  private remove(call: Call, collection: string): Reply {
    this.find(call, collection);
    this.records(call.company, collection).delete(pathId(call));
    return NO_CONTENT;
  }
}

/** `{"company_id": 1, "project": {…}}` → the inner object. */
function unwrap(body: unknown): JsonObject {
  if (!isObject(body)) throw new ApiError(400, { errors: 'param is missing or the value is empty' });
  const inner = Object.entries(body).filter(([key, value]) => isObject(value) && !key.endsWith('_id'));
  return inner.length === 1 && isObject(inner[0]?.[1]) ? inner[0][1] : body;
}
