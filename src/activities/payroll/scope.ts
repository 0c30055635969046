import { addDays } from '../../domain/base/local-date';
import type { KeptEntry, WrittenLine } from '../../domain/payroll/books';
import { paySubjectOf } from '../../domain/payroll/decisions';
import type { PayDecisions } from '../../domain/payroll/request-plan';
import { payEndIn, payGroupIn, PAYROLL_START_READER } from '../../domain/request/id';
import type { PayPeriodRequest } from '../../domain/request/intent';
import { isFinal } from '../../domain/request/status';
import type { Dates } from '../../procore/payroll/port';
import type { Repositories } from '../../store/repositories';
import type { SyncRequestRow } from '../../store/rows';
import type { PayrollParts } from './parts';

/** What our store has that the request of a pay period may be about. */
export interface PayScope {
  readonly kept: readonly KeptEntry[];
  readonly written: readonly WrittenLine[];
  /** Requests of the pay group that are over, if this one corrects what they wrote; none where an older one is open. */
  readonly corrects: ReadonlySet<string>;
  /** Ends of older periods of the group whose requests are open. */
  readonly olderEnds: readonly string[];
  readonly decisions: PayDecisions;
}

/** Requests of a connection's pay periods that are looked through: years of several groups. */
const REQUESTS = 1_000;
/** Workweeks that a period cuts begin before it and end after it. */
const WEEK = 7;
const YEAR = 366;

/** The request that asks, and the days of its period. */
type Asking = readonly [
  t: Repositories,
  parts: PayrollParts,
  row: Pick<SyncRequestRow, 'id' | 'connectionId' | 'corrections'>,
  period: PayPeriodRequest['period'],
];

/**
 * Finds what the request of a period has to do with: entries of its dates and of the workweeks that it cuts, earlier ones that nobody has paid, its own, and
 * those that were edited after their request was over. All else is right as it is.
 */
export async function payScope(...asking: Asking): Promise<PayScope> {
  const [t, { connection }] = asking;
  const { dates, involved, olderEnds, corrects, decisions } = await reachOf(...asking);
  const [ofDates, ofRequests, linesOfDates, linesOfRequests] = await Promise.all([
    t.payroll.entries(connection.id, dates),
    t.payroll.writtenBy(connection.id, involved, dates),
    t.payroll.written(connection.id, dates),
    t.payroll.writtenLines(connection.id, involved, dates),
  ]);
  return {
    olderEnds,
    corrects,
    decisions,
    kept: [...ofDates, ...ofRequests],
    written: [...linesOfDates, ...linesOfRequests],
  };
}

/** Names of the periods in which lines of its scope stand, and the dates of work on which it has entries. */
export async function periodsInScope(
  ...asking: Asking
): Promise<{ readonly written: ReadonlySet<string>; readonly dates: readonly string[] }> {
  const [t, { connection }] = asking;
  const { dates, days, involved } = await reachOf(...asking);
  return { written: new Set(await t.payroll.periodsWritten(connection.id, dates, involved)), dates: days };
}

/** Which dates of work and requests it has to do with. */
async function reachOf(...[t, { connection, settings }, row, { begin, end }]: Asking): Promise<
  Omit<PayScope, 'kept' | 'written'> & {
    readonly dates: Dates;
    /** Dates of work on which there are entries. */
    readonly days: readonly string[];
    readonly involved: readonly string[];
  }
> {
  const { id: connectionId } = connection;
  const [all, start] = await Promise.all([
    t.requests.ofSource(connectionId, 'payroll', REQUESTS),
    t.checkpoints.get(connectionId, PAYROLL_START_READER),
  ]);
  const group = all.filter(({ id }) => payGroupIn(id) === payGroupIn(row.id));
  const isOldest = group.every(({ id, status }) => isFinal(status) || payEndIn(id) >= payEndIn(row.id));
  const over = isOldest ? group.filter(({ status }) => isFinal(status)).map(({ id }) => id) : [];
  const corrects = new Set(over);
  const first = later(addDays(begin, -settings.lookBackDays), start?.cursor ?? begin);
  const last = addDays(end, WEEK);
  // What was paid may have moved to any date since.
  const anywhere = { begin: addDays(begin, -settings.lookBackDays), end: addDays(end, YEAR) };
  const standing = await t.payroll.standing(connectionId, anywhere);
  const decisions = decisionsIn(
    [...all.filter(({ id }) => corrects.has(id)).map(({ corrections }) => corrections), row.corrections],
    {
      own: row.corrections,
      others: all
        .filter(({ id }) => id !== row.id && !corrects.has(id))
        .map(({ corrections }) => corrections),
    },
  );
  const answered = await answeredEntries(t, connectionId, over, decisions);
  const edited = standing.filter(
    ({ entryId, writtenIn, writtenRevision, revision }) =>
      writtenIn !== null &&
      corrects.has(writtenIn) &&
      (revision !== writtenRevision || answered.has(entryId)),
  );
  const unpaid = standing.filter(
    ({ writtenIn, revision, workDate }) =>
      writtenIn === null && revision !== '' && first <= workDate && workDate < begin,
  );
  const involved = [...new Set([row.id, ...edited.flatMap(({ writtenIn }) => writtenIn ?? [])])];
  const ids = new Set(edited.map(({ entryId }) => entryId));
  const [ownDates, ofEdited] = await Promise.all([
    t.payroll.datesWritten(connectionId, row.id),
    t.payroll.writtenLines(
      connectionId,
      involved.filter((id) => id !== row.id),
    ),
  ]);
  // Whole days: what others have on the same dates is told from what is nobody's.
  const sorted = [
    addDays(begin, -WEEK),
    last,
    ...[...edited, ...unpaid, ...standing.filter(({ writtenIn }) => writtenIn === row.id)].map(
      ({ workDate }) => workDate,
    ),
    ...ownDates,
    ...ofEdited.filter(({ line }) => line.entries.some((id) => ids.has(id))).map(({ line }) => line.date),
  ].sort();
  const dates = { begin: sorted[0] as string, end: sorted.at(-1) as string };
  const isInvolved = new Set(involved);
  const days = standing
    .filter(
      ({ workDate, writtenIn }) =>
        (dates.begin <= workDate && workDate <= dates.end) ||
        (writtenIn !== null && isInvolved.has(writtenIn)),
    )
    .map(({ workDate }) => workDate);
  return {
    dates,
    days: [...new Set(days)],
    involved,
    corrects,
    olderEnds: group
      .filter(({ id, status }) => !isFinal(status) && payEndIn(id) < payEndIn(row.id))
      .map(({ id }) => payEndIn(id)),
    decisions,
  };
}

/** Entries of requests that are over about which somebody said that they are written again, or corrected. */
async function answeredEntries(
  t: Repositories,
  connectionId: string,
  over: readonly string[],
  { correct, lines }: PayDecisions,
): Promise<ReadonlySet<number>> {
  const again = new Set([...lines].flatMap(([key, answer]) => (answer === 'again' ? [key] : [])));
  if (again.size === 0) return correct;
  const written = await t.payroll.writtenLines(connectionId, over);
  return new Set([
    ...correct,
    ...written.filter(({ line }) => again.has(line.key)).flatMap(({ line }) => line.entries),
  ]);
}

const later = (one: string, two: string): string => (one > two ? one : two);

/** What was entered with `tieback payroll decide`, by what it is about. */
export function decisionsIn(
  corrections: readonly SyncRequestRow['corrections'][],
  {
    own,
    others,
  }: {
    readonly own: SyncRequestRow['corrections'];
    readonly others: readonly SyncRequestRow['corrections'][];
  },
): PayDecisions {
  // A row counts once: what is paid by it in another request is paid there.
  const rows = new Map<string, 'adopt' | 'ignore'>(
    others.flatMap((values) => rowsSaid(values).map((id) => [id, 'ignore'] as const)),
  );
  const entries = new Map<number, string>();
  const lines = new Map<string, 'again' | 'drop'>();
  for (const values of corrections)
    for (const [name, value] of Object.entries(values ?? {})) {
      const subject = paySubjectOf(name);
      if (subject === null) continue;
      const { what, about } = subject;
      if (what === 'pay_row' && (value === 'adopt' || value === 'ignore')) rows.set(about, value);
      if (what === 'timecard_entry') entries.set(Number(about), String(value));
      if (what === 'pay_line' && (value === 'again' || value === 'drop')) lines.set(about, value);
    }
  const saying = (answer: string): ReadonlySet<number> =>
    new Set([...entries].flatMap(([id, value]) => (value === answer ? [id] : [])));
  return { rows, own: new Set(rowsSaid(own)), correct: saying('correct'), leave: saying('leave'), lines };
}

/** Rows that somebody decided about. */
const rowsSaid = (values: SyncRequestRow['corrections']): readonly string[] =>
  Object.keys(values ?? {}).flatMap((name) => {
    const subject = paySubjectOf(name);
    return subject?.what === 'pay_row' ? [subject.about] : [];
  });
