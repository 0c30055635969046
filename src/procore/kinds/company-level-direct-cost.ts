import { sum } from '../../domain/base/money';
import type { DraftLine, RecordDraft } from '../../domain/request/intent';
import { draft, jobRef, numbered, refTo, titled } from './toolbox/draft';
import { exported, notice, noticed, readWith, unlinkAsked } from './toolbox/event';
import type { KindRoom } from './toolbox/kind-room';
import * as s from './toolbox/schemas';

const lineSchema = s.object({
  id: s.id,
  description: s.text,
  position: s.numberText,
  project: s.named,
  ...s.each(s.originId, 'job_origin_id', 'cost_code_origin_id', 'line_item_type_origin_id'),
  cost_code_id: s.optionalId,
  line_item_type_id: s.optionalId,
  wbs_code: s.object({ flat_code: s.text }).nullish(),
  quantity: s.decimal,
  uom: s.uom,
  unit_cost: s.decimal,
  total_amount: s.requiredDecimal,
});

const directCostSchema = s.object({
  id: s.id,
  origin_id: s.originId,
  ...s.each(s.text, 'origin_code', 'description', 'terms'),
  invoice_number: s.numberText,
  ...s.each(s.date, 'direct_cost_date', 'accounting_date', 'payment_due_date'),
  billed_amount: s.decimal,
  vendor: s.object({ id: s.optionalId, name: s.text, origin_id: s.originId }).nullish(),
  currency_configuration: s
    .object({ currency_exchange_rate: s.decimal, currency_iso_code: s.text })
    .nullish(),
  line_items: s.list(lineSchema),
});
type DirectCost = s.Of<typeof directCostSchema>;

/** The attachment is never carried: its address is a secret for as long as it works. */
function draftOf(cost: DirectCost): RecordDraft {
  const code = cost.invoice_number ?? cost.origin_code;
  return draft('company_level_direct_cost', {
    procoreId: cost.id,
    originId: cost.origin_id,
    label: titled('Direct cost', code, cost.description),
    fields: {
      code,
      description: cost.description,
      date: cost.direct_cost_date,
      accountingDate: cost.accounting_date,
      dueDate: cost.payment_due_date,
      // What the vendor billed; whether the lines add up to it is for the planner to say.
      amount: cost.billed_amount ?? sum(cost.line_items.map((line) => line.total_amount)),
    },
    refs: { vendor: refTo('vendor', cost.vendor ?? {}, 'vendor', cost.vendor?.name) },
    lines: numbered(cost.line_items, ({ position }) => position).map(lineOf),
    notes: notesOf(cost),
  });
}

function lineOf({ item: line, number }: { item: s.Of<typeof lineSchema>; number: string }): DraftLine {
  const code = { id: line.cost_code_id, origin_id: line.cost_code_origin_id };
  const type = { id: line.line_item_type_id, origin_id: line.line_item_type_origin_id };
  return {
    kind: 'direct_cost_line',
    number,
    procoreId: line.id,
    itemType: null,
    fields: {
      description: line.description,
      quantity: line.quantity,
      uom: line.uom,
      unitCost: line.unit_cost,
      amount: line.total_amount,
    },
    refs: {
      job: jobRef(line.project, line.job_origin_id),
      costCode: refTo('cost_code', code, 'cost code', line.wbs_code?.flat_code),
      costType: refTo('line_item_type', type, 'cost type'),
    },
  };
}

function notesOf({ terms, currency_configuration: currency, ...cost }: DirectCost): string[] {
  const rate = currency?.currency_exchange_rate ?? null;
  const iso = currency?.currency_iso_code ?? 'another currency';
  const { origin_code: typed, invoice_number: invoice } = cost;
  return [
    ...(terms === null ? [] : [`Payment terms: ${terms}.`]),
    ...(rate === null || Number(rate) === 1 ? [] : [`Amounts are in ${iso}, exchange rate ${rate}.`]),
    ...(typed === null || invoice === null || typed === invoice
      ? []
      : [`ERP code typed in Procore: ${typed}.`]),
  ];
}

/** Lines of a direct cost carry no external data, so there are none to let go of. */
const unlinkSchema = s.object({
  direct_cost: s.object({ id: s.id, origin_id: s.originId, invoice_number: s.numberText }),
});

const resetSchema = s.object({ direct_cost: s.object({ id: s.id }), origin_id: s.originId });

/** No list shows the origin_id of these: they are known by their external data alone. */
export const companyLevelDirectCost = {
  events: {
    create_company_level_direct_cost: readWith(s.object({ direct_cost: directCostSchema }), (data, body) =>
      exported(body, [draftOf(data.direct_cost)]),
    ),
    unlink_company_level_direct_cost: readWith(unlinkSchema, ({ direct_cost: cost }, body) =>
      unlinkAsked(body, {
        words: 'Direct cost',
        name: cost.invoice_number,
        target: 'company_level_direct_cost',
        itemType: 'company_level_direct_cost',
        procoreId: cost.id,
        originId: cost.origin_id,
        projectId: null,
        lines: [],
      }),
    ),
    reset_company_level_direct_cost: readWith(resetSchema, ({ direct_cost: cost, origin_id: originId }) =>
      notice('reset', `Direct cost ${originId ?? String(cost.id)}`, [
        noticed('company_level_direct_cost', cost.id, originId),
      ]),
    ),
  },
  port: () => ({}),
} as const satisfies KindRoom;
