import { TiebackError } from '../../domain/base/errors';

/** How soon to try again when another program held the database for a moment. */
export const RETRY_AFTER_TRANSACTION_MS = 1_000;

/** A person works for minutes, not milliseconds. */
export const RETRY_AFTER_PERSON_MS = 60_000;

/** The ERP, or we in its place, say no. */
export const refused = (reason: string): never => {
  throw new TiebackError('ERP_REFUSED', { reason });
};

/** Time heals it. */
export const busy = (reason: string): TiebackError =>
  new TiebackError('ERP_BUSY', { reason }, { retryAfterMs: RETRY_AFTER_PERSON_MS });
