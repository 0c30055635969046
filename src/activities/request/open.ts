import { activityInfo } from '@temporalio/activity';
import { isTiebackError, TiebackError } from '../../domain/base/errors';
import { inShort, shorten } from '../../domain/base/text';
import type { Kind } from '../../domain/kinds';
import { definitionOf } from '../../domain/kinds';
import type { Wait } from '../../domain/plan/plan';
import type { Interruption, Noun, RequestRef, RequestView } from '../../domain/request/flow';
import { aboutOf, kindIn, placesOf } from '../../domain/request/about';
import { approversOf, decidedBy } from '../../domain/request/connection-policy';
import { correctable } from '../../domain/request/corrections';
import { findableOf } from '../../domain/request/findable';
import { requestWords, isOwn } from '../../domain/request/id';
import type { ReadRequest } from '../../domain/request/intent';
import { detailsOf } from '../../domain/request/procore-end';
import { searchTextOf } from '../../domain/request/search';
import { isFinal } from '../../domain/request/status';
import type { Repositories } from '../../store/repositories';
import type { SyncRequestRow } from '../../store/rows';
import type { ActivityDeps, ConnectionParts } from '../deps';
import { connectionOf, keeps } from '../deps';
import { keepBody, older, readBody, readingOf, recordOf } from '../in-hand';
import { endOf } from '../intake/look';
import { endedEntry, sealedEnd } from '../record/ended';
import { isUnknown } from '../links';
import { isOld } from './look-again';
import { adopt, isInErp, NOTHING_IN_ERP } from './adopt';
import { beginWaits } from './waiting';
import { settle } from '../step';

/** Runs on the main queue, as a local activity. */
export const openActivities = (deps: ActivityDeps) => ({
  /** Opens a request whose body is stored already. Throws `STORE_OLDER` where it is not. */
  async openRequest(ref: RequestRef): Promise<RequestView> {
    const connection = connectionOf(deps, ref.connectionId);
    return deps.store.transaction('request.open', connection.id, async (t) => {
      const [row] = await Promise.all([t.requests.get(ref), t.requests.reading(ref)]);
      if (!row.fetched) throw older(row, 'its body');
      return open(t, connection, row, { read: await readingOf(t, connection, row), ...aboutUs(deps) });
    });
  },
});

/** Runs on the Procore queue. */
export const fetchActivities = (deps: ActivityDeps) => ({
  /** Fetches the body, stores it word for word, and opens the request. Requests are immutable: a stored body is not fetched again. */
  async fetchRequest(
    ref: RequestRef,
  ): Promise<{ readonly kind: 'view'; readonly view: RequestView } | Interruption> {
    const connection = connectionOf(deps, ref.connectionId);
    return settle(async () => {
      const known = await deps.store.read('request', (t) => t.requests.get(ref));
      const received = known.fetched ? null : await fetchBody(connection, known);
      const body = known.fetched ? null : readBody(connection, known, received);
      const end = body && (await endOf(deps, connection, { received, intent: body.reading.intent }));
      const view = await deps.store.transaction('request.fetched', connection.id, async (t) => {
        const [found] = await Promise.all([t.requests.get(ref), t.requests.reading(ref)]);
        const isNew = body !== null && !found.fetched;
        const row = { ...found, procoreEnd: found.procoreEnd ?? (isNew ? end : null) };
        if (isNew) {
          const ended = end === null ? [] : [endedEntry(row, end, deps.now())];
          await t.audit.append(connection.id, [await keepBody(t, row, body, deps.now()), ...ended]);
        }
        const read = body?.reading ?? (await readingOf(t, connection, row));
        return open(t, connection, { ...row, fetched: true }, { read, ...aboutUs(deps) });
      });
      return { kind: 'view' as const, view };
    });
  },
});

/** Attempts after which an answer that is no ERP request is not taken for an accident on the way any more. */
const UNREADABLE_ATTEMPTS = 5;

async function fetchBody({ procore }: ConnectionParts, { erpRequestId }: SyncRequestRow): Promise<unknown> {
  if (erpRequestId === null || procore.requests === undefined)
    throw new Error('only requests of the ERP tool can be fetched');
  try {
    return await procore.requests.show(erpRequestId);
  } catch (error) {
    if (!isTiebackError(error) || error.code !== 'PROCORE_ANSWER_INVALID') throw error;
    if (activityInfo().attempt < UNREADABLE_ATTEMPTS) throw error;
    throw new TiebackError('PROCORE_REQUEST_UNREADABLE', { request: erpRequestId, reason: error.message });
  }
}

const aboutUs = ({
  people,
  searchNames,
  now,
}: ActivityDeps): Pick<RequestView, 'publicKeys'> & {
  readonly searchNames: boolean;
  readonly now: string;
} => ({
  publicKeys: people.keys.publicKeys,
  searchNames,
  now: now(),
});

async function open(
  t: Repositories,
  connection: ConnectionParts,
  row: SyncRequestRow,
  { read, publicKeys, searchNames, now }: { readonly read: ReadRequest } & ReturnType<typeof aboutUs>,
): Promise<RequestView> {
  const { intent } = read;
  const eventName = shorten(read.eventName, 200);
  const subject = shorten(read.subject, 400);
  const recordId = recordOf(intent);
  const base = {
    eventName,
    subject,
    recordId: recordId ?? row.id,
    findable: findableOf(read, searchNames),
    approvers: approversOf(connection.policy, decidedBy(row.id), placesOf(aboutOf(read))).map(({ id }) => id),
    publicKeys,
    // Nobody in Procore is blocked by what we look for ourselves.
    openDetailHours: isOwn(row.id) ? 0 : connection.policy.openDetailHours,
    fields: correctable(intent),
    noun:
      intent.way === 'sync' || intent.way === 'reconcile'
        ? nounOf(intent.kind)
        : { one: 'record', many: 'records' },
  };
  if (isFinal(row.status)) {
    return { ...base, next: { kind: 'closed', as: { status: row.status, summary: row.reason ?? '' } } };
  }
  // Not by status: a request that could not be fetched at first was parked before anything was known of it.
  const isNew = row.eventName === null;
  const known = isNew
    ? {
        eventName,
        subject,
        recordId,
        way: intent.way,
        kind: kindIn(intent),
        about: aboutOf(read),
        searchText: searchTextOf(read, row.id),
        blockedSince: detailsOf(intent).length === 0 ? null : row.receivedAt,
        fetched: row.fetched,
      }
    : {};
  const procoreEnd = await sealedEnd(t, row, now);
  if (procoreEnd !== null) {
    await t.requests.setStatus(row, 'planning', null, now, { ...known, procoreEnd, started: true });
    const opened = { ...row, status: 'planning' as const, recordId };
    if (isInErp(connection, intent)) return { ...base, next: { kind: 'adopt' } };
    const { result, released } = await adopt(
      t,
      { row: opened, intent, end: procoreEnd },
      NOTHING_IN_ERP,
      now,
    );
    return { ...base, next: { kind: 'closed', as: result, released } };
  }
  const waits = recordId === null ? [] : await earlier(t, row, recordId);
  const status = row.status === 'received' && waits.length === 0 ? 'planning' : row.status;
  if (isNew || status !== row.status || !row.started) {
    await t.requests.setStatus(row, status, status === row.status ? row.reason : null, now, {
      ...known,
      started: true,
    });
  }
  if (waits.length === 0) return { ...base, next: nextOf(read, connection, isOld(row, now)) };
  return { ...base, next: { kind: 'held', waits: await beginWaits(t, { ...row, recordId }, waits, now) } };
}

/** Requests about one record are worked on in the order in which Procore made them. */
async function earlier(t: Repositories, row: SyncRequestRow, recordId: string): Promise<readonly Wait[]> {
  const open = await t.requests.openBefore(row, recordId);
  return open.map(({ id, status }) => ({
    recordId: id,
    reason: `${requestWords(id)} about the same record came first and is "${status}"; this one goes on when it is closed.`,
  }));
}

function nounOf(kind: Kind): Noun {
  const { label, plural } = definitionOf(kind);
  return { one: label.toLowerCase(), many: plural };
}

function nextOf(
  { intent, eventName, questions }: ReadRequest,
  connection: ConnectionParts,
  hasWaited: boolean,
): RequestView['next'] {
  const unable = (): RequestView['next'] => ({
    kind: 'refuse',
    error: new TiebackError('EVENT_NOT_SUPPORTED', { event: eventName }).toShape(),
  });
  switch (intent.way) {
    case 'export':
      return intent.records[0] && keeps(connection, intent.records[0].kind)
        ? work(intent.way, questions.length > 0 || hasWaited)
        : unable();
    case 'sync':
    case 'reconcile':
    case 'refresh':
      return keeps(connection, intent.kind) ? work(intent.way) : unable();
    case 'payroll':
      return work(intent.way, true);
    case 'release':
      return work(intent.way);
    case 'links':
      return work(intent.way, intent.how === 'imported' && intent.records.some(isUnknown));
    case 'metadata':
      return work(intent.way);
    case 'malformed': {
      const error = new TiebackError('REQUEST_MALFORMED', { reason: inShort(intent.problems) });
      return { kind: 'refuse', error: error.toShape() };
    }
    case 'unsupported':
      if (intent.known) return unable();
      // What it is about is unknown, so nobody can say that its details are ours to close.
      return { kind: 'park', error: new TiebackError('EVENT_UNKNOWN', { event: eventName }).toShape() };
  }
}

const work = (
  way: Extract<RequestView['next'], { kind: 'work' }>['way'],
  mustAsk = false,
): RequestView['next'] => ({ kind: 'work', way, mustAsk });
