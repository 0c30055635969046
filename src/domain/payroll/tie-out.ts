import type { ProcoreId } from '../kinds/record';
import type { TimecardEntry } from './entry';
import { hoursText, hundredthsOf, parseHours, SECONDS_PER_HUNDREDTH } from './hours';
import type { KnownLine, PayLine } from './line';
import type { PeriodPlan } from './plan';
import { personOf } from './resolve';

/** The five places in which hours of a period stand, in their order. */
export const STAGES = ['source', 'approved', 'written', 'accepted', 'posted'] as const;
export type Stage = (typeof STAGES)[number];

/** Why a stage has other hours than the one before it. */
export const DIFFERENCES = {
  left_out: 'left out of the plan',
  new_since: 'entered after the plan was approved',
  edited_since: 'edited after the plan was approved',
  rounding: 'the day was rounded once, or clocks changed during a shift',
  not_written: 'approved and not written',
  written_otherwise: 'written, and not as it was approved',
  no_answer: 'written, and not in the ERP',
  rejected: 'refused by the ERP',
  altered: 'changed in the ERP',
  added: 'added in the ERP by somebody else',
  not_posted: 'accepted and not posted yet',
  unexplained: 'nobody knows why',
} as const;
export type DifferenceReason = keyof typeof DIFFERENCES;

/** One named part of a difference: signed hours that a stage has more than the one before. */
export interface Difference {
  readonly stage: Exclude<Stage, 'source'>;
  readonly hours: string;
  readonly reason: DifferenceReason;
  /** For people: the reason of a line or entry, where there is one. */
  readonly detail: string;
  /** The line that it is about; null: an entry, or the whole. */
  readonly line: DifferingLine | null;
}
export type DifferingLine = Pick<KnownLine, 'date' | 'earnCode' | 'job'>;

/** Hours of one employee in a period, stage by stage; leave included, machines and allowances not. */
export interface TieOutRow extends Readonly<Record<Stage, string>> {
  /** Key of the employee; null: a person of Procore that is not matched. */
  readonly employee: string | null;
  /** As Procore names them; null: nothing of theirs came from there. */
  readonly person: string | null;
  /** In the order of the stages. Together they are every difference, to the hundredth. */
  readonly differences: readonly Difference[];
}

export interface TieOutInput {
  /** Entries as they are now, of the period and the late ones that were paid with it. */
  readonly entries: readonly TimecardEntry[];
  /** Key of the employee whose hours an entry is; null: not matched. */
  readonly employeeOf: (entry: TimecardEntry) => string | null;
  /** As it was approved. */
  readonly plan: Pick<PeriodPlan, 'lines' | 'leftOut'>;
  /** Entries that are not as they were then. */
  readonly moved: ReadonlySet<ProcoreId>;
  readonly written: readonly PayLine[];
  /** The ERP's lines of the period, whoever made them. */
  readonly rows: readonly KnownLine[];
}

/** Source, approved, written, accepted and posted hours of a period by employee, with every difference named. */
export function tieOut(input: TieOutInput): readonly TieOutRow[] {
  const people = new Map<string, Person>();
  const of = (employee: string | null, person: string | null): Person => {
    const key = employee ?? `? ${person}`;
    const known = people.get(key) ?? newPerson(employee, person);
    people.set(key, known);
    known.name ??= person;
    return known;
  };
  const units = new Set(input.plan.lines.filter((line) => !isTime(line)).flatMap(({ entries }) => entries));
  for (const entry of input.entries) {
    if (entry.deletedAt !== null || units.has(entry.id)) continue;
    const seconds = parseHours(entry.hours);
    if (seconds === null) continue;
    of(input.employeeOf(entry), personOf(entry)).entries.push({ entry, seconds });
  }
  for (const line of input.plan.lines.filter(isTime)) of(line.employee, null).approved.push(line);
  for (const line of input.written.filter(isTime)) of(line.employee, null).written.push(line);
  for (const row of input.rows.filter(isTime)) of(row.employee, null).rows.push(row);
  const planned = new Set(input.plan.lines.flatMap(({ entries }) => entries));
  const { moved } = input;
  const leftOut = new Map(input.plan.leftOut.map((one) => [one.entry, one.text]));
  return [...people.values()]
    .map((person) => rowOf(person, { planned, moved, leftOut }))
    .sort(
      (one, two) =>
        compare(one.employee ?? '~', two.employee ?? '~') || compare(one.person ?? '', two.person ?? ''),
    );
}

interface Person {
  readonly employee: string | null;
  name: string | null;
  readonly entries: { readonly entry: TimecardEntry; readonly seconds: number }[];
  readonly approved: PayLine[];
  readonly written: PayLine[];
  readonly rows: KnownLine[];
}

const newPerson = (employee: string | null, name: string | null): Person => ({
  employee,
  name,
  entries: [],
  approved: [],
  written: [],
  rows: [],
});

const isTime = ({ family }: Pick<PayLine, 'family'>): boolean => family === 'worked' || family === 'leave';
const compare = (one: string, two: string): number => (one < two ? -1 : one > two ? 1 : 0);

interface Planned {
  readonly planned: ReadonlySet<ProcoreId>;
  readonly moved: ReadonlySet<ProcoreId>;
  readonly leftOut: ReadonlyMap<ProcoreId, string>;
}

const sumOf = (lines: readonly { readonly hours: string }[]): number =>
  lines.reduce((sum, { hours }) => sum + hundredthsOf(hours), 0);
const printed = (seconds: number): number => Math.round(seconds / SECONDS_PER_HUNDREDTH);

function rowOf(person: Person, plan: Planned): TieOutRow {
  const accepted = person.rows.filter(({ state }) => state !== 'rejected');
  const posted = accepted.filter(({ state }) => state === 'posted');
  const hours: Readonly<Record<Stage, number>> = {
    source: printed(person.entries.reduce((sum, { seconds }) => sum + seconds, 0)),
    approved: sumOf(person.approved),
    written: sumOf(person.written),
    accepted: sumOf(accepted),
    posted: sumOf(posted),
  };
  const named = [
    ...ofPlan(person, plan),
    ...ofWriting(person),
    ...ofAnswers(person),
    ...accepted
      .filter(({ state }) => state !== 'posted')
      .map((row) => ofLine('posted', -hundredthsOf(row.hours), 'not_posted', row)),
  ];
  return {
    employee: person.employee,
    person: person.name,
    source: hoursText(hours.source),
    approved: hoursText(hours.approved),
    written: hoursText(hours.written),
    accepted: hoursText(hours.accepted),
    posted: hoursText(hours.posted),
    differences: STAGES.slice(1).flatMap((stage, index) => {
      const before = hours[STAGES[index] ?? 'source'];
      return completed(stage as Difference['stage'], hours[stage] - before, named, isMoved(person, plan));
    }),
  };
}

/** Whether an entry that this person had or has is not as the plan saw it. */
const isMoved = ({ entries, approved }: Person, { moved }: Planned): boolean =>
  entries.some(({ entry }) => moved.has(entry.id)) ||
  approved.some((line) => line.entries.some((id) => moved.has(id)));

/** What is named of a stage, and what is left over. */
function completed(
  stage: Difference['stage'],
  apart: number,
  named: readonly Difference[],
  wasEdited: boolean,
): readonly Difference[] {
  const own = named.filter((one) => one.stage === stage && hundredthsOf(one.hours) !== 0);
  const left = apart - sumOf(own);
  if (left === 0) return own;
  const reason = stage === 'approved' ? (wasEdited ? 'edited_since' : 'rounding') : 'unexplained';
  return [...own, difference(stage, left, reason)];
}

const difference = (
  stage: Difference['stage'],
  hundredths: number,
  reason: DifferenceReason,
  detail: string = DIFFERENCES[reason],
): Difference => ({ stage, hours: hoursText(hundredths), reason, detail, line: null });

function ofLine(
  stage: Difference['stage'],
  hundredths: number,
  reason: DifferenceReason,
  { date, earnCode, job }: DifferingLine,
  problems: readonly string[] = [],
): Difference {
  const words = [date, earnCode, job].filter((part) => part !== null).join(' ');
  return {
    ...difference(stage, hundredths, reason, problems.join(' ') || words),
    line: { date, earnCode, job },
  };
}

const ofPlan = ({ entries }: Person, { planned, leftOut }: Planned): readonly Difference[] =>
  entries
    .filter(({ entry }) => !planned.has(entry.id))
    .map(({ entry, seconds }) => {
      const text = leftOut.get(entry.id);
      return text === undefined
        ? difference('approved', -printed(seconds), 'new_since', `entry ${entry.id} of ${entry.date}`)
        : difference('approved', -printed(seconds), 'left_out', text);
    });

function ofWriting({ approved, written }: Person): readonly Difference[] {
  const there = new Map(written.map((line) => [line.key, line]));
  const keys = new Set(approved.map(({ key }) => key));
  return [
    ...approved.flatMap((line) => {
      const one = there.get(line.key);
      if (one === undefined) return [ofLine('written', -hundredthsOf(line.hours), 'not_written', line)];
      const apart = hundredthsOf(one.hours) - hundredthsOf(line.hours);
      return [ofLine('written', apart, 'written_otherwise', line)];
    }),
    ...written
      .filter(({ key }) => !keys.has(key))
      .map((line) => ofLine('written', hundredthsOf(line.hours), 'written_otherwise', line)),
  ];
}

/** The ERP's overtime rows belong to the rows that they were made from: a split is no difference. */
function ofAnswers({ written, rows }: Person): readonly Difference[] {
  const keyOf = new Map(rows.map((row) => [row.id, row.key]));
  const held = new Map<string, number>();
  const rejected = new Map<string, KnownLine>();
  const added: KnownLine[] = [];
  for (const row of rows) {
    const key = row.key ?? (row.madeFrom === null ? null : (keyOf.get(row.madeFrom) ?? null));
    if (row.state === 'rejected') rejected.set(key ?? row.id, row);
    else if (key === null) added.push(row);
    else held.set(key, (held.get(key) ?? 0) + hundredthsOf(row.hours));
  }
  const keys = new Set(written.map(({ key }) => key));
  return [
    ...written.map((line) => {
      const hundredths = hundredthsOf(line.hours);
      const there = held.get(line.key);
      const refused = rejected.get(line.key);
      if (there !== undefined) return ofLine('accepted', there - hundredths, 'altered', line);
      return refused === undefined
        ? ofLine('accepted', -hundredths, 'no_answer', line)
        : ofLine('accepted', -hundredths, 'rejected', refused, refused.problems);
    }),
    ...[...held]
      .filter(([key]) => !keys.has(key))
      .map(([, hundredths]) => difference('accepted', hundredths, 'added')),
    ...added.map((row) => ofLine('accepted', hundredthsOf(row.hours), 'added', row)),
  ];
}
