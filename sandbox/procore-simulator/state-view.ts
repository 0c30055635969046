import type { ErpRequests } from './erp-requests';
import type { ExternalData } from './external-data';
import type { JsonObject } from './json';
import type { Company, State } from './state';
import type { CompanyStateView, RequestDetail } from './types';
import { vendorState } from './vendors';

/** All records as plain data, for `GET /_sim/state`. */
export function stateView(state: State, requests: ErpRequests, external: ExternalData): CompanyStateView[] {
  return [...state.companies.values()].map((company) => {
    requests.markStale(company);
    return {
      id: company.id,
      name: company.name,
      connected: company.connected,
      connection: company.connection,
      vendors: [...company.vendors.values()].map(vendorState),
      stagedRecords: [...company.staged.values()],
      externalData: external.rows(company),
      requests: [...company.requests.values()].map((r) => ({
        id: r.id,
        request_name: r.request_name,
        created_at: r.created_at,
        details: r.detailIds
          .map((id) => company.details.get(id))
          .filter((d): d is RequestDetail => d !== undefined),
      })),
      other: otherCollections(company),
    };
  });
}

function otherCollections(company: Company): Record<string, JsonObject[]> {
  return Object.fromEntries([...company.collections].map(([path, rows]) => [path, [...rows.values()]]));
}
