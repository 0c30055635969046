import type { Fields, FieldValue } from '../../domain/kinds/record';
import type { ErpRef } from '../contract/adapter';
import type { FieldSpec, Part, Procedure, RowValues, Surroundings } from './model';
import { refused } from './refusals';
import type { Scope } from './scope';
import type { Bound, SqlSession, Statement, Value } from './session';
import { change, query } from './session';

/** A value without a column is refused: dropping it in silence would not be what was approved. */
export function rowOf({ where, specs, definitions }: Part, fields: Fields, around: Surroundings): RowValues {
  const values: Record<string, Value> = {};
  const made: Record<string, string> = {};
  for (const [field, value] of Object.entries(fields)) {
    const spec = specs[field];
    if (spec === undefined)
      return refused(`${where}the ERP has no field for ${definitions[field]?.label ?? field}`);
    if (spec.computed) continue;
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
      if (spec?.computed) return false;
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

/**
 * One call for each new row, in the order given; each answers with its `id` where the procedure returns one. A parameter whose column is not filled is
 * left out, so that its default holds.
 */
export function callProcedure(
  session: SqlSession,
  { name, parameters, returns }: Procedure,
  rows: readonly NewRow[],
): readonly Statement[] {
  const isServer = session.dialect.name === 'tsql';
  if (!isServer) {
    const columns = new Map(Object.entries(parameters).map(([parameter, column]) => [column, parameter]));
    const renamed = <V>(of: Readonly<Record<string, V>>): Readonly<Record<string, V>> =>
      Object.fromEntries(
        Object.entries(of).flatMap(([column, value]) => {
          const parameter = columns.get(column);
          return parameter === undefined ? [] : [[parameter, value] as const];
        }),
      );
    return insertRows(
      session,
      name,
      rows.map(({ values, made, more }) => ({
        values: renamed(values),
        made: renamed(made),
        more: { ...more, ...values },
      })),
    );
  }
  return rows.map(({ values, made, more }, index) => {
    const given = Object.entries(parameters).filter(([, column]) => column in values || column in made);
    const declared = given.flatMap(([parameter, column]) => {
      const sql = made[column];
      return sql === undefined
        ? []
        : [`DECLARE @p${index}_${parameter} nvarchar(max) = ${underOurNames(sql)};`];
    });
    const passed = given.map(
      ([parameter, column]) =>
        `@${parameter} = ${made[column] === undefined ? underOurNames(`@${column}`) : `@p${index}_${parameter}`}`,
    );
    const key = `@key${index}`;
    const output = returns === undefined ? [] : [`@${returns} = ${key} OUTPUT`];
    return query(
      `DECLARE ${key} nvarchar(120); ${declared.join(' ')} EXEC ${name} ${[...passed, ...output].join(', ')}; SELECT ${key} AS id`,
      Object.fromEntries(
        Object.entries({ ...more, ...values }).map(([column, value]) => [`${OUR_NAME}${column}`, value]),
      ),
    );
  });
}

/**
 * What we bind for a call: a parameter of the procedure may be called as its column is, and where several statements travel together what is bound is
 * renamed, the parameter is not.
 */
export const OUR_NAME = 'tieback_';
const underOurNames = (sql: string): string => sql.replace(/(?<!@)@([A-Za-z_]\w*)/g, `@${OUR_NAME}$1`);

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
