import { setTimeout as delay } from 'node:timers/promises';

/** Where the client writes what it does. Fields are plain facts; secrets are never passed. */
export interface ProcoreLogger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** A wait that the limiter imposes on all callers of the app. */
export interface LimiterWait {
  /** Milliseconds until the next call may go out. */
  readonly waitMs: number;
  /** Callers that wait. */
  readonly queued: number;
  readonly reason: string;
}

/** What the client needs of the outside world besides HTTP. Every part has a default. */
export interface ProcoreDeps {
  readonly logger?: ProcoreLogger;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<unknown>;
  /** A number from 0 (inclusive) to 1 (exclusive). */
  readonly random?: () => number;
  /** Called when callers have to wait, e.g. to send a heartbeat. */
  readonly onWait?: (wait: LimiterWait) => void;
}

export type Runtime = Required<ProcoreDeps>;

const silent = (): void => undefined;
const SILENT_LOGGER: ProcoreLogger = { debug: silent, info: silent, warn: silent, error: silent };

export const runtimeOf = (deps: ProcoreDeps): Runtime => ({
  logger: deps.logger ?? SILENT_LOGGER,
  now: deps.now ?? Date.now,
  sleep: deps.sleep ?? ((ms) => delay(ms)),
  random: deps.random ?? Math.random,
  onWait: deps.onWait ?? silent,
});
