import { ANCHOR_READER } from '../../domain/audit/anchor';
import type { Store } from '../../store/store';

/** Where the log of a connection stands. */
export interface AuditHead {
  readonly connectionId: string;
  /** Links, and the hash of the last one: what an auditor writes down. */
  readonly links: number;
  readonly hash: string;
  /** Key that signed the newest link; null: it is not keyed. */
  readonly keyId: string | null;
  /** The head that was taken to the places outside our store last; null: none was yet. */
  readonly anchor: { readonly seq: number; readonly hash: string; readonly at: string } | null;
}

/** The heads of these logs. */
export const auditHeads = (store: Store, connectionIds: readonly string[]): Promise<readonly AuditHead[]> =>
  store.read('audit.heads', (t) =>
    Promise.all(
      connectionIds.map(async (connectionId) => {
        const [{ seq, hash }, keyId, kept] = await Promise.all([
          t.audit.head(connectionId),
          t.audit.keyOfNewest(connectionId),
          t.checkpoints.get(connectionId, ANCHOR_READER),
        ]);
        const [anchored = '', anchoredHash = ''] = kept?.cursor.split(':') ?? [];
        return {
          connectionId,
          links: seq,
          hash,
          keyId,
          anchor: kept && { seq: Number(anchored), hash: anchoredHash, at: kept.movedAt },
        };
      }),
    ),
  );
