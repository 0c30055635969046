import type { Kind } from '../../domain/kinds';
import type { SideName, SideRecord } from '../../domain/reconcile/side-record';
import type { SideRecordRow } from '../rows';
import { above, oneOf } from './table';
import type { StoreTables } from './tables';

/** Records of one side that have no partner, and those that are to be looked at again. */
export class SideRecordRepository {
  constructor(private readonly tables: Pick<StoreTables, 'sideRecord'>) {}

  /** Keeps these records as they were read, in place of what was kept of them. */
  put(rows: readonly SideRecordRow[]): void {
    if (rows.length > 0) this.tables.sideRecord.put(rows);
  }

  /** Records without a partner; of one side where it is given. */
  async unpaired(connectionId: string, kind: Kind, side?: SideName): Promise<readonly SideRecord[]> {
    const where = { connectionId, kind, why: 'unpaired' as const, ...(side === undefined ? {} : { side }) };
    const rows = await this.tables.sideRecord.find({ where, order: [['recordKey', 'ASC']] });
    return rows.flatMap((row) => toSideRecord(row) ?? []);
  }

  /** Rows of one side with these keys. */
  async rows(
    connectionId: string,
    kind: Kind,
    side: SideName,
    keys: readonly string[],
  ): Promise<readonly SideRecordRow[]> {
    return this.tables.sideRecord.find({ where: { connectionId, kind, side, recordKey: oneOf(keys) } });
  }

  /** Records of one side without a partner, after this key. */
  async unpairedAfter(
    connectionId: string,
    { kind, side, after }: { readonly kind: Kind; readonly side: SideName; readonly after: string },
    take: number,
  ): Promise<readonly SideRecord[]> {
    const where = {
      ...{ connectionId, kind, side, why: 'unpaired' as const },
      recordKey: above(after),
      record: { test: 'not_null' as const },
    };
    const rows = await this.tables.sideRecord.find({ where, order: [['recordKey', 'ASC']], take });
    return rows.flatMap((row) => toSideRecord(row) ?? []);
  }

  /** Which of these are kept, and why, with the hash of what was read. */
  async revisions(
    connectionId: string,
    kind: Kind,
    side: SideName,
    keys: readonly string[],
  ): Promise<Readonly<Record<SideRecordRow['why'], ReadonlyMap<string, string | null>>>> {
    const where = { connectionId, kind, side, recordKey: oneOf(keys) };
    const rows = await this.tables.sideRecord.findPart({ where }, ['recordKey', 'revision', 'why']);
    const by = (why: SideRecordRow['why']): ReadonlyMap<string, string | null> =>
      new Map(rows.flatMap((row) => (row.why === why ? [[row.recordKey, row.revision] as const] : [])));
    return { unpaired: by('unpaired'), again: by('again'), told: by('told') };
  }

  /** Records of Procore without a partner that carry one of these `origin_id`s. */
  async byOrigin(
    connectionId: string,
    kind: Kind,
    originIds: readonly string[],
  ): Promise<readonly SideRecord[]> {
    if (originIds.length === 0) return [];
    const where = { connectionId, kind, originId: oneOf(originIds) };
    return (await this.tables.sideRecord.find({ where })).flatMap((row) => toSideRecord(row) ?? []);
  }

  /** Keys of records that are to be looked at again, of one side. */
  async again(connectionId: string, kind: Kind, side: SideName): Promise<readonly string[]> {
    const where = { connectionId, kind, side, why: 'again' as const };
    return (await this.tables.sideRecord.findPart({ where }, ['recordKey'])).map(
      ({ recordKey }) => recordKey,
    );
  }

  /** Has these records looked at with the next reconcile, whatever the feed tells. What was kept of them is read anew. */
  lookAgain(connectionId: string, kind: Kind, side: SideName, keys: readonly string[], now: string): void {
    this.put(
      [...new Set(keys)].map((recordKey) => ({
        ...bare({ connectionId, kind, side, recordKey, seenAt: now }),
        why: 'again' as const,
        revision: null,
      })),
    );
  }

  /** Keeps that these cannot be worked as they are, which was told, by key with the hash of what was read. */
  told(
    connectionId: string,
    kind: Kind,
    side: SideName,
    revisions: ReadonlyMap<string, string>,
    now: string,
  ): void {
    this.put(
      [...revisions].map(([recordKey, revision]) => ({
        ...bare({ connectionId, kind, side, recordKey, seenAt: now }),
        why: 'told' as const,
        revision,
      })),
    );
  }

  /** They were looked at; what was found out about them is kept. */
  looked(connectionId: string, kind: Kind, side: SideName, keys: readonly string[]): void {
    if (keys.length === 0) return;
    this.tables.sideRecord.delete({ connectionId, kind, side, recordKey: oneOf(keys), why: 'again' });
  }

  /** Forgets them: they have a partner. */
  remove(connectionId: string, kind: Kind, side: SideName, keys: readonly string[]): void {
    if (keys.length > 0) this.tables.sideRecord.delete({ connectionId, kind, side, recordKey: oneOf(keys) });
  }
}

const bare = (
  key: Pick<SideRecordRow, 'connectionId' | 'kind' | 'side' | 'recordKey' | 'seenAt'>,
): Omit<SideRecordRow, 'why' | 'revision'> => ({
  ...key,
  originId: null,
  record: null,
  state: 'active',
  changedAt: null,
});

/** Null: it was not read yet. */
const toSideRecord = ({
  kind,
  side,
  recordKey: key,
  originId,
  record,
  state,
  changedAt,
}: SideRecordRow): SideRecord | null =>
  record === null ? null : { kind, side, key, originId, record, state, changedAt };
