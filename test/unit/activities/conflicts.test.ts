/** How conflicts open, follow the sides and close by themselves, in our store. */
import type { FoundConflicts } from '../../../src/activities/record/conflicts';
import { closeGoneConflicts, settleConflicts } from '../../../src/activities/record/conflicts';
import type { AuditEntry } from '../../../src/domain/audit/chain';
import type { RecordLink } from '../../../src/domain/kinds/record-link';
import type { PlannedConflict } from '../../../src/domain/plan/plan';
import type { ConflictRow } from '../../../src/store/rows';
import type { Store } from '../../../src/store/store';
import { newRequest } from '../../../src/store/new-request';
import { onEachStore } from '../../support/stores';

const LATER = '2026-11-27T10:00:00.000Z';
const now = '2026-11-27T09:00:00.000Z';
const ID = 'vendor/7#phone';
const row = newRequest('acme', 'vendors', 1, now, '2026-11-27T09:00:00.000');

const link: RecordLink = {
  id: 'l1',
  kind: 'vendor',
  erpKey: '1|10442',
  procoreId: 7,
  state: 'linked',
  generation: 1,
  procore: null,
  erp: null,
  erpRevision: null,
};

const planned = (procore: string, erp: string): PlannedConflict => ({
  kind: 'vendor',
  recordId: 'vendor/7',
  erpKey: '1|10442',
  field: 'phone',
  agreed: { procore: '0', erp: '0' },
  pair: { procore, erp },
  fits: { erp: { value: procore }, procore: { value: erp } },
  changedAt: { procore: null, erp: null },
  rule: 'ask',
});

onEachStore('conflicts', (world) => {
  let store: Store;
  beforeEach(async () => {
    store = await world.open();
    await store.transaction('add', 'acme', (t) =>
      t.connections.add({
        id: 'acme',
        companyId: 4264807,
        erpAdapter: 'sample',
        erpCompany: '1',
        createdAt: now,
      }),
    );
  });

  const settle = (open: readonly PlannedConflict[], more: Partial<FoundConflicts> = {}, at = now) =>
    store.transaction('settle', 'acme', (t) => {
      const found = {
        compared: [link.erpKey],
        unwritten: new Set<string>(),
        written: new Set<string>(),
        agreedAt: new Map(),
        ownership: {},
      };
      return settleConflicts(t, row, { open, moved: [link], ...found, ...more }, at);
    });
  const stored = (): Promise<ConflictRow | null> => store.read('read', (t) => t.conflicts.find('acme', ID));
  const choose = (take: 'erp' | 'ignore') =>
    store.transaction('choose', 'acme', async (t) => {
      const found = await t.conflicts.find('acme', ID);
      if (found === null) throw new Error('there is none');
      const { procore, erp } = found;
      const decision = { choice: { take }, pair: { procore, erp }, by: 'maria', comment: '', at: now };
      t.conflicts.update(found, { decision, owner: 'maria' });
    });
  const because = (entries: readonly AuditEntry[]): unknown[] =>
    entries.map(({ action, detail }) => detail['because'] ?? action);

  test('it opens once, with when both agreed, and follows the sides as the same conflict', async () => {
    const agreedAt = new Map([[link.erpKey, '2026-11-01T00:00:00.000Z']]);
    expect(because(await settle([planned('1', '2')], { agreedAt }))).toEqual(['conflict.opened']);
    await choose('erp');
    expect(await settle([planned('1', '2')], {}, LATER)).toEqual([]);
    expect(await stored()).toMatchObject({ decision: { by: 'maria' } });
    expect(await settle([planned('1', '3')], {}, LATER)).toEqual([]);
    expect(await stored()).toMatchObject({
      procore: '1',
      erp: '3',
      openedAt: now,
      owner: 'maria',
      decision: null,
      agreed: { procore: '0', at: '2026-11-01T00:00:00.000Z' },
    });
  });

  test.each<[string, Partial<FoundConflicts>, 'erp' | null, string]>([
    ['what was chosen was written', { written: new Set([ID]) }, 'erp', 'decided'],
    ['both hold the same, whatever was chosen', {}, 'erp', 'settled outside'],
    ['both hold the same', {}, null, 'settled outside'],
    ['the field has an owner now', { ownership: { vendor: { all: 'erp' } } }, null, 'rule changed'],
  ])('%s: it closes', async (_what, more, chosen, expected) => {
    await settle([planned('1', '2')]);
    if (chosen !== null) await choose(chosen);
    expect(because(await settle([], more, LATER))).toEqual([expected]);
    expect(await stored()).toMatchObject({ closedAt: LATER, closedBecause: expected });
    expect(await store.read('read', (t) => t.conflicts.open('acme'))).toEqual([]);
  });

  test('what could not be written stays open', async () => {
    await settle([planned('1', '2')]);
    await choose('erp');
    expect(await settle([], { compared: [] })).toEqual([]);
    expect(await settle([], { unwritten: new Set([ID]) })).toEqual([]);
    expect(await stored()).toMatchObject({ closedAt: null, decision: { by: 'maria' } });
  });

  test('one that is ignored closes when both hold the same', async () => {
    await settle([planned('1', '2')]);
    await choose('ignore');
    expect(because(await settle([], {}, LATER))).toEqual(['settled outside']);
  });

  test('a link that ties nothing any more takes its conflicts along', async () => {
    await settle([planned('1', '2')]);
    const gone = await store.transaction('gone', 'acme', (t) =>
      closeGoneConflicts(t, row, [{ ...link, state: 'unlinked' }], LATER),
    );
    expect(because(gone)).toEqual(['record gone']);
    expect(await stored()).toMatchObject({ closedBecause: 'record gone' });
  });

  test('a conflict that comes back is a new one', async () => {
    await settle([planned('1', '2')]);
    await settle([]);
    expect(because(await settle([planned('1', '2')], {}, LATER))).toEqual(['conflict.opened']);
    expect(await stored()).toMatchObject({
      openedAt: LATER,
      closedAt: null,
      closedBecause: null,
      decision: null,
    });
  });
});
