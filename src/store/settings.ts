/** Where our own store lives. */
export type StoreSettings = (
  | { readonly type: 'better-sqlite3'; /** Path of the database file. */ readonly file: string }
  | {
      readonly type: 'mssql';
      readonly host: string;
      readonly port: number;
      readonly database: string;
      readonly user: string;
      readonly password: string;
      readonly encrypt: boolean;
      readonly trustServerCertificate: boolean;
      /** Most connections held open. */
      readonly poolSize: number;
    }
) & {
  /** False: tables are made and changed by `tieback store migrate` or a DBA, and never by whoever opens the store. Default: true. */
  readonly migrate?: boolean;
};
