import type { Fields, FieldValue, RecordLine } from '../../domain/kinds/record';
import type { ErpRecord } from '../contract/adapter';
import type { Bound, Row, Statements } from './database';
import { inList } from './database';
import type { FieldSpec } from './record-fields';
import type { KindSpec, LineSpec } from './record-tables';
import { keyColumn } from './record-tables';
import type { Scope } from './scope';
import { idOfKey, keyOf, ownerIn } from './scope';

/** One moment of one company: what every reading needs. */
export interface Moment {
  readonly db: Statements;
  readonly scope: Scope;
}

/** SQL over `t`, and its values. */
export interface Condition {
  readonly sql: string;
  readonly bound?: Bound;
}

/** A record without its lines. */
export interface ReadHeader {
  readonly id: number;
  readonly version: number;
  readonly state: ErpRecord['state'];
  readonly fields: Fields;
}

export interface ReadLine {
  readonly id: number;
  readonly parentId: number;
  readonly state: 'active' | 'inactive';
  readonly line: RecordLine;
}

/** Rows with one of these numbers. */
export const among = (column: string, ids: readonly number[]): Condition => ({
  sql: `t.${column} ${inList('ids')}`,
  bound: { ids: JSON.stringify(ids) },
});

/** Records of one kind, without their lines. */
export function readHeaders(
  { db, scope }: Moment,
  spec: KindSpec,
  { sql, bound }: Condition,
): readonly ReadHeader[] {
  const owned = `t.${spec.owner} = @owner${spec.where === undefined ? '' : ` AND ${spec.where}`}`;
  const columns = columnsOf(spec.fields, [keyColumn(spec), 'RowVer']);
  const rows = db.all(
    `SELECT ${spec.state} AS state, ${columns} FROM ${spec.table} t WHERE ${owned} AND ${sql}`,
    { owner: ownerIn(spec.owner, scope), ...bound },
  );
  return rows.map((row) => ({
    id: Number(row[keyColumn(spec)]),
    version: Number(row['RowVer']),
    state: stateIn(row),
    fields: fieldsOf(spec.fields, row, scope),
  }));
}

/** Lines of one kind, in the order they were entered. */
export function readLines(
  { db, scope }: Moment,
  spec: LineSpec,
  { sql, bound }: Condition,
): readonly ReadLine[] {
  const fixed = Object.entries(spec.fixed ?? {}).map(([column, value]) => `t.${column} = '${String(value)}'`);
  const own = ['KeyID', spec.parent, ...(spec.numberColumn === undefined ? [] : [spec.numberColumn])];
  const rows = db.all(
    `SELECT ${spec.state ?? "'active'"} AS state, ${columnsOf(spec.fields, own)}
       FROM ${spec.table} t WHERE ${[sql, ...fixed].join(' AND ')} ORDER BY t.KeyID`,
    bound,
  );
  return rows.map((row) => {
    const fields = fieldsOf(spec.fields, row, scope);
    return {
      id: Number(row['KeyID']),
      parentId: Number(row[spec.parent]),
      state: stateIn(row) === 'active' ? 'active' : 'inactive',
      line: {
        kind: spec.kind,
        number: spec.numberOf?.(fields) ?? String(row[spec.numberColumn ?? 'KeyID']),
        fields,
        erpKey: lineKeyOf(spec, row, scope),
        procoreId: null,
      },
    };
  });
}

const lineKeyOf = ({ kind, pair }: LineSpec, row: Row, scope: Scope): string =>
  (pair ?? [['KeyID', kind] as const])
    .map(([column, target]) => keyOf(target, Number(row[column]), scope))
    .join('/');

/** The records with all their lines. */
export function withLines(
  moment: Moment,
  spec: KindSpec,
  headers: readonly ReadHeader[],
): readonly ErpRecord[] {
  const lines = new Map<number, RecordLine[]>(headers.map(({ id }) => [id, []]));
  if (headers.length > 0) {
    for (const lineSpec of spec.lines)
      for (const { parentId, line } of readLines(moment, lineSpec, among(lineSpec.parent, [...lines.keys()])))
        lines.get(parentId)?.push(line);
  }
  return headers.map(({ id, state, fields }) => ({
    key: keyOf(spec.kind, id, moment.scope),
    state,
    record: { fields, lines: lines.get(id) ?? [] },
  }));
}

/** The headers with these numbers that exist, in that order. */
export function headersOfIds(moment: Moment, spec: KindSpec, ids: readonly number[]): readonly ReadHeader[] {
  if (ids.length === 0) return [];
  const order = new Map(ids.map((id, index) => [id, index]));
  const found = readHeaders(moment, spec, among(keyColumn(spec), ids));
  return [...found].sort((a, b) => (order.get(a.id) ?? 0) - (order.get(b.id) ?? 0));
}

/** The headers with these keys that exist, in the order of the keys. */
export function headersOfKeys(
  moment: Moment,
  spec: KindSpec,
  keys: readonly string[],
): readonly ReadHeader[] {
  const ids = new Set(keys.map((key) => idOfKey(spec.kind, key, moment.scope)).filter((id) => id !== null));
  return headersOfIds(moment, spec, [...ids]);
}

/** The records with these keys that exist, in the order of the keys. */
export const readKeys = (moment: Moment, spec: KindSpec, keys: readonly string[]): readonly ErpRecord[] =>
  withLines(moment, spec, headersOfKeys(moment, spec, keys));

const STATES = ['active', 'inactive', 'void'] as const;
const stateIn = ({ state }: Row): ErpRecord['state'] => STATES.find((name) => name === state) ?? 'inactive';

/** Named, never `*`: the tables are the ERP's, and others may hang more on them than is ours to see. */
function columnsOf(fields: Readonly<Record<string, FieldSpec>>, more: readonly string[]): string {
  const columns = new Set([...more, ...Object.values(fields).map(({ column }) => column)]);
  const made = Object.entries(fields).flatMap(([field, { select }]) =>
    select === undefined ? [] : [`${select} AS f_${field}`],
  );
  return [...[...columns].map((column) => `t.${column}`), ...made].join(', ');
}

const fieldsOf = (specs: Readonly<Record<string, FieldSpec>>, row: Row, scope: Scope): Fields =>
  Object.fromEntries(
    Object.entries(specs).map(([field, spec]): [string, FieldValue] => [
      field,
      spec.read(row[spec.select === undefined ? spec.column : `f_${field}`] ?? null, scope),
    ]),
  );
