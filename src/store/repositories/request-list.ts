import { HALF } from '../../domain/base/amount-key';
import type { Kind } from '../../domain/kinds';
import type { ProcoreId } from '../../domain/kinds/record';
import type { Source } from '../../domain/request/id';
import type { RequestStatus } from '../../domain/request/status';
import type { SyncRequestRow } from '../rows';
import type { Bound, Query, Test, Total, Where } from './table';
import { above, below, both, either, EMPTY, from, holding, noneOf, oneOf, upTo } from './table';
import type { StoreTables } from './tables';

export type { Bound, Total };

/** What a list is sorted by, with the column of each. */
export const LIST_COLUMNS = {
  age: 'receivedAt',
  amount: 'amountKey',
  vendor: 'vendor',
  number: 'position',
} as const satisfies Readonly<Record<string, keyof SyncRequestRow>>;
export type ListSort = keyof typeof LIST_COLUMNS;

export interface ListOrder {
  readonly by: ListSort;
  readonly direction: 'ASC' | 'DESC';
}

/** Some of the requests of one connection that stand the same way: a list is put together of such parts, of which no two have a request in common. */
export interface ListPart {
  readonly connectionId: string;
  readonly status: RequestStatus;
  /** About pay periods, or about anything else. */
  readonly payroll?: boolean;
  /** Those of these projects, or all but those; of none is not one of them. */
  readonly projects?: { readonly of: readonly ProcoreId[]; readonly within: boolean };
  /** Caused by one of these users of Procore, or by none of them. */
  readonly requestedBy?: { readonly users: readonly ProcoreId[]; readonly areTheirs: boolean };
  /** Waiting for one of these reasons, or for none of them. */
  readonly reasons?: { readonly of: readonly string[]; readonly areTheirs: boolean };
  /** Standing so since this time or later, or longer. */
  readonly since?: { readonly time: string; readonly longer: boolean };
}

/** What people filter by. */
export interface ListFilter {
  readonly id?: string;
  readonly kinds?: readonly Kind[];
  readonly projectId?: ProcoreId;
  /** Names as `listedName` makes them. */
  readonly project?: string;
  readonly vendor?: string;
  readonly warnings?: boolean;
  /** Who looks after it. */
  readonly owner?: string;
  /** Somebody holds it, or nobody does. */
  readonly held?: boolean;
  readonly source?: Source;
  /** Received before this time. */
  readonly before?: string;
  /** Keys, both included. */
  readonly amountFrom?: string;
  readonly amountTo?: string;
  /** In lower case; all of them occur in titles, numbers, names or ids. */
  readonly words?: readonly string[];
}

/** What a list shows; the rest of a row is large. */
export const LISTED = [
  'connectionId',
  'id',
  'source',
  'position',
  'eventName',
  'way',
  'subject',
  'recordId',
  'kind',
  'vendor',
  'projectId',
  'amountKey',
  'currency',
  'planHash',
  'warnings',
  'contradiction',
  'blockedSince',
  'owner',
  'heldBy',
  'about',
  'status',
  'reason',
  'requestedBy',
  'sender',
  'receivedAt',
  'updatedAt',
  'since',
] as const satisfies readonly (keyof SyncRequestRow)[];
export type ListedRow = Pick<SyncRequestRow, (typeof LISTED)[number]>;

/** One list to look through, in an order. */
export interface ListQuery {
  readonly part: ListPart;
  readonly filter: ListFilter;
  readonly order: ListOrder;
  readonly after?: Bound | undefined;
  readonly upTo?: Bound | undefined;
}

/**
 * Lists of requests. Each question is about one connection and one status, in the order of an index that begins with both, so that the first rows are found
 * without looking at others. Where something is asked that no index answers, whoever asks does so in bounded steps (`edge`).
 */
export class RequestListRepository {
  constructor(private readonly tables: Pick<StoreTables, 'syncRequest'>) {}

  /** Whether an index alone answers it: nothing is looked at that is not shown. */
  isIndexed({ payroll, projects, requestedBy, reasons, since }: ListPart, filter: ListFilter): boolean {
    if (filter.id !== undefined) return true;
    const isNone = (one: unknown): boolean => one === undefined;
    return (
      [payroll, projects, requestedBy, reasons, since].every(isNone) && Object.values(filter).every(isNone)
    );
  }

  /** The first rows after a place, up to another. */
  async rows(query: ListQuery, take: number): Promise<readonly ListedRow[]> {
    return this.tables.syncRequest.findPart({ ...queryOf(query), take }, LISTED);
  }

  /** The place so many requests on, whatever is filtered; null: there are not that many. */
  async edge(
    { part, order, after }: Omit<ListQuery, 'filter' | 'upTo'>,
    rows: number,
  ): Promise<Bound | null> {
    const { connectionId, status } = part;
    const column = LIST_COLUMNS[order.by];
    const [found] = await this.tables.syncRequest.findPart(
      { ...queryOf({ part: { connectionId, status }, filter: {}, order, after }), take: 1, skip: rows - 1 },
      [column, 'id'],
    );
    return found === undefined ? null : { values: [found[column], found.id], inclusive: true };
  }

  /** Counts by currency, with the halves of the sums of their amounts (`sumOfKeys`). */
  async totals(query: ListQuery): Promise<readonly Total[]> {
    return this.tables.syncRequest.totals(queryOf(query), { by: 'currency', of: 'amountKey', half: HALF });
  }
}

function queryOf({ part, filter, order, after, upTo: end }: ListQuery): Query<SyncRequestRow> {
  return {
    where: whereOf(part, filter),
    order: [
      [LIST_COLUMNS[order.by], order.direction],
      ['id', order.direction],
    ],
    ...(after === undefined ? {} : { after }),
    ...(end === undefined ? {} : { upTo: end }),
  };
}

function whereOf(part: ListPart, filter: ListFilter): Where<SyncRequestRow> {
  const { connectionId, status, payroll, projects, requestedBy, reasons, since } = part;
  const { id, kinds, vendor, project, warnings, owner, held, before, words = [] } = filter;
  const all = (...tests: readonly (Test | null)[]): Test | undefined => {
    const given = tests.filter((test) => test !== null);
    return given.length === 0 ? undefined : both(...given);
  };
  const where: Readonly<Record<string, Where<SyncRequestRow>[keyof SyncRequestRow] | undefined>> = {
    connectionId,
    status,
    id,
    kind: kinds && oneOf(kinds),
    vendor,
    project,
    projectId: all(
      filter.projectId === undefined ? null : oneOf([filter.projectId]),
      projects === undefined
        ? null
        : projects.within
          ? oneOf(projects.of)
          : either(EMPTY, noneOf(projects.of)),
    ),
    source: all(
      payroll === undefined ? null : payroll ? oneOf(['payroll']) : noneOf(['payroll']),
      filter.source === undefined ? null : oneOf([filter.source]),
    ),
    requestedBy:
      requestedBy === undefined
        ? undefined
        : requestedBy.areTheirs
          ? oneOf(requestedBy.users)
          : either(EMPTY, noneOf(requestedBy.users)),
    reason:
      reasons === undefined
        ? undefined
        : reasons.areTheirs
          ? oneOf(reasons.of)
          : either(EMPTY, noneOf(reasons.of)),
    since: since && (since.longer ? below(since.time) : from(since.time)),
    receivedAt: before === undefined ? undefined : below(before),
    warnings: warnings === undefined ? undefined : warnings ? above(0) : 0,
    owner,
    // What is empty is not above anything.
    heldBy: held === undefined ? undefined : held ? above('') : null,
    amountKey: all(
      filter.amountFrom === undefined ? null : from(filter.amountFrom),
      // What has no amount is not below one.
      filter.amountTo === undefined ? null : both(above(''), upTo(filter.amountTo)),
    ),
    searchText: words.length === 0 ? undefined : both(...words.map(holding)),
  };
  return where;
}
