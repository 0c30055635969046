/** Lists, bulk approval, saved views and what is stuck, over HTTP with a real store behind; only the workflows are played. */
import type { FastifyInstance } from 'fastify';
import type { AuditEntry } from '../../../src/domain/audit/chain';
import { UNDO_UNTIL } from '../../../src/domain/audit/evidence';
import { warning } from '../../../src/domain/base/warning';
import type { Visitor } from '../../../src/domain/people/access';
import { decisionStatement } from '../../../src/domain/people/decision';
import type { Operation } from '../../../src/domain/plan/operation';
import type { PlanBody } from '../../../src/domain/plan/plan';
import { NO_FACTS, sealPlan } from '../../../src/domain/plan/plan';
import { listedPlan } from '../../../src/domain/request/listed';
import type { Asked, Decided } from '../../../src/desk/decide';
import { assertNamed, planToApprove } from '../../../src/desk/decide';
import { currentPlan } from '../../../src/desk/dossier';
import { DeskRefusal } from '../../../src/desk/refusal';
import { listsFor } from '../../../src/desk/requests';
import type { SidesIn } from '../../../src/store/sides';
import type { Store } from '../../../src/store/store';
import type { Given } from '../../support/listed-requests';
import { grant, NOW, POLICY, requestOf, storeWith, visitorWith } from '../../support/listed-requests';
import { TEST_KEYS } from '../../support/people';
import { doorWith } from './door';

const MARIA = visitorWith('maria', grant('approver', ['acme']), grant('payroll', ['acme']));
const SMALL = visitorWith('maria', grant('approver', ['acme'], [11]));
const CLERK = visitorWith('clerk', grant('payroll', ['acme']));
const OTHER = visitorWith('joe', grant('viewer', ['larkspur']));

let store: Store;
let app: FastifyInstance;
/** What reached the workflows. */
let decided: string[];
let away: boolean;
/** What the workflow says of an approval. */
let undo: Decided['receipt']['undo'];

const policyless = { ...POLICY, requireSecondPerson: false };

/** A workflow and what it records. */
async function decide(
  { id: by }: Visitor,
  { typed, connectionId = '', answer, plan, comment }: Asked,
): Promise<Decided> {
  if (away) throw new DeskRefusal('NO_DAEMON', 'No daemon took the decision.');
  const ref = { connectionId, id: typed };
  const current = await currentPlan(store, ref);
  return store.transaction('decide', connectionId, async (t) => {
    const row = await t.requests.get(ref);
    if (answer === 'approve') {
      const hash = planToApprove(row, current).plan.hash;
      if (current !== null) assertNamed(current.plan, plan ?? '');
      const bare = { by, account: null, channel: 'desk', comment, at: NOW, planHash: hash, signatures: [] };
      const signatures = TEST_KEYS.sign(decisionStatement(ref, 'approve', bare));
      const entry: AuditEntry = {
        at: NOW,
        actor: by,
        action: 'approval.granted',
        subject: row.id,
        requestId: row.id,
        planHash: hash,
        workflowId: null,
        detail: {
          ...{ comment, channel: 'desk', signedAt: NOW, signatures },
          ...(undo === undefined ? {} : { [UNDO_UNTIL]: undo.until }),
        },
      };
      await t.audit.append(connectionId, [entry]);
    }
    const status = answer === 'approve' ? 'applying' : 'planning';
    await t.requests.setStatus(row, status, null, NOW);
    decided.push(`${answer} ${row.id}`);
    return {
      request: row,
      receipt: { status, message: '', ...(answer === 'approve' && undo ? { undo } : {}) },
    };
  });
}

async function start(
  rows: ReturnType<typeof requestOf>[],
  visitor: () => Visitor = () => MARIA,
): Promise<void> {
  [decided, away, undo] = [[], false, undefined];
  store = await storeWith(['acme', 'larkspur'], rows);
  const connections = ['acme', 'larkspur'].map((id) => ({ id }));
  const policyOf = () => Promise.resolve(policyless);
  const sidesIn: SidesIn = () => {
    throw new Error('nobody reads both sides here');
  };
  const lists = listsFor({ store, now: () => NOW, connections, policyOf, keys: TEST_KEYS, decide, sidesIn });
  app = await doorWith({ ...lists, visitor: () => Promise.resolve(visitor()) });
}
afterEach(async () => {
  await app.close();
  await store.close();
});

/** What answers hold, of one route or another. */
interface Body {
  readonly rows: readonly { readonly connectionId: string; readonly id: string; readonly number: string }[];
  readonly next: string | null;
  readonly done: unknown;
  readonly stuck: { readonly count: number };
  readonly outcomes: readonly { readonly code: string | null }[];
  readonly left: number;
  readonly views: readonly unknown[];
  readonly groups: readonly { readonly cause: string; readonly count: number; readonly waitsFor: unknown }[];
  readonly exceptions: readonly unknown[];
  readonly conflicts: readonly unknown[];
  readonly error: { readonly message: string };
}

async function call(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  url: string,
  payload?: object,
): Promise<{ status: number; body: Body }> {
  const answer = await app.inject({
    method,
    url: `/api${url}`,
    ...(payload === undefined ? {} : { payload }),
  });
  return { status: answer.statusCode, body: answer.body === '' ? ({} as Body) : answer.json<Body>() };
}

const writes = (amount: string): Operation =>
  ({
    side: 'erp',
    action: 'create',
    kind: 'commitment',
    recordId: 'commitment/1',
    changes: [],
    record: { fields: {}, lines: [{ kind: 'commitment_line', number: '1', fields: { amount } }] },
  }) as unknown as Operation;

/** A request whose plan writes this amount and waits for finance. */
async function asks(
  position: number,
  amount: string,
  { warned = false, ...more }: Given & { readonly warned?: boolean } = {},
): Promise<{ connectionId: string; request: string; plan: string }> {
  const body: PlanBody = {
    subject: `request ${position}`,
    operations: [writes(amount)],
    warnings: warned ? [warning('possible_duplicate', 'It may be there.')] : [],
    notes: [],
    facts: { ...NO_FACTS, amount, currency: 'USD' },
    leftOut: [],
    unchanged: 0,
  };
  const plan = sealPlan(body);
  const row = requestOf(position, {
    status: 'waiting_for_finance',
    way: 'export',
    ...listedPlan(plan),
    ...more,
    about: { amount, currency: 'USD', ...more.about },
  });
  await store.transaction('plan', 'acme', async (t) => {
    await t.requests.add(row);
    await t.plans.add({ connectionId: 'acme', id: row.id, page: 0 }, plan, NOW);
  });
  return { connectionId: 'acme', request: row.id, plan: plan.hash.slice(0, 12) };
}

const KEY = '0b0cbd2e-4c3a-4d0a-9a0e-3c2f0f7c1c11';
const USD = (amount: string) => [{ currency: 'USD', amount }];

describe('lists', () => {
  test('rows, sums, and nothing of a connection or project that is not theirs', async () => {
    let who = MARIA;
    const place = { itemType: 'project', id: 11, projectId: 11 };
    await start(
      [
        requestOf(1, { status: 'applied', about: { amount: '0.1', currency: 'USD', place } }),
        requestOf(2, { status: 'applied', about: { amount: '0.2', currency: 'USD' } }),
        requestOf(3, { status: 'applied' }, 'larkspur'),
      ],
      () => who,
    );
    const seen = async (): Promise<unknown> =>
      (await call('GET', '/requests?stage=done&sort=number&kind=vendor&kind=project')).body.rows;
    const ids = async (query = ''): Promise<string[]> => {
      const { body } = await call('GET', `/requests?stage=done&sort=number${query}`);
      return body.rows.map((row) => `${row.connectionId}/${row.id}`);
    };
    expect(await ids()).toEqual(['acme/erp/1', 'acme/erp/2']);
    expect(await seen()).toEqual([]);
    expect((await call('GET', '/requests/summary')).body.done).toEqual({
      count: 2,
      sums: [{ currency: 'USD', amount: '0.3', count: 2 }],
    });
    who = SMALL;
    expect(await ids()).toEqual(['acme/erp/1']);
    expect((await call('GET', '/requests/summary')).body.done).toEqual({
      count: 1,
      sums: [{ currency: 'USD', amount: '0.1', count: 1 }],
    });
    who = OTHER;
    expect(await ids()).toEqual(['larkspur/erp/3']);
    expect(await ids('&connection=acme')).toEqual([]);
  });

  test('pages follow each other by a cursor', async () => {
    await start([1, 2, 3].map((n) => requestOf(n, { status: 'applied' })));
    const first = (await call('GET', '/requests?stage=done&sort=number&take=2')).body;
    const second = (await call('GET', `/requests?stage=done&sort=number&take=2&cursor=${first.next}`)).body;
    expect([...first.rows, ...second.rows].map(({ number }) => number)).toEqual(['1', '2', '3']);
    expect(second.next).toBeNull();
    expect(await call('GET', `/requests?stage=done&sort=age&cursor=${first.next}`)).toMatchObject({
      status: 400,
      body: { error: { code: 'CURSOR' } },
    });
  });

  test.each([
    '?stage=mine',
    '?sort=colour',
    '?amountFrom=1e3',
    '?kind=supplier',
    '?take=51',
    '?nothing=1',
    '?warnings=maybe',
    '?olderThanHours=-1',
  ])('%s is refused', async (query) => {
    await start([]);
    expect(await call('GET', `/requests${query}`)).toMatchObject({
      status: 400,
      body: { error: { code: 'BAD_INPUT' } },
    });
  });
});

describe('bulk approval', () => {
  const bulk = (requests: object[], more: object = {}) =>
    call('POST', '/decisions/bulk', {
      key: KEY,
      requests,
      count: requests.length,
      sums: USD('300.3'),
      ...more,
    });

  test('each is bound to its plan; the same body decides once, also where the first answer was lost', async () => {
    await start([]);
    const requests = [await asks(1, '100.1'), await asks(2, '200.2')];
    const first = await bulk(requests);
    expect(first).toMatchObject({
      status: 200,
      body: {
        outcomes: [
          { id: 'erp/1', done: true, code: null },
          { id: 'erp/2', done: true },
        ],
      },
    });
    const [again, other] = await Promise.all([
      bulk(requests),
      bulk(requests, { key: '0b0cbd2e-4c3a-4d0a-9a0e-3c2f0f7c1c12' }),
    ]);
    expect(again.body).toEqual(first.body);
    expect(other.body).toEqual(first.body);
    expect(decided).toEqual(['approve erp/1', 'approve erp/2']);
    expect(await bulk(requests.slice(1), { sums: USD('200.2') })).toMatchObject({
      status: 409,
      body: { error: { code: 'KEY_USED' } },
    });
  });

  test('what was approved together is withdrawn together, and each answer tells until when that goes', async () => {
    await start([]);
    const requests = [await asks(1, '100.1'), await asks(2, '200.2')];
    const until = '2026-12-01T08:00:10.000Z';
    undo = { ms: 10_000, until };
    const first = await bulk(requests);
    expect(first.body).toMatchObject({ outcomes: [{ undo: until }, { undo: until }] });
    const key = '0b0cbd2e-4c3a-4d0a-9a0e-3c2f0f7c1c12';
    // The log tells it, too, where the daemon that answered is gone.
    expect((await bulk(requests, { key })).body).toEqual(first.body);
    const withdrawn = await bulk(requests, { answer: 'withdraw', key: KEY.replace(/.$/, '9') });
    expect(withdrawn.body).toMatchObject({
      outcomes: [
        { id: 'erp/1', done: true, undo: null },
        { id: 'erp/2', done: true, undo: null },
      ],
    });
    expect(decided).toEqual(['approve erp/1', 'approve erp/2', 'withdraw erp/1', 'withdraw erp/2']);
  });

  test('two at once decide once', async () => {
    await start([]);
    const requests = [await asks(1, '100.1'), await asks(2, '200.2')];
    const keys = [KEY, KEY, '0b0cbd2e-4c3a-4d0a-9a0e-3c2f0f7c1c12', '0b0cbd2e-4c3a-4d0a-9a0e-3c2f0f7c1c13'];
    const answers = await Promise.all(keys.map((key) => bulk(requests, { key })));
    for (const { body } of answers)
      expect(body).toMatchObject({ outcomes: [{ done: true }, { done: true }] });
    expect(decided.sort()).toEqual(['approve erp/1', 'approve erp/2']);
  });

  test.each<[string, object]>([
    ['another count', { count: 3 }],
    ['another sum', { sums: USD('300.31') }],
    ['a sum in another currency', { sums: [{ currency: 'CAD', amount: '300.3' }] }],
    ['no sum', { sums: [] }],
    ['a currency twice', { sums: [...USD('300.3'), ...USD('300.3')] }],
  ])('%s than the plans come to: nothing is done', async (_what, more) => {
    await start([]);
    expect(await bulk([await asks(1, '100.1'), await asks(2, '200.2')], more)).toMatchObject({
      status: 409,
      body: { error: { code: 'SUM_DIFFERS' } },
    });
    expect(decided).toEqual([]);
  });

  test('a request named twice, one that is not theirs to see, and a plan that never was: nothing is done', async () => {
    let who = MARIA;
    await start([], () => who);
    const one = await asks(1, '300.3');
    expect(await bulk([one, one], { sums: USD('600.6') })).toMatchObject({
      status: 409,
      body: { error: { code: 'SUM_DIFFERS' } },
    });
    expect(await bulk([{ ...one, plan: 'f'.repeat(12) }])).toMatchObject({
      status: 409,
      body: { error: { code: 'PLAN_CHANGED' } },
    });
    who = SMALL;
    const hidden = await bulk([one]);
    const unknown = await bulk([{ ...one, request: 'erp/999' }]);
    expect([hidden.status, unknown.status]).toEqual([404, 404]);
    expect(hidden.body.error.message.replace('erp/1', 'X')).toBe(
      unknown.body.error.message.replace('erp/999', 'X'),
    );
    who = visitorWith('joe', grant('viewer', ['acme']));
    expect((await bulk([one])).status).toBe(403);
    expect(decided).toEqual([]);
  });

  test('warnings, another plan by now, and what is not theirs to decide are refused one by one', async () => {
    await start([]);
    const [fine, warned, moved] = [
      await asks(1, '100'),
      await asks(2, '200', { warned: true, warnings: 0 }),
      await asks(3, '0.3'),
    ];
    await store.transaction('moved', 'acme', async (t) => {
      const body = (await t.plans.latest({ connectionId: 'acme', id: 'erp/3', page: 0 }))?.body;
      if (body)
        await t.plans.add(
          { connectionId: 'acme', id: 'erp/3', page: 0 },
          sealPlan({ ...body, notes: ['moved'] }),
          NOW,
        );
    });
    const { body } = await bulk([warned, fine, moved]);
    expect(body.outcomes).toMatchObject([
      { id: 'erp/2', done: false, code: 'HAS_WARNINGS' },
      { id: 'erp/1', done: true },
      { id: 'erp/3', done: false, code: 'PLAN_CHANGED' },
    ]);
    expect(decided).toEqual(['approve erp/1']);
  });

  test('a payroll clerk decides nothing about records, whatever the columns say', async () => {
    await start([], () => CLERK);
    const { body } = await bulk([await asks(1, '300.3')]);
    expect(body.outcomes).toMatchObject([{ done: false, code: 'NotAllowed' }]);
    expect(decided).toEqual([]);
  });

  test('forged columns of the list change neither what is summed nor what is warned of', async () => {
    await start([]);
    const one = await asks(1, '300.3', { warned: true });
    await store.transaction('forged', 'acme', (t) =>
      t.requests.update(
        { connectionId: 'acme', id: 'erp/1' },
        { amountKey: '', currency: 'CAD', warnings: 0, contradiction: false },
      ),
    );
    expect(await bulk([one], { sums: [] })).toMatchObject({ status: 409 });
    expect((await bulk([one])).body.outcomes).toMatchObject([{ done: false, code: 'HAS_WARNINGS' }]);
  });

  test('where nobody can take a decision, the others do not wait for it', async () => {
    await start([]);
    const requests = [];
    for (let n = 1; n <= 20; n += 1) requests.push(await asks(n, '1'));
    away = true;
    const { body } = await bulk(requests, { sums: USD('20') });
    expect(new Set(body.outcomes.map(({ code }) => code))).toEqual(new Set(['NO_DAEMON']));
    expect(body.outcomes).toHaveLength(20);
  });
});

test('saved views are their own: saved, replaced, removed, and seen by nobody else', async () => {
  let who = MARIA;
  await start([], () => who);
  const list = async (): Promise<unknown> => (await call('GET', '/views')).body.views;
  await call('PUT', '/views/Big%20ones', { query: 'stage=needs_me&amountFrom=10000' });
  await call('PUT', '/views/Big%20ones', { query: 'stage=needs_me&q=662E41' });
  expect(await list()).toEqual([{ name: 'Big ones', query: 'stage=needs_me&q=662E41', savedAt: NOW }]);
  who = CLERK;
  expect(await list()).toEqual([]);
  expect((await call('DELETE', '/views/Big%20ones')).status).toBe(204);
  who = MARIA;
  expect(await list()).toHaveLength(1);
  expect((await call('DELETE', '/views/Big%20ones')).status).toBe(204);
  expect(await list()).toEqual([]);
  expect((await call('PUT', '/views/%20x', { query: '' })).status).toBe(400);
  for (let n = 0; n < 50; n += 1) await call('PUT', `/views/v${n}`, { query: '' });
  expect(await call('PUT', '/views/more', { query: '' })).toMatchObject({
    status: 400,
    body: { error: { code: 'TOO_MANY' } },
  });
});

describe('stuck', () => {
  const LONG_AGO = '2026-11-20T09:00:00.000Z';
  const stuck = (
    n: number,
    status: 'parked' | 'busy' | 'held' | 'planning',
    reason: string | null,
    more: Given = {},
  ) => requestOf(n, { status, reason, since: LONG_AGO, ...more });

  test('by its cause, with what is waited for, and the next try', async () => {
    await start([
      stuck(1, 'parked', 'The ERP refused the record: no phase 1'),
      stuck(2, 'parked', 'This cannot be written to the ERP: too long'),
      stuck(3, 'parked', 'The ERP connection is not set up correctly: no right'),
      stuck(4, 'busy', 'The ERP is busy: batch 7 is in use'),
      stuck(5, 'busy', 'Procore is limiting requests (GET x); next try after 90 s', {
        updatedAt: '2026-11-27T08:59:00.000Z',
      }),
      stuck(6, 'held', 'waits'),
      stuck(7, 'held', 'waits'),
      stuck(8, 'planning', null),
      requestOf(9, { status: 'busy', reason: 'The ERP is busy: x' }),
      stuck(10, 'parked', 'x', {}),
    ]);
    await store.transaction('waits', 'acme', async (t) => {
      for (const id of ['erp/6', 'erp/7'])
        await t.waits.begin(
          { connectionId: 'acme', id },
          [{ recordId: 'vendor/10442', reason: 'x', hint: null }],
          LONG_AGO,
        );
    });
    const { body } = await call('GET', '/stuck');
    const groups = Object.fromEntries(body.groups.map((one) => [one.cause, one]));
    expect(Object.fromEntries(Object.entries(groups).map(([cause, one]) => [cause, one.count]))).toEqual({
      person: 3,
      set_up: 1,
      erp_lock: 1,
      procore: 1,
      missing_record: 2,
      no_workflow: 1,
    });
    expect(groups['procore']).toMatchObject({
      nextTry: '2026-11-27T09:00:30.000Z',
      since: LONG_AGO,
      more: false,
    });
    expect(groups['missing_record']?.waitsFor).toEqual([
      { recordId: 'vendor/10442', words: 'vendor 10442', count: 2, holdsUp: ['erp/6', 'erp/7'] },
    ]);
    expect((await call('GET', '/requests/summary')).body.stuck.count).toBe(9);
  });

  test('a group is tried again, some at a time', async () => {
    await start(
      Array.from({ length: 53 }, (_, n) => stuck(n + 1, 'parked', 'The ERP refused the record: x')),
    );
    const first = await call('POST', '/stuck/retry', { connection: 'acme', cause: 'person' });
    expect(first.body.outcomes).toHaveLength(50);
    expect(first.body.left).toBe(3);
    expect(decided).toHaveLength(50);
    expect((await call('POST', '/stuck/retry', { connection: 'acme', cause: 'person' })).body.left).toBe(0);
    expect(await call('POST', '/stuck/retry', { connection: 'acme', cause: 'person' })).toMatchObject({
      status: 404,
    });
    expect(await call('POST', '/stuck/retry', { connection: 'larkspur', cause: 'person' })).toMatchObject({
      status: 404,
    });
  });

  test('exceptions and suggestions of a connection that is not theirs are not there', async () => {
    let who = MARIA;
    await start([], () => who);
    await store.transaction('report', 'acme', (t) =>
      t.exceptions.open([
        {
          connectionId: 'acme',
          recordId: 'vendor/7',
          requestId: null,
          reason: 'gone',
          cause: 'gone',
          hint: null,
          erpKey: '1|7',
          openedAt: NOW,
        },
      ]),
    );
    expect((await call('GET', '/exceptions')).body).toMatchObject({
      more: false,
      exceptions: [{ recordId: 'vendor/7', holdsUp: [], act: '`tieback sweep` looks again.' }],
    });
    who = SMALL;
    expect((await call('GET', '/exceptions')).body.exceptions).toEqual([]);
    expect((await call('GET', '/links/suggestions?connection=acme&kind=vendor')).status).toBe(404);
    who = OTHER;
    expect((await call('GET', '/exceptions?connection=acme')).body.exceptions).toEqual([]);
    const there = await call('GET', '/links/suggestions?connection=acme&kind=vendor');
    const nowhere = await call('GET', '/links/suggestions?connection=acmf&kind=vendor');
    expect([there.status, nowhere.status]).toEqual([404, 404]);
  });

  test('a conflict says what each choice leads to', async () => {
    await start([]);
    await store.transaction('conflict', 'acme', async (t) => {
      t.conflicts.put([
        {
          connectionId: 'acme',
          id: 'vendor/7#phone',
          linkId: 'l',
          recordKind: 'vendor',
          recordId: 'vendor/7',
          erpKey: '1|7',
          field: 'phone',
          agreed: { procore: '1', erp: '1', at: NOW },
          procore: '206',
          erp: '207',
          fits: { erp: { value: '206' }, procore: { problem: 'It is too long.' } },
          procoreAt: null,
          erpAt: null,
          rule: 'ask',
          owner: null,
          openedAt: NOW,
          decision: null,
          closedAt: null,
          closedBecause: null,
        },
      ]);
    });
    const { body } = await call('GET', '/conflicts');
    expect(body.conflicts).toMatchObject([
      {
        id: 'vendor/7#phone',
        label: 'Phone',
        agreed: { procore: '1' },
        choices: [
          { take: 'procore', words: 'The ERP gets "206" in place of "207".', problem: null },
          { take: 'erp', problem: 'It is too long.' },
          { take: 'ignore', words: expect.stringMatching(/^Nothing is written/) as string },
        ],
      },
    ]);
    expect((await call('GET', '/conflicts?q=nothing')).body.conflicts).toEqual([]);
  });
});
