import { breakGlassIn } from '../../domain/audit/break-glass';
import type { AuditAction, AuditEntry, StoredLink } from '../../domain/audit/chain';
import { GENESIS_HASH, isSealed, nextLink } from '../../domain/audit/chain';
import type { AuditKeys } from '../../domain/audit/keys';
import { wellFormed } from '../../domain/base/text';
import { instant } from '../column-types';
import type { RequestRef } from '../../domain/request/id';
import type { AuditEntryRow, AuditLinkRow, ConnectionRow, SyncRequestRow } from '../rows';
import type { HeldConnections } from './held-connections';
import type { Test, Where } from './table';
import { above, below, both, chosenBy, from, noneChosenBy, oneOf, upTo } from './table';
import type { StoreTables } from './tables';

const ORDER = [
  ['seq', 'ASC'],
  ['idx', 'ASC'],
] as const;

const NEWEST_FIRST = [
  ['seq', 'DESC'],
  ['idx', 'DESC'],
] as const;

/** Where an entry stands in the chain of its connection. */
export type EntryPlace = Pick<AuditEntryRow, 'seq' | 'idx'>;

/** Which entries are wanted; times are ISO 8601 UTC, both included. */
export interface AuditFilter {
  readonly subject?: string | undefined;
  readonly actor?: string | undefined;
  readonly action?: AuditAction | undefined;
  readonly requestId?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** What tells of a plan, and of decisions on it. */
const ABOUT_PLANS: readonly AuditAction[] = [
  'plan.built',
  'approval.asked',
  'approval.first',
  'approval.granted',
  'approval.withdrawn',
  'approval.rejected',
  'incident.found',
];

/** The append-only audit chain of each connection. There is no way here to change or delete what was written. */
export class AuditRepository {
  /** Of this transaction, not sealed yet. */
  private readonly pending = new Map<string, AuditEntry[]>();

  constructor(
    private readonly tables: Pick<StoreTables, 'auditLink' | 'auditEntry' | 'connection'>,
    private readonly keys: AuditKeys,
    private readonly held: HeldConnections,
  ) {}

  /** Adds entries about a connection that this transaction is about; they are sealed as one link when it commits. */
  async append(connectionId: string, given: readonly AuditEntry[]): Promise<void> {
    if (given.length === 0) return;
    if (!this.held.has(connectionId))
      throw new Error(
        `this transaction is not about connection "${connectionId}", so nothing can be logged there`,
      );
    this.pending.set(connectionId, [...(this.pending.get(connectionId) ?? []), ...given.map(storable)]);
  }

  /** Seals what was added. The store does so before it commits; whoever reads entries in between gets them too. */
  async seal(): Promise<void> {
    const pending = [...this.pending];
    this.pending.clear();
    for (const [connectionId, given] of pending) {
      const entries = [...given, ...breakGlassIn(given)];
      const row = await this.held.row(connectionId, (raw) => this.tables.connection.sql.read(raw));
      if (!row) throw new Error(`connection "${connectionId}" is not registered: run \`tieback provision\``);
      const link = nextLink(connectionId, headOf(row), entries, this.keys);
      this.tables.auditLink.insert([{ connectionId, ...link }]);
      this.tables.auditEntry.insert(
        entries.map((entry, idx) => ({ connectionId, seq: link.seq, idx, ...entry })),
      );
      const head = { auditSeq: link.seq, auditHash: link.hash };
      this.tables.connection.update({ id: connectionId }, head);
      this.held.put({ ...row, ...head });
    }
  }

  /** The chain in order, a few hundred links at a time. */
  async *chain(
    connectionId: string,
    { pageSize = 200 }: { readonly pageSize?: number } = {},
  ): AsyncGenerator<StoredLink> {
    for (let last: number | null = null; ;) {
      const links: readonly StoredLink[] = await this.linksAfter(connectionId, last, { take: pageSize });
      yield* links;
      if (links.length < pageSize) return;
      last = links.at(-1)?.seq ?? last;
    }
  }

  /** So many links after this one (null: from the first on) with their entries, in order; `upTo`: without the links after that one. */
  async linksAfter(
    connectionId: string,
    last: number | null,
    { take, upTo: most }: { readonly take: number; readonly upTo?: number | undefined },
  ): Promise<readonly StoredLink[]> {
    const within = [...(last === null ? [] : [above(last)]), ...(most === undefined ? [] : [upTo(most)])];
    const links = await this.tables.auditLink.find({
      where: { connectionId, ...(within.length === 0 ? {} : { seq: both(...within) }) },
      order: [['seq', 'ASC']],
      take,
    });
    const rows = await this.tables.auditEntry.find({
      where: { connectionId, seq: oneOf(links.map(({ seq }) => seq)) },
      order: ORDER,
    });
    const entries = new Map<number, StoredLink['entries'][number][]>(links.map(({ seq }) => [seq, []]));
    for (const row of rows) entries.get(row.seq)?.push({ idx: row.idx, entry: toEntry(row) });
    return links.map(({ seq, prevHash, digests, hash, keyId, hmac }) => ({
      seq,
      prevHash,
      digests,
      hash,
      keyId,
      hmac,
      entries: entries.get(seq) ?? [],
    }));
  }

  /** Entries before this place, newest first, of links down to `least` and no further, whether the chain vouches for them or not. */
  async newestFirst(
    connectionId: string,
    { before, least }: { readonly before: EntryPlace; readonly least: number },
    filter: AuditFilter,
    take: number,
  ): Promise<readonly AuditEntryRow[]> {
    const { from: since, to: until, ...equal } = filter;
    const times = [
      ...(since === undefined ? [] : [from(since)]),
      ...(until === undefined ? [] : [upTo(until)]),
    ];
    const where: Where<AuditEntryRow> = {
      connectionId,
      ...(equal as Where<AuditEntryRow>),
      ...(times.length === 0 ? {} : { at: both(...times) }),
    };
    const page = (place: Where<AuditEntryRow>, most: number): Promise<AuditEntryRow[]> =>
      this.tables.auditEntry.find({ where: { ...where, ...place }, order: NEWEST_FIRST, take: most });
    const sameLink =
      before.seq >= least && before.idx > 0
        ? await page({ seq: before.seq, idx: below(before.idx) }, take)
        : [];
    if (sameLink.length === take || before.seq <= least) return sameLink;
    const earlier = both(from(least), below(before.seq));
    return [...sameLink, ...(await page({ seq: earlier }, take - sameLink.length))];
  }

  /** Id of the key that signed the newest link; null: it is not keyed, or there is none. */
  async keyOfNewest(connectionId: string): Promise<string | null> {
    const [link] = await this.tables.auditLink.findPart(
      { where: { connectionId }, order: [['seq', 'DESC']], take: 1 },
      ['keyId'],
    );
    return link?.keyId ?? null;
  }

  /** How many links were signed with this key, of all connections. */
  async countKeyed(keyId: string): Promise<number> {
    return this.tables.auditLink.count({ keyId });
  }

  /** Hashes of these links; those that are not there are absent. */
  async hashesOf(connectionId: string, seqs: readonly number[]): Promise<ReadonlyMap<number, string>> {
    const where = { connectionId, seq: oneOf(seqs) };
    const links = await this.tables.auditLink.findPart({ where }, ['seq', 'hash']);
    return new Map(links.map(({ seq, hash }) => [seq, hash]));
  }

  /** Number of the newest link that is stored; 0: there is none. */
  async newest(connectionId: string): Promise<number> {
    const [link] = await this.tables.auditLink.findPart(
      { where: { connectionId }, order: [['seq', 'DESC']], take: 1 },
      ['seq'],
    );
    return link?.seq ?? 0;
  }

  /** Entries under no link at all, the first thousand: something was written past the chain, or a link was removed. In one part of the chain, or all of it. */
  async orphans(
    connectionId: string,
    part: { readonly upTo?: number; readonly above?: number } = {},
  ): Promise<readonly { seq: number; idx: number }[]> {
    const within: readonly Test[] = [
      ...(part.upTo === undefined ? [] : [upTo(part.upTo)]),
      ...(part.above === undefined ? [] : [above(part.above)]),
    ];
    const seq = both(
      ...within,
      noneChosenBy(this.tables.auditLink, 'seq', { connectionId, seq: both(...within) }),
    );
    return this.tables.auditEntry.findPart({ where: { connectionId, seq }, order: ORDER, take: 1000 }, [
      'seq',
      'idx',
    ]);
  }

  async forRequest({ connectionId, id: requestId }: RequestRef): Promise<readonly AuditEntry[]> {
    await this.seal();
    const rows = await this.tables.auditEntry.find({
      where: { connectionId, requestId },
      order: ORDER,
    });
    return rows.map(toEntry);
  }

  /**
   * The entries about a request, or those that tell of one plan of it and of decisions on it, that the chain vouches for, in order. What was written past the chain is left out:
   * `audit verify` names it.
   */
  async sealed(
    { connectionId, id: requestId }: RequestRef,
    which: { readonly planHash: string } | { readonly actions: readonly AuditAction[] },
  ): Promise<readonly AuditEntry[]> {
    const of =
      'planHash' in which
        ? { planHash: which.planHash, action: oneOf(ABOUT_PLANS) }
        : { action: oneOf(which.actions) };
    return this.vouchedFor(connectionId, { connectionId, requestId, ...of });
  }

  /** As `sealed`, about all plans of a request that has few: which one counts is known only once it is made, and the answer is there by then. */
  async sealedPlans({ connectionId, id: requestId }: RequestRef): Promise<readonly AuditEntry[]> {
    return this.vouchedFor(connectionId, { connectionId, requestId, action: oneOf(ABOUT_PLANS) });
  }

  /** As `sealed`, of what is about no request: a token, the connection. */
  async sealedAbout(
    connectionId: string,
    { subject, action }: Pick<AuditEntry, 'subject' | 'action'>,
  ): Promise<readonly AuditEntry[]> {
    return this.vouchedFor(connectionId, { connectionId, requestId: null, subject, action });
  }

  /** As `sealedAbout`, of several subjects and actions, in order. */
  async sealedAboutAll(
    connectionId: string,
    { subjects, actions }: { readonly subjects: readonly string[]; readonly actions: readonly AuditAction[] },
  ): Promise<readonly AuditEntry[]> {
    if (subjects.length === 0) return [];
    const where = { connectionId, requestId: null, subject: oneOf(subjects), action: oneOf(actions) };
    return this.vouchedFor(connectionId, where);
  }

  /** The head first: what is appended meanwhile is not known yet. Then entries, and their links with the ones after them. */
  private async vouchedFor(
    connectionId: string,
    where: Where<AuditEntryRow>,
  ): Promise<readonly AuditEntry[]> {
    await this.seal();
    const { auditEntry, auditLink } = this.tables;
    const [head, rows, links, firstKeyed] = await Promise.all([
      this.head(connectionId),
      auditEntry.find({ where, order: ORDER }),
      auditLink.find({ where: { connectionId, seq: chosenBy(auditEntry, 'seq', where, [0, 1]) } }),
      this.firstKeyed(connectionId),
    ]);
    const bySeq = new Map(links.map((link) => [link.seq, link]));
    return rows
      .filter((row) => {
        const link = bySeq.get(row.seq);
        const continuedFrom = head.seq === row.seq ? head.hash : (bySeq.get(row.seq + 1)?.prevHash ?? null);
        const { idx } = row;
        return (
          row.seq <= head.seq &&
          link !== undefined &&
          isSealed(connectionId, { link, idx, entry: toEntry(row) }, continuedFrom) &&
          this.isSigned(link, firstKeyed)
        );
      })
      .map(toEntry);
  }

  /** With keys configured, only links from before the first signed one may have no HMAC. */
  private isSigned(link: AuditLinkRow, firstKeyed: number | null): boolean {
    const state = this.keys.check(link.hash, link);
    const isEarlier = firstKeyed === null || link.seq < firstKeyed;
    return state === 'right' || state === 'unchecked' || (state === 'none' && isEarlier);
  }

  private async firstKeyed(connectionId: string): Promise<number | null> {
    if (this.keys.isEmpty) return null;
    const where = { connectionId, keyId: { test: 'not_null' as const } };
    const first = { where, order: [['seq', 'ASC']], take: 1 } as const;
    const [link] = await this.tables.auditLink.findPart(first, ['seq']);
    return link?.seq ?? null;
  }

  /**
   * Writes down, once, that something was changed past us. With a plan: every decision on it so far is void.
   */
  async noteIncident(
    { connectionId, id, workflowId }: Pick<SyncRequestRow, 'connectionId' | 'id' | 'workflowId'>,
    { planHash, reason }: { readonly planHash: string | null; readonly reason: string },
    now: string,
  ): Promise<void> {
    const actions = [
      'incident.found',
      'approval.granted',
      'approval.rejected',
      'approval.withdrawn',
    ] as const;
    const last = (await this.sealed({ connectionId, id }, { actions })).at(-1);
    const isKnown =
      last?.action === 'incident.found' && last.planHash === planHash && last.detail['reason'] === reason;
    if (isKnown) return;
    const about = { subject: id, requestId: id, planHash, workflowId, detail: { reason } };
    await this.append(connectionId, [{ at: now, actor: 'tieback', action: 'incident.found', ...about }]);
  }

  /** Where the chain stands. */
  async head(connectionId: string): Promise<{ seq: number; hash: string }> {
    const { connection } = this.tables;
    const row = this.held.has(connectionId)
      ? await this.held.row(connectionId, (raw) => connection.sql.read(raw))
      : await connection.findOne({ id: connectionId });
    return row ? headOf(row) : { seq: 0, hash: GENESIS_HASH };
  }
}

const headOf = ({ auditSeq: seq, auditHash: hash }: ConnectionRow): { seq: number; hash: string } => ({
  seq,
  hash,
});

/** The digest is taken of what the columns will give back. */
const storable = (entry: AuditEntry): AuditEntry => ({
  ...entry,
  at: instant(entry.at),
  actor: wellFormed(entry.actor),
  subject: wellFormed(entry.subject),
});

/** The entry in a row. */
export const toEntry = ({
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
