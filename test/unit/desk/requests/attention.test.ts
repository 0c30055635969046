/** Who looks after a request, and who holds it, stands in its row: lists show it and are filtered by it. Whoever decides asks the log. */
import { sayAbout } from '../../../../src/desk/attention';
import type { Said } from '../../../../src/desk/attention';
import { listPage, listSummary } from '../../../../src/desk/requests/list';
import type { RequestsAsked } from '../../../../src/desk/requests/filter';
import type { Store } from '../../../../src/store/store';
import { MARIA_SEES_ALL, POLICY, requestOf } from '../../../support/listed-requests';
import { onEachStore } from '../../../support/stores';

const NOW = '2026-11-27T09:00:00.000Z';

onEachStore('holds and owners in lists', (world) => {
  let store: Store;
  const parts = () => ({
    store,
    now: () => NOW,
    connections: [{ id: 'acme' }],
    policyOf: () => Promise.resolve(POLICY),
  });
  beforeEach(async () => {
    store = await world.open();
    await store.transaction('add', 'acme', async (t) => {
      const row = { id: 'acme', companyId: 4264807, erpAdapter: 'sample', erpCompany: '1', createdAt: NOW };
      await t.connections.add(row);
      const waiting = { status: 'waiting_for_finance', planHash: 'f'.repeat(64) } as const;
      t.requests.addAll(
        [1, 2, 3].map((position) => requestOf(position, waiting)),
        [],
        [],
      );
    });
  });

  const say = (id: string, said: Said) =>
    sayAbout(parts(), MARIA_SEES_ALL, { connectionId: 'acme', id }, said, 'desk');
  const shown = async (asked: RequestsAsked = {}, visitor = MARIA_SEES_ALL) => {
    const { rows } = await listPage(parts(), visitor, {
      ...{ stage: 'needs_me', sort: 'number', descending: false, take: 50 },
      ...asked,
    });
    const { needs_me: summary } = await listSummary(parts(), visitor, asked);
    expect(summary.count).toBe(rows.length);
    return rows.map(({ id, owner, heldBy, bulk }) => [id, owner, heldBy, bulk]);
  };

  test('each row says so, and what is held is approved with no others', async () => {
    await say('erp/1', { say: 'hold', comment: 'the vendor calls back' });
    await say('erp/2', { say: 'assign', owner: 'maria', comment: '' });
    await say('erp/3', { say: 'comment', comment: 'looks good' });
    expect(await shown()).toEqual([
      ['erp/1', null, 'maria', false],
      ['erp/2', 'maria', null, true],
      ['erp/3', null, null, true],
    ]);
    await say('erp/1', { say: 'release', comment: '' });
    await say('erp/2', { say: 'assign', owner: null, comment: '' });
    expect(await shown()).toEqual([
      ['erp/1', null, null, true],
      ['erp/2', null, null, true],
      ['erp/3', null, null, true],
    ]);
  });

  test('a list of mine, of what is held, and of what is not', async () => {
    await say('erp/1', { say: 'hold', comment: 'the vendor calls back' });
    await say('erp/1', { say: 'assign', owner: 'clerk', comment: '' });
    await say('erp/2', { say: 'assign', owner: 'maria', comment: '' });
    const ids = async (...given: Parameters<typeof shown>) => (await shown(...given)).map(([id]) => id);
    expect(await ids({ mine: true })).toEqual(['erp/2']);
    expect(await ids({ mine: false })).toEqual(['erp/1', 'erp/2', 'erp/3']);
    expect(await ids({ held: true })).toEqual(['erp/1']);
    expect(await ids({ held: false })).toEqual(['erp/2', 'erp/3']);
    expect(await ids({ mine: true, held: true })).toEqual([]);
  });

  test('a filter is no index: it is looked for in bounded steps', async () => {
    const part = { connectionId: 'acme', status: 'done' as never };
    const isIndexed = (filter: object) =>
      store.read('test', (t) => Promise.resolve(t.requestList.isIndexed(part, filter)));
    expect(
      await Promise.all([{}, { owner: 'maria' }, { held: true }, { held: false }].map(isIndexed)),
    ).toEqual([true, false, false, false]);
  });
});
