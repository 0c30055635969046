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
   * faster), it stays there: re-reading is harmless, skipping is not.
   */
  async move(
    connectionId: string,
    reader: string,
    { from, to }: { readonly from: string | null; readonly to: string },
    now: string,
  ): Promise<void> {
    const first = { connectionId, reader, cursor: to, position: 1, movedAt: now };
    if (from === null) this.tables.checkpoint.insertMissing([first]);
    else if (from !== to)
      this.tables.checkpoint.advance(
        { connectionId, reader, cursor: from },
        { cursor: to, movedAt: now },
        'position',
      );
  }
}
