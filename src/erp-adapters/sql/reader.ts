import type { Fields, FieldValue } from '../../domain/kinds/record';
import type { ErpRecord } from '../contract/adapter';
import type { Dialect } from './dialect';
import type {
  Catalogue,
  FieldSpec,
  KindSpec,
  LineSpec,
  Moment,
  ReadHeader,
  ReadLine,
  Surroundings,
} from './model';
import { keyColumn } from './model';
import type { Scope } from './scope';
import { ownerIn } from './scope';
import type { Bound, Row, SqlSession, Statement } from './session';
import { Asking, query } from './session';

/** SQL over `t`, and its values. */
export interface Condition {
  readonly sql: string;
  readonly bound?: Bound;
  /** Goes behind the conditions: order and limit. */
  readonly tail?: string;
}

/** How headers are read. */
export interface HeaderReading {
  readonly spec: KindSpec;
  readonly condition: Condition;
  /** SQL that says how far a row has changed. */
  readonly version?: string;
  /** Nobody else writes them until the transaction ends. */
  readonly held?: boolean;
}

/** Rows with one of these values. */
export const among = (dialect: Dialect, expression: string, ids: readonly string[]): Condition => ({
  sql: `${expression} ${dialect.inList('ids')}`,
  bound: { ids: JSON.stringify(ids) },
});

/** The statement that reads records of one kind, without their lines. */
export function headersQuery(
  { dialect }: SqlSession,
  scope: Scope,
  { spec, condition, version, held }: HeaderReading,
): Statement {
  const columns = [
    `${dialect.read(`t.${keyColumn(spec)}`, 'text')} AS id`,
    `${spec.state} AS state`,
    ...(version === undefined ? [] : [`${version} AS version`]),
    ...fieldColumns(dialect, spec.fields),
  ];
  const conditions = [
    `t.${spec.owner} = @owner`,
    ...(spec.where === undefined ? [] : [spec.where]),
    condition.sql,
  ];
  return query(
    `SELECT ${columns.join(', ')} FROM ${spec.source ?? spec.table} t ${held === true && spec.source === undefined ? dialect.held : ''}
      WHERE ${conditions.join(' AND ')} ${condition.tail ?? ''}`,
    { owner: ownerIn(spec.owner, scope), ...condition.bound },
  );
}

/** The one statement that names tax ids. */
export function taxIdsQuery(
  session: SqlSession,
  scope: Scope,
  spec: KindSpec & { readonly taxId: string },
  ids: readonly string[],
): Statement {
  const { dialect } = session;
  const { sql, bound } = withIds(session, spec, ids);
  return query(
    `SELECT ${dialect.read(`t.${keyColumn(spec)}`, 'text')} AS id, ${dialect.read(`t.${spec.taxId}`, 'text')} AS tax
       FROM ${spec.table} t WHERE t.${spec.owner} = @owner AND ${sql}`,
    { owner: ownerIn(spec.owner, scope), ...bound },
  );
}

/** Rows of `headersQuery`. */
export const toHeaders = (
  around: Surroundings,
  spec: KindSpec,
  rows: readonly Row[],
): readonly ReadHeader[] => {
  const fieldsOf = fieldReader(spec.fields, around);
  return rows.map((row) => ({
    id: String(row['id']),
    version: row['version'] ?? null,
    state: stateIn(row),
    fields: fieldsOf(row),
  }));
};

/** SQL for the id of the record that a line belongs to. */
export const parentOf = ({ parent, join }: LineSpec): string => (join === undefined ? `t.${parent}` : parent);

/** The statement that reads lines of one kind, in the order they were entered. */
export function linesQuery({ dialect }: SqlSession, spec: LineSpec, condition: Condition): Statement {
  const fixed = Object.entries(spec.fixed ?? {}).map(([column, value]) => `t.${column} = '${String(value)}'`);
  const key = keyColumn(spec);
  const pairs = (spec.pair ?? []).map(
    ([column], index) => `${dialect.read(`t.${column}`, 'text')} AS p_${index}`,
  );
  const columns = [
    `${dialect.read(`t.${key}`, 'text')} AS id`,
    `${dialect.read(parentOf(spec), 'text')} AS parent`,
    `${spec.state ?? "'active'"} AS state`,
    ...(spec.numberColumn === undefined
      ? []
      : [`${dialect.read(`t.${spec.numberColumn}`, 'text')} AS number`]),
    ...pairs,
    ...fieldColumns(dialect, spec.fields),
  ];
  return query(
    `SELECT ${columns.join(', ')} FROM ${spec.source ?? spec.table} t ${spec.join ?? ''}
      WHERE ${[condition.sql, ...fixed].join(' AND ')} ORDER BY t.${key}`,
    condition.bound,
  );
}

/** Rows of `linesQuery`. */
export const toLines = (around: Surroundings, spec: LineSpec, rows: readonly Row[]): readonly ReadLine[] => {
  const fieldsOf = fieldReader(spec.fields, around);
  return rows.map((row) => {
    const fields = fieldsOf(row);
    const id = String(row['id']);
    return {
      id,
      parentId: String(row['parent']),
      state: stateIn(row) === 'active' ? 'active' : 'inactive',
      line: {
        kind: spec.kind,
        number: spec.numberOf?.(fields) ?? String(row['number'] ?? id),
        fields,
        erpKey: lineKey(spec, row, around),
        procoreId: null,
      },
    };
  });
};

const lineKey = ({ kind, pair }: LineSpec, row: Row, { catalogue, scope }: Surroundings): string =>
  pair === undefined
    ? catalogue.keyOf(kind, row['id'] ?? null, scope)
    : pair.map(([, target], index) => catalogue.keyOf(target, row[`p_${index}`] ?? null, scope)).join('/');

/** Headers of one condition. */
export async function readHeaders(
  moment: Moment,
  part: string,
  reading: HeaderReading,
): Promise<readonly ReadHeader[]> {
  const [rows = []] = await moment.session.ask(part, [headersQuery(moment.session, moment.scope, reading)]);
  return toHeaders(moment, reading.spec, rows);
}

/** Asks for all lines of these records; answers what takes them afterwards. */
export function askLines(
  { session, ...around }: Moment,
  asking: Asking,
  spec: KindSpec,
  ids: readonly string[],
): () => ReadonlyMap<string, readonly ReadLine[]> {
  const taken =
    ids.length === 0
      ? []
      : spec.lines.map(
          (line) =>
            [
              line,
              asking.add(linesQuery(session, line, among(session.dialect, parentOf(line), ids))),
            ] as const,
        );
  return () => {
    const lines = new Map<string, ReadLine[]>(ids.map((id) => [id, []]));
    for (const [line, rows] of taken)
      for (const read of toLines(around, line, rows())) lines.get(read.parentId)?.push(read);
    return lines;
  };
}

/** Header and lines together. */
export const toRecord = (
  { catalogue, scope }: Surroundings,
  { kind }: KindSpec,
  { id, state, fields }: ReadHeader,
  lines: readonly ReadLine[],
): ErpRecord => ({
  key: catalogue.keyOf(kind, id, scope),
  state,
  record: { fields, lines: lines.map(({ line }) => line) },
});

/** The records with all their lines. */
export async function withLines(
  moment: Moment,
  spec: KindSpec,
  headers: readonly ReadHeader[],
): Promise<readonly ErpRecord[]> {
  const asking = new Asking();
  const ids = headers.map(({ id }) => id);
  const take = askLines(moment, asking, spec, ids);
  await asking.run(moment.session, 'lines');
  const lines = take();
  return headers.map((header) => toRecord(moment, spec, header, lines.get(header.id) ?? []));
}

/** Headers with these ids. */
export const withIds = ({ dialect }: SqlSession, spec: KindSpec, ids: readonly string[]): Condition =>
  among(dialect, `t.${keyColumn(spec)}`, ids);

/** The ids in these keys that can be ours. */
export const idsIn = (
  catalogue: Catalogue,
  { kind }: Pick<KindSpec, 'kind'>,
  keys: readonly string[],
  scope: Scope,
): readonly string[] => [
  ...new Set(keys.map((key) => catalogue.idOf(kind, key, scope)).filter((id) => id !== null)),
];

/** In the order of the ids; those that are not there are absent. */
export const inOrder = <Item extends { readonly id: string }>(
  items: readonly Item[],
  ids: readonly string[],
): readonly Item[] => {
  const order = new Map(ids.map((id, index) => [id, index]));
  return [...items].sort((a, b) => (order.get(a.id) ?? 0) - (order.get(b.id) ?? 0));
};

const STATES = ['active', 'inactive', 'void'] as const;
const stateIn = ({ state }: Row): ErpRecord['state'] => STATES.find((name) => name === state) ?? 'inactive';

/** Named, never `*`: the tables are the ERP's, and others may hang more on them than is ours to see. */
const fieldColumns = (dialect: Dialect, fields: Readonly<Record<string, FieldSpec>>): readonly string[] =>
  Object.values(fields).map(
    ({ column, select, form }, index) =>
      `${dialect.read(select ?? `t.${column}`, form ?? 'text')} AS f_${index}`,
  );

/** In the order of the names, which is hashed fastest. */
function fieldReader(specs: Readonly<Record<string, FieldSpec>>, around: Surroundings): (row: Row) => Fields {
  const columns = Object.entries(specs)
    .map(([field, spec], index) => ({ field, spec, name: `f_${index}` }))
    .sort((one, other) => (one.field < other.field ? -1 : 1));
  return (row) => {
    const fields: Record<string, FieldValue> = {};
    for (const { field, spec, name } of columns) fields[field] = spec.read(row[name] ?? null, around);
    return fields;
  };
}
