import { z } from 'zod';
import { personOf } from '../../desk/access/identities';
import { DeskRefusal } from '../../desk/refusal';
import type { Api } from '../api/api';
import { giveLogin, loginCookie, takeLogin } from './cookies';
import type { Doorstep } from './doorstep';
import type { IdentityProvider } from './oidc';
import { pathWithin } from './same-origin';

const CALLBACK = '/auth/callback';

/**
 * Logging in at the identity provider. What browsers are sent to (`/auth/login`, `/auth/callback`) answers with the next place, whatever happens: people who are
 * refused come back to the login page, which asks `/auth/state` for the words.
 */
export function providerRoutes(api: Api, door: Doorstep, provider: IdentityProvider): void {
  const { parts } = door;
  const refused = (error: unknown): string => {
    if (!(error instanceof DeskRefusal)) throw error;
    return `/login?refused=${encodeURIComponent(error.code)}`;
  };

  api.get(
    '/login',
    { schema: { querystring: z.object({ returnTo: z.string().max(2_000).optional() }) } },
    async (request, reply) => {
      try {
        const { url, ...begun } = await provider.begin(`${door.url}${CALLBACK}`);
        const returnTo = pathWithin(request.query.returnTo);
        giveLogin(reply, door.keys, { kind: 'oidc', ...begun, returnTo, expiresAt: door.loginEnds });
        return await reply.redirect(url, 302);
      } catch (error) {
        return reply.redirect(refused(error), 302);
      }
    },
  );

  api.get('/callback', async (request, reply) => {
    try {
      const returnTo = await door.trying(request, null, async () => {
        const begun = loginCookie(request, door.keys, { kind: 'oidc', now: door.now });
        if (begun === null)
          throw new DeskRefusal('LOGIN_STATE', 'This login was not begun in this browser, or it is over.');
        // The address as the provider knows it, whatever host the request names.
        const address = new URL(request.url.slice(request.url.indexOf('?')), `${door.url}${CALLBACK}`);
        const vouched = await provider.finish(address, begun);
        const { issuer, subject, sid, name, idToken } = vouched;
        const person = await personOf(parts.doorkeeper, vouched, parts.knownAs);
        await door.letIn(request, reply, { person, name, way: 'oidc', issuer, subject, sid, idToken });
        return begun.returnTo;
      });
      return await reply.redirect(returnTo, 302);
    } catch (error) {
      takeLogin(reply);
      return reply.redirect(refused(error), 302);
    }
  });

  api.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );
  api.post(
    '/backchannel-logout',
    {
      config: { fromProvider: true },
      schema: { body: z.object({ logout_token: z.string().min(1).max(20_000) }) },
    },
    async (request, reply) => {
      const { issuer, subject, sid } = await door.trying(request, null, () =>
        provider.loggedOut(request.body.logout_token),
      );
      await parts.end({ issuer, subject, sid }, 'provider', issuer);
      return reply.code(204).send();
    },
  );
}
