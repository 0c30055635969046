import type { RequestRef } from '../../domain/request/id';
import type { WaitRow } from '../rows';
import { chosenBy, oneOf } from './table';
import type { StoreTables } from './tables';

/** Who waits for what: requests that are held until something happens to a record or to another request. */
export class WaitRepository {
  constructor(private readonly tables: Pick<StoreTables, 'wait' | 'syncRequest'>) {}

  /** Waits for these and nothing else; the time a wait began stays. Answers the waits that were not there before. */
  async begin(
    { connectionId, id: requestId }: RequestRef,
    waits: readonly Pick<WaitRow, 'recordId' | 'reason' | 'hint'>[],
    now: string,
  ): Promise<readonly WaitRow[]> {
    const known = await this.tables.wait.find({ where: { connectionId, requestId } });
    const open = new Map(known.filter(({ endedAt }) => endedAt === null).map((row) => [row.recordId, row]));
    const wanted = new Set(waits.map(({ recordId }) => recordId));
    const over = [...open.keys()].filter((recordId) => !wanted.has(recordId));
    this.tables.wait.update({ connectionId, requestId, recordId: oneOf(over) }, { endedAt: now });
    const begun: WaitRow[] = [];
    const rows = new Map<string, WaitRow>();
    for (const wait of waits) {
      const before = open.get(wait.recordId);
      const row = { connectionId, requestId, ...wait, since: before?.since ?? now, endedAt: null };
      rows.set(row.recordId, row);
      if (before?.reason !== wait.reason) begun.push(row);
    }
    this.tables.wait.put([...rows.values()]);
    return begun;
  }

  /** The request waits no longer. */
  async end({ connectionId, id: requestId }: RequestRef, now: string): Promise<void> {
    this.tables.wait.update({ connectionId, requestId, endedAt: null }, { endedAt: now });
  }

  /** Requests that wait for any of these records or requests, in the order in which their sources made them. */
  async waitingFor(connectionId: string, recordIds: readonly string[]): Promise<readonly string[]> {
    if (recordIds.length === 0) return [];
    const { wait, syncRequest } = this.tables;
    const which = { connectionId, recordId: oneOf(recordIds), endedAt: null };
    const where = { connectionId, id: chosenBy(wait, 'requestId', which) };
    return (await syncRequest.findPart({ where, order: [['position', 'ASC']] }, ['id'])).map(({ id }) => id);
  }

  /** What this request waits for right now. */
  async ofRequest({ connectionId, id: requestId }: RequestRef): Promise<WaitRow[]> {
    const where = { connectionId, requestId, endedAt: null };
    return this.tables.wait.find({ where, order: [['since', 'ASC']] });
  }

  /** What these requests wait for right now. */
  async ofRequests(connectionId: string, ids: readonly string[]): Promise<readonly WaitRow[]> {
    const where = { connectionId, requestId: oneOf(ids), endedAt: null };
    return this.tables.wait.find({ where, order: [['since', 'ASC']] });
  }

  /** Every record or request that somebody waits for. */
  async waitedFor(connectionId: string): Promise<readonly string[]> {
    const rows = await this.tables.wait.find({ where: { connectionId, endedAt: null } });
    return [...new Set(rows.map(({ recordId }) => recordId))];
  }
}
