/** Lists of requests: each request stands in one stage for whoever sees it, is shown once, and no list looks at all of the table. */
import fc from 'fast-check';
import { sum } from '../../../../src/domain/base/money';
import type { Visitor } from '../../../../src/domain/people/access';
import { waitsForSecond } from '../../../../src/domain/request/connection-policy';
import { reachOn, isSeen, stageOf, STAGES } from '../../../../src/domain/request/stage';
import { REQUEST_STATUSES } from '../../../../src/domain/request/status';
import type { PageAsked } from '../../../../src/desk/requests/list';
import { listPage, listSummary } from '../../../../src/desk/requests/list';
import type { RequestRow } from '../../../../src/desk/requests/row';
import type { SyncRequestRow } from '../../../../src/store/rows';
import type { Store } from '../../../../src/store/store';
import {
  grant,
  MARIA_SEES_ALL,
  NOW,
  POLICY,
  requestOf,
  storeWith,
  visitorWith,
} from '../../../support/listed-requests';

const CONNECTIONS = ['acme', 'larkspur'].map((id) => ({ id }));
const FIRST = { stage: 'needs_me', sort: 'age', descending: false, take: 50 } as const;
let store: Store;
const opened: Store[] = [];
/** Another one; closed at the end. */
const open = async (...given: Parameters<typeof storeWith>): Promise<void> => {
  store = await storeWith(...given);
  opened.push(store);
};
afterAll(() => Promise.all(opened.map((one) => one.close())));

/** A connection on which two persons must approve. */
const TWO: typeof POLICY = {
  ...POLICY,
  rules: [{ name: 'two', decision: 'ask_two', when: {} }],
  approvers: [...POLICY.approvers, { id: 'joe', procoreUserId: 9 }],
};
const partsOf = (policy = POLICY) => ({
  store,
  now: () => NOW,
  connections: CONNECTIONS,
  policyOf: () => Promise.resolve(policy),
});
const name = ({ connectionId, id }: { connectionId: string; id: string }): string => `${connectionId}/${id}`;

/** All pages of a list. `between`: what happens after each. */
async function allOf(
  visitor: Visitor,
  asked: Partial<PageAsked>,
  between: (page: number) => Promise<void> = () => Promise.resolve(),
  policy = POLICY,
): Promise<readonly RequestRow[]> {
  const rows: RequestRow[] = [];
  let cursor: string | undefined;
  for (let page = 0; page === 0 || cursor !== undefined; page += 1) {
    const found = await listPage(partsOf(policy), visitor, { ...FIRST, ...asked, cursor });
    rows.push(...found.rows);
    cursor = found.next ?? undefined;
    await between(page);
  }
  return rows;
}

const day = (n: number): string => new Date(Date.parse(NOW) - n * 3_600_000 * 6).toISOString();
const anyRow = fc.record({
  connectionId: fc.constantFrom('acme', 'larkspur'),
  source: fc.constantFrom('erp', 'open', 'payroll'),
  status: fc.constantFrom(...REQUEST_STATUSES),
  projectId: fc.constantFrom(null, 11, 12, 13),
  requestedBy: fc.constantFrom(null, 7, 8),
  reason: fc.constantFrom(
    null,
    'No policy rule approves this plan.',
    waitsForSecond('maria'),
    waitsForSecond('joe'),
  ),
  since: fc.integer({ min: 0, max: 6 }).map(day),
  receivedAt: fc.integer({ min: 0, max: 3 }).map(day),
  vendor: fc.constantFrom(null, '10442 Cobalt', '10442 cobalt', 'Ärger GmbH', '\u{1F3D7} Bau', '\uFF21 Co'),
  amount: fc.constantFrom(null, '0', '-12.5', '12.5', '12.50', '99999999999999.9999', '-0.0001'),
});
const anyRows = fc
  .array(anyRow, { maxLength: 40 })
  .map((all) =>
    all.map(({ connectionId, source, projectId, vendor, amount, ...given }, index): SyncRequestRow => {
      const place = projectId === null ? null : { itemType: 'project', id: projectId, projectId };
      const about = {
        vendor,
        amount,
        currency: index % 3 === 0 ? null : index % 3 === 1 ? 'USD' : 'CAD',
        place,
      };
      // The same ids on both connections.
      return requestOf(
        Math.floor(index / 2),
        { ...given, about },
        index % 2 === 0 ? connectionId : connectionId === 'acme' ? 'larkspur' : 'acme',
        source,
      );
    }),
  )
  .map((rows) => [...new Map(rows.map((row) => [name(row), row])).values()]);
const anyGrant = fc.record({
  role: fc.constantFrom('viewer', 'approver', 'payroll', 'auditor'),
  connections: fc.constantFrom(null, ['acme'], ['larkspur'], []),
  projects: fc.constantFrom(null, [11], [11, 12], []),
});
const anyVisitor = fc
  .tuple(fc.constantFrom('maria', 'clerk', 'joe'), fc.array(anyGrant, { maxLength: 3 }))
  .map(([id, grants]) => visitorWith(id, ...grants));

test('who approved as the first of two is asked no more, and everybody else who may decide is', async () => {
  const waiting = { status: 'waiting_for_finance', planHash: 'a'.repeat(64) } as const;
  await open(
    ['acme'],
    [requestOf(1, { ...waiting, reason: waitsForSecond('maria') }), requestOf(2, waiting)],
  );
  const [maria, joe] = ['maria', 'joe'].map((id) =>
    visitorWith(id, { role: 'approver', connections: null, projects: null }),
  );
  if (maria === undefined || joe === undefined) throw new Error('unreachable');
  const numbers = async (visitor: Visitor, stage: 'needs_me' | 'waiting'): Promise<readonly string[]> =>
    (await allOf(visitor, { stage }, undefined, TWO)).map(({ number }) => number);
  expect(await numbers(maria, 'needs_me')).toEqual(['2']);
  expect(await numbers(maria, 'waiting')).toEqual(['1']);
  expect([...(await numbers(joe, 'needs_me'))].sort()).toEqual(['1', '2']);
  const [row] = await allOf(maria, { stage: 'waiting' }, undefined, TWO);
  expect(row).toMatchObject({ waitsFor: 'a second approval, after maria', bulk: false });
});

test('a request stands in exactly one stage for somebody who sees it, and in none for others; each is counted where it stands', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyRows,
      anyVisitor,
      fc.constantFrom('age', 'amount', 'vendor', 'number'),
      fc.boolean(),
      fc.constantFrom(POLICY, TWO),
      async (rows, visitor, sort, descending, policy) => {
        await open(['acme', 'larkspur'], rows);
        const expected = new Map<string, string>();
        for (const row of rows) {
          const reach = reachOn(visitor, row.connectionId, policy, NOW);
          const projectId = row.about?.place?.projectId ?? null;
          if (reach !== null && isSeen(reach, { projectId }))
            expected.set(name(row), stageOf({ ...row, projectId }, reach, NOW));
        }
        const summary = await listSummary(partsOf(policy), visitor, {});
        for (const stage of STAGES) {
          const shown = await allOf(visitor, { stage, sort, descending, take: 3 }, undefined, policy);
          const here = [...expected].filter(([, where]) => where === stage).map(([id]) => id);
          expect(shown.map(name).sort()).toEqual(here.sort());
          expect(shown.every((row) => row.stage === stage)).toBe(true);
          expect(summary[stage].count).toBe(here.length);
          for (const currency of [null, 'USD', 'CAD']) {
            const amounts = shown.flatMap((row) =>
              row.currency === currency && row.amount !== null ? [row.amount] : [],
            );
            const told = summary[stage].sums.find((one) => one.currency === currency);
            expect(told?.count ?? 0).toBe(amounts.length);
            expect(told?.amount ?? '0').toBe(sum(amounts));
          }
          const keys = shown.map((row) =>
            sort === 'amount'
              ? Number(row.amount ?? -Infinity)
              : sort === 'age'
                ? Date.parse(row.receivedAt)
                : sort === 'number'
                  ? (rows.find((one) => name(one) === name(row))?.position ?? 0)
                  : 0,
          );
          expect(keys).toEqual([...keys].sort((a, b) => (descending ? b - a : a - b)));
        }
      },
    ),
    { numRuns: 25 },
  );
}, 60_000);

test('ties, and requests that come while somebody pages: each one that was there is shown once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(0, 1), { minLength: 5, maxLength: 30 }),
      fc.constantFrom('age', 'amount', 'vendor', 'number'),
      fc.boolean(),
      fc.array(fc.constantFrom(0, 1, 2), { maxLength: 12 }),
      async (ties, sort, descending, more) => {
        const row = (n: number, tie: number) =>
          requestOf(n, {
            status: 'waiting_for_finance',
            receivedAt: day(tie),
            about: { vendor: `v${tie}`, amount: String(tie) },
          });
        await open(
          ['acme'],
          ties.map((tie, n) => row(n * 2, tie)),
        );
        const late = more.map((tie, n) => row(n * 2 + 1, tie));
        const shown = await allOf(MARIA_SEES_ALL, { sort, descending, take: 2 }, async () => {
          const next = late.shift();
          if (next !== undefined) await store.transaction('late', 'acme', (t) => t.requests.add(next));
        });
        const ids = shown.map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
        expect(ids).toEqual(expect.arrayContaining(ties.map((_, n) => `erp/${n * 2}`)));
      },
    ),
    { numRuns: 25 },
  );
}, 60_000);

describe('filters', () => {
  beforeEach(async () => {
    await open(
      ['acme'],
      [
        requestOf(1, {
          status: 'applied',
          kind: 'vendor',
          searchText: '1\npo-1234 hvac\nvendor|1|10442',
          about: {
            vendor: '10442 Cobalt Mechanical LLC',
            amount: '100',
            project: '2417-001 Eastgate',
            place: { itemType: 'project', id: 5, projectId: 5 },
          },
        }),
        requestOf(2, {
          status: 'applied',
          kind: 'commitment',
          searchText: '2\n662e41',
          warnings: 2,
          about: { amount: '250.5' },
        }),
        requestOf(3, {
          status: 'applied',
          kind: 'project',
          searchText: '3\n0012\nbatch 778',
          receivedAt: day(20),
        }),
        requestOf(17, { status: 'applied', searchText: '17' }, 'acme', 'open'),
      ],
    );
  });
  test.each<[string, Partial<PageAsked>, string[]]>([
    ['a number with letters', { q: '662E41' }, ['erp/2']],
    ['zeros in front', { q: '0012' }, ['erp/3']],
    ['words in any order', { q: 'hvac PO-1234' }, ['erp/1']],
    ['an origin_id', { q: 'vendor|1|10442' }, ['erp/1']],
    ['a part of a number', { q: '234' }, ['erp/1']],
    ['a batch', { q: '778' }, ['erp/3']],
    ['the id of a request', { q: 'open/17' }, ['open/17']],
    ['the number of a request', { q: '17' }, ['open/17']],
    ['nothing of this', { q: '12.00' }, []],
    ['several kinds', { kinds: ['vendor', 'project'] }, ['erp/1', 'erp/3']],
    ['a vendor as it is shown', { vendor: '10442 Cobalt Mechanical LLC' }, ['erp/1']],
    ['a project by its name', { project: '2417-001 eastgate' }, ['erp/1']],
    ['a project by its number', { project: '5' }, ['erp/1']],
    ['with warnings', { warnings: true }, ['erp/2']],
    ['without', { warnings: false, source: 'open' }, ['open/17']],
    ['older than', { olderThanHours: 100 }, ['erp/3']],
    ['from an amount', { amountFrom: '100.01' }, ['erp/2']],
    ['up to an amount', { amountTo: '100' }, ['erp/1']],
    ['another connection', { connections: ['larkspur'] }, []],
  ])('%s', async (_what, asked, ids) => {
    const rows = await allOf(MARIA_SEES_ALL, { ...asked, stage: 'done' });
    expect(rows.map(({ id }) => id).sort()).toEqual(ids);
    expect((await listSummary(partsOf(), MARIA_SEES_ALL, asked)).done.count).toBe(ids.length);
  });
  test('what is no amount, and a page of another list, are refused', async () => {
    await expect(allOf(MARIA_SEES_ALL, { amountFrom: '1e3' })).rejects.toMatchObject({ code: 'BadValue' });
    const { next } = await listPage(partsOf(), MARIA_SEES_ALL, { ...FIRST, stage: 'done', take: 1 });
    for (const more of [{ sort: 'vendor' }, { descending: true }, { cursor: 'x' }] as const)
      await expect(
        listPage(partsOf(), MARIA_SEES_ALL, { ...FIRST, stage: 'done', cursor: next ?? '', ...more }),
      ).rejects.toMatchObject({ code: 'CURSOR' });
  });
});

test('a row says who is blocked since when, what it waits for, and what this person can do', async () => {
  await open(
    ['acme'],
    [
      requestOf(1, {
        status: 'waiting_for_finance',
        blockedSince: NOW,
        planHash: 'a'.repeat(64),
        sender: 'Pat',
        kind: 'commitment',
        about: { title: 'SC-1', amount: '10', currency: 'USD' },
      }),
      requestOf(2, { status: 'waiting_for_finance', requestedBy: 7, planHash: 'b'.repeat(64) }),
      requestOf(3, { status: 'held', recordId: 'commitment/9' }),
      requestOf(4, { status: 'parked', planHash: 'c'.repeat(64), reason: 'Procore does not allow this: x' }),
    ],
  );
  await store.transaction('wait', 'acme', (t) =>
    t.waits.begin(
      { connectionId: 'acme', id: 'erp/3' },
      [{ recordId: 'vendor/10442', reason: 'x', hint: null }],
      NOW,
    ),
  );
  const [mine] = await allOf(MARIA_SEES_ALL, {});
  expect(mine).toMatchObject({
    id: 'erp/1',
    number: '1',
    record: { kind: 'commitment', words: 'Commitment', title: 'SC-1' },
    amount: '10',
    currency: 'USD',
    sender: 'Pat',
    blockedSince: NOW,
    deadline: '2026-11-30T09:00:00.000Z',
    waitsFor: 'approval by finance',
    nextSteps: ['approve', 'reject'],
    planHash: 'a'.repeat(64),
    bulk: true,
  });
  const waiting = await allOf(MARIA_SEES_ALL, { stage: 'waiting' });
  expect(waiting).toMatchObject([
    { id: 'erp/2', sender: '7', nextSteps: [], bulk: false, deadline: null },
    { id: 'erp/3', waitsFor: 'vendor 10442' },
  ]);
  expect(await allOf(MARIA_SEES_ALL, { stage: 'stuck' })).toMatchObject([
    { id: 'erp/4', planHash: null, waitsFor: 'the set-up must be put right' },
  ]);
});

test('what a list goes by follows what people tell a request by, and a closed request blocks nobody', async () => {
  await open(['acme'], [requestOf(1, { status: 'planning', blockedSince: NOW })]);
  const { about } = requestOf(1, { about: { vendor: 'Cobalt ', amount: '5', currency: 'USD' } });
  await store.transaction('about', 'acme', (t) =>
    t.requests.update({ connectionId: 'acme', id: 'erp/1' }, { about }),
  );
  const read = () => store.read('read', (t) => t.requests.get({ connectionId: 'acme', id: 'erp/1' }));
  expect(await read()).toMatchObject({ vendor: 'cobalt', currency: 'USD', blockedSince: NOW });
  await store.transaction('close', 'acme', async (t) =>
    t.requests.setStatus(
      await t.requests.get({ connectionId: 'acme', id: 'erp/1' }),
      'applied',
      'done',
      NOW,
      { about: null },
    ),
  );
  expect(await read()).toMatchObject({ vendor: '', amountKey: '', currency: '', blockedSince: null });
});

describe('no list looks at all of the table', () => {
  const sent: string[] = [];
  beforeAll(async () => {
    await open(['acme', 'larkspur'], [requestOf(1)], { wire: (what) => void sent.push(what) });
  });
  beforeEach(() => void (sent.length = 0));
  const statements = (): string[] =>
    sent
      .flatMap((text) => text.split(';\n'))
      .filter((sql) => sql.startsWith('SELECT') && sql.includes('FROM "sync_request"'));
  const planOf = async (sql: string): Promise<string> => {
    const { source } = (
      store as unknown as {
        engine: { source: { query(text: string, values: unknown[]): Promise<{ detail: string }[]> } };
      }
    ).engine;
    const values = [...sql.matchAll(/\?/g)].map(() => '[]');
    return (await source.query(`EXPLAIN QUERY PLAN ${sql}`, values)).map(({ detail }) => detail).join('; ');
  };

  test.each(
    STAGES.flatMap((stage) =>
      (['age', 'amount', 'vendor', 'number'] as const).flatMap((sort) =>
        [false, true].map((descending) => ({ stage, sort, descending })),
      ),
    ),
  )('$stage by $sort, descending: $descending', async (asked) => {
    const limited = visitorWith('maria', grant('approver', ['acme'], [11]), grant('viewer', ['larkspur']));
    const cursor = Buffer.from(
      JSON.stringify([
        asked.sort,
        asked.descending ? 'DESC' : 'ASC',
        asked.sort === 'number' ? 1 : NOW,
        'erp/1',
        'acme',
      ]),
    ).toString('base64url');
    for (const more of [
      {},
      { cursor },
      { q: 'x y' },
      {
        vendor: 'x',
        kinds: ['vendor' as const],
        warnings: true,
        amountFrom: '1',
        amountTo: '2',
        source: 'erp' as const,
        mine: true,
        held: true,
        olderThanHours: 1,
        project: '5',
      },
    ])
      for (const visitor of [MARIA_SEES_ALL, limited]) {
        await listPage(partsOf(), visitor, { ...FIRST, ...asked, ...more });
        if (!('cursor' in more)) await listSummary(partsOf(), visitor, more);
      }
    const all = [...new Set(statements())];
    expect(all.length).toBeGreaterThan(3);
    for (const sql of all) {
      const plan = await planOf(sql);
      expect(plan).not.toMatch(/SCAN sync_request/);
      expect(plan).toMatch(/SEARCH sync_request USING .*\(connection_id=\?/);
      if (!sql.includes('GROUP BY') && !sql.includes('"vendor" = ?')) expect(plan).not.toContain('ORDER BY');
    }
  });

  test('a first page takes so many statements however many requests there are', async () => {
    const counts: Record<string, number> = {};
    for (const stage of STAGES) {
      sent.length = 0;
      await listPage(partsOf(), MARIA_SEES_ALL, { ...FIRST, stage, connections: ['acme'] });
      counts[stage] = statements().length;
    }
    expect(counts).toEqual({ needs_me: 3, waiting: 13, stuck: 11, done: 3 });
  });
});
