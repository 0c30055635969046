import type { AuditEntry } from '../domain/audit/chain';
import type { SealedDecision } from '../domain/audit/evidence';
import {
  bodySeal,
  decisionOn,
  withdrawnBy,
  isReadUnderOtherKey,
  proofOf,
  readingStatement,
  sealedCorrections,
  tamperedBody,
  tamperedPlan,
} from '../domain/audit/evidence';
import { MASKED, maskPersonal } from '../domain/base/personal';
import type { SigningKeys } from '../domain/people/signing-keys';
import { TiebackError } from '../domain/base/errors';
import { contentHash, recordIdOf } from '../domain/base/identity';
import { inShort, shorten } from '../domain/base/text';
import type { RecordLink } from '../domain/kinds/record-link';
import { isErpWrite, isTie } from '../domain/plan/operation';
import type { Plan } from '../domain/plan/plan';
import { releasedRecordId } from '../domain/plan/release';
import type { Snapshot, SnapshotOf } from '../domain/plan/snapshot';
import type { ApprovedRef, PageRef } from '../domain/request/flow';
import type { RequestRef } from '../domain/request/id';
import { requestWords } from '../domain/request/id';
import type { Intent, IntentOf, ReadRequest, StoredBody, Way } from '../domain/request/intent';
import { isPaged } from '../domain/request/intent';
import { readOwn } from '../domain/request/own-request';
import { nameOfUser } from '../domain/request/sender';
import type { Repositories } from '../store/repositories';
import type { OperationRow, RequestBodyRow, SyncRequestRow } from '../store/rows';
import { requesterOf } from './approval';
import type { ConnectionParts } from './deps';
import { auditEntry } from './record/entry';

/** One request in hand: its row and what it asks for. */
export interface InHand<W extends Intent['way'] = Intent['way']> {
  readonly connection: ConnectionParts;
  readonly row: SyncRequestRow;
  readonly intent: IntentOf<W>;
}

/**
 * The request with its stored reading. Throws `STORE_OLDER` where it was not opened yet, as our store says, and `REQUEST_TAMPERED` where its body
 * was taken away: the two are written together, so a restored store has both or neither.
 */
export async function inHandOf(
  t: Repositories,
  connection: ConnectionParts,
  ref: RequestRef,
): Promise<InHand> {
  const [row, reading] = await Promise.all([t.requests.get(ref), t.requests.reading(ref)]);
  if (row.status === 'received') throw older(row, 'that it was opened');
  if (reading === null && row.fetched)
    throw new TiebackError('REQUEST_TAMPERED', { reason: 'its stored body is gone' });
  const { intent, eventName } = await readingOf(t, connection, row);
  // Rules ask for the event: what the audit log vouches for counts, not what stands in the row for people to filter by.
  return { connection, row: { ...row, eventName: shorten(eventName, 200) }, intent };
}

/** The workflow of a request is further than our store. */
export const older = ({ id }: Pick<SyncRequestRow, 'id'>, what: string): TiebackError =>
  new TiebackError('STORE_OLDER', { what, request: requestWords(id) });

/**
 * Asks for what a step is going to need, in one round trip: whoever asks for a part of it afterwards in the same transaction or look has the answer already. What
 * goes wrong is told to them.
 */
export const ahead = async (...questions: readonly Promise<unknown>[]): Promise<void> =>
  void (await Promise.allSettled(questions));

/** A stored body is read when it arrives, and again only when its reader has changed since. */
export async function readingOf(
  t: Repositories,
  connection: ConnectionParts,
  row: SyncRequestRow,
): Promise<ReadRequest> {
  const known = await t.requests.reading(row);
  if (known?.readerVersion === connection.procore.readerVersion) return known.reading;
  const stored = await t.requests.body(row);
  return stored === null
    ? connection.procore.readRequest(undefined, row.erpRequestId)
    : readingIn(connection, row, stored.body);
}

/** What a stored body says. */
const readingIn = (
  { procore }: Pick<ConnectionParts, 'procore'>,
  { id, erpRequestId }: Pick<SyncRequestRow, 'id' | 'erpRequestId'>,
  { received, answers, changes }: StoredBody,
): ReadRequest =>
  readOwn(id, received) ??
  withChanges(unmasked(procore.readRequest(received, erpRequestId, answers)), changes);

const withChanges = (read: ReadRequest, changes: readonly string[]): ReadRequest =>
  read.intent.way === 'export' && changes.length > 0
    ? { ...read, intent: { ...read.intent, changes } }
    : read;

/** A reader of today may read what nothing read when the body was stored, and what was masked then is no value. */
function unmasked(read: ReadRequest): ReadRequest {
  if (!JSON.stringify(read).includes(MASKED)) return read;
  const detailIds = 'detailIds' in read.intent ? read.intent.detailIds : [];
  const problems = [`a value is stored as ${MASKED}, and this version reads it: send it again from Procore`];
  return { ...read, intent: { way: 'malformed', problems, detailIds } };
}

/** A body with what it reads as, for the store; numbers of people and their banks that nothing reads are masked. */
export function readBody(
  { procore }: Pick<ConnectionParts, 'procore'>,
  row: Pick<SyncRequestRow, 'connectionId' | 'id' | 'erpRequestId'>,
  received: unknown,
  { answers, changes }: Omit<StoredBody, 'received'> = { answers: {}, changes: [] },
): RequestBodyRow {
  const reading = readOwn(row.id, received) ?? procore.readRequest(received, row.erpRequestId, answers);
  return {
    connectionId: row.connectionId,
    requestId: row.id,
    body: { received: maskPersonal(received, reading), answers, changes },
    // What is read again may come from our store.
    reading: withChanges(unmasked(reading), changes),
    readerVersion: procore.readerVersion,
  };
}

/** A request that came with its body: its row, and the entry that seals the body. */
export function withBody(
  row: SyncRequestRow,
  { body, reading }: RequestBodyRow,
  now: string,
): { readonly row: SyncRequestRow; readonly entry: AuditEntry } {
  const { eventName, subject } = reading;
  const seen = shorten(subject, 400);
  const sender = row.sender ?? (row.requestedBy === null ? null : nameOfUser(body.received, row.requestedBy));
  const detail = { event: shorten(eventName, 200), subject: seen, ...bodySeal(body, reading) };
  return {
    row: { ...row, subject: seen, sender: sender === null ? null : shorten(sender, 200) },
    entry: auditEntry(row, now, 'request.fetched', { detail }),
  };
}

/** Stores a body; answers the entry that seals it, for the audit log of the same transaction. */
export async function keepBody(
  t: Repositories,
  row: SyncRequestRow,
  kept: RequestBodyRow,
  now: string,
): Promise<AuditEntry> {
  await t.requests.keepBody(kept);
  const { row: next, entry } = withBody(row, kept, now);
  const { subject, sender } = next;
  await t.requests.update(row, { subject, sender });
  return entry;
}

/** Stores a body that takes the place of another; answers the entry that seals it, signed by the daemon. */
export async function keepBodyAgain(
  t: Repositories,
  row: Pick<SyncRequestRow, 'connectionId' | 'id' | 'workflowId'>,
  kept: RequestBodyRow,
  { keys, now }: { readonly keys: SigningKeys; readonly now: string },
): Promise<AuditEntry> {
  await t.requests.keepBody(kept);
  const seal = bodySeal(kept.body, kept.reading);
  const signatures = keys.sign(readingStatement(row, { ...seal, at: now }));
  const changes = kept.body.changes.length;
  return auditEntry(row, now, 'request.reread', { detail: { ...seal, changes, signedAt: now, signatures } });
}

/** The request as one of this way. Throws `REQUEST_MALFORMED` where the readers of today cannot read it; another way is a fault of the program. */
export function asWay<W extends Way>({ connection, row, intent }: InHand, way: W): InHand<W> {
  if (intent.way === 'malformed')
    throw new TiebackError('REQUEST_MALFORMED', { reason: inShort(intent.problems) });
  if (!isIntentOf(intent, way)) throw new Error(`${requestWords(row.id)} is ${intent.way}, not ${way}`);
  return { connection, row, intent };
}

const isIntentOf = <W extends Way>(intent: Intent, way: W): intent is Intent & IntentOf<W> =>
  intent.way === way;

/** The one record a request is about; null when it is about none or several. */
export function recordOf(intent: Intent): string | null {
  switch (intent.way) {
    case 'export': {
      const [only, second] = intent.records;
      return only && !second ? recordIdOf(only.kind, only.procoreId) : null;
    }
    case 'release': {
      const [only, second] = intent.items;
      return only && !second ? releasedRecordId(only) : null;
    }
    case 'refresh':
      return recordIdOf(intent.kind, intent.subJobId ?? intent.projectId);
    default:
      return null;
  }
}

/** Record id for exceptions and search: the record, or the request itself. */
export const subjectIdOf = (inHand: Pick<InHand, 'row' | 'intent'>): string =>
  recordOf(inHand.intent) ?? inHand.row.id;

/** What was read for a page; `otherwise` where nothing had to be. Throws `STORE_OLDER` where something should have been. */
export async function snapshotOf<W extends Snapshot['way']>(
  t: Repositories,
  page: PageRef,
  way: W,
  otherwise?: SnapshotOf<W>,
): Promise<SnapshotOf<W>> {
  const body = (await t.plans.snapshot(page))?.body ?? otherwise;
  if (!body) throw older(page, `what was read for page ${page.page}`);
  return asSnapshot(body, way);
}

/** A snapshot as one of this way. Throws where it is another's: a fault of the program. */
export function asSnapshot<W extends Snapshot['way']>(body: Snapshot, way: W): SnapshotOf<W> {
  if (!isSnapshotOf(body, way)) throw new Error(`this was read as ${body.way}, not ${way}`);
  return body;
}

const isSnapshotOf = <W extends Snapshot['way']>(body: Snapshot, way: W): body is Snapshot & SnapshotOf<W> =>
  body.way === way;

/** The entries that vouch for a body. */
export const BODY_ACTIONS = ['request.fetched', 'request.reread'] as const;

/** The entries that vouch for a body and what was corrected of it. */
export const SEALED_REQUEST = [...BODY_ACTIONS, 'correction.entered'] as const;

/** Why the stored body or its corrections are not what the audit log vouches for; null when they are. */
export async function tamperedRequest(
  t: Repositories,
  { connection, row }: Pick<InHand, 'connection' | 'row'>,
  keys: SigningKeys,
): Promise<TiebackError | null> {
  const sealed = await t.audit.sealed(row, { actions: SEALED_REQUEST });
  const changed = await changedBody(t, { connection, row }, sealed, keys);
  if (changed !== null)
    return isReadUnderOtherKey(sealed, keys)
      ? new TiebackError('BODY_UNPROVEN')
      : new TiebackError('REQUEST_TAMPERED', { reason: changed });
  const entered = contentHash(sealedCorrections(row, sealed, keys));
  if (entered === contentHash(row.corrections ?? {})) return null;
  if (isOfOtherKeys(row, sealed, keys)) return new TiebackError('CORRECTIONS_UNPROVEN');
  return new TiebackError('REQUEST_TAMPERED', {
    reason: 'the stored corrections are not those that were entered',
  });
}

/** Why the stored body is not the one that arrived, in one sentence; null: it is, or there is none. `sealed`: entries with `BODY_ACTIONS`. */
export async function changedBody(
  t: Repositories,
  { connection, row }: Pick<InHand, 'connection' | 'row'>,
  sealed: readonly AuditEntry[],
  keys: Pick<SigningKeys, 'isSigned'>,
): Promise<string | null> {
  const stored = await t.requests.body(row);
  if (stored === null) return null;
  const { reading, readerVersion, body } = stored;
  const isRead = readerVersion === connection.procore.readerVersion;
  return tamperedBody(row, { body, reading: isRead ? reading : null }, sealed, keys);
}

/** After a change of keys: what people signed with the one before is not proven any more, and nobody did wrong. */
const isOfOtherKeys = (
  { connectionId }: Pick<RequestRef, 'connectionId'>,
  sealed: readonly AuditEntry[],
  keys: SigningKeys,
): boolean => sealed.some((entry) => proofOf(connectionId, entry, keys) === 'unchecked');

/** A stored plan, with proof that it was approved and is still what was approved. */
export interface ApprovedPlan {
  readonly plan: Plan;
  readonly page: number;
  /** What became of its operations so far. */
  readonly operations: readonly OperationRow[];
  /** Links of what it ties: their shadows grow with every export. */
  readonly links: readonly RecordLink[];
}

/**
 * Throws `POLICY_APPROVAL_NEEDED` where the newest plan is not the approved one, `PLAN_TAMPERED` where it was changed after it was built, or
 * where an approval lies in our store that nobody gave.
 */
export async function approvedPlan(
  t: Repositories,
  input: ApprovedRef,
  way: Way,
  keys: SigningKeys,
): Promise<ApprovedPlan & { readonly decision: SealedDecision; readonly requestedBy: number | null }> {
  const [stored, sealed] = await Promise.all([
    t.plans.latest(input),
    t.audit.sealed(input, { planHash: input.planHash }),
  ]);
  const decision = decisionOn(input, sealed, keys);
  if (stored?.hash !== input.planHash) throw notApproved();
  const tampered = tamperedPlan(stored, sealed);
  if (tampered !== null) throw new TiebackError('PLAN_TAMPERED', { reason: tampered });
  if (decision?.decision !== 'approved') {
    const claimed = await t.plans.approval(input, input.planHash);
    const isVoid = withdrawnBy(input, sealed, keys) !== null || isOfOtherKeys(input, sealed, keys);
    if (claimed?.decision !== 'approved' || isVoid) throw notApproved();
    const reason = `the approval of "${claimed.decidedBy}" lies in the store, but the audit log does not know it`;
    throw new TiebackError('PLAN_TAMPERED', { reason });
  }
  const plan = { ...stored.body, hash: stored.hash };
  const ties = plan.operations.filter(isTie);
  const ids = ties.map(({ procoreId }) => procoreId).filter((procoreId) => procoreId !== null);
  const [first] = ties;
  const [requestedBy, operations, links] = await Promise.all([
    decision.isRule ? null : requesterOf(t, input),
    recordedOf(t, input, plan, way),
    first ? t.links.byProcoreIds(input.connectionId, first.kind, ids) : [],
  ]);
  return { plan, page: input.page, decision, requestedBy, operations, links };
}

/** What is recorded before Procore is told: what was written to the ERP. Of a request of pages, of this page only. */
const recordedOf = (
  t: Repositories,
  ref: RequestRef,
  { hash, operations }: Plan,
  way: Way,
): Promise<readonly OperationRow[]> =>
  isPaged(way)
    ? t.plans.operationsOf(ref, { hash, operations: operations.filter(isErpWrite) })
    : t.plans.operations(ref);

const notApproved = (): TiebackError =>
  new TiebackError('POLICY_APPROVAL_NEEDED', { reason: 'the newest plan of this request has no approval' });
