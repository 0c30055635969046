import { showMe } from './resources/me';
import { closeDetails, findDetails } from './erp-tool/request-details';
import { readExternalData, syncExternalData } from './erp-tool/external-data';
import { listRequests, showRequest } from './erp-tool/requests';
import { readRequest } from './erp-tool/read-request';
import { syncStagedRecords } from './erp-tool/staged-records';
import type { ProcoreHttp } from './http';
import type { ProcoreCompany } from './port';
import { stageVendors, updateVendors } from './resources/canonical-vendors';
import { listVendors, showVendor, syncVendors } from './resources/vendors';
import { createHook, createTrigger, listHooks, listTriggers, updateHook } from './webhooks/hooks';

/** The port, assembled from the calls of one company. */
export function createCompany(http: ProcoreHttp): ProcoreCompany {
  return {
    ...({} as Pick<
      ProcoreCompany,
      | 'syncRecords'
      | 'stageRecords'
      | 'deleteRecord'
      | 'unlinkInvoicePayment'
      | 'findByOriginId'
      | 'listLines'
      | 'createErpConnection'
      | 'updateMetadata'
    >),
    companyId: http.companyId,
    me: () => showMe(http),
    showRequest: (id) => showRequest(http, id),
    listRequests: (afterId) => listRequests(http, afterId),
    readRequest: (raw) => readRequest(raw, http.companyId),
    closeDetails: (closings) => closeDetails(http, closings),
    findDetails: (itemId) => findDetails(http, itemId),
    syncExternalData: (updates) => syncExternalData(http, updates),
    readExternalData: (itemType, itemId) => readExternalData(http, itemType, itemId),
    syncStagedRecords: (updates) => syncStagedRecords(http, updates),
    listVendors: (filter) => listVendors(http, filter),
    showVendor: (id) => showVendor(http, id),
    syncVendors: (updates) => syncVendors(http, updates),
    stageVendors: (vendors) => stageVendors(http, vendors),
    updateVendors: (updates) => updateVendors(http, updates),
    listHooks: (namespace) => listHooks(http, namespace),
    createHook: (hook) => createHook(http, hook),
    updateHook: (id, hook) => updateHook(http, id, hook),
    listTriggers: (hookId) => listTriggers(http, hookId),
    createTrigger: (hookId, trigger) => createTrigger(http, hookId, trigger),
  };
}
