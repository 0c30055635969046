import * as z from 'zod';
import { sameAmount, subtract, sum } from '../../domain/base/money';
import type { DraftLine, RecordDraft, RecordRef } from '../../domain/request/intent';
import { toId } from '../client/json';
import { draft, numbered, refTo, titled } from './toolbox/draft';
import { exported, readWith, unlinkAsked } from './toolbox/event';
import type { KindRoom } from './toolbox/kind-room';
import { findIn } from './toolbox/lists';
import * as s from './toolbox/schemas';
import { totalsOf } from './toolbox/totals';

/**
 * Work and stored materials of a line. Materials stored in the period are what the line holds now less what it held before: column F of
 * the continuation sheet is a balance, and materials put in place leave it again.
 */
const lineSchema = s
  .object({
    id: s.id,
    item_number: s.numberText,
    ...s.each(s.text, 'description_of_work', 'description_override', 'holder_type'),
    holder_id: s.optionalId,
    origin_id: z.unknown().optional(),
    origin_type: s.text,
    work_completed_this_period: s.requiredDecimal,
    ...s.each(
      s.decimal,
      'materials_presently_stored',
      'materials_presently_stored_from_previous_application',
      'work_completed_retainage_retained_this_period',
      'work_completed_retainage_released_this_period',
      'materials_stored_retainage_retained_this_period',
      'materials_stored_retainage_released_this_period',
    ),
  })
  .transform((line) => {
    const storedMaterials = subtract(
      line.materials_presently_stored ?? '0',
      line.materials_presently_stored_from_previous_application ?? '0',
    );
    return {
      ...line,
      storedMaterials,
      amount: sum([line.work_completed_this_period, storedMaterials]),
      held: sum([
        line.work_completed_retainage_retained_this_period ?? '0',
        line.materials_stored_retainage_retained_this_period ?? '0',
      ]),
      released: sum([
        line.work_completed_retainage_released_this_period ?? '0',
        line.materials_stored_retainage_released_this_period ?? '0',
      ]),
    };
  });
type Line = s.Of<typeof lineSchema>;

const applicationSchema = s.object({
  id: s.id,
  origin_id: s.originId,
  project_id: s.optionalId,
  invoice_number: s.numberText,
  contract_name: s.text,
  billing_date: s.date,
  billing_period: s.object({ start_date: s.date, end_date: s.date }).nullish(),
  period_start: s.date,
  period_end: s.date,
  erp_custom_fields: s.approver,
  summary: s.object({ application_number: s.numberText, current_payment_due: s.decimal }).nullish(),
  items: s.list(lineSchema),
});

function draftOf(invoice: s.Of<typeof applicationSchema>): RecordDraft {
  const amounts = totalsOf(invoice.items);
  const shown = invoice.summary?.current_payment_due ?? null;
  return draft('payment_application', {
    procoreId: invoice.id,
    originId: invoice.origin_id,
    label: titled('Owner invoice', invoice.invoice_number ?? String(invoice.id), invoice.contract_name),
    projectId: invoice.project_id,
    fields: {
      code: invoice.invoice_number,
      applicationNumber: invoice.summary?.application_number ?? null,
      name: invoice.contract_name,
      date: invoice.billing_date,
      accountingDate: invoice.erp_custom_fields?.accounting_date ?? null,
      periodStart: invoice.period_start ?? invoice.billing_period?.start_date ?? null,
      periodEnd: invoice.period_end ?? invoice.billing_period?.end_date ?? null,
      ...amounts,
    },
    refs: { primeContract: contractOf(invoice.items, invoice.contract_name) },
    lines: numbered(invoice.items, (line) => line.item_number).map(lineOf),
    notes:
      shown === null || sameAmount(shown, amounts.amountDue)
        ? []
        : [`Procore shows a payment due of ${shown}; the lines of this period make ${amounts.amountDue}.`],
  });
}

/** The invoice names no contract, its lines do. */
function contractOf(lines: readonly Line[], name: string | null): RecordRef | null {
  const holders = lines.filter((line) => line.holder_type === 'PrimeContract').map((line) => line.holder_id);
  const [only, ...others] = [...new Set(holders.filter((id) => id !== null))];
  return others.length > 0 || only === undefined
    ? null
    : refTo('prime_contract', { id: only }, 'prime contract', name);
}

const lineOf = ({ item: line, number }: { item: Line; number: string }): DraftLine => ({
  kind: 'owner_invoice_line',
  number,
  procoreId: line.id,
  itemType: 'payment_application_line_item',
  fields: {
    description: line.description_override ?? line.description_of_work,
    workCompleted: line.work_completed_this_period,
    storedMaterials: line.storedMaterials,
    amount: line.amount,
    retainage: line.held,
    retainageReleased: line.released,
  },
  refs: { primeContractLine: sourceOf(line) },
});

/**
 * `origin_id` with `origin_type` "LineItem": the ERP's key of the contract line in the sample, Procore's own id of it (an integer) in the
 * OpenAPI. Of a change order it names no contract line.
 */
function sourceOf({ origin_id: origin, origin_type: type }: Line): RecordRef | null {
  if (type !== null && type !== 'LineItem') return null;
  const id = toId(origin);
  const isKey = id === null && typeof origin === 'string' && !['', 'null'].includes(origin);
  return refTo('prime_contract_line', { id, origin_id: isKey ? origin : null }, 'prime contract line');
}

const unlinkSchema = s.object({
  payment_application: s.object({
    id: s.id,
    origin_id: s.originId,
    project_id: s.optionalId,
    invoice_number: s.numberText,
    items: s.list(s.object({ id: s.id })),
  }),
});

export const paymentApplication = {
  events: {
    create_payment_application: readWith(s.object({ payment_application: applicationSchema }), (data, body) =>
      exported(body, [draftOf(data.payment_application)]),
    ),
    unlink_payment_application: readWith(unlinkSchema, ({ payment_application: invoice }, body) =>
      unlinkAsked(body, {
        words: 'Owner invoice',
        name: invoice.invoice_number,
        target: 'payment_application',
        itemType: 'payment_application',
        procoreId: invoice.id,
        originId: invoice.origin_id,
        projectId: invoice.project_id,
        lines: invoice.items.map(({ id }) => ({ itemType: 'payment_application_line_item', procoreId: id })),
      }),
    ),
  },
  port: (http) => ({
    findByOriginId: findIn(http, { name: 'payment_applications', itemType: 'payment_application' }),
  }),
} as const satisfies KindRoom;
