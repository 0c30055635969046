import type { Dialect } from '../sql/dialect';
import type { Grants } from '../sql/grants';
import { tsqlGrantScript } from '../sql/grants';
import { ledgerTables } from '../sql/ledger-tables';
import type { SqlModel } from '../sql/model';
import { columnsByTable } from '../sql/model';
import type { Definition } from './definition';
import { allNames } from './names';

/** What a DBA runs once: rights on the columns of the definition and no others, and our ledger. */
export function grantScript(definition: Definition, dialect: Dialect, model: Model): string {
  const title = `Tieback: rights, operation ledger and anchors of the audit log for ${definition.product.replace(/\s+/g, ' ')}.`;
  return dialect.name === 'sqlite'
    ? `-- ${title}\n${ledgerTables(dialect).script}`
    : tsqlGrantScript(title, grantsOf(model, definition));
}

type Model = Pick<SqlModel, 'specs' | 'changes'>;

/** The rights on SQL Server. */
export function grantsOf({ specs, changes }: Model, definition: Definition): Grants {
  const counters = specs.flatMap(({ numbering }) => numbering?.counter ?? []);
  const beside: Grants['beside'] = (spec) => (spec.changes ?? changes).columns;
  const records = columnsByTable(specs, beside);
  const reads = new Map<string, Set<string>>();
  // What is only looked at: states, counters, columns that references go by.
  for (const { table, column } of allNames(definition))
    if (column !== null && records.get(table)?.columns.has(column) !== true)
      reads.set(table, (reads.get(table) ?? new Set()).add(column));
  return {
    specs,
    beside,
    reads: Object.fromEntries([...reads].map(([table, columns]) => [table, [...columns]])),
    writes: Object.fromEntries(counters.map(({ table, next }) => [table, { insert: false, update: [next] }])),
    procedures: [...new Set(specs.flatMap(({ procedure }) => procedure?.name ?? []))],
  };
}
