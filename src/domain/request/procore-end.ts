import { recordIdOf } from '../base/identity';
import { shorten } from '../base/text';
import { definitionOf, isKind } from '../kinds';
import { releasedRecordId } from '../plan/release';
import type { RequestResult } from './flow';
import type { Intent, LinkNotice, NoticedRecord, ProcoreId } from './intent';

/** How Procore shows the details of a request, put together. `unknown`: it has none, or they cannot be read. */
export type ProcoreStanding = 'unknown' | 'open' | 'success' | 'failed';

/** How a request ended in Procore: a detail closes once, so this does not change any more. */
export interface ProcoreEnd {
  readonly status: 'success' | 'failed';
  /** What Procore shows people there, or the word of the status where it shows nothing. */
  readonly messages: readonly string[];
  /** What ties the records of the request now (`origin_id`; null: nothing does); null: Procore could not be asked. */
  readonly origins: readonly { readonly recordId: string; readonly originId: string | null }[] | null;
}

/** A request detail to look at. It can be asked for alone only by the record it is about. */
export interface AskedDetail {
  readonly detailId: ProcoreId;
  readonly itemId: ProcoreId | null;
}

/** A request detail as Procore shows it. */
export interface ShownDetail {
  readonly id: ProcoreId;
  readonly status: string;
  readonly messages: readonly string[];
}

/** Words of the API for a detail that is closed; "success" alone is a good end ("ERP Technical Guide", Request Details). */
const CLOSED = new Set(['success', 'failed', 'rejected', 'stale']);

/** Whether a detail with this status is closed for good. */
export const isClosedDetail = (status: string): boolean => CLOSED.has(status);

/** The details that a request is known to have; empty where the event names none (a notice, an import, the open door). */
export function detailsOf(intent: Intent): readonly AskedDetail[] {
  const own =
    intent.way === 'export'
      ? intent.records.flatMap(({ detailIds, procoreId }) =>
          detailIds.map((detailId) => ({ detailId, itemId: procoreId })),
        )
      : intent.way === 'release'
        ? intent.items.flatMap(({ detailId, procoreId }) =>
            detailId === null ? [] : [{ detailId, itemId: procoreId }],
          )
        : [];
  const told = 'detailIds' in intent ? intent.detailIds : [];
  const itemId = intent.way === 'export' ? (intent.records[0]?.procoreId ?? null) : null;
  const all = [...own, ...told.map((detailId) => ({ detailId, itemId }))];
  return [...new Map(all.map((one) => [one.detailId, one])).values()];
}

/** A record whose tie in Procore tells what became of a request. */
export interface TiedRecord {
  readonly recordId: string;
  readonly procoreId: ProcoreId;
  /** External-data types under which Procore may keep the tie. */
  readonly itemTypes: readonly string[];
}

/** The records whose ties tell what became of a request. */
export function tiedBy(intent: Intent): readonly TiedRecord[] {
  switch (intent.way) {
    case 'export':
      return intent.records.map(({ kind, itemType, procoreId }) => ({
        recordId: recordIdOf(kind, procoreId),
        procoreId,
        itemTypes: [itemType],
      }));
    case 'release':
      return intent.items.flatMap((item) =>
        item.itemType === null
          ? []
          : [{ recordId: releasedRecordId(item), procoreId: item.procoreId, itemTypes: [item.itemType] }],
      );
    case 'refresh': {
      const procoreId = intent.subJobId ?? intent.projectId;
      return [{ recordId: recordIdOf(intent.kind, procoreId), procoreId, itemTypes: [intent.kind] }];
    }
    case 'links':
      return noticed(intent).flatMap(({ target, procoreId }) =>
        isKind(target) && procoreId !== null
          ? [
              {
                recordId: recordIdOf(target, procoreId),
                procoreId,
                itemTypes: definitionOf(target).itemTypes,
              },
            ]
          : [],
      );
    default:
      return [];
  }
}

const noticed = ({ records, master }: LinkNotice): readonly NoticedRecord[] => [
  ...records,
  ...(master === null ? [] : [master]),
];

/**
 * Whether the ties of its records may tell what became of a request that has no details. One from before our time is not followed step by step,
 * in whatever order the steps come, but taken from what Procore shows now; Procore asks for refreshes by its clock, so that those of years need
 * not be made up for. The reset of a project is followed: it takes along what lives in the project, which ties do not tell.
 */
export function isToldByTies(intent: Intent): boolean {
  switch (intent.way) {
    case 'links':
      return (
        intent.wholeProjectId === null &&
        noticed(intent).every(({ target, procoreId }) => isKind(target) && procoreId !== null)
      );
    case 'release':
      return detailsOf(intent).length === 0 && intent.items.every(({ itemType }) => itemType !== null);
    case 'refresh':
      return true;
    default:
      return false;
  }
}

/** The end of such a request, as the ties show it; null: it is still to be worked. */
export function endByTies(
  intent: Intent,
  origins: NonNullable<ProcoreEnd['origins']>,
): Omit<ProcoreEnd, 'origins'> | null {
  const done = { status: 'success' as const, messages: [] };
  const isUntied = origins.every(({ originId }) => originId === null);
  switch (intent.way) {
    case 'links':
      return done;
    case 'release':
      return isUntied ? done : null;
    case 'refresh': {
      const isTied = origins.some(({ originId }) => originId === intent.originId);
      const how = isTied
        ? 'is refreshed when Procore asks next'
        : `is not tied to ${intent.originId} any more`;
      return { ...done, messages: [`${intent.label} ${how}.`] };
    }
    default:
      return null;
  }
}

/** How the details of a request stand together: one that is open keeps it open, one that is not shown leaves it unknown. */
export function standingIn(asked: readonly AskedDetail[], shown: readonly ShownDetail[]): ProcoreStanding {
  const statuses = asked.map(({ detailId }) => shown.find(({ id }) => id === detailId)?.status ?? null);
  if (statuses.some((status) => status !== null && !isClosedDetail(status))) return 'open';
  if (statuses.length === 0 || statuses.includes(null)) return 'unknown';
  return statuses.every((status) => status === 'success') ? 'success' : 'failed';
}

/** The end of a request in Procore, as its details show it; null: it has none that is known. */
export function endIn(
  asked: readonly AskedDetail[],
  shown: readonly ShownDetail[],
): Omit<ProcoreEnd, 'origins'> | null {
  const status = standingIn(asked, shown);
  if (status !== 'success' && status !== 'failed') return null;
  const ids = new Set(asked.map(({ detailId }) => detailId));
  const ends = shown.filter(
    ({ id, status: word }) => ids.has(id) && (status === 'success' || word !== 'success'),
  );
  const words = ends.flatMap(({ status: word, messages }) =>
    messages.length > 0 || word === 'success' ? messages : [word],
  );
  return { status, messages: [...new Set(words)].slice(0, MOST_MESSAGES).map((text) => shorten(text, 400)) };
}

const MOST_MESSAGES = 20;

/** How the request ends with us: as it did in Procore. */
export function resultOf({ status, messages }: Pick<ProcoreEnd, 'status' | 'messages'>): RequestResult {
  const said = messages.length === 0 ? '' : `: ${messages.join(' ')}`;
  return status === 'success'
    ? { status: 'applied', summary: `Done before, as Procore shows it${said || '.'}` }
    : { status: 'failed', summary: `Closed before, Procore shows it as failed${said || '.'}` };
}

/** A request that is not older cannot have been closed before we heard of it, unless by us. */
const FRESH_MS = 5 * 60_000;

/**
 * Whether a request was made just now. `madeAt`: when, as Procore tells it (ISO 8601), several sayings; what cannot be read says nothing. Times
 * ahead of our clock are as good as now.
 */
export const isFresh = (madeAt: readonly unknown[], now: string): boolean =>
  madeAt.some((at) => typeof at === 'string' && Date.parse(now) - Date.parse(at) < FRESH_MS);

/** How far the look at open requests got. */
export interface LookCursor {
  /** When this turn began, ISO 8601 UTC. */
  readonly since: string;
  /** Position of the last request that was looked at; null: the turn is over. */
  readonly after: number | null;
}

/**
 * Open requests are looked at in turns: a few each round, so that a round costs a bounded number of calls however many requests wait, and each
 * request at most once in ten minutes, because a person who closes a request in Procore's ERP tool is the exception.
 */
const A_ROUND = 10;
const A_TURN_MS = 10 * 60_000;

/** What to look at in this round, and where the next one goes on; null: nothing yet. `open` is in order of position. */
export function nextLook<Row extends { readonly position: number }>(
  open: readonly Row[],
  cursor: LookCursor | null,
  now: string,
): { readonly rows: readonly Row[]; readonly cursor: LookCursor } | null {
  const from = cursor?.after ?? null;
  const isOver = cursor === null || from === null;
  if (isOver && cursor !== null && Date.parse(now) - Date.parse(cursor.since) < A_TURN_MS) return null;
  const since = isOver ? now : cursor.since;
  const left = isOver ? open : open.filter(({ position }) => position > (from ?? 0));
  const rows = left.slice(0, A_ROUND);
  if (rows.length === 0 && isOver) return null;
  const after = left.length > A_ROUND ? (rows.at(-1)?.position ?? null) : null;
  return { rows, cursor: { since, after } };
}
