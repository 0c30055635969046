import { operationKeyOf, originIdOf, recordIdOf, revisionOf } from '../base/identity';
import { definitionOf } from '../kinds';
import { withoutCustomFields } from '../kinds/custom-fields';
import type { CanonicalRecord, Fields, KnownRecord, ProcoreId, RecordLine } from '../kinds/record';
import { lineKeyOf, linesOf, textIn } from '../kinds/record';
import type { RecordLink } from '../kinds/record-link';
import type { JobRefresh } from '../request/intent';
import type { Difference } from './diff';
import { changesOf, diff } from './diff';
import type { FieldChange, MoveLink, SyncedResource, SyncPlace, SyncRow, SyncRows } from './operation';
import { numbered } from './operation';
import type { LeftOut, Plan } from './plan';
import { NO_FACTS, sealPlan } from './plan';
import { syncRevisionOf, withIds } from './sync';

export interface RefreshInput {
  readonly connectionId: string;
  readonly intent: JobRefresh;
  /** The job or sub job as the ERP holds it now, with its phases, cost types and costs. */
  readonly known: KnownRecord;
  readonly link: RecordLink | null;
  /** Links of all cost types. */
  readonly costTypes: readonly RecordLink[];
}

/** One call to Procore, and the rows it sends. */
interface Step {
  readonly resource: SyncedResource;
  readonly target: string;
  readonly rows: readonly SyncRow[];
  readonly changes: readonly FieldChange[];
}

/** What moved since the last refresh, and what stands in the way of telling it. */
interface Comparison {
  readonly record: CanonicalRecord;
  readonly moved: readonly Difference[];
  /** Lines with a difference, as `<kind>/<number>`. */
  readonly movedLines: ReadonlySet<string>;
  /** Procore ids of cost types by ERP key. */
  readonly types: ReadonlyMap<string, ProcoreId>;
  /** Cost codes by number. */
  readonly codes: ReadonlyMap<string, RecordLine>;
}

/**
 * Plans how a project (or sub job) in Procore follows the ERP: header, cost codes, cost type assignments, job costs, in this order,
 * because each refers to the one before. Only what changed since the last time is sent.
 */
export function planRefresh(input: RefreshInput): Plan {
  const { intent, known, link, connectionId } = input;
  const shadow = link?.state === 'linked' ? link.erp : null;
  // A project that was just imported has the staged header, and nothing below it.
  const record = withIds(withoutCustomFields(known.record), shadow);
  const compared = compare(record, shadow, input.costTypes);
  const assignments = assignmentRows(compared);
  const costs = costRows(compared);
  const steps = [
    ...(intent.why === 'imported' ? [] : headerStep(intent, compared)),
    ...step('cost_code', 'Cost codes', codeRows(compared)),
    ...step('cost_type_assignment', 'Cost type assignments', assignments.rows),
    ...step('job_cost', 'Job costs', costs.rows),
  ];
  const recordId = recordIdOf(intent.kind, intent.subJobId ?? intent.projectId);
  const generation = (link?.generation ?? 0) + 1;
  const targetRevision = revisionOf(record);
  const key = operationKeyOf({ connectionId, recordId, generation, targetRevision });
  // What could not be sent yet stays as it was, so that the next refresh finds it again.
  const told = refreshedShadow(
    record,
    shadow,
    new Map(),
    new Set([...assignments.skipped, ...costs.skipped]),
  );
  const next: RecordLink = {
    ...(link?.id === undefined ? {} : { id: link.id }),
    kind: intent.kind,
    erpKey: known.key,
    procoreId: intent.subJobId ?? intent.projectId,
    state: 'linked',
    generation,
    procore: told,
    erp: told,
    erpRevision: syncRevisionOf(intent.kind, record),
    projectId: intent.projectId,
  };
  const common = {
    seq: 0,
    kind: intent.kind,
    recordId,
    erpKey: known.key,
    procoreId: next.procoreId,
    generation,
    targetRevision,
    link: next,
  };
  const linking: MoveLink = {
    ...common,
    side: 'tieback',
    action: 'link',
    target: `ERP ${intent.label}`,
    operationKey: `${key}:link`,
    changes: [{ field: 'state', label: 'Link', old: link?.state ?? null, new: 'linked' }],
  };
  const isNewLink = link?.state !== 'linked' || link.procoreId !== next.procoreId;
  const writes = steps.map(({ resource, target, rows, changes }): SyncRows => ({
    ...common,
    side: 'procore',
    action: resource === intent.kind ? 'update' : 'sync',
    target: `${target} of ${intent.label}`,
    operationKey: `${key}:${resource}`,
    changes,
    resource,
    place: placeOf(resource, intent),
    rows,
    record,
  }));
  return sealPlan({
    subject: intent.label,
    operations: numbered([...(isNewLink ? [linking] : []), ...writes]),
    warnings: [],
    notes: [],
    facts: { ...NO_FACTS, kinds: [intent.kind], projects: [intent.projectId] },
    leftOut: assignments.leftOut,
    unchanged: steps.length === 0 ? 1 : 0,
  });
}

function compare(
  record: CanonicalRecord,
  shadow: CanonicalRecord | null,
  costTypes: readonly RecordLink[],
): Comparison {
  const moved = diff({ base: shadow, mine: record });
  const before = new Set((shadow?.lines ?? []).map(lineKeyOf));
  return {
    record,
    moved,
    movedLines: new Set([
      ...moved.flatMap(({ line }) => (line ? [lineKeyOf(line)] : [])),
      ...record.lines.map(lineKeyOf).filter((key) => !before.has(key)),
    ]),
    types: typeIds(costTypes),
    codes: new Map(linesOf(record, 'cost_code').map((line) => [line.number, line])),
  };
}

const step = (
  resource: SyncedResource,
  target: string,
  rows: readonly SyncRow[],
  changes: readonly FieldChange[] = rows.map(({ key, fields }) => ({
    field: key,
    label: `${target} ${key}`,
    old: null,
    new: summary(fields),
  })),
): readonly Step[] => (rows.length === 0 ? [] : [{ resource, target, rows, changes }]);

function headerStep(intent: JobRefresh, { moved }: Comparison): readonly Step[] {
  const header = moved.filter(({ line, field }) => line === null && field !== 'job');
  if (header.length === 0) return [];
  const procoreId = intent.subJobId ?? intent.projectId;
  const fields = Object.fromEntries(header.map(({ field, mine }) => [field, mine]));
  const rows = [{ key: String(procoreId), procoreId, fields }];
  return step(intent.kind, 'Header', rows, changesOf(definitionOf(intent.kind), header));
}

const movedLinesOf = ({ record, movedLines }: Comparison, kind: RecordLine['kind']): readonly RecordLine[] =>
  linesOf(record, kind).filter((line) => movedLines.has(lineKeyOf(line)));

/** Inactive codes are not brought to Procore, and those that are there stay: records use them. */
const codeRows = (compared: Comparison): readonly SyncRow[] =>
  movedLinesOf(compared, 'cost_code')
    .filter(({ fields }) => fields['isActive'] !== false)
    .map((line): SyncRow => ({
      key: line.number,
      fields: line.fields,
      ...(line.procoreId === null ? {} : { procoreId: line.procoreId }),
      ...(line.erpKey === null ? {} : { originId: originIdOf('cost_code', line.erpKey) }),
    }));

interface Rows {
  readonly rows: readonly SyncRow[];
  /** Lines that differ and cannot be sent yet, as `<kind>/<number>`. */
  readonly skipped: readonly string[];
  readonly leftOut: readonly LeftOut[];
}

function assignmentRows(compared: Comparison): Rows {
  const found = pairs(compared, 'cost_type_assignment', () => ({ synced: true }));
  const missing = new Map(
    found.untyped.map((typeKey): [string, LeftOut] => [
      typeKey,
      {
        recordId: recordIdOf('line_item_type', `erp:${typeKey}`),
        erpKey: typeKey,
        reason: `Cost type ${typeKey} is not in Procore yet: refresh the cost types there, then this project.`,
      },
    ]),
  );
  return { ...found, leftOut: [...missing.values()] };
}

const costRows = (compared: Comparison): Rows => ({
  ...pairs(compared, 'job_cost', ({ fields }) =>
    Object.fromEntries(
      Object.entries(fields).filter(([field]) => field !== 'costCode' && field !== 'costType'),
    ),
  ),
  leftOut: [],
});

/** Lines that belong to a pair of cost code and cost type; both must be known in Procore. */
function pairs(
  compared: Comparison,
  kind: RecordLine['kind'],
  fieldsOf: (line: RecordLine) => Fields,
): Pick<Rows, 'rows' | 'skipped'> & { readonly untyped: readonly string[] } {
  const rows: SyncRow[] = [];
  const skipped: string[] = [];
  const untyped: string[] = [];
  for (const line of movedLinesOf(compared, kind)) {
    const number = textIn(line, 'costCode');
    const code = compared.codes.get(number);
    const lineItemTypeId = compared.types.get(textIn(line, 'costType'));
    // Inactive codes are not brought to Procore, so nothing can hang below one that is not there.
    const isUnknownCode = code?.procoreId === null && code.fields['isActive'] === false;
    if (isUnknownCode || lineItemTypeId === undefined) {
      skipped.push(lineKeyOf(line));
      if (!isUnknownCode) untyped.push(textIn(line, 'costType'));
      continue;
    }
    const costCode = { number, procoreId: code?.procoreId ?? null };
    rows.push({ key: line.number, fields: fieldsOf(line), costCode, lineItemTypeId });
  }
  return { rows, skipped, untyped };
}

function placeOf(resource: SyncedResource, { projectId, subJobId, originId }: JobRefresh): SyncPlace {
  if (resource === 'job_cost') return { jobOriginId: originId };
  return { projectId, ...(subJobId === null ? {} : { subJobId }) };
}

const typeIds = (links: readonly RecordLink[]): ReadonlyMap<string, ProcoreId> =>
  new Map(
    links.flatMap(({ erpKey, procoreId, state }) =>
      procoreId === null || state !== 'linked' ? [] : [[erpKey, procoreId] as const],
    ),
  );

const summary = (fields: Fields): string =>
  Object.values(fields)
    .filter((value) => typeof value === 'string')
    .join(' · ');

/**
 * The shadows after Procore took the codes: their ids are known now, and what it refused (lines as `<kind>/<number>`, the header as
 * `header/...`) is tried again next time.
 */
export function refreshedShadow(
  record: CanonicalRecord,
  before: CanonicalRecord | null,
  ids: ReadonlyMap<string, ProcoreId>,
  refused: ReadonlySet<string>,
): CanonicalRecord {
  const old = new Map((before?.lines ?? []).map((line) => [lineKeyOf(line), line]));
  const lines = record.lines.flatMap((line): RecordLine[] => {
    const key = lineKeyOf(line);
    if (refused.has(key)) {
      const last = old.get(key);
      return last ? [last] : [];
    }
    const id = line.kind === 'cost_code' ? (ids.get(line.number) ?? line.procoreId) : line.procoreId;
    return [{ ...line, procoreId: id }];
  });
  const isHeaderRefused = [...refused].some((key) => key.startsWith('header/'));
  return { fields: isHeaderRefused ? (before?.fields ?? {}) : record.fields, lines };
}
