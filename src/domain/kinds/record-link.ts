import { contentHash } from '../base/identity';
import type { Kind } from './names';
import type { CanonicalRecord, ProcoreId } from './record';

export type LinkState = 'staged' | 'archived' | 'linked' | 'unlinked' | 'merged';

/** States in which an ERP key belongs to one link only; a Procore id belongs to one `linked` link. */
export const IN_FORCE = ['staged', 'archived', 'linked'] as const satisfies readonly LinkState[];

/**
 * The pair (Procore id, ERP key). Its two shadows are what each side last held; each side is compared with its own shadow only, and
 * together they are the base of a merge.
 */
export interface RecordLink {
  /** Absent: not stored yet. An ERP key can be renamed, so it is not the identity of a link. */
  readonly id?: string;
  readonly kind: Kind;
  readonly erpKey: string;
  /** Null while the ERP record is only staged for import. */
  readonly procoreId: ProcoreId | null;
  readonly state: LinkState;
  /** Moves on with every confirmed write, unlink, reset or merge; never goes back. */
  readonly generation: number;
  /** What Procore last held, as far as it was sent or shown; null: never compared. */
  readonly procore: CanonicalRecord | null;
  /** What the ERP last held, lines with their Procore ids; null: never compared. */
  readonly erp: CanonicalRecord | null;
  /** See `revisionOf`: hash of what counts as a change of the ERP's shadow. */
  readonly erpRevision: string | null;
  /** Hash of what Procore showed when this was last settled; null: it was not looked at, or wrote it in its own way since. */
  readonly procoreRevision?: string | null;
  /** Of a job: hash of the ERP's codes and assignments as Procore has all of them (`linesRevisionOf`); null: it has not, as far as we know. */
  readonly linesRevision?: string | null;
  /** Of a job: hash of the codes that Procore showed when both sides were compared last; null: they were not, or something was written there since. */
  readonly procoreLinesRevision?: string | null;
  /** Fields that a side keeps otherwise than it was written: their shadows differ, and that is settled. */
  readonly altered?: readonly string[];
  /** Procore project the record lives in; null for records of the company, and while it is unknown. */
  readonly projectId?: ProcoreId | null;
}

/** The link that tells where the ERP record of a Procore record is: the one in force, else the one that changed last. */
export const ownLink = (links: readonly RecordLink[]): RecordLink | null =>
  links.find(({ state }) => state === 'linked') ?? links[0] ?? null;

/** Hash of what counts as a change of a record: not the Procore ids that our own links add to lines. */
export const comparableRevision = ({ fields, lines }: CanonicalRecord): string =>
  contentHash({
    fields,
    lines: lines.map(({ kind, number, fields: values, erpKey }) => ({
      kind,
      number,
      fields: values,
      erpKey,
    })),
  });

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
