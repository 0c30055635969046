import type { ProcoreId } from '../request/intent';
import type { Entity } from './entity';
import type { AnyRecord } from './record';

export type LinkState = 'staged' | 'archived' | 'linked' | 'unlinked' | 'merged';

/** The pair (Procore id, ERP key) with what both sides last agreed on. */
export interface RecordLink<R extends AnyRecord = AnyRecord> {
  readonly entity: Entity;
  readonly erpKey: string;
  /** Null while the ERP record is only staged for import. */
  readonly procoreId: ProcoreId | null;
  readonly state: LinkState;
  /** Moves on with every confirmed write, unlink, reset or merge; never goes back. */
  readonly generation: number;
  /** The base: the record as last agreed, or null when the two sides were never compared. */
  readonly base: R | null;
  readonly baseRevision: string | null;
  /** Procore project the record lives in; null for records of the company, and while it is unknown. */
  readonly projectId?: ProcoreId | null;
}

/** The link that tells where the ERP record of a Procore record is: the one in force, else the one that changed last. */
export const ownLink = <R extends AnyRecord>(links: readonly RecordLink<R>[]): RecordLink<R> | null =>
  links.find(({ state }) => state === 'linked') ?? links[0] ?? null;

/** Which state may follow which. A link is never deleted: an unlinked one still tells where the ERP record is. */
export const LINK_TRANSITIONS: Readonly<Record<LinkState | 'none', readonly LinkState[]>> = {
  none: ['staged', 'linked', 'unlinked', 'merged'],
  staged: ['staged', 'archived', 'linked'],
  archived: ['archived', 'staged', 'linked'],
  linked: ['linked', 'unlinked', 'merged'],
  unlinked: ['unlinked', 'staged', 'archived', 'linked', 'merged'],
  merged: ['merged', 'linked', 'unlinked'],
};

export const canBecome = (from: LinkState | 'none', to: LinkState): boolean =>
  LINK_TRANSITIONS[from].includes(to);
