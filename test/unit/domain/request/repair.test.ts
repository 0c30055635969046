import type { ProcoreStanding } from '../../../../src/domain/request/procore-end';
import type { Repair, WorkflowStanding } from '../../../../src/domain/request/repair';
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
const ASKING = REQUEST_STATUSES.map((status): WorkflowStanding => ({ kind: 'asking', status, runId: 'run' }));
const PROCORE: readonly ProcoreStanding[] = ['unknown', 'open', 'success', 'failed'];
type Case = readonly [RequestStatus, WorkflowStanding, ProcoreStanding];
const all: readonly Case[] = REQUEST_STATUSES.flatMap((status) =>
  [...GONE, { kind: 'working' } as const, ...ASKING].flatMap((workflow) =>
    PROCORE.map((procore): Case => [status, workflow, procore]),
  ),
);

/** The table as people would read it: the first line that fits. */
const TABLE: readonly (readonly [string, (...of: Case) => boolean, Repair])[] = [
  ['a step is at work and we are closed', (ours, { kind }) => kind === 'working' && isFinal(ours), 'later'],
  [
    'a step is at work and Procore is closed',
    (_, { kind }, procore) => kind === 'working' && isEnd(procore),
    'later',
  ],
  ['a step is at work', (_, { kind }) => kind === 'working', 'nothing'],
  ['we are open and Procore is closed', (ours, _, procore) => !isFinal(ours) && isEnd(procore), 'close'],
  ['we are closed and nobody asks', (ours, { kind }) => isFinal(ours) && kind !== 'asking', 'nothing'],
  ['we are open and nobody is there', (_, { kind }) => kind !== 'asking', 'start'],
  [
    'both say the same',
    (ours, workflow) => workflow.kind === 'asking' && workflow.status === ours,
    'nothing',
  ],
  ['it asks about something else', () => true, 'restart'],
];
const isEnd = (procore: ProcoreStanding): boolean => procore === 'success' || procore === 'failed';

test('every combination is in the table', () => {
  expect(all).toHaveLength(REQUEST_STATUSES.length * (GONE.length + 1 + ASKING.length) * 4);
});

test.each(all)('our status "%s", workflow %j, Procore %s', (status, workflow, procore) => {
  const expected = TABLE.find(([, fits]) => fits(status, workflow, procore))?.[2];
  expect(repairOf(status, workflow, procore)).toBe(expected);
  const reason = repairReason(status, workflow, procore);
  expect(reason).toContain(`"${status}"`);
  if (expected === 'close') expect(reason).toContain(`closed (${procore})`);
});
