import type { SyncPlace } from '../../domain/plan/operation';
import type { ProcoreId } from '../../domain/request/intent';
import { isTiebackError } from '../../domain/base/errors';
import { originIdOf } from '../../domain/base/identity';
import type { ProcoreHttp } from '../client/http';
import { toId } from '../client/json';
import type { ProcoreKind, SyncItem } from '../port';
import type { Above } from './toolbox/code-tree';
import { writeTree } from './toolbox/code-tree';
import type { ReadDraft } from './toolbox/custom-fields';
import { detailIdsIn, draft, lastPart, readWhole, refTo, titled } from './toolbox/draft';
import { counted, exported, notice, noticed, readWith, syncReader } from './toolbox/event';
import type { KindRoom } from './toolbox/kind-room';
import type { List, Row } from './toolbox/lists';
import { findIn, listAt, needed, ofCompany, ownerOf, rowsOf } from './toolbox/lists';
import * as s from './toolbox/schemas';
import type { SeenKind } from './toolbox/seen';
import { carried, seenField, SeenReader, seeWhole, seenTitle } from './toolbox/seen';
import { syncWith } from './toolbox/sync-resource';

const account = s.originId.transform(lastPart);

const codeSchema = s.holder('standard_cost_code', {
  id: s.id,
  origin_id: s.originId,
  ...s.each(s.text, 'code', 'full_code', 'name'),
  parent_id: s.optionalId,
  parent_origin_id: s.originId,
  erp_custom_fields: s.exportForm({ income_account_origin_id: account, expense_account_origin_id: account }),
  ...s.itemDetail,
});
type Code = s.Of<typeof codeSchema>;

function draftOf(code: Code): ReadDraft {
  const fullCode = code.full_code ?? code.code;
  const parent = { id: code.parent_id, origin_id: code.parent_origin_id };
  return draft('standard_cost_code', {
    procoreId: code.id,
    originId: code.origin_id,
    label: titled('Standard cost code', fullCode, code.name),
    detailIds: detailIdsIn(code),
    fields: {
      code: fullCode,
      name: code.name,
      incomeAccount: code.erp_custom_fields?.income_account_origin_id ?? null,
      expenseAccount: code.erp_custom_fields?.expense_account_origin_id ?? null,
      isActive: true,
    },
    refs: { parent: refTo('standard_cost_code', parent, 'standard cost code') },
    holder: code,
  });
}

/** What an approver typed at an export is no field of the code, and whether it is in use Procore does not say: neither is compared. */
const SEEN: SeenKind = {
  kind: 'standard_cost_code',
  label: seenTitle('Standard cost code'),
  fields: {
    code: seenField(s.text, 'full_code'),
    name: seenField(s.text, 'name'),
  },
  refs: {
    parent: {
      from: 'parent_id',
      read: ({ raw }) => refTo('standard_cost_code', { id: toId(raw['parent_id']) }, 'standard cost code'),
    },
  },
};

/** A parent may be in the same batch: it comes first. Codes that are each other's parents keep their order. */
function parentsFirst(codes: readonly Code[]): readonly Code[] {
  const byId = new Map(codes.map((code) => [code.id, code]));
  const sorted = new Set<Code>();
  for (const code of codes) {
    const chain: Code[] = [];
    let next: Code | undefined = code;
    while (next !== undefined && !sorted.has(next) && !chain.includes(next)) {
      chain.push(next);
      next = next.parent_id === null ? undefined : byId.get(next.parent_id);
    }
    for (const ancestor of chain.reverse()) sorted.add(ancestor);
  }
  return [...sorted];
}

/** The company's lists of standard cost codes; the ERP's own is one of them, made with the ERP connection. */
export const standardCodeLists = (http: ProcoreHttp): Promise<readonly Row[]> =>
  rowsOf(http, listAt('standard_cost_code_lists', ofCompany(http)));

/** The default view shows nothing but ids. */
const list = (http: ProcoreHttp, listId: ProcoreId): List =>
  listAt('standard_cost_codes', {
    ...ofCompany(http),
    standard_cost_code_list_id: listId,
    view: 'extended',
  });

export const standardCodesIn = (http: ProcoreHttp, listId: ProcoreId): Promise<readonly Row[]> =>
  rowsOf(http, list(http, listId));

/** The codes of the ERP's list; none before the ERP connection made one, or where the lists, which are deprecated, are no more. */
export async function erpStandardCodes(http: ProcoreHttp): Promise<readonly Row[]> {
  const lists = await standardCodeLists(http).catch((error: unknown): readonly Row[] => {
    if (isTiebackError(error) && error.code === 'PROCORE_NOT_FOUND') return [];
    throw error;
  });
  const erp = lists.find(({ raw }) => raw['is_erp_list'] === true);
  return erp === undefined ? [] : standardCodesIn(http, erp.id);
}

const listedSchema = s.list(s.object({ id: s.id, origin_id: s.originId }));
const gone = (how: 'deleted' | 'unlinked', codes: s.Of<typeof listedSchema>) =>
  notice(
    how,
    counted(codes.length, 'standard cost code'),
    codes.map((code) => noticed('standard_cost_code', code.id, code.origin_id)),
  );

/** In the sync action the code carries its parents ("23-050"). */
const WRITTEN_FIELDS = { code: 'code', name: 'name' } as const;

/** Parents are named by Procore's id ("standard_cost_codes/sync" in the OpenAPI), which their `origin_id` leads to. */
function writeCodes(http: ProcoreHttp, reader: SeenReader): NonNullable<ProcoreKind['write']> {
  const write = syncWith(http, {
    operation: 'standardCostCodes.sync',
    path: '/rest/v1.0/standard_cost_codes/sync',
    // The default view echoes nothing but ids, which no item could be recognised by.
    query: () => ({ view: 'extended' }),
    body: ({ companyId, listId }) => ({ company_id: companyId, standard_cost_code_list_id: listId }),
    key: 'id or origin_id',
    fields: WRITTEN_FIELDS,
    echo: (row, place) => reader.echo(row, place),
    more: ({ parentId, fields: { parent } }) =>
      parentId === undefined && parent !== null ? {} : { parent_id: parentId ?? null },
  });
  return async (place, items) => {
    const parentOf = ({ fields: { parent } }: SyncItem): string | null =>
      typeof parent === 'string' ? originIdOf('standard_cost_code', parent) : null;
    const here = new Map(items.map(({ originId, key }) => [originId, key]));
    const isElsewhere = items.some((item) => {
      const parent = parentOf(item);
      return parent !== null && !here.has(parent);
    });
    const listId = needed('standardCostCodes.sync', place.listId, 'the standard cost code list');
    const there = isElsewhere ? await standardCodesIn(http, listId) : [];
    const ids = new Map(there.map((row) => [ownerOf(row), row.id]));
    const aboveOf = (item: SyncItem): Above | null => {
      const parent = parentOf(item);
      if (parent === null) return null;
      const id = ids.get(parent);
      return id === undefined ? { key: here.get(parent) ?? parent } : { id };
    };
    return writeTree(items, aboveOf, (some) => write(place, some));
  };
}

export const standardCostCode = {
  events: {
    create_standard_cost_codes: readWith(s.list(codeSchema), (codes, body) =>
      exported(body, parentsFirst(codes).map(draftOf)),
    ),
    sync_standard_cost_codes: syncReader('standard_cost_code'),
    unlink_standard_cost_codes: readWith(
      s.object({ standard_cost_codes: listedSchema }),
      ({ standard_cost_codes: codes }) => gone('unlinked', codes),
    ),
    delete_standard_cost_codes: readWith(
      s.object({ standard_cost_code_data_array: listedSchema }),
      ({ standard_cost_code_data_array: codes }) => gone('deleted', codes),
    ),
  },
  port: (http) => {
    const reader = new SeenReader(http, SEEN);
    const listOf = ({ listId }: SyncPlace): List =>
      list(http, needed('standard_cost_codes.list', listId, 'the standard cost code list'));
    return {
      ...readWhole(http, listOf, codeSchema, draftOf),
      ...seeWhole(http, reader, listOf),
      carries: carried(http, SEEN, [...Object.keys(WRITTEN_FIELDS), 'parent']),
      write: writeCodes(http, reader),
      findByOriginId: findIn(http, {
        name: 'standard_cost_codes',
        itemType: 'standard_cost_code',
        filtered: true,
        scopes: async (of) =>
          (await standardCodeLists(of))
            .filter(({ raw }) => raw['is_erp_list'] !== false)
            .map(({ id }) => list(of, id).query ?? {}),
      }),
    };
  },
} as const satisfies KindRoom;
