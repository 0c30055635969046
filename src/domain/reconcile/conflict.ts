import type { FieldValue } from '../kinds/record';
import type { Pair } from './merge-field';

/** What a person chose about one field. */
export type Choice =
  | { readonly take: 'procore' | 'erp' }
  /** Neither: this is written to both. */
  | { readonly take: 'value'; readonly value: FieldValue }
  /** Both keep what they have, until one of them changes. */
  | { readonly take: 'ignore' };

/** A choice, and the two values that were seen: it holds for no others. */
export interface ConflictDecision {
  readonly choice: Choice;
  readonly pair: Pair;
  readonly by: string;
  readonly comment: string;
  /** ISO 8601 UTC. */
  readonly at: string;
}

/** Why a conflict is closed. */
export const CLOSED_BECAUSE = ['decided', 'settled outside', 'rule changed', 'record gone'] as const;
export type ClosedBecause = (typeof CLOSED_BECAUSE)[number];
