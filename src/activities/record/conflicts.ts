import type { AuditEntry } from '../../domain/audit/chain';
import { contentHash } from '../../domain/base/identity';
import type { RecordLink } from '../../domain/kinds/record-link';
import type { PlannedConflict } from '../../domain/plan/plan';
import type { ClosedBecause } from '../../domain/reconcile/conflict';
import { isSamePair } from '../../domain/reconcile/merge-record';
import type { Ownership } from '../../domain/reconcile/ownership';
import { ownerOf } from '../../domain/reconcile/ownership';
import type { Repositories } from '../../store/repositories';
import type { ConflictRow, SyncRequestRow } from '../../store/rows';
import { auditEntry } from './entry';

/** What became of the conflicts of a page. */
export interface FoundConflicts {
  /** Fields that both sides keep as they are. */
  readonly open: readonly PlannedConflict[];
  /** ERP keys of records that were compared: what is not among the open ones any more is closed. */
  readonly compared: readonly string[];
  /** But for these, by id: their field was refused, and is not settled. */
  readonly unwritten: ReadonlySet<string>;
  /** Ids of conflicts whose field was written on one of the sides. */
  readonly written: ReadonlySet<string>;
  /** When the links were settled before, by ERP key. */
  readonly agreedAt: ReadonlyMap<string, string>;
  /** Overrides of the connection, as they are now. */
  readonly ownership: Ownership;
}

/** `<record id>#<field>`. */
export const conflictIdOf = (recordId: string, field: string): string => `${recordId}#${field}`;

/**
 * Opens what a plan found, and closes what it found no more of the records that were compared. One that is open already stays the same conflict, with
 * the values of now; a choice about other values is void. Answers the audit entries of what is news.
 */
export async function settleConflicts(
  t: Repositories,
  row: SyncRequestRow,
  found: FoundConflicts & { readonly moved: readonly RecordLink[] },
  now: string,
): Promise<readonly AuditEntry[]> {
  const { connectionId } = row;
  const links = new Map(
    found.moved.flatMap((link) =>
      link.id === undefined || link.state !== 'linked' ? [] : [[link.erpKey, link] as const],
    ),
  );
  const known = new Map((await openOf(t, connectionId, [...links.values()])).map((one) => [one.id, one]));
  const rows: ConflictRow[] = [];
  const entries: AuditEntry[] = [];
  for (const conflict of found.open) {
    const link = links.get(conflict.erpKey);
    if (link?.id === undefined) continue;
    const id = conflictIdOf(conflict.recordId, conflict.field);
    const before = known.get(id);
    const at = before?.agreed.at ?? found.agreedAt.get(conflict.erpKey) ?? null;
    const next = conflictRow({ connectionId, id, linkId: link.id, now, at }, conflict, before);
    if (before === undefined)
      entries.push(conflictEntry(row, next, now, 'conflict.opened', { rule: next.rule }));
    if (before === undefined || contentHash({ ...before }) !== contentHash({ ...next })) rows.push(next);
  }
  t.conflicts.put(rows);
  const still = new Set(found.open.map(({ recordId, field }) => conflictIdOf(recordId, field)));
  const compared = new Set(found.compared);
  for (const conflict of known.values()) {
    if (still.has(conflict.id) || found.unwritten.has(conflict.id) || !compared.has(conflict.erpKey))
      continue;
    entries.push(close(t, row, conflict, { because: becauseOf(conflict, found), now }));
  }
  return entries;
}

/** Closes the conflicts of links that tie nothing any more; answers the audit entries. */
export async function closeGoneConflicts(
  t: Repositories,
  row: SyncRequestRow,
  moved: readonly RecordLink[],
  now: string,
): Promise<readonly AuditEntry[]> {
  const gone = moved.filter(({ state }) => state === 'unlinked' || state === 'merged');
  const open = await openOf(t, row.connectionId, gone);
  return open.map((conflict) => close(t, row, conflict, { because: 'record gone', now }));
}

async function openOf(
  t: Repositories,
  connectionId: string,
  links: readonly RecordLink[],
): Promise<readonly ConflictRow[]> {
  const ids = links.flatMap(({ id }) => (id === undefined ? [] : [id]));
  return ids.length === 0 ? [] : t.conflicts.open(connectionId, ids);
}

function conflictRow(
  {
    now,
    at,
    ...ids
  }: Pick<ConflictRow, 'connectionId' | 'id' | 'linkId'> & {
    readonly now: string;
    readonly at: string | null;
  },
  { kind, recordId, erpKey, field, agreed, pair, fits, changedAt, rule }: PlannedConflict,
  before: ConflictRow | undefined,
): ConflictRow {
  const { procore, erp } = pair;
  return {
    ...ids,
    recordKind: kind,
    recordId,
    erpKey,
    field,
    agreed: { ...agreed, at },
    procore,
    erp,
    fits,
    procoreAt: changedAt.procore,
    erpAt: changedAt.erp,
    rule,
    owner: before?.owner ?? null,
    openedAt: before?.openedAt ?? now,
    // It is for the pair that was seen.
    decision: before !== undefined && isSamePair(before, pair) ? before.decision : null,
    closedAt: null,
    closedBecause: null,
  };
}

function becauseOf(
  { id, recordKind: kind, field, decision, rule }: ConflictRow,
  { written, ownership }: FoundConflicts,
): ClosedBecause {
  if (decision !== null && written.has(id)) return 'decided';
  return ownerOf({ kind, line: null, field }, ownership) === rule ? 'settled outside' : 'rule changed';
}

function close(
  t: Repositories,
  row: SyncRequestRow,
  conflict: ConflictRow,
  { because, now }: { readonly because: ClosedBecause; readonly now: string },
): AuditEntry {
  t.conflicts.close(row.connectionId, [conflict.id], because, now);
  return conflictEntry(row, conflict, now, 'conflict.closed', { because });
}

/** About the record, not about the request that found it: a choice is looked up by its record. */
const conflictEntry = (
  row: SyncRequestRow,
  { recordId, linkId, field }: ConflictRow,
  now: string,
  action: 'conflict.opened' | 'conflict.closed',
  detail: AuditEntry['detail'],
): AuditEntry => ({
  ...auditEntry(row, now, action, {
    subject: recordId,
    detail: { link: linkId, field, ...detail, by: row.id },
  }),
  requestId: null,
});
