import type { EntitySchemaColumnOptions, ValueTransformer } from 'typeorm';

/** The databases our own store runs on. */
export type StoreDialect = 'better-sqlite3' | 'mssql';

/** One form of every instant, whoever gave it: digests are taken of it. */
export const instant = (time: string): string => new Date(time).toISOString();

/** Sent as text: the driver would round a date to what `datetime` can hold. */
const isoText: ValueTransformer = {
  to: (value: string | null | undefined) => (value === null || value === undefined ? null : instant(value)),
  from: (value: Date | string | null) =>
    value === null ? null : typeof value === 'string' ? value : value.toISOString(),
};

/** Keys are equal when they are the same characters, whatever the collation of the database says. */
const BINARY = 'Latin1_General_100_BIN2';

/** Why a column cannot keep a value, in words that end a sentence; null: it can. Lengths are counted as SQL Server does, in UTF-16 units. */
export function unfit({ length, comment }: EntitySchemaColumnOptions, value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const most = length === 'max' || length === undefined ? Infinity : Number(length);
  if (value.length > most)
    return `it has ${value.length} characters and ${most} are the most ("${value.slice(0, 40)}...")`;
  // SQL Server takes "A" and "A " for the same.
  return comment === KEY && value.endsWith(' ') ? `it ends with a blank ("${value}")` : null;
}

/** Marks columns by which rows are told apart. */
const KEY = 'key';

const json: ValueTransformer = {
  to: (value: unknown) => (value === null || value === undefined ? null : JSON.stringify(value)),
  from: (value: string | null) => (value === null ? null : (JSON.parse(value) as unknown)),
};

/**
 * One vocabulary of column types for both databases. In code a point in time is always an ISO 8601 UTC text and JSON is always
 * its value; the database keeps `datetimeoffset` and `nvarchar(max)` on SQL Server, text on SQLite.
 */
export const columnTypes = (dialect: StoreDialect) => {
  const server = dialect === 'mssql';
  return {
    /** By which rows are told apart. */
    key: (length = 120): EntitySchemaColumnOptions => ({
      length,
      comment: KEY,
      ...(server ? { type: 'nvarchar', collation: BINARY } : { type: 'text' }),
    }),
    text: (length = 400): EntitySchemaColumnOptions => ({ type: server ? 'nvarchar' : 'text', length }),
    longText: (): EntitySchemaColumnOptions =>
      server ? { type: 'nvarchar', length: 'max' } : { type: 'text' },
    json: (): EntitySchemaColumnOptions =>
      server ? { type: 'nvarchar', length: 'max', transformer: json } : { type: 'text', transformer: json },
    hash: (): EntitySchemaColumnOptions =>
      server
        ? { type: 'varchar', length: 64, comment: KEY, collation: BINARY }
        : { type: 'text', length: 64 },
    time: (): EntitySchemaColumnOptions => ({
      type: server ? 'datetimeoffset' : 'text',
      transformer: isoText,
    }),
    integer: (): EntitySchemaColumnOptions => ({ type: 'integer' }),
    /** Ids of Procore: whole numbers below 2^53. SQL Server's driver hands bigint over as text. */
    bigId: (): EntitySchemaColumnOptions =>
      server
        ? {
            type: 'bigint',
            transformer: {
              to: (value: unknown) => value,
              from: (value: string | null) => (value === null ? null : Number(value)),
            },
          }
        : { type: 'integer' },
    flag: (): EntitySchemaColumnOptions => (server ? { type: 'bit' } : { type: 'boolean' }),
  };
};

export type ColumnTypes = ReturnType<typeof columnTypes>;
