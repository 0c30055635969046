/** Whether what we made in Temporal is still there: a server that was emptied answers as friendly as before. */
import type { Client } from '@temporalio/client';
import { isGrpcServiceError } from '@temporalio/client';
import { temporal } from '@temporalio/proto';

const { NamespaceState } = temporal.api.enums.v1;

/** Statuses of the server, as gRPC numbers them. */
const NOT_FOUND = 5;
const NOT_ALLOWED = [7, 12, 16];

/** How long one call may take: less than those who ask about our health wait. */
const CALL_MS = 1_200;

/** Throws a sentence where the namespace is not there. */
export async function assertNamespace(client: Client): Promise<void> {
  const { namespace } = client.options;
  const missing = new Error(
    `Temporal has no namespace "${namespace}": run \`tieback provision\`, then restart the daemon`,
  );
  try {
    const { namespaceInfo } = await inTime(client, () =>
      client.workflowService.describeNamespace({ namespace }),
    );
    if (namespaceInfo?.state === NamespaceState.NAMESPACE_STATE_DELETED) throw missing;
  } catch (error) {
    const status = statusOf(error);
    if (status === NOT_FOUND) throw missing;
    // On Temporal Cloud not everybody may look at the namespace; whoever may work in it can list.
    if (status === null || !NOT_ALLOWED.includes(status)) throw error;
    await inTime(client, () => client.workflowService.listWorkflowExecutions({ namespace, pageSize: 1 }));
  }
}

/** Throws a sentence where schedules are not there. */
export async function assertSchedules(client: Client, scheduleIds: readonly string[]): Promise<void> {
  const { namespace } = client.options;
  const there = await Promise.all(
    scheduleIds.map(async (scheduleId) => {
      try {
        await inTime(client, () => client.workflowService.describeSchedule({ namespace, scheduleId }));
        return true;
      } catch (error) {
        if (statusOf(error) === NOT_FOUND) return false;
        throw error;
      }
    }),
  );
  const missing = scheduleIds.filter((_id, index) => there[index] === false);
  if (missing.length > 0) {
    throw new Error(`Temporal has no schedule ${missing.join(', ')}: run \`tieback provision temporal\``);
  }
}

const inTime = <T>(client: Client, call: () => Promise<T>): Promise<T> =>
  client.connection.withDeadline(Date.now() + CALL_MS, call);

const statusOf = (error: unknown): number | null => (isGrpcServiceError(error) ? Number(error.code) : null);
