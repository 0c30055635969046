import type { Anchor } from '../../domain/audit/anchor';
import { anchorProblem } from '../../domain/audit/anchor';
import type { AuditKeys } from '../../domain/audit/keys';
import { isTiebackError } from '../../domain/base/errors';
import type { Store } from '../../store/store';
import type { Findings } from './findings';

/** A place outside our store that anchors can be read from. */
export interface AnchorSource {
  /** For people: `the ERP`, `the file /mnt/audit/anchors.jsonl`. */
  readonly name: string;
  /** Anchors of any connection, a page at a time; a sentence instead of a page where it cannot be read any further. */
  pages(): AsyncIterable<readonly Anchor[] | string>;
}

/** What became of one place. */
export interface AnchorComparison {
  readonly place: string;
  /** Anchors of this connection that were compared. */
  readonly anchors: number;
  /** Why it could not be read, or not to its end; null: it was. */
  readonly problem: string | null;
}

/** Compares what one place remembers of the chain with the chain. */
export async function compareAnchors(
  store: Store,
  connectionId: string,
  source: AnchorSource,
  { keys, findings }: { readonly keys: AuditKeys; readonly findings: Findings },
): Promise<AnchorComparison> {
  let anchors = 0;
  let problem: string | null = null;
  try {
    for await (const page of source.pages()) {
      if (typeof page === 'string') {
        problem = page;
        break;
      }
      const own = page.filter((anchor) => anchor.connectionId === connectionId);
      const seqs = own.map(({ seq }) => seq);
      const hashes = await store.read('audit.anchors', (t) => t.audit.hashesOf(connectionId, seqs));
      for (const anchor of own) {
        const what = anchorProblem(anchor, hashes.get(anchor.seq) ?? null, keys);
        if (what !== null) findings.about({ about: `anchor in ${source.name}`, what });
      }
      anchors += own.length;
    }
  } catch (error) {
    if (!isTiebackError(error)) throw error;
    problem = error.message;
  }
  return { place: source.name, anchors, problem };
}
