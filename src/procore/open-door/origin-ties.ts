import { TiebackError } from '../../domain/base/errors';
import { erpKeyOfOriginId, isTyped } from '../../domain/base/identity';
import type { RefTarget } from '../../domain/kinds';
import type { ProcoreId } from '../../domain/request/intent';
import { errorSentences } from '../client/error-body';
import type { Call, ProcoreHttp } from '../client/http';
import type { JsonObject } from '../client/json';
import { syncErrors } from '../client/sync-action';
import type { Contract } from '../kinds/commitment';
import { contractLines, contractPath, CONTRACTS, isContract, showContract } from '../kinds/commitment';
import { costCodes } from '../kinds/cost-code';
import { showProject } from '../kinds/project';
import { showVendor } from '../kinds/vendor';
import type { ExternalData, ItemError } from '../port';
import type { Row } from '../kinds/toolbox/lists';
import { needed, ownerOf } from '../kinds/toolbox/lists';

/** What an `origin_id` of ours begins with, by the item type that carries it. */
const TARGETS: ReadonlyMap<string, RefTarget> = new Map<string, RefTarget>([
  ['vendor', 'vendor'],
  ['project', 'project'],
  ['cost_code', 'cost_code'],
  ['line_item', 'commitment_line'],
  ...CONTRACTS.map((contract) => [contract, 'commitment'] as const),
]);

/**
 * Sets or clears the origin fields of records through their own resources, where there is no external data. The key of an error is the
 * item id, as that of `externalData.sync`. Repeating it is harmless. A record that another integration has tied meanwhile is left alone.
 *
 * Lines go before everything else: a contract that carries an `origin_id` locks them.
 */
export async function syncOrigins(
  http: ProcoreHttp,
  ties: readonly ExternalData[],
): Promise<readonly ItemError[]> {
  const other = ties.find(({ itemType }) => !TARGETS.has(itemType));
  if (other !== undefined) throw unable(`tie a ${other.itemType.replaceAll('_', ' ')}`);
  const of = (itemType: string): readonly ExternalData[] => ties.filter((tie) => tie.itemType === itemType);
  const errors: ItemError[] = [];
  /** Those whose record, as it is now, is free, or ours. */
  const free = (wanted: readonly ExternalData[], now: readonly (Row | null)[]): readonly ExternalData[] =>
    wanted.filter((tie) => {
      const row = now.find((one) => one?.id === tie.itemId);
      const taken = row === undefined || row === null ? null : takenBy(row, tie);
      if (taken !== null) errors.push(taken);
      return taken === null;
    });
  for (const [holder, lines] of byHolder(of('line_item'))) {
    const rows = await contractLines(http, holder.contract, holder.id, holder.projectId);
    const now = new Map(rows.map(({ id, raw }) => [id, raw['origin_id'] ?? null]));
    const differ = lines.filter(({ itemId, originId }) => !now.has(itemId) || now.get(itemId) !== originId);
    for (const line of free(differ, rows)) errors.push(...(await tieLine(http, holder, line)));
  }
  const companies: (Row | null)[] = [];
  for (const { itemId } of of('vendor')) companies.push(await showVendor(http, itemId));
  errors.push(...(await tieVendors(http, free(of('vendor'), companies))));
  for (const tie of of('project')) {
    for (const project of free([tie], [await showProject(http, tie.itemId)]))
      errors.push(...(await tieProject(http, project)));
  }
  for (const projectId of new Set(of('cost_code').map(projectOf))) {
    const codes = of('cost_code').filter((code) => projectOf(code) === projectId);
    const left = free(codes, await costCodes(http, projectId));
    errors.push(...(await tieCostCodes(http, projectId, left)));
  }
  for (const contract of CONTRACTS) {
    for (const tie of of(contract)) {
      const now = await showContract(http, contract, tie.itemId, projectOf(tie));
      for (const data of free([tie], [now])) errors.push(...(await tieContract(http, contract, data)));
    }
  }
  return errors;
}

/** The error for a record whose `origin_id` is not one of ours; null when it is free, or ours. */
function takenBy(row: Row, { itemType, itemId, originId: wanted }: ExternalData): ItemError | null {
  const originId = ownerOf(row);
  const target = TARGETS.get(itemType);
  if (originId === null || target === undefined) return null;
  const key = erpKeyOfOriginId(target, originId);
  // Without its type it is ours where it is the very key that is set.
  const isSame = wanted === null || key === erpKeyOfOriginId(target, wanted);
  if (key !== null && (isTyped(target, originId) || isSame)) return null;
  const sentence = `origin_id: is "${originId}" by now, which is not one of ours: another integration may own it`;
  return { key: String(itemId), messages: [sentence] };
}

/** Fields left out stay as they are; null clears. */
const originFields = ({ originId, originCode, originData }: ExternalData): JsonObject => ({
  origin_id: originId,
  ...(originCode === undefined ? {} : { origin_code: originCode }),
  ...(originData === undefined ? {} : { origin_data: originData }),
});

/** Cost codes and lines have no `origin_code`. */
const withoutCode = ({ originId, originData }: ExternalData): JsonObject => ({
  origin_id: originId,
  ...(originData === undefined ? {} : { origin_data: originData }),
});

const tieVendors = (http: ProcoreHttp, vendors: readonly ExternalData[]): Promise<readonly ItemError[]> =>
  syncErrors(http, {
    ...sharedBy(http, vendors),
    operation: 'vendors.sync',
    path: '/rest/v1.0/vendors/sync',
    scope: { company_id: http.companyId },
    encode: (vendor) => ({ id: vendor.itemId, ...originFields(vendor) }),
  });

const sharedBy = (http: ProcoreHttp, items: readonly ExternalData[]) => ({
  items,
  batchSize: http.settings.batchSizes.records,
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
    ...sharedBy(http, codes),
    operation: 'costCodes.sync',
    path: '/rest/v1.0/cost_codes/sync',
    query: { project_id: projectId },
    encode: (code) => ({ id: code.itemId, ...withoutCode(code) }),
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

/** The sync actions of these lines have no `id` either: one call for each line that says something else now. */
const tieLine = (
  http: ProcoreHttp,
  { contract, id, projectId }: Holder,
  line: ExternalData,
): Promise<readonly ItemError[]> =>
  update(http, line, {
    operation: `${contract}.line.update`,
    path: `${contractPath(contract, id)}/line_items/${line.itemId}`,
    body: { project_id: projectId, line_item: withoutCode(line) },
  });

async function update(
  http: ProcoreHttp,
  data: ExternalData,
  call: Pick<Call, 'operation' | 'path' | 'body'>,
): Promise<readonly ItemError[]> {
  const alsoAccept = [404, 409, 422];
  const { status, body } = await http.send({ ...call, method: 'PATCH', repeatable: true, alsoAccept });
  return status < 300 ? [] : [{ key: keyOf(data), messages: errorSentences(body).map(http.redact) }];
}

const keyOf = ({ itemId }: ExternalData): string => String(itemId);

function byHolder(lines: readonly ExternalData[]): readonly (readonly [Holder, readonly ExternalData[]])[] {
  const holders = new Map(lines.map((line) => [line.place?.holder?.itemId, line]));
  return [...holders].map(([id, line]) => {
    const contract = line.place?.holder?.itemType ?? '';
    if (id === undefined || !isContract(contract)) throw unable('tie a line of anything but a commitment');
    const theirs = lines.filter(({ place }) => place?.holder?.itemId === id);
    return [{ contract, id, projectId: projectOf(line) }, theirs];
  });
}

/** What lives in a project is written through it. */
const projectOf = ({ itemType, itemId, place }: ExternalData): ProcoreId =>
  needed(`${itemType}.update`, place?.projectId, `the project of ${itemType} ${itemId}`);

const unable = (operation: string): TiebackError => new TiebackError('OPEN_DOOR_UNABLE', { operation });
