import type { AuditFinding, StoredLink } from '../domain/audit/chain';
import { ChainVerifier } from '../domain/audit/chain';
import type { Store } from '../store/store';

/** A head of the chain as somebody wrote it down. */
export interface NotedHead {
  readonly seq: number;
  /** The hash, or its first twelve characters or more. */
  readonly hash: string;
}

/** What became of the check of one connection. */
export interface AuditVerdict {
  readonly connectionId: string;
  readonly entries: number;
  readonly links: number;
  readonly head: { readonly seq: number; readonly hash: string };
  readonly findings: readonly AuditFinding[];
}

/**
 * Walks the chain of a connection and names what was changed, with link and position. The head is read first, and the chain up to it: what
 * a daemon appends meanwhile belongs to the next check.
 */
export async function verifyAudit(
  store: Store,
  connectionId: string,
  noted: NotedHead | undefined,
): Promise<AuditVerdict> {
  const verifier = new ChainVerifier(connectionId);
  const findings: AuditFinding[] = [];
  let links = 0;
  try {
    await store.read('audit.verify', async (t) => {
      const head = await t.audit.head(connectionId);
      for await (const link of t.audit.chain(connectionId, { upTo: head.seq })) {
        links += 1;
        findings.push(...verifier.check(link).map((finding) => withWords(finding, link)));
        if (noted?.seq === link.seq && !link.hash.startsWith(noted.hash)) {
          findings.push({ seq: link.seq, idx: null, what: `its hash is not ${noted.hash}, which was noted` });
        }
      }
      findings.push(...verifier.end(head));
      // In this order: a link that was appended meanwhile has moved the head with it.
      const newest = await t.audit.newest(connectionId);
      findings.push(...beyond(newest, await t.audit.head(connectionId)));
      for (const { seq, idx } of await t.audit.orphans(connectionId)) {
        findings.push({ seq, idx, what: 'entry belongs to no link: its link was removed, or it was added' });
      }
    });
  } catch (error) {
    // A row that is no JSON any more was not written by us.
    if (!(error instanceof SyntaxError)) throw error;
    findings.push({ seq: verifier.head.seq + 1, idx: null, what: `cannot be read: ${error.message}` });
  }
  if (noted !== undefined && noted.seq > verifier.head.seq) {
    const what = `the chain ends at link ${verifier.head.seq}, but link ${noted.seq} was noted`;
    findings.push({ seq: noted.seq, idx: null, what });
  }
  return { connectionId, entries: verifier.entries, links, head: verifier.head, findings };
}

const beyond = (newest: number, { seq }: { readonly seq: number }): readonly AuditFinding[] =>
  newest <= seq
    ? []
    : [
        {
          seq: newest,
          idx: null,
          what: `the chain goes on to link ${newest}, but its head was noted at link ${seq}`,
        },
      ];

/** What the entry at that place says now. */
function withWords(finding: AuditFinding, { entries }: StoredLink): AuditFinding {
  const found = entries.find(({ idx }) => idx === finding.idx)?.entry;
  if (!found) return finding;
  return {
    ...finding,
    what: `${finding.what}; it says now: ${found.at} ${found.actor} ${found.action} ${found.subject}`,
  };
}
