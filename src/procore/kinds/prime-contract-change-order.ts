import { subtract, sum } from '../../domain/base/money';
import type { Asking } from './toolbox/asking';
import type { ReadDraft, ReadLine } from './toolbox/custom-fields';
import type { Reader } from './toolbox/draft';
import {
  checkTotalAmount,
  costRefs,
  currenciesOf,
  draft,
  itemCost,
  jobRef,
  numbered,
  refTo,
  taxCodeOf,
  titled,
} from './toolbox/draft';
import type { EventBody, Reading } from './toolbox/event';
import { askingOf, exported, readWith, unlinkAsked } from './toolbox/event';
import type { KindRoom } from './toolbox/kind-room';
import { linesIn } from './toolbox/lists';
import * as s from './toolbox/schemas';
import { Checks } from './toolbox/totals';

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

const itemSchema = s.holder('prime_change_line', {
  ...s.contractItem.shape,
  // `amount` holds the markups already.
  extended_amount: s.decimal,
  prime_line_item_id: s.optionalId,
  prime_line_item_origin_id: s.originId,
  markup_line_items: s.list(markupSchema).nullish(),
});
type Item = s.Of<typeof itemSchema>;

const changeOrderSchema = s.object({
  project: s.named,
  prime_contract: s.object({
    id: s.id,
    number: s.numberText,
    title: s.text,
    origin_id: s.originId,
    ...s.each(s.decimal, 'grand_total', 'approved_change_orders', 'revised_contract_amount'),
    ...s.currency,
  }),
  prime_contract_items: s.list(s.object({ id: s.id, origin_id: s.originId })).nullish(),
  prime_contract_change_order: s.holder('prime_contract_change_order', {
    id: s.id,
    number: s.numberText,
    ...s.each(s.text, 'title', 'origin_code'),
    description: s.richText,
    origin_id: s.originId,
    ...s.each(s.instant, 'approved_on', 'reviewed_at', 'created_at'),
    grand_total: s.decimal,
    ...s.currency,
    erp_custom_fields: s.exportForm({ transaction_date: s.date, accounting_date: s.date }),
  }),
  prime_contract_change_order_items: s.list(itemSchema),
});

function draftOf(data: s.Of<typeof changeOrderSchema>, asking: Asking): ReadDraft {
  const { prime_contract: contract, prime_contract_change_order: order } = data;
  const code = order.origin_code ?? order.number;
  const origins = new Map((data.prime_contract_items ?? []).map((item) => [item.id, item.origin_id]));
  const items = numbered(data.prime_contract_change_order_items, ({ position }) => position);
  const markups = items.flatMap(({ item, number }) => markupsOf(item, number));
  const checks = new Checks();
  const lines = [
    ...items.map(({ item, number }) => lineOf(item, number, origins, { asking, checks })),
    ...markups.filter(({ item }) => item.markup.can_export_estimate_markup).map(markupLine),
  ];
  checks.total('', {
    name: 'grand total',
    shown: order.grand_total,
    made: sum([...items.map(({ item }) => baseOf(item)), ...markups.map(({ item }) => item.amount)]),
    by: 'the lines and markups make',
    tax: sum(items.map(({ item }) => item.tax_amount ?? '0')),
  });
  if (contract.grand_total !== null) {
    checks.total('', {
      name: 'revised contract',
      shown: contract.revised_contract_amount,
      made: sum([contract.grand_total, contract.approved_change_orders ?? '0']),
      by: 'contract and approved change orders make',
    });
  }
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
      // What is exported; the sample shows no amount of the change order itself.
      amount: sum(lines.map(({ fields }) => String(fields['amount']))),
    },
    refs: {
      job: jobRef(data.project),
      primeContract: refTo('prime_contract', contract, 'prime contract', contract.number ?? contract.title),
    },
    lines,
    holder: order,
    notes: markups
      .filter(({ item }) => !item.markup.can_export_estimate_markup)
      .map(({ item, line }) => `Markup ${nameOf(item)} of ${item.amount} on line ${line} is not exported.`),
    currencies: currenciesOf(contract, order, ...items.map(({ item }) => item)),
    warnings: checks.warnings,
  });
}

const markupsIn = ({ markup_line_items: markups }: Item): string =>
  sum((markups ?? []).map(({ amount }) => amount));

/** What a line is without its markups, which are lines of their own: `amount` holds them already. */
const baseOf = (item: Item): string => item.extended_amount ?? subtract(item.amount, markupsIn(item));

const nameOf = ({ markup, id }: Markup): string => (markup.name === null ? String(id) : `"${markup.name}"`);

/** Positions of markups start anew on every line: `1.2` is the second markup on line 1. */
const markupsOf = ({ markup_line_items: markups }: Item, line: string) =>
  numbered(markups ?? [], ({ markup }) => markup.position).map(({ item, number }) => ({
    item,
    line,
    number: `${line}.${number}`,
  }));

function lineOf(
  item: Item,
  number: string,
  origins: ReadonlyMap<number, string | null>,
  reader: Reader,
): ReadLine {
  const id = item.prime_line_item_id;
  const origin = item.prime_line_item_origin_id ?? (id === null ? null : (origins.get(id) ?? null));
  const where = `Line ${number}: `;
  const base = baseOf(item);
  const whole = sum([base, markupsIn(item)]);
  const by = 'its extended amount and its markups make';
  reader.checks.total(where, { name: 'amount', shown: item.amount, made: whole, by });
  checkTotalAmount(where, item, [base, whole], reader.checks);
  return {
    kind: 'prime_change_line',
    number,
    procoreId: item.id,
    itemType: 'line_item',
    fields: {
      description: item.description,
      quantity: item.quantity,
      uom: item.uom,
      unitCost: item.unit_cost,
      amount: base,
      taxCode: taxCodeOf(where, item, reader),
      taxAmount: item.tax_amount,
    },
    refs: {
      primeContractLine: refTo('prime_contract_line', { id, origin_id: origin }, 'prime contract line'),
      ...itemCost(item),
    },
    holder: item,
  };
}

/** A markup goes where its destination says, not where the line it is on goes. */
const markupLine = ({
  item: { id, amount, markup },
  number,
}: {
  item: Markup;
  number: string;
}): ReadLine => ({
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
    create_prime_contract_change_order: readWith(changeOrderSchema, (data, body) => {
      const asking = askingOf(body);
      return exported(body, [draftOf(data, asking)], asking);
    }),
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
