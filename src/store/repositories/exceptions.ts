import type { EntityManager } from 'typeorm';
import { In, IsNull, Like } from 'typeorm';
import { WAITS } from '../../domain/request/exception';
import type { ExceptionRow } from '../rows';
import { TableAccess } from './table';

const CHUNK = 500;

const entityIn = (recordId: string): string => recordId.slice(0, recordId.indexOf('/'));

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
        : (await this.resolveErpKeys(connectionId, entityIn(recordId), [row.erpKey], row.openedAt)).filter(
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

  /** Closes what is open about these ERP records of one kind, whichever request opened it. Returns those that were open. */
  async resolveErpKeys(
    connectionId: string,
    entity: string,
    erpKeys: readonly string[],
    now: string,
  ): Promise<readonly ExceptionRow[]> {
    const resolved: ExceptionRow[] = [];
    for (let start = 0; start < erpKeys.length; start += CHUNK) {
      const where = {
        connectionId,
        recordId: Like(`${entity}/%`),
        erpKey: In(erpKeys.slice(start, start + CHUNK)),
        resolvedAt: IsNull(),
      };
      const open = await this.table.find({ where });
      if (open.length > 0) await this.table.update(where, { resolvedAt: now });
      resolved.push(...open);
    }
    return resolved;
  }

  /** All that is open; of one kind of record when `entity` is given. */
  async listOpen(connectionId: string, entity?: string): Promise<ExceptionRow[]> {
    const ofKind = entity === undefined ? {} : { recordId: Like(`${entity}/%`) };
    return this.table.find({
      where: { connectionId, resolvedAt: IsNull(), ...ofKind },
      order: { openedAt: 'ASC' },
    });
  }

  /** Requests that wait for any of these records or requests. */
  async waitingFor(connectionId: string, recordIds: readonly string[]): Promise<readonly number[]> {
    const requestIds = new Set<number>();
    for (let start = 0; start < recordIds.length; start += CHUNK) {
      const recordId = In(recordIds.slice(start, start + CHUNK));
      const where = { connectionId, kind: WAITS, recordId, resolvedAt: IsNull() };
      for (const row of await this.table.find({ where })) requestIds.add(row.requestId);
    }
    return [...requestIds].sort((a, b) => a - b);
  }

  async ofRequest(connectionId: string, requestId: number): Promise<ExceptionRow[]> {
    return this.table.find({ where: { connectionId, requestId }, order: { openedAt: 'ASC' } });
  }
}
