import type * as z from 'zod';
import type { RefTarget } from '../../../domain/kinds/entity';
import type { NoticedRecord, RecordDraft } from '../../../domain/request/intent';
import {
  idSchema,
  listSchema,
  objectSchema,
  optionalIdSchema,
  originIdSchema,
  textSchema,
} from '../../read-problems';
import type { EventName } from '../events';
import type { EventReader, Reading } from '../reader';
import { readWith } from '../reader';
import { counted, detailIdsIn, exported, ITEM_DETAIL, lastPart, noticed, refTo, titled } from './parts';
import { syncReader } from './syncs';

const accountSchema = originIdSchema.transform(lastPart);

const standardCodeSchema = objectSchema({
  id: idSchema,
  origin_id: originIdSchema,
  code: textSchema,
  full_code: textSchema,
  name: textSchema,
  parent_id: optionalIdSchema,
  parent_origin_id: originIdSchema,
  erp_custom_fields: objectSchema({
    income_account_origin_id: accountSchema,
    expense_account_origin_id: accountSchema,
  }).nullish(),
  ...ITEM_DETAIL,
});
type StandardCode = z.output<typeof standardCodeSchema>;

function draftOf(code: StandardCode): RecordDraft {
  const fullCode = code.full_code ?? code.code;
  return {
    entity: 'standard_cost_code',
    itemType: 'standard_cost_code',
    procoreId: code.id,
    originId: code.origin_id,
    label: titled('Standard cost code', fullCode, code.name),
    projectId: null,
    detailIds: detailIdsIn(code),
    fields: {
      code: fullCode,
      name: code.name,
      incomeAccount: code.erp_custom_fields?.income_account_origin_id ?? null,
      expenseAccount: code.erp_custom_fields?.expense_account_origin_id ?? null,
      isActive: true,
    },
    refs: {
      parent: refTo('standard_cost_code', code.parent_id, code.parent_origin_id, null, 'standard cost code'),
    },
    lines: [],
    notes: [],
  };
}

/** A parent may be in the same batch: it comes first. Codes that are each other's parents keep their order. */
function parentsFirst(codes: readonly StandardCode[]): readonly StandardCode[] {
  const byId = new Map(codes.map((code) => [code.id, code]));
  const sorted = new Set<StandardCode>();
  for (const code of codes) {
    const chain: StandardCode[] = [];
    let next: StandardCode | undefined = code;
    while (next !== undefined && !sorted.has(next) && !chain.includes(next)) {
      chain.push(next);
      next = next.parent_id === null ? undefined : byId.get(next.parent_id);
    }
    for (const ancestor of chain.reverse()) sorted.add(ancestor);
  }
  return [...sorted];
}

const listedSchema = objectSchema({ id: idSchema, origin_id: originIdSchema });

const notice = (
  how: 'deleted' | 'unlinked',
  singular: string,
  records: readonly NoticedRecord[],
): Reading => {
  const label = counted(records.length, singular);
  return { subject: label, intent: { kind: 'notice', how, label, records, wholeProjectId: null } };
};

const noticedAll = (
  target: RefTarget,
  rows: readonly { readonly id: number; readonly origin_id: string | null }[],
): readonly NoticedRecord[] => rows.map((row) => noticed(target, row.id, row.origin_id));

/** The events about standard cost codes and cost types. */
export const CODE_READERS = {
  create_standard_cost_codes: readWith(listSchema(standardCodeSchema), (codes, body) =>
    exported(body, parentsFirst(codes).map(draftOf), 'standard cost codes'),
  ),
  sync_standard_cost_codes: syncReader('standard_cost_code'),
  unlink_standard_cost_codes: readWith(
    objectSchema({ standard_cost_codes: listSchema(listedSchema) }),
    ({ standard_cost_codes: codes }) =>
      notice('unlinked', 'standard cost code', noticedAll('standard_cost_code', codes)),
  ),
  delete_standard_cost_codes: readWith(
    objectSchema({ standard_cost_code_data_array: listSchema(listedSchema) }),
    ({ standard_cost_code_data_array: codes }) =>
      notice('deleted', 'standard cost code', noticedAll('standard_cost_code', codes)),
  ),
  sync_standard_categories: syncReader('line_item_type'),
  delete_standard_categories: readWith(
    objectSchema({
      standard_category_data_array: listSchema(
        objectSchema({ procore_id: idSchema, origin_id: originIdSchema }),
      ),
    }),
    ({ standard_category_data_array: types }) =>
      notice(
        'deleted',
        'cost type',
        types.map((type) => noticed('line_item_type', type.procore_id, type.origin_id)),
      ),
  ),
} as const satisfies Partial<Record<EventName, EventReader>>;
