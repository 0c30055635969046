import type { EntitySchemaColumnOptions, ValueTransformer } from 'typeorm';

/** The databases our own store runs on. */
export type StoreDialect = 'better-sqlite3' | 'mssql';

const isoText: ValueTransformer = {
  to: (value: string | null | undefined) => (value === null || value === undefined ? value : new Date(value)),
  from: (value: Date | null) => (value === null ? null : value.toISOString()),
};

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
    key: (length = 120): EntitySchemaColumnOptions =>
      server ? { type: 'nvarchar', length } : { type: 'text' },
    text: (length = 400): EntitySchemaColumnOptions =>
      server ? { type: 'nvarchar', length } : { type: 'text' },
    longText: (): EntitySchemaColumnOptions =>
      server ? { type: 'nvarchar', length: 'max' } : { type: 'text' },
    json: (): EntitySchemaColumnOptions =>
      server ? { type: 'nvarchar', length: 'max', transformer: json } : { type: 'text', transformer: json },
    hash: (): EntitySchemaColumnOptions => (server ? { type: 'varchar', length: 64 } : { type: 'text' }),
    time: (): EntitySchemaColumnOptions =>
      server ? { type: 'datetimeoffset', transformer: isoText } : { type: 'text' },
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
