import type { AuditAction, AuditEntry, StoredLink } from '../../domain/audit/chain';
import { GENESIS_HASH, isSealed, nextLink } from '../../domain/audit/chain';
import { wellFormed } from '../../domain/base/text';
import type { StoreDialect } from '../column-types';
import type { RequestRef } from '../../domain/request/id';
import type { AuditEntryRow, SyncRequestRow } from '../rows';
import type { RunSql } from './table';
import { oneOf } from './table';
import type { StoreTables } from './tables';

const ORDER = [
  ['seq', 'ASC'],
  ['idx', 'ASC'],
] as const;

/** The append-only audit chain of each connection. There is no way here to change or delete what was written. */
export class AuditRepository {
  constructor(
    private readonly tables: Pick<StoreTables, 'auditLink' | 'auditEntry' | 'connection'>,
    private readonly dialect: StoreDialect,
    private readonly run: RunSql,
  ) {}

  /**
   * Seals the entries of this transaction as one link. Take it last in a transaction: from here to the commit nobody else can
   * append to the same connection.
   */
  async append(connectionId: string, given: readonly AuditEntry[]): Promise<void> {
    if (given.length === 0) return;
    const entries = given.map(storable);
    const head = await this.lockHead(connectionId);
    const link = nextLink(connectionId, head, entries);
    await this.tables.auditLink.insert([
      { connectionId, seq: link.seq, prevHash: link.prevHash, digests: link.digests, hash: link.hash },
    ]);
    await this.tables.auditEntry.insert(
      entries.map((entry, idx) => ({ connectionId, seq: link.seq, idx, ...entry })),
    );
    await this.tables.connection.update({ id: connectionId }, { auditSeq: link.seq, auditHash: link.hash });
  }

  /** The chain in order, a few hundred links at a time. */
  async *chain(connectionId: string, pageSize = 200): AsyncGenerator<StoredLink> {
    // By offset, not by number: a link whose number was tampered with must still be seen.
    for (let skip = 0; ; skip += pageSize) {
      const links = await this.tables.auditLink.find({
        where: { connectionId },
        order: [['seq', 'ASC']],
        skip,
        take: pageSize,
      });
      const rows = await this.tables.auditEntry.find({
        where: { connectionId, seq: oneOf(links.map(({ seq }) => seq)) },
        order: ORDER,
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
    const known = new Set(
      (await this.tables.auditLink.find({ where: { connectionId } })).map(({ seq }) => seq),
    );
    const entries = await this.tables.auditEntry.find({ where: { connectionId }, order: ORDER });
    return entries.filter(({ seq }) => !known.has(seq)).map(({ seq, idx }) => ({ seq, idx }));
  }

  async forRequest({ connectionId, id: requestId }: RequestRef): Promise<readonly AuditEntry[]> {
    const rows = await this.tables.auditEntry.find({
      where: { connectionId, requestId },
      order: ORDER,
    });
    return rows.map(toEntry);
  }

  /**
   * The entries about a request, or about one plan of it, that the chain vouches for, in order. What was written past the chain is left out:
   * `audit verify` names it.
   */
  async sealed(
    { connectionId, id: requestId }: RequestRef,
    which: { readonly planHash: string } | { readonly actions: readonly AuditAction[] },
  ): Promise<readonly AuditEntry[]> {
    const about = 'planHash' in which ? { planHash: which.planHash } : { action: oneOf(which.actions) };
    const rows = await this.tables.auditEntry.find({
      where: { connectionId, requestId, ...about },
      order: ORDER,
    });
    if (rows.length === 0) return [];
    const seqs = new Set(rows.flatMap(({ seq }) => [seq, seq + 1]));
    const links = await this.tables.auditLink.find({ where: { connectionId, seq: oneOf([...seqs]) } });
    const bySeq = new Map(links.map((link) => [link.seq, link]));
    const head = await this.head(connectionId);
    return rows
      .filter((row) => {
        const link = bySeq.get(row.seq);
        const continuedFrom = head.seq === row.seq ? head.hash : (bySeq.get(row.seq + 1)?.prevHash ?? null);
        const { idx } = row;
        return (
          link !== undefined && isSealed(connectionId, { link, idx, entry: toEntry(row) }, continuedFrom)
        );
      })
      .map(toEntry);
  }

  /**
   * Writes down, once, that something was changed past us. With a plan: every decision on it so far is void.
   */
  async noteIncident(
    { connectionId, id, workflowId }: Pick<SyncRequestRow, 'connectionId' | 'id' | 'workflowId'>,
    { planHash, reason }: { readonly planHash: string | null; readonly reason: string },
    now: string,
  ): Promise<void> {
    const actions = ['incident.found', 'approval.granted', 'approval.rejected'] as const;
    const last = (await this.sealed({ connectionId, id }, { actions })).at(-1);
    const isKnown =
      last?.action === 'incident.found' && last.planHash === planHash && last.detail['reason'] === reason;
    if (isKnown) return;
    const about = { subject: id, requestId: id, planHash, workflowId, detail: { reason } };
    await this.append(connectionId, [{ at: now, actor: 'tieback', action: 'incident.found', ...about }]);
  }

  async head(connectionId: string): Promise<{ seq: number; hash: string }> {
    const row = await this.tables.connection.findOne({ id: connectionId });
    return row ? { seq: row.auditSeq, hash: row.auditHash } : { seq: 0, hash: GENESIS_HASH };
  }

  private async lockHead(connectionId: string): Promise<{ seq: number; hash: string }> {
    // On SQL Server the update lock on the connection row makes writers of one chain wait for each other; SQLite has one writer anyway.
    if (this.dialect === 'mssql') {
      await this.run('SELECT [id] FROM [connection] WITH (UPDLOCK, HOLDLOCK) WHERE [id] = @0', [
        connectionId,
      ]);
    }
    const row = await this.tables.connection.findOne({ id: connectionId });
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
