import type { EntityManager } from 'typeorm';
import { In } from 'typeorm';
import type { RecordLink } from '../../domain/record-link';
import { canBecome } from '../../domain/record-link';
import type { RecordLinkRow } from '../rows';
import { TableAccess } from './table';

const CHUNK = 500;

/** Record links: (Procore id, ERP key) pairs with their base and generation. */
export class LinkRepository {
  private readonly table: TableAccess<RecordLinkRow>;

  constructor(manager: EntityManager) {
    this.table = new TableAccess(manager, 'recordLink', ['connectionId', 'entity', 'erpKey']);
  }

  async byErpKeys(connectionId: string, entity: string, erpKeys: readonly string[]): Promise<RecordLink[]> {
    const rows: RecordLinkRow[] = [];
    for (let start = 0; start < erpKeys.length; start += CHUNK) {
      const keys = erpKeys.slice(start, start + CHUNK);
      rows.push(...(await this.table.find({ where: { connectionId, entity, erpKey: In(keys) } })));
    }
    return rows.map(toLink);
  }

  /** Links of these companies in any state, the one that changed last first: generations of different ERP records do not compare. */
  async byProcoreIds(
    connectionId: string,
    entity: string,
    procoreIds: readonly number[],
  ): Promise<RecordLink[]> {
    const rows: RecordLinkRow[] = [];
    for (let start = 0; start < procoreIds.length; start += CHUNK) {
      const ids = procoreIds.slice(start, start + CHUNK);
      rows.push(...(await this.table.find({ where: { connectionId, entity, procoreId: In(ids) } })));
    }
    rows.sort((a, b) => (a.updatedAt < b.updatedAt ? 1 : a.updatedAt > b.updatedAt ? -1 : 0));
    return rows.map(toLink);
  }

  async all(connectionId: string): Promise<RecordLink[]> {
    return (await this.table.find({ where: { connectionId }, order: { erpKey: 'ASC' } })).map(toLink);
  }

  /**
   * Moves a link on. Generations only go forward: a write that was already recorded (same or older generation) changes nothing and
   * answers false.
   */
  async advance(connectionId: string, link: RecordLink, now: string): Promise<boolean> {
    const [current] = await this.byErpKeys(connectionId, link.entity, [link.erpKey]);
    if (current && current.generation >= link.generation) return false;
    if (!canBecome(current?.state ?? 'none', link.state)) {
      throw new Error(
        `record link ${link.entity}|${link.erpKey} cannot go from ${current?.state ?? 'none'} to ${link.state}`,
      );
    }
    await this.table.put({
      connectionId,
      entity: link.entity,
      erpKey: link.erpKey,
      procoreId: link.procoreId,
      state: link.state,
      generation: link.generation,
      base: link.base,
      baseRevision: link.baseRevision,
      updatedAt: now,
    });
    return true;
  }
}

const toLink = (row: RecordLinkRow): RecordLink => ({
  entity: 'vendor',
  erpKey: row.erpKey,
  procoreId: row.procoreId,
  state: row.state,
  generation: row.generation,
  base: row.base,
  baseRevision: row.baseRevision,
});
