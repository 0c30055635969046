/** How the runs of a schedule stand; ISO 8601 UTC. See `ScheduleRuns`. */
export interface Standing {
  readonly since: string | null;
  readonly isPaused: boolean;
  readonly running: { readonly since: string; readonly problem: string | null } | null;
  readonly last: { readonly endedAt: string; readonly problem: string | null } | null;
}

/** Whether both sides of a kind are as equal as is promised. */
export type Freshness =
  | { readonly kind: 'fresh'; readonly at: string | null }
  /** `why`: what keeps it, in words that complete "is late: ". */
  | { readonly kind: 'late'; readonly at: string | null; readonly why: string };

/**
 * Late is a kind whose last look at both sides is longer ago than its goal, and the reason is told where one is known: paused, a side that does not
 * answer, a run that takes long. A kind that was never looked at is late once its schedule is older than the goal.
 */
export function freshnessOf(standing: Standing, goalMs: number, nowMs: number): Freshness {
  const { since, isPaused, running, last } = standing;
  const at = last !== null && last.problem === null ? last.endedAt : null;
  const late = (why: string): Freshness => ({ kind: 'late', at, why });
  if (since === null) return late('it has no schedule');
  if (isPaused) return late('its schedule is paused in Temporal');
  if (last !== null && last.problem !== null) return late(last.problem);
  const from = Date.parse(at ?? since);
  if (nowMs - from <= goalMs) return { kind: 'fresh', at };
  if (running === null) return late('no run has come since');
  return late(running.problem ?? `a run is under way since ${running.since}`);
}
