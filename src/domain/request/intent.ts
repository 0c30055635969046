import type { Entity, LineKind, RefTarget } from '../kinds/entity';
import type { Fields } from '../kinds/record';
import type { Vendor } from '../kinds/vendor';

/** Ids Procore uses are integers below 2^53. */
export type ProcoreId = number;

/** What an ERP request asks for, read and validated: the only form the planners see. */
export type ErpRequestIntent =
  | VendorExport
  | RecordExport
  | RecordSync
  | JobRefresh
  | RecordNotice
  | RecordQuestion
  /** Procore holds no metadata configuration and asks for it. */
  | { readonly kind: 'metadata' }
  | {
      readonly kind: 'vendors_linked';
      readonly how: 'imported' | 'linked';
      readonly vendors: readonly LinkedVendor[];
    }
  | { readonly kind: 'vendors_merged'; readonly master: VendorRef; readonly sources: readonly VendorRef[] }
  | { readonly kind: 'vendor_unlinked'; readonly vendor: VendorRef }
  /** A real event of Procore (or one we have never heard of) that this version does not act on. */
  | { readonly kind: 'unsupported'; readonly known: boolean; readonly detailIds: readonly ProcoreId[] }
  /** The body is not what the event promises. Every problem names the path and what was expected there. */
  | {
      readonly kind: 'malformed';
      readonly problems: readonly string[];
      readonly detailIds: readonly ProcoreId[];
    };

export interface VendorExport {
  readonly kind: 'create_vendor';
  readonly detailIds: readonly ProcoreId[];
  readonly procoreId: ProcoreId;
  /** The vendor as the approver sent it; `code` is the number typed in the export form, or null. */
  readonly vendor: Vendor;
  /** Facts that policy rules may ask about but that are not written to the ERP. */
  readonly facts: { readonly prequalified: boolean; readonly authorizedBidder: boolean };
}

export interface VendorRef {
  readonly procoreId: ProcoreId;
  readonly originId: string | null;
}

export interface LinkedVendor {
  readonly procoreId: ProcoreId;
  readonly originId: string;
}

/** One ERP request as it came, read just far enough to be routed and stored. */
export interface ReadErpRequest {
  readonly requestId: ProcoreId;
  /** `request_name` as sent; `(none)` when there was none. */
  readonly eventName: string;
  readonly intent: ErpRequestIntent;
  /** "Cobalt Mechanical LLC", "all vendors", ...: what the request is about, for people. */
  readonly subject: string;
}

/** Names another record as a request does: by its Procore id, its `origin_id`, or both. */
export interface RecordRef {
  readonly target: RefTarget;
  readonly procoreId: ProcoreId | null;
  readonly originId: string | null;
  /** For people: `vendor Cobalt Mechanical LLC`, `cost code 23-050`. */
  readonly label: string;
}

/** One line of a record that Procore sent, before its references are resolved. */
export interface DraftLine {
  readonly kind: LineKind;
  /** See `RecordLine.number`. */
  readonly number: string;
  readonly procoreId: ProcoreId | null;
  /** External-data item type; null: the line carries no external data. */
  readonly itemType: string | null;
  /** Every field of the line that is no reference. */
  readonly fields: Fields;
  /** Every reference of the line; null where Procore names none. */
  readonly refs: Readonly<Record<string, RecordRef | null>>;
  /** For `cost_type_assignment`: what `cost_code_line_item_types` wants to hear. */
  readonly pair?: { readonly costCodeId: ProcoreId; readonly lineItemTypeId: ProcoreId };
}

/** A record that Procore sent to the ERP. */
export interface RecordDraft {
  readonly entity: Exclude<Entity, 'vendor'>;
  /** External-data item type, e.g. `work_order_contract`. */
  readonly itemType: string;
  readonly procoreId: ProcoreId;
  /** Set when the record is linked already (a job or a budget that is exported again). */
  readonly originId: string | null;
  /** For people: `Commitment SC-2417-008 "HVAC - Eastgate"`. */
  readonly label: string;
  /** Procore project the record lives in; null for records of the company. */
  readonly projectId: ProcoreId | null;
  /** Request details of this record alone, where Procore keeps one per record. */
  readonly detailIds: readonly ProcoreId[];
  readonly fields: Fields;
  readonly refs: Readonly<Record<string, RecordRef | null>>;
  readonly lines: readonly DraftLine[];
  /** What is known of the record but has no place in the ERP; shown in the plan. */
  readonly notes: readonly string[];
}

/** Write these records to the ERP, then their external data, then what belongs to them, then close the details. */
export interface RecordExport {
  readonly kind: 'export';
  readonly detailIds: readonly ProcoreId[];
  /** Parents before children. */
  readonly records: readonly RecordDraft[];
}

/** Bring what changed in the ERP to Procore: staged, updated, or written straight. */
export interface RecordSync {
  readonly kind: 'sync';
  readonly entity: Entity;
  readonly detailIds: readonly ProcoreId[];
  /** Of standard cost codes: the list of the ERP connection. */
  readonly listId: ProcoreId | null;
}

/** Bring one project or sub job up to date with the ERP: header, cost codes, cost type assignments, job costs. */
export interface JobRefresh {
  readonly kind: 'refresh';
  readonly entity: 'project' | 'sub_job';
  readonly originId: string;
  readonly projectId: ProcoreId;
  readonly subJobId: ProcoreId | null;
  /** `periodic`: Procore's clock. `imported`: it was just imported, and its link is new. */
  readonly why: 'periodic' | 'imported';
  readonly label: string;
}

/** Procore did it already; our links follow. */
export interface RecordNotice {
  readonly kind: 'notice';
  readonly how: 'imported' | 'reset' | 'unlinked' | 'deleted';
  readonly label: string;
  readonly records: readonly NoticedRecord[];
  /** `reset` of a project or sub job: everything below it is unlinked too. */
  readonly wholeProjectId: ProcoreId | null;
}

export interface NoticedRecord {
  readonly target: RefTarget;
  /** Null where the event does not say; then it is found in Procore by `originId`, or by project and title. */
  readonly procoreId: ProcoreId | null;
  readonly originId: string | null;
  readonly projectOriginId: string | null;
  readonly title: string | null;
}

/** May Procore let go of these? The ERP decides: what is gone there is unlinked (or deleted), what is there is refused. */
export interface RecordQuestion {
  readonly kind: 'question';
  readonly about: 'unlink' | 'delete';
  readonly detailIds: readonly ProcoreId[];
  readonly items: readonly QuestionItem[];
}

export interface QuestionItem {
  readonly target: RefTarget;
  readonly itemType: string | null;
  readonly procoreId: ProcoreId;
  readonly originId: string | null;
  readonly projectId: ProcoreId | null;
  readonly subJobId: ProcoreId | null;
  /** Request detail of this item alone. */
  readonly detailId: ProcoreId | null;
  readonly label: string;
  /** Lines the event names; null: it names none, they are known from the link or from Procore. */
  readonly lines: readonly { readonly itemType: string; readonly procoreId: ProcoreId }[] | null;
  /** Of a cost type assignment: the pair in the ERP, and the job cost row that refers to it. */
  readonly assignment: {
    readonly costCodeOriginId: string;
    readonly lineItemTypeOriginId: string;
    readonly jobCostId: ProcoreId | null;
  } | null;
}
