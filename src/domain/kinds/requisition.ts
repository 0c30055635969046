import type { KindDefinition } from './definition';
import { date, money, needs, quantity, ref, text, unitCost } from './definition';

export const requisition = {
  label: 'Subcontractor invoice',
  plural: 'subcontractor invoices',
  itemTypes: ['requisition'],
  undo: 'void it',
  fields: {
    /** The vendor's invoice number. */
    code: text('Invoice number'),
    /** Procore's own number of the invoice. */
    requisitionNumber: text('Requisition number'),
    description: text('Description'),
    job: needs('Job', 'project'),
    commitment: needs('Commitment', 'commitment'),
    date: date('Billing date'),
    accountingDate: date('Accounting date'),
    /** What is billed this period, before retainage. */
    amount: money('Amount'),
    retainage: money('Retainage held'),
    /** Amount less retainage held, plus retainage released. */
    amountDue: money('Payment due'),
  },
  lines: {
    invoice_line: {
      label: 'Line',
      itemTypes: [
        'requisition_contract_item',
        'requisition_contract_detail_item',
        'requisition_change_order_item',
      ],
      fields: {
        description: text('Description'),
        commitmentLine: ref('Commitment line', 'commitment_line'),
        changeOrderLine: ref('Change order line', 'change_order_line'),
        costCode: ref('Cost code', 'cost_code'),
        costType: ref('Cost type', 'line_item_type'),
        quantity: quantity('Quantity'),
        uom: text('Unit'),
        unitCost: unitCost('Unit cost'),
        amount: money('Amount'),
        retainage: money('Retainage held'),
        retainageReleased: money('Retainage released'),
        taxCode: text('Tax code'),
      },
    },
  },
  total: { field: 'amount', lines: ['invoice_line'], lineField: 'amount' },
  derived: [
    { field: 'retainage', adds: ['retainage'], takes: [] },
    { field: 'amountDue', adds: ['amount', 'retainageReleased'], takes: ['retainage'] },
  ],
} as const satisfies KindDefinition;
