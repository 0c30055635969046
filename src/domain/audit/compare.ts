/**
 * What the tables say against what the chain says: everything that was approved, written to the ERP, linked or closed has its entry, and
 * every such entry still has its row. One direction finds rows that nobody logged, the other rows that are gone.
 */
import { wellFormed } from '../base/text';
import type { RequestStatus } from '../request/status';
import { isFinal } from '../request/status';
import type { AuditAction, AuditEntry } from './chain';
import { requesterIn } from './evidence';

/** Entries that tell what a row of another table says. */
export const TOLD_ACTIONS = [
  'approval.first',
  'approval.granted',
  'approval.withdrawn',
  'approval.rejected',
  'operation.written',
  'operation.adopted',
  'operation.refused',
  'request.closed',
  'erp.restored',
  'intake.received',
] as const satisfies readonly AuditAction[];

/** A decision as its table holds it. */
export interface ApprovalFact {
  readonly planHash: string;
  readonly decision: 'first' | 'approved' | 'rejected' | 'withdrawn';
  readonly decidedBy: string;
  readonly comment: string;
  readonly at: string;
}

/** An operation that its table says was written to the ERP. */
export interface WriteFact {
  readonly operationKey: string;
  readonly erpKey: string | null;
  /** `rejected`: accepted, and rejected later. `lost`: a restored ERP does not know it any more, and an approver accepted that. */
  readonly state: string;
}

/** What the tables hold of one request. */
export interface RequestFacts {
  readonly id: string;
  readonly status: RequestStatus;
  readonly reason: string | null;
  /** Directory user of Procore who asked for it; null: nobody knows. */
  readonly requestedBy: number | null;
  readonly approvals: readonly ApprovalFact[];
  readonly writes: readonly WriteFact[];
}

/** How a record link stands. */
export interface LinkFact {
  readonly erpKey: string;
  readonly procoreId: number | null;
  readonly state: string;
  readonly generation: number;
  readonly erpRevision: string | null;
}

/** Something that does not agree, for people. */
export interface Difference {
  readonly about: string;
  readonly what: string;
}

/** Rows of a request that the chain does not tell of, or tells otherwise. `entries`: those of the request with `TOLD_ACTIONS`. */
export function notLogged(facts: RequestFacts, entries: readonly AuditEntry[]): readonly Difference[] {
  const { id, status, requestedBy, approvals, writes } = facts;
  const isClosed = entries.some(({ action }) => action === 'request.closed');
  return [
    ...approvals.flatMap((row) => differenceOf(`approval of ${id}`, approvalNotLogged(row, entries))),
    ...writes.flatMap((row) => differenceOf(`operation ${row.operationKey}`, writeNotLogged(row, entries))),
    ...(isFinal(status) && !isClosed
      ? [{ about: id, what: `it is "${status}", but the log has no entry that it was closed` }]
      : []),
    ...differenceOf(id, requesterNotLogged(requestedBy, entries)),
  ];
}

/** Nobody approves what they asked for themselves: who asked must be what the webhook said. */
function requesterNotLogged(requestedBy: number | null, entries: readonly AuditEntry[]): string | null {
  const told = requesterIn(entries);
  if (requestedBy === told) return null;
  const words = (user: number | null): string => (user === null ? 'nobody' : `user ${user} of Procore`);
  return `it says that ${words(requestedBy)} asked for it, but the log says ${words(told)}`;
}

function approvalNotLogged(row: ApprovalFact, entries: readonly AuditEntry[]): string | null {
  const own = entries.filter((entry) => isEntryOf(row, entry));
  const did = DID[row.decision];
  const told = `"${row.decidedBy}" ${did} plan ${row.planHash.slice(0, 12)}`;
  if (own.length === 0) return `${told}, but the log has no entry of it`;
  const isSame = ({ at, detail: { comment } }: AuditEntry): boolean =>
    at === row.at && (typeof comment !== 'string' || wellFormed(comment) === wellFormed(row.comment));
  return own.some(isSame) ? null : `${told}: time or comment are not those of its entry`;
}

const ENTRY_OF = {
  first: 'approval.first',
  approved: 'approval.granted',
  rejected: 'approval.rejected',
  withdrawn: 'approval.withdrawn',
} as const;

const DID = {
  first: 'approved as the first of two',
  approved: 'approved',
  rejected: 'rejected',
  withdrawn: 'withdrew the approval of',
} as const;

const isEntryOf = (row: ApprovalFact, { action, actor, planHash }: AuditEntry): boolean =>
  action === ENTRY_OF[row.decision] && planHash === row.planHash && actor === wellFormed(row.decidedBy);

function writeNotLogged(
  { operationKey, erpKey, state }: WriteFact,
  entries: readonly AuditEntry[],
): string | null {
  const isAccepted = entries.some(
    ({ action, detail }) => action === 'erp.restored' && detail['operation'] === operationKey,
  );
  if (state === 'lost' && !isAccepted)
    return 'it passes for lost with a restored ERP, but the log has no entry that somebody accepted that';
  const refusals = entries.filter(
    ({ action, detail }) => action === 'operation.refused' && detail['operation'] === operationKey,
  );
  if (state === 'rejected' && refusals.length === 0)
    return 'it passes for rejected by the ERP, but the log has no entry of that';
  const own = [
    ...entries.filter((entry) => operationOf(entry) === operationKey),
    ...(state === 'rejected' ? refusals : []),
  ];
  if (own.length === 0) return 'it was written to the ERP, but the log has no entry of it';
  const told = own.map(({ detail }) => detail['erpKey']);
  return told.includes(erpKey) ? null : `its ERP key is ${erpKey}, the log says ${told.join(' and ')}`;
}

/** The operation that an entry tells of; null where it tells of none by its key. */
export function operationOf({ action, detail }: AuditEntry): string | null {
  const { operation } = detail;
  const isWrite = action === 'operation.written' || action === 'operation.adopted';
  return isWrite && typeof operation === 'string' ? operation : null;
}

/** What an entry tells that the tables do not hold any more, or hold otherwise; null: they agree. */
export function notKept(entry: AuditEntry, facts: RequestFacts): string | null {
  switch (entry.action) {
    case 'approval.first':
    case 'approval.granted':
    case 'approval.withdrawn':
    case 'approval.rejected':
      return facts.approvals.some((row) => isEntryOf(row, entry))
        ? null
        : `"${entry.actor}" decided on plan ${entry.planHash?.slice(0, 12)} of ${facts.id}, but the approval is gone`;
    case 'operation.written':
    case 'operation.adopted': {
      const operation = operationOf(entry);
      return operation === null || facts.writes.some(({ operationKey }) => operationKey === operation)
        ? null
        : `operation ${operation} was written to the ERP, but its row is gone or says otherwise`;
    }
    case 'operation.refused':
      return isRejection(entry) && facts.writes.every((row) => !isRejected(entry, row))
        ? `operation ${String(entry.detail['operation'])} was rejected by the ERP, but its row is gone or says otherwise`
        : null;
    case 'request.closed':
      return closedOtherwise(entry, facts);
    default:
      return null;
  }
}

/** Of an operation that was accepted before; where the ERP contradicted itself, nothing was taken back. */
const isRejection = ({ detail }: AuditEntry): boolean =>
  typeof detail['answeredAt'] === 'string' && (detail['contradiction'] ?? null) === null;

const isRejected = ({ detail }: AuditEntry, { operationKey, state }: WriteFact): boolean =>
  operationKey === detail['operation'] && (state === 'rejected' || state === 'lost');

function closedOtherwise({ detail }: AuditEntry, { id, status, reason }: RequestFacts): string | null {
  if (detail['status'] !== status)
    return `${id} was closed as "${String(detail['status'])}", but is "${status}"`;
  const summary = detail['summary'];
  const isSame = typeof summary !== 'string' || wellFormed(summary) === wellFormed(reason ?? '');
  return isSame ? null : `${id} was closed with "${summary}", but says "${reason ?? ''}"`;
}

/** The record link that an entry tells of, by its id; null: of none. */
export function linkOfEntry({ action, detail: { link } }: AuditEntry): string | null {
  return action === 'link.changed' && typeof link === 'string' ? link : null;
}

/**
 * What an entry tells of a link that does not hold any more. A link may have moved on since, also without an entry of its own (a page of a
 * sync has one entry for all), but never back.
 */
export function linkNotKept({ subject, detail }: AuditEntry, row: LinkFact | null): string | null {
  if (row === null) return `the link of ${subject} is gone`;
  const told = Number(detail['generation']);
  if (row.generation > told) return null;
  if (row.generation < told)
    return `the link of ${subject} is at generation ${row.generation}, but was at ${told}`;
  const parts = ['erpKey', 'procoreId', 'state', 'erpRevision'] as const;
  const other = parts.filter((part) => (detail[part] ?? null) !== row[part]);
  return other.length === 0
    ? null
    : `the link of ${subject} differs from its last entry: ${other
        .map((part) => `${part} is ${String(row[part])}, was ${String(detail[part])}`)
        .join('; ')}`;
}

const differenceOf = (about: string, what: string | null): readonly Difference[] =>
  what === null ? [] : [{ about, what }];
