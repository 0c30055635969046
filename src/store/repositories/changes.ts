import type { RequestAbout } from '../../domain/request/about';
import type { AuditEntryRow, ConnectionRow, SyncRequestRow } from '../rows';
import { above, both, from, oneOf, upTo } from './table';
import type { StoreTables } from './tables';

/** What of a request says that it changed, and whose it is. */
export type ChangedRequest = Pick<SyncRequestRow, 'connectionId' | 'id' | 'updatedAt' | 'about'>;

/** What changed lately, for those who watch: keys and places, no contents. */
export class ChangesRepository {
  constructor(private readonly tables: Pick<StoreTables, 'connection' | 'syncRequest' | 'auditEntry'>) {}

  /** Where the log of each connection stands. */
  async heads(): Promise<readonly Pick<ConnectionRow, 'id' | 'auditSeq'>[]> {
    return this.tables.connection.findPart({ where: {} }, ['id', 'auditSeq']);
  }

  /** Requests that moved at or after this time, the newest first. */
  async requestsSince(time: string, take: number): Promise<readonly ChangedRequest[]> {
    return this.tables.syncRequest.findPart(
      { where: { updatedAt: from(time) }, order: [['updatedAt', 'DESC']], take },
      ['connectionId', 'id', 'updatedAt', 'about'],
    );
  }

  /** Entries of a log after one link, up to another. */
  async entriesBetween(
    connectionId: string,
    { after, to }: { readonly after: number; readonly to: number },
    take: number,
  ): Promise<readonly Pick<AuditEntryRow, 'action' | 'subject' | 'requestId'>[]> {
    return this.tables.auditEntry.findPart(
      { where: { connectionId, seq: both(above(after), upTo(to)) }, order: [['seq', 'ASC']], take },
      ['action', 'subject', 'requestId'],
    );
  }

  /** What these requests are about. */
  async aboutOf(
    connectionId: string,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, RequestAbout | null>> {
    const where = { connectionId, id: oneOf(ids) };
    const rows = await this.tables.syncRequest.findPart({ where }, ['id', 'about']);
    return new Map(rows.map(({ id, about }) => [id, about]));
  }
}
