import { TiebackError } from '../../domain/base/errors';
import type { HeaderReader, RateReport } from './rate-headers';
import { clockSkew, readRateHeaders, withinAnHour } from './rate-headers';
import type { Runtime } from './runtime';
import type { LimiterSettings } from './settings';

/*
 * Own code, because the well-kept libraries (p-limit, p-queue, limiter, rate-limiter-flexible) count calls against limits known
 * beforehand. Procore's limits are only known from its answers, are shared with other users of the app, and the report jumps
 * between two windows; bottleneck could be fed that way but has not been maintained since 2019.
 */

export interface CallInfo {
  /** For people: `vendors.sync`. */
  readonly operation: string;
  /** Urgent calls go first and may use the reserve. */
  readonly urgent: boolean;
}

/** The right to make one call; hand it back with the answer, or with null when none came. */
export interface Permit {
  /** Milliseconds that the caller had to wait. */
  readonly waitedMs: number;
  finish(answer: { readonly status: number; readonly header: HeaderReader } | null): void;
}

interface Window {
  /** As Procore named it: the identity of this window. */
  readonly resetAt: number;
  /** When it is taken to end: `resetAt`, unless that is nonsense. */
  readonly endsAt: number;
  remaining: number;
}

interface Waiting extends CallInfo {
  readonly since: number;
  readonly grant: (permit: Permit) => void;
  readonly refuse: (error: TiebackError) => void;
}

/** One limiter for all callers of a Procore app. It never lets more calls out than the newest headers allow. */
export class Limiter {
  private readonly windows = new Map<number, Window>();
  private readonly queue: Waiting[] = [];
  private inFlight = 0;
  /** Nothing goes out before this moment: Procore said so with a 429 or 503. */
  private pausedUntil = 0;
  /** The answer that asked for the pause was a 503: Procore is not there, and no limit of ours is used up. */
  private outage = false;
  private refusalsInARow = 0;
  /** False until the first answer, and again after a window ended: then one call goes ahead and learns the new numbers. */
  private informed = false;
  private skew = 0;
  private wakeUpAt = Number.POSITIVE_INFINITY;

  constructor(
    private readonly settings: LimiterSettings,
    private readonly runtime: Runtime,
  ) {}

  /** Waits for a permit. Throws `PROCORE_THROTTLED`, or `PROCORE_UNAVAILABLE` after a 503, when the wait would be longer than `maxInlineWaitMs`. */
  acquire(call: CallInfo): Promise<Permit> {
    return new Promise((grant, refuse) => {
      const waiting = { ...call, since: this.runtime.now(), grant, refuse };
      const firstNormal = this.queue.findIndex(({ urgent }) => !urgent);
      this.queue.splice(call.urgent && firstNormal >= 0 ? firstNormal : this.queue.length, 0, waiting);
      this.release();
    });
  }

  /** The state, for `doctor` and metrics. */
  describe(): { inFlight: number; queued: number; pausedForMs: number; remaining: Record<string, number> } {
    const now = this.runtime.now();
    this.forgetPast(now);
    return {
      inFlight: this.inFlight,
      queued: this.queue.length,
      pausedForMs: Math.max(0, this.pausedUntil - now),
      remaining: Object.fromEntries([...this.windows].map(([limit, { remaining }]) => [limit, remaining])),
    };
  }

  /** Lets out whoever may go, in order; the rest waits together for one moment. */
  private release(): void {
    const now = this.runtime.now();
    this.forgetPast(now);
    for (let next = this.queue[0]; next !== undefined; next = this.queue[0]) {
      const readyAt = this.readyAt(next.urgent, now);
      if (readyAt > now) return this.wait(readyAt, now);
      if (this.inFlight >= (this.informed ? this.settings.maxConcurrent : 1)) return;
      this.queue.shift();
      next.grant(this.permit(now - next.since));
    }
  }

  private readyAt(urgent: boolean, now: number): number {
    const usedUp = [...this.windows]
      .filter(([limit, { remaining }]) => remaining <= (urgent ? 0 : this.reserveOf(limit)))
      .map(([, { endsAt }]) => endsAt);
    return Math.max(now, this.pausedUntil, ...usedUp);
  }

  /** A reserve must leave something to normal calls, also where a limit is tiny. */
  private reserveOf(limit: number): number {
    return limit < 4 ? 0 : Math.max(1, Math.ceil(limit * this.settings.urgentShare));
  }

  private permit(waitedMs: number): Permit {
    this.inFlight += 1;
    for (const window of this.windows.values()) window.remaining -= 1;
    let open = true;
    return {
      waitedMs,
      finish: (answer) => {
        if (!open) return;
        open = false;
        this.inFlight -= 1;
        if (answer !== null) this.learn(answer.status, answer.header);
        this.release();
      },
    };
  }

  /** Procore's clock, as its answers tell it to within seconds; our own before the first. Milliseconds since 1970. */
  theirNow(): number {
    return this.runtime.now() - this.skew;
  }

  private learn(status: number, header: HeaderReader): void {
    const now = this.runtime.now();
    this.skew = clockSkew(this.skew, header, now);
    const { window, retryAt } = readRateHeaders(header, this.skew, now);
    // News of a window that has ended meanwhile says nothing about the next one.
    const current = window !== null && window.resetAt > now;
    if (current) this.adopt(window, now);
    this.informed = window === null || current;
    // A 429 names the window that is used up; a 503 has nothing to do with windows.
    const until = Math.max(retryAt ?? 0, status === 429 ? withinAnHour(window?.resetAt ?? 0, now) : 0);
    if (status === 429 || status === 503) this.pause(until, now, status);
    else if (now >= this.pausedUntil) this.refusalsInARow = 0;
  }

  private adopt({ limit, remaining, resetAt }: NonNullable<RateReport['window']>, now: number): void {
    const known = this.windows.get(limit);
    if (known === undefined || resetAt > known.resetAt) {
      // Calls on their way may count against the new window without being in this number.
      const endsAt = withinAnHour(resetAt, now);
      this.windows.set(limit, { resetAt, endsAt, remaining: Math.max(0, remaining - this.inFlight) });
    } else if (resetAt === known.resetAt) {
      // Answers overtake each other: the smaller number is the later one.
      known.remaining = Math.min(known.remaining, remaining);
    }
  }

  private pause(named: number, now: number, status: number): void {
    this.informed = false;
    // Several calls in flight are refused together: that is one refusal.
    const first = now >= this.pausedUntil;
    const until = named > now ? named : first ? now + this.backOff() : this.pausedUntil;
    if (first) this.refusalsInARow += 1;
    this.pausedUntil = Math.max(this.pausedUntil, until);
    this.outage = status === 503;
    const words = this.outage ? 'Procore is not available' : 'Procore limits requests';
    this.runtime.logger.warn(words, { status, waitMs: this.pausedUntil - now });
  }

  private backOff(): number {
    const { backoffMs, maxBackoffMs } = this.settings;
    return Math.min(maxBackoffMs, backoffMs * 2 ** Math.min(this.refusalsInARow, 20));
  }

  /** Turns away whoever would wait too long, and wakes the others up together. */
  private wait(readyAt: number, now: number): void {
    for (const waiting of this.queue.splice(0)) {
      const until = this.readyAt(waiting.urgent, now);
      if (until - waiting.since > this.settings.maxInlineWaitMs)
        waiting.refuse(this.throttled(waiting, until - now));
      else this.queue.push(waiting);
    }
    if (this.queue.length === 0 || this.wakeUpAt <= readyAt) return;
    const waitMs = Math.ceil(readyAt - now + this.jitter());
    this.wakeUpAt = readyAt;
    const reason = this.isOut(now) ? 'outage' : 'rate limit';
    this.runtime.logger.info(`waiting for Procore: ${reason}`, { waitMs, queued: this.queue.length });
    this.runtime.onWait({ waitMs, queued: this.queue.length, reason });
    void this.runtime.sleep(waitMs).finally(() => {
      this.wakeUpAt = Number.POSITIVE_INFINITY;
      this.release();
    });
  }

  private throttled({ operation }: CallInfo, waitMs: number): TiebackError {
    const retryAfterMs = Math.ceil(waitMs + this.jitter());
    const params = { operation, seconds: Math.ceil(retryAfterMs / 1000) };
    const code = this.isOut(this.runtime.now()) ? 'PROCORE_UNAVAILABLE' : 'PROCORE_THROTTLED';
    return new TiebackError(code, params, { retryAfterMs });
  }

  private isOut(now: number): boolean {
    return this.outage && this.pausedUntil > now;
  }

  private jitter(): number {
    return this.runtime.random() * this.settings.jitterMs;
  }

  private forgetPast(now: number): void {
    for (const [limit, { endsAt }] of this.windows) {
      if (endsAt > now) continue;
      this.windows.delete(limit);
      this.informed = false;
    }
  }
}
