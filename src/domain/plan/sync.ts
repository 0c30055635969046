import type { Entity, FieldDefinition } from '../kinds/entity';
import { definitionOf } from '../kinds/entity';
import { operationKeyOf, originIdOf, recordIdOf, revisionOf } from '../base/identity';
import type { FieldChange, LeftOut, OperationAction, Plan, PlannedOperation, ProcoreWrite } from './plan';
import { sealPlan } from './plan';
import type { KnownRecord } from './export';
import type { CanonicalRecord, Fields, RecordLine } from '../kinds/record';
import type { LinkState, RecordLink } from '../kinds/record-link';
import { lineLabel } from './references';

export type SyncedEntity = Exclude<Entity, 'vendor'>;

/** How the records of one kind reach Procore when somebody presses the button ("ERP Technical Guide": what is staged, what is direct). */
interface SyncWay {
  /** `stage`: a person imports. `stage_and_update`: linked ones follow the ERP. `direct`: written straight. */
  readonly way: 'stage' | 'stage_and_update' | 'direct';
  /** Linked records are staged again when they got new lines (prime contracts can be imported again). */
  readonly restage?: boolean;
  /** References to records that must be in Procore, or at least staged, before this one makes sense there. */
  readonly parents: readonly string[];
}

export const SYNC_WAYS: Readonly<Partial<Record<SyncedEntity, SyncWay>>> = {
  standard_cost_code: { way: 'direct', parents: [] },
  line_item_type: { way: 'direct', parents: [] },
  invoice_payment: { way: 'direct', parents: ['requisition'] },
  project: { way: 'stage_and_update', parents: [] },
  sub_job: { way: 'stage_and_update', parents: ['job'] },
  commitment: { way: 'stage', parents: ['job', 'vendor'] },
  commitment_change_order: { way: 'stage', parents: ['commitment'] },
  prime_contract: { way: 'stage', restage: true, parents: ['job'] },
};

export interface RecordSyncInput {
  readonly connectionId: string;
  readonly entity: SyncedEntity;
  /** Records of one page, as the ERP holds them now. */
  readonly records: readonly KnownRecord[];
  /** Links of these records and of everything that they refer to in their header. */
  readonly links: readonly RecordLink[];
  /** Of standard cost codes: the list of the ERP connection. */
  readonly listId: number | null;
}

/**
 * Plans one page of ERP records for Procore. What already agrees is left alone; what hangs below a record that is not in Procore yet is
 * left out until it is.
 */
export function planRecordSync(input: RecordSyncInput): Plan {
  const { entity } = input;
  const way = SYNC_WAYS[entity];
  if (!way) throw new Error(`${entity} is not synced from the ERP`);
  const definition = definitionOf(entity);
  // A page may carry the same record twice when it changed while being read: the later one is the newer.
  const newest = [
    ...new Map(
      input.records.map((known) => [known.key, { ...known, record: syncedPart(entity, known.record) }]),
    ).values(),
  ];
  const byKey = new Map(input.links.map((link) => [`${link.entity}:${link.erpKey}`, link]));
  const leftOut: LeftOut[] = [];
  const operations: PlannedOperation[] = [];
  for (const known of entity === 'standard_cost_code' ? parentsFirst(newest) : newest) {
    const link = (byKey.get(`${entity}:${known.key}`) ?? null) as RecordLink<CanonicalRecord> | null;
    const step = stepOf(known, link, way);
    if (step === null) continue;
    const missing = step.action === 'archive' ? null : missingParent(known, entity, step, way, byKey);
    if (missing !== null) {
      // A payment of an invoice that Procore never sent us is none of ours.
      if (entity !== 'invoice_payment')
        leftOut.push({
          recordId: recordIdOf(entity, `erp:${known.key}`),
          erpKey: known.key,
          reason: missing,
          waits: true,
        });
      continue;
    }
    operations.push(operationOf(input, known, link, step, byKey));
  }
  return sealPlan({
    subject: `${operations.length} of ${newest.length} ERP ${definition.plural}`,
    operations: operations.map((operation, index) => ({ ...operation, seq: index + 1 })),
    warnings: [],
    notes: [],
    facts: {},
    leftOut,
    unchanged: newest.length - operations.length - leftOut.length,
  });
}

interface Step {
  readonly action: Extract<OperationAction, 'stage' | 'archive' | 'update' | 'sync'>;
  readonly state: LinkState;
}

function stepOf(
  known: KnownRecord,
  link: RecordLink<CanonicalRecord> | null,
  { way, restage }: SyncWay,
): Step | null {
  const state: LinkState | 'none' = link?.state ?? 'none';
  const isUnchanged = link?.baseRevision === revisionOf(comparable(known.record));
  if (state === 'merged') return null;
  if (way === 'direct') {
    // Codes are never taken away from under the records that use them: inactive ones stay as they are.
    return known.state !== 'active' || (state === 'linked' && isUnchanged)
      ? null
      : { action: 'sync', state: 'linked' };
  }
  if (state === 'linked') {
    if (isUnchanged || link === null) return null;
    if (way === 'stage_and_update')
      return changedHeader(link.base, known.record).length === 0
        ? null
        : { action: 'update', state: 'linked' };
    const hasNewLines = restage === true && known.state === 'active' && newLines(link.base, known.record) > 0;
    return hasNewLines ? { action: 'stage', state: 'linked' } : null;
  }
  if (known.state !== 'active') return state === 'staged' ? { action: 'archive', state: 'archived' } : null;
  return state === 'staged' && isUnchanged ? null : { action: 'stage', state: 'staged' };
}

/** The codes and costs of a project have a way of their own (`plan-job-refresh.ts`); here only its header counts. */
export const syncedPart = (entity: SyncedEntity, { fields, lines }: CanonicalRecord): CanonicalRecord =>
  SYNC_WAYS[entity]?.way === 'stage_and_update' ? { fields, lines: [] } : { fields, lines };

/** The revision that a sync compares: see `comparable` and `syncedPart`. */
export const syncRevisionOf = (entity: SyncedEntity, record: CanonicalRecord): string =>
  revisionOf(comparable(syncedPart(entity, record)));

/** What counts as a change: not the Procore ids that our own links add to lines. */
const comparable = ({ fields, lines }: CanonicalRecord): object => ({
  fields,
  lines: lines.map(({ kind, number, fields: values, erpKey }) => ({ kind, number, fields: values, erpKey })),
});

const newLines = (base: CanonicalRecord | null, record: CanonicalRecord): number => {
  const known = new Set((base?.lines ?? []).map(({ erpKey }) => erpKey));
  return record.lines.filter(({ erpKey }) => !known.has(erpKey)).length;
};

function missingParent(
  { record }: KnownRecord,
  entity: SyncedEntity,
  { action }: Step,
  { parents }: SyncWay,
  byKey: ReadonlyMap<string, RecordLink>,
): string | null {
  const { fields, label } = definitionOf(entity);
  // What is staged may hang below something staged; what is written to Procore names its parent by its id there.
  const isStaged = action === 'stage';
  for (const field of parents) {
    const target = fields[field]?.refersTo;
    const key = record.fields[field];
    if (target === undefined || (typeof key !== 'string' && isStaged)) continue;
    const parent = typeof key === 'string' ? byKey.get(`${target}:${key}`) : undefined;
    const isLinked = parent?.state === 'linked' && (isStaged || parent.procoreId !== null);
    if (isLinked || (isStaged && parent?.state === 'staged')) continue;
    const name = `${label} ${text(record.fields, 'code')}`;
    return `${name} waits: its ${(fields[field]?.label ?? field).toLowerCase()} is not in Procore yet.`;
  }
  return null;
}

function operationOf(
  { connectionId, entity, listId }: RecordSyncInput,
  { key, record }: KnownRecord,
  link: RecordLink<CanonicalRecord> | null,
  { action, state }: Step,
  byKey: ReadonlyMap<string, RecordLink>,
): PlannedOperation {
  const definition = definitionOf(entity);
  const recordId = recordIdOf(entity, link?.procoreId ?? `erp:${key}`);
  const generation = (link?.generation ?? 0) + 1;
  const targetRevision = revisionOf(comparable(record));
  const linked = state === 'linked' ? (link?.procoreId ?? null) : null;
  const isTied = link?.state === 'linked';
  const changes = changesOf(entity, link?.base ?? null, record);
  const name = [text(record.fields, 'code'), text(record.fields, 'name')]
    .filter((part) => part !== '')
    .join(' ');
  return {
    seq: 0,
    side: 'procore',
    action,
    entity,
    recordId,
    target: `${action === 'stage' || action === 'archive' ? 'Ready to import: ' : ''}${definition.label} ${name}`,
    erpKey: key,
    procoreId: linked,
    generation,
    targetRevision,
    operationKey: operationKeyOf({ connectionId, recordId, generation, targetRevision }),
    changes,
    record,
    write: writeOf(entity, listId, key, record, { procoreId: linked, isTied }, changes, byKey),
    link: {
      entity,
      erpKey: key,
      procoreId: link?.procoreId ?? null,
      state,
      generation,
      base: baseOf(entity, record, link?.base ?? null),
      baseRevision: targetRevision,
      ...projectOf(entity, record, link, byKey),
    },
  };
}

const baseOf = (
  entity: SyncedEntity,
  record: CanonicalRecord,
  base: CanonicalRecord | null,
): CanonicalRecord =>
  SYNC_WAYS[entity]?.way === 'stage_and_update'
    ? { fields: record.fields, lines: base?.lines ?? [] }
    : withIds(record, base);

/** The Procore ids that we know of the lines stay with them. */
export function withIds(record: CanonicalRecord, base: CanonicalRecord | null): CanonicalRecord {
  const keyOf = ({ kind, erpKey, number }: RecordLine): string =>
    erpKey === null ? `${kind} ${number}` : `${kind}/${erpKey}`;
  const ids = new Map((base?.lines ?? []).map((line) => [keyOf(line), line.procoreId]));
  return {
    fields: record.fields,
    lines: record.lines.map((line) => ({ ...line, procoreId: ids.get(keyOf(line)) ?? line.procoreId })),
  };
}

function projectOf(
  entity: SyncedEntity,
  record: CanonicalRecord,
  link: RecordLink | null,
  byKey: ReadonlyMap<string, RecordLink>,
): { readonly projectId?: number } {
  const own = entity === 'project' ? (link?.procoreId ?? null) : null;
  const job = record.fields['job'];
  const ofJob = typeof job === 'string' ? (byKey.get(`project:${job}`)?.procoreId ?? null) : null;
  const id = own ?? ofJob ?? link?.projectId ?? null;
  return id === null ? {} : { projectId: id };
}

function writeOf(
  entity: SyncedEntity,
  listId: number | null,
  key: string,
  record: CanonicalRecord,
  { procoreId, isTied }: { readonly procoreId: number | null; readonly isTied: boolean },
  changes: readonly FieldChange[],
  byKey: ReadonlyMap<string, RecordLink>,
): ProcoreWrite | null {
  const changed = Object.fromEntries(
    changes
      .filter(({ field }) => field in definitionOf(entity).fields)
      .map((change) => [change.field, change.new]),
  );
  const row = (fields: Fields) =>
    procoreId === null
      ? { key, originId: originIdOf(entity, key), fields }
      : isTied
        ? // The origin_id is not sent: it would tie a record again that somebody unlinked in the meantime.
          { key, procoreId, fields }
        : // Unlinked before, and asked for again: the same record is tied again, never a twin.
          { key, procoreId, originId: originIdOf(entity, key), fields };
  switch (entity) {
    case 'standard_cost_code':
      return { kind: 'sync', resource: 'standard_cost_codes', place: { listId }, rows: [row(record.fields)] };
    case 'line_item_type':
      return { kind: 'sync', resource: 'line_item_types', place: {}, rows: [row(record.fields)] };
    case 'project':
      return procoreId === null
        ? null
        : { kind: 'sync', resource: 'projects', place: {}, rows: [row(changed)] };
    case 'sub_job': {
      const job = record.fields['job'];
      const project = typeof job === 'string' ? byKey.get(`project:${job}`)?.procoreId : undefined;
      const place = project === undefined || project === null ? {} : { projectId: project };
      return procoreId === null ? null : { kind: 'sync', resource: 'sub_jobs', place, rows: [row(changed)] };
    }
    case 'invoice_payment': {
      const invoice = record.fields['requisition'];
      const link = typeof invoice === 'string' ? byKey.get(`requisition:${invoice}`) : undefined;
      const invoiceId = link?.procoreId ?? undefined;
      const originId = originIdOf(entity, key);
      const rows = [
        { key, originId, fields: record.fields, ...(invoiceId === undefined ? {} : { invoiceId }) },
      ];
      return { kind: 'sync', resource: 'invoice_payments', place: {}, rows };
    }
    default:
      return null;
  }
}

function changedHeader(base: CanonicalRecord | null, record: CanonicalRecord): readonly string[] {
  return Object.keys(record.fields).filter(
    (field) => (base?.fields[field] ?? null) !== (record.fields[field] ?? null),
  );
}

function changesOf(
  entity: Entity,
  base: CanonicalRecord | null,
  record: CanonicalRecord,
): readonly FieldChange[] {
  const definition = definitionOf(entity);
  const held = new Map((base?.lines ?? []).map((line) => [`${line.kind}/${line.erpKey ?? ''}`, line.fields]));
  const compare = (
    definitions: Readonly<Record<string, FieldDefinition>>,
    old: Fields,
    next: Fields,
    name: (field: string) => string,
    label: (words: string) => string,
  ): FieldChange[] =>
    Object.entries(definitions)
      .filter(([field]) => (old[field] ?? null) !== (next[field] ?? null))
      .map(([field, { label: words }]) => ({
        field: name(field),
        label: label(words),
        old: old[field] ?? null,
        new: next[field] ?? null,
      }));
  return [
    ...compare(
      definition.fields,
      base?.fields ?? {},
      record.fields,
      (field) => field,
      (words) => words,
    ),
    ...record.lines.flatMap((line) =>
      compare(
        definition.lines[line.kind]?.fields ?? {},
        held.get(`${line.kind}/${line.erpKey ?? ''}`) ?? {},
        line.fields,
        (field) => `${line.kind}[${line.number}].${field}`,
        (words) => `${lineLabel(line)} · ${words}`,
      ),
    ),
  ];
}

/** Procore wants a parent before its children ("Using Sync Actions"). */
function parentsFirst(records: readonly KnownRecord[]): readonly KnownRecord[] {
  const byKey = new Map(records.map((record) => [record.key, record]));
  const sorted = new Map<string, KnownRecord>();
  const place = (known: KnownRecord, path: ReadonlySet<string>): void => {
    const parent = known.record.fields['parent'];
    const before = typeof parent === 'string' && !path.has(parent) ? byKey.get(parent) : undefined;
    if (before) place(before, new Set([...path, known.key]));
    sorted.set(known.key, known);
  };
  for (const record of records) if (!sorted.has(record.key)) place(record, new Set());
  return [...sorted.values()];
}

const text = (fields: Fields, field: string): string => {
  const value = fields[field];
  return typeof value === 'string' ? value : '';
};
