import type { KindDefinition } from './definition';
import { date, money, needs, percent, text } from './definition';
import { CONTRACT_LINE } from './contract-line';

export const commitment = {
  label: 'Commitment',
  plural: 'commitments',
  itemTypes: ['work_order_contract', 'purchase_order_contract'],
  fields: {
    /** `subcontract` or `purchase_order`. */
    type: text('Type'),
    /** Number people see. */
    code: text('Number'),
    name: text('Title'),
    description: text('Description'),
    job: needs('Job', 'project'),
    vendor: needs('Vendor', 'vendor'),
    /** The word that Procore shows, e.g. `Approved`. */
    status: text('Status'),
    date: date('Contract date'),
    accountingDate: date('Accounting date'),
    retainagePercent: percent('Retainage %'),
    /** Sum of the lines without tax. */
    amount: money('Amount'),
  },
  lines: {
    commitment_line: { label: 'Line', itemTypes: ['line_item'], fields: CONTRACT_LINE },
  },
  total: { field: 'amount', lines: ['commitment_line'], lineField: 'amount' },
  import: { how: 'stage', parents: ['job', 'vendor'] },
} as const satisfies KindDefinition;
