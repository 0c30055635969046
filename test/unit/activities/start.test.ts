import { setTimeout as delay } from 'node:timers/promises';
import { startUnstarted } from '../../../src/activities';
import type { ConnectionParts } from '../../../src/activities';
import { newRequest } from '../../../src/store/new-request';
import { Store } from '../../../src/store/store';

const NOW = '2026-03-09T15:30:00.000Z';
const connection = { id: 'acme', procoreQueue: 'procore-main', erpQueue: 'erp-acme' } as ConnectionParts;

const PACE = { limitMs: 60_000, most: Infinity, pause: (ms: number) => delay(ms) };

let store: Store;
beforeEach(async () => {
  store = await Store.open({ type: 'better-sqlite3', file: ':memory:' });
  await store.transaction('seed', 'acme', (t) =>
    t.connections.add({ id: 'acme', companyId: 1, erpAdapter: 'sample', erpCompany: '1', createdAt: NOW }),
  );
});
afterEach(() => store.close());

const seed = (count: number): Promise<void> =>
  store.transaction('seed', 'acme', async (t) => {
    for (let id = 1; id <= count; id += 1) await t.requests.add(newRequest('acme', 'erp', id, NOW));
  });

test('a long backlog is started oldest first, and never so many at a time that a new request waits long behind them', async () => {
  await seed(430);
  const order: string[] = [];
  const queue: string[] = [];
  let most = 0;
  let isOver = false;
  // The workers: they take one after the other as far as a person, who is asked about it.
  const working = (async () => {
    while (!isOver) {
      const id = queue.shift();
      if (id === undefined) await new Promise((resolve) => setTimeout(resolve, 1));
      else
        await store.transaction('work', 'acme', async (t) => {
          const row = await t.requests.get({ connectionId: 'acme', id });
          if (row.started) await t.requests.setStatus(row, 'parked', 'asks a person', NOW);
          else queue.push(id);
        });
    }
  })();
  const startRequest = async ({ id }: { readonly id: string }): Promise<void> => {
    order.push(id);
    queue.push(id);
    most = Math.max(most, queue.length);
  };
  const started = await startUnstarted({ store, startRequest }, connection, PACE);
  isOver = true;
  await working;
  expect(started).toBe(430);
  expect(order).toEqual(Array.from({ length: 430 }, (_, index) => `erp/${index + 1}`));
  expect(most).toBeLessThanOrEqual(150);
});

test('requests whose workflow is gone are started again', async () => {
  await seed(3);
  const order: string[] = [];
  const startRequest = async ({ id }: { readonly id: string }): Promise<void> => void order.push(id);
  await startUnstarted({ store, startRequest }, connection, PACE);
  await store.transaction('gone', 'acme', (t) => t.requests.forgetStarted('acme', ['erp/2']));
  expect(await startUnstarted({ store, startRequest }, connection, PACE)).toBe(1);
  expect(order).toEqual(['erp/1', 'erp/2', 'erp/3', 'erp/2']);
});
