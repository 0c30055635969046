import { contentHash, recordIdOf } from '../../domain/base/identity';
import type { Kind } from '../../domain/kinds';
import type { CustomFields } from '../../domain/kinds/custom-fields';
import { isCustomField } from '../../domain/kinds/custom-fields';
import type { ProcoreId } from '../../domain/request/intent';
import type { JsonObject } from '../client/json';
import { isList, isObject, textOrNull } from '../client/json';
import type { EventName } from '../erp-tool/events';
import { readRequest } from '../erp-tool/read-request';
import { only } from '../kinds/commitment';
import type { Discovered, Find } from '../port';
import type { Row } from '../kinds/toolbox/lists';

/*
 * Bodies in the shape of the ERP tool's events ("ERP Events Dictionary"), made of what the ordinary APIs show, so that everything behind
 * the readers is the same for both doors.
 */

/** What a find is made of: the event that would have told, the record it is about, and the data of the request. */
export interface Told {
  readonly companyId: ProcoreId;
  readonly event: EventName;
  readonly kind: Kind;
  readonly procoreId: ProcoreId;
  readonly data: JsonObject;
}

const bodyOf = ({ companyId, event, data }: Told): JsonObject => ({
  request_name: event,
  request_data: { ...data, company_id: companyId },
});

/** Not what the record says: what is tied to what changes while its request is on its way, and so do the words for it. */
const NOT_CONTENT = new Set(['originId', 'label', 'detailIds', 'notes', 'custom']);

/** A find whose revision is that of what a reader reads, so that neither times nor ties make it a new one. */
export function findOf(told: Told, customFields: CustomFields): Find {
  const body = bodyOf(told);
  const { intent } = readRequest(body, { companyId: told.companyId, erpRequestId: null, customFields });
  const said = intent.way === 'malformed' ? told.data : content(intent);
  const key = recordIdOf(told.kind, told.procoreId);
  return { key, revision: contentHash([told.event, said]), body };
}

function content(value: unknown): unknown {
  if (isList(value)) return value.map(content);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      // A custom field that is mapped from now on is news only where it is filled.
      .filter(([key, inner]) => !NOT_CONTENT.has(key) && !(isCustomField(key) && inner === null))
      .map(([key, inner]) => [key, content(inner)]),
  );
}

/** Notices by kind: Procore has a record of ours that we do not know of, and our link follows. */
const NOTICES = {
  vendor: {
    event: 'create_vendor_in_procore',
    data: ({ raw }: Row) => ({ vendor: only(raw, ['id', 'origin_id']) }),
  },
  project: {
    event: 'create_job_in_procore',
    data: ({ raw }: Row) => ({
      project: only(raw, ['id', 'name', 'origin_id', 'origin_data', 'origin_code']),
    }),
  },
  commitment: {
    event: 'create_commitment_in_procore',
    data: ({ raw }: Row, projectOriginId: unknown) => ({
      project_origin_id: projectOriginId ?? null,
      commitment: only(raw, ['id', 'origin_id', 'title', 'description']),
    }),
  },
} as const;

/** A record that carries an `origin_id` of ours. Here it is the tie that makes a notice a new one. */
export function linkedOf(
  companyId: ProcoreId,
  kind: keyof typeof NOTICES,
  row: Row,
  projectOriginId?: unknown,
): Discovered['linked'][number] {
  const { event, data } = NOTICES[kind];
  const told: Told = { companyId, event, kind, procoreId: row.id, data: data(row, projectOriginId) };
  const revision = contentHash([event, told.data]);
  return {
    kind,
    procoreId: row.id,
    originId: textOrNull(row.raw['origin_id']) ?? '',
    notice: { key: recordIdOf(kind, row.id), revision, body: bodyOf(told) },
  };
}
