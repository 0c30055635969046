import type { KindDefinition } from './definition';
import { JOB, JOB_LINES } from './job';

export const project = {
  label: 'Project',
  plural: 'projects',
  itemTypes: ['project'],
  reexport: 'update',
  fields: JOB,
  lines: JOB_LINES,
  import: { how: 'stage_and_update', headerOnly: true, parents: [] },
} as const satisfies KindDefinition;
