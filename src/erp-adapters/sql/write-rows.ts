import type { Fields, FieldValue } from '../../domain/kinds/record';
import type { RefTarget } from '../../domain/kinds';
import type { ErpRef } from '../contract/adapter';
import type { Definitions, FieldSpec, Surroundings } from './model';
import { refused } from './refusals';
import type { Scope } from './scope';
import type { Bound, SqlSession, Statement, Value } from './session';
import { change } from './session';

/** The header or one line of a record: where it lies, its fields, and how sentences about it begin. */
export interface Part {
  readonly kind: RefTarget;
  readonly specs: Readonly<Record<string, FieldSpec>>;
  readonly definitions: Definitions;
  readonly where: string;
}

/** Values of one row by column, and SQL for those that are made of others (`@Column`). */
export interface RowValues {
  readonly values: Readonly<Record<string, Value>>;
  readonly made: Readonly<Record<string, string>>;
}

/** A value without a column is refused: dropping it in silence would not be what was approved. */
export function rowOf({ where, specs, definitions }: Part, fields: Fields, around: Surroundings): RowValues {
  const values: Record<string, Value> = {};
  const made: Record<string, string> = {};
  for (const [field, value] of Object.entries(fields)) {
    const spec = specs[field];
    if (spec === undefined)
      return refused(`${where}the ERP has no field for ${definitions[field]?.label ?? field}`);
    values[spec.column] = value === null ? null : spec.write(value, around);
    if (spec.into) made[spec.column] = spec.into(`@${spec.column}`);
  }
  return { values, made };
}

/** On a new row there is nothing to clear: null and absent both mean the ERP's own default. */
export const notNull = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));

/** The given fields whose value is another one in the ERP. */
export const changedFields = ({ specs }: Part, held: Fields, given: Fields, around: Surroundings): Fields =>
  Object.fromEntries(
    Object.entries(given).filter(([field, value]) => {
      const spec = specs[field];
      return spec === undefined ? value !== null : !isSame(spec, held[field] ?? null, value, around);
    }),
  );

/** Compared as the ERP would store it. */
export function isSame(spec: FieldSpec, a: FieldValue, b: FieldValue, around: Surroundings): boolean {
  const stored = (value: FieldValue): Value => (value === null ? null : spec.write(value, around));
  return stored(a) === stored(b);
}

export function checkRequired({ where, definitions }: Part, fields: Fields): void {
  for (const [field, { label, required }] of Object.entries(definitions)) {
    if (required && (fields[field] ?? null) === null) refused(`${where}${label} is missing`);
  }
}

/** What the fields of a part refer to. */
export const refsOf = ({ specs }: Part, fields: Fields): readonly ErpRef[] =>
  Object.entries(fields).flatMap(([field, key]) => {
    const target = specs[field]?.refersTo;
    return target && typeof key === 'string' ? [{ target, key }] : [];
  });

/** A row that goes into a table; `more`: values that only the SQL of other columns needs. */
export interface NewRow extends RowValues {
  readonly more: Bound;
}

/** Neighbours that fill the same columns go in together, all in the order given; what a row leaves out gets the ERP's own default. */
export function insertRows(
  session: SqlSession,
  table: string,
  rows: readonly NewRow[],
): readonly Statement[] {
  return alike(rows).map(({ columns, made, source, json }) => {
    const values = columns.map((column) => made[column] ?? `j.${column}`);
    const from = session.dialect.rowsOf('rows', source);
    return change(
      `INSERT INTO ${table} (${columns.join(', ')}) SELECT ${values.join(', ')} FROM ${from} j ORDER BY CAST(j.tieback_n AS integer)`,
      { rows: json },
    );
  });
}

/** A row that changes: `more` has the values that `on` compares with. */
export function updateRows(
  session: SqlSession,
  table: string,
  rows: readonly NewRow[],
  on: string,
): readonly Statement[] {
  const changing = rows.filter(({ values }) => Object.keys(values).length > 0);
  return alike(changing).map(({ columns, made, source, json }) => {
    const set = Object.fromEntries(columns.map((column) => [column, made[column] ?? `j.${column}`]));
    return change(session.dialect.update(table, set, session.dialect.rowsOf('rows', source), on), {
      rows: json,
    });
  });
}

interface Alike {
  /** Columns that are filled. */
  readonly columns: readonly string[];
  /** Column → SQL over the source `j`. */
  readonly made: Readonly<Record<string, string>>;
  /** What the source has. */
  readonly source: readonly string[];
  readonly json: string;
}

function alike(rows: readonly NewRow[]): readonly Alike[] {
  const groups: { readonly shape: string; readonly rows: NewRow[] }[] = [];
  for (const row of rows) {
    const shape = JSON.stringify([Object.keys(row.values), row.made, Object.keys(row.more)]);
    const last = groups.at(-1);
    if (last?.shape === shape) last.rows.push(row);
    else groups.push({ shape, rows: [row] });
  }
  return groups.map(({ rows: group }) => {
    const [{ values, made, more } = NOTHING] = group;
    const source = [...new Set([...Object.keys(values), ...Object.keys(more), 'tieback_n'])];
    return {
      columns: [...new Set([...Object.keys(values), ...Object.keys(made)])],
      made: Object.fromEntries(Object.entries(made).map(([column, sql]) => [column, overSource(sql)])),
      source,
      json: JSON.stringify(
        group.map((row, index) => ({ ...row.more, ...row.values, tieback_n: String(index) })),
      ),
    };
  });
}

const NOTHING: NewRow = { values: {}, made: {}, more: {} };

/** `@Column` of an adapter's SQL is the column of the source. */
const overSource = (sql: string): string => sql.replace(/@([A-Za-z_]\w*)/g, 'j.$1');

/** Owners and settings of the scope, which the SQL of derived columns may name. */
export const scopeValues = ({ owners, settings }: Scope): Bound => ({ ...settings, ...owners });
