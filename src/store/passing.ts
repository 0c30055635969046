import { isTiebackError } from '../domain/base/errors';

/** Of our own error table. */
const OURS: ReadonlySet<string> = new Set(['STORE_LOCKED', 'STORE_FULL', 'STORE_SLOW']);
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
const UNDONE: ReadonlySet<number> = new Set([1205, 1222, 3960]);

/**
 * Whether trouble of our store passes by itself, so that the same transaction may go through in a moment: it was locked, busy, full, or away.
 * A transaction that failed so has changed nothing, or its outcome is unknown: repeat only what looks first what is done.
 */
export function isPassing(error: unknown): boolean {
  if (isTiebackError(error)) return OURS.has(error.code);
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return (typeof code === 'string' && (SQLITE.test(code) || CONNECTION.has(code))) || isUndone(error);
}

/** Whether SQL Server says that it undid the whole transaction, so that it may be run again at once. A lost answer says no such thing. */
export const isUndone = (error: unknown): boolean => numbersOf(error).some((number) => UNDONE.has(number));

/** The last error is not the telling one where a trigger rolled back (3609) or the transaction was doomed: what came before it counts too. */
function numbersOf(error: unknown): readonly number[] {
  if (typeof error !== 'object' || error === null) return [];
  const { number, precedingErrors } = error as {
    readonly number?: unknown;
    readonly precedingErrors?: unknown;
  };
  return [
    ...(typeof number === 'number' ? [number] : []),
    ...(Array.isArray(precedingErrors) ? precedingErrors.flatMap(numbersOf) : []),
  ];
}
