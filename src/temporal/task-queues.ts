/**
 * The task queues: their names, and which of them a daemon polls. This file depends on nothing.
 *
 * | queue              | who polls it                        | limit                                  |
 * | ------------------ | ----------------------------------- | -------------------------------------- |
 * | `tieback`          | workflows and our own store         | the machine                            |
 * | `procore-<app>`    | calls to Procore                    | the rate limit of that Procore app     |
 * | `erp-<connection>` | calls to that ERP, near the ERP     | what that ERP bears                    |
 *
 * The first one is called as `temporal.taskQueue` in the configuration says; `tieback` is its default.
 */
export const taskQueues = {
  /** Calls to Procore with the credentials of one app: rate limits belong to the app. */
  procore: (app: string): string => `procore-${app}`,
  /** Calls to the ERP of one connection. */
  erp: (connectionId: string): string => `erp-${connectionId}`,
} as const;

/** A queue of one installation. */
export type WorkerQueue =
  | { readonly kind: 'main'; readonly name: string }
  /** `slots`: calls in flight at the same time from one process. */
  | { readonly kind: 'procore' | 'erp'; readonly name: string; readonly slots: number };

/** What the queues follow from; the configuration has it all. */
export interface QueueOwners {
  readonly temporal: { readonly taskQueue: string };
  readonly apps: readonly { readonly name: string; readonly concurrency: number }[];
  readonly connections: readonly { readonly id: string; readonly erpSlots: number }[];
}

/** A queue was named that this installation does not have. The message lists those it has. */
export class UnknownQueueError extends Error {
  override readonly name = 'UnknownQueueError';
}

/** Every queue of an installation, the main one first. */
export function queuesOf({ temporal, apps, connections }: QueueOwners): readonly WorkerQueue[] {
  return [
    { kind: 'main', name: temporal.taskQueue },
    ...apps.map(({ name, concurrency }): WorkerQueue => {
      return { kind: 'procore', name: taskQueues.procore(name), slots: concurrency };
    }),
    ...connections.map(({ id, erpSlots }): WorkerQueue => {
      return { kind: 'erp', name: taskQueues.erp(id), slots: erpSlots };
    }),
  ];
}

/** The named ones of all queues, in the order of all; every queue when no names are given. Throws `UnknownQueueError`. */
export function chooseQueues(
  all: readonly WorkerQueue[],
  names: readonly string[] | undefined,
): readonly WorkerQueue[] {
  if (names === undefined) return all;
  const known = `Task queues of this configuration: ${all.map(({ name }) => name).join(', ')}.`;
  if (names.length === 0) throw new UnknownQueueError(`No task queue is named. ${known}`);
  const unknown = names.find((name) => !all.some((queue) => queue.name === name));
  if (unknown !== undefined) throw new UnknownQueueError(`There is no task queue "${unknown}". ${known}`);
  return all.filter(({ name }) => names.includes(name));
}
