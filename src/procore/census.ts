import type { OriginKind, OriginRecord } from '../domain/kinds/census';
import type { ProcoreId } from '../domain/request/intent';
import type { ProcoreHttp } from './http';
import type { JsonObject } from './json';
import { textOrNull } from './json';
import type { ProcoreCompany } from './port';
import type { Row } from './open-door/lists';
import {
  CONTRACTS,
  listContracts,
  listCostCodes,
  listCostTypes,
  listInactiveVendors,
  listProjects,
  listStandardCodeLists,
  listStandardCodes,
  listSubJobs,
  unlessClosed,
} from './open-door/lists';
import { listVendors } from './resources/vendors';

type Origins = ReturnType<ProcoreCompany['listOrigins']>;

/**
 * Everything that may carry an `origin_id` and has a list: of the company, then of each project that carries one, because only there
 * an integration has records of its own.
 */
export async function* listOrigins(http: ProcoreHttp): Origins {
  for await (const page of listVendors(http))
    yield { kind: 'vendor', records: page.map(({ raw }) => ofRaw(raw)) };
  yield of('vendor', await listInactiveVendors(http));
  const projects = await listProjects(http, 'All');
  yield of('line_item_type', await listCostTypes(http, projects[0]?.id));
  for (const list of await listStandardCodeLists(http)) {
    yield of('standard_cost_code', await listStandardCodes(http, list.id));
  }
  yield of('project', projects);
  for (const { id, raw } of projects) {
    if (ofRaw(raw).originId !== null) yield* ofProject(http, id);
  }
}

async function* ofProject(http: ProcoreHttp, id: ProcoreId): Origins {
  const found: ReturnType<typeof of>[] = [];
  await unlessClosed(http, id, async () => {
    found.push(of('sub_job', await listSubJobs(http, id)));
    found.push(of('cost_code', await listCostCodes(http, id)));
    for (const contract of CONTRACTS) found.push(of('commitment', await listContracts(http, contract, id)));
  });
  yield* found;
}

const of = (
  kind: OriginKind,
  rows: readonly Row[],
): { kind: OriginKind; records: readonly OriginRecord[] } => ({
  kind,
  records: rows.map(({ raw }) => ofRaw(raw)),
});

function ofRaw(raw: JsonObject): OriginRecord {
  const words = ['full_code', 'number', 'code', 'project_number', 'name', 'title']
    .map((field) => textOrNull(raw[field])?.trim() ?? '')
    .filter((word) => word !== '');
  return {
    originId: textOrNull(raw['origin_id'])?.trim() || null,
    label: words.length === 0 ? String(raw['id']) : [...new Set(words)].slice(0, 2).join(' '),
  };
}
