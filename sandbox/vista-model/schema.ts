import { SQLITE_PROCEDURES, TSQL_PROCEDURES } from './procedures';
import { sqliteTable } from './render-sqlite';
import { tsqlTable, tsqlTriggers, tsqlTypes } from './render-tsql';
import { TABLES } from './tables';

/** Everything that makes an empty database, one statement (on SQL Server: one batch) each. */
export const SCHEMA: Readonly<Record<'sqlite' | 'tsql', readonly string[]>> = {
  sqlite: [...TABLES.flatMap(sqliteTable), ...SQLITE_PROCEDURES],
  tsql: [...tsqlTypes, ...TABLES.flatMap(tsqlTable), ...TABLES.flatMap(tsqlTriggers), ...TSQL_PROCEDURES],
};
