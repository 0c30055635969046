import type { Change, Position } from '../../domain/live/topics';
import type { Store } from '../../store/store';
import { lives } from '../daemons';
import { changesOf, changesSince, positionNow } from './changes';

/** What a watcher tells: changes, or that so much changed that everything may be old. */
export interface News {
  readonly changes: readonly Change[] | 'all';
  readonly position: Position;
}

/** Somebody who wants to hear. */
export type Listener = (news: News) => void;

interface WatchParts {
  readonly store: Store;
  readonly now: () => string;
  /** Told when the store cannot be looked at: once, until it can again. */
  readonly troubled: (error: unknown) => void;
  /** Time between two looks. Default: a second. */
  readonly everyMs?: number;
}

/** Whoever was away for longer reads everything again. */
const LONGEST_MS = 15 * 60_000;

/** What one watch knows, from its first listener to its last. */
interface Known {
  readonly position: Position;
  /** When requests of the overlap moved last, by connection and id. */
  readonly requests: ReadonlyMap<string, string>;
  /** Which daemons live, and what keeps them from working. */
  readonly daemons: string;
}

/**
 * Looks for what changed in the store, whichever daemon changed it, once a second and only while somebody listens: one look for all who do.
 */
export class LiveWatch {
  private readonly listeners = new Set<Listener>();
  private known: Known | null = null;
  private looking: Promise<void> | null = null;
  private timer: NodeJS.Timeout | null = null;
  private troubled = false;

  constructor(private readonly parts: WatchParts) {}

  /**
   * Listens from now on, or from where somebody was before (`since`), and is told first what was missed. Answers how to stop.
   */
  async join(listener: Listener, since: Position | null): Promise<() => void> {
    const leave = (): void => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.rest();
    };
    this.listeners.add(listener);
    try {
      // The watch begins before the missed is read: nothing falls between the two.
      if (this.known === null) await this.look();
      listener(await this.missed(since));
    } catch (error) {
      leave();
      throw error;
    }
    this.plan();
    return leave;
  }

  /** Up to where those who listen have been told; null: nobody listens. */
  get position(): Position | null {
    return this.known?.position ?? null;
  }

  /** Looks now. One look at a time. */
  look(): Promise<void> {
    this.looking ??= this.lookOnce().finally(() => {
      this.looking = null;
    });
    return this.looking;
  }

  private rest(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.known = null;
  }

  private plan(): void {
    if (this.timer !== null || this.listeners.size === 0) return;
    const timer = setTimeout(() => void this.lookAndPlan(timer), this.parts.everyMs ?? 1_000).unref();
    this.timer = timer;
  }

  private async lookAndPlan(timer: NodeJS.Timeout): Promise<void> {
    try {
      await this.look();
      this.troubled = false;
    } catch (error) {
      if (!this.troubled) this.parts.troubled(error);
      this.troubled = true;
    }
    // Who rested meanwhile, and began again, has another timer.
    if (this.timer !== timer) return;
    this.timer = null;
    this.plan();
  }

  private async lookOnce(): Promise<void> {
    const { store, now } = this.parts;
    const { known } = this;
    const since = known?.position ?? (await positionNow(store, now()));
    const [{ requests, logged, position, whole }, daemons] = await Promise.all([
      changesSince(store, since, now()),
      this.daemonsNow(),
    ]);
    if (this.listeners.size === 0) return;
    const moved = requests.filter((one) => known?.requests.get(keyOf(one)) !== one.updatedAt);
    this.known = {
      position,
      requests: new Map(requests.map((one) => [keyOf(one), one.updatedAt])),
      daemons,
    };
    if (known === null) return;
    const changes = [
      ...moved.flatMap(changesOf),
      ...logged,
      ...(daemons === known.daemons ? [] : ofEach(position)),
    ];
    if (whole && changes.length === 0) return;
    for (const listener of this.listeners) listener({ changes: whole ? changes : 'all', position });
  }

  private async missed(since: Position | null): Promise<News> {
    const { store, now } = this.parts;
    const at = now();
    // Whoever is new may have read what they show just before: the overlap is told.
    const from = since ?? (await positionNow(store, at));
    const { requests, logged, position, whole } = await changesSince(store, from, at);
    const isTooOld = Date.parse(at) - Date.parse(from.at) > LONGEST_MS;
    return { changes: isTooOld || !whole ? 'all' : [...requests.flatMap(changesOf), ...logged], position };
  }

  private async daemonsNow(): Promise<string> {
    const { store, now } = this.parts;
    const rows = await store.read('live.daemons', (t) => t.daemons.all());
    const at = new Date(now());
    return JSON.stringify(rows.map((row) => `${row.id} ${lives(row, at)} ${row.problem ?? ''}`).sort());
  }
}

const keyOf = ({ connectionId, id }: { readonly connectionId: string; readonly id: string }): string =>
  `${connectionId} ${id}`;

const ofEach = ({ heads }: Position): readonly Change[] =>
  Object.keys(heads).map((connection) => ({
    topic: 'connection',
    connection,
    id: null,
    projectId: undefined,
  }));
