import { loadOperations } from '../../../sandbox/procore-simulator/data';
import { RATE_LIMIT_TEXT } from '../../../sandbox/procore-simulator/rate-limit';
import { Bench, COMPANY, withBench, type Answer } from './support/procore-client';

const VENDORS = `/rest/v1.0/vendors?company_id=${COMPANY}`;
const CLIENT = { client_id: 'tieback-demo', client_secret: 'demo-secret' };

function errorsOf(answer: Answer): unknown {
  return (answer.body as { errors: unknown }).errors;
}

describe('OAuth', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await new Bench().start();
  });
  afterEach(() => bench.stop());

  test('client credentials: 90 minutes by the clock, no refresh token, JSON or form', async () => {
    const json = await bench.raw('POST', '/oauth/token', { grant_type: 'client_credentials', ...CLIENT });
    expect(json.body).toEqual({
      access_token: expect.any(String) as string,
      token_type: 'bearer',
      expires_in: 5400,
      created_at: Math.floor(bench.clock.now() / 1000),
    });
    const form = new URLSearchParams({ grant_type: 'client_credentials', ...CLIENT }).toString();
    const answer = await bench.raw('POST', '/oauth/token', form, {
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(answer.status).toBe(200);
    bench.clock.advance(5400 * 1000 - 1);
    expect((await bench.call('GET', VENDORS)).status).toBe(200);
    bench.clock.advance(1);
    const expired = await bench.call('GET', VENDORS);
    expect([expired.status, errorsOf(expired)]).toEqual([401, 'The access token is invalid']);
  });

  test('multipart bodies and HTTP Basic, as real clients send them', async () => {
    const post = (
      body: FormData | URLSearchParams,
      headers: Record<string, string> = {},
    ): Promise<Response> => fetch(`${bench.apiUrl}/oauth/token`, { method: 'POST', body, headers });
    const multipart = new FormData();
    for (const [name, value] of Object.entries({ grant_type: 'client_credentials', ...CLIENT }))
      multipart.set(name, value);
    expect((await post(multipart)).status).toBe(200);

    const grant = new URLSearchParams({ grant_type: 'client_credentials' });
    const basic = (text: string): Record<string, string> => ({
      authorization: `Basic ${Buffer.from(text).toString('base64')}`,
    });
    expect((await post(grant, basic('tieback-demo:demo-secret'))).status).toBe(200);
    expect((await post(grant, basic('tieback%2Ddemo:demo-secret'))).status).toBe(200);
    expect((await post(grant, basic('tieback-demo:wrong'))).status).toBe(401);
    expect((await post(grant)).status).toBe(401);
    // The secret of a Basic header never reaches the log.
    expect(JSON.stringify(bench.sim.requestLog())).not.toContain('demo-secret');
  });

  test('wrong secret and unknown grant', async () => {
    const wrong = await bench.raw('POST', '/oauth/token', {
      grant_type: 'client_credentials',
      ...CLIENT,
      client_secret: 'no',
    });
    expect([wrong.status, (wrong.body as { error: string }).error]).toEqual([401, 'invalid_client']);
    const grant = await bench.raw('POST', '/oauth/token', { grant_type: 'password', ...CLIENT });
    expect([grant.status, (grant.body as { error: string }).error]).toEqual([400, 'unsupported_grant_type']);
  });

  test('a refresh token works once and brings a new pair', async () => {
    const pair = await bench.control.issueUserToken(42);
    const refresh = (token?: string): Promise<Answer> =>
      bench.raw('POST', '/oauth/token', { grant_type: 'refresh_token', refresh_token: token, ...CLIENT });
    const second = await refresh(pair.refresh_token);
    expect(second.body).toMatchObject({ refresh_token: expect.any(String) as string });
    const again = await refresh(pair.refresh_token);
    expect([again.status, (again.body as { error: string }).error]).toEqual([400, 'invalid_grant']);
    const old = await bench.call('GET', VENDORS, undefined, { authorization: `Bearer ${pair.access_token}` });
    expect(old.status).toBe(401);
  });

  test('the answer of a refresh can be lost, and the old token is dead all the same', async () => {
    const pair = await bench.control.issueUserToken(42);
    bench.sim.addFault({ kind: 'drop-reply', match: { path: '^/oauth/token$' } });
    const body = { grant_type: 'refresh_token', refresh_token: pair.refresh_token, ...CLIENT };
    await expect(bench.raw('POST', '/oauth/token', body)).rejects.toThrow();
    expect((await bench.raw('POST', '/oauth/token', body)).status).toBe(400);
  });

  test('info and revoke', async () => {
    bench.clock.advance(60_000);
    const info = await bench.raw('GET', '/oauth/token/info', undefined, {
      authorization: `Bearer ${bench.token}`,
    });
    expect(info.body).toMatchObject({
      resource_owner_id: 9001,
      expires_in_seconds: 5340,
      application: { uid: 'tieback-demo' },
    });
    expect((await bench.raw('POST', '/oauth/revoke', { token: bench.token, ...CLIENT })).status).toBe(200);
    expect((await bench.raw('POST', '/oauth/revoke', { token: 'unknown', ...CLIENT })).status).toBe(200);
    expect((await bench.call('GET', VENDORS)).status).toBe(401);
    await bench.login();
    await bench.control.revokeAllTokens();
    expect((await bench.call('GET', VENDORS)).status).toBe(401);
  });

  test('secrets do not reach the request log', () => {
    expect(JSON.stringify(bench.sim.requestLog())).not.toContain('demo-secret');
  });
});

describe('company header', () => {
  test('missing, unknown, other company, disconnected', () =>
    withBench(
      {
        companies: [
          { id: COMPANY, name: 'A' },
          { id: 7, name: 'B' },
        ],
      },
      async (bench) => {
        const auth = { authorization: `Bearer ${bench.token}` };
        const missing = await bench.raw('GET', VENDORS, undefined, auth);
        expect([missing.status, errorsOf(missing)]).toEqual([400, 'Missing Procore-Company-Id header!']);
        const unknown = await bench.call('GET', VENDORS, undefined, { 'procore-company-id': '1' });
        expect([unknown.status, errorsOf(unknown)]).toEqual([403, 'App is not connected to this company']);
        bench.sim.seedVendors([{ name: 'Of B' }], 7);
        const other = await bench.call('GET', '/rest/v1.0/vendors?company_id=7', undefined, {
          'procore-company-id': '7',
        });
        expect(other.body).toHaveLength(1);
        expect((await bench.call('GET', VENDORS)).body).toHaveLength(0);
        await bench.control.setConnected(7, false);
        const off = await bench.call('GET', '/rest/v1.0/vendors?company_id=7', undefined, {
          'procore-company-id': '7',
        });
        expect(off.status).toBe(403);
        await bench.call('GET', '/rest/v1.0/vendors?company_id=7');
        expect(bench.sim.violations().map((v) => [v.kind, v.message])).toEqual([
          ['missing-header', expect.any(String)],
          ['company-mismatch', `header names 1, the call ${COMPANY}`],
          ['company-mismatch', `header names ${COMPANY}, the call 7`],
        ]);
      },
    ));

  test('a person may ask for me and companies without it, a service account may not', () =>
    withBench({}, async (bench) => {
      const person = await bench.control.issueUserToken(42);
      const auth = { authorization: `Bearer ${person.access_token}` };
      expect((await bench.raw('GET', '/rest/v1.0/me', undefined, auth)).body).toMatchObject({ id: 42 });
      expect((await bench.raw('GET', '/rest/v1.0/companies', undefined, auth)).body).toMatchObject([
        { id: COMPANY },
      ]);
      const service = { authorization: `Bearer ${bench.token}` };
      expect((await bench.raw('GET', '/rest/v1.0/me', undefined, service)).status).toBe(400);
      expect((await bench.call('GET', '/rest/v1.0/me')).body).toMatchObject({ id: 9001 });
    }));
});

describe('pagination', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await new Bench().start();
    bench.sim.seedVendors(Array.from({ length: 230 }, (_, n) => ({ name: `Vendor ${n}` })));
  });
  afterAll(() => bench.stop());

  function rels(answer: Answer): string[] {
    return [...(answer.headers.get('link') ?? '').matchAll(/rel="(\w+)"/g)].map((m) => m[1] ?? '');
  }

  test('default size, headers, and the links of each page', async () => {
    const first = await bench.call('GET', VENDORS);
    expect(first.body).toHaveLength(100);
    expect([first.headers.get('total'), first.headers.get('per-page')]).toEqual(['230', '100']);
    expect(rels(first)).toEqual(['next', 'last']);
    expect(rels(await bench.call('GET', `${VENDORS}&page=2`))).toEqual(['first', 'next', 'last']);
    const last = await bench.call('GET', `${VENDORS}&page=3`);
    expect(last.body).toHaveLength(30);
    expect(rels(last)).toEqual(['first', 'prev']);
  });

  test('following next sees every row once', async () => {
    const seen = new Set<number>();
    let url: string | undefined = `${VENDORS}&per_page=50`;
    while (url !== undefined) {
      const answer: Answer = await bench.call('GET', url.replace(bench.apiUrl, ''));
      for (const row of answer.body as { id: number }[]) seen.add(row.id);
      url = /<([^>]+)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1];
    }
    expect(seen.size).toBe(230);
  });

  test('per_page is capped at 2000', async () => {
    const answer = await bench.call('GET', `${VENDORS}&per_page=9999`);
    expect(answer.headers.get('per-page')).toBe('2000');
  });
});

describe('rate limits', () => {
  test('the spike window first, then the hourly one is nearer', () =>
    withBench({ rateLimit: { hourly: 30 } }, async (bench) => {
      let answer = await bench.call('GET', VENDORS);
      expect(answer.headers.get('x-rate-limit-limit')).toBe('25');
      expect(answer.headers.get('x-rate-limit-remaining')).toBe('24');
      expect(answer.headers.get('x-rate-limit-reset')).toBe(String(bench.clock.now() / 1000 + 10));
      for (let n = 1; n < 25; n += 1) answer = await bench.call('GET', VENDORS);
      expect(answer.headers.get('x-rate-limit-remaining')).toBe('0');
      answer = await bench.call('GET', VENDORS);
      expect([answer.status, answer.body]).toEqual([429, RATE_LIMIT_TEXT]);
      expect(answer.headers.get('x-rate-limit-limit')).toBe('25');
      expect(answer.headers.get('retry-after')).toBeNull();
      bench.clock.advance(10_000);
      answer = await bench.call('GET', VENDORS);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('x-rate-limit-limit')).toBe('30');
      expect(answer.headers.get('x-rate-limit-remaining')).toBe('4');
      for (let n = 0; n < 5; n += 1) answer = await bench.call('GET', VENDORS);
      expect(answer.status).toBe(429);
      bench.clock.advance(3_600_000);
      await bench.login();
      expect((await bench.call('GET', VENDORS)).status).toBe(200);
    }));

  test('optional Retry-After and JSON body', () =>
    withBench({ rateLimit: { spike: 1, retryAfterHeader: true, jsonBody: true } }, async (bench) => {
      await bench.call('GET', VENDORS);
      bench.clock.advance(4000);
      const answer = await bench.call('GET', VENDORS);
      expect([answer.status, errorsOf(answer)]).toEqual([429, RATE_LIMIT_TEXT]);
      expect(answer.headers.get('retry-after')).toBe('6');
    }));

  test('503 switch', () =>
    withBench({}, async (bench) => {
      await bench.control.setUnavailable(17);
      const answer = await bench.call('GET', VENDORS);
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '17']);
      await bench.control.setUnavailable(null);
      expect((await bench.call('GET', VENDORS)).status).toBe(200);
    }));
});

describe('documented requests only', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await new Bench().start();
  });
  afterEach(() => bench.stop());

  function kinds(): [string, string][] {
    return bench.sim.violations().map((v) => [v.kind, v.where]);
  }

  test('unknown path and method answer 404', async () => {
    expect((await bench.call('GET', '/rest/v1.0/nothing')).status).toBe(404);
    expect((await bench.call('DELETE', VENDORS)).status).toBe(404);
    expect(kinds().map(([kind]) => kind)).toEqual(['unknown-operation', 'unknown-operation']);
  });

  test('whatever is in the catalogue is known: played, refused for its own reason, or 501 with a sentence', async () => {
    const published = loadOperations().filter(({ path }) => path.startsWith('/rest/'));
    const unplayed: string[] = [];
    for (const { method, path } of published) {
      const body = method === 'GET' ? undefined : {};
      const answer = await bench.call(
        method,
        path.replace('{company_id}', String(COMPANY)).replace(/\{\w+\}/g, '1'),
        body,
      );
      expect(`${method} ${path} ${JSON.stringify(answer.body)}`).not.toContain('No route matches');
      if (answer.status === 501) unplayed.push(String(errorsOf(answer)));
    }
    expect(unplayed.length).toBeLessThan(published.length / 10);
    const other = await bench.call('GET', '/rest/v1.0/change_events/7');
    for (const sentence of [...unplayed, String(errorsOf(other))])
      expect(sentence).toMatch(/^Procore has [A-Z]+ \/rest\/\S+, but this simulator does not play it$/);
    expect(other.status).toBe(501);
  });

  test('unknown, missing and mistyped parts are recorded', async () => {
    await bench.call('GET', `${VENDORS}&colour=red&view=pretty`);
    await bench.call('POST', '/rest/v1.0/vendors', {
      company_id: COMPANY,
      vendor: { name: 'X', prequalified: 'yes', nickname: 'x', bidding: { small_business: 1 } },
    });
    await bench.call('POST', '/rest/v1.0/vendors', { vendor: { name: 'Y' } });
    expect(kinds()).toEqual([
      ['unknown-query-parameter', 'colour'],
      ['wrong-value', 'view'],
      ['wrong-type', '$.vendor.prequalified'],
      ['unknown-body-field', '$.vendor.nickname'],
      ['wrong-type', '$.vendor.bidding.small_business'],
      ['missing-body-field', '$.company_id'],
    ]);
  });

  test('a required query parameter that is missing is refused and recorded', async () => {
    expect((await bench.call('GET', '/rest/v1.0/vendors')).status).toBe(400);
    expect(kinds()).toEqual([['missing-query-parameter', 'company_id']]);
  });

  test('JSON that is none', async () => {
    const answer = await bench.call('POST', '/rest/v1.0/vendors', '{"vendor":');
    expect(answer.status).toBe(400);
  });

  test('documented collections without rules of their own keep what they are sent', async () => {
    const sync = '/rest/v1.0/tax_types/sync';
    const updates = [{ name: 'VAT', origin_id: '1|1' }];
    const first = await bench.call('PATCH', sync, { company_id: COMPANY, updates });
    const second = await bench.call('PATCH', sync, { company_id: COMPANY, updates });
    const id = (answer: Answer): unknown => (answer.body as { entities: { id: number }[] }).entities[0]?.id;
    expect(id(first)).toEqual(expect.any(Number));
    expect(id(second)).toBe(id(first));
    expect(bench.sim.state().companies[0]?.other['/rest/v1.0/tax_types']).toHaveLength(1);
  });
});
