import type { KindDefinition } from './definition';
import { flag, text } from './definition';

export const lineItemType = {
  label: 'Cost type',
  plural: 'cost types',
  itemTypes: ['line_item_type'],
  fields: {
    code: text('Code'),
    name: text('Name'),
    /** One of Procore's base types: labor, equipment, materials, commitments, owner_cost, professional_services, other. */
    baseType: text('Base type'),
    isActive: flag('Active'),
  },
  lines: {},
  import: { how: 'direct', parents: [] },
} as const satisfies KindDefinition;
