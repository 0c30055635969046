import type { PayrollPeople, PersonAnswer } from '../../../../src/desk/payroll/people';
import { decidePerson } from '../../../../src/desk/payroll/people';
import type { AuditEntry } from '../../../../src/domain/audit/chain';
import type { AcceptedPerson } from '../../../../src/domain/payroll/accepted-person';
import { peopleRevision } from '../../../../src/domain/payroll/accepted-person';
import type { Employee } from '../../../../src/domain/payroll/employee';
import type { Person } from '../../../../src/domain/payroll/person';
import { Store } from '../../../../src/store/store';

export const NOW = '2026-11-30T12:00:00.000Z';
export const MARIA = { by: 'maria@acme.example', account: null, channel: 'cli' };
/** Work classification 31 is a carpenter, 32 and 33 are both laborers. */
export const CLASSES: PayrollPeople['mapping'] = {
  workClassifications: {
    '31': { craft: 'CARP', class: 'J2' },
    '32': { craft: 'LABR', class: 'J1' },
    '33': { craft: 'LABR', class: 'J1' },
  },
};

/** A store in memory with one connection, and decisions about its people. */
export class PeopleKit {
  store!: Store;

  async open(): Promise<this> {
    this.store = await Store.open({ type: 'better-sqlite3', file: ':memory:' });
    await this.store.transaction('register', 'acme', (t) =>
      t.connections.add({ id: 'acme', companyId: 1, erpAdapter: 'sample', erpCompany: '1', createdAt: NOW }),
    );
    return this;
  }

  decide(
    answer: PersonAnswer,
    sides: Pick<PayrollPeople, 'people' | 'employees'> | null,
    more: { readonly comment?: string; readonly mapping?: PayrollPeople['mapping'] } = {},
  ): Promise<AcceptedPerson> {
    const { comment = '', mapping = CLASSES } = more;
    return decidePerson(
      {
        store: this.store,
        sides: () => Promise.resolve(sides && { ...sides, mapping }),
        now: () => NOW,
      },
      { connectionId: 'acme', answer, comment },
      MARIA,
    );
  }

  rows(): Promise<readonly AcceptedPerson[]> {
    return this.store.read('rows', (t) => t.payrollPeople.accepted('acme'));
  }

  /** Entries about people: action, subject and detail. */
  async entries(): Promise<readonly AuditEntry[]> {
    const found: AuditEntry[] = [];
    await this.store.read('audit', async (t) => {
      for await (const { entries } of t.audit.chain('acme')) found.push(...entries.map(({ entry }) => entry));
    });
    return found.filter(({ action }) => action.startsWith('person.'));
  }
}

/** What somebody says who looked at both as they are here. */
export const accepting = (person: Person, employee: Employee): PersonAnswer => ({
  how: 'accept',
  personId: person.id,
  employeeKey: employee.key,
  personRevision: peopleRevision(person),
  employeeRevision: peopleRevision(employee),
});
export const undoing = (personId: number, employeeKey: string): PersonAnswer => ({
  how: 'undo',
  personId,
  employeeKey,
});
