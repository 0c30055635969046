import { definitionOf } from '../domain/kinds';
import type { ReconciledKind } from '../domain/request/id';
import { reconcileIdOf } from '../domain/request/id';
import type { Store } from '../store/store';

/** Pauses the reconcile of a kind, or lets it go on; with its entry in the audit log. A run stops at its next page boundary. */
export const pauseReconcile = (
  store: Store,
  asked: {
    readonly connectionId: string;
    readonly kind: ReconciledKind;
    readonly paused: boolean;
    /** The account that asks. */
    readonly by: string;
    readonly comment: string;
  },
  now: Date,
): Promise<void> => {
  const { connectionId, kind, paused, by, comment } = asked;
  const at = now.toISOString();
  return store.transaction('desk.pause', connectionId, async (t) => {
    const row = await t.connections.find(connectionId);
    if ((row?.paused?.[kind] !== undefined) === paused) return;
    await t.connections.pause(connectionId, kind, paused ? { by, at, comment } : null);
    await t.audit.append(connectionId, [
      {
        at,
        actor: by,
        action: paused ? 'reconcile.paused' : 'reconcile.resumed',
        subject: definitionOf(kind).plural,
        requestId: null,
        planHash: null,
        workflowId: reconcileIdOf(connectionId, kind),
        detail: { kind, comment },
      },
    ]);
  });
};
