import { request } from 'node:http';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import type { HealthItem } from '../../../src/http/health';
import type { HttpServer } from '../../../src/http/server';
import { startHttp } from '../../../src/http/server';
import type { ReceivedWebhook } from '../../../src/http/webhooks';
import { silentLogger } from '../../../src/telemetry/logger';

let server: HttpServer;
let received: ReceivedWebhook[] = [];
let failure: Error | null = null;
/** What storing waits for. */
let gate: Promise<void> = Promise.resolve();
let entered = 0;
let live: HealthItem[] = [];
let ready: HealthItem[] = [];

beforeAll(async () => {
  server = await startHttp(
    {
      host: '127.0.0.1',
      port: 0,
      limits: { webhooksInHand: 3, requestMs: 400, headersMs: 200, lookEveryMs: 50 },
    },
    {
      logger: silentLogger,
      webhooks: {
        authorizations: (id) => (id === 'acme' ? ['Bearer new', 'Bearer old'] : id === 'open' ? [''] : null),
        receive: async (webhook) => {
          if (failure) throw failure;
          entered += 1;
          await gate;
          received.push(webhook);
        },
      },
      health: { live: () => live, ready: async () => ready },
      plugins: [
        async (app) => {
          app.post('/api/echo', async ({ body }) => ({ type: typeof body, body }));
        },
      ],
    },
  );
});
afterAll(() => server.close());
beforeEach(() => {
  received = [];
  failure = null;
  entered = 0;
});

const post = (path: string, body: string, authorization = 'Bearer new'): Promise<Response> =>
  fetch(`${server.url}${path}`, { method: 'POST', headers: { authorization }, body });

test('both values are accepted while one replaces the other', async () => {
  expect((await post('/webhooks/acme', '{}', 'Bearer new')).status).toBe(204);
  expect((await post('/webhooks/acme', '{}', 'Bearer old')).status).toBe(204);
  expect((await post('/webhooks/acme', '{}', 'Bearer older')).status).toBe(401);
  expect(received).toHaveLength(2);
});

test('a connection whose value is empty takes nothing', async () => {
  expect((await post('/webhooks/open', '{}', '')).status).toBe(401);
  expect((await post('/webhooks/open', '{}', ' ')).status).toBe(401);
  expect(received).toEqual([]);
});

test('an event is handed on as it was read, with its text', async () => {
  const body =
    '{"ulid":"U1","resource_name":"ERP Requests","event_type":"CREATE","resource_id":"7","user_id":5}';
  await post('/webhooks/acme', body);
  expect(received).toEqual([
    {
      connectionId: 'acme',
      eventId: 'U1',
      body,
      delivery: {
        eventId: 'U1',
        resourceName: 'ERP Requests',
        resourceId: 7,
        eventType: 'create',
        companyId: null,
        userId: 5,
        timestamp: null,
      },
    },
  ]);
});

test('what is no event gets an id of its content: the same again is the same', async () => {
  for (const body of ['garbage', 'garbage', 'other garbage', '']) await post('/webhooks/acme', body);
  const [first, second, third, fourth] = received.map(({ eventId }) => eventId);
  expect(first).toMatch(/^unreadable:[0-9a-f]{40}$/);
  expect(second).toBe(first);
  expect(new Set([first, third, fourth]).size).toBe(3);
  expect(received.every(({ delivery }) => delivery === null)).toBe(true);
});

test('bytes that are no text are taken all the same', async () => {
  const answer = await fetch(`${server.url}/webhooks/acme`, {
    method: 'POST',
    headers: { authorization: 'Bearer new', 'content-type': 'application/octet-stream' },
    body: Buffer.from([0xff, 0xfe, 0x00, 0xd8]),
  });
  expect(answer.status).toBe(204);
  expect(received).toHaveLength(1);
});

test('a body in pieces is taken whole', async () => {
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const call = request(
      `${server.url}/webhooks/acme`,
      { method: 'POST', headers: { authorization: 'Bearer new', 'transfer-encoding': 'chunked' } },
      (answer) => resolve(answer.resume().statusCode),
    );
    call.on('error', reject);
    call.write('{"ulid":');
    call.write('"U2"}');
    call.end();
  });
  expect(status).toBe(204);
  expect(received[0]?.eventId).toBe('U2');
});

test('more than a quarter of a megabyte is not kept, but does not stop what comes behind it', async () => {
  expect((await post('/webhooks/acme', 'x'.repeat(257 * 1024))).status).toBe(204);
  expect(received.at(-1)).toMatchObject({ delivery: null, body: '(263168 bytes, not kept)' });
  expect((await post('/webhooks/acme', 'x'.repeat(255 * 1024))).status).toBe(204);
});

test('a store that fails answers 500 without a word about why: Procore tries again', async () => {
  failure = new Error('SQLITE_FULL: secret path /var/lib/x');
  const answer = await post('/webhooks/acme', '{}');
  expect(answer.status).toBe(500);
  expect(await answer.json()).toEqual({ error: 'internal error' });
  failure = null;
  expect((await post('/webhooks/acme', '{}')).status).toBe(204);
});

describe('an API beside the webhooks', () => {
  const json = (body: string, type = 'application/json'): Promise<Response> =>
    fetch(`${server.url}/api/echo`, { method: 'POST', headers: { 'content-type': type }, body });

  test('is given JSON as data', async () => {
    const answer = await json('{"comment":"fine"}');
    expect(await answer.json()).toEqual({ type: 'object', body: { comment: 'fine' } });
  });

  test('refuses what is not JSON, where a webhook takes it', async () => {
    expect((await json('garbage')).status).toBe(400);
    expect((await json('<a/>', 'text/xml')).status).toBe(415);
    expect((await post('/webhooks/acme', 'garbage')).status).toBe(204);
  });
});

/** What a server answers to the beginning of a request, after which nothing more comes, until it closes the connection. */
const answerTo = (head: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url);
    let answer = '';
    connect(Number(port), hostname, function (this: Socket) {
      this.write(head);
    })
      .on('data', (data) => (answer += data.toString()))
      .on('error', reject)
      .on('close', () => resolve(answer));
  });
const head = (path: string, authorization: string): string =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5000\r\nAuthorization: ${authorization}\r\n\r\n{`;

describe('who is not let in', () => {
  test.each([
    ['a wrong header', '/webhooks/acme', /^HTTP\/1.1 401 [\s\S]*connection: close[\s\S]*not authorized/],
    ['an unknown connection', '/webhooks/nobody', /^HTTP\/1.1 401 [\s\S]*connection: close/],
    ['a path that is not there', '/upload', /^HTTP\/1.1 404 [\s\S]*connection: close/],
  ])('%s: answered before the body is read, and the connection is closed', async (_who, path, answer) => {
    expect(await answerTo(head(path, 'Bearer wrong'))).toMatch(answer);
  });
});

describe('who is slow', () => {
  test('a body that does not come is not waited for', async () => {
    expect(await answerTo(head('/webhooks/acme', 'Bearer new'))).toMatch(/^HTTP\/1.1 408 /);
    expect(received).toEqual([]);
  });

  test('headers that do not come are not waited for', async () => {
    expect(await answerTo('POST /webhooks/acme HTTP/1.1\r\nHost: x\r\n')).toMatch(/^HTTP\/1.1 408 /);
  });

  test('nobody who gave up keeps others out', async () => {
    await Promise.all([1, 2, 3, 4].map(() => answerTo(head('/webhooks/acme', 'Bearer new'))));
    expect((await post('/webhooks/acme', '{}')).status).toBe(204);
  });
});

describe('more webhooks than can be stored', () => {
  test('are asked to come again; what was answered with 204 is stored; health is answered', async () => {
    let open: () => void = () => undefined;
    gate = new Promise((resolve) => (open = resolve));
    const bodies = Array.from({ length: 20 }, (_, n) => JSON.stringify({ ulid: `U${n}` }));
    const answers = bodies.map((body) => post('/webhooks/acme', body));
    // With three in hand, seventeen are answered before anything is stored.
    let turnedAway = 0;
    const most = new Promise<void>((resolve) => {
      for (const answer of answers)
        void answer.then(({ status }) => {
          turnedAway += status === 503 ? 1 : 0;
          if (turnedAway === 17) resolve();
        });
    });
    await most;
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
    open();
    const done = await Promise.all(answers);
    const accepted = bodies.filter((_body, n) => done[n]?.status === 204);
    expect(accepted).toHaveLength(3);
    expect(received.map(({ body }) => body).sort()).toEqual([...accepted].sort());
    expect(done.find(({ status }) => status === 503)?.headers.get('retry-after')).toBe('5');
    expect((await post('/webhooks/acme', '{}')).status).toBe(204);
  });

  test('are told so before their body is read, also when the first senders have gone meanwhile', async () => {
    let open: () => void = () => undefined;
    gate = new Promise((resolve) => (open = resolve));
    const gone = new AbortController();
    const first = [1, 2, 3].map((n) =>
      fetch(`${server.url}/webhooks/acme`, {
        method: 'POST',
        headers: { authorization: 'Bearer new' },
        body: `{"ulid":"gone ${n}"}`,
        signal: gone.signal,
      }).catch(() => null),
    );
    while (entered < 3) await new Promise(setImmediate);
    gone.abort();
    await Promise.all(first);
    expect((await post('/webhooks/acme', '{}')).status).toBe(503);
    open();
    while ((await post('/webhooks/acme', '{}')).status !== 204) await new Promise(setImmediate);
  });
});

test('other paths and methods are not there', async () => {
  expect((await fetch(`${server.url}/webhooks/acme`)).status).toBe(404);
  expect((await post('/webhooks', '{}')).status).toBe(404);
  expect((await post('/webhooks/acme/more', '{}')).status).toBe(404);
  expect((await fetch(`${server.url}/`)).status).toBe(404);
});

const item = (ok: boolean): HealthItem => ({ name: 'store', ok, detail: ok ? 'fine' : 'locked' });

test.each([
  ['/health', true, 200, 'ok'],
  ['/health', false, 503, 'not ok'],
  ['/ready', true, 200, 'ok'],
  ['/ready', false, 503, 'not ok'],
])('%s with everything fine = %s: %i', async (path, fine, status, word) => {
  const items = [item(true), item(fine)];
  live = path === '/health' ? items : [item(false)];
  ready = path === '/ready' ? items : [item(false)];
  const answer = await fetch(`${server.url}${path}`);
  expect(answer.status).toBe(status);
  expect(await answer.json()).toEqual({ status: word, checks: items });
});
