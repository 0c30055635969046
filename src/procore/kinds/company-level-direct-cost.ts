import { multiply, roundTo, sameAmount, sum } from '../../domain/base/money';
import type { Warning } from '../../domain/base/warning';
import type { ReadDraft, ReadLine } from './toolbox/custom-fields';
import { currenciesOf, draft, jobRef, numbered, refTo, titled } from './toolbox/draft';
import { exported, notice, noticed, readWith, unlinkAsked } from './toolbox/event';
import type { KindRoom } from './toolbox/kind-room';
import * as s from './toolbox/schemas';
import { Checks } from './toolbox/totals';

const lineSchema = s.holder('direct_cost_line', {
  id: s.id,
  description: s.richText,
  extended_type: s.text,
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
  ...s.currency,
});

const directCostSchema = s.holder('company_level_direct_cost', {
  id: s.id,
  origin_id: s.originId,
  ...s.each(s.text, 'origin_code', 'terms', 'direct_cost_type'),
  description: s.richText,
  invoice_number: s.numberText,
  ...s.each(s.date, 'direct_cost_date', 'accounting_date', 'payment_due_date'),
  billed_amount: s.decimal,
  line_item_total: s.decimal,
  vendor: s.object({ id: s.optionalId, name: s.text, origin_id: s.originId }).nullish(),
  vendor_id: s.optionalId,
  employee: s.object({ id: s.optionalId }).nullish(),
  ...s.currency,
  line_items: s.list(lineSchema),
});
type DirectCost = s.Of<typeof directCostSchema>;

/** The attachment is never carried: its address is a secret for as long as it works. */
function draftOf(cost: DirectCost): ReadDraft {
  const code = cost.invoice_number ?? cost.origin_code;
  const lines = numbered(cost.line_items, ({ position }) => position);
  const made = sum(cost.line_items.map((line) => line.total_amount));
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
      amount: cost.billed_amount ?? made,
    },
    refs: {
      vendor: refTo('vendor', cost.vendor ?? { id: cost.vendor_id }, 'vendor', cost.vendor?.name),
    },
    lines: lines.map(lineOf),
    holder: cost,
    notes: notesOf(cost),
    refusals: refusalsOf(cost),
    currencies: currenciesOf(cost, ...cost.line_items),
    warnings: checked(cost.line_item_total, made, lines),
  });
}

const OTHER_COSTS: Readonly<Record<string, string>> = {
  payroll: 'the pay of an employee',
  expense: 'an expense that was paid already',
  subcontractor_invoice: 'a subcontractor invoice, which is exported as such',
};

/** What is written is an invoice that the vendor will be paid for: any other cost would be paid twice, or to the wrong one. */
function refusalsOf({ direct_cost_type: type, employee }: DirectCost): readonly string[] {
  const letters = type?.toLowerCase().replace(/[^a-z]+/g, '_') ?? null;
  const isEmployees = employee?.id !== undefined && employee.id !== null;
  if (letters === 'invoice' || (letters === null && !isEmployees)) return [];
  const what =
    letters === null ? 'the cost of an employee' : (OTHER_COSTS[letters] ?? `of the type "${type}"`);
  return [
    `This direct cost is ${what}. Only invoices of vendors are written to the ERP; enter it there by hand.`,
  ];
}

function checked(
  total: string | null,
  made: string,
  lines: readonly { readonly item: s.Of<typeof lineSchema>; readonly number: string }[],
): readonly Warning[] {
  const checks = new Checks();
  checks.total('', { name: 'line item total', shown: total, made });
  for (const { item, number } of lines) {
    const { extended_type: type, quantity, unit_cost: unitCost, total_amount: amount } = item;
    if (type !== 'calculated' || quantity === null || unitCost === null) continue;
    const product = roundTo(multiply(quantity, unitCost), 2);
    if (sameAmount(product, amount)) continue;
    const words = `Line ${number}: ${quantity} × ${unitCost} is ${product}, but the amount is ${amount}; the amount is written.`;
    checks.add('units_differ', 'units', words);
  }
  return checks.warnings;
}

function lineOf({ item: line, number }: { item: s.Of<typeof lineSchema>; number: string }): ReadLine {
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
    holder: line,
  };
}

function notesOf({ terms, ...cost }: DirectCost): string[] {
  const { origin_code: typed, invoice_number: invoice } = cost;
  return [
    ...(terms === null ? [] : [`Payment terms: ${terms}.`]),
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
