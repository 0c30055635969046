import { Worker } from '@temporalio/worker';
import {
  erpWorkerOptions,
  mainWorkerOptions,
  procoreWorkerOptions,
} from '../../../src/temporal/worker-options';
import { testTemporal, uniqueName } from '../../support/temporal';

test('queues with a limit take no eager activities', () => {
  expect(procoreWorkerOptions('procore-app1', { slots: 4 }).maxEagerActivityReservationsPerWorkflowTask).toBe(
    0,
  );
  expect(erpWorkerOptions('erp-acme', { slots: 4 }).maxEagerActivityReservationsPerWorkflowTask).toBe(0);
});

test('slots are what was asked for', () => {
  expect(erpWorkerOptions('erp-acme', { slots: 7 }).maxConcurrentActivityTaskExecutions).toBe(7);
  expect(procoreWorkerOptions('procore-app1', { slots: 4, perSecond: 2 })).toMatchObject({
    maxConcurrentActivityTaskExecutions: 4,
    maxTaskQueueActivitiesPerSecond: 2,
  });
  expect(mainWorkerOptions('tieback', { maxCachedWorkflows: 10 }).maxCachedWorkflows).toBe(10);
});

test('every queue is given time to finish', () => {
  const all = [
    mainWorkerOptions('tieback'),
    procoreWorkerOptions('procore-a', { slots: 1 }),
    erpWorkerOptions('erp-a', { slots: 1 }),
  ];
  for (const options of all) {
    expect(options).toMatchObject({ shutdownGraceTime: '30s', shutdownForceTime: '60s' });
  }
});

test('a number that makes no sense is refused', () => {
  expect(() => erpWorkerOptions('erp-acme', { slots: 0 })).toThrow('slots of erp-acme');
  expect(() => mainWorkerOptions('tieback', { workflowSlots: 1.5 })).toThrow('workflowSlots');
});

test('the SDK takes them: workers of every kind run and stop', async () => {
  const temporal = await testTemporal();
  const { nativeConnection: connection, namespace } = temporal;
  const suffix = uniqueName('options');
  const activities = { noted: async (text: string) => text };
  const all = [
    procoreWorkerOptions(`procore-${suffix}`, { slots: 4, perSecond: 50 }),
    erpWorkerOptions(`erp-${suffix}`, { slots: 1 }),
    mainWorkerOptions(suffix),
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
