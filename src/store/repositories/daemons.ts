import type { DaemonRow } from '../rows';
import { oneOf } from './table';
import type { StoreTables } from './tables';

/** Processes of the daemon, as they told of themselves. */
export class DaemonRepository {
  constructor(private readonly tables: Pick<StoreTables, 'daemon'>) {}

  /** Adds the process, or replaces what it said before. */
  async beat(row: DaemonRow): Promise<void> {
    this.tables.daemon.put([row]);
  }

  /** Those that were heard of last come first. */
  async all(): Promise<readonly DaemonRow[]> {
    return this.tables.daemon.find({ where: {}, order: [['beatAt', 'DESC']] });
  }

  async forget(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) this.tables.daemon.delete({ id: oneOf(ids) });
  }
}
