import type { Client } from '@temporalio/client';

/** Once is a deployment or a worker that went away in the middle; a fault of the code or the history comes again and again. */
const ATTEMPTS = 3;
const LONGEST_REASON = 300;

/**
 * Why a workflow cannot go on, in the words of its last failure; null: it can, or there is none. Its tasks fail over and over (a history that does not
 * fit the code, something too large to cross Temporal), so it takes no decision either.
 */
export async function whyStuck(client: Client, workflowId: string): Promise<string | null> {
  const handle = client.workflow.getHandle(workflowId);
  const { raw } = await handle.describe();
  if ((raw.pendingWorkflowTask?.attempt ?? 0) < ATTEMPTS) return null;
  const { events } = await handle.fetchHistory();
  const last = events?.findLast(({ workflowTaskFailedEventAttributes }) => workflowTaskFailedEventAttributes);
  const failure = last?.workflowTaskFailedEventAttributes?.failure;
  const message = failure?.message === 'Encoded failure' ? null : failure?.message;
  return (message ?? 'its steps fail over and over').slice(0, LONGEST_REASON);
}
