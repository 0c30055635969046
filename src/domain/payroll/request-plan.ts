import { dateIn } from '../base/time-zone';
import type { ProcoreId } from '../kinds/record';
import type { EntryWritten, KeptEntry, RefusedLine, WrittenLine } from './books';
import { approvedBefore, countedRevision, isPayable, paidRevision } from './books';
import { hundredthsOf } from './hours';
import { contains } from './calendar';
import { cellKey, cellOf, reversalKey } from './cell';
import type { LedgerHead } from '../plan/ledger-head';
import type { Correction, WorksheetStep } from './correction';
import { decideCommand } from './decisions';
import { personName } from './employee';
import { correctionsOf } from './correction';
import type { PeriodInput } from './gather';
import type { Stop } from './judge-cell';
import type { KnownLine, PayLine } from './line';
import type { BatchMade } from './batches';
import { batchesOf, isRefused } from './batches';
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
  /** What the ledger of the ERP has of each batch record, by `payRecordId`. */
  readonly heads: Readonly<Record<string, LedgerHead | null>>;
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
  /** Those of these rows that somebody decided about for this request. */
  readonly own: ReadonlySet<string>;
  /** Entries that are as they were written, and are to be corrected all the same: their codes are others now. */
  readonly correct: ReadonlySet<ProcoreId>;
  /** Entries of which the ERP shows something else, and that stay so until they are edited. */
  readonly leave: ReadonlySet<ProcoreId>;
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
  /** The ERP shows other hours than the entries, and nobody would ask again: the request is not over before somebody answers. */
  readonly isLoss: boolean;
}

/** What a clerk enters by hand, where the ERP takes no negative time. */
export interface Worksheet {
  readonly entries: readonly ProcoreId[];
  readonly steps: readonly WorksheetStep[];
}

/** A batch, and what our books say once it is written. */
export interface PayBatchMade extends Pick<BatchMade, 'batch'> {
  /** Entries that this request has then, with their hours. */
  readonly takes: readonly EntryWritten[];
  /** Entries that it had and that belong elsewhere now: taken out, and free. */
  readonly frees: readonly ProcoreId[];
}

/** What the request of a period comes to now. */
export interface PayRequestPlan {
  /** The lines that no batch has yet, and everything about them. */
  readonly period: PeriodDraft;
  /** Batches of the ERP that are to hold something else than they do, in the order in which they are written. */
  readonly batches: readonly PayBatchMade[];
  readonly corrections: readonly Extract<Correction, { kind: 'write' }>[];
  /** Entries that are paid already, because a row of somebody else counts for them: our books say so from now on. */
  readonly settled: readonly EntryWritten[];
  readonly worksheets: readonly Worksheet[];
  readonly stops: readonly PayStop[];
  /** Rows of ours that wait to be posted. */
  readonly unposted: number;
  readonly posted: number;
}

/**
 * Plans the request of a pay period: lines that were never written come from the plan of the period, everything else from holding what is true against what
 * the ERP has. The same input, in any order, makes the same plan.
 */
export function planRequest(given: PayRequestInput): PayRequestPlan {
  const share = shareOf(given);
  const input = { ...given, rows: withoutCopies(given), decisions: decisionsFor(share, given) };
  const { requestId, written, rows, references, rules } = input;
  const leaves = leavesOf(share, input);
  const truth = truthIn(share, leaves, input);
  const period = draftPeriod(periodInput(input));
  const refused = new Map(input.refused.map((one) => [one.line.key, one]));
  const fresh = input.isCutOff ? period.lines : [];
  const sent = fresh.filter((line) => !isRefused(line, refused));
  const company = references.company;
  const groupOf = (employee: string): string =>
    references.employees.get(employee)?.payGroup ?? input.period.group;
  const compare = (lines: readonly PayLine[], own: readonly WrittenLine[]): Compared => {
    const found = correctionsOf({
      company,
      truth: lines,
      rows: rowsOf(own, lines, input),
      written: own.map(({ line }) => line).filter(({ key }) => !isAnswered(key, input)),
      unknown: new Set(),
      decisions: input.decisions.rows,
      can: input.can,
      unresolved: new Set(truth.unresolved),
      unedited: new Set(truth.unedited.filter((id) => !input.decisions.correct.has(id))),
      isOpen: () => false,
      codes: references.codes,
      groupOf,
      overtimeOwner: references.overtimeOwner,
      workweek: rules.workweek,
    });
    const linesOf = (states: typeof found.agreed): readonly PayLine[] => {
      const cells = new Set(states.map(({ cell }) => cellKey(cell)));
      return lines.filter((line) => cells.has(cellKey(cellOf(company, line))));
    };
    return {
      agreed: linesOf(found.agreed),
      anew: linesOf(found.unwritten),
      corrections: found.corrections,
    };
  };
  // What comes is a line of its own beside what is written, but where rows of others count for all that is there.
  const adopted = adoptedDays(input);
  const isBeside = (line: PayLine): boolean => !adopted.has(personDay(line));
  const both = [
    compare([...truth.lines, ...sent.filter((line) => !isBeside(line))], share.lines),
    compare(sent.filter(isBeside), []),
  ];
  const found = both.flatMap(({ corrections }) => corrections);
  const anew = both.flatMap((one) => one.anew);
  const coming = new Set(sent.flatMap(({ entries }) => entries));
  const settled = new Set(
    both.flatMap(({ agreed }) => agreed.flatMap(({ entries }) => entries)).filter((id) => coming.has(id)),
  );
  const batches = batchesOf(
    { ...input, groupOf, refused, newest: (recordId) => input.heads[recordId]?.erpKey ?? null },
    found.filter((one) => one.kind === 'write'),
    anew.filter((line) => !isRefused(line, refused)),
  );
  const there = new Set(rows.map(({ key }) => key));
  const gone = byEntry(written.filter(({ line }) => !there.has(line.key)));
  const own = written.filter((line) => line.requestId === requestId);
  const states = new Map(rows.flatMap(({ key, state }) => (key === null ? [] : [[key, state] as const])));
  return {
    period,
    batches: batches.made.map(({ batch, entries }) => ({
      batch,
      takes: takesOf(input, { truth, period, entries, leaves }),
      frees: [...leaves].filter((id) => entries.has(id)),
    })),
    corrections: batches.corrections,
    settled: takesOf(input, { truth, period, entries: settled, leaves }),
    worksheets: found
      .filter((one) => one.kind === 'worksheet')
      .map(({ entries, steps }) => ({ entries, steps })),
    stops: [
      ...found
        .filter((one) => one.kind === 'stopped')
        .filter((one) => !isLeft(one, input))
        .map((one) => stopOf(one, input, gone)),
      ...batches.waiting.map(({ correction, text }) => waitOf(correction, text, input)),
      ...batches.unplaced.map((line) => unplacedOf(line, input)),
      ...[...fresh, ...anew]
        .filter((line) => isRefused(line, refused))
        .map((line) => refusalOf(line, refused.get(line.key)?.reason ?? '', input)),
    ],
    unposted: own.filter(({ line }) => (states.get(line.key) ?? 'posted') !== 'posted').length,
    posted: own.filter(({ line }) => states.get(line.key) === 'posted').length,
  };
}

/** A row that was adopted for an earlier request counts where that one's hours of the day are looked at, and for nothing that comes later. */
function decisionsFor(
  { lines, kept }: Share,
  { decisions, rows, references }: PayRequestInput,
): PayDecisions {
  const days = new Set([
    ...lines.map(({ line }) => personDay(line)),
    ...kept.flatMap(({ entry: { person, date } }) => {
      const employee = person === null ? undefined : references.people.get(person.id);
      return employee === undefined ? [] : [personDay({ employee, date })];
    }),
  ]);
  const byId = new Map(rows.map((row) => [row.id, row]));
  const counts = (id: string): boolean => {
    const row = byId.get(id);
    return decisions.own.has(id) || row === undefined || days.has(personDay(row));
  };
  return {
    ...decisions,
    rows: new Map([...decisions.rows].map(([id, said]) => [id, counts(id) ? said : 'ignore'])),
  };
}

/** Who copies a row into another batch copies our key with it: the row in the batch that we wrote is ours, a copy is somebody else's. */
function withoutCopies({ rows, written }: PayRequestInput): readonly KnownLine[] {
  const batches = new Map(written.map(({ line, batch }) => [line.key, batch]));
  const isHome = ({ key, batch }: KnownLine): boolean => batches.get(key ?? '') === batch;
  const home = new Set(rows.filter(isHome).map(({ key }) => key));
  return rows.map((row) =>
    row.key !== null && home.has(row.key) && !isHome(row) ? { ...row, key: null } : row,
  );
}

/** Whether somebody said that it stays as the ERP has it. */
const isLeft = (
  { stops, entries }: Extract<Correction, { kind: 'stopped' }>,
  { decisions }: PayRequestInput,
): boolean =>
  stops.every(({ stop }) => stop === 'unedited' || stop === 'linked') &&
  entries.every((id) => decisions.leave.has(id));

interface Compared {
  readonly agreed: readonly PayLine[];
  readonly anew: readonly PayLine[];
  readonly corrections: readonly Correction[];
}

const personDay = ({ employee, date }: Pick<PayLine, 'employee' | 'date'>): string =>
  JSON.stringify([employee, date]);

const adoptedDays = ({ rows, decisions }: PayRequestInput): ReadonlySet<string> =>
  new Set(rows.filter(({ id }) => decisions.rows.get(id) === 'adopt').map(personDay));

/** Whether a line is not in the ERP any more, and a person said what follows of it. */
const isAnswered = (key: string, { decisions, rows }: Pick<PayRequestInput, 'decisions' | 'rows'>): boolean =>
  decisions.lines.has(key) && !rows.some((row) => row.key === key);

/** What of the books is this request's to keep right. */
interface Share {
  readonly kept: readonly KeptEntry[];
  readonly lines: readonly WrittenLine[];
}

/**
 * Its own entries, and edited ones of requests that are over where it corrects those; with everything that shares a line or an employee's day with them. What
 * another open request has is that one's.
 */
function shareOf({ requestId, corrects, kept, written, rules, decisions }: PayRequestInput): Share {
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
  // What somebody answered before its request was over is done all the same.
  const decided = new Set([
    ...decisions.correct,
    ...lines.flatMap(({ line }) => (decisions.lines.get(line.key) === 'again' ? line.entries : [])),
  ]);
  const begins = mine.filter(
    ({ entry, approved, writtenIn, writtenRevision }) =>
      writtenIn === requestId ||
      countedRevision(entry, approved, rules) !== writtenRevision ||
      decided.has(entry.id),
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
    return (
      entry.date > period.end ||
      (own.some(({ line }) => contains(period, line.date)) && !contains(period, entry.date))
    );
  };
  return new Set(kept.filter(leaves).map(({ entry }) => entry.id));
}

function truthIn(
  { kept, lines }: Share,
  leaves: ReadonlySet<ProcoreId>,
  { references, rules, decisions, rows }: PayRequestInput,
): Truth {
  const isDropped = (key: string): boolean =>
    decisions.lines.get(key) === 'drop' && isAnswered(key, { decisions, rows });
  const dropped = new Set(lines.flatMap(({ line }) => (isDropped(line.key) ? line.entries : [])));
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

/** What a batch settles: also entries that have no hours any more. */
function takesOf(
  { kept, rules }: PayRequestInput,
  {
    truth,
    period,
    entries,
    leaves,
  }: {
    readonly truth: Truth;
    readonly period: PeriodDraft;
    readonly entries: ReadonlySet<ProcoreId>;
    readonly leaves: ReadonlySet<ProcoreId>;
  },
): readonly EntryWritten[] {
  return kept
    .filter(({ entry: { id } }) => entries.has(id) && !leaves.has(id))
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

/** Rows of the days that are compared: those of these lines by their keys, and what was not written by us. What other requests wrote is theirs to look at. */
function rowsOf(
  lines: readonly WrittenLine[],
  truth: readonly PayLine[],
  { rows, references: { company } }: PayRequestInput,
): readonly KnownLine[] {
  const own = new Set(lines.map(({ line }) => line.key));
  const ofOthers = new Set(rows.flatMap(({ key }) => (key === null || own.has(key) ? [] : [key])));
  const otherIds = new Set(rows.filter(({ key }) => key !== null && !own.has(key)).map(({ id }) => id));
  const days = new Set([...lines.map(({ line }) => line), ...truth].map(personDay));
  return rows.filter(({ id, key, madeFrom, employee, date }) => {
    if (key !== null) return own.has(key);
    // Adopted, and taken back by another request.
    if (ofOthers.has(reversalKey(company, { id }))) return false;
    if (madeFrom !== null && otherIds.has(madeFrom)) return false;
    return days.has(personDay({ employee, date }));
  });
}

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
  return {
    recordId: `timecard_entry/${entries[0] ?? 0}`,
    entries,
    text: told.join(' '),
    isLoss: stops.some(({ stop }) => stop === 'gone' || stop === 'unedited'),
  };
}

/** What a person may answer, as the command that does. */
function answersTo(
  stop: Stop,
  rows: readonly KnownLine[],
  entries: readonly ProcoreId[],
  { requestId }: PayRequestInput,
  gone: LinesByEntry,
): readonly string[] {
  if (stop === 'foreign')
    return rows.map(
      ({ id, hours, earnCode }) =>
        `Row ${id} has ${hours} h ${earnCode}: \`${decideCommand(requestId, 'pay_row', id)} adopt\` counts it as paid for these entries, \`ignore\` leaves it aside.`,
    );
  if (stop === 'unedited')
    return entries.map(
      (id) =>
        `\`${decideCommand(requestId, 'timecard_entry', id)} correct\` corrects it all the same, \`leave\` leaves it as it is there.`,
    );
  if (stop !== 'gone') return [];
  return [...new Set(entries.flatMap((id) => gone.get(id) ?? []))].map(
    ({ line }) =>
      `\`${decideCommand(requestId, 'pay_line', line.key)} again\` writes it again, \`drop\` leaves it out.`,
  );
}

function waitOf({ entries, cells }: Correction, text: string, input: PayRequestInput): PayStop {
  const about = cells[0]?.cell;
  const who = about === undefined ? '' : `${nameIn(about.employee, input)}, ${about.date}: `;
  return { recordId: `timecard_entry/${entries[0] ?? 0}`, entries, text: `${who}${text}`, isLoss: false };
}

function unplacedOf({ entries, employee, date, hours }: PayLine, input: PayRequestInput): PayStop {
  const text = `${nameIn(employee, input)}, ${date}, ${hours} h: no pay period is open that takes it.`;
  return { recordId: `timecard_entry/${entries[0] ?? 0}`, entries, text, isLoss: false };
}

function refusalOf(line: PayLine, reason: string, input: PayRequestInput): PayStop {
  const { entries, date, hours, earnCode } = line;
  return {
    recordId: `timecard_entry/${entries[0] ?? 0}`,
    entries,
    text: `${nameIn(line.employee, input)}, ${date}, ${hours} h ${earnCode}: the ERP refuses the line: ${reason}. Put it right there, then \`tieback retry ${input.requestId}\`.`,
    isLoss: false,
  };
}

const nameIn = (key: string, { references: { employees } }: PayRequestInput): string => {
  const employee = employees.get(key);
  return employee === undefined ? key : personName(employee);
};
