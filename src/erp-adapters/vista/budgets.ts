import { coded, computed, ref } from '../sql/fields';
import type { KindSpec } from '../sql/model';
import { dollars } from './fields';
import { OUR_NOTE } from './orders';
import type { VistaSql } from './sql';
import { jobId, phaseId } from './sql';

/**
 * Budgets: estimates in a batch of job cost until a person posts it, history afterwards. All lines of one carry the same link of attachments. Only
 * those that we wrote are budgets: nobody else ties estimates together. (Which transaction types a site uses for changes of a budget is *inferred*.)
 */
export function budgetSpec(sql: VistaSql): KindSpec {
  const { d, isOurs } = sql;
  const row = (alias: string, owner: string, cost: string, place: string): string =>
    `SELECT ${alias}.${owner} AS Co, ${sql.attached(alias, "''")} AS Id, ${jobId(alias, owner)} AS JobId, ${phaseId(alias, owner)} AS PhaseId, ${alias}.CostType, ${alias}.JCTransType,
            SUBSTRING(${alias}.Description, ${OUR_NOTE.length + 1}, 60) AS LineNumber, ${alias}.${cost} AS Cost
       FROM ${place} ${alias} WHERE ${isOurs(alias)} AND SUBSTRING(${alias}.Description, 1, ${OUR_NOTE.length}) = '${OUR_NOTE}'`;
  const rows = `${row('b', 'Co', 'Cost', 'JCCB')} UNION ALL ${row('c', 'JCCo', 'EstCost', 'JCCD')}`;
  const id = sql.attached('t', "''");
  return {
    kind: 'budget',
    table: 'JCCB',
    source: `(SELECT Co, Id, MIN(JobId) AS JobId FROM (${rows}) r GROUP BY Co, Id)`,
    key: 'Id',
    idForm: 'text',
    match: `${id} = ${d.collated('j.tieback_id')}`,
    owner: 'Co',
    inLines: true,
    fields: { job: computed('t.JobId', ref('Job', 'project')) },
    lines: [
      {
        kind: 'budget_line',
        table: 'JCCB',
        source: `(SELECT r.Id, r.LineNumber, r.PhaseId, r.CostType, r.JCTransType, r.Cost, ${d.concat('r.Id', "'.'", 'r.LineNumber')} AS LineId FROM (${rows}) r)`,
        key: 'LineId',
        idForm: 'text',
        match: `${d.concat(id, "'.'", `SUBSTRING(t.Description, ${OUR_NOTE.length + 1}, 60)`)} = ${d.collated('j.tieback_id')}`,
        parent: 'Id',
        parentColumns: {},
        fields: {
          costCode: ref('Phase', 'cost_code', {
            select: 't.PhaseId',
            into: (parameter) => `(SELECT Phase FROM JCJP WHERE KeyID = ${parameter})`,
          }),
          costType: ref('CostType', 'line_item_type'),
          movement: coded('JCTransType', { original: 'OE', revised: 'CO' }),
          amount: { ...dollars('Cost'), select: 't.Cost' },
        },
        numberColumn: 'LineNumber',
        label: (of, budget) => `estimate ${of} of ${budget}`,
      },
    ],
    state: "'active'",
    batch: { source: 'JC CostAdj', dateField: null },
    noun: 'budget',
  };
}
