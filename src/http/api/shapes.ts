import { z } from 'zod';

/** What several features of the API ask or answer. */

export const connectionName = z.string().trim().min(1).max(60);
/** Where a list goes on, as its last page told. */
export const cursor = z.string().min(1).max(4_000);
export const searched = z.string().trim().max(200);

/** An entry of the audit log, and how people read it. */
export const auditEntry = z.object({
  at: z.string(),
  actor: z.string(),
  action: z.string(),
  subject: z.string(),
  requestId: z.string().nullable(),
  planHash: z.string().nullable(),
  workflowId: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()).readonly(),
  sentence: z.string(),
});
