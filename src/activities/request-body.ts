import type { ErpRequestIntent, ReadErpRequest } from '../domain/request/intent';
import { recordIdOf } from '../domain/base/identity';
import { questionRecordId } from '../domain/plan/release';
import type { ErpRequestRow } from '../store/rows';
import type { ConnectionParts } from './deps';

/** Reads the stored body of a request. */
export const readStored = (connection: ConnectionParts, row: ErpRequestRow): ReadErpRequest =>
  connection.procore.readRequest({ id: row.requestId, body: row.body?.received });

/** The intent of a request that is known to be of this kind. */
export function intentOf<K extends ErpRequestIntent['kind']>(
  connection: ConnectionParts,
  row: ErpRequestRow,
  kind: K,
): Extract<ErpRequestIntent, { kind: K }> {
  const { intent } = readStored(connection, row);
  if (intent.kind !== kind) throw new Error(`ERP request ${row.requestId} is ${intent.kind}, not ${kind}`);
  return intent as Extract<ErpRequestIntent, { kind: K }>;
}

/** The one record a request is about; null when it is about none or several. */
export function recordOf(intent: ErpRequestIntent): string | null {
  switch (intent.kind) {
    case 'create_vendor':
      return recordIdOf('vendor', intent.procoreId);
    case 'export': {
      const [only, second] = intent.records;
      return only && !second ? recordIdOf(only.entity, only.procoreId) : null;
    }
    case 'question': {
      const [only, second] = intent.items;
      return only && !second ? questionRecordId(only) : null;
    }
    case 'refresh':
      return recordIdOf(intent.entity, intent.subJobId ?? intent.projectId);
    default:
      return null;
  }
}

/** Record id for exceptions and search: the record, or the request itself. */
export const subjectIdOf = ({ intent, requestId }: ReadErpRequest): string =>
  recordOf(intent) ?? recordIdOf('erp_request', requestId);
