import type { SealedToken } from '../../domain/people/token';
import type { PersonTokenRow } from '../rows';
import { oneOf } from './table';
import type { StoreTables } from './tables';

/** Personal tokens: their hashes and seals. */
export class PeopleRepository {
  constructor(private readonly tables: Pick<StoreTables, 'personToken'>) {}

  async add(token: SealedToken): Promise<void> {
    this.tables.personToken.insert([token]);
  }

  async byHash(hash: string): Promise<PersonTokenRow | null> {
    return this.tables.personToken.findOne({ hash });
  }

  /** All tokens, by person and age. */
  async all(): Promise<readonly PersonTokenRow[]> {
    return this.tables.personToken.find({
      where: {},
      order: [
        ['person', 'ASC'],
        ['createdAt', 'ASC'],
      ],
    });
  }

  async revoke(ids: readonly string[], now: string): Promise<void> {
    this.tables.personToken.update({ id: oneOf(ids), revokedAt: null }, { revokedAt: now });
  }
}
