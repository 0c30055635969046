import rateLimit from '@fastify/rate-limit';
import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { DeskRefusal } from '../../desk/refusal';
import { idleEnd, LOGIN_WAYS } from '../../domain/people/session';
import type { Api } from '../api/api';
import { answerError, tooFast } from '../api/api';
import { takeSession } from './cookies';
import type { DoorstepParts } from './doorstep';
import { Doorstep } from './doorstep';
import { IdentityProvider } from './oidc';
import { passkeyRoutes } from './passkey-routes';
import { providerRoutes } from './provider-routes';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The identity provider sends it, and signs what it sends. */
    readonly fromProvider?: boolean;
  }
}

/** Logins are small; a logout token of a provider is not large either. */
const MAX_BODY_BYTES = 64 * 1024;
/** A whole office may come from one address. */
const PER_MINUTE = 300;

/** Why people who were sent back to the login page are not in. */
const REFUSED: Readonly<Record<string, string>> = {
  LOGIN_STATE: 'This login was not begun in this browser, or it took too long. Begin again.',
  LOGIN_FAILED: 'The login at the provider failed. Begin again.',
  PROVIDER_AWAY: 'The identity provider does not answer. Try again in a moment.',
  EMAIL_UNVERIFIED: 'The provider does not vouch for an e-mail address of your account. Ask IT.',
  NOT_LET_IN: 'Nothing is granted to you here. Ask IT.',
  OTHER_IDENTITY:
    'You are bound to another account of the provider. Ask IT to release it (`tieback people unbind`).',
  IDENTITY_FORGED: 'Your account was not bound by Tieback. Ask IT.',
  TOO_MANY_TRIES: 'Too many tries failed. Wait a while, and begin again.',
  NOT_HERE: 'Nobody can log in with a browser here: desk.url is not set.',
};

const state = z.object({
  /** The address that counts; null: nobody can log in with a browser. */
  url: z.string().nullable(),
  ways: z.object({
    oidc: z.boolean(),
    passkey: z.boolean(),
    /** As whom everybody is let in; null: nobody is. */
    itself: z.string().nullable(),
  }),
  session: z
    .object({
      person: z.string(),
      name: z.string().nullable(),
      way: z.enum(LOGIN_WAYS),
      expiresAt: z.string(),
      idleEndsAt: z.string(),
    })
    .nullable(),
  /** Why somebody was sent back here. */
  refused: z.object({ code: z.string(), message: z.string() }).nullable(),
});

/** Where the browser goes on to, to be logged out at the provider as well. */
const farewell = z.object({ redirect: z.string().nullable() });
const welcome = z.object({ person: z.string() });

/**
 * How people log in and out. Nobody is known here yet, so each route says itself what it wants: what is posted must come from our own pages, except what the
 * provider sends, which signs it.
 */
export const authPlugin =
  (parts: DoorstepParts): FastifyPluginAsync =>
  async (scope) => {
    await scope.register(
      async (app) => {
        app.setValidatorCompiler(validatorCompiler);
        app.setSerializerCompiler(serializerCompiler);
        app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) =>
          answerError(error, reply),
        );
        await app.register(rateLimit, {
          max: PER_MINUTE,
          timeWindow: 60_000,
          errorResponseBuilder: (_request, { ttl }) => tooFast(ttl),
        });
        const api = app.withTypeProvider<ZodTypeProvider>();
        api.addHook('onRoute', (route) => {
          route.bodyLimit = MAX_BODY_BYTES;
        });
        const door = new Doorstep(parts);
        // Before a body is read, and of every route that does not say otherwise.
        api.addHook('onRequest', async (request) => {
          if (request.routeOptions.config.fromProvider !== true) door.fromOwnPage(request);
        });
        const provider = parts.oidc === null ? null : new IdentityProvider(parts.oidc);
        stateRoutes(api, door, provider);
        if (provider === null) passkeyRoutes(api, door);
        else providerRoutes(api, door, provider);
      },
      { prefix: '/auth' },
    );
  };

function stateRoutes(api: Api, door: Doorstep, provider: IdentityProvider | null): void {
  const { parts } = door;
  api.get(
    '/state',
    {
      config: { passive: true },
      schema: {
        querystring: z.object({ refused: z.string().max(60).optional() }),
        response: { 200: state },
      },
    },
    async (request) => {
      const url = parts.url();
      const present = url === null ? null : await door.present(request);
      const code = request.query.refused ?? '';
      const message = REFUSED[code];
      return {
        url,
        ways: {
          oidc: url !== null && provider !== null,
          passkey: url !== null && provider === null,
          itself: url === null ? null : parts.loginAs,
        },
        session: present && {
          person: present.session.person,
          name: present.session.name,
          way: present.session.way,
          expiresAt: present.session.endsAt,
          idleEndsAt: idleEnd(present.session, parts.doorkeeper.limits),
        },
        refused: message === undefined ? null : { code, message },
      };
    },
  );

  api.post(
    '/logout',
    { schema: { body: z.strictObject({}), response: { 200: farewell } } },
    async (request, reply) => {
      const present = await door.present(request);
      takeSession(reply);
      if (present === null) return { redirect: null };
      const { id, person, way } = present.session;
      const [ended] = await parts.end({ id }, 'logout', person);
      const isTheirs = provider !== null && way === 'oidc';
      return {
        redirect: isTheirs ? await provider.logoutUrl(ended?.idToken ?? null, `${door.url}/login`) : null,
      };
    },
  );

  api.post(
    '/login-as',
    { schema: { body: z.strictObject({}), response: { 200: welcome } } },
    async (request, reply) => {
      const { loginAs: person } = parts;
      if (person === null)
        throw new DeskRefusal('NOT_HERE', 'Nobody is let in here without showing who they are.');
      const nobody = { name: null, issuer: null, subject: null, sid: null, idToken: null };
      await door.letIn(request, reply, { ...nobody, person, way: 'itself' });
      return { person };
    },
  );
}
