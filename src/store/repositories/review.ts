import type { AuditAction, AuditEntry } from '../../domain/audit/chain';
import type { LinkFact, RequestFacts, WriteFact } from '../../domain/audit/compare';
import type { Operation } from '../../domain/plan/operation';
import { OPEN } from './requests';
import type { StoreDialect } from '../column-types';
import { tables } from '../entities';
import type { OperationRow, PlanRow, RecordLinkRow } from '../rows';
import { toEntry } from './audit';
import type { Session } from '../session';
import type { Where } from './table';
import { planRow } from './plans';
import { above, oneOf } from './table';
import type { StoreTables } from './tables';

/** How much the store holds of one connection. */
export interface Holdings {
  readonly requests: number;
  readonly plans: number;
  readonly approvals: number;
  readonly operations: number;
}

const REQUEST = ['id', 'status', 'reason', 'requestedBy'] as const;
const WRITE = ['requestId', 'operationKey', 'recordId', 'erpKey', 'state'] as const;
const LINK = ['id', 'erpKey', 'procoreId', 'state', 'generation', 'erpRevision'] as const;

/** An operation that its table says was written to the ERP. */
export type WriteRow = WriteFact & Pick<OperationRow, 'requestId' | 'recordId'>;

/** What the check of the audit log reads of the other tables: always by pages, because a month-end store is large. */
export class ReviewRepository {
  constructor(
    private readonly tables: StoreTables,
    private readonly dialect: StoreDialect,
    private readonly session: Session,
  ) {}

  /** Every connection that any table speaks of, whether it has a row of its own or not. */
  async connectionIds(): Promise<readonly string[]> {
    const quoted = (name: string): string => (this.dialect === 'mssql' ? `[${name}]` : `"${name}"`);
    const selects = Object.values(tables(this.dialect)).flatMap(({ name, columns }) => {
      if (name === 'connection') return [`SELECT id AS connection_id FROM ${quoted(name)}`];
      return 'connectionId' in columns ? [`SELECT connection_id FROM ${quoted(name)}`] : [];
    });
    const sql = `${selects.join(' UNION ')} ORDER BY connection_id`;
    return this.session.ask({ sql, parameters: [], table: 'connection' }, ({ connection_id: id }) =>
      String(id),
    );
  }

  async holdings(connectionId: string): Promise<Holdings> {
    return {
      requests: await this.tables.syncRequest.count({ connectionId }),
      plans: await this.tables.plan.count({ connectionId }),
      approvals: await this.tables.approval.count({ connectionId }),
      operations: await this.tables.operation.count({ connectionId }),
    };
  }

  /** The next requests by id, after that one (null: the first). */
  async requestIds(connectionId: string, after: string | null, take: number): Promise<readonly string[]> {
    const where = { connectionId, ...(after === null ? {} : { id: above(after) }) };
    const rows = await this.tables.syncRequest.findPart({ where, order: [['id', 'ASC']], take }, ['id']);
    return rows.map(({ id }) => id);
  }

  /** What the tables hold of these requests; those that are gone are absent. */
  async facts(connectionId: string, ids: readonly string[]): Promise<ReadonlyMap<string, RequestFacts>> {
    const of = { connectionId, requestId: oneOf(ids) };
    const requests = await this.tables.syncRequest.findPart(
      { where: { connectionId, id: oneOf(ids) } },
      REQUEST,
    );
    const approvals = grouped(await this.tables.approval.find({ where: of }));
    const writes = grouped(await this.writes(of));
    return new Map(
      requests.map((row) => [
        row.id,
        { ...row, approvals: approvals.get(row.id) ?? [], writes: writes.get(row.id) ?? [] },
      ]),
    );
  }

  /** Operations on these records that were written to the ERP. */
  async writesOn(connectionId: string, recordIds: readonly string[]): Promise<readonly WriteRow[]> {
    return this.writes({ connectionId, recordId: oneOf(recordIds) });
  }

  private async writes(where: Where<OperationRow>): Promise<readonly WriteRow[]> {
    const written = { side: 'erp', state: oneOf(['written', 'confirmed', 'rejected', 'lost']) } as const;
    return this.tables.operation.findPart({ where: { ...where, ...written } }, WRITE);
  }

  /** Entries about these requests, in order. */
  async entries(
    connectionId: string,
    ids: readonly string[],
    actions: readonly AuditAction[],
  ): Promise<ReadonlyMap<string, readonly AuditEntry[]>> {
    const rows = await this.tables.auditEntry.find({
      where: { connectionId, requestId: oneOf(ids), action: oneOf(actions) },
      order: [
        ['seq', 'ASC'],
        ['idx', 'ASC'],
      ],
    });
    const found = new Map<string, AuditEntry[]>();
    for (const row of rows) if (row.requestId !== null) listIn(found, row.requestId).push(toEntry(row));
    return found;
  }

  /** Plans of these requests with their bodies, a few at a time: a body may hold a thousand operations. */
  async plans(
    connectionId: string,
    ids: readonly string[],
    { skip, take }: { readonly skip: number; readonly take: number },
  ): Promise<readonly PlanRow[]> {
    const plans = await this.tables.plan.find({
      where: { connectionId, requestId: oneOf(ids) },
      order: [
        ['requestId', 'ASC'],
        ['page', 'ASC'],
        ['version', 'ASC'],
      ],
      skip,
      take,
    });
    return plans.map(planRow);
  }

  /** Links by their ids. */
  async links(connectionId: string, ids: readonly string[]): Promise<ReadonlyMap<string, LinkFact>> {
    const where: Where<RecordLinkRow> = { connectionId, id: oneOf(ids) };
    const rows = await this.tables.recordLink.findPart({ where }, LINK);
    return new Map(rows.map((row) => [row.id, row]));
  }

  /** The operation of a request that is not closed, by its plan: it may be in the ERP before it is in our store. Null: none plans it. */
  async plannedBy(
    connectionId: string,
    hash: string,
    operationKey: string,
  ): Promise<{ readonly requestId: string; readonly operation: Operation } | null> {
    const open = await this.tables.syncRequest.findPart({ where: { connectionId, status: OPEN } }, ['id']);
    const where = { connectionId, requestId: oneOf(open.map(({ id }) => id)), hash };
    const plans = await this.tables.plan.find({ where });
    for (const { requestId, body } of plans.map(planRow)) {
      const operation = body.operations.find((one) => one.operationKey === operationKey);
      if (operation !== undefined) return { requestId, operation };
    }
    return null;
  }
}

function grouped<Row extends { readonly requestId: string }>(rows: readonly Row[]): Map<string, Row[]> {
  const found = new Map<string, Row[]>();
  for (const row of rows) listIn(found, row.requestId).push(row);
  return found;
}

function listIn<Item>(lists: Map<string, Item[]>, key: string): Item[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}
