import { TiebackError } from '../../domain/base/errors';
import { inShort } from '../../domain/base/text';
import { revisionOf } from '../../domain/base/identity';
import type { CanonicalRecord, Fields, FieldValue } from '../../domain/kinds/record';
import type { ErpWrite, SetExternalData } from '../../domain/plan/operation';
import { isErpWrite, isTie } from '../../domain/plan/operation';
import type { Plan } from '../../domain/plan/plan';
import { recordIdOfPending } from '../../domain/plan/references';
import type { ApprovedRef, ErpWriteView, Interruption } from '../../domain/request/flow';
import type { LedgerEntry, WriteResult } from '../../erp-adapters/contract/adapter';
import type { RecordExport } from '../../domain/request/intent';
import type { SyncRequestRow } from '../../store/rows';
import type { ActivityDeps, ConnectionParts } from '../deps';
import { capabilityOf, connectionOf } from '../deps';
import { assertInForce, policyNow, requesterOf } from '../approval';
import { mayWrite } from '../census';
import { ahead, approvedPlan, asWay, inHandOf } from '../in-hand';
import { auditEntry } from '../record/entry';
import { notingIncidents } from '../record/incident';
import type { OperationResult } from '../record/outcome';
import { NOTHING_HAPPENED, recordOutcome } from '../record/outcome';
import { settle } from '../step';
import { FENCE, Fence } from './fence';
import { nameOfRecord } from './name';
import { planFrom } from './plan';
import { exportSubject, linksOfExport, lookForExport } from './read';

/** Runs on the ERP queue. */
export const writeErpActivities = (deps: ActivityDeps, fence = new Fence(deps)) => ({
  /**
   * Writes the approved plan to the ERP. First asks the ledger what is written already; unless that is everything, the plan is rebuilt
   * from fresh reads and must have the approved hash. The adapter repeats the ledger check inside each of its transactions.
   */
  async writeErp(input: ApprovedRef): Promise<ErpWriteView | Interruption> {
    const connection = connectionOf(deps, input.connectionId);
    return settle(async () => {
      const { row, intent, plan, decision, requestedBy, policy, subject, allowed, last } =
        await notingIncidents(deps, input, () =>
          deps.store.read('export.approved', async (t) => {
            await ahead(
              t.requests.get(input),
              t.requests.reading(input),
              t.plans.latest(input),
              t.audit.sealed(input, { planHash: input.planHash }),
              t.plans.operations(input),
              t.plans.lastErpWrites(connection.id, FENCE),
              mayWrite(t, connection),
              requesterOf(t, input),
              policyNow(t, connection, deps.people.keys),
            );
            const inHand = asWay(await inHandOf(t, connection, input), 'export');
            const [{ plan, decision, requestedBy }, subject] = await Promise.all([
              approvedPlan(t, input, 'export', deps.people.keys),
              exportSubject(t, inHand),
            ]);
            return {
              row: inHand.row,
              intent: inHand.intent,
              plan,
              decision,
              requestedBy,
              policy: await policyNow(t, connection, deps.people.keys),
              subject,
              allowed: await mayWrite(t, connection),
              last: await t.plans.lastErpWrites(connection.id, FENCE),
            };
          }),
        );
      const wanted = plan.operations.filter(isErpWrite).map(({ operationKey }) => operationKey);
      const written = wanted.length === 0 ? [] : await connection.erp.ledger.find(wanted);
      if (!allowed) throw new TiebackError('FOREIGN_ORIGINS', { found: 'the origin_ids in Procore' });
      if (written.length < wanted.length) await fence.assertNotOlder(connection, last);
      // What is in the ERP already is finished, whoever may approve now.
      if (written.length === 0) assertInForce({ policy, row, plan, requestedBy }, decision);
      // What is written is the plan built just now: its hash is the approved one, whatever lies in our store.
      const current =
        wanted.length > 0 && written.length === wanted.length
          ? plan
          : await rebuilt(deps, connection, input, {
              intent,
              look: () => lookForExport(connection, subject),
            });
      if (typeof current === 'string') return planMoved(deps, input, current);
      return new Writing(deps, connection, row, current, written).all(input);
    });
  },
});

/** The plan as it would be made now; a sentence when it is not the approved one any more. */
async function rebuilt(
  deps: ActivityDeps,
  connection: ConnectionParts,
  input: ApprovedRef,
  { intent, look }: { readonly intent: RecordExport; readonly look: () => ReturnType<typeof lookForExport> },
): Promise<Plan | string> {
  const fresh = await look();
  const planned = await deps.store.read('export.rebuild', async (t) => {
    await ahead(t.requests.get(input), t.requests.reading(input), linksOfExport(t, connection.id, intent));
    const inHand = asWay(await inHandOf(t, connection, input), 'export');
    return planFrom(t, inHand, fresh);
  });
  if (planned.kind === 'refused') return inShort(planned.problems);
  if (planned.kind === 'held') return inShort(planned.waits.map(({ reason }) => reason));
  const same = planned.plan.hash === input.planHash;
  return same ? planned.plan : 'The ERP or the links changed after the plan was approved.';
}

/** Notes that an approved plan does not hold any more; a repetition of the step adds nothing. */
async function planMoved(deps: ActivityDeps, input: ApprovedRef, reason: string): Promise<ErpWriteView> {
  await deps.store.transaction('export.moved', input.connectionId, async (t) => {
    const row = await t.requests.get(input);
    if (row.status !== 'applying') return;
    await t.requests.setStatus(row, 'planning', reason, deps.now());
    const more = { planHash: input.planHash, detail: { reason } };
    await t.audit.append(input.connectionId, [auditEntry(row, deps.now(), 'plan.moved', more)]);
  });
  return { kind: 'moved', reason };
}

/** Writes the records of one plan in order, and notes those that are there already. */
class Writing {
  private readonly keys = new Map<string, string>();

  constructor(
    private readonly deps: ActivityDeps,
    private readonly connection: ConnectionParts,
    private readonly row: SyncRequestRow,
    private readonly plan: Plan,
    /** What the ledger had of it before. */
    private readonly before: readonly LedgerEntry[],
  ) {}

  /** One that the ERP refuses does not stop the others of the same request. */
  async all(input: ApprovedRef): Promise<ErpWriteView | Interruption> {
    const writes = this.plan.operations.filter(isErpWrite);
    const names: string[] = [];
    let refusal: Interruption | null = null;
    for (const operation of writes) {
      const result = await this.write(operation);
      switch (result.status) {
        case 'busy':
          return { kind: 'busy', reason: result.reason, retryAfterMs: result.retryAfterMs };
        case 'moved':
          return planMoved(this.deps, input, result.reason);
        case 'taken': {
          const { recordId: record, generation } = operation;
          const reason = `operation ${result.by.operationKey}`;
          throw new TiebackError('ERP_RECORD_TAKEN', { record, generation, reason });
        }
        case 'refused':
          await this.record([this.refusedResult(operation, result.error)]);
          refusal ??= { kind: 'stopped', error: result.error };
          break;
        default: {
          await this.record([writtenResult(operation, result)]);
          this.keys.set(operation.recordId, result.erpKey);
          const verb = operation.action === 'update' ? 'was brought up to date' : 'was created';
          names.push(`${nameOfRecord(operation.kind, result.erpKey, result.record)} ${verb} in the ERP.`);
        }
      }
    }
    const isWritten = new Set(writes.map(({ recordId }) => recordId));
    const noted = await this.noteExisting(
      this.plan.operations.filter(isTie).filter(({ recordId }) => !isWritten.has(recordId)),
    );
    if (typeof noted === 'string') return planMoved(this.deps, input, noted);
    names.push(...noted);
    if (refusal && names.length === 0) return refusal;
    const [only = ''] = names;
    return {
      kind: 'written',
      summary: names.length === 1 ? only : `${names.length} records were written to the ERP.`,
    };
  }

  /** What the ledger has was accepted before, and is rejected. */
  private refusedResult(
    operation: ErpWrite,
    { code, message: reason }: Extract<WriteResult, { status: 'refused' }>['error'],
  ): OperationResult {
    const { operationKey } = operation;
    const erpKey = this.before.find((entry) => entry.operationKey === operationKey)?.erpKey ?? null;
    const state = erpKey === null ? 'refused' : 'rejected';
    const detail = { code, reason, operation: operationKey, ...(erpKey === null ? {} : { erpKey }) };
    return {
      operation,
      state,
      erpKey,
      reason,
      record: null,
      told: { action: 'operation.refused', detail },
    };
  }

  private async write(operation: ErpWrite): Promise<WriteResult> {
    const record = withKeys(operation.record, this.keys);
    if (typeof record === 'string') {
      return { status: 'refused', error: new TiebackError('RECORD_REFUSED', { reason: record }).toShape() };
    }
    const { operationKey, recordId, generation, targetRevision, action, erpKey } = operation;
    const expected = action === 'update' ? seenBy(operation) : null;
    const write = { operationKey, recordId, generation, targetRevision, action, erpKey, record, expected };
    const [result] = await capabilityOf(this.connection, operation.kind).write([
      { ...write, planHash: this.plan.hash },
    ]);
    if (!result) throw new Error('the ERP adapter gave no result for the operation');
    return result;
  }

  /** Records that are tied to without a write: remembered as they are now. A sentence when one is gone. */
  private async noteExisting(ties: readonly SetExternalData[]): Promise<readonly string[] | string> {
    const results: OperationResult[] = [];
    const names: string[] = [];
    for (const tie of ties) {
      const { kind, erpKey } = tie;
      const [found] = erpKey === null ? [] : await capabilityOf(this.connection, kind).read([erpKey]);
      if (!found || found.state === 'void') return `${tie.target}: the ERP record is not there any more.`;
      const record = withPlannedLines(found.record, tie.record);
      results.push({ operation: tie, state: 'planned', erpKey: found.key, reason: null, record });
      names.push(`${nameOfRecord(kind, found.key, record)} was already in the ERP and is linked now.`);
    }
    if (results.length > 0) await this.record(results);
    return names;
  }

  /** A repetition of what was recorded before adds nothing. */
  private record(results: readonly OperationResult[]): Promise<void> {
    return this.deps.store.transaction('export.written', this.row.connectionId, async (t) => {
      await ahead(t.requests.get(this.row), t.plans.operationStates(this.row));
      const before = new Map(
        (await t.plans.operationStates(this.row)).map((row) => [row.operationKey, row.state]),
      );
      const fresh = results.filter(({ operation, state }) => {
        const known = before.get(operation.operationKey);
        if (known === 'rejected') return false;
        return state !== 'written' || (known !== 'written' && known !== 'confirmed');
      });
      if (fresh.length === 0) return;
      const about = { row: this.row, plan: this.plan, page: 0 };
      await recordOutcome(t, about, { ...NOTHING_HAPPENED, results: fresh }, { now: this.deps.now() });
    });
  }
}

const writtenResult = (
  operation: ErpWrite,
  { erpKey, record, replayed, status }: Extract<WriteResult, { erpKey: string }>,
): OperationResult => ({
  operation,
  state: 'written',
  erpKey,
  reason: null,
  record,
  told: {
    action: replayed ? 'operation.adopted' : 'operation.written',
    detail: {
      operation: operation.operationKey,
      status,
      erpKey,
      replayed,
      recordRevision: revisionOf(record),
      targetRevision: operation.targetRevision,
    },
  },
});

/** The record with the keys of what this request wrote before it; a sentence when one of those was not written. */
function withKeys(record: CanonicalRecord, keys: ReadonlyMap<string, string>): CanonicalRecord | string {
  const fields: Record<string, FieldValue> = {};
  for (const [field, value] of Object.entries(record.fields)) {
    const pending = typeof value === 'string' ? recordIdOfPending(value) : null;
    const key = pending === null ? value : keys.get(pending);
    if (key === undefined) return `${pending} of the same request was not written`;
    fields[field] = key;
  }
  return { fields, lines: record.lines };
}

/** Old values of the header, as the plan showed them. */
const seenBy = ({ changes, record }: ErpWrite): Fields =>
  Object.fromEntries(
    changes.filter(({ field }) => Object.hasOwn(record.fields, field)).map(({ field, old }) => [field, old]),
  );

/** The plan gave the lines the numbers and ids of Procore; the ERP knows them by its keys. */
function withPlannedLines(found: CanonicalRecord, planned: CanonicalRecord): CanonicalRecord {
  const byKey = new Map(planned.lines.map((line) => [line.erpKey, line]));
  const lines = found.lines.map((line) => {
    const known = byKey.get(line.erpKey);
    return known ? { ...line, number: known.number, procoreId: known.procoreId } : line;
  });
  return { fields: found.fields, lines };
}
