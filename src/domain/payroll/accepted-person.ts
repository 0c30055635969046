import type { AuditEntry } from '../audit/chain';
import { contentHash } from '../base/identity';
import type { ProcoreId } from '../kinds/record';
import type { Employee } from './employee';
import { numberOf } from './employee';
import type { PayrollMapping } from './mapping';
import type { Person } from './person';

/*
 * A person who was said to be an employee. The row is a note of how far Procore was told; what was decided is the entry in the log, and a row that no
 * entry vouches for counts for nothing.
 */

/** What Procore has a place for. Only what is given is meant. */
export type PersonFields = Pick<Person, 'employeeId' | 'originId' | 'workClassificationId'>;

/**
 * `to_write`: accepted, and Procore is yet to be told; `written`: it shows it; `refused`: it does not take it. `to_undo`, `undone`, `undo_refused`: the
 * same once it was taken back.
 */
export const ACCEPTED_STATES = [
  'to_write',
  'written',
  'refused',
  'to_undo',
  'undone',
  'undo_refused',
] as const;
export type AcceptedState = (typeof ACCEPTED_STATES)[number];

export interface AcceptedPerson {
  readonly personId: ProcoreId;
  readonly employeeKey: string;
  /** As the ERP had it then. */
  readonly employeeNumber: string;
  readonly state: AcceptedState;
  readonly toWrite: PersonFields;
  /** The same fields as Procore had them: an undo puts them back. */
  readonly before: PersonFields;
  /** What Procore said instead of taking it, or why it was not asked. */
  readonly reason: string | null;
  /** As the log names them. */
  readonly decidedBy: string;
  /** ISO 8601 UTC. */
  readonly decidedAt: string;
}

export const isTakenBack = ({ state }: Pick<AcceptedPerson, 'state'>): boolean =>
  state === 'to_undo' || state === 'undone' || state === 'undo_refused';

/** Whether Procore is yet to be told. */
export const isPending = ({ state }: Pick<AcceptedPerson, 'state'>): boolean =>
  state === 'to_write' || state === 'to_undo';

/** Hash of all that a person or an employee is known by: a decision counts for exactly what was looked at. */
export const peopleRevision = (one: Person | Employee): string => contentHash(one);

/**
 * What Procore is told of a person who is this employee: their number, unless it has it already, whatever zeros it begins with; the key of the ERP; and
 * their work classification where the mapping has exactly one for craft and class.
 */
export function fieldsOf(
  { employeeId }: Person,
  { key, number, craft, class: of }: Employee,
  { workClassifications }: Pick<PayrollMapping, 'workClassifications'>,
): PersonFields {
  const [only, another] = Object.entries(workClassifications).filter(
    ([, mapped]) => mapped.craft === craft && mapped.class === of,
  );
  return {
    ...(numberOf(employeeId ?? '') === numberOf(number) ? {} : { employeeId: number }),
    originId: key,
    ...(only === undefined || another !== undefined ? {} : { workClassificationId: Number(only[0]) }),
  };
}

const FIELDS = ['employeeId', 'originId', 'workClassificationId'] as const;

/** What a person shows of these fields. */
export const fieldsBefore = (person: Person, fields: PersonFields): PersonFields =>
  Object.fromEntries(
    FIELDS.flatMap((field) => (fields[field] === undefined ? [] : [[field, person[field] ?? null]])),
  );

/** The fields that are put back: those in which Procore still shows what we wrote. */
export const fieldsBack = (
  person: Person,
  { toWrite, before }: Pick<AcceptedPerson, 'toWrite' | 'before'>,
): PersonFields =>
  Object.fromEntries(
    FIELDS.flatMap((field) => {
      const wrote = toWrite[field];
      const isOurs = wrote !== undefined && person[field] === wrote && before[field] !== wrote;
      return isOurs ? [[field, before[field] ?? null]] : [];
    }),
  );

/** A person as Procore would show them without what we wrote. */
export const shownWithout = (person: Person, accepted: AcceptedPerson): Person => ({
  ...person,
  ...fieldsBack(person, accepted),
});

/** What Procore says against an accepted match now, in words that follow "but"; null: nothing. `employee`: as the ERP has them, where it was read. */
export function contradictionOf(
  { originId, employeeId }: Person,
  { employeeKey, employeeNumber, state, before }: AcceptedPerson,
  employee?: Employee,
): string | null {
  if ((originId ?? '') !== '' && originId !== employeeKey)
    return `Procore ties them to another record of the ERP (${originId ?? ''})`;
  const shown = numberOf(employeeId ?? '');
  const fits = [
    employeeNumber,
    employee?.number ?? employeeNumber,
    // Whoever accepted it saw this number, and it stands until Procore is told.
    ...(state === 'written' ? [] : [before.employeeId ?? '']),
  ];
  return shown === '' || fits.some((number) => numberOf(number) === shown)
    ? null
    : `Procore has employee number ${employeeId ?? ''} for them`;
}

/** Subject of the entries about a person. */
export const personSubject = (id: ProcoreId): string => `person/${id}`;

export const PERSON_DECISIONS = ['person.matched', 'person.unmatched'] as const;

/** Detail of these entries: ids and hashes, no names. */
export const acceptedSeal = ({
  employeeKey,
  employeeNumber,
  toWrite,
  before,
}: Pick<AcceptedPerson, 'employeeKey' | 'employeeNumber' | 'toWrite' | 'before'>): {
  readonly employee: string;
  readonly seal: string;
} => ({ employee: employeeKey, seal: contentHash({ employeeNumber, toWrite, before }) });

/** Whether the last of the sealed entries about this person (`PERSON_DECISIONS`) says what the row says. */
export function isVouchedFor(accepted: AcceptedPerson, sealed: readonly AuditEntry[]): boolean {
  const last = sealed.findLast(({ subject }) => subject === personSubject(accepted.personId));
  const { employee, seal } = acceptedSeal(accepted);
  return (
    last?.action === (isTakenBack(accepted) ? 'person.unmatched' : 'person.matched') &&
    last.detail['employee'] === employee &&
    last.detail['seal'] === seal
  );
}
