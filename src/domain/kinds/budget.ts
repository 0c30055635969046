import type { KindDefinition } from './definition';
import { money, needs, ref, text } from './definition';
import { COST } from './contract-line';

export const budget = {
  label: 'Budget',
  plural: 'budgets',
  itemTypes: ['budget'],
  reexport: 'append',
  fields: { job: needs('Job', 'project') },
  lines: {
    budget_line: {
      label: 'Budget movement',
      itemTypes: [],
      fields: {
        job: ref('Sub job', 'sub_job'),
        ...COST,
        /** `original` or `revised`. */
        movement: text('Movement'),
        amount: money('Amount'),
        notes: text('Notes'),
      },
    },
  },
} as const satisfies KindDefinition;
