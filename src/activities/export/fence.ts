import { TiebackError } from '../../domain/base/errors';
import type { OperationLedger } from '../../erp-adapters/contract/adapter';
import type { ErpWritten } from '../../store/repositories/plans';

/** How many of our newest writes the ERP must still know before it is written to again: a restored one has lost the newest first. */
export const FENCE = 10;

/** Those of our writes that the ERP's ledger does not know. */
export async function lostWrites(
  ledger: OperationLedger,
  written: readonly ErpWritten[],
): Promise<readonly ErpWritten[]> {
  if (written.length === 0) return [];
  const entries = await ledger.find(written.map(({ operationKey }) => operationKey));
  const known = new Set(entries.map(({ operationKey }) => operationKey));
  return written.filter(({ operationKey }) => !known.has(operationKey));
}

/** Throws `ERP_OLDER` where the ERP does not know what we wrote there last. */
export async function assertNotOlder(ledger: OperationLedger, last: readonly ErpWritten[]): Promise<void> {
  const lost = await lostWrites(ledger, last);
  if (lost.length === 0) return;
  const missing = lost.map(
    ({ recordId, erpKey, at }) => `${recordId} as ${erpKey ?? 'a new record'} (${at})`,
  );
  throw new TiebackError('ERP_OLDER', { missing: missing.join(', ') });
}
