import { normaliseName } from '../../domain/base/identity';
import type { ProcoreHttp } from '../http';
import { textOrNull } from '../json';
import type {
  ItemError,
  ProcoreCompany,
  StagedCandidate,
  SyncItem,
  SyncOutcome,
  SyncResource,
  SyncScope,
} from '../port';
import { syncRecords } from '../resources/sync-records';
import { vendorToProcore } from '../resources/vendor-mapping';
import { listVendors, syncVendors } from '../resources/vendors';
import { jobCode } from './bodies';
import type { Row } from './lists';
import { listCostCodes, listCostTypes, listInactiveVendors, listProjects } from './lists';
import { unable } from './origins';

/*
 * ERP records that come to Procore. There is no "Ready to Import" where a person would see that a record is there already, so it is
 * looked for before one is made: a twin is worse than a record that waits for a person.
 */

type Staged = Parameters<ProcoreCompany['stageVendors']>[0];

const ownerOf = ({ raw }: Row): string | null => textOrNull(raw['origin_id'])?.trim() || null;
const textOf = ({ raw }: Row, field: string): string => textOrNull(raw[field])?.trim() ?? '';

/** What stands in the way of making a record under an `origin_id`. */
const twin = (label: string, { id }: Row, originId: string): ItemError => ({
  key: originId,
  messages: [
    `${label} is already in Procore without a link (id ${id}); link it first: give that record the origin_id ${originId}`,
  ],
});

/** Makes companies for new ERP vendors, and switches off those that we made and that nobody uses any more in the ERP. */
export async function upsertVendors(http: ProcoreHttp, vendors: Staged): Promise<readonly ItemError[]> {
  const active: Row[] = [];
  for await (const page of listVendors(http)) active.push(...page.map(({ id, raw }) => ({ id, raw })));
  const all = [...active, ...(await listInactiveVendors(http))];
  const byOrigin = new Map(
    all.flatMap((row) => (ownerOf(row) === null ? [] : [[ownerOf(row), row] as const])),
  );
  const loose = new Map(
    active.filter((row) => ownerOf(row) === null).map((row) => [normaliseName(textOf(row, 'name')), row]),
  );
  const refused: ItemError[] = [];
  const made = vendors.flatMap(({ originId, status, vendor }) => {
    const known = byOrigin.get(originId);
    if (status === 'archived') {
      return known === undefined ? [] : [{ id: known.id, originId, fields: { is_active: false } }];
    }
    const same = known === undefined ? loose.get(normaliseName(vendor.name)) : undefined;
    if (same !== undefined) {
      refused.push(twin(vendor.name, same, originId));
      return [];
    }
    const fields = vendorToProcore(vendor);
    return [known === undefined ? { originId, fields } : { id: known.id, originId, fields }];
  });
  const errors = await syncVendors(http, made);
  // Errors of companies that are there come by their id; the caller knows them by their origin_id.
  const originIds = new Map(made.flatMap((item) => ('id' in item ? [[String(item.id), item.originId]] : [])));
  return [...refused, ...errors.map((error) => ({ ...error, key: originIds.get(error.key) ?? error.key }))];
}

const NOT_MADE: Readonly<Record<string, string>> = {
  sub_job: 'sub jobs',
  commitment: 'commitments',
  commitment_change_order: 'commitment change orders',
  prime_contract: 'prime contracts',
};

/** Makes projects for new ERP jobs; every other kind is answered with a sentence, record by record. */
export async function upsertRecords(
  http: ProcoreHttp,
  candidates: readonly StagedCandidate[],
): Promise<readonly ItemError[]> {
  const others = candidates.filter(({ entity }) => entity !== 'project');
  const jobs = candidates.filter(({ entity }) => entity === 'project');
  const refused = others.map(({ originId, entity }) => ({
    key: originId,
    messages: [
      `${NOT_MADE[entity] ?? entity} are not made in Procore without its ERP tool: enter it there, then give it the origin_id ${originId}`,
    ],
  }));
  return [...refused, ...(jobs.length === 0 ? [] : await upsertProjects(http, jobs))];
}

async function upsertProjects(
  http: ProcoreHttp,
  jobs: readonly StagedCandidate[],
): Promise<readonly ItemError[]> {
  const projects = await listProjects(http, 'All');
  const byOrigin = new Map(projects.map((row) => [ownerOf(row), row]));
  const loose = projects.filter((row) => ownerOf(row) === null);
  const refused: ItemError[] = [];
  const items = jobs.flatMap(({ originId, originCode, status, record }): SyncItem[] => {
    const known = byOrigin.get(originId);
    if (status === 'archived') {
      return known === undefined ? [] : [{ key: originId, procoreId: known.id, fields: { isActive: false } }];
    }
    const { name } = record.fields;
    const same =
      known === undefined
        ? loose.find(
            (row) =>
              (originCode !== null && jobCode(row.raw) === originCode) ||
              (typeof name === 'string' && normaliseName(textOf(row, 'name')) === normaliseName(name)),
          )
        : undefined;
    if (same !== undefined) {
      refused.push(
        twin(`Project ${originCode ?? ''} ${typeof name === 'string' ? name : ''}`.trim(), same, originId),
      );
      return [];
    }
    const id = known === undefined ? {} : { procoreId: known.id };
    return [{ key: originId, originId, ...id, fields: record.fields }];
  });
  return [...refused, ...(await syncRecords(http, 'projects', {}, items)).errors];
}

/** What only the ERP tool keeps: there is nothing to write where it is not used. */
const BOOKKEEPING: readonly SyncResource[] = ['cost_code_line_item_types', 'erp_job_costs'];
/** Nothing that is found through the open door leads here. */
const ERP_TOOL_ONLY: readonly SyncResource[] = ['erp_transactions', 'invoice_payments'];

/** The sync actions, without those of the ERP tool. */
export async function syncOpenRecords(
  http: ProcoreHttp,
  resource: SyncResource,
  scope: SyncScope,
  items: readonly SyncItem[],
): Promise<SyncOutcome> {
  if (BOOKKEEPING.includes(resource)) return { errors: [], ids: [] };
  if (ERP_TOOL_ONLY.includes(resource)) throw unable(`write ${resource.replaceAll('_', ' ')}`);
  if (resource === 'cost_codes')
    return syncRecords(http, resource, scope, await knownCodes(http, scope, items));
  if (resource === 'line_item_types') return syncCostTypes(http, scope, items);
  return syncRecords(http, resource, scope, items);
}

/** A code of the project with the same number is the same code: it is tied, not made again. */
async function knownCodes(
  http: ProcoreHttp,
  { projectId, subJobId }: SyncScope,
  items: readonly SyncItem[],
): Promise<readonly SyncItem[]> {
  const isNew = (item: SyncItem): boolean => item.procoreId === undefined;
  if (projectId === undefined || (subJobId ?? null) !== null || !items.some(isNew)) return items;
  const rows = await listCostCodes(http, projectId);
  return items.map((item) => {
    const same = isNew(item)
      ? rows.find((row) => ownerOf(row) === null && textOf(row, 'full_code') === item.fields['code'])
      : undefined;
    return same === undefined ? item : { ...item, procoreId: same.id };
  });
}

/** A cost type with the same code and name is the same; with only one of them it is a question for a person. */
async function syncCostTypes(
  http: ProcoreHttp,
  scope: SyncScope,
  items: readonly SyncItem[],
): Promise<SyncOutcome> {
  const [project] = await listProjects(http, 'All');
  const rows = await listCostTypes(http, project?.id);
  const loose = rows.filter((row) => ownerOf(row) === null);
  const known = new Set(rows.map(ownerOf));
  const refused: ItemError[] = [];
  const sent = items.flatMap((item): SyncItem[] => {
    const { originId, procoreId, fields, key } = item;
    if (procoreId !== undefined || originId === undefined || known.has(originId)) return [item];
    const same = (value: unknown, other: string): boolean =>
      typeof value === 'string' && normaliseName(value) === normaliseName(other);
    const alike = loose.filter(
      (row) => same(fields['code'], textOf(row, 'code')) || same(fields['name'], textOf(row, 'name')),
    );
    const twins = alike.filter(
      (row) => same(fields['code'], textOf(row, 'code')) && same(fields['name'], textOf(row, 'name')),
    );
    const [only] = twins.length === 1 ? twins : [];
    if (only !== undefined) return [{ ...item, procoreId: only.id }];
    const [first] = alike;
    if (first === undefined) return [item];
    const words = `Cost type ${String(fields['code'] ?? '')} ${String(fields['name'] ?? '')}`.trim();
    refused.push({ ...twin(words, first, originId), key });
    return [];
  });
  const outcome = await syncRecords(http, 'line_item_types', scope, sent);
  return { errors: [...refused, ...outcome.errors], ids: outcome.ids };
}
