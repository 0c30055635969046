import type * as z from 'zod';
import { sum } from '../../../domain/base/money';
import type { DraftLine, RecordDraft } from '../../../domain/request/intent';
import {
  dateSchema,
  flagSchema,
  idSchema,
  listSchema,
  numberTextSchema,
  objectSchema,
  optionalIdSchema,
  originIdSchema,
  requiredDecimalSchema,
  textSchema,
} from '../../read-problems';
import type { EventName } from '../events';
import type { EventReader } from '../reader';
import { readWith } from '../reader';
import {
  approverFieldsSchema,
  CONTRACT_ITEM,
  costCodeRef,
  costCodeSchema,
  costRefs,
  costTypeRef,
  exported,
  jobRef,
  lineItemTypeSchema,
  numbersOf,
  projectSchema,
  refTo,
  titled,
  unlinkQuestion,
} from './parts';
import { syncReader } from './syncs';

const markupSchema = objectSchema({
  id: idSchema,
  amount: requiredDecimalSchema,
  markup: objectSchema({
    can_export_estimate_markup: flagSchema(false),
    name: textSchema,
    position: numberTextSchema,
    destination_cost_code: costCodeSchema,
    destination_line_item_type: lineItemTypeSchema,
    prime_line_item: objectSchema({ id: optionalIdSchema, origin_id: originIdSchema }).nullish(),
  }),
});
type Markup = z.output<typeof markupSchema>;

const itemSchema = objectSchema({
  ...CONTRACT_ITEM,
  prime_line_item_id: optionalIdSchema,
  prime_line_item_origin_id: originIdSchema,
  markup_line_items: listSchema(markupSchema).nullish(),
});
type Item = z.output<typeof itemSchema>;

const exportSchema = objectSchema({
  project: projectSchema,
  prime_contract: objectSchema({
    id: idSchema,
    number: numberTextSchema,
    title: textSchema,
    origin_id: originIdSchema,
  }),
  prime_contract_items: listSchema(objectSchema({ id: idSchema, origin_id: originIdSchema })).nullish(),
  prime_contract_change_order: objectSchema({
    id: idSchema,
    number: numberTextSchema,
    title: textSchema,
    description: textSchema,
    origin_id: originIdSchema,
    origin_code: textSchema,
    approved_on: dateSchema,
    reviewed_at: dateSchema,
    created_at: dateSchema,
    erp_custom_fields: approverFieldsSchema({ transaction_date: dateSchema, accounting_date: dateSchema }),
  }),
  prime_contract_change_order_items: listSchema(itemSchema),
});

const readChangeOrder = readWith(exportSchema, (data, body) => {
  const { prime_contract: contract, prime_contract_change_order: order } = data;
  const code = order.origin_code ?? order.number;
  const origins = new Map((data.prime_contract_items ?? []).map((item) => [item.id, item.origin_id]));
  const items = numbered(data.prime_contract_change_order_items);
  const markups = items.flatMap(({ item, number }) => markupsOf(item, number));
  const lines = [
    ...items.map(({ item, number }) => lineOf(item, number, origins)),
    ...markups.filter(({ markup }) => markup.markup.can_export_estimate_markup).map(markupLine),
  ];
  const record: RecordDraft = {
    entity: 'prime_contract_change_order',
    itemType: 'change_order',
    procoreId: order.id,
    originId: order.origin_id,
    label: titled('Prime contract change order', code, order.title),
    projectId: data.project?.id ?? null,
    detailIds: [],
    fields: {
      code,
      name: order.title,
      description: order.description,
      date: order.approved_on ?? order.reviewed_at ?? order.created_at,
      // `transaction_date` is the field of the export form in the sample.
      accountingDate:
        order.erp_custom_fields?.accounting_date ?? order.erp_custom_fields?.transaction_date ?? null,
      // The change order has no amount of its own in the request.
      amount: sum(lines.map(({ fields }) => String(fields['amount']))),
    },
    refs: {
      job: jobRef(data.project),
      primeContract: refTo(
        'prime_contract',
        contract.id,
        contract.origin_id,
        contract.number ?? contract.title,
        'prime contract',
      ),
    },
    lines,
    notes: markups
      .filter(({ markup }) => !markup.markup.can_export_estimate_markup)
      .map(
        ({ markup, line }) => `Markup ${nameOf(markup)} of ${markup.amount} on line ${line} is not exported.`,
      ),
  };
  return exported(body, [record], 'prime contract change orders');
});

const nameOf = ({ markup, id }: Markup): string => (markup.name === null ? String(id) : `"${markup.name}"`);

function numbered(items: readonly Item[]): readonly { item: Item; number: string }[] {
  const numbers = numbersOf(items.map(({ position }) => position));
  return items.map((item, index) => ({ item, number: numbers[index] ?? String(index + 1) }));
}

/** Positions of markups start anew on every line: `1.2` is the second markup on line 1. */
function markupsOf(item: Item, line: string): readonly { markup: Markup; number: string; line: string }[] {
  const markups = item.markup_line_items ?? [];
  const numbers = numbersOf(markups.map(({ markup }) => markup.position));
  return markups.map((markup, index) => ({
    markup,
    line,
    number: `${line}.${numbers[index] ?? String(index + 1)}`,
  }));
}

const lineOf = (item: Item, number: string, origins: ReadonlyMap<number, string | null>): DraftLine => {
  const id = item.prime_line_item_id;
  const originId = item.prime_line_item_origin_id ?? (id === null ? null : (origins.get(id) ?? null));
  return {
    kind: 'prime_change_line',
    number,
    procoreId: item.id,
    itemType: 'line_item',
    fields: { description: item.description, amount: item.amount },
    refs: {
      primeContractLine: refTo('prime_contract_line', id, originId, null, 'prime contract line'),
      ...costRefs(item),
    },
  };
};

/** A markup goes where its destination says, not where the line it is on goes. */
const markupLine = ({ markup, number }: { markup: Markup; number: string }): DraftLine => ({
  kind: 'prime_change_markup',
  number,
  procoreId: markup.id,
  itemType: 'markup',
  fields: { description: markup.markup.name, amount: markup.amount },
  refs: {
    primeContractLine: refTo(
      'prime_contract_line',
      markup.markup.prime_line_item?.id ?? null,
      markup.markup.prime_line_item?.origin_id ?? null,
      null,
      'prime contract line',
    ),
    costCode: costCodeRef(markup.markup.destination_cost_code),
    costType: costTypeRef(markup.markup.destination_line_item_type),
  },
});

const askedItemsSchema = listSchema(
  objectSchema({ id: idSchema, markup_line_items: listSchema(objectSchema({ id: idSchema })).nullish() }),
);

const linesIn = (
  items: z.output<typeof askedItemsSchema>,
): readonly { readonly itemType: string; readonly procoreId: number }[] =>
  items.flatMap((item) => [
    { itemType: 'line_item', procoreId: item.id },
    ...(item.markup_line_items ?? []).map(({ id }) => ({ itemType: 'markup', procoreId: id })),
  ]);

const unlinkSchema = objectSchema({
  prime_contract: objectSchema({ project_id: optionalIdSchema }).nullish(),
  prime_contract_change_order: objectSchema({
    id: idSchema,
    origin_id: originIdSchema,
    number: numberTextSchema,
  }),
  prime_contract_change_order_line_items: askedItemsSchema,
});

const resetSchema = objectSchema({
  prime_contract_change_order_id: idSchema,
  prime_contract_change_order_origin_id: originIdSchema,
  prime_contract_change_order_number: numberTextSchema,
  project_id: optionalIdSchema,
  prime_contract_change_order_line_items: askedItemsSchema,
});

/** The events about prime contracts and their change orders. */
export const PRIME_READERS = {
  sync_prime_contracts: syncReader('prime_contract'),
  create_prime_contract_change_order: readChangeOrder,
  unlink_prime_contract_change_order: readWith(unlinkSchema, (data, body) =>
    unlinkQuestion(body, {
      words: 'Prime contract change order',
      name: data.prime_contract_change_order.number,
      target: 'prime_contract_change_order',
      itemType: 'change_order',
      procoreId: data.prime_contract_change_order.id,
      originId: data.prime_contract_change_order.origin_id,
      projectId: data.prime_contract?.project_id ?? null,
      lines: linesIn(data.prime_contract_change_order_line_items),
    }),
  ),
  // Unlike other resets, the link stays until we find the record gone from the ERP ("ERP Technical Guide").
  reset_prime_contract_change_order: readWith(resetSchema, (data, body) =>
    unlinkQuestion(body, {
      words: 'Prime contract change order',
      name: data.prime_contract_change_order_number,
      target: 'prime_contract_change_order',
      itemType: 'change_order',
      procoreId: data.prime_contract_change_order_id,
      originId: data.prime_contract_change_order_origin_id,
      projectId: data.project_id,
      lines: linesIn(data.prime_contract_change_order_line_items),
    }),
  ),
} as const satisfies Partial<Record<EventName, EventReader>>;
