import { sum } from '../../domain/base/money';
import type { DraftLine, RecordDraft } from '../../domain/request/intent';
import { costRefs, draft, jobRef, numbered, refTo, titled } from './toolbox/draft';
import type { EventBody, Reading } from './toolbox/event';
import { exported, readWith, unlinkAsked } from './toolbox/event';
import type { KindRoom } from './toolbox/kind-room';
import { linesIn } from './toolbox/lists';
import * as s from './toolbox/schemas';

const markupSchema = s.object({
  id: s.id,
  amount: s.requiredDecimal,
  markup: s.object({
    can_export_estimate_markup: s.flag(false),
    name: s.text,
    position: s.numberText,
    destination_cost_code: s.costCode,
    destination_line_item_type: s.named,
    prime_line_item: s.object({ id: s.optionalId, origin_id: s.originId }).nullish(),
  }),
});
type Markup = s.Of<typeof markupSchema>;

const itemSchema = s.contractItem.extend({
  // `amount` holds the markups already.
  extended_amount: s.decimal,
  prime_line_item_id: s.optionalId,
  prime_line_item_origin_id: s.originId,
  markup_line_items: s.list(markupSchema).nullish(),
});
type Item = s.Of<typeof itemSchema>;

const changeOrderSchema = s.object({
  project: s.named,
  prime_contract: s.object({ id: s.id, number: s.numberText, title: s.text, origin_id: s.originId }),
  prime_contract_items: s.list(s.object({ id: s.id, origin_id: s.originId })).nullish(),
  prime_contract_change_order: s.object({
    id: s.id,
    number: s.numberText,
    ...s.each(s.text, 'title', 'description', 'origin_code'),
    origin_id: s.originId,
    ...s.each(s.date, 'approved_on', 'reviewed_at', 'created_at'),
    erp_custom_fields: s.object({ transaction_date: s.date, accounting_date: s.date }).nullish(),
  }),
  prime_contract_change_order_items: s.list(itemSchema),
});

function draftOf(data: s.Of<typeof changeOrderSchema>): RecordDraft {
  const { prime_contract: contract, prime_contract_change_order: order } = data;
  const code = order.origin_code ?? order.number;
  const origins = new Map((data.prime_contract_items ?? []).map((item) => [item.id, item.origin_id]));
  const items = numbered(data.prime_contract_change_order_items, ({ position }) => position);
  const markups = items.flatMap(({ item, number }) => markupsOf(item, number));
  const lines = [
    ...items.map(({ item, number }) => lineOf(item, number, origins)),
    ...markups.filter(({ item }) => item.markup.can_export_estimate_markup).map(markupLine),
  ];
  return draft('prime_contract_change_order', {
    itemType: 'change_order',
    procoreId: order.id,
    originId: order.origin_id,
    label: titled('Prime contract change order', code, order.title),
    projectId: data.project?.id ?? null,
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
      primeContract: refTo('prime_contract', contract, 'prime contract', contract.number ?? contract.title),
    },
    lines,
    notes: markups
      .filter(({ item }) => !item.markup.can_export_estimate_markup)
      .map(({ item, line }) => `Markup ${nameOf(item)} of ${item.amount} on line ${line} is not exported.`),
  });
}

const nameOf = ({ markup, id }: Markup): string => (markup.name === null ? String(id) : `"${markup.name}"`);

/** Positions of markups start anew on every line: `1.2` is the second markup on line 1. */
const markupsOf = ({ markup_line_items: markups }: Item, line: string) =>
  numbered(markups ?? [], ({ markup }) => markup.position).map(({ item, number }) => ({
    item,
    line,
    number: `${line}.${number}`,
  }));

function lineOf(item: Item, number: string, origins: ReadonlyMap<number, string | null>): DraftLine {
  const id = item.prime_line_item_id;
  const origin = item.prime_line_item_origin_id ?? (id === null ? null : (origins.get(id) ?? null));
  return {
    kind: 'prime_change_line',
    number,
    procoreId: item.id,
    itemType: 'line_item',
    fields: { description: item.description, amount: item.extended_amount ?? item.amount },
    refs: {
      primeContractLine: refTo('prime_contract_line', { id, origin_id: origin }, 'prime contract line'),
      ...costRefs(item.cost_code, item.line_item_type),
    },
  };
}

/** A markup goes where its destination says, not where the line it is on goes. */
const markupLine = ({
  item: { id, amount, markup },
  number,
}: {
  item: Markup;
  number: string;
}): DraftLine => ({
  kind: 'prime_change_markup',
  number,
  procoreId: id,
  itemType: 'markup',
  fields: { description: markup.name, amount },
  refs: {
    primeContractLine: refTo('prime_contract_line', markup.prime_line_item ?? {}, 'prime contract line'),
    ...costRefs(markup.destination_cost_code, markup.destination_line_item_type),
  },
});

const askedItemsSchema = s.list(
  s.object({ id: s.id, markup_line_items: s.list(s.object({ id: s.id })).nullish() }),
);

interface Asked {
  readonly id: number;
  readonly origin_id: string | null;
  readonly number: string | null;
  readonly project_id: number | null;
  readonly items: s.Of<typeof askedItemsSchema>;
}

const asked = (body: EventBody, { id, number, items, ...order }: Asked): Reading =>
  unlinkAsked(body, {
    words: 'Prime contract change order',
    name: number,
    target: 'prime_contract_change_order',
    itemType: 'change_order',
    procoreId: id,
    originId: order.origin_id,
    projectId: order.project_id,
    lines: items.flatMap((item) => [
      { itemType: 'line_item', procoreId: item.id },
      ...(item.markup_line_items ?? []).map((markup) => ({ itemType: 'markup', procoreId: markup.id })),
    ]),
  });

const unlinkSchema = s.object({
  prime_contract: s.object({ project_id: s.optionalId }).nullish(),
  prime_contract_change_order: s.object({ id: s.id, origin_id: s.originId, number: s.numberText }),
  prime_contract_change_order_line_items: askedItemsSchema,
});

const resetSchema = s.object({
  prime_contract_change_order_id: s.id,
  prime_contract_change_order_origin_id: s.originId,
  prime_contract_change_order_number: s.numberText,
  project_id: s.optionalId,
  prime_contract_change_order_line_items: askedItemsSchema,
});

export const primeContractChangeOrder = {
  events: {
    create_prime_contract_change_order: readWith(changeOrderSchema, (data, body) =>
      exported(body, [draftOf(data)]),
    ),
    unlink_prime_contract_change_order: readWith(unlinkSchema, (data, body) =>
      asked(body, {
        ...data.prime_contract_change_order,
        project_id: data.prime_contract?.project_id ?? null,
        items: data.prime_contract_change_order_line_items,
      }),
    ),
    // Unlike other resets, the link stays until we find the record gone from the ERP ("ERP Technical Guide").
    reset_prime_contract_change_order: readWith(resetSchema, (data, body) =>
      asked(body, {
        id: data.prime_contract_change_order_id,
        origin_id: data.prime_contract_change_order_origin_id,
        number: data.prime_contract_change_order_number,
        project_id: data.project_id,
        items: data.prime_contract_change_order_line_items,
      }),
    ),
  },
  // No list shows the origin_id of these: they are known by their external data alone.
  port: (http) => ({
    listLines: linesIn(http, {
      change_order: {
        path: '/rest/v2.0/companies/{company_id}/projects/{project_id}/prime_change_orders/{id}/line_items',
        paged: true,
      },
    }),
  }),
} as const satisfies KindRoom;
