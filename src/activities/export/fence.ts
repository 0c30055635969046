import { TiebackError } from '../../domain/base/errors';
import { originIdOf } from '../../domain/base/identity';
import type { SetExternalData } from '../../domain/plan/operation';
import type { OperationLedger } from '../../erp-adapters/contract/adapter';
import type { ItemError, ProcoreCompany } from '../../procore/port';
import type { ErpWritten } from '../../store/repositories/plans';
import type { ActivityDeps, ConnectionParts } from '../deps';
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

/** What we wrote to an ERP, all in all, and what of it the ERP does not know. */
export async function compareWrites(
  store: ActivityDeps['store'],
  { id, erp }: Pick<ConnectionParts, 'id' | 'erp'>,
): Promise<{ readonly written: number; readonly lost: readonly ErpWritten[] }> {
  const pages = await store.read('fence.written', async (t) => {
    const all: (readonly ErpWritten[])[] = [];
    for await (const page of t.plans.erpWrites(id)) all.push(page);
    return all;
  });
  const lost: ErpWritten[] = [];
  for (const page of pages) lost.push(...(await lostWrites(erp.ledger, page)));
  return { written: pages.reduce((sum, { length }) => sum + length, 0), lost };
}

/**
 * Keeps writes from an ERP that is older than what we wrote there. Everything is compared once in the life of a process, because our store
 * may have been put back too, behind what was accepted; from then on the newest writes, which a restored ERP has lost first.
 */
export class Fence {
  private readonly seenWhole = new Set<string>();

  constructor(private readonly deps: Pick<ActivityDeps, 'store'>) {}

  /** `last`: our newest writes there. Throws `ERP_OLDER`. */
  async assertNotOlder(connection: ConnectionParts, last: readonly ErpWritten[]): Promise<void> {
    if (this.seenWhole.has(connection.id)) return assertKnown(await lostWrites(connection.erp.ledger, last));
    assertKnown((await compareWrites(this.deps.store, connection)).lost);
    this.seenWhole.add(connection.id);
  }
}

/** So many are named; `tieback restored` lists all. */
const NAMED = 10;

function assertKnown(lost: readonly ErpWritten[]): void {
  if (lost.length === 0) return;
  const missing = lost
    .slice(0, NAMED)
    .map(({ recordId, erpKey, at }) => `${recordId} as ${erpKey ?? 'a new record'} (${at})`);
  const more = lost.length > NAMED ? ` and ${lost.length - NAMED} more` : '';
  throw new TiebackError('ERP_OLDER', { missing: `${missing.join(', ')}${more}` });
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
