import { createHash, randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { authorizationMatches, readDelivery } from '../procore/webhooks/receive';
import type { Delivery } from '../procore/webhooks/receive';

/** A webhook carries ids only; anything larger is not from Procore. */
const MAX_BODY_BYTES = 256 * 1024;

/** What came in, after the header was checked. */
export interface ReceivedWebhook {
  readonly connectionId: string;
  /** Id of the event; for a body that is no event, made of its content. */
  readonly eventId: string;
  /** Null when the body is no event. */
  readonly delivery: Delivery | null;
  readonly body: string;
}

export interface WebhookSource {
  /** Accepted Authorization values of a connection; null when there is no such connection. */
  authorizations(connectionId: string): readonly string[] | null;
  /** Stores the event. Must be quick; what follows from it happens after the answer. */
  receive(webhook: ReceivedWebhook): Promise<void>;
}

/**
 * `POST /webhooks/<connection>`. Procore has no signature: the static Authorization header is all there is, so it is compared in
 * constant time. Anything that passes is stored and answered with 204, readable or not: another answer would stop every later event
 * of this destination (Procore: "Webhooks"). A plugin, so that its reading of bodies stays with its own route.
 */
export const webhookPlugin =
  (source: WebhookSource): FastifyPluginAsync =>
  async (app) => {
    takeAnyBody(app);
    webhookRoute(app, source);
  };

/** Bodies are taken as text whatever their type says: what cannot be read must be stored, not refused (a refusal stops the queue). */
function takeAnyBody(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  // As bytes first: read as text, a body that is not UTF-8 has another length than announced, and would be refused.
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body.toString('utf8')),
  );
}

function webhookRoute(app: FastifyInstance, source: WebhookSource): void {
  const allowed = (connectionId: string, header: string | undefined): boolean => {
    const accepted = source.authorizations(connectionId);
    // The same work and the same answer for an unknown connection and a wrong header: neither can be guessed from outside.
    const matches = authorizationMatches(header, accepted ?? ['-']);
    return accepted !== null && matches;
  };
  const options = { bodyLimit: MAX_BODY_BYTES, errorHandler: tooLargeIsFine(source, allowed) };
  app.post<Route>('/webhooks/:connection', options, async (request, reply) => {
    const connectionId = request.params.connection;
    if (!allowed(connectionId, request.headers.authorization)) {
      return reply.code(401).send({ error: 'not authorized' });
    }
    const body = typeof request.body === 'string' ? request.body : '';
    const delivery = readDelivery(parseJson(body));
    const eventId =
      delivery?.eventId ?? `unreadable:${createHash('sha256').update(body).digest('hex').slice(0, 40)}`;
    await source.receive({ connectionId, eventId, delivery, body });
    return reply.code(204).send();
  });
}

interface Route {
  Params: { connection: string };
}

/** A body that is too large is no event of Procore, but it must not stop the events behind it: noted, and answered like any other. */
function tooLargeIsFine(
  source: WebhookSource,
  allowed: (connectionId: string, header: string | undefined) => boolean,
) {
  return async (
    error: Error & { statusCode?: number },
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply> => {
    const { connection } = request.params as Route['Params'];
    if (error.statusCode !== 413 || !allowed(connection, request.headers.authorization)) throw error;
    const size = String(request.headers['content-length'] ?? 'unknown');
    await source.receive({
      connectionId: connection,
      eventId: `too-large:${randomUUID()}`,
      delivery: null,
      body: `(${size} bytes, not kept)`,
    });
    return reply.code(204).send();
  };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return body;
  }
}
