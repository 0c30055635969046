import type { FastifyInstance } from 'fastify';

/** One thing the daemon depends on. */
export interface HealthItem {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

export interface HealthSource {
  /** Is this process working at all? Temporal's absence does not make it unhealthy. */
  live(): readonly HealthItem[];
  /** Can it do its job right now? */
  ready(): Promise<readonly HealthItem[]>;
}

/** Those who ask give up after two seconds. */
const DEADLINE_MS = 1_500;

/**
 * A question that is answered in time, whatever becomes of it: one that hangs is told as such, and is not asked a second time beside
 * itself. What it answers is well; what it throws is not.
 */
export class HealthCheck {
  private asked: Promise<HealthItem> | null = null;

  constructor(
    private readonly name: string,
    private readonly ask: () => Promise<string>,
    private readonly deadlineMs: number = DEADLINE_MS,
  ) {}

  async run(): Promise<HealthItem> {
    this.asked ??= this.answer().finally(() => {
      this.asked = null;
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<HealthItem>((resolve) => {
      const detail = `no answer within ${this.deadlineMs / 1000} s`;
      timer = setTimeout(() => resolve({ name: this.name, ok: false, detail }), this.deadlineMs);
    });
    try {
      return await Promise.race([this.asked, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  private async answer(): Promise<HealthItem> {
    const { name } = this;
    try {
      return { name, ok: true, detail: await this.ask() };
    } catch (error) {
      return { name, ok: false, detail: (error as Error).message };
    }
  }
}

/** `/health` for restarts, `/ready` for traffic and alerts: 200 when every item is fine, else 503, always with the items. */
export function healthRoutes(app: FastifyInstance, health: HealthSource): void {
  app.get('/health', (_request, reply) => send(reply, health.live()));
  app.get('/ready', async (_request, reply) => send(reply, await health.ready()));
}

function send(
  reply: { code(status: number): { send(body: unknown): unknown } },
  items: readonly HealthItem[],
): unknown {
  const ok = items.every((item) => item.ok);
  return reply.code(ok ? 200 : 503).send({ status: ok ? 'ok' : 'not ok', checks: items });
}
