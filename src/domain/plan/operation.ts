import { recordIdOf } from '../base/identity';
import type { Kind, LineKind, RefTarget } from '../kinds';
import type { CanonicalRecord, Fields, ProcoreId } from '../kinds/record';
import type { RecordLink } from '../kinds/record-link';
import type { EntryWritten } from '../payroll/books';
import type { PlannedBatch } from '../payroll/planned-batch';

/** One field that would be written. `old` is what the target holds now. */
export interface FieldChange {
  readonly field: string;
  readonly label: string;
  readonly old: string | boolean | null;
  readonly new: string | boolean | null;
  /** What the new value means, where it is a key: `23-050 HVAC`. */
  readonly words?: string;
}

/** What every write has in common, whichever side it goes to. */
interface OperationBase {
  /** Place in the plan, from 1. */
  readonly seq: number;
  readonly kind: Kind;
  readonly recordId: string;
  /** What is written, for people: `Commitment SC-008 "HVAC" (new)`. */
  readonly target: string;
  readonly erpKey: string | null;
  readonly procoreId: ProcoreId | null;
  readonly generation: number;
  readonly targetRevision: string;
  /** Stable: a repetition of the same write has the same key (design: "Exactly-once effect"). */
  readonly operationKey: string;
  readonly changes: readonly FieldChange[];
  /** Procore project the record lives in, where it is known. */
  readonly projectId?: ProcoreId | null;
}

/** A row of the ERP with its lines: new, or brought up to date. */
export interface ErpWrite extends OperationBase {
  readonly side: 'erp';
  readonly action: 'create' | 'update';
  readonly record: CanonicalRecord;
}

/** One item of external data: the record itself, or one of its lines. */
export interface ExternalDataItem {
  readonly itemType: string;
  readonly itemId: ProcoreId;
  /** Null: the record itself. */
  readonly line: { readonly kind: LineKind; readonly number: string } | null;
}

/** Ties a record of Procore and its lines to the ERP; the keys are known once the ERP has answered. */
export interface SetExternalData extends OperationBase {
  readonly side: 'procore';
  readonly action: 'set_external_data';
  readonly items: readonly ExternalDataItem[];
  readonly record: CanonicalRecord;
  /** The record as Procore sent it: its shadow once this is confirmed. */
  readonly sent: CanonicalRecord;
}

/** Unties a record and its lines. */
export interface ClearExternalData extends OperationBase {
  readonly side: 'procore';
  readonly action: 'clear_external_data';
  readonly items: readonly ExternalDataItem[];
  readonly link: RecordLink | null;
}

/** Puts an ERP record on "Ready to Import", or takes it off. */
export interface StageRecord extends OperationBase {
  readonly side: 'procore';
  readonly action: 'stage' | 'archive';
  readonly erpKey: string;
  readonly record: CanonicalRecord;
  readonly link: RecordLink;
}

/** What a sync action of Procore writes: a kind of record, or a kind of line. */
export type SyncedResource = Extract<
  RefTarget,
  | 'vendor'
  | 'standard_cost_code'
  | 'line_item_type'
  | 'project'
  | 'sub_job'
  | 'cost_code'
  | 'cost_type_assignment'
  | 'job_cost'
  | 'budget_line'
  | 'invoice_payment'
>;

/** One row of a sync action. */
export interface SyncRow {
  /** What the row is recognised by when Procore refuses it. */
  readonly key: string;
  readonly procoreId?: ProcoreId;
  readonly originId?: string;
  /** The record is to carry this `origin_id` from now on, whatever it carried. */
  readonly ties?: true;
  /** The line whose ERP key becomes the origin_id, where that is known only after the write. */
  readonly line?: { readonly kind: LineKind; readonly number: string };
  readonly fields: Fields;
  /** Of cost type assignments and job costs: the cost code by its Procore id, or by the key of its own row while it has none. */
  readonly costCode?: { readonly key: string; readonly procoreId: ProcoreId | null };
  readonly lineItemTypeId?: ProcoreId;
  /** Of invoice payments. */
  readonly invoiceId?: ProcoreId;
}

/** Where the rows of a sync action live; each resource needs its own part of it. */
export interface SyncPlace {
  readonly projectId?: ProcoreId;
  readonly subJobId?: ProcoreId | null;
  readonly listId?: ProcoreId | null;
  readonly jobOriginId?: string;
}

/** Writes records, or what belongs to one, by a sync action: an upsert by id or origin_id. */
export interface SyncRows extends OperationBase {
  readonly side: 'procore';
  readonly action: 'update' | 'sync';
  readonly resource: SyncedResource;
  readonly place: SyncPlace;
  readonly rows: readonly SyncRow[];
  readonly record: CanonicalRecord;
  /** Null: the link follows from another operation of the same record. */
  readonly link: RecordLink | null;
}

/** Deletes one row in Procore that the ERP no longer has. */
export interface DeleteRow extends OperationBase {
  readonly side: 'procore';
  readonly action: 'delete';
  readonly resource: 'cost_type_assignment' | 'job_cost';
  readonly id: ProcoreId;
  readonly place: SyncPlace;
}

/** Lets go of a payment that the ERP no longer has. */
export interface UnlinkPayment extends OperationBase {
  readonly side: 'procore';
  readonly action: 'unlink_payment';
  readonly id: ProcoreId;
  readonly link: RecordLink | null;
}

/** Sends the metadata configuration. */
export interface SendMetadata extends Omit<OperationBase, 'kind'> {
  /** About all of them. */
  readonly kind: null;
  readonly side: 'procore';
  readonly action: 'send_metadata';
}

/** One batch of timecards in the ERP: opened, or brought to what it is to hold. */
export interface WritePayBatch extends Omit<OperationBase, 'kind'> {
  readonly kind: null;
  readonly side: 'erp';
  readonly action: 'write_batch';
  readonly batch: PlannedBatch;
  /** What our books say once it is written; nothing that a person is shown. */
  readonly books: { readonly takes: readonly EntryWritten[]; readonly frees: readonly ProcoreId[] };
}

/** Closes timecard entries for payroll. */
export interface CompleteEntries extends Omit<OperationBase, 'kind'> {
  readonly kind: null;
  readonly side: 'procore';
  readonly action: 'complete_entries';
  readonly entries: readonly ProcoreId[];
}

/** Our own link follows what Procore or its people already did. */
export interface MoveLink extends OperationBase {
  readonly side: 'tieback';
  /** `settle`: both sides were compared, and nothing is to be written. */
  readonly action: 'link' | 'unlink' | 'merge' | 'settle';
  readonly link: RecordLink;
}

/** One write to one side with a stable operation key. */
export type Operation =
  | ErpWrite
  | SetExternalData
  | ClearExternalData
  | StageRecord
  | SyncRows
  | DeleteRow
  | UnlinkPayment
  | SendMetadata
  | WritePayBatch
  | CompleteEntries
  | MoveLink;

export type OperationSide = Operation['side'];
export type OperationAction = Operation['action'];
export type ProcoreOperation = Extract<Operation, { side: 'procore' }>;

/** Writes a record to the ERP. */
export const isErpWrite = (operation: Operation): operation is ErpWrite =>
  operation.side === 'erp' && operation.action !== 'write_batch';
export const isPayBatch = (operation: Operation): operation is WritePayBatch =>
  operation.action === 'write_batch';
/** Writes to the ERP, whatever it is. */
export const isForErp = (operation: Operation): operation is ErpWrite | WritePayBatch =>
  operation.side === 'erp';
export const isForProcore = (operation: Operation): operation is ProcoreOperation =>
  operation.side === 'procore';
export const isTie = (operation: Operation): operation is SetExternalData =>
  operation.action === 'set_external_data';

/** How the record link will look once the operation is confirmed; null where it moves none by itself. */
export const linkOf = (operation: Operation): RecordLink | null =>
  'link' in operation ? operation.link : null;

/** Records that these operations link: others may wait for them. */
export const linkedRecords = (operations: readonly Operation[]): readonly string[] =>
  operations.flatMap((operation) => {
    const link = linkOf(operation);
    return link?.state === 'linked' && link.procoreId !== null ? [recordIdOf(link.kind, link.procoreId)] : [];
  });

/** Where these operations reach: Procore projects, and null where one belongs to none. */
export const placesIn = (operations: readonly Operation[]): readonly (ProcoreId | null)[] => [
  ...new Set(operations.map((operation) => operation.projectId ?? linkOf(operation)?.projectId ?? null)),
];

/** Procore projects that these operations are about, as far as they are known. */
export const projectsIn = (operations: readonly Operation[]): readonly ProcoreId[] =>
  placesIn(operations).filter((id) => id !== null);

/** Operations in their final order. */
export const numbered = (operations: readonly Operation[]): readonly Operation[] =>
  operations.map((operation, index) =>
    operation.seq === index + 1 ? operation : { ...operation, seq: index + 1 },
  );
