import { erpKeyOfOriginId, originIdOf, recordIdOf } from '../../domain/base/identity';
import { definitionOf } from '../../domain/kinds';
import { textIn } from '../../domain/kinds/record';
import { NOTHING } from '../../domain/plan/diff';
import { suggest } from '../../domain/reconcile/match/suggest';
import type { KnownRecord } from '../../domain/kinds/record';
import type { RecordLink } from '../../domain/kinds/record-link';
import type { Operation } from '../../domain/plan/operation';
import type { Plan } from '../../domain/plan/plan';
import { isErpWrite, linkOf } from '../../domain/plan/operation';
import { planReconcile, procoreRevisionOf } from '../../domain/plan/reconcile';
import { syncedPart, syncRevisionOf } from '../../domain/plan/sync';
import type { ConflictDecision } from '../../domain/reconcile/conflict';
import { comparedFields } from '../../domain/reconcile/merge-record';
import { sideRecordOf } from '../../domain/reconcile/from-draft';
import type { SideRecord } from '../../domain/reconcile/side-record';
import { WAITS } from '../../domain/request/exception';
import type { ReconcileSnapshot } from '../../domain/plan/snapshot';
import type { Repositories } from '../../store/repositories';
import type { ConnectionParts } from '../deps';
import type { InHand } from '../in-hand';
import type { OperationResult } from '../record/outcome';
import { NOTHING_HAPPENED } from '../record/outcome';
import type { Sent } from '../send';
import { linksFor } from '../sync';
import type { WaySteps } from '../way';
import { unpairedRow } from './look';

/** Times closer than this say nothing about who was last: the clocks of two servers, and the time between two looks. */
const SKEW_MS = 10 * 60_000;

/** Both sides, page by page; a page has what moved on one side, and how the other holds it. */
export const reconcileWay: WaySteps<'reconcile'> = {
  way: 'reconcile',
  needsSnapshot: true,
  finishesInStore: true,

  async plan(t, { connection, intent }, snapshot) {
    return { kind: 'plan', plan: await planOfPage(t, connection, intent, snapshot) };
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
    const bad = results.filter(({ state }) => state !== 'confirmed');
    const failing = new Set([...plan.leftOut, ...bad].map(({ erpKey }) => erpKey));
    const links = linksAfter(results, sent);
    const isIdle =
      results.every(({ operation }) => operation.side === 'tieback') && plan.leftOut.length === 0;
    const now = snapshot === null ? row.updatedAt : row.updatedAt;
    const detail = {
      page,
      written: results.length - bad.length,
      refused: bad.length,
      leftOut: plan.leftOut.length,
      conflicts: plan.conflicts?.length ?? 0,
    };
    const held = plan.leftOut.flatMap(({ erpKey, waits }) =>
      waits === true && erpKey !== null ? [erpKey] : [],
    );
    t.sideRecords.put(
      (snapshot?.erp ?? [])
        .filter(({ key }) => held.includes(key))
        .map((known) =>
          unpairedRow(connection.id, erpSide(kind, known), syncRevisionOf(kind, known.record), now),
        ),
    );
    const paired = links.filter(({ state }) => state === 'linked');
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
    await t.plans.dropSnapshot({ ...row, page });
    return {
      ...NOTHING_HAPPENED,
      results,
      links,
      linksTold: 'page',
      finishesPage: true,
      problems: [
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
      ],
      fine: {
        kind,
        erpKeys: links.map(({ erpKey }) => erpKey).filter((key) => !failing.has(key)),
      },
      conflicts: {
        open: plan.conflicts ?? [],
        // Where both were compared, a field that is not among them is none any more.
        compared: links.filter(({ state }) => state === 'linked').map(({ erpKey }) => erpKey),
      },
      ...(isIdle ? {} : { entries: [{ action: 'operation.written' as const, detail }] }),
    };
  },
};

/** How both sides of a page come together, as our store knows them. */
export async function planOfPage(
  t: Repositories,
  connection: ConnectionParts,
  { kind, listId }: Pick<InHand<'reconcile'>['intent'], 'kind' | 'listId'>,
  snapshot: ReconcileSnapshot,
): Promise<Plan> {
  const links = await linksOfPage(t, connection.id, kind, snapshot);
  const ids = links.flatMap(({ id, kind: of }) => (id === undefined || of !== kind ? [] : [id]));
  const [adoptable, conflicts] = await Promise.all([
    snapshot.from === 'erp'
      ? t.sideRecords.byOrigin(connection.id, kind, originIdsOf(kind, snapshot.erp))
      : Promise.resolve([]),
    t.conflicts.open(connection.id, ids),
  ]);
  const decisions = new Map<string, Map<string, ConflictDecision>>();
  for (const { linkId, field, decision } of conflicts) {
    if (decision === null) continue;
    decisions.set(
      linkId,
      (decisions.get(linkId) ?? new Map<string, ConflictDecision>()).set(field, decision),
    );
  }
  return planReconcile({
    connectionId: connection.id,
    kind,
    erp: snapshot.erp,
    procore: snapshot.procore,
    from: snapshot.from,
    links,
    adoptable,
    held: await heldFrom(t, connection.id, kind, snapshot, links),
    decisions,
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

/** Records that only the ERP has, where one of Procore may be the same: nothing is made before somebody has looked. In sentences, by ERP key. */
async function heldFrom(
  t: Repositories,
  connectionId: string,
  kind: SideRecord['kind'],
  { erp, from }: ReconcileSnapshot,
  links: readonly RecordLink[],
): Promise<ReadonlyMap<string, string>> {
  const known = new Set(links.filter((link) => link.kind === kind).map(({ erpKey }) => erpKey));
  const born = erp
    .filter(({ key, state }) => state === 'active' && !known.has(key))
    .map((one) => erpSide(kind, one));
  if (from !== 'erp' || born.length === 0) return new Map();
  const procore = (await t.sideRecords.unpaired(connectionId, kind, 'procore')).filter(
    ({ originId }) => originId === null,
  );
  if (procore.length === 0) return new Map();
  const sides = { erp: born, procore };
  const rejected = await t.linkRejections.ofKind(connectionId, kind);
  const held = new Map<string, string>();
  for (const { erpKey, procoreId, reasons } of suggest({
    kind,
    unpaired: sides,
    population: sides,
    rejected,
  })) {
    if (held.has(erpKey)) continue;
    const name = textIn(procore.find(({ key }) => key === String(procoreId))?.record ?? NOTHING, 'name');
    held.set(
      erpKey,
      `${definitionOf(kind).label} ${erpKey} of the ERP may be ${recordIdOf(kind, procoreId)} "${name}" of Procore (${reasons.join(', ')}): ` +
        `say so with \`tieback links accept ${kind} ${erpKey} ${procoreId}\`, or \`tieback links reject ${kind} ${erpKey} ${procoreId}\`.`,
    );
  }
  return held;
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

/**
 * How the links stand after a page. What was read back is what counts as shadow: a side that keeps a value in its own way has not moved. What was not
 * written leaves the shadows of its fields as they were, so that it is found again.
 */
function linksAfter(results: readonly OperationResult[], sent: Sent): readonly RecordLink[] {
  const byRecord = new Map<string, OperationResult[]>();
  for (const result of results) {
    const { recordId } = result.operation;
    byRecord.set(recordId, [...(byRecord.get(recordId) ?? []), result]);
  }
  return [...byRecord.values()].flatMap((own) => linkAfter(own, sent) ?? []);
}

function linkAfter(own: readonly OperationResult[], { ids, echoes }: Sent): RecordLink | null {
  const last = own.find(({ operation }) => linkOf(operation) !== null);
  const planned = last === undefined ? null : linkOf(last.operation);
  if (last === undefined || planned === null) return null;
  const isNew =
    planned.state !== 'linked' || last.operation.action === 'sync' || last.operation.action === 'stage';
  if (isNew) {
    if (last.state !== 'confirmed') return null;
    const seen = echoes.get(planned.erpKey);
    const echo = seen === undefined ? null : sideRecordOf(seen.draft, seen.changedAt);
    const procoreId =
      planned.procoreId ?? (planned.state === 'linked' ? (ids.get(planned.erpKey) ?? null) : null);
    return echo === null
      ? { ...planned, procoreId }
      : withEcho({ ...planned, procoreId }, echo, planned.procore?.fields ?? {});
  }
  let link = planned;
  for (const { operation, state, record } of own) {
    const fields = operation.changes.map(({ field }) => field);
    if (state !== 'confirmed') {
      // Neither side is settled in these fields: both shadows stay behind.
      link = {
        ...link,
        procore: without(link.procore, fields),
        erp: without(link.erp, fields),
        erpRevision: null,
        procoreRevision: null,
      };
    } else if (isErpWrite(operation) && record !== null)
      link = withReadBack(link, record, operation.record.fields);
    else if (operation.side === 'procore') {
      const seen = echoes.get(link.erpKey);
      if (seen !== undefined)
        link = withEcho(link, sideRecordOf(seen.draft, seen.changedAt), rowFields(operation));
    }
  }
  return link;
}

const rowFields = (operation: Operation): Readonly<Record<string, unknown>> =>
  'rows' in operation ? (operation.rows[0]?.fields ?? {}) : {};

const without = (record: RecordLink['erp'], fields: readonly string[]): RecordLink['erp'] =>
  record === null
    ? null
    : {
        fields: Object.fromEntries(
          Object.entries(record.fields).filter(([field]) => !fields.includes(field)),
        ),
        lines: record.lines,
      };

/** What the ERP holds after it was written. */
function withReadBack(
  link: RecordLink,
  record: NonNullable<RecordLink['erp']>,
  sent: Readonly<Record<string, unknown>>,
): RecordLink {
  const now = syncedPart(link.kind, record);
  const kept = { ...link.erp?.fields };
  for (const field of Object.keys(sent))
    if (Object.hasOwn(now.fields, field)) kept[field] = now.fields[field] ?? null;
  return {
    ...link,
    erp: { fields: kept, lines: link.erp?.lines ?? [] },
    erpRevision: syncRevisionOf(link.kind, record),
    altered: alteredBy(link, now.fields, sent),
  };
}

/** What Procore holds after it was written, as its answer shows it. */
function withEcho(link: RecordLink, echo: SideRecord, sent: Readonly<Record<string, unknown>>): RecordLink {
  const kept = { ...link.procore?.fields };
  for (const [field, value] of Object.entries(echo.record.fields))
    if (field in sent || !(field in kept)) kept[field] = value;
  return {
    ...link,
    procore: { fields: kept, lines: link.procore?.lines ?? [] },
    procoreRevision: procoreRevisionOf(echo),
    altered: alteredBy(link, echo.record.fields, sent),
  };
}

const alteredBy = (
  link: RecordLink,
  now: Readonly<Record<string, unknown>>,
  sent: Readonly<Record<string, unknown>>,
): readonly string[] => {
  const changed = Object.keys(sent).filter(
    (field) => Object.hasOwn(now, field) && (now[field] ?? null) !== (sent[field] ?? null),
  );
  return [...new Set([...(link.altered ?? []), ...changed])].sort();
};

/** What the other side of a page holds: for pages of the ERP what Procore shows, and the other way round. */
export async function otherSideOf(
  connection: ConnectionParts,
  kind: SideRecord['kind'],
  {
    snapshot,
    links,
    listId,
  }: {
    readonly snapshot: ReconcileSnapshot;
    readonly links: readonly RecordLink[];
    readonly listId: number | null;
  },
): Promise<readonly SideRecord[]> {
  const linked = links.filter(
    (link) => link.kind === kind && link.state === 'linked' && link.procoreId !== null,
  );
  const keys = new Set(snapshot.erp.map(({ key }) => key));
  const wanted = linked.filter(({ erpKey }) => keys.has(erpKey));
  const port = connection.procore.kinds[kind];
  if (wanted.length === 0 || port?.see === undefined) return [];
  const byPlace = new Map<number | null, number[]>();
  for (const { procoreId, projectId } of wanted) {
    const place = kind === 'sub_job' ? (projectId ?? null) : null;
    if (procoreId !== null) byPlace.set(place, [...(byPlace.get(place) ?? []), procoreId]);
  }
  const found: SideRecord[] = [];
  for (const [projectId, ids] of byPlace) {
    const place = {
      ...(projectId === null ? {} : { projectId }),
      ...(kind === 'standard_cost_code' && listId !== null ? { listId } : {}),
    };
    for (const { draft, changedAt } of await port.see(ids, place)) found.push(sideRecordOf(draft, changedAt));
  }
  return found;
}

/** Keys of the records that belong to these of Procore: by link, else by the `origin_id` that they carry. */
export function erpKeysOf(
  kind: SideRecord['kind'],
  { procore }: ReconcileSnapshot,
  links: readonly RecordLink[],
): readonly string[] {
  const byId = new Map(
    links.filter((link) => link.kind === kind).map(({ procoreId, erpKey }) => [String(procoreId), erpKey]),
  );
  const keys = procore.map(
    ({ key, originId }) => byId.get(key) ?? (originId === null ? null : erpKeyOfOriginId(kind, originId)),
  );
  return [...new Set(keys.filter((key) => key !== null))];
}
