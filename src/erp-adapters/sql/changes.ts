import { TiebackError } from '../../domain/base/errors';
import type { ErpRecord } from '../contract/adapter';
import type { Dialect } from './dialect';
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

/** What a time in a column looks like as text. */
const TIME = /^(\d{4})-(\d\d)-(\d\d)([T ])(\d\d):(\d\d):(\d\d)(\.\d+)?Z?$/;

/** So many seconds before, as text that sorts before everything of its second. */
function secondsBefore(time: string, seconds: number, column: string): string {
  const [, year, month, day, separator = 'T', hour, minute, second] =
    TIME.exec(time) ?? notTime(time, column);
  const then = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second) - seconds,
  );
  return new Date(then).toISOString().slice(0, 19).replace('T', separator);
}

const notTime = (time: string, column: string): never => {
  throw new TiebackError('ERP_CONFIG', {
    reason: `${column} holds "${time}", which is no time such as 2026-07-01T12:00:00`,
  });
};

/** Where a reading by time is: `floor`, the newest time when it began; then the place in it, or in the rows that have no time. */
type Place =
  | { readonly part: 'settled'; readonly floor: string }
  | { readonly part: 'timed'; readonly floor: string; readonly time: string; readonly id: string }
  | { readonly part: 'untimed'; readonly floor: string; readonly id: string };

const placeIn = (cursor: string): Place | null => {
  try {
    const [part, floor, ...rest] = JSON.parse(cursor) as readonly string[];
    const [a, b] = rest;
    if (part === 'settled' && typeof floor === 'string') return { part, floor };
    if (part === 'timed' && typeof floor === 'string' && a !== undefined && b !== undefined)
      return { part, floor, time: a, id: b };
    if (part === 'untimed' && typeof floor === 'string' && a !== undefined) return { part, floor, id: a };
    return null;
  } catch {
    return null;
  }
};

const cursorOf = (place: Place): string => JSON.stringify(Object.values(place));

/**
 * By the time of the last change. Clocks say when a change was made, not when it could be seen: what began before we looked and was committed after has
 * a time that we have passed. So every reading begins again as long before the newest time *at the beginning of the reading before* as the longest
 * transaction of the ERP takes (`overlapSeconds`). Rows with equal times are told apart by their key; rows without a time come with every reading.
 */
export const byModified = (column: string, overlapSeconds: number): ChangeFeed => ({
  columns: [column],
  repeatsNewest: true,
  async *pages(parts, cursor) {
    for (let from: string | null = cursor; ;) {
      const start: Start = await placeToStart(parts, column, overlapSeconds, from);
      for (let place: Reading | null = start.place; place !== null;) {
        const page: TimedPage = await timedPage(parts, column, place);
        const { floor } = place;
        place = page.next;
        from = cursorOf(place ?? { part: 'settled', floor });
        yield { records: page.records, cursor: from };
      }
      // A reading that was cut short is finished first; what changed since comes with the next.
      if (!start.isResumed) return;
    }
  },
});

interface Start {
  readonly place: Reading;
  readonly isResumed: boolean;
}

interface TimedPage {
  readonly records: readonly ErpRecord[];
  /** Null: that was all. */
  readonly next: Reading | null;
}

type Reading = Exclude<Place, { readonly part: 'settled' }>;

/** A cursor that is newer than everything comes from before a restored backup: then everything is read again. */
async function placeToStart(
  { spec, logger, read }: FeedParts,
  column: string,
  overlapSeconds: number,
  cursor: string | null,
): Promise<Start> {
  return read('readChanged', async ({ session }): Promise<Start> => {
    const { dialect } = session;
    const [rows = []] = await session.ask('newest', [
      query(`SELECT ${timeText(dialect, `MAX(t.${column})`)} AS newest FROM ${spec.source ?? spec.table} t`),
    ]);
    const newest = String(rows[0]?.['newest'] ?? '');
    const whole: Reading = { part: 'timed', floor: newest, time: '', id: '' };
    const all: Start = { place: whole, isResumed: false };
    if (cursor === null) return all;
    const place = placeIn(cursor);
    if (place === null || place.floor > newest) {
      logger?.warn(`The ERP does not know the ${spec.noun} cursor; everything is read again`, { cursor });
      return all;
    }
    if (place.part !== 'settled') return { place, isResumed: true };
    return place.floor === ''
      ? all
      : {
          ...all,
          place: { ...whole, time: secondsBefore(place.floor, overlapSeconds, `${spec.table}.${column}`) },
        };
  });
}

async function timedPage(
  { spec, pageSize, read }: FeedParts,
  column: string,
  place: Reading,
): Promise<TimedPage> {
  const key = keyColumn(spec);
  const { floor } = place;
  return read('readChanged', async ({ session, headers }) => {
    const { dialect } = session;
    const time = timeParameter(dialect, '@time');
    const after = `t.${key} > @id`;
    const isTimed = place.part === 'timed';
    const sql = isTimed
      ? place.time === ''
        ? `t.${column} IS NOT NULL`
        : place.id === ''
          ? `t.${column} >= ${time}`
          : `(t.${column} > ${time} OR (t.${column} = ${time} AND ${after}))`
      : `t.${column} IS NULL${place.id === '' ? '' : ` AND ${after}`}`;
    const { moment, found } = await headers('headers', {
      version: timeText(dialect, `t.${column}`),
      sql,
      tail: `ORDER BY ${isTimed ? `t.${column}, ` : ''}t.${key} ${dialect.limit('pageSize')}`,
      bound: {
        pageSize,
        ...(place.id === '' ? {} : { id: idValue(spec, place.id) }),
        ...(isTimed && place.time !== '' ? { time: place.time } : {}),
      },
    });
    const records = await withLines(moment, spec, found);
    const last = found.at(-1);
    const isWhole = found.length < pageSize;
    if (!isTimed) return { records, next: isWhole || !last ? null : { part: 'untimed', floor, id: last.id } };
    if (isWhole || !last) return { records, next: { part: 'untimed', floor, id: '' } };
    return { records, next: { part: 'timed', floor, time: String(last.version), id: last.id } };
  });
}

/** `datetime` has no exact text of its own; as `datetime2` it is what it is compared as. */
const timeText = ({ name }: Dialect, expression: string): string =>
  name === 'sqlite' ? expression : `CONVERT(varchar(33), CONVERT(datetime2(7), ${expression}), 126)`;

const timeParameter = ({ name }: Dialect, parameter: string): string =>
  name === 'sqlite' ? parameter : `CONVERT(datetime2(7), ${parameter}, 126)`;

const idValue = ({ idForm }: KindSpec, id: string): Value => (idForm === 'text' ? id : Number(id));

/**
 * By `rowversion` of SQL Server. Transactions overlap there: one that began earlier may commit later, with lower versions than what was seen. So nothing
 * is read at or above the lowest version that is still being written, and that limit is asked *before* the rows: asked together with them it could
 * already have moved past rows that the statement does not see.
 */
export const byRowversion = (column: string): ChangeFeed => ({
  columns: [column],
  async *pages({ spec, pageSize, logger, read }, cursor) {
    const version = `CONVERT(varchar(20), CONVERT(bigint, t.${column}))`;
    const bytes = (parameter: string): string => `CONVERT(binary(8), CONVERT(bigint, ${parameter}))`;
    const known = /^rowversion:(\d+)$/.exec(cursor ?? '')?.[1] ?? null;
    const until = await read('readChanged', async ({ session }) => {
      const [rows = []] = await session.ask('limit', [query(ROWVERSION_LIMIT)]);
      return String(rows[0]?.['lowest'] ?? '0');
    });
    const isUnknown = cursor !== null && (known === null || BigInt(known) >= BigInt(until));
    if (isUnknown)
      logger?.warn(`The ERP does not know the ${spec.noun} cursor; everything is read again`, { cursor });
    for (let since = isUnknown || known === null ? '0' : known; ;) {
      const page: { records: readonly ErpRecord[]; last: string; isWhole: boolean } = await read(
        'readChanged',
        async ({ session, headers }) => {
          const { moment, found } = await headers('headers', {
            version,
            sql: `t.${column} > ${bytes('@since')} AND t.${column} < ${bytes('@until')}`,
            tail: `ORDER BY t.${column} ${session.dialect.limit('pageSize')}`,
            bound: { since, until, pageSize },
          });
          const last = String(found.at(-1)?.version ?? since);
          return { records: await withLines(moment, spec, found), last, isWhole: found.length < pageSize };
        },
      );
      since = page.last;
      yield { records: page.records, cursor: `rowversion:${since}` };
      if (page.isWhole) return;
    }
  },
});

const ROWVERSION_LIMIT = 'SELECT CONVERT(varchar(20), CONVERT(bigint, MIN_ACTIVE_ROWVERSION())) AS lowest';

/** Keys of all records of a kind, by id, without their fields and lines. */
export async function* keysOf({ spec, pageSize, read }: FeedParts): AsyncIterable<readonly string[]> {
  const key = keyColumn(spec);
  for (let after: string | null = null; ;) {
    const page: { keys: readonly string[]; last: string | null } = await read(
      'keys',
      async ({ session, headers }) => {
        const { moment, found } = await headers('keys', {
          sql: after === null ? '1 = 1' : `t.${key} > @after`,
          tail: `ORDER BY t.${key} ${session.dialect.limit('pageSize')}`,
          bound: { pageSize, ...(after === null ? {} : { after: idValue(spec, after) }) },
        });
        const keys = found.map(({ id }) => moment.catalogue.keyOf(spec.kind, id, moment.scope));
        return { keys, last: found.at(-1)?.id ?? null };
      },
    );
    after = page.last;
    yield page.keys;
    if (page.keys.length < pageSize) return;
  }
}

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
