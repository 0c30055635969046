import type Database from 'better-sqlite3';
import type { Fields, FieldValue, RecordLine } from '../../domain/kinds/record';
import type { ErpRecord } from '../contract/adapter';
import type { FieldSpec, Scope, Value } from './record-fields';
import { idOfKey, keyOf } from './record-fields';
import type { EntitySpec, LineSpec } from './record-tables';

/** Keys per query: SQLite takes at most 32,766 parameters, other databases far fewer. */
const KEYS_PER_QUERY = 500;

type Row = Readonly<Record<string, Value>>;
type State = ErpRecord['state'];

/** Values of a query by name (`@code`). */
export type Bound = Readonly<Record<string, Value>>;

/** A record without its lines. */
export interface ReadHeader {
  readonly id: number;
  readonly version: number;
  readonly state: State;
  readonly fields: Fields;
}

export interface ReadLine {
  readonly id: number;
  readonly parentId: number;
  readonly state: 'active' | 'inactive';
  readonly line: RecordLine;
}

/** Records of one kind with a condition (SQL over `t`), without their lines. */
export function readHeaders(
  db: Database.Database,
  spec: EntitySpec,
  scope: Scope,
  condition: string,
  bound: Bound = {},
): readonly ReadHeader[] {
  const owned = `t.${spec.owner} = @owner${spec.where === undefined ? '' : ` AND ${spec.where}`}`;
  const rows = db
    .prepare<[Bound], Row>(
      `SELECT t.RowVer, ${spec.state} AS state, ${columnsOf(spec.fields)} FROM ${spec.table} t WHERE ${owned} AND ${condition}`,
    )
    .all({ owner: ownerOf(spec, scope), ...bound });
  return rows.map((row) => ({
    id: Number(row['KeyID']),
    version: Number(row['RowVer']),
    state: row['state'] as State,
    fields: fieldsOf(spec.fields, row, scope),
  }));
}

/** Lines of one kind with a condition (SQL over `t`), in the order they were entered. */
export function readLines(
  db: Database.Database,
  spec: LineSpec,
  scope: Scope,
  condition: string,
  bound: readonly Value[],
): readonly ReadLine[] {
  const fixed = Object.entries(spec.fixed ?? {}).map(([column, value]) => `t.${column} = '${String(value)}'`);
  const number = spec.numberColumn === undefined ? '' : `, t.${spec.numberColumn} AS number`;
  const rows = db
    .prepare<Value[], Row>(
      `SELECT t.${spec.parent} AS parentId${number}, ${spec.state ?? "'active'"} AS state, ${columnsOf(spec.fields)}
         FROM ${spec.table} t WHERE ${[condition, ...fixed].join(' AND ')} ORDER BY t.KeyID`,
    )
    .all(...bound);
  return rows.map((row) => {
    const fields = fieldsOf(spec.fields, row, scope);
    return {
      id: Number(row['KeyID']),
      parentId: Number(row['parentId']),
      state: row['state'] as ReadLine['state'],
      line: {
        kind: spec.kind,
        number: spec.numberOf?.(fields) ?? String(row['number']),
        fields,
        erpKey: spec.keyOf?.(row, scope) ?? keyOf(spec.kind, Number(row['KeyID']), scope),
        procoreId: null,
      },
    };
  });
}

/** The records with all their lines. */
export function withLines(
  db: Database.Database,
  spec: EntitySpec,
  scope: Scope,
  headers: readonly ReadHeader[],
): readonly ErpRecord[] {
  const lines = new Map<number, RecordLine[]>(headers.map(({ id }) => [id, []]));
  for (const part of parts([...lines.keys()])) {
    const places = part.map(() => '?').join(', ');
    for (const lineSpec of spec.lines) {
      for (const { parentId, line } of readLines(
        db,
        lineSpec,
        scope,
        `t.${lineSpec.parent} IN (${places})`,
        part,
      )) {
        lines.get(parentId)?.push(line);
      }
    }
  }
  return headers.map(({ id, state, fields }) => ({
    key: keyOf(spec.entity, id, scope),
    state,
    record: { fields, lines: lines.get(id) ?? [] },
  }));
}

/** The records with these keys that exist, in the order of the keys. */
export function readKeys(
  db: Database.Database,
  spec: EntitySpec,
  scope: Scope,
  keys: readonly string[],
): readonly ErpRecord[] {
  const headers = headersOfKeys(db, spec, scope, keys);
  return withLines(db, spec, scope, headers);
}

export function headersOfKeys(
  db: Database.Database,
  spec: EntitySpec,
  scope: Scope,
  keys: readonly string[],
): readonly ReadHeader[] {
  const ids = [...new Set(keys.map((key) => idOfKey(spec.entity, key, scope)).filter((id) => id !== null))];
  const found = parts(ids).flatMap((part) => readHeaders(db, spec, scope, `t.KeyID IN (${part.join(', ')})`));
  const order = new Map(ids.map((id, index) => [id, index]));
  return [...found].sort((a, b) => (order.get(a.id) ?? 0) - (order.get(b.id) ?? 0));
}

const ownerOf = ({ owner }: EntitySpec, scope: Scope): number =>
  owner === 'PhaseGroup' ? scope.phaseGroup : scope.company;

/** Named, never `*`: the tables are the ERP's, and others may hang more on them than is ours to see. */
function columnsOf(fields: Readonly<Record<string, FieldSpec>>): string {
  const columns = new Set(['KeyID', ...Object.values(fields).map(({ column }) => column)]);
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

function parts<T>(items: readonly T[]): readonly (readonly T[])[] {
  const count = Math.ceil(items.length / KEYS_PER_QUERY);
  return Array.from({ length: count }, (_, index) =>
    items.slice(index * KEYS_PER_QUERY, (index + 1) * KEYS_PER_QUERY),
  );
}
