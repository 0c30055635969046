import type { RequestStatus } from '../domain/request/status';

/** What a person can do about a request. */
export type NextStep = 'approve' | 'reject' | 'correct' | 'retry';

const STEPS: Readonly<Record<RequestStatus, readonly NextStep[]>> = {
  waiting_for_finance: ['approve', 'reject', 'correct'],
  parked: ['correct', 'retry', 'reject'],
  received: [],
  planning: [],
  applying: [],
  held: [],
  busy: [],
  applied: [],
  rejected: [],
  failed: [],
};

/** What can be done about a request that stands here; nothing where it is closed or goes on by itself. */
export const nextSteps = (status: RequestStatus): readonly NextStep[] => STEPS[status];
