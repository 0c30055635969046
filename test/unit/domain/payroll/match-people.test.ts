import fc from 'fast-check';
import type { Employee } from '../../../../src/domain/payroll/employee';
import { matchPeople } from '../../../../src/domain/payroll/match-people';
import type { Person } from '../../../../src/domain/payroll/person';

const employee = (number: string, key = `1|${number}`): Employee => ({
  ...{ key, number, firstName: 'Ada', lastName: 'Quimby', email: null, payGroup: '1', department: null },
  ...{ craft: null, class: null, hiredOn: null, endedOn: null, isActive: true },
});
const person = (id: number, more: Partial<Person> = {}): Person => ({
  ...{ id, firstName: 'Person', lastName: String(id) },
  ...more,
});
const matched = (people: readonly Person[], employees: readonly Employee[]) => {
  const { employees: found, problems } = matchPeople(people, employees);
  return { found: [...found], problems };
};

test.each<[string, Person, [number, string][], readonly string[]]>([
  ['by the key that ties them', person(7, { originId: '1|501', employeeId: '9' }), [[7, '1|501']], []],
  ['by the employee number', person(7, { employeeId: '501' }), [[7, '1|501']], []],
  ['whatever zeros it begins with', person(7, { employeeId: ' 00501 ' }), [[7, '1|501']], []],
  [
    'a number of nobody is told',
    person(7, { employeeId: '77' }),
    [],
    ['Person 7: the ERP has no employee 77.'],
  ],
  ['without a number nothing is guessed', person(7), [], []],
  ['an unknown number is no number', person(7, { employeeId: null }), [], []],
])('%s', (_words, one, found, problems) => {
  expect(matched([one], [employee('501')])).toEqual({ found, problems });
});

test('a number that several people carry is nobody’s, and each of them is told', () => {
  const people = [person(7, { employeeId: '501' }), person(8, { employeeId: '0501' })];
  expect(matched(people, [employee('501')])).toEqual({
    found: [],
    problems: [
      'Person 7: employee number 501 is also that of Person 8.',
      'Person 8: employee number 0501 is also that of Person 7.',
    ],
  });
});

test('a number that several employees have is told', () => {
  expect(
    matched([person(7, { employeeId: '501' })], [employee('501'), employee('501', '2|501')]).problems,
  ).toEqual(['Person 7: several employees of the ERP have the number 501.']);
});

test('nobody is two employees, and only who is tied by key shares one', () => {
  const number = fc.constantFrom('1', '01', '2', '3', '', null);
  const people = fc.array(fc.record({ employeeId: number }), { maxLength: 8 });
  fc.assert(
    fc.property(people, (given) => {
      const { employees } = matchPeople(
        given.map((one, index) => person(index + 1, one)),
        ['1', '2', '3'].map((one) => employee(one)),
      );
      const keys = [...employees.values()];
      expect(new Set(keys).size).toBe(keys.length);
    }),
  );
});
