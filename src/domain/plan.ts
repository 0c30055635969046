import type { ProcoreId } from './erp-request';
import { contentHash } from './identity';
import type { RecordLink } from './record-link';
import type { Entity } from './entity';
import type { AnyRecord } from './record';

/** One field that would be written. `old` is what the target holds now. */
export interface FieldChange {
  readonly field: string;
  readonly label: string;
  readonly old: string | boolean | null;
  readonly new: string | boolean | null;
}

export type OperationSide = 'erp' | 'procore' | 'tieback';

/**
 * erp: `create`, `update` a row · procore: `set_external_data`, `stage`, `archive`, `update` · tieback: `link`, `unlink`, `merge`
 * (our own record links, after Procore did its part).
 */
export type OperationAction =
  'create' | 'update' | 'set_external_data' | 'stage' | 'archive' | 'link' | 'unlink' | 'merge';

/** One write to one side with a stable operation key. */
export interface PlannedOperation<R extends AnyRecord = AnyRecord> {
  readonly seq: number;
  readonly side: OperationSide;
  readonly action: OperationAction;
  readonly entity: Entity;
  readonly recordId: string;
  /** What is written, for people: `Vendor 10442 (new)`. */
  readonly target: string;
  readonly erpKey: string | null;
  readonly procoreId: ProcoreId | null;
  readonly generation: number;
  readonly targetRevision: string;
  readonly operationKey: string;
  readonly changes: readonly FieldChange[];
  /** The whole record after the write, where the operation sends one. */
  readonly record: R | null;
  /** How the record link will look once this operation is confirmed. */
  readonly link: RecordLink<R> | null;
}

export interface PlanBody<R extends AnyRecord = AnyRecord> {
  /** What the plan is about, for people. */
  readonly subject: string;
  readonly operations: readonly PlannedOperation<R>[];
  /** What an approver must know before saying yes. Part of the hash. */
  readonly warnings: readonly string[];
  /** What is worth knowing but changes nothing, such as fields that the ERP cannot hold. Not part of the hash. */
  readonly notes: readonly string[];
  /** Facts policy rules may ask about. Not part of the hash. */
  readonly facts: Readonly<Record<string, string | boolean | null>>;
  /** Records left out, each with the reason; they become exceptions. */
  readonly leftOut: readonly LeftOut[];
  /** Records that already agree and need nothing. */
  readonly unchanged: number;
}

export interface LeftOut {
  readonly recordId: string;
  readonly erpKey: string | null;
  readonly reason: string;
}

export interface Plan<R extends AnyRecord = AnyRecord> extends PlanBody<R> {
  readonly hash: string;
}

/** Why no plan could be made: the record must be corrected first. Every problem is one sentence for people. */
export interface Refusal {
  readonly kind: 'refused';
  readonly problems: readonly string[];
}

export type Planned<R extends AnyRecord = AnyRecord> =
  { readonly kind: 'plan'; readonly plan: Plan<R> } | Refusal;

/**
 * The hash an approval is bound to: target, fields, old and new values, warnings; nothing else, so that a change elsewhere on
 * either side never sends an approved plan back.
 */
export function planHash(body: Pick<PlanBody, 'operations' | 'warnings'>): string {
  return contentHash({
    operations: body.operations.map((operation) => ({
      side: operation.side,
      action: operation.action,
      entity: operation.entity,
      recordId: operation.recordId,
      erpKey: operation.erpKey,
      procoreId: operation.procoreId,
      changes: operation.changes.map(({ field, old, new: next }) => [field, old, next]),
    })),
    warnings: body.warnings,
  });
}

export const sealPlan = <R extends AnyRecord>(body: PlanBody<R>): Plan<R> => ({
  ...body,
  hash: planHash(body),
});
