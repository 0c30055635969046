import { isTiebackError, TiebackError } from '../../domain/base/errors';
import type { Entity } from '../../domain/kinds/entity';
import type { ProcoreId } from '../../domain/request/intent';
import type { Call, ProcoreHttp } from '../http';
import { fillPath } from '../http';
import type { JsonObject } from '../json';
import { textOrNull, toId } from '../json';
import { eachPage, firstPage, readPage } from '../pages';
import type { ProcoreCompany } from '../port';

type Found = Awaited<ReturnType<ProcoreCompany['findByOriginId']>>[number];
type Line = Awaited<ReturnType<ProcoreCompany['listLines']>>[number];

/** A list whose rows carry `origin_id`. */
interface Collection {
  readonly operation: string;
  readonly path: string;
  readonly itemType: string;
  readonly scope: 'company' | 'project' | 'standard cost code list';
  /** Whether the OpenAPI knows `filters[origin_id]` here. */
  readonly filtered: boolean;
  /** Beside its scope. */
  readonly query?: Readonly<Record<string, string>>;
}

const list = (name: string, collection: Omit<Collection, 'operation' | 'path'>): Collection => ({
  operation: `${name}.list`,
  path: `/rest/v1.0/${name}`,
  ...collection,
});

/**
 * Where records of a kind are found by `origin_id`. Kinds without a list that shows it (prime contract change orders, budgets, company-level
 * direct costs, invoice payments; contract payments are listed per contract only) are known by their external data alone.
 */
const COLLECTIONS: Readonly<Record<Exclude<Entity, 'vendor'>, readonly Collection[]>> = {
  project: [list('projects', { itemType: 'project', scope: 'company', filtered: true })],
  sub_job: [list('sub_jobs', { itemType: 'sub_job', scope: 'project', filtered: false })],
  standard_cost_code: [
    list('standard_cost_codes', {
      itemType: 'standard_cost_code',
      scope: 'standard cost code list',
      filtered: true,
      query: { view: 'extended' },
    }),
  ],
  line_item_type: [list('line_item_types', { itemType: 'line_item_type', scope: 'company', filtered: true })],
  commitment: [
    list('work_order_contracts', { itemType: 'work_order_contract', scope: 'project', filtered: true }),
    list('purchase_order_contracts', {
      itemType: 'purchase_order_contract',
      scope: 'project',
      filtered: true,
    }),
  ],
  // The modern list of commitment change orders has no origin_id, the one of packages has.
  commitment_change_order: [
    list('change_order_packages', { itemType: 'change_order', scope: 'project', filtered: false }),
  ],
  requisition: [list('requisitions', { itemType: 'requisition', scope: 'project', filtered: true })],
  payment_application: [
    list('payment_applications', { itemType: 'payment_application', scope: 'project', filtered: false }),
  ],
  prime_contract: [
    list('prime_contracts', { itemType: 'prime_contract', scope: 'project', filtered: false }),
  ],
  budget: [],
  contract_payment: [],
  invoice_payment: [],
  prime_contract_change_order: [],
  company_level_direct_cost: [],
};

/** From here on one scan of the list costs fewer calls than a filter per record. */
const MANY = 8;

/** Which of these origin_ids Procore knows, and as what. Throws `PROCORE_REQUEST_INVALID` where a project is needed and not given. */
export async function findByOriginId(
  http: ProcoreHttp,
  entity: Exclude<Entity, 'vendor'>,
  originIds: readonly string[],
  projectId: ProcoreId | null,
): Promise<readonly Found[]> {
  const wanted = new Set(originIds);
  const found = new Map<string, Found>();
  for (const collection of wanted.size === 0 ? [] : COLLECTIONS[entity]) {
    for (const query of await scopesOf(http, collection, projectId)) {
      for (const call of callsFor(collection, query, [...wanted])) {
        for await (const rows of eachPage(http, call)) {
          // Some servers ignore a filter that they do not know.
          for (const row of rows) remember(found, wanted, row, collection.itemType);
        }
      }
    }
  }
  return [...found.values()];
}

type Query = Readonly<Record<string, string | number>>;

async function scopesOf(
  http: ProcoreHttp,
  collection: Collection,
  projectId: ProcoreId | null,
): Promise<readonly Query[]> {
  const { scope, operation, query = {} } = collection;
  if (scope === 'company') {
    // Cost types are listed for a company or for a project; the OpenAPI names both.
    const both = collection.itemType === 'line_item_type' && projectId !== null;
    return [{ ...query, company_id: http.companyId, ...(both ? { project_id: projectId } : {}) }];
  }
  if (scope === 'project') {
    if (projectId !== null) return [{ ...query, project_id: projectId }];
    throw new TiebackError('PROCORE_REQUEST_INVALID', { operation, reason: 'the project is missing' });
  }
  const lists = await erpLists(http);
  return lists.map((listId) => ({
    ...query,
    company_id: http.companyId,
    standard_cost_code_list_id: listId,
  }));
}

/** The company's ERP list of standard cost codes; there is one, made with the ERP connection. */
async function erpLists(http: ProcoreHttp): Promise<readonly ProcoreId[]> {
  const call: Call = {
    operation: 'standard_cost_code_lists.list',
    method: 'GET',
    path: '/rest/v1.0/standard_cost_code_lists',
    query: { company_id: http.companyId },
  };
  const ids: ProcoreId[] = [];
  for await (const rows of eachPage(http, call)) {
    for (const row of rows) {
      const id = toId(row['id']);
      if (id !== null && row['is_erp_list'] !== false) ids.push(id);
    }
  }
  return ids;
}

function callsFor({ operation, path, filtered }: Collection, query: Query, wanted: string[]): Call[] {
  const call: Call = { operation, method: 'GET', path, query };
  if (!filtered || wanted.length > MANY) return [call];
  return wanted.map((originId) => ({ ...call, query: { ...query, 'filters[origin_id]': originId } }));
}

function remember(
  found: Map<string, Found>,
  wanted: ReadonlySet<string>,
  row: JsonObject,
  itemType: string,
): void {
  const originId = textOrNull(row['origin_id']);
  const procoreId = toId(row['id']);
  if (originId === null || procoreId === null || !wanted.has(originId)) return;
  found.set(originId, { originId, procoreId, itemType });
}

const V2 = '/rest/v2.0/companies/{company_id}/projects/{project_id}';

/** The only list of lines without pages. */
const REQUISITION_LINES = '/rest/v1.0/requisitions/{id}/detail';

/** Lists of lines by the item type of their record, the first that is there. */
const LINE_LISTS: Readonly<Record<string, readonly string[]>> = {
  work_order_contract: ['/rest/v1.0/work_order_contracts/{id}/line_items'],
  purchase_order_contract: ['/rest/v1.0/purchase_order_contracts/{id}/line_items'],
  prime_contract: ['/rest/v1.0/prime_contracts/{id}/line_items'],
  // Both kinds of change order share the item type.
  change_order: [
    `${V2}/commitment_change_orders/{id}/line_items`,
    `${V2}/prime_change_orders/{id}/line_items`,
  ],
  requisition: [REQUISITION_LINES],
};

/**
 * Lines of a contract, change order or subcontractor invoice as Procore lists them; none where no list is documented, or where the
 * record is gone.
 */
export async function listLines(
  http: ProcoreHttp,
  itemType: string,
  procoreId: ProcoreId,
  projectId: ProcoreId,
): Promise<readonly Line[]> {
  for (const template of LINE_LISTS[itemType] ?? []) {
    const path = fillPath(template, { company_id: http.companyId, project_id: projectId, id: procoreId });
    const call: Call = {
      operation: `${itemType}.lines`,
      method: 'GET',
      path,
      ...(template.startsWith(V2) ? {} : { query: { project_id: projectId } }),
    };
    const lines = await linesAt(http, call, template === REQUISITION_LINES ? call : firstPage(http, call));
    if (lines !== null) return lines;
  }
  return [];
}

async function linesAt(http: ProcoreHttp, call: Call, first: Call): Promise<readonly Line[] | null> {
  const lines: Line[] = [];
  try {
    for await (const rows of eachPage(http, call, await readPage(http, first))) {
      for (const row of rows) {
        const procoreId = toId(row['id']);
        if (procoreId !== null) lines.push({ procoreId, originId: textOrNull(row['origin_id']) });
      }
    }
  } catch (error) {
    if (isTiebackError(error) && error.code === 'PROCORE_NOT_FOUND') return null;
    throw error;
  }
  return lines;
}
