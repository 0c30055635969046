/** Where an ERP request stands, for people, the store and the Web UI. */
export const REQUEST_STATUSES = [
  'received',
  'planning',
  'waiting_for_finance',
  'applying',
  'busy',
  'held',
  'parked',
  'applied',
  'rejected',
  'failed',
] as const;
export type RequestStatus = (typeof REQUEST_STATUSES)[number];

/** Final statuses; everything else is still open. */
export const FINAL_STATUSES = ['applied', 'rejected', 'failed'] as const satisfies readonly RequestStatus[];
export type FinalStatus = (typeof FINAL_STATUSES)[number];

export const isFinal = (status: RequestStatus): status is FinalStatus =>
  (FINAL_STATUSES as readonly RequestStatus[]).includes(status);

/** Where a request waits for somebody or something. */
const RESTING: readonly RequestStatus[] = ['waiting_for_finance', 'busy', 'held', 'parked'];

export const isResting = (status: RequestStatus): boolean => RESTING.includes(status);

/** A rest that a look interrupted: it may turn out to go on. */
export interface Rested {
  readonly status: RequestStatus;
  readonly reason: string | null;
  /** ISO 8601 UTC. */
  readonly since: string;
}

/** What each status means, shown by `tieback requests --help` and the docs. */
export const STATUS_MEANINGS: Readonly<Record<RequestStatus, string>> = {
  received: 'arrived from Procore, work has not begun',
  planning: 'being read and compared',
  waiting_for_finance: 'the plan waits for an approval',
  applying: 'approved and being written',
  busy: 'waiting for the ERP or Procore to become free; goes on by itself',
  held: 'waits for another record or request; goes on by itself',
  parked: 'a person must correct something',
  applied: 'done, both sides agree',
  rejected: 'an approver said no; nothing was written',
  failed: 'closed as failed in Procore with a message',
};

/** Legal transitions; the same status may always be set again (a repeated step). Final is final. */
export const REQUEST_TRANSITIONS: Readonly<Record<RequestStatus, readonly RequestStatus[]>> = {
  received: ['planning', 'held', 'parked', 'failed'],
  planning: ['waiting_for_finance', 'applying', 'busy', 'held', 'parked', 'applied', 'failed'],
  waiting_for_finance: ['applying', 'rejected', 'planning', 'held', 'parked', 'failed'],
  applying: ['applied', 'busy', 'held', 'parked', 'planning', 'waiting_for_finance', 'rejected', 'failed'],
  busy: ['applying', 'planning', 'parked', 'applied', 'rejected', 'failed'],
  held: ['planning', 'parked', 'rejected', 'failed'],
  parked: ['planning', 'applying', 'waiting_for_finance', 'rejected', 'failed'],
  applied: [],
  rejected: [],
  failed: [],
};

export const mayFollow = (from: RequestStatus, to: RequestStatus): boolean =>
  from === to || REQUEST_TRANSITIONS[from].includes(to);
