import type { AuditEntry } from '../domain/audit/chain';
import { definitionOf, isEntity } from '../domain/kinds/entity';
import { TiebackError } from '../domain/base/errors';
import { recordIdOf, revisionOf } from '../domain/base/identity';
import type { Plan, PlannedOperation } from '../domain/plan/plan';
import { syncRevisionOf } from '../domain/plan/sync';
import type { AnyRecord, CanonicalRecord, RecordLine } from '../domain/kinds/record';
import { isCanonical } from '../domain/kinds/record';
import type { RecordLink } from '../domain/kinds/record-link';
import type { ClosedRequest, ConfirmView, RequestRef } from '../domain/request/flow';
import type { ItemError } from '../procore/port';
import type { Repositories } from '../store/repositories';
import type { ErpRequestRow, OperationRow } from '../store/rows';
import { approvedPlan, operationRow } from './approved-plan';
import { assertOwnOrigins } from './census';
import type { Ending } from './close-details';
import { closeDetails } from './close-details';
import type { ActivityDeps, Busy, ConnectionParts, Stopped } from './deps';
import { connectionOf, settle } from './deps';
import { nameOfRecord } from './export-records';
import { alreadyClosed, auditEntry, close, releasedBy } from './ledger';
import { externalDataOf, sendExternalData, sendToProcore } from './procore-writes';
import { readStored } from './request-body';

/** One record of the plan as it stands in the ERP now. */
interface Done {
  readonly recordId: string;
  readonly erpKey: string;
  /** As the apply step read it back, with the Procore ids of the lines. */
  readonly record: AnyRecord;
  readonly external: PlannedOperation;
  /** What belongs to the record and follows its external data. */
  readonly followUps: readonly PlannedOperation[];
  readonly generation: number;
}

/** Runs on the Procore queue. */
export const exportProcoreActivities = (deps: ActivityDeps) => ({
  /**
   * Tells Procore: external data of records and lines first, then what belongs to them, the request details last; then our links, their
   * bases, the operations and the audit entries, in one transaction. Every call sets a state, so the whole step may be repeated.
   */
  async confirmExport(
    input: RequestRef & { planHash: string; summary: string },
  ): Promise<ConfirmView | Stopped | Busy> {
    const connection = connectionOf(deps, input.connectionId);
    return settle(async (): Promise<ConfirmView> => {
      const before = await deps.store.read('export.open', (t) => alreadyClosed(t, input));
      if (before) return { kind: 'applied', ...before };
      await assertOwnOrigins(deps, connection);
      const { row, plan, operations, bases } = await deps.store.read('export.approved', async (t) => {
        const approved = await approvedPlan(t, input);
        const rows = await t.plans.operations(approved.row);
        return { ...approved, operations: rows, bases: await basesOf(t, connection.id, approved.plan) };
      });
      const { intent } = readStored(connection, row);
      const done = whatIsThere(plan, operations, bases);
      const problems = problemsOf(plan, operations);
      await tellProcore(connection, plan, done, problems);
      const ending = endingOf(problems, input.summary);
      const refused = await closeDetails(connection, intent, ending);
      const result = {
        status: ending.status === 'success' ? ('applied' as const) : ('failed' as const),
        summary: [ending.summary, refused].filter((part) => part !== null).join(' '),
      };
      const fine = done.filter(({ recordId }) => !problems.has(recordId));
      const closed = await deps.store.transaction('export.confirmed', (t) =>
        record(t, connection, input, row, plan, fine, problems, result, deps.now()),
      );
      return { kind: 'applied', ...closed };
    });
  },
});

/** Bases of the links of everything the plan is about: some records grow with every export. */
async function basesOf(
  t: Repositories,
  connectionId: string,
  plan: Plan,
): Promise<ReadonlyMap<string, CanonicalRecord>> {
  const bases = new Map<string, CanonicalRecord>();
  for (const { entity, procoreId, action } of plan.operations) {
    if (action !== 'set_external_data' || procoreId === null || entity === 'vendor') continue;
    const [link] = await t.links.byProcoreIds(connectionId, entity, [procoreId]);
    if (link?.base) bases.set(recordIdOf(entity, procoreId), link.base);
  }
  return bases;
}

/** The ERP records the plan ended at: what both sides agree on from now on. */
function whatIsThere(
  plan: Plan,
  operations: readonly OperationRow[],
  bases: ReadonlyMap<string, CanonicalRecord>,
): readonly Done[] {
  const rows = new Map(operations.map((row) => [row.operationKey, row]));
  return plan.operations
    .filter(({ action }) => action === 'set_external_data')
    .flatMap((external): Done[] => {
      const { recordId, generation } = external;
      const ofRecord = plan.operations.filter((operation) => operation.recordId === recordId);
      const row = ofRecord
        .map(({ operationKey }) => rows.get(operationKey))
        .find(
          (candidate) =>
            candidate !== undefined && candidate.record !== null && candidate.state !== 'refused',
        );
      if (!row?.record || row.erpKey === null) return [];
      const written = withPlannedIds(row.record, ofRecord);
      const record =
        definitionOf(external.entity).reexport === 'append'
          ? grown(written, external.record, bases.get(recordId))
          : written;
      const followUps = ofRecord
        .filter(({ side, action }) => side === 'procore' && action === 'sync')
        .map((operation) => ({ ...operation, record }));
      return [
        { recordId, erpKey: row.erpKey, record, external: { ...external, record }, followUps, generation },
      ];
    });
}

/** The ERP knows lines by number and key; their ids in Procore come from the plan. */
function withPlannedIds(record: AnyRecord, operations: readonly PlannedOperation[]): AnyRecord {
  if (!isCanonical(record)) return record;
  const ids = new Map(
    operations
      .flatMap(({ record: planned }) => (planned !== null && isCanonical(planned) ? planned.lines : []))
      .map((line) => [`${line.kind}/${line.number}`, line.procoreId]),
  );
  const lines = record.lines.map((line) => ({
    ...line,
    procoreId: line.procoreId ?? ids.get(`${line.kind}/${line.number}`) ?? null,
  }));
  return { fields: record.fields, lines };
}

/** A record that every export adds to: its base holds all that was ever written. */
function grown(record: AnyRecord, planned: AnyRecord | null, base: CanonicalRecord | undefined): AnyRecord {
  if (!isCanonical(record)) return record;
  const known = [
    ...(base?.lines ?? []),
    ...(planned !== null && isCanonical(planned) ? planned.lines : []),
    ...record.lines,
  ];
  const lines = new Map<string, RecordLine>();
  for (const line of known) if (line.erpKey !== null) lines.set(`${line.kind}/${line.number}`, line);
  return { fields: record.fields, lines: [...lines.values()] };
}

/** What went wrong before Procore was told, by record id: left out by the plan, or refused by the ERP. */
function problemsOf(plan: Plan, operations: readonly OperationRow[]): Map<string, string[]> {
  const problems = new Map<string, string[]>();
  for (const { recordId, reason } of plan.leftOut) problems.set(recordId, [reason]);
  const keys = new Set(plan.operations.map(({ operationKey }) => operationKey));
  for (const { operationKey, recordId, state, reason } of operations) {
    if (keys.has(operationKey) && state === 'refused' && reason !== null) problems.set(recordId, [reason]);
  }
  return problems;
}

/** Adds to `problems` what Procore does not take. A request about one record stops there and asks a person. */
async function tellProcore(
  connection: ConnectionParts,
  plan: Plan,
  done: readonly Done[],
  problems: Map<string, string[]>,
): Promise<void> {
  const data = done.flatMap(({ external, erpKey, record }) =>
    externalDataOf(external, erpKey, codeOf(record), isCanonical(record) ? record : null),
  );
  const errors = await sendExternalData(connection.procore, data);
  for (const { external, recordId, erpKey, record } of done) {
    const own = errors.filter(({ key }) => isOf(external, key));
    if (own.length > 0) refuse(plan, problems, recordId, `linking ${nameOf(external, erpKey, record)}`, own);
  }
  const followUps = done.filter(({ recordId }) => !problems.has(recordId)).flatMap((item) => item.followUps);
  const sent = await sendToProcore(connection, followUps);
  for (const [operation, messages] of sent.refused) {
    refuse(plan, problems, operation.recordId, operation.target, [{ key: '', messages }]);
  }
}

const isOf = ({ write }: PlannedOperation, key: string): boolean =>
  key === '' ||
  (write?.kind === 'external_data' &&
    write.items.some(({ itemType, itemId }) => `${itemType}/${itemId}` === key));

function refuse(
  plan: Plan,
  problems: Map<string, string[]>,
  recordId: string,
  operation: string,
  errors: readonly ItemError[],
): void {
  const reason = errors.flatMap(({ messages }) => messages).join('; ');
  const records = new Set(plan.operations.map((planned) => planned.recordId));
  if (records.size <= 1 && plan.leftOut.length === 0)
    throw new TiebackError('PROCORE_REFUSED', { operation, reason });
  problems.set(recordId, [...(problems.get(recordId) ?? []), `${operation}: ${reason}`]);
}

const nameOf = ({ entity }: PlannedOperation, erpKey: string, record: AnyRecord): string =>
  isCanonical(record) ? nameOfRecord(entity, erpKey, record) : `vendor ${record.code ?? erpKey}`;

const codeOf = (record: AnyRecord): string | null => {
  const code = isCanonical(record) ? record.fields['code'] : record.code;
  return typeof code === 'string' ? code : null;
};

const MOST_NAMED = 20;

function endingOf(
  problems: ReadonlyMap<string, readonly string[]>,
  summary: string,
): Ending & { readonly summary: string } {
  if (problems.size === 0) {
    return { status: 'success', messages: [summary], summary };
  }
  const sentences = [...problems.values()].flat();
  const named = sentences.slice(0, MOST_NAMED);
  const more = sentences.length > MOST_NAMED ? [`... and ${sentences.length - MOST_NAMED} more.`] : [];
  return {
    status: 'failed',
    messages: [...named, ...more],
    problems,
    summary: `${summary} ${problems.size} could not be carried: ${sentences.slice(0, 3).join(' · ')}`,
  };
}

async function record(
  t: Repositories,
  connection: ConnectionParts,
  input: RequestRef,
  row: ErpRequestRow,
  plan: Plan,
  done: readonly Done[],
  problems: ReadonlyMap<string, readonly string[]>,
  result: ClosedRequest['result'],
  now: string,
): Promise<ClosedRequest> {
  const meanwhile = await alreadyClosed(t, input);
  if (meanwhile) return meanwhile;
  const byRecord = new Map(done.map((item) => [item.recordId, item]));
  const rows = plan.operations.flatMap((operation): OperationRow[] => {
    const item = byRecord.get(operation.recordId);
    if (!item) return [];
    const outcome = {
      state: 'confirmed' as const,
      erpKey: item.erpKey,
      reason: null,
      record: item.record,
      at: now,
    };
    return [operationRow(row, plan.hash, operation, outcome)];
  });
  await t.plans.putOperations(rows);
  const stored = await t.plans.latest(input);
  if (stored) await t.plans.setState(stored, 'applied');
  const audit: AuditEntry[] = [];
  for (const item of done) audit.push(...(await linkExported(t, connection, row, plan, item, now)));
  await t.exceptions.resolve({ connectionId: connection.id, requestId: row.requestId }, now);
  const subject = recordIdOf('erp_request', row.requestId);
  for (const [recordId, reasons] of problems) {
    audit.push(
      auditEntry(row, now, 'operation.refused', {
        subject: recordId || subject,
        planHash: plan.hash,
        detail: { reasons },
      }),
    );
  }
  await close(t, input, result.status, result.summary, now, audit);
  const linked = done.map(({ recordId }) => recordId);
  return { result, released: await releasedBy(t, input, linked) };
}

/** Some requests do not name their project: it is that of the record they refer to. */
async function projectOf(
  t: Repositories,
  connectionId: string,
  { entity }: PlannedOperation,
  record: AnyRecord,
): Promise<number | null> {
  if (!isCanonical(record)) return null;
  for (const [field, { refersTo }] of Object.entries(definitionOf(entity).fields)) {
    const key = record.fields[field];
    if (refersTo === undefined || !isEntity(refersTo) || typeof key !== 'string') continue;
    const [link] = await t.links.byErpKeys(connectionId, refersTo, [key]);
    const projectId = refersTo === 'project' ? link?.procoreId : link?.projectId;
    if (typeof projectId === 'number') return projectId;
  }
  return null;
}

/**
 * Ties the Procore record to the ERP record. The link of that ERP record may be further than the write that led to it: it was staged
 * before, or belonged to another record. Another ERP record that it was tied to is let go: one record, one partner.
 */
async function linkExported(
  t: Repositories,
  connection: ConnectionParts,
  row: ErpRequestRow,
  plan: Plan,
  { external, erpKey, record, recordId, generation }: Done,
  now: string,
): Promise<AuditEntry[]> {
  const { entity, procoreId } = external;
  if (procoreId === null) return [];
  const [current] = await t.links.byErpKeys(connection.id, entity, [erpKey]);
  const others = (await t.links.byProcoreIds(connection.id, entity, [procoreId])).filter(
    ({ erpKey: key, state }) => key !== erpKey && state === 'linked',
  );
  const projectId = external.projectId ?? (await projectOf(t, connection.id, external, record));
  const wanted: RecordLink = {
    entity,
    erpKey,
    procoreId,
    state: 'linked',
    generation: Math.max(generation, (current?.generation ?? 0) + 1),
    base: record,
    baseRevision:
      isCanonical(record) && entity !== 'vendor' ? syncRevisionOf(entity, record) : revisionOf(record),
    ...(projectId === null ? {} : { projectId }),
  };
  const changes: readonly RecordLink[] = [
    ...others.map((old) => ({ ...old, state: 'unlinked' as const, generation: old.generation + 1 })),
    wanted,
  ];
  const audit: AuditEntry[] = [];
  for (const link of changes) {
    if (!(await t.links.advance(connection.id, link, now))) continue;
    const { erpKey: key, procoreId: id, state, generation: moved, baseRevision } = link;
    const detail = { erpKey: key, procoreId: id, state, generation: moved, baseRevision };
    audit.push(auditEntry(row, now, 'link.changed', { subject: recordId, planHash: plan.hash, detail }));
  }
  return audit;
}
