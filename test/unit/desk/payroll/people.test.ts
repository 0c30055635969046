import { assertPayrollClerk } from '../../../../src/desk/payroll/clerks';
import { verifyAudit } from '../../../../src/desk/audit/verify';
import { TiebackError } from '../../../../src/domain/base/errors';
import { decidePerson } from '../../../../src/desk/payroll/people';
import { employee, person } from '../../domain/payroll/people';
import { accepting, MARIA, NOW, PeopleKit, undoing } from './people-kit';

const MAYA = person(7, 'Maya Ortiz');
const LEO = person(8, 'Leo Brandt');
const E501 = employee('501', 'Maya Ortiz', { craft: 'CARP', class: 'J2' });
const E502 = employee('502', 'Leo Brandt', { craft: 'LABR', class: 'J1' });
const SIDES = { people: [MAYA, LEO], employees: [E501, E502] };

let kit: PeopleKit;
beforeEach(async () => {
  kit = await new PeopleKit().open();
});
afterEach(() => kit.store.close());

test('what is accepted is kept with what Procore is to be told, and the log names person, employee and who decided', async () => {
  await kit.decide(accepting(MAYA, E501), SIDES, { comment: 'asked her' });
  expect(await kit.rows()).toMatchObject([
    {
      ...{ personId: 7, employeeKey: '1|501', state: 'to_write', decidedBy: MARIA.by },
      toWrite: { employeeId: '501', originId: '1|501', workClassificationId: 31 },
      before: { employeeId: null, originId: null, workClassificationId: null },
    },
  ]);
  expect(await kit.entries()).toMatchObject([
    {
      ...{ action: 'person.matched', actor: MARIA.by, subject: 'person/7' },
      detail: { employee: '1|501', comment: 'asked her', channel: 'cli' },
    },
  ]);
  expect(JSON.stringify(await kit.entries())).not.toContain('Ortiz');
  expect((await verifyAudit(kit.store, { connectionId: 'acme', ledger: 'not asked' })).findings).toEqual([]);
});

test('a number that Procore has already stays as it is written, and a class with two classifications names none', async () => {
  const leo = { ...LEO, employeeId: '0502' };
  const { toWrite } = await kit.decide(accepting(leo, E502), { ...SIDES, people: [MAYA, leo] });
  expect(toWrite).toEqual({ originId: '1|502' });
});

test('either side changed since it was looked at', async () => {
  const renamed = { ...SIDES, people: [{ ...MAYA, lastName: 'Lund' }, LEO] };
  await expect(kit.decide(accepting(MAYA, E501), renamed)).rejects.toMatchObject({ code: 'PAIR_CHANGED' });
  const left = { ...SIDES, employees: [{ ...E501, isActive: false }, E502] };
  await expect(kit.decide(accepting(MAYA, E501), left)).rejects.toMatchObject({ code: 'PAIR_CHANGED' });
  expect([await kit.rows(), await kit.entries()]).toEqual([[], []]);
});

test.each([
  [
    'the employee is somebody else by now',
    accepting(LEO, E501),
    'EMPLOYEE_MATCHED',
    /Maya Ortiz \(7\) of Procore/,
  ],
  ['the person is somebody else by now', accepting(MAYA, E502), 'PERSON_MATCHED', /is employee 501 already/],
  ['the same again', accepting(MAYA, E501), 'PERSON_MATCHED', /is employee 501 already/],
])('%s: refused', async (_what, answer, code, message) => {
  await kit.decide(accepting(MAYA, E501), SIDES);
  await expect(kit.decide(answer, SIDES)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message) as string,
  });
  expect(await kit.rows()).toHaveLength(1);
  expect(await kit.entries()).toHaveLength(1);
});

test('of two who accept at the same time for one employee, one is refused', async () => {
  const outcomes = await Promise.allSettled([
    kit.decide(accepting(MAYA, E501), SIDES),
    kit.decide(accepting(LEO, E501), SIDES),
  ]);
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { code: 'EMPLOYEE_MATCHED' },
  });
  expect(await kit.rows()).toHaveLength(1);
});

test.each([
  ['by number', { ...LEO, employeeId: '501' }, MAYA, 'EMPLOYEE_MATCHED'],
  ['by key', { ...LEO, originId: '1|501' }, MAYA, 'EMPLOYEE_MATCHED'],
  ['themselves by number', LEO, { ...MAYA, employeeId: '502' }, 'PERSON_MATCHED'],
  ['themselves by this key', LEO, { ...MAYA, originId: '1|501' }, 'PERSON_MATCHED'],
  ['by a key of another integration', LEO, { ...MAYA, originId: 'hr-99' }, 'ORIGIN_ID_TAKEN'],
])('whom Procore has %s is not accepted against it', async (_how, leo, maya, code) => {
  const sides = { ...SIDES, people: [maya, leo] };
  await expect(kit.decide(accepting(maya, E501), sides)).rejects.toMatchObject({ code });
});

test('what is not there, payroll that is not kept, and an ERP that is away', async () => {
  const answer = accepting(MAYA, E501);
  const code = (sides: Parameters<PeopleKit['decide']>[1]) =>
    kit.decide(answer, sides).catch((error: unknown) => (error as { code: string }).code);
  expect(await code({ ...SIDES, people: [LEO] })).toBe('RECORD_UNKNOWN');
  expect(await code({ ...SIDES, employees: [E502] })).toBe('RECORD_UNKNOWN');
  expect(await code(null)).toBe('NO_PAYROLL');
  const away = decidePerson(
    {
      store: kit.store,
      sides: () => Promise.reject(new TiebackError('ERP_UNREACHABLE', { reason: 'connection refused' })),
      now: () => NOW,
    },
    { connectionId: 'acme', answer, comment: '' },
    MARIA,
  );
  await expect(away).rejects.toMatchObject({
    code: 'SIDES_UNREAD',
    message: expect.stringContaining('connection refused') as string,
  });
});

test('what is taken back is free again, for exactly what was looked at', async () => {
  await expect(kit.decide(undoing(7, '1|501'), null)).rejects.toMatchObject({ code: 'PERSON_NOT_MATCHED' });
  await kit.decide(accepting(MAYA, E501), SIDES);
  await expect(kit.decide(undoing(7, '1|502'), null)).rejects.toMatchObject({ code: 'PAIR_CHANGED' });
  await kit.decide(undoing(7, '1|501'), null);
  expect(await kit.rows()).toMatchObject([{ personId: 7, state: 'to_undo' }]);
  expect((await kit.entries()).map(({ action }) => action)).toEqual(['person.matched', 'person.unmatched']);
  await expect(kit.decide(undoing(7, '1|501'), null)).rejects.toMatchObject({ code: 'PERSON_NOT_MATCHED' });
  await kit.decide(accepting(LEO, E501), SIDES);
  expect(await kit.rows()).toMatchObject([
    { personId: 7, state: 'to_undo' },
    { personId: 8, employeeKey: '1|501', state: 'to_write' },
  ]);
});

test('who is accepted again before Procore was cleared keeps what Procore had at first', async () => {
  await kit.decide(accepting({ ...MAYA, employeeId: '77' }, E501), {
    ...SIDES,
    people: [{ ...MAYA, employeeId: '77' }, LEO],
  });
  await kit.decide(undoing(7, '1|501'), null);
  const written = { ...MAYA, employeeId: '501', originId: '1|501', workClassificationId: 31 };
  const again = await kit.decide(accepting(written, E501), { ...SIDES, people: [written, LEO] });
  expect(again).toMatchObject({ state: 'to_write', before: { employeeId: '77', originId: null } });
});

test('a row that nobody decided counts for nothing', async () => {
  await kit.decide(accepting(MAYA, E501), SIDES);
  const [row] = await kit.rows();
  const forge = (more: object): Promise<void> =>
    kit.store.transaction('forge', 'acme', async (t) => {
      if (row !== undefined) t.payrollPeople.put('acme', { ...row, ...more });
    });
  await forge({ personId: 8 });
  expect(await kit.rows()).toMatchObject([{ personId: 7 }]);
  await forge({ employeeKey: '1|502' });
  expect(await kit.rows()).toEqual([]);
  await forge({ toWrite: { employeeId: '502', originId: '1|501' } });
  expect(await kit.rows()).toEqual([]);
  await forge({ state: 'undone' });
  expect(await kit.rows()).toEqual([]);
  await forge({});
  expect(await kit.rows()).toHaveLength(1);
});

test('only approvers of the connection decide', () => {
  const connection = { policy: { approvers: [{ id: MARIA.by }] } };
  expect(() => assertPayrollClerk(connection, 'acme', MARIA.by)).not.toThrow();
  expect(() => assertPayrollClerk(connection, 'acme', 'eve')).toThrow(/no approver/);
  expect(() => assertPayrollClerk(undefined, 'acme', MARIA.by)).toThrow(/no connection "acme"/);
});
