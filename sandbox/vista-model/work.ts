import type { Row, Value, Work } from './database';
import type { Table } from './description';
import { TABLES } from './tables';

/** The pieces that all work in the office is made of. */

export const tableOf = (name: string): Table => {
  const found = TABLES.find((table) => table.name === name);
  if (found === undefined) throw new Error(`the model has no table ${name}`);
  return found;
};

export type Values = Readonly<Record<string, Value | undefined>>;

const given = (values: Values): Row =>
  Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, Value] => entry[1] !== undefined),
  );

const equals = (values: Row, before = ''): string =>
  Object.entries(values)
    .map(([column, value]) => (value === null ? `${column} IS NULL` : `${column} = @${before}${column}`))
    .join(' AND ');

/** Adds a row; undefined is the default of the ERP. */
export function* insert(table: string, values: Values): Work<void> {
  const bound = given(values);
  const columns = Object.keys(bound);
  yield {
    sql: `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map((column) => `@${column}`).join(', ')})`,
    bound,
  };
}

/** Rows as they stand, in the order they were entered. */
export function* select(table: string, where: Values = {}): Work<readonly Row[]> {
  const of = tableOf(table);
  const bound = given(where);
  const columns = [...of.columns.map(({ name }) => name), 'KeyID'].join(', ');
  const sql = `SELECT ${columns} FROM ${table}${Object.keys(bound).length === 0 ? '' : ` WHERE ${equals(bound)}`} ORDER BY KeyID`;
  return yield { sql, bound, of };
}

/** The one row. */
export function* one(table: string, where: Values): Work<Row> {
  const [row] = yield* select(table, where);
  if (row === undefined) throw new Error(`there is no row ${JSON.stringify(where)} in ${table}`);
  return row;
}

export function* update(table: string, where: Values, changes: Values): Work<void> {
  yield* one(table, where);
  const bound = Object.fromEntries(Object.entries(given(where)).map(([name, value]) => [`w_${name}`, value]));
  const set = given(changes);
  yield {
    sql: `UPDATE ${table} SET ${Object.keys(set)
      .map((column) => `${column} = @${column}`)
      .join(', ')} WHERE ${equals(given(where), 'w_')}`,
    bound: { ...set, ...bound },
  };
}

export function* remove(table: string, where: Values): Work<void> {
  const bound = given(where);
  yield { sql: `DELETE FROM ${table} WHERE ${equals(bound)}`, bound };
}

/** The next whole number of a column. */
export function* next(table: string, column: string, where: Values): Work<number> {
  const bound = given(where);
  const [row] = yield {
    sql: `SELECT COALESCE(MAX(${column}), 0) + 1 AS next FROM ${table} WHERE ${equals(bound)}`,
    bound,
  };
  return Number(row?.['next']);
}

/** The values of a row that another table has columns for too. */
export function fitting(table: string, row: Row, except: readonly string[] = []): Row {
  const names = new Set(tableOf(table).columns.map(({ name }) => name));
  return Object.fromEntries(
    Object.entries(row).filter(([name]) => names.has(name) && !except.includes(name)),
  );
}

/** Exact sum of decimals of the same number of places, as text. */
export function sumOf(values: readonly (Value | undefined)[], decimals = 2): string {
  const total = values.reduce<bigint>(
    (sum, value) =>
      sum +
      BigInt(
        Number(String(value ?? 0))
          .toFixed(decimals)
          .replace('.', ''),
      ),
    0n,
  );
  const digits = String(total < 0n ? -total : total).padStart(decimals + 1, '0');
  return `${total < 0n ? '-' : ''}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

export const minus = (value: Value | undefined): string => {
  const text = String(value ?? '0');
  return text.startsWith('-') ? text.slice(1) : `-${text}`;
};
