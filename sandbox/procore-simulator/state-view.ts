import type { ErpRequests } from './erp-requests';
import { asString, type JsonObject } from './json';
import type { Company, State } from './state';
import type { CompanyStateView, ExternalDataRow, RequestDetail } from './types';
import { vendorState } from './vendors';

/** All records as plain data, for `GET /_sim/state`. */
export function stateView(state: State, requests: ErpRequests): CompanyStateView[] {
  return [...state.companies.values()].map((company) => {
    requests.markStale(company);
    return {
      id: company.id,
      name: company.name,
      connected: company.connected,
      connection: company.connection,
      vendors: [...company.vendors.values()].map(vendorState),
      stagedRecords: [...company.staged.values()],
      externalData: [...vendorRows(company), ...company.external.values()],
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

function vendorRows(company: Company): ExternalDataRow[] {
  return [...company.vendors.values()]
    .filter((v) => asString(v.fields['origin_id']) !== undefined)
    .map((v) => ({
      id: v.id,
      item_type: 'vendor',
      item_id: v.id,
      origin_id: asString(v.fields['origin_id']) ?? null,
      origin_code: asString(v.fields['origin_code']) ?? null,
      origin_data: v.fields['origin_data'] ?? null,
    }));
}

function otherCollections(company: Company): Record<string, JsonObject[]> {
  return Object.fromEntries([...company.collections].map(([path, rows]) => [path, [...rows.values()]]));
}
