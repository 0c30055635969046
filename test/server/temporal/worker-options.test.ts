import { Worker } from '@temporalio/worker';
import {
  erpWorkerOptions,
  mainWorkerOptions,
  procoreWorkerOptions,
  taskQueues,
} from '../../../src/temporal/worker-options';
import { testTemporal, uniqueName } from '../../support/temporal';

test('each kind of queue has its name', () => {
  expect(mainWorkerOptions().taskQueue).toBe('tieback');
  expect(procoreWorkerOptions('app1', { slots: 4 }).taskQueue).toBe(taskQueues.procore('app1'));
  expect(erpWorkerOptions('acme', { slots: 4 }).taskQueue).toBe('erp-acme');
});

test('queues with a limit take no eager activities', () => {
  expect(procoreWorkerOptions('app1', { slots: 4 }).maxEagerActivityReservationsPerWorkflowTask).toBe(0);
  expect(erpWorkerOptions('acme', { slots: 4 }).maxEagerActivityReservationsPerWorkflowTask).toBe(0);
});

test('slots are what was asked for', () => {
  expect(erpWorkerOptions('acme', { slots: 7 }).maxConcurrentActivityTaskExecutions).toBe(7);
  expect(procoreWorkerOptions('app1', { slots: 4, perSecond: 2 })).toMatchObject({
    maxConcurrentActivityTaskExecutions: 4,
    maxTaskQueueActivitiesPerSecond: 2,
  });
  expect(mainWorkerOptions({ maxCachedWorkflows: 10 }).maxCachedWorkflows).toBe(10);
});

test('every queue is given time to finish', () => {
  const all = [
    mainWorkerOptions(),
    procoreWorkerOptions('a', { slots: 1 }),
    erpWorkerOptions('a', { slots: 1 }),
  ];
  for (const options of all) {
    expect(options).toMatchObject({ shutdownGraceTime: '30s', shutdownForceTime: '60s' });
  }
});

test('a number that makes no sense is refused', () => {
  expect(() => erpWorkerOptions('acme', { slots: 0 })).toThrow('slots of erp-acme');
  expect(() => mainWorkerOptions({ workflowSlots: 1.5 })).toThrow('workflowSlots');
});

test('the SDK takes them: workers of every kind run and stop', async () => {
  const temporal = await testTemporal();
  const { nativeConnection: connection, namespace } = temporal;
  const suffix = uniqueName('options');
  const activities = { noted: async (text: string) => text };
  const all = [
    procoreWorkerOptions(suffix, { slots: 4, perSecond: 50 }),
    erpWorkerOptions(suffix, { slots: 1 }),
    { ...mainWorkerOptions(), taskQueue: suffix },
  ];
  const workers = await Promise.all(
    all.map((options) => Worker.create({ ...options, connection, namespace, activities })),
  );
  const runs = workers.map((worker) => worker.run());
  expect(workers.map((worker) => worker.getState())).toEqual(['RUNNING', 'RUNNING', 'RUNNING']);
  workers.forEach((worker) => worker.shutdown());
  await Promise.all(runs);
  await temporal.close();
});
