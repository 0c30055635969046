import type { KindDefinition } from './definition';
import { date, money, needs, quantity, ref, text, unitCost } from './definition';
import { COST } from './contract-line';

export const companyLevelDirectCost = {
  label: 'Direct cost',
  plural: 'direct costs',
  itemTypes: ['company_level_direct_cost'],
  undo: 'void it',
  fields: {
    code: text('Invoice number'),
    description: text('Description'),
    vendor: needs('Vendor', 'vendor'),
    date: date('Date'),
    accountingDate: date('Accounting date'),
    dueDate: date('Due date'),
    amount: money('Amount'),
  },
  lines: {
    direct_cost_line: {
      label: 'Line',
      itemTypes: [],
      fields: {
        description: text('Description'),
        job: ref('Job', 'project'),
        ...COST,
        quantity: quantity('Quantity'),
        uom: text('Unit'),
        unitCost: unitCost('Unit cost'),
        amount: money('Amount'),
      },
    },
  },
  total: { field: 'amount', lines: ['direct_cost_line'], lineField: 'amount' },
} as const satisfies KindDefinition;
