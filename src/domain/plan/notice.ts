import type { NoticedRecord, ProcoreId, RecordNotice } from '../request/intent';
import { isEntity } from '../kinds/entity';
import { erpKeyOfOriginId, operationKeyOf, originIdOf, recordIdOf } from '../base/identity';
import type { LeftOut, Plan, PlannedOperation } from './plan';
import { sealPlan } from './plan';
import type { CanonicalRecord } from '../kinds/record';
import { isCanonical } from '../kinds/record';
import type { RecordLink } from '../kinds/record-link';
import { shorten } from '../base/text';

export interface NoticeInput {
  readonly connectionId: string;
  readonly intent: RecordNotice;
  /** Links of everything the notice names, and of everything in the project it is about. */
  readonly links: readonly RecordLink[];
  /** For imports whose event does not say which record it was: what Procore answered, by origin_id. */
  readonly found: Readonly<Record<string, ProcoreId>>;
}

/**
 * Plans how our links follow what Procore already did: an import links, a reset, unlink or delete lets go (of a project: of everything
 * in it). Writes to no other side; a repeated notice changes nothing. The ERP record stays, and an unlinked link still tells where it is:
 * the next export finds it instead of making a twin.
 */
export function planNotice({ connectionId, intent, links, found }: NoticeInput): Plan {
  const changes = new Map<string, { old: RecordLink | null; next: RecordLink }>();
  const leftOut: LeftOut[] = [];
  const move = (old: RecordLink | null, next: Omit<RecordLink, 'generation'>): void => {
    changes.set(`${next.entity}:${next.erpKey}`, {
      old,
      next: { ...next, generation: (old?.generation ?? 0) + 1 },
    });
  };
  const newest = (link: RecordLink): RecordLink => {
    const change = changes.get(`${link.entity}:${link.erpKey}`);
    return change ? { ...change.next, generation: link.generation } : link;
  };
  for (const record of intent.records) {
    if (intent.how === 'imported') linkImported(record, links, found, move, leftOut);
    else for (const link of linksOf(record, links)) letGo(link, move, intent.how === 'deleted');
    // Several lines of one record: each leaves what the one before left.
    if (!isEntity(record.target)) forgetLine(record, links.map(newest), move);
  }
  if (intent.wholeProjectId !== null) {
    for (const link of links) if (link.projectId === intent.wholeProjectId) letGo(link, move);
  }
  return sealPlan({
    subject: intent.label,
    operations: [...changes.values()].map(({ old, next }, index) =>
      operationOf(connectionId, intent, old, next, index + 1),
    ),
    warnings: [],
    notes: [],
    facts: {},
    leftOut,
    unchanged: changes.size === 0 && leftOut.length === 0 ? 1 : 0,
  });
}

type Move = (old: RecordLink | null, next: Omit<RecordLink, 'generation'>) => void;

function linkImported(
  record: NoticedRecord,
  links: readonly RecordLink[],
  found: NoticeInput['found'],
  move: Move,
  leftOut: LeftOut[],
): void {
  const { target, title } = record;
  if (!isEntity(target)) return;
  const originId = record.originId ?? originIdIn(record, links, found);
  const procoreId = record.procoreId ?? (originId === null ? null : (found[originId] ?? null));
  const key = originId === null ? null : erpKeyOfOriginId(target, originId);
  if (key === null || procoreId === null) {
    // A budget carries no key of the ERP: there is nothing to link.
    if (target === 'budget' && originId === null) return;
    const name = title === null ? target.replaceAll('_', ' ') : `"${shorten(title, 100)}"`;
    const reason =
      originId !== null && key === null
        ? `origin_id "${shorten(originId, 100)}" is not one of ours: another integration may own it.`
        : `${name} was imported, but Procore does not say which record it is; it is linked when it is found.`;
    leftOut.push({ recordId: recordIdOf(target, procoreId ?? 'unknown'), erpKey: key, reason });
    return;
  }
  const link = links.find(({ entity, erpKey }) => entity === target && erpKey === key) ?? null;
  if (link?.state === 'linked' && link.procoreId === procoreId) return;
  move(link, {
    entity: target,
    erpKey: key,
    procoreId,
    state: 'linked',
    base: link?.base ?? null,
    baseRevision: link?.baseRevision ?? null,
    ...(link?.projectId === undefined ? {} : { projectId: link.projectId }),
  });
}

/** Of the staged records with this title in this project, the one that Procore has now. */
function originIdIn(
  { target, title, projectOriginId }: NoticedRecord,
  links: readonly RecordLink[],
  found: NoticeInput['found'],
): string | null {
  const candidates = candidatesFor({ target, title, projectOriginId }, links);
  return candidates.find((originId) => found[originId] !== undefined) ?? null;
}

/** origin_ids of staged records that an import without an id may mean. */
export function candidatesFor(
  { target, title, projectOriginId }: Pick<NoticedRecord, 'target' | 'title' | 'projectOriginId'>,
  links: readonly RecordLink[],
): readonly string[] {
  const job = projectOriginId === null ? null : erpKeyOfOriginId('project', projectOriginId);
  return links
    .filter(({ entity, state }) => entity === target && state === 'staged')
    .filter(({ base }) => {
      const fields = base !== null && isCanonical(base) ? base.fields : null;
      return (
        fields !== null &&
        (job === null || fields['job'] === job) &&
        (title === null || fields['name'] === title)
      );
    })
    .map(({ entity, erpKey }) => originIdOf(entity, erpKey));
}

const linksOf = (
  { target, procoreId, originId }: NoticedRecord,
  links: readonly RecordLink[],
): readonly RecordLink[] => {
  const key = originId !== null && isEntity(target) ? erpKeyOfOriginId(target, originId) : null;
  return links.filter(
    (link) =>
      link.entity === target &&
      // An ERP record that belongs to another record by now is no business of this notice.
      (procoreId === null || link.procoreId === null
        ? key !== null && link.erpKey === key
        : link.procoreId === procoreId),
  );
};

/** What was deleted in Procore has no id there any more: the next sync brings it anew. */
function letGo(link: RecordLink, move: Move, isDeleted = false): void {
  if (link.state !== 'linked') return;
  move(link, { ...link, state: 'unlinked', ...(isDeleted ? { procoreId: null } : {}) });
}

/** A deleted cost code leaves the base of its project, so that the next refresh may bring it again. */
function forgetLine(
  { target, procoreId, originId }: NoticedRecord,
  links: readonly RecordLink[],
  move: Move,
): void {
  for (const link of links) {
    const base = link.base as CanonicalRecord | null;
    if (base === null || !isCanonical(base) || link.state !== 'linked') continue;
    const lines = base.lines.filter(
      (line) =>
        line.kind !== target ||
        (line.procoreId !== procoreId &&
          (originId === null || originIdOf(line.kind, line.erpKey ?? '') !== originId)),
    );
    if (lines.length < base.lines.length) move(link, { ...link, base: { ...base, lines } });
  }
}

function operationOf(
  connectionId: string,
  { how }: RecordNotice,
  old: RecordLink | null,
  next: RecordLink,
  seq: number,
): PlannedOperation {
  const recordId = recordIdOf(next.entity, next.procoreId ?? `erp:${next.erpKey}`);
  const targetRevision = next.baseRevision ?? 'none';
  return {
    seq,
    side: 'tieback',
    action: next.state === 'linked' ? 'link' : 'unlink',
    entity: next.entity,
    recordId,
    target: `${next.entity.replaceAll('_', ' ')} ${next.erpKey}`,
    erpKey: next.erpKey,
    procoreId: next.procoreId,
    generation: next.generation,
    targetRevision,
    operationKey: `${operationKeyOf({ connectionId, recordId: `${next.entity}/erp:${next.erpKey}`, generation: next.generation, targetRevision })}:${how}`,
    changes: [
      { field: 'state', label: 'Link', old: old?.state ?? null, new: next.state },
      {
        field: 'procore_id',
        label: 'Procore record',
        old: old?.procoreId?.toString() ?? null,
        new: next.procoreId?.toString() ?? null,
      },
    ],
    record: next.base,
    link: next,
  };
}
