import type { LineKind } from '../kinds/entity';
import type { ProcoreId } from '../request/intent';
import { contentHash } from '../base/identity';
import type { RecordLink } from '../kinds/record-link';
import type { Entity } from '../kinds/entity';
import type { AnyRecord, Fields } from '../kinds/record';

/** One field that would be written. `old` is what the target holds now. */
export interface FieldChange {
  readonly field: string;
  readonly label: string;
  readonly old: string | boolean | null;
  readonly new: string | boolean | null;
  /** What the new value means, where it is a key: `Phase 23-050 of job 1024-001`. Not part of the hash. */
  readonly words?: string;
}

export type OperationSide = 'erp' | 'procore' | 'tieback';

/**
 * erp: `create`, `update` a row · procore: `set_external_data`, `clear_external_data`, `stage`, `archive`, `update`, `sync` (what belongs
 * to a record: cost codes, assignments, transactions, ...), `delete` · tieback: `link`, `unlink`, `merge` (our own record links, after
 * Procore did its part).
 */
export type OperationAction =
  | 'create'
  | 'update'
  | 'set_external_data'
  | 'clear_external_data'
  | 'stage'
  | 'archive'
  | 'sync'
  | 'delete'
  | 'link'
  | 'unlink'
  | 'merge';

/** One item of external data: the record itself, or one of its lines. */
export interface ExternalDataItem {
  readonly itemType: string;
  readonly itemId: ProcoreId;
  /** Null: the record itself. */
  readonly line: { readonly kind: LineKind; readonly number: string } | null;
}

/** One row of a sync action. */
export interface SyncRow {
  /** What the row is recognised by when Procore refuses it. */
  readonly key: string;
  readonly procoreId?: ProcoreId;
  readonly originId?: string;
  /** The line whose ERP key becomes the origin_id, where that is known only after the write. */
  readonly line?: { readonly kind: LineKind; readonly number: string };
  readonly fields: Fields;
  /** Of cost type assignments and job costs: the cost code by its Procore id, or by its number while it has none. */
  readonly costCode?: { readonly number: string; readonly procoreId: ProcoreId | null };
  readonly lineItemTypeId?: ProcoreId;
  /** Of invoice payments. */
  readonly invoiceId?: ProcoreId;
}

/** Where the rows of a sync action live. */
export interface SyncPlace {
  readonly projectId?: ProcoreId;
  readonly subJobId?: ProcoreId | null;
  readonly listId?: ProcoreId | null;
  readonly jobOriginId?: string;
}

export type SyncedResource =
  | 'standard_cost_codes'
  | 'line_item_types'
  | 'projects'
  | 'sub_jobs'
  | 'cost_codes'
  | 'cost_code_line_item_types'
  | 'erp_job_costs'
  | 'erp_transactions'
  | 'invoice_payments';

/** What a Procore-side operation sends beside its record. */
export type ProcoreWrite =
  | { readonly kind: 'external_data'; readonly items: readonly ExternalDataItem[] }
  | {
      readonly kind: 'sync';
      readonly resource: SyncedResource;
      readonly place: SyncPlace;
      readonly rows: readonly SyncRow[];
    }
  | {
      readonly kind: 'delete';
      readonly resource: 'cost_code_line_item_types' | 'erp_job_costs';
      readonly id: ProcoreId;
      readonly place: SyncPlace;
    }
  | { readonly kind: 'unlink_payment'; readonly id: ProcoreId };

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
  readonly write?: ProcoreWrite | null;
  /** Procore project the record lives in, where it is known. */
  readonly projectId?: ProcoreId | null;
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
  /** Nothing is wrong with it: it waits for another record, and no sync fails because of it. */
  readonly waits?: boolean;
}

export interface Plan<R extends AnyRecord = AnyRecord> extends PlanBody<R> {
  readonly hash: string;
}

/** Why no plan could be made: the record must be corrected first. Every problem is one sentence for people. */
export interface Refusal {
  readonly kind: 'refused';
  readonly problems: readonly string[];
}

/** Something the record refers to is not in the ERP yet: the request waits for it and goes on by itself. */
export interface Held {
  readonly kind: 'held';
  readonly waits: readonly Wait[];
}

export interface Wait {
  /** The record that is waited for, e.g. `vendor/98127745`. */
  readonly recordId: string;
  /** One sentence for people. */
  readonly reason: string;
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
