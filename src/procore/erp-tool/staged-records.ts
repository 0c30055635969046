import type { ProcoreHttp } from '../http';
import { fillPath } from '../http';
import type { ItemError, StagedRecord } from '../port';
import { sync } from '../sync';

/**
 * Creates or updates what waits on "Ready to Import", by `(item_type, origin_id)` ("Staged Records" guide). The key of an error is
 * the origin_id.
 */
export const syncStagedRecords = (
  http: ProcoreHttp,
  updates: readonly StagedRecord[],
): Promise<readonly ItemError[]> =>
  sync(http, {
    operation: 'stagedRecords.sync',
    path: fillPath(http.settings.paths['stagedRecords.sync'], { company_id: http.companyId }),
    items: updates,
    batchSize: http.settings.batchSizes.stagedRecords,
    encode: ({ itemType, originId, originCode, status, data }) => ({
      item_type: itemType,
      origin_id: originId,
      origin_code: originCode,
      status,
      data,
    }),
    key: ({ originId }) => originId,
    identity: ['origin_id'],
  });
