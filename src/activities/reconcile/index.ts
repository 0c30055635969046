import { erpKeyOfOriginId, originIdOf, recordIdOf } from '../../domain/base/identity';
import { definitionOf } from '../../domain/kinds';
import { lineKeyOf, textIn } from '../../domain/kinds/record';
import { NOTHING } from '../../domain/plan/diff';
import { suggest } from '../../domain/reconcile/match/suggest';
import type { CanonicalRecord, KnownRecord, RecordLine } from '../../domain/kinds/record';
import type { RecordLink } from '../../domain/kinds/record-link';
import type { ErpWrite, Operation, SyncRows } from '../../domain/plan/operation';
import type { LeftOut, Plan } from '../../domain/plan/plan';
import { isErpWrite, linkOf } from '../../domain/plan/operation';
import { planReconcile, procoreRevisionOf } from '../../domain/plan/reconcile';
import { syncedPart, syncRevisionOf } from '../../domain/plan/sync';
import type { Kind } from '../../domain/kinds';
import { comparedFields } from '../../domain/reconcile/merge-record';
import { sideLineOf, sideRecordOf } from '../../domain/reconcile/from-draft';
import { hasReconciledLines } from '../../domain/reconcile/reconciled-part';
import type { SideName, SideRecord } from '../../domain/reconcile/side-record';
import { WAITS } from '../../domain/request/exception';
import { isOfReconcile } from '../../domain/request/id';
import type { ReconcileSnapshot } from '../../domain/plan/snapshot';
import type { Repositories } from '../../store/repositories';
import type { ConflictRow } from '../../store/rows';
import type { ConnectionParts } from '../deps';
import type { InHand } from '../in-hand';
import type { OperationResult } from '../record/outcome';
import { NOTHING_HAPPENED } from '../record/outcome';
import type { Sent } from '../send';
import { linksFor } from '../sync';
import type { WaySteps } from '../way';
import { codesOf } from './codes';
import { conflictIdOf } from '../record/conflicts';
import type { Choices } from './choices';
import { choicesFor } from './choices';
import { unpairedRow } from './look';
import { seeing } from './see';

/** Times closer than this say nothing about who was last: the clocks of two servers, and the time between two looks. */
const SKEW_MS = 10 * 60_000;

/** Both sides, page by page; a page has what moved on one side, and how the other holds it. */
export const reconcileWay: WaySteps<'reconcile'> = {
  way: 'reconcile',
  // What waits for a person is kept as it was read.
  needsSnapshot: ({ leftOut }) => heldIn(leftOut).size > 0,
  finishesInStore: true,

  async plan(t, { connection, row, intent }, snapshot, by) {
    const choices = (conflicts: readonly ConflictRow[]): Promise<Choices> =>
      choicesFor(t, { connection, row }, conflicts, by);
    return { kind: 'plan', plan: await planOfPage(t, connection, intent, snapshot, choices) };
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
    const links = linksAfter(results, sent);
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
        // What was compared again and is as it should be, too.
        erpKeys: [...links.map(({ erpKey }) => erpKey), ...reported.filter((key) => read.has(key))].filter(
          (key) => !failing.has(key),
        ),
      },
      conflicts: {
        open: plan.conflicts ?? [],
        // What was not written is not settled.
        compared: links
          .filter(({ state }) => state === 'linked')
          .map(({ erpKey }) => erpKey)
          .filter((key) => !bad.some(({ erpKey }) => erpKey === key)),
        written: new Set(
          results.flatMap(({ operation: { recordId, side, changes } }) =>
            side === 'tieback' ? [] : changes.map(({ field }) => conflictIdOf(recordId, field)),
          ),
        ),
        agreedAt,
        ownership: connection.reconcile.ownership,
      },
      ...(isIdle ? {} : { entries: [{ action: 'operation.written' as const, detail }] }),
    };
  },
};

const heldIn = (leftOut: readonly LeftOut[]): ReadonlySet<string> =>
  new Set(leftOut.flatMap(({ erpKey, waits }) => (waits === true && erpKey !== null ? [erpKey] : [])));

/** How both sides of a page come together, as our store knows them. */
export async function planOfPage(
  t: Repositories,
  connection: ConnectionParts,
  { kind, listId }: Pick<InHand<'reconcile'>['intent'], 'kind' | 'listId'>,
  snapshot: ReconcileSnapshot,
  /** What people chose about these, as far as the log vouches for it. */
  choices: (conflicts: readonly ConflictRow[]) => Promise<Choices>,
): Promise<Plan> {
  const [links, adoptable, conflicts, exceptions] = await Promise.all([
    linksOfPage(t, connection.id, kind, snapshot),
    snapshot.from === 'erp'
      ? t.sideRecords.byOrigin(connection.id, kind, originIdsOf(kind, snapshot.erp))
      : Promise.resolve([]),
    conflictsOfPage(t, connection.id, kind, snapshot),
    reportedHere(t, connection.id, kind),
  ]);
  const decisions = await choices(conflicts);
  return planReconcile({
    connectionId: connection.id,
    kind,
    erp: snapshot.erp,
    procore: snapshot.procore,
    from: snapshot.from,
    links,
    adoptable,
    held: await heldFrom(t, connection.id, kind, snapshot, links),
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
  });
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

function linkAfter(own: readonly OperationResult[], sent: Sent): RecordLink | null {
  const { ids, echoes } = sent;
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
    if (isOfLines(operation)) link = withLines(link, operation, sent);
    else if (state !== 'confirmed') {
      // Neither side is settled in these fields: both shadows stay behind.
      link = {
        ...link,
        procore: without(link.procore, fields),
        erp: without(link.erp, fields),
        erpRevision: null,
        procoreRevision: null,
      };
      if (isErpWrite(operation)) link = withoutCodes(link, ({ number }) => namesLine(operation, number));
    } else if (isErpWrite(operation) && record !== null) link = withReadBack(link, record, operation.record);
    else if (operation.side === 'procore') {
      const seen = echoes.get(link.erpKey);
      if (seen !== undefined)
        link = withEcho(link, sideRecordOf(seen.draft, seen.changedAt), rowFields(operation));
    }
  }
  return link;
}

/** Calls about what hangs on the record: the header is not in them. */
const isOfLines = (operation: Operation): operation is SyncRows =>
  'resource' in operation && operation.action === 'sync' && operation.resource !== operation.kind;

const namesLine = ({ record }: ErpWrite, number: string): boolean =>
  record.lines.some((line) => line.number === number);

/** Rows that Procore refused, by their keys. */
function refusedIn({ operationKey, rows }: SyncRows, { refused, refusedRows }: Sent): ReadonlySet<string> {
  if (!refused.has(operationKey)) return new Set();
  const named = refusedRows.get(operationKey) ?? new Set();
  const isNamed = ({ key, procoreId, originId }: SyncRows['rows'][number]): boolean =>
    named.has(key) || named.has(String(procoreId ?? '')) || (originId !== undefined && named.has(originId));
  return new Set(rows.filter((row) => named.has('') || isNamed(row)).map(({ key }) => key));
}

/** Codes and assignments after Procore took them: their ids and what it shows of them; what it refused is compared anew. */
function withLines(link: RecordLink, operation: SyncRows, sent: Sent): RecordLink {
  const refused = refusedIn(operation, sent);
  const rowKey = ({ kind, number, erpKey }: RecordLine): string =>
    kind === 'cost_code' ? originIdOf(kind, erpKey ?? number) : number;
  const isOf = ({ kind }: RecordLine): boolean => kind === operation.resource;
  const left = withoutCodes(link, (line) => isOf(line) && refused.has(rowKey(line)));
  if (operation.resource !== 'cost_code') return left;
  const shown = (line: RecordLine, side: SideName): RecordLine => {
    if (!isOf(line)) return line;
    const procoreId = sent.ids.get(rowKey(line)) ?? line.procoreId;
    const echo = side === 'procore' ? sent.lineEchoes.get(rowKey(line)) : undefined;
    if (echo === undefined) return { ...line, procoreId };
    const { number, fields } = sideLineOf(echo);
    return { ...line, procoreId, number, fields };
  };
  const each = (record: RecordLink['erp'], side: SideName): RecordLink['erp'] =>
    record && { fields: record.fields, lines: record.lines.map((line) => shown(line, side)) };
  return { ...left, procore: each(left.procore, 'procore'), erp: each(left.erp, 'erp') };
}

/** Neither side is settled in these lines: both shadows forget them. */
function withoutCodes(link: RecordLink, isLeftOut: (line: RecordLine) => boolean): RecordLink {
  const isAny = link.erp?.lines.some(isLeftOut) === true || link.procore?.lines.some(isLeftOut) === true;
  if (!isAny) return link;
  const left = (record: RecordLink['erp']): RecordLink['erp'] =>
    record && { fields: record.fields, lines: record.lines.filter((line) => !isLeftOut(line)) };
  return { ...link, procore: left(link.procore), erp: left(link.erp), linesRevision: null };
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
  { fields: sent, lines }: CanonicalRecord,
): RecordLink {
  const now = syncedPart(link.kind, record);
  const kept = { ...link.erp?.fields };
  for (const field of Object.keys(sent))
    if (Object.hasOwn(now.fields, field)) kept[field] = now.fields[field] ?? null;
  return {
    ...link,
    erp: { fields: kept, lines: linesReadBack(link, record, lines) },
    erpRevision: syncRevisionOf(link.kind, record),
    altered: alteredBy(link, now.fields, sent),
  };
}

/** Lines of the ERP's shadow: those that were written are as they were read back, new ones with their keys. */
function linesReadBack(
  { erp }: RecordLink,
  record: CanonicalRecord,
  sent: readonly RecordLine[],
): readonly RecordLine[] {
  const there = new Map(record.lines.map((line) => [lineKeyOf(line), line]));
  const written = new Map(
    sent.flatMap((line) => {
      const now = there.get(lineKeyOf(line));
      return now === undefined ? [] : [[lineKeyOf(line), { ...now, procoreId: line.procoreId }] as const];
    }),
  );
  const kept = (erp?.lines ?? []).filter((line) => !written.has(lineKeyOf(line)));
  return [...kept, ...written.values()];
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
