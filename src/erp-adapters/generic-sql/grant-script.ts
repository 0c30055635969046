import type { Dialect } from '../sql/dialect';
import type { Grants } from '../sql/grants';
import { tsqlGrantScript } from '../sql/grants';
import { ledgerTables } from '../sql/ledger-tables';
import type { SqlModel } from '../sql/model';

/** What a DBA runs once: rights on the columns of the definition and no others, and our ledger. */
export function grantScript(product: string, dialect: Dialect, model: Model): string {
  const title = `Tieback: rights, operation ledger and anchors of the audit log for ${product.replace(/\s+/g, ' ')}.`;
  return dialect.name === 'sqlite'
    ? `-- ${title}\n${ledgerTables(dialect).script}`
    : tsqlGrantScript(title, grantsOf(model));
}

type Model = Pick<SqlModel, 'specs' | 'changes'>;

/** The rights on SQL Server. */
export function grantsOf({ specs, changes }: Model): Grants {
  const counters = specs.flatMap(({ numbering, owner }) =>
    numbering?.counter === undefined ? [] : [{ owner, ...numbering.counter }],
  );
  return {
    specs,
    beside: (spec) => (spec.changes ?? changes).columns,
    reads: Object.fromEntries(
      counters.map(({ table, owner, next, from, to }) => [table, [owner, next, from, to]]),
    ),
    writes: Object.fromEntries(counters.map(({ table, next }) => [table, { insert: false, update: [next] }])),
    procedures: [...new Set(specs.flatMap(({ procedure }) => procedure?.name ?? []))],
  };
}
