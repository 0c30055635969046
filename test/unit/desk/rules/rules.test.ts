/** Rules that are changed in the Desk: what is in force, who may change it, and what a row that somebody wrote past us is worth. */
import * as fc from 'fast-check';
import { readCheckedRules } from '../../../../src/composition';
import { decideRules, proposeRules, resealRules, withdrawRules } from '../../../../src/desk/rules/change';
import type { RulesParts } from '../../../../src/desk/rules/parts';
import { readRules, whichRules } from '../../../../src/desk/rules/read';
import { tryRules } from '../../../../src/desk/rules/try';
import type { DeskRefusal } from '../../../../src/desk/refusal';
import type { Grant, Visitor } from '../../../../src/domain/people/access';
import { SigningKeys } from '../../../../src/domain/people/signing-keys';
import { sealPlan } from '../../../../src/domain/plan/plan';
import type { ConnectionPolicy } from '../../../../src/domain/request/connection-policy';
import { hashOfRules, UNPROVEN } from '../../../../src/domain/rules/body';
import { actIn } from '../../../../src/domain/rules/versions';
import { newRequest } from '../../../../src/store/new-request';
import type { Store } from '../../../../src/store/store';
import { TEST_KEY, TEST_KEYS } from '../../../support/people';
import { onEachStore } from '../../../support/stores';
import { body as planBody } from '../../domain/plans';

const NOW = '2026-11-27T09:00:00.000Z';
const POLICY: ConnectionPolicy = {
  rules: [{ name: 'file', decision: 'approve', when: { events: ['create_vendor'] } }],
  approvers: [
    { id: 'maria', procoreUserId: 1 },
    { id: 'tom', procoreUserId: 2 },
  ],
  requireSecondPerson: true,
  openDetailHours: 24,
};
const connection = { id: 'acme', policy: POLICY };
const admin = (id: string, more: Partial<Visitor> = {}): Visitor => ({
  id,
  name: null,
  identity: null,
  via: 'session',
  expiresAt: '2027-01-01T00:00:00.000Z',
  grants: [{ role: 'admin', connections: null, projects: null }],
  ...more,
});
const rules = (name: string) => ({
  rules: [{ name, decision: 'approve', when: { amountBelow: '1000.00' } }],
  requireSecondPerson: true,
});

const code = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: unknown) => (error as DeskRefusal).code,
  );

onEachStore('rules', (world) => {
  let store: Store;
  let parts: RulesParts;
  beforeEach(async () => {
    store = await world.open();
    parts = { store, keys: TEST_KEYS, now: () => NOW, connections: [connection], check: readCheckedRules };
    await store.transaction('add', 'acme', async (t) => {
      const row = { id: 'acme', companyId: 4264807, erpAdapter: 'sample', erpCompany: '1', createdAt: NOW };
      await t.connections.add(row);
    });
  });

  const propose = (by: string | Visitor, name: string, basedOn = 0) =>
    proposeRules(parts, typeof by === 'string' ? admin(by) : by, {
      ...{ connectionId: 'acme', body: rules(name), basedOn, comment: 'because' },
    });
  const answer = (
    by: string | Visitor,
    { version, hash }: { readonly version: number; readonly hash: string },
    how: 'approve' | 'reject' | 'withdraw' = 'approve',
  ) => {
    const visitor = typeof by === 'string' ? admin(by) : by;
    const asked = { connectionId: 'acme', version, hash, comment: 'so be it' };
    return how === 'withdraw'
      ? withdrawRules(parts, visitor, asked)
      : decideRules(parts, visitor, { ...asked, answer: how });
  };
  const inForce = (keys = TEST_KEYS) => store.read('test', (t) => t.rules.inForce(connection, keys));
  const names = async (): Promise<readonly string[]> =>
    (await inForce()).policy.rules.map(({ name }) => name);
  const change = async (name: string, basedOn = 0) => answer('bea', await propose('ada', name, basedOn));

  test('the configuration counts until another admin approves a change, and then the change does', async () => {
    expect(await names()).toEqual(['file']);
    const proposal = await propose('ada', 'first');
    expect(await names()).toEqual(['file']);
    await answer('bea', proposal);
    expect(await inForce()).toMatchObject({
      version: 1,
      problem: null,
      policy: { rulesVersion: 1, openDetailHours: 24 },
    });
    expect(await names()).toEqual(['first']);
    const page = await readRules(parts, admin('ada'), 'acme');
    expect(page).toMatchObject({ version: 1, configurationDiffers: true, proposed: [] });
    expect(page.inForce.rules[0]?.sentence).toBe('Approves plans under 1,000.00, without warnings.');
    expect(
      page.history.map(({ version, state, proposed, decided }) => [
        version,
        state,
        proposed?.by,
        decided?.by,
      ]),
    ).toEqual([
      [1, 'in_force', 'ada', 'bea'],
      [0, 'replaced', undefined, undefined],
    ]);
  });

  test('nobody approves their own change: not in other letters, not under another name of the same login', async () => {
    const identity = { issuer: 'https://login.example', subject: '4711' };
    const proposal = await propose(admin('ada', { identity }), 'first');
    expect(await code(answer('ada', proposal))).toBe('SAME_PERSON');
    expect(await code(answer('ADA', proposal))).toBe('SAME_PERSON');
    expect(await code(answer(admin('ada.private', { identity }), proposal))).toBe('SAME_PERSON');
    expect(await code(answer('bea', proposal, 'withdraw'))).toBe('NOT_YOURS');
    expect(await names()).toEqual(['file']);
  });

  test('a decision is about what was looked at, and about what was in force then', async () => {
    const proposal = await propose('ada', 'first');
    expect(await code(answer('bea', { ...proposal, hash: '0'.repeat(64) }))).toBe('RULES_CHANGED');
    const late = await propose('ada', 'late');
    await answer('bea', proposal);
    expect(await code(answer('bea', late))).toBe('RULES_CHANGED');
    expect(await code(answer('bea', proposal))).toBe('RULES_DECIDED');
    expect(await code(propose('ada', 'older', 0))).toBe('RULES_CHANGED');
    expect(await code(propose('ada', 'first', 1))).toBe('RULES_SAME');
    expect((await readRules(parts, admin('ada'), 'acme')).proposed).toMatchObject([
      { version: 2, outdated: true },
    ]);
    await answer('bea', late, 'reject');
    expect(await names()).toEqual(['first']);
  });

  test.each<[string, readonly Grant[], string]>([
    ['an approver', [{ role: 'approver', connections: null, projects: null }], 'NotAllowed'],
    ['an admin of some projects', [{ role: 'admin', connections: null, projects: [7] }], 'NotAllowed'],
    [
      'an admin of another connection',
      [{ role: 'admin', connections: ['other'], projects: null }],
      'CONNECTION_UNKNOWN',
    ],
  ])('%s changes nothing', async (_, grants, expected) => {
    const proposal = await propose('ada', 'first');
    expect(await code(propose(admin('bea', { grants }), 'second'))).toBe(expected);
    expect(await code(answer(admin('bea', { grants }), proposal))).toBe(expected);
    expect(await code(readRules(parts, admin('bea', { grants }), 'acme'))).toBe(
      expected === 'CONNECTION_UNKNOWN' ? expected : 'done',
    );
  });

  test('what the configuration would refuse is refused here, in sentences', async () => {
    const bad = (body: unknown) =>
      proposeRules(parts, admin('ada'), { connectionId: 'acme', body, basedOn: 0, comment: 'x' });
    await expect(
      bad({ ...rules('a'), rules: [{ name: 'a', decision: 'approve', when: {} }] }),
    ).rejects.toThrow(/rules\.0\.when: without a condition this rule would decide about every plan/);
    await expect(
      bad({ ...rules('a'), rules: [{ name: 'a', decision: 'approve', when: { events: ['nothing'] } }] }),
    ).rejects.toThrow(/the event "nothing", which does not exist/);
    await expect(
      bad({
        ...rules('a'),
        delegations: [{ from: 'nobody', to: 'tom', begin: '2026-07-01', end: '2026-07-02' }],
      }),
    ).rejects.toThrow(/"nobody" is no approver/);
  });

  test('whatever people do in whatever order: one version at most is in force, and each change is two admins’', async () => {
    const step = fc.record({
      by: fc.constantFrom('ada', 'Ada', 'bea', 'cy'),
      how: fc.constantFrom('propose', 'propose', 'approve', 'approve', 'reject', 'withdraw'),
      name: fc.constantFrom('a', 'b', 'c'),
      basedOn: fc.nat(3),
      version: fc.integer({ min: 1, max: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 12 }), async (steps) => {
        for (const { by, how, name, version, basedOn } of steps) {
          const row = (await store.read('test', (t) => t.rules.all('acme'))).find(
            (one) => one.version === version,
          );
          const done =
            how === 'propose'
              ? propose(by, name, basedOn)
              : answer(by, { version, hash: row?.hash ?? '' }, how);
          await code(done);
        }
        const { versions, rows } = await store.read('test', (t) => t.rules.history('acme', TEST_KEYS));
        const holding = rows.filter(({ state }) => state === 'in_force');
        expect(holding.length).toBeLessThanOrEqual(1);
        expect(holding[0]?.version ?? 0).toBe(versions.inForce);
        const now = await inForce();
        expect(now).toMatchObject({ version: versions.inForce, problem: null });
        for (const { version, state, proposed, decided, hash } of versions.all) {
          const row = rows.find((one) => one.version === version);
          expect(row).toMatchObject({ state, hash });
          expect(row && hashOfRules(row.body)).toBe(hash);
          if (state === 'in_force' || state === 'replaced')
            expect(decided?.by.toLowerCase()).not.toBe(proposed?.by.toLowerCase());
        }
      }),
      { numRuns: 12 },
    );
  });

  describe('past Tieback', () => {
    test('a row that nobody signed counts for nothing', async () => {
      await change('first');
      await world.run(
        `INSERT INTO policy_version SELECT connection_id, 99, 1, body, hash, 'in_force', proposed_by, proposed_at, proposed_comment,
          decided_by, decided_at, decided_comment, seal FROM policy_version`,
      );
      expect(await inForce()).toMatchObject({ version: 1, problem: null });
    });

    test.each([
      [
        'a body that was changed',
        `UPDATE policy_version SET body = replace(body, '1000.00', '9999999.00')`,
        /was changed in our store/,
      ],
      ['a row that is gone', `DELETE FROM policy_version`, /is gone/],
      ['a state set back', `UPDATE policy_version SET state = 'replaced'`, /is gone/],
      [
        'an approval cut out of the log',
        `UPDATE audit_entry SET actor = 'eve' WHERE action = 'rule.approved'`,
        /does not know it any more/,
      ],
    ])('%s sends everything to finance', async (_, sql, problem) => {
      await change('first');
      await world.run(sql);
      const now = await inForce();
      expect(now.problem).toMatch(problem);
      expect(now.policy.rules).toEqual([{ name: UNPROVEN, decision: 'ask_finance', when: {} }]);
      expect(await store.read('test', (t) => whichRules(t, connection, TEST_KEYS))).toMatchObject({
        words: expect.stringContaining('every plan goes to finance') as string,
      });
    });

    test('a copy of an earlier approval, properly in the log, brings nothing back', async () => {
      await change('first');
      await change('second', 1);
      await store.transaction('forge', 'acme', async (t) => {
        const all = await t.audit.sealedAbout('acme', { subject: 'rules', action: 'rule.approved' });
        await t.audit.append(
          'acme',
          all.filter((entry) => actIn(entry)?.version === 1),
        );
      });
      expect(await inForce()).toMatchObject({ version: 2, problem: null });
    });

    test('an approval without our signature, properly in the log, approves nothing', async () => {
      const { version, hash } = await propose('ada', 'first');
      const detail = {
        version,
        hash,
        basedOn: 0,
        comment: '',
        signedAt: NOW,
        signatures: [{ keyId: 'test', value: 'ab'.repeat(64) }],
      };
      const entry = {
        at: NOW,
        actor: 'bea',
        action: 'rule.approved',
        subject: 'rules',
        requestId: null,
        planHash: null,
        workflowId: null,
        detail,
      } as const;
      await store.transaction('forge', 'acme', (t) => t.audit.append('acme', [entry]));
      await world.run(`UPDATE policy_version SET state = 'in_force'`);
      expect(await inForce()).toMatchObject({ version: 0, problem: null });
    });
  });

  test('when the signing keys change, the rules stay: they are signed anew while both are there', async () => {
    const old = { id: 'test', key: TEST_KEY };
    const next = { id: 'next', key: Buffer.alloc(32, 8).toString('base64') };
    const [both, fresh] = [new SigningKeys([next, old]), new SigningKeys([next])];
    await change('first');
    expect((await inForce(fresh)).problem).toMatch(/signed with a key that is not configured any more/);
    expect(await resealRules({ store, keys: both, now: () => NOW }, connection)).toBe(true);
    expect(await resealRules({ store, keys: both, now: () => NOW }, connection)).toBe(false);
    expect(await inForce(fresh)).toMatchObject({ version: 1, problem: null });
    parts = { ...parts, keys: fresh };
    await change('second', 1);
    expect((await inForce(fresh)).policy.rules.map(({ name }) => name)).toEqual(['second']);
  });

  describe('against plans of before', () => {
    const plan = (number: number, amount: string) =>
      sealPlan(
        planBody({
          subject: `Order ${number}`,
          warnings: [],
          facts: { kinds: ['vendor'], projects: [], amount, currency: 'USD', dates: [], flags: {} },
        }),
      );
    const add = (
      number: number,
      amount: string,
      { by, builtAt = NOW }: { readonly by?: string; readonly builtAt?: string } = {},
    ) =>
      store.transaction('add', 'acme', async (t) => {
        const row = newRequest('acme', 'erp', number, builtAt);
        const built = plan(number, amount);
        await t.requests.add({ ...row, eventName: 'create_vendor', status: 'waiting_for_finance' });
        await t.plans.add({ ...row, page: 0 }, built, builtAt);
        if (by === undefined) return;
        const about = { connectionId: 'acme', requestId: row.id, planHash: built.hash };
        await t.plans.decide({
          ...about,
          decision: 'approved',
          decidedBy: by,
          comment: '',
          channel: 'policy',
          at: builtAt,
        });
        const entry = {
          at: builtAt,
          actor: by,
          action: 'approval.granted',
          subject: row.id,
          requestId: row.id,
          planHash: built.hash,
          workflowId: null,
          detail: {},
        } as const;
        await t.audit.append('acme', [entry]);
      });

    test('what other rules would have said, beside what was said', async () => {
      await add(1, '100.00', { by: 'rule:file' });
      await add(2, '5000.00', { by: 'rule:file' });
      await add(3, '900.00', { by: 'maria' });
      await add(4, '250000.10');
      await add(5, '1.00', { builtAt: '2026-10-01T00:00:00.000Z' });
      const read = readCheckedRules({
        requireSecondPerson: true,
        rules: [
          { name: 'large', decision: 'ask_two', when: { amountFrom: '100000' } },
          { name: 'small', decision: 'approve', when: { amountBelow: '1000' } },
        ],
      });
      if (!('body' in read)) throw new Error(read.problems.join());
      const trial = await tryRules(store, 'acme', read.body, { now: NOW });
      expect(trial).toMatchObject({
        plans: 4,
        cut: false,
        said: [
          { decision: 'approve', count: 2, sums: [{ currency: 'USD', amount: '5100' }] },
          { decision: 'ask_finance', count: 2, sums: [{ currency: 'USD', amount: '250900.1' }] },
          { decision: 'ask_two', count: 0, sums: [] },
        ],
        would: [
          { decision: 'approve', count: 2, sums: [{ currency: 'USD', amount: '1000' }] },
          { decision: 'ask_finance', count: 1 },
          { decision: 'ask_two', count: 1, sums: [{ currency: 'USD', amount: '250000.1' }] },
        ],
        differing: 3,
      });
      expect(
        trial.differences.map(({ requestId, said, would }) => [requestId, said, would.decision, would.rule]),
      ).toEqual([
        ['erp/2', { decision: 'approve', rule: 'file' }, 'ask_finance', 'default'],
        ['erp/3', { decision: 'ask_finance', rule: 'default' }, 'approve', 'small'],
        ['erp/4', { decision: 'ask_finance', rule: 'default' }, 'ask_two', 'large'],
      ]);
      expect(
        await code(tryRules(store, 'acme', read.body, { now: NOW, since: '2020-01-01T00:00:00.000Z' })),
      ).toBe('BadValue');
    });

    test('a long run lets others in between, and tells how far it is', async () => {
      for (let number = 1; number <= 60; number += 1) await add(number, '10.00');
      const seen: number[] = [];
      let others = 0;
      const others$ = setInterval(() => (others += 1), 0);
      const read = readCheckedRules(rules('a'));
      if (!('body' in read)) throw new Error(read.problems.join());
      await tryRules(store, 'acme', read.body, { now: NOW, progress: (plans) => seen.push(plans) });
      clearInterval(others$);
      expect(seen).toEqual([25, 50, 60]);
      expect(others).toBeGreaterThan(0);
    });

    test('hits are counted in the log, for the version that was in force', async () => {
      await add(1, '100.00', { by: 'rule:file' });
      await change('file');
      await add(2, '100.00', { by: 'rule:file' });
      await add(3, '100.00', { by: 'rule:file' });
      const { history } = await readRules(parts, admin('ada'), 'acme');
      expect(history.map(({ version, hits }) => [version, hits])).toEqual([
        [1, [{ rule: 'file', count: 2, last: NOW, examples: ['erp/3', 'erp/2'] }]],
        [0, [{ rule: 'file', count: 1, last: NOW, examples: ['erp/1'] }]],
      ]);
      const some = admin('val', { grants: [{ role: 'viewer', connections: null, projects: [7] }] });
      expect((await readRules(parts, some, 'acme')).history[0]?.hits).toMatchObject([
        { count: 2, examples: [] },
      ]);
    });
  });
});
