import type { Rule, Table } from './description';
import { AP_TABLES } from './tables-ap';
import { HQ_TABLES } from './tables-hq';
import { JC_TABLES } from './tables-jc';
import { PR_TABLES } from './tables-pr';
import { ORDER_TABLES } from './tables-sl-po';

/** Batch table → the table whose name stands in HQBC. */
const BATCH_TABLES: Readonly<Record<string, string>> = {
  APHB: 'APHB',
  APLB: 'APHB',
  SLHB: 'SLHB',
  SLIB: 'SLHB',
  SLCB: 'SLCB',
  POHB: 'POHB',
  POIB: 'POHB',
  POCB: 'POCB',
  JCCB: 'JCCB',
  PRTB: 'PRTB',
};

/** The last month closed for the source of batch `b` in GL company `g`. */
export const LAST_CLOSED =
  "CASE SUBSTRING(b.Source, 1, 2) WHEN 'AP' THEN g.LastMthAPClsd WHEN 'AR' THEN g.LastMthARClsd ELSE g.LastMthSubClsd END";

const batchRules = (name: string, of: string): readonly Rule[] => [
  {
    on: ['insert', 'update'],
    says: `Batch {n.BatchId} of {mth n.Mth} is not an open ${of} batch - cannot save ${name}!`,
    when: `NOT EXISTS (SELECT 1 FROM HQBC b WHERE b.Co = n.Co AND b.Mth = n.Mth AND b.BatchId = n.BatchId AND b.TableName = '${of}' AND b.Status = 0)`,
  },
  {
    on: ['insert', 'update'],
    says: `Month {mth n.Mth} is closed - cannot save ${name}!`,
    when: `EXISTS (SELECT 1 FROM HQBC b JOIN GLCO g ON g.GLCo = b.Co WHERE b.Co = n.Co AND b.Mth = n.Mth AND b.BatchId = n.BatchId AND n.Mth <= ${LAST_CLOSED})`,
  },
];

/** Every table of the model; what is referred to comes before what refers to it only in the rules, which look when a row is written. */
export const TABLES: readonly Table[] = [
  ...HQ_TABLES,
  ...JC_TABLES,
  ...AP_TABLES,
  ...ORDER_TABLES,
  ...PR_TABLES,
].map((table) => {
  const of = BATCH_TABLES[table.name];
  return of === undefined ? table : { ...table, rules: [...batchRules(table.name, of), ...table.rules] };
});
