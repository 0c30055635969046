import type { ErrorCode } from '../../domain/base/errors';
import { isTiebackError, TiebackError } from '../../domain/base/errors';
import type { SqlServerClass } from '../../sql-server/errors';
import { isSurelyUndone, sqlServerTrouble } from '../../sql-server/errors';
import { RETRY_AFTER_TRANSACTION_MS } from './refusals';

const CODES: Readonly<Record<SqlServerClass, ErrorCode>> = {
  undone: 'ERP_BUSY',
  unreachable: 'ERP_UNREACHABLE',
  refused: 'ERP_REFUSED',
  config: 'ERP_CONFIG',
};

/** Turns an error of SQL Server into one of ours, before anything was committed; a fault of the program passes unchanged. */
export function toErpError(error: unknown): unknown {
  if (isTiebackError(error)) return error;
  const trouble = sqlServerTrouble(error);
  if (trouble === null) return error;
  const code = CODES[trouble.class];
  const reason = trouble.says.includes('tieback.')
    ? `the Tieback ledger is missing or does not fit (${trouble.says}); a DBA must run the script of \`tieback sql erp\``
    : trouble.says;
  return new TiebackError(
    code,
    { reason },
    { cause: error, ...(code === 'ERP_BUSY' ? { retryAfterMs: RETRY_AFTER_TRANSACTION_MS } : {}) },
  );
}

/** The same of a commit: only where the server itself says that it undid the transaction is that known. */
export function toCommitError(error: unknown): unknown {
  if (isSurelyUndone(error)) return toErpError(error);
  const reason = error instanceof Error ? error.message : String(error);
  return new TiebackError('ERP_OUTCOME_UNKNOWN', { reason }, { cause: error });
}
