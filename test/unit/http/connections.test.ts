import { setImmediate as turn } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Area } from '../../../src/desk/connections/doctor';
import { ConnectionRoom } from '../../../src/desk/connections/room';
import type { WatchedRuns } from '../../../src/desk/connections/standing';
import { Store } from '../../../src/store/store';
import { doorWith } from './door';
import { grant, visitorsWith } from './visitors';

const NOW = '2026-11-30T12:00:00.000Z';
const HOUR = 3_600_000;
const before = (ms: number): string => new Date(Date.parse(NOW) - ms).toISOString();
const FRESH: WatchedRuns = {
  since: before(24 * HOUR),
  isPaused: false,
  next: before(-HOUR),
  running: null,
  last: { endedAt: before(60_000), problem: null },
};

let store: Store;
let app: FastifyInstance;
let room: ConnectionRoom;
let runs: () => Promise<WatchedRuns>;
let examine: (signal: AbortSignal) => Promise<readonly Area[]>;
let reconciled: string[];

beforeEach(async () => {
  store = await Store.open({ type: 'better-sqlite3', file: ':memory:' });
  runs = () => Promise.resolve(FRESH);
  examine = () => Promise.resolve([]);
  reconciled = [];
  for (const id of ['acme', 'birch'])
    await store.transaction('register', id, (t) =>
      t.connections.add({ id, companyId: 1, erpAdapter: 'sample', erpCompany: '1', createdAt: NOW }),
    );
  room = new ConnectionRoom({
    store,
    connections: ['acme', 'birch'].map((id) => ({
      id,
      companyId: 1,
      adapter: 'sample',
      kinds: [{ kind: 'vendor', goalMs: HOUR }],
      payGoalMs: null,
      acceptsForeignOrigins: false,
    })),
    now: () => NOW,
    outside: {
      reconcileRuns: () => runs(),
      payrollRuns: () => runs(),
      intakeRuns: () => runs(),
      callsLeft: () => ({ remaining: { '3600': 3_500 }, inFlight: 0, queued: 0, pausedForMs: 0 }),
    },
    queuesOf: () => ['tieback'],
    examine: (signal) => examine(signal),
    reconcileNow: (id, kind) => Promise.resolve(void reconciled.push(`${id} ${kind}`)),
  });
  app = await doorWith({
    connections: room,
    visitor: visitorsWith({
      root: [grant('admin')],
      adm: [grant('admin', ['acme'])],
      vic: [grant('viewer', ['birch'], [7])],
    }),
  });
});
afterEach(async () => {
  await app.close();
  await room.stop();
  await store.close();
});

const daemon = (beatAt: string): Promise<void> =>
  store.transaction('beat', null, async (t) => {
    const row = {
      id: 'd',
      host: 'app01',
      pid: 1,
      version: '1',
      queues: ['tieback'],
      startedAt: before(HOUR),
    };
    await t.daemons.beat({ ...row, beatAt, problem: null, stoppedAt: null });
  });

interface Listed {
  readonly connections: readonly { readonly id: string; readonly state: string; readonly sentence: string }[];
}
const list = async (as = 'root'): Promise<Listed['connections']> =>
  (await app.inject({ url: '/api/connections', headers: { authorization: `Bearer ${as}` } })).json<Listed>()
    .connections;
const post = (url: string, as: string, payload?: object) =>
  app.inject({
    method: 'POST',
    url: `/api/connections${url}`,
    headers: { authorization: `Bearer ${as}` },
    ...(payload === undefined ? {} : { payload }),
  });

test('a connection is on time, late or down, with the one sentence that says why', async () => {
  const [down] = await list();
  expect(down).toMatchObject({ state: 'down', sentence: 'No daemon works this connection.' });
  await daemon(before(1_000));
  expect((await list())[0]).toMatchObject({ state: 'on_time', callsLeft: { remaining: { '3600': 3_500 } } });
  runs = () => Promise.resolve({ ...FRESH, last: { endedAt: before(2 * HOUR), problem: null } });
  expect((await list())[0]).toMatchObject({
    state: 'late',
    sentence: 'vendors are late: no run has come since.',
    reconciles: [{ kind: 'vendor', state: 'late', next: FRESH.next }],
  });
  runs = () => Promise.reject(new Error('no connection'));
  expect((await list())[0]).toMatchObject({
    state: 'down',
    sentence: 'Temporal does not answer: no connection.',
  });
});

test('who sees a part of one connection sees that one alone', async () => {
  expect((await list('vic')).map(({ id }) => id)).toEqual(['birch']);
});

test('admins pause, resume and start a reconcile; nobody else does', async () => {
  await daemon(before(1_000));
  const asked = (action: string): object => ({ kind: 'vendor', action, comment: 'month end' });
  expect((await post('/acme/reconcile', 'adm', asked('pause'))).statusCode).toBe(200);
  expect((await list())[0]).toMatchObject({
    sentence: 'vendors rest: adm paused them.',
    reconciles: [{ state: 'paused', paused: { by: 'adm', comment: 'month end' } }],
  });
  expect((await post('/acme/reconcile', 'adm', asked('resume'))).statusCode).toBe(200);
  expect((await post('/acme/reconcile', 'adm', asked('now'))).statusCode).toBe(200);
  expect(reconciled).toEqual(['acme vendor']);
  expect((await post('/birch/reconcile', 'adm', asked('now'))).statusCode).toBe(404);
  expect((await post('/birch/reconcile', 'vic', asked('now'))).statusCode).toBe(403);
  expect((await post('/acme/reconcile', 'adm', { kind: 'project', action: 'now' })).statusCode).toBe(409);
  const actions = await store.read('log', async (t) => {
    const links = await t.audit.linksAfter('acme', null, { take: 10 });
    return links.flatMap(({ entries }) => entries.map(({ entry }) => entry.action));
  });
  expect(actions).toEqual(['reconcile.paused', 'reconcile.resumed']);
});

test('the doctor is a job: worst first, and three lines where all is well', async () => {
  const get = async (): Promise<unknown> =>
    (await app.inject({ url: '/api/connections/doctor', headers: { authorization: 'Bearer root' } })).json();
  const finding = (name: string, status: 'ok' | 'warning' | 'failed') => ({
    name,
    status,
    detail: '',
    hint: null,
  });
  examine = () =>
    Promise.resolve([
      { name: 'Store', findings: [finding('a', 'ok'), finding('b', 'warning')] },
      { name: 'Network', findings: [finding('c', 'failed')] },
    ]);
  expect(await get()).toEqual({ job: null });
  expect((await post('/doctor', 'adm')).statusCode).toBe(403);
  expect((await post('/doctor', 'root')).statusCode).toBe(202);
  await turn();
  expect(await get()).toMatchObject({
    job: {
      state: 'done',
      result: { isWell: false, trouble: [{ name: 'c', area: 'Network' }, { name: 'b' }] },
    },
  });
  examine = () => Promise.resolve([{ name: 'Store', findings: [finding('a', 'ok')] }]);
  await post('/doctor', 'root');
  await turn();
  expect(await get()).toMatchObject({
    job: {
      result: {
        isWell: true,
        summary: ['All is well.', '1 checks: 1 well, 0 could not be asked.', 'Looked at: Store.'],
      },
    },
  });
});

test('a doctor who is at work is called off when the daemon stops', async () => {
  examine = (signal) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    });
  await post('/doctor', 'root');
  await room.stop();
  const answer = await app.inject({
    url: '/api/connections/doctor',
    headers: { authorization: 'Bearer root' },
  });
  expect(answer.json()).toMatchObject({ job: { state: 'cancelled' } });
});
