import type { Faults } from '../faults';
import { clone, type JsonObject } from '../json';
import type { State } from '../state';
import type { DeliveryAttempt, DeliveryState, DeliveryView, WebhookOptions } from '../types';
import type { Hook, HookStore } from './hook-store';
import { payload, type WebhookEvent } from './payload';
import { post } from './post';

export const DEFAULT_WEBHOOKS: Omit<WebhookOptions, 'delivery'> = {
  timeoutMs: 5000,
  backOffFirstMs: 1000,
  backOffMaxMs: 3_600_000,
  discardAfterMs: 12 * 3_600_000,
  disableAfterFailures: null,
  duplicateEvery: 0,
  shuffle: false,
  delayMs: 0,
  nullMetadata: false,
  loseNext: 0,
  requireHttps: false,
};

export interface Delivery {
  id: number;
  hook: Hook;
  event: WebhookEvent;
  url: string;
  payload: JsonObject;
  state: DeliveryState;
  attempts: DeliveryAttempt[];
  enqueuedAt: number;
  availableAt: number;
}

interface Destination {
  queue: Delivery[];
  failures: number;
  failingSince: number | null;
  retryAt: number;
  busy: Promise<number> | null;
}

export type NewEvent = Omit<WebhookEvent, 'id' | 'ulid' | 'at'>;

const AUTO_POLL_MS = 100;

/**
 * Per destination a queue that stops at the first failure, retries its head with doubling pauses and is emptied after
 * twelve hours (Procore guide "Webhooks").
 */
export class DeliveryEngine {
  readonly log: Delivery[] = [];
  private readonly destinations = new Map<string, Destination>();
  private counted = 0;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly state: State,
    private readonly store: HookStore,
    readonly options: WebhookOptions,
    private readonly around: { faults: Faults; say: (line: string) => void },
  ) {}

  start(): void {
    if (this.options.delivery !== 'auto') return;
    this.timer = setInterval(() => void this.deliverNow(), AUTO_POLL_MS);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
    for (const destination of this.destinations.values()) await destination.busy;
  }

  setOptions(patch: Partial<WebhookOptions>): void {
    const before = this.options.delivery;
    Object.assign(this.options, patch);
    if (before === this.options.delivery) return;
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
    this.start();
  }

  /** One change; becomes one delivery per hook that subscribed to it. */
  emit(news: NewEvent): WebhookEvent {
    const now = this.state.now();
    const event: WebhookEvent = {
      ...news,
      id: this.state.nextId('event'),
      ulid: this.state.random.ulid(now),
      at: now,
    };
    const hooks = this.store.subscribed(news.companyId, news.projectId, news.resourceName, news.eventType);
    if (hooks.length > 0 && this.options.loseNext > 0) {
      this.options.loseNext -= 1;
      return event;
    }
    for (const hook of hooks) this.enqueue(hook, event);
    if (this.options.delivery === 'auto') void this.deliverNow();
    return event;
  }

  /** Attempt everything that is due by the clock; tells how many attempts were made. */
  async deliverNow(): Promise<number> {
    const counts = [...this.destinations].map(([url, destination]) => {
      destination.busy ??= this.drain(url, destination).finally(() => {
        destination.busy = null;
      });
      return destination.busy;
    });
    return (await Promise.all(counts)).reduce((sum, n) => sum + n, 0);
  }

  views(): DeliveryView[] {
    return this.log.map((d) => ({
      id: d.id,
      hookId: d.hook.id,
      url: d.url,
      state: d.state,
      payload: clone(d.payload),
      attempts: clone(d.attempts),
      enqueuedAt: d.enqueuedAt,
    }));
  }

  private enqueue(hook: Hook, event: WebhookEvent): void {
    const now = this.state.now();
    const url = hook.destination_url;
    const body = payload(event, hook.api_version, this.options.nullMetadata);
    this.counted += 1;
    const every = this.options.duplicateEvery;
    const twice =
      (every > 0 && this.counted % every === 0) ||
      this.around.faults.duplicatesDelivery(new URL(url).pathname);
    for (let copy = 0; copy < (twice ? 2 : 1); copy += 1) {
      const delivery: Delivery = {
        id: this.state.nextId('delivery'),
        hook,
        event,
        url,
        payload: body,
        state: 'enqueued',
        attempts: [],
        enqueuedAt: now,
        availableAt: now + this.options.delayMs,
      };
      this.log.push(delivery);
      this.destination(url).queue.push(delivery);
    }
  }

  private destination(url: string): Destination {
    let found = this.destinations.get(url);
    if (!found) {
      found = { queue: [], failures: 0, failingSince: null, retryAt: 0, busy: null };
      this.destinations.set(url, found);
    }
    return found;
  }

  private async drain(url: string, destination: Destination): Promise<number> {
    let attempts = 0;
    for (;;) {
      const now = this.state.now();
      if (
        destination.failingSince !== null &&
        now - destination.failingSince >= this.options.discardAfterMs
      ) {
        this.flush(url, destination);
      }
      if (destination.failures > 0 && destination.retryAt > now) return attempts;
      const delivery = this.next(destination, now);
      if (!delivery) return attempts;
      attempts += 1;
      if (await this.attempt(delivery)) {
        destination.queue = destination.queue.filter((d) => d !== delivery);
        destination.failures = 0;
        destination.failingSince = null;
      } else {
        destination.failures += 1;
        destination.failingSince ??= now;
        const pause = Math.min(
          this.options.backOffMaxMs,
          this.options.backOffFirstMs * 2 ** (destination.failures - 1),
        );
        destination.retryAt = this.state.now() + pause;
        return attempts;
      }
    }
  }

  private next(destination: Destination, now: number): Delivery | undefined {
    // A failed head stays the head; otherwise order is not promised.
    const retrying = destination.queue.find((d) => d.state === 'retrying');
    if (retrying) return retrying;
    const ready = destination.queue.filter((d) => d.availableAt <= now);
    return this.options.shuffle ? ready[this.state.random.below(ready.length)] : ready[0];
  }

  private async attempt(delivery: Delivery): Promise<boolean> {
    const startedAt = this.state.now();
    const result = await post(
      delivery.url,
      JSON.stringify(delivery.payload),
      delivery.hook.destination_headers,
      this.options.timeoutMs,
    );
    delivery.attempts.push({
      started_at: startedAt,
      completed_at: this.state.now(),
      status: result.status,
      response_headers: result.headers,
      response_body: result.body,
      error: result.error,
    });
    const good = result.status !== null && result.status >= 200 && result.status < 300;
    delivery.state = good ? 'delivered' : 'retrying';
    this.around.say(
      `webhook ${delivery.event.resourceName} ${delivery.event.resourceId} → ${outcome(result)}`,
    );
    this.countFailure(delivery.hook, good);
    return good;
  }

  private countFailure(hook: Hook, good: boolean): void {
    hook.failuresInARow = good ? 0 : hook.failuresInARow + 1;
    const limit = this.options.disableAfterFailures;
    if (limit !== null && hook.failuresInARow >= limit) hook.status = 'disabled';
  }

  private flush(url: string, destination: Destination): void {
    this.around.say(`webhook queue of ${url} discarded (${destination.queue.length} events)`);
    for (const delivery of destination.queue) delivery.state = 'discarded';
    destination.queue = [];
    destination.failures = 0;
    destination.failingSince = null;
  }
}

function outcome(result: { status: number | null; error: string | null }): string {
  return result.status === null ? `failed (${result.error ?? 'no answer'})` : String(result.status);
}
