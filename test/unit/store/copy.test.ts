import { join } from 'node:path';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { verifyAudit } from '../../../src/desk/audit/verify';
import { copyStore } from '../../../src/store/copy';
import { newRequest } from '../../../src/store/new-request';
import { Store } from '../../../src/store/store';
import { onEachStore } from '../../support/stores';

const NOW = '2026-03-09T15:22:41.108Z';
const acme = { id: 'acme', companyId: 4264807, erpAdapter: 'sample', erpCompany: '1', createdAt: NOW };
const REQUESTS = 1_203;

onEachStore('a copy of a store', (world) => {
  let folder: string;
  let from: Store;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tieback-copy-'));
    from = await Store.open({ type: 'better-sqlite3', file: join(folder, 'from.db') });
    await from.transaction('seed', 'acme', async (t) => {
      await t.connections.add(acme);
      const rows = Array.from({ length: REQUESTS }, (_, n) => newRequest('acme', 'erp', n + 1, NOW));
      t.requests.addAll(rows, [], []);
      await t.links.advance(
        'acme',
        [
          {
            kind: 'vendor',
            erpKey: '1|10442',
            procoreId: 98127745,
            state: 'linked',
            generation: 1,
            procore: null,
            erp: { fields: { name: 'Łódź \u{1F3D7} "quoted" \\ {}' }, lines: [] },
            erpRevision: null,
            projectId: null,
          },
        ],
        NOW,
      );
      await t.audit.append('acme', [
        {
          at: '2026-03-09T15:22:41Z',
          actor: 'tieback',
          action: 'intake.received',
          subject: 'erp/1',
          requestId: 'erp/1',
          planHash: null,
          workflowId: null,
          detail: { name: 'Łódź \u{1F3D7}' },
        },
      ]);
    });
  });
  afterEach(async () => {
    await from.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const copy = (to: Store) => copyStore({ from, to }, { keys: [], progress: () => undefined });

  test('has every row, and the audit chain whole', async () => {
    const to = await world.open({ transactionMs: Infinity });
    const { rows, links } = await copy(to);
    expect(rows).toMatchObject({ connection: 1, syncRequest: REQUESTS, recordLink: 1, auditEntry: 1 });
    expect(links).toEqual({ acme: 1 });
    expect((await verifyAudit(to, { connectionId: 'acme', ledger: 'not asked' })).findings).toEqual([]);
    const all = (store: Store) =>
      store.read('all', async (t) => [
        await t.connections.all(),
        await t.links.all('acme'),
        await t.requests.open('acme'),
      ]);
    expect(await all(to)).toEqual(await all(from));
  });

  test('is refused where something is already, and leaves it as it is', async () => {
    const to = await world.open();
    await to.transaction('seed', 'birch', (t) => t.connections.add({ ...acme, id: 'birch' }));
    await expect(copy(to)).rejects.toThrow('The store to copy to is not empty: rows of connection has 1.');
    expect((await to.read('read', (t) => t.connections.all())).map(({ id }) => id)).toEqual(['birch']);
  });

  test('that breaks off leaves nothing behind', async () => {
    const to = await world.open({
      wire: (what) => {
        if (/INSERT INTO .audit_entry/.test(what)) throw new Error('the power went');
      },
    });
    await expect(copy(to)).rejects.toThrow('the power went');
    expect(await to.read('read', (t) => t.connections.all())).toEqual([]);
    expect((await copy(await world.open())).rows).toMatchObject({ syncRequest: REQUESTS });
  });

  test('of a log that somebody changed is refused', async () => {
    const to = await world.open();
    const past = await Store.open({ type: 'better-sqlite3', file: join(folder, 'from.db') });
    const { source } = past as unknown as { source: { query(sql: string): Promise<unknown> } };
    await source.query("UPDATE audit_entry SET actor = 'eve'");
    await past.close();
    await expect(copy(to)).rejects.toThrow(
      'The audit log of "acme" in the store that is copied is not whole: link 1: entry was changed.',
    );
    expect(await to.read('read', (t) => t.connections.all())).toEqual([]);
  });
});
