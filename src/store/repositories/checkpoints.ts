import type { EntityManager } from 'typeorm';
import type { CheckpointRow } from '../rows';
import { TableAccess } from './table';

/** How far each reader got. Only moves forward. */
export class CheckpointRepository {
  private readonly table: TableAccess<CheckpointRow>;

  constructor(manager: EntityManager) {
    this.table = new TableAccess(manager, 'checkpoint', ['connectionId', 'reader']);
  }

  async get(connectionId: string, reader: string): Promise<CheckpointRow | null> {
    return this.table.findOne({ connectionId, reader });
  }

  /**
   * Moves a checkpoint from the cursor its reader began with to the next one. When it stands elsewhere by now (another run was
   * faster), it stays there: re-reading is harmless, skipping is not. Answers whether it moved.
   */
  async move(
    connectionId: string,
    reader: string,
    from: string | null,
    to: string,
    now: string,
  ): Promise<boolean> {
    const current = await this.get(connectionId, reader);
    if ((current?.cursor ?? null) !== from || from === to) return false;
    await this.table.put({
      connectionId,
      reader,
      cursor: to,
      position: (current?.position ?? 0) + 1,
      movedAt: now,
    });
    return true;
  }
}
