import type { KindDefinition } from './definition';
import { date, money, ref, text } from './definition';

export const paymentApplication = {
  label: 'Owner invoice',
  plural: 'owner invoices',
  itemTypes: ['payment_application'],
  undo: 'void it',
  fields: {
    code: text('Invoice number'),
    applicationNumber: text('Application number'),
    name: text('Contract'),
    primeContract: ref('Prime contract', 'prime_contract'),
    date: date('Billing date'),
    accountingDate: date('Accounting date'),
    periodStart: date('Period from'),
    periodEnd: date('Period to'),
    /** Work completed and materials stored this period, before retainage. */
    amount: money('Amount'),
    retainage: money('Retainage held'),
    amountDue: money('Payment due'),
  },
  lines: {
    owner_invoice_line: {
      label: 'Line',
      itemTypes: ['payment_application_line_item'],
      fields: {
        description: text('Description'),
        primeContractLine: ref('Prime contract line', 'prime_contract_line'),
        workCompleted: money('Work completed'),
        storedMaterials: money('Materials stored'),
        amount: money('Amount'),
        retainage: money('Retainage held'),
        retainageReleased: money('Retainage released'),
      },
      parts: ['workCompleted', 'storedMaterials'],
    },
  },
  total: { field: 'amount', lines: ['owner_invoice_line'], lineField: 'amount' },
  derived: [
    { field: 'retainage', adds: ['retainage'], takes: [] },
    { field: 'amountDue', adds: ['amount', 'retainageReleased'], takes: ['retainage'] },
  ],
} as const satisfies KindDefinition;
