import type { KindDefinition } from './definition';
import { date, money, ref, text } from './definition';

/** What the ERP paid on an exported subcontractor invoice, ERP → Procore only. */
export const invoicePayment = {
  label: 'Invoice payment',
  plural: 'invoice payments',
  itemTypes: ['invoice_payment'],
  undo: 'void it',
  fields: {
    code: text('Payment number'),
    requisition: ref('Subcontractor invoice', 'requisition'),
    method: text('Method'),
    date: date('Payment date'),
    amount: money('Amount'),
  },
  lines: {},
  import: { how: 'direct', parents: ['requisition'] },
} as const satisfies KindDefinition;
