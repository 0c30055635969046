import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import { workflowIdOf } from '../domain/request/id';
import type { RequestWorkflows } from '../activities';
import type { RequestState } from '../domain/request/flow';
import { REQUEST_STATE_QUERY } from '../domain/request/flow';
import { REQUEST_STATUSES } from '../domain/request/status';
import { TiebackRequest, TiebackStatus } from './search-attributes';
import { startRequest } from './starter';

/** What the Web UI shows as the reason of a run that was ended. */
const BEGINS_AGAIN = 'Tieback begins this request again: its audit log says why.';

/** What repairs ask of the server. */
export const requestWorkflows = (client: Client, taskQueue: string): RequestWorkflows => ({
  async *running(connectionId) {
    const query = `WorkflowType IN ('syncRequest', 'payPeriod') AND ExecutionStatus = 'Running' AND TiebackConnection = '${connectionId}'`;
    for await (const { typedSearchAttributes } of client.workflow.list({ query, pageSize: 1000 })) {
      const id = typedSearchAttributes.get(TiebackRequest);
      const status = typedSearchAttributes.get(TiebackStatus);
      if (id !== undefined) yield { id, status: REQUEST_STATUSES.find((name) => name === status) ?? null };
    }
  },

  async standing(ref) {
    const workflowId = workflowIdOf(ref);
    try {
      const { status, raw, runId } = await client.workflow.getHandle(workflowId).describe();
      if (status.name !== 'RUNNING') return { kind: 'ended', how: status.name.toLowerCase() };
      // One whose tasks fail answers nobody, and the others are not kept waiting for it.
      if ((raw.pendingWorkflowTask?.attempt ?? 0) > 1) return { kind: 'working' };
      const state = await client.workflow
        .getHandle(workflowId, runId)
        .query<RequestState>(REQUEST_STATE_QUERY)
        .catch(() => null);
      return state === null || state.planHash === null
        ? { kind: 'working' }
        : { kind: 'asking', status: state.status, runId };
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return { kind: 'none' };
      throw error;
    }
  },

  async restart(input, runId) {
    try {
      await client.workflow.getHandle(workflowIdOf(input), runId).terminate(BEGINS_AGAIN);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return;
      throw error;
    }
    await startRequest(client, taskQueue, input);
  },
});
