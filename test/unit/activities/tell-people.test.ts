import type { ActivityDeps, ConnectionParts } from '../../../src/activities';
import type { ToldPeople } from '../../../src/activities/payroll/tell-people';
import { tellPeopleActivities } from '../../../src/activities/payroll/tell-people';
import type { AcceptedPerson } from '../../../src/domain/payroll/accepted-person';
import type { Employee } from '../../../src/domain/payroll/employee';
import type { ProcorePayroll } from '../../../src/procore/payroll/port';
import { TimeBench } from '../../support/procore/timekeeping';
import { accepting, NOW, PeopleKit, undoing } from '../desk/payroll/people-kit';
import { employee } from '../domain/payroll/people';

/* What people accepted goes to Procore: at least once, with the effect of once. */

const MAYA_ORTIZ = employee('501', 'Maya Ortiz', { craft: 'CARP', class: 'J2' });
const LEO_BRANDT = employee('502', 'Leo Brandt');

let kit: PeopleKit;
let bench: TimeBench;
let carpenter: number;
beforeEach(async () => {
  kit = await new PeopleKit().open();
  bench = await new TimeBench().start();
  carpenter = bench.sim.addClassification({ name: 'Carpenter' }).id;
  for (const id of [bench.maya, bench.leo]) bench.sim.editPerson(id, { employee_id: null });
  bench.sim.clearLog();
});
afterEach(async () => {
  const violations = bench.sim.violations();
  await bench.stop();
  await kit.store.close();
  expect(violations).toEqual([]);
});

async function accept(id: number, of: Employee): Promise<AcceptedPerson> {
  const people = await bench.payroll.people();
  const person = people.find((one) => one.id === id);
  if (person === undefined) throw new Error('nobody');
  const mapping = { workClassifications: { [carpenter]: { craft: 'CARP', class: 'J2' } } };
  return kit.decide(accepting(person, of), { people, employees: [MAYA_ORTIZ, LEO_BRANDT] }, { mapping });
}

const tell = (payroll: ProcorePayroll = bench.payroll): Promise<ToldPeople> => {
  const connection = { id: 'acme', procore: { payroll } } as unknown as ConnectionParts;
  const connections = new Map([['acme', connection]]);
  const deps = { store: kit.store, connections, now: () => NOW } as unknown as ActivityDeps;
  return tellPeopleActivities(deps).tellPeople({ connectionId: 'acme' });
};
const shown = (): readonly (readonly unknown[])[] =>
  bench.sim.people().map((one) => [one['employee_id'], one['origin_id'], one['work_classification_id']]);
const states = async (): Promise<readonly string[]> => (await kit.rows()).map(({ state }) => state);
const told = async (): Promise<readonly unknown[]> =>
  (await kit.entries()).filter(({ action }) => action === 'person.told').map(({ detail }) => detail);
const writes = (): number => bench.sim.requestCount({ method: 'PATCH' });

test('number, key and classification are written, the log tells it, and nothing is written twice', async () => {
  await accept(bench.maya, MAYA_ORTIZ);
  expect(await tell()).toEqual({ told: 1, refused: 0 });
  expect(shown()).toEqual([
    ['501', '1|501', carpenter],
    [null, null, null],
  ]);
  expect(await states()).toEqual(['written']);
  expect(await told()).toEqual([{ employee: '1|501', state: 'written', reason: null }]);
  bench.sim.clearLog();
  expect(await tell()).toEqual({ told: 0, refused: 0 });
  expect(bench.sim.requestLog()).toEqual([]);
  expect(await told()).toHaveLength(1);
});

test('whom Procore shows so already, nothing is written for', async () => {
  bench.sim.editPerson(bench.leo, { employee_id: '0502' });
  await accept(bench.leo, LEO_BRANDT);
  bench.sim.editPerson(bench.leo, { origin_id: '1|502' });
  expect(await tell()).toEqual({ told: 1, refused: 0 });
  expect(writes()).toBe(0);
  expect(shown()[1]).toEqual(['0502', '1|502', null]);
});

test('an answer that is lost: the next try finds it done, and tells it once', async () => {
  await accept(bench.maya, MAYA_ORTIZ);
  await accept(bench.leo, LEO_BRANDT);
  bench.sim.addFault({ kind: 'drop-reply', match: { method: 'PATCH' }, times: 20 });
  await expect(tell()).rejects.toThrow();
  expect(await states()).toEqual(['to_write', 'to_write']);
  expect(shown()[0]).toEqual(['501', '1|501', carpenter]);
  bench.sim.clearFaults();
  bench.sim.clearLog();
  expect(await tell()).toEqual({ told: 2, refused: 0 });
  expect(writes()).toBe(1);
  expect(shown()[1]).toEqual(['502', '1|502', null]);
  expect(await told()).toHaveLength(2);
});

test('what Procore refuses is kept with its words, alone, and may be accepted again', async () => {
  await accept(bench.maya, MAYA_ORTIZ);
  await accept(bench.leo, LEO_BRANDT);
  bench.sim.addPerson({ last_name: 'Impostor', origin_id: '1|501', is_employee: false });
  expect(await tell()).toEqual({ told: 1, refused: 1 });
  expect(await kit.rows()).toMatchObject([
    { personId: bench.maya, state: 'refused', reason: 'origin_id: has already been taken' },
    { personId: bench.leo, state: 'written', reason: null },
  ]);
  expect(await tell()).toEqual({ told: 0, refused: 0 });
  const impostor = bench.sim.people().at(-1)?.id ?? 0;
  bench.sim.editPerson(impostor, { origin_id: null });
  await accept(bench.maya, MAYA_ORTIZ);
  expect(await tell()).toEqual({ told: 1, refused: 0 });
  expect(shown()[0]).toEqual(['501', '1|501', carpenter]);
});

test('another number that Procore got meanwhile is not overwritten', async () => {
  await accept(bench.maya, MAYA_ORTIZ);
  bench.sim.editPerson(bench.maya, { employee_id: '777' });
  expect(await tell()).toEqual({ told: 0, refused: 1 });
  expect(await kit.rows()).toMatchObject([
    { state: 'refused', reason: 'Procore has employee number 777 for them' },
  ]);
  expect(writes()).toBe(0);
});

test('what is taken back is put back as it was, before the next one gets the key', async () => {
  bench.sim.editPerson(bench.leo, { employee_id: '77', work_classification_id: null });
  await accept(bench.leo, MAYA_ORTIZ);
  await tell();
  await kit.decide(undoing(bench.leo, '1|501'), null);
  await accept(bench.maya, MAYA_ORTIZ);
  expect(await tell()).toEqual({ told: 2, refused: 0 });
  expect(shown()).toEqual([
    ['501', '1|501', carpenter],
    ['77', null, null],
  ]);
  expect(await states()).toEqual(['written', 'undone']);
});

test('what somebody changed in Procore after we wrote stays when the match is taken back', async () => {
  await accept(bench.maya, MAYA_ORTIZ);
  await tell();
  bench.sim.editPerson(bench.maya, { employee_id: '888' });
  await kit.decide(undoing(bench.maya, '1|501'), null);
  await tell();
  expect(shown()[0]).toEqual(['888', null, null]);
});

test('a decision that changed while Procore was told is left to the next round', async () => {
  await accept(bench.maya, MAYA_ORTIZ);
  const slow: ProcorePayroll = {
    ...bench.payroll,
    writePeople: async (changes) => {
      const errors = await bench.payroll.writePeople(changes);
      await kit.decide(undoing(bench.maya, '1|501'), null);
      return errors;
    },
  };
  expect(await tell(slow)).toEqual({ told: 0, refused: 0 });
  expect(await states()).toEqual(['to_undo']);
  expect(await tell()).toEqual({ told: 1, refused: 0 });
  expect(await states()).toEqual(['undone']);
  expect(shown()[0]).toEqual([null, null, null]);
});

test('a person who is gone', async () => {
  await accept(bench.maya, MAYA_ORTIZ);
  const without: ProcorePayroll = {
    ...bench.payroll,
    people: async () => (await bench.payroll.people()).filter(({ id }) => id !== bench.maya),
    writePeople: (changes) =>
      Promise.resolve(changes.map(({ id }) => ({ key: String(id), messages: ['gone'] }))),
  };
  expect(await tell(without)).toEqual({ told: 0, refused: 1 });
  await kit.decide(undoing(bench.maya, '1|501'), null);
  expect(await tell(without)).toEqual({ told: 1, refused: 0 });
});
