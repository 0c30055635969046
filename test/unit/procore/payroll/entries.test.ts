import { failure } from '../../../support/procore/client';
import { idsOf, TimeBench, together, WEEK, WORK_DAY } from '../../../support/procore/timekeeping';

/* What is read of the simulator, which checks every call against the documentation. */

let bench: TimeBench;
beforeEach(async () => {
  bench = await new TimeBench().start();
});
afterEach(async () => {
  const violations = bench.sim.violations();
  await bench.stop();
  expect(violations).toEqual([]);
});

const MINUTE = 60_000;
const now = (): string => new Date(bench.clock.now()).toISOString();
const entries = () => together(bench.payroll.entries(WEEK));

test('an entry as the foreman entered it', async () => {
  const sub = bench.sim.seedSubJob(bench.project, { code: '01', name: 'Parking' }).id;
  const crew = bench.sim.addCrew(bench.project, { name: 'Form crew', party_ids: [bench.maya] }).id;
  const one = bench.enter({
    hours: '8.25',
    lunch_time: '30',
    time_in: '2026-11-18T14:00:00Z',
    time_out: '2026-11-18T22:45:00Z',
    sub_job_id: sub,
    crew_id: crew,
    billable: true,
    description: 'Forms at grid C',
    origin_data: 'ours',
  });
  expect(await entries()).toEqual({
    unreadable: [],
    entries: [
      {
        id: one.id,
        date: WORK_DAY,
        hours: '8.25',
        timeIn: '2026-11-18T14:00:00Z',
        timeOut: '2026-11-18T22:45:00Z',
        lunchMinutes: 30,
        person: { id: bench.maya, name: 'Maya Ortiz' },
        project: { id: bench.project, name: 'Eastgate' },
        subJob: { id: sub, name: 'Parking' },
        costCode: { id: bench.costCode, name: '03 Concrete' },
        costTypeId: bench.costType,
        timeType: { id: 1, name: 'Regular Time' },
        crew: { id: crew, name: 'Form crew' },
        timesheetId: one['timesheet_id'],
        billable: true,
        description: 'Forms at grid C',
        status: 'pending',
        inProgress: false,
        deletedAt: null,
        splitFrom: null,
        originData: 'ours',
        updatedAt: '2026-11-18T23:00:00.000Z',
        createdBy: 'User 7710',
      },
    ],
  });
});

test('the days of a period, both ends included, and one person where only they are asked for', async () => {
  const [first, last] = [
    bench.enter({ date: WEEK.begin }),
    bench.enter({ date: WEEK.end, party_id: bench.leo }),
  ];
  bench.enter({ date: '2026-11-15' });
  bench.enter({ date: '2026-11-23' });
  expect(idsOf(await entries())).toEqual([first.id, last.id]);
  expect(idsOf(await together(bench.payroll.entries(WEEK, { people: [bench.leo] })))).toEqual([last.id]);
  expect(
    idsOf(await together(bench.payroll.entries(WEEK, { people: [bench.leo, bench.maya] }))),
  ).toHaveLength(2);
  const calls = bench.listCalls().length;
  expect(idsOf(await together(bench.payroll.entries(WEEK, { people: [] })))).toEqual([]);
  expect(bench.listCalls()).toHaveLength(calls);
});

test('who is still at work is shown as such, and has no hours yet', async () => {
  const at = { party_id: bench.leo, date: WORK_DAY };
  const running = bench.sim.clockIn(bench.project, at).id;
  const [seen] = (await entries()).entries;
  expect(seen).toMatchObject({ id: running, inProgress: true, hours: '0' });
  bench.sim.clockOut(running, { hours: '7.5' });
  expect((await entries()).entries).toMatchObject([{ id: running, inProgress: false, hours: '7.5' }]);
});

test('a period of many pages is read to its end, each entry once', async () => {
  await bench.stop();
  bench = await new TimeBench().start({ scanPageSize: 7 });
  const ids = Array.from({ length: 31 }, () => bench.enter().id);
  expect(idsOf(await entries())).toEqual(ids);
  expect(bench.listCalls()).toHaveLength(5);
  expect(bench.listCalls().every(({ per_page: size }) => size?.[0] === '7')).toBe(true);
});

test('a list that loses an entry between two pages is not taken for the whole period', async () => {
  await bench.stop();
  bench = await new TimeBench().start({ scanPageSize: 2 });
  const ids = Array.from({ length: 6 }, () => bench.enter().id);
  const read = async (): Promise<void> => {
    for await (const page of bench.payroll.entries(WEEK)) {
      expect(page.entries).not.toEqual([]);
      bench.sim.deleteTime(ids.shift() ?? 0);
    }
  };
  expect((await failure(read())).code).toBe('PROCORE_LIST_MOVED');
});

test('edits after a reading are found by their time, with those of the minutes before', async () => {
  const [early, edited, untouched] = [bench.enter(), bench.enter(), bench.enter()];
  bench.clock.advance(60 * MINUTE);
  bench.sim.editTime(early.id, { hours: '6.0' });
  bench.clock.advance(3 * MINUTE);
  const checkpoint = now();
  bench.clock.advance(MINUTE);
  bench.sim.editTime(edited.id, { hours: '9.0' });
  const { entries: changed } = await together(bench.payroll.changedEntries(checkpoint, WEEK));
  expect(changed.map(({ id, hours }) => [id, hours])).toEqual([
    [early.id, '6.0'],
    [edited.id, '9.0'],
  ]);
  expect(changed.map(({ id }) => id)).not.toContain(untouched.id);
});

test('a deleted entry leaves the period and is told as deleted, as it last was', async () => {
  const [gone, stays] = [bench.enter({ hours: '5.5' }), bench.enter()];
  bench.clock.advance(60 * MINUTE);
  const checkpoint = now();
  bench.clock.advance(MINUTE);
  bench.sim.deleteTime(gone.id);
  expect(idsOf(await entries())).toEqual([stays.id]);
  const { entries: changed } = await together(bench.payroll.changedEntries(checkpoint, WEEK));
  expect(changed).toMatchObject([{ id: gone.id, hours: '5.5', deletedAt: '2026-11-19T00:01:00.000Z' }]);
  const lastWeek = { begin: '2026-11-09', end: '2026-11-15' };
  expect(idsOf(await together(bench.payroll.changedEntries(checkpoint, lastWeek)))).toEqual([]);
});

test('an entry that was edited and then deleted comes twice, and last as deleted', async () => {
  const one = bench.enter();
  bench.sim.editTime(one.id, { hours: '2.0' });
  const pages = bench.payroll.changedEntries(now(), WEEK);
  const seen: (string | null)[] = [];
  for await (const page of pages) {
    seen.push(...page.entries.map(({ deletedAt }) => deletedAt));
    if (seen.length === 1) bench.sim.deleteTime(one.id);
  }
  expect(seen).toEqual([null, expect.any(String)]);
});

test('an edit moves the date out of the period: by its id it is found', async () => {
  const one = bench.enter();
  bench.sim.editTime(one.id, { date: '2026-11-25' });
  expect(idsOf(await together(bench.payroll.changedEntries(now(), WEEK)))).toEqual([]);
  expect(await bench.payroll.entriesById([one.id])).toMatchObject({ entries: [{ date: '2026-11-25' }] });
});

test('by id: what is there, what is deleted, in progress, and nothing of what never was', async () => {
  const [there, deleted] = [bench.enter(), bench.enter()];
  const running = bench.sim.clockIn(bench.project, { party_id: bench.leo, date: WORK_DAY });
  bench.sim.deleteTime(deleted.id);
  const { entries: found } = await bench.payroll.entriesById([999, deleted.id, there.id, running.id]);
  const outcome = new Map(found.map(({ id, deletedAt }) => [id, deletedAt !== null]));
  expect(outcome).toEqual(
    new Map([
      [there.id, false],
      [running.id, false],
      [deleted.id, true],
    ]),
  );
});

test('many ids cost a call for each hundred', async () => {
  const ids = Array.from({ length: 201 }, () => bench.enter().id);
  const { entries: found } = await bench.payroll.entriesById(ids);
  expect(found.map(({ id }) => id)).toEqual(ids);
  expect(bench.listCalls().map((query) => query['filters[id][]']?.length)).toEqual([100, 100, 1]);
});

test('a company list that shows today only where no dates are given hides nothing', async () => {
  await bench.stop();
  bench = await new TimeBench({ timecardsWithoutDates: 'today' }).start();
  const old = bench.enter({ date: '2026-11-02' }).id;
  bench.sim.editTime(old, { hours: '3.0' });
  const month = { begin: '2026-11-01', end: '2026-11-30' };
  expect(idsOf(await together(bench.payroll.changedEntries(now(), month)))).toEqual([old]);
  await bench.payroll.entriesById([old]);
  expect(bench.sim.requestCount({ operationId: 'RestV10CompaniesCompanyIdTimecardEntriesIdGet' })).toBe(0);
});

describe('what overtime management splits', () => {
  const RULES = { regularTypeId: 1, overtimeTypeId: 2, dailyHours: '8', doubleTypeId: 3, doubleHours: '12' };

  test('is read piece by piece, each once, and together it is what was entered', async () => {
    bench.sim.setOvertimeRules(RULES);
    const one = bench.enter({ hours: '13.25', automatic: true });
    const read = (await entries()).entries.map(({ hours, timeType, splitFrom }) => [
      hours,
      timeType?.name,
      splitFrom,
    ]);
    expect(read).toEqual([
      ['8.0', 'Regular Time', null],
      ['4.0', 'Overtime', one.id],
      ['1.25', 'Double Time', one.id],
    ]);
  });

  test('is read where the list shows pieces within their entry alone, by its id too', async () => {
    await bench.stop();
    bench = await new TimeBench({ timecardPieces: 'within' }).start();
    bench.sim.setOvertimeRules(RULES);
    const one = bench.enter({ hours: '10.0', automatic: true });
    const [, piece] = (await entries()).entries;
    expect(piece).toMatchObject({ hours: '2.0', splitFrom: one.id });
    const ids = [one.id, piece?.id ?? 0];
    expect((await bench.payroll.entriesById(ids)).entries.map(({ id }) => id)).toEqual(ids);
  });

  test('is split anew when its hours change, and the old pieces are told as deleted', async () => {
    bench.sim.setOvertimeRules(RULES);
    const one = bench.enter({ hours: '10.0', automatic: true });
    const [, piece] = (await entries()).entries;
    bench.clock.advance(60 * MINUTE);
    const checkpoint = now();
    bench.sim.editTime(one.id, { hours: '9.5' });
    expect((await entries()).entries.map(({ hours }) => hours)).toEqual(['8.0', '1.5']);
    const { entries: changed } = await together(bench.payroll.changedEntries(checkpoint, WEEK));
    expect(changed.find(({ id }) => id === piece?.id)?.deletedAt).not.toBeNull();
  });
});

test('a number as the origin_id of v1.0 and text of v1.1 stand in no one’s way', async () => {
  const [number, text] = [bench.enter({ origin_id: 17 }), bench.enter({ origin_id: 'k7Q2m' })];
  expect(idsOf(await entries())).toEqual([number.id, text.id]);
});
