import { isTiebackError } from '../domain/base/errors';
import type { SqlServerTrouble } from '../sql-server/errors';
import { sqlServerTrouble } from '../sql-server/errors';

/** Of our own error table. */
const OURS: ReadonlySet<string> = new Set(['STORE_LOCKED', 'STORE_FULL', 'STORE_SLOW']);
/** Of SQLite: somebody else had the file. */
const SQLITE = /^SQLITE_(BUSY|LOCKED)/;
/**
 * Whether trouble of our store passes by itself, so that the same transaction may go through in a moment: it was locked, busy, full, or away.
 * A transaction that failed so has changed nothing, or its outcome is unknown: repeat only what looks first what is done.
 */
export function isPassing(error: unknown): boolean {
  if (isTiebackError(error)) return OURS.has(error.code);
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return (typeof code === 'string' && SQLITE.test(code)) || isPassingThere(sqlServerTrouble(error));
}

const isPassingThere = (trouble: SqlServerTrouble | null): boolean =>
  trouble?.class === 'undone' || trouble?.class === 'unreachable';

/** Whether SQL Server says that it undid the whole transaction, so that it may be run again at once. A lost answer says no such thing. */
export const isUndone = (error: unknown): boolean => sqlServerTrouble(error)?.class === 'undone';
