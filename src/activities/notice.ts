import type { Entity } from '../domain/kinds/entity';
import { isEntity } from '../domain/kinds/entity';
import type { ProcoreId, RecordNotice } from '../domain/request/intent';
import { erpKeyOfOriginId } from '../domain/base/identity';
import { candidatesFor, planNotice } from '../domain/plan/notice';
import type { RecordLink } from '../domain/kinds/record-link';
import type { ClosedRequest, ReadView, RequestRef } from '../domain/request/flow';
import type { Repositories } from '../store/repositories';
import type { ActivityDeps, Busy, Stopped } from './deps';
import { connectionOf, settle } from './deps';
import { alreadyClosed } from './ledger';
import { follow } from './links';
import { intentOf } from './request-body';

/** What Procore answered about imports whose event does not say which record it was. */
interface FoundRecords {
  readonly found: Readonly<Record<string, ProcoreId>>;
}

/** Runs on the Procore queue. */
export const noticeProcoreActivities = (deps: ActivityDeps) => ({
  /** Asks Procore which of the staged records an import means. */
  async findImported({ connectionId, requestId }: RequestRef): Promise<ReadView | Stopped | Busy> {
    const connection = connectionOf(deps, connectionId);
    return settle(async (): Promise<ReadView> => {
      const { intent, links } = await deps.store.read('notice.links', async (t) => {
        const row = await t.requests.get(connectionId, requestId);
        const named = intentOf(connection, row, 'notice');
        return { intent: named, links: await linksFor(t, connectionId, named) };
      });
      const found: Record<string, ProcoreId> = {};
      for (const record of intent.records) {
        const { target, procoreId, originId, projectOriginId } = record;
        if (procoreId !== null || !isEntity(target) || target === 'vendor') continue;
        const wanted = originId === null ? candidatesFor(record, links) : [originId];
        const project = projectIdOf(projectOriginId, links);
        if (wanted.length === 0) continue;
        for (const hit of await connection.procore.findByOriginId(target, wanted, project)) {
          found[hit.originId] = hit.procoreId;
        }
      }
      const body: FoundRecords = { found };
      await deps.store.transaction('notice.found', (t) =>
        t.plans.putSnapshot({ connectionId, requestId, page: 0, body, readAt: deps.now() }),
      );
      return { kind: 'read' };
    });
  },
});

/** Run on the main queue, as local activities: Procore did its part already, only our own record links follow. */
export const noticeStoreActivities = (deps: ActivityDeps) => ({
  /** Plans and records how the links follow an import, reset, unlink or delete, in one transaction. */
  async followNotice(ref: RequestRef): Promise<ClosedRequest> {
    const connection = connectionOf(deps, ref.connectionId);
    return deps.store.transaction('notice.follow', async (t): Promise<ClosedRequest> => {
      const closed = await alreadyClosed(t, ref);
      if (closed) return closed;
      const row = await t.requests.get(ref.connectionId, ref.requestId);
      const intent = intentOf(connection, row, 'notice');
      const snapshot = await t.plans.snapshot(ref, 0);
      const { found } = (snapshot?.body ?? { found: {} }) as FoundRecords;
      const links = await linksFor(t, connection.id, intent);
      return follow(t, row, planNotice({ connectionId: connection.id, intent, links, found }), deps.now());
    });
  },
});

const projectIdOf = (originId: string | null, links: readonly RecordLink[]): ProcoreId | null => {
  const key = originId === null ? null : erpKeyOfOriginId('project', originId);
  return links.find(({ entity, erpKey }) => entity === 'project' && erpKey === key)?.procoreId ?? null;
};

async function linksFor(
  t: Repositories,
  connectionId: string,
  { records, wholeProjectId, how }: RecordNotice,
): Promise<readonly RecordLink[]> {
  const links: RecordLink[] = [];
  for (const { target, procoreId, originId, projectOriginId } of records) {
    const entity: Entity = isEntity(target) ? target : 'project';
    if (isEntity(target)) {
      if (procoreId !== null) links.push(...(await t.links.byProcoreIds(connectionId, entity, [procoreId])));
      const key = originId === null ? null : erpKeyOfOriginId(entity, originId);
      if (key !== null) links.push(...(await t.links.byErpKeys(connectionId, entity, [key])));
    }
    const project = projectOriginId === null ? null : erpKeyOfOriginId('project', projectOriginId);
    if (project !== null) links.push(...(await t.links.byErpKeys(connectionId, 'project', [project])));
    if (how === 'imported' && procoreId === null) links.push(...(await t.links.staged(connectionId, entity)));
  }
  if (wholeProjectId !== null) {
    links.push(...(await t.links.byProcoreIds(connectionId, 'project', [wholeProjectId])));
    links.push(...(await t.links.ofProject(connectionId, wholeProjectId)));
  }
  return [...new Map(links.map((link) => [`${link.entity}:${link.erpKey}`, link])).values()];
}
