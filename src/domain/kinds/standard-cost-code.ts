import type { KindDefinition } from './definition';
import { flag, ref, text } from './definition';

export const standardCostCode = {
  label: 'Standard cost code',
  plural: 'standard cost codes',
  itemTypes: ['standard_cost_code'],
  fields: {
    /** Whole code, `23-050`. */
    code: text('Code'),
    name: text('Name'),
    parent: ref('Parent', 'standard_cost_code'),
    incomeAccount: text('Income account'),
    expenseAccount: text('Expense account'),
    isActive: flag('Active'),
  },
  lines: {},
  import: { how: 'direct', parents: [] },
} as const satisfies KindDefinition;
