import { sameAmount, subtract, sum } from '../../domain/base/money';
import type { Warning } from '../../domain/base/warning';
import type { ReadDraft, ReadLine } from './toolbox/custom-fields';
import { currenciesOf, detailIdsIn, draft, emptyLines, lastPart, refTo } from './toolbox/draft';
import { exported, notice, noticed, readWith } from './toolbox/event';
import type { KindRoom } from './toolbox/kind-room';
import { findIn, linesIn } from './toolbox/lists';
import * as s from './toolbox/schemas';
import { Checks, currencyIn, storedThisPeriod, totalsOf } from './toolbox/totals';

/** `Billings::ContractItem` is shown; the other two are named in "External Data", their spelling here is not. */
const ITEM_TYPES: Readonly<Record<string, string>> = {
  contractitem: 'requisition_contract_item',
  contractdetailitem: 'requisition_contract_detail_item',
  changeorderitem: 'requisition_change_order_item',
  wholechangeorderitem: 'requisition_change_order_item',
};

const itemType = s.word('a contract item, contract detail item or change order item', (type) => {
  const letters = (type.split('::').at(-1) ?? '').toLowerCase().replace(/[^a-z]/g, '');
  const name = letters.replace(/^requisition/, '');
  return Object.hasOwn(ITEM_TYPES, name) ? ITEM_TYPES[name] : undefined;
});

/** Everything from `scheduled_value` on is what the ordinary API shows of a line; the sample of the event does not. */
const lineSchema = s.holder('invoice_line', {
  procore_requisition_item_id: s.id,
  requisition_item_type: itemType,
  amount: s.requiredDecimal,
  ...s.each(
    s.originId,
    'commitment_item_origin_id',
    'change_order_line_item_origin_id',
    'cost_code_origin_id',
    'line_item_type_origin_id',
    'tax_code_origin_id',
  ),
  cost_code_id: s.optionalId,
  description: s.richText,
  line_item_description: s.richText,
  formatted_amount: s.text,
  formatted_unit_cost: s.text,
  ...s.each(
    s.decimal,
    'qty',
    'unit_cost',
    'retainage_this_period',
    'released_work_completed_this_period',
    'retainage_work_completed_this_period',
    'retainage_materials_presently_stored',
    'retainage_materials_previously_stored',
    'scheduled_total_amount',
    'scheduled_value',
    'work_completed_this_period',
    'work_completed_from_previous_application',
    'materials_presently_stored',
    'materials_presently_stored_from_previous_application',
    'materials_moved',
    'total_completed_and_stored_to_date',
  ),
  uom: s.uom,
  ...s.currency,
});
type Line = s.Of<typeof lineSchema>;

const requisitionSchema = s.holder('requisition', {
  procore_requisition_id: s.id,
  ...s.each(s.originId, 'origin_id', 'contract_origin_id', 'job_origin_id'),
  project_id: s.optionalId,
  code: s.numberText,
  invoice_number: s.numberText,
  billing_date: s.date,
  contract_id: s.optionalId,
  formatted_payment_due: s.text,
  ...s.currency,
  erp_custom_fields: s.exportForm({ accounting_date: s.date, description: s.richText }),
  line_items: s.list(lineSchema),
  ...s.itemDetail,
});

/** A line of nothing that the ERP cannot know: Procore adds one to a synced commitment for each new change order line. */
const isEmpty = (line: Line): boolean =>
  line.commitment_item_origin_id === null &&
  line.change_order_line_item_origin_id === null &&
  [line.amount, line.retainage_this_period, line.released_work_completed_this_period].every(
    (amount) => amount === null || sameAmount(amount, '0'),
  );

function draftOf(invoice: s.Of<typeof requisitionSchema>): ReadDraft {
  const code = invoice.invoice_number ?? invoice.code;
  const job = { id: invoice.project_id, origin_id: invoice.job_origin_id };
  const contract = { id: invoice.contract_id, origin_id: invoice.contract_origin_id };
  const all = invoice.line_items.map((line, index) => ({ line, number: String(index + 1) }));
  const lines = all.filter(({ line }) => !isEmpty(line));
  const empty = all.length - lines.length;
  const totals = totalsOf(
    lines.map(({ line }) => ({
      amount: line.amount,
      held: line.retainage_this_period,
      released: line.released_work_completed_this_period,
    })),
  );
  return draft('requisition', {
    procoreId: invoice.procore_requisition_id,
    originId: invoice.origin_id,
    label: `Subcontractor invoice ${code ?? String(invoice.procore_requisition_id)}`,
    projectId: invoice.project_id,
    detailIds: detailIdsIn(invoice),
    fields: {
      code,
      requisitionNumber: invoice.code,
      description: invoice.erp_custom_fields?.description ?? null,
      date: invoice.billing_date,
      accountingDate: invoice.erp_custom_fields?.accounting_date ?? null,
      ...totals,
    },
    refs: { job: refTo('project', job, 'job'), commitment: refTo('commitment', contract, 'commitment') },
    lines: lines.map(lineOf),
    holder: invoice,
    notes: empty === 0 ? [] : [emptyLines(empty)],
    currencies: currenciesOf(invoice, ...invoice.line_items, inFigures(invoice.formatted_payment_due)),
    warnings: checked(invoice.formatted_payment_due, totals.amountDue, lines),
  });
}

/** The currency of a figure for people: the event names it nowhere else. */
const inFigures = (figure: string | null) => ({
  currency_configuration: null,
  currency_iso_code: currencyIn(figure),
  currency_exchange_rate: null,
});

/** The figures of an invoice that Procore shows more than once. */
function checked(
  due: string | null,
  amountDue: string,
  lines: readonly { readonly line: Line; readonly number: string }[],
): readonly Warning[] {
  const checks = new Checks();
  checks.formatted('', { name: 'payment due', shown: due, made: amountDue });
  for (const { line, number } of lines) {
    const where = `Line ${number}: `;
    const own = 'the line itself says';
    checks.formatted(where, { name: 'amount', shown: line.formatted_amount, made: line.amount, by: own });
    checks.formatted(where, {
      name: 'unit cost',
      shown: line.formatted_unit_cost,
      made: line.unit_cost ?? '0',
      by: own,
    });
    checkPeriod(where, line, checks);
    checkRetainage(where, line, checks);
    const scheduled = line.scheduled_value ?? line.scheduled_total_amount;
    const toDate = line.total_completed_and_stored_to_date;
    const billed = toDate ?? line.amount;
    checks.limit(where, toDate === null ? 'amount' : 'total to date', billed, scheduled);
  }
  return checks.warnings;
}

/** What is billed now is the work of the period and what the stored materials grew by; materials put in place were billed before. */
function checkPeriod(where: string, line: Line, checks: Checks): void {
  const { work_completed_this_period: work, total_completed_and_stored_to_date: toDate } = line;
  if (work === null) return;
  const stored = line.materials_presently_stored ?? '0';
  checks.total(where, {
    name: 'amount',
    shown: line.amount,
    made: sum([
      work,
      storedThisPeriod(
        stored,
        line.materials_presently_stored_from_previous_application,
        line.materials_moved,
      ),
    ]),
    by: 'work and materials of the period make',
  });
  checks.total(where, {
    name: 'total to date',
    shown: toDate,
    made: sum([line.work_completed_from_previous_application ?? '0', work, stored]),
    by: 'what was billed before and what is billed now make',
  });
}

/** Retainage of the period is that of its work and what that of the stored materials changed by; some figures are net of what is released. */
function checkRetainage(where: string, line: Line, checks: Checks): void {
  const { retainage_this_period, retainage_work_completed_this_period: ofWork } = line;
  if (ofWork === null) return;
  const held = retainage_this_period ?? '0';
  const change = subtract(
    line.retainage_materials_presently_stored ?? '0',
    line.retainage_materials_previously_stored ?? '0',
  );
  const made = sum([ofWork, change]);
  if (sameAmount(held, subtract(made, line.released_work_completed_this_period ?? '0'))) return;
  checks.total(where, { name: 'retainage', shown: held, made, by: 'work and materials of the period make' });
}

/** The payload has no positions. */
const lineOf = ({ line, number }: { readonly line: Line; readonly number: string }): ReadLine => ({
  kind: 'invoice_line',
  number,
  procoreId: line.procore_requisition_item_id,
  itemType: line.requisition_item_type,
  fields: {
    description: line.description ?? line.line_item_description,
    quantity: line.qty,
    uom: line.uom,
    unitCost: line.unit_cost,
    amount: line.amount,
    retainage: line.retainage_this_period,
    retainageReleased: line.released_work_completed_this_period,
    taxCode: lastPart(line.tax_code_origin_id),
  },
  refs: {
    commitmentLine: refTo(
      'commitment_line',
      { origin_id: line.commitment_item_origin_id },
      'commitment line',
    ),
    changeOrderLine: refTo(
      'change_order_line',
      { origin_id: line.change_order_line_item_origin_id },
      'change order line',
    ),
    costCode: refTo('cost_code', { id: line.cost_code_id, origin_id: line.cost_code_origin_id }, 'cost code'),
    costType: refTo('line_item_type', { origin_id: line.line_item_type_origin_id }, 'cost type'),
  },
  holder: line,
});

export const requisition = {
  events: {
    create_requisitions: readWith(
      s.object({ requisitions: s.list(requisitionSchema) }),
      ({ requisitions }, body) => exported(body, requisitions.map(draftOf)),
    ),
    reset_requisition: readWith(
      s.object({ requisition_id: s.id, requisition_origin_id: s.originId }),
      ({ requisition_id: id, requisition_origin_id: originId }) =>
        notice('reset', `Subcontractor invoice ${originId ?? String(id)}`, [
          noticed('requisition', id, originId),
        ]),
    ),
  },
  port: (http) => ({
    findByOriginId: findIn(http, { name: 'requisitions', itemType: 'requisition', filtered: true }),
    // The only list of lines without pages.
    listLines: linesIn(http, { requisition: { path: '/rest/v1.0/requisitions/{id}/detail', paged: false } }),
  }),
} as const satisfies KindRoom;
