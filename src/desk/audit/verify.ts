import type { AuditEntry, AuditFinding, ChainFinding, StoredLink } from '../../domain/audit/chain';
import { ChainVerifier } from '../../domain/audit/chain';
import { linkNotKept, linkOfEntry, notKept } from '../../domain/audit/compare';
import { proofOf, signatureTexts } from '../../domain/audit/evidence';
import type { AuditKey } from '../../domain/audit/keys';
import { AuditKeys } from '../../domain/audit/keys';
import type { SigningKeys } from '../../domain/people/signing-keys';
import type { Holdings } from '../../store/repositories/review';
import type { ConnectionRow } from '../../store/rows';
import type { Store } from '../../store/store';
import type { AnchorComparison, AnchorSource } from './anchors';
import { compareAnchors } from './anchors';
import type { ErpComparison, ErpLedger } from './erp-ledger';
import { LedgerCheck } from './erp-ledger';
import { chainPages } from './chain-pages';
import { counted, Findings } from './findings';
import { Pace } from './pace';
import type { AuditProgress } from './pace';
import { compareTables } from './tables';

/** A head of the chain as somebody wrote it down. */
export interface NotedHead {
  readonly seq: number;
  /** The hash, or its first twelve characters or more. */
  readonly hash: string;
}

/** What is checked, and against what. */
export interface AuditQuestion {
  readonly connectionId: string;
  /** A head that was written down earlier. */
  readonly noted?: NotedHead | undefined;
  /** The ERP's ledger, or a sentence that says why it is not asked. */
  readonly ledger: ErpLedger | string;
  /** Keys that the log may be signed with; none: what is signed is not checked. */
  readonly keys?: readonly AuditKey[] | undefined;
  /** What people's answers are signed with; undefined: their signatures are not checked. */
  readonly signing?: Pick<SigningKeys, 'isSigned' | 'publicKeys'> | undefined;
  /** Places outside our store that remember heads of the chain. */
  readonly anchors?: readonly AnchorSource[] | undefined;
  /** Is told how far the check is. */
  readonly progress?: ((at: AuditProgress) => void) | undefined;
  /** Ends the check, which throws its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What became of the check of one connection. */
export interface AuditVerdict {
  readonly connectionId: string;
  readonly entries: number;
  readonly links: number;
  /** Requests whose rows were compared with the chain. */
  readonly requests: number;
  readonly head: { readonly seq: number; readonly hash: string };
  /** What was changed, removed or added; the first thousand. */
  readonly findings: readonly AuditFinding[];
  /** How many findings there are beyond those. */
  readonly moreFindings: number;
  readonly erp: ErpComparison;
  readonly anchors: readonly AnchorComparison[];
  readonly keys: Keying;
  readonly signatures: Signatures;
}

/** Answers of people, by whether their signature could be checked. */
export interface Signatures {
  readonly checked: number;
  /** Nobody here has the key. */
  readonly unchecked: number;
}

/** How far the chain is signed. */
export interface Keying {
  /** The first link with an HMAC; null: none has one. */
  readonly first: number | null;
  /** Links whose HMAC nobody here has a key for. */
  readonly unchecked: number;
}

/**
 * Checks the audit log of a connection and names what was changed, with link and position: the chain in itself, whether there is one at all
 * where the tables or the ERP say that something happened, the tables, the ERP's ledger, and what was anchored outside our store. Nothing is changed.
 */
export async function verifyAudit(store: Store, question: AuditQuestion): Promise<AuditVerdict> {
  const check = new AuditCheck(store, question);
  return check.all();
}

/** What the store holds of a connection, looked at before anything is walked. */
interface Standing {
  readonly row: ConnectionRow | null;
  readonly newest: number;
  readonly holdings: Holdings;
}

class AuditCheck {
  private readonly findings = new Findings();
  private readonly verifier: ChainVerifier;
  private readonly ledger: LedgerCheck;
  private readonly pace: Pace;
  private readonly connectionId: string;
  private links = 0;
  /** Requests that the chain tells of and that are gone: each is told once. */
  private readonly gone = new Set<string>();
  private readonly signatures = { checked: 0, unchecked: 0 };
  /** A signature counts once. */
  private readonly seen = new Set<unknown>();

  constructor(
    private readonly store: Store,
    private readonly question: AuditQuestion,
  ) {
    const { connectionId, ledger, keys } = question;
    this.connectionId = connectionId;
    this.pace = new Pace(question);
    this.verifier = new ChainVerifier(connectionId, new AuditKeys(keys));
    this.ledger = new LedgerCheck(store, connectionId, ledger, { findings: this.findings, pace: this.pace });
  }

  async all(): Promise<AuditVerdict> {
    const { connectionId, store, findings, ledger } = this;
    const standing = await store.read('audit.standing', async (t) => ({
      row: await t.connections.find(connectionId),
      newest: await t.audit.newest(connectionId),
      holdings: await t.review.holdings(connectionId),
    }));
    this.compareStanding(standing);
    const { newest, holdings } = standing;
    let requests = 0;
    // Tables first: whatever they hold is in the chain by the time its head is read.
    await this.readable('a table', async () => {
      if (newest > 0)
        requests = await compareTables(store, connectionId, { holdings, ledger, findings, pace: this.pace });
    });
    await this.readable('an entry', () => ledger.everyEntry(newest > 0));
    await this.walkChain();
    const keys = new AuditKeys(this.question.keys);
    const anchors: AnchorComparison[] = [];
    for (const source of this.question.anchors ?? [])
      anchors.push(await compareAnchors(store, connectionId, source, { keys, findings }));
    const { entries, head } = this.verifier;
    return {
      connectionId,
      entries,
      links: this.links,
      requests,
      head,
      findings: findings.list,
      moreFindings: findings.more,
      erp: ledger.result,
      anchors,
      keys: { first: this.verifier.firstKeyed, unchecked: this.verifier.unchecked },
      signatures: { ...this.signatures },
    };
  }

  /** A row that is no JSON any more was not written by us. */
  private async readable(what: string, look: () => Promise<void>): Promise<void> {
    try {
      await look();
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      this.findings.about({ about: 'tables', what: `${what} cannot be read: ${error.message}` });
    }
  }

  /** Every connection has a row and begins its chain with an entry; nothing is done without one. */
  private compareStanding({ row, newest, holdings }: Standing): void {
    const held = Object.entries<number>({ ...holdings }).filter(([, count]) => count > 0);
    const told = held.map(([rows, count]) => counted(count, rows)).join(', ');
    const isEmpty = newest === 0 && (row?.auditSeq ?? 0) === 0;
    if (row === null && (newest > 0 || held.length > 0)) {
      const what = 'its row was removed, so that the head of its chain is not known';
      this.findings.about({ about: 'connection', what });
    }
    if (isEmpty && (row !== null || held.length > 0)) {
      const beside = held.length === 0 ? 'the connection was registered' : `the tables hold ${told}`;
      this.findings.about({ about: 'audit log', what: `it is empty, but ${beside}` });
    }
  }

  /** The head is read first, and the chain up to it: what a daemon appends meanwhile belongs to the next check. */
  private async walkChain(): Promise<void> {
    try {
      const head = await this.walk();
      if (head !== null) await this.beyond(head);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      const seq = this.verifier.head.seq + 1;
      this.findings.add({ seq, idx: null, what: `cannot be read: ${error.message}` });
    }
    const { noted } = this.question;
    const last = this.verifier.head.seq;
    if (noted !== undefined && noted.seq > last) {
      const what = `the chain ends at link ${last}, but link ${noted.seq} was noted`;
      this.findings.add({ seq: noted.seq, idx: null, what });
    }
  }

  /** Answers the head it walked to; null: nobody knows it. */
  private async walk(): Promise<number | null> {
    const { connectionId, findings, store } = this;
    const row = await store.read('audit.verify', (t) => t.connections.find(connectionId));
    // Without a row nobody knows the head: all that is there is walked.
    const head = row && { seq: row.auditSeq, hash: row.auditHash };
    for await (const links of chainPages(store, connectionId, head?.seq)) {
      for (const link of links) this.check(link);
      await this.compareWalked(links);
      await this.pace.step({ links: this.links, of: head?.seq ?? null });
    }
    if (head) for (const finding of this.verifier.end(head)) findings.add(finding);
    // Above the head a writer may be at work: its entries may be seen before its link.
    const below = head ? { upTo: head.seq } : {};
    const orphans = await store.read('audit.orphans', (t) => t.audit.orphans(connectionId, below));
    for (const { seq, idx } of orphans) findings.add({ seq, idx, what: OF_NO_LINK });
    return head?.seq ?? null;
  }

  /** Above the head from which the chain was walked: a link that was appended meanwhile has moved the head with it, so the head is read last. */
  private async beyond(head: number): Promise<void> {
    const { connectionId, findings } = this;
    const [newest, orphans, { seq: last }] = await this.store.read('audit.beyond', (t) =>
      Promise.all([
        t.audit.newest(connectionId),
        t.audit.orphans(connectionId, { above: head }),
        t.audit.head(connectionId),
      ]),
    );
    const what = `the chain goes on to link ${newest}, but its head was noted at link ${last}`;
    if (newest > last) findings.add({ seq: newest, idx: null, what });
    for (const { seq, idx } of orphans) if (seq > last) findings.add({ seq, idx, what: OF_NO_LINK });
  }

  private check(link: StoredLink): void {
    const { noted } = this.question;
    this.links += 1;
    for (const finding of this.verifier.check(link)) this.findings.add(withWords(finding, link));
    for (const { idx, entry } of link.entries) {
      const what = this.unproven(entry);
      if (what !== null) this.findings.add({ seq: link.seq, idx, what });
    }
    if (noted?.seq === link.seq && !link.hash.startsWith(noted.hash))
      this.findings.add({ seq: link.seq, idx: null, what: `its hash is not ${noted.hash}, which was noted` });
  }

  /** Why an entry does not prove that a person gave the answer it tells of; null: it does, it tells of none, or that cannot be checked. */
  private unproven(entry: AuditEntry): string | null {
    const { connectionId, signing = { isSigned: () => false, publicKeys: [] } } = this.question;
    const proof = proofOf(connectionId, entry, signing);
    if (proof === 'none') return null;
    const texts = signatureTexts(entry.detail);
    const isCopy = texts.some((text) => this.seen.has(text));
    for (const text of texts) this.seen.add(text);
    const isChecked = this.question.signing !== undefined && proof !== 'unchecked';
    this.signatures[isChecked ? 'checked' : 'unchecked'] += 1;
    const told = `"${entry.actor}" answered (${entry.action})`;
    if (isCopy) return `${told}, but the signature is that of an earlier entry`;
    return isChecked && proof === 'wrong' ? `${told}, but the daemon did not sign it` : null;
  }

  /** What these links tell must still be in the tables. Entries were read first: a row that is missing now is gone. */
  private async compareWalked(walked: readonly StoredLink[]): Promise<void> {
    const { connectionId, findings } = this;
    const placed = walked.flatMap(({ seq, entries }) => entries.map((one) => ({ seq, ...one })));
    const ids = new Set(placed.map(({ entry }) => entry.requestId).filter((id) => id !== null));
    const linkIds = placed.map(({ entry }) => linkOfEntry(entry)).filter((id) => id !== null);
    const [facts, links] = await this.store.read('audit.walked', async (t) => [
      await t.review.facts(connectionId, [...ids]),
      await t.review.links(connectionId, [...new Set(linkIds)]),
    ]);
    for (const { seq, idx, entry } of placed) {
      const own = entry.requestId === null ? undefined : facts.get(entry.requestId);
      const link = linkOfEntry(entry);
      const what =
        (own && notKept(entry, own)) ?? (link === null ? null : linkNotKept(entry, links.get(link) ?? null));
      if (what !== null) findings.add({ seq, idx, what });
      if (entry.requestId === null || own || this.gone.has(entry.requestId)) continue;
      this.gone.add(entry.requestId);
      findings.add({ seq, idx, what: `${entry.requestId} is not in the store any more` });
    }
  }
}

const OF_NO_LINK = 'entry belongs to no link: its link was removed, or it was added';

/** What the entry at that place says now. */
function withWords(finding: ChainFinding, { entries }: StoredLink): ChainFinding {
  const found = entries.find(({ idx }) => idx === finding.idx)?.entry;
  if (!found) return finding;
  return {
    ...finding,
    what: `${finding.what}; it says now: ${found.at} ${found.actor} ${found.action} ${found.subject}`,
  };
}
