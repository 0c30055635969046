import { setImmediate as turn } from 'node:timers/promises';

/** How far a check of the audit log is. */
export interface AuditProgress {
  /** Requests whose rows were compared with the chain. */
  readonly requests: number;
  /** Links that were walked, and how many there are; null: nobody knows. */
  readonly links: number;
  readonly of: number | null;
}

/** What keeps long work from being in the way: it tells how far it is, lets others have their turn, and ends when it is told to. */
export class Pace {
  private at: AuditProgress = { requests: 0, links: 0, of: null };

  constructor(
    private readonly asked: {
      readonly progress?: ((at: AuditProgress) => void) | undefined;
      readonly signal?: AbortSignal | undefined;
    } = {},
  ) {}

  /** After each piece of work. Throws the reason of the signal. */
  async step(more: Partial<AuditProgress> = {}): Promise<void> {
    this.at = { ...this.at, ...more };
    this.asked.progress?.(this.at);
    await turn();
    this.asked.signal?.throwIfAborted();
  }
}
