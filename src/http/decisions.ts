import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Asked, Decided } from '../desk/decide';
import type { AskedLinks, LinkOutcome } from '../desk/links/decide';
import { MOST_ANSWERS } from '../desk/links/decide';
import type { Person } from '../desk/people';
import { DeskRefusal } from '../desk/refusal';
import { KINDS } from '../domain/kinds';
import type { InboxSource } from './inbox';
import { inboxRoutes } from './inbox';
import type { PayrollSource } from './payroll';
import { payrollRoutes } from './payroll';

/** What is behind the decision API. */
export interface DecisionSource extends InboxSource, PayrollSource {
  /** Who shows a token. Throws `DeskRefusal` `NOT_LOGGED_IN`. */
  whoIs(token: string): Promise<Person>;
  /** Connections on which a person may approve. */
  mayApprove(person: string): readonly string[];
  /** Throws `DeskRefusal`. */
  decide(person: Person, asked: Asked, channel: string): Promise<Decided>;
  /** Throws `DeskRefusal`. */
  decideLinks(person: Person, asked: AskedLinks, channel: string): Promise<readonly LinkOutcome[]>;
}

/** A decision is a few words; corrections of a record are a few fields. */
const MAX_BODY_BYTES = 64 * 1024;

const decision = z.strictObject({
  /** The request as people name it: `640018`, `erp/640018`. */
  request: z.string().trim().min(1).max(200),
  connection: z.string().trim().min(1).max(60).optional(),
  answer: z.enum(['approve', 'reject', 'correct']),
  /** Beginning of the hash of the plan that was looked at. */
  plan: z.string().max(64).optional(),
  comment: z.string().max(4_000).default(''),
  values: z.record(z.string(), z.union([z.string().max(4_000), z.boolean(), z.null()])).optional(),
  channel: z.enum(['cli', 'desk']).default('desk'),
});

/** Two hashes and two keys each. */
const MAX_LINKS_BYTES = 256 * 1024;

const erpKey = z.string().min(1).max(120);
const procoreId = z.int().positive();
const revision = z.string().regex(/^[0-9a-f]{64}$/);
const seen = { erpKey, procoreId, erpRevision: revision, procoreRevision: revision };

const links = z.strictObject({
  connection: z.string().trim().min(1).max(60),
  kind: z.enum(KINDS),
  answers: z
    .array(
      z.discriminatedUnion('how', [
        z.strictObject({ how: z.literal('accept'), ...seen }),
        z.strictObject({ how: z.literal('reject'), ...seen }),
        z.strictObject({ how: z.literal('link'), erpKey, procoreId }),
        z.strictObject({ how: z.literal('relink'), erpKey, procoreId }),
        z.strictObject({ how: z.literal('rename'), erpKey, to: erpKey }),
        z.strictObject({ how: z.literal('unlink'), erpKey }),
        z.strictObject({ how: z.literal('merge'), procoreId, into: procoreId }),
      ]),
    )
    .min(1)
    .max(MOST_ANSWERS),
  comment: z.string().max(4_000).default(''),
  channel: z.enum(['cli', 'desk']).default('desk'),
});

/** Status codes by what the Desk refuses; anything else is a conflict with how things stand. */
const STATUS: Readonly<Record<string, number>> = {
  NOT_LOGGED_IN: 401,
  NotAllowed: 403,
  REQUEST_UNKNOWN: 404,
  CONNECTION_UNKNOWN: 404,
  CONFLICT_UNKNOWN: 404,
  EXCEPTION_UNKNOWN: 404,
  REQUEST_NAME: 400,
  NO_COMMENT: 400,
  PLAN_HASH: 400,
  KIND_NOT_MATCHED: 400,
  TOO_MANY: 400,
  UnknownField: 400,
  BadValue: 400,
  FIELD_VALUE: 400,
  PERSON_UNKNOWN: 400,
  DECISION_FAILED: 500,
  WORKFLOW_NOT_RUNNING: 503,
  SIDES_UNREAD: 503,
  NO_DAEMON: 503,
  TEMPORAL_UNREACHABLE: 503,
};

/**
 * `GET /api/me`, `POST /api/decisions`, `POST /api/links`, `POST /api/payroll/people` and the inbox: people decide here, whatever they type or click in. Who they are their personal token says
 * (`Authorization: Bearer tbk_...`), which is looked at before a byte of the body is read. Refusals are
 * `{ error: { code, message, hint } }`.
 */
export const decisionPlugin =
  (source: DecisionSource): FastifyPluginAsync =>
  async (app) => {
    const people = new WeakMap<FastifyRequest, Person>();
    const personOf = (request: FastifyRequest): Person => {
      const person = people.get(request);
      if (person === undefined) throw new DeskRefusal('NOT_LOGGED_IN', 'Who are you?');
      return person;
    };
    app.addHook('onRequest', async (request) => {
      const [, token = ''] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
      if (token === '')
        throw new DeskRefusal('NOT_LOGGED_IN', 'Show a personal token: Authorization: Bearer tbk_...');
      people.set(request, await source.whoIs(token));
    });
    app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) =>
      answerError(error, reply),
    );
    app.get('/api/me', async (request, reply) => {
      const { id, expiresAt } = personOf(request);
      await reply.send({ person: id, expiresAt, mayApprove: source.mayApprove(id) });
    });
    app.post('/api/decisions', { bodyLimit: MAX_BODY_BYTES }, async (request, reply) => {
      const person = personOf(request);
      const { request: typed, connection, channel, ...rest } = decision.parse(request.body);
      const asked = { ...rest, typed, connectionId: connection };
      const { request: row, receipt } = await source.decide(person, asked, channel);
      await reply.send({ connectionId: row.connectionId, id: row.id, receipt });
    });
    app.post('/api/links', { bodyLimit: MAX_LINKS_BYTES }, async (request, reply) => {
      const { connection, channel, ...rest } = links.parse(request.body);
      const asked = { ...rest, connectionId: connection };
      await reply.send({ outcomes: await source.decideLinks(personOf(request), asked, channel) });
    });
    inboxRoutes(app, source, personOf);
    payrollRoutes(app, source, personOf);
  };

function answerError(error: Error & { statusCode?: number }, reply: FastifyReply): FastifyReply {
  const send = (status: number, code: string, message: string, hint: string | null = null): FastifyReply => {
    // What comes after it on this connection is not read.
    if (status === 401) void reply.header('connection', 'close').header('www-authenticate', 'Bearer');
    return reply.code(status).send({ error: { code, message, hint } });
  };
  if (error instanceof DeskRefusal)
    return send(STATUS[error.code] ?? 409, error.code, error.message, error.hint);
  if (error instanceof z.ZodError) {
    const words = error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
    return send(400, 'BAD_INPUT', `This is no decision: ${words.join('; ')}.`);
  }
  const status = error.statusCode ?? 500;
  if (status < 500) return send(status, 'BAD_INPUT', error.message);
  // The handler around this one logs it and answers without a word of it.
  throw error;
}
