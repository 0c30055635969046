import fc from 'fast-check';
import type { ErpRecord } from '../../../src/erp-adapters/contract/adapter';
import { byChangeTracking } from '../../../src/erp-adapters/sql/change-tracking';
import { byRowversion } from '../../../src/erp-adapters/sql/changes';
import { TSQL } from '../../../src/erp-adapters/sql/dialect';
import type {
  ChangeFeed,
  FeedMoment,
  FeedParts,
  KindSpec,
  Moment,
} from '../../../src/erp-adapters/sql/model';
import { Catalogue } from '../../../src/erp-adapters/sql/model';
import type { Row, SqlSession } from '../../../src/erp-adapters/sql/session';

/**
 * SQL Server is played here: no such server runs in tests, and what can be had in its place knows neither rowversion nor Change Tracking. The player
 * answers the questions of the feeds from transactions that overlap; that the statements are T-SQL is checked with those of the other adapters.
 */
const SPEC: KindSpec = {
  kind: 'vendor',
  table: 'dbo.thing',
  key: 'id',
  owner: 'co',
  fields: {},
  lines: [],
  state: "'active'",
  noun: 'thing',
};
const SCOPE = { company: '1', companyName: 'One', owners: { co: 1 }, masks: {}, settings: {} };

interface Answers {
  ask(sql: string, bound: Row): readonly Row[];
  rows(sql: string, bound: Row): readonly { readonly id: string; readonly version: string }[];
}

/** What a feed reads with, answered by a player. */
function partsOf(player: Answers, pageSize: number, warned: string[] = []): FeedParts {
  const session: SqlSession = {
    dialect: TSQL,
    ask: (_part, statements) => Promise.resolve(statements.map(({ sql, bound }) => player.ask(sql, bound))),
  };
  const moment: Moment = { session, scope: SCOPE, catalogue: new Catalogue([SPEC]) };
  const feedMoment: FeedMoment = {
    session,
    headers: (_part, { sql, bound }) => {
      const rows = player.rows(sql, bound).slice(0, Number(bound['pageSize'] ?? 0));
      const found = rows.map(({ id, version }) => ({ id, version, state: 'active' as const, fields: {} }));
      return Promise.resolve({ moment, found, beside: [] });
    },
  };
  return {
    spec: SPEC,
    pageSize,
    logger: { info: () => undefined, warn: (message) => void warned.push(message) },
    read: (_part, work) => work(feedMoment),
  };
}

async function take(
  feed: ChangeFeed,
  parts: FeedParts,
  cursor: string | null,
  pages: number | null = null,
): Promise<{
  readonly keys: readonly string[];
  readonly gone: readonly string[];
  readonly cursor: string | null;
}> {
  const records: ErpRecord[] = [];
  const gone: string[] = [];
  let last = cursor;
  let left = pages;
  for await (const page of feed.pages(parts, cursor)) {
    records.push(...page.records);
    gone.push(...(page.gone ?? []));
    last = page.cursor;
    if (left !== null && (left -= 1) === 0) break;
  }
  return { keys: records.map(({ key }) => key), gone, cursor: last };
}

/** Versions are given out when a row is changed, and seen when its transaction commits. */
class Rowversions implements Answers {
  private next = 1;
  private readonly seen = new Map<string, number>();
  private readonly open = new Map<number, Map<string, number>>();

  change(transaction: number, id: string): void {
    const rows = this.open.get(transaction) ?? new Map<string, number>();
    rows.set(id, this.next);
    this.next += 1;
    this.open.set(transaction, rows);
  }

  commit(transaction: number): readonly string[] {
    const rows = [...(this.open.get(transaction) ?? [])];
    for (const [id, version] of rows) this.seen.set(id, version);
    this.open.delete(transaction);
    return rows.map(([id]) => id);
  }

  ask(sql: string): readonly Row[] {
    if (!sql.includes('MIN_ACTIVE_ROWVERSION()')) throw new Error(`not asked here: ${sql}`);
    const active = [...this.open.values()].flatMap((rows) => [...rows.values()]);
    return [{ lowest: String(Math.min(this.next, ...active)) }];
  }

  rows(_sql: string, { since, until }: Row): readonly { readonly id: string; readonly version: string }[] {
    return [...this.seen]
      .filter(([, version]) => version > Number(since) && version < Number(until))
      .sort(([, a], [, b]) => a - b)
      .map(([id, version]) => ({ id, version: String(version) }));
  }
}

describe('changes by rowversion', () => {
  const step = fc.oneof(
    fc.record({
      does: fc.constant('change' as const),
      transaction: fc.integer({ min: 1, max: 3 }),
      id: fc.integer({ min: 1, max: 6 }),
    }),
    fc.record({ does: fc.constant('commit' as const), transaction: fc.integer({ min: 1, max: 3 }) }),
    fc.record({
      does: fc.constant('read' as const),
      pages: fc.option(fc.integer({ min: 1, max: 2 }), { nil: null }),
    }),
  );

  test('however transactions overlap with each other and with pages: every change is seen after it was committed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const server = new Rowversions();
        const feed = byRowversion('rv');
        const parts = partsOf(server, 2);
        const unseen = new Set<string>();
        const keep = (ids: readonly string[]): void => ids.forEach((id) => unseen.add(`1|${id}`));
        let cursor: string | null = null;
        for (const each of steps) {
          if (each.does === 'change') server.change(each.transaction, String(each.id));
          if (each.does === 'commit') keep(server.commit(each.transaction));
          if (each.does !== 'read') continue;
          const got = await take(feed, parts, cursor, each.pages);
          for (const key of got.keys) unseen.delete(key);
          cursor = got.cursor;
        }
        for (const transaction of [1, 2, 3]) keep(server.commit(transaction));
        for (const key of (await take(feed, parts, cursor)).keys) unseen.delete(key);
        expect([...unseen]).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('a cursor from before a restored backup: everything is read again, and said', async () => {
    const server = new Rowversions();
    server.change(1, '1');
    server.commit(1);
    const warned: string[] = [];
    const { keys } = await take(byRowversion('rv'), partsOf(server, 2, warned), 'rowversion:900');
    expect(keys).toEqual(['1|1']);
    expect(warned).toEqual([expect.stringContaining('everything is read again')]);
  });
});

/** Change Tracking that keeps what it is told to keep. */
class Tracking implements Answers {
  private current = 0;
  private valid: number | null = 0;
  private readonly log: { readonly version: number; readonly id: number; readonly operation: 'U' | 'D' }[] =
    [];
  private readonly there = new Set<number>();

  change(id: number, operation: 'U' | 'D' = 'U'): void {
    this.current += 1;
    this.log.push({ version: this.current, id, operation });
    if (operation === 'D') this.there.delete(id);
    else this.there.add(id);
  }

  forget(): void {
    this.valid = this.current;
  }

  switchOff(): void {
    this.valid = null;
  }

  ask(sql: string, { since }: Row): readonly Row[] {
    if (sql.includes('CHANGE_TRACKING_MIN_VALID_VERSION'))
      return [{ current_version: this.current, table_name: SPEC.table, valid_version: this.valid }];
    if (!sql.includes("SYS_CHANGE_OPERATION = 'D'")) throw new Error(`not asked here: ${sql}`);
    const gone = new Set(this.log.filter(({ version }) => version > Number(since)).map(({ id }) => id));
    return [...gone].filter((id) => !this.there.has(id)).map((id) => ({ id }));
  }

  rows(sql: string, { since, after }: Row): readonly { readonly id: string; readonly version: string }[] {
    if (sql === '1 = 0') return [];
    const changed = new Set(this.log.filter(({ version }) => version > Number(since)).map(({ id }) => id));
    return [...this.there]
      .filter((id) => (!sql.includes('CHANGETABLE') || changed.has(id)) && id > Number(after ?? 0))
      .sort((a, b) => a - b)
      .map((id) => ({ id: String(id), version: '' }));
  }

  keys(): readonly string[] {
    return [...this.there].sort((a, b) => a - b).map((id) => `1|${id}`);
  }
}

describe('changes by Change Tracking', () => {
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ does: fc.constant('change' as const), id: fc.integer({ min: 1, max: 6 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ does: fc.constant('delete' as const), id: fc.integer({ min: 1, max: 6 }) }),
    },
    { weight: 1, arbitrary: fc.constant({ does: 'forget' as const }) },
    {
      weight: 3,
      arbitrary: fc.record({
        does: fc.constant('read' as const),
        pages: fc.option(fc.integer({ min: 1, max: 2 }), { nil: null }),
      }),
    },
  );

  test('whatever changes, and whatever the server forgets: every change that is still there is seen', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const server = new Tracking();
        const parts = partsOf(server, 2);
        const unseen = new Set<string>();
        let cursor: string | null = null;
        const read = async (pages: number | null): Promise<void> => {
          const got = await take(byChangeTracking, parts, cursor, pages);
          for (const key of got.keys) unseen.delete(key);
          cursor = got.cursor;
        };
        for (const each of steps) {
          if (each.does === 'forget') server.forget();
          if (each.does === 'change') {
            server.change(each.id);
            unseen.add(`1|${each.id}`);
          }
          if (each.does === 'delete') {
            server.change(each.id, 'D');
            unseen.delete(`1|${each.id}`);
          }
          if (each.does === 'read') await read(each.pages);
        }
        await read(null);
        expect([...unseen]).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('deletions are told, and a cursor that is too old makes everything be compared, which is said', async () => {
    const server = new Tracking();
    const warned: string[] = [];
    const parts = partsOf(server, 2, warned);
    for (const id of [1, 2, 3]) server.change(id);
    const first = await take(byChangeTracking, parts, null);
    server.change(2, 'D');
    server.change(3);
    const second = await take(byChangeTracking, parts, first.cursor);
    expect([second.keys, second.gone, warned]).toEqual([['1|3'], ['1|2'], []]);
    server.change(1);
    server.forget();
    const third = await take(byChangeTracking, parts, second.cursor);
    expect(third.keys).toEqual(server.keys());
    expect(warned).toEqual([expect.stringContaining('are not kept any more')]);
  });

  test('where it is off, it says for which table', async () => {
    const server = new Tracking();
    server.switchOff();
    await expect(take(byChangeTracking, partsOf(server, 2), null)).rejects.toThrow(
      'Change Tracking is off for dbo.thing',
    );
  });
});
