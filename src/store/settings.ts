import type { SqlServerSettings } from '../sql-server/settings';

/** Where our own store lives. */
export type StoreSettings = (
  | { readonly type: 'better-sqlite3'; /** Path of the database file. */ readonly file: string }
  | ({ readonly type: 'mssql' } & SqlServerSettings)
) & {
  /** False: tables are made and changed by `tieback store migrate` or a DBA, and never by whoever opens the store. Default: true. */
  readonly migrate?: boolean;
};
