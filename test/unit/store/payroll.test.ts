import type { KeptEntry } from '../../../src/domain/payroll/books';
import type { TimecardEntry } from '../../../src/domain/payroll/entry';
import type { PayLine } from '../../../src/domain/payroll/line';
import type { Repositories } from '../../../src/store/repositories';
import type { PayLineRow } from '../../../src/store/rows';
import type { Store } from '../../../src/store/store';
import { onEachStore } from '../../support/stores';
import { entry } from '../domain/payroll/fixtures';

/** The books of payroll: what became of an entry stays, whatever Procore shows of it afterwards. */
const AT = '2026-11-23T08:00:00.000Z';
const WEEK = { begin: '2026-11-15', end: '2026-11-21' };
const REF = { connectionId: 'acme', id: 'payroll/1-W-2026-11-21' };
const HASH = 'a'.repeat(64);
const LINE: PayLine = {
  ...{
    key: 'k1',
    employee: '1|2207',
    date: '2026-11-18',
    job: '1|26-014',
    phase: '1|3-310',
    earnCode: 'REG',
  },
  ...{ family: 'worked', craft: null, class: null, shift: null, department: null, certified: false },
  ...{ equipment: null, hours: '8.00', entries: [1] },
};
const row = (more: Partial<PayLineRow> = {}): PayLineRow => ({
  ...{ connectionId: 'acme', lineKey: LINE.key, state: 'written', requestId: REF.id, purpose: 'period' },
  ...{ period: 'W-2026-11-21', batch: '2026-11/1', employee: LINE.employee, workDate: LINE.date, line: LINE },
  ...{ reason: null, at: AT },
  ...more,
});

onEachStore('payroll', (world) => {
  let store: Store;
  beforeEach(async () => {
    store = await world.open();
    await store.transaction('seed', 'acme', (t) =>
      t.connections.add({
        ...{ id: 'acme', companyId: 1, erpAdapter: 'sample', erpCompany: '1', createdAt: AT },
      }),
    );
  });
  const write = (work: (t: Repositories) => void | Promise<void>): Promise<void> =>
    store.transaction('payroll', 'acme', async (t) => work(t));
  const see = (seen: TimecardEntry, kept: KeptEntry | null = null): Promise<void> =>
    write((t) =>
      t.payroll.see('acme', [{ entry: seen, kept, approved: null, payableSince: AT, revision: HASH }], AT),
    );
  const kept = (): Promise<readonly KeptEntry[]> =>
    store.read('look', (t) => t.payroll.entries('acme', WEEK));

  test('an entry is found by its date; what was written for it stays when it is seen again', async () => {
    await see(entry(1));
    await see(entry(2, { date: '2026-11-22' }));
    await write((t) => t.payroll.setWritten(REF, [{ entryId: 1, hours: 800, revision: HASH }]));
    const [before] = await kept();
    expect(before).toEqual({
      ...{ entry: entry(1), approved: null, payableSince: AT, writtenIn: REF.id },
      ...{ hours: 800, writtenRevision: HASH },
    });
    await see(entry(1, { hours: '9' }), before ?? null);
    expect(await kept()).toEqual([{ ...before, entry: entry(1, { hours: '9' }) }]);
    const besides = { begin: '2026-11-22', end: '2026-11-30' };
    const written = (): Promise<readonly KeptEntry[]> =>
      store.read('look', (t) => t.payroll.writtenBy('acme', [REF.id], besides));
    expect(await written()).toEqual(await kept());
    await write((t) => t.payroll.free('acme', [1]));
    expect(await kept()).toMatchObject([{ writtenIn: null, hours: null, writtenRevision: null }]);
  });

  test('what the ERP refused stands beside what it has, and is forgotten by itself', async () => {
    await write((t) => {
      t.payroll.keepLines([row()]);
      t.payroll.keepLines([row({ state: 'refused', batch: null, reason: 'no' })]);
    });
    const states = (): Promise<readonly string[]> =>
      store.read('look', async (t) => [
        ...(await t.payroll.written('acme', WEEK)).map(({ batch }) => batch),
        ...(await t.payroll.ofRequest(REF, 'refused')).map(({ reason }) => reason ?? ''),
      ]);
    expect(await states()).toEqual(['2026-11/1', 'no']);
    await write((t) => t.payroll.forgetRefusals(REF));
    expect(await states()).toEqual(['2026-11/1']);
    await write((t) => t.payroll.dropLines('acme', ['k1', 'k2']));
    expect(await states()).toEqual([]);
  });

  test('many entries are one statement, and a transaction that fails keeps none of them', async () => {
    const many = Array.from({ length: 3_000 }, (_, index) => entry(index + 1));
    const seen = many.map((one) => ({
      ...{ entry: one, kept: null, approved: null, payableSince: null, revision: '' },
    }));
    const failing = write((t) => {
      t.payroll.see('acme', seen, AT);
      throw new Error('undone');
    });
    await expect(failing).rejects.toThrow('undone');
    expect(await kept()).toEqual([]);
    await write((t) => t.payroll.see('acme', seen, AT));
    await write((t) =>
      t.payroll.setWritten(
        REF,
        many.map(({ id }) => ({ entryId: id, hours: id, revision: HASH })),
      ),
    );
    const standing = await store.read('look', (t) => t.payroll.standing('acme', WEEK));
    expect(standing).toHaveLength(3_000);
    expect(new Set(standing.map(({ writtenRevision }) => writtenRevision))).toEqual(new Set([HASH]));
  });
});
