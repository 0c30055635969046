import type { Kind } from '../kinds';
import type { CanonicalRecord, KnownRecord } from '../kinds/record';

/** Both ends of a merge. */
export const SIDES = ['procore', 'erp'] as const;
export type SideName = (typeof SIDES)[number];

export const otherSide = (side: SideName): SideName => (side === 'erp' ? 'procore' : 'erp');

/** A record as one side holds it. */
export interface SideRecord {
  readonly kind: Kind;
  readonly side: SideName;
  /** ERP key, or Procore id as text. */
  readonly key: string;
  /** Of a record of Procore: its `origin_id`, whoever set it; null: none. Of the ERP always null. */
  readonly originId: string | null;
  /** References hold ERP keys; one that has none (yet) is absent. */
  readonly record: CanonicalRecord;
  readonly state: KnownRecord['state'];
  /** When it changed, ISO 8601 UTC, where its side tells; else null. */
  readonly changedAt: string | null;
}
