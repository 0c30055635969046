import Database from 'better-sqlite3';
import type { ErrorCode } from '../../domain/errors';
import { isTiebackError, TiebackError } from '../../domain/errors';

/** How soon to try again when another program held the database for a moment. */
export const RETRY_AFTER_TRANSACTION_MS = 1_000;

/** First match wins. What the ERP itself says (constraints and triggers) is for a person; the rest is for the operator. */
const CODES: readonly (readonly [RegExp, ErrorCode])[] = [
  [/^SQLITE_(BUSY|LOCKED)/, 'ERP_BUSY'],
  [/^SQLITE_(CONSTRAINT|MISMATCH|TOOBIG)/, 'ERP_REFUSED'],
  [/^SQLITE_(CANTOPEN|IOERR|FULL|INTERRUPT|PROTOCOL|NOMEM)/, 'ERP_UNREACHABLE'],
  // No such table or column, read-only file, not a database: set up wrongly, and the same tomorrow.
  [/^SQLITE_/, 'ERP_CONFIG'],
];

/**
 * Turns an error of the driver into one of ours, with the ERP's own words kept. Errors of the operating system mean that the ERP
 * could not be reached; anything else is a fault of the program and passes unchanged.
 */
export function toTiebackError(error: unknown): unknown {
  if (isTiebackError(error) || !(error instanceof Error)) return error;
  if (!(error instanceof Database.SqliteError)) {
    const { code } = error as NodeJS.ErrnoException;
    return typeof code === 'string' && /^E[A-Z]+$/.test(code)
      ? new TiebackError('ERP_UNREACHABLE', { reason: error.message }, { cause: error })
      : error;
  }
  const code = CODES.find(([pattern]) => pattern.test(error.code))?.[1] ?? 'ERP_CONFIG';
  return new TiebackError(
    code,
    { reason: reasonOf(code, error.message) },
    { cause: error, ...(code === 'ERP_BUSY' ? { retryAfterMs: RETRY_AFTER_TRANSACTION_MS } : {}) },
  );
}

function reasonOf(code: ErrorCode, message: string): string {
  if (code === 'ERP_BUSY') return 'another program is writing to the company database';
  if (message.includes('tieback_ledger')) {
    return `the Tieback ledger is missing or does not fit (${message}); a DBA must run the grant script`;
  }
  return message;
}
