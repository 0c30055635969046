import type { EntityManager } from 'typeorm';
import { In, IsNull } from 'typeorm';
import type { ExceptionRow } from '../rows';
import { TableAccess } from './table';

const CHUNK = 500;

/** Records parked for a person. */
export class ExceptionRepository {
  private readonly table: TableAccess<ExceptionRow>;

  constructor(manager: EntityManager) {
    this.table = new TableAccess(manager, 'exception', ['connectionId', 'requestId', 'recordId']);
  }

  /**
   * Opens (or opens again, with the newest reason); keeps the time it was first opened and who looks after it. An ERP record has
   * one open exception: the newest request takes over what earlier ones left open. True when this one was not open before.
   */
  async open(row: Omit<ExceptionRow, 'resolvedAt' | 'owner'>): Promise<boolean> {
    const { connectionId, requestId, recordId } = row;
    const known = await this.table.findOne({ connectionId, requestId, recordId });
    const earlier =
      row.erpKey === null
        ? []
        : (await this.resolveErpKeys(connectionId, [row.erpKey], row.openedAt)).filter(
            (other) => other.requestId !== requestId || other.recordId !== recordId,
          );
    const open = [...(known && known.resolvedAt === null ? [known] : []), ...earlier];
    await this.table.put({
      ...row,
      owner: known?.owner ?? earlier.find(({ owner }) => owner !== null)?.owner ?? null,
      openedAt: open.map(({ openedAt }) => openedAt).sort()[0] ?? row.openedAt,
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

  /** Closes what is open about these ERP records, whichever request opened it. Returns those that were open. */
  async resolveErpKeys(
    connectionId: string,
    erpKeys: readonly string[],
    now: string,
  ): Promise<readonly ExceptionRow[]> {
    const resolved: ExceptionRow[] = [];
    for (let start = 0; start < erpKeys.length; start += CHUNK) {
      const where = {
        connectionId,
        erpKey: In(erpKeys.slice(start, start + CHUNK)),
        resolvedAt: IsNull(),
      };
      const open = await this.table.find({ where });
      if (open.length > 0) await this.table.update(where, { resolvedAt: now });
      resolved.push(...open);
    }
    return resolved;
  }

  async listOpen(connectionId: string): Promise<ExceptionRow[]> {
    return this.table.find({ where: { connectionId, resolvedAt: IsNull() }, order: { openedAt: 'ASC' } });
  }

  async ofRequest(connectionId: string, requestId: number): Promise<ExceptionRow[]> {
    return this.table.find({ where: { connectionId, requestId }, order: { openedAt: 'ASC' } });
  }
}
