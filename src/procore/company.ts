import { listOrigins } from './census';
import { createErpConnection, metadataRevision, updateMetadata } from './erp-tool/connection';
import type { MetadataOptions } from './erp-tool/metadata';
import { closeDetails, findDetails } from './erp-tool/request-details';
import { readExternalData, syncExternalData } from './erp-tool/external-data';
import { listRequests, showRequest } from './erp-tool/requests';
import { readRequest } from './erp-tool/read-request';
import { syncStagedRecords } from './erp-tool/staged-records';
import type { ProcoreHttp } from './http';
import type { ProcoreCompany } from './port';
import { stageVendors, updateVendors } from './resources/canonical-vendors';
import { findByOriginId, listLines } from './resources/look-up';
import { showMe } from './resources/me';
import { deleteRecord, unlinkInvoicePayment } from './resources/removal';
import { stageRecords } from './resources/staged-mapping';
import { syncRecords } from './resources/sync-records';
import { listVendors, showVendor, syncVendors } from './resources/vendors';
import { createHook, createTrigger, listHooks, listTriggers, updateHook } from './webhooks/hooks';

/** The port, assembled from the calls of one company. */
export function createCompany(http: ProcoreHttp, options: MetadataOptions = {}): ProcoreCompany {
  return {
    companyId: http.companyId,
    me: () => showMe(http),
    showRequest: (id) => showRequest(http, id),
    listRequests: (afterId) => listRequests(http, afterId),
    readRequest: (raw) => readRequest(raw, http.companyId),
    listOrigins: () => listOrigins(http),
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
    syncRecords: (resource, scope, items) => syncRecords(http, resource, scope, items),
    stageRecords: (records) => stageRecords(http, records),
    deleteRecord: (resource, id, scope) => deleteRecord(http, resource, id, scope),
    unlinkInvoicePayment: (id) => unlinkInvoicePayment(http, id),
    findByOriginId: (entity, originIds, projectId) => findByOriginId(http, entity, originIds, projectId),
    listLines: (itemType, procoreId, projectId) => listLines(http, itemType, procoreId, projectId),
    createErpConnection: (connection) => createErpConnection(http, connection, options),
    updateMetadata: (metadata) => updateMetadata(http, metadata, options),
    metadataRevision: (metadata) => metadataRevision(metadata, options),
    listHooks: (namespace) => listHooks(http, namespace),
    createHook: (hook) => createHook(http, hook),
    updateHook: (id, hook) => updateHook(http, id, hook),
    listTriggers: (hookId) => listTriggers(http, hookId),
    createTrigger: (hookId, trigger) => createTrigger(http, hookId, trigger),
  };
}
