import type { Kind } from '../kinds';
import type { LineKind } from '../kinds';
import type { CanonicalRecord, Fields, KnownRecord, ProcoreId } from '../kinds/record';

/** Both ends of a merge. */
export const SIDES = ['procore', 'erp'] as const;
export type SideName = (typeof SIDES)[number];

export const otherSide = (side: SideName): SideName => (side === 'erp' ? 'procore' : 'erp');

/** A record as one side holds it. */
export interface SideRecord {
  readonly kind: Kind;
  readonly side: SideName;
  /** ERP key, or Procore id as text. */
  readonly key: string;
  /** Of a record of Procore: its `origin_id`, whoever set it; null: none. Of the ERP always null. */
  readonly originId: string | null;
  /** References hold ERP keys; one that has none (yet) is absent. */
  readonly record: CanonicalRecord;
  readonly state: KnownRecord['state'];
  /** When it changed, ISO 8601 UTC, where its side tells; else null. */
  readonly changedAt: string | null;
  /** Of a record of Procore: its codes and assignments, where they were read as well; absent: they were not. */
  readonly lines?: SideLines;
}

/** Lines of a record of Procore, or why they cannot be read. */
export type SideLines = { readonly lines: readonly SideLine[] } | { readonly problem: string };

/** A line as Procore shows it. What is unknown of it is left out. */
export interface SideLine {
  readonly kind: LineKind;
  readonly number: string;
  readonly procoreId: ProcoreId | null;
  readonly originId: string | null;
  readonly fields: Fields;
}

const EVERYTHING = 'project:';

/** In place of a key: everything that a Procore project has of a kind. */
export const everythingIn = (projectId: ProcoreId): string => `${EVERYTHING}${projectId}`;

/** The project that such a key names; null: it is the key of a record. */
export const projectInKey = (key: string): ProcoreId | null =>
  key.startsWith(EVERYTHING) ? Number(key.slice(EVERYTHING.length)) : null;
