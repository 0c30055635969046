import type { Change, Position } from '../../domain/live/topics';
import { changesOfEntry, changesOfRequest } from '../../domain/live/topics';
import type { ChangedRequest } from '../../store/repositories/changes';
import type { Repositories } from '../../store/repositories';
import type { Store } from '../../store/store';

/** Times are given before a transaction commits, which may take 20 seconds, and by clocks that differ: so far back requests are looked at again. */
export const OVERLAP_MS = 30_000;

/** More at once are not told one by one: everything is old then. */
export const MOST_CHANGES = 1_000;

/** What changed since a position. */
export interface Looked {
  /** Some of them moved before it, but may not have been seen then. */
  readonly requests: readonly ChangedRequest[];
  /** What the logs say of. */
  readonly logged: readonly Change[];
  readonly position: Position;
  /** Everything that changed is there. */
  readonly whole: boolean;
}

/** Where things stand now. */
export const positionNow = (store: Store, now: string): Promise<Position> =>
  store.read('live.position', async (t) => ({ at: now, heads: headsOf(await t.changes.heads()) }));

/**
 * What changed since a position, at least once: requests by their times, with an overlap. The log of a connection is read by its own numbers, which are
 * taken in order, and needs none.
 */
export const changesSince = (store: Store, since: Position, now: string): Promise<Looked> =>
  store.read('live.changes', async (t) => {
    const back = new Date(Date.parse(since.at) - OVERLAP_MS).toISOString();
    const [heads, requests] = await Promise.all([
      t.changes.heads(),
      t.changes.requestsSince(back, MOST_CHANGES + 1),
    ]);
    const logs = await Promise.all(
      heads.map(({ id, auditSeq }) => entriesOf(t, id, { after: since.heads[id] ?? auditSeq, to: auditSeq })),
    );
    return {
      requests,
      logged: logs.flatMap(({ logged }) => logged),
      position: { at: now, heads: headsOf(heads) },
      whole: requests.length <= MOST_CHANGES && logs.every(({ whole }) => whole),
    };
  });

const headsOf = (rows: readonly { readonly id: string; readonly auditSeq: number }[]): Position['heads'] =>
  Object.fromEntries(rows.map(({ id, auditSeq }) => [id, auditSeq]));

export const changesOf = ({ connectionId, id, about }: ChangedRequest): readonly Change[] =>
  changesOfRequest(connectionId, id, about?.place?.projectId ?? null);

async function entriesOf(
  t: Repositories,
  connectionId: string,
  part: { readonly after: number; readonly to: number },
): Promise<Pick<Looked, 'logged' | 'whole'>> {
  if (part.after === part.to) return { logged: [], whole: true };
  // A log that is shorter than it was: the store was put back.
  if (part.after > part.to) return { logged: [], whole: false };
  const entries = await t.changes.entriesBetween(connectionId, part, MOST_CHANGES + 1);
  const ids = [...new Set(entries.flatMap(({ requestId }) => (requestId === null ? [] : [requestId])))];
  const about = await t.changes.aboutOf(connectionId, ids);
  const projectOf = (id: string): Change['projectId'] => about.get(id)?.place?.projectId ?? null;
  return {
    logged: entries.flatMap((entry) => changesOfEntry(connectionId, entry, projectOf)),
    whole: entries.length <= MOST_CHANGES,
  };
}
