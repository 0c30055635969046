import type { SavedViewRow } from '../rows';
import type { StoreTables } from './tables';

/** Lists that people come back to, each person's own. */
export class SavedViewRepository {
  constructor(private readonly tables: Pick<StoreTables, 'savedView'>) {}

  /** By name. */
  async of(person: string): Promise<readonly SavedViewRow[]> {
    return this.tables.savedView.find({ where: { person }, order: [['name', 'ASC']] });
  }

  put(row: SavedViewRow): void {
    this.tables.savedView.put([row]);
  }

  remove(person: string, name: string): void {
    this.tables.savedView.delete({ person, name });
  }
}
