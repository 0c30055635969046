import type { WorkflowStanding } from '../../../../src/domain/request/repair';
import { repairOf, repairReason } from '../../../../src/domain/request/repair';
import type { RequestStatus } from '../../../../src/domain/request/status';
import { isFinal, REQUEST_STATUSES } from '../../../../src/domain/request/status';

const GONE: readonly WorkflowStanding[] = [
  { kind: 'none' },
  ...['completed', 'failed', 'cancelled', 'terminated', 'timed_out'].map((how): WorkflowStanding => ({
    kind: 'ended',
    how,
  })),
];
const ASKING = REQUEST_STATUSES.map((status): WorkflowStanding => ({ kind: 'asking', status }));
const all: readonly (readonly [RequestStatus, WorkflowStanding])[] = REQUEST_STATUSES.flatMap((status) =>
  [...GONE, { kind: 'working' } as const, ...ASKING].map((workflow) => [status, workflow] as const),
);

test.each(all)('our status "%s", workflow %j', (status, workflow) => {
  const expected =
    workflow.kind === 'asking'
      ? workflow.status === status
        ? 'nothing'
        : 'restart'
      : workflow.kind === 'working'
        ? isFinal(status)
          ? 'later'
          : 'nothing'
        : isFinal(status)
          ? 'nothing'
          : 'start';
  expect(repairOf(status, workflow)).toBe(expected);
  expect(repairReason(status, workflow)).toContain(`"${status}"`);
});
