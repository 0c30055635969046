import type { OpenDoorSettings } from '../../domain/request/open-door';
import { createCompany } from '../company';
import type { MetadataOptions } from '../erp-tool/metadata';
import type { ProcoreHttp } from '../http';
import { textOrNull } from '../json';
import type { ProcoreCompany } from '../port';
import { showVendor } from '../resources/vendors';
import { discover } from './discover';
import { syncOrigins, unable } from './origins';
import { syncOpenRecords, upsertRecords, upsertVendors } from './upserts';

/**
 * The port, assembled without Procore's ERP tool, whose endpoints are open to invited partners only: ordinary lists instead of ERP
 * requests, the origin fields of the resources themselves instead of external data, records written straight instead of staged, and no
 * request details. What only the ERP tool can do throws `OPEN_DOOR_UNABLE`; what is only its own bookkeeping is left out.
 */
export function createOpenDoorCompany(
  http: ProcoreHttp,
  settings: OpenDoorSettings,
  options: MetadataOptions = {},
): ProcoreCompany {
  return {
    ...createCompany(http, options),
    discover: (scan) => discover(http, settings, scan),
    showRequest: async () => Promise.reject(unable('read an ERP request')),
    listRequests: () => nothing(),
    closeDetails: async () => Promise.resolve([]),
    findDetails: async () => Promise.resolve([]),
    syncExternalData: (updates) => syncOrigins(http, updates),
    readExternalData: async (itemType, itemId) => {
      if (itemType !== 'vendor') throw unable(`read the external data of a ${itemType.replaceAll('_', ' ')}`);
      const { originId, raw } = await showVendor(http, itemId);
      const originCode = textOrNull(raw['origin_code']);
      return { itemType, itemId, originId, originCode, originData: textOrNull(raw['origin_data']) };
    },
    syncStagedRecords: async () => Promise.reject(unable('stage a record')),
    stageVendors: (vendors) => upsertVendors(http, vendors),
    stageRecords: (records) => upsertRecords(http, records),
    syncRecords: (resource, scope, items) => syncOpenRecords(http, resource, scope, items),
    deleteRecord: async (resource) => Promise.reject(unable(`delete ${resource.replaceAll('_', ' ')}`)),
    unlinkInvoicePayment: async () => Promise.reject(unable('unlink a payment')),
    createErpConnection: async () => Promise.reject(unable('make the ERP connection')),
    updateMetadata: async () => Promise.reject(unable('send the metadata configuration')),
  };
}

async function* nothing(): AsyncGenerator<never> {
  // There are no ERP requests without the ERP tool.
}
