import type { SigningKeys } from '../../domain/people/signing-keys';
import type { Store } from '../../store/store';

/** What is needed to tell who somebody is. */
export interface Register {
  readonly store: Store;
  readonly keys: SigningKeys;
  /** Every connection's log tells who came in, and of what was taken back. */
  readonly connectionIds: readonly string[];
  /** ISO 8601 UTC. */
  readonly now: () => string;
}
