/** A real OpenID provider as a process of its own: accounts log in without asking, by the name that stands in the cookie `as`. Prints its address. */
import { createServer } from 'node:http';
import Provider, { interactionPolicy } from 'oidc-provider';

const [, , desk, port = '0'] = process.argv;
/** By name: subject and claims. */
const ACCOUNTS = {
  maria: { sub: 's-maria', email: 'Maria@acme.example', email_verified: true, name: 'Maria Ortiz' },
  impostor: { sub: 's-other', email: 'maria@acme.example', email_verified: true, name: 'M. Ortiz' },
  unverified: { sub: 's-unverified', email: 'tom@acme.example', email_verified: false, name: 'Tom' },
  stranger: { sub: 's-stranger', email: 'stranger@elsewhere.example', email_verified: true, name: 'S' },
};

const server = createServer();
server.listen(Number(port), '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const policy = interactionPolicy.base();
  policy.remove('consent');
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'desk',
        client_secret: 'a-secret-of-the-tests',
        redirect_uris: [`${desk}/auth/callback`],
        post_logout_redirect_uris: [`${desk}/login`],
        backchannel_logout_uri: `${desk}/auth/backchannel-logout`,
        backchannel_logout_session_required: true,
      },
    ],
    claims: { email: ['email', 'email_verified'], profile: ['name'] },
    features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
    interactions: { policy, url: (_context, { uid }) => `/interaction/${uid}` },
    cookies: { keys: ['a-key-of-the-tests'] },
    pkce: { required: () => true },
    findAccount: (_context, id) => {
      const claims = Object.values(ACCOUNTS).find(({ sub }) => sub === id);
      return claims && { accountId: id, claims: () => claims };
    },
    loadExistingGrant: async (context) => {
      const grant = new context.oidc.provider.Grant({
        clientId: context.oidc.client.clientId,
        accountId: context.oidc.session.accountId,
      });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
  });
  const answer = provider.callback();
  server.on('request', (request, response) => {
    if (!request.url.startsWith('/interaction/')) return answer(request, response);
    const [, as = 'maria'] = /(?:^|; )as=(\w+)/.exec(request.headers.cookie ?? '') ?? [];
    const login = { accountId: ACCOUNTS[as].sub };
    return provider.interactionFinished(request, response, { login }).catch((error) => {
      response.statusCode = 500;
      response.end(String(error));
    });
  });
  process.stdout.write(`${issuer}\n`);
});
