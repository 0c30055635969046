import type { SyncPlace } from '../../domain/plan/operation';
import type { ProcoreId, RecordDraft } from '../../domain/request/intent';
import type { ProcoreHttp } from '../client/http';
import { draft, readWhole, titled } from './toolbox/draft';
import { counted, notice, noticed, readWith, syncReader } from './toolbox/event';
import type { KindRoom } from './toolbox/kind-room';
import type { List, Row } from './toolbox/lists';
import { findIn, listAt, ofCompany, rowsOf } from './toolbox/lists';
import * as s from './toolbox/schemas';
import type { SeenKind } from './toolbox/seen';
import { carried, seenField, SeenReader, seeWhole, seenTitle } from './toolbox/seen';
import type { ProcoreFields } from './toolbox/sync-resource';
import { syncWith } from './toolbox/sync-resource';

const typeSchema = s.object({
  id: s.id,
  origin_id: s.originId,
  ...s.each(s.text, 'code', 'name', 'base_type'),
});

const baseTypeOf = (type: string | null): string | null => (type === 'commitment' ? 'commitments' : type);

/** Whether a cost type is in use Procore does not say. */
const SEEN: SeenKind = {
  kind: 'line_item_type',
  label: seenTitle('Cost type'),
  fields: {
    code: seenField(s.text, 'code'),
    name: seenField(s.text, 'name'),
    baseType: seenField(s.text.transform(baseTypeOf), 'base_type'),
  },
};

const WRITTEN_FIELDS = {
  code: 'csv_import_code',
  name: 'name',
  baseType: { name: 'base_type', as: (type) => (type === 'commitments' ? 'commitment' : type) },
} as const satisfies ProcoreFields;

const draftOf = (type: s.Of<typeof typeSchema>): RecordDraft =>
  draft('line_item_type', {
    procoreId: type.id,
    originId: type.origin_id,
    label: titled('Cost type', type.code, type.name),
    fields: {
      code: type.code,
      name: type.name,
      baseType: baseTypeOf(type.base_type),
      isActive: true,
    },
  });

/** Those of the company, or those that a project uses: the OpenAPI wants one of the two named, never both. */
const list = (http: ProcoreHttp, projectId: ProcoreId | null | undefined): List =>
  listAt('line_item_types', typeof projectId === 'number' ? { project_id: projectId } : ofCompany(http));

export const costTypes = (
  http: ProcoreHttp,
  projectId: ProcoreId | null | undefined,
): Promise<readonly Row[]> => rowsOf(http, list(http, projectId));

export const lineItemType = {
  events: {
    sync_standard_categories: syncReader('line_item_type'),
    delete_standard_categories: readWith(
      s.object({
        standard_category_data_array: s.list(s.object({ procore_id: s.id, origin_id: s.originId })),
      }),
      ({ standard_category_data_array: types }) =>
        notice(
          'deleted',
          counted(types.length, 'cost type'),
          types.map((type) => noticed('line_item_type', type.procore_id, type.origin_id)),
        ),
    ),
  },
  port: (http) => {
    const reader = new SeenReader(http, SEEN);
    const listOf = ({ projectId }: SyncPlace): List => list(http, projectId);
    return {
      ...readWhole(http, listOf, typeSchema, draftOf),
      ...seeWhole(http, reader, listOf),
      carries: carried(http, SEEN, Object.keys(WRITTEN_FIELDS)),
      write: syncWith(http, {
        operation: 'lineItemTypes.sync',
        path: '/rest/v1.0/line_item_types/sync',
        body: ({ companyId }) => ({ company_id: companyId }),
        key: 'id or origin_id',
        fields: WRITTEN_FIELDS,
        echo: (row, place) => reader.echo(row, place),
      }),
      findByOriginId: findIn(http, {
        name: 'line_item_types',
        itemType: 'line_item_type',
        scopes: (of) => list(of, null).query ?? {},
        filtered: true,
      }),
    };
  },
} as const satisfies KindRoom;
