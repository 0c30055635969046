import type { FastifyPluginAsync } from 'fastify';
import Fastify from 'fastify';
import type { Logger } from '../telemetry/logger';
import { secureAnswers } from './access/headers';
import type { HealthSource } from './health';
import { healthRoutes } from './health';
import type { WebhookSource } from './webhooks';
import { webhookPlugin } from './webhooks';

export interface HttpSettings {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** Where the defaults do not fit. */
  readonly limits?: Partial<HttpLimits>;
  /** Browsers are told to come by HTTPS alone. Default: they are not. */
  readonly hsts?: boolean;
}

/** What one peer, and all of them together, may take of us. */
export interface HttpLimits {
  /** From the first byte of a request to the last of its headers. */
  readonly headersMs: number;
  /** From the first byte of a request to the last of its body: what Procore sends is a few hundred bytes. */
  readonly requestMs: number;
  /** Without a byte in either direction; longer than a store that is locked may keep an answer waiting. */
  readonly idleMs: number;
  /** How often the first two are looked at. */
  readonly lookEveryMs: number;
  readonly connections: number;
  readonly requestsPerConnection: number;
  /** Webhooks that are read or stored at the same time; with more, senders are asked to come again. */
  readonly webhooksInHand: number;
}

const LIMITS: HttpLimits = {
  headersMs: 5_000,
  requestMs: 10_000,
  idleMs: 30_000,
  lookEveryMs: 1_000,
  connections: 1_000,
  requestsPerConnection: 1_000,
  webhooksInHand: 100,
};

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
  const limits = { ...LIMITS, ...settings.limits };
  const app = Fastify({
    logger: false,
    forceCloseConnections: true,
    // A key of the ERP may be long, and longer still as an address has it.
    routerOptions: { maxParamLength: 500 },
    requestTimeout: limits.requestMs,
    connectionTimeout: limits.idleMs,
    keepAliveTimeout: limits.requestMs,
    maxRequestsPerSocket: limits.requestsPerConnection,
    http: { headersTimeout: limits.headersMs, connectionsCheckingInterval: limits.lookEveryMs },
  });
  app.server.maxConnections = limits.connections;
  secureAnswers(app, { hsts: settings.hsts ?? false });
  app.addHook('onRequest', async (request, reply) => {
    // Before its body is read: nobody needs to be let in to send one to nowhere.
    if (request.is404) await reply.code(404).header('connection', 'close').send({ error: 'not found' });
  });
  app.setErrorHandler((error: { statusCode?: number; message: string }, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) sources.logger.error('HTTP request failed', { url: request.url, error });
    return reply.code(status).send({ error: status >= 500 ? 'internal error' : error.message });
  });
  // After the error handler: a scope inherits what is there when it is made.
  await app.register(webhookPlugin(sources.webhooks, limits.webhooksInHand));
  healthRoutes(app, sources.health);
  for (const plugin of sources.plugins ?? []) await app.register(plugin);
  const url = await app.listen({
    host: settings.host,
    port: settings.port,
    backlog: limits.connections,
  });
  return { url, close: () => app.close() };
}
