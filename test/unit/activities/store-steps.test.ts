import { ActivityCancellationDetails } from '@temporalio/common/lib/activity-cancellation-details';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { fencedStore, patient } from '../../../src/activities/store-steps';
import { Store } from '../../../src/store/store';

/** A local activity whose failures are no news. */
const attemptOf = (): MockActivityEnvironment =>
  new MockActivityEnvironment({ isLocal: true }, { logger: new DefaultLogger('ERROR', () => undefined) });

const NOW = '2026-03-09T15:30:00.000Z';

let store: Store;
beforeEach(async () => {
  store = await Store.open({ type: 'better-sqlite3', file: ':memory:' });
});
afterEach(() => store.close());

describe('an attempt that nobody waits for any more', () => {
  const registered = (): Promise<readonly string[]> =>
    store.read('test', async (t) => (await t.connections.all()).map(({ id }) => id));

  /** A step that registers a connection, and is given up while its transaction lives. */
  const register = async (
    details: ConstructorParameters<typeof ActivityCancellationDetails>[0],
  ): Promise<void> => {
    const attempt = attemptOf();
    const steps = fencedStore(store);
    await attempt.run(() =>
      steps.transaction('test', 'acme', async (t) => {
        const row = { id: 'acme', companyId: 1, erpAdapter: 'sample', erpCompany: '1', createdAt: NOW };
        await t.connections.add(row);
        attempt.cancel('CANCELLED', new ActivityCancellationDetails(details));
      }),
    );
  };

  test.each([['timedOut'], ['notFound'], ['reset'], ['cancelRequested']] as const)(
    'does not commit (%s)',
    async (why) => {
      await expect(register({ [why]: true })).rejects.toThrow();
      expect(await registered()).toEqual([]);
    },
  );

  test('does not even begin', async () => {
    const attempt = attemptOf();
    attempt.cancel('TIMED_OUT', new ActivityCancellationDetails({ timedOut: true }));
    let begun = false;
    const work = (): Promise<void> =>
      fencedStore(store).transaction('test', 'acme', async () => {
        begun = true;
      });
    await expect(attempt.run(work)).rejects.toThrow();
    expect(begun).toBe(false);
  });

  test('is another matter than a worker that shuts down: it finishes what it has in hand', async () => {
    await register({ workerShutdown: true });
    expect(await registered()).toEqual(['acme']);
  });

  test('what is no step is not asked', async () => {
    await fencedStore(store).transaction('test', 'acme', (t) =>
      t.connections.add({ id: 'acme', companyId: 1, erpAdapter: 'sample', erpCompany: '1', createdAt: NOW }),
    );
    expect(await registered()).toEqual(['acme']);
  });
});

describe('a step on our store', () => {
  /** Fails so often, then goes through. */
  function failing(error: unknown, times: number) {
    let calls = 0;
    const steps = patient(
      { store },
      {
        step: async (input: string): Promise<number> => {
          expect(input).toBe('x');
          calls += 1;
          if (calls <= times) throw error;
          return calls;
        },
      },
      1_000,
    );
    const run = (): Promise<number> => attemptOf().run(steps.step, 'x');
    return { run, calls: () => calls };
  }

  test.each([
    ['an SQLite file that is locked', { code: 'SQLITE_BUSY' }],
    ['a table that is locked', { code: 'SQLITE_LOCKED_SHAREDCACHE' }],
    ['the victim of a deadlock on SQL Server', { code: 'EREQUEST', number: 1205 }],
    ['a connection that was lost', { code: 'ESOCKET' }],
  ])('waits for %s by itself', async (_what, more) => {
    const step = failing(Object.assign(new Error('trouble'), more), 2);
    expect(await step.run()).toBe(3);
  });

  test('gives up after a bounded time, and says what it was', async () => {
    const step = failing(Object.assign(new Error('still locked'), { code: 'SQLITE_BUSY' }), Infinity);
    await expect(step.run()).rejects.toThrow('still locked');
    expect(step.calls()).toBeGreaterThan(1);
  });

  test('does not try again what does not pass by itself', async () => {
    const step = failing(new Error('a fault'), 1);
    await expect(step.run()).rejects.toThrow('a fault');
    expect(step.calls()).toBe(1);
  });
});
