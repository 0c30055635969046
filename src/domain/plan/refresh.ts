import { operationKeyOf, recordIdOf, revisionOf } from '../base/identity';
import { definitionOf } from '../kinds';
import { withoutCustomFields } from '../kinds/custom-fields';
import type { CanonicalRecord, KnownRecord, ProcoreId, RecordLine } from '../kinds/record';
import { lineKeyOf } from '../kinds/record';
import type { RecordLink } from '../kinds/record-link';
import { linesRevisionOf } from '../reconcile/reconciled-part';
import type { JobRefresh } from '../request/intent';
import type { Difference } from './diff';
import { changesOf, diff } from './diff';
import type { JobLines, PairRows } from './job-lines';
import { assignmentRows, codeRows, codesPlace, jobLines, pairRows, rowChanges } from './job-lines';
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

/** What moved since the last refresh. */
interface Comparison {
  readonly moved: readonly Difference[];
  readonly lines: JobLines;
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
  const assignments = assignmentRows(compared.lines);
  const costs = costRows(compared.lines);
  // The mapping of the connection leaves it out, or cannot carry it.
  const isAside = known.outside === true || known.unfit !== undefined;
  const steps = isAside
    ? []
    : [
        ...(intent.why === 'imported' ? [] : headerStep(intent, compared)),
        ...step('cost_code', 'Cost codes', codeRows(compared.lines)),
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
    procore: isAside ? shadow : told,
    erp: isAside ? shadow : told,
    erpRevision: isAside ? null : syncRevisionOf(intent.kind, record),
    linesRevision: isAside || assignments.untyped.length > 0 ? null : linesRevisionOf(intent.kind, told),
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
    notes:
      known.outside === true ? [`${intent.label} is not carried: its mapping ("only") leaves it out.`] : [],
    facts: { ...NO_FACTS, kinds: [intent.kind], projects: [intent.projectId] },
    leftOut:
      known.unfit !== undefined && known.outside !== true
        ? [{ recordId, erpKey: known.key, reason: known.unfit }]
        : isAside
          ? []
          : untypedOf(assignments),
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
  const movedLines = new Set([
    ...moved.flatMap(({ line }) => (line ? [lineKeyOf(line)] : [])),
    ...record.lines.map(lineKeyOf).filter((key) => !before.has(key)),
  ]);
  return { moved, lines: jobLines(record, movedLines, costTypes, ({ number }) => number) };
}

const step = (
  resource: SyncedResource,
  target: string,
  rows: readonly SyncRow[],
  changes: readonly FieldChange[] = rowChanges(target, rows),
): readonly Step[] => (rows.length === 0 ? [] : [{ resource, target, rows, changes }]);

function headerStep(intent: JobRefresh, { moved }: Comparison): readonly Step[] {
  const header = moved.filter(({ line, field }) => line === null && field !== 'job');
  if (header.length === 0) return [];
  const procoreId = intent.subJobId ?? intent.projectId;
  const fields = Object.fromEntries(header.map(({ field, mine }) => [field, mine]));
  const rows = [{ key: String(procoreId), procoreId, fields }];
  return step(intent.kind, 'Header', rows, changesOf(definitionOf(intent.kind), header));
}

const untypedOf = ({ untyped }: PairRows): readonly LeftOut[] =>
  untyped.map((typeKey) => ({
    recordId: recordIdOf('line_item_type', `erp:${typeKey}`),
    erpKey: typeKey,
    reason: `Cost type ${typeKey} is not in Procore yet: refresh the cost types there, then this project.`,
  }));

const costRows = (lines: JobLines): PairRows =>
  pairRows(lines, 'job_cost', ({ fields }) =>
    Object.fromEntries(
      Object.entries(fields).filter(([field]) => field !== 'costCode' && field !== 'costType'),
    ),
  );

function placeOf(resource: SyncedResource, { projectId, subJobId, originId }: JobRefresh): SyncPlace {
  if (resource === 'job_cost') return { jobOriginId: originId };
  return codesPlace(projectId, subJobId);
}

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
