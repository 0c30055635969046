/** Requests for lists, in a store in memory. */
import type { Grant, Visitor } from '../../src/domain/people/access';
import type { RequestAbout } from '../../src/domain/request/about';
import type { ConnectionPolicy } from '../../src/domain/request/connection-policy';
import type { Source } from '../../src/domain/request/id';
import { newRequest } from '../../src/store/new-request';
import type { SyncRequestRow } from '../../src/store/rows';
import type { StoreOptions } from '../../src/store/store';
import { Store } from '../../src/store/store';

export const NOW = '2026-11-27T09:00:00.000Z';

export const POLICY: ConnectionPolicy = {
  rules: [],
  approvers: [
    { id: 'maria', procoreUserId: 7 },
    { id: 'clerk', decides: ['payroll'] },
  ],
  requireSecondPerson: true,
  openDetailHours: 72,
};

export const ABOUT: RequestAbout = {
  title: null,
  project: null,
  vendor: null,
  amount: null,
  currency: null,
  place: null,
};

/** Some of a request; what follows of `about` is left to the store. */
export type Given = Partial<Omit<SyncRequestRow, 'about'>> & { readonly about?: Partial<RequestAbout> };

export function requestOf(
  position: number,
  { about, ...given }: Given = {},
  connectionId = 'acme',
  source: Source = 'erp',
): SyncRequestRow {
  return {
    ...newRequest(connectionId, source, position, NOW, source === 'payroll' ? `1-W-${position}` : undefined),
    ...given,
    about: about === undefined ? null : { ...ABOUT, ...about },
  };
}

/** A store in memory with these connections. */
export async function storeWith(
  connectionIds: readonly string[],
  rows: readonly SyncRequestRow[],
  options: StoreOptions = {},
): Promise<Store> {
  const store = await Store.open({ type: 'better-sqlite3', file: ':memory:' }, options);
  await store.transaction('seed', connectionIds, async (t) => {
    for (const id of connectionIds)
      await t.connections.add({ id, companyId: 1, erpAdapter: 'sample', erpCompany: '1', createdAt: NOW });
    t.requests.addAll(rows, [], []);
  });
  return store;
}

export const grant = (
  role: Grant['role'],
  connections: Grant['connections'] = null,
  projects: Grant['projects'] = null,
): Grant => ({ role, connections, projects });

export const visitorWith = (id: string, ...grants: readonly Grant[]): Visitor => ({
  id,
  name: null,
  identity: null,
  via: 'session',
  expiresAt: '2099-01-01T00:00:00.000Z',
  grants,
});

export const MARIA_SEES_ALL = visitorWith('maria', grant('approver'), grant('payroll'));
