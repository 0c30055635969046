import type { DraftLine, RecordDraft } from '../../domain/request/intent';
import { detailIdsIn, draft, lastPart, refTo } from './toolbox/draft';
import { exported, notice, noticed, readWith } from './toolbox/event';
import type { KindRoom } from './toolbox/kind-room';
import { findIn, linesIn } from './toolbox/lists';
import * as s from './toolbox/schemas';
import { totalsOf } from './toolbox/totals';

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

const lineSchema = s.object({
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
  description: s.text,
  line_item_description: s.text,
  ...s.each(s.decimal, 'qty', 'unit_cost', 'retainage_this_period', 'released_work_completed_this_period'),
  uom: s.uom,
});

const requisitionSchema = s.object({
  procore_requisition_id: s.id,
  ...s.each(s.originId, 'origin_id', 'contract_origin_id', 'job_origin_id'),
  project_id: s.optionalId,
  code: s.numberText,
  invoice_number: s.numberText,
  billing_date: s.date,
  contract_id: s.optionalId,
  formatted_payment_due: s.text,
  erp_custom_fields: s.object({ accounting_date: s.date, description: s.text }).nullish(),
  line_items: s.list(lineSchema),
  ...s.itemDetail,
});

function draftOf(invoice: s.Of<typeof requisitionSchema>): RecordDraft {
  const code = invoice.invoice_number ?? invoice.code;
  const shown = invoice.formatted_payment_due;
  const job = { id: invoice.project_id, origin_id: invoice.job_origin_id };
  const contract = { id: invoice.contract_id, origin_id: invoice.contract_origin_id };
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
      ...totalsOf(
        invoice.line_items.map((line) => ({
          amount: line.amount,
          held: line.retainage_this_period,
          released: line.released_work_completed_this_period,
        })),
      ),
    },
    refs: { job: refTo('project', job, 'job'), commitment: refTo('commitment', contract, 'commitment') },
    lines: invoice.line_items.map(lineOf),
    notes: shown === null ? [] : [`Procore shows a payment due of ${shown}.`],
  });
}

/** The payload has no positions. */
const lineOf = (line: s.Of<typeof lineSchema>, index: number): DraftLine => ({
  kind: 'invoice_line',
  number: String(index + 1),
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
