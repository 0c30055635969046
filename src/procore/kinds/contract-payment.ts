import type { ReadDraft } from './toolbox/custom-fields';
import { currenciesOf, draft, refTo } from './toolbox/draft';
import { exported, readWith } from './toolbox/event';
import type { KindRoom } from './toolbox/kind-room';
import * as s from './toolbox/schemas';

/** `bank_id` is there too; where the money lies is nothing we carry. */
const paymentSchema = s.holder('contract_payment', {
  id: s.id,
  origin_id: s.originId,
  ...s.each(s.optionalId, 'project_id', 'contract_id', 'requisition_id', 'vendor_id'),
  ...s.each(s.numberText, 'external_payment_id', 'payment_number', 'invoice_number', 'check_number'),
  payment_method: s.text,
  ...s.each(
    s.instant,
    'date_payment_settled',
    'date_payment_funded',
    'date_payment_initiated',
    'date_payment_created',
  ),
  amount: s.requiredDecimal,
  retainage_released_payment_amount: s.decimal,
  ...s.currency,
});

function draftOf(payment: s.Of<typeof paymentSchema>): ReadDraft {
  const code = payment.payment_number ?? payment.external_payment_id;
  const of = payment.invoice_number;
  return draft('contract_payment', {
    procoreId: payment.id,
    originId: payment.origin_id,
    label: `Payment ${code ?? String(payment.id)}${of === null ? '' : ` of invoice ${of}`}`,
    projectId: payment.project_id,
    fields: {
      code,
      invoiceNumber: of,
      method: payment.payment_method,
      checkNumber: payment.check_number,
      date:
        payment.date_payment_settled ??
        payment.date_payment_funded ??
        payment.date_payment_initiated ??
        payment.date_payment_created,
      accountingDate: null,
      amount: payment.amount,
      retainageReleased: payment.retainage_released_payment_amount,
    },
    refs: {
      commitment: refTo('commitment', { id: payment.contract_id }, 'commitment'),
      requisition: refTo('requisition', { id: payment.requisition_id }, 'subcontractor invoice', of),
      vendor: refTo('vendor', { id: payment.vendor_id }, 'vendor'),
    },
    currencies: currenciesOf(payment),
    holder: payment,
  });
}

/** Payments of a contract are listed per contract only, so they are known by their external data alone. */
export const contractPayment = {
  events: {
    create_payment: readWith(s.object({ contract_payment: paymentSchema }), (data, body) =>
      exported(body, [draftOf(data.contract_payment)]),
    ),
  },
  port: () => ({}),
} as const satisfies KindRoom;
