import type { Client } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import type { ErpRequestInput } from '../domain/request-flow';
import { workflowIdOf } from '../domain/request-id';
import { TiebackConnection, TiebackRequestId, TiebackStatus } from './search-attributes';

/**
 * Starts the workflow of an ERP request. One id per request: a running one is left alone, a completed one is never run again, and only
 * one that failed or was terminated by hand gets another run.
 */
export async function startErpRequest(
  client: Client,
  taskQueue: string,
  input: ErpRequestInput,
): Promise<void> {
  const { connectionId, requestId } = input;
  try {
    await client.workflow.start('erpRequest', {
      workflowId: workflowIdOf(connectionId, requestId),
      taskQueue,
      args: [input],
      workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
      workflowIdConflictPolicy: 'USE_EXISTING',
      typedSearchAttributes: new TypedSearchAttributes([
        { key: TiebackConnection, value: connectionId },
        { key: TiebackRequestId, value: requestId },
        { key: TiebackStatus, value: 'received' },
      ]),
      staticSummary: `ERP request ${requestId} of ${connectionId}`,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
