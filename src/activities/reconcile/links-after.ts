import { originIdOf } from '../../domain/base/identity';
import type { CanonicalRecord, Fields, FieldValue, RecordLine } from '../../domain/kinds/record';
import { lineKeyOf } from '../../domain/kinds/record';
import type { RecordLink } from '../../domain/kinds/record-link';
import type { ErpWrite, Operation, SyncRows } from '../../domain/plan/operation';
import { isErpWrite, linkOf } from '../../domain/plan/operation';
import type { PlannedConflict } from '../../domain/plan/plan';
import { procoreRevisionOf } from '../../domain/plan/reconcile';
import { syncedPart, syncRevisionOf } from '../../domain/plan/sync';
import { sideLineOf, sideRecordOf } from '../../domain/reconcile/from-draft';
import type { SideName, SideRecord } from '../../domain/reconcile/side-record';
import type { Repositories } from '../../store/repositories';
import type { OperationResult } from '../record/outcome';
import type { Sent } from '../send';

/** How the links of records stand that were not written, by ERP key. */
export async function linksBefore(
  t: Repositories,
  connectionId: string,
  kind: SideRecord['kind'],
  bad: readonly OperationResult[],
): Promise<ReadonlyMap<string, RecordLink>> {
  const keys = new Set(bad.flatMap(({ operation: { erpKey } }) => (erpKey === null ? [] : [erpKey])));
  const links = keys.size === 0 ? [] : await t.links.byErpKeys(connectionId, kind, [...keys]);
  return new Map(links.filter(({ state }) => state === 'linked').map((link) => [link.erpKey, link]));
}

/**
 * How the links stand after a page. What was read back is what counts as shadow: a side that keeps a value in its own way has not moved. What was not
 * written leaves the shadows of its fields as they were, so that it is found again. `before`: the links of what was not written; `conflicts`: what the page
 * leaves open, with the values that were seen.
 */
export function linksAfter(
  results: readonly OperationResult[],
  sent: Sent,
  before: ReadonlyMap<string, RecordLink>,
  conflicts: readonly PlannedConflict[] = [],
): readonly RecordLink[] {
  const open = new Map<string, PlannedConflict[]>();
  for (const one of conflicts) open.set(one.erpKey, [...(open.get(one.erpKey) ?? []), one]);
  const byRecord = new Map<string, OperationResult[]>();
  for (const result of results) {
    const { recordId } = result.operation;
    byRecord.set(recordId, [...(byRecord.get(recordId) ?? []), result]);
  }
  return [...byRecord.values()].flatMap((own) => linkAfter(own, sent, before, open) ?? []);
}

function linkAfter(
  own: readonly OperationResult[],
  sent: Sent,
  before: ReadonlyMap<string, RecordLink>,
  open: ReadonlyMap<string, readonly PlannedConflict[]>,
): RecordLink | null {
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
      : withEcho({ ...planned, procoreId }, echo, planned.procore?.fields ?? {}, null);
  }
  let link = planned;
  const pairs = open.get(planned.erpKey) ?? [];
  const seenOn = (side: SideName): Fields => ({
    ...planned[side]?.fields,
    ...Object.fromEntries(pairs.map(({ field, pair }) => [field, pair[side]])),
  });
  for (const { operation, state, record } of own) {
    const fields = operation.changes.map(({ field }) => field);
    if (isOfLines(operation)) link = withLines(link, operation, sent);
    // Until Procore has it, the two were never compared.
    else if (state !== 'confirmed' && fields.includes('origin_id'))
      return { ...link, procore: null, erp: null };
    else if (state !== 'confirmed') {
      // Neither side is settled in these fields: both shadows stay behind, so that whoever looks next sees who moved: when
      // something changes, when somebody asks for it, or when everything is read.
      const { procore = null, erp = null } = before.get(link.erpKey) ?? {};
      link = {
        ...link,
        procore: asBefore(link.procore, procore, fields),
        erp: asBefore(link.erp, erp, fields),
      };
      if (isErpWrite(operation)) link = withoutCodes(link, ({ number }) => namesLine(operation, number));
    } else if (isErpWrite(operation))
      link =
        record === null
          ? { ...link, erpRevision: null }
          : withReadBack(link, record, operation.record, seenOn('erp'));
    else if (operation.side === 'procore') {
      const seen = echoes.get(link.erpKey);
      if (seen === undefined) link = { ...link, procoreRevision: null };
      else
        link = withEcho(
          link,
          sideRecordOf(seen.draft, seen.changedAt),
          rowFields(operation),
          seenOn('procore'),
        );
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
  const unsettled = { linesRevision: null, procoreLinesRevision: null };
  return { ...link, procore: left(link.procore), erp: left(link.erp), ...unsettled };
}

const rowFields = (operation: Operation): Readonly<Record<string, unknown>> =>
  'rows' in operation ? (operation.rows[0]?.fields ?? {}) : {};

/** The shadow with these fields as they were in the one before; one that was never compared is not compared now. */
function asBefore(
  record: RecordLink['erp'],
  before: RecordLink['erp'],
  fields: readonly string[],
): RecordLink['erp'] {
  if (record === null) return null;
  const kept = Object.entries(record.fields).filter(([field]) => !fields.includes(field));
  const old = Object.entries(before?.fields ?? {}).filter(([field]) => fields.includes(field));
  return { fields: Object.fromEntries([...kept, ...old]), lines: record.lines };
}

/** What the ERP holds after it was written. */
function withReadBack(
  link: RecordLink,
  record: NonNullable<RecordLink['erp']>,
  { fields: sent, lines }: CanonicalRecord,
  seen: Fields,
): RecordLink {
  const now = syncedPart(link.kind, record);
  const kept = { ...link.erp?.fields };
  for (const field of Object.keys(sent))
    if (Object.hasOwn(now.fields, field)) kept[field] = now.fields[field] ?? null;
  return {
    ...link,
    erp: { fields: kept, lines: linesReadBack(link, record, lines) },
    // What somebody changed since it was read is looked at again.
    erpRevision: isAsSeen(seen, now.fields, sent) ? syncRevisionOf(link.kind, record) : null,
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
function withEcho(
  link: RecordLink,
  echo: SideRecord,
  sent: Readonly<Record<string, unknown>>,
  /** What it held when the plan was made; null: it is new. */
  seen: Fields | null,
): RecordLink {
  const kept = { ...link.procore?.fields };
  // What follows in Procore from what was sent (a code has those above it in front) agrees with the ERP.
  const agrees = ([field, value]: readonly [string, FieldValue]): boolean =>
    Object.hasOwn(link.erp?.fields ?? {}, field) && link.erp?.fields[field] === value;
  const told = Object.entries(echo.record.fields).filter((one) => one[0] in sent || agrees(one));
  for (const [field, value] of Object.entries(echo.record.fields)) if (!(field in kept)) kept[field] = value;
  for (const [field, value] of told) kept[field] = value;
  return {
    ...link,
    procore: { fields: kept, lines: link.procore?.lines ?? [] },
    procoreRevision:
      seen === null || isAsSeen(seen, echo.record.fields, Object.fromEntries(told))
        ? procoreRevisionOf(echo)
        : null,
    altered: alteredBy(link, echo.record.fields, sent),
  };
}

/** Whether a side holds in the other fields what it held when the plan was made. What could not be carried was never settled: it is taken for changed. */
const isAsSeen = (
  seen: Fields,
  now: Readonly<Record<string, unknown>>,
  sent: Readonly<Record<string, unknown>>,
): boolean =>
  Object.entries(now).every(
    ([field, value]) => Object.hasOwn(sent, field) || (seen[field] ?? null) === (value ?? null),
  );

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
