import { amountKeyOf } from '../base/amount-key';
import { shorten } from '../base/text';
import type { Warning } from '../base/warning';
import { isContradiction } from '../base/warning';
import type { Plan } from '../plan/plan';
import type { RequestAbout } from './about';
import type { ProcoreId } from './intent';

/**
 * What a list sorts, filters and limits requests by. It follows what people tell a request by, and nobody decides by it: what is decided is read
 * from the plan.
 */
export interface ListedBy {
  /** In lower case; empty: not known. */
  readonly vendor: string;
  readonly project: string;
  /** The Procore project it belongs to; null: to none, or to several. */
  readonly projectId: ProcoreId | null;
  /** See `amountKeyOf`. */
  readonly amountKey: string;
  /** ISO 4217; empty: not said. */
  readonly currency: string;
}

/** Length of the columns for names. */
export const LONGEST_NAME = 200;

export const listedBy = (about: RequestAbout | null): ListedBy => ({
  vendor: listedName(about?.vendor ?? ''),
  project: listedName(about?.project ?? ''),
  projectId: about?.place?.projectId ?? null,
  amountKey: amountKeyOf(about?.amount ?? null),
  currency: (about?.currency ?? '').slice(0, 3),
});

/** A name as the list keeps it, so that a filter finds what a row shows. */
export const listedName = (name: string): string =>
  shorten(name.trim().replace(/\s+/g, ' ').toLowerCase(), LONGEST_NAME).trimEnd();

/** What a list shows of the plan that waits. */
export interface ListedPlan {
  readonly planHash: string;
  readonly warnings: number;
  /** One of them only a person may let through. */
  readonly contradiction: boolean;
}

export const listedPlan = ({ hash, warnings }: Pick<Plan, 'hash' | 'warnings'>): ListedPlan => ({
  planHash: hash,
  warnings: warnings.length,
  contradiction: warnings.some(({ code }: Warning) => isContradiction(code)),
});
