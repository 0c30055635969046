import { REJECTED, WAITS } from '../request/exception';
import type { RequestRef } from '../request/id';
import { isOfPayroll } from '../request/id';
import type { Standing } from '../request/stage';
import type { RequestStatus } from '../request/status';

/** What of an open request is looked at. */
export interface OpenRequest extends RequestRef, Standing {
  readonly status: RequestStatus;
  readonly subject: string | null;
  readonly amount: string | null;
  readonly currency: string | null;
  readonly receivedAt: string;
  /** Since when it stands where it stands. */
  readonly since: string;
}

/** What of an open exception is looked at. */
export interface OpenException {
  readonly connectionId: string;
  readonly recordId: string;
  readonly cause: string;
  readonly ignored: object | null;
  readonly requestId: string | null;
  readonly openedAt: string;
}

/** Something that people are to be told of. */
export interface Matter {
  readonly why: 'needs_me' | 'stuck' | 'late' | 'overdue';
  readonly connectionId: string;
  /** The request; null: the exception is about a record alone. */
  readonly requestId: string | null;
  /** Request or record: with `since` it is this matter, and no other. */
  readonly id: string;
  readonly since: string;
  /** What to call it; null: nothing that may be said. */
  readonly subject: string | null;
  readonly amount: string | null;
  readonly currency: string | null;
  /** Names of the receivers whom it concerns; null: whoever is told of such things. */
  readonly to: readonly string[] | null;
}

/** What says whom a matter concerns. */
export interface Concerns {
  /** Names of the receivers who may decide about a request, or stand for nobody; null: all. */
  readonly deciders: (request: OpenRequest) => readonly string[] | null;
  /** Deadlines of what waits for finance on a connection, and the names of the receivers that each is told to. */
  readonly deadlines: (
    request: OpenRequest,
  ) => readonly { readonly due: string; readonly to: readonly string[] }[];
}

const HOUR_MS = 3_600_000;

/** What goes on by itself is told once it has not for so long. */
const STUCK_AFTER_MS = HOUR_MS;

/** How much of the time for which a sender may be blocked is over when it is late. */
const LATE_PART = 0.75;

const NEEDS: readonly RequestStatus[] = ['waiting_for_finance', 'parked'];
const RESTS: readonly RequestStatus[] = ['busy', 'held'];

/** What there is to tell of at this moment. `blockedHours`: how long the sender of a request of a connection may be blocked; 0: nobody is. */
export function mattersOf(
  requests: readonly OpenRequest[],
  exceptions: readonly OpenException[],
  {
    now,
    blockedHours,
    concerns,
  }: {
    readonly now: string;
    readonly blockedHours: (connectionId: string) => number;
    readonly concerns: Concerns;
  },
): readonly Matter[] {
  const at = Date.parse(now);
  const ofRequest = (request: OpenRequest): readonly Matter[] => {
    const { connectionId, id, status, since, receivedAt, amount, currency } = request;
    // Of payroll only the period: what it is about names people and what they earn.
    const subject = isOfPayroll(id) ? null : request.subject;
    const about = {
      connectionId,
      requestId: id,
      id,
      subject,
      amount: isOfPayroll(id) ? null : amount,
      currency,
      to: null,
    };
    const overdue =
      status === 'waiting_for_finance'
        ? concerns.deadlines(request).filter(({ due }) => Date.parse(due) <= at)
        : [];
    const lateMs = Date.parse(receivedAt) + blockedHours(connectionId) * LATE_PART * HOUR_MS;
    const isLate = blockedHours(connectionId) > 0 && id.startsWith('erp/') && lateMs <= at;
    const isStuck = RESTS.includes(status) && Date.parse(since) + STUCK_AFTER_MS <= at;
    return [
      ...(NEEDS.includes(status)
        ? [{ ...about, why: 'needs_me' as const, since, to: concerns.deciders(request) }]
        : []),
      ...overdue.map(({ due, to }) => ({ ...about, why: 'overdue' as const, since: due, to })),
      ...(isStuck ? [{ ...about, why: 'stuck' as const, since }] : []),
      ...(isLate ? [{ ...about, why: 'late' as const, since: receivedAt }] : []),
    ];
  };
  const parked = new Set(
    requests.flatMap(({ connectionId, id, status }) =>
      status === 'parked' ? [`${connectionId}/${id}`] : [],
    ),
  );
  const stuck = exceptions.filter(
    ({ connectionId, cause, ignored, requestId }) =>
      cause !== WAITS &&
      ignored === null &&
      // A parked request is told as one that needs somebody; what the ERP rejected later outlives its request.
      (cause === REJECTED || requestId === null || !parked.has(`${connectionId}/${requestId}`)),
  );
  return [
    ...requests.flatMap(ofRequest),
    ...stuck.map(({ connectionId, recordId, requestId, openedAt }): Matter => ({
      why: 'stuck',
      connectionId,
      requestId: null,
      id: recordId,
      since: openedAt,
      subject: requestId !== null && isOfPayroll(requestId) ? null : recordId,
      amount: null,
      currency: null,
      to: null,
    })),
  ];
}
