import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { ErpAdapter, ErpRecord } from '../../../src/erp-adapters/contract/adapter';
import { createSqlAdapter } from '../../../src/erp-adapters/sql/adapter';
import { byCounter, byModified } from '../../../src/erp-adapters/sql/changes';
import { byComparison } from '../../../src/erp-adapters/sql/comparison';
import { text } from '../../../src/erp-adapters/sql/fields';
import type { ChangeFeed } from '../../../src/erp-adapters/sql/model';
import { query } from '../../../src/erp-adapters/sql/session';
import { SqliteDatabase } from '../../../src/erp-adapters/sql/sqlite-database';
import { openSqlite } from '../../../src/sqlite';

const OVERLAP = 60;

/** Of one row: a new value, stamped with a time up to the overlap ago (a transaction that began earlier), or with none; or it is deleted. */
interface Change {
  readonly does: 'change';
  readonly id: number;
  readonly name: string;
  readonly late: number;
  readonly isTimed: boolean;
}
type Step =
  | Change
  | { readonly does: 'delete'; readonly id: number }
  | { readonly does: 'wait'; readonly seconds: number }
  /** So many pages are read and kept, then the reader is gone; null: it reads to the end. */
  | { readonly does: 'read'; readonly pages: number | null; readonly size: number };

const STEP: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      does: fc.constant('change' as const),
      id: fc.integer({ min: 1, max: 7 }),
      name: fc.stringMatching(/^[a-z]{1,4}$/),
      late: fc.integer({ min: 0, max: OVERLAP }),
      isTimed: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constant('delete' as const), id: fc.integer({ min: 1, max: 7 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 200 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant('read' as const),
      pages: fc.option(fc.integer({ min: 1, max: 3 }), { nil: null }),
      size: fc.integer({ min: 1, max: 3 }),
    }),
  },
);

describe.each<[string, () => ChangeFeed, boolean]>([
  ['counter', () => byCounter('n', '(SELECT n FROM counter)'), false],
  ['modified', () => byModified('at', OVERLAP), true],
  ['sweep', () => byComparison(), false],
])('changes by %s', (_name, feed, hasTimes) => {
  test('whatever is changed, read by pages and cut short: in the end what was read is the table, and the keys tell what was deleted', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(STEP, { maxLength: 40 }), async (steps) => {
        const world = open(feed(), hasTimes);
        try {
          for (const step of steps) await world.take(step);
          // A last change after the last possible late one, then a reading to the end.
          await world.take({ does: 'read', pages: null, size: 2 });
          expect(await world.known()).toEqual(world.table());
        } finally {
          await world.close();
        }
      }),
      { numRuns: 25 },
    );
  });
});

/** One table, one reader that keeps what was in a page and then its cursor, and the clock of the ERP. */
function open(changes: ChangeFeed, hasTimes: boolean) {
  const folder = mkdtempSync(join(tmpdir(), 'tieback-changes-'));
  const file = join(folder, 'erp.db');
  const office = openSqlite(file);
  office.exec(`CREATE TABLE counter (n INTEGER); INSERT INTO counter VALUES (0);
    CREATE TABLE thing (id INTEGER PRIMARY KEY, co INTEGER, name TEXT, n INTEGER, at TEXT)`);
  const database = new SqliteDatabase(file, 0, (_call, run) => run());
  const scope = { company: '1', companyName: 'One', owners: { co: 1 }, masks: {}, settings: {} };
  const adapter: ErpAdapter = createSqlAdapter(
    {
      model: {
        system: 'test',
        specs: [
          {
            kind: 'vendor',
            table: 'thing',
            key: 'id',
            owner: 'co',
            fields: { name: text('name') },
            lines: [],
            state: "'active'",
            noun: 'thing',
          },
        ],
        secrets: {},
        scope: { statements: [query('SELECT 1 AS one')], read: () => scope },
        currency: () => null,
        version: () => Promise.resolve('1'),
        changes,
        dictionary: () => Promise.resolve(new Map()),
      },
      database,
      grantScript: () => '',
    },
    { connectionId: 'demo', settings: {} },
  );
  const vendors = adapter.kinds.vendor;
  if (vendors?.keys === undefined) throw new Error('the engine tells keys');
  let now = Date.UTC(2026, 6, 1);
  let cursor: string | null = null;
  const durable = new Map<string, string>();
  const stamp = (late: number): string => new Date(now - late * 1_000).toISOString().slice(0, 19);
  const nameIn = ({ record }: ErpRecord): string => String(record.fields['name']);
  return {
    async take(step: Step): Promise<void> {
      if (step.does === 'wait') now += step.seconds * 1_000;
      if (step.does === 'delete') office.prepare('DELETE FROM thing WHERE id = ?').run(step.id);
      if (step.does === 'change') {
        const { id, name, late, isTimed } = step;
        office.prepare('UPDATE counter SET n = n + 1').run();
        office
          .prepare(
            `INSERT INTO thing SELECT @id, 1, @name, n, @at FROM counter WHERE true
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, n = excluded.n, at = excluded.at`,
          )
          .run({ id, name, at: hasTimes && !isTimed ? null : stamp(late) });
      }
      if (step.does !== 'read') return;
      let left = step.pages;
      for await (const page of vendors.readChanged(cursor, step.size)) {
        for (const record of page.records) durable.set(record.key, nameIn(record));
        cursor = page.cursor;
        if (left !== null && (left -= 1) === 0) break;
      }
    },
    /** What the reader knows, without what is not among the keys any more. */
    async known(): Promise<ReadonlyMap<string, string>> {
      const there = new Set<string>();
      for await (const page of vendors.keys?.(2) ?? []) for (const key of page) there.add(key);
      return new Map([...durable].filter(([key]) => there.has(key)).sort());
    },
    table(): ReadonlyMap<string, string> {
      const rows = office.prepare<[], { id: number; name: string }>('SELECT id, name FROM thing').all();
      return new Map(rows.map(({ id, name }) => [`1|${id}`, name] as const).sort());
    },
    async close(): Promise<void> {
      await adapter.close();
      office.close();
      rmSync(folder, { recursive: true });
    },
  };
}
