import type { RecordLink } from '../kinds/record-link';

/** Newest entry of the ERP-side ledger for a record: what Tieback last wrote there, whatever our store remembers. */
export interface LedgerHead {
  readonly operationKey: string;
  readonly generation: number;
  readonly erpKey: string;
}

/** A batch of timecards as the ledger of the ERP tells that it was written. */
export interface WrittenBatch extends LedgerHead {
  /** `payRecordId`. */
  readonly recordId: string;
  readonly planHash: string;
  readonly targetRevision: string;
  /** ISO 8601 UTC. */
  readonly writtenAt: string;
}

type Known = Pick<RecordLink, 'erpKey' | 'generation'> | null;

/** The ERP record that belongs to a Procore record, by ledger or by link (an unlinked one still tells where the record is). */
export function ownKeyOf(link: Known, head: LedgerHead | null): string | null {
  if (link && (head === null || link.generation >= head.generation)) return link.erpKey;
  return head?.erpKey ?? null;
}

/**
 * The generation of the next write. Where the ledger is ahead of the link and its record is still there, it is the same operation
 * again (a crash, or an older store); where the record is gone from the ERP, a new one starts after it.
 */
export function nextGeneration(link: Known, head: LedgerHead | null, headIsThere: boolean): number {
  const written = head === null ? 0 : head.generation - (headIsThere ? 1 : 0);
  return Math.max(link?.generation ?? 0, written) + 1;
}
