import { nextSteps } from '../../../src/desk/next-steps';
import { REQUEST_STATUSES, isFinal, isResting } from '../../../src/domain/request/status';

const ONE_RECORD = { way: 'export', recordId: 'vendor/1' } as const;

test('only what waits has anything to type', () => {
  for (const status of REQUEST_STATUSES)
    expect(nextSteps({ status, ...ONE_RECORD }).length > 0).toBe(isResting(status) && !isFinal(status));
});

test('correcting is offered where something can be corrected', () => {
  expect(nextSteps({ status: 'parked', ...ONE_RECORD })).toEqual(['correct', 'retry', 'reject']);
  for (const way of ['sync', 'release', 'metadata', 'links', null] as const)
    expect(nextSteps({ status: 'parked', way, recordId: null })).toEqual(['retry', 'reject']);
  expect(nextSteps({ status: 'waiting_for_finance', way: 'export', recordId: null })).toEqual([
    'approve',
    'reject',
  ]);
});
