import type { KindRoom } from './toolbox/kind-room';
import { number, removeAt, syncWith } from './toolbox/sync-resource';

/** Totals of the ERP's job cost ledger: they are only ever written. */
export const jobCost = {
  events: {},
  port: (http) => ({
    write: syncWith(http, {
      operation: 'jobCosts.sync',
      path: 'jobCosts.sync',
      body: ({ companyId, jobOriginId }) => ({ company_id: companyId, job_origin_id: jobOriginId }),
      key: 'pair',
      fields: {
        originalBudget: number('original_estimate'),
        revisedBudget: number('estimate'),
        committedCosts: number('committed_costs'),
        approvedCommitmentChanges: number('approved_commitment_changes'),
        commitmentInvoiced: number('commitment_invoiced'),
        jobToDateCosts: number('job_to_date_cost'),
      },
      more: ({ pair }) => ({ cost_code_id: pair?.costCodeId, line_item_type_id: pair?.lineItemTypeId }),
    }),
    remove: removeAt(http, 'jobCosts.delete', false),
  }),
} as const satisfies KindRoom;
