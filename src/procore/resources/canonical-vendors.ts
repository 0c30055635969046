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
 * Updates linked vendors. The id alone decides which vendor is meant; the origin_id goes along and stays what it is. The key of an error
 * is the Procore id.
 */
export const updateVendors = (http: ProcoreHttp, updates: Updates): Promise<readonly ItemError[]> =>
  syncVendors(
    http,
    updates.map(({ procoreId, originId, fields }) => ({
      id: procoreId,
      originId,
      fields: vendorToProcore(fields),
    })),
  );
