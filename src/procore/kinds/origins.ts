import type { OriginKind } from '../../domain/kinds/census';
import type { ProcoreHttp } from '../client/http';
import type { ProcoreCompany } from '../port';
import { CONTRACTS, contractsOf } from './commitment';
import { costCodes } from './cost-code';
import { costTypes } from './line-item-type';
import { projects } from './project';
import { standardCodeLists, standardCodesIn } from './standard-cost-code';
import { activeVendors, inactiveVendors } from './vendor';
import type { Row } from './toolbox/lists';
import { listAt, ownerOf, rowsOf, textIn, unlessClosed } from './toolbox/lists';

type Origins = ReturnType<ProcoreCompany['listOrigins']>;

/**
 * Everything that may carry an `origin_id` and has a list: of the company, then of each project that carries one, because only there
 * an integration has records of its own.
 */
export async function* listOrigins(http: ProcoreHttp): Origins {
  for await (const page of activeVendors(http, null)) yield of('vendor', page);
  yield of('vendor', await inactiveVendors(http));
  const all = await projects(http, 'All');
  yield of('line_item_type', await costTypes(http, null));
  for (const list of await standardCodeLists(http)) {
    yield of('standard_cost_code', await standardCodesIn(http, list.id));
  }
  yield of('project', all);
  for (const project of all) if (ownerOf(project) !== null) yield* ofProject(http, project.id);
}

async function* ofProject(http: ProcoreHttp, id: number): Origins {
  const found: ReturnType<typeof of>[] = [];
  await unlessClosed(http, id, async () => {
    found.push(of('sub_job', await rowsOf(http, listAt('sub_jobs', { project_id: id }))));
    found.push(of('cost_code', await costCodes(http, id)));
    for (const contract of CONTRACTS) found.push(of('commitment', await contractsOf(http, contract, id)));
  });
  yield* found;
}

const LABELS = ['full_code', 'number', 'code', 'project_number', 'name', 'title'];

const of = (kind: OriginKind, rows: readonly Row[]) => ({
  kind,
  records: rows.map((row) => {
    const words = LABELS.map((field) => textIn(row, field)).filter((word) => word !== '');
    const label = words.length === 0 ? String(row.id) : [...new Set(words)].slice(0, 2).join(' ');
    return { procoreId: row.id, originId: ownerOf(row), label };
  }),
});
