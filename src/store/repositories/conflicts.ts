import type { ClosedBecause } from '../../domain/reconcile/conflict';
import type { ConflictRow } from '../rows';
import { oneOf } from './table';
import type { StoreTables } from './tables';

/** Fields on which both sides differ, and that wait for a person. One row a field of a link. */
export class ConflictRepository {
  constructor(private readonly tables: Pick<StoreTables, 'conflict'>) {}

  /** All that is open; of some links where they are given. */
  async open(connectionId: string, linkIds?: readonly string[]): Promise<readonly ConflictRow[]> {
    const of = linkIds === undefined ? {} : { linkId: oneOf(linkIds) };
    return this.tables.conflict.find({
      where: { connectionId, closedAt: null, ...of },
      order: [
        ['openedAt', 'ASC'],
        ['id', 'ASC'],
      ],
    });
  }

  async find(connectionId: string, id: string): Promise<ConflictRow | null> {
    return this.tables.conflict.findOne({ connectionId, id });
  }

  put(rows: readonly ConflictRow[]): void {
    if (rows.length > 0) this.tables.conflict.put(rows);
  }

  update(
    { connectionId, id }: Pick<ConflictRow, 'connectionId' | 'id'>,
    values: Partial<Pick<ConflictRow, 'decision' | 'owner'>>,
  ): void {
    this.tables.conflict.update({ connectionId, id }, values);
  }

  close(connectionId: string, ids: readonly string[], because: ClosedBecause, now: string): void {
    if (ids.length > 0)
      this.tables.conflict.update(
        { connectionId, id: oneOf(ids) },
        { closedAt: now, closedBecause: because },
      );
  }
}
