import { daemonFindings } from '../../../src/cli/doctor-daemon';
import type { Pollers } from '../../../src/cli/doctor-daemon';
import type { SeenSchedule } from '../../../src/cli/doctor-temporal';
import { scheduleFinding } from '../../../src/cli/doctor-temporal';
import type { Finding } from '../../../src/cli/findings';
import { daemonHint } from '../../../src/desk/daemons';
import type { DaemonRow } from '../../../src/store/rows';
import { version } from '../../../src/version';

const NOW = new Date('2026-03-09T15:30:00.000Z');
const ago = (seconds: number): string => new Date(NOW.getTime() - seconds * 1000).toISOString();
const config = {
  file: '/etc/tieback/tieback.yaml',
  temporal: { taskQueue: 'tieback' },
  apps: [{ name: 'main', concurrency: 6 }],
  connections: [{ id: 'acme', erpSlots: 4 }],
} as unknown as Parameters<typeof daemonFindings>[1]['config'];
const ALL = ['tieback', 'procore-main', 'erp-acme'];

const daemon = (more: Partial<DaemonRow> = {}): DaemonRow => ({
  id: 'a',
  host: 'app01',
  pid: 4711,
  version: version(),
  queues: ALL,
  startedAt: ago(7200),
  beatAt: ago(5),
  problem: null,
  stoppedAt: null,
  ...more,
});

const POLLED: Pollers = new Map(ALL.map((name) => [name, ['4711@app01']]));
const look = (daemons: readonly DaemonRow[], pollers = POLLED): readonly Finding[] =>
  daemonFindings(daemons, { config, pollers, now: NOW });
const bad = (findings: readonly Finding[]): readonly string[] =>
  findings.filter(({ status }) => status === 'failed').map(({ name, detail }) => `${name}: ${detail}`);

test('before the first start nothing is wrong', () => {
  expect(look([])).toMatchObject([{ status: 'skipped' }]);
});

test('one that tells of itself serves its queues', () => {
  expect(look([daemon()])).toMatchObject([
    { name: 'daemon app01 (process 4711)', status: 'ok', detail: 'runs for 2 h, heard of 5 s ago' },
    ...ALL.map((name) => ({ name: `queue ${name}`, status: 'ok', detail: 'served by app01 (process 4711)' })),
  ]);
});

test('one that died is seen after 45 seconds, although Temporal still lists it', () => {
  expect(bad(look([daemon({ beatAt: ago(45) })]))).toEqual([]);
  const found = look([daemon({ beatAt: ago(46) })]);
  expect(bad(found)).toEqual([
    'daemon: none runs: the one on app01 (process 4711) was heard of last at 2026-03-09 15:29:14Z, 46 s ago',
  ]);
  expect(found[0]?.hint).toContain('tieback daemon --config /etc/tieback/tieback.yaml');
});

test('one that was stopped is seen at once, unless another took over', () => {
  const stopped = daemon({ stoppedAt: ago(4), beatAt: ago(4) });
  expect(bad(look([stopped]))).toEqual([
    'daemon: none runs: the one on app01 (process 4711) was stopped at 2026-03-09 15:29:56Z, 4 s ago',
  ]);
  expect(bad(look([daemon({ id: 'b', pid: 9 }), stopped]))).toEqual([]);
});

test('a queue that nobody living serves is named, with who served it', () => {
  const own = daemon({ queues: ['tieback', 'procore-main'] });
  expect(bad(look([own]))).toEqual(['queue erp-acme: no daemon serves it, although others run']);
  const site = daemon({ id: 'b', host: 'site', pid: 7, queues: ['erp-acme'], beatAt: ago(300) });
  expect(bad(look([own, site]))).toEqual([
    'queue erp-acme: no daemon serves it: the one on site (process 7) was heard of last at 2026-03-09 15:25:00Z, 5 min ago',
  ]);
});

test('one that lives and does not poll is named, once it had time to begin', () => {
  const pollers: Pollers = new Map([...POLLED, ['erp-acme', []]]);
  expect(bad(look([daemon()], pollers))).toEqual([
    'queue erp-acme: app01 (process 4711) should serve it, but nobody polls it in Temporal',
  ]);
  expect(bad(look([daemon({ startedAt: ago(20) })], pollers))).toEqual([]);
  expect(bad(look([daemon()], new Map()))).toEqual([]);
});

test('one that cannot work says why: a warning while it starts', () => {
  const problem = 'Temporal cannot be reached at 127.0.0.1:7233';
  expect(bad(look([daemon({ problem })]))).toEqual([
    `daemon app01 (process 4711): runs for 2 h, but does not work: ${problem}`,
  ]);
  expect(look([daemon({ problem, startedAt: ago(10) })])[0]?.status).toBe('warning');
});

test.each<[string, Partial<DaemonRow>, RegExp]>([
  ['of another release', { version: '0.0.9' }, /with version 0\.0\.9; this is/],
  [
    'with another configuration',
    { queues: [...ALL, 'erp-gone'] },
    /it polls erp-gone, which .* does not have/,
  ],
  ['whose clock is ahead', { beatAt: ago(-3600) }, /heard of in 1 h, by its own clock/],
])('one %s is a warning', (_what, more, detail) => {
  expect(look([daemon(more)])[0]).toMatchObject({
    status: 'warning',
    detail: expect.stringMatching(detail) as unknown,
  });
});

test('whoever could not decide hears whether a daemon runs', () => {
  expect(daemonHint([], NOW)).toBe('None was started yet. Start `tieback daemon`.');
  expect(daemonHint([daemon({ stoppedAt: ago(9) })], NOW)).toMatch(
    /^The last one, on app01 \(process 4711\), was stopped at .*\. Start `tieback daemon`\.$/,
  );
  expect(daemonHint([daemon({ problem: 'a worker stopped: x' })], NOW)).toBe(
    'A daemon runs on app01 (process 4711) (a worker stopped: x): `tieback doctor` says what else is wrong.',
  );
});

describe('a schedule', () => {
  const seen = (more: Partial<SeenSchedule>): SeenSchedule => ({
    everyMs: 60_000,
    recentActions: [],
    nextActionTimes: [new Date(ago(-30))],
    createdAt: new Date(ago(86_400)),
    lastUpdatedAt: undefined,
    runningActions: [],
    ...more,
  });
  const action = (seconds: number): SeenSchedule['recentActions'][number] => ({
    scheduledAt: new Date(ago(seconds)),
    takenAt: new Date(ago(seconds)),
    action: { type: 'startWorkflow', workflow: { workflowId: 'w', firstExecutionRunId: 'r' } },
  });
  const finding = (more: Partial<SeenSchedule>): Finding => scheduleFinding('intake/acme', seen(more), NOW);

  test('is well three intervals and a minute after its last run, and late after that', () => {
    expect(finding({ recentActions: [action(240)] })).toMatchObject({
      status: 'ok',
      detail: 'every 60 s, ran last 2026-03-09 15:26:00Z',
    });
    expect(finding({ recentActions: [action(241)] })).toMatchObject({
      status: 'failed',
      detail: 'is late by 3 min: every 60 s, ran last 2026-03-09 15:25:59Z',
    });
  });

  test('that was made or changed a moment ago is not late', () => {
    expect(finding({ createdAt: new Date(ago(100)) }).status).toBe('ok');
    expect(finding({ lastUpdatedAt: new Date(ago(100)) }).status).toBe('ok');
    expect(finding({}).status).toBe('failed');
  });

  test('whose next time is over is late', () => {
    const [next] = [new Date(ago(90))];
    expect(finding({ recentActions: [action(100)], nextActionTimes: [next] })).toMatchObject({
      status: 'failed',
      detail: expect.stringMatching(/it should have run 2026-03-09 15:28:30Z$/) as unknown,
    });
  });

  test('whose run does not end leads to the daemon', () => {
    const running = action(900).action;
    expect(finding({ recentActions: [action(900)], runningActions: [running] })).toMatchObject({
      status: 'failed',
      hint: expect.stringMatching(/^A daemon has to finish that run/) as unknown,
    });
  });
});
