import type { ProcoreHttp } from '../http';
import { fillPath } from '../http';
import type { JsonObject } from '../json';
import type { ItemError, StagedRecord } from '../port';
import { syncErrors } from '../sync';

/**
 * Creates or updates what waits on "Ready to Import", by `(item_type, origin_id)` ("Staged Records" guide). The key of an error is
 * the origin_id.
 */
export const syncStagedRecords = (
  http: ProcoreHttp,
  updates: readonly StagedRecord[],
): Promise<readonly ItemError[]> =>
  syncErrors(http, {
    operation: 'stagedRecords.sync',
    path: fillPath(http.settings.paths['stagedRecords.sync'], { company_id: http.companyId }),
    items: updates,
    batchSize: http.settings.batchSizes.stagedRecords,
    encode,
    key: ({ originId }) => originId,
    identity: ['origin_id'],
  });

/**
 * Children carry no status of their own: Procore moves them with their parent, except those that a user archived ("Staged Records"),
 * which must stay archived.
 */
const encode = ({ status, children = [], ...record }: StagedRecord): JsonObject => ({
  ...base(record),
  status,
  ...(children.length === 0 ? {} : { children: children.map(base) }),
});

const base = (record: Pick<StagedRecord, 'itemType' | 'originId' | 'originCode' | 'data'>): JsonObject => ({
  item_type: record.itemType,
  origin_id: record.originId,
  origin_code: record.originCode,
  data: record.data,
});
