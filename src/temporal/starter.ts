import type { Client } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import type { ErpRequestInput } from '../domain/request/flow';
import { workflowIdOf } from '../domain/request/id';
import { TiebackConnection, TiebackRequestId, TiebackStatus } from './search-attributes';

/**
 * Starts the workflow of an ERP request that our store calls open. One id per request: a running one is left alone. A closed one gets
 * another run, because then our store knows less than Temporal (it was restored from a backup): every step looks what is done already.
 */
export async function startErpRequest(
  client: Client,
  taskQueue: string,
  input: ErpRequestInput,
): Promise<void> {
  const { connectionId, requestId } = input;
  await client.workflow.start('erpRequest', {
    workflowId: workflowIdOf(connectionId, requestId),
    taskQueue,
    args: [input],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
    typedSearchAttributes: new TypedSearchAttributes([
      { key: TiebackConnection, value: connectionId },
      { key: TiebackRequestId, value: requestId },
      { key: TiebackStatus, value: 'received' },
    ]),
    staticSummary: `ERP request ${requestId} of ${connectionId}`,
  });
}
