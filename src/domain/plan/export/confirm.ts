import { definitionOf } from '../../kinds';
import type { CanonicalRecord, Fields, ProcoreId, RecordLine } from '../../kinds/record';
import { lineKeyOf } from '../../kinds/record';
import type { RecordLink } from '../../kinds/record-link';
import { ownLink } from '../../kinds/record-link';
import type { Operation, SetExternalData, SyncRows } from '../operation';
import { isTie } from '../operation';
import type { Plan } from '../plan';
import { recordIdOfPending } from '../references';
import { syncRevisionOf } from '../sync';

/** One record of the plan as it stands in the ERP now. */
export interface WrittenRecord {
  readonly recordId: string;
  readonly erpKey: string;
  /** As the apply step read it back, with the Procore ids of the lines. */
  readonly record: CanonicalRecord;
  readonly tie: SetExternalData;
  /** What belongs to the record and follows its tie. */
  readonly followUps: readonly SyncRows[];
}

/** What the apply step left of an operation. */
export interface AppliedOperation {
  readonly operationKey: string;
  readonly state: 'planned' | 'written' | 'confirmed' | 'refused' | 'rejected' | 'lost';
  readonly erpKey: string | null;
  readonly record: CanonicalRecord | null;
}

/** The ERP records that a plan ended at. `links`: of the records, because some grow with every export. */
export function writtenRecords(
  plan: Plan,
  applied: readonly AppliedOperation[],
  links: readonly RecordLink[],
): readonly WrittenRecord[] {
  const rows = new Map(applied.map((row) => [row.operationKey, row]));
  const byRecord = new Map<string, Operation[]>();
  for (const operation of plan.operations) {
    byRecord.set(operation.recordId, [...(byRecord.get(operation.recordId) ?? []), operation]);
  }
  return plan.operations.filter(isTie).flatMap((tie): WrittenRecord[] => {
    const ofRecord = byRecord.get(tie.recordId) ?? [];
    const row = ofRecord
      .map(({ operationKey }) => rows.get(operationKey))
      .find(
        (candidate) =>
          candidate !== undefined &&
          candidate.record !== null &&
          candidate.state !== 'refused' &&
          candidate.state !== 'rejected',
      );
    if (!row?.record || row.erpKey === null) return [];
    const written = withPlannedIds(row.record, ofRecord);
    const isGrowing = definitionOf(tie.kind).reexport === 'append';
    const own = ownLink(
      links.filter(({ kind, procoreId }) => kind === tie.kind && procoreId === tie.procoreId),
    );
    const record = isGrowing ? grown(written, tie.record, own?.erp?.lines ?? []) : written;
    const followUps = ofRecord.flatMap((operation) =>
      operation.action === 'sync' ? [{ ...operation, record }] : [],
    );
    return [{ recordId: tie.recordId, erpKey: row.erpKey, record, tie, followUps }];
  });
}

/** The ERP knows lines by number and key; their ids in Procore come from the plan. */
function withPlannedIds(record: CanonicalRecord, operations: readonly Operation[]): CanonicalRecord {
  const ids = new Map(
    operations
      .flatMap((operation) => ('record' in operation ? operation.record.lines : []))
      .map((line) => [lineKeyOf(line), line.procoreId]),
  );
  const lines = record.lines.map((line) => ({
    ...line,
    procoreId: line.procoreId ?? ids.get(lineKeyOf(line)) ?? null,
  }));
  return { fields: record.fields, lines };
}

/**
 * A record that every export adds to: its shadow holds all that was ever written. Where the plan knew nothing of the shadow any more, that
 * went with the ERP record that held it, and must not pass for written.
 */
function grown(
  record: CanonicalRecord,
  planned: CanonicalRecord,
  shadow: readonly RecordLine[],
): CanonicalRecord {
  const keys = new Set(planned.lines.map(({ erpKey }) => erpKey));
  const isKnown = shadow.some(({ erpKey }) => erpKey !== null && keys.has(erpKey));
  const lines = new Map<string, RecordLine>();
  for (const line of [...(isKnown ? shadow : []), ...planned.lines, ...record.lines])
    if (line.erpKey !== null) lines.set(lineKeyOf(line), line);
  return { fields: record.fields, lines: [...lines.values()] };
}

/** Records of one request named each other by a pending key; what was written has the true one. */
function settled(sent: CanonicalRecord, written: CanonicalRecord): CanonicalRecord {
  const held = new Map(written.lines.map((line) => [lineKeyOf(line), line.fields]));
  const inFields = (fields: Fields, known: Fields): Fields =>
    Object.fromEntries(
      Object.entries(fields).map(([field, value]) => [
        field,
        typeof value === 'string' && recordIdOfPending(value) !== null ? (known[field] ?? null) : value,
      ]),
    );
  return {
    fields: inFields(sent.fields, written.fields),
    lines: sent.lines.map((line) => ({
      ...line,
      fields: inFields(line.fields, held.get(lineKeyOf(line)) ?? {}),
    })),
  };
}

/**
 * How the links stand once a record is tied. The link of its ERP record may be further than the write that led to it: it was staged before,
 * or belonged to another record. Another ERP record that it was tied to is let go: one record, one partner.
 */
export function linksAfter(
  { tie, erpKey, record }: WrittenRecord,
  links: readonly RecordLink[],
  projectId: ProcoreId | null,
): readonly RecordLink[] {
  const { kind, procoreId, generation, sent } = tie;
  if (procoreId === null) return [];
  const current = links.find((link) => link.kind === kind && link.erpKey === erpKey);
  const others = links.filter(
    (link) =>
      link.kind === kind && link.procoreId === procoreId && link.erpKey !== erpKey && link.state === 'linked',
  );
  return [
    ...others.map((old) => ({ ...old, state: 'unlinked' as const, generation: old.generation + 1 })),
    {
      ...(current?.id === undefined ? {} : { id: current.id }),
      kind,
      erpKey,
      procoreId,
      state: 'linked',
      generation: Math.max(generation, (current?.generation ?? 0) + 1),
      procore: settled(sent, record),
      erp: record,
      erpRevision: syncRevisionOf(kind, record),
      ...(projectId === null ? {} : { projectId }),
    },
  ];
}
