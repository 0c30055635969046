import type { Kind } from '../domain/kinds';
import type { RecordLink } from '../domain/kinds/record-link';
import type { SideName, SideRecord } from '../domain/reconcile/side-record';
import type { Repositories } from './repositories';

export type Sides<T> = Readonly<Record<SideName, T>>;

/** The records of both sides, as they were read last. */
export interface SideSource {
  /** All of one kind, whether they have a partner or not. */
  all(connectionId: string, kind: Kind): Promise<Sides<readonly SideRecord[]>>;
  /** Those with these keys: ERP keys, and Procore ids as text. */
  some(
    connectionId: string,
    kind: Kind,
    keys: Sides<readonly string[]>,
  ): Promise<Sides<readonly SideRecord[]>>;
}

/** Reaches them inside one transaction. */
export type SidesIn = (t: Repositories) => SideSource;

/** Records of the store: those without a partner as they were read, linked ones as their shadows hold them. */
export const storedSides: SidesIn = (t) => {
  const all: SideSource['all'] = async (connectionId, kind) => {
    const [unpaired, linked] = await Promise.all([
      t.sideRecords.unpaired(connectionId, kind),
      t.links.inForce(connectionId, kind),
    ]);
    const of = (side: SideName): readonly SideRecord[] => {
      const known = unpaired.filter((record) => record.side === side);
      const keys = new Set(known.map(({ key }) => key));
      return [
        ...known,
        ...linked.flatMap((link) => shadowOf(link, side) ?? []).filter(({ key }) => !keys.has(key)),
      ];
    };
    return { erp: of('erp'), procore: of('procore') };
  };
  return {
    all,
    async some(connectionId, kind, keys) {
      const { erp, procore } = await all(connectionId, kind);
      const among = (records: readonly SideRecord[], wanted: readonly string[]): readonly SideRecord[] => {
        const these = new Set(wanted);
        return records.filter(({ key }) => these.has(key));
      };
      return { erp: among(erp, keys.erp), procore: among(procore, keys.procore) };
    },
  };
};

/** Null: that side was never compared, or has no record. */
function shadowOf({ kind, erpKey, procoreId, erp, procore }: RecordLink, side: SideName): SideRecord | null {
  const [key, record] =
    side === 'erp' ? [erpKey, erp] : [procoreId === null ? null : String(procoreId), procore];
  if (key === null || record === null) return null;
  return { kind, side, key, originId: null, record, state: 'active', changedAt: null };
}
