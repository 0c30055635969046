/** Where the simulator takes its time from. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
}

/** A clock whose time can be moved forward from the control door. */
export interface AdvanceableClock extends Clock {
  advance(ms: number): void;
}

/** Wall-clock time, plus whatever was added by `advance`. */
export class SystemClock implements AdvanceableClock {
  private offset = 0;

  now(): number {
    return Date.now() + this.offset;
  }

  advance(ms: number): void {
    this.offset += ms;
  }
}

/** Time that stands still until it is told to move. */
export class ManualClock implements AdvanceableClock {
  private current: number;

  constructor(start: number = Date.UTC(2026, 2, 9, 15, 0, 0)) {
    this.current = start;
  }

  now(): number {
    return this.current;
  }

  advance(ms: number): void {
    this.current += ms;
  }
}

export function canAdvance(clock: Clock): clock is AdvanceableClock {
  return typeof (clock as Partial<AdvanceableClock>).advance === 'function';
}

/** Timestamp as Procore prints it in resources: UTC, whole seconds. */
export function isoSeconds(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
