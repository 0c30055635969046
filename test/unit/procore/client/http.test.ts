import { can, ClientBench, COMPANY, failure } from '../../../support/procore/client';
import type { Outcome } from '../../../support/procore/scripted-server';
import { cut, drop, never } from '../../../support/procore/scripted-server';

let bench: ClientBench;
beforeEach(async () => {
  bench = await new ClientBench().start();
});
afterEach(() => bench.stop());

const ME = { body: { id: 7, name: 'Tieback' } };
/** A write that must not be repeated blindly. */
const create = () =>
  bench.company().hooks.createTrigger(5, { resourceName: 'ERP Requests', eventType: 'create' });
/** A write that may be repeated. */
const update = () => bench.company().ties.set([{ itemType: 'vendor', itemId: 5, originId: 'vendor|1|9' }]);
const read = () => bench.company().me();

describe('headers', () => {
  test('the company goes along with every call', async () => {
    bench.server.script = () => ME;
    await bench.app().company(123).me();
    const { headers } = bench.server.received[0] ?? {};
    expect(headers).toMatchObject({ 'procore-company-id': '123', accept: 'application/json' });
    expect(headers).not.toHaveProperty('idempotency-token');
  });

  test.each([0, -1, 1.5, Number.NaN, 2 ** 53])(
    'company id %s is refused before anything is sent',
    async (id) => {
      const app = bench.app();
      expect(() => app.company(id)).toThrow('companyId must be a positive whole number');
      expect(bench.server.received).toHaveLength(0);
    },
  );

  test('closing a detail carries a key that is the same for a repetition', async () => {
    const company = bench.company();
    const closing = { detailId: 77, status: 'success', messages: [] } as const;
    await company.details.close([closing]);
    await company.details.close([closing]);
    const keys = bench.server.received.map(({ headers }) => headers['idempotency-token']);
    expect(keys).toEqual(['request-detail-77-success', 'request-detail-77-success']);
  });
});

describe('answers with an error status', () => {
  test.each([
    [400, 'PROCORE_REQUEST_INVALID'],
    [403, 'PROCORE_FORBIDDEN'],
    [404, 'PROCORE_NOT_FOUND'],
    [405, 'PROCORE_REQUEST_INVALID'],
    [406, 'PROCORE_REQUEST_INVALID'],
    [408, 'PROCORE_UNREACHABLE'],
    [409, 'PROCORE_REFUSED'],
    [410, 'PROCORE_REFUSED'],
    [413, 'PROCORE_REFUSED'],
    [418, 'PROCORE_REQUEST_INVALID'],
    [422, 'PROCORE_REFUSED'],
    [500, 'PROCORE_UNREACHABLE'],
    [504, 'PROCORE_UNREACHABLE'],
    [302, 'PROCORE_REQUEST_INVALID'],
  ])('%s of a read is %s', async (status, code) => {
    bench.server.script = () => ({
      status,
      body: { errors: { name: ['is bad'] } },
      headers: { location: '/other' },
    });
    const error = await failure(read());
    expect(error).toMatchObject({ code });
    expect(error.message).toContain('me.show');
    expect(error.message).toContain('name: is bad');
  });

  test('a 5xx on a write that may not be repeated leaves the outcome unknown', async () => {
    bench.server.script = () => ({ status: 502, body: 'bad gateway' });
    expect(await failure(create())).toMatchObject({
      code: 'PROCORE_OUTCOME_UNKNOWN',
      class: 'unknown_outcome',
    });
    expect(bench.server.received).toHaveLength(1);
  });

  test.each([
    ['a read', read, ME],
    ['a repeatable write', update, { body: { entities: [], errors: [] } }],
  ])('%s is tried again after a 5xx, with growing pauses', async (_, call, good) => {
    bench.server.replies({ status: 500 }, { status: 502 }, { status: 504 }, good);
    await call();
    expect(bench.server.received).toHaveLength(4);
    expect(bench.time.slept).toEqual([188, 375, 750]);
  });
});

describe('limits', () => {
  test('a short 429 is sat out, for any call', async () => {
    bench.server.replies(
      { status: 429, body: 'slow', headers: { 'retry-after': '3' } },
      { status: 201, body: {} },
    );
    await create();
    expect(bench.server.received).toHaveLength(2);
    expect(bench.time.slept.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThanOrEqual(3_000);
  });

  test('a long 429 is thrown with the time to wait', async () => {
    bench.server.script = () => ({ status: 429, body: 'slow', headers: { 'retry-after': '600' } });
    const error = await failure(read());
    expect(error).toMatchObject({ code: 'PROCORE_THROTTLED', class: 'busy' });
    expect(error.retryAfterMs).toBeGreaterThanOrEqual(600_000);
    expect(bench.server.received).toHaveLength(1);
  });

  test('a 503 is thrown for a write that may not be repeated', async () => {
    bench.server.script = () => ({ status: 503, headers: { 'retry-after': '2' } });
    expect(await failure(create())).toMatchObject({ code: 'PROCORE_UNAVAILABLE' });
    expect(bench.server.received).toHaveLength(1);
  });

  test('every attempt counts', async () => {
    const headers = (remaining: number) => ({
      'x-rate-limit-limit': '25',
      'x-rate-limit-remaining': String(remaining),
      'x-rate-limit-reset': String(Math.ceil(bench.time.now() / 1000) + 10),
    });
    const app = bench.app();
    bench.server.script = (_, count) => ({
      ...(count === 1 ? { status: 500 } : ME),
      headers: headers(25 - count),
    });
    await app.company(COMPANY).me();
    expect(app.limits().remaining).toEqual({ 25: 23 });
  });
});

describe('names of users', () => {
  test('each is asked once; one that the directory does not show has none', async () => {
    bench.server.script = ({ path }) =>
      path.endsWith('/users/7') ? { body: { id: 7, name: 'Rosa Lindqvist' } } : { status: 404, body: {} };
    const company = bench.company();
    for (const id of [7, 8, 7, 8])
      expect(await company.userName(id)).toBe(id === 7 ? 'Rosa Lindqvist' : null);
    expect(bench.server.received.map(({ path }) => path)).toEqual([
      `/rest/v1.3/companies/${COMPANY}/users/7`,
      `/rest/v1.3/companies/${COMPANY}/users/8`,
    ]);
  });

  test('what failed is asked again', async () => {
    bench.server.replies({ status: 400, body: {} }, { body: { id: 7, name: 'Rosa Lindqvist' } });
    const company = bench.company({ retry: { retries: 0 } });
    await expect(company.userName(7)).rejects.toThrow();
    expect(await company.userName(7)).toBe('Rosa Lindqvist');
  });
});

describe('no usable answer', () => {
  test('nobody listens', async () => {
    await bench.server.stop();
    for (const call of [read, create]) {
      const error = await failure(bench.app({ apiUrl: bench.server.url }) && call());
      expect(error).toMatchObject({ code: 'PROCORE_UNREACHABLE', class: 'transient' });
      expect(error.message).toContain('ECONNREFUSED');
    }
  });

  test.each<[string, Outcome, () => Promise<unknown>, string, number]>([
    ['dropped read', drop, read, 'PROCORE_UNREACHABLE', 4],
    ['dropped repeatable write', drop, update, 'PROCORE_UNREACHABLE', 4],
    ['dropped write', drop, create, 'PROCORE_OUTCOME_UNKNOWN', 1],
    ['half a body', cut, read, 'PROCORE_ANSWER_INVALID', 4],
    ['half a body after a write', cut, create, 'PROCORE_OUTCOME_UNKNOWN', 1],
    ['no JSON', { body: '{"id": 7, "na' }, read, 'PROCORE_ANSWER_INVALID', 1],
    ['HTML', { body: '<html>login</html>' }, read, 'PROCORE_ANSWER_INVALID', 1],
    ['an empty body', {}, read, 'PROCORE_ANSWER_INVALID', 1],
    ['another shape', { body: [1] }, read, 'PROCORE_ANSWER_INVALID', 1],
  ])('%s', async (_, outcome, call, code, attempts) => {
    bench.server.script = () => outcome;
    expect(await failure(call())).toMatchObject({ code });
    expect(bench.server.received).toHaveLength(attempts);
  });

  test('a server that accepts and never answers', async () => {
    bench.server.script = () => never;
    const company = bench.company({ requestTimeoutMs: 60, retry: { retries: 0 } });
    expect(await failure(company.me())).toMatchObject({ code: 'PROCORE_UNREACHABLE' });
    const trigger = company.hooks.createTrigger(5, { resourceName: 'ERP Requests', eventType: 'create' });
    expect(await failure(trigger)).toMatchObject({ code: 'PROCORE_OUTCOME_UNKNOWN' });
  });

  test('a time-out ends an attempt, not the retries', async () => {
    bench.server.replies(never, ME);
    expect(await bench.company({ requestTimeoutMs: 200 }).me()).toMatchObject({ id: 7 });
  });

  test('a body beyond the limit', async () => {
    bench.server.script = () => ({ body: { id: 7, name: 'x'.repeat(5_000) } });
    const error = await failure(bench.company({ maxAnswerBytes: 1_000, retry: { retries: 0 } }).me());
    expect(error).toMatchObject({ code: 'PROCORE_ANSWER_TOO_LARGE' });
    // Asking again would bring the same.
    expect(bench.server.received.filter(({ path }) => path.endsWith('/me'))).toHaveLength(1);
  });
});

test('the token never follows a link to another host', async () => {
  const row = (id: number) => ({ id, name: `v${id}` });
  bench.server.script = () => ({
    body: [row(1)],
    headers: { link: '<http://elsewhere.example/p2>; rel="next"' },
  });
  const read = can(bench.company(), 'line_item_type', 'readChanged');
  const pages = read(null, {})[Symbol.asyncIterator]();
  await pages.next();
  expect((await failure(pages.next())).message).toContain(
    'a link points to another host (elsewhere.example)',
  );
});

test('logs say what was called, not what was sent', async () => {
  bench.server.script = () => ({ ...ME, headers: { 'x-request-id': 'abc' } });
  await read();
  expect(bench.logged.at(-1)).toContain('"operation":"me.show","status":200');
  expect(bench.logged.at(-1)).toContain('"requestId":"abc"');
  expect(bench.logged.join()).not.toContain(String(COMPANY));
});
