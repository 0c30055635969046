/**
 * Who may come in, by the numbers of ASVS 5. Left to the browser: 3.4.3 that no page breaks its policy, 3.7.2 that the page follows it, 14.3.3 what lies in the
 * storage. Elsewhere: 2.3.3-2.3.5 (decisions), 5.4.2 (downloads), 6.8.1, 10.x (test/server/http/oidc.test.ts).
 */
import { issueToken } from '../../../src/desk/people';
import { setDoor } from '../../../src/desk/access/door';
import { invite } from '../../../src/desk/access/passkeys';
import { pathWithin } from '../../../src/http/access/same-origin';
import { CONTENT_SECURITY_POLICY } from '../../../src/http/access/headers';
import type { Method } from '../../support/access';
import { AccessWorld, cookieIn, DESK, grantOf } from '../../support/access';
import { Authenticator } from '../../support/authenticator';

const MARIA = 'maria@acme.example';
const TOM = 'tom@acme.example';
const HASH = 'a'.repeat(64);

let world: AccessWorld;
beforeEach(async () => {
  world = await AccessWorld.create();
});
afterEach(() => world.close());

const me = (cookie: string) => world.ask('GET', '/api/me', cookie);
const status = async (cookie: string): Promise<number> => (await me(cookie)).statusCode;

describe('routes by role', () => {
  const roles = ['viewer', 'approver', 'payroll', 'admin', 'auditor'] as const;
  const everybody: readonly string[] = roles;
  const decides = ['approver', 'payroll'];
  const reads = ['admin', 'auditor'];
  const paid = ['payroll', ...reads];
  /** Who may call what, with a body that is understood. A route without a row fails. */
  const table: Readonly<
    Record<string, { readonly may: readonly string[] | 'anybody'; readonly body?: object }>
  > = {
    'GET /api/me': { may: everybody },
    'GET /api/events': { may: everybody },
    'GET /api/sessions': { may: everybody },
    'POST /api/sessions/end': { may: everybody, body: { id: 'nobody' } },
    'POST /api/decisions': { may: decides, body: { request: '1', connection: 'acme', answer: 'approve' } },
    'POST /api/links': {
      may: decides,
      body: { connection: 'acme', kind: 'vendor', answers: [{ how: 'unlink', erpKey: '1' }] },
    },
    'POST /api/conflicts': {
      may: decides,
      body: { connection: 'acme', action: 'assign', ids: ['1'], owner: null },
    },
    'POST /api/exceptions': {
      may: decides,
      body: { connection: 'acme', action: 'assign', ids: ['1'], owner: null },
    },
    'POST /api/payroll/people': {
      may: decides,
      body: {
        connection: 'acme',
        answer: {
          how: 'accept',
          personId: 1,
          employeeKey: '1',
          personRevision: HASH,
          employeeRevision: HASH,
        },
      },
    },
    'GET /api/openapi.json': { may: everybody },
    'GET /api/requests': { may: everybody },
    'GET /api/requests/summary': { may: everybody },
    'GET /api/requests/:connection/:source/:name': { may: everybody },
    'GET /api/requests/:connection/:source/:name/correctable': { may: everybody },
    'GET /api/requests/:connection/:source/:name/operations': { may: everybody },
    'POST /api/decisions/bulk': {
      may: decides,
      body: {
        key: '7f0f2c3e-2f5b-4c1e-9a53-6d2f6c1f3c55',
        requests: [{ connectionId: 'acme', request: '1', plan: HASH }],
        count: 1,
        sums: [],
      },
    },
    'GET /api/stuck': { may: everybody },
    'POST /api/stuck/retry': { may: decides, body: { connection: 'acme', cause: 'person' } },
    'GET /api/conflicts': { may: everybody },
    'GET /api/exceptions': { may: everybody },
    'GET /api/links/suggestions': { may: everybody },
    'GET /api/views': { may: everybody },
    'PUT /api/views/:name': { may: everybody, body: { query: '' } },
    'DELETE /api/views/:name': { may: everybody },
    'GET /api/rules/:connection': { may: everybody },
    'POST /api/rules/:connection/try': { may: ['admin'], body: { body: {} } },
    'POST /api/rules/:connection/proposals': { may: ['admin'], body: { body: {}, basedOn: 0 } },
    'POST /api/rules/:connection/proposals/:version': {
      may: ['admin'],
      body: { answer: 'approve', hash: HASH },
    },
    'GET /api/audit': { may: reads },
    'GET /api/audit/export': { may: reads },
    'GET /api/audit/head': { may: reads },
    'GET /api/audit/verify': { may: reads },
    'POST /api/audit/verify': { may: reads, body: {} },
    'GET /api/connections': { may: everybody },
    'GET /api/connections/doctor': { may: reads },
    'POST /api/connections/doctor': { may: reads, body: {} },
    'POST /api/connections/:connection/reconcile': { may: ['admin'], body: { kind: 'vendor' } },
    'GET /api/payroll/labor': { may: paid },
    'GET /api/payroll/people': { may: paid },
    'GET /api/payroll/periods': { may: paid },
    'GET /api/payroll/tie-out': { may: paid },
    'GET /api/payroll/periods/:connection/:id': { may: paid },
    'GET /api/payroll/periods/:connection/:id/againstLast': { may: paid },
    'GET /api/payroll/periods/:connection/:id/byHand': { may: paid },
    'GET /api/payroll/periods/:connection/:id/corrections': { may: paid },
    'GET /api/payroll/periods/:connection/:id/earnCodes': { may: paid },
    'GET /api/payroll/periods/:connection/:id/employees': { may: paid },
    'GET /api/payroll/periods/:connection/:id/jobs': { may: paid },
    'GET /api/payroll/periods/:connection/:id/leftOut': { may: paid },
    'GET /api/payroll/periods/:connection/:id/lines': { may: paid },
    'GET /api/payroll/periods/:connection/:id/questions': { may: paid },
    'GET /api/payroll/periods/:connection/:id/withoutHours': { may: paid },
    'GET /api/records': { may: everybody },
    'GET /api/records/:connection/:kind/:id': { may: everybody },
    'GET /api/records/:connection/:kind/:id/evidence.zip': { may: everybody },
    'GET /api/records/:connection/:kind/:id/requests': { may: everybody },
    'GET /api/records/:connection/:kind/:id/writes': { may: everybody },
    'GET /api/requests/:connection/:source/:name/evidence.zip': { may: everybody },
    'POST /api/requests/:connection/:source/:name/attention': { may: everybody, body: {} },
    'GET /auth/state': { may: 'anybody' },
    'POST /auth/logout': { may: 'anybody', body: {} },
    'POST /auth/login-as': { may: 'anybody', body: {} },
    'POST /auth/invitation/options': { may: 'anybody', body: { invitation: 'x' } },
    'POST /auth/invitation': { may: 'anybody', body: { invitation: 'x', answer: {} } },
    'POST /auth/passkey/options': { may: 'anybody', body: {} },
    'POST /auth/passkey': { may: 'anybody', body: { answer: {} } },
  };

  test('ASVS 8.2.1: each route has a row, and no other', () => {
    const routes = world.routes.map(({ method, url }) => `${method} ${url}`);
    expect([...new Set(routes)].sort()).toEqual(Object.keys(table).sort());
  });

  test('ASVS 8.2.1: who holds no role that a route wants is refused, who holds one is not; nobody at all is asked who they are', async () => {
    const cookies = await Promise.all(
      roles.map((role) => world.login(`${role}@acme.example`, [grantOf(role)])),
    );
    for (const [route, { may, body }] of Object.entries(table)) {
      const [method, url] = route.split(' ') as [Method, string];
      if (may === 'anybody') continue;
      expect([route, (await world.ask(method, url, '', body)).statusCode]).toEqual([route, 401]);
      for (const [index, role] of roles.entries()) {
        const answer = await world.ask(method, url, cookies[index] ?? '', body);
        const isRefused = answer.statusCode === 401 || answer.statusCode === 403;
        expect([route, role, isRefused]).toEqual([route, role, !may.includes(role)]);
      }
    }
  });

  test('ASVS 8.2.2: sessions of others are there for who administers everything alone', async () => {
    const [maria, tom] = [await world.login(MARIA), await world.login(TOM, [grantOf('admin', ['acme'])])];
    const root = await world.login('root@acme.example', [grantOf('admin')]);
    const seen = async (cookie: string): Promise<unknown[]> =>
      (await world.ask('GET', '/api/sessions', cookie))
        .json<{ sessions: { person: string }[] }>()
        .sessions.map(({ person }) => person);
    expect(await seen(maria)).toEqual([MARIA]);
    expect(await seen(tom)).toEqual([TOM]);
    expect(await seen(root)).toEqual([MARIA, 'root@acme.example', TOM]);
    const end = { id: world.idOf(maria) };
    expect((await world.ask('POST', '/api/sessions/end', tom, end)).statusCode).toBe(404);
    expect(await status(maria)).toBe(200);
    expect((await world.ask('POST', '/api/sessions/end', root, end)).json()).toEqual({ ended: [end.id] });
    expect(await status(maria)).toBe(401);
  });
});

describe('the session', () => {
  test('ASVS 7.3.1: ends when nothing was done for half an hour', async () => {
    const cookie = await world.login(MARIA);
    world.later(20);
    expect(await status(cookie)).toBe(200);
    world.later(20);
    expect(await status(cookie)).toBe(200);
    world.later(31);
    expect(await status(cookie)).toBe(401);
  });

  test('ASVS 7.3.2: ends after ten hours, whatever is done', async () => {
    const cookie = await world.login(MARIA);
    for (let minutes = 20; minutes < 600; minutes += 20) {
      world.later(20);
      expect(await status(cookie)).toBe(200);
    }
    world.later(20);
    expect(await status(cookie)).toBe(401);
  });

  test('what the browser asks by itself keeps it alive no longer', async () => {
    const cookie = await world.login(MARIA);
    for (let minutes = 0; minutes < 30; minutes += 10) {
      const answer = await world.ask('GET', '/auth/state', cookie);
      expect(answer.json()).toMatchObject({ session: { person: MARIA } });
      world.later(10);
    }
    expect(await status(cookie)).toBe(401);
    expect((await world.ask('GET', '/auth/state', cookie)).json()).toMatchObject({ session: null });
  });

  test('is written once a minute at most', async () => {
    const cookie = await world.login(MARIA);
    const seenAt = async (): Promise<string | undefined> => (await world.access.sessions())[0]?.lastSeenAt;
    const first = await seenAt();
    world.now = new Date(Date.parse(world.now) + 59_000).toISOString();
    await me(cookie);
    expect(await seenAt()).toBe(first);
    world.now = new Date(Date.parse(world.now) + 1_000).toISOString();
    await me(cookie);
    expect(await seenAt()).toBe(world.now);
  });

  test('ASVS 7.4.1: logging out ends it, its cookie and its streams; the log tells of it', async () => {
    const cookie = await world.login(MARIA);
    const visitor = await world.access.visitor({
      ...{ headers: { cookie }, method: 'GET', ip: '::1' },
      routeOptions: { config: {} },
    } as never);
    let closed = 0;
    world.access.whenEnded(visitor, () => (closed += 1));
    const answer = await world.ask('POST', '/auth/logout', cookie, {});
    expect(answer.json()).toEqual({ redirect: null });
    expect(answer.headers['set-cookie']).toContain('__Host-desk=; Max-Age=0');
    expect(closed).toBe(1);
    expect(await status(cookie)).toBe(401);
    expect((await world.log()).map(({ action, actor }) => [action, actor])).toEqual([
      ['session.opened', MARIA],
      ['session.ended', MARIA],
    ]);
  });

  test('ASVS 7.4.2: who is shut out is out at once, with session and token, until they are let in again', async () => {
    const cookie = await world.login(MARIA);
    const token = `tbk_${'a'.repeat(43)}`;
    const given = { id: 't1', person: MARIA, expiresAt: '2027-01-01T00:00:00.000Z', token, by: 'it' };
    await issueToken(world.doorkeeper, given);
    const bearer = async (): Promise<number> =>
      (await world.app.inject({ url: '/api/me', headers: { authorization: `Bearer ${token}` } })).statusCode;
    expect([await status(cookie), await bearer()]).toEqual([200, 200]);
    await setDoor(world.doorkeeper, { person: MARIA, open: false, by: 'it' });
    expect([await status(cookie), await bearer()]).toEqual([401, 401]);
    await expect(world.login(MARIA)).rejects.toThrow(/was shut out/);
    world.later(1);
    await setDoor(world.doorkeeper, { person: MARIA, open: true, by: 'it' });
    expect([await status(cookie), await bearer()]).toEqual([401, 200]);
    expect(await status(await world.login(MARIA))).toBe(200);
  });

  test('who is granted nothing any more is out at once', async () => {
    const cookie = await world.login(MARIA);
    world.grants[MARIA] = [];
    expect(await status(cookie)).toBe(401);
  });

  test('rows that somebody wrote past us open nothing', async () => {
    const cookie = await world.login(MARIA);
    const [session] = await world.access.sessions();
    if (session === undefined) throw new Error('there is no session');
    const put = (row: typeof session): Promise<void> =>
      world.store.transaction('test', null, async (t) => t.access.saveSession(row));
    await put({ ...session, person: TOM });
    expect((await me(cookie)).json()).toMatchObject({
      error: { message: 'Tieback did not open this session, or its signing key is gone.' },
    });
    await put({ ...session, endsAt: '2099-01-01T00:00:00.000Z' });
    expect(await status(cookie)).toBe(401);
    await put(session);
    expect(await status(cookie)).toBe(200);
    await world.access.end({ id: session.id }, 'revoked', 'it');
    // As it was before: the seal is right, the log knows better.
    await world.store.transaction('test', null, async (t) => {
      t.access.forgetSessions('2099-01-01T00:00:00.000Z');
      t.access.addSession(session);
    });
    expect((await me(cookie)).json()).toMatchObject({
      error: { message: /This session was ended/ as never },
    });
  });
});

describe('the browser', () => {
  test('ASVS 3.4.3, 3.4.4, 3.4.5, 3.4.6, 14.3.2: every answer carries the headers, errors too', async () => {
    const cookie = await world.login(MARIA);
    for (const url of ['/api/me', '/auth/state', '/nowhere', '/api/nowhere', '/auth/nowhere'])
      for (const headers of [{}, { cookie }])
        expect((await world.app.inject({ url, headers })).headers).toMatchObject({
          'content-security-policy': CONTENT_SECURITY_POLICY,
          'x-content-type-options': 'nosniff',
          'referrer-policy': 'no-referrer',
          'cache-control': 'no-store',
        });
    expect(CONTENT_SECURITY_POLICY).toContain("frame-ancestors 'none'");
    expect(CONTENT_SECURITY_POLICY).not.toContain('unsafe');
  });

  test('ASVS 3.4.1: HTTPS alone only where that was asked for', async () => {
    expect((await world.app.inject('/auth/state')).headers['strict-transport-security']).toBeUndefined();
    const strict = await AccessWorld.create({}, { hsts: true });
    const { headers } = await strict.app.inject('/auth/state');
    expect(headers['strict-transport-security']).toBe('max-age=31536000; includeSubDomains');
    await strict.close();
  });

  test.each([
    ['another origin', { origin: 'https://evil.example' }, 403],
    ['an unnamed page', { origin: 'null' }, 403],
    ['the origin of a subdomain', { origin: 'https://x.desk.acme.example' }, 403],
    ['another port', { origin: `${DESK}:8443` }, 403],
    ['a foreign site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['a sibling', { 'sec-fetch-site': 'same-site' }, 403],
    ['a form', { 'content-type': 'text/plain' }, 415],
    ['its own page', {}, 404],
  ])('ASVS 3.5.1: what %s sends with a cookie', async (_what, given, expected) => {
    const cookie = await world.login(MARIA);
    const headers = { cookie, origin: DESK, 'content-type': 'application/json', ...given };
    const payload = JSON.stringify({ id: 'nobody' });
    for (const url of ['/api/sessions/end']) {
      const answer = await world.app.inject({ method: 'POST', url, headers, payload });
      expect(answer.statusCode).toBe(expected);
    }
    const out = await world.app.inject({ method: 'POST', url: '/auth/logout', headers, payload: '{}' });
    expect(out.statusCode).toBe(expected === 404 ? 200 : expected);
    expect(await status(cookie)).toBe(expected === 404 ? 401 : 200);
  });

  test('ASVS 3.5.3: GET changes nothing', async () => {
    const cookie = await world.login(MARIA, [grantOf('admin')]);
    const before = [await world.access.sessions(), await world.log()];
    for (const { method, url } of world.routes) if (method === 'GET') await world.ask('GET', url, cookie);
    expect([await world.access.sessions(), await world.log()]).toEqual(before);
    for (const url of ['/auth/logout', '/auth/login-as', '/api/sessions/end'])
      expect((await world.ask('GET', url, cookie)).statusCode).toBe(404);
  });

  test('ASVS 4.1.3: forged X-Forwarded-* say nothing', async () => {
    const forged = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http', host: 'evil.example' };
    const headers = { ...forged, 'x-forwarded-for': '10.0.0.1' };
    expect((await world.app.inject({ url: '/auth/state', headers })).json()).toMatchObject({ url: DESK });
    const cookie = await world.login(MARIA);
    const foreign = { ...headers, cookie, origin: 'http://evil.example', 'content-type': 'application/json' };
    const payload = '{"id":"x"}';
    const answer = await world.app.inject({
      method: 'POST',
      url: '/api/sessions/end',
      headers: foreign,
      payload,
    });
    expect(answer.statusCode).toBe(403);
  });

  test.each([
    ['/requests?q=1#top', '/requests?q=1#top'],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['/\t/evil.example', '/'],
    ['/.//evil.example', '/'],
    ['https://evil.example/', '/'],
    ['javascript:alert(1)', '/'],
    ['', '/'],
    [undefined, '/'],
  ])('ASVS 3.7.2: after the login %s goes on to %s', (given, to) => expect(pathWithin(given)).toBe(to));

  test('ASVS 6.3.1: guessing slows by address, and keeps nobody waiting who shows what holds', async () => {
    const cookie = await world.login(MARIA);
    const guess = async (): Promise<number> => status('__Host-desk=guess');
    const answers: number[] = [];
    for (let tries = 0; tries < 22; tries += 1) answers.push(await guess());
    expect(answers).toEqual([...Array<number>(20).fill(401), 429, 429]);
    expect(await status(cookie)).toBe(200);
    world.later(1);
    expect(await guess()).toBe(401);
    expect(await guess()).toBe(429);
  });

  test('ASVS 2.4.1: who asks without end is told to wait', async () => {
    const answers = new Set<number>();
    let last = '';
    for (let asked = 0; asked <= 300; asked += 1) {
      const answer = await world.app.inject('/auth/state');
      answers.add(answer.statusCode);
      last = answer.body;
    }
    expect([...answers]).toEqual([200, 429]);
    expect(last).toContain('Too many requests at once. Try again in');
  });
});

describe('passkeys', () => {
  const invitation = async (secret: string): Promise<string> => {
    world.grants[MARIA] = [grantOf('viewer')];
    await invite(world.doorkeeper, { id: secret.slice(0, 8), secret, person: MARIA, by: 'it' });
    return secret;
  };
  const optionsOf = async (
    url: string,
    body: object,
  ): Promise<{ challenge: string; cookie: string; options: Record<string, unknown> }> => {
    const answer = await world.ask('POST', url, '', body);
    const { options } = answer.json<{ options: Record<string, unknown> }>();
    return {
      challenge: String(options['challenge']),
      options,
      cookie: cookieIn(answer, '__Host-desk-login') ?? '',
    };
  };
  const register = async (secret: string, key: Authenticator) => {
    const { challenge, cookie } = await optionsOf('/auth/invitation/options', { invitation: secret });
    return world.ask('POST', '/auth/invitation', cookie, {
      invitation: secret,
      answer: key.register(challenge),
    });
  };
  const login = async (key: Authenticator) => {
    const { challenge, cookie } = await optionsOf('/auth/passkey/options', {});
    return world.ask('POST', '/auth/passkey', cookie, { answer: key.login(challenge) });
  };

  test('an invitation makes one passkey, and the passkey lets in', async () => {
    const key = new Authenticator(DESK);
    const answer = await register(await invitation('first-invitation'), key);
    expect([answer.statusCode, answer.json()]).toEqual([200, { person: MARIA }]);
    expect(await status(cookieIn(answer) ?? '')).toBe(200);
    const used = await world.ask('POST', '/auth/invitation/options', '', { invitation: 'first-invitation' });
    expect(used.statusCode).toBe(403);
    const again = await login(key);
    expect(again.statusCode).toBe(200);
    expect((await me(cookieIn(again) ?? '')).json()).toMatchObject({ person: MARIA, via: 'session' });
    expect((await world.log()).map(({ action }) => action)).toEqual([
      'invitation.issued',
      'invitation.ended',
      'passkey.added',
      'session.opened',
      'session.opened',
    ]);
  });

  test('ASVS 3.3.1-4: the cookie is for this host, over a safe connection, and no script sees it', async () => {
    const answer = await register(await invitation('cookie-invitation'), new Authenticator(DESK));
    const set = [answer.headers['set-cookie'] ?? []].flat().find((text) => text.startsWith('__Host-desk='));
    expect(set?.split('; ').slice(1).sort()).toEqual(['HttpOnly', 'Path=/', 'SameSite=Lax', 'Secure']);
    expect(set?.split(';')[0]).toMatch(/^__Host-desk=[\w-]{43}$/);
  });

  test('ASVS 7.2.4: a login has a new id, and the one before is over', async () => {
    const key = new Authenticator(DESK);
    const before = cookieIn(await register(await invitation('second-invitation'), key)) ?? '';
    const { challenge, cookie } = await optionsOf('/auth/passkey/options', {});
    const both = `${cookie}; ${before}`;
    const after =
      cookieIn(await world.ask('POST', '/auth/passkey', both, { answer: key.login(challenge) })) ?? '';
    expect(after).not.toBe(before);
    expect([await status(before), await status(after)]).toEqual([401, 200]);
  });

  test('ASVS 6.3.3: without user verification it is one factor, and none for us', async () => {
    const { options } = await optionsOf('/auth/invitation/options', {
      invitation: await invitation('weak-invitation'),
    });
    expect(options).toMatchObject({
      rp: { id: 'desk.acme.example' },
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    });
    const answer = await register('weak-invitation', new Authenticator(DESK, false));
    expect([answer.statusCode, cookieIn(answer)]).toEqual([403, null]);
  });

  test('a passkey of another page does not count', async () => {
    const answer = await register(
      await invitation('evil-invitation'),
      new Authenticator('https://evil.example'),
    );
    expect(answer.statusCode).toBe(403);
  });

  test('an answer counts once, and only for what this browser was asked', async () => {
    const key = new Authenticator(DESK);
    await register(await invitation('third-invitation'), key);
    const { challenge, cookie } = await optionsOf('/auth/passkey/options', {});
    const answer = key.login(challenge);
    expect((await world.ask('POST', '/auth/passkey', '', { answer })).statusCode).toBe(403);
    expect((await world.ask('POST', '/auth/passkey', cookie, { answer })).statusCode).toBe(200);
    expect((await world.ask('POST', '/auth/passkey', cookie, { answer })).statusCode).toBe(403);
  });

  test('an invitation ends after a day', async () => {
    await invitation('late-invitation');
    world.later(24 * 60);
    const answer = await world.ask('POST', '/auth/invitation/options', '', { invitation: 'late-invitation' });
    expect(answer.json()).toMatchObject({ error: { code: 'INVITATION_UNKNOWN' } });
  });

  test('ASVS 6.3.1: failing slows the account, wherever it is tried from', async () => {
    const key = new Authenticator(DESK);
    await register(await invitation('slow-invitation'), key);
    const tries: number[] = [];
    for (let count = 0; count < 7; count += 1) {
      const answer = key.login('another challenge');
      const sent = await world.app.inject({
        method: 'POST',
        url: '/auth/passkey',
        remoteAddress: `10.0.0.${count + 1}`,
        headers: { origin: DESK },
        payload: { answer },
      });
      tries.push(sent.statusCode);
    }
    expect(tries).toEqual([403, 403, 403, 403, 403, 429, 429]);
  });
});

test('the Desk lets somebody in by itself only where that was configured', async () => {
  expect((await world.ask('POST', '/auth/login-as', '', {})).statusCode).toBe(409);
  const demo = await AccessWorld.create({ loginAs: MARIA });
  demo.grants[MARIA] = [grantOf('approver', ['acme'])];
  expect((await demo.app.inject('/auth/state')).json()).toMatchObject({
    ways: { itself: MARIA },
    session: null,
  });
  const answer = await demo.ask('POST', '/auth/login-as', '', {});
  const state = await demo.ask('GET', '/auth/state', cookieIn(answer) ?? '');
  expect(state.json()).toMatchObject({ session: { person: MARIA, way: 'itself' } });
  await demo.close();
});
