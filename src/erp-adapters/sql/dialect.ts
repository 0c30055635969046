/** In what form a column is read: as the text that Tieback keeps, whatever type the column has. */
export type Form = 'text' | 'decimal' | 'date' | 'number';

/** Where the SQL of the two kinds of database differs. Everything else in this folder is the same SQL for both. */
export interface Dialect {
  readonly name: 'sqlite' | 'tsql';
  /** `IN (...)`: a list of any length, bound as JSON under this name. */
  readonly inList: (name: string) => string;
  /** A source for FROM: rows bound as a JSON array of objects under this name; every column a text or null. */
  readonly rowsOf: (name: string, columns: readonly string[]) => string;
  /** The expression as text of this form: `12.50`, `2026-11-30`. */
  readonly read: (expression: string, form: Form) => string;
  /** Goes behind ORDER BY: at most as many rows as the number bound under this name. */
  readonly limit: (name: string) => string;
  /** Goes behind a table that is read in order to be written: nobody else writes these rows until the transaction ends. */
  readonly held: string;
  /** Changes rows of a table (`t`) to values of a source (`j`), where they meet. */
  readonly update: (
    table: string,
    set: Readonly<Record<string, string>>,
    source: string,
    on: string,
  ) => string;
  /** Joins texts. */
  readonly concat: (...expressions: readonly string[]) => string;
  /** Time of the server, ISO 8601 UTC with milliseconds, as text. */
  readonly now: string;
  /** Waits until nobody else in this transaction's database holds a lock of this name; null where the transaction itself keeps everybody out. */
  appLock(
    resource: string,
  ): { readonly sql: string; readonly bound: Readonly<Record<string, string>> } | null;
  /** A text of a source, to compare with a column. */
  readonly collated: (expression: string) => string;
  /** Quotes a name that comes from configuration or the catalogue. */
  readonly quote: (name: string) => string;
}

const assignments = (set: Readonly<Record<string, string>>): string =>
  Object.entries(set)
    .map(([column, value]) => `${column} = ${value}`)
    .join(', ');

/** SQLite: the sample ERP and tests. Its one writer holds the whole file. */
export const SQLITE: Dialect = {
  name: 'sqlite',
  inList: (name) => `IN (SELECT value FROM json_each(@${name}))`,
  rowsOf: (name, columns) =>
    `(SELECT ${columns.map((column) => `json_extract(value, '$.${column}') AS ${column}`).join(', ')} FROM json_each(@${name}))`,
  read: (expression) => expression,
  limit: (name) => `LIMIT @${name}`,
  held: '',
  update: (table, set, source, on) =>
    `UPDATE ${table} AS t SET ${assignments(set)} FROM ${source} AS j WHERE ${on}`,
  concat: (...expressions) => expressions.join(' || '),
  now: "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
  appLock: () => null,
  collated: (expression) => expression,
  quote: (name) => `"${name.replace(/"/g, '""')}"`,
};

/** How long to wait for somebody else's application lock, in milliseconds: a person or another daemon is in the middle of it. */
const APP_LOCK_MS = 5_000;

/** What `appLock` raises where it waited in vain. */
export const APP_LOCK_TAKEN = 'Tieback: the application lock is taken.';

const READ_TSQL: Readonly<Record<Form, (expression: string) => string>> = {
  text: (expression) => `CONVERT(nvarchar(max), ${expression})`,
  // Style 2 gives all four places of `money`; exact numerics have no styles.
  decimal: (expression) => `CONVERT(varchar(60), ${expression}, 2)`,
  // Also of `datetime`, whose own text depends on the language of the login.
  date: (expression) => `CONVERT(varchar(10), ${expression}, 23)`,
  number: (expression) => expression,
};

/** Microsoft SQL Server. */
export const TSQL: Dialect = {
  name: 'tsql',
  // OPENJSON answers in the collation of the database, which may not be that of the column.
  inList: (name) => `IN (SELECT value COLLATE DATABASE_DEFAULT FROM OPENJSON(@${name}))`,
  rowsOf: (name, columns) =>
    `OPENJSON(@${name}) WITH (${columns.map((column) => `[${column}] nvarchar(max) '$.${column}'`).join(', ')})`,
  read: (expression, form) => READ_TSQL[form](expression),
  limit: (name) => `OFFSET 0 ROWS FETCH NEXT @${name} ROWS ONLY`,
  held: 'WITH (UPDLOCK, ROWLOCK)',
  update: (table, set, source, on) =>
    `UPDATE t SET ${assignments(set)} FROM ${table} AS t JOIN ${source} AS j ON ${on}`,
  concat: (...expressions) => `CONCAT(${expressions.join(', ')})`,
  now: 'CONVERT(varchar(23), SYSUTCDATETIME(), 126)',
  appLock: (resource) => ({
    sql: `DECLARE @got int; EXEC @got = sp_getapplock @Resource = @appLock, @LockMode = 'Exclusive', @LockOwner = 'Transaction', @LockTimeout = ${APP_LOCK_MS};
IF @got < 0 RAISERROR('${APP_LOCK_TAKEN}', 16, 1)`,
    bound: { appLock: resource },
  }),
  collated: (expression) => `${expression} COLLATE DATABASE_DEFAULT`,
  quote: (name) => `[${name.replace(/\]/g, ']]')}]`,
};
