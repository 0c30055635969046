import type { DataConverter } from '@temporalio/common';
import type { NativeConnection } from '@temporalio/worker';
import { Worker } from '@temporalio/worker';
import type { Activities } from '../activities';
import type { WorkflowBundlePath } from './bundle';
import type { WorkerQueue } from './task-queues';
import { erpWorkerOptions, mainWorkerOptions, procoreWorkerOptions } from './worker-options';

/** What the workers of one process need. */
export interface WorkerPlan {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly dataConverter: DataConverter;
  /** Which queues this process polls: one worker each. */
  readonly queues: readonly WorkerQueue[];
  /** Makes or finds the workflow code. Asked for the main queue only: no other one runs workflows. */
  readonly workflowBundle: () => Promise<WorkflowBundlePath>;
  /** Shutdown limits in milliseconds, where the defaults do not fit. */
  readonly shutdown?: { readonly graceMs: number; readonly forceMs: number };
}

/** One worker per task queue: the main one runs workflows, the others only activities. */
export async function createWorkers(plan: WorkerPlan, activities: Activities): Promise<Worker[]> {
  return Promise.all(plan.queues.map((queue) => createWorker(plan, queue, activities)));
}

async function createWorker(plan: WorkerPlan, queue: WorkerQueue, activities: Activities): Promise<Worker> {
  const { connection, namespace, dataConverter, shutdown } = plan;
  const common = {
    connection,
    namespace,
    dataConverter,
    activities: activities[queue.kind],
    ...(shutdown ? { shutdownGraceTime: shutdown.graceMs, shutdownForceTime: shutdown.forceMs } : {}),
  };
  switch (queue.kind) {
    case 'main':
      return Worker.create({
        ...mainWorkerOptions(queue.name),
        ...common,
        workflowBundle: await plan.workflowBundle(),
      });
    case 'procore':
      return Worker.create({ ...procoreWorkerOptions(queue.name, queue), ...common });
    case 'erp':
      return Worker.create({ ...erpWorkerOptions(queue.name, queue), ...common });
  }
}
