import type { StoredLink } from '../../domain/audit/chain';
import type { Store } from '../../store/store';

const LINKS_AT_A_TIME = 200;

/** The chain of a connection in order, a page at a time: between two of them others have their turn in the store. `upTo`: without what comes after this link. */
export async function* chainPages(
  store: Store,
  connectionId: string,
  upTo?: number,
): AsyncGenerator<readonly StoredLink[]> {
  for (let last: number | null = null; ;) {
    const after: number | null = last;
    const links: readonly StoredLink[] = await store.read('audit.chain', (t) =>
      t.audit.linksAfter(connectionId, after, { take: LINKS_AT_A_TIME, upTo }),
    );
    if (links.length > 0) yield links;
    if (links.length < LINKS_AT_A_TIME) return;
    last = links.at(-1)?.seq ?? null;
  }
}
