import type { RequestRef, Source } from '../../domain/request/id';
import { requestWords } from '../../domain/request/id';
import type { Kind } from '../../domain/kinds';
import type { Rested, RequestStatus } from '../../domain/request/status';
import { FINAL_STATUSES, isFinal, isResting, mayFollow } from '../../domain/request/status';
import { listedBy } from '../../domain/request/listed';
import type { IntakeEventRow, RequestBodyRow, SyncRequestRow } from '../rows';
import { below, chosenBy, either, from, holding, newestTogether, noneOf, oneOf } from './table';
import type { StoreTables } from './tables';

export const OPEN = noneOf(FINAL_STATUSES);

/** What people filter a list of requests by. */
export interface RequestFilter {
  readonly connectionId?: string;
  readonly status?: RequestStatus;
  readonly open?: boolean;
  /** Procore's name of the event. */
  readonly eventName?: string;
  readonly kind?: Kind;
  /** Procore projects that they are about. */
  readonly projects?: readonly number[];
  /** Words that all must occur in titles, numbers, names or ids. */
  readonly search?: string;
  readonly take: number;
}

/** Sync requests, their bodies, and the intake events that brought them. */
export class RequestRepository {
  constructor(
    private readonly tables: Pick<StoreTables, 'syncRequest' | 'requestBody' | 'intakeEvent' | 'operation'>,
  ) {}

  /** Which of these requests are known. */
  async knownIds(connectionId: string, ids: readonly string[]): Promise<ReadonlySet<string>> {
    const where = { connectionId, id: oneOf(ids) };
    return new Set((await this.tables.syncRequest.findPart({ where }, ['id'])).map(({ id }) => id));
  }

  /** Which of these intake events are known. */
  async knownEvents(connectionId: string, eventIds: readonly string[]): Promise<ReadonlySet<string>> {
    const where = { connectionId, eventId: oneOf(eventIds) };
    return new Set(
      (await this.tables.intakeEvent.findPart({ where }, ['eventId'])).map(({ eventId }) => eventId),
    );
  }

  /** Stores requests that are new, with the events that brought them and the bodies that are there. */
  addAll(
    requests: readonly SyncRequestRow[],
    events: readonly IntakeEventRow[],
    bodies: readonly RequestBodyRow[],
  ): void {
    this.tables.syncRequest.insert(requests.map(listed));
    this.tables.intakeEvent.insert(events);
    this.tables.requestBody.insert(bodies);
  }

  /** Stores an intake event; false when it was there already (Procore delivers some events twice). */
  async addEvent(event: IntakeEventRow): Promise<boolean> {
    if (await this.hasEvent(event.connectionId, event.eventId)) return false;
    this.tables.intakeEvent.insert([event]);
    return true;
  }

  /** When the newest webhook came; null: none did. */
  async lastWebhook(connectionId: string): Promise<string | null> {
    // Deliveries are named by ULIDs, which grow with time and stand before what we name ourselves.
    const where = { connectionId, source: 'webhook' as const, eventId: below('a') };
    const [last] = await this.tables.intakeEvent.findPart({ where, order: [['eventId', 'DESC']], take: 1 }, [
      'receivedAt',
    ]);
    return last?.receivedAt ?? null;
  }

  async hasEvent(connectionId: string, eventId: string): Promise<boolean> {
    return (await this.tables.intakeEvent.count({ connectionId, eventId })) > 0;
  }

  /** Intake events that led to these requests. */
  async eventsOf(connectionId: string, requestIds: readonly string[]): Promise<IntakeEventRow[]> {
    return this.tables.intakeEvent.find({ where: { connectionId, requestId: oneOf(requestIds) } });
  }

  /** The next number of a source that counts its requests itself; take it in the transaction that stores the request. */
  async nextPosition(connectionId: string, source: Source): Promise<number> {
    return (await this.newestPosition(connectionId, source)) + 1;
  }

  /** The highest number that a source gave to a request of ours; 0: none. */
  async newestPosition(connectionId: string, source: Source): Promise<number> {
    const [last] = await this.tables.syncRequest.findPart(
      { where: { connectionId, source }, order: [['position', 'DESC']], take: 1 },
      ['position'],
    );
    return last?.position ?? 0;
  }

  /** Requests of a source that were closed at or after this time. */
  async closedSince(connectionId: string, source: Source, time: string): Promise<SyncRequestRow[]> {
    const where = { connectionId, source, closedAt: from(time) };
    return this.tables.syncRequest.find({ where, order: [['position', 'ASC']] });
  }

  /** Ids of the requests of a source that were made at or after this time. */
  async madeSince(connectionId: string, source: Source, time: string): Promise<readonly string[]> {
    const where = { connectionId, source, receivedAt: from(time) };
    return (await this.tables.syncRequest.findPart({ where }, ['id'])).map(({ id }) => id);
  }

  /** Registers a request that is new to us; false when it is known. */
  async add(request: SyncRequestRow): Promise<boolean> {
    if (await this.find(request)) return false;
    this.tables.syncRequest.insert([listed(request)]);
    return true;
  }

  async find({ connectionId, id }: RequestRef): Promise<SyncRequestRow | null> {
    return this.tables.syncRequest.findOne({ connectionId, id });
  }

  async get(ref: RequestRef): Promise<SyncRequestRow> {
    const row = await this.find(ref);
    if (!row)
      throw new Error(`${requestWords(ref.id)} of connection "${ref.connectionId}" is not in the store`);
    return row;
  }

  /** The body of a request, and what it was read as; null until it was fetched. */
  async body({ connectionId, id }: RequestRef): Promise<RequestBodyRow | null> {
    return this.tables.requestBody.findOne({ connectionId, requestId: id });
  }

  /** What its body was read as, without the body; null until it was fetched. */
  async reading({
    connectionId,
    id,
  }: RequestRef): Promise<Pick<RequestBodyRow, 'reading' | 'readerVersion'> | null> {
    const where = { connectionId, requestId: id };
    const [row] = await this.tables.requestBody.findPart({ where }, ['reading', 'readerVersion']);
    return row ?? null;
  }

  async keepBody(row: RequestBodyRow): Promise<void> {
    this.tables.requestBody.put([row]);
  }

  /** Moves a request to a status; an illegal transition is a programming error, a repeated one does nothing. */
  async setStatus(
    request: SyncRequestRow,
    status: RequestStatus,
    reason: string | null,
    now: string,
    more: Partial<SyncRequestRow> = {},
  ): Promise<void> {
    if (!mayFollow(request.status, status)) {
      throw new Error(`${requestWords(request.id)} cannot go from ${request.status} to ${status}`);
    }
    const { connectionId, id, status: before } = request;
    const values = {
      ...sinceWhen(request, { status, reason }, now),
      ...listed(more),
      status,
      reason,
      updatedAt: now,
      ...(isFinal(status) ? { closedAt: request.closedAt ?? now, blockedSince: null } : {}),
    };
    // Another attempt may have been faster than whoever read the request outside of this transaction.
    this.tables.syncRequest.update({ connectionId, id, status: before }, values, {
      rows: 1,
      otherwise: () => new Error(`${requestWords(id)} is not "${before}" any more`),
    });
  }

  async update({ connectionId, id }: RequestRef, values: Partial<SyncRequestRow>): Promise<void> {
    this.tables.syncRequest.update({ connectionId, id }, listed(values));
  }

  /** Requests that have no workflow yet, oldest first. */
  async unstarted(connectionId: string, take: number): Promise<SyncRequestRow[]> {
    const where = { connectionId, started: false };
    return this.tables.syncRequest.find({ where, order: [['position', 'ASC']], take });
  }

  /** How many are between two rests: started, and not waiting for a person or for something else. */
  async countAtWork(connectionId: string): Promise<number> {
    return this.tables.syncRequest.count({
      connectionId,
      started: true,
      status: oneOf(['received', 'planning', 'applying']),
    });
  }

  /** Their workflows were started. */
  async noteStarted(connectionId: string, ids: readonly string[]): Promise<void> {
    this.tables.syncRequest.update({ connectionId, id: oneOf(ids) }, { started: true });
  }

  /** Their workflows are not there any more, and have to be started again. */
  async forgetStarted(connectionId: string, ids: readonly string[]): Promise<void> {
    if (ids.length > 0) this.tables.syncRequest.update({ connectionId, id: oneOf(ids) }, { started: false });
  }

  /** Requests that are not closed: after a restart, or after the Temporal server was emptied, their workflows must exist. */
  async open(connectionId: string): Promise<SyncRequestRow[]> {
    const where = { connectionId, status: OPEN };
    return this.tables.syncRequest.find({ where, order: [['position', 'ASC']] });
  }

  /** Ids of the requests that are not closed: there may be thousands, and a row is large. */
  async openIds(connectionId: string): Promise<readonly string[]> {
    const rows = await this.tables.syncRequest.findPart({ where: { connectionId, status: OPEN } }, ['id']);
    return rows.map(({ id }) => id);
  }

  /** What of the open requests of a connection is told to people; see `domain/notify/`. */
  async openToTell(
    connectionId: string,
  ): Promise<
    readonly Pick<
      SyncRequestRow,
      | 'connectionId'
      | 'id'
      | 'status'
      | 'subject'
      | 'about'
      | 'receivedAt'
      | 'since'
      | 'projectId'
      | 'requestedBy'
      | 'reason'
    >[]
  > {
    return this.tables.syncRequest.findPart({ where: { connectionId, status: OPEN } }, [
      ...[
        ...(['connectionId', 'id', 'status', 'subject', 'about'] as const),
        ...(['receivedAt', 'since', 'projectId', 'requestedBy', 'reason'] as const),
      ],
    ]);
  }

  /** Open requests of one source, oldest first. */
  async openOf(connectionId: string, source: Source): Promise<readonly RequestRef[]> {
    return this.tables.syncRequest.findPart(
      { where: { connectionId, source, status: OPEN }, order: [['position', 'ASC']] },
      ['connectionId', 'id'],
    );
  }

  /** Requests of one source, newest first. */
  async ofSource(
    connectionId: string,
    source: Source,
    take: number,
  ): Promise<readonly Pick<SyncRequestRow, 'id' | 'status' | 'corrections'>[]> {
    return this.tables.syncRequest.findPart(
      { where: { connectionId, source }, order: [['position', 'DESC']], take },
      ['id', 'status', 'corrections'],
    );
  }

  /** Open requests about a record that came before this one: requests about one record are worked on in the order they came. */
  async openBefore(request: SyncRequestRow, recordId: string): Promise<SyncRequestRow[]> {
    const about = await this.openAbout(request.connectionId, [recordId]);
    return about.filter(({ id, source, position, receivedAt }) => {
      if (id === request.id) return false;
      return source === request.source ? position < request.position : receivedAt < request.receivedAt;
    });
  }

  /** Open requests about any of these records. */
  async openAbout(connectionId: string, recordIds: readonly string[]): Promise<SyncRequestRow[]> {
    const where = { connectionId, recordId: oneOf(recordIds), status: OPEN };
    return this.tables.syncRequest.find({ where, order: [['position', 'ASC']] });
  }

  /** Requests about one record, or that wrote it among others, newest first, from before this time on. */
  async onRecord(
    connectionId: string,
    recordIds: readonly string[],
    before: string | null,
    take: number,
  ): Promise<readonly SyncRequestRow[]> {
    const { syncRequest, operation } = this.tables;
    const of = { connectionId, recordId: oneOf(recordIds) };
    const id = either(chosenBy(syncRequest, 'id', of), chosenBy(operation, 'requestId', of));
    const where = { connectionId, id };
    return newestTogether(syncRequest, { where, time: 'receivedAt', tie: 'id' }, before, take);
  }

  /** Newest first. */
  async list(filter: RequestFilter): Promise<SyncRequestRow[]> {
    const { connectionId, status, open, eventName, kind, projects, search = '', take } = filter;
    const [first, ...words] = wordsOf(search);
    const found = await this.tables.syncRequest.find({
      where: {
        ...(connectionId === undefined ? {} : { connectionId }),
        ...(status === undefined ? (open === true ? { status: OPEN } : {}) : { status }),
        ...(eventName === undefined ? {} : { eventName }),
        ...(kind === undefined ? {} : { kind }),
        ...(projects === undefined ? {} : { projectId: oneOf(projects) }),
        ...(first === undefined ? {} : { searchText: holding(first) }),
      },
      order: [
        ['receivedAt', 'DESC'],
        ['position', 'DESC'],
      ],
      ...(words.length === 0 ? { take } : {}),
    });
    const matches = ({ searchText }: SyncRequestRow): boolean =>
      words.every((word) => searchText?.includes(word) === true);
    return found.filter(matches).slice(0, take);
  }

  async countOpen(connectionId?: string): Promise<{ open: number; waitingForFinance: number }> {
    const ofConnection = connectionId === undefined ? {} : { connectionId };
    return {
      open: await this.tables.syncRequest.count({ ...ofConnection, status: OPEN }),
      waitingForFinance: await this.tables.syncRequest.count({
        ...ofConnection,
        status: 'waiting_for_finance',
      }),
    };
  }

  /** Requests with this number of Procore, of all connections. */
  async byErpRequestId(erpRequestId: number): Promise<SyncRequestRow[]> {
    return this.tables.syncRequest.find({ where: { erpRequestId }, order: [['connectionId', 'ASC']] });
  }

  /** Requests with this id, of all connections. */
  async byId(id: string): Promise<SyncRequestRow[]> {
    return this.tables.syncRequest.find({ where: { id }, order: [['connectionId', 'ASC']] });
  }
}

/** What a list goes by follows what people tell the request by, whoever writes it. */
const listed = <Values extends Partial<SyncRequestRow>>(values: Values): Values =>
  values.about === undefined ? values : { ...values, ...listedBy(values.about) };

/** Looking again for a moment, or busy for another reason, is no new beginning. */
function sinceWhen(
  { status, reason, since, rested }: SyncRequestRow,
  next: { readonly status: RequestStatus; readonly reason: string | null },
  now: string,
): Pick<SyncRequestRow, 'since' | 'rested'> {
  const isSame = (before: Omit<Rested, 'since'>): boolean =>
    before.status === next.status && (before.reason === next.reason || next.status === 'busy');
  if (isSame({ status, reason })) return { since, rested };
  if (rested !== null && isSame(rested)) return { since: rested.since, rested: null };
  return { since: now, rested: isResting(status) ? { status, reason, since } : rested };
}

const wordsOf = (search: string): readonly string[] =>
  search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
