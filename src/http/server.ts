import type { FastifyInstance } from 'fastify';
import Fastify from 'fastify';
import type { Logger } from '../telemetry/logger';
import type { HealthSource } from './health';
import { healthRoutes } from './health';
import type { WebhookSource } from './webhooks';
import { webhookRoutes } from './webhooks';

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

/** A webhook carries ids only; anything larger is not from Procore. */
const MAX_BODY_BYTES = 256 * 1024;

/** The daemon's own HTTP door: webhook receiver and health. It never waits for Temporal. */
export async function startHttp(
  settings: HttpSettings,
  sources: { webhooks: WebhookSource; health: HealthSource; logger: Logger },
): Promise<HttpServer> {
  const app = Fastify({ logger: false, bodyLimit: MAX_BODY_BYTES, forceCloseConnections: true });
  takeAnyBody(app);
  webhookRoutes(app, sources.webhooks);
  healthRoutes(app, sources.health);
  app.setErrorHandler((error: { statusCode?: number; message: string }, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) sources.logger.error('HTTP request failed', { url: request.url, error });
    return reply.code(status).send({ error: status >= 500 ? 'internal error' : error.message });
  });
  const url = await app.listen({ host: settings.host, port: settings.port });
  return { url, close: () => app.close() };
}

/** Bodies are taken as text whatever their type says: what cannot be read must be stored, not refused (a refusal stops the queue). */
function takeAnyBody(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  // As bytes first: read as text, a body that is not UTF-8 has another length than announced, and would be refused.
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body.toString('utf8')),
  );
}
