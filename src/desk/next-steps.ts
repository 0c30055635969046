import { isCorrectable } from '../domain/request/correctable';
import type { RequestStatus } from '../domain/request/status';
import type { SyncRequestRow } from '../store/rows';

/** What a person can do about a request. */
export type NextStep = 'approve' | 'reject' | 'correct' | 'retry';

const STEPS: Readonly<Record<RequestStatus, readonly NextStep[]>> = {
  waiting_for_finance: ['approve', 'reject', 'correct'],
  parked: ['correct', 'retry', 'reject'],
  received: [],
  planning: [],
  applying: [],
  // They go on by themselves: looked at at once, or given up.
  held: ['retry', 'reject'],
  busy: ['retry', 'reject'],
  applied: [],
  rejected: [],
  failed: [],
};

/** What can be done about a request as it stands; nothing where it is closed or being worked on. */
export const nextSteps = (
  request: Pick<SyncRequestRow, 'status' | 'way' | 'recordId'>,
): readonly NextStep[] =>
  STEPS[request.status].filter((step) => step !== 'correct' || isCorrectable(request));
