import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { AuditEntry } from '../../../src/domain/audit/chain';
import { ChainVerifier } from '../../../src/domain/audit/chain';
import type { RecordLink } from '../../../src/domain/kinds/record-link';
import type { Snapshot } from '../../../src/domain/plan/snapshot';
import type { RequestStatus } from '../../../src/domain/request/status';
import { newRequest } from '../../../src/store/new-request';
import type { RequestFilter } from '../../../src/store/repositories/requests';
import type { SyncRequestRow } from '../../../src/store/rows';
import { sqlitePackage } from '../../../src/sqlite';
import { dataSource, Store } from '../../../src/store/store';
import { onEachStore } from '../../support/stores';

const now = '2026-03-09T15:22:41.108Z';
onEachStore('our store', (world) => {
  let store: Store;

  beforeEach(async () => {
    store = await world.open();
    await store.transaction('seed', 'acme', (t) =>
      t.connections.add({
        id: 'acme',
        companyId: 4264807,
        erpAdapter: 'sample',
        erpCompany: '1',
        createdAt: now,
      }),
    );
  });

  const request = (position: number): SyncRequestRow => ({
    ...newRequest('acme', 'erp', position, now),
    eventName: 'create_vendor',
    way: 'export',
    subject: 'Cobalt Mechanical LLC',
    searchText: 'cobalt mechanical llc\nsc-008',
    requestedBy: 7710,
  });
  const ref = (position: number) => ({ connectionId: 'acme', id: `erp/${position}` });

  const entry = (n: number): AuditEntry => ({
    at: now,
    actor: 'tieback',
    action: 'intake.received',
    subject: `request/erp/${n}`,
    requestId: `erp/${n}`,
    planHash: null,
    workflowId: null,
    detail: { n },
  });

  const link = (
    generation: number,
    state: RecordLink['state'] = 'linked',
    more: Partial<RecordLink> = {},
  ): RecordLink => ({
    kind: 'vendor',
    erpKey: '1|10442',
    procoreId: 98127745,
    state,
    generation,
    procore: null,
    erp: null,
    erpRevision: null,
    projectId: null,
    ...more,
  });
  const advance = (...links: RecordLink[]) =>
    store.transaction('link', 'acme', (t) => t.links.advance('acme', links, now));
  const states = async () =>
    (await store.read('read', (t) => t.links.all('acme')))
      .map(({ erpKey, procoreId, state, generation }) => [erpKey, procoreId, state, generation])
      .sort();

  test('what a transaction wrote is gone when it fails', async () => {
    await expect(
      store.transaction('fail', 'acme', async (t) => {
        await t.requests.add(request(1));
        await t.audit.append('acme', [entry(1)]);
        throw new Error('power cut');
      }),
    ).rejects.toThrow('power cut');
    expect(await store.read('read', (t) => t.requests.find(ref(1)))).toBeNull();
    expect(await store.read('read', (t) => t.audit.head('acme'))).toMatchObject({ seq: 0 });
  });

  test('transactions that run at the same time do not mix', async () => {
    const ids = Array.from({ length: 40 }, (_, index) => index + 1);
    const results = await Promise.allSettled(
      ids.map((id) =>
        store.transaction('mixed', 'acme', async (t) => {
          await t.requests.add(request(id));
          await t.audit.append('acme', [entry(id)]);
          if (id % 4 === 0) throw new Error('fails on purpose');
        }),
      ),
    );
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(10);
    const open = await store.read('read', (t) => t.requests.open('acme'));
    expect(open.map(({ position }) => position)).toEqual(ids.filter((id) => id % 4 !== 0));
    expect(await verify()).toEqual({ findings: [], entries: 30 });
  });

  test('a request and its times come back as they went in', async () => {
    await store.transaction('add', 'acme', (t) => t.requests.add(request(7)));
    expect(await store.read('read', (t) => t.requests.get(ref(7)))).toEqual(request(7));
  });

  test('a final request does not open again', async () => {
    await store.transaction('add', 'acme', (t) => t.requests.add({ ...request(7), status: 'rejected' }));
    await expect(
      store.transaction('set', 'acme', async (t) =>
        t.requests.setStatus(await t.requests.get(ref(7)), 'applying', null, now),
      ),
    ).rejects.toThrow('cannot go from rejected to applying');
  });

  test('a record link moves forward only', async () => {
    expect(await advance(link(2))).toHaveLength(1);
    expect(await advance(link(2, 'unlinked'))).toEqual([]);
    expect(await advance(link(1))).toEqual([]);
    expect(await advance(link(3, 'unlinked'))).toHaveLength(1);
    const stored = await store.read('read', (t) => t.links.byProcoreIds('acme', 'vendor', [98127745]));
    expect(stored).toMatchObject([link(3, 'unlinked')]);
  });

  test('a renamed ERP key is the same link', async () => {
    const [first] = await advance(link(1));
    await advance({ ...link(2, 'linked', { erpKey: '1|20442' }), id: first?.id ?? '' });
    expect(await states()).toEqual([['1|20442', 98127745, 'linked', 2]]);
  });

  test('among links in force an ERP key and a linked Procore id belong to one link', async () => {
    await advance(link(1));
    // A second partner of the same Procore record.
    await expect(advance(link(1, 'linked', { erpKey: '1|20442' }))).rejects.toMatchObject({
      message: expect.stringMatching(/unique/i) as string,
    });
    // In one step the old partner lets go.
    await advance(link(1, 'linked', { erpKey: '1|20442' }), link(2, 'unlinked'));
    expect(await states()).toEqual([
      ['1|10442', 98127745, 'unlinked', 2],
      ['1|20442', 98127745, 'linked', 1],
    ]);
  });

  test('a link moves several times in one transaction, in the order given', async () => {
    await advance(link(1, 'staged', { procoreId: null }));
    expect(await advance(link(2), link(3, 'unlinked'))).toHaveLength(2);
    expect(await states()).toEqual([['1|10442', 98127745, 'unlinked', 3]]);
  });

  test('requests are found by words in titles, numbers and names', async () => {
    await store.transaction('add', 'acme', async (t) => {
      await t.requests.add(request(7));
      await t.requests.add({ ...request(8), searchText: '100% steel_co [x]' });
    });
    const found = async (search: string) =>
      (await store.read('list', (t) => t.requests.list({ search, take: 9 }))).map(({ id }) => id);
    expect(await found('SC-008 mechanical')).toEqual(['erp/7']);
    expect(await found('mechanical steel')).toEqual([]);
    expect(await found('100%')).toEqual(['erp/8']);
    expect(await found('steel_co')).toEqual(['erp/8']);
    expect(await found('[x]')).toEqual(['erp/8']);
    expect(await found('%')).toEqual(['erp/8']);
    expect(await found('')).toEqual(['erp/8', 'erp/7']);
  });

  test('requests are listed by event and kind', async () => {
    await store.transaction('add', 'acme', async (t) => {
      await t.requests.add({ ...request(7), kind: 'vendor' });
      await t.requests.add({ ...request(8), eventName: 'create_commitment', kind: 'commitment' });
    });
    const found = async (filter: Partial<RequestFilter>) =>
      (await store.read('list', (t) => t.requests.list({ take: 9, ...filter }))).map(({ id }) => id);
    expect(await found({ eventName: 'create_commitment' })).toEqual(['erp/8']);
    expect(await found({ kind: 'vendor' })).toEqual(['erp/7']);
    expect(await found({ kind: 'vendor', eventName: 'create_commitment' })).toEqual([]);
  });

  test('since when a request stands where it stands: looking again does not begin it anew', async () => {
    await store.transaction('add', 'acme', (t) => t.requests.add(request(7)));
    const at = (minute: number): string => `2026-03-10T10:${String(minute).padStart(2, '0')}:00.000Z`;
    const move = async (
      minute: number,
      status: RequestStatus,
      reason: string | null,
      more: Partial<SyncRequestRow> = {},
    ): Promise<[string, string]> =>
      store.transaction('move', 'acme', async (t) => {
        await t.requests.setStatus(await t.requests.get(ref(7)), status, reason, at(minute), more);
        const { since, updatedAt } = await t.requests.get(ref(7));
        return [since, updatedAt];
      });
    await move(0, 'planning', null);
    expect(await move(1, 'held', 'no vendor')).toEqual([at(1), at(1)]);
    expect(await move(2, 'planning', null)).toEqual([at(2), at(2)]);
    expect(await move(3, 'held', 'no vendor')).toEqual([at(1), at(3)]);
    expect(await move(4, 'held', 'no vendor')).toEqual([at(1), at(4)]);
    await move(5, 'planning', null);
    expect(await move(6, 'held', 'no job')).toEqual([at(6), at(6)]);
    await move(7, 'planning', null);
    expect(await move(8, 'parked', 'no access')).toEqual([at(8), at(8)]);
    await move(9, 'planning', null);
    expect(await move(10, 'parked', 'no access')).toEqual([at(8), at(10)]);
    // A person entered something: another wait begins.
    await move(11, 'planning', null, { rested: null });
    expect(await move(12, 'parked', 'no access')).toEqual([at(12), at(12)]);
    await move(13, 'planning', null);
    await move(14, 'busy', 'a batch is open');
    await move(15, 'planning', null);
    expect(await move(16, 'busy', 'another batch is open')).toEqual([at(14), at(16)]);
  });

  test('a wait keeps its beginning, ends with its request, and is told to those who wait', async () => {
    const begin = (n: number, reason: string, at: string) =>
      store.transaction('wait', 'acme', (t) =>
        t.waits.begin(ref(n), [{ recordId: 'vendor/98127745', reason, hint: null }], at),
      );
    await store.transaction('add', 'acme', async (t) => {
      for (const n of [9, 7]) await t.requests.add(request(n));
    });
    const later = '2026-03-10T15:22:41.108Z';
    expect(await begin(9, 'no vendor', now)).toHaveLength(1);
    expect(await begin(9, 'no vendor', later)).toEqual([]);
    expect(await begin(9, 'vendor is inactive', later)).toMatchObject([{ since: now }]);
    await begin(7, 'no vendor', later);
    const waiting = () => store.read('read', (t) => t.waits.waitingFor('acme', ['vendor/98127745']));
    expect(await waiting()).toEqual(['erp/7', 'erp/9']);
    await store.transaction('end', 'acme', (t) => t.waits.end(ref(9), later));
    expect(await waiting()).toEqual(['erp/7']);
  });

  test('a checkpoint moves only from where its reader began', async () => {
    const move = (from: string | null, to: string) =>
      store.transaction('move', 'acme', (t) => t.checkpoints.move('acme', 'vendors', { from, to }, now));
    const stands = () => store.read('read', (t) => t.checkpoints.get('acme', 'vendors'));
    await move(null, '10');
    expect(await stands()).toMatchObject({ cursor: '10', position: 1 });
    // A late one, whose reader began where another has been meanwhile.
    await move(null, '5');
    await move('5', '30');
    expect(await stands()).toMatchObject({ cursor: '10', position: 1 });
    await move('10', '20');
    expect(await stands()).toMatchObject({ cursor: '20', position: 2 });
  });

  test('foreign keys hold: nothing belongs to a request that is not there', async () => {
    const body: Snapshot = { way: 'metadata', metadata: { system: 'sample', records: {} }, revision: 'r1' };
    await expect(
      store.transaction('orphan', 'acme', (t) =>
        t.plans.putSnapshot({
          connectionId: 'acme',
          requestId: 'erp/404',
          page: 0,
          whole: true,
          body,
          readAt: now,
        }),
      ),
    ).rejects.toMatchObject({ message: expect.stringMatching(/foreign key/i) as string });
  });

  async function verify(): Promise<{ findings: readonly unknown[]; entries: number }> {
    const verifier = new ChainVerifier('acme');
    const findings: unknown[] = [];
    await store.read('verify', async (t) => {
      for await (const one of t.audit.chain('acme', { pageSize: 7 })) findings.push(...verifier.check(one));
      findings.push(...verifier.end(await t.audit.head('acme')));
    });
    return { findings, entries: verifier.entries };
  }
});

describe('as a file of SQLite', () => {
  let folder: string;
  let store: Store;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tieback-store-'));
    store = await Store.open({ type: 'better-sqlite3', file: join(folder, 'tieback.db') });
    const acme = { id: 'acme', companyId: 4264807, erpAdapter: 'sample', erpCompany: '1', createdAt: now };
    await store.transaction('seed', 'acme', (t) => t.connections.add(acme));
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('another process writes to the same file without losing anything', async () => {
    const script = `
    const db = new (require('${sqlitePackage}'))(process.argv[1], { timeout: 15000 });
    for (let n = 0; n < 40; n += 1) {
      db.exec('BEGIN IMMEDIATE');
      const row = db.prepare("SELECT position FROM checkpoint WHERE reader = 'shared'").get();
      db.prepare("UPDATE checkpoint SET position = ? WHERE reader = 'shared'").run(row.position + 1);
      db.exec('COMMIT');
    }`;
    await store.transaction('begin', 'acme', (t) =>
      t.checkpoints.move('acme', 'shared', { from: null, to: '0' }, now),
    );
    const other = promisify(execFile)(process.execPath, ['-e', script, join(folder, 'tieback.db')]);
    for (let n = 0; n < 40; n += 1) {
      await store.transaction('ours', 'acme', (t) =>
        t.checkpoints.move('acme', 'shared', { from: String(n), to: String(n + 1) }, now),
      );
    }
    await other;
    expect(await store.read('read', (t) => t.checkpoints.get('acme', 'shared'))).toMatchObject({
      position: 81,
    });
  });

  test('SQLite runs with write-ahead log and foreign keys on, without synchronize', async () => {
    const source = dataSource({ type: 'better-sqlite3', file: join(folder, 'tieback.db') });
    await source.initialize();
    const pragma = (name: string): Promise<unknown> => source.query(`PRAGMA ${name}`);
    expect(await pragma('journal_mode')).toEqual([{ journal_mode: 'wal' }]);
    expect(await pragma('foreign_keys')).toEqual([{ foreign_keys: 1 }]);
    expect(source.options.synchronize).toBe(false);
    for (const { tableName, columns } of source.entityMetadatas) {
      const actual = await source.query<{ name: string; notnull: number }[]>(
        `PRAGMA table_info("${tableName}")`,
      );
      expect(actual.map(({ name, notnull }) => [name, notnull === 0])).toEqual(
        columns.map(({ databaseName, isNullable }) => [databaseName, isNullable]),
      );
    }
    await source.destroy();
  });
});
