import type { ClosedBecause } from '../../domain/reconcile/conflict';
import type { Kind } from '../../domain/kinds';
import type { ConflictRow } from '../rows';
import { chosenBy, oneOf } from './table';
import type { StoreTables } from './tables';

const BY_AGE = [
  ['openedAt', 'ASC'],
  ['id', 'ASC'],
] as const;

/** Fields on which both sides differ, and that wait for a person. One row a field of a link. */
export class ConflictRepository {
  constructor(private readonly tables: Pick<StoreTables, 'conflict' | 'recordLink'>) {}

  /** All that is open; of some links where they are given. */
  async open(connectionId: string, linkIds?: readonly string[]): Promise<readonly ConflictRow[]> {
    const of = linkIds === undefined ? {} : { linkId: oneOf(linkIds) };
    return this.tables.conflict.find({
      where: { connectionId, closedAt: null, ...of },
      order: BY_AGE,
    });
  }

  /** What is open about records of one kind that are linked; by their keys on either side. */
  async openAbout(
    connectionId: string,
    kind: Kind,
    { erpKeys, procoreIds }: { readonly erpKeys: readonly string[]; readonly procoreIds: readonly number[] },
  ): Promise<readonly ConflictRow[]> {
    const { conflict, recordLink } = this.tables;
    const about = [
      ...(erpKeys.length === 0 ? [] : [{ erpKey: oneOf(erpKeys) }]),
      ...(procoreIds.length === 0 ? [] : [{ procoreId: oneOf(procoreIds) }]),
    ];
    const found = await Promise.all(
      about.map((which) => {
        const linkId = chosenBy(recordLink, 'id', { connectionId, kind, ...which });
        return conflict.find({ where: { connectionId, closedAt: null, linkId }, order: BY_AGE });
      }),
    );
    return [...new Map(found.flat().map((row) => [row.id, row])).values()];
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
