import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { AuditEntry } from '../../../src/domain/audit/chain';
import { ChainVerifier } from '../../../src/domain/audit/chain';
import type { RecordLink } from '../../../src/domain/kinds/record-link';
import type { ErpRequestRow } from '../../../src/store/rows';
import { dataSource, Store } from '../../../src/store/store';

const now = '2026-03-09T15:22:41.108Z';
let folder: string;
let store: Store;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tieback-store-'));
  store = await Store.open({ type: 'better-sqlite3', file: join(folder, 'tieback.db') });
  await store.transaction('seed', (t) =>
    t.connections.add({
      id: 'acme',
      companyId: 4264807,
      erpAdapter: 'sample',
      erpCompany: '1',
      createdAt: now,
    }),
  );
});

afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const request = (requestId: number): ErpRequestRow => ({
  connectionId: 'acme',
  requestId,
  workflowId: `erp-request/acme/${requestId}`,
  eventName: 'create_vendor',
  recordId: null,
  subject: 'Cobalt Mechanical LLC',
  status: 'received',
  reason: null,
  requestedBy: 7710,
  body: { received: { request_name: 'create_vendor' } },
  corrections: null,
  started: false,
  receivedAt: now,
  updatedAt: now,
  closedAt: null,
});

const entry = (n: number): AuditEntry => ({
  at: now,
  actor: 'tieback',
  action: 'intake.received',
  subject: `erp_request/${n}`,
  requestId: n,
  planHash: null,
  workflowId: null,
  detail: { n },
});

const link = (generation: number, state: RecordLink['state'] = 'linked'): RecordLink => ({
  entity: 'vendor',
  erpKey: '1|10442',
  procoreId: 98127745,
  state,
  generation,
  base: null,
  baseRevision: null,
  projectId: null,
});

test('what a transaction wrote is gone when it fails', async () => {
  await expect(
    store.transaction('fail', async (t) => {
      await t.requests.add(request(1));
      await t.audit.append('acme', [entry(1)]);
      throw new Error('power cut');
    }),
  ).rejects.toThrow('power cut');
  expect(await store.read('read', (t) => t.requests.find('acme', 1))).toBeNull();
  expect(await store.read('read', (t) => t.audit.head('acme'))).toMatchObject({ seq: 0 });
});

test('transactions that run at the same time do not mix', async () => {
  const ids = Array.from({ length: 40 }, (_, index) => index + 1);
  const results = await Promise.allSettled(
    ids.map((id) =>
      store.transaction('mixed', async (t) => {
        await t.requests.add(request(id));
        await t.audit.append('acme', [entry(id)]);
        if (id % 4 === 0) throw new Error('fails on purpose');
      }),
    ),
  );
  expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(10);
  const open = await store.read('read', (t) => t.requests.open('acme'));
  expect(open.map(({ requestId }) => requestId)).toEqual(ids.filter((id) => id % 4 !== 0));
  expect(await verify()).toEqual({ findings: [], entries: 30 });
});

test('another process writes to the same file without losing anything', async () => {
  const script = `
    const db = new (require('better-sqlite3'))(process.argv[1], { timeout: 15000 });
    for (let n = 0; n < 40; n += 1) {
      db.exec('BEGIN IMMEDIATE');
      const row = db.prepare("SELECT position FROM checkpoint WHERE reader = 'shared'").get();
      db.prepare("UPDATE checkpoint SET position = ? WHERE reader = 'shared'").run(row.position + 1);
      db.exec('COMMIT');
    }`;
  await store.transaction('begin', (t) => t.checkpoints.move('acme', 'shared', null, '0', now));
  const other = promisify(execFile)(process.execPath, ['-e', script, join(folder, 'tieback.db')]);
  for (let n = 0; n < 40; n += 1) {
    await store.transaction('ours', (t) =>
      t.checkpoints.move('acme', 'shared', String(n), String(n + 1), now),
    );
  }
  await other;
  expect(await store.read('read', (t) => t.checkpoints.get('acme', 'shared'))).toMatchObject({
    position: 81,
  });
});

test('a request and its times come back as they went in', async () => {
  await store.transaction('add', (t) => t.requests.add(request(7)));
  expect(await store.read('read', (t) => t.requests.get('acme', 7))).toEqual(request(7));
});

test('a final request does not open again', async () => {
  await store.transaction('add', (t) => t.requests.add({ ...request(7), status: 'rejected' }));
  await expect(
    store.transaction('set', async (t) =>
      t.requests.setStatus(await t.requests.get('acme', 7), 'applying', null, now),
    ),
  ).rejects.toThrow('cannot go from rejected to applying');
});

test('a record link moves forward only', async () => {
  expect(await store.transaction('link', (t) => t.links.advance('acme', link(2), now))).toBe(true);
  expect(await store.transaction('link', (t) => t.links.advance('acme', link(2, 'unlinked'), now))).toBe(
    false,
  );
  expect(await store.transaction('link', (t) => t.links.advance('acme', link(1), now))).toBe(false);
  expect(await store.transaction('link', (t) => t.links.advance('acme', link(3, 'unlinked'), now))).toBe(
    true,
  );
  expect(await store.read('read', (t) => t.links.byProcoreIds('acme', 'vendor', [98127745]))).toEqual([
    link(3, 'unlinked'),
  ]);
});

test('a checkpoint moves only from where its reader began', async () => {
  const move = (from: string | null, to: string) =>
    store.transaction('move', (t) => t.checkpoints.move('acme', 'vendors', from, to, now));
  expect(await move(null, '10')).toBe(true);
  expect(await move(null, '5')).toBe(false);
  expect(await move('10', '20')).toBe(true);
  expect(await store.read('read', (t) => t.checkpoints.get('acme', 'vendors'))).toMatchObject({
    cursor: '20',
    position: 2,
  });
});

test('foreign keys hold: nothing belongs to a request that is not there', async () => {
  await expect(
    store.transaction('orphan', (t) =>
      t.plans.putSnapshot({ connectionId: 'acme', requestId: 404, page: 0, body: {}, readAt: now }),
    ),
  ).rejects.toThrow(/FOREIGN KEY/);
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

async function verify(): Promise<{ findings: readonly unknown[]; entries: number }> {
  const verifier = new ChainVerifier('acme');
  const findings: unknown[] = [];
  await store.read('verify', async (t) => {
    for await (const one of t.audit.chain('acme', 7)) findings.push(...verifier.check(one));
    findings.push(...verifier.end(await t.audit.head('acme')));
  });
  return { findings, entries: verifier.entries };
}
