import type { KindDefinition } from './definition';
import { date, money, percent, ref, text } from './definition';
import { CONTRACT_LINE } from './contract-line';

export const primeContract = {
  label: 'Prime contract',
  plural: 'prime contracts',
  itemTypes: ['prime_contract'],
  fields: {
    code: text('Number'),
    name: text('Title'),
    description: text('Description'),
    status: text('Status'),
    job: ref('Job', 'project'),
    date: date('Contract date'),
    retainagePercent: percent('Retainage %'),
    amount: money('Amount'),
  },
  lines: {
    prime_contract_line: { label: 'Line', itemTypes: ['line_item'], fields: CONTRACT_LINE },
  },
  total: { field: 'amount', lines: ['prime_contract_line'], lineField: 'amount' },
  import: { how: 'stage', restage: true, parents: ['job'] },
} as const satisfies KindDefinition;
