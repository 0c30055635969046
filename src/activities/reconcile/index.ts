import { erpKeyOfOriginId, originIdOf, recordIdOf } from '../../domain/base/identity';
import { definitionOf } from '../../domain/kinds';
import { textIn } from '../../domain/kinds/record';
import { NOTHING } from '../../domain/plan/diff';
import { pairKey } from '../../domain/reconcile/match/rejections';
import { candidatesOf, suggestBetween } from '../../domain/reconcile/match';
import type { KnownRecord } from '../../domain/kinds/record';
import type { RecordLink } from '../../domain/kinds/record-link';
import type { Operation } from '../../domain/plan/operation';
import type { LeftOut, Plan } from '../../domain/plan/plan';
import { isErpWrite } from '../../domain/plan/operation';
import { planReconcile } from '../../domain/plan/reconcile';
import { syncedPart, syncRevisionOf } from '../../domain/plan/sync';
import type { Kind } from '../../domain/kinds';
import { comparedFields } from '../../domain/reconcile/merge-record';
import { sideRecordOf } from '../../domain/reconcile/from-draft';
import { hasReconciledLines } from '../../domain/reconcile/reconciled-part';
import type { SideRecord } from '../../domain/reconcile/side-record';
import { WAITS } from '../../domain/request/exception';
import { isOfReconcile } from '../../domain/request/id';
import type { ReconcileSnapshot } from '../../domain/plan/snapshot';
import type { Repositories } from '../../store/repositories';
import type { ConflictRow } from '../../store/rows';
import type { ConnectionParts } from '../deps';
import type { InHand } from '../in-hand';
import type { OperationResult, Problem } from '../record/outcome';
import { NOTHING_HAPPENED } from '../record/outcome';
import type { Sent } from '../send';
import { linksFor } from '../sync';
import type { Together, WaySteps } from '../way';
import { codesOf } from './codes';
import { conflictIdOf } from '../record/conflicts';
import type { Choices } from './choices';
import { choicesFor } from './choices';
import { linksAfter, linksBefore } from './links-after';
import { unpairedRow } from './look';
import { seeing } from './see';
import { tellOnce } from './told';

/** Times closer than this say nothing about who was last: the clocks of two servers, and the time between two looks. */
const SKEW_MS = 10 * 60_000;

/** Both sides, page by page; a page has what moved on one side, and how the other holds it. */
export const reconcileWay: WaySteps<'reconcile'> = {
  way: 'reconcile',
  // What waits for a person is kept as it was read.
  needsSnapshot: ({ leftOut }) => leftOut.length > 0,
  finishesInStore: true,

  async plan(t, { connection, row, intent }, snapshot, by) {
    const choices = (conflicts: readonly ConflictRow[]): Promise<Choices> =>
      choicesFor(t, { connection, row }, conflicts, by);
    const plan = await planOfPage(t, connection, intent, snapshot, choices, by.together);
    return plan === null ? { kind: 'old' } : { kind: 'plan', plan };
  },

  async outcome(t, { connection, row, intent }, { approved, sent, snapshot }) {
    const { plan, page, operations } = approved;
    const { kind } = intent;
    const written = new Map(operations.map((one) => [one.operationKey, one]));
    const results = plan.operations.map((operation): OperationResult => {
      if (!isErpWrite(operation)) return resultInProcore(operation, sent);
      const done = written.get(operation.operationKey);
      return {
        operation,
        state:
          done?.state === 'written' || done?.state === 'confirmed' ? 'confirmed' : (done?.state ?? 'refused'),
        erpKey: done?.erpKey ?? operation.erpKey,
        reason: done?.reason ?? null,
        record: done?.record ?? null,
      };
    });
    const read = new Set((snapshot?.erp ?? []).map(({ key }) => key));
    const [agreedAt, reported] = await Promise.all([
      t.links.movedAt(connection.id, kind, [...new Set((plan.conflicts ?? []).map(({ erpKey }) => erpKey))]),
      reportedHere(t, connection.id, kind),
    ]);
    const bad = results.filter(({ state }) => state !== 'confirmed');
    const failing = new Set([...plan.leftOut, ...bad].map(({ erpKey }) => erpKey));
    const links = linksAfter(results, sent, await linksBefore(t, connection.id, kind, bad), plan.conflicts);
    const isIdle =
      results.every(({ operation }) => operation.side === 'tieback') && plan.leftOut.length === 0;
    const now = row.updatedAt;
    const detail = {
      page,
      written: results.length - bad.length,
      refused: bad.length,
      leftOut: plan.leftOut.length,
      conflicts: plan.conflicts?.length ?? 0,
    };
    const held = heldIn(plan.leftOut);
    t.sideRecords.put(
      (snapshot?.erp ?? [])
        .filter(({ key }) => held.has(key))
        .map((known) =>
          unpairedRow(connection.id, erpSide(kind, known), syncRevisionOf(kind, known.record), now),
        ),
    );
    if (snapshot !== null)
      await tellOnce(
        t,
        { connectionId: connection.id, kind, now },
        { leftOut: plan.leftOut, held, snapshot, links },
      );
    const paired = links.filter(({ state }) => state === 'linked');
    // Its codes come with the next look, whatever the feed tells: they were not compared.
    const uncompared = hasReconciledLines(kind) ? uncomparedIn(paired, snapshot) : [];
    t.sideRecords.remove(
      connection.id,
      kind,
      'erp',
      paired.map(({ erpKey }) => erpKey),
    );
    t.sideRecords.remove(
      connection.id,
      kind,
      'procore',
      paired.flatMap(({ procoreId }) => (procoreId === null ? [] : [String(procoreId)])),
    );
    t.sideRecords.lookAgain(connection.id, kind, 'erp', uncompared, now);
    await t.plans.dropSnapshot({ ...row, page });
    return {
      ...NOTHING_HAPPENED,
      results,
      links,
      linksTold: 'page',
      finishesPage: true,
      problems: oneEach([
        ...bad.map(({ operation, erpKey, reason }) => ({
          recordId: operation.recordId,
          erpKey,
          reason: reason ?? `${operation.target} was not written.`,
          cause: operation.side === 'erp' ? 'erp' : 'procore',
        })),
        ...plan.leftOut.map(({ recordId, erpKey, reason, waits }) => ({
          recordId,
          erpKey,
          reason,
          cause: waits === true ? WAITS : 'data',
        })),
      ]),
      fine: {
        kind,
        // What was compared again and is as it should be, too.
        erpKeys: [...links.map(({ erpKey }) => erpKey), ...reported.filter((key) => read.has(key))].filter(
          (key) => !failing.has(key),
        ),
      },
      conflicts: {
        open: plan.conflicts ?? [],
        compared: links.flatMap(({ state, erpKey }) => (state === 'linked' ? [erpKey] : [])),
        unwritten: fieldsOf(bad),
        // What is only staged was never compared.
        written: fieldsOf(results.filter(({ operation: { action } }) => action !== 'stage')),
        agreedAt,
        ownership: connection.reconcile.ownership,
      },
      ...(isIdle ? {} : { entries: [{ action: 'operation.written' as const, detail }] }),
    };
  },
};

/** A record has one exception: all that is wrong with it is told there, under the cause that comes first. */
function oneEach(problems: readonly Problem[]): readonly Problem[] {
  const each = new Map<string, Problem>();
  for (const problem of problems) {
    const before = each.get(problem.recordId);
    const reason =
      before === undefined ? problem.reason : `${before.reason.replace(/\.$/, '')}; ${problem.reason}`;
    each.set(problem.recordId, { ...(before ?? problem), reason });
  }
  return [...each.values()];
}

/** Ids of the conflicts that operations on one of the sides could be about. */
const fieldsOf = (results: readonly OperationResult[]): ReadonlySet<string> =>
  new Set(
    results.flatMap(({ operation: { recordId, side, changes } }) =>
      side === 'tieback' ? [] : changes.map(({ field }) => conflictIdOf(recordId, field)),
    ),
  );

const heldIn = (leftOut: readonly LeftOut[]): ReadonlySet<string> =>
  new Set(
    leftOut.flatMap(({ erpKey, waits, asks }) =>
      (waits === true || asks === true) && erpKey !== null ? [erpKey] : [],
    ),
  );

/** How both sides of a page come together, as our store knows them; null: what was read is older than what was settled since. */
export async function planOfPage(
  t: Repositories,
  connection: ConnectionParts,
  { kind, listId }: Pick<InHand<'reconcile'>['intent'], 'kind' | 'listId'>,
  snapshot: ReconcileSnapshot,
  /** What people chose about these, as far as the log vouches for it. */
  choices: (conflicts: readonly ConflictRow[]) => Promise<Choices>,
  together: Together,
): Promise<Plan | null> {
  const [links, adoptable, conflicts, exceptions] = await Promise.all([
    linksOfPage(t, connection.id, kind, snapshot),
    snapshot.from === 'erp'
      ? t.sideRecords.byOrigin(connection.id, kind, originIdsOf(kind, snapshot.erp))
      : Promise.resolve([]),
    conflictsOfPage(t, connection.id, kind, snapshot),
    reportedHere(t, connection.id, kind),
  ]);
  if (isOld(kind, snapshot, links)) return null;
  const decisions = await choices(conflicts);
  const linked = new Set(
    links.flatMap(({ procoreId, state }) => (state === 'linked' ? [String(procoreId)] : [])),
  );
  const isClaimed = [...adoptable, ...snapshot.procore].some(
    ({ key, originId }) => originId !== null && !linked.has(key),
  );
  const apart = isClaimed ? await t.linkRejections.ofKind(connection.id, kind) : [];
  return planReconcile({
    connectionId: connection.id,
    kind,
    erp: snapshot.erp,
    procore: snapshot.procore,
    from: snapshot.from,
    links,
    adoptable,
    apart: new Set(apart.map(({ erpKey, procoreId }) => pairKey(erpKey, procoreId))),
    held: await heldFrom(t, connection.id, kind, snapshot, { links, together }),
    open: new Set([...exceptions, ...conflicts.map(({ erpKey }) => erpKey)]),
    decisions,
    costTypes: hasReconciledLines(kind) ? await t.links.linked(connection.id, 'line_item_type') : [],
    rules: {
      ownership: connection.reconcile.ownership,
      columns: snapshot.columns,
      procoreTakes: connection.procore.kinds[kind]?.carries?.writes ?? comparedFields(kind),
      skewMs: SKEW_MS,
    },
    listId,
    ...(snapshot.rebased && { rebased: snapshot.rebased }),
  });
}

/** Whether the link of a record moved on, or was made, since the page was read: against it, what was true then would look like an edit. */
function isOld(
  kind: Kind,
  { erp, procore, generations }: ReconcileSnapshot,
  links: readonly RecordLink[],
): boolean {
  if (generations === undefined) return false;
  const keys = new Set(erp.map(({ key }) => key));
  const ids = new Set(procore.map(({ key }) => key));
  return links.some((link) => {
    if (link.kind !== kind || !(keys.has(link.erpKey) || ids.has(String(link.procoreId)))) return false;
    const known = generations[link.erpKey];
    return known === undefined ? link.state === 'linked' : link.generation > known;
  });
}

/** How far links are, by their ERP keys. */
export function generationsOf(links: readonly RecordLink[]): Readonly<Record<string, number>> {
  const far: Record<string, number> = {};
  for (const { erpKey, generation } of links) far[erpKey] = Math.max(far[erpKey] ?? 0, generation);
  return far;
}

/** ERP keys of linked jobs whose codes nobody has read in Procore. */
const uncomparedIn = (
  links: readonly RecordLink[],
  snapshot: ReconcileSnapshot | null,
): readonly string[] => {
  const read = new Set(
    (snapshot?.procore ?? []).flatMap(({ key, lines }) => (lines === undefined ? [] : [key])),
  );
  return links
    .filter(({ procoreId, linesRevision = null }) => linesRevision === null && !read.has(String(procoreId)))
    .map(({ erpKey }) => erpKey);
};

/** Records that only the ERP has, where one of Procore may be the same: nothing is made before somebody has looked. In sentences, by ERP key. */
async function heldFrom(
  t: Repositories,
  connectionId: string,
  kind: SideRecord['kind'],
  { erp, from }: ReconcileSnapshot,
  { links, together }: { readonly links: readonly RecordLink[]; readonly together: Together },
): Promise<ReadonlyMap<string, string>> {
  const known = new Set(links.filter((link) => link.kind === kind).map(({ erpKey }) => erpKey));
  const born = erp
    .filter(({ key, state }) => state === 'active' && !known.has(key))
    .map((one) => erpSide(kind, one));
  if (from !== 'erp' || born.length === 0) return new Map();
  const { procore, rejected } = await together.once('candidates', async () => {
    const known = await t.sideRecords.unpaired(connectionId, kind, 'procore');
    const free = known.filter(({ originId }) => originId === null);
    return {
      procore: candidatesOf(kind, { unpaired: free, population: free }),
      rejected: free.length === 0 ? [] : await t.linkRejections.ofKind(connectionId, kind),
    };
  });
  if (procore.size === 0) return new Map();
  const sides = { erp: candidatesOf(kind, { unpaired: born, population: born }), procore };
  const held = new Map<string, string>();
  for (const { erpKey, procoreId, reasons } of suggestBetween(kind, sides, rejected)) {
    if (held.has(erpKey)) continue;
    const name = textIn(procore.unpaired.get(String(procoreId))?.record ?? NOTHING, 'name');
    held.set(
      erpKey,
      `${definitionOf(kind).label} ${erpKey} of the ERP may be ${recordIdOf(kind, procoreId)} "${name}" of Procore (${reasons.join(', ')}): ` +
        `say so with \`tieback links accept ${kind} ${erpKey} ${procoreId}\`, or \`tieback links reject ${kind} ${erpKey} ${procoreId}\`.`,
    );
  }
  return held;
}

/** What is open about linked records of a page; asked by their keys, so that it need not wait for their links. */
const conflictsOfPage = (
  t: Repositories,
  connectionId: string,
  kind: Kind,
  { erp, procore }: ReconcileSnapshot,
): Promise<readonly ConflictRow[]> =>
  t.conflicts.openAbout(connectionId, kind, {
    erpKeys: erp.map(({ key }) => key),
    procoreIds: procore.map(({ key }) => Number(key)),
  });

/** ERP keys of records that a reconcile could not bring together. */
async function reportedHere(t: Repositories, connectionId: string, kind: Kind): Promise<readonly string[]> {
  const open = await t.exceptions.listOpen(connectionId, kind);
  return open.flatMap(({ requestId, erpKey }) =>
    requestId !== null && erpKey !== null && isOfReconcile(requestId) ? [erpKey] : [],
  );
}

function resultInProcore(operation: Operation, sent: Sent): OperationResult {
  const words = sent.refused.get(operation.operationKey);
  return {
    operation,
    state: words ? 'refused' : 'confirmed',
    erpKey: operation.erpKey,
    reason: words ? `${operation.target}: ${words.join('; ')}` : null,
    record: 'record' in operation ? operation.record : null,
  };
}

const originIdsOf = (
  kind: InHand<'reconcile'>['intent']['kind'],
  records: readonly KnownRecord[],
): readonly string[] => records.flatMap(({ key }) => [originIdOf(kind, key), key]);

export const erpSide = (kind: SideRecord['kind'], { key, record, state }: KnownRecord): SideRecord => ({
  kind,
  side: 'erp',
  key,
  originId: null,
  record: syncedPart(kind, record),
  state,
  changedAt: null,
});

/** Links of both sides' records, and of what the ERP's refer to. */
export async function linksOfPage(
  t: Repositories,
  connectionId: string,
  kind: SideRecord['kind'],
  { erp, procore }: Pick<ReconcileSnapshot, 'erp' | 'procore'>,
): Promise<readonly RecordLink[]> {
  const [byKey, byId] = await Promise.all([
    linksFor(t, connectionId, kind, erp),
    t.links.byProcoreIds(
      connectionId,
      kind,
      procore.map(({ key }) => Number(key)),
    ),
  ]);
  const known = new Set(byKey.map(({ id }) => id));
  return [...byKey, ...byId.filter(({ id, state }) => state === 'linked' && !known.has(id))];
}

/** A page of what moved in the ERP, with the links of its records. */
export interface PageOfErp {
  readonly snapshot: ReconcileSnapshot;
  readonly links: readonly RecordLink[];
}

/** How Procore holds the records of pages of the ERP, page by page. `known`: how many records of the kind are linked; see `seeing`. */
export async function otherSidesOf(
  connection: ConnectionParts,
  kind: SideRecord['kind'],
  pages: readonly PageOfErp[],
  { listId, known }: { readonly listId: number | null; readonly known: number },
): Promise<readonly (readonly SideRecord[])[]> {
  const port = connection.procore.kinds[kind];
  if (port?.see === undefined) return pages.map(() => []);
  const see = seeing(port, known);
  const wanted = pages.map(({ snapshot, links }) => {
    const keys = new Set(snapshot.erp.map(({ key }) => key));
    return links.filter((link) => link.kind === kind && link.state === 'linked' && keys.has(link.erpKey));
  });
  const byPlace = new Map<number | null, number[]>();
  for (const { procoreId, projectId } of wanted.flat()) {
    if (procoreId === null) continue;
    const place = kind === 'sub_job' ? (projectId ?? null) : null;
    const ids = byPlace.get(place) ?? [];
    ids.push(procoreId);
    byPlace.set(place, ids);
  }
  const found = new Map<string, SideRecord>();
  for (const [projectId, ids] of byPlace) {
    const place = {
      ...(projectId === null ? {} : { projectId }),
      ...(kind === 'standard_cost_code' && listId !== null ? { listId } : {}),
    };
    for (const { draft, changedAt } of await see(ids, place)) {
      const record = sideRecordOf(draft, changedAt);
      const lines = await codesOf(connection.procore, record, projectId);
      found.set(record.key, lines === null ? record : { ...record, lines });
    }
  }
  return wanted.map((links) => links.flatMap(({ procoreId }) => found.get(String(procoreId)) ?? []));
}

/** The key of the record that belongs to one of Procore: by link, else by the `origin_id` that it carries; null: it names none. */
export function partnersOf(
  kind: SideRecord['kind'],
  links: readonly RecordLink[],
): (record: SideRecord) => string | null {
  const byId = new Map(
    links.filter((link) => link.kind === kind).map(({ procoreId, erpKey }) => [String(procoreId), erpKey]),
  );
  return ({ key, originId }) =>
    byId.get(key) ?? (originId === null ? null : erpKeyOfOriginId(kind, originId));
}

/** Keys of the records that belong to these of Procore. */
export const erpKeysOf = (
  kind: SideRecord['kind'],
  { procore }: ReconcileSnapshot,
  links: readonly RecordLink[],
): readonly string[] => [...new Set(procore.map(partnersOf(kind, links)).filter((key) => key !== null))];
