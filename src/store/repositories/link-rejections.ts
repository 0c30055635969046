import type { Kind } from '../../domain/kinds';
import type { ProcoreId } from '../../domain/kinds/record';
import type { LinkRejectionRow } from '../rows';
import type { StoreTables } from './tables';

/** Pairs that people refused: one row a pair, with the newest refusal. */
export class LinkRejectionRepository {
  constructor(private readonly tables: Pick<StoreTables, 'linkRejection'>) {}

  async put(rows: readonly LinkRejectionRow[]): Promise<void> {
    this.tables.linkRejection.put(rows);
  }

  /** All of one kind, whether either record changed since or not. */
  async ofKind(connectionId: string, kind: Kind): Promise<readonly LinkRejectionRow[]> {
    return this.tables.linkRejection.find({ where: { connectionId, kind } });
  }

  /** A pair that was linked after all is refused no longer. */
  async forget(
    connectionId: string,
    kind: Kind,
    pairs: readonly { readonly erpKey: string; readonly procoreId: ProcoreId }[],
  ): Promise<void> {
    for (const { erpKey, procoreId } of pairs)
      this.tables.linkRejection.delete({ connectionId, kind, erpKey, procoreId });
  }
}
