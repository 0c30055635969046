import type { EntryWritten, KeptEntry, WrittenLine } from '../../domain/payroll/books';
import type { TimecardEntry } from '../../domain/payroll/entry';
import type { RequestRef } from '../../domain/request/id';
import type { PayLineRow, TimecardEntryRow } from '../rows';
import type { Test } from './table';
import { above, below, both, either, from, oneOf, upTo } from './table';
import type { StoreTables } from './tables';

/** Local calendar dates, both included. */
export interface WorkDates {
  readonly begin: string;
  readonly end: string;
}

/** How an entry stands, without what it says. */
export type EntryStanding = Pick<
  TimecardEntryRow,
  'entryId' | 'workDate' | 'writtenIn' | 'writtenRevision' | 'revision'
>;

/** Timecard entries of Procore, and what became of them: which request has them, and the lines in the batches of the ERP. */
export class PayrollRepository {
  constructor(private readonly tables: Pick<StoreTables, 'timecardEntry' | 'payLine'>) {}

  /** Entries of these dates of work, by id. */
  async entries(connectionId: string, dates: WorkDates): Promise<readonly KeptEntry[]> {
    const where = { connectionId, workDate: within(dates) };
    const rows = await this.tables.timecardEntry.find({ where, order: [['entryId', 'ASC']] });
    return rows.map(keptOf);
  }

  /** How entries of these dates of work stand. */
  standing(connectionId: string, dates: WorkDates): Promise<readonly EntryStanding[]> {
    const where = { connectionId, workDate: within(dates) };
    return this.tables.timecardEntry.findPart({ where }, [
      'entryId',
      'workDate',
      'writtenIn',
      'writtenRevision',
      'revision',
    ]);
  }

  /** Entries that these requests have written and that are of none of these dates now, by id. */
  async writtenBy(
    connectionId: string,
    requestIds: readonly string[],
    besides: WorkDates,
  ): Promise<readonly KeptEntry[]> {
    if (requestIds.length === 0) return [];
    const where = { connectionId, writtenIn: oneOf(requestIds), workDate: outside(besides) };
    const rows = await this.tables.timecardEntry.find({ where, order: [['entryId', 'ASC']] });
    return rows.map(keptOf);
  }

  /** Those of these entries that are kept. */
  async byIds(connectionId: string, ids: readonly number[]): Promise<readonly KeptEntry[]> {
    if (ids.length === 0) return [];
    const where = { connectionId, entryId: oneOf(ids) };
    return (await this.tables.timecardEntry.find({ where })).map(keptOf);
  }

  /** Keeps entries as Procore shows them now; what became of them stays as it is. `approved`: as of the row. */
  see(
    connectionId: string,
    seen: readonly {
      readonly entry: TimecardEntry;
      readonly kept: KeptEntry | null;
      readonly approved: TimecardEntry | null;
      readonly payableSince: string | null;
      readonly revision: string;
    }[],
    now: string,
  ): void {
    this.tables.timecardEntry.put(
      seen.map(({ entry, kept, approved, payableSince, revision }) => ({
        connectionId,
        entryId: entry.id,
        workDate: entry.date,
        personId: entry.person?.id ?? null,
        entry,
        approved,
        payableSince,
        writtenIn: kept?.writtenIn ?? null,
        hours: kept?.hours ?? null,
        writtenRevision: kept?.writtenRevision ?? null,
        revision,
        seenAt: now,
      })),
    );
  }

  /** A batch of the request has these entries. */
  setWritten({ connectionId, id }: RequestRef, entries: readonly EntryWritten[]): void {
    this.tables.timecardEntry.updateMany(
      entries.map(({ entryId, hours, revision }) => ({
        connectionId,
        entryId,
        writtenIn: id,
        hours,
        writtenRevision: revision,
      })),
      ['writtenIn', 'hours', 'writtenRevision'],
    );
  }

  /** No batch has these entries any more: a plan of a period may take them. */
  free(connectionId: string, entryIds: readonly number[]): void {
    this.tables.timecardEntry.update(
      { connectionId, entryId: oneOf(entryIds) },
      { writtenIn: null, hours: null, writtenRevision: null },
    );
  }

  /** Lines that we wrote and did not take back, of these dates of work, whichever request wrote them; by key. */
  async written(connectionId: string, dates: WorkDates): Promise<readonly WrittenLine[]> {
    const where = { connectionId, state: 'written' as const, workDate: within(dates) };
    const rows = await this.tables.payLine.find({ where, order: [['lineKey', 'ASC']] });
    return rows.map(writtenOf);
  }

  /** Lines that these requests wrote and did not take back, of any dates but these; by key. */
  async writtenLines(
    connectionId: string,
    requestIds: readonly string[],
    besides: WorkDates | null = null,
  ): Promise<readonly WrittenLine[]> {
    if (requestIds.length === 0) return [];
    const where = linesOf(connectionId, requestIds, besides);
    return (await this.tables.payLine.find({ where, order: [['lineKey', 'ASC']] })).map(writtenOf);
  }

  /** Dates of work of the lines that this request wrote; one comes once for each line. */
  async datesWritten(connectionId: string, requestId: string): Promise<readonly string[]> {
    const where = { connectionId, requestId, state: 'written' as const };
    return (await this.tables.payLine.findPart({ where }, ['workDate'])).map(({ workDate }) => workDate);
  }

  /** Periods of the lines that stand, of these dates or requests; a period comes once for each line. */
  async periodsWritten(
    connectionId: string,
    dates: WorkDates,
    requestIds: readonly string[],
  ): Promise<readonly string[]> {
    const ofDates = { connectionId, state: 'written' as const, workDate: within(dates) };
    const rows = await Promise.all(
      [ofDates, linesOf(connectionId, requestIds, dates)].map((where) =>
        this.tables.payLine.findPart({ where }, ['period']),
      ),
    );
    return rows.flat().map(({ period }) => period);
  }

  /** Lines that this request wrote, or that the ERP refused to it; by key. */
  ofRequest({ connectionId, id }: RequestRef, state: PayLineRow['state']): Promise<readonly PayLineRow[]> {
    return this.tables.payLine.find({
      where: { connectionId, requestId: id, state },
      order: [['lineKey', 'ASC']],
    });
  }

  /** Keeps lines of a batch as they were written. */
  keepLines(rows: readonly PayLineRow[]): void {
    this.tables.payLine.put(rows);
  }

  /** Lines that were taken back. */
  dropLines(connectionId: string, keys: readonly string[]): void {
    if (keys.length > 0) this.tables.payLine.delete({ connectionId, state: 'written', lineKey: oneOf(keys) });
  }

  /** What the ERP refused to this request may be sent again. */
  forgetRefusals({ connectionId, id }: RequestRef): void {
    this.tables.payLine.delete({ connectionId, requestId: id, state: 'refused' });
  }
}

const within = ({ begin, end }: WorkDates): Test => both(from(begin), upTo(end));
const outside = ({ begin, end }: WorkDates): Test => either(below(begin), above(end));

const linesOf = (connectionId: string, requestIds: readonly string[], besides: WorkDates | null) => ({
  ...{ connectionId, requestId: oneOf(requestIds), state: 'written' as const },
  ...(besides === null ? {} : { workDate: outside(besides) }),
});

const keptOf = ({
  entry,
  approved,
  payableSince,
  writtenIn,
  hours,
  writtenRevision,
}: TimecardEntryRow): KeptEntry => ({
  entry,
  approved,
  payableSince,
  writtenIn,
  hours,
  writtenRevision,
});

const writtenOf = ({ line, requestId, purpose, period, batch }: PayLineRow): WrittenLine => ({
  line,
  requestId,
  purpose,
  period,
  batch: batch ?? '',
});
