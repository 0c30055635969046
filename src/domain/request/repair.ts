import type { ProcoreStanding } from './procore-end';
import type { RequestStatus } from './status';
import { isFinal, isResting } from './status';

/** Where the workflow of a request stands, as the Temporal server tells it. */
export type WorkflowStanding =
  /** There is none: it was never started, or its history is gone. */
  | { readonly kind: 'none' }
  /** It ended: completed, failed, cancelled, terminated. `how` is the server's word, in lower case. */
  | { readonly kind: 'ended'; readonly how: string }
  /** A step of it is under way. */
  | { readonly kind: 'working' }
  /** It rests: it asks a person, or waits for something else. `status` is where it believes the request to stand. */
  | { readonly kind: 'asking'; readonly status: RequestStatus; readonly runId: string };

/**
 * What brings our row, its workflow and Procore together.
 *
 * `start`: the request is open and nobody works on it. `restart`: the workflow rests on something that is not so (a decision was recorded and
 * its answer lost, a store was restored): it is ended and begins again, which is safe at any time, because every step first looks what is
 * done already. `close`: Procore shows the request as closed, so it is closed here in the same way; its workflow begins (again) and does
 * that first. `later`: a step may be about to tell; look again.
 */
export type Repair = 'nothing' | 'later' | 'start' | 'restart' | 'close';

/** What is to be done about a request. `procore`: how its details stand in Procore; `unknown` where there are none (the open door). Pure. */
export function repairOf(
  status: RequestStatus,
  workflow: WorkflowStanding,
  procore: ProcoreStanding,
): Repair {
  // A closed request is not opened again, whatever Procore shows: what is written is written.
  const isOver = !isFinal(status) && (procore === 'success' || procore === 'failed');
  switch (workflow.kind) {
    case 'none':
    case 'ended':
      return isOver ? 'close' : isFinal(status) ? 'nothing' : 'start';
    case 'working':
      // Our own step closes the details first and our row second.
      return isOver || isFinal(status) ? 'later' : 'nothing';
    case 'asking':
      return isOver ? 'close' : workflow.status === status ? 'nothing' : 'restart';
  }
}

/** Why, in one sentence, for the audit log and `tieback doctor`. */
export function repairReason(
  status: RequestStatus,
  workflow: WorkflowStanding,
  procore: ProcoreStanding,
): string {
  if (repairOf(status, workflow, procore) === 'close')
    return `The request is "${status}", but Procore shows it as closed (${procore}).`;
  switch (workflow.kind) {
    case 'none':
      return `The request is "${status}", but Temporal knows no workflow for it.`;
    case 'ended':
      return `The request is "${status}", but its workflow was ${workflow.how}.`;
    case 'working':
      return `The request is "${status}", and its workflow is still at work.`;
    case 'asking':
      return `The request is "${status}", but its workflow rests at "${workflow.status}".`;
  }
}

/**
 * Whether an open request and its workflow may be of one mind, as far as the server's list tells. `listed`: the status that its running workflow
 * published last; undefined: none is listed as running. It is published only where a request rests, and the list lags: a
 * "no" is a reason to look closer.
 */
export const mayAgree = (ours: RequestStatus, listed: RequestStatus | null | undefined): boolean =>
  listed !== undefined && (ours === listed || !(isResting(ours) || (listed !== null && isResting(listed))));
