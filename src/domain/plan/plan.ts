import type { Facts } from '../request/facts';
import { contentHash } from '../base/identity';
import type { Kind } from '../kinds';
import type { ProcoreId } from '../kinds/record';
import type { Operation } from './operation';

/** What policy rules may ask about. Not part of the hash. */
export interface PlanFacts {
  /** Kinds of records that the plan writes or ties. */
  readonly kinds: readonly Kind[];
  /** Procore projects concerned; empty: the company alone. */
  readonly projects: readonly ProcoreId[];
  /** Sum of the amounts of what is written to the ERP, each without its sign: exact decimal; null: no amount is written. */
  readonly amount: string | null;
  /** Accounting dates of what is written to the ERP, local calendar dates in order. */
  readonly dates: readonly string[];
  readonly flags: Facts;
}

export const NO_FACTS: PlanFacts = { kinds: [], projects: [], amount: null, dates: [], flags: {} };

export interface PlanBody {
  /** What the plan is about, for people. */
  readonly subject: string;
  readonly operations: readonly Operation[];
  /** What an approver must know before saying yes. Part of the hash. */
  readonly warnings: readonly string[];
  /** What is worth knowing but changes nothing, such as fields that the ERP cannot hold. Not part of the hash. */
  readonly notes: readonly string[];
  readonly facts: PlanFacts;
  /** Records left out, each with the reason; they become exceptions. */
  readonly leftOut: readonly LeftOut[];
  /** Records that already agree and need nothing. */
  readonly unchanged: number;
}

export interface LeftOut {
  readonly recordId: string;
  readonly erpKey: string | null;
  readonly reason: string;
  /** Nothing is wrong with it: it waits for another record, and no sync fails because of it. */
  readonly waits?: true;
}

export interface Plan extends PlanBody {
  readonly hash: string;
}

/** Something the record refers to is not in the ERP yet: the request waits for it and goes on by itself. */
export interface Wait {
  /** The record that is waited for, e.g. `vendor/98127745`, or the request, e.g. `erp/640018`. */
  readonly recordId: string;
  /** One sentence for people. */
  readonly reason: string;
}

/** What planning came to. */
export type Planned =
  | { readonly kind: 'plan'; readonly plan: Plan }
  /** The record must be corrected first. Every problem is one sentence for people. */
  | { readonly kind: 'refused'; readonly problems: readonly string[] }
  | { readonly kind: 'held'; readonly waits: readonly Wait[] };

/**
 * The hash an approval is bound to: target, fields, old and new values, warnings; nothing else, so that a change elsewhere on
 * either side never sends an approved plan back.
 */
export function planHash(body: Pick<PlanBody, 'operations' | 'warnings'>): string {
  return contentHash({
    operations: body.operations.map((operation) => ({
      side: operation.side,
      action: operation.action,
      kind: operation.kind,
      recordId: operation.recordId,
      erpKey: operation.erpKey,
      procoreId: operation.procoreId,
      changes: operation.changes.map(({ field, old, new: next }) => [field, old, next]),
    })),
    warnings: body.warnings,
  });
}

export const sealPlan = (body: PlanBody): Plan => ({ ...body, hash: planHash(body) });
