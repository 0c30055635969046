import { erpKeyOfOriginId, operationKeyOf, originIdOf, recordIdOf } from '../base/identity';
import { shorten } from '../base/text';
import type { Kind } from '../kinds';
import { definitionOf, isKind } from '../kinds';
import type { CanonicalRecord, ProcoreId } from '../kinds/record';
import type { RecordLink } from '../kinds/record-link';
import type { LinkNotice, NoticedRecord } from '../request/intent';
import type { MoveLink } from './operation';
import { numbered, projectsIn } from './operation';
import type { LeftOut, Plan } from './plan';
import { NO_FACTS, sealPlan } from './plan';

export interface LinksInput {
  readonly connectionId: string;
  readonly intent: LinkNotice;
  /** Links of everything the notice names, in any state, and of everything in the project it is about. */
  readonly links: readonly RecordLink[];
  /** For imports whose event does not say which record it was: what Procore answered, by origin_id. */
  readonly found: Readonly<Record<string, ProcoreId>>;
}

/**
 * Plans how our links follow what Procore already did: an import or a link ties, a merge ties to the record that stays, a reset, unlink or
 * delete lets go (of a project: of everything in it). Writes to no other side; a repeated notice changes nothing. The ERP record stays, and
 * an unlinked link still tells where it is: the next export finds it instead of making a twin.
 */
export function planLinks({ connectionId, intent, links, found }: LinksInput): Plan {
  const ledger = new LinkLedger(links);
  if (intent.how === 'merged') mergeAll(ledger, intent);
  else for (const record of intent.records) followRecord(ledger, record, intent.how, found);
  if (intent.wholeProjectId !== null) {
    for (const link of ledger.all()) if (link.projectId === intent.wholeProjectId) letGo(ledger, link);
  }
  const operations = ledger.moves.map((move) => operationOf(connectionId, intent, move));
  return sealPlan({
    subject: intent.label,
    operations: numbered(operations),
    warnings: [],
    notes: [],
    facts: {
      ...NO_FACTS,
      kinds: [...new Set(operations.map(({ kind }) => kind))],
      projects: projectsIn(operations),
    },
    leftOut: ledger.leftOut,
    unchanged: ledger.unchanged,
  });
}

interface Move {
  readonly old: RecordLink | null;
  readonly next: RecordLink;
  /** What the people of Procore did. */
  readonly how: MoveLink['action'];
}

/** The links as they stand after the moves so far: one notice may name a record of either side more than once. */
class LinkLedger {
  readonly leftOut: LeftOut[] = [];
  unchanged = 0;
  /** In the order they happen: after each of them every record has one partner, and every step is a lawful one. */
  readonly moves: Move[] = [];
  private readonly links: Map<string, RecordLink>;

  constructor(links: readonly RecordLink[]) {
    this.links = new Map(links.map((link) => [keyOf(link), link]));
  }

  all(): readonly RecordLink[] {
    return [...this.links.values()];
  }

  byKey(kind: Kind, erpKey: string): RecordLink | null {
    return this.links.get(keyOf({ kind, erpKey })) ?? null;
  }

  linkedTo(kind: Kind, procoreId: ProcoreId): RecordLink | null {
    const own = this.all().find(
      (link) => link.kind === kind && link.procoreId === procoreId && isInForce(link),
    );
    return own ?? null;
  }

  move(how: MoveLink['action'], next: Omit<RecordLink, 'generation'>): void {
    const old = this.byKey(next.kind, next.erpKey);
    const at = this.moves.findLastIndex((move) => move.next === old);
    const before = this.moves[at];
    // Shadows alone: part of the move that was there.
    const isPart = before !== undefined && old?.state === next.state && old.procoreId === next.procoreId;
    const moved = { ...next, generation: (old?.generation ?? 0) + (isPart ? 0 : 1) };
    this.links.set(keyOf(moved), moved);
    if (isPart) this.moves[at] = { ...before, next: moved };
    else this.moves.push({ old, next: moved, how });
  }
}

const keyOf = ({ kind, erpKey }: Pick<RecordLink, 'kind' | 'erpKey'>): string => `${kind}:${erpKey}`;
const isInForce = ({ state }: RecordLink): boolean => state === 'linked';

function followRecord(
  ledger: LinkLedger,
  record: NoticedRecord,
  how: Exclude<LinkNotice['how'], 'merged'>,
  found: LinksInput['found'],
): void {
  if (!isKind(record.target)) {
    // A deleted line leaves the shadows of its record, so that the next refresh may bring it again.
    const isForgotten = how !== 'imported' && how !== 'linked' && forgetLine(ledger, record);
    if (!isForgotten) ledger.unchanged += 1;
    return;
  }
  if (how === 'imported' || how === 'linked') {
    tie(ledger, record, record.target, { how, found });
    return;
  }
  const named = ledger.all().filter((link) => isMeant(record, link));
  for (const link of named) letGo(ledger, link, how === 'deleted');
  if (!named.some(isInForce)) ledger.unchanged += 1;
}

function tie(
  ledger: LinkLedger,
  record: NoticedRecord,
  kind: Kind,
  { how, found }: { readonly how: 'imported' | 'linked'; readonly found: LinksInput['found'] },
): void {
  const originId = record.originId ?? originIdIn(record, ledger.all(), found);
  const procoreId = record.procoreId ?? (originId === null ? null : (found[originId] ?? null));
  const erpKey = originId === null ? null : erpKeyOfOriginId(kind, originId);
  if (erpKey === null || procoreId === null) {
    // A budget carries no key of the ERP: there is nothing to link.
    if (kind === 'budget' && originId === null) {
      ledger.unchanged += 1;
      return;
    }
    const recordId = recordIdOf(kind, procoreId ?? 'unknown');
    ledger.leftOut.push({ recordId, erpKey, reason: whyNot(record, kind, originId, erpKey) });
    return;
  }
  const current = ledger.byKey(kind, erpKey);
  if (current?.state === 'linked' && current.procoreId === procoreId) {
    ledger.unchanged += 1;
    return;
  }
  // One record, one partner: another ERP record that it was tied to is let go.
  const before = ledger.linkedTo(kind, procoreId);
  if (before) letGo(ledger, before);
  // Imported from staged data: Procore holds exactly that. Linked to a record that was there: never compared.
  // Neither is what was not staged any more: its shadows are of another life.
  const isStaged = current?.state === 'staged' || current?.state === 'archived';
  const isKnown = how === 'imported' && current !== null && isStaged;
  ledger.move('link', {
    ...(current?.id === undefined ? {} : { id: current.id }),
    kind,
    erpKey,
    procoreId,
    state: 'linked',
    procore: isKnown ? current.procore : null,
    erp: isKnown ? current.erp : null,
    erpRevision: isKnown ? current.erpRevision : null,
    ...(current?.projectId === undefined ? {} : { projectId: current.projectId }),
  });
}

function whyNot(
  { title }: NoticedRecord,
  kind: Kind,
  originId: string | null,
  erpKey: string | null,
): string {
  if (originId !== null && erpKey === null)
    return `origin_id "${shorten(originId, 100)}" is not one of ours (expected "${kind}|<company or group>|<number>"): another integration may own it.`;
  const name = title === null ? kind.replaceAll('_', ' ') : `"${shorten(title, 100)}"`;
  return `${name} was imported, but Procore does not say which record it is; it is linked when it is found.`;
}

/** Of the staged records with this title in this project, the one that Procore has now. */
const originIdIn = (
  record: NoticedRecord,
  links: readonly RecordLink[],
  found: LinksInput['found'],
): string | null => candidatesFor(record, links).find((originId) => found[originId] !== undefined) ?? null;

/** origin_ids of staged records that an import without an id may mean. */
export function candidatesFor(
  { target, title, projectOriginId }: Pick<NoticedRecord, 'target' | 'title' | 'projectOriginId'>,
  links: readonly RecordLink[],
): readonly string[] {
  const job = projectOriginId === null ? null : erpKeyOfOriginId('project', projectOriginId);
  return links
    .filter(({ kind, state }) => kind === target && state === 'staged')
    .filter(
      ({ erp }) =>
        erp !== null &&
        (job === null || erp.fields['job'] === job) &&
        (title === null || erp.fields['name'] === title),
    )
    .map(({ kind, erpKey }) => originIdOf(kind, erpKey));
}

function mergeAll(ledger: LinkLedger, { master, records }: LinkNotice): void {
  if (master === null || !isKind(master.target) || master.procoreId === null) return;
  const { target: kind, procoreId: masterId } = master;
  if (ledger.linkedTo(kind, masterId) === null && master.originId !== null) {
    tie(ledger, master, kind, { how: 'linked', found: {} });
  }
  for (const { procoreId } of records) {
    const link = procoreId === null ? null : ledger.linkedTo(kind, procoreId);
    if (!link || procoreId === masterId) continue;
    if (ledger.linkedTo(kind, masterId) !== null) ledger.move('merge', { ...link, state: 'merged' });
    else ledger.move('merge', { ...link, procoreId: masterId, procore: null, erp: null, erpRevision: null });
  }
}

/** An ERP record that belongs to another record by now is no business of a notice. */
function isMeant({ target, procoreId, originId }: NoticedRecord, link: RecordLink): boolean {
  if (link.kind !== target) return false;
  if (procoreId !== null && link.procoreId !== null) return link.procoreId === procoreId;
  const key = originId !== null && isKind(target) ? erpKeyOfOriginId(target, originId) : null;
  return key !== null && link.erpKey === key;
}

/** What was deleted in Procore has no id there any more: the next sync brings it anew. */
function letGo(ledger: LinkLedger, link: RecordLink, isDeleted = false): void {
  if (!isInForce(link)) return;
  ledger.move('unlink', { ...link, state: 'unlinked', ...(isDeleted ? { procoreId: null } : {}) });
}

function forgetLine(ledger: LinkLedger, { target, procoreId, originId }: NoticedRecord): boolean {
  let isFound = false;
  const without = (shadow: CanonicalRecord | null): CanonicalRecord | null =>
    shadow && {
      ...shadow,
      lines: shadow.lines.filter(
        (line) =>
          line.kind !== target ||
          (line.procoreId !== procoreId &&
            (originId === null || originIdOf(line.kind, line.erpKey ?? '') !== originId)),
      ),
    };
  for (const link of ledger.all()) {
    if (!isInForce(link) || link.erp === null) continue;
    const erp = without(link.erp);
    if ((erp?.lines.length ?? 0) === link.erp.lines.length) continue;
    ledger.move('link', { ...link, erp, procore: without(link.procore) });
    isFound = true;
  }
  return isFound;
}

function operationOf(connectionId: string, { how }: LinkNotice, { old, next, how: action }: Move): MoveLink {
  const { kind, erpKey, procoreId, generation } = next;
  const targetRevision = next.erpRevision ?? 'none';
  const recordId = `${kind}/erp:${erpKey}`;
  return {
    seq: 0,
    side: 'tieback',
    action,
    kind,
    recordId: recordIdOf(kind, procoreId ?? `erp:${erpKey}`),
    target: targetOf(next, action),
    erpKey,
    procoreId,
    ...(next.projectId === undefined ? {} : { projectId: next.projectId }),
    generation,
    targetRevision,
    operationKey: `${operationKeyOf({ connectionId, recordId, generation, targetRevision })}:${how}`,
    changes: [
      { field: 'state', label: 'Link', old: old?.state ?? null, new: next.state },
      {
        field: 'procore_id',
        label: 'Procore record',
        old: old?.procoreId?.toString() ?? null,
        new: procoreId?.toString() ?? null,
      },
      {
        field: 'origin_id',
        label: 'ERP link',
        old: old ? originIdOf(kind, old.erpKey) : null,
        new: originIdOf(kind, erpKey),
      },
    ],
    link: next,
  };
}

function targetOf({ kind, erpKey, state, procoreId }: RecordLink, action: MoveLink['action']): string {
  const name = `ERP ${definitionOf(kind).label.toLowerCase()} ${erpKey}`;
  if (action !== 'merge') return name;
  return state === 'merged'
    ? `${name} (its record was merged into another)`
    : `${name} to record ${procoreId ?? ''}`;
}
