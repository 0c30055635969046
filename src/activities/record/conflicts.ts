import type { AuditEntry } from '../../domain/audit/chain';
import type { RecordLink } from '../../domain/kinds/record-link';
import type { PlannedConflict } from '../../domain/plan/plan';
import { isSamePair } from '../../domain/reconcile/merge-record';
import type { Repositories } from '../../store/repositories';
import type { ConflictRow, SyncRequestRow } from '../../store/rows';
import { auditEntry } from './entry';

const idOf = ({ recordId, field }: Pick<PlannedConflict, 'recordId' | 'field'>): string =>
  `${recordId}#${field}`;

/**
 * Opens what a plan found, and closes what it found no more of the records that were compared. One that is open already stays the same conflict, with
 * the values of now. Answers the audit entries of what is news.
 */
export async function settleConflicts(
  t: Repositories,
  row: SyncRequestRow,
  found: {
    readonly moved: readonly RecordLink[];
    readonly open: readonly PlannedConflict[];
    readonly compared: readonly string[];
  },
  now: string,
): Promise<readonly AuditEntry[]> {
  const { connectionId } = row;
  const links = found.moved.filter(({ erpKey }) => found.compared.includes(erpKey));
  const ids = links.flatMap(({ id }) => (id === undefined ? [] : [id]));
  if (ids.length === 0) return [];
  const known = new Map((await t.conflicts.open(connectionId, ids)).map((one) => [one.id, one]));
  const byKey = new Map(links.map((link) => [link.erpKey, link]));
  const rows: ConflictRow[] = [];
  const entries: AuditEntry[] = [];
  const still = new Set<string>();
  for (const conflict of found.open) {
    const link = byKey.get(conflict.erpKey);
    if (link?.id === undefined) continue;
    const id = idOf(conflict);
    still.add(id);
    const before = known.get(id);
    const { kind, recordId, erpKey, field, agreed, pair, changedAt, rule } = conflict;
    const isSame = before !== undefined && isSamePair({ procore: before.procore, erp: before.erp }, pair);
    if (isSame) continue;
    rows.push({
      connectionId,
      id,
      linkId: link.id,
      recordKind: kind,
      recordId,
      erpKey,
      field,
      agreed: { ...agreed, at: before?.agreed.at ?? null },
      procore: pair.procore,
      erp: pair.erp,
      procoreAt: changedAt.procore,
      erpAt: changedAt.erp,
      rule,
      owner: before?.owner ?? null,
      openedAt: before?.openedAt ?? now,
      // It was for the pair that was seen.
      decision: null,
      closedAt: null,
      closedBecause: null,
    });
    if (before === undefined)
      entries.push(auditEntry(row, now, 'conflict.opened', { subject: recordId, detail: { field, rule } }));
  }
  t.conflicts.put(rows);
  for (const [id, conflict] of known) {
    if (still.has(id)) continue;
    const isIgnored = conflict.decision?.choice.take === 'ignore';
    if (isIgnored) continue;
    const because = conflict.decision === null ? 'settled outside' : 'decided';
    t.conflicts.close(connectionId, [id], because, now);
    const { recordId, field } = conflict;
    entries.push(auditEntry(row, now, 'conflict.closed', { subject: recordId, detail: { field, because } }));
  }
  return entries;
}
