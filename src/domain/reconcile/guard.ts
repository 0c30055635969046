import type { Kind } from '../kinds';
import { definitionOf } from '../kinds';
import type { Operation } from '../plan/operation';
import type { Plan } from '../plan/plan';

/** From here on so many are asked about, whatever their share. */
const MOST = 200;
/** Fewer are never asked about for their share alone. */
const FEWEST = 5;
/** A fifth of the links. */
const SHARE = 5;
/** So many are named. */
const SAMPLE = 5;

/** Whether an operation takes a record away from people: switched off, taken off the list, deleted. */
export const isGuarded = ({ action, changes }: Operation): boolean =>
  action === 'archive' ||
  action === 'delete' ||
  changes.some(({ field, new: value }) => field === 'isActive' && value === false);

/** Names of the records that a plan takes away from people. */
export const guardedIn = ({ operations }: Pick<Plan, 'operations'>): readonly string[] => [
  ...new Map(operations.filter(isGuarded).map(({ recordId, target }) => [recordId, target])).values(),
];

/**
 * Why a person must look before so many records are taken away at once; null: it is not many. Judged over all pages of a run, never over one: `linked`
 * is how many records of the kind there are on both sides.
 */
export function guardWords(kind: Kind, guarded: readonly string[], linked: number): string | null {
  const { length } = guarded;
  if (length < MOST && (length < FEWEST || length * SHARE < linked)) return null;
  const sample = guarded.slice(0, SAMPLE).join(', ');
  const more = length > SAMPLE ? `, and ${length - SAMPLE} more` : '';
  return `${length} of ${linked} ${definitionOf(kind).plural} would be switched off or taken away at once (${sample}${more}): somebody must look first.`;
}
