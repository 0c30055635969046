import type { ProcoreId } from '../../domain/request/intent';
import { TiebackError } from '../../domain/base/errors';
import type { Call, ProcoreHttp } from '../http';
import type { JsonObject } from '../json';
import { isObject, textOrNull, toId } from '../json';
import { eachPage } from '../pages';
import type { ItemError, ProcoreVendor, VendorUpdate } from '../port';
import { syncErrors } from '../sync';

const PATH = '/rest/v1.0/vendors';
const DAY_MS = 24 * 60 * 60 * 1000;

/** Active companies of the directory, page by page. Procore lists inactive ones elsewhere. */
export async function* listVendors(
  http: ProcoreHttp,
  filter: { originId?: string; updatedSince?: string } = {},
): AsyncGenerator<readonly ProcoreVendor[]> {
  const call: Call = {
    operation: 'vendors.list',
    method: 'GET',
    path: PATH,
    query: {
      company_id: http.companyId,
      view: http.settings.vendorView,
      ...(filter.originId === undefined ? {} : { 'filters[origin_id]': filter.originId }),
      ...(filter.updatedSince === undefined
        ? {}
        : { 'filters[updated_at]': openEnded(http, filter.updatedSince) }),
    },
  };
  for await (const rows of eachPage(http, call)) {
    const vendors = rows.map(readVendor).filter((vendor) => vendor !== null);
    // Some servers ignore a filter that they do not know.
    yield vendors.filter(({ originId }) => filter.originId === undefined || originId === filter.originId);
  }
}

/** A range needs both ends ("Filtering on List Actions"); a day ahead covers any difference of clocks. */
export const openEnded = (http: ProcoreHttp, since: string): string =>
  `${since}...${new Date(http.runtime.now() + DAY_MS).toISOString()}`;

export async function showVendor(http: ProcoreHttp, id: ProcoreId): Promise<ProcoreVendor> {
  const query = { company_id: http.companyId, view: http.settings.vendorView };
  const call: Call = { operation: 'vendors.show', method: 'GET', path: `${PATH}/${id}`, query };
  const { body } = await http.send(call);
  const vendor = isObject(body) ? readVendor(body) : null;
  if (vendor === null || vendor.id !== id) throw http.invalid(call, `vendor ${id} was expected`);
  return vendor;
}

/**
 * Updates vendors, or creates them under an origin_id ("Using Sync Actions"). The key of an error is the id where one was sent,
 * else the origin_id. Throws `PROCORE_REQUEST_INVALID` for an item with neither: it would create a twin.
 */
export async function syncVendors(
  http: ProcoreHttp,
  updates: readonly VendorUpdate[],
): Promise<readonly ItemError[]> {
  if (updates.some(({ id, originId }) => id === undefined && (originId ?? '') === '')) {
    const reason = 'a vendor has neither id nor origin_id';
    throw new TiebackError('PROCORE_REQUEST_INVALID', { operation: 'vendors.sync', reason });
  }
  return syncErrors(http, {
    operation: 'vendors.sync',
    path: `${PATH}/sync`,
    scope: { company_id: http.companyId },
    items: updates,
    batchSize: http.settings.batchSizes.vendors,
    encode,
    key: ({ id, originId }) => String(id ?? originId),
    identity: ['id', 'origin_id'],
  });
}

const encode = ({ id, originId, fields }: VendorUpdate): JsonObject => ({
  ...fields,
  ...(id === undefined ? {} : { id }),
  ...(originId === undefined ? {} : { origin_id: originId }),
});

function readVendor(raw: JsonObject): ProcoreVendor | null {
  const id = toId(raw['id']);
  const originId = textOrNull(raw['origin_id']);
  return id === null
    ? null
    : { id, name: textOrNull(raw['name']) ?? '', originId: originId === '' ? null : originId, raw };
}
