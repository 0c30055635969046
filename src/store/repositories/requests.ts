import type { EntityManager } from 'typeorm';
import { In, LessThan, MoreThanOrEqual, Not } from 'typeorm';
import type { RequestStatus } from '../../domain/request/status';
import { FINAL_STATUSES, isFinal, mayFollow } from '../../domain/request/status';
import type { ErpRequestRow, IntakeEventRow } from '../rows';
import { TableAccess } from './table';

const CHUNK = 500;

/** ERP requests and the intake events that brought them. */
export class RequestRepository {
  private readonly table: TableAccess<ErpRequestRow>;
  private readonly events: TableAccess<IntakeEventRow>;

  constructor(manager: EntityManager) {
    this.table = new TableAccess(manager, 'erpRequest', ['connectionId', 'requestId']);
    this.events = new TableAccess(manager, 'intakeEvent', ['connectionId', 'eventId']);
  }

  /** Stores an intake event; false when it was there already (Procore delivers some events twice). */
  async addEvent(event: IntakeEventRow): Promise<boolean> {
    if ((await this.events.count({ connectionId: event.connectionId, eventId: event.eventId })) > 0)
      return false;
    await this.events.insert([event]);
    return true;
  }

  async hasEvent(connectionId: string, eventId: string): Promise<boolean> {
    return (await this.events.count({ connectionId, eventId })) > 0;
  }

  /** Intake events that led to these requests. */
  async eventsOf(connectionId: string, requestIds: readonly number[]): Promise<IntakeEventRow[]> {
    const events: IntakeEventRow[] = [];
    for (let start = 0; start < requestIds.length; start += CHUNK) {
      const requestId = In(requestIds.slice(start, start + CHUNK));
      events.push(...(await this.events.find({ where: { connectionId, requestId } })));
    }
    return events;
  }

  /** The highest number from `first` on, of all connections: numbers of our own are not given out twice. */
  async highestFrom(first: number): Promise<number | null> {
    const where = { requestId: MoreThanOrEqual(first) };
    const [row] = await this.table.find({ where, order: { requestId: 'DESC' }, take: 1 });
    return row?.requestId ?? null;
  }

  /** Requests with a number from `first` on that were closed at or after this time. */
  async closedSince(connectionId: string, first: number, time: string): Promise<ErpRequestRow[]> {
    const where = { connectionId, requestId: MoreThanOrEqual(first), closedAt: MoreThanOrEqual(time) };
    return this.table.find({ where, order: { requestId: 'ASC' } });
  }

  /** Registers a request that is new to us; false when it is known. */
  async add(request: ErpRequestRow): Promise<boolean> {
    if (await this.find(request.connectionId, request.requestId)) return false;
    await this.table.insert([request]);
    return true;
  }

  async find(connectionId: string, requestId: number): Promise<ErpRequestRow | null> {
    return this.table.findOne({ connectionId, requestId });
  }

  async get(connectionId: string, requestId: number): Promise<ErpRequestRow> {
    const row = await this.find(connectionId, requestId);
    if (!row) throw new Error(`ERP request ${requestId} of connection "${connectionId}" is not in the store`);
    return row;
  }

  /** Moves a request to a status; an illegal transition is a programming error, a repeated one does nothing. */
  async setStatus(
    request: ErpRequestRow,
    status: RequestStatus,
    reason: string | null,
    now: string,
  ): Promise<void> {
    if (!mayFollow(request.status, status)) {
      throw new Error(`ERP request ${request.requestId} cannot go from ${request.status} to ${status}`);
    }
    await this.update(request, {
      status,
      reason,
      updatedAt: now,
      ...(isFinal(status) ? { closedAt: request.closedAt ?? now } : {}),
    });
  }

  async update(
    key: Pick<ErpRequestRow, 'connectionId' | 'requestId'>,
    values: Partial<ErpRequestRow>,
  ): Promise<void> {
    await this.table.update({ connectionId: key.connectionId, requestId: key.requestId }, values);
  }

  /** Requests that have no workflow yet, oldest first. */
  async unstarted(connectionId: string, take: number): Promise<ErpRequestRow[]> {
    return this.table.find({ where: { connectionId, started: false }, order: { requestId: 'ASC' }, take });
  }

  /** Requests that are not closed: after a restart, or after the Temporal server was emptied, their workflows must exist. */
  async open(connectionId: string): Promise<ErpRequestRow[]> {
    return this.table.find({
      where: { connectionId, status: Not(In([...FINAL_STATUSES])) },
      order: { requestId: 'ASC' },
    });
  }

  /** Open requests about a record that came before this one: requests about one record are worked on in the order they came. */
  async openBefore(
    { connectionId, requestId }: Pick<ErpRequestRow, 'connectionId' | 'requestId'>,
    recordId: string,
  ): Promise<ErpRequestRow[]> {
    const before = { connectionId, recordId, requestId: LessThan(requestId) };
    return this.table.find({
      where: { ...before, status: Not(In([...FINAL_STATUSES])) },
      order: { requestId: 'ASC' },
    });
  }

  /** Open requests about any of these records. */
  async openAbout(connectionId: string, recordIds: readonly string[]): Promise<ErpRequestRow[]> {
    const where = { connectionId, recordId: In([...recordIds]), status: Not(In([...FINAL_STATUSES])) };
    return recordIds.length === 0 ? [] : this.table.find({ where, order: { requestId: 'ASC' } });
  }

  /** Newest first. */
  async list(filter: {
    connectionId?: string;
    status?: RequestStatus;
    open?: boolean;
    take: number;
  }): Promise<ErpRequestRow[]> {
    const status = filter.status ?? (filter.open === true ? Not(In([...FINAL_STATUSES])) : undefined);
    return this.table.find({
      where: {
        ...(filter.connectionId === undefined ? {} : { connectionId: filter.connectionId }),
        ...(status === undefined ? {} : { status }),
      },
      order: { requestId: 'DESC', connectionId: 'ASC' },
      take: filter.take,
    });
  }

  /** All connections that have a request with this number. */
  async byNumber(requestId: number): Promise<ErpRequestRow[]> {
    return this.table.find({ where: { requestId }, order: { connectionId: 'ASC' } });
  }
}
