import type { ProcoreId } from '../kinds/record';

/** What costs a call for each project is read of each of them once in this time. */
const ROUND_SECONDS = 86_400;

/** Whose turn it is. */
export interface Turn {
  readonly now: readonly ProcoreId[];
  /** The one whose turn was last; null: there is none. */
  readonly last: ProcoreId | null;
}

/**
 * Whose turn it is when everybody must have had one within a day and there is a look every `everySeconds`: those that wait longest, by their ids
 * behind the `last` one. Who joins is met in the same round or in the next.
 */
export function turnOf(ids: readonly ProcoreId[], last: ProcoreId | null, everySeconds: number): Turn {
  const sorted = [...new Set(ids)].sort((a, b) => a - b);
  const count = Math.min(sorted.length, Math.ceil((sorted.length * everySeconds) / ROUND_SECONDS));
  const start = last === null ? 0 : sorted.findIndex((id) => id > last);
  const from = Math.max(start, 0);
  const now = [...sorted.slice(from), ...sorted.slice(0, from)].slice(0, count);
  return { now, last: now.at(-1) ?? null };
}
