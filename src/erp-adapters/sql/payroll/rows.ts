import type { Dialect } from '../dialect';
import type { Bound, Row, Statement, Value } from '../session';
import { query } from '../session';
import type { LineColumn, LineRows, PayRows, Selected } from './spec';

const selected = (dialect: Dialect, columns: Readonly<Record<string, Selected>>): string =>
  Object.entries(columns)
    .map(([name, { sql, form }]) => `${dialect.read(sql, form)} AS ${name}`)
    .join(', ');

/** The question for rows of payroll; `and`: fewer of them. */
export const askRows = (
  dialect: Dialect,
  { from, where, order, columns }: PayRows<string>,
  bound: Bound,
  {
    and,
    limit,
    held = false,
  }: { readonly and?: string; readonly limit?: string; readonly held?: boolean } = {},
): Statement =>
  query(
    `SELECT ${selected(dialect, columns)} FROM ${from.replace('{held}', held ? dialect.held : '')} WHERE ${where}${and === undefined ? '' : ` AND ${and}`} ORDER BY ${order}` +
      (limit === undefined ? '' : ` ${dialect.limit(limit)}`),
    bound,
  );

/** Lines where this holds. */
export const linesWhere = (rows: LineRows, where: string): PayRows<LineColumn> => ({ ...rows, where });

/** Texts of a driver may be padded (`char(10)`); empty ones are none. */
export const textIn = (value: Value | undefined): string | null => {
  const trimmed = value === null || value === undefined ? '' : String(value).trim();
  return trimmed === '' ? null : trimmed;
};

export const textOf = (row: Row, column: string): string => textIn(row[column]) ?? '';
