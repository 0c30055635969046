import { ClientBench, failure } from '../../../support/procore/client';
import { doorEntry } from '../../../support/procore/company-door-entry';
import { drop } from '../../../support/procore/scripted-server';
import type { Received } from '../../../support/procore/scripted-server';
import { TimeBench, WORK_DAY } from '../../../support/procore/timekeeping';

const statusIn = (bench: TimeBench, id: number): string => bench.sim.timecardEntry(id).approval_status;

describe.each(['leave_out', 'refuse_all'] as const)(
  'where entries that cannot be changed %s the rest',
  (lockedTimecards) => {
    let bench: TimeBench;
    beforeEach(async () => {
      bench = await new TimeBench({ lockedTimecards }).start();
    });
    afterEach(async () => {
      const violations = bench.sim.violations();
      await bench.stop();
      expect(violations).toEqual([]);
    });

    test('approved entries are completed, and again', async () => {
      const ids = [bench.enter().id, bench.enter({ party_id: bench.leo }).id];
      bench.sim.approveTimesheet(bench.project, WORK_DAY);
      expect(await bench.payroll.complete(ids)).toEqual({ completed: ids, errors: [] });
      expect(ids.map((id) => statusIn(bench, id))).toEqual(['completed', 'completed']);
      expect(await bench.payroll.complete(ids)).toEqual({ completed: ids, errors: [] });
    });

    test('one that is gone and one that never was are told one by one; the others are completed', async () => {
      const [first, gone, last] = [bench.enter().id, bench.enter().id, bench.enter().id];
      bench.sim.deleteTime(gone);
      const { completed, errors } = await bench.payroll.complete([first, gone, 999, last]);
      expect([...completed].sort()).toEqual([first, last].sort());
      expect([first, last].map((id) => statusIn(bench, id))).toEqual(['completed', 'completed']);
      expect(errors.map(({ key }) => key).sort()).toEqual([String(gone), '999'].sort());
      expect(errors.every(({ messages }) => messages.length > 0)).toBe(true);
    });
  },
);

test('a hundred entries a call, and none without a call', async () => {
  const bench = await new TimeBench().start();
  const ids = Array.from({ length: 150 }, () => bench.enter().id);
  expect((await bench.payroll.complete([...ids, ...ids])).completed).toEqual(ids);
  expect(await bench.payroll.complete([])).toEqual({ completed: [], errors: [] });
  const calls = bench.sim.requestLog({ method: 'PATCH' });
  expect(calls.map(({ body }) => (body as { updates: unknown[] }).updates.length)).toEqual([100, 50]);
  await bench.stop();
});

describe('of any server', () => {
  let bench: ClientBench;
  beforeAll(async () => {
    bench = await new ClientBench().start();
  });
  afterAll(() => bench.stop());
  beforeEach(() => bench.server.received.splice(0));

  const complete = (ids: readonly number[]) => bench.company({ retry: { retries: 1 } }).payroll.complete(ids);
  const patches = (): readonly Received[] => bench.server.received.filter(({ method }) => method === 'PATCH');
  const sizes = (): readonly number[] =>
    patches().map(({ body }) => (body as { updates: unknown[] }).updates.length);

  test('only the status is sent, with the ids', async () => {
    bench.server.script = () => ({ body: { updated_timecard_entries: [{ id: 5 }] } });
    expect(await complete([5])).toEqual({ completed: [5], errors: [] });
    expect(bench.server.received.map(({ path, body }) => [path, body])).toEqual([
      ['/rest/v1.0/companies/4264807/timesheets', { approval_status: 'completed', updates: [{ id: 5 }] }],
    ]);
  });

  test('an entry that the answer does not name is read back', async () => {
    bench.server.script = ({ method }) =>
      method === 'PATCH'
        ? { body: { updated_timecard_entries: [{ id: 5 }] } }
        : { body: [doorEntry({ id: 6 }), doorEntry({ id: 7, approval_status: 'approved' })] };
    expect(await complete([5, 6, 7])).toEqual({
      completed: [5, 6],
      errors: [{ key: '7', messages: ['Procore left it approved'] }],
    });
  });

  test('an entry that the answer shows with another status was not completed', async () => {
    const row = doorEntry({ id: 5, approval_status: 'approved' });
    bench.server.script = ({ method }) =>
      method === 'PATCH' ? { body: { updated_timecard_entries: [row] } } : { body: [row] };
    expect((await complete([5])).errors).toEqual([{ key: '5', messages: ['Procore left it approved'] }]);
  });

  test('one that is refused says so in Procore’s words, unless it is completed already', async () => {
    bench.server.script = ({ method }) =>
      method === 'PATCH'
        ? { status: 422, body: { errors: { base: ['is locked'] } } }
        : { body: [doorEntry({ id: 5 }), doorEntry({ id: 6, approval_status: 'pending' })] };
    expect(await complete([5, 6])).toEqual({
      completed: [5],
      errors: [{ key: '6', messages: ['is locked'] }],
    });
  });

  test('too many at once are sent in halves', async () => {
    bench.server.script = ({ method, body }) => {
      const { updates } = body as { updates: { id: number }[] };
      return method === 'PATCH' && updates.length > 3
        ? { status: 413, body: { errors: 'too many' } }
        : { body: { updated_timecard_entries: updates } };
    };
    expect((await complete([1, 2, 3, 4, 5])).completed).toEqual([1, 2, 3, 4, 5]);
    expect(sizes()).toEqual([5, 3, 2]);
  });

  test('a lost answer is asked for again, because the same status twice is one', async () => {
    bench.server.replies(drop, { body: { updated_timecard_entries: [{ id: 5 }] } });
    expect((await complete([5])).completed).toEqual([5]);
    expect(patches()).toHaveLength(2);
  });

  test('a service account without the company’s Timesheets is told at once, not entry by entry', async () => {
    bench.server.script = () => ({ status: 403, body: { errors: 'no' } });
    expect((await failure(complete([1, 2, 3, 4]))).code).toBe('PROCORE_FORBIDDEN');
    expect(bench.server.received).toHaveLength(1);
  });

  test('an answer that is none of Procore’s is an error', async () => {
    bench.server.script = () => ({ body: { ok: true } });
    expect((await failure(complete([1]))).code).toBe('PROCORE_ANSWER_INVALID');
  });
});
