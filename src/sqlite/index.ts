/**
 * The one place that loads SQLite. Two releases of better-sqlite3 are installed under two names, because neither runs everywhere: 12 crashes
 * in garbage collection on Node 24, 13 crashes on Node 20. npm leaves out what does not fit, and we take what fits the Node that runs.
 */
import type Database from 'better-sqlite3';

/** One open database file. */
export type SqliteDatabase = Database.Database;

/** A prepared statement that takes values in order and gives rows. */
export type SqliteStatement = Database.Statement<unknown[], Readonly<Record<string, unknown>>>;

/** The package that fits a version of Node, such as `22.23.3`. */
export const sqlitePackageFor = (node: string): 'better-sqlite3' | 'better-sqlite3-node22' =>
  Number.parseInt(node, 10) >= 22 ? 'better-sqlite3-node22' : 'better-sqlite3';

/** The package that fits the Node that runs us. */
export const sqlitePackage = sqlitePackageFor(process.versions.node);

/** The driver's constructor. Loaded on first use: an installation on SQL Server never needs it. */
export function sqliteDriver(): typeof Database {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- the name is known at run time only
    return require(sqlitePackage) as typeof Database;
  } catch (cause) {
    throw new Error(
      `SQLite cannot be loaded: "${sqlitePackage}" does not fit Node ${process.versions.node}, or is not installed. ` +
        'Run `npm ci` again with this Node: what was installed for another one does not fit.',
      { cause },
    );
  }
}

/** Opens a database file. */
export function openSqlite(file: string, options: Database.Options = {}): SqliteDatabase {
  return new (sqliteDriver())(file, options);
}
