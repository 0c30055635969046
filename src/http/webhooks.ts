import { createHash, randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
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
  /** Stores the event, and answers when it is stored. Must be quick; what follows from it happens after the answer. */
  receive(webhook: ReceivedWebhook): Promise<void>;
}

/** After how many seconds a sender that was turned away shall come again. */
const RETRY_AFTER_SECONDS = 5;

/**
 * `POST /webhooks/<connection>`. Procore has no signature: the static Authorization header is all there is, so it is compared in
 * constant time. Anything that passes is stored and answered with 204, readable or not: another answer would stop every later event
 * of this destination (Procore: "Webhooks"). The header is looked at before a byte of the body is read. More than `mostInHand` at the
 * same time are turned away with 503 and sent again by Procore: what was answered with 204 is stored. A plugin, so that its reading of
 * bodies stays with its own route.
 */
export const webhookPlugin =
  (source: WebhookSource, mostInHand: number): FastifyPluginAsync =>
  async (app) => {
    takeAnyBody(app);
    webhookRoute(app, source, new Hands(mostInHand));
  };

/** A store elsewhere (SQL Server) takes several at once. */
const STORED_AT_ONCE = 4;

/** Counts what is in hand: from the headers on, until it is stored or the sender is gone. */
class Hands {
  private readonly holding = new Set<FastifyRequest>();
  private readonly storing = new WeakSet<FastifyRequest>();
  private readonly waiting: (() => void)[] = [];
  private atWork = 0;

  constructor(private readonly most: number) {}

  /** False when there are too many already. */
  take(request: FastifyRequest, reply: FastifyReply): boolean {
    if (this.holding.size >= this.most) return false;
    this.holding.add(request);
    // A sender that goes away before it has sent everything.
    reply.raw.once('close', () => {
      if (!this.storing.has(request)) this.holding.delete(request);
    });
    return true;
  }

  /** Also held when the sender goes away meanwhile. */
  async store(request: FastifyRequest, work: () => Promise<void>): Promise<void> {
    this.storing.add(request);
    try {
      await this.myTurn();
      await work();
    } finally {
      this.holding.delete(request);
      this.nextTurn();
    }
  }

  /**
   * A store in this process (SQLite) writes without giving anybody else a turn. What has arrived meanwhile is looked at in between, so
   * that those who are too many hear it at once and not after all the others.
   */
  private async myTurn(): Promise<void> {
    if (this.atWork < STORED_AT_ONCE) this.atWork += 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    await setImmediate();
  }

  private nextTurn(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.atWork -= 1;
    else next();
  }
}

/** Bodies are taken as text whatever their type says: what cannot be read must be stored, not refused (a refusal stops the queue). */
function takeAnyBody(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  // As bytes first: read as text, a body that is not UTF-8 has another length than announced, and would be refused.
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body.toString('utf8')),
  );
}

function webhookRoute(app: FastifyInstance, source: WebhookSource, hands: Hands): void {
  const allowed = (connectionId: string, header: string | undefined): boolean => {
    const accepted = source.authorizations(connectionId);
    // The same work and the same answer for an unknown connection and a wrong header: neither can be guessed from outside.
    const matches = authorizationMatches(header, accepted ?? ['-']);
    return accepted !== null && matches;
  };
  const options = {
    bodyLimit: MAX_BODY_BYTES,
    errorHandler: tooLargeIsFine(source, hands),
    onRequest: async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
      const { connection } = request.params as Route['Params'];
      if (!allowed(connection, request.headers.authorization)) {
        await reply.code(401).header('connection', 'close').send({ error: 'not authorized' });
      } else if (!hands.take(request, reply)) {
        await reply
          .code(503)
          .header('retry-after', String(RETRY_AFTER_SECONDS))
          .send({ error: 'too many at once' });
      }
      // Whatever it says it is, it is taken: a type that is none would be refused before anybody reads it.
      request.raw.headers['content-type'] = 'application/octet-stream';
    },
  };
  app.post<Route>('/webhooks/:connection', options, async (request, reply) => {
    const connectionId = request.params.connection;
    const body = typeof request.body === 'string' ? request.body : '';
    const delivery = readDelivery(parseJson(body));
    const eventId =
      delivery?.eventId ?? `unreadable:${createHash('sha256').update(body).digest('hex').slice(0, 40)}`;
    await hands.store(request, () => source.receive({ connectionId, eventId, delivery, body }));
    return reply.code(204).send();
  });
}

interface Route {
  Params: { connection: string };
}

/** A body that is too large is no event of Procore, but it must not stop the events behind it: noted, and answered like any other. */
function tooLargeIsFine(source: WebhookSource, hands: Hands) {
  return async (
    error: Error & { statusCode?: number },
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply> => {
    if (error.statusCode !== 413) throw error;
    const { connection } = request.params as Route['Params'];
    const size = String(request.headers['content-length'] ?? 'unknown');
    const webhook = {
      connectionId: connection,
      eventId: `too-large:${randomUUID()}`,
      delivery: null,
      body: `(${size} bytes, not kept)`,
    };
    await hands.store(request, () => source.receive(webhook));
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
