import type { Kind } from '../../domain/kinds';
import { KINDS } from '../../domain/kinds';
import { FRESH_MS, judgeMissing } from '../../domain/reconcile/missing';
import { RECONCILED_KINDS } from '../../domain/request/id';
import type { KindSwept } from '../../domain/request/flow';
import type { ActivityDeps } from '../deps';
import { capabilityOf, connectionOf, keeps } from '../deps';
import { asFailure } from '../step';
import { knownOf, sweepOver } from './look';
import { tell } from './tell';

/** Runs on the main queue, as a local activity. */
export const sweepKindActivities = (deps: ActivityDeps) => ({
  /** The kinds that the ERP of this connection keeps, in the order in which they are swept. */
  kindsToSweep({ connectionId }: { readonly connectionId: string }): Promise<readonly Kind[]> {
    const connection = connectionOf(deps, connectionId);
    return Promise.resolve(KINDS.filter((kind) => keeps(connection, kind)));
  },
});

/** Runs on the main queue, as a local activity. */
export const sweepEndActivities = (deps: ActivityDeps) => ({
  /** After the ERP was read to its end, the next reconcile reads both sides to theirs: what neither feed nor webhook told is found. */
  async askFull({ connectionId }: { readonly connectionId: string }): Promise<void> {
    const { kinds } = connectionOf(deps, connectionId).reconcile;
    const wanted = RECONCILED_KINDS.filter((kind) => kinds[kind] !== undefined);
    if (wanted.length > 0)
      await deps.store.transaction('sweep.full', connectionId, (t) =>
        t.connections.askFull(connectionId, wanted),
      );
  },
});

/** Runs on the ERP queue. */
export const sweepActivities = (deps: ActivityDeps) => ({
  /**
   * Compares all records of one kind that the ERP holds with our links, and tells our store what is missing there and what the feed did not tell.
   * Nothing is told before the list was read to its end, and nothing is changed but exceptions. Safe to repeat.
   */
  async sweepKind({
    connectionId,
    kind,
  }: {
    readonly connectionId: string;
    readonly kind: Kind;
  }): Promise<KindSwept> {
    const connection = connectionOf(deps, connectionId);
    const { pageSize } = connection;
    return asFailure(async () => {
      const known = await deps.store.read('sweep.known', (t) => knownOf(t, connectionId, kind));
      const isIdle = known.linked.size === 0 && known.cursor === null && !known.hasOpen;
      const capability = capabilityOf(connection, kind);
      const looking = { store: deps.store, connectionId, kind, capability, pageSize };
      const { listed, missing, missed } = isIdle
        ? { listed: 0, missing: [], missed: [] }
        : await sweepOver(looking, known);
      const before = Date.parse(deps.now()) - FRESH_MS;
      const sweeping = {
        linked: known.linked.size,
        listed,
        missing,
        known: new Set([...known.goneSince].flatMap(([key, at]) => (Date.parse(at) < before ? [key] : []))),
      };
      const verdict = judgeMissing(sweeping);
      const news = await tell(deps, { connectionId, kind, sweeping, verdict, missed, pageSize });
      return {
        kind,
        linked: sweeping.linked,
        listed,
        missing: missing.length,
        doubted: verdict.kind === 'doubted',
        missed: missed.length,
        ...news,
      };
    });
  },
});
