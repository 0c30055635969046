import { isNegative, magnitude, sameAmount, sum } from '../../domain/base/money';
import type { Asking } from './toolbox/asking';
import type { ReadDraft } from './toolbox/custom-fields';
import { contractLine, currenciesOf, draft, jobRef, numbered, refTo, titled } from './toolbox/draft';
import { askingOf, exported, readWith, syncReader, unlinkAsked } from './toolbox/event';
import type { KindRoom } from './toolbox/kind-room';
import { findIn, linesIn } from './toolbox/lists';
import * as s from './toolbox/schemas';
import { Checks } from './toolbox/totals';

const changeOrderSchema = s.object({
  job_origin_id: s.originId,
  commitment: s.object({
    id: s.id,
    origin_id: s.originId,
    code: s.text,
    number: s.numberText,
    title: s.text,
    project: s.named,
    ...s.currency,
  }),
  commitment_items: s.list(s.object({ id: s.id, origin_id: s.originId, amount: s.decimal })),
  change_order: s.holder('commitment_change_order', {
    id: s.id,
    number: s.numberText,
    ...s.each(s.text, 'title', 'origin_code'),
    description: s.richText,
    origin_id: s.originId,
    reviewed_at: s.instant,
    created_at: s.instant,
    grand_total: s.decimal,
    ...s.currency,
    erp_custom_fields: s.approver,
  }),
  change_order_items: s.list(
    s.holder('change_order_line', { ...s.contractItem.shape, commitment_line_item_id: s.optionalId }),
  ),
  additional_data: s.approver,
});

function draftOf(data: s.Of<typeof changeOrderSchema>, asking: Asking): ReadDraft {
  const { commitment, change_order: order, change_order_items: items } = data;
  const code = order.origin_code ?? order.number;
  const origins = new Map(data.commitment_items.map((item) => [item.id, item.origin_id]));
  const amount = sum(items.map((item) => item.amount));
  const checks = new Checks();
  checks.total('', {
    name: 'grand total',
    shown: order.grand_total,
    made: amount,
    tax: sum(items.map((item) => item.tax_amount ?? '0')),
  });
  const held = new Map(data.commitment_items.map((item) => [item.id, item.amount]));
  const lines = numbered(items, ({ position }) => position).map(({ item, number }) => {
    const id = item.commitment_line_item_id;
    const of = { id, origin_id: id === null ? null : (origins.get(id) ?? null) };
    checkDeduction(number, item.amount, id === null ? null : (held.get(id) ?? null), checks);
    return contractLine(
      'change_order_line',
      item,
      number,
      { asking, checks },
      {
        commitmentLine: refTo('commitment_line', of, 'commitment line'),
      },
    );
  });
  const name = commitment.code ?? commitment.number ?? commitment.title;
  return draft('commitment_change_order', {
    itemType: 'change_order',
    procoreId: order.id,
    originId: order.origin_id,
    label: titled('Commitment change order', code, order.title),
    projectId: commitment.project?.id ?? null,
    fields: {
      code,
      name: order.title,
      description: order.description,
      // The day it was reviewed is the day it was approved: only approved change orders are exported.
      date: order.reviewed_at ?? order.created_at,
      accountingDate:
        data.additional_data?.accounting_date ?? order.erp_custom_fields?.accounting_date ?? null,
      // The sample shows no amount of the change order itself.
      amount,
    },
    refs: {
      job: jobRef(commitment.project, data.job_origin_id),
      commitment: refTo('commitment', commitment, 'commitment', name),
    },
    lines,
    currencies: currenciesOf(commitment, order, ...items),
    holder: order,
    warnings: checks.warnings,
  });
}

/** A deduction takes no more than its contract line holds. Lines of earlier changes hold 0.00 in the contract, and are not judged. */
function checkDeduction(number: string, amount: string, held: string | null, checks: Checks): void {
  if (held === null || !isNegative(amount) || isNegative(held) || sameAmount(held, '0')) return;
  checks.limit(`Line ${number}: `, 'deduction', magnitude(amount), held);
}

const unlinkSchema = s.object({
  procore_commitment_change_order_id: s.id,
  commitment_change_order_origin_id: s.originId,
  project_id: s.optionalId,
});

export const commitmentChangeOrder = {
  events: {
    create_commitment_change_order: readWith(changeOrderSchema, (data, body) => {
      const asking = askingOf(body);
      return exported(body, [draftOf(data, asking)], asking);
    }),
    sync_commitment_change_orders: syncReader('commitment_change_order'),
    unlink_commitment_change_order: readWith(unlinkSchema, (data, body) =>
      unlinkAsked(body, {
        words: 'Commitment change order',
        target: 'commitment_change_order',
        itemType: 'change_order',
        procoreId: data.procore_commitment_change_order_id,
        originId: data.commitment_change_order_origin_id,
        projectId: data.project_id,
        lines: null,
      }),
    ),
  },
  port: (http) => ({
    // The modern list of commitment change orders has no origin_id, the one of packages has.
    findByOriginId: findIn(http, { name: 'change_order_packages', itemType: 'change_order' }),
    listLines: linesIn(http, {
      change_order: {
        path: '/rest/v2.0/companies/{company_id}/projects/{project_id}/commitment_change_orders/{id}/line_items',
        paged: true,
      },
    }),
  }),
} as const satisfies KindRoom;
