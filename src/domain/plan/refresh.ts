import { definitionOf } from '../kinds/entity';
import type { JobRefresh, ProcoreId } from '../request/intent';
import { operationKeyOf, originIdOf, recordIdOf, revisionOf } from '../base/identity';
import type {
  FieldChange,
  LeftOut,
  Plan,
  PlannedOperation,
  SyncPlace,
  SyncRow,
  SyncedResource,
} from './plan';
import { sealPlan } from './plan';
import type { KnownRecord } from './export';
import { syncRevisionOf, withIds } from './sync';
import type { CanonicalRecord, Fields, RecordLine } from '../kinds/record';
import { linesOf } from '../kinds/record';
import type { RecordLink } from '../kinds/record-link';

export interface JobRefreshInput {
  readonly connectionId: string;
  readonly intent: JobRefresh;
  /** The job or sub job as the ERP holds it now, with its phases, cost types and costs. */
  readonly known: KnownRecord;
  readonly link: RecordLink<CanonicalRecord> | null;
  /** Links of all cost types. */
  readonly costTypes: readonly RecordLink[];
}

/**
 * Plans how a project (or sub job) in Procore follows the ERP: header, cost codes, cost type assignments, job costs, in this order,
 * because each refers to the one before. Only what changed since the base is sent.
 */
export function planJobRefresh(input: JobRefreshInput): Plan {
  const { intent, known, link } = input;
  const base = link?.state === 'linked' ? link.base : null;
  // A project that was just imported has the staged header, and nothing below it.
  const record = withIds(known.record, base);
  const steps = [
    ...(intent.why === 'imported' ? [] : headerStep(input, base)),
    ...codeStep(input, record, base),
  ];
  const { rows, leftOut, skipped } = assignmentRows(input, record, base);
  const costs = costRows(input, record, base);
  const all: readonly Step[] = [
    ...steps,
    ...step('cost_code_line_item_types', 'Cost type assignments', rows),
    ...step('erp_job_costs', 'Job costs', costs.rows),
  ];
  const recordId = recordIdOf(intent.entity, intent.subJobId ?? intent.projectId);
  const generation = (link?.generation ?? 0) + 1;
  const baseRevision = syncRevisionOf(intent.entity, record);
  const revision = revisionOf(record);
  const key = operationKeyOf({
    connectionId: input.connectionId,
    recordId,
    generation,
    targetRevision: revision,
  });
  const next: RecordLink = {
    entity: intent.entity,
    erpKey: known.key,
    procoreId: intent.subJobId ?? intent.projectId,
    state: 'linked',
    generation,
    // What could not be sent yet stays as it was, so that the next refresh finds it again.
    base: refreshedBase(record, base, new Map(), new Set([...skipped, ...costs.skipped])),
    baseRevision,
    projectId: intent.projectId,
  };
  const isNewLink = link?.state !== 'linked' || link.procoreId !== next.procoreId;
  const common = {
    entity: intent.entity,
    recordId,
    erpKey: known.key,
    procoreId: next.procoreId,
    generation,
    targetRevision: revision,
    record,
    link: next,
  };
  const linking: PlannedOperation = {
    ...common,
    seq: 0,
    side: 'tieback',
    action: 'link',
    target: `ERP ${intent.label}`,
    operationKey: `${key}:link`,
    changes: [{ field: 'state', label: 'Link', old: link?.state ?? null, new: 'linked' }],
  };
  const operations = all.map(({ resource, target, rows: items }): PlannedOperation => ({
    ...common,
    seq: 0,
    side: 'procore',
    action: resource === 'projects' || resource === 'sub_jobs' ? 'update' : 'sync',
    target: `${target} of ${intent.label}`,
    operationKey: `${key}:${resource}`,
    changes:
      resource === 'projects' || resource === 'sub_jobs'
        ? items.flatMap(({ fields }) => headerChanges(intent.entity, base, fields))
        : items.map((item) => ({
            field: item.key,
            label: `${target} ${item.key}`,
            old: null,
            new: summary(item.fields),
          })),
    write: { kind: 'sync', resource, place: placeOf(resource, intent), rows: items },
  }));
  return sealPlan({
    subject: intent.label,
    operations: [...(isNewLink ? [linking] : []), ...operations].map((operation, index) => ({
      ...operation,
      seq: index + 1,
    })),
    warnings: [],
    notes: [],
    facts: {},
    leftOut,
    unchanged: all.length === 0 ? 1 : 0,
  });
}

interface Step {
  readonly resource: SyncedResource;
  readonly target: string;
  readonly rows: readonly SyncRow[];
}

const step = (resource: SyncedResource, target: string, rows: readonly SyncRow[]): readonly Step[] =>
  rows.length === 0 ? [] : [{ resource, target, rows }];

function headerStep({ intent, known }: JobRefreshInput, base: CanonicalRecord | null): readonly Step[] {
  const changed = Object.fromEntries(
    Object.entries(known.record.fields).filter(
      ([field, value]) =>
        field !== 'job' && (base === null ? value !== null : (base.fields[field] ?? null) !== value),
    ),
  );
  if (Object.keys(changed).length === 0) return [];
  const id = intent.subJobId ?? intent.projectId;
  const resource = intent.entity === 'project' ? 'projects' : 'sub_jobs';
  return step(resource, 'Header', [{ key: String(id), procoreId: id, fields: changed }]);
}

const headerChanges = (
  entity: JobRefresh['entity'],
  base: CanonicalRecord | null,
  fields: Fields,
): FieldChange[] =>
  Object.entries(fields).map(([field, value]) => ({
    field,
    label: definitionOf(entity).fields[field]?.label ?? field,
    old: base?.fields[field] ?? null,
    new: value,
  }));

function codeStep(
  _: JobRefreshInput,
  record: CanonicalRecord,
  base: CanonicalRecord | null,
): readonly Step[] {
  const before = fieldsByNumber(base, 'cost_code');
  const rows = linesOf(record, 'cost_code')
    // Inactive codes are not brought to Procore, and those that are there stay: records use them.
    .filter((line) => line.fields['isActive'] !== false && differs(before.get(line.number), line.fields))
    .map((line): SyncRow => ({
      key: line.number,
      fields: line.fields,
      ...(line.procoreId === null ? {} : { procoreId: line.procoreId }),
      ...(line.erpKey === null ? {} : { originId: originIdOf('cost_code', line.erpKey) }),
    }));
  return step('cost_codes', 'Cost codes', rows);
}

function assignmentRows(
  { costTypes }: JobRefreshInput,
  record: CanonicalRecord,
  base: CanonicalRecord | null,
): Rows & { readonly leftOut: readonly LeftOut[] } {
  const skipped: string[] = [];
  const before = fieldsByNumber(base, 'cost_type_assignment');
  const types = typeIds(costTypes);
  const leftOut = new Map<string, LeftOut>();
  const rows = linesOf(record, 'cost_type_assignment').flatMap((line): SyncRow[] => {
    if (!differs(before.get(line.number), line.fields)) return [];
    if (isUnknownCode(record, line)) {
      skipped.push(`${line.kind}/${line.number}`);
      return [];
    }
    const typeKey = textOf(line, 'costType');
    const lineItemTypeId = types.get(typeKey);
    if (lineItemTypeId === undefined) {
      const reason = `Cost type ${typeKey} is not in Procore yet: refresh the cost types there, then this project.`;
      leftOut.set(typeKey, {
        recordId: recordIdOf('line_item_type', `erp:${typeKey}`),
        erpKey: typeKey,
        reason,
      });
      skipped.push(`${line.kind}/${line.number}`);
      return [];
    }
    return [
      {
        key: line.number,
        fields: { synced: true },
        costCode: codeOf(record, textOf(line, 'costCode')),
        lineItemTypeId,
      },
    ];
  });
  return { rows, skipped, leftOut: [...leftOut.values()] };
}

interface Rows {
  readonly rows: readonly SyncRow[];
  /** Lines that differ and cannot be sent yet, as `<kind>/<number>`. */
  readonly skipped: readonly string[];
}

/** Inactive codes are not brought to Procore, so nothing can hang below one that is not there. */
function isUnknownCode(record: CanonicalRecord, line: RecordLine): boolean {
  const number = textOf(line, 'costCode');
  const code = linesOf(record, 'cost_code').find((candidate) => candidate.number === number);
  return code !== undefined && code.procoreId === null && code.fields['isActive'] === false;
}

function costRows(
  { costTypes }: JobRefreshInput,
  record: CanonicalRecord,
  base: CanonicalRecord | null,
): Rows {
  const before = fieldsByNumber(base, 'job_cost');
  const types = typeIds(costTypes);
  const skipped: string[] = [];
  const rows = linesOf(record, 'job_cost').flatMap((line): SyncRow[] => {
    if (!differs(before.get(line.number), line.fields)) return [];
    const lineItemTypeId = types.get(textOf(line, 'costType'));
    if (lineItemTypeId === undefined || isUnknownCode(record, line)) {
      skipped.push(`${line.kind}/${line.number}`);
      return [];
    }
    const amounts = Object.fromEntries(
      Object.entries(line.fields).filter(([field]) => field !== 'costCode' && field !== 'costType'),
    );
    return [
      {
        key: line.number,
        fields: amounts,
        costCode: codeOf(record, textOf(line, 'costCode')),
        lineItemTypeId,
      },
    ];
  });
  return { rows, skipped };
}

function placeOf(resource: SyncedResource, { projectId, subJobId, originId }: JobRefresh): SyncPlace {
  if (resource === 'erp_job_costs') return { jobOriginId: originId };
  return { projectId, ...(subJobId === null ? {} : { subJobId }) };
}

const typeIds = (links: readonly RecordLink[]): ReadonlyMap<string, ProcoreId> =>
  new Map(
    links.flatMap(({ erpKey, procoreId, state }) =>
      procoreId === null || state !== 'linked' ? [] : [[erpKey, procoreId] as const],
    ),
  );

const codeOf = (record: CanonicalRecord, number: string): NonNullable<SyncRow['costCode']> => ({
  number,
  procoreId: linesOf(record, 'cost_code').find((line) => line.number === number)?.procoreId ?? null,
});

const fieldsByNumber = (
  record: CanonicalRecord | null,
  kind: RecordLine['kind'],
): ReadonlyMap<string, Fields> =>
  new Map(record === null ? [] : linesOf(record, kind).map(({ number, fields }) => [number, fields]));

const differs = (before: Fields | undefined, now: Fields): boolean =>
  before === undefined || Object.entries(now).some(([field, value]) => (before[field] ?? null) !== value);

const textOf = ({ fields }: RecordLine, field: string): string => {
  const value = fields[field];
  return typeof value === 'string' ? value : '';
};

const summary = (fields: Fields): string =>
  Object.values(fields)
    .filter((value) => typeof value === 'string')
    .join(' · ');

/**
 * The base after Procore took the codes: their ids are known now, and what it refused (lines as `<kind>/<number>`, the header as
 * `header/...`) is tried again next time.
 */
export function refreshedBase(
  record: CanonicalRecord,
  before: CanonicalRecord | null,
  ids: ReadonlyMap<string, ProcoreId>,
  refused: ReadonlySet<string>,
): CanonicalRecord {
  const old = new Map((before?.lines ?? []).map((line) => [`${line.kind}/${line.number}`, line]));
  const lines = record.lines.flatMap((line): RecordLine[] => {
    const key = `${line.kind}/${line.number}`;
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
