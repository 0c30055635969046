import type { KindDefinition } from './definition';
import { date, money, needs, quantity, ref, text, unitCost } from './definition';
import { COST } from './contract-line';

export const primeContractChangeOrder = {
  label: 'Prime contract change order',
  plural: 'prime contract change orders',
  itemTypes: ['change_order'],
  fields: {
    code: text('Number'),
    name: text('Title'),
    description: text('Description'),
    job: needs('Job', 'project'),
    primeContract: needs('Prime contract', 'prime_contract'),
    date: date('Date'),
    accountingDate: date('Accounting date'),
    amount: money('Amount'),
  },
  lines: {
    prime_change_line: {
      label: 'Line',
      itemTypes: ['line_item'],
      fields: {
        description: text('Description'),
        primeContractLine: ref('Prime contract line', 'prime_contract_line'),
        ...COST,
        quantity: quantity('Quantity'),
        uom: text('Unit'),
        unitCost: unitCost('Unit cost'),
        /** Without tax and without its markups. */
        amount: money('Amount'),
        taxCode: text('Tax code'),
        taxAmount: money('Tax'),
      },
    },
    prime_change_markup: {
      label: 'Markup',
      itemTypes: ['markup'],
      fields: {
        description: text('Description'),
        primeContractLine: ref('Prime contract line', 'prime_contract_line'),
        ...COST,
        amount: money('Amount'),
      },
    },
  },
  total: { field: 'amount', lines: ['prime_change_line', 'prime_change_markup'], lineField: 'amount' },
} as const satisfies KindDefinition;
