import type { FastifyPluginAsync } from 'fastify';
import Fastify from 'fastify';
import type { Logger } from '../telemetry/logger';
import type { HealthSource } from './health';
import { healthRoutes } from './health';
import type { WebhookSource } from './webhooks';
import { webhookPlugin } from './webhooks';

export interface HttpSettings {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
}

export interface HttpServer {
  /** Address it answers under, e.g. `http://127.0.0.1:8480`. */
  readonly url: string;
  close(): Promise<void>;
}

/** What the doors behind the address are made of. */
export interface HttpSources {
  readonly webhooks: WebhookSource;
  readonly health: HealthSource;
  readonly logger: Logger;
  /** Further rooms behind the same address, each in a Fastify scope of its own: parsers and hooks of one do not reach another. */
  readonly plugins?: readonly FastifyPluginAsync[];
}

/** The daemon's own HTTP door: webhook receiver and health. It never waits for Temporal. */
export async function startHttp(settings: HttpSettings, sources: HttpSources): Promise<HttpServer> {
  const app = Fastify({ logger: false, forceCloseConnections: true });
  app.setErrorHandler((error: { statusCode?: number; message: string }, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) sources.logger.error('HTTP request failed', { url: request.url, error });
    return reply.code(status).send({ error: status >= 500 ? 'internal error' : error.message });
  });
  // After the error handler: a scope inherits what is there when it is made.
  await app.register(webhookPlugin(sources.webhooks));
  healthRoutes(app, sources.health);
  for (const plugin of sources.plugins ?? []) await app.register(plugin);
  const url = await app.listen({ host: settings.host, port: settings.port });
  return { url, close: () => app.close() };
}
