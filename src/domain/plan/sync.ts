import { contentHash, LONGEST_RECORD_ID, operationKeyOf, originIdOf, recordIdOf } from '../base/identity';
import type { ImportWay, Kind } from '../kinds';
import { definitionOf } from '../kinds';
import { withoutCustomFields } from '../kinds/custom-fields';
import type { CanonicalRecord, Fields, KnownRecord, ProcoreId, RecordLine } from '../kinds/record';
import { textIn } from '../kinds/record';
import type { LinkState, RecordLink } from '../kinds/record-link';
import { comparableRevision } from '../kinds/record-link';
import { takenByProcore } from '../kinds/taken-by-procore';
import type { Difference } from './diff';
import { byErpKey, changesOf, diff } from './diff';
import type { Operation, StageRecord, SyncedResource, SyncRow, SyncRows } from './operation';
import { numbered, projectsIn } from './operation';
import type { LeftOut, Plan, PlanBody } from './plan';
import { NO_FACTS, sealPlan } from './plan';

export interface SyncInput {
  readonly connectionId: string;
  readonly kind: Kind;
  /** Records of one page, as the ERP holds them now. */
  readonly records: readonly KnownRecord[];
  /** Links of these records and of everything that they refer to in their header. */
  readonly links: readonly RecordLink[];
  /** Of standard cost codes: the list of the ERP connection. */
  readonly listId: ProcoreId | null;
}

/** What the planning of one record needs to know of the whole page. */
interface Page extends SyncInput {
  readonly way: ImportWay;
  /** Links by `<kind>:<erp key>`. */
  readonly byKey: ReadonlyMap<string, RecordLink>;
}

/**
 * Plans one page of ERP records for Procore. What already agrees is left alone; what hangs below a record that is not in Procore yet is
 * left out until it is.
 */
export const planSync = (input: SyncInput): Plan => sealPlan(syncBody(input));

/** The same, to become part of a plan. */
export function syncBody(input: SyncInput): PlanBody {
  const { kind } = input;
  const definition = definitionOf(kind);
  const way = definition.import;
  if (!way) throw new Error(`${kind} is not synced from the ERP`);
  const byKey = new Map(input.links.map((link) => [`${link.kind}:${link.erpKey}`, link]));
  const page: Page = { ...input, way, byKey };
  const newest = newestOf(page);
  const leftOut: LeftOut[] = [];
  const operations: Operation[] = [];
  for (const known of kind === 'standard_cost_code' ? parentsFirst(newest) : newest) {
    const planned = planOne(page, known);
    if (planned === null) continue;
    if ('reason' in planned) leftOut.push(planned);
    else operations.push(planned);
  }
  return {
    subject: `${operations.length} of ${newest.length} ERP ${definition.plural}`,
    operations: numbered(operations),
    warnings: [],
    notes: [],
    facts: { ...NO_FACTS, kinds: [kind], projects: projectsIn(operations) },
    leftOut,
    unchanged: newest.length - operations.length - leftOut.length,
  };
}

/** A page may carry the same record twice when it changed while being read: the later one is the newer. */
const newestOf = ({ kind, records }: SyncInput): readonly KnownRecord[] => [
  ...new Map(
    records.map((known) => [known.key, { ...known, record: syncedPart(kind, known.record) }]),
  ).values(),
];

function planOne(page: Page, known: KnownRecord): Operation | LeftOut | null {
  const { kind, byKey, way } = page;
  if (known.outside === true) return null;
  const link = byKey.get(`${kind}:${known.key}`) ?? null;
  const leaveOut = (reason: string): LeftOut => ({
    recordId: recordIdOf(kind, link?.procoreId ?? `erp:${known.key}`),
    erpKey: known.key,
    reason,
  });
  if (known.unfit !== undefined) return leaveOut(known.unfit);
  const unfit = keyProblem(kind, known.key);
  if (unfit !== null) return { recordId: shortIdOf(kind, known.key), erpKey: null, reason: unfit };
  const nameless = missingText(kind, known.record);
  if (nameless !== null) return leaveOut(nameless);
  // What was unlinked or never there is compared with nothing.
  const shadow = link?.state === 'linked' || link?.state === 'staged' ? link.erp : null;
  const moved = diff({ base: shadow, mine: known.record }, byErpKey).filter(isForProcore(kind));
  const revision = comparableRevision(known.record);
  const step = stepOf(known, link, way, { moved, revision });
  if (step === null) return null;
  const missing = step.action === 'archive' ? null : missingParent(page, known, step);
  if (missing !== null) {
    // A payment of an invoice that Procore never sent us is none of ours.
    return kind === 'invoice_payment' ? null : { ...leaveOut(missing), waits: true };
  }
  return operationOf(page, known, link, { ...step, moved, revision });
}

/** Our store tells records apart by their keys: one that it cannot hold whole is left out, and not its page. */
function keyProblem(kind: Kind, key: string): string | null {
  const most = LONGEST_RECORD_ID - idInErp(kind, '').length;
  const why =
    key.length > most
      ? `has ${key.length} characters, and ${most} are the most`
      : key.endsWith(' ')
        ? 'ends with a blank'
        : null;
  return why && `Its key in the ERP ("${key.slice(0, 40)}${key.length > 40 ? '...' : ''}") ${why}.`;
}

const idInErp = (kind: Kind, key: string): string => recordIdOf(kind, `erp:${key}`);

/** Of a key that is too long: its beginning, and what tells it from others with the same. */
const shortIdOf = (kind: Kind, key: string): string =>
  idInErp(kind, `${key.slice(0, 40).trim()}~${contentHash(key).slice(0, 16)}`);

const isForProcore =
  (kind: Kind) =>
  ({ line, field }: Difference): boolean =>
    line !== null || isForProcoreField(kind, field);

/** Whether Procore takes a header field of an ERP record. */
const isForProcoreField = (kind: Kind, field: string): boolean => {
  const { erpOnly, madeByProcore } = definitionOf(kind).fields[field] ?? {};
  return erpOnly !== true && madeByProcore !== true;
};

/** Procore takes no record without these. */
function missingText(kind: Kind, record: CanonicalRecord): string | null {
  const { fields, label } = definitionOf(kind);
  for (const field in fields) {
    const definition = fields[field];
    if (definition?.type === 'text' && definition.required === true && textIn(record, field).trim() === '')
      return `The ${label.toLowerCase()} has no ${definition.label.toLowerCase()} in the ERP.`;
  }
  return null;
}

interface Step {
  readonly action: (StageRecord | SyncRows)['action'];
  readonly state: LinkState;
}

/** How a record stands to what its link was settled at. */
interface Compared {
  readonly moved: readonly Difference[];
  readonly revision: string;
}

function stepOf(
  known: KnownRecord,
  link: RecordLink | null,
  { how, restage }: ImportWay,
  { moved, revision }: Compared,
): Step | null {
  const state: LinkState | 'none' = link?.state ?? 'none';
  const isUnchanged = link?.erpRevision === revision;
  if (state === 'merged') return null;
  if (how === 'direct') {
    // Codes are never taken away from under the records that use them: inactive ones stay as they are.
    return known.state !== 'active' || (state === 'linked' && isUnchanged)
      ? null
      : { action: 'sync', state: 'linked' };
  }
  if (state === 'linked') {
    if (isUnchanged || link === null) return null;
    if (how === 'stage_and_update')
      return moved.some(({ line }) => line === null) ? { action: 'update', state: 'linked' } : null;
    const hasNewLines = restage === true && known.state === 'active' && newLines(link.erp, known.record) > 0;
    return hasNewLines ? { action: 'stage', state: 'linked' } : null;
  }
  if (known.state !== 'active') return state === 'staged' ? { action: 'archive', state: 'archived' } : null;
  return state === 'staged' && isUnchanged ? null : { action: 'stage', state: 'staged' };
}

/**
 * What of an ERP record may reach Procore: not the columns that custom fields are mapped to, which only ever go the other way. The codes and
 * costs of a project have a way of their own (`refresh.ts`); here only its header counts.
 */
export const syncedPart = (kind: Kind, record: CanonicalRecord): CanonicalRecord =>
  withoutCustomFields(
    definitionOf(kind).import?.headerOnly === true && record.lines.length > 0
      ? { fields: record.fields, lines: [] }
      : record,
  );

/** The revision that a sync compares: see `comparableRevision` and `syncedPart`. */
export const syncRevisionOf = (kind: Kind, record: CanonicalRecord): string =>
  comparableRevision(syncedPart(kind, record));

const newLines = (shadow: CanonicalRecord | null, record: CanonicalRecord): number => {
  const known = new Set((shadow?.lines ?? []).map(({ erpKey }) => erpKey));
  return record.lines.filter(({ erpKey }) => !known.has(erpKey)).length;
};

function missingParent({ kind, way, byKey }: Page, { record }: KnownRecord, { action }: Step): string | null {
  const { fields, label } = definitionOf(kind);
  // What is staged may hang below something staged; what is written to Procore names its parent by its id there.
  const isStaged = action === 'stage';
  for (const field of way.parents) {
    const target = fields[field]?.refersTo;
    const key = record.fields[field];
    if (target === undefined || (typeof key !== 'string' && isStaged)) continue;
    const parent = typeof key === 'string' ? byKey.get(`${target}:${key}`) : undefined;
    const isLinked = parent?.state === 'linked' && (isStaged || parent.procoreId !== null);
    if (isLinked || (isStaged && parent?.state === 'staged')) continue;
    const name = `${label} ${textIn(record, 'code')}`;
    return `${name} waits: its ${(fields[field]?.label ?? field).toLowerCase()} is not in Procore yet.`;
  }
  return null;
}

function operationOf(
  page: Page,
  { key, record }: KnownRecord,
  link: RecordLink | null,
  { action, state, moved, revision: targetRevision }: Step & Compared,
): Operation {
  const { connectionId, kind, way } = page;
  const definition = definitionOf(kind);
  const recordId = recordIdOf(kind, link?.procoreId ?? `erp:${key}`);
  const generation = (link?.generation ?? 0) + 1;
  const procoreId = state === 'linked' ? (link?.procoreId ?? null) : null;
  const name = [textIn(record, 'code'), textIn(record, 'name')].filter((part) => part !== '').join(' ');
  const base = {
    seq: 0,
    side: 'procore' as const,
    kind,
    recordId,
    erpKey: key,
    procoreId,
    generation,
    targetRevision,
    operationKey: operationKeyOf({ connectionId, recordId, generation, targetRevision }),
    changes: action === 'archive' ? [] : changesOf(definition, moved),
    record,
    link: {
      ...(link?.id === undefined ? {} : { id: link.id }),
      kind,
      erpKey: key,
      procoreId: link?.procoreId ?? null,
      state,
      generation,
      procore:
        action === 'update'
          ? withFields(link?.procore ?? null, changedFields(moved))
          : takenByProcore(kind, record),
      erp:
        way.headerOnly === true
          ? { fields: record.fields, lines: link?.erp?.lines ?? [] }
          : withIds(record, link?.erp ?? null),
      erpRevision: targetRevision,
      ...(link?.linesRevision === undefined ? {} : { linesRevision: link.linesRevision }),
      ...(link?.procoreLinesRevision === undefined
        ? {}
        : { procoreLinesRevision: link.procoreLinesRevision }),
      ...projectOf(page, record, link),
    },
  };
  const target = `${definition.label} ${name}`;
  if (action === 'stage' || action === 'archive')
    return { ...base, action, target: `Ready to import: ${target}` };
  const row = rowOf(page, key, link, way.how === 'direct' ? record.fields : changedFields(moved));
  return { ...base, action, target, resource: resourceOf(kind), place: placeOf(page, record), rows: [row] };
}

const changedFields = (moved: readonly Difference[]): Fields =>
  Object.fromEntries(moved.flatMap(({ line, field, mine }) => (line === null ? [[field, mine]] : [])));

const withFields = (shadow: CanonicalRecord | null, fields: Fields): CanonicalRecord => ({
  fields: { ...shadow?.fields, ...fields },
  lines: shadow?.lines ?? [],
});

/** The Procore ids that we know of the lines stay with them. */
export function withIds(record: CanonicalRecord, shadow: CanonicalRecord | null): CanonicalRecord {
  const ids = new Map((shadow?.lines ?? []).map((line) => [byErpKey(line), line.procoreId]));
  return {
    fields: record.fields,
    lines: record.lines.map((line): RecordLine => ({
      ...line,
      procoreId: ids.get(byErpKey(line)) ?? line.procoreId,
    })),
  };
}

function projectOf(
  { kind, byKey }: Page,
  record: CanonicalRecord,
  link: RecordLink | null,
): { readonly projectId?: ProcoreId } {
  const own = kind === 'project' ? (link?.procoreId ?? null) : null;
  const id = own ?? byKey.get(`project:${textIn(record, 'job')}`)?.procoreId ?? link?.projectId ?? null;
  return id === null ? {} : { projectId: id };
}

/** A linked record is named by its id alone: its origin_id would tie a record again that somebody unlinked in the meantime. */
function rowOf({ kind, byKey }: Page, key: string, link: RecordLink | null, fields: Fields): SyncRow {
  const originId = originIdOf(kind, key);
  if (kind === 'invoice_payment') {
    const invoice = fields['requisition'];
    const invoiceId = typeof invoice === 'string' ? byKey.get(`requisition:${invoice}`)?.procoreId : null;
    return { key, originId, fields, ...(typeof invoiceId === 'number' ? { invoiceId } : {}) };
  }
  const procoreId = link?.procoreId ?? null;
  if (procoreId === null) return { key, originId, fields };
  // Unlinked before, and asked for again: the same record is tied again, never a twin.
  return link?.state === 'linked' ? { key, procoreId, fields } : { key, procoreId, originId, fields };
}

/** The sync action of a kind. Throws where Procore has none: a fault of the program. */
export function resourceOf(kind: Kind): SyncedResource {
  switch (kind) {
    case 'vendor':
    case 'standard_cost_code':
    case 'line_item_type':
    case 'project':
    case 'sub_job':
    case 'invoice_payment':
      return kind;
    default:
      throw new Error(`Procore has no sync action for ${definitionOf(kind).plural}`);
  }
}

function placeOf({ kind, listId, byKey }: Page, record: CanonicalRecord): SyncRows['place'] {
  if (kind === 'standard_cost_code') return { listId };
  const projectId = kind === 'sub_job' ? byKey.get(`project:${textIn(record, 'job')}`)?.procoreId : null;
  return typeof projectId === 'number' ? { projectId } : {};
}

/** Procore wants a parent before its children ("Using Sync Actions"). */
function parentsFirst(records: readonly KnownRecord[]): readonly KnownRecord[] {
  const byKey = new Map(records.map((record) => [record.key, record]));
  const sorted = new Map<string, KnownRecord>();
  const place = (known: KnownRecord, path: ReadonlySet<string>): void => {
    const parent = known.record.fields['parent'];
    const before = typeof parent === 'string' && !path.has(parent) ? byKey.get(parent) : undefined;
    if (before && !sorted.has(before.key)) place(before, new Set([...path, known.key]));
    sorted.set(known.key, known);
  };
  for (const record of records) if (!sorted.has(record.key)) place(record, new Set());
  return [...sorted.values()];
}
