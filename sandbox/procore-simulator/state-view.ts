import type { JsonObject } from './json';
import { ALL_KINDS } from './records/record';
import { recordState, type Records } from './records/store';
import type { Company } from './state';
import type { CompanyStateView, RequestDetail } from './types';
import type { World } from './world';

/** All records as plain data. */
export function stateView({ state, requests, external, records }: World): CompanyStateView[] {
  return [...state.companies.values()].map((company) => {
    requests.markStale(company);
    return {
      id: company.id,
      name: company.name,
      connected: company.connected,
      connection: company.connection,
      records: recordsOf(records, company),
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

function recordsOf(records: Records, company: Company): CompanyStateView['records'] {
  const shown = ALL_KINDS.map((kind) => [
    kind,
    records.of(company, kind).map((r) => recordState(records, company, r)),
  ]);
  return Object.fromEntries(shown) as CompanyStateView['records'];
}

function otherCollections(company: Company): Record<string, JsonObject[]> {
  return Object.fromEntries([...company.collections].map(([path, rows]) => [path, [...rows.values()]]));
}
