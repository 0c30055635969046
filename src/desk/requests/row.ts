import { amountOfKey } from '../../domain/base/amount-key';
import { shorten } from '../../domain/base/text';
import type { Kind } from '../../domain/kinds';
import { definitionOf, isKind } from '../../domain/kinds';
import type { ProcoreId } from '../../domain/kinds/record';
import { isDecimal } from '../../domain/base/money';
import type { ConnectionPolicy } from '../../domain/request/connection-policy';
import { deadlineOf, firstOfTwo } from '../../domain/request/connection-policy';
import { isOfPayroll, isRequestId, requestNumber, requestWords } from '../../domain/request/id';
import type { Reach, Stage } from '../../domain/request/stage';
import { mayDecide, reasonFor, stageOf } from '../../domain/request/stage';
import type { RequestStatus } from '../../domain/request/status';
import { isFinal } from '../../domain/request/status';
import { STUCK_WORDS, stuckCause } from '../../domain/request/stuck-cause';
import type { ListedRow } from '../../store/repositories/request-list';
import type { WaitRow } from '../../store/rows';
import type { NextStep } from '../next-steps';
import { nextSteps } from '../next-steps';

/** One request as a list shows it. */
export interface RequestRow {
  readonly connectionId: string;
  readonly id: string;
  readonly number: string;
  readonly record: {
    readonly kind: Kind | null;
    readonly words: string | null;
    readonly title: string | null;
  };
  readonly project: string | null;
  readonly projectId: ProcoreId | null;
  readonly vendor: string | null;
  readonly amount: string | null;
  /** ISO 4217; null: nobody says. */
  readonly currency: string | null;
  readonly warnings: { readonly count: number; readonly contradiction: boolean };
  /** Name, or Procore's number of the user; null: not known, or nobody. */
  readonly sender: string | null;
  /** Who looks after it; null: nobody. */
  readonly owner: string | null;
  /** Who holds it: nobody approves it until it is let go. Null: nobody. */
  readonly heldBy: string | null;
  readonly status: RequestStatus;
  readonly stage: Stage;
  readonly reason: string | null;
  /** What it waits for, in a few words; null: it is closed. */
  readonly waitsFor: string | null;
  readonly receivedAt: string;
  readonly since: string;
  /** Since when its sender is blocked in Procore; null: nobody is. */
  readonly blockedSince: string | null;
  /** Until when finance has time, by the deadlines of the rules: then somebody is told. Null: nobody is, or it does not wait for finance. */
  readonly due: string | null;
  /** When it is closed as failed if nothing happens; null: never. */
  readonly deadline: string | null;
  /** What this person can do about it. */
  readonly nextSteps: readonly NextStep[];
  /** Of what waits for approval; null: nothing does. */
  readonly planHash: string | null;
  /** This person may approve it together with others: there are no warnings, and nobody holds it. Whether its plan is genuine is looked at when they do. */
  readonly bulk: boolean;
}

/** What a row takes besides the request. */
export interface RowContext {
  readonly reach: Reach;
  readonly policy: Pick<ConnectionPolicy, 'openDetailHours' | 'deadlines'>;
  readonly waits: readonly Pick<WaitRow, 'recordId'>[];
  readonly now: string;
}

const HOUR_MS = 3_600_000;
const LONGEST_REASON = 300;

export function rowOf(request: ListedRow, { reach, policy, waits, now }: RowContext): RequestRow {
  const { connectionId, id, kind, about, status, blockedSince, warnings, contradiction, owner, heldBy } =
    request;
  const stage = stageOf(request, reach, now);
  const reason = reasonFor(reach, request);
  const isAsked = status === 'waiting_for_finance';
  const planHash = isAsked ? request.planHash : null;
  return {
    connectionId,
    id,
    number: requestNumber(id),
    record: {
      kind,
      words: kind === null ? null : definitionOf(kind).label,
      title: about?.title ?? request.subject,
    },
    project: about?.project ?? null,
    projectId: request.projectId,
    vendor: about?.vendor ?? null,
    amount: amountOfKey(request.amountKey) ?? plainOr(about?.amount),
    currency: request.currency === '' ? null : request.currency,
    warnings: { count: warnings, contradiction },
    sender: request.sender ?? (request.requestedBy === null ? null : String(request.requestedBy)),
    owner,
    heldBy,
    status,
    stage,
    reason: reason === null ? null : shorten(reason.replace(/\s+/g, ' '), LONGEST_REASON),
    waitsFor: waitsFor(request, waits),
    receivedAt: request.receivedAt,
    since: request.since,
    blockedSince,
    due: isAsked ? (deadlineOf(policy, request)?.due ?? null) : null,
    deadline:
      blockedSince === null || policy.openDetailHours === 0
        ? null
        : new Date(Date.parse(blockedSince) + policy.openDetailHours * HOUR_MS).toISOString(),
    nextSteps: mayDecide(reach, request) ? nextSteps(request) : [],
    planHash,
    bulk: stage === 'needs_me' && planHash !== null && warnings === 0 && heldBy === null,
  };
}

/** Too long, or too fine, for its column. */
const plainOr = (amount: string | null | undefined): string | null =>
  typeof amount === 'string' && isDecimal(amount) ? amount : null;

/** What a request waits for, in a few words; null: it is closed. */
function waitsFor(
  { id, status, reason }: Pick<ListedRow, 'id' | 'status' | 'reason'>,
  waits: RowContext['waits'],
): string | null {
  if (isFinal(status)) return null;
  const first = firstOfTwo(reason);
  switch (status) {
    case 'waiting_for_finance':
      if (first !== null) return `a second approval, after ${first}`;
      return isOfPayroll(id) ? 'approval by payroll' : 'approval by finance';
    case 'received':
      return 'its turn';
    case 'planning':
      return 'its plan';
    case 'applying':
      return 'being written';
    case 'held': {
      const [first, ...more] = waits;
      if (first === undefined) return STUCK_WORDS.missing_record.words;
      return `${recordWords(first.recordId)}${more.length === 0 ? '' : ` and ${more.length} more`}`;
    }
    default:
      return STUCK_WORDS[stuckCause({ status, reason })].words;
  }
}

/** `vendor 98127745`, `ERP request 640018`: what is waited for. */
export function recordWords(recordId: string): string {
  if (isRequestId(recordId)) return requestWords(recordId);
  const slash = recordId.indexOf('/');
  const kind = recordId.slice(0, slash);
  return isKind(kind)
    ? `${definitionOf(kind).label.toLowerCase()} ${recordId.slice(slash + 1)}`
    : recordId.replaceAll('_', ' ');
}
