import type { ProcoreHttp } from '../client/http';
import type { Door } from '../door';
import { kindsOf } from '../kinds';
import { closeDetails, findDetails, readDetails } from './details';
import { metadataOf } from './erp-connection';
import { readExternalData, syncExternalData } from './external-data';
import type { MetadataOptions } from './metadata';
import { listRequests, showRequest } from './requests';
import { stageRecords } from './staged-records';

/** The way in by Procore's ERP tool, whose endpoints are open to invited partners only. */
export const erpToolDoor = (http: ProcoreHttp, options: MetadataOptions): Door => ({
  kinds: kindsOf(http),
  ties: {
    set: (ties) => syncExternalData(http, ties),
    read: (itemType, itemId) => readExternalData(http, itemType, itemId),
  },
  staging: { stage: (records) => stageRecords(http, records) },
  requests: { show: (id) => showRequest(http, id), list: (afterId) => listRequests(http, afterId) },
  details: {
    close: (closings) => closeDetails(http, closings),
    find: (itemId) => findDetails(http, itemId),
    read: (asked) => readDetails(http, asked),
  },
  metadata: metadataOf(http, options),
});
