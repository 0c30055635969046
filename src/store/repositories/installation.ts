import type { InstallationRow } from '../rows';
import type { StoreTables } from './tables';

const SLOT = 1;

/** Who this installation is. */
export class InstallationRepository {
  constructor(private readonly tables: StoreTables) {}

  /** Null until somebody gave it an id. */
  async find(): Promise<InstallationRow | null> {
    return this.tables.installation.findOne({ slot: SLOT });
  }

  /** Gives a new installation its id; answers the one that holds, which is an earlier one where there is one. */
  async identify(id: string, now: string): Promise<string> {
    const known = await this.find();
    if (known === null) this.tables.installation.insert([{ slot: SLOT, id, createdAt: now }]);
    return known?.id ?? id;
  }
}
