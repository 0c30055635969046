import { contentHash } from '../../domain/base/identity';
import type { ErpRecord, KindCapability } from './adapter';

/** What was there when the feed was looked at: where it stood, and a digest of every record. It holds no values. */
export interface FeedMark {
  readonly cursor: string | null;
  readonly digests: Readonly<Record<string, string>>;
}

/** What a sweep found that the feed did not tell. */
export interface FeedProof {
  readonly mark: FeedMark;
  /** Keys of records that changed or came since the mark before, and that the feed did not bring. */
  readonly missed: readonly string[];
  /** Keys of records that were deleted since the mark before. */
  readonly gone: readonly string[];
  /** How many changes the feed did bring. */
  readonly told: number;
  /** How many records there are. */
  readonly swept: number;
}

/**
 * Proves the feed of one kind by a sweep: what the feed tells since the mark before is compared with every record that is there. Without a mark the feed
 * tells everything from the beginning. A record that changes between the two readings is asked for once more, so that only what stays untold is named.
 * Only reads.
 */
export async function proveFeed(
  records: KindCapability,
  before: FeedMark | null,
  pageSize: number,
): Promise<FeedProof> {
  const told = new Map<string, string>();
  let cursor = await tell(records, before?.cursor ?? null, pageSize, told);
  const swept = await sweep(records, pageSize);
  const known = new Map(Object.entries(before?.digests ?? {}));
  const untold = (): readonly string[] =>
    [...swept].flatMap(([key, digest]) => (digest === (told.get(key) ?? known.get(key)) ? [] : [key]));
  let count = told.size;
  if (untold().length > 0) {
    cursor = await tell(records, cursor, pageSize, told);
    count = told.size;
    const again = await records.read(untold());
    const there = new Map(again.map((record) => [record.key, digestOf(record)]));
    for (const key of untold()) {
      const digest = there.get(key);
      if (digest === undefined) swept.delete(key);
      else swept.set(key, digest);
    }
  }
  return {
    mark: { cursor, digests: Object.fromEntries(swept) },
    missed: untold(),
    gone: [...known.keys()].filter((key) => !swept.has(key)),
    told: count,
    swept: swept.size,
  };
}

/** Takes in what the feed tells; answers where it stands then. */
async function tell(
  records: KindCapability,
  cursor: string | null,
  pageSize: number,
  told: Map<string, string>,
): Promise<string | null> {
  let last = cursor;
  for await (const page of records.readChanged(cursor, pageSize)) {
    for (const record of page.records) told.set(record.key, digestOf(record));
    last = page.cursor;
  }
  return last;
}

/** Everything that is there, by its keys; without those, as a new feed tells it. */
async function sweep(records: KindCapability, pageSize: number): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  if (records.keys === undefined) await tell(records, null, pageSize, found);
  else
    for await (const keys of records.keys(pageSize))
      for (const record of await records.read(keys)) found.set(record.key, digestOf(record));
  return found;
}

const digestOf = ({ state, record }: ErpRecord): string => contentHash({ state, record });
