import type { EntityManager } from 'typeorm';
import { LessThan } from 'typeorm';
import type { Plan } from '../../domain/plan/plan';
import type { ApprovalRow, OperationRow, PlanRow, SnapshotRow } from '../rows';
import { TableAccess } from './table';

interface RequestKey {
  readonly connectionId: string;
  readonly requestId: number;
}

/** Snapshots, plans, their operations and the decisions on them. */
export class PlanRepository {
  private readonly plans: TableAccess<PlanRow>;
  private readonly snapshots: TableAccess<SnapshotRow>;
  private readonly operationTable: TableAccess<OperationRow>;
  private readonly approvals: TableAccess<ApprovalRow>;

  constructor(manager: EntityManager) {
    this.plans = new TableAccess(manager, 'plan', ['connectionId', 'requestId', 'page', 'version']);
    this.snapshots = new TableAccess(manager, 'snapshot', ['connectionId', 'requestId', 'page']);
    this.operationTable = new TableAccess(manager, 'operation', [
      'connectionId',
      'requestId',
      'operationKey',
    ]);
    this.approvals = new TableAccess(manager, 'approval', [
      'connectionId',
      'requestId',
      'planHash',
      'decision',
      'decidedBy',
    ]);
  }

  async putSnapshot(row: SnapshotRow): Promise<void> {
    await this.snapshots.put(row);
  }

  async snapshot({ connectionId, requestId }: RequestKey, page: number): Promise<SnapshotRow | null> {
    return this.snapshots.findOne({ connectionId, requestId, page });
  }

  async dropSnapshots({ connectionId, requestId }: RequestKey, beforePage: number): Promise<void> {
    await this.snapshots.delete({ connectionId, requestId, page: LessThan(beforePage) });
  }

  /** The newest plan of a page of a request. */
  async latest({ connectionId, requestId }: RequestKey, page = 0): Promise<PlanRow | null> {
    const [plan] = await this.plans.find({
      where: { connectionId, requestId, page },
      order: { version: 'DESC' },
      take: 1,
    });
    return plan ?? null;
  }

  async all({ connectionId, requestId }: RequestKey): Promise<PlanRow[]> {
    return this.plans.find({ where: { connectionId, requestId }, order: { page: 'ASC', version: 'ASC' } });
  }

  /** Stores a plan. The same plan again (same hash as the newest) changes nothing; another one supersedes it. */
  async add(
    key: RequestKey,
    page: number,
    plan: Plan,
    now: string,
  ): Promise<{ version: number; isNew: boolean }> {
    const { connectionId, requestId } = key;
    const last = await this.latest(key, page);
    const { hash, ...body } = plan;
    if (last?.hash === hash) {
      // What is not part of the hash (notes, generation) may be newer.
      const { connectionId, requestId, version } = last;
      await this.plans.update({ connectionId, requestId, page, version }, { body });
      return { version, isNew: false };
    }
    if (last) await this.setState(last, 'superseded');
    const version = (last?.version ?? 0) + 1;
    await this.plans.insert([
      { connectionId, requestId, page, version, hash, body, state: 'built', builtAt: now },
    ]);
    return { version, isNew: true };
  }

  async setState(plan: PlanRow, state: PlanRow['state']): Promise<void> {
    const { connectionId, requestId, page, version } = plan;
    await this.plans.update({ connectionId, requestId, page, version }, { state });
  }

  /** Inserts or updates the operations of one request. */
  async putOperations(rows: readonly OperationRow[]): Promise<void> {
    const [first] = rows;
    if (!first) return;
    const known = new Set((await this.operations(first)).map(({ operationKey }) => operationKey));
    await this.operationTable.insert(rows.filter(({ operationKey }) => !known.has(operationKey)));
    for (const row of rows.filter(({ operationKey }) => known.has(operationKey)))
      await this.operationTable.put(row);
  }

  async operations({ connectionId, requestId }: RequestKey): Promise<OperationRow[]> {
    return this.operationTable.find({ where: { connectionId, requestId }, order: { operationKey: 'ASC' } });
  }

  /** Records a decision once; false when the same was recorded before. An approved plan may still be given up later. */
  async decide(row: ApprovalRow): Promise<boolean> {
    const { connectionId, requestId, planHash, decision, decidedBy } = row;
    if ((await this.approvals.count({ connectionId, requestId, planHash, decision, decidedBy })) > 0)
      return false;
    await this.approvals.insert([row]);
    return true;
  }

  /** The decision that holds for a plan: a rejection outweighs an approval, a person outweighs a rule. */
  async approval({ connectionId, requestId }: RequestKey, planHash: string): Promise<ApprovalRow | null> {
    const all = await this.approvals.find({ where: { connectionId, requestId, planHash } });
    const byPerson = all.find(({ decidedBy }) => !decidedBy.startsWith('rule:'));
    return all.find(({ decision }) => decision === 'rejected') ?? byPerson ?? all[0] ?? null;
  }

  async approvalsOf({ connectionId, requestId }: RequestKey): Promise<ApprovalRow[]> {
    return this.approvals.find({ where: { connectionId, requestId }, order: { at: 'ASC' } });
  }
}
