import { setImmediate as turn } from 'node:timers/promises';
import type { AuditEntry } from '../../domain/audit/chain';
import { sentenceOf } from '../../domain/audit/sentence';
import type { AuditFilter, EntryPlace } from '../../store/repositories/audit';
import type { AuditEntryRow } from '../../store/rows';
import type { Store } from '../../store/store';
import { cursorOf, placeIn } from '../cursor';

/** One entry of the log, as it is and as people read it. */
export interface TimelineEntry extends AuditEntry {
  readonly connectionId: string;
  readonly seq: number;
  readonly idx: number;
  readonly sentence: string;
}

export interface TimelinePage {
  readonly entries: readonly TimelineEntry[];
  /** Where the next page begins; null: this is the last one. */
  readonly after: string | null;
  /** The search went on for so long that it stopped before its page was full: the next page goes on from there. */
  readonly stopped: boolean;
}

export interface TimelineQuestion {
  readonly connectionIds: readonly string[];
  readonly filter: AuditFilter;
  /** Words that all have to occur in an entry, whatever their case. */
  readonly q?: string | undefined;
  readonly after?: string | undefined;
}

const PAGE = 50;
/** Entries that are read at a time where words are looked for. */
const LOOKED_AT = 500;
/** Links that are looked at in one turn, and how many turns one page may take: whoever looks for what is not there waits no longer. */
const WINDOW = 1_000;
const MOST_WINDOWS = 200;

type Places = Readonly<Record<string, EntryPlace>>;

/**
 * What happened, newest first. Each log is walked from its end, in windows, so that the others have their turn; logs of several connections are brought together
 * by time, and within one the order of its chain holds.
 */
export async function timeline(store: Store, question: TimelineQuestion): Promise<TimelinePage> {
  const { connectionIds, after, q = '' } = question;
  const begun = after === undefined ? {} : placeIn(after, arePlaces);
  const budget = { windows: MOST_WINDOWS };
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  const walks = await Promise.all(
    connectionIds.map(async (id) => {
      const before = begun[id] ?? { seq: await newestLink(store, id), idx: 0 };
      return new Walk({ store, connectionId: id, filter: question.filter, words, budget }, before);
    }),
  );
  const entries: TimelineEntry[] = [];
  let isStopped = false;
  while (entries.length < PAGE) {
    for (const walk of walks) await walk.fill(PAGE - entries.length);
    isStopped = walks.some((walk) => walk.isStopped);
    const next = isStopped ? undefined : newestOf(walks);
    if (next === undefined) break;
    entries.push(shown(next.take()));
  }
  const isOver = !isStopped && walks.every((walk) => walk.isOver && walk.next === undefined);
  const places = Object.fromEntries(walks.map((walk) => [walk.connectionId, walk.place]));
  return { entries, after: isOver ? null : cursorOf(places), stopped: isStopped };
}

/** The link after the newest: everything is before its first entry. */
const newestLink = async (store: Store, connectionId: string): Promise<number> =>
  (await store.read('audit.newest', (t) => t.audit.newest(connectionId))) + 1;

const shown = ({ connectionId, seq, idx, ...entry }: AuditEntryRow): TimelineEntry => ({
  connectionId,
  seq,
  idx,
  ...entry,
  sentence: sentenceOf(entry),
});

function newestOf(walks: readonly Walk[]): Walk | undefined {
  const [first] = walks
    .filter(({ next }) => next !== undefined)
    .sort((one, two) => compare(two.next?.at ?? '', one.next?.at ?? ''));
  return first;
}

const compare = (one: string, two: string): number => (one < two ? -1 : one > two ? 1 : 0);

interface Walking {
  readonly store: Store;
  readonly connectionId: string;
  readonly filter: AuditFilter;
  readonly words: readonly string[];
  readonly budget: { windows: number };
}

/** One log, from a place backwards. */
class Walk {
  private found: AuditEntryRow[] = [];
  isOver = false;
  isStopped = false;

  /** `place`: everything before it is still to come. */
  constructor(
    private readonly walking: Walking,
    public place: EntryPlace,
    private read: EntryPlace = place,
  ) {}

  get connectionId(): string {
    return this.walking.connectionId;
  }

  get next(): AuditEntryRow | undefined {
    return this.found[0];
  }

  take(): AuditEntryRow {
    const row = this.found.shift();
    if (row === undefined) throw new Error('nothing was found');
    this.place = { seq: row.seq, idx: row.idx };
    return row;
  }

  /** Looks on until something is found, the log is over, or the budget. */
  async fill(most: number): Promise<void> {
    const { store, connectionId, filter, words, budget } = this.walking;
    // An index leads to the entries of a request, however far apart they are.
    const size = filter.requestId === undefined ? WINDOW : Infinity;
    const take = words.length === 0 ? most : LOOKED_AT;
    while (this.found.length === 0 && !this.isOver) {
      if (budget.windows === 0) {
        this.isStopped = true;
        this.place = this.read;
        return;
      }
      budget.windows -= 1;
      const window = { before: this.read, least: Math.max(1, this.read.seq - size) };
      const rows = await store.read('audit.timeline', (t) =>
        t.audit.newestFirst(connectionId, window, filter, take),
      );
      const last = rows.length === take ? rows.at(-1) : undefined;
      this.read = last === undefined ? { seq: window.least, idx: 0 } : { seq: last.seq, idx: last.idx };
      this.isOver = this.read.seq <= 1 && this.read.idx === 0;
      this.found = rows.filter((row) => words.every((word) => textOf(row).includes(word)));
      await turn();
    }
    if (this.found.length === 0) this.place = this.read;
  }
}

const textOf = (row: AuditEntryRow): string =>
  [row.actor, row.action, row.subject, row.requestId ?? '', sentenceOf(row), JSON.stringify(row.detail)]
    .join(' ')
    .toLowerCase();

const isPlace = (value: unknown): value is EntryPlace =>
  typeof value === 'object' &&
  value !== null &&
  'seq' in value &&
  'idx' in value &&
  Number.isSafeInteger(value.seq) &&
  Number.isSafeInteger(value.idx);

const arePlaces = (value: unknown): value is Places =>
  typeof value === 'object' && value !== null && Object.values(value).every(isPlace);
