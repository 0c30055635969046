import type { ErrorCode } from '../../domain/base/errors';
import { isTiebackError, TiebackError } from '../../domain/base/errors';
import { RETRY_AFTER_TRANSACTION_MS } from './refusals';

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
  const { code, message } = codeOf(error);
  if (isTiebackError(error) || code === null) return error;
  if (!code.startsWith('SQLITE_')) {
    return /^E[A-Z]+$/.test(code)
      ? new TiebackError('ERP_UNREACHABLE', { reason: message }, { cause: error })
      : error;
  }
  const ours = CODES.find(([pattern]) => pattern.test(code))?.[1] ?? 'ERP_CONFIG';
  return new TiebackError(
    ours,
    { reason: reasonOf(ours, message) },
    { cause: error, ...(ours === 'ERP_BUSY' ? { retryAfterMs: RETRY_AFTER_TRANSACTION_MS } : {}) },
  );
}

/** Whether the driver itself raised it. */
export const isDriverError = (error: unknown): boolean => codeOf(error).code?.startsWith('SQLITE_') === true;

/** Read from the fields, not from the class: the native driver has one error class per process, not per copy of the package. */
function codeOf(error: unknown): { readonly code: string | null; readonly message: string } {
  if (typeof error !== 'object' || error === null) return { code: null, message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  return { code, message: 'message' in error ? String(error.message) : 'no message' };
}

function reasonOf(code: ErrorCode, message: string): string {
  if (code === 'ERP_BUSY') return 'another program is writing to the company database';
  if (message.includes('tieback_ledger')) {
    return `the Tieback ledger is missing or does not fit (${message}); a DBA must run the grant script`;
  }
  return message;
}
