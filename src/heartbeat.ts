import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { BEAT_MS, lives } from './desk/daemons';
import type { DaemonRow } from './store/rows';
import type { Store } from './store/store';
import type { Logger } from './telemetry/logger';
import { version } from './version';

/** Those that are over are remembered for so long, in milliseconds. */
const REMEMBERED_MS = 7 * 86_400_000;

interface HeartbeatParts {
  readonly store: Store;
  readonly logger: Logger;
  readonly now: () => string;
  readonly queues: readonly string[];
  /** Why the daemon does not work; null: it does. */
  readonly problem: () => string | null;
}

/**
 * Tells in our store that this daemon lives: Temporal lists those who poll for minutes after they died. A beat that cannot be written is
 * logged, and never stops anything.
 */
export class Heartbeat {
  private readonly row: Omit<DaemonRow, 'beatAt' | 'problem' | 'stoppedAt'>;
  private timer: NodeJS.Timeout | null = null;
  private last: Promise<void>;
  private beating = false;
  private failing = false;

  constructor(private readonly parts: HeartbeatParts) {
    this.row = {
      id: randomUUID(),
      host: hostname(),
      pid: process.pid,
      version: version(),
      queues: parts.queues,
      startedAt: parts.now(),
    };
    this.last = this.write(null).then(() => this.forgetOthers());
    this.timer = setInterval(() => this.beat(), BEAT_MS).unref();
  }

  /** Tells now, and not only at the next beat. One at a time: a store that is locked for long must not gather them. */
  beat(): void {
    if (this.timer === null || this.beating) return;
    this.beating = true;
    this.last = this.last
      .then(() => this.write(null))
      .finally(() => {
        this.beating = false;
      });
  }

  /** Says that this daemon stops in order. */
  async stop(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
    await this.last;
    await this.write(this.parts.now());
  }

  private async write(stoppedAt: string | null): Promise<void> {
    const { store, now, problem } = this.parts;
    await this.tried(async () => {
      const row: DaemonRow = { ...this.row, beatAt: now(), problem: problem(), stoppedAt };
      await store.transaction('daemon.beat', null, (t) => t.daemons.beat(row));
    });
  }

  /** Those that this one takes over from, and those that nobody asks about any more: one that crashes at every start must not fill the table. */
  private async forgetOthers(): Promise<void> {
    const { store, now } = this.parts;
    await this.tried(() =>
      store.transaction('daemon.forget', null, async (t) => {
        const over = (await t.daemons.all()).filter((other) => this.isOver(other, new Date(now())));
        await t.daemons.forget(over.map(({ id }) => id));
      }),
    );
  }

  private isOver(other: DaemonRow, now: Date): boolean {
    if (lives(other, now) || other.id === this.row.id) return false;
    const ours = other.host === this.row.host && other.queues.every((name) => this.row.queues.includes(name));
    return ours || now.getTime() - Date.parse(other.beatAt) > REMEMBERED_MS;
  }

  private async tried(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.failing = false;
    } catch (error) {
      if (!this.failing) this.parts.logger.warn('The store does not learn that this daemon lives', { error });
      this.failing = true;
    }
  }
}
