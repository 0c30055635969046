import type { ErpRecord } from '../contract/adapter';
import type { ChangeFeed, FeedParts, KindSpec, Moment } from './model';
import { keyColumn } from './model';
import { headersQuery, toHeaders, withLines } from './reader';
import type { Scopes } from './scope';
import type { SqlDatabase, SqlSession, Value } from './session';
import { query } from './session';

/**
 * By a counter of the ERP: every change of a row gets its next value, in the transaction that makes the change, and there is one writer at a time, so
 * that versions become visible in order. Everything up to the cursor has been seen, no overlap is needed. A row that changes while we read, or one of
 * whose lines does, gets a higher version and comes once more.
 */
export const byCounter = (column: string, now: string): ChangeFeed => ({
  columns: [column],
  now,
  version: `t.${column}`,
  async *pages({ spec, pageSize, logger, read }, cursor) {
    for (let after: number | null = null; ;) {
      const page: { records: readonly ErpRecord[]; last: number; isWhole: boolean } = await read(
        'readChanged',
        async ({ session, headers }) => {
          const since =
            after ??
            (await startAfter(session, cursor, now, (known) =>
              logger?.warn(`The ERP does not know the ${spec.noun} cursor; everything is read again`, {
                cursor: known,
              }),
            ));
          const { moment, found } = await headers('headers', {
            version: `t.${column}`,
            sql: `t.${column} > @since`,
            tail: `ORDER BY t.${column} ${session.dialect.limit('pageSize')}`,
            bound: { since, pageSize },
          });
          const last = Number(found.at(-1)?.version ?? since);
          return { records: await withLines(moment, spec, found), last, isWhole: found.length < pageSize };
        },
      );
      after = page.last;
      yield { records: page.records, cursor: `rv:${after}` };
      if (page.isWhole) return;
    }
  },
});

/** A cursor ahead of the counter comes from before a restored backup: then everything is read again. */
async function startAfter(
  session: SqlSession,
  cursor: string | null,
  now: string,
  unknown: (cursor: string) => void,
): Promise<number> {
  if (cursor === null) return 0;
  const version = Number(/^rv:(\d+)$/.exec(cursor)?.[1] ?? NaN);
  const [rows = []] = await session.ask('counter', [query(`SELECT ${now} AS counter`)]);
  if (version <= Number(rows[0]?.['counter'] ?? 0)) return version;
  unknown(cursor);
  return 0;
}

/**
 * All of it every time, by id: for tables that do not tell what changed. Whoever reads compares with what it knows. A row that is born behind the page
 * that is being read comes with the next sweep.
 */
export const bySweep: ChangeFeed = {
  columns: [],
  async *pages({ spec, pageSize, read }) {
    const key = keyColumn(spec);
    for (let after: string | null = null; ;) {
      const page: { records: readonly ErpRecord[]; last: string | null; isWhole: boolean } = await read(
        'readChanged',
        async ({ session, headers }) => {
          const { moment, found } = await headers('headers', {
            sql: after === null ? '1 = 1' : `t.${key} > @after`,
            tail: `ORDER BY t.${key} ${session.dialect.limit('pageSize')}`,
            bound:
              after === null
                ? { pageSize }
                : { after: spec.idForm === 'text' ? after : Number(after), pageSize },
          });
          const last = found.at(-1)?.id ?? after;
          return { records: await withLines(moment, spec, found), last, isWhole: found.length < pageSize };
        },
      );
      after = page.last;
      yield { records: page.records, cursor: `sweep:${after ?? ''}` };
      if (page.isWhole) return;
    }
  },
};

/** Reads as a feed does: every page is a reading of its own. */
export const feedReader =
  (
    database: SqlDatabase,
    scopes: Scopes,
    catalogue: Moment['catalogue'],
    spec: KindSpec,
  ): FeedParts['read'] =>
  (part, work) =>
    database.read(`erp.${spec.kind}.${part}`, (session) =>
      work({
        session,
        async headers(name, { version, sql, tail, bound }, beside = []) {
          const { scope, value } = await scopes.ask(session, name, (held, asking) => {
            const rows = asking.add(
              headersQuery(session, held, {
                spec,
                condition: { sql, tail, bound: bound },
                ...(version === undefined ? {} : { version }),
              }),
            );
            const others = beside.map((other) => asking.add(query(other)));
            return () => ({
              found: toHeaders({ scope: held, catalogue }, spec, rows()),
              beside: others.map((take) => take()),
            });
          });
          return { moment: { session, scope, catalogue }, ...value };
        },
      }),
    );

/** Whole numbers come as numbers or as text. */
export const asNumber = (value: Value | undefined): number => Number(value ?? 0);
