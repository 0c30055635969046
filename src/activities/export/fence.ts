import { TiebackError } from '../../domain/base/errors';
import { originIdOf } from '../../domain/base/identity';
import type { SetExternalData } from '../../domain/plan/operation';
import type { OperationLedger } from '../../erp-adapters/contract/adapter';
import type { ItemError, ProcoreCompany } from '../../procore/port';
import type { ErpWritten } from '../../store/repositories/plans';
import { cleared, tie } from '../send';

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

/**
 * Takes a tie to a lost ERP record off in Procore, with those of its lines: the ERP may give its key to another record, and only a record that
 * is not tied can be sent again. A record that is tied to something else by now is left alone. Safe to repeat. Answers what Procore did not
 * take; throws `PROCORE_*`.
 */
export async function untieLost(
  procore: ProcoreCompany,
  operation: SetExternalData,
  erpKey: string,
): Promise<readonly ItemError[]> {
  const { kind, items, projectId = null } = operation;
  const own = items.find(({ line }) => line === null);
  if (own === undefined) return [];
  const { itemType, itemId } = own;
  // Through the open door the tie is looked at where it is taken off.
  const now = await procore.ties.read?.(itemType, itemId);
  if (now !== undefined && now?.originId !== originIdOf(kind, erpKey)) return [];
  const place = { ...(projectId === null ? {} : { projectId }), holder: { itemType, itemId } };
  return tie(
    procore,
    items.map((item) => ({ ...cleared(item), place })),
  );
}
