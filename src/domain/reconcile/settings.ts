import type { ReconciledKind } from '../request/id';
import type { Mapping } from './mapping/mapping';
import type { Ownership } from './ownership';

/** How often both sides of a kind are looked at, and after how long without a look it is late; in seconds. */
export interface ReconcileEvery {
  readonly everySeconds: number;
  readonly freshSeconds: number;
}

/** How a connection reconciles; from its configuration. */
export interface ReconcileSettings {
  /** Kinds that are reconciled, each with its times. */
  readonly kinds: Readonly<Partial<Record<ReconciledKind, ReconcileEvery>>>;
  /** Who owns which field, where it is not as `OWNERSHIP` says. */
  readonly ownership: Ownership;
  /** How values of the ERP become those of Procore and back, and which records are carried; absent: as they are, and all. */
  readonly mapping?: Mapping;
  /** Companies are paired by their tax ids as well (`taxIdHashesOf`); absent: nobody reads any. */
  readonly matchTaxIds?: true;
}
