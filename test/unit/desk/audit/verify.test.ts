import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyAudit } from '../../../../src/desk/audit/verify';
import type { AuditEntry } from '../../../../src/domain/audit/chain';
import { Store } from '../../../../src/store/store';

const NOW = '2026-03-09T15:30:00.000Z';
let folder: string;
const opened: Store[] = [];

const open = async (): Promise<Store> => {
  const store = await Store.open({ type: 'better-sqlite3', file: join(folder, 'tieback.db') });
  opened.push(store);
  return store;
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tieback-verify-'));
});
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Something that happened, about no request. */
const note = (n: number): AuditEntry => ({
  at: NOW,
  actor: 'procore',
  action: 'intake.ignored',
  subject: `webhook/${n}`,
  requestId: null,
  planHash: null,
  workflowId: null,
  detail: {},
});

async function append(store: Store, links: number): Promise<void> {
  for (let n = 0; n < links; n += 1)
    await store.transaction('append', 'acme', (t) => t.audit.append('acme', [note(n)]));
}

async function withChain(links: number): Promise<Store> {
  const store = await open();
  const row = { id: 'acme', companyId: 4264807, erpAdapter: 'sample', erpCompany: '1', createdAt: NOW };
  await store.transaction('seed', 'acme', (t) => t.connections.add(row));
  await append(store, links);
  return store;
}

const question = { connectionId: 'acme', ledger: 'not asked in this test' };

test('what a daemon appends while the chain is walked is not tampering', async () => {
  const daemon = await withChain(450);
  const auditor = await open();
  let appended: Promise<void> | undefined;
  const verdict = await verifyAudit(auditor, {
    ...question,
    progress: ({ links }) => {
      if (links > 0) appended ??= append(daemon, 100);
    },
  });
  await appended;
  expect(verdict.findings).toEqual([]);
  // It was beside a writer indeed: the next check finds more.
  expect((await verifyAudit(auditor, question)).links).toBeGreaterThan(verdict.links);
});
