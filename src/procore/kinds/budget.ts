import { sum } from '../../domain/base/money';
import type { Warning } from '../../domain/base/warning';
import type { DraftLine } from '../../domain/request/intent';
import type { ReadDraft } from './toolbox/custom-fields';
import { currenciesOf, draft, refTo } from './toolbox/draft';
import { exported, notice, noticed, readWith } from './toolbox/event';
import type { KindRoom } from './toolbox/kind-room';
import * as s from './toolbox/schemas';
import { Checks } from './toolbox/totals';
import { syncWith } from './toolbox/sync-resource';

/** Only `Erp::OriginalEstimateTransaction` is shown; the metadata switch `revised_estimates_export` tells of revised ones. */
const movement = s.word('an original or a revised estimate transaction', (type) => {
  if (type.includes('Revised')) return 'revised';
  return type.includes('OriginalEstimate') ? 'original' : undefined;
});

const jobCostSchema = s.object({
  id: s.id,
  new_amount: s.decimal,
  ...s.each(s.originId, 'cost_code_origin_id', 'line_item_type_origin_id', 'sub_job_origin_id'),
});

const transactionSchema = s.object({
  id: s.id,
  value: s.requiredDecimal,
  synced: s.flag(false),
  type: movement,
  job_cost_id: s.id,
  notes: s.richText,
});

const budgetSchema = s
  .object({
    job_id: s.originId,
    budget: s.holder('budget', {
      id: s.id,
      origin_id: s.originId,
      project_id: s.optionalId,
      ...s.currency,
    }),
    job_costs: s.list(jobCostSchema),
    transactions: s.list(transactionSchema),
  })
  .superRefine(({ job_costs: costs, transactions }, context) => {
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
function draftOf({ job_id: jobId, budget, ...data }: s.Of<typeof budgetSchema>): ReadDraft {
  const costs = new Map(data.job_costs.map((cost) => [cost.id, cost]));
  const open = data.transactions.filter(({ synced }) => !synced);
  const written = data.transactions.length - open.length;
  return draft('budget', {
    procoreId: budget.id,
    originId: budget.origin_id,
    label: `Budget of job ${jobId ?? String(budget.project_id ?? budget.id)}`,
    projectId: budget.project_id,
    fields: {},
    refs: { job: refTo('project', { id: budget.project_id, origin_id: jobId }, 'job', jobId) },
    lines: open.map((transaction) => lineOf(transaction, costs.get(transaction.job_cost_id))),
    notes: written === 0 ? [] : [`${written} budget movements were written before and are left out.`],
    currencies: currenciesOf(budget),
    holder: budget,
    warnings: budget.origin_id === null && written === 0 ? checked(data) : [],
  });
}

/** In a budget that is sent for the first time, the movements of a job cost make its amount. */
function checked({
  job_costs: costs,
  transactions,
}: Pick<s.Of<typeof budgetSchema>, 'job_costs' | 'transactions'>): readonly Warning[] {
  const checks = new Checks();
  for (const { id, new_amount: shown, cost_code_origin_id: code } of costs) {
    const values = transactions.filter((one) => one.job_cost_id === id).map(({ value }) => value);
    const where = `Job cost ${code ?? String(id)}: `;
    checks.total(where, { name: 'new amount', shown, made: sum(values), by: 'its movements make' });
  }
  return checks.warnings;
}

const lineOf = (
  transaction: s.Of<typeof transactionSchema>,
  cost: s.Of<typeof jobCostSchema> | undefined,
): DraftLine => ({
  kind: 'budget_line',
  number: String(transaction.id),
  procoreId: transaction.id,
  itemType: null,
  fields: { movement: transaction.type, amount: transaction.value, notes: transaction.notes },
  refs: {
    job: refTo('sub_job', { origin_id: cost?.sub_job_origin_id ?? null }, 'sub job'),
    costCode: refTo('cost_code', { origin_id: cost?.cost_code_origin_id ?? null }, 'cost code'),
    costType: refTo('line_item_type', { origin_id: cost?.line_item_type_origin_id ?? null }, 'cost type'),
  },
});

const readBudget = readWith(budgetSchema, (data, body) => exported(body, [draftOf(data)]));

const importedSchema = s.object({
  project_origin_id: s.originId,
  budget: s.object({ id: s.id, origin_id: s.originId }),
});

export const budget = {
  events: {
    create_budget: readBudget,
    update_budget: readBudget,
    create_budget_in_procore: readWith(
      importedSchema,
      ({ budget: one, project_origin_id: projectOriginId }) =>
        notice('imported', `Budget of job ${projectOriginId ?? String(one.id)}`, [
          { ...noticed('budget', one.id, one.origin_id), projectOriginId },
        ]),
    ),
  },
  port: () => ({}),
} as const satisfies KindRoom;

/** The movements of a budget: that the ERP has them is marked in Procore. */
export const budgetLine = {
  events: {},
  port: (http) => ({
    write: syncWith(http, {
      operation: 'transactions.sync',
      path: 'transactions.sync',
      body: ({ projectId }) => ({ project_id: projectId }),
      key: 'id',
      fields: {},
      more: () => ({ synced: true }),
    }),
  }),
} as const satisfies KindRoom;
