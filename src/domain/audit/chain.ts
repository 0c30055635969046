import { contentHash } from '../base/identity';
import type { Seal } from './keys';
import { AuditKeys } from './keys';

/** What happened, by whom, to what and why. Never edited, never deleted. */
export interface AuditEntry {
  /** ISO 8601 UTC. */
  readonly at: string;
  /** A person (`maria@acme.example`), a rule (`rule:prequalified-vendors`) or a part of us (`tieback`). */
  readonly actor: string;
  /** A verb of the closed list below. */
  readonly action: AuditAction;
  /** Record or request concerned, e.g. `vendor/98127745`, `erp/640018`. */
  readonly subject: string;
  readonly requestId: string | null;
  readonly planHash: string | null;
  readonly workflowId: string | null;
  /** Facts of the entry: digests before and after, reasons, comments. */
  readonly detail: Readonly<Record<string, unknown>>;
}

export const AUDIT_ACTIONS = [
  'connection.registered',
  'token.issued',
  'token.revoked',
  'session.opened',
  'session.ended',
  'session.refused',
  'identity.bound',
  'identity.unbound',
  'invitation.issued',
  'invitation.ended',
  'passkey.added',
  'passkey.removed',
  'person.disabled',
  'person.enabled',
  'breakglass.used',
  'rule.proposed',
  'rule.approved',
  'rule.rejected',
  'rule.withdrawn',
  'rule.resealed',
  'intake.received',
  'intake.ignored',
  'request.fetched',
  'request.reread',
  'request.malformed',
  'request.unsupported',
  'plan.built',
  'plan.refused',
  'request.held',
  'plan.moved',
  'approval.asked',
  'approval.first',
  'approval.granted',
  'approval.withdrawn',
  'approval.rejected',
  'approval.expired',
  'incident.found',
  'erp.restored',
  'erp.schema',
  'correction.entered',
  'operation.written',
  'operation.adopted',
  'operation.refused',
  'operation.taken',
  'exception.opened',
  'exception.resolved',
  'reconcile.paused',
  'reconcile.resumed',
  'exception.ignored',
  'conflict.opened',
  'conflict.decided',
  'conflict.closed',
  'link.changed',
  'link.decided',
  'person.matched',
  'person.unmatched',
  'person.told',
  'request.commented',
  'request.assigned',
  'hold.placed',
  'hold.released',
  'request.restarted',
  'request.ended',
  'request.adopted',
  'request.closed',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** One link of the chain: it seals all entries of one transaction. With a key, its HMAC is that of its hash. */
export interface AuditLink extends Seal {
  /** 1, 2, 3, ... per connection, without gaps. */
  readonly seq: number;
  readonly prevHash: string;
  /** Digests of the entries, in order. */
  readonly digests: readonly string[];
  readonly hash: string;
}

/** The hash before the first link. */
export const GENESIS_HASH = '0'.repeat(64);

export const digestOf = (entry: AuditEntry): string => contentHash(entry);

export function nextLink(
  connectionId: string,
  head: { seq: number; hash: string },
  entries: readonly AuditEntry[],
  keys: AuditKeys = new AuditKeys(),
): AuditLink {
  const seq = head.seq + 1;
  const digests = entries.map(digestOf);
  const hash = linkHash(connectionId, seq, head.hash, digests);
  return { seq, prevHash: head.hash, digests, hash, ...keys.seal(hash) };
}

export const linkHash = (
  connectionId: string,
  seq: number,
  prevHash: string,
  digests: readonly string[],
): string => contentHash({ connectionId, seq, prevHash, digests });

/** A link as stored, with the entries found under it. */
export interface StoredLink extends AuditLink {
  readonly entries: readonly { readonly idx: number; readonly entry: AuditEntry }[];
}

/**
 * Whether the entry is the one that its link sealed, and the link the one that is continued: by the link after it, or by the head where it is
 * the last.
 */
export function isSealed(
  connectionId: string,
  { link, idx, entry }: { readonly link: AuditLink; readonly idx: number; readonly entry: AuditEntry },
  continuedFrom: string | null,
): boolean {
  return (
    link.digests[idx] === digestOf(entry) &&
    linkHash(connectionId, link.seq, link.prevHash, link.digests) === link.hash &&
    continuedFrom === link.hash
  );
}

export interface AuditFinding {
  /** Link of the chain; null: it is about something else. */
  readonly seq: number | null;
  /** Position of the entry in its link. */
  readonly idx: number | null;
  /** What it is about where that is no link: a table, a request, an operation, an anchor. */
  readonly about?: string;
  readonly what: string;
}

/** A finding about a link. */
export interface ChainFinding extends AuditFinding {
  readonly seq: number;
}

/**
 * Walks the chain in order and names every entry that was changed, removed, added or moved. `head` is what the connection row
 * remembers (or what an auditor wrote down): it uncovers a chain cut off at its end.
 */
export class ChainVerifier {
  private seq = 0;
  private hash = GENESIS_HASH;
  entries = 0;
  /** The first link with an HMAC: from there on every link must have one. Null: there is none. */
  firstKeyed: number | null = null;
  /** Links with an HMAC that nobody here has a key for. */
  unchecked = 0;

  constructor(
    private readonly connectionId: string,
    private readonly keys: AuditKeys = new AuditKeys(),
  ) {}

  check(link: StoredLink): readonly ChainFinding[] {
    const findings: ChainFinding[] = [];
    const found = (idx: number | null, what: string): void =>
      void findings.push({ seq: link.seq, idx, what });
    if (link.seq !== this.seq + 1) {
      const gap = link.seq > this.seq + 1;
      found(
        null,
        gap
          ? `links ${this.seq + 1} to ${link.seq - 1} are missing`
          : 'link number is repeated or out of order',
      );
    }
    if (link.prevHash !== this.hash) found(null, 'does not continue the link before it');
    if (linkHash(this.connectionId, link.seq, link.prevHash, link.digests) !== link.hash)
      found(null, 'link itself was changed');
    const seal = this.sealProblem(link);
    if (seal !== null) found(null, seal);
    const byIdx = new Map(link.entries.map(({ idx, entry }) => [idx, entry]));
    link.digests.forEach((digest, idx) => {
      const entry = byIdx.get(idx);
      if (!entry) found(idx, 'entry is missing');
      else if (digestOf(entry) !== digest) {
        const other = link.digests.indexOf(digestOf(entry));
        found(idx, other >= 0 ? `entry was moved (it belongs at position ${other})` : 'entry was changed');
      }
    });
    const seen = new Set<number>();
    for (const { idx } of link.entries) {
      const expected = Number.isInteger(idx) && idx >= 0 && idx < link.digests.length && !seen.has(idx);
      if (!expected) found(idx, 'entry was added');
      seen.add(idx);
    }
    this.seq = link.seq;
    this.hash = link.hash;
    this.entries += link.entries.length;
    return findings;
  }

  private sealProblem(link: StoredLink): string | null {
    const state = this.keys.check(link.hash, link);
    if (state === 'none')
      return this.firstKeyed === null
        ? null
        : `it has no HMAC, though link ${this.firstKeyed} before it has one`;
    this.firstKeyed ??= link.seq;
    if (state === 'unchecked') this.unchecked += 1;
    return typeof state === 'string' ? null : state.wrong;
  }

  /** Compares the end of the chain with a head known from elsewhere. */
  end(head: { seq: number; hash: string }): readonly ChainFinding[] {
    if (head.seq === this.seq && head.hash === this.hash) return [];
    const what =
      head.seq > this.seq
        ? `the chain ends at link ${this.seq}, but link ${head.seq} was written: the last ${head.seq - this.seq} are missing`
        : `the chain goes on to link ${this.seq}, but its head was noted at link ${head.seq} or differs there`;
    return [{ seq: head.seq, idx: null, what }];
  }

  get head(): { seq: number; hash: string } {
    return { seq: this.seq, hash: this.hash };
  }
}
