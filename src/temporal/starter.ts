import { setTimeout as delay } from 'node:timers/promises';
import { ScheduleOverlapPolicy } from '@temporalio/client';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import { definitionOf } from '../domain/kinds';
import type { ReconcileInput, SweepInput, SweepResult, SyncRequestInput } from '../domain/request/flow';
import { capital, shortenBytes } from '../domain/base/text';
import {
  payrollIdOf,
  reconcileIdOf,
  requestWords,
  sweepIdOf,
  workflowIdOf,
  workflowTypeOf,
} from '../domain/request/id';
import { TiebackConnection, TiebackRequest, TiebackStatus } from './search-attributes';

/**
 * Starts the workflow of a request that our store calls open. One id per request: a running one is left alone. A closed one gets
 * another run, because then our store knows less than Temporal (it was restored from a backup): every step looks what is done already.
 */
export async function startRequest(
  client: Client,
  taskQueue: string,
  input: SyncRequestInput,
  workflowIdConflictPolicy: 'USE_EXISTING' | 'TERMINATE_EXISTING' = 'USE_EXISTING',
): Promise<void> {
  const { connectionId, id } = input;
  await client.workflow.start(workflowTypeOf(id), {
    workflowId: workflowIdOf(input),
    taskQueue,
    args: [input],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy,
    typedSearchAttributes: new TypedSearchAttributes([
      { key: TiebackConnection, value: connectionId },
      { key: TiebackRequest, value: id },
      { key: TiebackStatus, value: 'received' },
    ]),
    staticSummary: summaryOf(input),
    ...(input.subject === undefined ? {} : { memo: { subject: input.subject } }),
  });
}

/** Sweeps the ERP of a connection now, and waits for the end; where somebody asked already, for the end of that one. */
export async function runSweep(client: Client, taskQueue: string, input: SweepInput): Promise<SweepResult> {
  const { connectionId } = input;
  const handle = await client.workflow.start('sweep', {
    workflowId: sweepIdOf(connectionId),
    taskQueue,
    args: [input],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
    typedSearchAttributes: new TypedSearchAttributes([{ key: TiebackConnection, value: connectionId }]),
    staticSummary: `Compare all that the ERP of ${connectionId} holds with what is linked`,
  });
  return (await handle.result()) as SweepResult;
}

/**
 * Has the schedule of a reconcile start it now; a run that is under way is followed by another one, so that two never run at the same time. Answers the
 * run. Throws where there is no such schedule.
 */
export const triggerReconcile = (
  client: Client,
  { connectionId, kind }: Pick<ReconcileInput, 'connectionId' | 'kind'>,
): Promise<WorkflowHandle> => trigger(client, reconcileIdOf(connectionId, kind));

/** Has the schedule of payroll look for pay periods and timecards now. Answers the run. Throws where there is no such schedule. */
export const triggerPayroll = (client: Client, connectionId: string): Promise<WorkflowHandle> =>
  trigger(client, payrollIdOf(connectionId));

async function trigger(client: Client, scheduleId: string): Promise<WorkflowHandle> {
  const schedule = client.schedule.getHandle(scheduleId);
  const seen = new Set(
    (await schedule.describe()).info.recentActions.map(({ action }) => action.workflow.workflowId),
  );
  await schedule.trigger(ScheduleOverlapPolicy.BUFFER_ONE);
  for (;;) {
    const { recentActions } = (await schedule.describe()).info;
    const fresh = recentActions.find(({ action }) => !seen.has(action.workflow.workflowId));
    if (fresh !== undefined) return client.workflow.getHandle(fresh.action.workflow.workflowId);
    await delay(200);
  }
}

/** Reconciles a kind now: through its schedule, so that two runs never meet; where there is none, nothing else runs it. */
export async function reconcileNow(
  client: Client,
  taskQueue: string,
  input: ReconcileInput,
): Promise<WorkflowHandle> {
  try {
    return await triggerReconcile(client, input);
  } catch (error) {
    if ((error as Error).name !== 'ScheduleNotFoundError') throw error;
    return startReconcile(client, taskQueue, input);
  }
}

/** Reconciles a kind of a connection now, past its schedule. Where it runs already, that run is answered. */
export async function startReconcile(
  client: Client,
  taskQueue: string,
  input: ReconcileInput,
): Promise<WorkflowHandle> {
  const { connectionId, kind } = input;
  return client.workflow.start('reconcile', {
    workflowId: reconcileIdOf(connectionId, kind),
    taskQueue,
    args: [input],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
    typedSearchAttributes: new TypedSearchAttributes([{ key: TiebackConnection, value: connectionId }]),
    staticSummary: `Keep the ${definitionOf(kind).plural} of ${connectionId} equal on both sides`,
  });
}

/** The server takes so many bytes. */
const MOST_OF_SUMMARY = 200;

/** `ERP request 640018 of larkspur: Vendor Cobalt Mechanical`: the first line of the run in the Web UI. */
const summaryOf = ({ connectionId, id, subject }: SyncRequestInput): string => {
  const words = `${capital(requestWords(id))} of ${connectionId}`;
  return shortenBytes(
    subject === undefined ? words : `${words}: ${subject.replaceAll('\n', ' ')}`,
    MOST_OF_SUMMARY,
  );
};
