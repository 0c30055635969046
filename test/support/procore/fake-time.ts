/** Time that moves only when it is told to; `sleep` ends when its moment has come. */
export class FakeTime {
  private sleepers: { at: number; wake: () => void }[] = [];

  constructor(private current = Date.UTC(2026, 2, 9, 15, 0, 0)) {}

  readonly now = (): number => this.current;

  readonly sleep = (ms: number): Promise<void> =>
    new Promise((wake) => {
      this.sleepers.push({ at: this.current + ms, wake });
    });

  get sleeping(): number {
    return this.sleepers.length;
  }

  /** Moves on and wakes, in order, whoever is due. */
  async advance(ms: number): Promise<void> {
    const until = this.current + ms;
    for (let at = this.nextAt(); at !== null && at <= until; at = this.nextAt()) await this.jump(at);
    this.current = until;
    await settled();
  }

  /** Runs until nobody sleeps any more. */
  async runOut(): Promise<void> {
    await settled();
    for (let at = this.nextAt(); at !== null; at = this.nextAt()) await this.jump(at);
  }

  private nextAt(): number | null {
    return this.sleepers.length === 0 ? null : Math.min(...this.sleepers.map(({ at }) => at));
  }

  private async jump(at: number): Promise<void> {
    this.current = Math.max(this.current, at);
    const due = this.sleepers.filter((sleeper) => sleeper.at <= this.current);
    this.sleepers = this.sleepers.filter((sleeper) => sleeper.at > this.current);
    for (const { wake } of due) wake();
    await settled();
  }
}

/** All promises that can settle without time or I/O have settled. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Time for tests with real HTTP: a sleep takes no time at all and is written down. */
export class SkippingTime {
  readonly slept: number[] = [];

  constructor(private current = Date.now()) {}

  readonly now = (): number => this.current;

  readonly sleep = async (ms: number): Promise<void> => {
    this.slept.push(ms);
    this.current += ms;
  };

  advance(ms: number): void {
    this.current += ms;
  }
}
