import type { AcceptedPerson } from '../../../../src/domain/payroll/accepted-person';
import type { Employee } from '../../../../src/domain/payroll/employee';
import type { Person } from '../../../../src/domain/payroll/person';

/** An employee of company 1: `employee('2207', 'Maya Ortiz')`. */
export function employee(number: string, name = 'Ada Quimby', more: Partial<Employee> = {}): Employee {
  const [firstName = '', ...rest] = name.split(' ');
  return {
    ...{ key: `1|${number}`, number, firstName, lastName: rest.join(' '), email: null, payGroup: '1' },
    ...{ department: null, craft: null, class: null, hiredOn: null, endedOn: null, isActive: true },
    ...more,
  };
}

export function person(id: number, name = `Person ${id}`, more: Partial<Person> = {}): Person {
  const [firstName = '', ...rest] = name.split(' ');
  return { id, firstName, lastName: rest.join(' '), ...more };
}

/** Person 7 is employee 501, and Procore is yet to be told, unless said otherwise. */
export const accepted = (more: Partial<AcceptedPerson> = {}): AcceptedPerson => ({
  personId: 7,
  employeeKey: '1|501',
  employeeNumber: '501',
  state: 'to_write',
  toWrite: { employeeId: '501', originId: '1|501' },
  before: { employeeId: null, originId: null },
  reason: null,
  decidedBy: 'maria@acme.example',
  decidedAt: '2026-11-30T12:00:00.000Z',
  ...more,
});
