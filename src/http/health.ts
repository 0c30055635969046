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
