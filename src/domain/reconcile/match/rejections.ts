import { contentHash } from '../../base/identity';
import type { CanonicalRecord, ProcoreId } from '../../kinds/record';

/** Two records that people said are not one. */
export interface Rejection {
  readonly erpKey: string;
  readonly procoreId: ProcoreId;
  /** See `matchRevision`; at that time. */
  readonly erpRevision: string;
  readonly procoreRevision: string;
}

/** Hash of what a record is recognised by: its header. Lines say nothing of who it is. */
export const matchRevision = ({ fields }: CanonicalRecord): string => contentHash(fields);

export const pairKey = (erpKey: string, procoreId: ProcoreId): string => `${erpKey} ${procoreId}`;
