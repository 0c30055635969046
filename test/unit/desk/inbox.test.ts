/** What people do about conflicts and exceptions, in our store. */
import { listExceptions } from '../../../src/desk/exceptions';
import { inboxFor } from '../../../src/desk/inbox';
import type { Inbox } from '../../../src/desk/inbox-parts';
import type { ExceptionRow } from '../../../src/store/rows';
import type { Store } from '../../../src/store/store';
import { newRequest } from '../../../src/store/new-request';
import { TEST_KEYS } from '../../support/people';
import { onEachStore } from '../../support/stores';

const now = '2026-11-27T09:00:00.000Z';
const POLICY = { rules: [], approvers: [{ id: 'maria' }], requireSecondPerson: false, openDetailHours: 0 };
const RECONCILE = 'vendors/2026-11-27T09:00:00.000';

onEachStore('the inbox', (world) => {
  let store: Store;
  let started: string[];
  let isAway: boolean;
  beforeEach(async () => {
    [started, isAway] = [[], false];
    store = await world.open();
    await store.transaction('add', 'acme', async (t) => {
      await t.connections.add({
        id: 'acme',
        companyId: 4264807,
        erpAdapter: 'sample',
        erpCompany: '1',
        createdAt: now,
      });
      await t.requests.add({ ...newRequest('acme', 'erp', 5011, now), status: 'parked' });
    });
    await report('vendor/7', RECONCILE, 'the phone is too long');
    await report('vendor/8', 'erp/5011', 'this cannot be written');
    await report('vendor/erp:9', null, 'it is gone');
  });

  const report = (recordId: string, requestId: string | null, reason: string) =>
    store.transaction('report', 'acme', (t) =>
      t.exceptions.open([
        {
          connectionId: 'acme',
          recordId,
          requestId,
          reason,
          cause: requestId === null ? 'gone' : 'data',
          hint: null,
          erpKey: `1|${recordId.split('/')[1] ?? ''}`,
          openedAt: now,
        },
      ]),
    );
  const inbox = (by = 'maria'): Inbox =>
    inboxFor(
      {
        store,
        keys: TEST_KEYS,
        now: () => now,
        policyOf: (id) => Promise.resolve(id === 'acme' ? POLICY : null),
        startReconcile: (connectionId, kind) => {
          started.push(`${connectionId} ${kind}`);
          return isAway ? Promise.reject(new Error('Temporal is away')) : Promise.resolve();
        },
      },
      { by, account: null, channel: 'cli' },
    );
  const shown = async (more: { ignored?: true; owner?: string } = {}): Promise<string[]> =>
    (await listExceptions(store, more)).exceptions.map(({ recordId }) => recordId);
  const of = (recordId: string): Promise<ExceptionRow | null> =>
    store.read('read', (t) => t.exceptions.find('acme', recordId));

  test('each says how it goes on', async () => {
    const { exceptions } = await listExceptions(store, {});
    expect(Object.fromEntries(exceptions.map(({ recordId, act }) => [recordId, act]))).toEqual({
      'vendor/7': '`tieback exceptions retry vendor/7` compares it again.',
      'vendor/8': expect.stringMatching(/belongs to ERP request 5011: .*`tieback retry erp\/5011`/) as string,
      'vendor/erp:9': '`tieback sweep` looks again.',
    });
  });

  test('a retry marks the record and starts its kind; what belongs to a request is refused with the way out', async () => {
    const given = { connectionId: 'acme', ids: ['vendor/7', 'vendor/8', 'vendor/nobody'] };
    expect(await inbox().retry(given)).toEqual({
      done: ['vendor/7'],
      refused: [
        { id: 'vendor/8', code: 'NOT_HERE', message: 'vendor/8 cannot be tried again here.' },
        { id: 'vendor/nobody', code: 'EXCEPTION_UNKNOWN', message: 'Nothing is open about "vendor/nobody".' },
      ],
      looks: 'now',
    });
    expect(started).toEqual(['acme vendor']);
    expect(await store.read('read', (t) => t.sideRecords.again('acme', 'vendor', 'erp'))).toEqual(['1|7']);
  });

  test('where Temporal is away, the mark stays for the next look', async () => {
    isAway = true;
    expect(await inbox().retry({ connectionId: 'acme', ids: ['vendor/7'] })).toMatchObject({
      looks: 'later',
    });
    expect(await store.read('read', (t) => t.sideRecords.again('acme', 'vendor', 'erp'))).toEqual(['1|7']);
  });

  test('what is ignored is out of sight until its reason is another one, and the log says by whom', async () => {
    await inbox().ignore({ connectionId: 'acme', ids: ['vendor/7'], comment: 'next month' });
    await report('vendor/7', RECONCILE, 'the phone is too long');
    expect(await shown()).not.toContain('vendor/7');
    expect(await shown({ ignored: true })).toContain('vendor/7');
    const trail = await store.read('read', (t) =>
      t.audit.forRequest({ connectionId: 'acme', id: RECONCILE }),
    );
    expect(trail).toMatchObject([
      { action: 'exception.ignored', actor: 'maria', detail: { comment: 'next month' } },
    ]);
    await report('vendor/7', RECONCILE, 'the city is too long');
    expect(await shown()).toContain('vendor/7');
    expect(await of('vendor/7')).toMatchObject({ ignored: null });
  });

  test('it has an owner, who must be somebody', async () => {
    const given = { connectionId: 'acme', ids: ['vendor/7'] };
    await expect(inbox().assignExceptions({ ...given, owner: 'joe' })).rejects.toMatchObject({
      code: 'PERSON_UNKNOWN',
    });
    await inbox().assignExceptions({ ...given, owner: 'maria' });
    expect(await shown({ owner: 'maria' })).toEqual(['vendor/7']);
    await inbox().assignExceptions({ ...given, owner: null });
    expect(await shown({ owner: 'maria' })).toEqual([]);
  });

  test.each<[string, string, string]>([
    ['somebody who is no approver', 'joe', 'NotAllowed'],
    ['another connection', 'maria', 'CONNECTION_UNKNOWN'],
  ])('%s is refused, whatever they ask for', async (_what, by, code) => {
    const connectionId = code === 'NotAllowed' ? 'acme' : 'other';
    const ids = ['vendor/7'];
    const person = inbox(by);
    const answers = [
      { id: 'vendor/7#phone', choice: { take: 'erp' as const }, pair: { procore: '1', erp: '2' } },
    ];
    const asked = [
      () => person.settle({ connectionId, answers, comment: '' }),
      () => person.assignConflicts({ connectionId, ids, owner: 'maria' }),
      () => person.ignore({ connectionId, ids, comment: '' }),
      () => person.retry({ connectionId, ids }),
      () => person.assignExceptions({ connectionId, ids, owner: 'maria' }),
    ];
    for (const ask of asked) await expect(ask()).rejects.toMatchObject({ code });
    expect(started).toEqual([]);
  });
});
