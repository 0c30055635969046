import type { KindDefinition } from './definition';
import { flag, money, ref, text } from './definition';

/** The header of a job. */
export const JOB = {
  /** Job number people see. */
  code: text('Job number'),
  name: text('Name'),
  address: text('Address'),
  city: text('City'),
  stateCode: text('State'),
  postalCode: text('Postal code'),
  isActive: flag('Active'),
};

/** What hangs on a job or sub job. */
export const JOB_LINES = {
  cost_code: {
    label: 'Cost code',
    itemTypes: ['cost_code'],
    fields: { code: text('Code'), name: text('Name'), isActive: flag('Active') },
  },
  cost_type_assignment: {
    label: 'Cost type assignment',
    itemTypes: [],
    fields: {
      /** `number` of the cost code line in the same record. */
      costCode: text('Cost code'),
      costType: ref('Cost type', 'line_item_type'),
    },
  },
  /** Totals of the ERP's job cost ledger. */
  job_cost: {
    label: 'Job cost',
    itemTypes: [],
    madeByErp: true,
    fields: {
      costCode: text('Cost code'),
      costType: ref('Cost type', 'line_item_type'),
      originalBudget: money('Original budget'),
      revisedBudget: money('Revised budget'),
      committedCosts: money('Committed costs'),
      approvedCommitmentChanges: money('Approved commitment changes'),
      commitmentInvoiced: money('Commitment invoiced'),
      jobToDateCosts: money('Job to date costs'),
    },
  },
} as const satisfies KindDefinition['lines'];
