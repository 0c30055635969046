import type { ProcoreHttp } from '../http';
import type { ItemError, ProcoreCompany } from '../port';
import { syncStagedRecords } from '../erp-tool/staged-records';
import { vendorToProcore, vendorToStagedData } from './vendor-mapping';
import { syncVendors } from './vendors';

type Staged = Parameters<ProcoreCompany['stageVendors']>[0];
type Updates = Parameters<ProcoreCompany['updateVendors']>[0];

/** Puts ERP vendors on "Ready to Import", or takes them off it. The key of an error is the origin_id. */
export const stageVendors = (http: ProcoreHttp, vendors: Staged): Promise<readonly ItemError[]> =>
  syncStagedRecords(
    http,
    vendors.map(({ originId, status, vendor }) => ({
      itemType: 'vendor',
      originId,
      originCode: vendor.code,
      status,
      data: vendorToStagedData(vendor),
    })),
  );

/**
 * Updates linked vendors by id. The origin_id is not sent: it would tie a company again that somebody unlinked in the meantime. The key
 * of an error is the Procore id.
 */
export const updateVendors = (http: ProcoreHttp, updates: Updates): Promise<readonly ItemError[]> =>
  syncVendors(
    http,
    updates.map(({ procoreId, fields }) => ({ id: procoreId, fields: vendorToProcore(fields) })),
  );
