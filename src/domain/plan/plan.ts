import type { Facts } from '../request/facts';
import { contentHash } from '../base/identity';
import type { Warning } from '../base/warning';
import type { Kind } from '../kinds';
import type { ProcoreId } from '../kinds/record';
import type { Pair } from '../reconcile/merge-field';
import type { OpenField } from '../reconcile/merge-record';
import type { Owner } from '../reconcile/ownership';
import { lineHash } from '../payroll/line-hash';
import type { PlannedBatch } from '../payroll/planned-batch';
import type { PayShown } from '../payroll/shown';
import type { Operation } from './operation';
import { linkOf } from './operation';

/** What policy rules may ask about, and what an approver is shown of it. */
export interface PlanFacts {
  /** Kinds of records that the plan writes or ties. */
  readonly kinds: readonly Kind[];
  /** Procore projects concerned; empty: the company alone. */
  readonly projects: readonly ProcoreId[];
  /** Sum of the amounts of what is written to the ERP, each without its sign: exact decimal; null: no amount is written. */
  readonly amount: string | null;
  /** The currency of the ERP, ISO 4217, where it says so and an amount is written. */
  readonly currency?: string;
  /** Accounting dates of what is written to the ERP, local calendar dates in order. */
  readonly dates: readonly string[];
  readonly flags: Facts;
  /** Fingerprint of the mapping in whose terms values of the ERP are told; absent: they are told as they are. */
  readonly mapping?: string;
}

export const NO_FACTS: PlanFacts = { kinds: [], projects: [], amount: null, dates: [], flags: {} };

export interface PlanBody {
  /** What the plan is about, for people. */
  readonly subject: string;
  readonly operations: readonly Operation[];
  /** What an approver must know before saying yes. */
  readonly warnings: readonly Warning[];
  /** What is worth knowing but changes nothing, such as fields that the ERP cannot hold. */
  readonly notes: readonly string[];
  readonly facts: PlanFacts;
  /** Records left out, each with the reason; they become exceptions. */
  readonly leftOut: readonly LeftOut[];
  /** Records that already agree and need nothing. */
  readonly unchanged: number;
  /** Of the payroll of a period: what is shown of it besides the lines that change; absent: it is none. */
  readonly payroll?: PayShown;
  /** Of a reconcile: fields on which a person decides; absent: none. */
  readonly conflicts?: readonly PlannedConflict[];
}

/** A field on which both sides differ and that is left as it is: nobody has decided, somebody chose to leave it, or their choice cannot be kept. */
export interface PlannedConflict {
  readonly kind: Kind;
  readonly recordId: string;
  readonly erpKey: string;
  readonly field: string;
  /** What both held when they agreed last. */
  readonly agreed: Pair;
  readonly pair: Pair;
  /** How each side would keep the value of the other. */
  readonly fits: OpenField['fits'];
  /** When its record changed there, ISO 8601 UTC, where the side tells. */
  readonly changedAt: { readonly procore: string | null; readonly erp: string | null };
  /** The rule of ownership that leaves it to a person. */
  readonly rule: Owner;
}

export interface LeftOut {
  readonly recordId: string;
  readonly erpKey: string | null;
  readonly reason: string;
  /** Nothing is wrong with it: it waits for another record, and no sync fails because of it. */
  readonly waits?: true;
  /** It has no partner, and a person says whether it gets one. */
  readonly asks?: true;
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
  /** `lookAgainMs`: how often it looks by itself, where the way knows better. */
  | { readonly kind: 'held'; readonly waits: readonly Wait[]; readonly lookAgainMs?: number };

/**
 * The hash an approval is bound to: what would be written, and everything a person is shown about it. What only we need (generations, keys of
 * operations, shadows) is no part of it: a change elsewhere on either side never sends an approved plan back. See docs/audit.md.
 */
export function planHash(body: PlanBody): string {
  const { subject, operations, warnings, notes, facts, leftOut, unchanged, conflicts, payroll } = body;
  return contentHash({
    subject,
    operations: operations.map(bound),
    warnings,
    notes,
    facts,
    leftOut,
    unchanged,
    ...(conflicts === undefined ? {} : { conflicts }),
    ...(payroll === undefined ? {} : { payroll }),
  });
}

/** What is bound of an operation; in the order of the names, which is hashed fastest. */
function bound(operation: Operation): object {
  const { side, action, kind, recordId, target, erpKey, procoreId, projectId = null, changes } = operation;
  const link = linkOf(operation);
  return {
    action,
    // Its generation too: the same lines in a new batch are another thing to approve.
    batch: 'batch' in operation ? boundBatch(operation.batch, operation.generation) : undefined,
    changes,
    entries: 'entries' in operation ? operation.entries : undefined,
    erpKey,
    id: 'id' in operation ? operation.id : undefined,
    items: 'items' in operation ? operation.items : undefined,
    kind,
    link: link === null ? undefined : [link.kind, link.erpKey, link.procoreId, link.state],
    place: 'place' in operation ? operation.place : undefined,
    procoreId,
    projectId,
    recordId,
    resource: 'resource' in operation ? operation.resource : undefined,
    rows: 'rows' in operation ? operation.rows : undefined,
    side,
    target,
  };
}

/** What comes to a batch and what goes; what it holds already is no part of it. */
const boundBatch = ({ period, purpose, added, withdrawn }: PlannedBatch, generation: number): object => ({
  added,
  generation,
  period,
  purpose,
  withdrawn: withdrawn.map((row) => [row.id, lineHash(row)]),
});

export const sealPlan = (body: PlanBody): Plan => ({ ...body, hash: planHash(body) });
