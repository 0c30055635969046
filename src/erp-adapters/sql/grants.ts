import { TSQL } from './dialect';
import { ledgerTables } from './ledger-tables';
import type { KindSpec } from './model';
import { columnsByTable } from './model';
import type { PayrollRights } from './payroll/spec';

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
  /** Tables of which only the catalogue is looked at (how many rows there are), never a row. */
  readonly definitions?: readonly string[];
  readonly payroll?: PayrollRights;
}

/** One right of the login. */
export interface Right {
  readonly verb: 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE' | 'EXECUTE' | 'VIEW DEFINITION';
  /** Table, view or procedure. */
  readonly on: string;
  /** Null: on all of it. */
  readonly columns: readonly string[] | null;
}

const right = (verb: Right['verb'], on: string, columns: readonly string[] | null = null): Right => ({
  verb,
  on,
  columns,
});

/** Our own ledger and anchors: added to, never changed. */
function rightsOfOurs(): readonly Right[] {
  const { ledger, anchor } = ledgerTables(TSQL);
  return [ledger, anchor].flatMap((table) => [right('SELECT', table), right('INSERT', table)]);
}

/** INSERT knows no columns on SQL Server. */
const rightsOfRecords = ({ specs, beside }: Grants): readonly Right[] =>
  [...columnsByTable(specs, beside)].flatMap(([table, { columns, written }]) => [
    right('SELECT', table, [...columns]),
    ...(written ? [right('INSERT', table), right('UPDATE', table, [...columns])] : []),
  ]);

/** Of tax ids, where a connection reads them. Never to be written. */
const rightsOfTaxIds = ({ specs }: Grants): readonly Right[] =>
  specs.flatMap(({ table, taxId }) => (taxId === undefined ? [] : [right('SELECT', table, [taxId])]));

const rightsOfOthers = ({ reads, writes, procedures, definitions = [] }: Grants): readonly Right[] => [
  ...Object.entries(reads).map(([table, columns]) => right('SELECT', table, columns)),
  ...Object.entries(writes).flatMap(([table, { insert, update }]) => [
    ...(insert ? [right('INSERT', table)] : []),
    ...(update.length === 0 ? [] : [right('UPDATE', table, update)]),
  ]),
  ...procedures.map((name) => right('EXECUTE', name)),
  ...definitions.map((table) => right('VIEW DEFINITION', table)),
];

/** Of payroll, where a connection wants it. */
const rightsOfPayroll = ({ payroll }: Grants): readonly Right[] =>
  payroll === undefined
    ? []
    : [
        ...Object.entries(payroll.reads).map(([table, columns]) => right('SELECT', table, columns)),
        ...payroll.inserts.map((table) => right('INSERT', table)),
        ...payroll.deletes.map((table) => right('DELETE', table)),
      ];

/** Every right that the script gives. */
export const rightsOf = (grants: Grants): readonly Right[] => [
  ...rightsOfOurs(),
  ...rightsOfRecords(grants),
  ...rightsOfTaxIds(grants),
  ...rightsOfOthers(grants),
  ...rightsOfPayroll(grants),
];

/** Why a script lets rows be deleted. */
const deletes = ({ payroll }: Grants): string =>
  payroll === undefined
    ? 'Nothing is granted that deletes or posts.'
    : `Nothing is granted that posts. Rows are deleted of ${payroll.deletes.join(', ')} alone: our own unposted timecards, when a batch changes.`;

/** What of payroll is read. */
const PAYROLL =
  '-- Payroll: timecards, and what they name. Social security numbers, birth dates, bank accounts, rates and amounts of pay are not among it.';

/** Why a script names a tax id. */
export const TAX_IDS =
  '-- Tax ids of vendors: read because reconcile.matchTaxIds is on, to compare keyed hashes of them. Without it leave this out.';

const grant = ({ verb, on, columns }: Right): string => {
  const some = columns === null ? '' : ` (${columns.map((name) => TSQL.quote(name)).join(', ')})`;
  return `GRANT ${verb} ON ${on}${some} TO tieback_erp;`;
};

/**
 * The script a DBA reads and runs once on SQL Server: a role with exactly the rights that are needed, column by column, and our ledger. Columns that are
 * not named (bank accounts, tax ids, pay rates) cannot be read: nothing is granted on whole tables that hold more than records need. Rights on columns of
 * a view hold for the view; the login needs none on the tables beneath, as long as both have one owner.
 */
export function tsqlGrantScript(title: string, grants: Grants): string {
  const taxIds = rightsOfTaxIds(grants);
  return `-- ${title}
-- Run it in the database of the ERP, as somebody who may create schemas and grant rights. It may be run again.
-- ${deletes(grants)} Put the login of Tieback into the role:
--   CREATE USER [tieback] FOR LOGIN [tieback]; ALTER ROLE tieback_erp ADD MEMBER [tieback];
IF DATABASE_PRINCIPAL_ID(N'tieback_erp') IS NULL CREATE ROLE tieback_erp;
GO
${ledgerTables(TSQL).script}${[
    '-- Our own ledger and anchors: added to, never changed.',
    ...rightsOfOurs().map(grant),
    '-- Records.',
    ...rightsOfRecords(grants).map(grant),
    ...(taxIds.length === 0 ? [] : [TAX_IDS, ...taxIds.map(grant)]),
    '-- Settings, code tables, batches.',
    ...rightsOfOthers(grants).map(grant),
    ...(grants.payroll === undefined ? [] : [PAYROLL, ...rightsOfPayroll(grants).map(grant)]),
    // The catalogue shows only what one has a right on: the probe needs no more.
    'GO',
  ].join('\n')}
`;
}
