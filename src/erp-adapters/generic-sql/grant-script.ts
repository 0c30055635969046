import { columnsReadBeside } from './catalogue';
import type { Definition } from './definition';
import type { Dialect } from '../sql/dialect';
import type { Grants } from '../sql/grants';
import { tsqlGrantScript } from '../sql/grants';
import { ledgerTables } from '../sql/ledger-tables';
import type { SqlModel } from '../sql/model';

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
  const counters = specs.flatMap(({ numbering, owner }) =>
    numbering?.counter === undefined ? [] : [{ owner, ...numbering.counter }],
  );
  return {
    specs,
    beside: (spec) => (spec.changes ?? changes).columns,
    reads: readsOf([
      ...columnsReadBeside(definition),
      ...counters.map(({ table, owner, next, from, to }) => [table, [owner, next, from, to]] as const),
    ]),
    writes: Object.fromEntries(counters.map(({ table, next }) => [table, { insert: false, update: [next] }])),
    procedures: [...new Set(specs.flatMap(({ procedure }) => procedure?.name ?? []))],
  };
}

/** One table may be read for several reasons. */
const readsOf = (reads: readonly (readonly [table: string, columns: readonly string[]])[]): Grants['reads'] =>
  Object.fromEntries(
    reads.map(([table]) => [
      table,
      [...new Set(reads.flatMap(([other, columns]) => (other === table ? columns : [])))],
    ]),
  );
