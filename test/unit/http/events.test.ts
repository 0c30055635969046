import type { FastifyInstance, FastifyRequest } from 'fastify';
import Fastify from 'fastify';
import type { Listener } from '../../../src/desk/live/watch';
import { DeskRefusal } from '../../../src/desk/refusal';
import type { Position } from '../../../src/domain/live/topics';
import type { Visitor } from '../../../src/domain/people/access';
import { deskApi } from '../../../src/http/api/api';
import type { EventLimits } from '../../../src/http/api/events';
import { eventsFeature } from '../../../src/http/api/events';

const LIMITS: EventLimits = { beatMs: 60_000, perPerson: 2, inAll: 3, unread: 256 * 1024 };
const POSITION: Position = { at: '2026-03-09T15:30:00.000Z', heads: { acme: 12, larkspur: 7 } };
const ID = `${Date.parse(POSITION.at)},acme:12`;

/** The door with its streams, on a real port, and what the store would tell. */
class Stage {
  readonly listeners = new Set<Listener>();
  readonly since: (Position | null)[] = [];
  /** Nobody any more, when their name is here. */
  readonly out = new Set<string>();
  private app: FastifyInstance = Fastify({ forceCloseConnections: true });
  private url = '';

  async start(limits: Partial<EventLimits> = {}): Promise<void> {
    const source = {
      visitor: ({ headers: { authorization = '' } }: FastifyRequest) => {
        const id = authorization.replace('Bearer ', '');
        if (this.out.has(id)) return Promise.reject(new DeskRefusal('NOT_LOGGED_IN', 'Who are you?'));
        const visitor: Visitor = {
          id,
          name: null,
          identity: null,
          via: 'token',
          expiresAt: '',
          grants: [{ role: 'viewer', connections: ['acme'], projects: null }],
        };
        return Promise.resolve(visitor);
      },
      live: {
        position: POSITION,
        join: (listener: Listener, since: Position | null) => {
          this.since.push(since);
          this.listeners.add(listener);
          return Promise.resolve(() => void this.listeners.delete(listener));
        },
      },
    };
    await this.app.register(deskApi(source, [eventsFeature(source, { ...LIMITS, ...limits })]));
    this.url = await this.app.listen({ host: '127.0.0.1', port: 0 });
  }

  get(person: string, { path = '', last }: { path?: string; last?: string } = {}): Promise<Response> {
    return fetch(`${this.url}/api/events${path}`, {
      headers: {
        authorization: `Bearer ${person}`,
        ...(last === undefined ? {} : { 'last-event-id': last }),
      },
    });
  }

  tell(id: string): void {
    const change = { topic: 'request', connection: 'acme', id, projectId: null } as const;
    for (const listener of this.listeners) listener({ changes: [change], position: POSITION });
  }

  close = (): Promise<void> => this.app.close();
}

/** Reads a stream until this stands in it, or it ends. */
async function readTo(response: Response, wanted: string | null): Promise<string> {
  let text = '';
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += new TextDecoder().decode(chunk);
    if (wanted !== null && text.includes(wanted)) break;
  }
  return text;
}

/** Waits for what the other end of a connection has to hear first. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
afterEach(() => stage.close());

test('changes are told as ids, with the place to go on from; proxies and caches keep nothing', async () => {
  await stage.start();
  const response = await stage.get('maria');
  expect(response.status).toBe(200);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
  });
  stage.tell('erp/640018');
  const text = await readTo(response, 'erp/640018"}]\n\n');
  expect(text).toBe(
    'retry: 3000\n\n' +
      `id: ${ID}\nevent: beat\ndata: {}\n\n` +
      `id: ${ID}\nevent: change\ndata: [{"topic":"request","connection":"acme","id":"erp/640018"}]\n\n`,
  );
  await until(() => stage.listeners.size === 0);
});

test.each([
  ['the header', { last: ID }],
  ['the address', { path: `?after=${encodeURIComponent(ID)}` }],
])('it goes on from where %s says', async (_what, from) => {
  await stage.start();
  const response = await stage.get('maria', from);
  await readTo(response, 'beat');
  expect(stage.since).toEqual([{ at: POSITION.at, heads: { acme: 12 } }]);
});

test.each(['nonsense', '1,acme:12\n', `${'9'.repeat(20)}`, '1,ACME:1'])(
  '%j is no place to go on from',
  async (last) => {
    await stage.start();
    await readTo(await stage.get('maria', { path: `?after=${encodeURIComponent(last)}` }), 'beat');
    expect(stage.since).toEqual([null]);
  },
);

test('nobody hears without saying who they are', async () => {
  await stage.start();
  stage.out.add('nobody');
  expect((await stage.get('nobody')).status).toBe(401);
  expect(stage.since).toEqual([]);
});

test('who is not logged in any more is told at the next beat, and hears nothing after it', async () => {
  await stage.start({ beatMs: 20 });
  const response = await stage.get('maria');
  stage.out.add('maria');
  const text = await readTo(response, null);
  expect(text).toContain('event: out\n');
  expect(text.trimEnd().endsWith('event: out\ndata: {}')).toBe(true);
  await until(() => stage.listeners.size === 0);
});

test('streams are few for one person, and few in all; one that ends makes room', async () => {
  await stage.start();
  const [first, second] = [await stage.get('maria'), await stage.get('maria')];
  expect((await stage.get('maria')).status).toBe(429);
  const third = await stage.get('tom');
  expect((await stage.get('nadia')).status).toBe(429);
  await readTo(first, 'beat');
  await until(() => stage.listeners.size === 2);
  expect((await stage.get('nadia')).status).toBe(200);
  await Promise.all([second, third].map((response) => readTo(response, 'beat')));
});

test('who does not read is sent away, instead of being kept in memory', async () => {
  await stage.start({ unread: 8 * 1024 });
  const response = await stage.get('maria');
  await until(() => stage.listeners.size === 1);
  // Sockets hold some of it before anything gathers here.
  for (let n = 0; n < 200_000 && stage.listeners.size > 0; n += 1) {
    stage.tell(`erp/${n}${'0'.repeat(200)}`);
    if (n % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(stage.listeners.size).toBe(0);
  await response.body?.cancel().catch(() => undefined);
});
