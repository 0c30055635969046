/** One attempt of an activity, and what the retry policy says when it failed. */
import { asyncLocalStorage, Context } from '@temporalio/activity';
import type { Info } from '@temporalio/activity';
import type { Logger, Payload } from '@temporalio/common';
import { noopMetricMeter } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import type { Failure, RetryPolicy } from './payloads';
import { fromPayload, toFailure, toMs, toPayload } from './payloads';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- as the SDK has it: activities take what they like
export type ActivityFunctions = Readonly<Record<string, (...args: any[]) => Promise<unknown>>>;

const { RetryState, TimeoutType } = temporal.api.enums.v1;

/** What is asked for: an activity or a local activity, with its options in milliseconds. */
export interface Order {
  readonly seq: number;
  readonly id: string;
  readonly type: string;
  readonly taskQueue: string;
  readonly args: readonly Payload[];
  readonly isLocal: boolean;
  readonly policy: RetryPolicy;
  readonly scheduledAt: number;
  readonly scheduleToCloseMs: number | undefined;
  /** When the server notices that nobody works on it any more. */
  readonly lostAfterMs: number;
  /** A local activity that pauses longer gives its workflow task back. */
  readonly localRetryThresholdMs: number;
  readonly workflow: { readonly workflowId: string; readonly runId: string; readonly type: string };
  attempt: number;
  startedAt: number;
  heartbeat: unknown;
}

export type Outcome =
  | { readonly kind: 'completed'; readonly result: Payload }
  | { readonly kind: 'failed'; readonly failure: Failure };

export async function attempt(order: Order, activities: ActivityFunctions): Promise<Outcome> {
  try {
    const run = activities[order.type];
    if (!run) throw new Error(`activity "${order.type}" is not registered on queue "${order.taskQueue}"`);
    const args = order.args.map(fromPayload);
    return {
      kind: 'completed',
      result: toPayload(await asyncLocalStorage.run(contextOf(order), () => run(...args))),
    };
  } catch (error) {
    return { kind: 'failed', failure: toFailure(error) };
  }
}

/** What the server says of an attempt that nobody finishes, because its worker is gone. */
export const lost = (): Failure => ({
  message: 'activity StartToClose timeout',
  source: 'Server',
  timeoutFailureInfo: { timeoutType: TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE },
});

export type Verdict =
  { readonly kind: 'retry'; readonly afterMs: number } | { readonly kind: 'over'; readonly failure: Failure };

/** Temporal's rule: https://docs.temporal.io/encyclopedia/retry-policies. */
export function judge(order: Order, failure: Failure, now: number): Verdict {
  const { policy } = order;
  const application = failure.applicationFailureInfo;
  const over = (retryState: temporal.api.enums.v1.RetryState): Verdict => ({
    kind: 'over',
    // The core hands the failure of a local activity on as it is.
    failure: order.isLocal ? failure : wrapped(order, failure, retryState),
  });
  if (
    application?.nonRetryable ||
    (application?.type && policy.nonRetryableErrorTypes?.includes(application.type))
  )
    return over(RetryState.RETRY_STATE_NON_RETRYABLE_FAILURE);
  if (policy.maximumAttempts && order.attempt >= policy.maximumAttempts)
    return over(RetryState.RETRY_STATE_MAXIMUM_ATTEMPTS_REACHED);
  const initial = toMs(policy.initialInterval) ?? 1000;
  const longest = toMs(policy.maximumInterval) ?? initial * 100;
  const backoff = Math.min(initial * (policy.backoffCoefficient ?? 2) ** (order.attempt - 1), longest);
  const afterMs = toMs(application?.nextRetryDelay) ?? backoff;
  if (order.scheduleToCloseMs !== undefined && now + afterMs > order.scheduledAt + order.scheduleToCloseMs)
    return over(RetryState.RETRY_STATE_TIMEOUT);
  return { kind: 'retry', afterMs };
}

const wrapped = (
  { id, type }: Order,
  cause: Failure,
  retryState: temporal.api.enums.v1.RetryState,
): Failure => ({
  message: 'Activity task failed',
  cause,
  activityFailureInfo: { activityId: id, activityType: { name: type }, identity: 'in-process', retryState },
});

const nothing = (): undefined => undefined;
const noLog: Logger = {
  log: nothing,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
};

function contextOf(order: Order): Context {
  const { workflowId, runId, type } = order.workflow;
  const info: Info = {
    taskToken: new Uint8Array(),
    base64TaskToken: '',
    activityId: order.id,
    activityType: order.type,
    activityNamespace: 'in-process',
    namespace: 'in-process',
    attempt: order.attempt,
    isLocal: order.isLocal,
    inWorkflow: true,
    workflowExecution: { workflowId, runId },
    workflowNamespace: 'in-process',
    workflowType: type,
    scheduledTimestampMs: order.scheduledAt,
    currentAttemptScheduledTimestampMs: order.scheduledAt,
    scheduleToCloseTimeoutMs: order.scheduleToCloseMs ?? 0,
    startToCloseTimeoutMs: order.lostAfterMs,
    heartbeatDetails: order.heartbeat,
    taskQueue: order.taskQueue,
  };
  const never = new Promise<never>(() => undefined);
  const beat = (details?: unknown): void => {
    order.heartbeat = details;
  };
  const signal = new AbortController().signal;
  return new Context(info, never, signal, beat, undefined, noLog, noopMetricMeter, {});
}
