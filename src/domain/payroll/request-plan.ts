import { dateIn } from '../base/time-zone';
import type { ProcoreId } from '../kinds/record';
import type { EntryWritten, KeptEntry, RefusedLine, WrittenLine } from './books';
import { approvedBefore, countedRevision, isPayable, paidRevision } from './books';
import { hundredthsOf } from './hours';
import { contains } from './calendar';
import { cellKey, cellOf } from './cell';
import type { Correction, WorksheetStep } from './correction';
import { personName } from './employee';
import { correctionsOf } from './correction';
import type { PeriodInput } from './gather';
import type { Stop } from './judge-cell';
import type { KnownLine, PayLine } from './line';
import type { PlannedBatch } from './planned-batch';
import { batchOf } from './planned-batch';
import type { PeriodDraft } from './plan';
import { draftPeriod } from './plan';
import type { PayPeriod } from './period';
import { resolver } from './resolve';
import type { Truth } from './truth';
import { truthOf } from './truth';

/** Everything that the request of a pay period is planned from: what both sides have now, and what was done so far. */
export interface PayRequestInput extends Omit<PeriodInput, 'entries' | 'elsewhere' | 'gathered'> {
  readonly requestId: string;
  /** The cut-off of the period is over. */
  readonly isCutOff: boolean;
  /** Entries of the period and of the workweeks that it cuts, earlier ones that nobody wrote, and those that this request may correct. */
  readonly kept: readonly KeptEntry[];
  /** Lines of ours of the dates of these entries, whichever request wrote them. */
  readonly written: readonly WrittenLine[];
  readonly refused: readonly RefusedLine[];
  /** Rows of the ERP of all periods that these lines are in, and of this period. */
  readonly rows: readonly KnownLine[];
  /** Requests that are over and whose corrections this one makes; empty: another one does. */
  readonly corrects: ReadonlySet<string>;
  /** Older periods of the group whose requests are open: what they had at their cut-off is theirs, written or not. */
  readonly older: readonly Pick<PayPeriod, 'begin' | 'end' | 'cutOff'>[];
  readonly decisions: PayDecisions;
  /** What the batches of the ERP can take. */
  readonly can: { readonly negatives?: true };
}

/** What of it the plan of the period is made from. */
export type PeriodPart = Pick<
  PayRequestInput,
  'period' | 'periods' | 'asOf' | 'kept' | 'references' | 'rules' | 'isCutOff' | 'older'
>;

/** What people decided about what no rule decides. */
export interface PayDecisions {
  /** Rows of others, by id: paid for what our entries say, or none of ours. */
  readonly rows: ReadonlyMap<string, 'adopt' | 'ignore'>;
  /** Entries that are as they were written, and are to be corrected all the same: their codes are others now. */
  readonly correct: ReadonlySet<ProcoreId>;
  /** Lines of ours that somebody took out of the ERP, by key: written again, or left out until their entries are edited. */
  readonly lines: ReadonlyMap<string, 'again' | 'drop'>;
}

/** Something that nothing is written for before a person has looked. */
export interface PayStop {
  /** `timecard_entry/<id>`, or what is known of it. */
  readonly recordId: string;
  readonly entries: readonly ProcoreId[];
  /** Sentences for people: what is wrong, and what may be answered. */
  readonly text: string;
}

/** What a clerk enters by hand, where the ERP takes no negative time. */
export interface Worksheet {
  readonly entries: readonly ProcoreId[];
  readonly steps: readonly WorksheetStep[];
}

/** What the request of a period comes to now. */
export interface PayRequestPlan {
  /** The lines that no batch has yet, and everything about them. */
  readonly period: PeriodDraft;
  /** Batches of the ERP that are to hold something else than they do. */
  readonly batches: readonly PlannedBatch[];
  readonly corrections: readonly Extract<Correction, { kind: 'write' }>[];
  readonly worksheets: readonly Worksheet[];
  readonly stops: readonly PayStop[];
  /** Entries that a batch of ours has and that belong elsewhere now: taken out, and free. */
  readonly leaves: readonly ProcoreId[];
  /** Entries that this request has once its batches are written, with their hours. */
  readonly takes: readonly EntryWritten[];
  /** Lines that the ERP has, with our keys, and that our books do not know: they were written, and the books are older. */
  readonly adopts: readonly { readonly line: PayLine; readonly batch: string }[];
  /** Rows of ours that wait to be posted. */
  readonly unposted: number;
  readonly posted: number;
}

/**
 * Plans the request of a pay period: lines that were never written come from the plan of the period, everything else from holding what is true against what
 * the ERP has. The same input, in any order, makes the same plan.
 */
export function planRequest(input: PayRequestInput): PayRequestPlan {
  const { requestId, written, rows, references, rules } = input;
  const share = shareOf(input);
  const leaves = leavesOf(share, input);
  const truth = truthIn(share, leaves, input);
  const period = draftPeriod(periodInput(input));
  const refused = new Map(input.refused.map((one) => [one.line.key, one]));
  const isRefused = ({ key, hours }: PayLine): boolean => refused.get(key)?.line.hours === hours;
  const fresh = input.isCutOff ? period.lines.filter((line) => !isRefused(line)) : [];
  const all = [...truth.lines, ...fresh];
  const company = references.company;
  const found = correctionsOf({
    company,
    truth: all,
    rows: rowsOf(share.lines, all, input),
    written: share.lines.map(({ line }) => line).filter(({ key }) => !input.decisions.lines.has(key)),
    unknown: new Set(),
    decisions: input.decisions.rows,
    can: input.can,
    unresolved: new Set(truth.unresolved),
    unedited: new Set(truth.unedited.filter((id) => !input.decisions.correct.has(id))),
    isOpen: () => false,
    codes: references.codes,
    groupOf: (employee) => references.employees.get(employee)?.payGroup ?? input.period.group,
    overtimeOwner: references.overtimeOwner,
    workweek: rules.workweek,
  });
  const corrections = found.corrections.filter((one) => one.kind === 'write');
  const unwritten = new Set(found.unwritten.map(({ cell }) => cellKey(cell)));
  const anew = all.filter((line) => unwritten.has(cellKey(cellOf(company, line))));
  const batches = batchesOf(input, share, corrections, anew);
  const there = new Set(rows.map(({ key }) => key));
  const gone = byEntry(written.filter(({ line }) => !there.has(line.key)));
  const stops = found.corrections
    .filter((one) => one.kind === 'stopped')
    .map((one) => stopOf(one, input, gone));
  const own = written.filter((line) => line.requestId === requestId);
  const states = new Map(rows.flatMap(({ key, state }) => (key === null ? [] : [[key, state] as const])));
  return {
    period,
    batches: batches.planned,
    corrections,
    worksheets: found.corrections
      .filter((one) => one.kind === 'worksheet')
      .map(({ entries, steps }) => ({ entries, steps })),
    stops: [
      ...stops,
      ...batches.stops,
      ...period.lines
        .filter(isRefused)
        .map((line) => refusalOf(line, refused.get(line.key)?.reason ?? '', input)),
    ],
    leaves: [...leaves],
    adopts: adoptable(period.lines, input),
    takes: takesOf(input, { truth, period, corrections, anew, leaves }),
    unposted: own.filter(({ line }) => (states.get(line.key) ?? 'posted') !== 'posted').length,
    posted: own.filter(({ line }) => states.get(line.key) === 'posted').length,
  };
}

function adoptable(lines: readonly PayLine[], { rows, written }: PayRequestInput): PayRequestPlan['adopts'] {
  const known = new Set(written.map(({ line }) => line.key));
  const there = new Map(rows.flatMap((row) => (row.key === null ? [] : [[row.key, row] as const])));
  return lines.flatMap((line) => {
    const row = known.has(line.key) ? undefined : there.get(line.key);
    return row === undefined ? [] : [{ line, batch: row.batch ?? '' }];
  });
}

/** What of the books is this request's to keep right. */
interface Share {
  readonly kept: readonly KeptEntry[];
  readonly lines: readonly WrittenLine[];
}

/**
 * Its own entries, and edited ones of requests that are over where it corrects those; with everything that shares a line or an employee's day with them. What
 * another open request has is that one's.
 */
function shareOf({ requestId, corrects, kept, written, rules }: PayRequestInput): Share {
  const isMine = (id: string | null): boolean => id !== null && (id === requestId || corrects.has(id));
  const mine = kept.filter(({ writtenIn }) => isMine(writtenIn));
  const lines = written.filter((line) => isMine(line.requestId));
  const linesOf = byEntry(lines);
  const entries = new Map(mine.map((one) => [one.entry.id, one]));
  const days = new Map<string, KeptEntry[]>();
  for (const one of mine) {
    const day = dayOf(one.entry);
    days.set(day, [...(days.get(day) ?? []), one]);
  }
  const begins = mine.filter(
    ({ entry, approved, writtenIn, writtenRevision }) =>
      writtenIn === requestId || countedRevision(entry, approved, rules) !== writtenRevision,
  );
  const taken = new Map<ProcoreId, KeptEntry>();
  const takenLines = new Set<WrittenLine>(lines.filter((line) => line.requestId === requestId));
  const next = [
    ...begins,
    ...[...takenLines].flatMap(({ line }) => line.entries.flatMap((id) => entries.get(id) ?? [])),
  ];
  for (let one = next.pop(); one !== undefined; one = next.pop()) {
    if (taken.has(one.entry.id)) continue;
    taken.set(one.entry.id, one);
    next.push(...(days.get(dayOf(one.entry)) ?? []));
    for (const line of linesOf.get(one.entry.id) ?? []) {
      takenLines.add(line);
      next.push(...line.line.entries.flatMap((id) => entries.get(id) ?? []));
    }
  }
  return { kept: [...taken.values()], lines: [...takenLines] };
}

type LinesByEntry = ReadonlyMap<ProcoreId, readonly WrittenLine[]>;

function byEntry(lines: readonly WrittenLine[]): LinesByEntry {
  const found = new Map<ProcoreId, WrittenLine[]>();
  for (const line of lines)
    for (const id of line.line.entries) found.set(id, [...(found.get(id) ?? []), line]);
  return found;
}

const dayOf = ({ person, date }: KeptEntry['entry']): string => JSON.stringify([person?.id ?? null, date]);

/**
 * Entries that are in a batch and not posted, and belong to another period or pay group now. They are taken out, and paid there: only what is posted is
 * corrected where it stands.
 */
function leavesOf({ kept, lines }: Share, input: PayRequestInput): ReadonlySet<ProcoreId> {
  const { requestId, period, references, rules, rows } = input;
  const linesOf = byEntry(lines);
  const posted = new Set(rows.filter(({ state }) => state === 'posted').map(({ key }) => key));
  const resolve = resolver(references);
  const leaves = ({ entry, writtenIn }: KeptEntry): boolean => {
    if (writtenIn !== requestId || !isPayable(entry, rules)) return false;
    const own = linesOf.get(entry.id) ?? [];
    if (own.length === 0 || own.some(({ line }) => posted.has(line.key))) return false;
    const resolved = resolve(entry);
    if (resolved.kind === 'codes' && resolved.codes.payGroup !== period.group) return true;
    return own.some(({ line }) => contains(period, line.date)) && !contains(period, entry.date);
  };
  return new Set(kept.filter(leaves).map(({ entry }) => entry.id));
}

function truthIn(
  { kept, lines }: Share,
  leaves: ReadonlySet<ProcoreId>,
  { references, rules, decisions }: PayRequestInput,
): Truth {
  const dropped = new Set(
    lines.flatMap(({ line }) => (decisions.lines.get(line.key) === 'drop' ? line.entries : [])),
  );
  const stays = kept.filter(
    ({ entry, writtenRevision }) =>
      !leaves.has(entry.id) && !(dropped.has(entry.id) && paidRevision(entry, rules) === writtenRevision),
  );
  return truthOf({
    entries: stays.map(({ entry }) => entry),
    approvedBefore: approvedBefore(stays),
    printed: new Map(
      stays.flatMap(({ entry, hours, writtenRevision }) =>
        hours === null || writtenRevision === null
          ? []
          : [[entry.id, { hours, revision: writtenRevision }] as const],
      ),
    ),
    references,
    rules,
  });
}

/** Entries of the lines that come, and of every correction that is made: also those that have no hours any more. */
function takesOf(
  { kept, rules }: PayRequestInput,
  {
    truth,
    period,
    corrections,
    anew,
    leaves,
  }: {
    readonly truth: Truth;
    readonly period: PeriodDraft;
    readonly corrections: readonly Extract<Correction, { kind: 'write' }>[];
    readonly anew: readonly PayLine[];
    readonly leaves: ReadonlySet<ProcoreId>;
  },
): readonly EntryWritten[] {
  const taken = new Set([...anew, ...corrections].flatMap(({ entries }) => entries));
  return kept
    .filter(({ entry: { id } }) => taken.has(id) && !leaves.has(id))
    .map(({ entry, approved }) => ({
      entryId: entry.id,
      hours: truth.hours.get(entry.id) ?? hundredthsOf(period.printed[String(entry.id)] ?? '0'),
      revision: countedRevision(entry, approved, rules),
    }));
}

/** What the plan of the period is made from: what a batch has stands elsewhere, also one of this request. */
export function periodInput(input: PeriodPart): PeriodInput {
  const { kept, period, periods, asOf, references, older, isCutOff, rules } = input;
  const isOlders = (one: KeptEntry): boolean => older.some((other) => isGathered(one, other, rules));
  return {
    period,
    periods,
    asOf,
    references,
    rules,
    entries: kept.map(({ entry }) => entry),
    elsewhere: new Map(
      kept
        .filter((one) => one.writtenIn !== null || isOlders(one))
        .map(({ entry, writtenIn, hours }) => [
          entry.id,
          { where: writtenIn ?? 'an older period', hours: hours ?? 0 },
        ]),
    ),
    gathered: isCutOff
      ? new Set(kept.filter((one) => isGathered(one, period, rules)).map(({ entry }) => entry.id))
      : null,
  };
}

/** Whether a period had an entry at its cut-off: of its dates, or a late one. */
const isGathered = (
  { entry, payableSince }: KeptEntry,
  { end, cutOff }: Pick<PayPeriod, 'end' | 'cutOff'>,
  { timeZone }: PayRequestInput['rules'],
): boolean =>
  payableSince !== null && entry.date <= end && dateIn(Date.parse(payableSince), timeZone) <= (cutOff ?? end);

/** Rows of the days that are compared: ours by their keys, and what others have there. */
function rowsOf(
  lines: readonly WrittenLine[],
  truth: readonly PayLine[],
  { rows, written }: PayRequestInput,
): readonly KnownLine[] {
  const own = new Set(lines.map(({ line }) => line.key));
  const ofOthers = new Set(written.map(({ line }) => line.key).filter((key) => !own.has(key)));
  const otherIds = new Set(rows.filter(({ key }) => key !== null && ofOthers.has(key)).map(({ id }) => id));
  const days = new Set(
    [...lines.map(({ line }) => line), ...truth].map(({ employee, date }) =>
      JSON.stringify([employee, date]),
    ),
  );
  return rows.filter(({ key, madeFrom, employee, date }) => {
    if (key !== null && own.has(key)) return true;
    if (key !== null && ofOthers.has(key)) return false;
    if (madeFrom !== null && otherIds.has(madeFrom)) return false;
    return days.has(JSON.stringify([employee, date]));
  });
}

interface Batches {
  readonly planned: readonly PlannedBatch[];
  readonly stops: readonly PayStop[];
}

/** What is written, batch by batch: ordinary lines go to the batch of this period, legs of corrections to one of their own, of the pay group that they are of. */
function batchesOf(
  input: PayRequestInput,
  { lines }: Share,
  corrections: readonly Extract<Correction, { kind: 'write' }>[],
  anew: readonly PayLine[],
): Batches {
  const { period, periods, requestId } = input;
  const purposes = new Map(lines.map(({ line, purpose }) => [line.key, purpose]));
  const goals = new Map<
    string,
    { target: PayPeriod; purpose: PlannedBatch['purpose']; added: PayLine[]; withdrawn: KnownLine[] }
  >();
  const stops: PayStop[] = [];
  const goal = (target: PayPeriod, purpose: PlannedBatch['purpose']) => {
    const key = `${target.group} ${purpose}`;
    const known = goals.get(key) ?? { target, purpose, added: [], withdrawn: [] };
    goals.set(key, known);
    return known;
  };
  if (anew.length > 0) goal(period, 'period').added.push(...anew);
  for (const correction of corrections) {
    const targets = correction.batches.map(({ group }) => targetOf(group, period, periods, input.asOf));
    const missing = correction.batches.filter((_, index) => targets[index] === undefined);
    if (missing.length > 0) {
      stops.push({
        recordId: `timecard_entry/${correction.entries[0] ?? 0}`,
        entries: correction.entries,
        text: `No pay period of group ${missing.map(({ group }) => group).join(', ')} is open: the correction waits for one.`,
      });
      continue;
    }
    for (const [index, batch] of correction.batches.entries()) {
      const target = targets[index];
      if (target === undefined) continue;
      for (const line of batch.lines)
        goal(target, line.leg === undefined ? 'period' : 'correction').added.push(line);
      for (const row of batch.withdraw)
        goal(target, purposes.get(row.key ?? '') ?? 'period').withdrawn.push(row);
    }
  }
  return {
    planned: [...goals.values()]
      .map((one) => batchOf(one, { written: input.written, rows: input.rows, requestId }))
      .sort((one, two) => rank(one, input) - rank(two, input)),
    stops,
  };
}

/** Own batches first; corrections last. */
const rank = ({ period, purpose }: PlannedBatch, input: PayRequestInput): number =>
  (period.group === input.period.group ? 0 : 2) + (purpose === 'period' ? 0 : 1);

/** The period in which a pay group is corrected: this one, or the oldest that is open. */
const targetOf = (
  group: string,
  period: PayPeriod,
  periods: readonly PayPeriod[],
  asOf: string,
): PayPeriod | undefined =>
  group === period.group
    ? period
    : periods
        .filter((one) => one.group === group && one.state === 'open' && one.run === 1 && one.begin <= asOf)
        .sort((one, two) => (one.end < two.end ? -1 : 1))[0];

function stopOf(
  { stops, entries }: Extract<Correction, { kind: 'stopped' }>,
  input: PayRequestInput,
  gone: LinesByEntry,
): PayStop {
  const told = stops.map(({ cell, stop, text, rows }) => {
    const said = rows.flatMap(({ problems }) => problems).join(' ');
    return [
      text.replace(cell.employee, nameIn(cell.employee, input)),
      said,
      ...answersTo(stop, rows, entries, input, gone),
    ]
      .filter((part) => part !== '')
      .join(' ');
  });
  return { recordId: `timecard_entry/${entries[0] ?? 0}`, entries, text: told.join(' ') };
}

/** What a person may answer, as the command that does. */
function answersTo(
  stop: Stop,
  rows: readonly KnownLine[],
  entries: readonly ProcoreId[],
  { requestId }: PayRequestInput,
  gone: LinesByEntry,
): readonly string[] {
  const decide = `tieback payroll decide ${requestId}`;
  if (stop === 'foreign')
    return rows.map(
      ({ id, hours, earnCode }) =>
        `Row ${id} has ${hours} h ${earnCode}: \`${decide} row ${id} adopt\` counts it as paid for these entries, \`ignore\` leaves it aside.`,
    );
  if (stop === 'unedited')
    return entries.map((id) => `\`${decide} entry ${id} correct\` corrects it all the same.`);
  if (stop !== 'gone') return [];
  return [...new Set(entries.flatMap((id) => gone.get(id) ?? []))].map(
    ({ line }) => `\`${decide} line ${line.key} again\` writes it again, \`drop\` leaves it out.`,
  );
}

function refusalOf(line: PayLine, reason: string, input: PayRequestInput): PayStop {
  const { entries, date, hours, earnCode } = line;
  return {
    recordId: `timecard_entry/${entries[0] ?? 0}`,
    entries,
    text: `${nameIn(line.employee, input)}, ${date}, ${hours} h ${earnCode}: the ERP refuses the line: ${reason}. Put it right there, then \`tieback retry ${input.requestId}\`.`,
  };
}

const nameIn = (key: string, { references: { employees } }: PayRequestInput): string => {
  const employee = employees.get(key);
  return employee === undefined ? key : personName(employee);
};
