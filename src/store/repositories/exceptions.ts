import type { RequestRef } from '../../domain/request/id';
import type { ExceptionRow } from '../rows';
import { oneOf } from './table';
import type { StoreTables } from './tables';

/** Names the ERP record that an exception is about, where it has a key. */
const erpRecordOf = ({ recordId, erpKey }: Pick<ExceptionRow, 'recordId' | 'erpKey'>): string =>
  erpKey === null ? '' : `${kindIn(recordId)} ${erpKey}`;

const kindIn = (recordId: string): string => recordId.slice(0, recordId.indexOf('/'));

/** An exception as it is reported. */
export type NewException = Omit<
  ExceptionRow,
  'resolvedAt' | 'owner' | 'ignored' | 'recordKind' | 'problems'
> &
  Partial<Pick<ExceptionRow, 'problems'>>;

/** Records parked for a person, or left out for now: one row a record. */
export class ExceptionRepository {
  constructor(private readonly tables: Pick<StoreTables, 'exception'>) {}

  /**
   * Opens (or opens again, with the newest reason); keeps the time it was first opened and who looks after it, and stays out of sight while its reason
   * is one that somebody ignores. An ERP record has
   * one open exception: the newest takes over what an other id of the same record left open. Answers those that are news: not open before,
   * or for another reason.
   */
  async open(given: readonly NewException[]): Promise<readonly ExceptionRow[]> {
    const rows = [...new Map(given.map((row) => [row.recordId, row])).values()];
    const [first] = rows;
    if (!first) return [];
    const { connectionId } = first;
    const [found, rivals] = await Promise.all([
      this.tables.exception.find({
        where: { connectionId, recordId: oneOf(rows.map(({ recordId }) => recordId)) },
      }),
      this.openOf(connectionId, rows),
    ]);
    const known = new Map(found.map((row) => [row.recordId, row]));
    const news: ExceptionRow[] = [];
    const opened: ExceptionRow[] = [];
    const closed: ExceptionRow[] = [];
    for (const row of rows) {
      const before = known.get(row.recordId);
      const others = (rivals.get(erpRecordOf(row)) ?? []).filter(({ recordId }) => recordId !== row.recordId);
      closed.push(...others);
      const open = [...(before?.resolvedAt === null ? [before] : []), ...others];
      const isSame = before?.resolvedAt === null && before.reason === row.reason;
      const next: ExceptionRow = {
        ...row,
        recordKind: kindIn(row.recordId),
        problems: row.problems ?? null,
        owner: before?.owner ?? others.find(({ owner }) => owner !== null)?.owner ?? null,
        ignored: isSame ? before.ignored : null,
        openedAt: open.map(({ openedAt }) => openedAt).sort()[0] ?? row.openedAt,
        resolvedAt: null,
      };
      opened.push(next);
      if (!isSame) news.push(next);
    }
    await this.close(closed, first.openedAt);
    this.tables.exception.put(opened);
    return news;
  }

  /** What is open about the same ERP records, by record. */
  private async openOf(
    connectionId: string,
    rows: readonly NewException[],
  ): Promise<ReadonlyMap<string, readonly ExceptionRow[]>> {
    const erpKeys = rows.flatMap(({ erpKey }) => (erpKey === null ? [] : [erpKey]));
    const where = { connectionId, erpKey: oneOf([...new Set(erpKeys)]), resolvedAt: null };
    const found = new Map<string, ExceptionRow[]>();
    for (const row of await this.tables.exception.find({ where })) {
      const key = erpRecordOf(row);
      found.set(key, [...(found.get(key) ?? []), row]);
    }
    return found;
  }

  /** Closes every open exception that a request reported, or about these records for one cause. Answers those that were open. */
  async resolve(
    key: { connectionId: string } & ({ requestId: string } | { recordIds: readonly string[]; cause: string }),
    now: string,
  ): Promise<ExceptionRow[]> {
    const which =
      'requestId' in key
        ? { requestId: key.requestId }
        : { recordId: oneOf(key.recordIds), cause: key.cause };
    const where = { connectionId: key.connectionId, ...which, resolvedAt: null };
    const open = await this.tables.exception.find({ where });
    await this.close(open, now);
    return open;
  }

  /** Closes what is open about these ERP records of one kind, whichever request reported it. Answers those that were open. */
  async resolveErpKeys(
    connectionId: string,
    recordKind: string,
    erpKeys: readonly string[],
    now: string,
  ): Promise<readonly ExceptionRow[]> {
    if (erpKeys.length === 0) return [];
    // Few records are parked at a time, and a page has a thousand keys.
    const wanted = new Set(erpKeys);
    const open = (await this.listOpen(connectionId, recordKind)).filter(
      ({ erpKey }) => erpKey !== null && wanted.has(erpKey),
    );
    await this.close(open, now);
    return open;
  }

  /** All that is open; of one kind of record when it is given. */
  async listOpen(connectionId: string, recordKind?: string): Promise<ExceptionRow[]> {
    return this.tables.exception.find({
      where: { connectionId, resolvedAt: null, ...(recordKind === undefined ? {} : { recordKind }) },
      order: [['openedAt', 'ASC']],
    });
  }

  /** What is open about one record, whichever of its ids or keys it was told by. */
  async openAbout(
    connectionId: string,
    recordKind: string,
    { recordIds, erpKeys }: { readonly recordIds: readonly string[]; readonly erpKeys: readonly string[] },
  ): Promise<readonly ExceptionRow[]> {
    const about = [{ recordId: oneOf(recordIds) }, { recordKind, erpKey: oneOf(erpKeys) }];
    const found = await Promise.all(
      about.map((which) =>
        this.tables.exception.find({ where: { connectionId, resolvedAt: null, ...which } }),
      ),
    );
    return [...new Map(found.flat().map((row) => [row.recordId, row])).values()];
  }

  async find(connectionId: string, recordId: string): Promise<ExceptionRow | null> {
    return this.tables.exception.findOne({ connectionId, recordId });
  }

  update(
    { connectionId, recordId }: Pick<ExceptionRow, 'connectionId' | 'recordId'>,
    values: Partial<Pick<ExceptionRow, 'owner' | 'ignored'>>,
  ): void {
    this.tables.exception.update({ connectionId, recordId }, values);
  }

  /** What a request reported last. */
  async ofRequest({ connectionId, id: requestId }: RequestRef): Promise<ExceptionRow[]> {
    return this.tables.exception.find({ where: { connectionId, requestId }, order: [['openedAt', 'ASC']] });
  }

  private async close(rows: readonly ExceptionRow[], now: string): Promise<void> {
    const [first] = rows;
    if (!first) return;
    const recordIds = rows.map(({ recordId }) => recordId);
    const where = { connectionId: first.connectionId, recordId: oneOf(recordIds) };
    this.tables.exception.update(where, { resolvedAt: now });
  }
}
