import { TSQL } from './dialect';
import { ledgerTables } from './ledger-tables';
import type { KindSpec } from './model';
import { columnsByTable } from './model';

/** What an adapter on SQL Server needs beside the columns of its records. */
export interface Grants {
  readonly specs: readonly KindSpec[];
  /** Columns that changes and batches take, of a kind. */
  readonly beside: (spec: KindSpec) => readonly string[];
  /** Table → columns that are only read (code tables, settings); null: all of them. */
  readonly reads: Readonly<Record<string, readonly string[] | null>>;
  /** Table → columns that are written beside those of the records (batches, counters). */
  readonly writes: Readonly<Record<string, { readonly insert: boolean; readonly update: readonly string[] }>>;
  /** Procedures that are called. */
  readonly procedures: readonly string[];
}

/**
 * The script a DBA reads and runs once on SQL Server: a role with exactly the rights that are needed, column by column, and our ledger. Columns that are
 * not named (bank accounts, tax ids, pay rates) cannot be read: nothing is granted on whole tables that hold more than records need. Rights on columns of
 * a view hold for the view; the login needs none on the tables beneath, as long as both have one owner.
 */
export function tsqlGrantScript(title: string, { specs, beside, reads, writes, procedures }: Grants): string {
  const { ledger, anchor, script } = ledgerTables(TSQL);
  const records = [...columnsByTable(specs, beside)].flatMap(([table, { columns, written }]) => {
    const list = `(${[...columns].map((name) => TSQL.quote(name)).join(', ')})`;
    // INSERT knows no columns on SQL Server.
    return [
      `GRANT SELECT ON ${table} ${list} TO tieback_erp;`,
      ...(written
        ? [`GRANT INSERT ON ${table} TO tieback_erp;`, `GRANT UPDATE ON ${table} ${list} TO tieback_erp;`]
        : []),
    ];
  });
  const others = Object.entries(reads).map(
    ([table, columns]) =>
      `GRANT SELECT ON ${table}${columns === null ? '' : ` (${columns.map((name) => TSQL.quote(name)).join(', ')})`} TO tieback_erp;`,
  );
  const batches = Object.entries(writes).flatMap(([table, { insert, update }]) => [
    ...(insert ? [`GRANT INSERT ON ${table} TO tieback_erp;`] : []),
    ...(update.length === 0
      ? []
      : [`GRANT UPDATE ON ${table} (${update.map((name) => TSQL.quote(name)).join(', ')}) TO tieback_erp;`]),
  ]);
  const calls = procedures.map((name) => `GRANT EXECUTE ON ${name} TO tieback_erp;`);
  return `-- ${title}
-- Run it in the database of the ERP, as somebody who may create schemas and grant rights. It may be run again.
-- Nothing is granted that deletes or posts. Put the login of Tieback into the role:
--   CREATE USER [tieback] FOR LOGIN [tieback]; ALTER ROLE tieback_erp ADD MEMBER [tieback];
IF DATABASE_PRINCIPAL_ID(N'tieback_erp') IS NULL CREATE ROLE tieback_erp;
GO
${script}${[
    '-- Our own ledger and anchors: added to, never changed.',
    `GRANT SELECT, INSERT ON ${ledger} TO tieback_erp;`,
    `GRANT SELECT, INSERT ON ${anchor} TO tieback_erp;`,
    '-- Records.',
    ...records,
    '-- Settings, code tables, batches.',
    ...others,
    ...batches,
    ...calls,
    // The catalogue shows only what one has a right on: the probe needs no more.
    'GO',
  ].join('\n')}
`;
}
