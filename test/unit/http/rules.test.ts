import type { FastifyInstance } from 'fastify';
import type { RulesPage } from '../../../src/desk/rules/read';
import type { RulesRoom } from '../../../src/desk/rules/room';
import type { Role, Visitor } from '../../../src/domain/people/access';
import { ROLES } from '../../../src/domain/people/access';
import { doorWith } from './door';

const HASH = 'a'.repeat(64);
const BODY = { rules: [], requireSecondPerson: true };
const step = { by: 'ada', at: '2026-11-27T09:00:00.000Z', comment: 'because' };
const said = {
  hash: HASH,
  body: {
    rules: [{ name: 'a', decision: 'ask_two' as const, when: { amountFrom: '100000.00' } }],
    requireSecondPerson: true,
    delegations: [{ from: 'maria', to: 'dana', procoreUserId: 9, begin: '2026-07-01', end: '2026-07-14' }],
    deadlines: [{ afterHours: 8, tell: { channel: 'finance' } }],
  },
  rules: [{ name: 'a', sentence: 'Asks two people about plans of 100,000.00 or more.' }],
  sentences: ['1. "a" asks two people about plans of 100,000.00 or more.'],
};
const version = {
  ...{ version: 2, basedOn: 1, state: 'proposed' as const, hash: HASH, proposed: step, decided: null },
  hits: [{ rule: 'a', count: 3, last: step.at, examples: ['erp/1'] }],
};
const PAGE: RulesPage = {
  ...{ connectionId: 'acme', version: 1, inForce: said, problem: null, configurationDiffers: true },
  ...{ approvers: ['maria'], proposed: [{ ...version, ...said, outdated: false }], history: [version] },
};

async function doorOf(role: Role): Promise<{ readonly app: FastifyInstance; readonly asked: unknown[] }> {
  const asked: unknown[] = [];
  const receipt = { connectionId: 'acme', version: 2, hash: HASH, state: 'proposed' as const };
  const note = (given: unknown) => {
    asked.push(given);
    return Promise.resolve(receipt);
  };
  const app = await doorWith({
    visitor: () =>
      Promise.resolve({
        ...{ id: 'maria', name: null, identity: null, via: 'token', expiresAt: '2027-01-01T00:00:00.000Z' },
        grants: [{ role, connections: ['acme'], projects: null }],
      }),
    rules: {
      read: () => Promise.resolve(PAGE),
      try: (_: Visitor, given: unknown) => {
        asked.push(given);
        const none = { plans: 0, said: [], would: [], differing: 0, differences: [], cut: false };
        return Promise.resolve({ ...none, since: step.at, until: step.at });
      },
      propose: (_: Visitor, given: unknown) => note(given),
      settle: (_: Visitor, given: unknown) => note(given),
    } as unknown as RulesRoom,
  });
  return { app, asked };
}

test('the page of rules arrives whole', async () => {
  const { app } = await doorOf('viewer');
  const answered = await app.inject('/api/rules/acme');
  expect(answered.statusCode).toBe(200);
  expect(answered.json()).toEqual(PAGE);
});

const WRITES: readonly [string, object, object][] = [
  ['/api/rules/acme/try', { body: BODY }, { connectionId: 'acme', body: BODY }],
  [
    '/api/rules/acme/proposals',
    { body: BODY, basedOn: 1, comment: 'why' },
    { connectionId: 'acme', body: BODY, basedOn: 1, comment: 'why' },
  ],
  [
    '/api/rules/acme/proposals/2',
    { answer: 'withdraw', hash: HASH },
    { connectionId: 'acme', version: 2, answer: 'withdraw', hash: HASH, comment: '' },
  ],
];

test.each(ROLES.flatMap((role) => WRITES.map(([url, payload, given]) => ({ role, url, payload, given }))))(
  '$role at $url',
  async ({ role, url, payload, given }) => {
    const { app, asked } = await doorOf(role);
    const answered = await app.inject({ method: 'POST', url, payload });
    expect(answered.statusCode).toBe(role === 'admin' ? 200 : 403);
    expect(asked).toEqual(role === 'admin' ? [given] : []);
  },
);

test.each([
  ['a version that is none', '/api/rules/acme/proposals/first', { answer: 'approve', hash: HASH }],
  ['no hash', '/api/rules/acme/proposals/2', { answer: 'approve' }],
  ['no version that was looked at', '/api/rules/acme/proposals', { body: BODY }],
])('%s is refused', async (_, url, payload) => {
  const { app, asked } = await doorOf('admin');
  expect((await app.inject({ method: 'POST', url, payload })).statusCode).toBe(400);
  expect(asked).toEqual([]);
});
