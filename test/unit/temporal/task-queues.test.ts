import { chooseQueues, queuesOf, UnknownQueueError } from '../../../src/temporal/task-queues';

const all = queuesOf({
  temporal: { taskQueue: 'tieback' },
  apps: [{ name: 'main', concurrency: 6 }],
  connections: [
    { id: 'larkspur', erpSlots: 4 },
    { id: 'acme', erpSlots: 2 },
  ],
});
const names = (chosen?: readonly string[]): string[] => chooseQueues(all, chosen).map(({ name }) => name);

test('one queue for workflows, one per Procore app, one per ERP, with what each bears', () => {
  expect(all).toEqual([
    { kind: 'main', name: 'tieback' },
    { kind: 'procore', name: 'procore-main', slots: 6 },
    { kind: 'erp', name: 'erp-larkspur', slots: 4 },
    { kind: 'erp', name: 'erp-acme', slots: 2 },
  ]);
});

test('without names every queue is polled, with names only those, each once', () => {
  expect(names()).toEqual(['tieback', 'procore-main', 'erp-larkspur', 'erp-acme']);
  expect(names(['erp-acme', 'tieback', 'erp-acme'])).toEqual(['tieback', 'erp-acme']);
});

test.each([
  [['tieback', 'erp-larkspru'], 'There is no task queue "erp-larkspru". '],
  [['main'], 'There is no task queue "main". '],
  [[], 'No task queue is named. '],
])('%j is refused, with the names there are', (chosen, message) => {
  expect(() => names(chosen)).toThrow(UnknownQueueError);
  expect(() => names(chosen)).toThrow(
    `${message}Task queues of this configuration: tieback, procore-main, erp-larkspur, erp-acme.`,
  );
});
