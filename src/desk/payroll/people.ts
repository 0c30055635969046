import type { AuditEntry } from '../../domain/audit/chain';
import { isTiebackError } from '../../domain/base/errors';
import type { ProcoreId } from '../../domain/kinds/record';
import type { AcceptedPerson } from '../../domain/payroll/accepted-person';
import {
  acceptedSeal,
  fieldsBefore,
  fieldsOf,
  isTakenBack,
  peopleRevision,
  personSubject,
  shownWithout,
} from '../../domain/payroll/accepted-person';
import type { Employee } from '../../domain/payroll/employee';
import { personName } from '../../domain/payroll/employee';
import type { PayrollMapping } from '../../domain/payroll/mapping';
import { matchAccepted } from '../../domain/payroll/match-people';
import type { Person } from '../../domain/payroll/person';
import { fullName } from '../../domain/payroll/person';
import { actorOf } from '../../domain/people/decision';
import type { Store } from '../../store/store';
import type { Decider } from '../decide';
import { commentOf } from '../decide';
import { DeskRefusal } from '../refusal';

/** Both sides of payroll's people, as they are now. */
export interface PayrollPeople {
  readonly people: readonly Person[];
  readonly employees: readonly Employee[];
  readonly mapping: Pick<PayrollMapping, 'workClassifications'>;
}

/** What a person decides: that somebody of Procore is an employee, as both were when they looked; or that what was accepted is taken back. */
export type PersonAnswer =
  | {
      readonly how: 'accept';
      readonly personId: ProcoreId;
      readonly employeeKey: string;
      /** See `peopleRevision`. */
      readonly personRevision: string;
      readonly employeeRevision: string;
    }
  | { readonly how: 'undo'; readonly personId: ProcoreId; readonly employeeKey: string };

export interface AskedPerson {
  readonly connectionId: string;
  readonly answer: PersonAnswer;
  readonly comment: string;
}

export interface DecidingPeople {
  readonly store: Store;
  /** Reads both sides. Null: the connection keeps no payroll. Throws `TiebackError`. */
  readonly sides: () => Promise<PayrollPeople | null>;
  /** ISO 8601 UTC. */
  readonly now: () => string;
}

/**
 * Does what a person decided about one person of Procore, in one transaction with its entry in the log. Procore is told by the next round. Throws
 * `DeskRefusal` `NO_PAYROLL`, `SIDES_UNREAD`, `RECORD_UNKNOWN`, `PAIR_CHANGED`, `ORIGIN_ID_TAKEN`, `PERSON_MATCHED`, `EMPLOYEE_MATCHED`,
 * `PERSON_NOT_MATCHED`.
 */
export async function decidePerson(
  { store, sides, now }: DecidingPeople,
  { connectionId, answer, comment }: AskedPerson,
  decider: Decider,
): Promise<AcceptedPerson> {
  // Both sides are asked, so no transaction waits for them.
  const read = answer.how === 'accept' ? await readSides(sides, connectionId) : null;
  const by = { decidedBy: actorOf(decider), decidedAt: now() };
  return store.transaction('people.decide', connectionId, async (t) => {
    const known = await t.payrollPeople.accepted(connectionId);
    const decided: AcceptedPerson =
      answer.how === 'accept' && read !== null
        ? { ...matchOf(answer, read, known), ...by }
        : { ...takenBack(answer, known), ...by };
    t.payrollPeople.put(connectionId, decided);
    const entry: AuditEntry = {
      at: by.decidedAt,
      actor: by.decidedBy,
      action: answer.how === 'accept' ? 'person.matched' : 'person.unmatched',
      subject: personSubject(decided.personId),
      ...{ requestId: null, planHash: null, workflowId: null },
      detail: { ...acceptedSeal(decided), channel: decider.channel, comment: commentOf(comment) },
    };
    await t.audit.append(connectionId, [entry]);
    return decided;
  });
}

async function readSides(sides: DecidingPeople['sides'], connectionId: string): Promise<PayrollPeople> {
  const read = await sides().catch((error: unknown) => {
    if (!isTiebackError(error)) throw error;
    throw new DeskRefusal(
      'SIDES_UNREAD',
      `Who is who cannot be looked at now: ${error.message}`,
      null,
      error,
    );
  });
  if (read === null)
    throw new DeskRefusal(
      'NO_PAYROLL',
      `Connection "${connectionId}" keeps no payroll.`,
      'See docs/payroll.md.',
    );
  return read;
}

type Answer<How extends PersonAnswer['how']> = Extract<PersonAnswer, { readonly how: How }>;

function matchOf(
  answer: Answer<'accept'>,
  { people, employees, mapping }: PayrollPeople,
  known: readonly AcceptedPerson[],
): Omit<AcceptedPerson, 'decidedBy' | 'decidedAt'> {
  const person = people.find(({ id }) => id === answer.personId);
  const employee = employees.find(({ key }) => key === answer.employeeKey);
  if (person === undefined) throw absent(`person ${answer.personId} in Procore`);
  if (employee === undefined) throw absent(`employee ${answer.employeeKey} in the ERP`);
  if (
    peopleRevision(person) !== answer.personRevision ||
    peopleRevision(employee) !== answer.employeeRevision
  )
    throw new DeskRefusal(
      'PAIR_CHANGED',
      `Person ${person.id} or employee ${employee.number} changed since you looked.`,
      LOOK,
    );
  const last = known.find(({ personId }) => personId === person.id);
  const bare = last === undefined ? person : shownWithout(person, last);
  const { employees: matched } = matchAccepted(known, people, employees);
  assertFree({ person: bare, employee }, people, matched, known);
  if ((bare.originId ?? '') !== '' && bare.originId !== employee.key)
    throw new DeskRefusal(
      'ORIGIN_ID_TAKEN',
      `${fullName(person)} (${person.id}) carries the origin_id "${bare.originId ?? ''}".`,
      'Another integration, or another employee, owns it; have it taken off in Procore first.',
    );
  const toWrite = fieldsOf(bare, employee, mapping);
  return {
    personId: person.id,
    employeeKey: employee.key,
    employeeNumber: employee.number,
    state: 'to_write',
    toWrite,
    before: fieldsBefore(bare, toWrite),
    reason: null,
  };
}

const LOOK = '`tieback payroll people` shows them as they are.';

const absent = (name: string): DeskRefusal => new DeskRefusal('RECORD_UNKNOWN', `There is no ${name}.`, LOOK);

/** Neither may be somebody else's partner, and what is accepted or shown already need not be accepted again. */
function assertFree(
  { person, employee }: { readonly person: Person; readonly employee: Employee },
  people: readonly Person[],
  matched: ReadonlyMap<ProcoreId, string>,
  known: readonly AcceptedPerson[],
): void {
  const inForce = known.filter((one) => !isTakenBack(one));
  const own = inForce.find(({ personId }) => personId === person.id);
  const ownKey = own?.employeeKey ?? matched.get(person.id);
  const isAgain = own === undefined ? person.originId === employee.key : own.state !== 'refused';
  if (ownKey !== undefined && (ownKey !== employee.key || isAgain))
    throw new DeskRefusal(
      'PERSON_MATCHED',
      `${fullName(person)} (${person.id}) is employee ${own?.employeeNumber ?? ownKey} already.`,
      own === undefined
        ? 'Procore says so by origin_id or employee number: put it right there first.'
        : `\`tieback payroll people undo ${person.id}\` takes it back.`,
    );
  const other =
    inForce.find((one) => one.employeeKey === employee.key && one.personId !== person.id)?.personId ??
    [...matched].find(([id, key]) => key === employee.key && id !== person.id)?.[0];
  if (other === undefined) return;
  const name = people.find(({ id }) => id === other);
  throw new DeskRefusal(
    'EMPLOYEE_MATCHED',
    `${personName(employee)} is ${name === undefined ? 'person' : fullName(name)} (${other}) of Procore already.`,
    LOOK,
  );
}

function takenBack(
  { personId, employeeKey }: PersonAnswer,
  known: readonly AcceptedPerson[],
): AcceptedPerson {
  const own = known.find((one) => one.personId === personId && !isTakenBack(one));
  if (own === undefined)
    throw new DeskRefusal(
      'PERSON_NOT_MATCHED',
      `Nobody accepted person ${personId} as an employee.`,
      'What Procore itself says, by origin_id or employee number, is changed there.',
    );
  if (own.employeeKey !== employeeKey)
    throw new DeskRefusal('PAIR_CHANGED', `Person ${personId} is another employee since you looked.`, LOOK);
  return { ...own, state: 'to_undo', reason: null };
}
