import type { EntityManager } from 'typeorm';
import { In } from 'typeorm';
import type { AuditEntry, StoredLink } from '../../domain/audit/chain';
import { GENESIS_HASH, nextLink } from '../../domain/audit/chain';
import { wellFormed } from '../../domain/base/text';
import type { StoreDialect } from '../column-types';
import type { AuditEntryRow, AuditLinkRow, ConnectionRow } from '../rows';
import { TableAccess } from './table';

/** The append-only audit chain of each connection. There is no way here to change or delete what was written. */
export class AuditRepository {
  private readonly links: TableAccess<AuditLinkRow>;
  private readonly entries: TableAccess<AuditEntryRow>;
  private readonly connections: TableAccess<ConnectionRow>;

  constructor(
    private readonly manager: EntityManager,
    private readonly dialect: StoreDialect,
  ) {
    this.links = new TableAccess(manager, 'auditLink', ['connectionId', 'seq']);
    this.entries = new TableAccess(manager, 'auditEntry', ['connectionId', 'seq', 'idx']);
    this.connections = new TableAccess(manager, 'connection', ['id']);
  }

  /**
   * Seals the entries of this transaction as one link. Take it last in a transaction: from here to the commit nobody else can
   * append to the same connection.
   */
  async append(connectionId: string, given: readonly AuditEntry[]): Promise<void> {
    if (given.length === 0) return;
    const entries = given.map(storable);
    const head = await this.lockHead(connectionId);
    const link = nextLink(connectionId, head, entries);
    await this.links.insert([
      { connectionId, seq: link.seq, prevHash: link.prevHash, digests: link.digests, hash: link.hash },
    ]);
    await this.entries.insert(entries.map((entry, idx) => ({ connectionId, seq: link.seq, idx, ...entry })));
    await this.connections.update({ id: connectionId }, { auditSeq: link.seq, auditHash: link.hash });
  }

  /** The chain in order, a few hundred links at a time. */
  async *chain(connectionId: string, pageSize = 200): AsyncGenerator<StoredLink> {
    // By offset, not by number: a link whose number was tampered with must still be seen.
    for (let skip = 0; ; skip += pageSize) {
      const links = await this.links.find({
        where: { connectionId },
        order: { seq: 'ASC' },
        skip,
        take: pageSize,
      });
      const rows = await this.entries.find({
        where: { connectionId, seq: In(links.map(({ seq }) => seq)) },
        order: { seq: 'ASC', idx: 'ASC' },
      });
      for (const link of links) {
        const entries = rows
          .filter(({ seq }) => seq === link.seq)
          .map((row) => ({ idx: row.idx, entry: toEntry(row) }));
        yield { seq: link.seq, prevHash: link.prevHash, digests: link.digests, hash: link.hash, entries };
      }
      if (links.length < pageSize) return;
    }
  }

  /** Entries under no link at all: something was written past the chain, or a link was removed. */
  async orphans(connectionId: string): Promise<readonly { seq: number; idx: number }[]> {
    const known = new Set((await this.links.find({ where: { connectionId } })).map(({ seq }) => seq));
    const entries = await this.entries.find({ where: { connectionId }, order: { seq: 'ASC', idx: 'ASC' } });
    return entries.filter(({ seq }) => !known.has(seq)).map(({ seq, idx }) => ({ seq, idx }));
  }

  async forRequest(connectionId: string, requestId: number): Promise<readonly AuditEntry[]> {
    const rows = await this.entries.find({
      where: { connectionId, requestId },
      order: { seq: 'ASC', idx: 'ASC' },
    });
    return rows.map(toEntry);
  }

  async head(connectionId: string): Promise<{ seq: number; hash: string }> {
    const row = await this.connections.findOne({ id: connectionId });
    return row ? { seq: row.auditSeq, hash: row.auditHash } : { seq: 0, hash: GENESIS_HASH };
  }

  private async lockHead(connectionId: string): Promise<{ seq: number; hash: string }> {
    // On SQL Server the update lock on the connection row makes writers of one chain wait for each other; SQLite has one writer anyway.
    if (this.dialect === 'mssql') {
      await this.manager.query('SELECT id FROM connection WITH (UPDLOCK, HOLDLOCK) WHERE id = @0', [
        connectionId,
      ]);
    }
    const row = await this.connections.findOne({ id: connectionId });
    if (!row) throw new Error(`connection "${connectionId}" is not registered: run \`tieback provision\``);
    return { seq: row.auditSeq, hash: row.auditHash };
  }
}

/** The digest is taken of what the columns will give back. */
const storable = (entry: AuditEntry): AuditEntry => ({
  ...entry,
  actor: wellFormed(entry.actor),
  subject: wellFormed(entry.subject),
});

const toEntry = ({
  at,
  actor,
  action,
  subject,
  requestId,
  planHash,
  workflowId,
  detail,
}: AuditEntryRow): AuditEntry => ({
  at,
  actor,
  action,
  subject,
  requestId,
  planHash,
  workflowId,
  detail,
});
