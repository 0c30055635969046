import { TiebackError } from '../../domain/errors';
import type { ProcoreId } from '../../domain/erp-request';
import { errorSentences } from '../error-body';
import type { Call, ProcoreHttp } from '../http';
import type { JsonObject } from '../json';
import type { ExternalData, ItemError } from '../port';
import { syncErrors } from '../sync';
import type { Contract } from './lists';
import { contractPath, isContract, listContractLines } from './lists';

/**
 * Sets or clears the origin fields of records through their own resources, where there is no external data. The key of an error is the
 * item id, as that of `externalData.sync`. Repeating it is harmless.
 *
 * Lines go before everything else: a contract that carries an `origin_id` locks them.
 */
export async function syncOrigins(
  http: ProcoreHttp,
  updates: readonly ExternalData[],
): Promise<readonly ItemError[]> {
  const of = (itemType: string): readonly ExternalData[] =>
    updates.filter((update) => update.itemType === itemType);
  const known = [
    'vendor',
    'project',
    'cost_code',
    'line_item',
    'work_order_contract',
    'purchase_order_contract',
  ];
  const other = updates.find(({ itemType }) => !known.includes(itemType));
  if (other !== undefined) throw unable(`tie a ${other.itemType.replaceAll('_', ' ')}`);
  const errors: ItemError[] = [];
  for (const [holder, lines] of byHolder(of('line_item')))
    errors.push(...(await tieLines(http, holder, lines)));
  errors.push(...(await tieVendors(http, of('vendor'))));
  for (const project of of('project')) errors.push(...(await tieProject(http, project)));
  for (const [projectId, codes] of byProject(of('cost_code')))
    errors.push(...(await tieCostCodes(http, projectId, codes)));
  for (const update of updates) {
    const { itemType } = update;
    if (isContract(itemType)) errors.push(...(await tieContract(http, itemType, update)));
  }
  return errors;
}

/** Fields left out stay as they are; null clears. */
const originFields = ({ originId, originCode, originData }: ExternalData): JsonObject => ({
  origin_id: originId,
  ...(originCode === undefined ? {} : { origin_code: originCode }),
  ...(originData === undefined ? {} : { origin_data: originData }),
});

/** Cost codes and lines have no `origin_code`. */
const withoutCode = ({ itemType, itemId, originId, originData }: ExternalData): JsonObject =>
  originFields({ itemType, itemId, originId, ...(originData === undefined ? {} : { originData }) });

const tieVendors = (http: ProcoreHttp, vendors: readonly ExternalData[]): Promise<readonly ItemError[]> =>
  syncErrors(http, {
    operation: 'vendors.sync',
    path: '/rest/v1.0/vendors/sync',
    scope: { company_id: http.companyId },
    items: vendors,
    batchSize: http.settings.batchSizes.vendors,
    encode: (vendor) => ({ id: vendor.itemId, ...originFields(vendor) }),
    key: keyOf,
    identity: ['id', 'origin_id'],
  });

/** The sync action of projects has no `origin_code`, the update has. */
const tieProject = (http: ProcoreHttp, project: ExternalData): Promise<readonly ItemError[]> =>
  update(http, project, {
    operation: 'projects.update',
    path: `/rest/v1.0/projects/${project.itemId}`,
    body: { company_id: http.companyId, project: originFields(project) },
  });

const tieCostCodes = (
  http: ProcoreHttp,
  projectId: ProcoreId,
  codes: readonly ExternalData[],
): Promise<readonly ItemError[]> =>
  syncErrors(http, {
    operation: 'costCodes.sync',
    path: '/rest/v1.0/cost_codes/sync',
    query: { project_id: projectId },
    items: codes,
    batchSize: http.settings.batchSizes.records,
    encode: (code) => ({ id: code.itemId, ...withoutCode(code) }),
    key: keyOf,
    identity: ['id', 'origin_id'],
  });

/** The sync action of purchase orders has no `id`, and one without it goes by `origin_id` alone, which is what is to be set. */
const tieContract = (
  http: ProcoreHttp,
  contract: Contract,
  data: ExternalData,
): Promise<readonly ItemError[]> =>
  update(http, data, {
    operation: `${contract}.update`,
    path: contractPath(contract, data.itemId),
    body: { project_id: projectOf(data), [contract]: originFields(data) },
  });

interface Holder {
  readonly contract: Contract;
  readonly id: ProcoreId;
  readonly projectId: ProcoreId;
}

/** One call for each line that says something else now: what is right already cannot be refused by a lock. */
async function tieLines(
  http: ProcoreHttp,
  { contract, id, projectId }: Holder,
  lines: readonly ExternalData[],
): Promise<readonly ItemError[]> {
  const rows = await listContractLines(http, contract, id, projectId);
  const now = new Map(rows.map((row) => [row.id, row.raw['origin_id'] ?? null]));
  const errors: ItemError[] = [];
  for (const line of lines) {
    if (now.has(line.itemId) && now.get(line.itemId) === line.originId) continue;
    const call = {
      operation: `${contract}.line.update`,
      path: `${contractPath(contract, id)}/line_items/${line.itemId}`,
      body: { project_id: projectId, line_item: withoutCode(line) },
    };
    errors.push(...(await update(http, line, call)));
  }
  return errors;
}

const REFUSED = [404, 409, 422];

async function update(
  http: ProcoreHttp,
  data: ExternalData,
  call: Pick<Call, 'operation' | 'path' | 'body'>,
): Promise<readonly ItemError[]> {
  const { status, body } = await http.send({
    ...call,
    method: 'PATCH',
    repeatable: true,
    alsoAccept: REFUSED,
  });
  return status < 300 ? [] : [{ key: keyOf(data), messages: errorSentences(body).map(http.redact) }];
}

const keyOf = ({ itemId }: ExternalData): string => String(itemId);

function byProject(codes: readonly ExternalData[]): ReadonlyMap<ProcoreId, readonly ExternalData[]> {
  const groups = new Map<ProcoreId, ExternalData[]>();
  for (const code of codes) groups.set(projectOf(code), [...(groups.get(projectOf(code)) ?? []), code]);
  return groups;
}

function byHolder(lines: readonly ExternalData[]): readonly (readonly [Holder, readonly ExternalData[]])[] {
  const groups = new Map<ProcoreId, { holder: Holder; lines: ExternalData[] }>();
  for (const line of lines) {
    const holder = line.place?.holder;
    if (holder === undefined || !isContract(holder.itemType)) {
      throw unable('tie a line of anything but a commitment');
    }
    const { itemId: id, itemType: contract } = holder;
    const group = groups.get(id) ?? { holder: { contract, id, projectId: projectOf(line) }, lines: [] };
    group.lines.push(line);
    groups.set(id, group);
  }
  return [...groups.values()].map((group) => [group.holder, group.lines]);
}

/** What lives in a project is written through it. */
function projectOf({ itemType, itemId, place }: ExternalData): ProcoreId {
  if (place?.projectId !== undefined) return place.projectId;
  const reason = `the project of ${itemType} ${itemId} is missing`;
  throw new TiebackError('PROCORE_REQUEST_INVALID', { operation: `${itemType}.update`, reason });
}

export const unable = (operation: string): TiebackError =>
  new TiebackError('OPEN_DOOR_UNABLE', { operation });
