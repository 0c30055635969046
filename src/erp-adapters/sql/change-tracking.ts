import { TiebackError } from '../../domain/base/errors';
import type { ErpRecord } from '../contract/adapter';
import type { ChangedPage, ChangeFeed, FeedParts, KindSpec } from './model';
import { keyColumn } from './model';
import { withLines } from './reader';
import { keyOf } from './scope';
import type { SqlSession, Value } from './session';
import { query } from './session';

/** `to`: where the reading ends; `since`: what it compares with, null for everything; `after`: the last id of the page before. */
interface Place {
  readonly to: number;
  readonly since: number | null;
  readonly after: string | null;
}

const placeIn = (cursor: string): Place | null => {
  const [, to, since, after] = /^ct:(\d+)(?::(\d*):(.*))?$/s.exec(cursor) ?? [];
  if (to === undefined) return null;
  if (since === undefined || after === undefined) return { to: Number(to), since: Number(to), after: null };
  return { to: Number(to), since: since === '' ? null : Number(since), after };
};

const cursorOf = ({ to, since, after }: Place): string =>
  after === null ? `ct:${to}` : `ct:${to}:${since ?? ''}:${after}`;

/**
 * By Change Tracking of SQL Server, of the table of the records and of those of their lines. The server keeps changes for some days only: a cursor that
 * is older than what it keeps, one from before a restored backup, and a line that was deleted (whose record nobody can name any more) make everything
 * be read once more, and say so. The version that a reading goes up to is asked before the changes, and whether the server still keeps them after.
 */
export const byChangeTracking: ChangeFeed = {
  columns: [],
  async *pages(parts, cursor) {
    for (let from: string | null = cursor; ;) {
      const { place, gone, isResumed }: Start = await startOf(parts, from);
      let told = gone;
      for (let here: Place | null = place; here !== null;) {
        const page: Page | null = await nextPage(parts, here);
        if (page === null) {
          warn(parts, 'the server forgot changes while they were read', cursor);
          here = { ...here, since: null, after: null };
          continue;
        }
        const next: Place = { ...here, after: page.isWhole ? null : page.last };
        from = cursorOf(next);
        const found: ChangedPage = { records: page.records, cursor: from };
        yield told.length === 0 ? found : { ...found, gone: told };
        told = [];
        here = page.isWhole ? null : next;
      }
      // A reading that was cut short is finished first; what changed since comes with the next.
      if (!isResumed) return;
    }
  },
};

interface Start {
  readonly place: Place;
  /** Keys of the records that were deleted. */
  readonly gone: readonly string[];
  readonly isResumed: boolean;
}

interface Page {
  readonly records: readonly ErpRecord[];
  readonly last: string | null;
  readonly isWhole: boolean;
}

const warn = ({ spec, logger }: FeedParts, why: string, cursor: string | null): void =>
  logger?.warn(`Everything of the ${spec.noun}s is read and compared again: ${why}`, { cursor });

/** What Change Tracking says of the tables of a kind: how far it is, and since when it keeps changes. */
async function keptBy(
  session: SqlSession,
  spec: KindSpec,
): Promise<{ readonly current: number; readonly valid: number }> {
  const tables = tablesOf(spec);
  const [rows = []] = await session.ask('tracked', [
    query(
      `SELECT CHANGE_TRACKING_CURRENT_VERSION() AS current_version, w.value AS table_name,
         CHANGE_TRACKING_MIN_VALID_VERSION(OBJECT_ID(w.value)) AS valid_version FROM OPENJSON(@tables) w`,
      { tables: JSON.stringify(tables) },
    ),
  ]);
  const off = tables.filter(
    (table) => (rows.find((row) => row['table_name'] === table)?.['valid_version'] ?? null) === null,
  );
  if (off.length > 0)
    throw new TiebackError('ERP_CONFIG', {
      reason: `Change Tracking is off for ${off.join(', ')}, or we may not see it (VIEW CHANGE TRACKING)`,
    });
  return {
    current: Number(rows[0]?.['current_version'] ?? 0),
    valid: Math.max(...rows.map((row) => Number(row['valid_version']))),
  };
}

const tablesOf = ({ table, lines }: KindSpec): readonly string[] => [
  ...new Set([table, ...lines.map((line) => line.table)]),
];

function startOf(parts: FeedParts, cursor: string | null): Promise<Start> {
  const { spec, read } = parts;
  return read('readChanged', async ({ session, headers }): Promise<Start> => {
    const { current, valid } = await keptBy(session, spec);
    const all: Start = {
      place: { to: current, since: null, after: null },
      gone: [],
      isResumed: false,
    };
    if (cursor === null) return all;
    const known = placeIn(cursor);
    const again = (why: string): Start => {
      warn(parts, why, cursor);
      return all;
    };
    if (known === null || known.to > current) return again('the cursor is not of this database');
    if (known.after !== null && known.since === null) return { place: known, gone: [], isResumed: true };
    const since = known.since ?? known.to;
    if (since < valid) return again(`changes before version ${valid} are not kept any more`);
    const deleted = await deletedSince(session, spec, since);
    if (deleted.lines > 0) return again('lines were deleted');
    // The owner of a row that is gone is not told: its key is asked for as one of ours.
    const { moment } = await headers('headers', { sql: '1 = 0', tail: '', bound: {} });
    const owner: Value = moment.scope.owners[spec.owner] ?? null;
    const gone = deleted.ids.map((id) => keyOf(owner, id, spec.idForm ?? 'number'));
    return known.after === null
      ? { place: { to: current, since, after: null }, gone, isResumed: false }
      : { place: known, gone, isResumed: true };
  });
}

async function deletedSince(
  session: SqlSession,
  spec: KindSpec,
  since: number,
): Promise<{ readonly ids: readonly string[]; readonly lines: number }> {
  const { dialect } = session;
  const key = dialect.read(`c.${keyColumn(spec)}`, 'text');
  const [ids = [], ...lines] = await session.ask('deleted', [
    query(
      `SELECT ${key} AS id FROM CHANGETABLE(CHANGES ${spec.table}, @since) c WHERE c.SYS_CHANGE_OPERATION = 'D'`,
      { since },
    ),
    ...spec.lines.map(({ table }) =>
      query(
        `SELECT COUNT(*) AS n FROM CHANGETABLE(CHANGES ${table}, @since) c WHERE c.SYS_CHANGE_OPERATION = 'D'`,
        { since },
      ),
    ),
  ]);
  return {
    ids: ids.map(({ id }) => String(id)),
    lines: lines.reduce((sum, [row]) => sum + Number(row?.['n'] ?? 0), 0),
  };
}

/** Null: what it compares with is not kept any more. */
function nextPage({ spec, pageSize, read }: FeedParts, { since, after }: Place): Promise<Page | null> {
  const key = keyColumn(spec);
  return read('readChanged', async ({ session, headers }) => {
    const conditions = [
      ...(after === null ? [] : [`t.${key} > @after`]),
      ...(since === null ? [] : [`t.${key} IN (${changedIds(spec)})`]),
    ];
    const { moment, found } = await headers('headers', {
      sql: conditions.length === 0 ? '1 = 1' : conditions.join(' AND '),
      tail: `ORDER BY t.${key} ${session.dialect.limit('pageSize')}`,
      bound: {
        pageSize,
        ...(since === null ? {} : { since }),
        ...(after === null ? {} : { after: spec.idForm === 'text' ? after : Number(after) }),
      },
    });
    if (since !== null && since < (await keptBy(session, spec)).valid) return null;
    return {
      records: await withLines(moment, spec, found),
      last: found.at(-1)?.id ?? after,
      isWhole: found.length < pageSize,
    };
  });
}

/** Records that changed themselves, and those of whose lines one did. */
const changedIds = (spec: KindSpec): string =>
  [
    `SELECT c.${keyColumn(spec)} FROM CHANGETABLE(CHANGES ${spec.table}, @since) c`,
    ...spec.lines.map(
      (line) =>
        `SELECT l.${line.parent} FROM CHANGETABLE(CHANGES ${line.table}, @since) c JOIN ${line.table} l ON l.${keyColumn(line)} = c.${keyColumn(line)}`,
    ),
  ].join(' UNION ');
