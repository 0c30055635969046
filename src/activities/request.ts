import { activityInfo } from '@temporalio/activity';
import type { AuditEntry } from '../domain/audit';
import type { ProcoreId, ReadErpRequest } from '../domain/erp-request';
import { isTiebackError, TiebackError } from '../domain/errors';
import { recordIdOf } from '../domain/identity';
import type { ErpRequestResult, RequestRef, RequestView } from '../domain/request-flow';
import { isFinal } from '../domain/request-status';
import { shorten } from '../domain/text';
import type { DetailClosing } from '../procore/port';
import type { Repositories } from '../store/repositories';
import type { ErpRequestRow } from '../store/rows';
import type { ActivityDeps, Busy, ConnectionParts, Stopped } from './deps';
import { connectionOf, settle } from './deps';
import { auditEntry, close } from './ledger';

/** Reads the stored body of a request. */
export const readStored = (connection: ConnectionParts, row: ErpRequestRow): ReadErpRequest =>
  connection.procore.readRequest({ id: row.requestId, body: row.body?.received });

/** Record id for exceptions and search: the one record the request is about, or the request itself. */
export const recordOf = (read: ReadErpRequest): string =>
  read.intent.kind === 'create_vendor'
    ? recordIdOf('vendor', read.intent.procoreId)
    : recordIdOf('erp_request', read.requestId);

/** Runs on the main queue, as a local activity. */
export const requestStoreActivities = (deps: ActivityDeps) => ({
  /** Opens a request whose body is stored already. */
  async openRequest(ref: RequestRef): Promise<RequestView> {
    const connection = connectionOf(deps, ref.connectionId);
    return deps.store.transaction('request.open', async (t) => {
      const row = await t.requests.get(ref.connectionId, ref.requestId);
      return open(t, connection, row, deps.now());
    });
  },
});

/** Runs on the Procore queue. */
export const requestProcoreActivities = (deps: ActivityDeps) => ({
  /** Fetches the body, stores it word for word, and opens the request. Requests are immutable: a stored body is not fetched again. */
  async fetchErpRequest(ref: RequestRef): Promise<RequestView | Stopped | Busy> {
    const connection = connectionOf(deps, ref.connectionId);
    return settle(async () => {
      const known = await deps.store.read('request', (t) => t.requests.get(ref.connectionId, ref.requestId));
      const body = known.body ?? { received: await fetchBody(connection, ref.requestId) };
      return deps.store.transaction('request.fetched', async (t) => {
        const row = await t.requests.get(ref.connectionId, ref.requestId);
        if (row.body === null) await t.requests.update(row, { body, updatedAt: deps.now() });
        return open(t, connection, { ...row, body }, deps.now());
      });
    });
  },

  /**
   * Closes the request details in Procore with sentences for people, then the request here. Details are read back by the client
   * where an answer was lost, so closing again is harmless.
   */
  async closeRequest(
    input: RequestRef & { result: ErpRequestResult; messages: readonly string[]; expired: boolean },
  ): Promise<ErpRequestResult | Stopped | Busy> {
    const connection = connectionOf(deps, input.connectionId);
    return settle(async () => {
      const row = await deps.store.read('request', (t) =>
        t.requests.get(input.connectionId, input.requestId),
      );
      const status: DetailClosing['status'] = input.result.status === 'applied' ? 'success' : 'failed';
      const refused = await closeDetails(
        connection,
        readStored(connection, row).intent,
        status,
        input.messages,
      );
      const result =
        refused === null ? input.result : { ...input.result, summary: `${input.result.summary} ${refused}` };
      await deps.store.transaction('request.close', async (t) => {
        const read = readStored(connection, row);
        const audit = closingEntries(row, result, read, deps.now());
        if (input.expired)
          audit.push(auditEntry(row, deps.now(), 'approval.expired', { detail: { reason: row.reason } }));
        await close(t, input, result.status, result.summary, deps.now(), audit);
        // What a sync left out stays an exception until a later sync carries it; everything else ends with its request.
        const lives = result.status === 'failed' && read.intent.kind === 'sync';
        if (!lives) await t.exceptions.resolve(pick(input), deps.now());
      });
      return result;
    });
  },
});

/** Attempts after which an answer that is no ERP request is not taken for an accident on the way any more. */
const UNREADABLE_ATTEMPTS = 5;

async function fetchBody(connection: ConnectionParts, requestId: number): Promise<unknown> {
  try {
    return (await connection.procore.showRequest(requestId)).body;
  } catch (error) {
    if (!isTiebackError(error) || error.code !== 'PROCORE_ANSWER_INVALID') throw error;
    if (activityInfo().attempt < UNREADABLE_ATTEMPTS) throw error;
    throw new TiebackError('PROCORE_REQUEST_UNREADABLE', { request: requestId, reason: error.message });
  }
}

const pick = ({ connectionId, requestId }: RequestRef): RequestRef => ({ connectionId, requestId });

/**
 * Closes every detail of a request. A detail that Procore will not close any more (it went stale, or somebody closed it) changes nothing
 * about what was done: the answer is a sentence that says so, or null when all is well.
 */
export async function closeDetails(
  connection: ConnectionParts,
  intent: ReadErpRequest['intent'],
  status: DetailClosing['status'],
  messages: readonly string[],
): Promise<string | null> {
  const itemId = intent.kind === 'create_vendor' ? intent.procoreId : null;
  const told = 'detailIds' in intent ? intent.detailIds : [];
  const detailIds = told.length === 0 && itemId !== null ? await findOpenDetails(connection, itemId) : told;
  if (detailIds.length === 0) return null;
  const closings = detailIds.map((detailId) => ({
    detailId,
    status,
    messages: messages.map(short),
    ...(itemId === null ? {} : { itemId }),
  }));
  const errors = await connection.procore.closeDetails(closings);
  if (errors.length === 0) return null;
  const words = errors.map(({ key, messages: said }) => `request detail ${key}: ${said.join('; ')}`);
  return `Procore did not take the closing message (${words.join(' · ')}).`;
}

/** Some events do not say which detail is theirs: then it is found by the record. Where that is not possible, there is none to close. */
async function findOpenDetails(
  connection: ConnectionParts,
  itemId: ProcoreId,
): Promise<readonly ProcoreId[]> {
  try {
    const details = await connection.procore.findDetails(itemId);
    return details.filter(({ status }) => !CLOSED.has(status)).map(({ id }) => id);
  } catch (error) {
    if (isTiebackError(error) && (error.class === 'data' || error.class === 'config')) return [];
    throw error;
  }
}

const CLOSED = new Set(['success', 'failed', 'rejected', 'stale']);

/** Procore shows messages in a narrow column: about 250 characters each. */
const short = (message: string): string => shorten(message, 250);

async function open(
  t: Repositories,
  connection: ConnectionParts,
  row: ErpRequestRow,
  now: string,
): Promise<RequestView> {
  const read = readStored(connection, row);
  const eventName = shorten(read.eventName, 200);
  const subject = shorten(read.subject, 400);
  const base = {
    eventName,
    subject,
    approvers: connection.policy.approvers.map(({ id }) => id),
    openDetailHours: connection.policy.openDetailHours,
    receivedAt: row.receivedAt,
  };
  if (isFinal(row.status)) {
    const closedAs = { status: row.status, summary: row.reason ?? '' };
    return { ...base, route: 'closed', recordId: null, error: null, closedAs };
  }
  if (row.status === 'received') await t.requests.setStatus(row, 'planning', null, now);
  // Not by status: a request that could not be fetched at first was parked before anything was known of it.
  if (row.eventName === null) {
    await t.requests.update(row, { eventName, subject });
    await t.audit.append(connection.id, [
      auditEntry(row, now, 'request.fetched', { detail: { event: eventName, subject } }),
    ]);
  }
  const more = { closedAs: null, recordId: recordOf(read) };
  const { intent } = read;
  switch (intent.kind) {
    case 'create_vendor':
      return { ...base, ...more, route: 'export', error: null };
    case 'sync':
      return { ...base, ...more, route: 'sync', error: null };
    case 'vendors_linked':
    case 'vendors_merged':
    case 'vendor_unlinked':
      return { ...base, ...more, route: 'links', error: null };
    case 'export':
    case 'refresh':
    case 'notice':
    case 'question':
    case 'metadata':
    case 'malformed': {
      const error = new TiebackError('REQUEST_MALFORMED', {
        reason: 'problems' in intent ? intent.problems.join(' · ') : '',
      });
      return { ...base, ...more, route: 'refuse', error: error.toShape() };
    }
    case 'unsupported': {
      // What it is about is unknown, so nobody can say that its details are ours to close.
      const code = intent.known ? 'EVENT_NOT_SUPPORTED' : 'EVENT_UNKNOWN';
      const error = new TiebackError(code, { event: eventName });
      return { ...base, ...more, route: intent.known ? 'refuse' : 'park', error: error.toShape() };
    }
  }
}

function closingEntries(
  row: ErpRequestRow,
  result: ErpRequestResult,
  { intent, eventName }: ReadErpRequest,
  now: string,
): AuditEntry[] {
  if (result.status !== 'failed') return [];
  if (intent.kind === 'malformed')
    return [auditEntry(row, now, 'request.malformed', { detail: { problems: intent.problems } })];
  if (intent.kind === 'unsupported') {
    return [
      auditEntry(row, now, 'request.unsupported', { detail: { event: eventName, known: intent.known } }),
    ];
  }
  return [];
}
