import { refused } from '../errors';
import type { Call } from '../http-kit';
import { asString, isObject, type JsonObject } from '../json';
import type { State } from '../state';
import { ItemError } from '../sync-action';
import type { Kind, SimRecord } from './record';
import type { Records } from './store';
import type { Views } from './views';

export interface SyncContext {
  call: Call;
  records: Records;
  views: Views;
  state: State;
}

/** What the sync action of a kind does beyond matching by id and origin_id. */
export interface SyncRule {
  /** Fields shared by all items of the call, from its body. */
  scope?(context: SyncContext): JsonObject;
  /** More attributes than were sent. */
  attributes?(context: SyncContext, item: JsonObject, shared: JsonObject): JsonObject;
  match?(context: SyncContext, item: JsonObject, shared: JsonObject): SimRecord | undefined;
  mustExist?: boolean;
  after?(context: SyncContext, record: SimRecord): void;
}

const BASE_TYPES = [
  'labor',
  'equipment',
  'materials',
  'commitment',
  'owner_cost',
  'professional_services',
  'other',
];

export const SYNC_RULES: Partial<Record<Kind, SyncRule>> = {
  standard_cost_code: { attributes: standardCode },
  line_item_type: {
    attributes: (_context, item) => {
      const base = item['base_type'];
      if (base !== undefined && base !== null && !BASE_TYPES.some((known) => known === base)) {
        throw new ItemError({ base_type: ['is not included in the list'] });
      }
      return 'csv_import_code' in item ? { code: item['csv_import_code'] } : {};
    },
  },
  cost_code_line_item_type: {
    attributes: ({ call, records }, item, shared) => {
      const code = records.find(call.company, 'cost_code', item['cost_code_id']);
      const here = code?.fields['project_id'] === shared['project_id'];
      if (!code || !here || (code.fields['sub_job_id'] ?? null) !== (shared['sub_job_id'] ?? null)) {
        throw new ItemError({ cost_code_id: ['must exist'] });
      }
      if (!records.find(call.company, 'line_item_type', item['line_item_type_id'])) {
        throw new ItemError({ line_item_type_id: ['must exist'] });
      }
      return {};
    },
    match: samePair,
  },
  erp_job_cost: {
    scope: ({ call, records }) => {
      const body = isObject(call.body) ? call.body : {};
      const job = records.byOrigin(call.company, ['project', 'sub_job'], body['job_origin_id']);
      if (!job) throw refused(422, `No job with origin_id ${String(body['job_origin_id'])}`);
      return job.kind === 'project'
        ? { project_id: job.id, sub_job_id: null }
        : { project_id: job.fields['project_id'], sub_job_id: job.id };
    },
    attributes: ({ call, records }, item, shared) => {
      const code = records.find(call.company, 'cost_code', item['cost_code_id']);
      if (!code || (code.fields['sub_job_id'] ?? null) !== shared['sub_job_id']) {
        throw new ItemError({ cost_code_id: ['must exist'] });
      }
      if (code.fields['project_id'] !== shared['project_id']) {
        throw new ItemError({ cost_code_id: ['belongs to another job'] });
      }
      return {};
    },
    match: samePair,
  },
  erp_transaction: { mustExist: true },
};

function samePair(
  { call, records }: SyncContext,
  item: JsonObject,
  shared: JsonObject,
): SimRecord | undefined {
  const kind: Kind = call.operation.path.includes('erp_job_costs')
    ? 'erp_job_cost'
    : 'cost_code_line_item_type';
  return records
    .of(call.company, kind)
    .find(
      (r) =>
        r.fields['cost_code_id'] === item['cost_code_id'] &&
        (r.fields['line_item_type_id'] ?? null) === (item['line_item_type_id'] ?? null) &&
        r.fields['project_id'] === shared['project_id'],
    );
}

/** Here, and only here, `code` carries the codes of its parents: "23-050". The record keeps the last part. */
function standardCode(
  { call, records, views }: SyncContext,
  item: JsonObject,
  shared: JsonObject,
): JsonObject {
  const { company } = call;
  const inList = (r: SimRecord | undefined): SimRecord | undefined =>
    r?.fields['standard_cost_code_list_id'] === shared['standard_cost_code_list_id'] ? r : undefined;
  let parent: SimRecord | undefined;
  if (item['parent_id'] !== undefined && item['parent_id'] !== null) {
    parent = inList(records.find(company, 'standard_cost_code', item['parent_id']));
    if (!parent) throw new ItemError({ parent_id: ['must exist'] });
  }
  const parentOrigin = asString(item['parent_origin_id']);
  if (parentOrigin !== undefined) {
    parent = inList(records.byOrigin(company, 'standard_cost_code', parentOrigin));
    if (!parent) throw new ItemError({ parent_origin_id: ['must exist'] });
  }
  const result: JsonObject = parent ? { parent_id: parent.id } : {};
  const code = asString(item['code']);
  if (code === undefined) return result;
  const prefix = parent ? `${views.fullCode(company, parent)}-` : '';
  return { ...result, code: code.startsWith(prefix) ? code.slice(prefix.length) : code };
}
