import { ChainVerifier } from '../domain/audit/chain';
import type { AuditKey } from '../domain/audit/keys';
import { AuditKeys } from '../domain/audit/keys';
import type { Repositories } from './repositories';
import { TABLES } from './repositories/rows';
import type { Store } from './store';

/** What is copied, and how far it is. */
export interface CopyProgress {
  readonly table: string;
  readonly rows: number;
  readonly of: number;
}

/** What was copied. */
export interface Copied {
  /** Rows by table. */
  readonly rows: Readonly<Record<string, number>>;
  /** Links of the audit chain by connection: the same on both ends, and whole. */
  readonly links: Readonly<Record<string, number>>;
}

/** Why nothing was copied, in one sentence. */
export class CopyRefused extends Error {
  override readonly name = 'CopyRefused';
}

const ROWS_AT_A_TIME = 500;

/**
 * Copies a whole store into an empty one: all of it in one transaction, or nothing. Nobody writes to the source meanwhile. Every table has as many rows
 * on both ends, and every audit chain is walked on both before anything is committed. Throws `CopyRefused`.
 */
export async function copyStore(
  { from, to }: { readonly from: Store; readonly to: Store },
  { keys, progress }: { readonly keys: readonly AuditKey[]; readonly progress: (at: CopyProgress) => void },
): Promise<Copied> {
  // As a writer: on SQLite that keeps everybody else from writing.
  return from.transaction('copy.from', null, (source) =>
    to.transaction('copy.to', null, async (target) => {
      await assertEmpty(target);
      const links = await linksOf(source, 'the store that is copied', keys);
      const rows: Record<string, number> = {};
      for (const table of TABLES) {
        const count = await source.rows.count(table);
        let copied = 0;
        for await (const page of source.rows.pages(table, ROWS_AT_A_TIME)) {
          await target.rows.insert(table, page);
          copied += page.length;
          progress({ table, rows: copied, of: count });
        }
        const there = await target.rows.count(table);
        if (there !== count || copied !== count)
          throw new CopyRefused(`Of ${count} rows of ${table}, ${there} arrived.`);
        rows[table] = count;
      }
      const arrived = await linksOf(target, 'the copy', keys);
      if (JSON.stringify(arrived) !== JSON.stringify(links))
        throw new CopyRefused('The audit chains of the copy are not those of the store that was copied.');
      return { rows, links };
    }),
  );
}

async function assertEmpty(target: Repositories): Promise<void> {
  const held: string[] = [];
  for (const table of TABLES) {
    const count = await target.rows.count(table);
    if (count > 0) held.push(`${table} has ${count}`);
  }
  if (held.length > 0)
    throw new CopyRefused(`The store to copy to is not empty: rows of ${held.join(', ')}.`);
}

/** How long the audit chain of each connection is. Throws `CopyRefused` where one is not whole. */
async function linksOf(
  t: Repositories,
  which: string,
  keys: readonly AuditKey[],
): Promise<Record<string, number>> {
  const links: Record<string, number> = {};
  for (const { id } of await t.connections.all()) {
    const verifier = new ChainVerifier(id, new AuditKeys(keys));
    const findings = [];
    for await (const link of t.audit.chain(id)) findings.push(...verifier.check(link));
    findings.push(...verifier.end(await t.audit.head(id)));
    const [first] = findings;
    if (first !== undefined)
      throw new CopyRefused(
        `The audit log of "${id}" in ${which} is not whole: link ${first.seq}: ${first.what}.`,
      );
    links[id] = verifier.head.seq;
  }
  return links;
}
