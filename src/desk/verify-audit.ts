import type { AuditFinding, StoredLink } from '../domain/audit/chain';
import { ChainVerifier } from '../domain/audit/chain';
import { isTiebackError } from '../domain/base/errors';
import type { Repositories } from '../store/repositories';
import type { Holdings } from '../store/repositories/review';
import type { ConnectionRow } from '../store/rows';
import type { Store } from '../store/store';

/** A head of the chain as somebody wrote it down. */
export interface NotedHead {
  readonly seq: number;
  /** The hash, or its first twelve characters or more. */
  readonly hash: string;
}

/** An operation as the ERP's own ledger tells it. */
export interface WrittenInErp {
  readonly operationKey: string;
  readonly recordId: string;
  readonly erpKey: string;
  readonly planHash: string;
  /** ISO 8601 UTC. */
  readonly writtenAt: string;
}

/** The ERP's own ledger, as far as the check asks it. */
export interface ErpLedger {
  find(operationKeys: readonly string[]): Promise<readonly WrittenInErp[]>;
  entries(
    after: string | null,
    size: number,
  ): Promise<{ readonly entries: readonly WrittenInErp[]; readonly cursor: string | null }>;
}

/** What is checked, and against what. */
export interface AuditQuestion {
  readonly connectionId: string;
  /** A head that was written down earlier. */
  readonly noted?: NotedHead | undefined;
  /** The ERP's ledger, or a sentence that says why it is not asked. */
  readonly ledger: ErpLedger | string;
}

/** Whether the ERP's ledger was compared, and why not. */
export type ErpComparison =
  | { readonly compared: true; readonly entries: number }
  | { readonly compared: false; readonly reason: string };

/** What became of the check of one connection. */
export interface AuditVerdict {
  readonly connectionId: string;
  readonly entries: number;
  readonly links: number;
  readonly head: { readonly seq: number; readonly hash: string };
  /** What was changed, removed or added; the first thousand. */
  readonly findings: readonly AuditFinding[];
  /** How many findings there are beyond those. */
  readonly moreFindings: number;
  readonly erp: ErpComparison;
}

/**
 * Checks the audit log of a connection and names what was changed, with link and position: the chain in itself, whether there is one at all
 * where the tables or the ERP say that something happened, and the ERP's ledger. Nothing is changed.
 */
export async function verifyAudit(store: Store, question: AuditQuestion): Promise<AuditVerdict> {
  const check = new AuditCheck(store, question);
  return check.all();
}

/** Entries of the ERP's ledger that are read at a time. */
const LEDGER_PAGE = 500;
const MOST_FINDINGS = 1000;

/** What the store holds of a connection, looked at before anything is walked. */
interface Standing {
  readonly row: ConnectionRow | null;
  readonly newest: number;
  readonly holdings: Holdings;
}

class AuditCheck {
  private readonly findings: AuditFinding[] = [];
  private moreFindings = 0;
  private readonly verifier: ChainVerifier;
  private links = 0;
  private readonly connectionId: string;

  constructor(
    private readonly store: Store,
    private readonly question: AuditQuestion,
  ) {
    this.connectionId = question.connectionId;
    this.verifier = new ChainVerifier(question.connectionId);
  }

  async all(): Promise<AuditVerdict> {
    const { connectionId } = this;
    const standing = await this.store.read('audit.standing', async (t) => ({
      row: await t.connections.find(connectionId),
      newest: await t.audit.newest(connectionId),
      holdings: await t.review.holdings(connectionId),
    }));
    this.compareStanding(standing);
    const erp = await this.compareLedger(standing);
    await this.walkChain();
    const { entries, head } = this.verifier;
    const { links, findings, moreFindings } = this;
    return { connectionId, entries, links, head, findings, moreFindings, erp };
  }

  private found(finding: AuditFinding): void {
    if (this.findings.length < MOST_FINDINGS) this.findings.push(finding);
    else this.moreFindings += 1;
  }

  private foundAbout(about: string, what: string): void {
    this.found({ seq: null, idx: null, about, what });
  }

  /** Every connection has a row and begins its chain with an entry; nothing is done without one. */
  private compareStanding({ row, newest, holdings }: Standing): void {
    const held = Object.entries(holdings).filter(([, count]) => count > 0);
    const told = held.map(([rows, count]) => counted(count, rows)).join(', ');
    const isEmpty = newest === 0 && (row?.auditSeq ?? 0) === 0;
    if (row === null && (newest > 0 || held.length > 0)) {
      this.foundAbout('connection', 'its row was removed, so that the head of its chain is not known');
    }
    if (isEmpty && (row !== null || held.length > 0)) {
      const beside = held.length === 0 ? 'the connection was registered' : `the tables hold ${told}`;
      this.foundAbout('audit log', `it is empty, but ${beside}`);
    }
  }

  private async compareLedger({ newest }: Standing): Promise<ErpComparison> {
    const { ledger } = this.question;
    if (typeof ledger === 'string') return { compared: false, reason: ledger };
    let entries = 0;
    try {
      let after: string | null = null;
      do {
        const page: Awaited<ReturnType<ErpLedger['entries']>> = await ledger.entries(after, LEDGER_PAGE);
        entries += page.entries.length;
        after = page.cursor;
      } while (after !== null);
    } catch (error) {
      if (!isTiebackError(error)) throw error;
      return { compared: false, reason: error.message };
    }
    if (entries > 0 && newest === 0)
      this.foundAbout(
        'audit log',
        `it is empty, but the ERP's ledger holds ${counted(entries, 'operations')} of ours`,
      );
    return { compared: true, entries };
  }

  /** The head is read first, and the chain up to it: what a daemon appends meanwhile belongs to the next check. */
  private async walkChain(): Promise<void> {
    try {
      await this.store.read('audit.verify', (t) => this.walk(t));
    } catch (error) {
      // A row that is no JSON any more was not written by us.
      if (!(error instanceof SyntaxError)) throw error;
      this.found({
        seq: this.verifier.head.seq + 1,
        idx: null,
        what: `cannot be read: ${error.message}`,
      });
    }
    const { noted } = this.question;
    const last = this.verifier.head.seq;
    if (noted !== undefined && noted.seq > last) {
      const what = `the chain ends at link ${last}, but link ${noted.seq} was noted`;
      this.found({ seq: noted.seq, idx: null, what });
    }
  }

  private async walk(t: Repositories): Promise<void> {
    const { connectionId } = this;
    const row = await t.connections.find(connectionId);
    // Without a row nobody knows the head: all that is there is walked.
    const head = row && { seq: row.auditSeq, hash: row.auditHash };
    for await (const link of t.audit.chain(connectionId, head ? { upTo: head.seq } : {})) this.check(link);
    if (head) {
      for (const finding of this.verifier.end(head)) this.found(finding);
      // In this order: a link that was appended meanwhile has moved the head with it.
      const newest = await t.audit.newest(connectionId);
      const { seq } = await t.audit.head(connectionId);
      const what = `the chain goes on to link ${newest}, but its head was noted at link ${seq}`;
      if (newest > seq) this.found({ seq: newest, idx: null, what });
    }
    for (const { seq, idx } of await t.audit.orphans(connectionId))
      this.found({ seq, idx, what: 'entry belongs to no link: its link was removed, or it was added' });
  }

  private check(link: StoredLink): void {
    const { noted } = this.question;
    this.links += 1;
    for (const finding of this.verifier.check(link)) this.found(withWords(finding, link));
    if (noted?.seq === link.seq && !link.hash.startsWith(noted.hash))
      this.found({ seq: link.seq, idx: null, what: `its hash is not ${noted.hash}, which was noted` });
  }
}

/** `1 approval`, `2 approvals`. */
const counted = (count: number, things: string): string =>
  `${count} ${count === 1 ? things.replace(/s$/, '') : things}`;

/** What the entry at that place says now. */
function withWords(finding: AuditFinding, { entries }: StoredLink): AuditFinding {
  const found = entries.find(({ idx }) => idx === finding.idx)?.entry;
  if (!found) return finding;
  return {
    ...finding,
    what: `${finding.what}; it says now: ${found.at} ${found.actor} ${found.action} ${found.subject}`,
  };
}
