import type { KindDefinition } from './definition';
import { date, money, needs, ref, text } from './definition';
import { CONTRACT_LINE } from './contract-line';

export const commitmentChangeOrder = {
  label: 'Commitment change order',
  plural: 'commitment change orders',
  itemTypes: ['change_order'],
  fields: {
    code: text('Number'),
    name: text('Title'),
    description: text('Description'),
    job: needs('Job', 'project'),
    commitment: needs('Commitment', 'commitment'),
    date: date('Date'),
    accountingDate: date('Accounting date'),
    amount: money('Amount'),
  },
  lines: {
    change_order_line: {
      label: 'Line',
      itemTypes: ['line_item'],
      fields: { ...CONTRACT_LINE, commitmentLine: ref('Commitment line', 'commitment_line') },
    },
  },
  total: { field: 'amount', lines: ['change_order_line'], lineField: 'amount' },
  import: { how: 'stage', parents: ['commitment'] },
} as const satisfies KindDefinition;
