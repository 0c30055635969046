import type { KindDefinition } from './definition';
import { flag, needs, text } from './definition';
import { JOB_LINES } from './job';

export const subJob = {
  label: 'Sub job',
  plural: 'sub jobs',
  itemTypes: ['sub_job'],
  reexport: 'update',
  fields: {
    code: text('Sub job number'),
    name: text('Name'),
    job: needs('Job', 'project'),
    isActive: flag('Active'),
  },
  lines: JOB_LINES,
  import: { how: 'stage_and_update', headerOnly: true, parents: ['job'] },
} as const satisfies KindDefinition;
