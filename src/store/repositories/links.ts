import type { EntityManager } from 'typeorm';
import { In } from 'typeorm';
import type { Entity } from '../../domain/kinds/entity';
import type { AnyRecord, RecordOf } from '../../domain/kinds/record';
import type { RecordLink } from '../../domain/kinds/record-link';
import { canBecome } from '../../domain/kinds/record-link';
import type { RecordLinkRow } from '../rows';
import { TableAccess } from './table';

const CHUNK = 500;

/** Record links: (Procore id, ERP key) pairs with their base and generation. */
export class LinkRepository {
  private readonly table: TableAccess<RecordLinkRow>;

  constructor(manager: EntityManager) {
    this.table = new TableAccess(manager, 'recordLink', ['connectionId', 'entity', 'erpKey']);
  }

  async byErpKeys<E extends Entity>(
    connectionId: string,
    entity: E,
    erpKeys: readonly string[],
  ): Promise<RecordLink<RecordOf<E>>[]> {
    const rows: RecordLinkRow[] = [];
    for (let start = 0; start < erpKeys.length; start += CHUNK) {
      const keys = erpKeys.slice(start, start + CHUNK);
      rows.push(...(await this.table.find({ where: { connectionId, entity, erpKey: In(keys) } })));
    }
    return rows.map(toLink<RecordOf<E>>);
  }

  /** Links of these companies in any state, the one that changed last first: generations of different ERP records do not compare. */
  async byProcoreIds<E extends Entity>(
    connectionId: string,
    entity: E,
    procoreIds: readonly number[],
  ): Promise<RecordLink<RecordOf<E>>[]> {
    const rows: RecordLinkRow[] = [];
    for (let start = 0; start < procoreIds.length; start += CHUNK) {
      const ids = procoreIds.slice(start, start + CHUNK);
      rows.push(...(await this.table.find({ where: { connectionId, entity, procoreId: In(ids) } })));
    }
    rows.sort((a, b) => (a.updatedAt < b.updatedAt ? 1 : a.updatedAt > b.updatedAt ? -1 : 0));
    return rows.map(toLink<RecordOf<E>>);
  }

  async all(connectionId: string): Promise<RecordLink[]> {
    return (await this.table.find({ where: { connectionId }, order: { erpKey: 'ASC' } })).map(toLink);
  }

  /** Records of one kind that wait for import. */
  async staged<E extends Entity>(connectionId: string, entity: E): Promise<RecordLink<RecordOf<E>>[]> {
    const where = { connectionId, entity, state: 'staged' as const };
    return (await this.table.find({ where, order: { erpKey: 'ASC' } })).map(toLink<RecordOf<E>>);
  }

  /** Links of one kind in force. */
  async linked<E extends Entity>(connectionId: string, entity: E): Promise<RecordLink<RecordOf<E>>[]> {
    const where = { connectionId, entity, state: 'linked' as const };
    return (await this.table.find({ where, order: { erpKey: 'ASC' } })).map(toLink<RecordOf<E>>);
  }

  /** Links of everything that lives in a project, in force or staged: what a reset of the project takes along. */
  async ofProject(connectionId: string, projectId: number): Promise<RecordLink[]> {
    return (await this.table.find({ where: { connectionId, projectId }, order: { erpKey: 'ASC' } })).map(
      toLink,
    );
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
      projectId: link.projectId ?? current?.projectId ?? null,
      updatedAt: now,
    });
    return true;
  }
}

const toLink = <R extends AnyRecord>(row: RecordLinkRow): RecordLink<R> => ({
  entity: row.entity,
  erpKey: row.erpKey,
  procoreId: row.procoreId,
  state: row.state,
  generation: row.generation,
  base: row.base as R | null,
  baseRevision: row.baseRevision,
  projectId: row.projectId,
});
