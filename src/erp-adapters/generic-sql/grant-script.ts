import type { Dialect } from '../sql/dialect';
import { tsqlGrantScript } from '../sql/grants';
import { ledgerTables } from '../sql/ledger-tables';
import type { SqlModel } from '../sql/model';

/** What a DBA runs once: rights on the columns of the definition and no others, and our ledger. */
export function grantScript(
  product: string,
  dialect: Dialect,
  { specs, changes }: Pick<SqlModel, 'specs' | 'changes'>,
): string {
  const title = `Tieback: rights, operation ledger and anchors of the audit log for ${product.replace(/\s+/g, ' ')}.`;
  if (dialect.name === 'sqlite') return `-- ${title}\n${ledgerTables(dialect).script}`;
  const counters = specs.flatMap(({ numbering, owner }) =>
    numbering?.counter === undefined ? [] : [{ owner, ...numbering.counter }],
  );
  return tsqlGrantScript(title, {
    specs,
    beside: (spec) => (spec.changes ?? changes).columns,
    reads: Object.fromEntries(
      counters.map(({ table, owner, next, from, to }) => [table, [owner, next, from, to]]),
    ),
    writes: Object.fromEntries(counters.map(({ table, next }) => [table, { insert: false, update: [next] }])),
    procedures: [...new Set(specs.flatMap(({ procedure }) => procedure?.name ?? []))],
  });
}
