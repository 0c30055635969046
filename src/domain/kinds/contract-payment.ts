import type { KindDefinition } from './definition';
import { date, money, needs, ref, text } from './definition';

export const contractPayment = {
  label: 'Payment',
  plural: 'payments',
  itemTypes: ['contract_payment'],
  undo: 'void it',
  fields: {
    /** Payment number, or the number of the payment service. */
    code: text('Payment number'),
    invoiceNumber: text('Invoice number'),
    commitment: ref('Commitment', 'commitment'),
    requisition: needs('Subcontractor invoice', 'requisition'),
    vendor: needs('Vendor', 'vendor'),
    method: text('Method'),
    checkNumber: text('Check number'),
    date: date('Payment date'),
    accountingDate: date('Accounting date'),
    amount: money('Amount'),
    retainageReleased: money('Retainage released'),
  },
  lines: {},
} as const satisfies KindDefinition;
