import { setImmediate } from 'node:timers/promises';
import { groupBy } from '../../domain/base/group-by';
import { sum } from '../../domain/base/money';
import { sumOfKeys } from '../../domain/base/amount-key';
import type { Visitor } from '../../domain/people/access';
import { mayLook } from '../../domain/people/access';
import type { ConnectionPolicy } from '../../domain/request/connection-policy';
import type { Reach, Stage } from '../../domain/request/stage';
import { reachOn, STAGES } from '../../domain/request/stage';
import type { Repositories } from '../../store/repositories';
import type {
  Bound,
  ListFilter,
  ListedRow,
  ListOrder,
  ListPart,
  ListSort,
  Total,
} from '../../store/repositories/request-list';
import type { WaitRow } from '../../store/rows';
import type { Store } from '../../store/store';
import { DeskRefusal } from '../refusal';
import type { PolicyNow } from '../rules/policy';
import type { RequestsAsked } from './filter';
import { filterOf } from './filter';
import { partsOf } from './parts';
import type { RequestRow } from './row';
import { rowOf } from './row';

export type { ListSort };

/** What it takes to show lists. */
export interface ListParts {
  readonly store: Store;
  /** ISO 8601 UTC. */
  readonly now: () => string;
  /** Of the configuration. */
  readonly connections: readonly { readonly id: string }[];
  /** With the rules that are in force. */
  readonly policyOf: PolicyNow;
}

/** A page of a list. */
export interface PageAsked extends RequestsAsked {
  readonly stage: Stage;
  readonly sort: ListSort;
  readonly descending: boolean;
  /** Where the page before ended. */
  readonly cursor?: string | undefined;
  readonly take: number;
}

export interface RequestPage {
  readonly rows: readonly RequestRow[];
  /** Where the next page begins; null: there is none. */
  readonly next: string | null;
}

/** One connection as somebody reaches it. */
export interface ReachedConnection {
  readonly connectionId: string;
  readonly policy: ConnectionPolicy;
  readonly reach: Reach;
}

/** Connections of which somebody sees something, of those that are asked for, by the rules in force now. */
export async function reached(
  { connections, policyOf, now }: Pick<ListParts, 'connections' | 'policyOf' | 'now'>,
  visitor: Visitor,
  asked: readonly string[] = [],
): Promise<readonly ReachedConnection[]> {
  const seen = connections.filter(
    ({ id }) => (asked.length === 0 || asked.includes(id)) && mayLook(visitor.grants, { connectionId: id }),
  );
  const found = await Promise.all(
    seen.map(async ({ id }): Promise<readonly ReachedConnection[]> => {
      const policy = await policyOf(id);
      const reach = policy === null ? null : reachOn(visitor, id, policy, now());
      return policy === null || reach === null ? [] : [{ connectionId: id, policy, reach }];
    }),
  );
  return found.flat();
}

/** The first rows of a list, or the next ones. Throws `DeskRefusal` `CURSOR`, `BadValue`. */
export async function listPage(parts: ListParts, visitor: Visitor, asked: PageAsked): Promise<RequestPage> {
  const now = parts.now();
  const { stage, take } = asked;
  const order: ListOrder = { by: asked.sort, direction: asked.descending ? 'DESC' : 'ASC' };
  const from = asked.cursor === undefined ? null : cursorIn(asked.cursor, order);
  const filter = filterOf(asked, visitor.id, now);
  const mine = await reached(parts, visitor, asked.connections);
  const found = await foundRows(parts.store, { mine, stage, filter, order, from, now }, take + 1);
  const shown = found.slice(0, take);
  const last = shown.at(-1);
  const next = found.length > take && last !== undefined ? cursorOf(last, order) : null;
  const waits = await waitsOf(parts.store, shown);
  const byId = new Map(mine.map((one) => [one.connectionId, one]));
  return {
    rows: shown.flatMap((row) => {
      const one = byId.get(row.connectionId);
      const mineWaits = waits.filter(
        ({ connectionId, requestId }) => connectionId === row.connectionId && requestId === row.id,
      );
      return one === undefined ? [] : [rowOf(row, { ...one, waits: mineWaits, now })];
    }),
    next,
  };
}

/** Rows of a stage in an order, so many of each of its parts. */
export async function foundRows(
  store: Store,
  {
    mine,
    stage,
    filter,
    order,
    from = null,
    now,
  }: {
    readonly mine: readonly ReachedConnection[];
    readonly stage: Stage;
    readonly filter: ListFilter;
    readonly order: ListOrder;
    readonly from?: Cursor | null;
    readonly now: string;
  },
  wanted: number,
): Promise<readonly ListedRow[]> {
  const looks = mine.flatMap(({ connectionId, reach }) =>
    partsOf(stage, { connectionId, reach, now }).map((part) => new Look(part, filter, order, from, wanted)),
  );
  await lookAll(store, looks);
  return looks.flatMap(({ rows }) => rows).sort(inOrder(order));
}

/**
 * Rows that are looked at in one go where no index tells which are wanted. SQLite answers in our own thread, so that a look at all of them would keep
 * everybody else waiting.
 */
const LOOKED_AT = 1_000;

/** One part of a list while it is looked through. */
class Look {
  rows: ListedRow[] = [];
  isOver = false;
  private after: Bound | undefined;

  constructor(
    private readonly part: ListPart,
    private readonly filter: ListFilter,
    private readonly order: ListOrder,
    cursor: Cursor | null,
    private readonly wanted: number,
  ) {
    this.after = cursor === null ? undefined : placeAfter(cursor, part.connectionId);
  }

  /** Looks on, a step. */
  async step(t: Repositories): Promise<void> {
    const { part, filter, order, after } = this;
    const upTo = t.requestList.isIndexed(part, filter)
      ? null
      : await t.requestList.edge({ part, order, after }, LOOKED_AT);
    const query = { part, filter, order, after, ...(upTo === null ? {} : { upTo }) };
    this.rows.push(...(await t.requestList.rows(query, this.wanted - this.rows.length)));
    this.isOver = upTo === null || this.rows.length >= this.wanted;
    if (upTo !== null) this.after = { ...upTo, inclusive: false };
  }
}

/** Looks until all are through. What asks at the same time travels together; others have their turn between two steps. */
async function lookAll(
  store: Store,
  looks: readonly { readonly isOver: boolean; step(t: Repositories): Promise<void> }[],
): Promise<void> {
  for (;;) {
    const open = looks.filter(({ isOver }) => !isOver);
    if (open.length === 0) return;
    await store.read('desk.list', (t) => Promise.all(open.map((look) => look.step(t))));
    await setImmediate();
  }
}

/** What the held ones of these wait for. */
export function waitsOf(store: Store, rows: readonly ListedRow[]): Promise<readonly WaitRow[]> {
  const held = rows.filter(({ status }) => status === 'held');
  if (held.length === 0) return Promise.resolve([]);
  return store.read('desk.list.waits', async (t) => {
    const ids = groupBy(held, ({ connectionId }) => connectionId);
    return (
      await Promise.all(
        [...ids].map(([connectionId, of]) =>
          t.waits.ofRequests(
            connectionId,
            of.map(({ id }) => id),
          ),
        ),
      )
    ).flat();
  });
}

/** Counts and sums of one stage. */
export interface StageSummary {
  readonly count: number;
  /** By currency; null: nobody says which. */
  readonly sums: readonly {
    readonly currency: string | null;
    readonly amount: string;
    readonly count: number;
  }[];
}

/** How many requests stand in each stage, and what their amounts come to. Throws `DeskRefusal` `BadValue`. */
export async function listSummary(
  parts: ListParts,
  visitor: Visitor,
  asked: RequestsAsked,
): Promise<Readonly<Record<Stage, StageSummary>>> {
  const now = parts.now();
  const filter = filterOf(asked, visitor.id, now);
  const mine = await reached(parts, visitor, asked.connections);
  const counts = STAGES.flatMap((stage) =>
    mine.flatMap(({ connectionId, reach }) =>
      partsOf(stage, { connectionId, reach, now }).map((part) => new Count(stage, part, filter)),
    ),
  );
  await lookAll(parts.store, counts);
  const of = (stage: Stage): StageSummary =>
    summed(counts.filter((one) => one.stage === stage).flatMap(({ totals }) => totals));
  return { needs_me: of('needs_me'), waiting: of('waiting'), stuck: of('stuck'), done: of('done') };
}

/** Ten times as many as rows: of a list without filters they are read off an index. */
const COUNTED = 10 * LOOKED_AT;
const BY_AMOUNT: ListOrder = { by: 'amount', direction: 'ASC' };

/** One part of a list while it is counted. */
class Count {
  totals: Total[] = [];
  isOver = false;
  private after: Bound | undefined;

  constructor(
    readonly stage: Stage,
    private readonly part: ListPart,
    private readonly filter: ListFilter,
  ) {}

  async step(t: Repositories): Promise<void> {
    const { part, filter, after } = this;
    const rows = t.requestList.isIndexed(part, filter) ? COUNTED : LOOKED_AT;
    const upTo =
      filter.id === undefined ? await t.requestList.edge({ part, order: BY_AMOUNT, after }, rows) : null;
    const query = { part, filter, order: BY_AMOUNT, after, ...(upTo === null ? {} : { upTo }) };
    this.totals.push(...(await t.requestList.totals(query)));
    this.isOver = upTo === null;
    if (upTo !== null) this.after = { ...upTo, inclusive: false };
  }
}

function summed(totals: readonly Total[]): StageSummary {
  const byCurrency = groupBy(
    totals.filter(({ given }) => given > 0),
    ({ value }) => value,
  );
  return {
    count: totals.reduce((count, one) => count + one.count, 0),
    sums: [...byCurrency]
      .map(([currency, of]) => ({
        currency: currency === '' ? null : currency,
        amount: sum(of.map(({ high, low, given }) => sumOfKeys({ high, low, count: given }))),
        count: of.reduce((count, { given }) => count + given, 0),
      }))
      .sort((a, b) => compare(a.currency ?? '', b.currency ?? '')),
  };
}

/** Where a page ended, in an order. */
interface Cursor {
  readonly value: string | number;
  readonly id: string;
  readonly connectionId: string;
}

const VALUE = { age: 'receivedAt', amount: 'amountKey', vendor: 'vendor', number: 'position' } as const;

const cursorOf = (row: ListedRow, { by, direction }: ListOrder): string =>
  Buffer.from(JSON.stringify([by, direction, row[VALUE[by]], row.id, row.connectionId])).toString(
    'base64url',
  );

function cursorIn(text: string, { by, direction }: ListOrder): Cursor {
  const [sort, way, value, id, connectionId, ...more] = parsed(text);
  const isValue = by === 'number' ? Number.isSafeInteger(value) : typeof value === 'string';
  const isTime = by !== 'age' || !Number.isNaN(Date.parse(String(value)));
  if (
    !isValue ||
    !isTime ||
    typeof id !== 'string' ||
    typeof connectionId !== 'string' ||
    more.length > 0 ||
    sort !== by ||
    way !== direction
  )
    throw new DeskRefusal('CURSOR', 'This page does not belong to this list.', 'Begin with the first one.');
  return { value: value as string | number, id, connectionId };
}

function parsed(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

/** Rows of the same value and id are in the order of their connections, whatever the direction. */
const placeAfter = (cursor: Cursor, connectionId: string): Bound => ({
  values: [cursor.value, cursor.id],
  inclusive: compare(connectionId, cursor.connectionId) > 0,
});

function inOrder({ by, direction }: ListOrder): (a: ListedRow, b: ListedRow) => number {
  const sign = direction === 'ASC' ? 1 : -1;
  return (a, b) =>
    sign * compare(a[VALUE[by]], b[VALUE[by]]) ||
    sign * compare(a.id, b.id) ||
    compare(a.connectionId, b.connectionId);
}

/** As the databases compare: by characters, not by halves of them. */
function compare(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
}
