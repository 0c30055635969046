import type { Plan } from '../../domain/plan/plan';
import { planIn, planSeal, planText } from '../../domain/plan/stored';
import type { PageRef } from '../../domain/request/flow';
import type { RequestRef } from '../../domain/request/id';
import type { ApprovalRow, OperationRow, PlanRow, SnapshotRow, StoredPlanRow } from '../rows';
import type { Query, Where } from './table';
import { below, newestTogether, oneOf } from './table';
import type { StoreTables } from './tables';

const keyOf = ({ connectionId, id }: RequestRef) => ({ connectionId, requestId: id });

const ofThese = (ref: RequestRef, operations: readonly Pick<OperationRow, 'operationKey'>[]) => ({
  ...keyOf(ref),
  operationKey: oneOf(operations.map(({ operationKey }) => operationKey)),
});

const PLAN_HEAD = ['connectionId', 'requestId', 'page', 'version', 'hash', 'state'] as const;

/** A plan without its body. */
type PlanHead = Pick<PlanRow, (typeof PLAN_HEAD)[number]>;

/** A stored plan, read: once, however often its row is asked for. */
export function planRow(stored: StoredPlanRow): PlanRow {
  const known = read.get(stored);
  if (known !== undefined) return known;
  const { body: text, ...row } = stored;
  const plan = { ...row, body: planIn(text), seal: planSeal(text) };
  read.set(stored, plan);
  return plan;
}
const read = new WeakMap<StoredPlanRow, PlanRow>();

const newestOf = (page: PageRef): Query<StoredPlanRow> => ({
  where: { ...keyOf(page), page: page.page },
  order: [['version', 'DESC']],
  take: 1,
});

const WRITTEN = ['connectionId', 'requestId', 'operationKey', 'recordId', 'erpKey', 'at'] as const;

/** A write that the ERP confirmed. */
export type ErpWritten = Pick<OperationRow, (typeof WRITTEN)[number]>;

const erpWritesOf = (connectionId: string): Where<OperationRow> => ({
  connectionId,
  side: 'erp',
  state: oneOf(['written', 'confirmed']),
});

/** Snapshots, plans, their operations and the decisions on them. */
export class PlanRepository {
  constructor(private readonly tables: Pick<StoreTables, 'plan' | 'snapshot' | 'operation' | 'approval'>) {}

  async putSnapshot(row: SnapshotRow): Promise<void> {
    this.tables.snapshot.put([row]);
  }

  async snapshot(page: PageRef): Promise<SnapshotRow | null> {
    return this.tables.snapshot.findOne({ ...keyOf(page), page: page.page });
  }

  /** The pages that were read, in order, without what was read: a page holds a thousand records. */
  async pagesRead(ref: RequestRef): Promise<readonly Pick<SnapshotRow, 'page' | 'whole'>[]> {
    return this.tables.snapshot.findPart({ where: keyOf(ref), order: [['page', 'ASC']] }, ['page', 'whole']);
  }

  /** Pages that are done and pages that are not, of a request whose pages are dropped when they are done. */
  async progress(ref: RequestRef): Promise<{ readonly done: number; readonly open: number }> {
    const [done, open] = await Promise.all([
      this.tables.plan.count({ ...keyOf(ref), state: 'applied' }),
      this.tables.snapshot.count(keyOf(ref)),
    ]);
    return { done, open };
  }

  async dropSnapshot(page: PageRef): Promise<void> {
    this.tables.snapshot.delete({ ...keyOf(page), page: page.page });
  }

  /** Of all pages. */
  async dropSnapshotsOf(ref: RequestRef): Promise<void> {
    this.tables.snapshot.delete(keyOf(ref));
  }

  async dropSnapshots(ref: RequestRef, beforePage: number): Promise<void> {
    if (beforePage > 0) this.tables.snapshot.delete({ ...keyOf(ref), page: below(beforePage) });
  }

  /** The newest plan of a page of a request. */
  async latest(page: PageRef): Promise<PlanRow | null> {
    const [plan] = await this.tables.plan.find(newestOf(page));
    return plan === undefined ? null : planRow(plan);
  }

  /** Which plan is the newest of a page, without its body. */
  async newest(page: PageRef): Promise<PlanHead | null> {
    const [plan] = await this.tables.plan.findPart(newestOf(page), PLAN_HEAD);
    return plan ?? null;
  }

  async all(ref: RequestRef): Promise<PlanRow[]> {
    const plans = await this.tables.plan.find({
      where: keyOf(ref),
      order: [
        ['page', 'ASC'],
        ['version', 'ASC'],
      ],
    });
    return plans.map(planRow);
  }

  /** Plans of pages that are done, by page. */
  async applied(ref: RequestRef): Promise<PlanRow[]> {
    const where = { ...keyOf(ref), state: 'applied' as const };
    return (await this.tables.plan.find({ where, order: [['page', 'ASC']] })).map(planRow);
  }

  /**
   * Stores a plan. The same plan again (same hash as the newest) changes nothing that was approved; another one supersedes it. `isNew`: what is
   * stored now is not what was stored before. `seal`: of what is stored.
   */
  async add(
    page: PageRef,
    plan: Plan,
    now: string,
  ): Promise<{ readonly version: number; readonly isNew: boolean; readonly seal: string }> {
    const [last] = await this.tables.plan.find(newestOf(page));
    const { hash, ...rest } = plan;
    const body = planText(rest);
    const seal = planSeal(body);
    const key = { ...keyOf(page), page: page.page };
    if (last?.hash === hash) {
      // What is not part of the hash (a generation) may be newer.
      const isNew = last.body !== body;
      if (isNew) this.tables.plan.update({ ...key, version: last.version }, { body });
      return { version: last.version, isNew, seal };
    }
    if (last) await this.setState(last, 'superseded');
    const version = (last?.version ?? 0) + 1;
    this.tables.plan.insert([{ ...key, version, hash, body, state: 'built', builtAt: now }]);
    return { version, isNew: true, seal };
  }

  async setState(plan: PlanHead, state: PlanRow['state']): Promise<void> {
    const { connectionId, requestId, page, version } = plan;
    this.tables.plan.update({ connectionId, requestId, page, version }, { state });
  }

  /** Inserts or updates operations of one request. */
  async putOperations(rows: readonly OperationRow[]): Promise<void> {
    this.tables.operation.put([...new Map(rows.map((row) => [row.operationKey, row])).values()]);
  }

  async operations(ref: RequestRef): Promise<OperationRow[]> {
    return this.tables.operation.find({ where: keyOf(ref), order: [['operationKey', 'ASC']] });
  }

  /** What was recorded of the operations of one plan, or was written under another one. A request of a hundred pages has a hundred thousand others. */
  async operationsOf(
    ref: RequestRef,
    { hash, operations }: Pick<Plan, 'hash' | 'operations'>,
  ): Promise<OperationRow[]> {
    const rows = await this.tables.operation.find({ where: ofThese(ref, operations) });
    return rows.filter(
      ({ planHash, state }) => planHash === hash || state === 'written' || state === 'confirmed',
    );
  }

  /** Which operations there are and what became of them, without their records; of some where they are given. */
  async operationStates(
    ref: RequestRef,
    operations?: readonly Pick<OperationRow, 'operationKey'>[],
  ): Promise<Pick<OperationRow, 'operationKey' | 'recordId' | 'state' | 'reason'>[]> {
    const columns = ['operationKey', 'recordId', 'state', 'reason'] as const;
    const where = operations === undefined ? keyOf(ref) : ofThese(ref, operations);
    return this.tables.operation.findPart({ where }, columns);
  }

  /** Operations on one record, newest first, from before this time on; those of one moment come together. */
  async onRecord(
    connectionId: string,
    recordIds: readonly string[],
    before: string | null,
    take: number,
  ): Promise<readonly OperationRow[]> {
    const where = { connectionId, recordId: oneOf(recordIds) };
    return newestTogether(this.tables.operation, { where, time: 'at', tie: 'operationKey' }, before, take);
  }

  /** The newest writes that the ERP confirmed, newest first. */
  async lastErpWrites(connectionId: string, take: number): Promise<ErpWritten[]> {
    return this.tables.operation.findPart(
      { where: erpWritesOf(connectionId), order: [['at', 'DESC']], take },
      WRITTEN,
    );
  }

  /** Every write that the ERP confirmed, a page at a time, oldest first. */
  async *erpWrites(connectionId: string, pageSize = 500): AsyncGenerator<readonly ErpWritten[]> {
    for (let skip = 0; ; skip += pageSize) {
      const where = erpWritesOf(connectionId);
      const order = [
        ['at', 'ASC'],
        ['operationKey', 'ASC'],
      ] as const;
      const page = await this.tables.operation.findPart({ where, order, skip, take: pageSize }, WRITTEN);
      if (page.length > 0) yield page;
      if (page.length < pageSize) return;
    }
  }

  /** Operations of the ERP's side by their keys; of one that several requests have, the newest comes last. */
  async erpOperations(
    connectionId: string,
    wanted: readonly Pick<OperationRow, 'operationKey' | 'recordId'>[],
  ): Promise<OperationRow[]> {
    const recordId = oneOf([...new Set(wanted.map((one) => one.recordId))]);
    const operationKey = oneOf(wanted.map((one) => one.operationKey));
    return this.tables.operation.find({
      where: { connectionId, side: 'erp', recordId, operationKey },
      order: [['at', 'ASC']],
    });
  }

  /** The ERP rejected an operation that it had accepted. */
  async noteRejected(
    {
      connectionId,
      requestId,
      operationKey,
    }: Pick<OperationRow, 'connectionId' | 'requestId' | 'operationKey'>,
    reason: string,
  ): Promise<void> {
    this.tables.operation.update({ connectionId, requestId, operationKey }, { state: 'rejected', reason });
  }

  /** The ERP lost what an operation wrote. */
  async noteLost(
    operation: Pick<OperationRow, 'connectionId' | 'requestId' | 'operationKey'>,
    reason: string,
  ): Promise<void> {
    const { connectionId, requestId, operationKey } = operation;
    this.tables.operation.update({ connectionId, requestId, operationKey }, { state: 'lost', reason });
  }

  /** Keeps a decision, for lists: what counts is its entry in the audit log. An approved plan may still be given up later. */
  async decide(row: ApprovalRow): Promise<void> {
    this.tables.approval.put([row]);
  }

  /** The decision that holds for a plan: a rejection outweighs an approval, a person outweighs a rule. */
  async approval(ref: RequestRef, planHash: string): Promise<ApprovalRow | null> {
    const decision = oneOf(['approved', 'rejected']);
    const all = await this.tables.approval.find({ where: { ...keyOf(ref), planHash, decision } });
    const byPerson = all.find(({ decidedBy }) => !decidedBy.startsWith('rule:'));
    return all.find(({ decision }) => decision === 'rejected') ?? byPerson ?? all[0] ?? null;
  }

  async approvalsOf(ref: RequestRef): Promise<ApprovalRow[]> {
    return this.tables.approval.find({ where: keyOf(ref), order: [['at', 'ASC']] });
  }
}
