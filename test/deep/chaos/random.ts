import { Random } from '../../../sandbox/procore-simulator/random';

/** A seeded sequence: the same seed plays the same run, as far as the machine lets it. */
export class Dice extends Random {
  /** A whole number from `low` to `high`, both possible. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True as often as `share` says. */
  chance(share: number): boolean {
    return this.next() < share;
  }

  one<T>(of: readonly T[]): T {
    const chosen = of[this.between(0, of.length - 1)];
    if (chosen === undefined) throw new Error('there is nothing to choose from');
    return chosen;
  }

  /** The same things in another order. */
  shuffled<T>(of: readonly T[]): T[] {
    const left = [...of];
    const mixed: T[] = [];
    while (left.length > 0) mixed.push(...left.splice(this.between(0, left.length - 1), 1));
    return mixed;
  }
}
