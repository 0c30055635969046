import { groupBy } from '../../domain/base/group-by';
import type { Visitor } from '../../domain/people/access';
import { mayDecide, reasonFor } from '../../domain/request/stage';
import type { StuckCause } from '../../domain/request/stuck-cause';
import { nextTry, STUCK_CAUSES, STUCK_WORDS, stuckCause } from '../../domain/request/stuck-cause';
import type { ListedRow } from '../../store/repositories/request-list';
import type { WaitRow } from '../../store/rows';
import type { Asked, Decided } from '../decide';
import { DeskRefusal } from '../refusal';
import type { EachOutcome } from './each';
import { decideEach } from './each';
import type { ListParts, ReachedConnection } from './list';
import { foundRows, reached, waitsOf } from './list';
import { recordWords } from './row';

/** Requests of one connection that the same thing keeps. */
export interface StuckGroup {
  readonly connectionId: string;
  readonly cause: StuckCause;
  readonly words: string;
  readonly helps: string;
  /** Since when the oldest stands. */
  readonly since: string;
  /** When the next one is tried, where its reason says so. */
  readonly nextTry: string | null;
  readonly count: number;
  /** There are more than were looked at. */
  readonly more: boolean;
  /** How many of them this person may have tried again. */
  readonly retryable: number;
  /** The oldest. */
  readonly examples: readonly {
    readonly id: string;
    readonly title: string | null;
    readonly reason: string | null;
    readonly since: string;
  }[];
  /** What they wait for, that which holds up most first. */
  readonly waitsFor: readonly {
    readonly recordId: string;
    readonly words: string;
    readonly count: number;
    /** The first of them. */
    readonly holdsUp: readonly string[];
  }[];
}

/** Most of one status of a connection that are put into groups. */
const MOST_GROUPED = 2_000;
const MOST_EXAMPLES = 5;
const MOST_WAITED_FOR = 20;
/** Most that are tried again at once. */
export const MOST_RETRIED = 50;

/** What does not go on, by what keeps it; the oldest first. */
export async function stuckGroups(
  parts: ListParts,
  visitor: Visitor,
  asked: { readonly connections?: readonly string[] | undefined },
): Promise<readonly StuckGroup[]> {
  const mine = await reached(parts, visitor, asked.connections);
  const { groups, isWhole } = await grouped(parts, mine);
  const waits = await waitsOf(
    parts.store,
    groups.flatMap(({ rows }) => rows),
  );
  return groups
    .map(({ connectionId, cause, rows, reach }): StuckGroup => {
      const tries = rows.flatMap(({ reason, updatedAt }) => nextTry(reason, updatedAt) ?? []).sort();
      return {
        connectionId,
        cause,
        ...STUCK_WORDS[cause],
        since: rows.map(({ since }) => since).sort()[0] ?? '',
        nextTry: tries[0] ?? null,
        count: rows.length,
        more: !isWhole,
        retryable: rows.filter((row) => mayDecide(reach, row)).length,
        examples: rows.slice(0, MOST_EXAMPLES).map(({ id, about, subject, reason, since }) => ({
          id,
          title: about?.title ?? subject,
          reason: reasonFor(reach, { id, reason }),
          since,
        })),
        waitsFor: cause === 'missing_record' ? waitedFor(waits, connectionId) : [],
      };
    })
    .sort((a, b) => (a.since < b.since ? -1 : 1));
}

interface Grouped extends ReachedConnection {
  readonly cause: StuckCause;
  /** The oldest first. */
  readonly rows: readonly ListedRow[];
}

async function grouped(
  { store, now }: ListParts,
  mine: readonly ReachedConnection[],
): Promise<{ readonly groups: readonly Grouped[]; readonly isWhole: boolean }> {
  const order = { by: 'age', direction: 'ASC' } as const;
  const rows = await foundRows(store, { mine, stage: 'stuck', filter: {}, order, now: now() }, MOST_GROUPED);
  const byStatus = groupBy(rows, ({ connectionId, status }) => `${connectionId} ${status}`);
  const isWhole = [...byStatus.values()].every((some) => some.length < MOST_GROUPED);
  const groups = mine.flatMap((one) =>
    STUCK_CAUSES.map((cause) => ({
      ...one,
      cause,
      rows: rows.filter((row) => row.connectionId === one.connectionId && stuckCause(row) === cause),
    })),
  );
  return { groups: groups.filter((group) => group.rows.length > 0), isWhole };
}

function waitedFor(waits: readonly WaitRow[], connectionId: string): StuckGroup['waitsFor'] {
  const here = waits.filter((wait) => wait.connectionId === connectionId);
  return [...groupBy(here, ({ recordId }) => recordId)]
    .map(([recordId, of]) => ({
      recordId,
      words: recordWords(recordId),
      count: of.length,
      holdsUp: of.slice(0, MOST_EXAMPLES).map(({ requestId }) => requestId),
    }))
    .sort((a, b) => b.count - a.count)
    .slice(0, MOST_WAITED_FOR);
}

/** What it takes to try again. */
export interface RetryParts extends ListParts {
  /** Puts an answer to its workflow, as this person. Throws `DeskRefusal`. */
  readonly decide: (person: Visitor, asked: Asked, channel: string) => Promise<Decided>;
}

/** What became of each, and how many of the group were not reached. */
export interface RetryOutcome {
  readonly outcomes: readonly EachOutcome[];
  readonly left: number;
}

/** Tries the oldest of a group again. Throws `DeskRefusal` `NOTHING_FOUND`. */
export async function retryGroup(
  parts: RetryParts,
  visitor: Visitor,
  { connectionId, cause }: { readonly connectionId: string; readonly cause: StuckCause },
  channel: string,
): Promise<RetryOutcome> {
  const { groups } = await grouped(parts, await reached(parts, visitor, [connectionId]));
  const group = groups.find((one) => one.cause === cause);
  const rows = group?.rows.filter((row) => mayDecide(group.reach, row)) ?? [];
  if (rows.length === 0)
    throw new DeskRefusal(
      'NOTHING_FOUND',
      'Nothing of this group is stuck any more, or is yours to try again.',
    );
  const some = rows.slice(0, MOST_RETRIED);
  const outcomes = await decideEach(some, 'Tried again', async ({ id, connectionId: of }) => {
    await parts.decide(visitor, { typed: id, connectionId: of, answer: 'correct', comment: '' }, channel);
    return null;
  });
  return { outcomes, left: rows.length - some.length };
}
