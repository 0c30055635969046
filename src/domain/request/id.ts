/** Workflow id of an ERP request: anyone who knows the connection and Procore's number can type it. */
export const workflowIdOf = (connectionId: string, requestId: number): string =>
  `erp-request/${connectionId}/${requestId}`;

/** Id of the schedule and, with the time appended by the server, of the workflows that poll for a connection. */
export const intakeIdOf = (connectionId: string): string => `intake/${connectionId}`;
