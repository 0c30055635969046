import type { Kind } from '../../domain/kinds';
import type { SideName, SideRecord } from '../../domain/reconcile/side-record';
import type { Repositories } from '../../store/repositories';

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

/** Records of the store. */
export const storedSides: SidesIn = () => {
  const none = { erp: [], procore: [] };
  return { all: () => Promise.resolve(none), some: () => Promise.resolve(none) };
};
