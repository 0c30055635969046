import type { DataConverter } from '@temporalio/common';
import type { NativeConnection } from '@temporalio/worker';
import { Worker } from '@temporalio/worker';
import type { Activities } from '../activities';
import { erpWorkerOptions, mainWorkerOptions, procoreWorkerOptions } from './worker-options';

export interface WorkerPlan {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly dataConverter: DataConverter;
  readonly workflowBundle: { readonly codePath: string };
  /** Queue of workflows and store steps. */
  readonly mainQueue: string;
  /** Procore apps with their slots. */
  readonly apps: readonly { readonly queue: string; readonly slots: number }[];
  /** ERP connections with their slots. */
  readonly erps: readonly { readonly queue: string; readonly slots: number }[];
  /** Shutdown limits in milliseconds, where the defaults do not fit. */
  readonly shutdown?: { readonly graceMs: number; readonly forceMs: number };
}

/** One worker per task queue: the main one runs workflows, the others only activities. */
export async function createWorkers(plan: WorkerPlan, activities: Activities): Promise<Worker[]> {
  const { connection, namespace, dataConverter } = plan;
  const common = {
    connection,
    namespace,
    dataConverter,
    ...(plan.shutdown
      ? { shutdownGraceTime: plan.shutdown.graceMs, shutdownForceTime: plan.shutdown.forceMs }
      : {}),
  };
  const main = Worker.create({
    ...mainWorkerOptions(),
    ...common,
    taskQueue: plan.mainQueue,
    workflowBundle: plan.workflowBundle,
    activities: activities.main,
  });
  const procore = plan.apps.map(({ queue, slots }) =>
    Worker.create({
      ...procoreWorkerOptions('app', { slots }),
      ...common,
      taskQueue: queue,
      activities: activities.procore,
    }),
  );
  const erp = plan.erps.map(({ queue, slots }) =>
    Worker.create({
      ...erpWorkerOptions('connection', { slots }),
      ...common,
      taskQueue: queue,
      activities: activities.erp,
    }),
  );
  return Promise.all([main, ...procore, ...erp]);
}
