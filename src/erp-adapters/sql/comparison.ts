import type { ChangeFeed, FeedParts } from './model';
import { createHash } from 'node:crypto';
import type { ErpRecord } from '../contract/adapter';
import { bySweep } from './changes';
import { keyColumn } from './model';
import { withLines } from './reader';
import { idIn } from './scope';

/** Records that are compared at a time. */
const SWEEP = 500;

/** What is known of the records of one kind: a digest of each, and the place of its last change. */
class Book {
  private readonly known = new Map<string, { digest: string; version: number }>();
  private version = 0;

  learn({ key, state, record }: ErpRecord): void {
    const digest = createHash('sha256')
      .update(JSON.stringify([state, record]))
      .digest('base64');
    if (this.known.get(key)?.digest === digest) return;
    this.known.delete(key);
    this.version += 1;
    this.known.set(key, { digest, version: this.version });
  }

  /** Those that are not among these are gone. */
  keep(keys: ReadonlySet<string>): void {
    for (const key of this.known.keys()) if (!keys.has(key)) this.known.delete(key);
  }

  /** Keys of the next ones that changed, oldest change first. */
  after(version: number, count: number): readonly (readonly [key: string, version: number])[] {
    const next: (readonly [string, number])[] = [];
    for (const [key, { version: at }] of this.known) {
      if (at > version) next.push([key, at]);
      if (next.length === count) break;
    }
    return next;
  }
}

/**
 * By comparison, for tables that do not tell what changed: every reading goes through all of them and compares each record with what this process saw
 * of it before. What is kept are digests. Another process knows nothing of them: to it the cursor is unknown, and everything is read once more.
 */
export function byComparison(): ChangeFeed {
  const epoch = createHash('sha256')
    .update(`${process.pid} ${process.hrtime.bigint()}`)
    .digest('hex')
    .slice(0, 12);
  const books = new Map<string, Book>();
  return {
    columns: [],
    async *pages(parts, cursor) {
      const name = parts.spec.kind + parts.spec.table;
      const book = books.get(name) ?? new Book();
      books.set(name, book);
      await sweep(parts, book);
      const [, of, version = '0'] = /^(\w+):(\d+)$/.exec(cursor ?? '') ?? [];
      for (let after = of === epoch ? Number(version) : 0; ;) {
        const next = book.after(after, parts.pageSize);
        const records = await recordsOf(
          parts,
          next.map(([key]) => key),
        );
        for (const record of records) book.learn(record);
        after = next.at(-1)?.[1] ?? after;
        yield { records, cursor: `${epoch}:${after}` };
        if (next.length < parts.pageSize) return;
      }
    },
  };
}

async function sweep(parts: FeedParts, book: Book): Promise<void> {
  const seen = new Set<string>();
  for await (const { records } of bySweep.pages({ ...parts, pageSize: SWEEP }, null))
    for (const record of records) {
      seen.add(record.key);
      book.learn(record);
    }
  book.keep(seen);
}

/** In the order of the keys. */
function recordsOf({ spec, read }: FeedParts, keys: readonly string[]): Promise<readonly ErpRecord[]> {
  if (keys.length === 0) return Promise.resolve([]);
  return read('readChanged', async ({ session, headers }) => {
    const { moment, found } = await headers('headers', {
      sql: `t.${keyColumn(spec)} ${session.dialect.inList('ids')}`,
      tail: '',
      bound: { ids: JSON.stringify(keys.map(idIn)) },
    });
    const records = await withLines(moment, spec, found);
    const order = new Map(keys.map((key, index) => [key, index]));
    return [...records].sort((a, b) => (order.get(a.key) ?? 0) - (order.get(b.key) ?? 0));
  });
}
