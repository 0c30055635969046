import { hostname } from 'node:os';
import { BEAT_MS, listDaemons, lives } from '../../src/desk/daemons';
import { Heartbeat } from '../../src/heartbeat';
import type { DaemonRow } from '../../src/store/rows';
import { Store } from '../../src/store/store';
import { silentLogger } from '../../src/telemetry/logger';

let store: Store;
let now: string;
let problem: string | null;

beforeEach(async () => {
  store = await Store.open({ type: 'better-sqlite3', file: ':memory:' });
  now = '2026-03-09T15:30:00.000Z';
  problem = 'connecting to Temporal';
});

const start = (logger = silentLogger): Heartbeat =>
  new Heartbeat({ store, logger, now: () => now, queues: ['tieback'], problem: () => problem });

const later = (ms: number): void => {
  now = new Date(Date.parse(now) + ms).toISOString();
};

const other = (more: Partial<DaemonRow>): DaemonRow => ({
  id: 'other',
  host: hostname(),
  pid: 1,
  version: '0.1.0',
  queues: ['tieback'],
  startedAt: now,
  beatAt: now,
  problem: null,
  stoppedAt: null,
  ...more,
});

test('one row tells who works, whether it works, and that it stopped', async () => {
  const heartbeat = start();
  later(BEAT_MS);
  problem = null;
  heartbeat.beat();
  later(1000);
  await heartbeat.stop();
  const [row, ...rest] = await listDaemons(store);
  expect(rest).toEqual([]);
  expect(row).toMatchObject({
    host: hostname(),
    pid: process.pid,
    queues: ['tieback'],
    startedAt: '2026-03-09T15:30:00.000Z',
    problem: null,
    stoppedAt: now,
  });
  await store.close();
});

test('a store that cannot be written to stops nothing', async () => {
  await store.close();
  const said: string[] = [];
  const heartbeat = start({ ...silentLogger, warn: (message: string) => void said.push(message) });
  heartbeat.beat();
  await heartbeat.stop();
  expect(said).toEqual(['The store does not learn that this daemon lives']);
});

test.each<[string, Partial<DaemonRow>, boolean]>([
  ['was killed here before', { beatAt: '2026-03-09T15:29:00.000Z' }, true],
  ['was stopped here', { stoppedAt: '2026-03-09T15:29:59.000Z' }, true],
  ['lives', {}, false],
  [
    'served a queue that this one does not',
    { queues: ['erp-acme'], beatAt: '2026-03-09T15:00:00.000Z' },
    false,
  ],
  ['was killed elsewhere', { host: 'elsewhere', beatAt: '2026-03-08T15:30:00.000Z' }, false],
  ['was heard of last a week ago', { host: 'elsewhere', beatAt: '2026-03-02T15:29:00.000Z' }, true],
])('one that %s', async (_what, more, forgotten) => {
  await store.transaction('seed', null, (t) => t.daemons.beat(other(more)));
  await start().stop();
  const left = await listDaemons(store);
  expect(left.some(({ id }) => id === 'other')).toBe(!forgotten);
  await store.close();
});

test('one lives while it was heard of within three beats', () => {
  const row = other({});
  const at = (ms: number): Date => new Date(Date.parse(now) + ms);
  expect([0, 3 * BEAT_MS, 3 * BEAT_MS + 1].map((ms) => lives(row, at(ms)))).toEqual([true, true, false]);
});
