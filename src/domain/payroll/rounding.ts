import { SECONDS_PER_HUNDREDTH } from './hours';
import type { Hundredths, Seconds } from './hours';

/** What the hours of a day may be rounded to, in seconds. Off unless configured: California pays captured minutes (*Camp v. Home Depot*, 2022). */
export const GRIDS = { off: null, five_minutes: 300, tenth: 360, quarter: 900 } as const;
export type Grid = keyof typeof GRIDS;

/** One entry of an employee's day. */
export interface DayPart {
  /** Id of the entry: decides between equal remainders. */
  readonly id: number;
  /** Not negative. */
  readonly seconds: Seconds;
  /** What was posted of it; it does not change any more. */
  readonly posted?: Hundredths;
}

/** The nearest point of a grid, halves up (29 CFR 785.48(b)). What lies on the grid stays. */
export function onGrid(seconds: Seconds, grid: Grid): Seconds {
  const step = GRIDS[grid];
  return step === null ? seconds : Math.floor((2 * seconds + step) / (2 * step)) * step;
}

/**
 * Rounds an employee's day once, as a whole, and prints it in hundredths of an hour: parts are floored, and what remains goes to the largest
 * fractions, then to the lower id, so the printed parts always add up to the printed day (3 × 20 minutes = .34 + .33 + .33). Posted parts stay; the others
 * absorb the difference, but none falls below zero.
 */
export function roundDay(parts: readonly DayPart[], grid: Grid = 'off'): ReadonlyMap<number, Hundredths> {
  const worked = parts.reduce((total, part) => total + counted(part, grid), 0);
  const paid = onGrid(worked, grid);
  const day = Math.round(paid / SECONDS_PER_HUNDREDTH);
  const posted = parts.reduce((total, part) => total + (part.posted ?? 0), 0);
  const open = parts
    .filter((part) => part.posted === undefined)
    .map(({ id, seconds }) => sharedOut(id, seconds, paid, worked));
  spread(open, day - posted - open.reduce((total, { printed }) => total + printed, 0));
  return new Map([
    ...parts.flatMap(({ id, posted: kept }) => (kept === undefined ? [] : [[id, kept] as const])),
    ...open.map(({ id, printed }) => [id, printed] as const),
  ]);
}

/** A posted part whose entry was edited since counts as it was posted: others absorb what rounding leaves, never hours. */
function counted({ seconds, posted }: DayPart, grid: Grid): Seconds {
  if (posted === undefined) return seconds;
  const printed = posted * SECONDS_PER_HUNDREDTH;
  const mostByRounding = SECONDS_PER_HUNDREDTH + (GRIDS[grid] ?? 0);
  return Math.abs(printed - seconds) < mostByRounding ? seconds : printed;
}

interface Share {
  readonly id: number;
  readonly isEmpty: boolean;
  printed: Hundredths;
  /** What the floor took, as a whole number; comparable within the day. */
  readonly remainder: number;
}

function sharedOut(id: number, seconds: Seconds, paid: Seconds, worked: Seconds): Share {
  const [part, unit] = [seconds * paid, Math.max(worked, 1) * SECONDS_PER_HUNDREDTH];
  return { id, isEmpty: seconds === 0, printed: Math.floor(part / unit), remainder: part % unit };
}

/** Hands out what is left (or takes back what is too much), a hundredth at a time. */
function spread(shares: readonly Share[], left: number): void {
  const order = shares
    .filter(({ isEmpty }) => !isEmpty)
    .sort((one, two) => two.remainder - one.remainder || one.id - two.id);
  if (left < 0) order.reverse();
  const step = Math.sign(left);
  for (let rest = Math.abs(left); rest > 0;) {
    const able = order.filter(({ printed }) => printed + step >= 0).slice(0, rest);
    if (able.length === 0) return;
    for (const share of able) share.printed += step;
    rest -= able.length;
  }
}
