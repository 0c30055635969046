import type { RefTarget } from '../../domain/kinds/entity';
import type { ProcoreId } from '../../domain/request/intent';
import { TiebackError } from '../../domain/base/errors';
import { erpKeyOfOriginId } from '../../domain/base/identity';
import { errorSentences } from '../error-body';
import type { Call, ProcoreHttp } from '../http';
import type { JsonObject } from '../json';
import { isObject, textOrNull } from '../json';
import type { ExternalData, ItemError } from '../port';
import { showVendor } from '../resources/vendors';
import { syncErrors } from '../sync';
import type { Contract, Row } from './lists';
import { CONTRACTS, contractPath, isContract, listContractLines, listCostCodes } from './lists';

/**
 * Sets or clears the origin fields of records through their own resources, where there is no external data. The key of an error is the
 * item id, as that of `externalData.sync`. Repeating it is harmless. A record that another integration has tied meanwhile is left alone.
 *
 * Lines go before everything else: a contract that carries an `origin_id` locks them.
 */
export async function syncOrigins(
  http: ProcoreHttp,
  updates: readonly ExternalData[],
): Promise<readonly ItemError[]> {
  const other = updates.find(({ itemType }) => !TARGETS.has(itemType));
  if (other !== undefined) throw unable(`tie a ${other.itemType.replaceAll('_', ' ')}`);
  const of = (itemType: string): readonly ExternalData[] =>
    updates.filter((update) => update.itemType === itemType);
  const errors: ItemError[] = [];
  const free = async (
    read: (update: ExternalData) => Promise<unknown>,
    wanted: readonly ExternalData[],
  ): Promise<readonly ExternalData[]> => {
    const left: ExternalData[] = [];
    for (const update of wanted) {
      const taken = takenBy(await read(update), update);
      if (taken === null) left.push(update);
      else errors.push(taken);
    }
    return left;
  };
  for (const [holder, lines] of byHolder(of('line_item'))) {
    const rows = await listContractLines(http, holder.contract, holder.id, holder.projectId);
    const now = origins(rows);
    const differ = lines.filter(({ itemId, originId }) => !now.has(itemId) || now.get(itemId) !== originId);
    for (const line of await free(({ itemId }) => Promise.resolve(now.get(itemId)), differ)) {
      errors.push(...(await tieLine(http, holder, line)));
    }
  }
  const vendors = await free(async ({ itemId }) => (await showVendor(http, itemId)).originId, of('vendor'));
  errors.push(...(await tieVendors(http, vendors)));
  for (const project of await free(
    (data) => originOf(http, projectPath(data), { company_id: http.companyId }),
    of('project'),
  ))
    errors.push(...(await tieProject(http, project)));
  for (const [projectId, codes] of byProject(of('cost_code'))) {
    const now = origins(await listCostCodes(http, projectId));
    const left = await free(({ itemId }) => Promise.resolve(now.get(itemId)), codes);
    errors.push(...(await tieCostCodes(http, projectId, left)));
  }
  for (const contract of CONTRACTS) {
    const read = (data: ExternalData): Promise<unknown> =>
      originOf(http, contractPath(contract, data.itemId), { project_id: projectOf(data) });
    for (const data of await free(read, of(contract)))
      errors.push(...(await tieContract(http, contract, data)));
  }
  return errors;
}

/** What an `origin_id` of ours begins with, by the item type that carries it. */
const TARGETS: ReadonlyMap<string, RefTarget> = new Map<string, RefTarget>([
  ['vendor', 'vendor'],
  ['project', 'project'],
  ['cost_code', 'cost_code'],
  ['line_item', 'commitment_line'],
  ...CONTRACTS.map((contract) => [contract, 'commitment'] as const),
]);

/** The error for a record whose `origin_id` is not one of ours; null when it is free, or ours. */
function takenBy(current: unknown, { itemType, itemId }: ExternalData): ItemError | null {
  const originId = textOrNull(current)?.trim() ?? '';
  const target = TARGETS.get(itemType) ?? 'vendor';
  if (originId === '' || erpKeyOfOriginId(target, originId) !== null) return null;
  return {
    key: String(itemId),
    messages: [
      `origin_id: is "${originId}" by now, which is not one of ours: another integration may own it`,
    ],
  };
}

const origins = (rows: readonly Row[]): ReadonlyMap<ProcoreId, unknown> =>
  new Map(rows.map(({ id, raw }) => [id, raw['origin_id'] ?? null]));

async function originOf(
  http: ProcoreHttp,
  path: string,
  query: NonNullable<Call['query']>,
): Promise<unknown> {
  const { body } = await http.send({ operation: 'origin.show', method: 'GET', path, query });
  return isObject(body) ? body['origin_id'] : null;
}

const projectPath = ({ itemId }: ExternalData): string => `/rest/v1.0/projects/${itemId}`;

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
    path: projectPath(project),
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
