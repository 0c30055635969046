import type { Paint } from './paint';

/** How much of a plan is shown before the rest is only counted. */
export interface Most {
  readonly warnings: number;
  readonly operations: number;
  /** Of each document; of one with more, the first few are shown. */
  readonly lines: number;
}

/** A plan that a person can read; what is beyond is counted. */
export const FIRST: Most = { warnings: 200, operations: 50, lines: 500 };
export const EVERYTHING: Most = { warnings: Infinity, operations: Infinity, lines: Infinity };

export interface PlanView {
  readonly paint: Paint;
  readonly width: number;
  readonly most: Most;
  /** The command that shows the rest: `tieback show 5013 --all`. */
  readonly all: string;
  /** A moment as the reader tells it. */
  readonly time: (iso: string) => string;
}
