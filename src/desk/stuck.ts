import type { Client } from '@temporalio/client';

/** A task that only timed out may be one of a worker that went away; a fault of the code or the history comes again and again. */
const TIMED_OUT_OFTEN = 3;
const LONGEST_REASON = 300;
/** What stands in place of a message that is encrypted. */
const ENCODED = 'Encoded failure';

/**
 * Why a workflow cannot go on, in the words of its last failure; null: it can, or there is none. Its tasks fail over and over (a history that does not
 * fit the code, something too large to cross Temporal), so it takes no decision either.
 */
export async function whyStuck(client: Client, workflowId: string): Promise<string | null> {
  const handle = client.workflow.getHandle(workflowId);
  const { raw } = await handle.describe();
  const attempt = raw.pendingWorkflowTask?.attempt ?? 1;
  if (attempt < 2) return null;
  const { events } = await handle.fetchHistory();
  const last = events?.findLast(
    ({ workflowTaskFailedEventAttributes: no, workflowTaskCompletedEventAttributes: yes }) => no ?? yes,
  );
  const failed = last?.workflowTaskFailedEventAttributes;
  if (!failed && attempt < TIMED_OUT_OFTEN) return null;
  const message = failed?.failure?.message;
  return (message && message !== ENCODED ? message : 'its steps fail over and over').slice(0, LONGEST_REASON);
}
