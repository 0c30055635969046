import type { Clock } from './clock';
import { ApiError } from './errors';
import type { RateLimitOptions } from './types';

export const DEFAULT_RATE_LIMIT: RateLimitOptions = {
  hourly: 600,
  spike: 25,
  spikeWindowMs: 10_000,
  hourlyWindowMs: 3_600_000,
  retryAfterHeader: false,
  jsonBody: false,
};

export const RATE_LIMIT_TEXT =
  'You have surpassed the max number of requests for an hour. Please wait until your limit resets.';

interface Window {
  size: number;
  lengthMs: number;
  startedAt: number;
  used: number;
}

/**
 * The hourly and the spike window of each app. The headers describe whichever is closer to being hit
 * (Procore guide "Rate Limiting").
 */
export class RateLimiter {
  private readonly windows = new Map<string, Window[]>();

  constructor(
    private readonly options: RateLimitOptions | false,
    private readonly clock: Clock,
  ) {}

  /** Headers without counting a call: for answers to callers that could not be identified. */
  peek(app: string): Record<string, string> {
    if (this.options === false) return {};
    return this.headers(this.current(app, this.options));
  }

  /** Count one call. Throws the 429 when one of the windows is used up. */
  take(app: string): Record<string, string> {
    if (this.options === false) return {};
    const windows = this.current(app, this.options);
    const full = windows.filter((w) => w.used >= w.size);
    if (full.length > 0) {
      const headers = this.headers(full);
      if (this.options.retryAfterHeader) {
        const reset = Math.max(...full.map((w) => w.startedAt + w.lengthMs));
        headers['retry-after'] = String(Math.max(1, Math.ceil((reset - this.clock.now()) / 1000)));
      }
      throw new ApiError(429, this.options.jsonBody ? { errors: RATE_LIMIT_TEXT } : RATE_LIMIT_TEXT, headers);
    }
    for (const window of windows) window.used += 1;
    return this.headers(windows);
  }

  private current(app: string, options: RateLimitOptions): Window[] {
    const now = this.clock.now();
    let windows = this.windows.get(app);
    if (!windows) {
      windows = [
        { size: options.spike, lengthMs: options.spikeWindowMs, startedAt: now, used: 0 },
        { size: options.hourly, lengthMs: options.hourlyWindowMs, startedAt: now, used: 0 },
      ];
      this.windows.set(app, windows);
    }
    for (const window of windows) {
      if (now >= window.startedAt + window.lengthMs) {
        window.startedAt = now;
        window.used = 0;
      }
    }
    return windows;
  }

  private headers(windows: Window[]): Record<string, string> {
    // When both are equally close, the one that resets later is the one that matters.
    const nearest = [...windows].sort(
      (a, b) => a.size - a.used - (b.size - b.used) || b.startedAt + b.lengthMs - (a.startedAt + a.lengthMs),
    )[0];
    if (!nearest) return {};
    return {
      'x-rate-limit-limit': String(nearest.size),
      'x-rate-limit-remaining': String(Math.max(0, nearest.size - nearest.used)),
      'x-rate-limit-reset': String(Math.ceil((nearest.startedAt + nearest.lengthMs) / 1000)),
    };
  }
}
