import { setTimeout as delay } from 'node:timers/promises';
import type { Teller } from './notify/teller';
import type { Logger } from './telemetry/logger';

/** What is due is told within a minute. */
const ROUND_MS = 60_000;
/** A stop waits so long for a mail server; what is not known by then is tried again by whoever comes next. */
const STOP_MS = 3_000;

/** Tells people what is due, round after round. A round that fails is logged, and the next one tries again. */
export class Telling {
  private timer: NodeJS.Timeout | null;
  private last: Promise<void> = Promise.resolve();
  private failing = false;

  constructor(
    private readonly teller: Pick<Teller, 'round'>,
    private readonly logger: Logger,
  ) {
    this.timer = this.plan();
  }

  async stop(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    await Promise.race([this.last, delay(STOP_MS, undefined, { ref: false })]);
  }

  private plan(): NodeJS.Timeout {
    return setTimeout(() => {
      this.last = this.round().then(() => {
        if (this.timer !== null) this.timer = this.plan();
      });
    }, ROUND_MS).unref();
  }

  private async round(): Promise<void> {
    try {
      await this.teller.round();
      this.failing = false;
    } catch (error) {
      if (!this.failing) this.logger.warn('It cannot be looked at who is to be told what', { error });
      this.failing = true;
    }
  }
}
