import type { LedgerEntry } from './adapter';

/** Why an operation is `moved` that comes after a later generation of its record: its worker was held up, and the plan is of the past. */
export const writtenSince = ({ generation }: Pick<LedgerEntry, 'generation'>): string =>
  `The record was written again (generation ${generation}) after this plan was made.`;
