/**
 * Names of the task queues. Workflow code imports this file: it depends on nothing.
 *
 * | queue              | who polls it                        | limit                                  |
 * | ------------------ | ----------------------------------- | -------------------------------------- |
 * | `tieback`          | workflows and our own store         | the machine                            |
 * | `procore-<app>`    | calls to Procore                    | the rate limit of that Procore app     |
 * | `erp-<connection>` | calls to that ERP, near the ERP     | what that ERP bears                    |
 */
export const taskQueues = {
  /** Workflows, and activities that only touch our own store. */
  main: 'tieback',
  /** Calls to Procore with the credentials of one app: rate limits belong to the app. */
  procore: (app: string): string => `procore-${app}`,
  /** Calls to the ERP of one connection. */
  erp: (connectionId: string): string => `erp-${connectionId}`,
} as const;
