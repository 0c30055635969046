import type { OpenDoorSettings } from '../../domain/request/open-door';
import type { ProcoreHttp } from '../client/http';
import type { Door } from '../door';
import { discover } from './discovery';
import { openKindsOf } from './open-kinds';
import { upsertRecords } from './upserts';
import { syncOrigins } from './origin-ties';

/**
 * The way in without Procore's ERP tool, whose endpoints are open to invited partners only: ordinary lists instead of ERP requests, the
 * origin fields of the resources themselves instead of external data, and records written straight instead of staged. What only the ERP
 * tool has is left out.
 */
export const openDoor = (http: ProcoreHttp, settings: OpenDoorSettings): Door => ({
  kinds: openKindsOf(http),
  ties: { set: (ties) => syncOrigins(http, ties) },
  staging: { stage: (records) => upsertRecords(http, records) },
  discovery: { discover: (scan) => discover(http, settings, scan) },
});
