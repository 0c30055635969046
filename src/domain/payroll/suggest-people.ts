import type { ProcoreId } from '../kinds/record';
import type { Clue, Surroundings } from '../reconcile/match/evidence';
import { cluesOf } from '../reconcile/match/evidence';
import { blocksOf, pairsIn } from '../reconcile/match/blocks';
import { rarityOf, wordCountsOf } from '../reconcile/match/rarity';
import type { Traits } from '../reconcile/match/traits';
import { sharedIn, sharedName, traitsOf } from '../reconcile/match/traits';
import type { Employee } from './employee';
import { numberOf } from './employee';
import type { Person } from './person';
import { fullName } from './person';

/** Who may be who: only proposed, always accepted by a person. */
export interface SuggestedPerson {
  readonly personId: ProcoreId;
  readonly employeeKey: string;
  /** `match`: sure enough to be accepted without naming the employee; of one person, and of one employee, there is one at most. */
  readonly verdict: 'match' | 'ask';
  readonly bits: number;
  /** For people, surest first, what speaks against it last: `same name`, `same e-mail`, `inactive in the ERP`. */
  readonly reasons: readonly string[];
}

export interface PeopleToSuggest {
  /** Everybody of both sides: how rare a name is, and who shares one. */
  readonly people: readonly Person[];
  readonly employees: readonly Employee[];
  /** Those who are nobody's partner yet. */
  readonly isFree: {
    readonly person: (one: Person) => boolean;
    readonly employee: (one: Employee) => boolean;
  };
  /** Somebody said that they are not one. */
  readonly areApart: (person: Person, employee: Employee) => boolean;
  /** Local date: employees who left on it or later were paid not long ago. */
  readonly paidSince: string;
}

const LEFT = 'inactive in the ERP';
const OUTSIDER = 'no employee in Procore';

/** A rival with nearly as many bits makes both a question. */
const RIVAL = 3;

/**
 * People of Procore who may be employees of the ERP, by names, e-mail and numbers in another form; those who work here first, who is no employee in
 * Procore last. A name that several have is a question, unless e-mail or number tells them apart. Pure; the order of people says nothing.
 */
export function suggestPeople(given: PeopleToSuggest): readonly SuggestedPerson[] {
  const people = given.people.map((one) => ({ one, traits: traitsOfPerson(one) }));
  const employees = given.employees.map((one) => ({ one, traits: traitsOfEmployee(one) }));
  const [ofPeople, ofEmployees] = [people, employees].map((side) => side.map(({ traits }) => traits));
  const persons = new Map(
    people.filter(({ one }) => given.isFree.person(one)).map((it) => [it.traits, it.one]),
  );
  const staff = new Map(
    employees.filter(({ one }) => given.isFree.employee(one)).map((it) => [it.traits, it.one]),
  );
  const sides = [ofPeople ?? [], ofEmployees ?? []];
  const shared = sides.map(sharedIn);
  const rarity = rarityOf(people.length + employees.length, sides.map(wordCountsOf));
  const surroundings: Surroundings = {
    rarity,
    asksForNumber: true,
    isShared: (trait, value) => shared.some((side) => side.has(sharedName(trait, value))),
  };
  const hasNamesake = namesakesIn(sides);
  const found: SuggestedPerson[] = [];
  for (const [one, other] of pairsIn(blocksOf(staff.keys()), blocksOf(persons.keys()), rarity)) {
    const [employee, person] = [staff.get(one), persons.get(other)];
    if (employee === undefined || person === undefined || given.areApart(person, employee)) continue;
    const clues = [...cluesOf(other, one, surroundings)].sort((a, b) => b.bits - a.bits);
    const bits = clues.reduce((sum, clue) => sum + clue.bits, 0);
    if (bits <= 0 && !clues.some(({ asks }) => asks)) continue;
    const against = doubtsOf(person, employee, given.paidSince);
    const isSure =
      against.length === 0 &&
      !clues.some(({ doubts }) => doubts) &&
      isTelling(clues, hasNamesake(one, other));
    found.push({
      ...{ personId: person.id, employeeKey: employee.key, bits, verdict: isSure ? 'match' : 'ask' },
      reasons: [...clues.map(({ reason }) => reason), ...against],
    });
  }
  return withoutBeaten(withRivals(found)).sort(inOrder);
}

const traitsOfPerson = ({ id, email, employeeId, ...name }: Person): Traits =>
  traits(String(id), fullName(name), email, employeeId);
const traitsOfEmployee = ({ key, email, number, ...name }: Employee): Traits =>
  traits(key, fullName(name), email, number);

/** Whoever works for a company has its internet domain: it says nothing. */
const traits = (
  key: string,
  name: string,
  email: string | null | undefined,
  number: string | null | undefined,
): Traits => ({
  ...traitsOf(
    {
      ...{ key, state: 'active' },
      record: { fields: { name, email: email ?? null, code: number ?? null }, lines: [] },
    },
    null,
  ),
  domains: [],
});

/** Whether the name that two have in common is also that of others of one side. */
function namesakesIn(sides: readonly (readonly Traits[])[]): (one: Traits, other: Traits) => boolean {
  const several = new Set<string>();
  for (const side of sides) {
    const seen = new Set<string>();
    for (const { aliases } of side)
      for (const squeezed of new Set(aliases.map((alias) => alias.squeezed))) {
        if (seen.has(squeezed)) several.add(squeezed);
        seen.add(squeezed);
      }
  }
  return (one, other) =>
    one.aliases.some(
      ({ squeezed }) => several.has(squeezed) && other.aliases.some((there) => there.squeezed === squeezed),
    );
}

/** A name of their own, or e-mail or number with a name that is at least alike. */
function isTelling(clues: readonly Clue[], isShared: boolean): boolean {
  const says = (reason: string): boolean =>
    clues.some((clue) => clue.reason.startsWith(reason) && clue.bits > 0);
  const isNamedSo = says('same name');
  const isAlike = isNamedSo || says('similar name') || says('name the same in part');
  const isProved = clues.some(({ reason }) => reason === 'same e-mail' || reason === 'same number');
  return (isNamedSo && !isShared) || (isAlike && isProved);
}

const isAround = ({ isActive, endedOn }: Employee, paidSince: string): boolean =>
  isActive || (endedOn !== null && endedOn >= paidSince);

function doubtsOf(person: Person, employee: Employee, paidSince: string): readonly string[] {
  const { employeeId } = person;
  const isOtherNumber =
    (employeeId ?? '') !== '' && plainNumber(employeeId ?? '') !== plainNumber(employee.number);
  return [
    ...(isOtherNumber ? [`Procore has number ${employeeId ?? ''}`] : []),
    ...(isAround(employee, paidSince) ? [] : [LEFT]),
    ...(person.isActive === false ? ['inactive in Procore'] : []),
    ...(person.isEmployee === false ? [OUTSIDER] : []),
  ];
}

const plainNumber = (text: string): string => numberOf(text.toUpperCase().replace(/[^\p{L}\p{N}]/gu, ''));

const ends = ({ personId, employeeKey }: SuggestedPerson): readonly string[] => [
  `p ${personId}`,
  `e ${employeeKey}`,
];

/** Of several that might be one, a person chooses. */
function withRivals(found: readonly SuggestedPerson[]): readonly SuggestedPerson[] {
  const byEnd = new Map<string, SuggestedPerson[]>();
  for (const one of found) for (const end of ends(one)) byEnd.set(end, [...(byEnd.get(end) ?? []), one]);
  return found.map((one) => {
    const isRivalled = ends(one).some((end) =>
      (byEnd.get(end) ?? []).some((other) => other !== one && other.bits >= one.bits - RIVAL),
    );
    return one.verdict === 'match' && isRivalled
      ? { ...one, verdict: 'ask', reasons: [...one.reasons, 'others are as likely'] }
      : one;
  });
}

/** Nobody is asked about somebody who has a match. */
function withoutBeaten(found: readonly SuggestedPerson[]): SuggestedPerson[] {
  const matched = new Set(found.filter(({ verdict }) => verdict === 'match').flatMap(ends));
  return found.filter((one) => one.verdict === 'match' || !ends(one).some((end) => matched.has(end)));
}

/** Who works here comes first, and who is no employee in Procore last. */
const rankOf = ({ reasons }: SuggestedPerson): number =>
  (reasons.includes(OUTSIDER) ? 2 : 0) + (reasons.includes(LEFT) ? 1 : 0);

const inOrder = (a: SuggestedPerson, b: SuggestedPerson): number =>
  rankOf(a) - rankOf(b) ||
  Number(a.verdict === 'ask') - Number(b.verdict === 'ask') ||
  b.bits - a.bits ||
  (a.employeeKey < b.employeeKey ? -1 : a.employeeKey > b.employeeKey ? 1 : 0) ||
  a.personId - b.personId;
