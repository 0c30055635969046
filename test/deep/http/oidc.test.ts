/** Logging in at a real OpenID provider, which is a process of its own. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { openSession } from '../../../src/desk/access/sessions';
import { unbind } from '../../../src/desk/access/identities';
import { sealedBy } from '../../../src/domain/people/sealed';
import { TEST_KEYS } from '../../support/people';
import { AccessWorld, cookieIn, DESK, grantOf } from '../../support/access';

const MARIA = 'maria@acme.example';
const CLIENT = {
  clientId: 'desk',
  clientSecret: 'a-secret-of-the-tests',
  scopes: ['email', 'profile'],
  emailClaim: 'email',
  trustEmail: false,
};

let provider: ChildProcess;
let issuer: string;
let world: AccessWorld;

beforeAll(async () => {
  provider = spawn(process.execPath, [join(__dirname, '../../support/oidc-provider.mjs'), DESK], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  if (provider.stdout === null) throw new Error('the provider says nothing');
  const [said] = (await once(provider.stdout, 'data')) as [Buffer];
  issuer = said.toString().trim();
});
afterAll(async () => {
  provider.kill();
  await once(provider, 'exit');
});
beforeEach(async () => {
  world = await AccessWorld.create({ oidc: { ...CLIENT, issuer } });
  world.grants[MARIA] = [grantOf('approver', ['acme'])];
  world.now = new Date().toISOString();
});
afterEach(() => world.close());

/** A browser at the provider: keeps its cookies, and follows until it is sent to the Desk. */
async function throughProvider(start: string, as: string): Promise<string> {
  const jar = new Map([['as', as]]);
  for (let url = start; ;) {
    if (url.startsWith(DESK)) return url.slice(DESK.length);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, { redirect: 'manual', headers: { cookie } });
    for (const set of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      jar.set(name, value);
    }
    const next = answer.headers.get('location');
    if (next === null) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
    url = new URL(next, url).href;
  }
}

const begin = async (returnTo = '/'): Promise<{ to: string; cookie: string }> => {
  const answer = await world.app.inject(`/auth/login?returnTo=${encodeURIComponent(returnTo)}`);
  return {
    to: String(answer.headers.location),
    cookie: cookieIn(answer, '__Host-desk-login') ?? '',
  };
};
const login = async (as: string, returnTo?: string) => {
  const { to, cookie } = await begin(returnTo);
  return world.app.inject({ url: await throughProvider(to, as), headers: { cookie } });
};
const refusedAs = ({ headers }: { headers: Record<string, unknown> }): string =>
  String(headers['location']).replace('/login?refused=', '');

test('ASVS 6.8.1: the first login binds issuer and subject by the verified address; the log says who the provider says it was', async () => {
  const first = await login('maria', '/requests?q=1');
  expect([first.statusCode, first.headers.location]).toEqual([302, '/requests?q=1']);
  const cookie = cookieIn(first) ?? '';
  expect((await world.ask('GET', '/api/me', cookie)).json()).toMatchObject({
    person: MARIA,
    name: 'Maria Ortiz',
  });
  await login('maria');
  const identity = { issuer, subject: 's-maria' };
  expect((await world.log()).map(({ action, detail }) => [action, detail])).toEqual([
    ['identity.bound', expect.objectContaining(identity)],
    ['session.opened', { person: MARIA, way: 'oidc', ...identity }],
    ['session.opened', { person: MARIA, way: 'oidc', ...identity }],
  ]);
});

test('ASVS 6.8.1: another account with the same address is refused until somebody releases the first', async () => {
  await login('maria');
  const refused = await login('impostor');
  expect([refusedAs(refused), cookieIn(refused)]).toEqual(['OTHER_IDENTITY', null]);
  expect((await world.log()).at(-1)).toMatchObject({
    action: 'session.refused',
    detail: { issuer, subject: 's-other' },
  });
  world.later(1);
  await unbind(world.doorkeeper, { person: MARIA, by: 'it' });
  world.later(1);
  expect(cookieIn(await login('impostor'))).not.toBeNull();
  expect(refusedAs(await login('maria'))).toBe('OTHER_IDENTITY');
});

test.each([
  ['unverified', 'EMAIL_UNVERIFIED'],
  ['stranger', 'NOT_LET_IN'],
])('an account that is %s is refused: %s; the page says why', async (as, code) => {
  const refused = await login(as);
  expect([refusedAs(refused), cookieIn(refused)]).toEqual([code, null]);
  const state = await world.app.inject(`/auth/state?refused=${code}`);
  expect(state.json()).toMatchObject({ refused: { code }, session: null });
});

test('ASVS 10.1.2: what this browser did not begin is refused: another state, another cookie, none', async () => {
  const [one, two] = [await begin(), await begin()];
  const back = await throughProvider(one.to, 'maria');
  const come = async (url: string, cookie: string): Promise<string> =>
    refusedAs(await world.app.inject({ url, headers: { cookie } }));
  expect(await come(back, '')).toBe('LOGIN_STATE');
  expect(await come(back, two.cookie)).toBe('LOGIN_FAILED');
  expect(await come(back.replace(/state=[^&]*/, 'state=other'), one.cookie)).toBe('LOGIN_FAILED');
  expect(await come(back.replace(/iss=[^&]*/, 'iss=https%3A%2F%2Fevil.example'), one.cookie)).toBe(
    'LOGIN_FAILED',
  );
  const forged = JSON.parse(Buffer.from(one.cookie.split('=')[1] ?? '', 'base64url').toString()) as object;
  const sealed = Buffer.from(JSON.stringify({ ...forged, returnTo: '/evil' })).toString('base64url');
  expect(await come(back, `__Host-desk-login=${sealed}`)).toBe('LOGIN_STATE');
  const foreign = sealedBy(TEST_KEYS, 'login', { ...forged, seal: undefined, nonce: 'of another login' });
  const withNonce = Buffer.from(JSON.stringify(foreign)).toString('base64url');
  expect(await come(back, `__Host-desk-login=${withNonce}`)).toBe('LOGIN_FAILED');
  world.later(11);
  expect(await come(back, one.cookie)).toBe('LOGIN_STATE');
});

test('ASVS 10.5.1, 10.2.1: the request carries PKCE S256, state and nonce, and comes back to desk.url whatever the host', async () => {
  const answer = await world.app.inject({ url: '/auth/login', headers: { host: 'evil.example' } });
  const query = Object.fromEntries(new URL(String(answer.headers.location)).searchParams);
  expect(query).toMatchObject({
    response_type: 'code',
    redirect_uri: `${DESK}/auth/callback`,
    code_challenge_method: 'S256',
    scope: 'openid email profile',
    state: expect.stringMatching(/.{20}/) as unknown,
    nonce: expect.stringMatching(/.{20}/) as unknown,
  });
});

test('logging out leads on to the provider, with what it wants to see; of the tokens nothing is kept then', async () => {
  const cookie = cookieIn(await login('maria')) ?? '';
  const [before] = await world.access.sessions();
  expect(before?.idToken).toMatch(/^ey/);
  const { redirect } = (await world.ask('POST', '/auth/logout', cookie, {})).json<{ redirect: string }>();
  const query = new URL(redirect).searchParams;
  expect(redirect.startsWith(`${issuer}/session/end?`)).toBe(true);
  expect([query.get('post_logout_redirect_uri'), query.get('id_token_hint')]).toEqual([
    `${DESK}/login`,
    before?.idToken,
  ]);
  const rows = await world.store.read('test', (t) => t.access.sessionByHash(before?.hash ?? ''));
  expect(rows?.idToken).toBeNull();
});

test('the daemon starts without a provider, and asks it again when it is there', async () => {
  const away = await AccessWorld.create({ oidc: { ...CLIENT, issuer: 'http://127.0.0.1:9' } });
  expect((await away.app.inject('/auth/state')).json()).toMatchObject({
    ways: { oidc: true, passkey: false },
  });
  expect((await away.app.inject('/auth/login')).headers.location).toBe('/login?refused=PROVIDER_AWAY');
  await away.close();
});

describe('ASVS 10.5.5: the provider ends sessions', () => {
  /** Signs what it likes with the keys that it shows. */
  async function signing(): Promise<{
    issuer: string;
    sign: (claims: Record<string, unknown>, typ?: string) => Promise<string>;
    close: () => void;
  }> {
    const { privateKey, publicKey } = await generateKeyPair('RS256');
    const jwk = { ...(await exportJWK(publicKey)), kid: 'k', alg: 'RS256', use: 'sig' };
    const server = createServer((request, response) => {
      const own = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      response.setHeader('content-type', 'application/json');
      const discovery = {
        issuer: own,
        jwks_uri: `${own}/jwks`,
        token_endpoint: `${own}/t`,
        authorization_endpoint: `${own}/a`,
      };
      response.end(JSON.stringify(request.url === '/jwks' ? { keys: [jwk] } : discovery));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const own = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return {
      issuer: own,
      sign: (claims, typ = 'logout+jwt') =>
        new SignJWT({
          events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
          jti: 'j',
          ...claims,
        })
          .setProtectedHeader({ alg: 'RS256', kid: 'k', typ })
          .setIssuer(own)
          .setAudience('desk')
          .setIssuedAt()
          .sign(privateKey),
      close: () => {
        server.closeAllConnections();
        server.close();
      },
    };
  }

  test('by a token of that type, with that event, without a nonce; nothing else counts', async () => {
    const there = await signing();
    const here = await AccessWorld.create({ oidc: { ...CLIENT, issuer: there.issuer } });
    here.now = new Date().toISOString();
    here.grants[MARIA] = [grantOf('viewer')];
    const arrival = {
      person: MARIA,
      name: null,
      way: 'oidc',
      issuer: there.issuer,
      subject: 's',
      idToken: null,
    } as const;
    await openSession(here.doorkeeper, { ...arrival, sid: 'one' }, { id: 'a', secret: 'first' });
    await openSession(here.doorkeeper, { ...arrival, sid: 'two' }, { id: 'b', secret: 'second' });
    const send = async (token: string): Promise<number> =>
      (
        await here.app.inject({
          method: 'POST',
          url: '/auth/backchannel-logout',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          payload: `logout_token=${token}`,
        })
      ).statusCode;
    const open = async (): Promise<readonly string[]> =>
      (await here.access.sessions()).map(({ id }) => id).sort();
    expect(await send(await there.sign({ sid: 'one' }, 'JWT'))).toBe(400);
    expect(await send(await there.sign({ sid: 'one', nonce: 'n' }))).toBe(400);
    expect(await send(await there.sign({ sid: 'one', events: {} }))).toBe(400);
    expect(await send(await there.sign({}))).toBe(400);
    const strange = await signing();
    expect(await send(await strange.sign({ sid: 'one' }))).toBe(400);
    expect(await open()).toEqual(['a', 'b']);
    expect(await send(await there.sign({ sid: 'one', sub: 's' }))).toBe(204);
    expect(await open()).toEqual(['b']);
    expect(await send(await there.sign({ sub: 's' }))).toBe(204);
    expect(await open()).toEqual([]);
    there.close();
    strange.close();
    await here.close();
  });
});
