import { DeskRefusal } from '../../desk/refusal';

/** Somebody failed too often and waits. */
export class TooManyTries extends DeskRefusal {
  constructor(readonly retryAfterSeconds: number) {
    super('TOO_MANY_TRIES', `Too many tries failed. Try again in ${retryAfterSeconds} seconds.`);
  }
}

/** No pause is longer, and what failed longer ago is forgotten. */
const LONGEST_MS = 900_000;
/** Of so many that failed something is remembered; the oldest are forgotten first. */
const MOST = 10_000;

/** Failed tries by whom they came from or whom they were about: after a few free ones each has to wait twice as long as the one before. */
export class Guesses {
  private readonly failed = new Map<string, { count: number; at: number }>();

  /** `free`: failures without a pause. */
  constructor(
    private readonly free: number,
    /** Milliseconds. */
    private readonly now: () => number,
  ) {}

  /** Throws `TooManyTries` while one of them has to wait. */
  assertMayTry(...keys: readonly string[]): void {
    const waitMs = Math.max(...keys.map((key) => this.waitMs(key)));
    if (waitMs > 0) throw new TooManyTries(Math.ceil(waitMs / 1000));
  }

  /** One more try failed. */
  note(...keys: readonly string[]): void {
    for (const key of keys) {
      const count = (this.known(key)?.count ?? 0) + 1;
      // At the end of the map: it is the newest.
      this.failed.delete(key);
      this.failed.set(key, { count, at: this.now() });
    }
    for (const oldest of this.failed.keys()) {
      if (this.failed.size <= MOST) break;
      this.failed.delete(oldest);
    }
  }

  private waitMs(key: string): number {
    const known = this.known(key);
    if (known === null || known.count < this.free) return 0;
    const pauseMs = Math.min(1000 * 2 ** (known.count - this.free), LONGEST_MS);
    return Math.max(0, known.at + pauseMs - this.now());
  }

  private known(key: string): { readonly count: number; readonly at: number } | null {
    const known = this.failed.get(key);
    return known === undefined || known.at + LONGEST_MS < this.now() ? null : known;
  }
}
