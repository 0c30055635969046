import type { ProcoreId } from './intent';

/** Pages of Procore's web application that a link may lead to. */
export const WEB_PAGES = [
  'project',
  'vendor',
  'budget',
  'work_order_contract',
  'purchase_order_contract',
  'prime_contract',
] as const;
export type WebPage = (typeof WEB_PAGES)[number];

/**
 * Paths of the pages. Those of contracts and the budget are documented ("Side Panel View Key Reference"); `project` is seen in public code;
 * the page of a company in the directory is inferred.
 */
export const WEB_PATHS: Readonly<Record<WebPage, string>> = {
  project: '/{project_id}/project/home',
  vendor: '/{company_id}/company/directory/vendors/{id}/edit',
  budget: '/projects/{project_id}/budgeting',
  work_order_contract: '/{project_id}/project/commitments/work_order_contracts/{id}',
  purchase_order_contract: '/{project_id}/project/commitments/purchase_order_contracts/{id}',
  prime_contract: '/{project_id}/project/prime_contracts/{id}',
};

/** API hosts whose web application is known ("Development Environments"). Others, such as those of another region, are configured. */
const WEB_OF_API: Readonly<Record<string, string>> = {
  'https://api.procore.com': 'https://app.procore.com',
  'https://sandbox.procore.com': 'https://sandbox.procore.com',
};

export interface WebSettings {
  readonly apiUrl: string;
  /** Null: it follows from `apiUrl`, where that is known. */
  readonly webUrl: string | null;
  readonly webPaths: Readonly<Partial<Record<WebPage, string>>>;
}

/** A record as Procore's web application knows it. */
export interface RecordPlace {
  /** Item type of the record, such as `work_order_contract`. */
  readonly itemType: string;
  readonly id: ProcoreId;
  readonly projectId: ProcoreId | null;
}

/** Where Procore shows a record, else its project; null: no address is known. */
export function webLink(
  { apiUrl, webUrl, webPaths }: WebSettings,
  companyId: ProcoreId,
  { itemType, id, projectId }: RecordPlace,
): string | null {
  const base = webUrl ?? WEB_OF_API[apiUrl.replace(/\/+$/, '')] ?? null;
  const path = { ...WEB_PATHS, ...webPaths }[isPage(itemType) ? itemType : 'project'];
  if (base === null || (path.includes('{project_id}') && projectId === null)) return null;
  const filled = path
    .replaceAll('{company_id}', String(companyId))
    .replaceAll('{project_id}', String(projectId))
    .replaceAll('{id}', String(id));
  return `${base.replace(/\/+$/, '')}${filled}`;
}

const isPage = (name: string): name is WebPage => (WEB_PAGES as readonly string[]).includes(name);
