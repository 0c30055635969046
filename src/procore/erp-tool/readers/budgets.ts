import * as z from 'zod';
import type { DraftLine, RecordDraft } from '../../../domain/request/intent';
import {
  flagSchema,
  idSchema,
  listSchema,
  objectSchema,
  optionalIdSchema,
  originIdSchema,
  requiredDecimalSchema,
  requiredTextSchema,
  textSchema,
} from '../../read-problems';
import type { EventName } from '../events';
import type { EventReader } from '../reader';
import { readWith } from '../reader';
import { exported, noticed, refTo } from './parts';

/** Only `Erp::OriginalEstimateTransaction` is shown; the metadata switch `revised_estimates_export` tells of revised ones. */
const movementSchema = requiredTextSchema.transform((type, context): 'original' | 'revised' => {
  if (type.includes('Revised')) return 'revised';
  if (type.includes('OriginalEstimate')) return 'original';
  context.addIssue({ code: 'custom', message: 'an original or a revised estimate transaction' });
  return z.NEVER;
});

const jobCostSchema = objectSchema({
  id: idSchema,
  cost_code_origin_id: originIdSchema,
  line_item_type_origin_id: originIdSchema,
  sub_job_origin_id: originIdSchema,
});
type JobCost = z.output<typeof jobCostSchema>;

const transactionSchema = objectSchema({
  id: idSchema,
  value: requiredDecimalSchema,
  synced: flagSchema(false),
  type: movementSchema,
  job_cost_id: idSchema,
  notes: textSchema,
});
type Transaction = z.output<typeof transactionSchema>;

const budgetSchema = objectSchema({
  job_id: originIdSchema,
  budget: objectSchema({ id: idSchema, origin_id: originIdSchema, project_id: optionalIdSchema }),
  job_costs: listSchema(jobCostSchema),
  transactions: listSchema(transactionSchema),
}).superRefine(({ job_costs: costs, transactions }, context) => {
  const known = new Set(costs.map(({ id }) => id));
  transactions.forEach((transaction, index) => {
    if (known.has(transaction.job_cost_id)) return;
    context.addIssue({
      code: 'custom',
      path: ['transactions', index, 'job_cost_id'],
      message: 'the id of a job cost of this request',
    });
  });
});

/** A transaction is written to the ERP once: those marked as written are left out. */
const readBudget = readWith(budgetSchema, (data, body) => {
  const { job_id: jobId, budget } = data;
  const costs = new Map(data.job_costs.map((cost) => [cost.id, cost]));
  const open = data.transactions.filter(({ synced }) => !synced);
  const written = data.transactions.length - open.length;
  const record: RecordDraft = {
    entity: 'budget',
    itemType: 'budget',
    procoreId: budget.id,
    originId: budget.origin_id,
    label: `Budget of job ${jobId ?? String(budget.project_id ?? budget.id)}`,
    projectId: budget.project_id,
    detailIds: [],
    fields: {},
    refs: { job: refTo('project', budget.project_id, jobId, jobId, 'job') },
    lines: open.map((transaction) => lineOf(transaction, costs.get(transaction.job_cost_id))),
    notes: written === 0 ? [] : [`${written} budget movements were written before and are left out.`],
  };
  return exported(body, [record], 'budgets');
});

const lineOf = (transaction: Transaction, cost: JobCost | undefined): DraftLine => ({
  kind: 'budget_line',
  number: String(transaction.id),
  procoreId: transaction.id,
  itemType: null,
  fields: { movement: transaction.type, amount: transaction.value, notes: transaction.notes },
  refs: {
    job: refTo('sub_job', null, cost?.sub_job_origin_id ?? null, null, 'sub job'),
    costCode: refTo('cost_code', null, cost?.cost_code_origin_id ?? null, null, 'cost code'),
    costType: refTo('line_item_type', null, cost?.line_item_type_origin_id ?? null, null, 'cost type'),
  },
});

const importedSchema = objectSchema({
  project_origin_id: originIdSchema,
  budget: objectSchema({ id: idSchema, origin_id: originIdSchema }),
});

/** The events about budgets. */
export const BUDGET_READERS = {
  create_budget: readBudget,
  update_budget: readBudget,
  create_budget_in_procore: readWith(importedSchema, ({ budget, project_origin_id: projectOriginId }) => {
    const label = `Budget of job ${projectOriginId ?? String(budget.id)}`;
    const record = { ...noticed('budget', budget.id, budget.origin_id), projectOriginId };
    return {
      subject: label,
      intent: { kind: 'notice', how: 'imported', label, records: [record], wholeProjectId: null },
    };
  }),
} as const satisfies Partial<Record<EventName, EventReader>>;
