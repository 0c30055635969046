import type { Client } from '@temporalio/client';
import type { Correction, Decision, DecisionReceipt } from '../domain/request/flow';
import { NO_PLAN, REQUEST_UPDATES } from '../domain/request/flow';
import { requestWords } from '../domain/request/id';
import { isFinal } from '../domain/request/status';
import type { PlanRow, SyncRequestRow } from '../store/rows';
import type { CurrentPlan } from './dossier';
import { DeskRefusal } from './refusal';

/** A daemon answers within a second; longer than this, nobody is there. */
const DECISION_MS = 30_000;

/** One decision, ready to be sent to the workflow of its request. */
export type DecisionUpdate =
  | {
      readonly name: typeof REQUEST_UPDATES.approve | typeof REQUEST_UPDATES.reject;
      readonly input: Decision;
    }
  | { readonly name: typeof REQUEST_UPDATES.correct; readonly input: Correction };

/** Who decides, and what they say to it. */
export interface Decider {
  readonly by: string;
  readonly comment: string;
  /** Where: `cli`, `desk`. */
  readonly channel: string;
}

/** A closed request is closed for good. Throws `DeskRefusal` `REQUEST_CLOSED`. */
export function assertOpen({ id, status, reason }: SyncRequestRow): void {
  if (!isFinal(status)) return;
  throw new DeskRefusal(
    'REQUEST_CLOSED',
    `${requestWords(id)} is closed (${status}): ${reason ?? ''}`,
    'There is nothing to decide any more.',
  );
}

/** The plan that can be approved now. Throws `DeskRefusal` `NOTHING_TO_APPROVE`. */
export function planToApprove(
  { id, status, reason }: SyncRequestRow,
  current: CurrentPlan | null,
): CurrentPlan {
  if (current !== null && status === 'waiting_for_finance') return current;
  throw new DeskRefusal(
    'NOTHING_TO_APPROVE',
    `${requestWords(id)} is ${status.replaceAll('_', ' ')}, not waiting for approval${reason === null ? '.' : `: ${reason}`}`,
  );
}

/** The plan is the one a person looked at, named by any beginning of its hash. Throws `DeskRefusal` `PLAN_HASH`, `PLAN_CHANGED`. */
export function assertNamed({ hash }: PlanRow, named: string | undefined): void {
  if (named === undefined) return;
  if (!/^[0-9a-f]{6,64}$/.test(named)) {
    throw new DeskRefusal(
      'PLAN_HASH',
      `"${named}" is not the beginning of a plan hash.`,
      'Give at least six of its characters, as the plan shows them.',
    );
  }
  if (hash.startsWith(named)) return;
  throw new DeskRefusal(
    'PLAN_CHANGED',
    `The plan is ${hash.slice(0, 12)} now, not ${named}.`,
    'Look at it again.',
  );
}

export const approval = ({ plan }: CurrentPlan, decider: Decider): DecisionUpdate => ({
  name: REQUEST_UPDATES.approve,
  input: { planHash: plan.hash, ...decider },
});

/** The rejection of a plan, or of a parked request without one. Throws `DeskRefusal` `NO_COMMENT`: Procore shows why. */
export function rejection(current: CurrentPlan | null, decider: Decider): DecisionUpdate {
  if (decider.comment.trim() === '') {
    throw new DeskRefusal(
      'NO_COMMENT',
      'A rejection needs a reason: the person who sent the record reads it in Procore.',
    );
  }
  return { name: REQUEST_UPDATES.reject, input: { planHash: current?.plan.hash ?? NO_PLAN, ...decider } };
}

/** Values that replace what Procore sent; none: only try again. */
export const correction = (
  values: Correction['values'],
  { by, comment }: Pick<Decider, 'by' | 'comment'>,
): DecisionUpdate => ({ name: REQUEST_UPDATES.correct, input: { by, comment, values } });

/**
 * Sends a decision as a Temporal Update and answers the receipt: when this returns, it is in our store. Throws `DeskRefusal`: what the
 * workflow's validator refuses comes back as its own sentence and type; `WORKFLOW_NOT_RUNNING`, `NO_DAEMON`, `DECISION_FAILED`.
 */
export async function sendDecision(
  client: Client,
  workflowId: string,
  { name, input }: DecisionUpdate,
): Promise<DecisionReceipt> {
  const handle = client.workflow.getHandle(workflowId);
  try {
    return await client.connection.withDeadline(Date.now() + DECISION_MS, () =>
      handle.executeUpdate<DecisionReceipt, [Decision | Correction]>(name, { args: [input] }),
    );
  } catch (error) {
    throw explained(error, client, workflowId);
  }
}

/** Errors of Temporal's client by name: its module need not be loaded to explain them. */
function explained(error: unknown, client: Client, workflowId: string): unknown {
  const { name, cause } = error instanceof Error ? error : { name: '', cause: undefined };
  switch (name) {
    case 'WorkflowUpdateFailedError':
      return refused(cause);
    case 'WorkflowNotFoundError':
      return new DeskRefusal(
        'WORKFLOW_NOT_RUNNING',
        `The workflow ${workflowId} does not run in namespace ${client.options.namespace}.`,
        'Start `tieback daemon`: it starts the workflow of every open request again.',
        error,
      );
    case 'WorkflowUpdateRPCTimeoutOrCancelledError':
      return new DeskRefusal(
        'NO_DAEMON',
        `No daemon took the decision within ${DECISION_MS / 1000} seconds.`,
        'Is `tieback daemon` running? It may still take the decision when it starts: look before you repeat it.',
        error,
      );
    default:
      return error;
  }
}

/** The validator's words; a fault while recording the decision is not a refusal. */
function refused(cause: unknown): DeskRefusal {
  const failure = cause instanceof Error ? cause : new Error(String(cause));
  if (failure.name !== 'ApplicationFailure') {
    return new DeskRefusal(
      'DECISION_FAILED',
      `The decision could not be recorded: ${innermost(failure)}`,
      null,
      cause,
    );
  }
  const type = 'type' in failure && typeof failure.type === 'string' ? failure.type : 'REFUSED';
  return new DeskRefusal(type, failure.message, null, cause);
}

const innermost = (error: Error): string =>
  error.cause instanceof Error ? innermost(error.cause) : error.message || error.name;
