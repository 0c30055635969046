import type { FieldDefinition, RefTarget } from '../../domain/kinds';
import type { Fields, FieldValue } from '../../domain/kinds/record';
import type { ErpRef } from '../contract/adapter';
import type { Bound, Row, Statements, Value } from './database';
import { refused } from './errors';
import type { FieldSpec } from './record-fields';
import type { KindSpec } from './record-tables';
import { keyColumn } from './record-tables';
import { noCounter } from './rules';
import type { Scope } from './scope';
import { ownerIn } from './scope';

/** The header or one line of a record: where it lies, its fields, and how sentences about it begin. */
export interface Part {
  readonly kind: RefTarget;
  readonly table: string;
  readonly specs: Readonly<Record<string, FieldSpec>>;
  readonly definitions: Readonly<Record<string, FieldDefinition>>;
  readonly where: string;
}

/** Values of one row by column, and SQL for those that are made of others. */
export interface RowValues {
  readonly values: Row;
  readonly made: Readonly<Record<string, string>>;
}

/** A value without a column is refused: dropping it in silence would not be what was approved. */
export function rowOf({ where, specs, definitions }: Part, fields: Fields, scope: Scope): RowValues {
  const values: Record<string, Value> = {};
  const made: Record<string, string> = {};
  for (const [field, value] of Object.entries(fields)) {
    const spec = specs[field];
    if (spec === undefined)
      return refused(`${where}the ERP has no field for ${definitions[field]?.label ?? field}`);
    values[spec.column] = value === null ? null : spec.write(value, scope);
    if (spec.into) made[spec.column] = spec.into(`@${spec.column}`);
  }
  return { values, made };
}

/** On a new row there is nothing to clear: null and absent both mean the ERP's own default. */
export const notNull = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));

/** The given fields whose value is another one in the ERP. */
export const changedFields = ({ specs }: Part, held: Fields, given: Fields, scope: Scope): Fields =>
  Object.fromEntries(
    Object.entries(given).filter(([field, value]) => {
      const spec = specs[field];
      return spec === undefined ? value !== null : !isSame(spec, held[field] ?? null, value, scope);
    }),
  );

/** Compared as the ERP would store it. */
export function isSame(spec: FieldSpec, a: FieldValue, b: FieldValue, scope: Scope): boolean {
  const stored = (value: FieldValue): Value => (value === null ? null : spec.write(value, scope));
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

/** Answers with the number of the new row. `more` are values that only the SQL of other columns needs. */
export function insertRow(db: Statements, table: string, { values, made }: RowValues, more: Bound): number {
  const columns = [...new Set([...Object.keys(values), ...Object.keys(made)])];
  const places = columns.map((column) => made[column] ?? `@${column}`);
  return db.run(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places.join(', ')})`, {
    ...more,
    ...values,
  });
}

/** Changes one row. */
export function updateRow(
  db: Statements,
  table: string,
  { values, made }: RowValues,
  { key, bound }: RowKey,
): void {
  const set = Object.keys(values).map((column) => `${column} = ${made[column] ?? `@${column}`}`);
  if (set.length > 0) db.run(`UPDATE ${table} SET ${set.join(', ')} WHERE ${key}`, { ...values, ...bound });
}

/** Which row: SQL, and its values. */
export interface RowKey {
  readonly key: string;
  readonly bound: Bound;
}

/**
 * Takes the next free number from the counter of the owner, as the form does. We hold the write lock, so no one can take the same;
 * numbers that someone typed ahead of the counter are passed over. A rolled-back write gives its number back.
 */
export function takeNumber(
  db: Statements,
  spec: KindSpec,
  numbering: NonNullable<KindSpec['numbering']>,
  scope: Scope,
): number {
  const { table, next } = numbering;
  const key = keyColumn(spec);
  const owner = ownerIn(spec.owner, scope);
  const taken = `SELECT ${key} FROM ${spec.table} WHERE ${spec.owner} = @owner`;
  const row = db.get(
    `UPDATE ${table} SET ${next} = 1 + (
       SELECT min(n) FROM (SELECT ${next} AS n UNION ALL SELECT ${key} + 1 FROM ${spec.table} WHERE ${spec.owner} = @owner AND ${key} >= ${next})
        WHERE n NOT IN (${taken} AND ${key} >= ${next}))
      WHERE ${spec.owner} = @owner RETURNING ${next} - 1 AS number`,
    { owner },
  );
  if (row === undefined) throw noCounter(numbering, owner);
  return Number(row['number']);
}
