import type { AuditEntry } from '../domain/audit/chain';
import { definitionOf, isEntity } from '../domain/kinds/entity';
import type { Entity } from '../domain/kinds/entity';
import type { ProcoreId } from '../domain/request/intent';
import { erpKeyOfOriginId } from '../domain/base/identity';
import type { Wait } from '../domain/plan/plan';
import type { RequestRef } from '../domain/request/flow';
import type { Repositories } from '../store/repositories';
import type { ActivityDeps, Busy, ConnectionParts, Stopped } from './deps';
import { connectionOf, settle } from './deps';
import { auditEntry } from './ledger';

interface Learned {
  readonly entity: Entity;
  readonly procoreId: ProcoreId;
  readonly erpKey: string;
}

/** Runs on the Procore queue. */
export const learnLinkActivities = (deps: ActivityDeps) => ({
  /**
   * Asks Procore for the external data of records that a request waits for. Imports of prime contracts and commitment change orders raise no
   * event ("ERP Events Dictionary"), so this is how their links become known. Answers how many did.
   */
  async learnLinks(
    input: RequestRef & { waits: readonly Wait[] },
  ): Promise<{ readonly kind: 'learned'; readonly count: number } | Stopped | Busy> {
    const connection = connectionOf(deps, input.connectionId);
    return settle(async () => {
      // Through the open door there is no external data; there every look finds the origin_ids of all records.
      if (connection.openDoor !== null) return { kind: 'learned' as const, count: 0 };
      const found: Learned[] = [];
      for (const { recordId } of input.waits) found.push(...(await ask(connection, recordId)));
      if (found.length === 0) return { kind: 'learned' as const, count: 0 };
      const count = await deps.store.transaction('links.learned', (t) => link(t, input, found, deps.now()));
      return { kind: 'learned' as const, count };
    });
  },
});

async function ask({ procore }: ConnectionParts, recordId: string): Promise<readonly Learned[]> {
  const [entity = '', id = ''] = recordId.split('/');
  const procoreId = Number(id);
  if (!isEntity(entity) || !Number.isSafeInteger(procoreId)) return [];
  for (const itemType of definitionOf(entity).itemTypes) {
    const data = await procore.readExternalData(itemType, procoreId);
    const erpKey = data?.originId ? erpKeyOfOriginId(entity, data.originId) : null;
    if (erpKey !== null) return [{ entity, procoreId, erpKey }];
  }
  return [];
}

async function link(
  t: Repositories,
  { connectionId, requestId }: RequestRef,
  found: readonly Learned[],
  now: string,
): Promise<number> {
  const row = await t.requests.get(connectionId, requestId);
  const audit: AuditEntry[] = [];
  for (const { entity, procoreId, erpKey } of found) {
    const [known] = await t.links.byErpKeys(connectionId, entity, [erpKey]);
    // A link in force to another record is not taken away by a look.
    if (known?.state === 'linked') continue;
    const generation = (known?.generation ?? 0) + 1;
    const base = { base: known?.base ?? null, baseRevision: known?.baseRevision ?? null };
    const next = { entity, erpKey, procoreId, state: 'linked' as const, generation, ...base };
    if (!(await t.links.advance(connectionId, next, now))) continue;
    const detail = { erpKey, procoreId, state: 'linked', generation, learned: 'external data' };
    audit.push(auditEntry(row, now, 'link.changed', { subject: `${entity}/${procoreId}`, detail }));
  }
  if (audit.length > 0) await t.audit.append(connectionId, audit);
  return audit.length;
}
