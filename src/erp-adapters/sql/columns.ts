import { isTiebackError } from '../../domain/base/errors';
import type { Row, SqlSession } from './session';
import { query } from './session';

/** A column of the live catalogue. */
export interface LiveColumn {
  readonly name: string;
  /** As declared: `nvarchar`, `decimal`, `VARCHAR`. Lower case. */
  readonly type: string;
  /** Of text, in characters (`n...`) or bytes; null: no limit, or no text. */
  readonly length: number | null;
  /** Digits of exact numbers, those behind the point among them. */
  readonly precision: number | null;
  /** Digits behind the point, of exact numbers. */
  readonly scale: number | null;
  readonly nullable: boolean;
  /** It gets a value where none is given. */
  readonly hasDefault: boolean;
  /** Of text, on SQL Server. */
  readonly collation: string | null;
}

/** Columns by table, as the database has them today; a table that is not there is absent. Table names may carry a schema. */
export async function liveColumns(
  session: SqlSession,
  tables: readonly string[],
): Promise<ReadonlyMap<string, readonly LiveColumn[]>> {
  const sqlite = session.dialect.name === 'sqlite';
  const [rows = []] = await session.ask('columns', [
    query(sqlite ? SQLITE_COLUMNS : TSQL_COLUMNS, { tables: JSON.stringify(tables) }),
  ]);
  const found = new Map<string, LiveColumn[]>();
  for (const row of rows) {
    const table = String(row['table_name']);
    found.set(table, [...(found.get(table) ?? []), sqlite ? sqliteColumn(row) : tsqlColumn(row)]);
  }
  return found;
}

const SQLITE_COLUMNS = `SELECT w.value AS table_name, c.name, c.type, c."notnull" AS is_required, c.dflt_value AS default_value, c.pk
  FROM json_each(@tables) w JOIN pragma_table_info(w.value) c`;

// Seen through OBJECT_ID, so that a view, a synonym's schema and the default schema of the login are found as a statement would find them.
const TSQL_COLUMNS = `SELECT w.value AS table_name, c.name, TYPE_NAME(c.system_type_id) AS type, CAST(c.max_length AS int) AS max_length,
    CAST(c.precision AS int) AS precision, CAST(c.scale AS int) AS scale, CAST(c.is_nullable AS int) AS is_nullable, CAST(c.is_identity AS int) AS is_identity,
    CAST(c.is_computed AS int) AS is_computed, CASE WHEN c.default_object_id = 0 THEN 0 ELSE 1 END AS has_default,
    c.collation_name AS collation
  FROM OPENJSON(@tables) w JOIN sys.columns c ON c.object_id = OBJECT_ID(w.value) ORDER BY w.value, c.column_id`;

function sqliteColumn(row: Row): LiveColumn {
  const declared = String(row['type']);
  const [, type = declared, length, scale] =
    /^([A-Za-z ]+?)\s*(?:\((\d+)(?:\s*,\s*(\d+))?\))?$/.exec(declared) ?? [];
  const isText = /CHAR|TEXT/i.test(type);
  return {
    name: String(row['name']),
    type: type.toLowerCase(),
    length: isText && length !== undefined ? Number(length) : null,
    precision: scale === undefined ? null : Number(length),
    scale: scale === undefined ? null : Number(scale),
    nullable: Number(row['is_required']) === 0 && Number(row['pk']) === 0,
    hasDefault: row['default_value'] !== null || Number(row['pk']) > 0,
    collation: null,
  };
}

const EXACT = new Set(['decimal', 'numeric', 'money', 'smallmoney', 'int', 'bigint', 'smallint', 'tinyint']);

function tsqlColumn(row: Row): LiveColumn {
  const type = String(row['type']).toLowerCase();
  const bytes = Number(row['max_length']);
  const isText = type.endsWith('char');
  const given = ['is_identity', 'is_computed', 'has_default'].some((column) => Number(row[column]) === 1);
  return {
    name: String(row['name']),
    type,
    length: !isText || bytes < 0 ? null : type.startsWith('n') ? bytes / 2 : bytes,
    precision: EXACT.has(type) ? Number(row['precision']) : null,
    scale: EXACT.has(type) ? Number(row['scale']) : null,
    nullable: Number(row['is_nullable']) === 1,
    hasDefault: given,
    collation: typeof row['collation'] === 'string' ? row['collation'] : null,
  };
}

/** Names of the triggers by table, in order; of a view, those of the tables beneath it too. Tables without any are absent. */
export async function liveTriggers(
  session: SqlSession,
  tables: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const sql = session.dialect.name === 'sqlite' ? SQLITE_TRIGGERS : TSQL_TRIGGERS;
  const [rows = []] = await session.ask('triggers', [query(sql, { tables: JSON.stringify(tables) })]);
  const found = new Map<string, string[]>();
  for (const row of rows) {
    const table = String(row['table_name']);
    found.set(table, [...(found.get(table) ?? []), String(row['name'])]);
  }
  return found;
}

const SQLITE_TRIGGERS = `SELECT w.value AS table_name, m.name FROM json_each(@tables) w
  JOIN sqlite_master m ON m.type = 'trigger' AND m.tbl_name = w.value ORDER BY w.value, m.name`;

const TSQL_TRIGGERS = `SELECT DISTINCT w.value AS table_name, t.name FROM OPENJSON(@tables) w
  JOIN sys.triggers t ON t.is_disabled = 0 AND (t.parent_id = OBJECT_ID(w.value)
    OR t.parent_id IN (SELECT d.referenced_id FROM sys.sql_expression_dependencies d WHERE d.referencing_id = OBJECT_ID(w.value)))
  ORDER BY w.value, t.name`;

/**
 * Procedures that are there, with the names of their parameters (null: the catalogue does not say). On SQLite views stand for them, and columns for
 * parameters.
 */
export async function liveProcedures(
  session: SqlSession,
  names: readonly string[],
): Promise<ReadonlyMap<string, readonly string[] | null>> {
  if (names.length === 0) return new Map();
  if (session.dialect.name === 'sqlite') {
    const views = await liveColumns(session, names);
    return new Map([...views].map(([view, columns]) => [view, columns.map(({ name }) => name)]));
  }
  const bound = { names: JSON.stringify(names) };
  const [rows = []] = await session.ask('procedures', [query(TSQL_PROCEDURES, bound)]);
  const parameters = await session.ask('parameters', [query(TSQL_PARAMETERS, bound)]).catch(notTold);
  return new Map(
    rows.map(({ name }) => [
      String(name),
      parameters === null
        ? null
        : (parameters[0] ?? []).flatMap((row) => (row['name'] === name ? [String(row['parameter'])] : [])),
    ]),
  );
}

const TSQL_PROCEDURES = `SELECT w.value AS name FROM OPENJSON(@names) w WHERE OBJECT_ID(w.value) IS NOT NULL`;

const TSQL_PARAMETERS = `SELECT w.value AS name, SUBSTRING(p.name, 2, 128) AS parameter FROM OPENJSON(@names) w
  JOIN sys.parameters p ON p.object_id = OBJECT_ID(w.value) ORDER BY w.value, p.parameter_id`;

/** Not every engine has the view. */
function notTold(error: unknown): null {
  if (isTiebackError(error) && ['config', 'data'].includes(error.class)) return null;
  throw error;
}
