import fc from 'fast-check';
import type { Employee } from '../../../../src/domain/payroll/employee';
import type { Person } from '../../../../src/domain/payroll/person';
import type { PeopleToSuggest } from '../../../../src/domain/payroll/suggest-people';
import { suggestPeople } from '../../../../src/domain/payroll/suggest-people';
import { shuffled } from './fixtures';
import { employee, person } from './people';

const suggest = (
  people: readonly Person[],
  employees: readonly Employee[],
  more: Partial<PeopleToSuggest> = {},
): readonly (readonly [number, string, string, string])[] =>
  suggestPeople({
    people,
    employees,
    isFree: { person: () => true, employee: () => true },
    areApart: () => false,
    paidSince: '2026-10-16',
    ...more,
  }).map(({ personId, employeeKey, verdict, reasons }) => [
    personId,
    employeeKey,
    verdict,
    reasons.join(', '),
  ]);

/** Others, so that a name is rare or not. */
const CREW = ['Leo Brandt', 'Nia Okafor', 'Sam Whitlock', 'Ines Varga'].map((name, at) =>
  employee(`90${at}`, name),
);

test.each<[string, Person, Employee, 'match' | 'ask', string]>([
  ['a name of their own', person(7, 'Maya Ortiz'), employee('2207', 'MAYA ORTIZ'), 'match', 'same name'],
  ['a name without its accents', person(7, 'José Peña'), employee('2207', 'Jose Pena'), 'match', 'same name'],
  [
    'a name in another order is a question',
    person(7, 'Ortiz Maya'),
    employee('2207', 'Maya Ortiz'),
    'ask',
    'similar name (Ortiz Maya / Maya Ortiz)',
  ],
  [
    'unless the e-mail is the same, whatever its case',
    person(7, 'Ortiz Maya', { email: 'Maya.Ortiz@acme.example' }),
    employee('2207', 'Maya Ortiz', { email: 'maya.ortiz@ACME.example' }),
    'match',
    'same e-mail, similar name (Ortiz Maya / Maya Ortiz)',
  ],
  [
    'a number that is written otherwise, and a slip of the pen',
    person(7, 'Maya Ortis', { employeeId: '#02-207' }),
    employee('2207', 'Maya Ortiz'),
    'match',
    'same number, similar name (Maya Ortis / Maya Ortiz)',
  ],
  [
    'an e-mail under another name is a question',
    person(7, 'Maya Ortiz', { email: 'crew4@acme.example' }),
    employee('2207', 'Walter Quist', { email: 'crew4@acme.example' }),
    'ask',
    'same e-mail, other name (Maya Ortiz / Walter Quist)',
  ],
  [
    'so is somebody who left',
    person(7, 'Maya Ortiz'),
    employee('2207', 'Maya Ortiz', { isActive: false, endedOn: '2026-10-15' }),
    'ask',
    'same name, inactive in the ERP',
  ],
  [
    'but not somebody who was paid the other day',
    person(7, 'Maya Ortiz'),
    employee('2207', 'Maya Ortiz', { isActive: false, endedOn: '2026-10-16' }),
    'match',
    'same name',
  ],
  [
    'somebody who is inactive in Procore is a question',
    person(7, 'Maya Ortiz', { isActive: false }),
    employee('2207', 'Maya Ortiz'),
    'ask',
    'same name, inactive in Procore',
  ],
  [
    'and who has another number there',
    person(7, 'Maya Ortiz', { employeeId: '777' }),
    employee('2207', 'Maya Ortiz'),
    'ask',
    'same name, Procore has number 777',
  ],
])('%s', (_words, one, other, verdict, reasons) => {
  expect(suggest([one], [...CREW, other])).toEqual([[7, '1|2207', verdict, reasons]]);
});

test('a name that two people have is a question about both, unless something tells them apart', () => {
  const twins = [person(7, 'Maya Ortiz'), person(8, 'Maya Ortiz')];
  const [one] = [employee('2207', 'Maya Ortiz', { email: 'maya@acme.example' })];
  expect(suggest(twins, [one]).map(([id, , verdict]) => [id, verdict])).toEqual([
    [7, 'ask'],
    [8, 'ask'],
  ]);
  const [first, ...rest] = twins;
  const told = [{ ...(first as Person), email: 'maya@acme.example' }, ...rest];
  expect(suggest(told, [one])).toEqual([[7, '1|2207', 'match', 'same e-mail, same name']]);
});

test('a name that somebody has who is matched already is a question still', () => {
  const people = [person(7, 'Maya Ortiz'), person(8, 'Maya Ortiz')];
  const employees = [employee('2207', 'Maya Ortiz'), employee('2208', 'Maya Ortiz')];
  const isFree = {
    person: ({ id }: Person) => id === 7,
    employee: ({ number }: Employee) => number === '2207',
  };
  expect(suggest(people, employees, { isFree })).toEqual([[7, '1|2207', 'ask', 'same name']]);
});

test('an address that several share says little', () => {
  const email = 'yard@acme.example';
  const people = [person(7, 'Maya Ortiz', { email }), person(8, 'Leo Brandt', { email })];
  const employees = [employee('1', 'Maya Ortiz-Lund', { email }), employee('2', 'Nia Okafor', { email })];
  expect(suggest(people, employees).filter(([, , verdict]) => verdict === 'match')).toEqual([]);
});

test('a pair that was taken back is not suggested again', () => {
  const areApart = ({ id }: Person, { key }: Employee): boolean => id === 7 && key === '1|2207';
  expect(suggest([person(7, 'Maya Ortiz')], [employee('2207', 'Maya Ortiz')], { areApart })).toEqual([]);
});

test('who works here comes first, and who is no employee in Procore last', () => {
  const people = [
    person(1, 'Uma Lindqvist', { isEmployee: false }),
    person(2, 'Otto Farrow'),
    person(3, 'Maya Ortiz'),
  ];
  const employees = [
    employee('1', 'Uma Lindqvist'),
    employee('2', 'Otto Farrow', { isActive: false }),
    employee('3', 'Maya Ortiz'),
  ];
  expect(suggest(people, employees).map(([id, , verdict]) => [id, verdict])).toEqual([
    [3, 'match'],
    [2, 'ask'],
    [1, 'ask'],
  ]);
});

const NAMES = ['Maya Ortiz', 'Ortiz Maya', 'Maya Ortis', 'Leo Brandt', 'Jo Li', 'Leo (Lenny) Brandt', ''];
const EMAILS = ['maya@acme.example', 'leo@acme.example', null];
const of = (numbers: readonly string[]) =>
  fc.array(
    fc.record({
      name: fc.constantFrom(...NAMES),
      email: fc.constantFrom(...EMAILS),
      number: fc.constantFrom(...numbers),
      isActive: fc.boolean(),
    }),
    { maxLength: 7 },
  );
const both = fc.record({
  people: of(['', '501', '0501', '502', 'E-503']).map((given) =>
    given.map(({ name, email, number, isActive }, at) =>
      person(at + 1, name, { email, isActive, employeeId: number, isEmployee: at % 3 !== 0 }),
    ),
  ),
  employees: of(['501', '502', 'E503']).map((given) =>
    given.map(({ name, isActive, email, number }, at) =>
      employee(number, name, { key: `1|${at}`, email, isActive }),
    ),
  ),
  order: fc.array(fc.nat(100), { minLength: 1, maxLength: 7 }),
});

test('of one person, and of one employee, there is one match at most, and nobody who has one is asked about', () => {
  fc.assert(
    fc.property(both, ({ people, employees }) => {
      const found = suggest(people, employees);
      const sure = found.filter(([, , verdict]) => verdict === 'match');
      for (const end of [0, 1] as const) {
        const ends = sure.map((one) => one[end]);
        expect(new Set(ends).size).toBe(ends.length);
        expect(found.filter((one) => ends.includes(one[end]))).toHaveLength(ends.length);
      }
    }),
  );
});

test('the order in which people come says nothing', () => {
  fc.assert(
    fc.property(both, ({ people, employees, order }) => {
      expect(suggest(shuffled(people, order), shuffled(employees, order))).toEqual(
        suggest(people, employees),
      );
    }),
  );
});

test('without e-mail and number, a name that several of one side have is never a match', () => {
  fc.assert(
    fc.property(both, ({ people, employees }) => {
      const bare = people.map((one) => ({ ...one, email: null, employeeId: null }));
      const count = (name: string): number =>
        Math.max(
          bare.filter(({ firstName, lastName }) => `${firstName} ${lastName}` === name).length,
          employees.filter(({ firstName, lastName }) => `${firstName} ${lastName}` === name).length,
        );
      for (const [id, , verdict] of suggest(bare, employees)) {
        const { firstName, lastName } = bare.find((one) => one.id === id) as Person;
        if (verdict === 'match') expect(count(`${firstName} ${lastName}`)).toBe(1);
      }
    }),
  );
});
