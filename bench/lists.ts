/** How long a list takes among so many requests, and how long others wait meanwhile. */
import { mkdtempSync, rmSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Visitor } from '../src/domain/people/access';
import type { ConnectionPolicy } from '../src/domain/request/connection-policy';
import { STAGES } from '../src/domain/request/stage';
import type { ListParts, PageAsked } from '../src/desk/requests/list';
import { listPage, listSummary } from '../src/desk/requests/list';
import { newRequest } from '../src/store/new-request';
import type { SyncRequestRow } from '../src/store/rows';
import { Store } from '../src/store/store';

const BEGIN = Date.parse('2026-01-01T00:00:00.000Z');
const NOW = '2026-11-27T09:00:00.000Z';
const POLICY: ConnectionPolicy = {
  rules: [],
  approvers: [{ id: 'maria', procoreUserId: 7 }],
  requireSecondPerson: true,
  openDetailHours: 72,
};
const MARIA: Visitor = {
  id: 'maria',
  name: null,
  identity: null,
  via: 'session',
  expiresAt: '2099-01-01T00:00:00.000Z',
  grants: [{ role: 'approver', connections: null, projects: null }],
};
/** One in so many is open. */
const OPEN_EVERY = 20;
const OPEN = ['waiting_for_finance', 'parked', 'held', 'busy', 'planning'] as const;

function row(n: number): SyncRequestRow {
  const at = new Date(BEGIN + n * 200_000).toISOString();
  const [vendor, project] = [10_000 + (n % 700), 2_000 + (n % 90)];
  const title = `PO-${n} Concrete and reinforcement of level ${n % 40}`;
  return {
    ...newRequest('acme', 'erp', n, at),
    eventName: 'create_purchase_order_contract',
    way: 'export',
    kind: n % 3 === 0 ? 'vendor' : 'commitment',
    recordId: `commitment/${n}`,
    subject: title,
    status: n % OPEN_EVERY === 0 ? (OPEN[(n / OPEN_EVERY) % OPEN.length] ?? 'parked') : 'applied',
    warnings: n % 7 === 0 ? 1 : 0,
    planHash: 'a'.repeat(64),
    fetched: true,
    started: true,
    searchText: `${title.toLowerCase()}\n${n}\nvendor|1|${vendor}\n${vendor} cobalt mechanical llc\n${project} eastgate parking`,
    about: {
      title,
      project: `${project} Eastgate Parking`,
      vendor: `${vendor} Cobalt Mechanical LLC`,
      amount: `${n % 90_000}.${String(n % 100).padStart(2, '0')}`,
      currency: n % 10 === 0 ? 'CAD' : 'USD',
      place: { itemType: 'project', id: project, projectId: project },
    },
  };
}

/** What was measured of one question. */
export interface ListMeasured {
  readonly what: string;
  readonly statements: number;
  readonly ms: number;
  /** The longest that others waited. */
  readonly blockedMs: number;
}

/** Asks each question some times and takes the middle one. */
export async function measureLists(requests: number): Promise<readonly ListMeasured[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tieback-lists-'));
  let statements = 0;
  const store = await Store.open(
    { type: 'better-sqlite3', file: join(folder, 'tieback.db') },
    { wire: (text) => void (statements += text.split(';\n').length) },
  );
  try {
    await store.transaction('connection', 'acme', (t) =>
      t.connections.add({ id: 'acme', companyId: 1, erpAdapter: 'sample', erpCompany: '1', createdAt: NOW }),
    );
    for (let at = 0; at < requests; at += 5_000)
      await store.transaction('seed', 'acme', (t) => {
        const some = Array.from({ length: Math.min(5_000, requests - at) }, (_, n) => row(at + n));
        return Promise.resolve(t.requests.addAll(some, [], []));
      });
    const parts: ListParts = {
      store,
      now: () => NOW,
      connections: [{ id: 'acme' }],
      policyOf: () => Promise.resolve(POLICY),
    };
    const page = (more: Partial<PageAsked>) => (): Promise<unknown> =>
      listPage(parts, MARIA, { stage: 'done', sort: 'age', descending: true, take: 50, ...more });
    const questions: readonly (readonly [string, () => Promise<unknown>])[] = [
      ...STAGES.flatMap((stage) =>
        (['age', 'amount', 'vendor', 'number'] as const).map(
          (sort) => [`${stage} by ${sort}`, page({ stage, sort })] as const,
        ),
      ),
      ['done: one vendor', page({ vendor: '10442 Cobalt Mechanical LLC' })],
      ['done: one project, by amount', page({ project: '2042', sort: 'amount' })],
      ['done: search, found at the other end', page({ q: 'po-1 level' })],
      ['done: search, found nowhere', page({ q: '662E41' })],
      ['counts and sums', () => listSummary(parts, MARIA, {})],
      ['counts and sums of a search', () => listSummary(parts, MARIA, { q: 'cobalt' })],
    ];
    const measured: ListMeasured[] = [];
    for (const [what, ask] of questions) {
      await ask();
      const runs: ListMeasured[] = [];
      for (let n = 0; n < 5; n += 1) {
        statements = 0;
        const delay = monitorEventLoopDelay({ resolution: 1 });
        delay.enable();
        const begin = performance.now();
        await ask();
        const ms = performance.now() - begin;
        await new Promise((resolve) => setTimeout(resolve, 5));
        delay.disable();
        runs.push({ what, statements, ms, blockedMs: delay.max / 1e6 });
      }
      const [, , middle] = runs.sort((a, b) => a.ms - b.ms);
      if (middle !== undefined) measured.push(middle);
    }
    return measured;
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
