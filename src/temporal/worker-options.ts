/**
 * Every option of our workers that matters for load and shutdown, written out per kind of queue.
 *
 * The SDK's defaults are meant for development. Nothing that bears on performance is left to them here.
 */
import type { WorkerOptions } from '@temporalio/worker';

/** Limits of the worker for the main queue. */
export interface MainQueueLimits {
  /** Workflow tasks executed at the same time. Default: 40. */
  workflowSlots?: number;
  /** Activities of our own store executed at the same time. Default: 20. */
  activitySlots?: number;
  /** Workflows kept in memory between their tasks; about half a MB each. One that is not there is replayed. Default: 250. */
  maxCachedWorkflows?: number;
}

/** Limits of the worker for a `procore-<app>` queue. */
export interface ProcoreQueueLimits {
  /** Calls in flight at the same time from this process. */
  slots: number;
  /**
   * Activities per second that the server hands out for the whole queue, across all workers. Every worker of
   * the queue must state the same number. Absent: only the limiter inside the Procore client holds back.
   */
  perSecond?: number;
}

/** Limits of the worker for an `erp-<connection>` queue. */
export interface ErpQueueLimits {
  /** Activities at the same time. Equal to the size of the SQL pool, else activities wait for a connection. */
  slots: number;
}

/** The performance and shutdown options of one worker. */
export type WorkerTuning = Pick<WorkerOptions, 'taskQueue'> &
  Required<
    Pick<
      WorkerOptions,
      | 'maxCachedWorkflows'
      | 'maxConcurrentWorkflowTaskExecutions'
      | 'maxConcurrentActivityTaskExecutions'
      | 'maxConcurrentLocalActivityExecutions'
      | 'maxConcurrentNexusTaskExecutions'
      | 'maxEagerActivityReservationsPerWorkflowTask'
      | 'workflowTaskPollerBehavior'
      | 'activityTaskPollerBehavior'
      | 'nonStickyToStickyPollRatio'
      | 'stickyQueueScheduleToStartTimeout'
      | 'workflowThreadPoolSize'
      | 'reuseV8Context'
      | 'maxHeartbeatThrottleInterval'
      | 'defaultHeartbeatThrottleInterval'
      | 'shutdownGraceTime'
      | 'shutdownForceTime'
    >
  > &
  Pick<WorkerOptions, 'maxTaskQueueActivitiesPerSecond'>;

/** The same for every kind of queue. */
const COMMON = {
  // Nobody uses Nexus here.
  maxConcurrentNexusTaskExecutions: 2,
  nonStickyToStickyPollRatio: 0.2,
  // After a crash, tasks wait this long for the dead worker before another one gets them.
  stickyQueueScheduleToStartTimeout: '5s',
  workflowThreadPoolSize: 1,
  reuseV8Context: true,
  maxHeartbeatThrottleInterval: '10s',
  defaultHeartbeatThrottleInterval: '10s',
  // Time to finish the write in hand; then cancellation; then the end. The stop timeout of the container or
  // the service manager has to be longer than both.
  shutdownGraceTime: '30s',
  shutdownForceTime: '60s',
} as const;

/** Workflows and activities of our own store. */
export function mainWorkerOptions(taskQueue: string, limits: MainQueueLimits = {}): WorkerTuning {
  const workflowSlots = atLeast(2, limits.workflowSlots ?? 40, 'workflowSlots');
  const activitySlots = atLeast(1, limits.activitySlots ?? 20, 'activitySlots');
  return {
    ...COMMON,
    taskQueue,
    maxCachedWorkflows: atLeast(0, limits.maxCachedWorkflows ?? 250, 'maxCachedWorkflows'),
    maxConcurrentWorkflowTaskExecutions: workflowSlots,
    maxConcurrentActivityTaskExecutions: activitySlots,
    // Steps on our own store are local activities.
    maxConcurrentLocalActivityExecutions: activitySlots,
    maxEagerActivityReservationsPerWorkflowTask: 3,
    workflowTaskPollerBehavior: autoscaling(Math.ceil(workflowSlots / 2)),
    activityTaskPollerBehavior: autoscaling(activitySlots),
  };
}

/** Calls to Procore with one app's credentials. */
export function procoreWorkerOptions(taskQueue: string, limits: ProcoreQueueLimits): WorkerTuning {
  return {
    ...activitiesOnly(taskQueue, limits.slots),
    ...(limits.perSecond === undefined ? {} : { maxTaskQueueActivitiesPerSecond: limits.perSecond }),
  };
}

/** Calls to one connection's ERP. */
export function erpWorkerOptions(taskQueue: string, limits: ErpQueueLimits): WorkerTuning {
  return activitiesOnly(taskQueue, limits.slots);
}

function activitiesOnly(taskQueue: string, slots: number): WorkerTuning {
  atLeast(1, slots, `slots of ${taskQueue}`);
  return {
    ...COMMON,
    taskQueue,
    // No workflow runs here; core wants the numbers anyway.
    maxCachedWorkflows: 0,
    maxConcurrentWorkflowTaskExecutions: 2,
    workflowTaskPollerBehavior: { type: 'simple-maximum', maximum: 2 },
    maxConcurrentActivityTaskExecutions: slots,
    maxConcurrentLocalActivityExecutions: 2,
    // Eager activities skip the limit of the queue.
    maxEagerActivityReservationsPerWorkflowTask: 0,
    activityTaskPollerBehavior: { type: 'simple-maximum', maximum: Math.min(slots, 5) },
  };
}

const autoscaling = (maximum: number): WorkerTuning['workflowTaskPollerBehavior'] => ({
  type: 'autoscaling',
  minimum: 1,
  initial: Math.min(5, maximum),
  maximum,
});

function atLeast(minimum: number, value: number, what: string): number {
  if (!Number.isInteger(value) || value < minimum) {
    throw new RangeError(`${what} must be a whole number of at least ${minimum}, not ${value}`);
  }
  return value;
}
