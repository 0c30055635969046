/** Who may decide in whose name, and when two approvals are those of two persons. */
import * as fc from 'fast-check';
import type { Approval, ConnectionPolicy } from '../../../../src/domain/request/connection-policy';
import {
  deadlineOf,
  deadlinesOf,
  firstOfTwo,
  inWhoseName,
  waitsForSecond,
  whyNotApprover,
  whyNotTwo,
} from '../../../../src/domain/request/connection-policy';
import { decide } from '../../../../src/domain/request/policy';
import type { PolicyRule } from '../../../../src/domain/request/policy';
import { problemsOfRules } from '../../../../src/domain/rules/body';
import { sealPlan } from '../../../../src/domain/plan/plan';
import { body, operation } from '../plans';

const POLICY: ConnectionPolicy = {
  rules: [],
  approvers: [
    { id: 'maria', procoreUserId: 1 },
    { id: 'tom', procoreUserId: 2 },
    { id: 'paula', procoreUserId: 3, decides: ['payroll'] },
  ],
  requireSecondPerson: true,
  openDetailHours: 0,
  timeZone: 'America/Los_Angeles',
  delegations: [
    { from: 'maria', to: 'dana', procoreUserId: 9, begin: '2026-07-01', end: '2026-07-02' },
    { from: 'dana', to: 'eve', procoreUserId: 10, begin: '2026-07-01', end: '2026-07-02' },
  ],
};
const DURING = '2026-07-02T20:00:00.000Z';
const asked = { requestedBy: null, about: 'records' } as const;

describe('delegation', () => {
  test.each([
    ['the day before, by the clocks of the connection', '2026-07-01T06:59:00.000Z', false],
    ['the first minute of its first day', '2026-07-01T07:00:00.000Z', true],
    ['the last minute of its last day', '2026-07-03T06:59:59.999Z', true],
    ['the day after', '2026-07-03T07:00:00.000Z', false],
    ['no day at all', undefined, false],
  ])('%s', (_, at, holds) => {
    const who = { by: 'dana', inNameOf: 'maria', at, ...asked };
    expect(whyNotApprover(POLICY, who) === null).toBe(holds);
    expect(inWhoseName(POLICY, { by: 'dana', at, ...asked })).toBe(holds ? 'maria' : undefined);
  });

  test('nobody approves what they asked for, and nobody what the approver asked for in whose name they decide', () => {
    const who = { by: 'dana', inNameOf: 'maria', at: DURING, about: 'records' } as const;
    expect(whyNotApprover(POLICY, { ...who, requestedBy: 9 })).toMatch(/"dana" asked for this/);
    expect(whyNotApprover(POLICY, { ...who, requestedBy: 1 })).toMatch(/"maria" asked for this/);
    expect(whyNotApprover(POLICY, { ...who, requestedBy: 2 })).toBeNull();
  });

  test('it is no chain, and hands on no more than there is', () => {
    const at = DURING;
    expect(whyNotApprover(POLICY, { by: 'eve', inNameOf: 'dana', at, ...asked })).toMatch(/no approver/);
    expect(whyNotApprover(POLICY, { by: 'eve', inNameOf: 'maria', at, ...asked })).toMatch(/in the name of/);
    const payroll = {
      ...POLICY,
      delegations: [{ from: 'paula', to: 'dana', procoreUserId: 9, begin: '2026-07-01', end: '2026-07-02' }],
    };
    expect(whyNotApprover(payroll, { by: 'dana', inNameOf: 'paula', at, ...asked })).toMatch(
      /does not decide about records/,
    );
  });

  test('an approver decides in their own name', () => {
    expect(inWhoseName(POLICY, { by: 'tom', at: DURING, ...asked })).toBeUndefined();
  });
});

describe('two persons', () => {
  const own = (by: string): Approval => ({ by, account: null });
  const dana: Approval = { by: 'dana', inNameOf: 'maria', account: null };

  test.each<[string, Approval, Approval, RegExp | null]>([
    ['two people', own('maria'), own('tom'), null],
    ['one twice', own('maria'), own('maria'), /stands behind both/],
    ['one under an id in other letters', own('maria'), own('Maria'), /stands behind both/],
    ['in the name of the first', own('maria'), dana, /stands behind both/],
    ['the one in whose name the first was', dana, own('maria'), /stands behind both/],
    ['in the name of another', own('tom'), dana, null],
    ['one and an account of the machine', own('tom'), { by: 'maria', account: 'uid 0 (root)' }, /is neither/],
    ['an account and one', { by: 'maria', account: 'uid 0 (root)' }, own('tom'), /is neither/],
  ])('%s', (_, first, second, why) => {
    const reason = whyNotTwo(POLICY, first, second);
    if (why === null) expect(reason).toBeNull();
    else expect(reason).toMatch(why);
  });

  test('two names with one number of Procore are one person', () => {
    const delegations = [
      { from: 'tom', to: 'maria.private', procoreUserId: 1, begin: '2026-07-01', end: '2026-07-02' },
    ];
    const second = { by: 'maria.private', inNameOf: 'tom', account: null };
    expect(whyNotTwo({ ...POLICY, delegations }, own('maria'), second)).toMatch(/stands behind both/);
    expect(problemsOfRules({ ...POLICY, delegations, deadlines: [] }, POLICY.approvers)).toEqual([
      expect.stringMatching(/its procoreUserId is that of maria/),
    ]);
  });

  test('whoever it is: nobody is both, and the order does not matter', () => {
    const approval = fc.record({
      by: fc.constantFrom('maria', 'MARIA', 'tom', 'dana'),
      inNameOf: fc.constantFrom(undefined, 'maria', 'tom'),
      account: fc.constantFrom(null, null, 'uid 0 (root)'),
    });
    fc.assert(
      fc.property(approval, approval, (one, other) => {
        const isTwo = whyNotTwo(POLICY, one, other) === null;
        const people = ({ by, inNameOf }: Approval): string[] =>
          [by, inNameOf ?? by].map((person) => person.toLowerCase());
        const shared = people(one).some((person) => people(other).includes(person));
        expect(isTwo).toBe(!shared && one.account === null && other.account === null);
        expect(whyNotTwo(POLICY, other, one) === null).toBe(isTwo);
      }),
    );
  });
});

describe('rules', () => {
  const plan = (vendors: readonly string[], amount: string | null = null) =>
    sealPlan(
      body({
        warnings: [],
        operations: vendors.map((erpKey) => operation({ erpKey, action: 'update' })),
        facts: { kinds: ['vendor'], projects: [], amount, dates: [], flags: {} },
      }),
    );
  const rule = (decision: PolicyRule['decision'], when: PolicyRule['when']): PolicyRule[] => [
    { name: 'r', decision, when },
  ];

  test.each<[string, readonly string[], PolicyRule['decision'], readonly string[], boolean]>([
    ['approves what is for its vendors alone', ['1|1', '1|2'], 'approve', ['1|1', '1|2'], true],
    ['does not approve what is for another one too', ['1|1', '1|3'], 'approve', ['1|1', '1|2'], false],
    ['does not approve what names none', [], 'approve', ['1|1'], false],
    ['asks about one of them among others', ['1|1', '1|3'], 'ask_two', ['1|1'], true],
    ['does not ask about others', ['1|3'], 'ask_two', ['1|1'], false],
  ])('a rule with vendors %s', (_, written, decision, vendors, matches) => {
    expect(decide(plan(written), 'x', rule(decision, { vendors })).rule === 'r').toBe(matches);
  });

  test.each([
    ['99999.99', false],
    ['100000.00', true],
    ['100000.01', true],
    [null, false],
  ])('from an amount on: %s', (amount, matches) => {
    expect(decide(plan(['1|1'], amount), 'x', rule('ask_two', { amountFrom: '100000' })).rule === 'r').toBe(
      matches,
    );
  });
});

test.each(['maria', 'tom in the name of maria', 'ada as the first of two'])(
  'that %s gave the first of two approvals is told from the reason',
  (first) => {
    expect(firstOfTwo(waitsForSecond(first))).toBe(first);
    expect(firstOfTwo(`${waitsForSecond(first)} And more.`)).toBeNull();
    expect(firstOfTwo('No policy rule approves this plan.')).toBeNull();
    expect(firstOfTwo(null)).toBeNull();
  },
);

test('deadlines come in the order of their hours', () => {
  const policy = {
    deadlines: [
      { afterHours: 24, tell: { channel: 'finance' } },
      { afterHours: 1.5, tell: { person: 'tom' } },
    ],
  };
  const since = '2026-07-01T07:00:00.000Z';
  expect(deadlineOf(policy, { since })).toEqual({
    due: '2026-07-01T08:30:00.000Z',
    escalateTo: { person: 'tom' },
  });
  expect(deadlinesOf(policy, { since }).map(({ due }) => due)).toEqual([
    '2026-07-01T08:30:00.000Z',
    '2026-07-02T07:00:00.000Z',
  ]);
  expect(deadlineOf({}, { since })).toBeNull();
});
