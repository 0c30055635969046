import { TiebackError } from '../../domain/base/errors';
import type { RefTarget } from '../../domain/kinds/entity';
import { originIdOf } from '../../domain/base/identity';
import { isDecimal } from '../../domain/base/money';
import type { FieldValue } from '../../domain/kinds/record';
import type { ProcoreHttp } from '../http';
import { fillPath } from '../http';
import type { JsonObject } from '../json';
import type { ItemError, SyncItem, SyncOutcome, SyncResource, SyncScope } from '../port';
import type { ProcorePaths } from '../settings';
import type { Identity } from '../sync';
import { sync } from '../sync';

/** Where a canonical field goes: the same value under Procore's name, a JSON number, or the `origin_id` of another record. */
type ProcoreField =
  | { readonly name: string; readonly as: 'same' | 'number' | 'base_type' }
  | { readonly name: string; readonly as: 'origin_id'; readonly of: RefTarget };

/** One resource with a sync action: everything that is different from the others. */
interface Resource {
  readonly operation: string;
  /** A published path, or the key of one that may be configured. */
  readonly path: `/${string}` | keyof ProcorePaths;
  readonly query?: (scope: Scope) => Readonly<Record<string, string | number>>;
  /** Fields beside `updates`. */
  readonly body?: (scope: Scope) => JsonObject;
  /** What every item must have, so that it can never become a twin. */
  readonly key: 'id or origin_id' | 'id' | 'pair' | 'invoice';
  readonly fields: Readonly<Record<string, ProcoreField>>;
  /** What is sent beside keys and fields. */
  readonly constant?: JsonObject;
}

interface Scope {
  readonly companyId: number;
  readonly projectId: number;
  readonly subJobId: number | null;
  readonly listId: number;
  readonly jobOriginId: string;
}

const same = (name: string): ProcoreField => ({ name, as: 'same' });
const number = (name: string): ProcoreField => ({ name, as: 'number' });

const projectAndSubJob = ({ projectId, subJobId }: Scope): Readonly<Record<string, number>> => ({
  project_id: projectId,
  ...(subJobId === null ? {} : { sub_job_id: subJobId }),
});

/**
 * The sync actions ("Using Sync Actions", OpenAPI, ERP technical guide). A canonical field that is not here has no documented place in
 * the resource and is not sent.
 */
const RESOURCES: Readonly<Record<SyncResource, Resource>> = {
  standard_cost_codes: {
    operation: 'standardCostCodes.sync',
    path: '/rest/v1.0/standard_cost_codes/sync',
    // The default view echoes nothing but ids, which no item could be recognised by.
    query: () => ({ view: 'extended' }),
    body: ({ companyId, listId }) => ({ company_id: companyId, standard_cost_code_list_id: listId }),
    key: 'id or origin_id',
    fields: {
      // Here the code carries its parents ("23-050").
      code: same('code'),
      name: same('name'),
      // The ERP guide's name; the OpenAPI has only `parent_id`.
      parent: { name: 'parent_origin_id', as: 'origin_id', of: 'standard_cost_code' },
    },
  },
  line_item_types: {
    operation: 'lineItemTypes.sync',
    path: '/rest/v1.0/line_item_types/sync',
    body: ({ companyId }) => ({ company_id: companyId }),
    key: 'id or origin_id',
    fields: {
      code: same('csv_import_code'),
      name: same('name'),
      baseType: { name: 'base_type', as: 'base_type' },
    },
  },
  projects: {
    operation: 'projects.sync',
    path: '/rest/v1.0/projects/sync',
    body: ({ companyId }) => ({ company_id: companyId }),
    key: 'id or origin_id',
    fields: {
      // `project_number` is the project team's own.
      code: same('accounting_project_number'),
      name: same('name'),
      address: same('address'),
      city: same('city'),
      stateCode: same('state_code'),
      postalCode: same('zip'),
      isActive: same('active'),
    },
  },
  sub_jobs: {
    operation: 'subJobs.sync',
    path: '/rest/v1.0/sub_jobs/sync',
    query: ({ projectId }) => ({ project_id: projectId }),
    body: ({ projectId }) => ({ project_id: projectId }),
    key: 'id or origin_id',
    fields: { code: same('code'), name: same('name') },
  },
  cost_codes: {
    operation: 'costCodes.sync',
    path: '/rest/v1.0/cost_codes/sync',
    query: projectAndSubJob,
    key: 'id or origin_id',
    fields: { code: same('code'), name: same('name') },
  },
  cost_code_line_item_types: {
    operation: 'costCodeLineItemTypes.sync',
    path: 'costCodeLineItemTypes.sync',
    query: projectAndSubJob,
    key: 'pair',
    fields: {},
    constant: { synced: true },
  },
  erp_job_costs: {
    operation: 'jobCosts.sync',
    path: 'jobCosts.sync',
    body: ({ companyId, jobOriginId }) => ({ company_id: companyId, job_origin_id: jobOriginId }),
    key: 'pair',
    fields: {
      originalBudget: number('original_estimate'),
      revisedBudget: number('estimate'),
      committedCosts: number('committed_costs'),
      approvedCommitmentChanges: number('approved_commitment_changes'),
      commitmentInvoiced: number('commitment_invoiced'),
      jobToDateCosts: number('job_to_date_cost'),
    },
  },
  erp_transactions: {
    operation: 'transactions.sync',
    path: 'transactions.sync',
    body: ({ projectId }) => ({ project_id: projectId }),
    key: 'id',
    fields: {},
    constant: { synced: true },
  },
  invoice_payments: {
    operation: 'invoicePayments.sync',
    path: 'invoicePayments.sync',
    body: ({ companyId }) => ({ company_id: companyId }),
    key: 'invoice',
    fields: { code: same('origin_code') },
    constant: { invoice_type: 'Billings::Requisition' },
  },
};

const PAIR: Identity = ['cost_code_id', 'line_item_type_id'];
const IDENTITIES: Readonly<Record<Resource['key'], readonly Identity[]>> = {
  'id or origin_id': ['id', 'origin_id'],
  id: ['id'],
  pair: [PAIR],
  invoice: ['origin_id'],
};

/**
 * Writes records of one resource by id or `origin_id`. Throws `PROCORE_REQUEST_INVALID` for an item without its key and for a scope
 * that is missing; an item whose amount Procore's numbers cannot hold exactly is answered as an error and not sent.
 */
export async function syncRecords(
  http: ProcoreHttp,
  name: SyncResource,
  given: SyncScope,
  items: readonly SyncItem[],
): Promise<SyncOutcome> {
  const resource = withSettings(http, name);
  const unkeyed = items.find((item) => !hasKey(resource, item));
  if (unkeyed !== undefined) {
    throw unusable(resource, `"${unkeyed.key}" has no ${resource.key}`);
  }
  const scope = scopeOf(http, resource, given);
  const refused = items.flatMap((item) => inexact(resource, item));
  const keys = new Set(refused.map(({ key }) => key));
  const outcome = await sync(http, {
    operation: resource.operation,
    path: pathOf(http, resource),
    ...(resource.query === undefined ? {} : { query: resource.query(scope) }),
    ...(resource.body === undefined ? {} : { scope: resource.body(scope) }),
    items: items.filter(({ key }) => !keys.has(key)),
    batchSize: http.settings.batchSizes.records,
    encode: (item) => encode(resource, item),
    key: ({ key }) => key,
    identity: IDENTITIES[resource.key],
  });
  return { errors: [...refused, ...outcome.errors], ids: outcome.ids };
}

/** The fields of a payment that the guides do not name are those the configuration names. */
function withSettings(http: ProcoreHttp, name: SyncResource): Resource {
  const resource = RESOURCES[name];
  if (name !== 'invoice_payments') return resource;
  const named = Object.entries(http.settings.invoicePaymentFields);
  return {
    ...resource,
    fields: { ...resource.fields, ...Object.fromEntries(named.map(([field, to]) => [field, same(to)])) },
  };
}

function hasKey({ key }: Resource, { procoreId, originId, pair, invoiceId }: SyncItem): boolean {
  const named = originId !== undefined && originId !== '';
  switch (key) {
    case 'id or origin_id':
      return procoreId !== undefined || named;
    case 'id':
      return procoreId !== undefined;
    case 'pair':
      return pair !== undefined;
    case 'invoice':
      return invoiceId !== undefined && named;
  }
}

const pathOf = (http: ProcoreHttp, { path }: Resource): string =>
  isPath(path) ? path : fillPath(http.settings.paths[path], { company_id: http.companyId });

const isPath = (path: Resource['path']): path is `/${string}` => path.startsWith('/');

/** Reading a part of the scope that was not given is a fault of the caller. */
function scopeOf(http: ProcoreHttp, resource: Resource, given: SyncScope): Scope {
  const needed = <T>(value: T | null | undefined, words: string): T => {
    if (value !== undefined && value !== null) return value;
    throw unusable(resource, `${words} is missing`);
  };
  return {
    companyId: http.companyId,
    get projectId() {
      return needed(given.projectId, 'the project');
    },
    subJobId: given.subJobId ?? null,
    get listId() {
      return needed(given.listId, 'the standard cost code list');
    },
    get jobOriginId() {
      return needed(given.jobOriginId, 'the origin_id of the job');
    },
  };
}

function encode(resource: Resource, item: SyncItem): JsonObject {
  const { pair, invoiceId, parentId, standardCostCodeId } = item;
  return {
    ...(item.procoreId === undefined ? {} : { id: item.procoreId }),
    ...(item.originId === undefined || resource.key === 'pair' ? {} : { origin_id: item.originId }),
    ...(resource.key !== 'pair' || pair === undefined
      ? {}
      : { cost_code_id: pair.costCodeId, line_item_type_id: pair.lineItemTypeId }),
    ...(invoiceId === undefined || resource.key !== 'invoice' ? {} : { invoice_id: invoiceId }),
    ...resource.constant,
    ...fieldsOf(resource, item),
    ...(parentId === undefined ? {} : { parent_id: parentId }),
    ...(standardCostCodeId === undefined ? {} : { standard_cost_code_id: standardCostCodeId }),
  };
}

function fieldsOf({ fields }: Resource, { fields: values, parentId }: SyncItem): JsonObject {
  const result: Record<string, unknown> = {};
  for (const [field, to] of Object.entries(fields)) {
    const value = values[field];
    if (value === undefined) continue;
    result[to.name] = field === 'code' && parentId !== undefined ? lastSegment(value) : converted(to, value);
  }
  return result;
}

function converted(to: ProcoreField, value: FieldValue): unknown {
  if (value === null) return null;
  switch (to.as) {
    case 'same':
      return value;
    case 'number':
      return Number(value);
    case 'base_type':
      return value === 'commitments' ? 'commitment' : value;
    case 'origin_id':
      return originIdOf(to.of, String(value));
  }
}

/** A project cost code is sent without the codes of its parents: `23-050` below `23` is `050`. */
const lastSegment = (code: FieldValue): FieldValue =>
  typeof code === 'string' ? (code.split('-').at(-1) ?? code) : code;

/** Amounts of job costs are JSON numbers: those with more digits than one keeps are refused, never rounded. */
function inexact({ fields }: Resource, item: SyncItem): readonly ItemError[] {
  const messages = Object.entries(fields).flatMap(([field, to]) => {
    const value = item.fields[field];
    if (to.as !== 'number' || value === undefined || value === null || isExactNumber(String(value)))
      return [];
    return [`${to.name}: ${String(value)} cannot be sent to Procore without losing digits`];
  });
  return messages.length === 0 ? [] : [{ key: item.key, messages }];
}

/** 15 significant digits survive the way into a JSON number and back, whatever they are. */
function isExactNumber(text: string): boolean {
  if (!isDecimal(text)) return false;
  const digits = text.replace('-', '');
  const significant = digits.includes('.') ? digits.replace(/0+$/, '') : digits;
  return significant.replace('.', '').replace(/^0+/, '').length <= 15;
}

const unusable = ({ operation }: Resource, reason: string): TiebackError =>
  new TiebackError('PROCORE_REQUEST_INVALID', { operation, reason });
