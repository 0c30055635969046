import type { EntityManager } from 'typeorm';
import { In, IsNull } from 'typeorm';
import type { ExceptionRow } from '../rows';
import { TableAccess } from './table';

/** Records parked for a person. */
export class ExceptionRepository {
  private readonly table: TableAccess<ExceptionRow>;

  constructor(manager: EntityManager) {
    this.table = new TableAccess(manager, 'exception', ['connectionId', 'requestId', 'recordId']);
  }

  /** Opens (or opens again, with the newest reason); keeps the time it was first opened. True when it was not open before. */
  async open(row: Omit<ExceptionRow, 'resolvedAt' | 'owner'>): Promise<boolean> {
    const { connectionId, requestId, recordId } = row;
    const known = await this.table.findOne({ connectionId, requestId, recordId });
    await this.table.put({
      ...row,
      owner: known?.owner ?? null,
      openedAt: known && known.resolvedAt === null ? known.openedAt : row.openedAt,
      resolvedAt: null,
    });
    return known === null || known.resolvedAt !== null || known.reason !== row.reason;
  }

  /** Closes every open exception of a request (or of one record of it). Returns those that were open. */
  async resolve(
    key: { connectionId: string; requestId: number; recordId?: string },
    now: string,
  ): Promise<ExceptionRow[]> {
    const where = { ...key, resolvedAt: IsNull() };
    const open = await this.table.find({ where });
    for (const { connectionId, requestId, recordId } of open) {
      await this.table.update({ connectionId, requestId, recordId }, { resolvedAt: now });
    }
    return open;
  }

  /** Closes what is open about records that are fine now, whichever request opened it. */
  async resolveRecords(connectionId: string, recordIds: readonly string[], now: string): Promise<void> {
    for (let start = 0; start < recordIds.length; start += 500) {
      const where = { connectionId, recordId: In(recordIds.slice(start, start + 500)), resolvedAt: IsNull() };
      await this.table.update(where, { resolvedAt: now });
    }
  }

  async listOpen(connectionId: string): Promise<ExceptionRow[]> {
    return this.table.find({ where: { connectionId, resolvedAt: IsNull() }, order: { openedAt: 'ASC' } });
  }

  async ofRequest(connectionId: string, requestId: number): Promise<ExceptionRow[]> {
    return this.table.find({ where: { connectionId, requestId }, order: { openedAt: 'ASC' } });
  }
}
