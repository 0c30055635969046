import { isTiebackError } from '../../domain/base/errors';
import type { ProcoreId } from '../../domain/request/intent';
import type { Call, ProcoreHttp } from '../http';
import type { JsonObject } from '../json';
import { toId } from '../json';
import { eachPage } from '../pages';
import { openEnded } from '../resources/vendors';

/** Item types of the two kinds of commitments, which are also the names of their lists. */
export const CONTRACTS = ['work_order_contract', 'purchase_order_contract'] as const;
export type Contract = (typeof CONTRACTS)[number];

export const isContract = (itemType: string): itemType is Contract =>
  (CONTRACTS as readonly string[]).includes(itemType);

/** A row of a list, with its id read. */
export interface Row {
  readonly id: ProcoreId;
  readonly raw: JsonObject;
}

type Query = NonNullable<Call['query']>;

const V1 = '/rest/v1.0';

/** All rows of a list; those without a usable id are left out. */
async function rows(http: ProcoreHttp, name: string, path: string, query: Query): Promise<readonly Row[]> {
  const found: Row[] = [];
  const call: Call = { operation: `${name}.list`, method: 'GET', path, query };
  for await (const page of eachPage(http, call)) {
    for (const raw of page) {
      const id = toId(raw['id']);
      if (id !== null) found.push({ id, raw });
    }
  }
  return found;
}

export const listInactiveVendors = (http: ProcoreHttp): Promise<readonly Row[]> =>
  rows(http, 'vendors.inactive', `${V1}/companies/${http.companyId}/vendors/inactive`, {
    view: http.settings.vendorView,
  });

/** `Active` projects, or all, by ascending id: a scan that is cut off goes on after the last one. */
export async function listProjects(http: ProcoreHttp, status: 'Active' | 'All'): Promise<readonly Row[]> {
  const query = { company_id: http.companyId, 'filters[by_status]': status };
  const found = await rows(http, 'projects', `${V1}/projects`, query);
  return [...found].sort((a, b) => a.id - b.id);
}

/** Codes of the project itself; those of its sub jobs have lists of their own. */
export const listCostCodes = (http: ProcoreHttp, projectId: ProcoreId): Promise<readonly Row[]> =>
  rows(http, 'cost_codes', `${V1}/cost_codes`, { project_id: projectId });

export const listSubJobs = (http: ProcoreHttp, projectId: ProcoreId): Promise<readonly Row[]> =>
  rows(http, 'sub_jobs', `${V1}/sub_jobs`, { project_id: projectId });

/** They are the company's; the OpenAPI wants a project named as well, so the company's first is, where there is one. */
export const listCostTypes = (http: ProcoreHttp, projectId: ProcoreId | undefined): Promise<readonly Row[]> =>
  rows(http, 'line_item_types', `${V1}/line_item_types`, {
    company_id: http.companyId,
    ...(projectId === undefined ? {} : { project_id: projectId }),
  });

export const listStandardCodeLists = (http: ProcoreHttp): Promise<readonly Row[]> =>
  rows(http, 'standard_cost_code_lists', `${V1}/standard_cost_code_lists`, { company_id: http.companyId });

export const listStandardCodes = (http: ProcoreHttp, listId: ProcoreId): Promise<readonly Row[]> =>
  rows(http, 'standard_cost_codes', `${V1}/standard_cost_codes`, {
    company_id: http.companyId,
    standard_cost_code_list_id: listId,
    view: 'extended',
  });

export const listContracts = (
  http: ProcoreHttp,
  contract: Contract,
  projectId: ProcoreId,
  since: string | null = null,
): Promise<readonly Row[]> =>
  rows(http, `${contract}s`, `${V1}/${contract}s`, {
    project_id: projectId,
    ...(since === null ? {} : { 'filters[updated_at]': openEnded(http, since) }),
  });

export const contractPath = (contract: Contract, id: ProcoreId): string => `${V1}/${contract}s/${id}`;

export const listContractLines = (
  http: ProcoreHttp,
  contract: Contract,
  contractId: ProcoreId,
  projectId: ProcoreId,
): Promise<readonly Row[]> =>
  rows(http, `${contract}.lines`, `${contractPath(contract, contractId)}/line_items`, {
    project_id: projectId,
  });

/** A project that the service account may not enter answers 403 or 404 ("Developer Managed Service Accounts"): it is left out. */
export async function unlessClosed(
  http: ProcoreHttp,
  projectId: ProcoreId,
  look: () => Promise<void>,
): Promise<void> {
  try {
    await look();
  } catch (error) {
    const isClosed =
      isTiebackError(error) && (error.code === 'PROCORE_NOT_FOUND' || error.code === 'PROCORE_FORBIDDEN');
    if (!isClosed) throw error;
    http.runtime.logger.warn('A project is left out: the service account may not read it', {
      projectId,
      reason: error.message,
    });
  }
}
