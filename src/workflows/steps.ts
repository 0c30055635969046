import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import type { Activities } from '../activities';

/**
 * Timeouts and retries of every step, in one table.
 *
 * | step                | one attempt | between attempts     | gives up                     |
 * | ------------------- | ----------- | -------------------- | ---------------------------- |
 * | call to Procore     | 2 min       | 0.2 s, x2, up to 5 min | never: an outage ends some day |
 * | look for requests   | 2 h         | 0.2 s, x2, up to 5 min | after 4 attempts: it comes again |
 * | call to the ERP     | 5 min       | 0.2 s, x2, up to 1 min | never                        |
 * | release: ask the ERP| 5 min       | 0.2 s, x2, up to 1 min | after 15 min                 |
 * | anchor in the ERP   | 30 s        | 0.2 s, x2            | after 3 attempts, or 5 s without a worker: it comes again |
 * | ask for outcomes    | 1 min       | 0.2 s, x2            | after 3 attempts or 2 min, or 5 s without a worker: it comes again |
 * | our own store       | 5 min       | 1 s, x2, up to 5 min   | never                        |
 * | start, compare      | 10 min      | 1 s, x2, up to 1 min   | after 5 attempts: it comes again |
 * | reconcile: pages    | 6 h         | 0.2 s, x2, up to 5 min | never                        |
 * | look for timecards  | 2 h         | 0.2 s, x2, up to 5 min | after 4 attempts: it comes again |
 * | sweep a kind        | 6 h         | 1 s, x5, up to 10 min  | after 5 attempts: it comes again |
 *
 * What a retry cannot heal (data, config, policy) never gets here: activities return it as a value.
 */
/** Every step outside our store tells that its worker lives (activities/beating.ts): silent for so long, it is taken over. */
const heartbeatTimeout = '15 seconds';

const PROCORE: ActivityOptions = {
  heartbeatTimeout,
  startToCloseTimeout: '2 minutes',
  retry: { initialInterval: '200 milliseconds', backoffCoefficient: 2, maximumInterval: '5 minutes' },
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
};

const ERP: ActivityOptions = {
  heartbeatTimeout,
  startToCloseTimeout: '5 minutes',
  retry: { initialInterval: '200 milliseconds', backoffCoefficient: 2, maximumInterval: '1 minute' },
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
};

/** One call to Procore, with the line people read in the Web UI. */
export const procoreStep = (taskQueue: string, summary: string): Activities['procore'] =>
  proxyActivities<Activities['procore']>({ ...PROCORE, taskQueue, summary });

/**
 * A look for new requests: it comes again with the next round, so it is not retried for long. Through the open door it reads every project.
 */
export const pollStep = (taskQueue: string): Pick<Activities['procore'], 'pollRequests'> =>
  proxyActivities<Pick<Activities['procore'], 'pollRequests'>>({
    ...PROCORE,
    startToCloseTimeout: '2 hours',
    retry: { ...PROCORE.retry, maximumAttempts: 4 },
    taskQueue,
    summary: 'look for new requests',
  });

/** One call to the ERP, with the line people read in the Web UI. */
export const erpStep = (taskQueue: string, summary: string): Activities['erp'] =>
  proxyActivities<Activities['erp']>({ ...ERP, taskQueue, summary });

/** May Procore let go of it? It is not tried for ever, because somebody waits for the answer at a screen. */
export const releaseStep = (taskQueue: string): Pick<Activities['erp'], 'readErp'> =>
  proxyActivities<Pick<Activities['erp'], 'readErp'>>({
    ...ERP,
    scheduleToCloseTimeout: '15 minutes',
    taskQueue,
    summary: 'ask the ERP whether the records are still there',
  });

/** Anchoring the audit log: it comes again, so an ERP that is away holds nothing up for long. */
export const anchorStep = (taskQueue: string): Pick<Activities['erp'], 'anchorInErp'> =>
  proxyActivities<Pick<Activities['erp'], 'anchorInErp'>>({
    ...ERP,
    // Without a worker for the ERP it is given up at once: looking for requests does not wait for it.
    scheduleToStartTimeout: '5 seconds',
    startToCloseTimeout: '30 seconds',
    scheduleToCloseTimeout: '1 minute',
    retry: { ...ERP.retry, maximumAttempts: 3 },
    taskQueue,
    summary: 'anchor the audit log in the ERP',
  });

/** What the ERP decided later about what it had accepted: it comes again, as anchoring does. */
export const outcomeStep = (taskQueue: string): Pick<Activities['erp'], 'learnOutcomes'> =>
  proxyActivities<Pick<Activities['erp'], 'learnOutcomes'>>({
    ...ERP,
    scheduleToStartTimeout: '5 seconds',
    startToCloseTimeout: '1 minute',
    scheduleToCloseTimeout: '2 minutes',
    retry: { ...ERP.retry, maximumAttempts: 3 },
    taskQueue,
    summary: 'ask the ERP what it decided later',
  });

/**
 * Work on our own store: local activities, because a marker costs one event where an activity costs six.
 *
 * They wait for a locked store themselves (activities/store-steps.ts). What fails all the same is tried again after a timer of the workflow, as a
 * local activity of its own, however short the pause: where the SDK's core pauses by itself, the time-out of the attempt before runs on and
 * strikes the one after it (temporalio/sdk-rust#1454).
 */
export const storeStep = proxyLocalActivities<Activities['main']>({
  startToCloseTimeout: '5 minutes',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '5 minutes' },
  localRetryThreshold: '1 millisecond',
});

/** Starting workflows talks to the server: an ordinary activity of the main queue. There may be thousands to look at. */
export const startStep = proxyActivities<Pick<Activities['main'], 'startRequests' | 'repairRequests'>>({
  heartbeatTimeout,
  startToCloseTimeout: '10 minutes',
  retry: {
    initialInterval: '1 second',
    backoffCoefficient: 2,
    maximumInterval: '1 minute',
    maximumAttempts: 5,
  },
});

/**
 * Work on many pages in one step: each page is looked at first, so a step that was cut off goes on behind the last page that is done. `taskQueue` null: our
 * own store, where it takes longer than a local activity should.
 */
export const bulkStep = (
  taskQueue: string | null,
  summary: string,
): Pick<
  Activities['erp'] & Activities['procore'] & Activities['main'],
  | 'lookErp'
  | 'lookProcore'
  | 'readErpPages'
  | 'readProcorePages'
  | 'planPages'
  | 'writeErpPages'
  | 'writeProcorePages'
  | 'readProcore'
  | 'completeEntries'
> =>
  proxyActivities<Activities['erp'] & Activities['procore'] & Activities['main']>({
    ...ERP,
    ...(taskQueue === null ? {} : { taskQueue }),
    startToCloseTimeout: '6 hours',
    retry: { ...PROCORE.retry },
    summary,
  });

/** One look for pay periods or timecards: it comes again soon, so it is not retried for ever. The first one reads all timecards of two months. */
export const lookStep = (
  taskQueue: string,
  summary: string,
): Pick<Activities['erp'] & Activities['procore'], 'lookPayPeriods' | 'lookTimecards' | 'tellPeople'> =>
  proxyActivities<Activities['erp'] & Activities['procore']>({
    ...ERP,
    startToCloseTimeout: '2 hours',
    retry: { ...PROCORE.retry, maximumAttempts: 4 },
    taskQueue,
    summary,
  });

/** Reading all of a kind: it comes again with the next night, so it is not retried for ever. */
export const sweepStep = (taskQueue: string, kind: string): Pick<Activities['erp'], 'sweepKind'> =>
  proxyActivities<Pick<Activities['erp'], 'sweepKind'>>({
    ...ERP,
    startToCloseTimeout: '6 hours',
    retry: {
      initialInterval: '1 second',
      backoffCoefficient: 5,
      maximumInterval: '10 minutes',
      maximumAttempts: 5,
    },
    taskQueue,
    summary: `sweep: ${kind}`,
  });
