import { ClientBench } from '../../../support/procore/client';
import { TimeBench } from '../../../support/procore/timekeeping';

/* People, and what payroll's mapping chooses from. */

describe('of the simulator', () => {
  let bench: TimeBench;
  beforeEach(async () => {
    bench = await new TimeBench().start();
  });
  afterEach(async () => {
    const violations = bench.sim.violations();
    await bench.stop();
    expect(violations).toEqual([]);
  });

  test('the time types that every company has, and its own', async () => {
    const { id } = bench.sim.addTimeType('Shift differential', 'SD');
    const types = await bench.payroll.timeTypes();
    expect(types.map(({ name }) => name)).toEqual([
      'Regular Time',
      'Overtime',
      'Double Time',
      'Salary',
      'PTO',
      'Holiday',
      'Vacation',
      'Exempt',
      'Shift differential',
    ]);
    expect(types.at(-1)?.id).toBe(id);
  });

  test('work classifications', async () => {
    const { id } = bench.sim.addClassification({ name: 'Carpenter journeyman', abbreviation: 'J2' });
    expect(await bench.payroll.workClassifications()).toEqual([
      { id, name: 'Carpenter journeyman', abbreviation: 'J2' },
    ]);
  });

  test('everybody in the directory, inactive people and those who never log in too', async () => {
    const { id: craft } = bench.sim.addClassification({ name: 'Carpenter' });
    bench.sim.editPerson(bench.maya, {
      work_classification_id: craft,
      origin_id: '1|2207',
      email: 'maya@example.com',
    });
    bench.sim.editPerson(bench.leo, { active: false, employee_id: null });
    expect(await bench.payroll.people()).toEqual([
      {
        id: bench.maya,
        firstName: 'Maya',
        lastName: 'Ortiz',
        employeeId: '2207',
        originId: '1|2207',
        isEmployee: true,
        isActive: true,
        workClassificationId: craft,
        userId: null,
        email: 'maya@example.com',
      },
      expect.objectContaining({ id: bench.leo, employeeId: null, originId: null, isActive: false }),
    ]);
  });

  test('a directory of many pages', async () => {
    await bench.stop();
    bench = await new TimeBench().start({ scanPageSize: 10 });
    const added = Array.from({ length: 25 }, (_, n) => bench.sim.addPerson({ last_name: `W${n}` }).id);
    expect((await bench.payroll.people()).map(({ id }) => id)).toEqual([bench.maya, bench.leo, ...added]);
  });

  test('employee numbers and keys of the ERP are written, and nothing else of a person', async () => {
    expect(
      await bench.payroll.writePeople([
        { id: bench.maya, originId: '1|2207' },
        { id: bench.leo, employeeId: null },
      ]),
    ).toEqual([]);
    expect(bench.sim.people()).toMatchObject([
      { employee_id: '2207', origin_id: '1|2207', first_name: 'Maya', is_employee: true, active: true },
      { employee_id: null, origin_id: null },
    ]);
    bench.sim.clearLog();
    expect(await bench.payroll.writePeople([{ id: bench.maya, originId: '1|2207' }])).toEqual([]);
    expect(bench.sim.requestCount({ method: 'PATCH' })).toBe(0);
  });

  test('a name that somebody changed meanwhile stays', async () => {
    await bench.payroll.people();
    bench.sim.editPerson(bench.maya, { last_name: 'Ortiz-Lund' });
    expect(await bench.payroll.writePeople([{ id: bench.maya, employeeId: '3307' }])).toEqual([]);
    expect(bench.sim.people()[0]).toMatchObject({ last_name: 'Ortiz-Lund', employee_id: '3307' });
  });

  test('a key that somebody has is refused for that person alone', async () => {
    bench.sim.editPerson(bench.leo, { origin_id: '1|2207' });
    const errors = await bench.payroll.writePeople([
      { id: bench.maya, originId: '1|2207' },
      { id: bench.leo, employeeId: '2299' },
      { id: 999, employeeId: '1' },
    ]);
    expect(errors.map(({ key }) => key)).toEqual([String(bench.maya), '999']);
    expect(errors[0]?.messages).toEqual(['origin_id: has already been taken']);
    expect(bench.sim.people()).toMatchObject([{ origin_id: null }, { employee_id: '2299' }]);
  });

  test('nothing to write asks nothing', async () => {
    bench.sim.clearLog();
    expect(await bench.payroll.writePeople([])).toEqual([]);
    expect(bench.sim.requestLog()).toEqual([]);
  });
});

describe('of any server', () => {
  let bench: ClientBench;
  beforeAll(async () => {
    bench = await new ClientBench().start();
  });
  afterAll(() => bench.stop());
  beforeEach(() => {
    bench.server.received.splice(0);
    bench.logged.splice(0);
  });

  test('what a person does not show is unknown, not empty', async () => {
    bench.server.script = () => ({ body: [{ id: 5, last_name: 'Ortiz' }] });
    expect(await bench.company().payroll.people()).toEqual([{ id: 5, firstName: null, lastName: 'Ortiz' }]);
  });

  test('what cannot be read of a person is unknown, and logged without the value', async () => {
    bench.server.script = () => ({
      body: [
        { id: 5, last_name: 'Ortiz', employee_id: { n: '078051120' }, is_employee: 'yes', origin_id: '1|5' },
      ],
    });
    expect(await bench.company().payroll.people()).toEqual([
      { id: 5, firstName: null, lastName: 'Ortiz', originId: '1|5' },
    ]);
    const [line] = bench.logged.filter((text) => text.includes('person 5'));
    expect(line).toContain('person 5: employee_id');
    expect(line).not.toContain('078051120');
  });

  test('an employee number that was sent as a number is read as text', async () => {
    bench.server.script = () => ({ body: [{ id: 5, last_name: 'Ortiz', employee_id: 2207 }] });
    expect(await bench.company().payroll.people()).toMatchObject([{ employeeId: '2207' }]);
  });

  test('a write that Procore answers and does not keep is an error', async () => {
    bench.server.script = ({ method }) =>
      method === 'PATCH' ? { body: {} } : { body: [{ id: 5, last_name: 'Ortiz', employee_id: '22' }] };
    expect(await bench.company().payroll.writePeople([{ id: 5, employeeId: '2207' }])).toEqual([
      { key: '5', messages: ['employee_id: Procore has "22"'] },
    ]);
    expect(bench.server.received[1]?.body).toEqual({ person: { last_name: 'Ortiz', employee_id: '2207' } });
  });
});
