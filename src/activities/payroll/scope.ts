import { addDays } from '../../domain/base/local-date';
import type { KeptEntry, WrittenLine } from '../../domain/payroll/books';
import { paySubjectOf } from '../../domain/payroll/decisions';
import type { PayDecisions } from '../../domain/payroll/request-plan';
import { PAYROLL_START_READER } from '../../domain/request/id';
import type { PayPeriodRequest } from '../../domain/request/intent';
import { isFinal } from '../../domain/request/status';
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

/**
 * Finds what the request of a period has to do with: entries of its dates and of the workweeks that it cuts, earlier ones that nobody has paid, its own, and
 * those that were edited after their request was over. All else is right as it is.
 */
export async function payScope(
  t: Repositories,
  { connection: { id: connectionId }, settings }: PayrollParts,
  row: Pick<SyncRequestRow, 'id' | 'connectionId' | 'corrections'>,
  { begin, end }: PayPeriodRequest['period'],
): Promise<PayScope> {
  const [all, start] = await Promise.all([
    t.requests.ofSource(connectionId, 'payroll', REQUESTS),
    t.checkpoints.get(connectionId, PAYROLL_START_READER),
  ]);
  const group = all.filter(({ id }) => groupIn(id) === groupIn(row.id));
  const isOldest = group.every(({ id, status }) => isFinal(status) || endIn(id) >= endIn(row.id));
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
  const [ofRequests, linesOfRequests] = await Promise.all([
    t.payroll.writtenBy(connectionId, involved),
    t.payroll.writtenLines(connectionId, involved),
  ]);
  const ids = new Set(edited.map(({ entryId }) => entryId));
  const isAbout = ({ requestId, line }: WrittenLine): boolean =>
    requestId === row.id || line.entries.some((id) => ids.has(id));
  // Whole days: what others have on the same dates is told from what is nobody's.
  const sorted = [
    addDays(begin, -WEEK),
    last,
    ...[...edited, ...unpaid].map(({ workDate }) => workDate),
    ...ofRequests.filter(({ writtenIn }) => writtenIn === row.id).map(({ entry }) => entry.date),
    ...linesOfRequests.filter(isAbout).map(({ line }) => line.date),
  ].sort();
  const dates = { begin: sorted[0] as string, end: sorted.at(-1) as string };
  const [ofDates, linesOfDates] = await Promise.all([
    t.payroll.entries(connectionId, dates),
    t.payroll.written(connectionId, dates),
  ]);
  return {
    kept: [...new Map([...ofDates, ...ofRequests].map((one) => [one.entry.id, one])).values()],
    written: [...new Map([...linesOfDates, ...linesOfRequests].map((one) => [one.line.key, one])).values()],
    corrects,
    olderEnds: group
      .filter(({ id, status }) => !isFinal(status) && endIn(id) < endIn(row.id))
      .map(({ id }) => endIn(id).slice(1)),
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

/** `payroll/1-W` of `payroll/1-W-2026-11-21.2`. */
const groupIn = (id: string): string => id.replace(END, '');
/** `2026-11-21.2` */
const endIn = (id: string): string => END.exec(id)?.[0] ?? '';
const END = /-\d{4}-\d{2}-\d{2}(\.\d+)?$/;

/** What was entered with `tieback correct`, by what it is about. */
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
