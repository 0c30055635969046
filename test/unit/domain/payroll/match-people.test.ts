import fc from 'fast-check';
import type { Employee } from '../../../../src/domain/payroll/employee';
import { matchAccepted, matchPeople } from '../../../../src/domain/payroll/match-people';
import type { AcceptedPerson } from '../../../../src/domain/payroll/accepted-person';
import { isTakenBack } from '../../../../src/domain/payroll/accepted-person';
import type { Person } from '../../../../src/domain/payroll/person';
import { accepted, employee, person } from './people';

const matched = (people: readonly Person[], employees: readonly Employee[]) => {
  const { employees: found, problems } = matchPeople(people, employees);
  return { found: [...found], problems };
};

test.each<[string, Person, [number, string][], readonly string[]]>([
  [
    'by the key that ties them',
    person(7, 'Person 7', { originId: '1|501', employeeId: '9' }),
    [[7, '1|501']],
    [],
  ],
  ['by the employee number', person(7, 'Person 7', { employeeId: '501' }), [[7, '1|501']], []],
  ['whatever zeros it begins with', person(7, 'Person 7', { employeeId: ' 00501 ' }), [[7, '1|501']], []],
  [
    'a number of nobody is told',
    person(7, 'Person 7', { employeeId: '77' }),
    [],
    ['Person 7: the ERP has no employee 77.'],
  ],
  ['without a number nothing is guessed', person(7), [], []],
  ['an unknown number is no number', person(7, 'Person 7', { employeeId: null }), [], []],
])('%s', (_words, one, found, problems) => {
  expect(matched([one], [employee('501')])).toEqual({ found, problems });
});

test('a number that several people carry is nobody’s, and each of them is told', () => {
  const people = [
    person(7, 'Person 7', { employeeId: '501' }),
    person(8, 'Person 8', { employeeId: '0501' }),
  ];
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
    matched(
      [person(7, 'Person 7', { employeeId: '501' })],
      [employee('501'), employee('501', 'Ada Quimby', { key: '2|501' })],
    ).problems,
  ).toEqual(['Person 7: several employees of the ERP have the number 501.']);
});

test('nobody is two employees, and only who is tied by key shares one', () => {
  const number = fc.constantFrom('1', '01', '2', '3', '', null);
  const people = fc.array(fc.record({ employeeId: number }), { maxLength: 8 });
  fc.assert(
    fc.property(people, (given) => {
      const { employees } = matchPeople(
        given.map((one, index) => person(index + 1, 'Person', one)),
        ['1', '2', '3'].map((one) => employee(one)),
      );
      const keys = [...employees.values()];
      expect(new Set(keys).size).toBe(keys.length);
    }),
  );
});

describe('with what people accepted', () => {
  const EMPLOYEES = ['501', '502', '503'].map((number) => employee(number));
  const withAccepted = (people: readonly Person[], rows: readonly AcceptedPerson[]) => {
    const { employees: found, problems } = matchAccepted(rows, people, EMPLOYEES);
    return { found: [...found], problems };
  };
  const one = (more: Partial<Person> = {}): Person => person(7, 'Maya Ortiz', more);

  test.each<[string, Partial<Person>, Partial<AcceptedPerson>]>([
    ['before Procore shows anything of it', { employeeId: null, originId: null }, {}],
    ['once Procore shows it', { employeeId: '501', originId: '1|501' }, { state: 'written' }],
    ['though Procore did not take it', { employeeId: null }, { state: 'refused', reason: 'no' }],
    [
      'with the number that stood there when it was accepted',
      { employeeId: '9' },
      { before: { employeeId: '9' } },
    ],
    [
      'whatever zeros Procore has',
      { employeeId: '0501' },
      { state: 'written', toWrite: { originId: '1|501' } },
    ],
  ])('it counts %s', (_words, shown, row) => {
    expect(withAccepted([one(shown)], [accepted(row)])).toEqual({ found: [[7, '1|501']], problems: [] });
  });

  test.each<[string, Partial<Person>, Partial<AcceptedPerson>, string]>([
    ['the number of another employee', { employeeId: '502' }, {}, 'Procore has employee number 502 for them'],
    [
      'the number from before, after it was written',
      { employeeId: '9' },
      { state: 'written', before: { employeeId: '9' } },
      'Procore has employee number 9 for them',
    ],
    [
      'another key of the ERP',
      { originId: '1|502' },
      {},
      'Procore ties them to another record of the ERP (1|502)',
    ],
    ['nothing, and the employee is gone', {}, { employeeKey: '1|77' }, 'the ERP has that employee no more'],
  ])('where Procore shows %s, they are nobody, by name', (_words, shown, row, because) => {
    const { found, problems } = withAccepted([one(shown)], [accepted(row)]);
    expect(found).toEqual([]);
    expect(problems[0]).toBe(`Maya Ortiz: accepted as employee 501 by maria@acme.example, but ${because}.`);
  });

  test('somebody else who gets the number is not guessed, and the decision stands', () => {
    const { found, problems } = withAccepted(
      [one(), person(8, 'Leo Brandt', { employeeId: '501' })],
      [accepted()],
    );
    expect(found).toEqual([[7, '1|501']]);
    expect(problems).toEqual(['Leo Brandt: employee number 501 is also that of Maya Ortiz.']);
  });

  test('two who are tied to one employee are nobody, both', () => {
    const { found, problems } = withAccepted(
      [one(), person(8, 'Leo Brandt', { originId: '1|501' })],
      [accepted()],
    );
    expect(found).toEqual([]);
    expect(problems).toEqual([
      'Maya Ortiz: somebody else is tied to the same employee (1|501).',
      'Leo Brandt: somebody else is tied to the same employee (1|501).',
    ]);
  });

  test.each(['to_undo', 'undone', 'undo_refused'] as const)(
    'what was taken back (%s) counts no more, whatever Procore still shows of it',
    (state) => {
      const shown = one({ employeeId: '501', originId: '1|501' });
      expect(withAccepted([shown], [accepted({ state })])).toEqual({
        found: [],
        problems: [
          'Maya Ortiz: maria@acme.example took back that they are employee 501; Procore shows it, and it does not count until somebody accepts it again.',
        ],
      });
      expect(withAccepted([one({ employeeId: '502' })], [accepted({ state })])).toEqual({
        found: [[7, '1|502']],
        problems: [],
      });
    },
  );

  test('a number that was in Procore before counts again', () => {
    const row = accepted({ state: 'to_undo', toWrite: { originId: '1|501' }, before: { originId: null } });
    expect(withAccepted([one({ employeeId: '501', originId: '1|501' })], [row]).found).toEqual([
      [7, '1|501'],
    ]);
  });

  test('who was accepted is that employee or nobody, and shares them with nobody, whatever Procore shows', () => {
    const number = fc.constantFrom('501', '0502', '503', '9', '', null);
    const key = fc.constantFrom('1|501', '1|502', 'other|1', null);
    const state = fc.constantFrom<AcceptedPerson['state']>(
      'to_write',
      'written',
      'refused',
      'to_undo',
      'undone',
    );
    const people = fc.array(fc.record({ employeeId: number, originId: key }), { minLength: 2, maxLength: 5 });
    const rows = fc.uniqueArray(
      fc.record({ personId: fc.constantFrom(1, 2, 3), of: fc.constantFrom('501', '502'), state }),
      {
        selector: ({ personId }) => personId,
      },
    );
    fc.assert(
      fc.property(people, rows, (given, decided) => {
        const held = new Set<string>();
        const made = decided
          .map(({ personId, of, state: how }) =>
            accepted({
              ...{ personId, state: how, employeeKey: `1|${of}`, employeeNumber: of },
              toWrite: { employeeId: of, originId: `1|${of}` },
            }),
          )
          // The database keeps an employee from being accepted twice.
          .filter((row) => isTakenBack(row) || (!held.has(row.employeeKey) && held.add(row.employeeKey)));
        const { employees } = matchAccepted(
          made,
          given.map((shown, at) => person(at + 1, 'Person', shown)),
          EMPLOYEES,
        );
        for (const { personId, employeeKey } of made.filter((row) => !isTakenBack(row))) {
          const own = employees.get(personId);
          expect([undefined, employeeKey]).toContain(own);
          if (own !== undefined)
            expect([...employees.values()].filter((other) => other === own)).toEqual([own]);
        }
      }),
    );
  });
});
