import type { Anchor } from '../../domain/audit/anchor';
import { ANCHOR_READER, signAnchor } from '../../domain/audit/anchor';
import type { ActivityDeps } from '../deps';
import { connectionOf } from '../deps';
import { asFailure } from '../step';

/** A head that was anchored just now. */
export interface Anchored {
  readonly anchor: Anchor;
  /** Queue of the ERP, where there is a place for anchors; null: its adapter keeps none. */
  readonly erpQueue: string | null;
  /** Places that did not take it, each with the reason. */
  readonly problems: readonly string[];
}

/** Runs on the main queue, as a local activity. */
export const anchorActivities = (deps: ActivityDeps) => ({
  /**
   * Takes the head of the audit log to the places outside our store, when it moved and the last time is long enough ago; null: not now. A
   * place that cannot be reached is told and gets the next head.
   */
  async anchorHead({ connectionId }: { connectionId: string }): Promise<Anchored | null> {
    const { everyMs, keys, places } = deps.anchoring;
    const now = deps.now();
    const { head, last } = await deps.store.read('anchor.head', async (t) => {
      const [newest, checkpoint] = await Promise.all([
        t.audit.head(connectionId),
        t.checkpoints.get(connectionId, ANCHOR_READER),
      ]);
      return { head: newest, last: checkpoint };
    });
    const cursor = `${head.seq}:${head.hash}`;
    const isSoon = last !== null && Date.parse(now) - Date.parse(last.movedAt) < everyMs;
    if (head.seq === 0 || last?.cursor === cursor || isSoon) return null;
    const anchor = signAnchor({ connectionId, ...head, at: now }, keys);
    const problems: string[] = [];
    for (const place of places) {
      try {
        await place.keep(anchor);
      } catch (error) {
        problems.push(`${place.name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    await deps.store.transaction('anchor.kept', connectionId, (t) =>
      t.checkpoints.move(connectionId, ANCHOR_READER, { from: last?.cursor ?? null, to: cursor }, now),
    );
    const { erp, erpQueue } = connectionOf(deps, connectionId);
    return { anchor, erpQueue: erp.anchors === undefined ? null : erpQueue, problems };
  },
});

/** Runs on the ERP queue. */
export const erpAnchorActivities = (deps: ActivityDeps) => ({
  /** Keeps an anchor in the ERP's own database; the same one again adds nothing. */
  async anchorInErp({ anchor }: { readonly anchor: Anchor }): Promise<void> {
    const { erp } = connectionOf(deps, anchor.connectionId);
    await asFailure(async () => erp.anchors?.add(anchor));
  },
});
