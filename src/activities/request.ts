import { activityInfo } from '@temporalio/activity';
import type { AuditEntry } from '../domain/audit/chain';
import type { Entity } from '../domain/kinds/entity';
import { definitionOf } from '../domain/kinds/entity';
import type { ErpRequestIntent, ReadErpRequest } from '../domain/request/intent';
import { isTiebackError, TiebackError } from '../domain/base/errors';
import { recordIdOf } from '../domain/base/identity';
import type { Wait } from '../domain/plan/plan';
import type {
  ClosedRequest,
  CorrectableField,
  ErpRequestResult,
  Noun,
  RequestRef,
  RequestView,
} from '../domain/request/flow';
import { isFinal } from '../domain/request/status';
import { shorten } from '../domain/base/text';
import { VENDOR_FIELDS } from '../domain/kinds/vendor';
import type { Repositories } from '../store/repositories';
import type { ErpRequestRow } from '../store/rows';
import { closeDetails } from './close-details';
import type { ActivityDeps, Busy, ConnectionParts, Stopped } from './deps';
import { connectionOf, settle } from './deps';
import { auditEntry, close, releasedBy } from './ledger';
import { readStored, recordOf, subjectIdOf } from './request-body';

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
  ): Promise<({ readonly kind: 'closed' } & ClosedRequest) | Stopped | Busy> {
    const connection = connectionOf(deps, input.connectionId);
    return settle(async () => {
      const row = await deps.store.read('request', (t) =>
        t.requests.get(input.connectionId, input.requestId),
      );
      const read = readStored(connection, row);
      const refused = await closeDetails(connection, read.intent, {
        status: input.result.status === 'applied' ? 'success' : 'failed',
        messages: input.messages,
      });
      const result =
        refused === null ? input.result : { ...input.result, summary: `${input.result.summary} ${refused}` };
      const released = await deps.store.transaction('request.close', async (t) => {
        const audit = closingEntries(row, result, read, deps.now());
        if (input.expired)
          audit.push(auditEntry(row, deps.now(), 'approval.expired', { detail: { reason: row.reason } }));
        // What a sync left out stays an exception until a later sync carries it; everything else ends with its request.
        const lives = read.intent.kind === 'sync' || read.intent.kind === 'refresh';
        if (!lives) await t.exceptions.resolve(pick(input), deps.now());
        await close(t, input, result.status, result.summary, deps.now(), audit);
        return releasedBy(t, input);
      });
      return { kind: 'closed' as const, result, released };
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
    waits: [],
    ...describeIntent(read.intent),
  };
  if (isFinal(row.status)) {
    const closedAs = { status: row.status, summary: row.reason ?? '' };
    return { ...base, route: 'closed', recordId: null, error: null, closedAs };
  }
  const recordId = recordOf(read.intent);
  // Not by status: a request that could not be fetched at first was parked before anything was known of it.
  if (row.eventName === null) {
    await t.requests.update(row, { eventName, subject, recordId });
    await t.audit.append(connection.id, [
      auditEntry(row, now, 'request.fetched', { detail: { event: eventName, subject } }),
    ]);
  }
  const more = { closedAs: null, recordId: subjectIdOf(read), error: null };
  const waits = recordId === null ? [] : await earlier(t, row, recordId);
  if (waits.length > 0) return { ...base, ...more, route: 'held', waits };
  if (row.status === 'received') await t.requests.setStatus(row, 'planning', null, now);
  return { ...base, ...more, ...routeOf(read, connection) };
}

/** Requests about one record are worked on in the order in which Procore made them. */
async function earlier(t: Repositories, row: ErpRequestRow, recordId: string): Promise<readonly Wait[]> {
  const open = await t.requests.openBefore(row, recordId);
  return open.map(({ requestId, status }) => ({
    recordId: recordIdOf('erp_request', requestId),
    reason: `ERP request ${requestId} about the same record came first and is "${status}"; this one goes on when it is closed.`,
  }));
}

/** What the workflow must know of the intent beside its route. */
function describeIntent(intent: ErpRequestIntent): Pick<RequestView, 'mustAsk' | 'fields' | 'noun'> {
  const isImport = intent.kind === 'notice' && intent.how === 'imported';
  return {
    mustAsk:
      isImport && intent.records.some(({ procoreId, target }) => procoreId === null && target !== 'budget'),
    fields: correctable(intent),
    noun: intent.kind === 'sync' ? nounOf(intent.entity) : { one: 'record', many: 'records' },
  };
}

function nounOf(entity: Entity): Noun {
  const { label, plural } = definitionOf(entity);
  return { one: label.toLowerCase(), many: plural };
}

function correctable(intent: ErpRequestIntent): readonly CorrectableField[] {
  if (intent.kind === 'create_vendor') {
    return VENDOR_FIELDS.map((name) => ({
      name,
      kind: name === 'isActive' ? 'flag' : 'text',
      required: name === 'name',
    }));
  }
  const [only, second] = intent.kind === 'export' ? intent.records : [];
  if (!only || second) return [];
  return Object.entries(definitionOf(only.entity).fields)
    .filter(([, { kind }]) => kind !== 'reference')
    .map(([name, { kind }]) => ({ name, kind: kind === 'flag' ? 'flag' : 'text', required: false }));
}

function routeOf(
  { intent, eventName }: ReadErpRequest,
  connection: ConnectionParts,
): Pick<RequestView, 'route' | 'error'> {
  const unable = (): Pick<RequestView, 'route' | 'error'> => ({
    route: 'refuse',
    error: new TiebackError('EVENT_NOT_SUPPORTED', { event: eventName }).toShape(),
  });
  const through = (
    entity: Entity | undefined,
    route: RequestView['route'],
  ): Pick<RequestView, 'route' | 'error'> =>
    entity !== undefined && keeps(connection, entity) ? { route, error: null } : unable();
  switch (intent.kind) {
    case 'create_vendor':
      return through('vendor', 'export');
    case 'export':
      return through(intent.records[0]?.entity, 'export');
    case 'sync':
      return through(intent.entity, 'sync');
    case 'refresh':
      return through(intent.entity, 'refresh');
    case 'question':
      return connection.erp.lookUp === undefined ? unable() : { route: 'question', error: null };
    case 'vendors_linked':
    case 'vendors_merged':
    case 'vendor_unlinked':
      return { route: 'links', error: null };
    case 'notice':
      return { route: 'notice', error: null };
    case 'metadata':
      return { route: 'metadata', error: null };
    case 'malformed': {
      const error = new TiebackError('REQUEST_MALFORMED', { reason: intent.problems.join(' · ') });
      return { route: 'refuse', error: error.toShape() };
    }
    case 'unsupported':
      if (intent.known) return unable();
      // What it is about is unknown, so nobody can say that its details are ours to close.
      return { route: 'park', error: new TiebackError('EVENT_UNKNOWN', { event: eventName }).toShape() };
  }
}

const keeps = ({ erp }: ConnectionParts, entity: Entity): boolean =>
  entity === 'vendor' ? erp.vendors !== undefined : erp.records?.[entity] !== undefined;

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
