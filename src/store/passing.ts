import { isTiebackError } from '../domain/base/errors';

/** Of our own error table. */
const OURS: ReadonlySet<string> = new Set(['STORE_LOCKED', 'STORE_FULL']);
/** Of SQLite: somebody else had the file. */
const SQLITE = /^SQLITE_(BUSY|LOCKED)/;
/** Of the SQL Server driver: no connection, or it was lost. */
const CONNECTION: ReadonlySet<string> = new Set([
  'ETIMEOUT',
  'ESOCKET',
  'ECONNCLOSED',
  'ECONNRESET',
  'ECONNREFUSED',
]);
/** Of SQL Server: chosen as the victim of a deadlock, a lock that was not given, a snapshot that moved. */
const NUMBERS: ReadonlySet<number> = new Set([1205, 1222, 3960]);

/**
 * Whether trouble of our store passes by itself, so that the same transaction may go through in a moment: it was locked, busy, full, or away.
 * A transaction that failed so has changed nothing, or its outcome is unknown: repeat only what looks first what is done.
 */
export function isPassing(error: unknown): boolean {
  if (isTiebackError(error)) return OURS.has(error.code);
  if (typeof error !== 'object' || error === null) return false;
  const { code, number } = error as { readonly code?: unknown; readonly number?: unknown };
  return (
    (typeof code === 'string' && (SQLITE.test(code) || CONNECTION.has(code))) ||
    (typeof number === 'number' && NUMBERS.has(number))
  );
}
