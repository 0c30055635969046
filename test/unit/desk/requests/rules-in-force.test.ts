/** Rules that are changed in the Desk change the lists of a daemon that runs: whom a request waits for, and who may hold it. */
import { readCheckedRules } from '../../../../src/composition';
import { sayAbout } from '../../../../src/desk/attention';
import type { DeskRefusal } from '../../../../src/desk/refusal';
import { listPage, listSummary } from '../../../../src/desk/requests/list';
import { decideRules, proposeRules } from '../../../../src/desk/rules/change';
import { policyNowIn, withDelegated } from '../../../../src/desk/rules/policy';
import type { Visitor } from '../../../../src/domain/people/access';
import { grantsOf } from '../../../../src/domain/people/grants';
import type { ConnectionPolicy } from '../../../../src/domain/request/connection-policy';
import { reachOn, stageOf } from '../../../../src/domain/request/stage';
import type { Store } from '../../../../src/store/store';
import { grant, NOW, requestOf, storeWith, visitorWith } from '../../../support/listed-requests';
import { TEST_KEYS } from '../../../support/people';

const MARIA_IN_PROCORE = 7;
const TOM_IN_PROCORE = 8;
const POLICY: ConnectionPolicy = {
  rules: [],
  approvers: [
    { id: 'maria', procoreUserId: MARIA_IN_PROCORE },
    { id: 'nora', procoreUserId: 9, projects: [11] },
  ],
  requireSecondPerson: true,
  openDetailHours: 72,
};
const CONNECTIONS = [{ id: 'acme', policy: POLICY }];
const FIRST = { stage: 'needs_me', sort: 'number', descending: false, take: 50 } as const;

let store: Store;
let now: string;
afterEach(() => store.close());
beforeEach(async () => {
  now = NOW;
  const waiting = (position: number, requestedBy: number | null, projectId: number) =>
    requestOf(position, {
      ...{ status: 'waiting_for_finance', requestedBy },
      about: { place: { itemType: 'project', id: projectId, projectId } },
    });
  store = await storeWith(
    ['acme'],
    [waiting(1, MARIA_IN_PROCORE, 11), waiting(2, 5, 11), waiting(3, TOM_IN_PROCORE, 12)],
  );
});

const ruled = () => ({ store, keys: TEST_KEYS, now: () => now, connections: CONNECTIONS });
const parts = () => ({ ...ruled(), policyOf: policyNowIn(ruled()) });
/** Somebody as they come in through the door. */
const visiting = (id: string): Promise<Visitor> => {
  const granted = { connections: CONNECTIONS, desk: { grants: [] } };
  return withDelegated(ruled(), visitorWith(id, ...grantsOf(granted, id)), (person) =>
    grantsOf(granted, person),
  );
};
const needs = async (id: string): Promise<readonly string[]> => {
  const visitor = await visiting(id);
  const { rows } = await listPage(parts(), visitor, FIRST);
  const { needs_me: needsMe } = await listSummary(parts(), visitor, {});
  expect(needsMe.count).toBe(rows.length);
  expect(rows.every(({ stage, nextSteps }) => stage === 'needs_me' && nextSteps.includes('approve'))).toBe(
    true,
  );
  return rows.map(({ id: one }) => one);
};

let version = 0;
beforeEach(() => {
  version = 0;
});
async function change(body: object): Promise<void> {
  const given = { ...ruled(), check: readCheckedRules };
  const asked = { connectionId: 'acme', body: { rules: [], ...body }, basedOn: version, comment: 'because' };
  const proposal = await proposeRules(given, visitorWith('ada', grant('admin')), asked);
  version = proposal.version;
  await decideRules(given, visitorWith('bea', grant('admin')), {
    ...{ connectionId: 'acme', version, hash: proposal.hash, comment: 'so be it', answer: 'approve' },
  });
}

test('who asked for it may approve it as soon as two admins said so, and not a moment longer', async () => {
  expect(await needs('maria')).toEqual(['erp/2', 'erp/3']);
  await change({ requireSecondPerson: false });
  expect(await needs('maria')).toEqual(['erp/1', 'erp/2', 'erp/3']);
  await change({ requireSecondPerson: true });
  expect(await needs('maria')).toEqual(['erp/2', 'erp/3']);
});

test('an approver of some projects is needed for those', async () => {
  expect(await needs('nora')).toEqual(['erp/1', 'erp/2']);
});

test('what is handed on needs whoever has it, on its days: never what they or its owner asked for', async () => {
  const tom = () => visiting('tom');
  expect(await needs('tom')).toEqual([]);
  const held = async (): Promise<string> =>
    sayAbout(
      parts(),
      await tom(),
      { connectionId: 'acme', id: 'erp/2' },
      { say: 'hold', comment: 'wait' },
      'desk',
    ).then(
      ({ hold }) => hold?.by ?? '',
      (error: unknown) => (error as DeskRefusal).code,
    );
  expect(await held()).toBe('REQUEST_UNKNOWN');
  await change({
    requireSecondPerson: true,
    delegations: [
      { from: 'maria', to: 'tom', procoreUserId: TOM_IN_PROCORE, begin: '2026-11-27', end: '2026-11-28' },
    ],
  });
  expect(await needs('tom')).toEqual(['erp/2']);
  expect(await held()).toBe('tom in the name of maria');
  const hers = await needs('maria');
  expect(hers).toEqual(['erp/2', 'erp/3']);
  now = '2026-11-29T09:00:00.000Z';
  expect(await needs('tom')).toEqual([]);
  expect(await held()).toBe('REQUEST_UNKNOWN');
});

test('a list and a single request say the same of whom it needs', async () => {
  await change({
    requireSecondPerson: true,
    delegations: [{ from: 'maria', to: 'nora', procoreUserId: 9, begin: '2026-11-27', end: '2026-11-28' }],
  });
  const nora = await visiting('nora');
  const policy = await policyNowIn(ruled())('acme');
  const reach = policy === null ? null : reachOn(nora, 'acme', policy, now);
  const shown = await needs('nora');
  const rows = await store.read('test', (t) => t.requests.open('acme'));
  expect(reach).not.toBeNull();
  if (reach === null) return;
  expect(rows.filter((row) => stageOf(row, reach, now) === 'needs_me').map(({ id }) => id)).toEqual(shown);
  expect(shown).toContain('erp/3');
});
