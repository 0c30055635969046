import { inProject } from './cost-code';
import { detailIdsIn } from './toolbox/draft';
import { deletionsAsked, readWith } from './toolbox/event';
import type { KindRoom } from './toolbox/kind-room';
import * as s from './toolbox/schemas';
import { removeAt, syncWith } from './toolbox/sync-resource';

const askedSchema = s.object({
  project: s.object({ id: s.id }),
  sub_job: s.object({ id: s.optionalId }).nullish(),
  cost_type_assignments: s.list(
    s.object({
      id: s.id,
      ...s.itemDetail,
      cost_code_origin_id: s.requiredOriginId,
      line_item_type_origin_id: s.requiredOriginId,
      job_cost_id: s.optionalId,
    }),
  ),
});

export const costTypeAssignment = {
  events: {
    delete_cost_type_assignments: readWith(
      askedSchema,
      ({ project, sub_job: subJob, cost_type_assignments: assignments }, body) =>
        deletionsAsked(
          body,
          'cost type assignment',
          assignments.map((pair) => ({
            target: 'cost_type_assignment',
            itemType: null,
            procoreId: pair.id,
            originId: null,
            projectId: project.id,
            subJobId: subJob?.id ?? null,
            detailId: detailIdsIn(pair)[0] ?? null,
            label: `cost type ${pair.line_item_type_origin_id} of cost code ${pair.cost_code_origin_id}`,
            assignment: {
              costCodeOriginId: pair.cost_code_origin_id,
              lineItemTypeOriginId: pair.line_item_type_origin_id,
              jobCostId: pair.job_cost_id,
            },
          })),
        ),
    ),
  },
  port: (http) => ({
    write: syncWith(http, {
      operation: 'costCodeLineItemTypes.sync',
      path: 'costCodeLineItemTypes.sync',
      query: inProject,
      key: 'pair',
      fields: {},
      more: ({ pair }) => ({
        cost_code_id: pair?.costCodeId,
        line_item_type_id: pair?.lineItemTypeId,
        synced: true,
      }),
    }),
    remove: removeAt(http, 'costCodeLineItemTypes.delete', true),
  }),
} as const satisfies KindRoom;
