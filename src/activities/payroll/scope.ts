import { addDays } from '../../domain/base/local-date';
import type { KeptEntry, WrittenLine } from '../../domain/payroll/books';
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
  const { dates, involved, ...reach } = await reachOf(...asking);
  const [ofDates, ofRequests, linesOfDates, linesOfRequests] = await Promise.all([
    t.payroll.entries(connection.id, dates),
    t.payroll.writtenBy(connection.id, involved, dates),
    t.payroll.written(connection.id, dates),
    t.payroll.writtenLines(connection.id, involved, dates),
  ]);
  return { ...reach, kept: [...ofDates, ...ofRequests], written: [...linesOfDates, ...linesOfRequests] };
}

/** Names of the periods in which lines of its scope stand. */
export async function periodsInScope(...asking: Asking): Promise<ReadonlySet<string>> {
  const [t, { connection }] = asking;
  const { dates, involved } = await reachOf(...asking);
  return new Set(await t.payroll.periodsWritten(connection.id, dates, involved));
}

/** Which dates of work and requests it has to do with. */
async function reachOf(
  ...[t, { connection, settings }, row, { begin, end }]: Asking
): Promise<
  Omit<PayScope, 'kept' | 'written'> & { readonly dates: Dates; readonly involved: readonly string[] }
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
  const standing = await t.payroll.standing(connectionId, { begin: first, end: last });
  const edited = standing.filter(
    ({ writtenIn, writtenRevision, revision }) =>
      writtenIn !== null && corrects.has(writtenIn) && revision !== writtenRevision,
  );
  const unpaid = standing.filter(
    ({ writtenIn, revision, workDate }) => writtenIn === null && revision !== '' && workDate < begin,
  );
  const dates = {
    begin: [addDays(begin, -WEEK), ...[...edited, ...unpaid].map(({ workDate }) => workDate)]
      .map((date) => later(date, first))
      .sort()[0] as string,
    end: last,
  };
  const involved = [...new Set([row.id, ...edited.flatMap(({ writtenIn }) => writtenIn ?? [])])];
  return {
    dates,
    involved,
    corrects,
    olderEnds: group
      .filter(({ id, status }) => !isFinal(status) && payEndIn(id) < payEndIn(row.id))
      .map(({ id }) => payEndIn(id)),
    decisions: decisionsIn([
      ...all.filter(({ id }) => corrects.has(id)).map(({ corrections }) => corrections),
      row.corrections,
    ]),
  };
}

const later = (one: string, two: string): string => (one > two ? one : two);

/** What was entered with `tieback correct`, by what it is about. */
export function decisionsIn(corrections: readonly SyncRequestRow['corrections'][]): PayDecisions {
  const rows = new Map<string, 'adopt' | 'ignore'>();
  const correct = new Set<number>();
  const lines = new Map<string, 'again' | 'drop'>();
  for (const values of corrections)
    for (const [name, value] of Object.entries(values ?? {})) {
      const [, what, about = ''] = DECISION.exec(name) ?? [];
      if (what === 'pay_row' && (value === 'adopt' || value === 'ignore')) rows.set(about, value);
      if (what === 'timecard_entry' && value === 'correct') correct.add(Number(about));
      if (what === 'pay_line' && (value === 'again' || value === 'drop')) lines.set(about, value);
    }
  return { rows, correct, lines };
}

const DECISION = /^(pay_row|timecard_entry|pay_line)\[(.+)\]\.decision$/u;
