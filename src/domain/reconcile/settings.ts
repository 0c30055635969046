import type { ReconciledKind } from '../request/id';
import type { Ownership } from './ownership';

/** How a connection reconciles; from its configuration. */
export interface ReconcileSettings {
  /** Kinds that are reconciled, each with the time between two looks in seconds. */
  readonly kinds: Readonly<Partial<Record<ReconciledKind, { readonly everySeconds: number }>>>;
  /** Who owns which field, where it is not as `OWNERSHIP` says. */
  readonly ownership: Ownership;
}
