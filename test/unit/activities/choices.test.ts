/** Which choices a plan goes by: what a person gave to the inbox, and nothing else that lies in our store. */
import type { ConnectionParts } from '../../../src/activities/deps';
import { choicesFor } from '../../../src/activities/reconcile/choices';
import { inboxFor } from '../../../src/desk/inbox';
import { SigningKeys } from '../../../src/domain/people/signing-keys';
import type { ConflictDecision } from '../../../src/domain/reconcile/conflict';
import type { ConnectionPolicy } from '../../../src/domain/request/connection-policy';
import { newRequest } from '../../../src/store/new-request';
import type { ConflictRow } from '../../../src/store/rows';
import type { Store } from '../../../src/store/store';
import { TEST_KEYS } from '../../support/people';
import { onEachStore } from '../../support/stores';

const now = '2026-11-27T09:00:00.000Z';
const PAIR = { procore: '1', erp: '2' };
const ROW = newRequest('acme', 'vendors', 1, now, '2026-11-27T09:00:00.000');
const policy = (...approvers: string[]): ConnectionPolicy => ({
  rules: [],
  approvers: approvers.map((id) => ({ id })),
  requireSecondPerson: false,
  openDetailHours: 0,
});

const conflict: ConflictRow = {
  connectionId: 'acme',
  id: 'vendor/7#phone',
  linkId: 'l1',
  recordKind: 'vendor',
  recordId: 'vendor/7',
  erpKey: '1|10442',
  field: 'phone',
  agreed: { procore: null, erp: null, at: null },
  ...PAIR,
  fits: { erp: { value: '1' }, procore: { value: '2' } },
  procoreAt: null,
  erpAt: null,
  rule: 'ask',
  owner: null,
  openedAt: now,
  decision: null,
  closedAt: null,
  closedBecause: null,
};

onEachStore('choices about conflicts', (world) => {
  let store: Store;
  beforeEach(async () => {
    store = await world.open();
    await store.transaction('add', 'acme', async (t) => {
      const row = { id: 'acme', companyId: 4264807, erpAdapter: 'sample', erpCompany: '1', createdAt: now };
      await t.connections.add(row);
      t.conflicts.put([conflict]);
    });
  });

  const settle = (by = 'maria', account: string | null = null) =>
    inboxFor(
      {
        store,
        keys: TEST_KEYS,
        now: () => now,
        policyOf: () => Promise.resolve(policy('maria')),
        startReconcile: () => Promise.resolve(),
      },
      { by, account, channel: 'cli' },
    ).settle({
      connectionId: 'acme',
      answers: [{ id: conflict.id, choice: { take: 'erp' }, pair: PAIR }],
      comment: 'asked',
    });
  const put = (decision: ConflictDecision) =>
    store.transaction('forge', 'acme', async (t) => void t.conflicts.update(conflict, { decision }));
  const plan = (more: { policy?: ConnectionPolicy; breakGlass?: boolean; keys?: SigningKeys } = {}) =>
    store.transaction('plan', 'acme', async (t) => {
      const connection = { id: 'acme', policy: more.policy ?? policy('maria') } as ConnectionParts;
      const people = { keys: more.keys ?? TEST_KEYS, breakGlass: more.breakGlass ?? false };
      const open = await t.conflicts.open('acme');
      const chosen = await choicesFor(t, { connection, row: ROW }, open, { people, now });
      return chosen.get('l1')?.get('phone')?.choice.take ?? null;
    });
  const left = async (): Promise<{ decision: unknown; incidents: number }> =>
    store.read('read', async (t) => ({
      decision: (await t.conflicts.find('acme', conflict.id))?.decision ?? null,
      incidents: (await t.audit.forRequest(ROW)).filter(({ action }) => action === 'incident.found').length,
    }));

  test('what a person gave to the inbox counts, as often as it is planned', async () => {
    await settle();
    expect([await plan(), await plan()]).toEqual(['erp', 'erp']);
    expect(await left()).toMatchObject({ decision: { by: 'maria', comment: 'asked' }, incidents: 0 });
  });

  test.each<[string, Partial<ConflictDecision>]>([
    ['another choice', { choice: { take: 'procore' } }],
    ['another person', { by: 'tom' }],
    ['other values', { pair: { procore: '1', erp: '3' } }],
  ])('%s in the row than in the log is an incident, and is taken out', async (_what, changed) => {
    await settle();
    const { decision } = (await store.read('read', (t) => t.conflicts.find('acme', conflict.id))) ?? {};
    if (!decision) throw new Error('nobody chose');
    await put({ ...decision, ...changed });
    expect(await plan()).toBeNull();
    expect(await left()).toEqual({ decision: null, incidents: 1 });
  });

  test.each<[string, Parameters<typeof plan>[0], string | null]>([
    ['of somebody who is no approver any more', { policy: policy('tom') }, null],
    ['in the name of somebody, while break-glass is off', { breakGlass: false }, 'uid 0 (root)'],
    [
      'under a key that nobody here has',
      { keys: new SigningKeys([{ id: 'new', key: Buffer.alloc(32, 3).toString('base64') }]) },
      null,
    ],
  ])('a choice %s does not count, and nobody did wrong', async (_what, more, account) => {
    await settle('maria', account);
    expect(await plan(more)).toBeNull();
    expect(await left()).toEqual({ decision: null, incidents: 0 });
  });

  test('a choice in the name of somebody counts while break-glass is on', async () => {
    await settle('maria', 'uid 0 (root)');
    expect(await plan({ breakGlass: true })).toBe('erp');
  });

  test('a choice about values that are not there any more is refused, and nothing is kept of it', async () => {
    await store.transaction('move', 'acme', async (t) => void t.conflicts.put([{ ...conflict, erp: '3' }]));
    await expect(settle()).rejects.toMatchObject({ code: 'CONFLICT_CHANGED' });
    expect(await left()).toEqual({ decision: null, incidents: 0 });
  });
});
