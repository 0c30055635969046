import type { CheckpointRow } from '../rows';
import type { StoreTables } from './tables';

/** How far each reader got. Only moves forward. */
export class CheckpointRepository {
  constructor(private readonly tables: Pick<StoreTables, 'checkpoint'>) {}

  async get(connectionId: string, reader: string): Promise<CheckpointRow | null> {
    return this.tables.checkpoint.findOne({ connectionId, reader });
  }

  /**
   * Moves a checkpoint from the cursor its reader began with to the next one. When it stands elsewhere by now (another run was
   * faster), it stays there: re-reading is harmless, skipping is not. Answers whether it moved.
   */
  async move(
    connectionId: string,
    reader: string,
    { from, to }: { readonly from: string | null; readonly to: string },
    now: string,
  ): Promise<boolean> {
    if (from === to) return false;
    const current = await this.get(connectionId, reader);
    if ((current?.cursor ?? null) !== from) return false;
    const next = { cursor: to, position: (current?.position ?? 0) + 1, movedAt: now };
    if (current === null) this.tables.checkpoint.insert([{ connectionId, reader, ...next }]);
    else
      this.tables.checkpoint.update({ connectionId, reader, position: current.position }, next, {
        rows: 1,
        otherwise: () => new Error(`the checkpoint "${reader}" of "${connectionId}" moved meanwhile`),
      });
    return true;
  }
}
