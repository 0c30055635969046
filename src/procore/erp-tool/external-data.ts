import { KIND_DEFINITIONS } from '../../domain/kinds';
import type { ProcoreId } from '../../domain/request/intent';
import type { Call, ProcoreHttp } from '../client/http';
import { fillPath } from '../client/http';
import type { JsonObject } from '../client/json';
import { isObject, rowsOf, textOrNull, toId } from '../client/json';
import type { ExternalData, ItemError } from '../port';
import { syncErrors } from '../client/sync-action';

/**
 * Sets or clears what the ERP calls records ("External Data" guide). The key of an error is the item id. How a record is unlinked is told
 * twice: the events dictionary clears its external data, the technical guide calls "Status Management"; `unlinkBy` chooses. Lines are
 * cleared in both.
 */
export async function syncExternalData(
  http: ProcoreHttp,
  updates: readonly ExternalData[],
): Promise<readonly ItemError[]> {
  if (http.settings.unlinkBy === 'external_data') return setExternalData(http, updates);
  const unlinked = updates.filter(
    ({ originId, itemType }) => originId === null && RECORD_TYPES.has(itemType),
  );
  for (const { itemType, itemId } of unlinked) {
    await http.send({
      operation: 'status.unlink',
      method: 'PATCH',
      path: fillPath(http.settings.paths['status.unlink'], { company_id: http.companyId }),
      body: { item_type: itemType, item_id: itemId },
      repeatable: true,
    });
  }
  const others = updates.filter((update) => !unlinked.includes(update));
  return others.length === 0 ? [] : setExternalData(http, others);
}

/** Item types of records; all others are lines of one. */
const RECORD_TYPES: ReadonlySet<string> = new Set(
  Object.values(KIND_DEFINITIONS).flatMap(({ itemTypes }) => itemTypes),
);

const setExternalData = (
  http: ProcoreHttp,
  updates: readonly ExternalData[],
): Promise<readonly ItemError[]> =>
  syncErrors(http, {
    operation: 'externalData.sync',
    path: fillPath(http.settings.paths['externalData.sync'], { company_id: http.companyId }),
    items: updates,
    batchSize: http.settings.batchSizes.externalData,
    encode,
    key: ({ itemId }) => String(itemId),
    identity: ['item_id', 'origin_id'],
    bareArrayToo: true,
  });

/** Fields left out stay as they are; null clears. */
const encode = (data: ExternalData): JsonObject => ({
  item_type: data.itemType,
  item_id: data.itemId,
  origin_id: data.originId,
  ...(data.originCode === undefined ? {} : { origin_code: data.originCode }),
  ...(data.originData === undefined ? {} : { origin_data: data.originData }),
});

/** What the ERP calls one record; null when nothing is set. */
export async function readExternalData(
  http: ProcoreHttp,
  itemType: string,
  itemId: ProcoreId,
): Promise<ExternalData | null> {
  const call: Call = {
    operation: 'externalData.list',
    method: 'GET',
    path: fillPath(http.settings.paths['externalData.list'], { company_id: http.companyId }),
    query: { item_type: itemType, item_id: itemId },
  };
  const rows = rowsOf((await http.send(call)).body);
  if (rows === null) throw http.invalid(call, 'a list was expected');
  const row = rows
    .filter(isObject)
    .find(
      (candidate) =>
        toId(candidate['item_id']) === itemId && (candidate['item_type'] ?? itemType) === itemType,
    );
  if (row === undefined) return null;
  return {
    itemType,
    itemId,
    originId: textOrNull(row['origin_id']),
    originCode: textOrNull(row['origin_code']),
    originData: textOrNull(row['origin_data']),
  };
}
