import { validateBody } from './body-validation';
import { loadOperations, type OperationRecord } from './data';
import type { Query } from './http-kit';
import type { Violation } from './types';
import { UNPLAYED } from './unplayed';

export interface Match {
  operation: OperationRecord;
  params: Record<string, string>;
}

const DEFAULT_PREFIX = '/rest/v1.0/companies/{company_id}';

/** Operations whose published bodies are also shown as bare arrays (ERP guide of 2021). */
const BARE_ARRAY_ALLOWED = new Set(['requestDetail.sync', 'externalData.sync']);

/** The list names both as required; of the company or of a project, never of both. */
const EITHER_SCOPE = new Set(['RestV10LineItemTypesGet']);

const HOOKS_V1 = '/rest/v1.0/webhooks/hooks';
const HOOKS_V2 = '/rest/v2.0/companies/{company_id}/webhooks/hooks';

/** Calls named in the guides without an entry of their own in the catalogue. */
const EXTRA: { like: string; operationId: string; method: string; path: string; bodySchema?: unknown }[] = [
  {
    like: 'requestDetail.update',
    operationId: 'requestDetail.replace',
    method: 'PUT',
    path: `${DEFAULT_PREFIX}/erp_request_details/{id}`,
  },
  {
    like: 'RestV10WebhooksHooksHookIdTriggersBulkPost',
    operationId: 'RestV10WebhooksHooksHookIdTriggersBulkDelete',
    method: 'DELETE',
    path: `${HOOKS_V1}/{hook_id}/triggers/bulk`,
    bodySchema: {
      $oneOf: [
        { 'company_id!': 'int', 'triggers!': ['int'] },
        { 'project_id!': 'int', 'triggers!': ['int'] },
      ],
    },
  },
  {
    like: 'RestV10CostCodesIdPatch',
    operationId: 'RestV10CostCodesIdGet',
    method: 'GET',
    path: '/rest/v1.0/cost_codes/{id}',
    bodySchema: null,
  },
  {
    like: 'RestV10ProjectsGet',
    operationId: 'RestV11ProjectsGet',
    method: 'GET',
    path: '/rest/v1.1/projects',
  },
  {
    like: 'RestV10VendorsGet',
    operationId: 'RestV11ProjectsProjectIdVendorsGet',
    method: 'GET',
    path: '/rest/v1.1/projects/{project_id}/vendors',
  },
  {
    like: 'RestV13CompaniesCompanyIdUsersGet',
    operationId: 'RestV11CompaniesCompanyIdUsersGet',
    method: 'GET',
    path: '/rest/v1.1/companies/{company_id}/users',
  },
  ...(['Get', 'Post', 'IdGet', 'IdPatch', 'IdDelete'] as const).flatMap((name) => {
    const method = name.replace('Id', '').toUpperCase();
    const like = `RestV10ProjectsProjectIdDirectCosts${name}`;
    const path = `/rest/v1.1/projects/{project_id}/direct_costs${name.startsWith('Id') ? '/{id}' : ''}`;
    const operationId = `RestV11ProjectsProjectIdDirectCosts${name}`;
    // The catalogue has the create of v1.1 itself.
    return name === 'Post' ? [] : [{ like, operationId, method, path }];
  }),
  ...(['folders', 'files'] as const).flatMap((kind) => {
    const name = kind === 'folders' ? 'Folders' : 'Files';
    const path = `/rest/v1.0/${kind}/{id}`;
    const like = `RestV10${name}IdGet`;
    const bodySchema = { [kind.slice(0, -1)]: { '...': 'any' } };
    return [
      { like, operationId: `RestV10${name}IdPatch`, method: 'PATCH', path, bodySchema },
      { like, operationId: `RestV10${name}IdDelete`, method: 'DELETE', path },
    ];
  }),
  {
    like: 'RestV10ProjectsProjectIdTimesheetsIdGet',
    operationId: 'RestV10ProjectsProjectIdTimesheetsPost',
    method: 'POST',
    path: '/rest/v1.0/projects/{project_id}/timesheets',
    bodySchema: { 'timesheet!': { 'date!': 'date' } },
  },
  {
    like: 'RestV10ProjectsProjectIdCrewsIdGet',
    operationId: 'RestV10ProjectsProjectIdCrewsPost',
    method: 'POST',
    path: '/rest/v1.0/projects/{project_id}/crews',
    bodySchema: {
      'crew!': { name: 'string', lead_party_id: 'int', party_ids: ['int'], equipment_ids: ['int'] },
    },
  },
  {
    like: 'RestV10WebhooksResourcesGet',
    operationId: 'RestV10WebhooksResourcesApiVersionsGet',
    method: 'GET',
    path: '/rest/v1.0/webhooks/resources/api_versions',
  },
  {
    like: 'RestV20CompaniesCompanyIdWebhooksHooksPost',
    operationId: 'RestV20CompaniesCompanyIdWebhooksHooksIdPatch',
    method: 'PATCH',
    path: `${HOOKS_V2}/{id}`,
    bodySchema: {
      status: 'string: active|disabled',
      payload_version: 'string',
      namespace: 'string',
      destination_headers: { Authorization: 'string' },
      destination_url: 'string',
    },
  },
  {
    like: 'RestV20CompaniesCompanyIdWebhooksHooksIdDelete',
    operationId: 'RestV20CompaniesCompanyIdWebhooksHooksHookIdTriggersIdDelete',
    method: 'DELETE',
    path: `${HOOKS_V2}/{hook_id}/triggers/{id}`,
  },
];

/** What the ERP guides show of an operation and the OpenAPI leaves out: merged into the items of `updates`. */
const SHOWN_IN_GUIDES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  // ERP guides of 2021 and 2022, standard cost codes.
  RestV10StandardCostCodesSyncPatch: { parent_origin_id: 'string' },
  // "ERP Technical Guide", cost types: a sample of the sync action has the base type "labor".
  RestV10LineItemTypesSyncPatch: {
    base_type: 'string: labor|equipment|materials|commitment|owner_cost|professional_services|other',
  },
};

function completed(operation: OperationRecord): OperationRecord {
  const shown = SHOWN_IN_GUIDES[operation.operationId];
  const body = operation.bodySchema as { 'updates!': readonly object[] };
  if (shown === undefined) return operation;
  return { ...operation, bodySchema: { ...body, 'updates!': [{ ...body['updates!'][0], ...shown }] } };
}

const UNPLAYED_PATTERNS = UNPLAYED.map(
  (template) => new RegExp(`^${template.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`),
);

interface Entry {
  operation: OperationRecord;
  segments: string[];
  literals: number;
}

function isInferred(operation: OperationRecord): boolean {
  return operation.group === 'erp' && /inferred|probe|path unknown/.test(operation.confidence);
}

/** All documented operations; finds the one a request means and says what is undocumented in it. */
export class Catalogue {
  private readonly entries: Entry[] = [];
  private readonly byId = new Map<string, OperationRecord>();

  constructor(inferredPrefix: string = DEFAULT_PREFIX) {
    for (const published of loadOperations()) {
      const record = completed(published);
      const moved = isInferred(record) && record.path.startsWith(DEFAULT_PREFIX);
      this.add(
        moved ? { ...record, path: inferredPrefix + record.path.slice(DEFAULT_PREFIX.length) } : record,
      );
    }
    for (const { like, ...extra } of EXTRA) {
      const base = this.byId.get(like);
      if (base) this.add({ ...base, ...extra });
    }
  }

  /** Does Procore publish an operation there that is not played? */
  isUnplayed(method: string, path: string): boolean {
    return UNPLAYED_PATTERNS.some((pattern) => pattern.test(`${method} ${path.replace(/\/$/, '')}`));
  }

  get(operationId: string): OperationRecord | undefined {
    return this.byId.get(operationId);
  }

  match(method: string, path: string): Match | undefined {
    const segments = path.replace(/\/$/, '').split('/');
    let best: Entry | undefined;
    for (const entry of this.entries) {
      if (entry.operation.method !== method || entry.segments.length !== segments.length) continue;
      const fits = entry.segments.every((s, i) => s.startsWith('{') || s === segments[i]);
      if (fits && (!best || entry.literals > best.literals)) best = entry;
    }
    if (!best) return undefined;
    const params: Record<string, string> = {};
    best.segments.forEach((s, i) => {
      if (s.startsWith('{')) params[s.slice(1, -1)] = decodeURIComponent(segments[i] ?? '');
    });
    return { operation: best.operation, params };
  }

  /** Undocumented or missing parts of a request. They do not stop it: Procore ignores what it does not know. */
  violations(operation: OperationRecord, query: Query, body: unknown): Violation[] {
    return [...this.queryViolations(operation, query), ...this.bodyViolations(operation, body)];
  }

  private queryViolations(operation: OperationRecord, query: Query): Violation[] {
    const found: Violation[] = [];
    const plain = (name: string): string => name.replace(/\[\]$/, '');
    const webhooks = operation.path.includes('/webhooks/');
    const known = new Set(operation.queryParams.map((p) => plain(p.name)));
    // A hook belongs to a company or to a project: the catalogue lists both, the guide says either.
    if (webhooks) ['company_id', 'project_id', 'api_version'].forEach((name) => known.add(name));
    if (webhooks) known.add('filter[status]');
    for (const name of query.names()) {
      if (!known.has(plain(name))) {
        found.push({
          kind: 'unknown-query-parameter',
          where: name,
          message: `${name} is not documented here`,
        });
      }
    }
    if (EITHER_SCOPE.has(operation.operationId) && query.has('company_id') && query.has('project_id')) {
      const message = 'company_id or project_id, not both';
      found.push({ kind: 'wrong-value', where: 'project_id', message });
    }
    for (const parameter of operation.queryParams) {
      if (parameter.required !== true || query.has(plain(parameter.name))) continue;
      const eitherScope = webhooks || EITHER_SCOPE.has(operation.operationId);
      if (eitherScope && (query.has('company_id') || query.has('project_id'))) continue;
      found.push({
        kind: 'missing-query-parameter',
        where: parameter.name,
        message: `${parameter.name} is required`,
      });
    }
    for (const parameter of operation.queryParams) {
      const value = query.get(plain(parameter.name));
      if (value === undefined) continue;
      if (parameter.name === 'per_page' && operation.path.startsWith('/rest/v2') && Number(value) > 100) {
        found.push({ kind: 'wrong-value', where: 'per_page', message: 'a page of v2 has at most 100 rows' });
      }
      if (parameter.type === 'int' && !/^-?\d+$/.test(value)) {
        found.push({ kind: 'wrong-type', where: parameter.name, message: `expected int, got ${value}` });
      }
      if (parameter.enum && !parameter.enum.map(String).includes(value)) {
        found.push({
          kind: 'wrong-value',
          where: parameter.name,
          message: `${value} is not one of ${parameter.enum.map(String).join('|')}`,
        });
      }
    }
    return found;
  }

  private bodyViolations(operation: OperationRecord, body: unknown): Violation[] {
    const schema = operation.bodySchema;
    if (schema === null || schema === undefined) {
      if (body === undefined) return [];
      return [{ kind: 'unknown-body-field', where: '$', message: 'this operation takes no body' }];
    }
    const value =
      BARE_ARRAY_ALLOWED.has(operation.operationId) && Array.isArray(body) ? { updates: body } : body;
    return validateBody(schema, value ?? {}, (id) => this.byId.get(id)?.bodySchema);
  }

  private add(operation: OperationRecord): void {
    const segments = operation.path.split('/');
    this.byId.set(operation.operationId, operation);
    this.entries.push({
      operation,
      segments,
      literals: segments.filter((s) => !s.startsWith('{')).length,
    });
  }
}
