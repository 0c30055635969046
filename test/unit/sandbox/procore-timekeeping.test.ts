import type { JsonObject } from '../../../sandbox/procore-simulator/json';
import { ProcoreSimulator } from '../../../sandbox/procore-simulator/simulator';
import type { Answer } from '../../server/sandbox/support/procore-client';
import { Bench, COMPANY, COMPANY_PATH } from '../../server/sandbox/support/procore-client';

/* Timekeeping as Procore documents it (OpenAPI; support pages on timesheets). */

const TODAY = '2026-03-09';

let bench: Bench;
let project: number;
let maya: number;
beforeEach(async () => {
  bench = await new Bench({ webhooks: { delivery: 'manual', requireHttps: false } }).start();
  project = bench.sim.seedProject({ name: 'Eastgate' }).id;
  maya = bench.sim.addPerson({ first_name: 'Maya', last_name: 'Ortiz', employee_id: '2207' }).id;
});
afterEach(async () => {
  const violations = bench.sim.violations();
  await bench.stop();
  expect(violations).toEqual([]);
});

const ENTRIES = `${COMPANY_PATH}/timecard_entries`;
const ofProject = (tail = 'timecard_entries'): string => `/rest/v1.0/projects/${project}/${tail}`;
const enter = (more: JsonObject = {}) =>
  bench.sim.enterTime(project, { party_id: maya, date: TODAY, hours: '8.0', ...more });
const rows = (answer: Answer): JsonObject[] => {
  expect(answer.status).toBe(200);
  return answer.body as JsonObject[];
};
const ids = async (path: string): Promise<unknown[]> =>
  rows(await bench.call('GET', path)).map(({ id }) => id);
const patch = (id: number, fields: JsonObject): Promise<Answer> =>
  bench.call('PATCH', `${ENTRIES}/${id}`, {
    project_id: project,
    timecard_entry: { date: TODAY, ...fields },
  });
const patchInProject = (id: number, fields: JsonObject): Promise<Answer> =>
  bench.call('PATCH', ofProject(`timecard_entries/${id}`), { timecard_entry: fields });
const status = (id: number): string => bench.sim.timecardEntry(id).approval_status;

describe('who may edit', () => {
  test('pending and reviewed: the project and the company', async () => {
    const { id } = enter();
    expect((await patchInProject(id, { hours: '7.0' })).status).toBe(200);
    bench.sim.reviewEntries([id]);
    expect((await patchInProject(id, { hours: '7.5' })).status).toBe(200);
    expect((await patch(id, { hours: '7.75' })).status).toBe(200);
    expect(bench.sim.timecardEntry(id)).toMatchObject({ hours: '7.75', approval_status: 'reviewed' });
  });

  test('approved: the company only, and nobody deletes it', async () => {
    const { id } = enter();
    bench.sim.approveTimesheet(project, TODAY);
    expect(status(id)).toBe('approved');
    expect((await patchInProject(id, { hours: '7.0' })).status).toBe(403);
    expect((await patch(id, { hours: '7.0' })).status).toBe(200);
    expect((await bench.call('DELETE', `${ENTRIES}/${id}`)).status).toBe(400);
    expect(() => bench.sim.editTime(id, { hours: '1' })).toThrow(/company's Timesheets/);
    expect(() => bench.sim.deleteTime(id, { side: 'company' })).toThrow(/cannot be deleted/);
    expect(bench.sim.timecardEntry(id)).toMatchObject({ hours: '7.0', deleted_at: null });
  });

  test('completed: set back first, from the company, and only then edited', async () => {
    const { id } = enter();
    bench.sim.completeEntries([id]);
    expect((await patch(id, { hours: '7.0' })).status).toBe(422);
    expect((await patch(id, { hours: '7.0', approval_status: 'approved' })).status).toBe(422);
    expect((await patchInProject(id, { hours: '7.0' })).status).toBe(403);
    expect((await patch(id, { approval_status: 'approved' })).status).toBe(200);
    expect((await patch(id, { hours: '7.0' })).status).toBe(200);
    bench.sim.completeEntries([id]);
    bench.sim.reopenEntries([id], 'pending');
    expect(bench.sim.deleteTime(id).deleted_at).not.toBeNull();
  });

  test('the project cannot complete, and a status that does not exist is refused', async () => {
    const { id } = enter();
    expect(() => bench.sim.editTime(id, { approval_status: 'completed' })).toThrow(/company's Timesheets/);
    expect(() => bench.sim.editTime(id, { approval_status: 'paid' })).toThrow(/not included/);
    expect(status(id)).toBe('pending');
  });
});

test('update_approval takes pending and approved, and leaves what payroll completed', async () => {
  const [one, paid] = [enter().id, enter().id];
  bench.sim.completeEntries([paid]);
  const sheet = bench.sim.timecardEntry(one)['timesheet_id'];
  const approve = (wanted: string): Promise<Answer> =>
    bench.call('PATCH', ofProject('timesheets/update_approval'), {
      timesheets: [{ id: sheet, status: wanted }],
    });
  expect(await approve('approved')).toMatchObject({ status: 200, body: { id: sheet, status: 'approved' } });
  expect([status(one), status(paid)]).toEqual(['approved', 'completed']);
  expect((await approve('completed')).status).toBe(400);
  expect((await approve('pending')).status).toBe(200);
  expect([status(one), status(paid)]).toEqual(['pending', 'completed']);
  expect((await bench.call('GET', ofProject('timesheets/1'))).status).toBe(404);
});

test('one set of values for many entries; those that cannot be changed are left out', async () => {
  const [one, two, paid] = [enter().id, enter().id, enter().id];
  bench.sim.completeEntries([paid]);
  const update = (body: JsonObject): Promise<Answer> =>
    bench.call('PATCH', `${COMPANY_PATH}/timesheets`, body);
  const updates = [one, two, paid].map((id) => ({ id }));
  const answer = await update({ description: 'Rain', updates });
  const { updated_timecard_entries: updated } = answer.body as { updated_timecard_entries: JsonObject[] };
  expect(updated.map(({ id, description }) => [id, description])).toEqual([
    [one, 'Rain'],
    [two, 'Rain'],
  ]);
  expect((await update({ approval_status: 'reviewed', updates: [{ id: paid }] })).status).toBe(200);
  expect(status(paid)).toBe('reviewed');
  expect((await update({ updates: [] })).status).toBe(200);
});

describe('lists', () => {
  test('the project shows today, a log date or a range; the old list seven days', async () => {
    const [now, before, old] = [
      enter().id,
      enter({ date: '2026-03-05' }).id,
      enter({ date: '2026-02-20' }).id,
    ];
    expect(await ids(ofProject())).toEqual([now]);
    expect(await ids(`${ofProject()}?log_date=2026-02-20`)).toEqual([old]);
    expect(await ids(`${ofProject()}?start_date=2026-02-20&end_date=2026-03-05`)).toEqual([before, old]);
    expect(await ids(`/rest/v1.0/timecard_entries?project_id=${project}`)).toEqual([now, before]);
  });

  test('the company shows all projects, and entries in progress only to who asks', async () => {
    const other = bench.sim.seedProject({ name: 'Pier 7' }).id;
    const [here, there] = [
      enter().id,
      bench.sim.enterTime(other, { party_id: maya, date: TODAY, hours: '1' }).id,
    ];
    const running = bench.sim.clockIn(project, { party_id: maya, date: TODAY }).id;
    expect(await ids(ENTRIES)).toEqual([here, there]);
    expect(await ids(`${ENTRIES}?filters[include_in_progress]=true`)).toEqual([here, there, running]);
    expect(await ids(`${ENTRIES}?filters[in_progress_only]=true`)).toEqual([running]);
    expect(await ids(`${ENTRIES}?filters[id]=[${here},${running}]`)).toEqual([here]);
    expect((await bench.call('GET', `${ENTRIES}?start_date=9.3.2026`)).status).toBe(400);
    expect((await bench.call('GET', `${ENTRIES}?serializer_view=ids_only`)).status).toBe(501);
  });

  test('what is deleted shows by filters[deleted_at] alone, and not by its id', async () => {
    const [gone, stays] = [enter().id, enter().id];
    bench.clock.advance(1000);
    bench.sim.deleteTime(gone);
    const range = '2026-03-09T00:00:00Z...2026-03-10T00:00:00Z';
    expect(await ids(ENTRIES)).toEqual([stays]);
    expect(await ids(`${ENTRIES}?filters[updated_at]=${range}`)).toEqual([stays]);
    expect(await ids(`${ENTRIES}?filters[deleted_at]=${range}`)).toEqual([gone]);
    expect((await bench.call('GET', `${ENTRIES}/${gone}`)).status).toBe(404);
    const [deleted] = rows(await bench.call('GET', `${ENTRIES}?filters[deleted_at]=${range}`));
    expect(deleted?.['deleted_at']).toBe('2026-03-09T15:00:01Z');
  });

  test('the company door shows neither work classification nor WBS code', async () => {
    const { id: craft } = bench.sim.addClassification({ name: 'Carpenter' });
    enter({ work_classification_id: craft });
    const [entry] = rows(await bench.call('GET', ENTRIES));
    expect(Object.keys(entry ?? {})).not.toEqual(expect.arrayContaining(['work_classification_id']));
    expect(Object.keys(entry ?? {})).toEqual(
      expect.arrayContaining(['approval_status', 'in_progress', 'party']),
    );
  });

  test('the grid has a row a worker of the current week', async () => {
    const leo = bench.sim.addPerson({ last_name: 'Brandt' }).id;
    const [one, two] = [enter().id, enter({ party_id: leo, date: '2026-03-15' }).id];
    enter({ date: '2026-03-16' });
    const grid = rows(await bench.call('GET', `${COMPANY_PATH}/timesheets`));
    expect(
      grid.map(({ party, timecard_entries: entries }) => [
        (party as JsonObject)['name'],
        (entries as JsonObject[]).map(({ id }) => id),
      ]),
    ).toEqual([
      ['Maya Ortiz', [one]],
      ['Brandt', [two]],
    ]);
  });

  test('timesheets of a project with their entries, begun or found by their date', async () => {
    const one = enter();
    const begun = await bench.call('POST', ofProject('timesheets'), { timesheet: { date: '2026-03-10' } });
    expect(begun).toMatchObject({ status: 201, body: { date: '2026-03-10', status: 'pending' } });
    const list = await bench.call('GET', `${ofProject('timesheets')}?filters[date]=${TODAY}...${TODAY}`);
    expect(rows(list)).toMatchObject([{ date: TODAY, number: 1, timecard_entries: [{ id: one.id }] }]);
  });
});

test('changes are kept column by column, with old and new', async () => {
  const { id } = enter();
  bench.clock.advance(60_000);
  bench.sim.editTime(id, { hours: '7.5', description: 'Left early' });
  const history = rows(await bench.call('GET', `${ENTRIES}/${id}/change_history`));
  expect(history).toMatchObject([
    { column: 'hours', old_value: '8.0', new_value: '7.5', created_at: '2026-03-09T15:01:00Z' },
    { column: 'description', old_value: null, new_value: 'Left early' },
  ]);
});

test('an edit removes the signature', async () => {
  const { id } = enter({ procore_signature_id: 5 });
  expect((await bench.call('GET', `${ENTRIES}/${id}`)).body).toMatchObject({ procore_signature: { id: 5 } });
  bench.sim.completeEntries([id]);
  expect((await bench.call('GET', `${ENTRIES}/${id}`)).body).toMatchObject({ procore_signature: { id: 5 } });
  bench.sim.reopenEntries([id], 'pending');
  bench.sim.editTime(id, { hours: '7' });
  expect((await bench.call('GET', `${ENTRIES}/${id}`)).body).toMatchObject({ procore_signature: null });
});

describe('through the API', () => {
  test('the company door creates, shows and deletes', async () => {
    const timecard = { date: TODAY, hours: '4.0', party_id: maya, origin_id: 17, origin_data: 'ours' };
    const made = await bench.call('POST', ENTRIES, { project_id: project, timecard_entry: timecard });
    expect(made).toMatchObject({
      status: 201,
      body: { hours: '4.0', origin_id: 17, approval_status: 'pending' },
    });
    const { id } = made.body as { id: number };
    expect((await bench.call('DELETE', `${ENTRIES}/${id}`)).status).toBe(204);
    const unknown = { ...timecard, party_id: 1, hours: '8:15' };
    const refused = await bench.call('POST', ENTRIES, { project_id: project, timecard_entry: unknown });
    expect(refused).toMatchObject({
      status: 422,
      body: { errors: { party_id: ['must exist'], hours: ['is not a number'] } },
    });
  });

  test('v1.1 creates up to 25 in one transaction, with text as origin_id', async () => {
    const bulk = (entries: JsonObject[]): Promise<Answer> =>
      bench.call('POST', `/rest/v1.1/projects/${project}/project_timecard_entries/bulk_create`, {
        timecard_entries: entries,
      });
    const { id: craft } = bench.sim.addClassification({ name: 'Carpenter' });
    const entry = { project_id: project, date: TODAY, hours: '8.0', party_id: maya };
    const made = await bulk([
      { ...entry, origin_id: 'k7Q2m', work_classification_id: craft, custom_field_9: 'per diem' },
      { ...entry, origin_id: '18' },
    ]);
    expect(made).toMatchObject({
      status: 201,
      body: {
        timecard_entries: [{ origin_id: 'k7Q2m', work_classification_id: craft }, { origin_id: '18' }],
      },
    });
    const seen = rows(await bench.call('GET', ENTRIES));
    expect(seen.map(({ origin_id: originId }) => originId)).toEqual([null, 18]);
    expect(seen[0]?.['custom_fields']).toMatchObject({ custom_field_9: { value: 'per diem' } });
    expect((await bulk([entry, { ...entry, party_id: 1 }])).status).toBe(422);
    expect((await bulk(Array.from({ length: 26 }, () => entry))).status).toBe(422);
    expect(bench.sim.timecardEntries()).toHaveLength(2);
  });

  test('overtime rules pick the time type where a call wants them to', async () => {
    bench.sim.setOvertimeRules({ regularTypeId: 1, overtimeTypeId: 2, dailyHours: '8' });
    enter({ hours: '5.0' });
    const timecard = {
      date: TODAY,
      hours: '6.5',
      party_id: maya,
      set_timecard_time_type_automatically: true,
    };
    const made = await bench.call('POST', ENTRIES, { project_id: project, timecard_entry: timecard });
    expect(made.body).toMatchObject({
      hours: '3.0',
      timecard_time_type: { time_type: 'Regular Time' },
      automatically_split_timecard_entries: [{ hours: '3.5', timecard_time_type: { time_type: 'Overtime' } }],
    });
    const { id } = made.body as { id: number };
    const again = await patch(id, { set_timecard_time_type_automatically: true });
    expect(again.body).toMatchObject({
      hours: '3.0',
      automatically_split_timecard_entries: [{ hours: '3.5' }],
    });
  });

  test('a webhook tells of each new, changed and deleted entry', async () => {
    const hook = await bench.call('POST', '/rest/v1.0/webhooks/hooks', {
      company_id: COMPANY,
      hook: { api_version: 'v2', namespace: 'tieback', destination_url: 'http://127.0.0.1:9/hook' },
    });
    const { id: hookId } = hook.body as { id: number };
    for (const event of ['create', 'update', 'delete']) {
      await bench.call('POST', `/rest/v1.0/webhooks/hooks/${hookId}/triggers`, {
        company_id: COMPANY,
        api_version: 'v2',
        trigger: { resource_name: 'Timecard Entries', event_type: event },
      });
    }
    const { id } = enter();
    bench.sim.editTime(id, { hours: '7.0' });
    bench.sim.deleteTime(id);
    const told = bench.sim.deliveries().map(({ payload }) => [payload['event_type'], payload['resource_id']]);
    expect(told).toEqual([
      ['create', id],
      ['update', id],
      ['delete', id],
    ]);
  });
});

describe('the directory', () => {
  const PEOPLE = `${COMPANY_PATH}/people`;
  const USERS = `/rest/v1.3/companies/${COMPANY}/users`;

  test('people are created and changed; an origin_id is one person’s', async () => {
    const made = await bench.call('POST', PEOPLE, {
      person: { first_name: 'Leo', last_name: 'Brandt', origin_id: '1|9' },
    });
    expect(made).toMatchObject({
      status: 201,
      body: { last_name: 'Brandt', contact: { is_active: true }, user_id: null },
    });
    const change = { last_name: 'Ortiz', origin_id: '1|9' };
    expect((await bench.call('PATCH', `${PEOPLE}/${maya}`, { person: change })).status).toBe(409);
    const free = { last_name: 'Ortiz', origin_id: '1|2207', active: false };
    expect((await bench.call('PATCH', `${PEOPLE}/${maya}`, { person: free })).body).toMatchObject({
      origin_id: '1|2207',
      contact: { is_active: false },
    });
    expect(await ids(`${PEOPLE}?filters[is_employee]=true`)).toEqual([maya]);
    expect(await ids(`${PEOPLE}?filters[search]=brand`)).toHaveLength(1);
  });

  test('a user is a person too; an e-mail address is one user’s; creating does not invite', async () => {
    const user = {
      first_name: 'Ann',
      last_name: 'Reed',
      email_address: 'ann@example.com',
      is_employee: true,
    };
    const made = await bench.call('POST', USERS, { user: { ...user, employee_id: '31', origin_id: 'u|31' } });
    expect(made).toMatchObject({ status: 201, body: { name: 'Ann Reed', is_active: true } });
    const { id } = made.body as { id: number };
    expect((await bench.call('POST', USERS, { user })).status).toBe(409);
    expect((await bench.call('PATCH', `${USERS}/${id}/invite`)).status).toBe(202);
    expect(await ids(`${USERS}?filters[origin_id]=u|31`)).toEqual([id]);
    expect(await ids(`${PEOPLE}?filters[without_reference_users]=true`)).toHaveLength(1);
    const synced = await bench.call('PATCH', `${USERS}/sync`, {
      updates: [{ id, employee_id: '32' }, { id: 1 }],
    });
    expect(synced.body).toMatchObject({ entities: [{ employee_id: '32' }], errors: [{ id: 1 }] });
    const person = bench.sim.people().find(({ user_id: userId }) => userId === id);
    expect(person).toMatchObject({ name: 'Ann Reed', employee_id: '32', is_employee: true });
  });

  test('classifications, crews, time types of a project, and how Timesheets are configured', async () => {
    const made = await bench.call('POST', `${COMPANY_PATH}/work_classifications`, {
      work_classification: { name: 'Carpenter', abbreviation: 'CARP' },
    });
    expect(made).toMatchObject({ status: 201, body: { name: 'Carpenter', company_id: COMPANY } });
    expect(await ids(ofProject('work_classifications'))).toHaveLength(1);
    const crew = { name: 'Form crew', lead_party_id: maya, party_ids: [maya] };
    expect(await bench.call('POST', ofProject('crews'), { crew })).toMatchObject({
      status: 201,
      body: { lead_party: { employee_id: '2207' }, members: [{ id: maya }] },
    });
    expect(rows(await bench.call('GET', ofProject('crews')))).toMatchObject([{ name: 'Form crew' }]);
    const types = rows(await bench.call('GET', `/rest/v1.0/timecard_time_types?project_id=${project}`));
    expect(types[0]).toEqual({ id: 1, time_type: 'Regular Time', abbreviated_time_type: 'RT', global: true });
    bench.sim.setRounding({ time_increment: 15, rule: 'nearest' });
    bench.sim.setTimeBudgetDefaults({ erp_default_line_item_type_id: 71 });
    expect((await bench.call('GET', `${COMPANY_PATH}/rounding_configuration`)).body).toMatchObject({
      time_increment: 15,
      rule: 'nearest',
    });
    const path = `${COMPANY_PATH}/timesheets/timesheet_to_budget_configuration`;
    expect((await bench.call('GET', path)).body).toMatchObject({ erp_default_line_item_type_id: 71 });
  });
});

test('people of another process act the same, and a later simulator goes on', async () => {
  const { id } = await bench.control.enterTime(project, { party_id: maya, date: TODAY, hours: '8.0' });
  await expect(bench.control.editTime(id, { hours: 'x' })).rejects.toThrow(/hours is not a number/);
  const later = new ProcoreSimulator();
  later.restore(bench.sim.save());
  expect(later.timecardEntry(id)).toMatchObject({ hours: '8.0', party_id: maya });
  expect(later.people()).toMatchObject([{ name: 'Maya Ortiz' }]);
});
