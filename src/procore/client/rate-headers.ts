/** What one answer says about limits ("Rate Limiting"; the 429 and 503 rules of "Error Reference"). Times are on our clock. */
export interface RateReport {
  /**
   * The limit that is closer to being hit: the hourly or the ten-second one; which one can only be told by its size. The reset
   * time is as named, however far away: it is what tells one window from the next.
   */
  readonly window: { readonly limit: number; readonly remaining: number; readonly resetAt: number } | null;
  /** Milliseconds since 1970, from `Retry-After`. */
  readonly retryAt: number | null;
}

export type HeaderReader = (name: string) => string | undefined;

const LONGEST_WINDOW_MS = 60 * 60 * 1000;
/** HTTP dates have whole seconds: a smaller difference says nothing about a clock. */
const CLOCK_TOLERANCE_MS = 2_000;

/**
 * How far our clock is ahead of Procore's, in milliseconds, judged by the `Date` header. The known value is kept while it is
 * about right, so that one window keeps one reset time.
 */
export function clockSkew(known: number, header: HeaderReader, now: number): number {
  const theirs = Date.parse(header('date') ?? '');
  if (Number.isNaN(theirs) || Math.abs(now - theirs - known) <= CLOCK_TOLERANCE_MS) return known;
  return now - theirs;
}

/** Reads the limit headers, as far as they are there and make sense. */
export function readRateHeaders(header: HeaderReader, skew: number, now: number): RateReport {
  const limit = wholeNumber(header('x-rate-limit-limit'));
  const remaining = wholeNumber(header('x-rate-limit-remaining'));
  const reset = wholeNumber(header('x-rate-limit-reset'));
  return {
    window:
      limit !== null && remaining !== null && reset !== null
        ? { limit, remaining: Math.min(remaining, limit), resetAt: reset * 1000 + skew }
        : null,
    retryAt: retryAfter(header('retry-after'), skew, now),
  };
}

function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,15}$/.test(text.trim()) ? Number(text) : null;
}

/** No window is longer than an hour: a time beyond that is a fault of a clock, not a reason to wait. */
export const withinAnHour = (time: number, now: number): number => Math.min(time, now + LONGEST_WINDOW_MS);

/** Seconds, or an HTTP date (RFC 9110). */
function retryAfter(text: string | undefined, skew: number, now: number): number | null {
  const seconds = wholeNumber(text);
  if (seconds !== null) return withinAnHour(now + seconds * 1000, now);
  const date = Date.parse(text ?? '');
  return Number.isNaN(date) ? null : withinAnHour(date + skew, now);
}
