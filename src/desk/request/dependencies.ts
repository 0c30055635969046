import { erpKeyOfOriginId, recordIdOf } from '../../domain/base/identity';
import type { Kind } from '../../domain/kinds';
import { isKind } from '../../domain/kinds';
import type { Standing } from '../../domain/kinds/record';
import { textIn } from '../../domain/kinds/record';
import type { RecordLink } from '../../domain/kinds/record-link';
import { ownLink } from '../../domain/kinds/record-link';
import type { Visitor } from '../../domain/people/access';
import { mayLook } from '../../domain/people/access';
import type { Operation } from '../../domain/plan/operation';
import { refsOf, wordFor } from '../../domain/plan/references';
import type { Snapshot } from '../../domain/plan/snapshot';
import { isRequestId, requestWords } from '../../domain/request/id';
import type { RecordRef } from '../../domain/request/intent';
import type { RequestStatus } from '../../domain/request/status';
import type { Repositories } from '../../store/repositories';
import type { SyncRequestRow, WaitRow } from '../../store/rows';

/** Names the page of a record. */
export interface RecordPageRef {
  readonly kind: Kind;
  readonly id: string;
}

/** A request beside another one. */
export interface RequestBeside {
  readonly id: string;
  readonly title: string | null;
  readonly status: RequestStatus;
}

/** Something that a request needs. */
export interface Dependency {
  /** `vendor`, `cost code`, `ERP request`. */
  readonly words: string;
  /** With its number in front, where it is known: `10442 Cobalt Mechanical LLC`. */
  readonly name: string;
  /**
   * `linked`: both sides have it. `in_plan`: the same request brings it. `waiting`: it is waited for. `in_erp`: it is known by its `origin_id` alone. `not_linked`:
   * none of these, as far as we know.
   */
  readonly state: 'linked' | 'in_plan' | 'waiting' | 'in_erp' | 'not_linked';
  /** How the ERP had it when it was read for the plan; null: it was not asked. */
  readonly erpState: Standing['state'] | null;
  readonly record: RecordPageRef | null;
  /** An open one that is about it. */
  readonly request: RequestBeside | null;
}

/** Nobody reads more of them. */
const MOST = 100;

/** What is looked at of a request and its plan. */
export interface DependencyParts {
  readonly request: SyncRequestRow;
  readonly snapshot: Snapshot | null;
  readonly waits: readonly WaitRow[];
}

/** What the records of a request refer to, header first, and requests that it waits for. */
export async function dependenciesOf(
  t: Repositories,
  visitor: Pick<Visitor, 'grants'>,
  { request, snapshot, waits }: DependencyParts,
): Promise<readonly Dependency[]> {
  const { connectionId } = request;
  const reading = (await t.requests.reading(request))?.reading;
  const drafts = reading?.intent.way === 'export' ? reading.intent.records : [];
  const needed = new Map<string, Needed>();
  for (const draft of drafts) {
    for (const ref of refsOf(draft).filter(isShown)) {
      const { target, procoreId, originId } = ref;
      needed.set(`${target} ${procoreId ?? originId ?? ref.label}`, { ref, projectId: draft.projectId });
    }
  }
  const some = [...needed.values()].slice(0, MOST);
  const owners = some.flatMap(({ ref, projectId }) => ownerOf(ref, projectId) ?? []);
  const links = await linksOf(t, connectionId, owners);
  const waited = new Map(waits.map((wait) => [wait.recordId, wait]));
  const open = await openRequests(t, visitor, request, [
    ...some.flatMap(({ ref }) => idOf(ref) ?? []),
    ...waited.keys(),
  ]);
  const batch = new Set(drafts.map(({ kind, procoreId }) => recordIdOf(kind, procoreId)));
  const states = new Map(
    (snapshot?.way === 'export' ? snapshot.states : []).map((one) => [`${one.target}:${one.key}`, one]),
  );
  const records = some.map(({ ref, projectId }): Dependency => {
    const recordId = idOf(ref);
    const owner = ownerOf(ref, projectId);
    const link = owner === null ? null : (links.get(recordIdOf(owner.kind, owner.procoreId)) ?? null);
    const line = isKind(ref.target) ? null : lineIn(link, ref);
    const linked = link?.state === 'linked' && (isKind(ref.target) || line !== null);
    const known = linked ? (isKind(ref.target) ? link.erpKey : (line?.erpKey ?? null)) : null;
    const key = known ?? (ref.originId === null ? null : erpKeyOfOriginId(ref.target, ref.originId));
    const standing = key === null ? undefined : states.get(`${ref.target}:${key}`);
    const holder = isKind(ref.target) ? (linked ? link.erp : null) : line;
    const isWaited = [recordId, owner === null ? null : recordIdOf(owner.kind, owner.procoreId)].some(
      (id) => id !== null && waited.has(id),
    );
    const state = linked
      ? 'linked'
      : recordId !== null && batch.has(recordId)
        ? 'in_plan'
        : isWaited
          ? 'waiting'
          : standing !== undefined && standing.state !== 'absent'
            ? 'in_erp'
            : 'not_linked';
    return {
      words: wordFor(ref.target),
      name: named(standing) ?? named(holder === null ? null : texts(holder)) ?? withoutWords(ref),
      state,
      erpState: standing?.state ?? null,
      record: pageOf(visitor, connectionId, link),
      request: (recordId === null ? undefined : open.get(recordId)) ?? null,
    };
  });
  const requests = waits
    .filter(({ recordId }) => isRequestId(recordId))
    .flatMap(({ recordId }): readonly Dependency[] => {
      const beside = open.get(recordId) ?? null;
      // What one may not see is not told of.
      if (beside === null) return [];
      return [
        {
          words: 'request',
          name: requestWords(recordId),
          state: 'waiting',
          erpState: null,
          record: null,
          request: beside,
        },
      ];
    });
  return [...records, ...requests];
}

interface Needed {
  readonly ref: RecordRef;
  readonly projectId: number | null;
}

/** Lines of documents are seen with their documents. */
const isShown = ({ target }: RecordRef): boolean => isKind(target) || target === 'cost_code';

const idOf = ({ target, procoreId }: RecordRef): string | null =>
  procoreId === null ? null : recordIdOf(target, procoreId);

/** The record whose link tells of it: itself, or the project of a cost code. */
function ownerOf(
  { target, procoreId }: RecordRef,
  projectId: number | null,
): { readonly kind: Kind; readonly procoreId: number } | null {
  if (isKind(target)) return procoreId === null ? null : { kind: target, procoreId };
  return projectId === null ? null : { kind: 'project', procoreId: projectId };
}

async function linksOf(
  t: Repositories,
  connectionId: string,
  records: readonly { readonly kind: Kind; readonly procoreId: number }[],
): Promise<ReadonlyMap<string, RecordLink>> {
  const found = await Promise.all(
    [...new Set(records.map(({ kind }) => kind))].map(async (kind) => {
      const ids = [...new Set(records.flatMap((one) => (one.kind === kind ? [one.procoreId] : [])))];
      const links = await t.links.byProcoreIds(connectionId, kind, ids);
      return ids.flatMap((id): readonly (readonly [string, RecordLink])[] => {
        const own = ownLink(links.filter(({ procoreId }) => procoreId === id));
        return own === null ? [] : [[recordIdOf(kind, id), own]];
      });
    }),
  );
  return new Map(found.flat());
}

const lineIn = (link: RecordLink | null, { target, procoreId, originId }: RecordRef) =>
  link?.erp?.lines.find(
    ({ kind, erpKey, procoreId: id }) =>
      kind === target &&
      ((procoreId !== null && id === procoreId) ||
        (originId !== null && erpKey !== null && erpKey === erpKeyOfOriginId(target, originId))),
  ) ?? null;

/** The first open request about each, of those that the visitor may see; what is waited for by the id of its request is found by it. */
async function openRequests(
  t: Repositories,
  { grants }: Pick<Visitor, 'grants'>,
  { connectionId, id: own }: SyncRequestRow,
  wanted: readonly string[],
): Promise<ReadonlyMap<string, RequestBeside>> {
  const ids = [...new Set(wanted)];
  const [about, byId] = await Promise.all([
    t.requests.openAbout(
      connectionId,
      ids.filter((id) => !isRequestId(id)),
    ),
    Promise.all(ids.filter(isRequestId).map((id) => t.requests.find({ connectionId, id }))),
  ]);
  const found = new Map<string, RequestBeside>();
  const keep = (key: string | null, row: SyncRequestRow): void => {
    const isSeen = mayLook(grants, { connectionId, projectId: row.about?.place?.projectId ?? null });
    if (key === null || row.id === own || !isSeen || found.has(key)) return;
    const { id, status } = row;
    found.set(key, { id, status, title: row.about?.title ?? row.subject });
  };
  for (const row of about) keep(row.recordId, row);
  for (const row of byId) if (row !== null) keep(row.id, row);
  return found;
}

const texts = (holder: Parameters<typeof textIn>[0]): { readonly code: string; readonly name: string } => ({
  code: textIn(holder, 'code'),
  name: textIn(holder, 'name') || textIn(holder, 'description'),
});

function named(one: { readonly code?: string | null; readonly name?: string | null } | null | undefined) {
  const { code = null, name = null } = one ?? {};
  return [code, name].filter(Boolean).join(' ') || null;
}

/** `vendor Cobalt Mechanical LLC` beside the word `vendor`. */
function withoutWords({ target, label }: RecordRef): string {
  const words = `${wordFor(target)} `;
  return label.toLowerCase().startsWith(words) ? label.slice(words.length) : label;
}

/** The page of a record, for those who may look at it. */
function pageOf(
  { grants }: Pick<Visitor, 'grants'>,
  connectionId: string,
  link: RecordLink | null,
): RecordPageRef | null {
  if (link?.id === undefined || !mayLook(grants, { connectionId, projectId: link.projectId ?? null }))
    return null;
  return { kind: link.kind, id: link.id };
}

/** Pages of the records that these operations write, by record id. */
export async function recordPagesOf(
  t: Repositories,
  visitor: Pick<Visitor, 'grants'>,
  connectionId: string,
  operations: readonly Pick<Operation, 'kind' | 'procoreId' | 'recordId'>[],
): Promise<readonly (RecordPageRef & { readonly recordId: string })[]> {
  const records = operations.flatMap(({ kind, procoreId }) =>
    kind === null || procoreId === null ? [] : [{ kind, procoreId }],
  );
  const links = await linksOf(t, connectionId, records);
  return [...new Set(operations.map(({ recordId }) => recordId))].flatMap((recordId) => {
    const page = pageOf(visitor, connectionId, links.get(recordId) ?? null);
    return page === null ? [] : [{ recordId, ...page }];
  });
}
