import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyPluginAsync,
  FastifyReply,
  FastifyRequest,
  RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import {
  hasZodFastifySchemaValidationErrors,
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { DeskRefusal } from '../../desk/refusal';
import type { Role, Visitor } from '../../domain/people/access';
import { holds } from '../../domain/people/access';

/** The instance that features of the API add their routes to: bodies, queries and answers are described with zod. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** Routes of one feature, under `/api`. */
export type Feature = (api: Api) => void;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call a route of the API, wherever: holders of one of these roles, or everybody we know. Each route says it. */
    readonly roles?: readonly Role[] | 'known';
    /** The page asks by itself: it says nothing about whether somebody is there. */
    readonly passive?: boolean;
  }
}

/** How somebody says who they are. */
export interface VisitorSource {
  /** Throws `DeskRefusal` `NOT_LOGGED_IN`. */
  visitor(request: FastifyRequest): Promise<Visitor>;
}

/** Requests of one person, wherever they come from: pages ask a few at once, programs many. */
const PER_MINUTE = 1_200;

const visitors = new WeakMap<FastifyRequest, Visitor>();

/** Who calls. */
export function visitorOf(request: FastifyRequest): Visitor {
  const visitor = visitors.get(request);
  if (visitor === undefined) throw new DeskRefusal('NOT_LOGGED_IN', 'Who are you?');
  return visitor;
}

/** Status codes by what the Desk refuses; anything else is a conflict with how things stand. */
const STATUS: Readonly<Record<string, number>> = {
  NOT_LOGGED_IN: 401,
  NotAllowed: 403,
  FOREIGN_ORIGIN: 403,
  NOT_LET_IN: 403,
  INVITATION_UNKNOWN: 403,
  PASSKEY_UNKNOWN: 403,
  PASSKEY_FAILED: 403,
  LOGIN_STATE: 403,
  NOT_JSON: 415,
  LOGOUT_TOKEN: 400,
  TOO_FAST: 429,
  TOO_MANY_TRIES: 429,
  SESSION_UNKNOWN: 404,
  PROVIDER_AWAY: 503,
  REQUEST_UNKNOWN: 404,
  NOTHING_FOUND: 404,
  CONNECTION_UNKNOWN: 404,
  CONFLICT_UNKNOWN: 404,
  EXCEPTION_UNKNOWN: 404,
  RECORD_UNKNOWN: 404,
  PERIOD_UNKNOWN: 404,
  NO_PAYROLL: 404,
  RECORD_NAME: 400,
  PROJECT_UNKNOWN: 400,
  STOPPING: 503,
  DOCTOR_FAILED: 500,
  ERP_AWAY: 503,
  REQUEST_NAME: 400,
  NO_COMMENT: 400,
  RULES_INVALID: 400,
  RULES_UNKNOWN: 404,
  SAME_PERSON: 403,
  NOT_YOURS: 403,
  PLAN_HASH: 400,
  CURSOR: 400,
  KIND_NOT_MATCHED: 400,
  TOO_MANY: 400,
  TOO_MANY_STREAMS: 429,
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
 * Everything under `/api`: people look and decide here, whatever they type or click in. Who they are is looked at before a byte of a body is read;
 * what may be asked and what is answered is described in zod schemas, of which the OpenAPI document is made. Refusals are
 * `{ error: { code, message, hint } }`.
 */
export const deskApi =
  (source: VisitorSource, features: readonly Feature[]): FastifyPluginAsync =>
  async (scope) => {
    await scope.register(
      async (app) => {
        app.setValidatorCompiler(validatorCompiler);
        app.setSerializerCompiler(serializerCompiler);
        app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) =>
          answerError(error, reply),
        );
        app.addHook('onRoute', ({ config, url }) => {
          if (config?.roles === undefined) throw new Error(`${url} does not say who may call it`);
        });
        await app.register(swagger, {
          openapi: { openapi: '3.1.0', info: { title: 'Tieback', version: '1' }, servers: [] },
          transform: jsonSchemaTransform,
        });
        app.addHook('onRequest', async (request, reply) => {
          const visitor = await source.visitor(request);
          visitors.set(request, visitor);
          assertRole(visitor, request.routeOptions.config.roles ?? []);
          // What people look at is theirs alone, and may be another thing a moment later.
          void reply.header('cache-control', 'no-store');
        });
        // Its hook comes after ours: it counts by who calls.
        await app.register(rateLimit, {
          max: PER_MINUTE,
          timeWindow: 60_000,
          keyGenerator: (request) => visitorOf(request).id,
          errorResponseBuilder: (_request, { ttl }) => tooFast(ttl),
        });
        const api = app.withTypeProvider<ZodTypeProvider>();
        for (const feature of features) feature(api);
        app.get('/openapi.json', { config: { roles: 'known' }, schema: { hide: true } }, () =>
          writable(app.swagger()),
        );
      },
      { prefix: '/api' },
    );
  };

/** Lists that nobody changes are `readOnly` to zod; to OpenAPI that would say that they are never sent. */
const writable = (document: object): unknown =>
  JSON.parse(JSON.stringify(document, (key, value: unknown) => (key === 'readOnly' ? undefined : value)));

/** Throws `DeskRefusal` `NotAllowed`. */
function assertRole({ id, grants }: Visitor, roles: readonly Role[] | 'known'): void {
  if (roles === 'known' || roles.some((role) => holds(grants, role))) return;
  throw new DeskRefusal('NotAllowed', `"${id}" may not do this: it wants the role ${roles.join(' or ')}.`);
}

/** Somebody asks faster than people can. */
export const tooFast = (waitMs: number): DeskRefusal =>
  new DeskRefusal(
    'TOO_FAST',
    `Too many requests at once. Try again in ${Math.max(1, Math.ceil(waitMs / 1000))} seconds.`,
  );

/** Answers what went wrong as `{ error: { code, message, hint } }`. */
export function answerError(error: Error & { statusCode?: number }, reply: FastifyReply): FastifyReply {
  const send = (status: number, code: string, message: string, hint: string | null = null): FastifyReply => {
    // What comes after it on this connection is not read.
    if (status === 401) void reply.header('connection', 'close').header('www-authenticate', 'Bearer');
    return reply
      .code(status)
      .serializer(JSON.stringify)
      .header('content-type', 'application/json; charset=utf-8')
      .send({ error: { code, message, hint } });
  };
  if ('retryAfterSeconds' in error) void reply.header('retry-after', String(error.retryAfterSeconds));
  if (error instanceof DeskRefusal)
    return send(STATUS[error.code] ?? 409, error.code, error.message, error.hint);
  if (hasZodFastifySchemaValidationErrors(error)) {
    const words = error.validation.map(
      ({ instancePath, message = '' }) =>
        `${instancePath.slice(1).replaceAll('/', '.') || 'the whole'}: ${message}`,
    );
    return send(400, 'BAD_INPUT', `This cannot be read: ${words.join('; ')}.`);
  }
  const status = error.statusCode ?? 500;
  if (status < 500) return send(status, 'BAD_INPUT', error.message);
  // The handler around this one logs it and answers without a word of it.
  throw error;
}
